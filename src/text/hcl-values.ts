import { lex, type Token } from './hcl-lexer.ts';

/** A literal value of HCL, as plain data. */
export type HclValue = string | number | boolean | null | readonly HclValue[] | { readonly [key: string]: HclValue };

/**
 * Reads a literal value written in JSON or HCL: `3`, `true`, `"text"`, `["a", "b"]`, `{ 5000 = "http" }`, `{"5000": "http"}`. What is JSON is
 * taken as JSON, in which `${` means nothing. Throws an `Error` that says what was expected and where; expressions, functions and interpolation
 * are not literals.
 */
export function parseLiteral(source: string): HclValue {
  try {
    const value = parseJsonValue(source);
    if (isShallow(value)) return value;
  } catch {
    // Then it is HCL, or wrong in a way that the reader of HCL can tell better.
  }
  return parseHclLiteral(source);
}

/** Reads a literal value written in HCL. Throws an `Error` as `parseLiteral` does. */
export function parseHclLiteral(source: string): HclValue {
  const { tokens } = lex(source);
  const [value, end] = readLiteral(source, tokens, 0);
  const rest = tokens[end]?.at;
  if (rest !== undefined) throw new Error(`unexpected ${excerpt(source, rest)} after the value`);
  return value;
}

const isShallow = (value: HclValue, depth = 0): boolean =>
  depth <= MAX_DEPTH && (typeof value !== 'object' || value === null || Object.values(value).every((one) => isShallow(one, depth + 1)));

/** Reads a value written in JSON. Throws a `SyntaxError` for what is none. */
export function parseJsonValue(source: string): HclValue {
  const exact = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === 'number' ? exactNumber(context?.source ?? '', value) : value;
  // oxlint-disable-next-line typescript/no-unsafe-return -- the values of JSON are values of HCL
  return JSON.parse(source, exact);
}

/** A number, or its text where a number of JavaScript has fewer digits: Nomad makes of a text the number that a variable's type asks for. */
export function exactNumber(text: string, value = Number(text)): number | string {
  const digits = text
    .replace(/[eE].*$/, '')
    .replace(/\D/g, '')
    .replace(/^0+/, '');
  return digits.length > 15 && String(value) !== text ? text : value;
}

/** Returns the first characters of a text from a place on, in quotes. */
export function excerpt(source: string, at: number): string {
  return JSON.stringify(source.slice(at, at + 12));
}

/** Real values have a few levels. Readers and writers of deeper ones overflow the stack. */
const MAX_DEPTH = 100;

/** Returns the literal value that begins with a token, and the token behind it. Throws an `Error` that says what was expected and where. */
export function readLiteral(source: string, tokens: readonly Token[], i: number, depth = 0): [HclValue, number] {
  if (depth > MAX_DEPTH) throw new Error(`there are more than ${MAX_DEPTH} lists and maps within one another`);
  const token = tokens[i];
  if (token === undefined) throw new Error('the value ends too early');
  const { kind, text, at } = token;
  const number = numberAt(tokens, i);
  if (number !== undefined) return [exactNumber(number.text), number.end];
  if (kind === 'text') return [textOf(token), i + 1];
  if (text === '[') return readList(source, tokens, i + 1, depth + 1);
  if (text === '{') return readObject(source, tokens, i + 1, depth + 1);
  if (text === 'true' || text === 'false') return [text === 'true', i + 1];
  if (text === 'null') return [null, i + 1];
  if (source.startsWith('<<', at)) throw new Error('the heredoc is not closed');
  throw new Error(`expected a value at ${excerpt(source, at)}; text needs double quotes`);
}

/** Returns a number with its sign, and the token behind it. */
function numberAt(tokens: readonly Token[], i: number): { readonly text: string; readonly end: number } | undefined {
  const [token, next] = [tokens[i], tokens[i + 1]];
  const signed = token?.text === '-' && next?.at === token.at + 1;
  const digits = signed ? next : token;
  if (digits?.kind !== 'number' || !/^\d+(\.\d+)?([eE][+-]?\d+)?$/.test(digits.text)) return undefined;
  return signed ? { text: `-${digits.text}`, end: i + 2 } : { text: digits.text, end: i + 1 };
}

