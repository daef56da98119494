/** Shorter values would take half of every log with them, and with `a` or `1` masked GitHub drops nearly every output. */
const MIN_MASKED_LENGTH = 3;
/** Words of which nobody learns anything, and which every log and result is full of. */
const COMMON_WORD = /^(true|false|yes|no|on|off|null|none)$/i;
/** A shorter secret inside a longer text is too few characters of base64 to be told from others. */
const MIN_SHIFTED_BYTES = 6;

/** A value that prints as `***` wherever it ends up by accident; `reveal` is allowed in a few files only, which a test lists. */
export interface Secret {
  readonly reveal: () => string;
  readonly toString: () => string;
  readonly toJSON: () => string;
}

/** Wraps a value at birth, so that no log, template or JSON can show it. */
export function secret(value: string): Secret {
  const hidden = (): string => '***';
  return Object.freeze({ reveal: () => value, toString: hidden, toJSON: hidden });
}

/** Whether a value is searched for in texts. Very short ones and words such as `true` are not: they are everywhere, and no secret by themselves. */
export function isMaskable(value: string): boolean {
  return value.trim().length >= MIN_MASKED_LENGTH && !COMMON_WORD.test(value.trim());
}

/**
 * The forms in which a secret may show up, longest first: whole, without the blanks around it and each of its lines; these as they look inside JSON,
 * HCL, Markdown, HTML and URLs; the whole in base64, also where it is a part of what was encoded. Empty for a value that is not masked.
 */
export function secretForms(value: string): string[] {
  if (!isMaskable(value)) return [];
  const wholes = [value, value.trim()];
  const lines = value
    .split(/\r?\n|\r/)
    .map((line) => line.trim())
    // A rule or a bracket is no part of what is secret, and would be hidden in every table.
    .filter((line) => isMaskable(line) && /[\p{L}\p{N}]/u.test(line));
  const forms = new Set([
    ...[...wholes, ...lines].flatMap((text) => [text, ...escaped(text)]),
    ...wholes.flatMap((text) => [...urlEncoded(text), ...base64(text)]),
  ]);
  return [...forms].filter((form) => form.length >= MIN_MASKED_LENGTH).sort(longestFirst);
}

/** Digests and Nomad's ids: a short secret is a part of one by chance only, and what follows this run has to read them. */
const IDENTIFIER = /(sha256:[0-9a-f]{64}|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b)/;
/** Forms from here on are in no identifier by chance. */
const LONG = 12;

/** Makes a function that replaces every form of the given secrets by `***`, but for short ones within a digest or an id. */
export function redactor(values: readonly string[]): (text: string) => string {
  const forms = [...new Set(values.flatMap(secretForms))].sort(longestFirst);
  // One search for each form: a pattern of all of them would be larger than a regular expression may be.
  const without = (text: string, hidden: readonly string[]): string => hidden.reduce((shown, form) => shown.replaceAll(form, '***'), text);
  const long = forms.filter((form) => form.length >= LONG);
  const short = forms.filter((form) => form.length < LONG);
  return (text) =>
    without(text, long)
      .split(IDENTIFIER)
      .map((part, i) => (i % 2 === 0 ? without(part, short) : part))
      .join('');
}

/** The same value with `redact` done to every text in it, names of properties included. */
export function redactDeep<T>(value: T, redact: (text: string) => string): T {
  const walk = (item: unknown): unknown => {
    if (typeof item === 'string') return redact(item);
    if (Array.isArray(item)) return item.map(walk);
    if (typeof item !== 'object' || item === null) return item;
    return Object.fromEntries(Object.entries(item).map(([key, inner]) => [redact(key), walk(inner)]));
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same shape with other texts
  return walk(value) as T;
}

const longestFirst = (a: string, b: string): number => b.length - a.length;

/** A text as it stands between the quotes of JSON, of JSON within JSON and of HCL, and in Markdown and HTML. */
function escaped(text: string): string[] {
  const json = inJson(text);
  // Go's encoder knows no \b and \f, and escapes what HTML would take for its own; others escape all that is not ASCII.
  const go = json.replace(/\\(\\|b|f)/g, (whole, kind) => (kind === 'b' ? '\\u0008' : kind === 'f' ? '\\u000c' : whole));
  const forHtml = go.replace(/[<>&\u2028\u2029]/g, unicodeEscape);
  const ascii = json.replace(/[\u007f-\uffff]/g, unicodeEscape);
  const markdown = text.replace(/[\\`*_[\]<>#~]/g, '\\$&');
  const tags = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return [
    json,
    go,
    forHtml,
    ascii,
    inJson(json),
    inJson(forHtml),
    go.replace(/\$\{/g, '$$$${').replace(/%\{/g, '%%{'),
    markdown,
    markdown.replaceAll('|', '\\|'),
    tags,
    tags.replaceAll('"', '&#34;').replaceAll("'", '&#39;'),
  ];
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A text as a part of a URL: as JavaScript writes it, as RFC 3986 does, and as a form does; their hexadecimal digits large or small. */
function urlEncoded(text: string): string[] {
  const plain = encodeURIComponent(text.toWellFormed());
  const strict = plain.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return [plain, strict, strict.replaceAll('%20', '+')].flatMap((form) => [
    form,
    form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  ]);
}

/**
 * A text in base64, in both alphabets: by itself, with and without padding, and those characters of it that are the same whatever is before and
 * behind it (`user:<secret>`), for each of the three places that it can have in a group of three bytes.
 */
function base64(text: string): string[] {
  const bytes = Buffer.from(text);
  const alone = bytes.toString('base64');
  const shifts = bytes.length < MIN_SHIFTED_BYTES ? [] : [0, 1, 2];
  const inside = shifts.map((shift) => {
    const [first, end] = [Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6)];
    return Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(first, end);
  });
  return [alone, alone.replace(/=+$/, ''), ...inside].flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}
