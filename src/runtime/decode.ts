/** A text, with the place of each UTF-16 unit in the original text: `[from[i], to[i])`. Without both, the text is the original. */
export interface View {
  readonly text: string;
  readonly from?: readonly number[];
  readonly to?: readonly number[];
}

/** The limit of nested encodings. Percent signs and ampersands that were encoded several times take one round. */
const MAX_ROUNDS = 8;

const NAMED: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', newline: '\n', tab: '\t', sol: '/', bsol: '\\', colon: ':' },
  ...{ semi: ';', comma: ',', period: '.', excl: '!', num: '#', dollar: '$', percnt: '%', lpar: '(', rpar: ')', ast: '*', plus: '+' },
  ...{ equals: '=', quest: '?', commat: '@', lsqb: '[', lbrack: '[', rsqb: ']', rbrack: ']', hat: '^', lowbar: '_', grave: '`' },
  ...{ lcub: '{', lbrace: '{', rcub: '}', rbrace: '}', verbar: '|', vert: '|', hyphen: '\u2010', dash: '\u2010' },
};
const CONTROLS: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\u0007',
  e: '\u001b',
  '0': '\0',
};

/** Invisible characters, without line breaks and tabs. */
const UNSEEN = '\\u0000-\\u0008\\u000e-\\u001f\\u007f-\\u0084\\u0086-\\u009f\\p{Cf}\\p{Default_Ignorable_Code_Point}';

/** Returns the pattern of a character in UTF-8 with the same escape for each byte: `%C3%A9`. */
function utf8(byte: string): string {
  const next = `${byte}[89ab][0-9a-f]`;
  return `${byte}(?:[cd][0-9a-f]${next}|e[0-9a-f](?:${next}){2}|f[0-9a-f](?:${next}){3}|[0-9a-f]{2})`;
}

/** The pattern with bytes in octal, as in a shell and C. */
const NEXT = '\\\\2[0-7]{2}';
const OCTAL = `\\\\3[0-3][0-7]${NEXT}|\\\\3[45][0-7](?:${NEXT}){2}|\\\\36[0-7](?:${NEXT}){3}|\\\\[0-3][0-7]{2}`;

/**
 * Returns the pattern of escapes of a character in several languages. Repetitions are limited, so that unfinished escapes take linear time. `dropped` matches
 * sequences that a terminal does not show.
 */
function tokens(dropped: string): RegExp {
  return new RegExp(
    [
      `(?<nothing>${dropped}|(?:\\u001b\\[|\\u009b)[0-?]{0,64}[ -/]{0,8}[@-~]|\\\\\\r?\\n|(?!\\u001b[${UNSEEN}])[${UNSEEN}])`,
      `&(?:amp;)*(?:#(?<decimal>\\d{1,7})|#x(?<hexadecimal>[0-9a-f]{1,6})|(?<named>${Object.keys(NAMED).join('|')}));?`,
      `(?<percent>${utf8('%(?:25)*')})`,
      '(?:%(?:25)*|\\\\)(?-i:u)(?<unit>[0-9a-f]{4})|\\\\u\\{(?<point>[0-9a-f]{1,6})\\}|\\\\(?-i:U)(?<long>000[0-9a-f]{5}|0010[0-9a-f]{4})',
      `(?<bytes>${utf8('\\\\x')})|(?<octal>${OCTAL})`,
      // A quote within quotes of a shell, or doubled as in SQL, YAML and CSV. HCL doubles the beginning of an interpolation.
      `(?<quote>'\\\\''|'"'"'|''|"")|(?<hcl>[$%](?=[$%]\\{))`,
      `\\\\(?<escaped>[^${UNSEEN}])`,
    ].join('|'),
    'giu',
  );
}

// Links and titles for a terminal, and escapes of one letter. Some readers drop them whole, others only their control characters.
const ESCAPE = '\\u001b';
const AMBIGUOUS = new RegExp(`${ESCAPE}(?!\\[)|[\\u0090\\u0098\\u009d-\\u009f]`);
const END = `(?:\\u0007|${ESCAPE}\\\\|\\u009c)`;
const DROPPED = tokens(
  `(?:\\u001b[\\]PX^_]|[\\u0090\\u0098\\u009d-\\u009f])[^\\u0007\\u001b\\u009c]{0,2048}${END}|\\u001b[ -/]{0,8}(?!\\[)[0-~]`,
);
const KEPT = tokens(`\\u001b[\\]PX^_]|${END}`);

