// Expressions of a spec that consist of plain texts and names of plain texts. A misread expression would let a spec read another file than
// the checked one, so any form that is not certain counts as "could be anything".
import type { Template, Token } from '../text/index.ts';
import { elementsOf, FOUND, keysOf, listOf, MAX_TEXTS, type Shape, type Shapes, shapesOf } from './spec-shapes.ts';

/** A name, and the names of the fields that are taken of it; undefined for any element of a list. */
export type NamePath = readonly (string | undefined)[];

/** The values of an expression, and the position of the token behind it. */
interface ReadExpression {
  readonly shapes: Shapes;
  readonly end: number;
}

/** Readers of the expression at a token. Each returns undefined when there is another expression. */
export interface Expressions {
  readonly expression: (tokens: readonly Token[], i: number) => ReadExpression | undefined;
  readonly reference: (tokens: readonly Token[], i: number) => ReadExpression | undefined;
  /** Returns the texts that a text with names can be; undefined when it could be anything. */
  readonly textsOf: (text: Token | undefined) => readonly string[] | undefined;
}

const MAX_EXPRESSION_DEPTH = 20;
/** The most tokens of a condition. */
const MAX_CONDITION = 200;
const CONDITION_MARKS = ['.', '!', '==', '!=', '<', '>', '<=', '>=', '&&', '||', '*', '+', '-', ',', '(', ')', '[', ']'];
/** Functions that return the elements of their arguments. */
const ELEMENTS = ['toset', 'tolist', 'sort', 'reverse', 'distinct', 'concat', 'setunion', 'values'];

/** Returns the readers of expressions; `named` returns the values of a name with its fields. */
export function expressionReader(named: (path: NamePath) => Shapes): Expressions {
  const textsOf: Expressions['textsOf'] = (text) => {
    let texts: readonly string[] = [''];
    for (const part of isQuoted(text) ? (text?.parts ?? []) : [undefined]) {
      const own = typeof part === 'string' ? plainLiteral(part) : templateTexts(part);
      if (own === undefined || own.length * texts.length > MAX_TEXTS) return undefined;
      texts = texts.flatMap((begin) => own.map((more) => begin + more));
    }
    return texts;
  };
  const templateTexts = (template: Template | undefined): readonly string[] | undefined => {
    if (template === undefined || template.directive || template.trims) return undefined;
    const found = reference(template.tokens, 0);
    const texts = found?.shapes?.filter((shape) => typeof shape === 'string');
    return found?.end === template.tokens.length && texts?.length === found.shapes?.length ? texts : undefined;
  };
  const reference: Expressions['reference'] = (tokens, i) => {
    const found = pathAt(tokens, i);
    return found && { shapes: named(found.path), end: found.end };
  };

  const expression = (tokens: readonly Token[], i: number, depth: number): ReadExpression | undefined => {
    if (depth > MAX_EXPRESSION_DEPTH) return undefined;
    const question = conditionEnd(tokens, i);
    if (question === undefined) return value(tokens, i, depth);
    const first = expression(tokens, question + 1, depth + 1);
    if (first === undefined || tokens[first.end]?.text !== ':') return undefined;
    const second = expression(tokens, first.end + 1, depth + 1);
    return second && { shapes: first.shapes && second.shapes && [...first.shapes, ...second.shapes], end: second.end };
  };
  const value = (tokens: readonly Token[], i: number, depth: number): ReadExpression | undefined => {
    const set = filesetAt(tokens, i);
    if (set !== undefined) return { shapes: [{ items: [FOUND] }], end: set.end };
    const token = tokens[i];
    if (isQuoted(token)) return { shapes: textsOf(token), end: i + 1 };
    const number = token?.text === '-' ? tokens[i + 1] : token;
    if (number?.kind === 'number') {
      const sign = number === token ? '' : '-';
      return { shapes: shapesOf(Number(sign + number.text)), end: number === token ? i + 1 : i + 2 };
    }
    if (token?.text === '(') {
      const inner = expression(tokens, i + 1, depth + 1);
      return inner !== undefined && tokens[inner.end]?.text === ')' ? { shapes: inner.shapes, end: inner.end + 1 } : undefined;
    }
    if (token?.text === '[') {
      const list = series(tokens, i + 1, ']', depth);
      return list && { shapes: listOf(list.shapes), end: list.end };
    }
    if (token?.text === '{') return object(tokens, i + 1, depth);
    if (token?.kind !== 'name' || tokens[i + 1]?.text !== '(') return reference(tokens, i);
    return token.text === 'convert' ? converted(tokens, i + 2, depth) : called(token.text, tokens, i + 2, depth);
  };
  const called = (name: string, tokens: readonly Token[], i: number, depth: number): ReadExpression | undefined => {
    const given = series(tokens, i, ')', depth);
    if (given === undefined) return undefined;
    const items = ELEMENTS.includes(name) ? elementsOf(given.shapes) : name === 'keys' ? keysOf(given.shapes) : undefined;
    return { shapes: listOf(items), end: given.end };
  };
  /** Reads a conversion that keeps texts as they are. */
  const converted = (tokens: readonly Token[], i: number, depth: number): ReadExpression | undefined => {
    const first = value(tokens, i, depth + 1);
    if (first === undefined) return undefined;
    const [comma, kind = '', ...rest] = tokens.slice(first.end, first.end + 6).map(({ text }) => text);
    const toTexts = comma === ',' && ['set', 'list', 'map'].includes(kind) && rest.join('') === '(string))';
    return toTexts ? { shapes: first.shapes, end: first.end + 6 } : undefined;
  };
  /** Reads expressions between commas, up to a closing bracket. */
  const series = (tokens: readonly Token[], from: number, close: string, depth: number): ReadExpression | undefined => {
    let shapes: Shape[] | undefined = [];
    let i = from;
    while (tokens[i]?.text !== close) {
      const item: ReadExpression | undefined = value(tokens, i, depth + 1);
      if (item === undefined || depth > MAX_EXPRESSION_DEPTH) return undefined;
      shapes = item.shapes === undefined || shapes === undefined ? undefined : [...shapes, ...item.shapes];
      if ((shapes?.length ?? 0) > MAX_TEXTS) return undefined;
      i = item.end;
      if (tokens[i]?.text === ',') i++;
      else if (tokens[i]?.text !== close) return undefined;
    }
    return { shapes, end: i + 1 };
  };
  const object = (tokens: readonly Token[], from: number, depth: number): ReadExpression | undefined => {
    const fields = new Map<string, readonly Shape[]>();
    let i = from;
    while (tokens[i]?.text !== '}') {
      const key = tokens[i]?.kind === 'name' ? tokens[i]?.text : plainText(tokens[i]);
      if (key === undefined || (tokens[i + 1]?.text !== '=' && tokens[i + 1]?.text !== ':')) return undefined;
      const item = expression(tokens, i + 2, depth + 1);
      if (item?.shapes === undefined || fields.size > MAX_TEXTS) return undefined;
      fields.set(key, [...(fields.get(key) ?? []), ...item.shapes]);
      const next = tokens[item.end];
      if (next?.text !== ',' && next?.text !== '}' && next?.newLine !== true) return undefined;
      i = next.text === ',' ? item.end + 1 : item.end;
    }
    return { shapes: [{ fields }], end: i + 1 };
  };
  return { expression: (tokens, i) => expression(tokens, i, 0), reference, textsOf };
}

