/** A literal value of HCL, as plain data. */
export type HclValue = string | number | boolean | null | readonly HclValue[] | { readonly [key: string]: HclValue };

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

// A comment that is not closed goes on to the end, so that no part of it is read again and again.
const BLANK = /(?:\s|\/\/[^\n]*|#[^\n]*|\/\*[\s\S]*?(?:\*\/|$))*/y;
const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;
const NAME = /[A-Za-z_][A-Za-z0-9_-]*/y;
const HEREDOC_BEGIN = /<<-?[A-Za-z_][A-Za-z0-9_-]*/y;
const HEREDOC = /<<-?([A-Za-z_][A-Za-z0-9_-]*)[ \t\r]*(?:\n[\s\S]*?)??\n[ \t]*\1[ \t]*\r?(?=\n|$)/y;

/**
 * The variables that an HCL file declares, found without a full parser: strings, heredocs and comments are stepped over, so a `variable`
 * inside of them does not count. Their types follow Nomad: the `type`, else the type of the default.
 */
export function declaredVariables(source: string): DeclaredVariable[] {
  if (/^\s*\{/.test(source)) return variablesOfJson(source);
  const found: DeclaredVariable[] = [];
  const tokens = scan(source);
  const place = linesOf(source);
  let depth = 0;
  for (const [i, token] of tokens.entries()) {
    if (token.text === '{' || token.text === '[' || token.text === '(') depth++;
    if (token.text === '}' || token.text === ']' || token.text === ')') depth--;
    const label = tokens[i + 1];
    if (depth === 0 && token.text === 'variables' && label?.text === '{') {
      for (const { name, value, at } of attributesOf(blockBody(tokens, i + 2), source))
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

/** Makes a function that gives the line and column of a place in a text; both count from 1. */
export function linesOf(source: string): (at: number) => { line: number; column: number } {
  const starts = [0];
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
  return (at) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= at) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: at - (starts[low] ?? 0) + 1 };
  };
}

function describe(body: readonly Token[], source: string): Pick<DeclaredVariable, 'type' | 'hasDefault' | 'initial'> {
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
function attributesOf(body: readonly Token[], source: string): { name: string; value: readonly Token[]; at: number }[] {
  const begins = body.flatMap(({ depth, text }, i) =>
    depth === 0 && /^\w/.test(text) && body[i + 1]?.text === '=' && (i === 0 || onNewLine(source, body, i)) ? [i] : [],
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
  const tokens = scan(source);
  let depth = 0;
  let begin: number | undefined;
  for (const { text, at } of tokens) {
    if (depth === 0 && begin === undefined && types.includes(text)) begin = at;
    if (/^[{[(]$/.test(text)) depth++;
    if (/^[}\])]$/.test(text)) depth--;
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
  /** Where it begins in the text. */
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
  const tokens = scan(source);
  const [body] = readBody(source, tokens, 0);
  return { type: '', labels: [], at: 0, text: source, ...body };
}

type Body = Pick<HclBlock, 'attributes' | 'blocks'>;

/** Nobody writes blocks as deep: what is deeper is not read. */
const MAX_BLOCKS = 200;

/** What stands between braces, from a token on; and the token after it: the closing brace, or the end. */
function readBody(source: string, tokens: readonly Token[], from: number, depth = 0): [Body, number] {
  if (depth === MAX_BLOCKS) return [{ attributes: [], blocks: [] }, tokens.length];
  const attributes: HclBlock['attributes'][number][] = [];
  const blocks: HclBlock[] = [];
  let i = from;
  for (let token = tokens[i]; token !== undefined && token.text !== '}'; token = tokens[i]) {
    let next = i + 1;
    while (/^["\w]/.test(tokens[next]?.text ?? '') && !onNewLine(source, tokens, next)) next++;
    if (tokens[next]?.text === '{') {
      const [body, end] = readBody(source, tokens, next + 1, depth + 1);
      const labels = tokens.slice(i + 1, next).map(({ text }) => text.replace(/^"|"$/g, ''));
      const endAt = tokens[end]?.at ?? source.length;
      blocks.push({ type: token.text, labels, at: token.at, text: source.slice(token.at, endAt + 1), ...body });
      i = end + 1;
    } else if (tokens[i + 1]?.text === '=') {
      const end = endOfValue(source, tokens, i + 2);
      const endAt = tokens[end]?.at ?? source.length;
      attributes.push({ name: token.text.replace(/^"|"$/g, ''), at: token.at, text: source.slice(token.at, endAt).trimEnd() });
      i = end;
      // The words up to the last are nothing, either.
    } else i = Math.max(i + 1, next - 1);
  }
  return [{ attributes, blocks }, i];
}

/** The token after an expression: the first on a new line outside of all brackets, or a closing brace. */
function endOfValue(source: string, tokens: readonly Token[], from: number): number {
  let depth = 0;
  for (let i = from; ; i++) {
    const text = tokens[i]?.text;
    if (text === undefined || (depth === 0 && (text === '}' || (i > from && onNewLine(source, tokens, i))))) return i;
    if (/^[{[(]$/.test(text)) depth++;
    if (/^[}\])]$/.test(text)) depth--;
  }
}

function onNewLine(source: string, tokens: readonly Token[], i: number): boolean {
  const before = tokens[i - 1];
  return before !== undefined && source.slice(before.at + before.text.length, tokens[i]?.at).includes('\n');
}

interface Token {
  readonly text: string;
  readonly at: number;
  readonly depth: number;
}

function blockBody(tokens: readonly Token[], from: number): Token[] {
  const body: Token[] = [];
  let depth = 0;
  for (let i = from; i < tokens.length; i++) {
    const token = tokens[i];
    if (token === undefined || (token.text === '}' && depth === 0)) break;
    if (/^[}\])]$/.test(token.text)) depth--;
    body.push({ ...token, depth });
    if (/^[{[(]$/.test(token.text)) depth++;
  }
  return body;
}

function scan(source: string): Token[] {
  const tokens: Token[] = [];
  const heredoc = heredocs(source);
  let at = skipBlank(source, 0);
  while (at < source.length) {
    const text = heredoc(at) ?? (source[at] === '"' ? quotedText(source, at) : undefined) ?? match(NAME, source, at) ?? source.charAt(at);
    tokens.push({ text, at, depth: 0 });
    at = skipBlank(source, at + text.length);
  }
  return tokens;
}

/** The text with blanks in place of its comments. */
export function withoutComments(source: string): string {
  let end = 0;
  const kept = scan(source).map(({ text, at }) => {
    const gap = source.slice(end, at).replace(/[^\n]/g, ' ');
    end = at + text.length;
    return gap + text;
  });
  return kept.join('');
}

/** Makes a function that gives the heredoc at a place, if there is one. One that is not closed is not looked for to the end each time. */
function heredocs(source: string): (at: number) => string | undefined {
  let last: Map<string, number> | undefined;
  return (at) => {
    if (!source.startsWith('<<', at)) return undefined;
    if (last === undefined) {
      last = new Map();
      let begin = 0;
      for (const line of source.split('\n')) {
        const word = line.trim();
        const at = line.indexOf(word);
        if (/^[ \t]*$/.test(line.slice(0, at)) && /^[ \t]*\r?$/.test(line.slice(at + word.length))) last.set(word, begin);
        begin += line.length + 1;
      }
    }
    const word = match(HEREDOC_BEGIN, source, at)?.replace(/^<<-?/, '');
    return word !== undefined && (last.get(word) ?? -1) > at ? match(HEREDOC, source, at) : undefined;
  };
}

/** A quoted string with its quotes; `${ … }` may hold quotes of its own. */
function quotedText(source: string, from: number): string {
  /** How many braces are open in each of the strings within one another. */
  const open = [0];
  for (let at = from + 1; at < source.length; at++) {
    const depth = open.at(-1) ?? 0;
    const [one, next] = [source[at], source[at + 1]];
    if (one === '\\') at++;
    else if ((one === '$' || one === '%') && next === '{' && source[at - 1] !== one) {
      open.push((open.pop() ?? 0) + 1);
      at++;
    } else if (depth > 0 && one === '}') open.push((open.pop() ?? 0) - 1);
    else if (one === '"' && depth > 0) open.push(0);
    else if (one === '"') {
      open.pop();
      if (open.length === 0) return source.slice(from, at + 1);
    }
  }
  return source.slice(from);
}

/**
 * Reads a literal value written in JSON or HCL: `3`, `true`, `"text"`, `["a", "b"]`, `{ 5000 = "http" }`, `{"5000": "http"}`. What is JSON is
 * taken as JSON, in which `${` means nothing. Throws an `Error` that says what was expected and where; expressions, functions and interpolation
 * are not literals.
 */
export function parseLiteral(source: string): HclValue {
  try {
    return parseJsonValue(source);
  } catch {
    // Then it is HCL, or wrong in a way that the reader below can tell better.
  }
  const [value, end] = readValue(source, skipBlank(source, 0));
  const rest = skipBlank(source, end);
  if (rest < source.length) throw new Error(`unexpected ${JSON.stringify(source.slice(rest, rest + 12))} after the value`);
  return value;
}

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
  let written: Map<number, string> | undefined;
  let at = skipBlank(source, 0);
  while (at < source.length) {
    const place = placeOf(at);
    const begin = at;
    try {
      const name = match(NAME, source, at);
      const equals = skipBlank(source, at + (name ?? '').length);
      if (name === undefined || source[equals] !== '=')
        throw new Error(`expected \`name = value\` at ${JSON.stringify(source.slice(at, at + 12))}`);
      const [value, end] = readValue(source, skipBlank(source, equals + 1));
      if (end < source.length && !/^[ \t]*(\r?\n|$|#|\/\/|\/\*)/.test(source.slice(end)))
        throw new Error(`unexpected ${JSON.stringify(source.slice(end, end + 12).trim())} after the value; a variable file holds literals`);
      assignments.push({ name, value, ...place });
      at = skipBlank(source, end);
    } catch (error) {
      written ??= new Map(readBlocks(source).attributes.map((attribute) => [attribute.at, attribute.text]));
      const text = written.get(begin) ?? '';
      const [, name, expression] = /^([A-Za-z_][\w-]*)\s*=([\s\S]*)$/.exec(text) ?? [];
      if (name === undefined || expression === undefined || !isExpressionOfLiterals(expression))
        return { problem: error instanceof Error ? error.message : String(error), ...place };
      assignments.push({ name, value: null, expression: expression.trim(), ...place });
      at = skipBlank(source, begin + text.length);
    }
  }
  return { assignments };
}

/** The keywords of HCL in expressions. */
const OWN_WORDS = ['true', 'false', 'null', 'if', 'else', 'endif'];

/** Returns whether a text can be an expression that names no variable and no function. A `for` has names of its own, which Nomad judges. */
function isExpressionOfLiterals(text: string): boolean {
  const tokens = scan(text);
  let braces = 0;
  const words = tokens.flatMap((token, i) => {
    if (token.text === '{') braces++;
    if (token.text === '}') braces--;
    if (/^["<]/.test(token.text)) {
      const parts = [...token.text.matchAll(/(?<![$%])[$%]\{([^}]*)\}/g)].map(([, inner = '']) => inner.replace(/"[^"]*"/g, ''));
      return parts.flatMap((inner) => inner.match(/[A-Za-z_][\w-]*/g) ?? []);
    }
    const isKey = braces > 0 && /^[=:]$/.test(tokens[i + 1]?.text ?? '');
    return /^[A-Za-z_]/.test(token.text) && !isKey && tokens[i - 1]?.text !== '.' ? [token.text] : [];
  });
  // A single token is a literal with a mistake, which the reader of literals describes better.
  const [first] = tokens;
  return first !== undefined && braces === 0 && (words.includes('for') || words.every((word) => OWN_WORDS.includes(word)));
}

function readValue(source: string, at: number): [HclValue, number] {
  const number = match(NUMBER, source, at);
  if (number !== undefined) return [exactNumber(number), at + number.length];
  if (source[at] === '"') return readString(source, at);
  if (source.startsWith('<<', at)) return readHeredoc(source, at);
  if (source[at] === '[') return readList(source, at + 1);
  if (source[at] === '{') return readMap(source, at + 1);
  const word = match(NAME, source, at);
  if (word === 'true' || word === 'false') return [word === 'true', at + word.length];
  if (word === 'null') return [null, at + word.length];
  throw new Error(
    at >= source.length
      ? 'the value ends too early'
      : `expected a value at ${JSON.stringify(source.slice(at, at + 12))}; text needs double quotes`,
  );
}

const INTERPOLATION = /(^|[^$%])[$%]\{/;
const unescapeTemplate = (text: string): string => text.replace(/\$\$\{/g, '${').replace(/%%\{/g, '%{');

function readString(source: string, at: number): [string, number] {
  const text = quotedText(source, at);
  if (INTERPOLATION.test(text)) throw new Error('interpolation is not possible in a value');
  try {
    return [String(JSON.parse(withoutLongEscapes(unescapeTemplate(text)))), at + text.length];
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

function readHeredoc(source: string, at: number): [string, number] {
  const whole = match(HEREDOC, source, at);
  if (whole === undefined) throw new Error('the heredoc is not closed');
  const lines = whole.split('\n').slice(1, -1);
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length);
  const indent = whole.startsWith('<<-') ? Math.min(...indents) : 0;
  // A line of nothing but blanks keeps all of them.
  const text = lines.map((line) => `${line.trim() === '' ? line : line.slice(indent)}\n`).join('');
  if (INTERPOLATION.test(text)) throw new Error('interpolation is not possible in a value');
  return [unescapeTemplate(text), at + whole.length];
}

function readList(source: string, from: number): [HclValue[], number] {
  const items: HclValue[] = [];
  let at = skipBlank(source, from);
  while (source[at] !== ']') {
    const [item, end] = readValue(source, at);
    items.push(item);
    at = skipBlank(source, end);
    if (source[at] === ',') at = skipBlank(source, at + 1);
    else if (source[at] !== ']') throw new Error('expected a comma or the end of the list');
  }
  return [items, at + 1];
}

function readMap(source: string, from: number): [Record<string, HclValue>, number] {
  const entries: [string, HclValue][] = [];
  let at = skipBlank(source, from);
  while (source[at] !== '}') {
    const [key, keyEnd] = source[at] === '"' ? readString(source, at) : readKey(source, at);
    at = skipBlank(source, keyEnd);
    if (source[at] !== '=' && source[at] !== ':') throw new Error(`expected = or : after the key ${JSON.stringify(key)}`);
    const [value, end] = readValue(source, skipBlank(source, at + 1));
    entries.push([key, value]);
    const separated = source.slice(end, skipBlank(source, end)).includes('\n');
    at = skipBlank(source, end);
    if (source[at] === ',') at = skipBlank(source, at + 1);
    else if (source[at] !== '}' && !separated) throw new Error('expected a comma, a new line or the end of the map');
  }
  return [Object.fromEntries(entries), at + 1];
}

function readKey(source: string, at: number): [string, number] {
  const key = match(NUMBER, source, at) ?? match(NAME, source, at);
  if (key === undefined)
    throw new Error(at >= source.length ? 'the map is not closed' : `expected a key at ${JSON.stringify(source.slice(at, at + 12))}`);
  return [key, at + key.length];
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

/** The first place from `at` on that is no blank and in no comment. */
export function skipBlank(source: string, at: number): number {
  return at + (match(BLANK, source, at) ?? '').length;
}

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}
