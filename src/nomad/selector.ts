// Selectors of binding rules, as far as people write them: https://developer.hashicorp.com/nomad/docs/commands/acl/binding-rule/create and
// https://github.com/hashicorp/go-bexpr. A regular expression is not run, and another form is not guessed: its result is unknown.

/** The values that a selector can name: texts as `value.<name>`, lists as `list.<name>`. */
export interface SelectorValues {
  readonly value: Readonly<Record<string, string>>;
  readonly list: Readonly<Record<string, readonly string[]>>;
}

/** A comparison of a selector. */
export interface Term {
  /** As it is written. */
  readonly text: string;
  /** The name that it looks at, such as `value.ref`. */
  readonly name: string;
  /** The value there; undefined where there is none. */
  readonly actual: string | undefined;
}

/** The result of a selector: whether it holds (undefined: unknown), and the terms because of which it does not. */
export interface Judged {
  readonly holds: boolean | undefined;
  readonly failed: readonly Term[];
}

type Token = { readonly kind: 'word' | 'text' | 'mark'; readonly text: string; readonly at: number; readonly end: number };

type Node =
  | { readonly is: 'and' | 'or'; readonly parts: readonly Node[] }
  | { readonly is: 'not'; readonly part: Node }
  | { readonly is: 'term'; readonly text: string; readonly name: string; readonly test: Test };

interface Test {
  readonly kind: 'equal' | 'contains' | 'empty' | 'unknown';
  readonly wanted: string;
  readonly negated: boolean;
}

/** Longer and deeper selectors are not read. Nomad's own limit of a request is far above. */
const MAX_LENGTH = 10_000;
const MAX_DEPTH = 50;

/** Judges a selector for the values of a token. An empty selector holds for every token. */
export function judgeSelector(selector: string, values: SelectorValues): Judged {
  if (selector.trim() === '') return { holds: true, failed: [] };
  const node = parse(selector);
  if (node === undefined) return { holds: undefined, failed: [] };
  const holds = evaluate(node, values);
  return { holds, failed: holds === false ? blame(node, values, true) : [] };
}

/** Returns the names that a selector looks at, such as `value.ref`; none for one that cannot be read. */
export function namesIn(selector: string): string[] {
  const node = parse(selector);
  const names = (one: Node): string[] => {
    if (one.is === 'term') return [one.name];
    return one.is === 'not' ? names(one.part) : one.parts.flatMap(names);
  };
  return node === undefined ? [] : [...new Set(names(node))];
}

function evaluate(node: Node, values: SelectorValues): boolean | undefined {
  if (node.is === 'not') {
    const part = evaluate(node.part, values);
    return part === undefined ? undefined : !part;
  }
  if (node.is === 'term') return testOf(node, values);
  const results = node.parts.map((part) => evaluate(part, values));
  const decisive = node.is === 'or';
  if (results.includes(decisive)) return decisive;
  return results.includes(undefined) ? undefined : !decisive;
}

/** Returns the terms that keep a node from being `wanted`; none of those whose result is unknown. */
function blame(node: Node, values: SelectorValues, wanted: boolean): Term[] {
  if (evaluate(node, values) !== !wanted) return [];
  if (node.is === 'not') return blame(node.part, values, !wanted);
  if (node.is !== 'term') return node.parts.flatMap((part) => blame(part, values, wanted));
  const actual = valueAt(node.name, values);
  return [{ text: node.text, name: node.name, actual: typeof actual === 'object' ? actual.join(', ') : actual }];
}

function valueAt(name: string, { value, list }: SelectorValues): string | readonly string[] | undefined {
  const [, root = '', key = ''] = /^(value|list)\.(.+)$/.exec(name) ?? [];
  const from: Readonly<Record<string, string | readonly string[]>> = root === 'list' ? list : value;
  return Object.hasOwn(from, key) ? from[key] : undefined;
}

/** A claim that is missing is equal to nothing, contains nothing, and is empty. */
function testOf({ name, test: { kind, wanted, negated } }: Extract<Node, { is: 'term' }>, values: SelectorValues): boolean | undefined {
  if (kind === 'unknown') return undefined;
  const actual = valueAt(name, values);
  const result = kind === 'empty' ? (actual ?? '').length === 0 : kind === 'equal' ? actual === wanted : actual?.includes(wanted) === true;
  return result !== negated;
}