/** Returns the texts of a call of `fileset`, and the token behind it. */
export function filesetAt(
  tokens: readonly Token[],
  i: number,
): { readonly path: Token; readonly pattern: Token; readonly end: number } | undefined {
  const [name, open, path, comma, pattern, close] = tokens.slice(i, i + 6);
  if (name?.text !== 'fileset' || open?.text !== '(' || path === undefined || comma?.text !== ',' || close?.text !== ')') return undefined;
  return pattern !== undefined && isQuoted(path) && isQuoted(pattern) ? { path, pattern, end: i + 6 } : undefined;
}

/** Returns a name with its fields (`.name`, `["name"]`, `[0]`), and the token behind it. */
export function pathAt(tokens: readonly Token[], from: number): { readonly path: NamePath; readonly end: number } | undefined {
  const root = tokens[from];
  if (root?.kind !== 'name') return undefined;
  const path: (string | undefined)[] = [root.text];
  for (let i = from + 1; ; ) {
    const [one, two] = [tokens[i], tokens[i + 1]];
    if (one?.text === '.' && two?.kind === 'name') {
      path.push(two.text);
      i += 2;
    } else if (one?.text === '[') {
      const signed = two?.text === '-' ? i + 2 : i + 1;
      const key = plainText(two);
      if ((key === undefined && tokens[signed]?.kind !== 'number') || tokens[signed + 1]?.text !== ']') return { path, end: i };
      path.push(key);
      i = signed + 2;
    } else return { path, end: i };
  }
}

export function isQuoted(token: Token | undefined): boolean {
  return token?.text.startsWith('"') === true;
}

/** Returns the content of a text in quotes; undefined for one with templates or escapes. */
export function plainText(token: Token | undefined): string | undefined {
  const [part = '', ...more] = token?.parts ?? [];
  return isQuoted(token) && more.length === 0 && typeof part === 'string' ? plainLiteral(part)?.[0] : undefined;
}

/** Returns a literal part of a text, if its content is what is written: without escapes and without the mark of a found name. */
function plainLiteral(part: string): readonly [string] | undefined {
  return /\\|[$%][{$%]/.test(part) || part.includes(FOUND) ? undefined : [part];
}

/** Returns the `?` of an expression in one line that begins with a condition. The condition itself does not matter here. */
function conditionEnd(tokens: readonly Token[], from: number): number | undefined {
  const open: string[] = [];
  for (let i = from; i < from + MAX_CONDITION; i++) {
    const token = tokens[i];
    if (token === undefined || (i > from && token.newLine)) return undefined;
    const { kind, text } = token;
    if (text === '?') return i > from && open.length === 0 ? i : undefined;
    if (kind === 'text' && plainText(token) === undefined) return undefined;
    if (kind === 'mark' && !CONDITION_MARKS.includes(text)) return undefined;
    if (text === ',' && open.length === 0) return undefined;
    if (text === '(' || text === '[') open.push(text);
    if ((text === ')' && open.pop() !== '(') || (text === ']' && open.pop() !== '[')) return undefined;
  }
  return undefined;
}
