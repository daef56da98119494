import { lex, type Token } from './hcl-lexer.ts';
import { excerpt, type HclValue, readLiteral } from './hcl-values.ts';
import { linesOf } from './lines.ts';

/** A variable of an HCL file: a `variable` block, or an attribute of a `variables` block. */
export interface DeclaredVariable {
  readonly name: string;
  /** `string` takes a value as it is, `number` a number, `bool` any word for yes and no; anything else reads it as an HCL or JSON expression. */
  readonly type: 'string' | 'number' | 'bool' | 'expression';
  readonly hasDefault: boolean;
  /** The default as it is written; undefined without one. */
  readonly initial: string | undefined;
  /** Line and column of the block or attribute; both count from 1. */
  readonly line: number;
  readonly column: number;
}

/**
 * The variables that an HCL file declares, found without a full parser: strings, heredocs and comments are stepped over, so a `variable`
 * inside of them does not count. Their types follow Nomad: the `type`, else the type of the default.
 */
export function declaredVariables(source: string): DeclaredVariable[] {
  if (/^\s*\{/.test(source)) return variablesOfJson(source);
  const found: DeclaredVariable[] = [];
  const tokens = lex(source).tokens;
  const place = linesOf(source);
  let depth = 0;
  for (const [i, token] of tokens.entries()) {
    depth += nesting(token.text);
    const label = tokens[i + 1];
    if (depth === 0 && token.text === 'variables' && label?.text === '{') {
      for (const { name, value, at } of attributesOf(blockBody(tokens, i + 2)))
        found.push({ name, ...typed(undefined, value, source), ...place(at) });
    }
    // HCL takes a label without quotes, too.
    if (depth !== 0 || token.text !== 'variable' || label === undefined || tokens[i + 2]?.text !== '{') continue;
    found.push({
      name: label.text.replace(/^"|"$/g, ''),
      ...describe(blockBody(tokens, i + 3), source),
      ...place(token.at),
    });
  }
  return found;
}

/** The variables of HCL that is written as JSON, in which a block is an object, or a list of some. */
function variablesOfJson(source: string): DeclaredVariable[] {
  const bodies = (value: unknown): Readonly<Record<string, unknown>>[] =>
    Array.isArray(value) ? value.flatMap(bodies) : typeof value === 'object' && value !== null ? [{ ...value }] : [];
  const place = linesOf(source);
  const declare = (name: string, type: unknown, value: unknown): DeclaredVariable => {
    const initial = value === undefined ? undefined : JSON.stringify(value);
    const own = typeof type === 'string' ? type : typeof value === 'object' ? 'object' : typeof value;
    const kind = own === 'number' ? own : /^bool(ean)?$/.test(own) ? 'bool' : /^(string|undefined)$/.test(own) ? 'string' : 'expression';
    return { name, type: kind, hasDefault: initial !== undefined, initial, ...place(Math.max(0, source.indexOf(JSON.stringify(name)))) };
  };
  try {
    return bodies(JSON.parse(source)).flatMap(({ variable, variables }) => [
      ...bodies(variable)
        .flatMap(Object.entries)
        .map(([name, body]: [string, unknown]) => {
          const { type, default: value }: Readonly<Record<string, unknown>> = Object.fromEntries(bodies(body).flatMap(Object.entries));
          return declare(name, type, value);
        }),
      ...bodies(variables)
        .flatMap(Object.entries)
        .map(([name, value]: [string, unknown]) => declare(name, undefined, value)),
    ]);
  } catch {
    // Its mistakes are Nomad's to tell.
    return [];
  }
}

function describe(body: readonly BodyToken[], source: string): Pick<DeclaredVariable, 'type' | 'hasDefault' | 'initial'> {
  const begins = (i: number): boolean => body[i]?.depth === 0 && (body[i + 1]?.text === '=' || body[i + 1]?.text === '{');
  /** The tokens of an attribute's value: up to the next attribute or block. */
  const attribute = (name: string): readonly Token[] => {
    const at = body.findIndex((token, i) => token.text === name && begins(i));
    const next = body.findIndex((_, i) => i > at + 2 && begins(i));
    return at < 0 ? [] : body.slice(at + 2, next < 0 ? undefined : next);
  };
  return typed(attribute('type')[0]?.text, attribute('default'), source);
}

/** The attributes of a body that has no blocks. HCL wants each on a line of its own. */
function attributesOf(body: readonly BodyToken[]): { name: string; value: readonly Token[]; at: number }[] {
  const begins = body.flatMap(({ depth, kind, newLine }, i) =>
    depth === 0 && kind === 'name' && body[i + 1]?.text === '=' && (i === 0 || newLine) ? [i] : [],
  );
  return begins.map((begin, i) => ({
    name: body[begin]?.text ?? '',
    value: body.slice(begin + 2, begins[i + 1]),
    at: body[begin]?.at ?? 0,
  }));
}

/** The type and the default of a variable, each as it is written. */
function typed(
  type: string | undefined,
  value: readonly Token[],
  source: string,
): Pick<DeclaredVariable, 'type' | 'hasDefault' | 'initial'> {
  const [first, last] = [value[0], value.at(-1)];
  const written = first?.text;
  const initial = first === undefined || last === undefined ? undefined : source.slice(first.at, last.at + last.text.length);
  const rest = { hasDefault: initial !== undefined, initial };
  if (type === 'number' || (type === undefined && /^[-\d]/.test(written ?? ''))) return { type: 'number', ...rest };
  if (type === 'bool' || (type === undefined && /^(true|false)$/.test(written ?? ''))) return { type: 'bool', ...rest };
  // A type in quotes is a mistake, which Nomad tells.
  const text =
    type === undefined ? written === undefined || written.startsWith('"') || written.startsWith('<<') : /^"?string"?$/.test(type);
  return { type: text ? 'string' : 'expression', ...rest };
}

/** The text of the blocks of some types at the top level of a file, such as its `variable` and `locals` blocks. */
export function topLevelBlocks(source: string, types: readonly string[]): string[] {
  const blocks: string[] = [];
  const tokens = lex(source).tokens;
  let depth = 0;
  let begin: number | undefined;
  for (const { text, at } of tokens) {
    if (depth === 0 && begin === undefined && types.includes(text)) begin = at;
    depth += nesting(text);
    if (text !== '}' || depth !== 0) continue;
    if (begin !== undefined) blocks.push(source.slice(begin, at + 1));
    begin = undefined;
  }
  return blocks;
}

/** A block of an HCL file, or its attributes without blocks around them. */
export interface HclBlock {
  readonly type: string;
  readonly labels: readonly string[];
  /** The offset in the text at which it begins. */
  readonly at: number;
  /** Its text from there to its closing brace. */
  readonly text: string;
  readonly attributes: readonly { readonly name: string; readonly at: number; readonly text: string }[];
  readonly blocks: readonly HclBlock[];
}

/**
 * The blocks and attributes of a file, as one block without a type. Expressions are not read: an attribute's text goes on to the end of the line on
 * which its value ends. Never throws: what is not HCL gives what can be told.
 */
export function readBlocks(source: string): HclBlock {
  const tokens = lex(source).tokens;
  const [body] = readBody(source, tokens, 0);
  return { type: '', labels: [], at: 0, text: source, ...body };
}

type Body = Pick<HclBlock, 'attributes' | 'blocks'>;

/** Nobody writes blocks as deep: what is deeper is not read. */
const MAX_BLOCKS = 200;

/** Returns the content between braces, from a token on, and the token after it: the closing brace, or the end. */
function readBody(source: string, tokens: readonly Token[], from: number, depth = 0): [Body, number] {
  if (depth === MAX_BLOCKS) return [{ attributes: [], blocks: [] }, tokens.length];
  const attributes: HclBlock['attributes'][number][] = [];
  const blocks: HclBlock[] = [];
  let i = from;
  for (let token = tokens[i]; token !== undefined && token.text !== '}'; token = tokens[i]) {
    let next = i + 1;
    while (isLabel(tokens[next]) && tokens[next]?.newLine === false) next++;
    if (tokens[next]?.text === '{') {
      const [body, end] = readBody(source, tokens, next + 1, depth + 1);
      const labels = tokens.slice(i + 1, next).map(({ text }) => text.replace(/^"|"$/g, ''));
      const endAt = tokens[end]?.at ?? source.length;
      blocks.push({ type: token.text, labels, at: token.at, text: source.slice(token.at, endAt + 1), ...body });
      i = end + 1;
    } else if (tokens[i + 1]?.text === '=') {
      const end = endOfValue(tokens, i + 2);
      const endAt = tokens[end]?.at ?? source.length;
      attributes.push({ name: token.text.replace(/^"|"$/g, ''), at: token.at, text: source.slice(token.at, endAt).trimEnd() });
      i = end;
      // The words up to the last are nothing, either.
    } else i = Math.max(i + 1, next - 1);
  }
  return [{ attributes, blocks }, i];
}

function isLabel(token: Token | undefined): boolean {
  return token !== undefined && (token.kind === 'name' || token.kind === 'number' || token.text.startsWith('"'));
}

/** The token after an expression: the first on a new line outside of all brackets, or a closing brace. */
function endOfValue(tokens: readonly Token[], from: number): number {
  let depth = 0;
  for (let i = from; ; i++) {
    const text = tokens[i]?.text;
    if (text === undefined || (depth === 0 && (text === '}' || (i > from && tokens[i]?.newLine === true)))) return i;
    depth += nesting(text);
  }
}

/** Returns how a token changes the number of open brackets: 1, -1 or 0. */
function nesting(text: string): number {
  return text === '{' || text === '[' || text === '(' ? 1 : text === '}' || text === ']' || text === ')' ? -1 : 0;
}

/** A token of a body, and how many brackets are open before it. */
interface BodyToken extends Token {
  readonly depth: number;
}

function blockBody(tokens: readonly Token[], from: number): BodyToken[] {
  const body: BodyToken[] = [];
  let depth = 0;
  for (let i = from; i < tokens.length; i++) {
    const token = tokens[i];
    if (token === undefined || (token.text === '}' && depth === 0)) break;
    const change = nesting(token.text);
    depth += Math.min(change, 0);
    body.push({ ...token, depth });
    depth += Math.max(change, 0);
  }
  return body;
}

/** The text with blanks in place of its comments. */
export function withoutComments(source: string): string {
  let end = 0;
  const kept = lex(source).tokens.map(({ text, at }) => {
    const gap = source.slice(end, at).replace(/[^\n]/g, ' ');
    end = at + text.length;
    return gap + text;
  });
  return kept.join('');
}

/** An assignment of a variable file; line and column count from 1. */
export interface Assignment {
  readonly name: string;
  /** Null where an expression is still to be evaluated. */
  readonly value: HclValue;
  /** The text of a value that is more than a literal: arithmetic, a condition, a template. */
  readonly expression?: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Reads a variable file: `name = <value>` lines, see https://developer.hashicorp.com/nomad/docs/reference/hcl2/variables. Gives `problem` and its
 * place instead when something in it is neither a literal nor an expression of literals: Nomad knows no variables and functions there.
 */
export function parseAssignments(source: string): { assignments: Assignment[] } | { problem: string; line: number; column: number } {
  const assignments: Assignment[] = [];
  const placeOf = linesOf(source);
  const { tokens } = lex(source);
  let written: Map<number, string> | undefined;
  for (let i = 0; i < tokens.length; ) {
    const { kind, text: name, at } = tokens[i] ?? { kind: 'mark', text: '', at: 0 };
    const place = placeOf(at);
    try {
      if (kind !== 'name' || tokens[i + 1]?.text !== '=') throw new Error(`expected \`name = value\` at ${excerpt(source, at)}`);
      const [value, end] = readLiteral(source, tokens, i + 2);
      const next = tokens[end];
      if (next?.newLine === false)
        throw new Error(`unexpected ${excerpt(source, next.at)} after the value; a variable file holds literals`);
      assignments.push({ name, value, ...place });
      i = end;
    } catch (error) {
      written ??= new Map(readBlocks(source).attributes.map((attribute) => [attribute.at, attribute.text]));
      const text = kind === 'name' ? (written.get(at) ?? '') : '';
      const expression = text.slice(text.indexOf('=') + 1);
      if (text === '' || !isExpressionOfLiterals(expression))
        return { problem: error instanceof Error ? error.message : String(error), ...place };
      assignments.push({ name, value: null, expression: expression.trim(), ...place });
      while ((tokens[i]?.at ?? source.length) < at + text.length) i++;
    }
  }
  return { assignments };
}

/** The keywords of HCL in expressions. */
const OWN_WORDS = ['true', 'false', 'null', 'if', 'else', 'endif'];

/** Returns whether a text can be an expression that names no variable and no function. A `for` has names of its own, which Nomad judges. */
function isExpressionOfLiterals(text: string): boolean {
  // HCL wants the end of a line behind a heredoc.
  const { tokens, oddAt } = lex(`${text}\n`);
  const braces = tokens.reduce((open, one) => open + (one.text === '{' ? 1 : one.text === '}' ? -1 : 0), 0);
  const words = namesIn(tokens);
  return (
    tokens.length > 0 && oddAt === undefined && braces === 0 && (words.includes('for') || words.every((word) => OWN_WORDS.includes(word)))
  );
}

/** Returns the names of an expression and of the templates in its texts, without those of the keys of its objects. Without recursion: the text is from outside. */
function namesIn(tokens: readonly Token[]): string[] {
  const names: string[] = [];
  const codes = [tokens];
  for (const code of codes) {
    let braces = 0;
    for (const [i, { kind, text, parts = [] }] of code.entries()) {
      if (text === '{') braces++;
      if (text === '}') braces--;
      for (const part of parts) if (typeof part !== 'string') codes.push(part.tokens);
      const isKey = braces > 0 && /^[=:]$/.test(code[i + 1]?.text ?? '');
      if (kind === 'name' && !isKey && code[i - 1]?.text !== '.') names.push(text);
    }
  }
  return names;
}