/** Returns the tokens; undefined for a sign that no selector has. A text in double quotes has escapes, but none for a double quote. */
function tokensOf(source: string): Token[] | undefined {
  const found: Token[] = [];
  const pattern = /\s*(?:(==|!=|[()])|"([^"]*)"|`([^`]*)`|([^\s()"`=!]+))/y;
  const { length } = source.trimEnd();
  let at = 0;
  while (at < length) {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match === null) return undefined;
    const [whole, mark, quoted, raw, word] = match;
    const begin = at + whole.length - whole.trimStart().length;
    at += whole.length;
    const text = mark ?? word ?? raw ?? unescaped(quoted ?? '');
    if (text === undefined) return undefined;
    found.push({ kind: mark !== undefined ? 'mark' : word !== undefined ? 'word' : 'text', text, at: begin, end: at });
  }
  return found;
}

function unescaped(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(`"${text}"`);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A node, and the position of the token behind it. */
type Parsed = readonly [node: Node, next: number] | undefined;

function parse(source: string): Node | undefined {
  const tokens = source.length > MAX_LENGTH ? undefined : tokensOf(source);
  const parsed = tokens && several('or', { source, tokens }, 0, 0);
  return parsed !== undefined && parsed[1] === tokens?.length ? parsed[0] : undefined;
}

interface Input {
  readonly source: string;
  readonly tokens: readonly Token[];
}

function several(is: 'and' | 'or', input: Input, from: number, depth: number): Parsed {
  const parts: Node[] = [];
  let next = from;
  do {
    if (parts.length > 0) next++;
    const parsed = is === 'or' ? several('and', input, next, depth) : single(input, next, depth);
    if (parsed === undefined) return undefined;
    parts.push(parsed[0]);
    next = parsed[1];
  } while (isWord(input.tokens[next], is));
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? [first, next] : [{ is, parts }, next];
}

function single(input: Input, from: number, depth: number): Parsed {
  const { tokens } = input;
  if (depth > MAX_DEPTH) return undefined;
  if (isWord(tokens[from], 'not')) {
    const parsed = single(input, from + 1, depth + 1);
    return parsed && [{ is: 'not', part: parsed[0] }, parsed[1]];
  }
  if (tokens[from]?.kind === 'mark' && tokens[from].text === '(') {
    const parsed = several('or', input, from + 1, depth + 1);
    return parsed === undefined || tokens[parsed[1]]?.text !== ')' ? undefined : [parsed[0], parsed[1] + 1];
  }
  return term(input, from);
}

const isWord = (token: Token | undefined, text: string): boolean => token?.kind === 'word' && token.text === text;

/** The forms of a term: the tokens between its two sides, and its test. A side is the name or the value. */
const FORMS: readonly (readonly [words: readonly string[], Omit<Test, 'wanted'>, 'name first' | 'value first' | 'alone'])[] = [
  [['=='], { kind: 'equal', negated: false }, 'name first'],
  [['!='], { kind: 'equal', negated: true }, 'name first'],
  [['contains'], { kind: 'contains', negated: false }, 'name first'],
  [['not', 'contains'], { kind: 'contains', negated: true }, 'name first'],
  [['matches'], { kind: 'unknown', negated: false }, 'name first'],
  [['not', 'matches'], { kind: 'unknown', negated: true }, 'name first'],
  [['in'], { kind: 'contains', negated: false }, 'value first'],
  [['not', 'in'], { kind: 'contains', negated: true }, 'value first'],
  [['is', 'empty'], { kind: 'empty', negated: false }, 'alone'],
  [['is', 'not', 'empty'], { kind: 'empty', negated: true }, 'alone'],
];

function term({ source, tokens }: Input, from: number): Parsed {
  for (const [words, test, order] of FORMS) {
    if (!words.every((word, i) => tokens[from + 1 + i]?.text === word && tokens[from + 1 + i]?.kind !== 'text')) continue;
    const last = from + words.length + (order === 'alone' ? 0 : 1);
    const [left, right] = [tokens[from], tokens[last]];
    const [name, wanted] = order === 'value first' ? [right, left] : [left, right];
    if (left === undefined || right === undefined || name?.kind !== 'word' || wanted === undefined) return undefined;
    const text = source.slice(left.at, right.end);
    return [{ is: 'term', text, name: name.text, test: { ...test, wanted: order === 'alone' ? '' : wanted.text } }, last + 1];
  }
  return undefined;
}
