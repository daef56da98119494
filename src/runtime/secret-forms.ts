import { views } from './decode.ts';
import { isMaskable } from './secret.ts';
import { fieldsOf } from './secret-fields.ts';

/** Shorter secrets inside a longer text have too few characters of base64 to be found. */
const MIN_SHIFTED_BYTES = 6;
/** The limit of masks, because the runner compares every line of the job with each of them. */
const MAX_BASE64_LINES = 40;

/** Line ends of terminals, Markdown, JavaScript and logs. */
const LINE_BREAK = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;

/** The parts of a secret that are secret by themselves. */
export interface SecretTexts {
  /** The value, the trimmed value, and the fields of JSON, of an address with a password, or of settings. */
  readonly wholes: readonly string[];
  /** The lines of the value and of its fields. */
  readonly lines: readonly string[];
}

/** Returns the texts of a secret without its public parts; none for a value that is not masked. */
export function secretTexts(value: string, isPublic: (text: string) => boolean = () => false): SecretTexts {
  if (!isMaskable(value)) return { wholes: [], lines: [] };
  const fields = fieldsOf(value).filter((text) => !isPublic(text.trim()));
  const wholes = new Set([value, ...fields].flatMap((text) => [text, text.trim(), text.trim().normalize(), text.trim().normalize('NFD')]));
  const lines = [...wholes]
    .flatMap((text) => text.split(LINE_BREAK))
    .map((line) => line.trim())
    // A line without letters or digits is not secret, and would be hidden in every table.
    .filter((line) => isMaskable(line) && /[\p{L}\p{N}]/u.test(line) && !wholes.has(line) && !isPublic(line));
  return { wholes: [...wholes], lines: [...new Set(lines)] };
}

/**
 * Returns the forms of a secret for the runner, which compares characters, longest first: its texts, also inside JSON, HCL, Markdown, HTML, a shell and URLs; the
 * wholes in base64, also within a longer encoded text, and in hexadecimal; the value in base64 of several lines. Empty for a value that is not masked.
 */
export function secretForms(value: string, isPublic?: (text: string) => boolean): string[] {
  const { wholes, lines } = secretTexts(value, isPublic);
  const forms = new Set([
    ...inLines(wholes[0] ?? ''),
    ...[...wholes, ...lines].flatMap((text) => [text, ...escaped(text)]),
    ...wholes.flatMap((text) => [...urlEncoded(text), ...base64(Buffer.from(text)), ...hexadecimal(text), ...inOtherCase(text)]),
  ]);
  return [...forms].filter(isMaskable).sort((a, b) => b.length - a.length);
}

/** Returns base64 and hexadecimal forms of a text, and of its forms in JSON, URLs, UTF-16 and base64. They are searched without punctuation. */
export function encodedForms(text: string): string[] {
  const utf16 = Buffer.from(text, 'utf16le');
  const bytes = [text, inJson(text), encodeURIComponent(text.toWellFormed()), Buffer.from(text).toString('base64')];
  return [...new Set([...bytes.map((form) => Buffer.from(form)), utf16].flatMap((form) => [...base64(form), form.toString('hex')]))];
}

/** Returns a text, and the texts after each round of removing its escapes. */
export function decodedForms(text: string): string[] {
  const forms = views(text).map((view) => view.text);
  // In a longer text, a backslash at the end may be an escape of the next character.
  return [...forms, ...forms.map((form) => form.replace(/(?<!\\)\\+$/, ''))];
}

/** Returns a text in the quotes of JSON, JSON within JSON, HCL and a shell, and in Markdown and HTML. */
function escaped(text: string): string[] {
  const json = inJson(text);
  // Go's encoder has no \b and \f, and escapes characters of HTML. Others escape all characters beyond ASCII, or each slash.
  const go = json.replace(/\\(\\|b|f)/g, (whole, kind) => (kind === 'b' ? '\\u0008' : kind === 'f' ? '\\u000c' : whole));
  const forHtml = go.replace(/[<>&\u2028\u2029]/g, unicodeEscape);
  const ascii = json.replace(/[\u007f-\uffff]/g, unicodeEscape);
  const markdown = text.replace(/[\\`*_[\]<>#~]/g, '\\$&');
  const tags = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const quoted = tags.replaceAll('"', '&quot;');
  return [
    json,
    go,
    forHtml,
    ascii,
    json.replaceAll('/', '\\/'),
    json.replaceAll('\\"', '\\u0022'),
    inJson(json),
    inJson(forHtml),
    go.replace(/\$\{/g, '$$$${').replace(/%\{/g, '%%{'),
    text.replaceAll("'", `'\\''`),
    text.replaceAll("'", `'"'"'`),
    markdown,
    markdown.replaceAll('|', '\\|'),
    tags,
    tags.replaceAll('"', '&#34;').replaceAll("'", '&#39;'),
    quoted,
    ...['&#39;', '&#x27;', '&apos;'].map((quote) => quoted.replaceAll("'", quote)),
  ];
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Returns a text as part of a URL: by JavaScript, by RFC 3986, as a form, and encoded twice, with digits in both cases. */
function urlEncoded(text: string): string[] {
  const plain = encodeURIComponent(text.toWellFormed());
  const strict = plain.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return [plain, strict, strict.replaceAll('%20', '+'), encodeURIComponent(plain), encodeURIComponent(strict)].flatMap((form) => [
    form,
    form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  ]);
}

/** Returns the lines of a text in broken base64, with and without a final line end. */
function inLines(text: string): string[] {
  return [text, `${text}\n`]
    .map((whole) => Buffer.from(whole).toString('base64'))
    .flatMap((whole) => [76, 64].flatMap((width) => (whole.length <= width ? [] : (whole.match(new RegExp(`.{8,${width}}`, 'g')) ?? []))))
    .slice(0, MAX_BASE64_LINES);
}

function hexadecimal(text: string): string[] {
  const digits = Buffer.from(text).toString('hex');
  return [digits, digits.toUpperCase()];
}

/** Returns a text in upper and lower case, because the runner compares case. Names are left out, which are common in any case. */
function inOtherCase(text: string): string[] {
  return isName(text) ? [] : [text.toUpperCase(), text.toLowerCase()];
}

/** Returns whether a text consists of words and numbers, as a name. In another case or punctuation, it may be another name. */
export function isName(text: string): boolean {
  return /^(?:\p{L}+\p{N}{0,4}|\p{N}+)(?:[-_./:@ ](?:\p{L}+\p{N}{0,4}|\p{N}+))*$/u.test(text);
}

/**
 * Returns a text in base64, in both alphabets: alone, with and without padding, and within a longer text (`user:<secret>`), the characters that do not depend on
 * the text around, for each of the three offsets in a group of three bytes.
 */
function base64(bytes: Buffer): string[] {
  const alone = bytes.toString('base64');
  const shifts = bytes.length < MIN_SHIFTED_BYTES ? [] : [0, 1, 2];
  const inside = shifts.map((shift) => {
    const [first, end] = [Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6)];
    return Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(first, end);
  });
  return [alone, alone.replace(/={1,2}$/, ''), ...inside].flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}