function textOf(token: Token): string {
  if (token.parts?.some((part) => typeof part !== 'string') === true) throw new Error('interpolation is not possible in a value');
  return token.text.startsWith('<<') ? heredocText(token.text) : quotedText(token.text);
}

const unescapeTemplate = (text: string): string => text.replace(/\$\$\{/g, '${').replace(/%%\{/g, '%{');

function quotedText(text: string): string {
  try {
    return String(JSON.parse(withoutLongEscapes(unescapeTemplate(text))));
  } catch {
    throw new Error(`the text ${text.slice(0, 20)} is not closed, or has an escape that HCL does not know`);
  }
}

/** Replaces escapes such as `\U0001F600`, which JSON does not know, by their characters, written as JSON writes them. */
function withoutLongEscapes(text: string): string {
  return text.replace(/\\(?:U([0-9a-fA-F]{8})|.)/gs, (whole, code?: string) =>
    code === undefined ? whole : JSON.stringify(String.fromCodePoint(Number.parseInt(code, 16))).slice(1, -1),
  );
}

function heredocText(whole: string): string {
  const [first = '', ...rest] = whole.split('\n');
  if (rest.pop()?.trim() !== first.replace(/^<<-?/, '').trim()) throw new Error('the heredoc is not closed');
  const indents = rest.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length);
  const indent = first.startsWith('<<-') ? indents.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY) : 0;
  // A line of nothing but blanks keeps all of them.
  return unescapeTemplate(rest.map((line) => `${line.trim() === '' ? line : line.slice(indent)}\n`).join(''));
}

function readList(source: string, tokens: readonly Token[], from: number, depth: number): [HclValue[], number] {
  const items: HclValue[] = [];
  let i = from;
  while (tokens[i]?.text !== ']') {
    const [item, end] = readLiteral(source, tokens, i, depth);
    items.push(item);
    i = end;
    if (tokens[i]?.text === ',') i++;
    else if (tokens[i]?.text !== ']') throw new Error('expected a comma or the end of the list');
  }
  return [items, i + 1];
}

function readObject(source: string, tokens: readonly Token[], from: number, depth: number): [Record<string, HclValue>, number] {
  const entries: [string, HclValue][] = [];
  let i = from;
  while (tokens[i]?.text !== '}') {
    const [key, sign] = readKey(source, tokens, i);
    if (tokens[sign]?.text !== '=' && tokens[sign]?.text !== ':') throw new Error(`expected = or : after the key ${JSON.stringify(key)}`);
    const [value, end] = readLiteral(source, tokens, sign + 1, depth);
    entries.push([key, value]);
    const next = tokens[end];
    i = next?.text === ',' ? end + 1 : end;
    if (i === end && next?.text !== '}' && next?.newLine !== true) throw new Error('expected a comma, a new line or the end of the map');
  }
  return [Object.fromEntries(entries), i + 1];
}

function readKey(source: string, tokens: readonly Token[], i: number): [string, number] {
  const token = tokens[i];
  if (token === undefined) throw new Error('the map is not closed');
  const number = numberAt(tokens, i);
  if (number !== undefined) return [number.text, number.end];
  if (token.text.startsWith('"')) return [textOf(token), i + 1];
  if (token.kind === 'name') return [token.text, i + 1];
  throw new Error(`expected a key at ${excerpt(source, token.at)}`);
}

/** Writes a value as an HCL literal. The one way by which text reaches an HCL file: quotes, newlines, `${` and `%{` are escaped. */
export function hclLiteral(value: HclValue): string {
  if (typeof value === 'string') {
    // HCL knows JSON's escapes but for these two.
    const quoted = JSON.stringify(value).replace(/\\(\\|b|f)/g, (whole, kind) =>
      kind === 'b' ? '\\u0008' : kind === 'f' ? '\\u000c' : whole,
    );
    return quoted.replace(/\$\{/g, '$$$${').replace(/%\{/g, '%%{');
  }
  if (value === null || typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map(hclLiteral).join(', ')}]`;
  return `{ ${Object.entries(value)
    .map(([key, item]) => `${hclLiteral(key)} = ${hclLiteral(item)}`)
    .join(', ')} }`;
}
