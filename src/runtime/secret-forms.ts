import { views } from './decode.ts';
import { isMaskable } from './secret.ts';
import { fieldsOf } from './secret-fields.ts';

/** A shorter secret inside a longer text is too few characters of base64 to be told from others. */
const MIN_SHIFTED_BYTES = 6;
/** The runner compares every line of the job with every mask. */
const MAX_BASE64_LINES = 40;

/** Ends a line somewhere: for a terminal, Markdown, JavaScript or a log. */
const LINE_BREAK = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;

/** What of a secret is secret by itself. */
export interface SecretTexts {
  /** The value, without the blanks around it, and the fields of one that is JSON, an address with a password, or settings. */
  readonly wholes: readonly string[];
  /** Its lines, and those of its fields. */
  readonly lines: readonly string[];
}

/** Returns the texts that a secret consists of, but for parts of it that are public anyway; none for a value that is not masked. */
export function secretTexts(value: string, isPublic: (text: string) => boolean = () => false): SecretTexts {
  if (!isMaskable(value)) return { wholes: [], lines: [] };
  const fields = fieldsOf(value).filter((text) => !isPublic(text.trim()));
  const wholes = new Set([value, ...fields].flatMap((text) => [text, text.trim(), text.trim().normalize()]));
  const lines = [...wholes]
    .flatMap((text) => text.split(LINE_BREAK))
    .map((line) => line.trim())
    // A rule or a bracket is no part of what is secret, and would be hidden in every table.
    .filter((line) => isMaskable(line) && /[\p{L}\p{N}]/u.test(line) && !wholes.has(line) && !isPublic(line));
  return { wholes: [...wholes], lines: [...new Set(lines)] };
}

/**
 * Returns the forms in which a secret may show up, longest first, for somebody who compares characters, as the runner does: its texts; these as they look inside
 * JSON, HCL, Markdown, HTML, a shell and URLs; the wholes in base64, also as a part of what was encoded, and in hexadecimal; the value in base64 of several
 * lines. Empty for a value that is not masked.
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

/** Returns base64 and hexadecimal forms of a text, and of what JSON, URLs, UTF-16 and base64 make of it: to be looked for whatever stands between their characters. */
export function encodedForms(text: string): string[] {
  const utf16 = Buffer.from(text, 'utf16le');
  const bytes = [text, inJson(text), encodeURIComponent(text.toWellFormed()), Buffer.from(text).toString('base64')];
  return [...new Set([...bytes.map((form) => Buffer.from(form)), utf16].flatMap((form) => [...base64(form), form.toString('hex')]))];
}

/** Returns a text, and what is left of it when whatever looks like an escape in it is taken off, as often as can be. */
export function decodedForms(text: string): string[] {
  const forms = views(text).map((view) => view.text);
  // With what comes behind it in another text, a backslash at the end is an escape.
  return [...forms, ...forms.map((form) => form.replace(/(?<!\\)\\+$/, ''))];
}

/** A text as it stands between the quotes of JSON, of JSON within JSON, of HCL and of a shell, and in Markdown and HTML. */
function escaped(text: string): string[] {
  const json = inJson(text);
  // Go's encoder knows no \b and \f, and escapes what HTML would take for its own; others escape all that is not ASCII, or each slash.
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

/** A text as a part of a URL: as JavaScript writes it, as RFC 3986 does, as a form does, and twice; their hexadecimal digits large or small. */
function urlEncoded(text: string): string[] {
  const plain = encodeURIComponent(text.toWellFormed());
  const strict = plain.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return [plain, strict, strict.replaceAll('%20', '+'), encodeURIComponent(plain), encodeURIComponent(strict)].flatMap((form) => [
    form,
    form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  ]);
}

/** The lines of a text in base64, as programs break it, with and without a line end behind the text. */
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

/** Large and small letters are compared by the runner. Words and names are left out: they are written in any case by chance. */
function inOtherCase(text: string): string[] {
  return isName(text) ? [] : [text.toUpperCase(), text.toLowerCase()];
}

/** Whether a text is made of words and numbers only, as names are: written in another way, it may be another name. */
export function isName(text: string): boolean {
  return /^(?:\p{L}+\p{N}{0,4}|\p{N}+)(?:[-_./:@ ](?:\p{L}+\p{N}{0,4}|\p{N}+))*$/u.test(text);
}

/**
 * A text in base64, in both alphabets: by itself, with and without padding, and those characters of it that are the same whatever is before and
 * behind it (`user:<secret>`), for each of the three places that it can have in a group of three bytes.
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
  return [alone, alone.replace(/=+$/, ''), ...inside].flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}
