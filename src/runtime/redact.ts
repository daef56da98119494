import { type View, views } from './decode.ts';
import { finder, type Occurrence } from './finder.ts';
import { isMaskable } from './secret.ts';
import { decodedForms, encodedForms, isName, secretForms, secretTexts } from './secret-forms.ts';

/** Digests and Nomad's ids: a short secret is a part of one by chance only, and what follows this run has to read them. */
const IDENTIFIER = /sha256:[0-9a-f]{64}|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;
/** Forms from here on are in no identifier by chance. */
const LONG = 12;

/** A shorter text is found in its own case and with its own punctuation only: with others it is a part of texts by chance. */
const MIN_FOLDED = 8;
/** One of letters and digits is less often a part of others. */
const MIN_FOLDED_MIXED = 6;
/** What a program breaks base64 or hexadecimal into has more characters a line, but for the last line. */
const MIN_LAST_LINE = 4;
const MAX_LAST_LINE = 30;
/** A secret of fewer bytes has no second line in base64. */
const MIN_BROKEN_BYTES = 24;

const BREAKS = /[\n\r\v\f\u0085\u2028\u2029]+/g;
/** All of ASCII but letters and digits, blanks, and what C writes before each byte. */
const PUNCTUATION = /(?:[\0-/:-@[-`{-\u00a0\s]|0x(?=[\da-f]{2}(?![\da-z])))+/gi;

/** What is looked for, by how a text is looked at. */
interface Search {
  /** As it is. */
  readonly exact: (text: string) => Occurrence[];
  /** Without line breaks, in small letters. */
  readonly joined: (text: string) => Occurrence[];
  /** Letters and digits only, in small letters. */
  readonly packed: (text: string) => Occurrence[];
  /** What the last line of a broken encoding may be the end of. */
  readonly ends: ReadonlySet<string>;
}

/**
 * Makes a function that replaces by `***` whatever is, or stands for, a part of one of the given secrets: in any form of theirs, behind escapes in escapes, in
 * pieces of base64 and hexadecimal, in other letters; but for parts of them that are public anyway. Short ones stay within a digest or an id. What overlaps is replaced as one.
 */
export function redactor(values: readonly string[], isPublic?: (text: string) => boolean): (text: string) => string {
  let search: Search | undefined;
  return (text) => {
    search ??= prepared(values, isPublic);
    return replaced(text, intervals(text, search));
  };
}

/** The same value with `redact` done to every text in it, names of properties included. */
export function redactDeep<T>(value: T, redact: (text: string) => string): T {
  const walk = (item: unknown): unknown => {
    if (typeof item === 'string') return redact(item);
    if (Array.isArray(item)) return item.map(walk);
    if (typeof item !== 'object' || item === null) return item;
    // A number too long for JavaScript is its text, which only stays a number as it is. One that is secret becomes a text.
    if (JSON.isRawJSON(item)) return redact(item.rawJSON) === item.rawJSON ? item : redact(item.rawJSON);
    return Object.fromEntries(Object.entries(item).map(([key, inner]) => [redact(key), walk(inner)]));
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same shape with other texts
  return walk(value) as T;
}

function prepared(values: readonly string[], isPublic: ((text: string) => boolean) | undefined): Search {
  const texts = values.map((value) => secretTexts(value, isPublic));
  const wholes = unique(texts.flatMap((one) => one.wholes));
  const all = unique([...wholes, ...texts.flatMap((one) => one.lines)]);
  const plain = unique(all.flatMap(decodedForms)).filter(isMaskable);
  const encoded = unique(wholes.flatMap(encodedForms));
  // A line of several may be a setting that anybody writes, with other punctuation: it is looked for as it is.
  const own = unique([...wholes, ...all.filter(isToken)].flatMap(decodedForms)).filter((text) => !isName(text));
  const packed = [...own, ...encoded].map((text) => folded(text, PUNCTUATION));
  return {
    exact: finder(unique([...values.flatMap((value) => secretForms(value, isPublic)), ...plain]), []),
    joined: finder(unique(plain.map((text) => folded(text, BREAKS)).filter(isLongEnough)), []),
    packed: finder(
      unique(packed.filter((text) => text.length >= MIN_FOLDED)),
      unique([...encoded, ...all.filter(isToken)].map((text) => folded(text, PUNCTUATION))),
    ),
    ends: new Set(wholes.flatMap(endsOf)),
  };
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];

function isLongEnough(text: string): boolean {
  return text.length >= (/\p{L}/u.test(text) && /\p{N}/u.test(text) ? MIN_FOLDED_MIXED : MIN_FOLDED);
}

/** Random characters, of which also a part is secret. */
const isToken = (text: string): boolean => /^(?=\D*\d)[\w+/=.~-]{24,}$/.test(text) && !isName(text);

/** The ends of a long secret in base64 and hexadecimal, whatever was before it, up to the length of a line that is found as a part. */
function endsOf(text: string): string[] {
  if (Buffer.byteLength(text) < MIN_BROKEN_BYTES) return [];
  const wholes = [text, `${text}\n`].map((whole) => Buffer.from(whole).subarray(-MIN_BROKEN_BYTES));
  const encoded = wholes.flatMap((bytes) => [
    ...[0, 1, 2].map((shift) => Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')),
    bytes.toString('hex'),
  ]);
  return encoded.flatMap((form) => Array.from({ length: MAX_LAST_LINE - MIN_LAST_LINE }, (_, i) => form.slice(-MIN_LAST_LINE - i)));
}

/** Small letters, each as long as it was, without what `dropped` finds. */
function folded(text: string, dropped: RegExp): string {
  const kept = text.replace(dropped, '');
  const small = kept.toLowerCase();
  return small.length === kept.length ? small : kept.replace(/[^\u0130]+/g, (part) => part.toLowerCase());
}

/** What is to be replaced, in any order. */
function intervals(text: string, { exact, joined, packed, ends }: Search): Occurrence[] {
  const found: Occurrence[] = [];
  const add = (view: View, matches: readonly Occurrence[], kept?: readonly number[]): void => {
    for (const { start, end, length } of matches) {
      const [first, last] = [kept?.[start] ?? start, kept?.[end - 1] ?? end - 1];
      found.push({ start: view.from?.[first] ?? first, end: view.to?.[last] ?? last + 1, length });
    }
  };
  for (const view of views(text)) {
    add(view, exact(view.text));
    for (const [search, dropped] of [
      [joined, BREAKS],
      [packed, PUNCTUATION],
    ] as const) {
      const matches = search(folded(view.text, dropped));
      if (matches.length > 0) add(view, matches, keptPositions(view.text, dropped));
    }
  }
  if (ends.size > 0) found.push(...lastLines(text, ends));
  return found.length === 0 ? found : withoutChance(text, found);
}

/** Where in a text its characters are that `dropped` leaves. */
function keptPositions(text: string, dropped: RegExp): number[] {
  const kept: number[] = [];
  let from = 0;
  for (const match of [...text.matchAll(dropped), { 0: '', index: text.length }]) {
    for (let i = from; i < match.index; i++) kept.push(i);
    from = match.index + match[0].length;
  }
  return kept;
}

const SHORT_LINE = /^[ \t|]*([A-Za-z0-9+/_=-]{4,30}|(?:[0-9a-f]{2}[ :]?){3,15})[ \t\r]*$/gim;

/** Short lines that are the end of a secret in base64 or hexadecimal: longer ones are found as a part of it. */
function lastLines(text: string, ends: ReadonlySet<string>): Occurrence[] {
  return [...text.matchAll(SHORT_LINE)].flatMap(({ 0: whole, 1: line = '', index }) => {
    const base64 = line.replaceAll('-', '+').replaceAll('_', '/');
    const digits = line.replace(/[ :]/g, '').toLowerCase();
    if (!ends.has(base64) && !(digits.length >= 6 && ends.has(digits))) return [];
    const start = index + whole.indexOf(line);
    return [{ start, end: start + line.length, length: LONG }];
  });
}

/** Without short forms in identifiers. */
function withoutChance(text: string, found: readonly Occurrence[]): Occurrence[] {
  const identifiers = found.some(({ length }) => length < LONG) ? [...text.matchAll(IDENTIFIER)] : [];
  if (identifiers.length === 0) return [...found];
  return found.filter(
    ({ start, end, length }) =>
      length >= LONG || !identifiers.some((match) => match.index <= start && end <= match.index + match[0].length),
  );
}

/** The text with the union of the intervals replaced. */
function replaced(text: string, found: readonly Occurrence[]): string {
  if (found.length === 0) return text;
  let shown = '';
  let done = 0;
  let [start, end] = [0, 0];
  const close = (): void => {
    if (end === 0) return;
    shown += `${text.slice(done, start)}***`;
    done = end;
  };
  for (const next of found.toSorted((a, b) => a.start - b.start)) {
    if (next.start <= end && end > 0) end = Math.max(end, next.end);
    else {
      close();
      [start, end] = [next.start, next.end];
    }
  }
  close();
  return shown + text.slice(done);
}