/** Characters to compose. Runs of marks are limited, because ordering them takes more than linear time. */
const COMPOSABLE = /[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?|[^\p{ASCII}]\p{M}{0,16}|\p{ASCII}\p{M}{1,16}/gu;

/**
 * Returns the text, and the texts after each round of removing escapes of JSON, HTML, URLs, shells and Markdown, and invisible characters, until nothing changes;
 * composed as in NFC.
 */
export function views(text: string): View[] {
  const original: View = { text };
  const first = composed(original);
  // Composing may have joined the end of an escape with the next character, so both forms are decoded.
  const starts = first === original ? [original] : [original, first];
  const found = starts.flatMap((start) => [start, ...rounds(start, DROPPED)]);
  return found.some((view) => AMBIGUOUS.test(view.text)) ? [...found, ...rounds(original, KEPT)] : found;
}

function rounds(original: View, pattern: RegExp): View[] {
  const found: View[] = [];
  let last = original;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = rewritten(last, pattern, decoded);
    if (next.text === last.text) break;
    // The next round uses the text before composing, because composing could join the end of an escape with a mark.
    found.push(composed(next));
    last = next;
  }
  return found;
}

function composed(view: View): View {
  return /[^\p{ASCII}]/u.test(view.text) && view.text.normalize() !== view.text
    ? rewritten(view, COMPOSABLE, ([whole]) => whole.normalize())
    : view;
}

function decoded({ 0: whole, groups: found = {} }: RegExpExecArray): string {
  const { nothing, decimal, hexadecimal, named, percent, unit, point, long, bytes, octal, quote, hcl, escaped } = found;
  if (nothing !== undefined || hcl !== undefined) return '';
  if (named !== undefined) return NAMED[named.toLowerCase()] ?? whole;
  if (decimal !== undefined) return character(Number(decimal), whole);
  const digits = hexadecimal ?? unit ?? point ?? long;
  if (digits !== undefined) return character(Number.parseInt(digits, 16), whole);
  if (percent !== undefined) return fromBytes(percent.replace(/%(?:25)*(?=..)/g, ''), 16);
  if (bytes !== undefined) return fromBytes(bytes.replace(/\\x/gi, ''), 16);
  if (octal !== undefined) return fromBytes(octal.replaceAll('\\', ''), 8);
  if (quote !== undefined) return quote.startsWith('"') ? '"' : "'";
  return CONTROLS[escaped ?? ''] ?? escaped ?? whole;
}

const character = (code: number, otherwise: string): string => (code <= 0x10ffff ? String.fromCodePoint(code) : otherwise);

/** Returns the text of bytes in digits, two or three each: UTF-8, or else Latin-1. */
function fromBytes(digits: string, radix: 8 | 16): string {
  const values = (digits.match(radix === 16 ? /../g : /.../g) ?? []).map((one) => Number.parseInt(one, radix));
  const shown = Buffer.from(values).toString();
  return shown.includes('\ufffd') ? Buffer.from(values).toString('latin1') : shown;
}

/** Returns the view with each match of a pattern replaced; the same view without a match. */
function rewritten(view: View, pattern: RegExp, replace: (match: RegExpExecArray) => string): View {
  const pieces: string[] = [];
  const from: number[] = [];
  const to: number[] = [];
  let done = 0;
  const origin = (i: number): number => view.from?.[i] ?? i;
  const end = (i: number): number => view.to?.[i] ?? i + 1;
  const keep = (until: number): void => {
    pieces.push(view.text.slice(done, until));
    for (let i = done; i < until; i++) {
      from.push(origin(i));
      to.push(end(i));
    }
  };
  for (const match of view.text.matchAll(pattern)) {
    const [whole] = match;
    const replacement = replace(match);
    if (replacement === whole) continue;
    keep(match.index);
    done = match.index + whole.length;
    pieces.push(replacement);
    for (let i = 0; i < replacement.length; i++) {
      from.push(origin(match.index));
      to.push(end(done - 1));
    }
  }
  if (done === 0 && pieces.length === 0) return view;
  keep(view.text.length);
  return { text: pieces.join(''), from, to };
}
