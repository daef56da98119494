// The values of attributes of a spec, told without Nomad: literals, variables and locals, and lists, maps and texts of them. Any other expression is unknown, and
// nothing is guessed about it.
import { type DeclaredVariable, type HclBlock, type HclValue, lex, parseHclLiteral, type Token } from '../../text/index.ts';
import type { Values } from '../built-in/index.ts';
import { isQuoted, pathAt } from '../spec-expressions.ts';

/** A known value; `given` is true where a variable of the run gave it or a part of it. */
export interface Known {
  readonly value: HclValue;
  readonly given: boolean;
}

/** Returns the value of an attribute, written as `name = expression`; undefined for one that only Nomad can tell. */
export type Evaluate = (attribute: string) => Known | undefined;

const MAX_DEPTH = 50;
/** The longest text that is put together. */
const MAX_TEXT = 1_000_000;

/** Returns the reader of the attributes of a spec: its variables have the values of the run, else their defaults. */
export function evaluator(root: HclBlock, declared: readonly DeclaredVariable[], values: Values): Evaluate {
  const initial = new Map(declared.map((one) => [one.name, one.initial]));
  const locals = new Map(
    root.blocks.flatMap(({ type, attributes }) => (type === 'locals' ? attributes.map(({ name, text }) => [name, text] as const) : [])),
  );
  const known = new Map<string, Known | undefined>();
  const named = (kind: string, name: string): Known | undefined => {
    const key = `${kind}.${name}`;
    if (known.has(key)) return known.get(key);
    // A local that needs itself stays unknown.
    known.set(key, undefined);
    const written = kind === 'var' ? initial.get(name) : locals.get(name);
    const value = kind === 'var' ? values[name] : undefined;
    const found =
      value !== undefined
        ? { value, given: true }
        : written === undefined
          ? undefined
          : evaluate(kind === 'var' ? `x = ${written}` : written);
    known.set(key, found);
    return found;
  };
  const evaluate: Evaluate = (attribute) => {
    const { tokens } = lex(attribute);
    const begin = tokens.findIndex(({ text }) => text === '=') + 1;
    const found = valueAt({ source: attribute, tokens, named }, begin, 0);
    return found?.end === tokens.length ? found : undefined;
  };
  return evaluate;
}

interface Code {
  readonly source: string;
  readonly tokens: readonly Token[];
  readonly named: (kind: string, name: string) => Known | undefined;
}

type Found = (Known & { readonly end: number }) | undefined;

function valueAt(code: Code, i: number, depth: number): Found {
  const token = code.tokens[i];
  if (token === undefined || depth > MAX_DEPTH) return undefined;
  const { kind, text } = token;
  const literal = (value: HclValue, end: number): Found => ({ value, given: false, end });
  if (kind === 'text') return textAt(code, i);
  if (kind === 'number' || (text === '-' && code.tokens[i + 1]?.kind === 'number')) {
    const end = kind === 'number' ? i + 1 : i + 2;
    const value = Number(
      code.tokens
        .slice(i, end)
        .map((one) => one.text)
        .join(''),
    );
    return Number.isFinite(value) ? literal(value, end) : undefined;
  }
  if (text === '[') return listAt(code, i + 1, depth);
  if (text === '{') return mapAt(code, i + 1, depth);
  if (text === 'true' || text === 'false') return literal(text === 'true', i + 1);
  if (text === 'null') return literal(null, i + 1);
  const path = pathAt(code.tokens, i);
  const [root, name, ...more] = path?.path ?? [];
  if (path === undefined || (root !== 'var' && root !== 'local') || name === undefined || more.length > 0) return undefined;
  const found = code.named(root, name);
  return found && { ...found, end: path.end };
}

function listAt(code: Code, from: number, depth: number): Found {
  const items: HclValue[] = [];
  let given = false;
  let i = from;
  while (code.tokens[i]?.text !== ']') {
    const item: Found = valueAt(code, i, depth + 1);
    if (item === undefined) return undefined;
    items.push(item.value);
    given ||= item.given;
    i = item.end;
    if (code.tokens[i]?.text === ',') i++;
    else if (code.tokens[i]?.text !== ']') return undefined;
  }
  return { value: items, given, end: i + 1 };
}

function mapAt(code: Code, from: number, depth: number): Found {
  const entries = new Map<string, HclValue>();
  let given = false;
  let i = from;
  while (code.tokens[i]?.text !== '}') {
    const key = code.tokens[i];
    const name = key?.kind === 'name' || key?.kind === 'number' ? key.text : isQuoted(key) ? textAt(code, i)?.value : undefined;
    const sign = code.tokens[i + 1]?.text;
    if (typeof name !== 'string' || (sign !== '=' && sign !== ':')) return undefined;
    const item = valueAt(code, i + 2, depth + 1);
    const next = item && code.tokens[item.end];
    if (item === undefined || next === undefined || !(next.newLine || next.text === ',' || next.text === '}')) return undefined;
    entries.set(name, item.value);
    given ||= item.given;
    i = next.text === ',' ? item.end + 1 : item.end;
  }
  return { value: Object.fromEntries(entries), given, end: i + 1 };
}

/** Reads a text. A name that the node fills in, such as `${NOMAD_TASK_DIR}`, stays as it is written. */
function textAt(code: Code, i: number): Found {
  const token = code.tokens[i];
  if (token === undefined) return undefined;
  const { parts = [], text } = token;
  if (parts.every((part) => typeof part === 'string')) {
    const value = literalOf(text);
    return value === undefined ? undefined : { value, given: false, end: i + 1 };
  }
  if (!isQuoted(token)) return undefined;
  let whole = '';
  let given = false;
  for (const part of parts) {
    if (typeof part === 'string') {
      const value = literalOf(`"${part}"`);
      if (value === undefined) return undefined;
      whole += value;
      continue;
    }
    const path = pathAt(part.tokens, 0);
    if (path === undefined || path.end !== part.tokens.length || part.directive || part.trims) return undefined;
    const [root, name, ...more] = path.path;
    if (root === 'var' || root === 'local') {
      const found = name === undefined || more.length > 0 ? undefined : code.named(root, name);
      if (found === undefined || found.value === null || typeof found.value === 'object') return undefined;
      whole += String(found.value);
      given ||= found.given;
    } else whole += `\${${part.tokens.map((one) => one.text).join('')}}`;
    if (whole.length > MAX_TEXT) return undefined;
  }
  return { value: whole, given, end: i + 1 };
}

function literalOf(written: string): string | undefined {
  try {
    const value = parseHclLiteral(written.startsWith('<<') ? `${written}\n` : written);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
