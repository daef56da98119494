// Generators of inputs that are nearly valid: good examples with a few edits.
import fc from 'fast-check';

/** Names of the prototypes of JavaScript, and texts that some reader takes for a sign. */
export const ODD_TEXTS: readonly string[] = [
  ...['', ' ', '\n', '\t', '\u0000', '\ud800', '\ufeff', '\u202e', 'é', '☃', '__proto__', 'constructor', 'toString', 'hasOwnProperty'],
  ...[
    'true',
    'false',
    'yes',
    'null',
    '~',
    '-1',
    '0',
    '1e999',
    '-0',
    'NaN',
    'Infinity',
    '0x10',
    '9'.repeat(25),
    '1.5',
    '5m',
    '99999999999h',
    '-1s',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '\\',
    '`',
    '$',
    '${',
    '${var.a}',
    '%{',
    '{{',
    '{{a}}',
    '{{#each}}',
    '<<A',
    '#',
    '//',
    '/*',
    ': ',
    '- ',
    ', ',
    '=',
    'a=b',
    'A=b\nB=c',
  ],
  ...[
    '*',
    '**/*',
    '!',
    '[a-',
    '..',
    '../..',
    '/',
    '/etc/passwd',
    './a',
    'a/b/c',
    'C:\\a',
    '~/a',
    'a'.repeat(300),
    'A-B_c.d',
    'acme/shop',
    '-rf',
    '--flag',
  ],
  ...[
    'http://',
    'https://a:b@c',
    'http://[::1',
    'unix:///a',
    'ftp://a',
    'http://a.b:99999',
    'https://a.example.com',
    'a@b',
    'ghcr.io/a/b:c',
    `a@sha256:${'0'.repeat(64)}`,
    'localhost:5000/a',
  ],
  ...[
    '{"a":1}',
    '[1,2]',
    '- a\n- b',
    'a: b',
    'a: &x [*x]',
    '- path: /\n  status: abc',
    '- for: 5m\n  cpu: {max: x}',
    '!!js/function a',
    '? a',
    '%YAML 9',
    '---\n---\n',
    '{a: {a: {a: {}}}}',
  ],
];

const oddText = fc.constantFrom(...ODD_TEXTS);
const anyText = fc.oneof({ weight: 6, arbitrary: oddText }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) });

/** An edit of a text, at places that are shares of its length. */
interface Edit {
  readonly kind: 'insert' | 'cut' | 'repeat' | 'replace' | 'end' | 'swap';
  readonly from: number;
  readonly length: number;
  readonly text: string;
  readonly to: number;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom('insert', 'cut', 'repeat', 'replace', 'end', 'swap'),
  from: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 1, max: 24 }),
  text: anyText,
  to: fc.double({ min: 0, max: 1, noNaN: true }),
});

function edited(whole: string, { kind, from, length, text, to }: Edit): string {
  const at = Math.floor(from * whole.length);
  const piece = whole.slice(at, at + length);
  const [before, after] = [whole.slice(0, at), whole.slice(at + length)];
  switch (kind) {
    case 'insert':
      return whole.slice(0, at) + text + whole.slice(at);
    case 'cut':
      return before + after;
    case 'repeat':
      return before + piece.repeat(3) + after;
    case 'replace':
      return before + text + after;
    case 'end':
      return before;
    case 'swap': {
      const rest = before + after;
      const place = Math.floor(to * rest.length);
      return rest.slice(0, place) + piece + rest.slice(place);
    }
  }
}

/** Makes texts of some examples by up to four edits. */
export function nearly(examples: readonly string[]): fc.Arbitrary<string> {
  return fc.tuple(fc.constantFrom(...examples), fc.array(edit, { maxLength: 4 })).map(([example, edits]) => edits.reduce(edited, example));
}

/** A value that no reader of JSON awaits. */
const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1, 1e308, -1e308, 2 ** 53, 0.5, [], {}, [null], [[]], [{}], { a: null }, ''),
  anyText,
  fc.constant(null).map(() => JSON.parse(`${'['.repeat(300)}1${']'.repeat(300)}`) as unknown),
);

/** An edit of JSON: the place, chosen by numbers, and what becomes of it. */
interface JsonEdit {
  readonly steps: readonly number[];
  readonly kind: 'replace' | 'remove' | 'repeat' | 'rename';
  readonly value: unknown;
}

const jsonEdit: fc.Arbitrary<JsonEdit> = fc.record({
  steps: fc.array(fc.nat({ max: 40 }), { maxLength: 7 }),
  kind: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'repeat', 'rename'),
  value: oddValue,
});

function editedJson(whole: unknown, { steps, kind, value }: JsonEdit): unknown {
  const [step, ...rest] = steps;
  if (typeof whole !== 'object' || whole === null || step === undefined) return kind === 'replace' ? value : whole;
  const entries = Object.entries(whole);
  const chosen = entries[step % Math.max(1, entries.length)];
  if (chosen === undefined) return kind === 'replace' ? value : whole;
  const [key, inner] = chosen;
  if (rest.length > 0 && typeof inner === 'object' && inner !== null) {
    const next = editedJson(inner, { steps: rest, kind, value });
    return Array.isArray(whole)
      ? whole.with(Number(key), next)
      : Object.fromEntries(entries.map(([name, one]) => [name, name === key ? next : one]));
  }
  const list = Array.isArray(whole);
  if (kind === 'replace') return list ? whole.with(Number(key), value) : { ...whole, [key]: value };
  if (kind === 'remove') return list ? whole.toSpliced(Number(key), 1) : Object.fromEntries(entries.filter(([name]) => name !== key));
  if (kind === 'repeat') return list ? [...whole, ...whole] : whole;
  return list ? whole.toReversed() : Object.fromEntries(entries.map(([name, one]) => [name === key ? name.toLowerCase() : name, one]));
}

/** Makes values of an example of JSON by up to four edits. */
export function nearlyJson(example: unknown): fc.Arbitrary<unknown> {
  return fc.array(jsonEdit, { maxLength: 4 }).map((edits) => edits.reduce(editedJson, example));
}

/** An answer of a server: its status, its text, and whether its end is missing. */
export interface Reply {
  readonly status: number;
  readonly body: string;
}

const rarely = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 24, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });

/** Returns the function that answers as an edited server does: each path with the edits of its own. */
export function edits(): fc.Arbitrary<(reply: Reply, path: string, count: number) => Reply> {
  const change = fc.record({
    path: fc.nat(),
    edits: fc.array(jsonEdit, { minLength: 1, maxLength: 3 }),
    text: rarely(anyText),
    status: rarely(fc.constantFrom(200, 204, 301, 400, 403, 404, 409, 410, 413, 422, 429, 500, 502, 503, 504)),
    share: fc.constantFrom(1, 3, 4),
  });
  return fc.array(change, { minLength: 3, maxLength: 8 }).map((changes) => (reply, path, count) => {
    const own = changes[hashOf(path) % changes.length];
    if (own === undefined || count % own.share !== 0) return reply;
    if (own.text !== null) return { status: own.status ?? reply.status, body: own.text };
    let value: unknown;
    try {
      value = JSON.parse(reply.body);
    } catch {
      return { status: own.status ?? reply.status, body: reply.body };
    }
    return { status: own.status ?? reply.status, body: JSON.stringify(own.edits.reduce(editedJson, value)) };
  });
}

function hashOf(text: string): number {
  let hash = 7;
  for (const character of text) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash;
}
