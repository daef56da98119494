import { type View, views } from './decode.ts';
import { finder, type Occurrence } from './finder.ts';
import { isMaskable } from './secret.ts';
import { decodedForms, encodedForms, isName, secretForms, secretTexts } from './secret-forms.ts';

/** Digests and Nomad's ids. A short secret is part of one only by chance, and later steps need them complete. */
const IDENTIFIER = /sha256:[0-9a-f]{64}|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;
/** Longer forms are in no identifier by chance. */
const LONG = 12;

/** Shorter texts are found with their own case and punctuation only, because others are in texts by chance. */
const MIN_FOLDED = 8;
/** The limit for texts of letters and digits, which are less often in others by chance. */
const MIN_FOLDED_MIXED = 6;
/** The length of the last line of broken base64 or hexadecimal; other lines are longer. */
const MIN_LAST_LINE = 4;
const MAX_LAST_LINE = 30;
/** Shorter secrets have no second line in base64. */
const MIN_BROKEN_BYTES = 24;

const BREAKS = /[\n\r\v\f\u0085\u2028\u2029]+/g;
/** ASCII without letters and digits, blanks, and C's prefix of a byte. */
const PUNCTUATION = /(?:[\0-/:-@[-`{-\u00a0\s]|0x(?=[\da-f]{2}(?![\da-z])))+/gi;

/** The searches, by the form of the text. */
interface Search {
  /** The text itself. */
  readonly exact: (text: string) => Occurrence[];
  /** The text without line breaks, in lower case. */
  readonly joined: (text: string) => Occurrence[];
  /** Letters and digits only, in lower case. */
  readonly packed: (text: string) => Occurrence[];
  /** The possible last lines of a broken encoding. */
  readonly ends: ReadonlySet<string>;
}

/**
 * Returns a function that replaces parts of the secrets by `***`: in all their forms, behind nested escapes, in pieces of base64 and hexadecimal, and in another
 * case. Public parts stay, and so do short secrets within a digest or an id. Overlapping matches are replaced as one.
 */
export function redactor(values: readonly string[], isPublic?: (text: string) => boolean): (text: string) => string {
  let search: Search | undefined;
  return (text) => {
    search ??= prepared(values, isPublic);
    return replaced(text, intervals(text, search));
  };
}

/** Returns a value with all its texts redacted, names of properties included. */
export function redactDeep<T>(value: T, redact: (text: string) => string): T {
  const walk = (item: unknown): unknown => {
    if (typeof item === 'string') return redact(item);
    if (Array.isArray(item)) return item.map(walk);
    if (typeof item !== 'object' || item === null) return item;
    // A number too long for JavaScript is kept by its text. A secret one becomes a text.
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
  // A line of a longer secret may be a common setting, so it is found with its own punctuation only.
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

/** Returns whether a text is random characters, so that a part of it is secret too. */
const isToken = (text: string): boolean => /^(?=\D*\d)[\w+/=.~-]{24,}$/.test(text) && !isName(text);

/** Returns the possible ends of a long secret in base64 and hexadecimal, up to the length that is found as a part. */
function endsOf(text: string): string[] {
  if (Buffer.byteLength(text) < MIN_BROKEN_BYTES) return [];
  const wholes = [text, `${text}\n`].map((whole) => Buffer.from(whole).subarray(-MIN_BROKEN_BYTES));
  const encoded = wholes.flatMap((bytes) => [
    ...[0, 1, 2].map((shift) => Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')),
    bytes.toString('hex'),
  ]);
  return encoded.flatMap((form) => Array.from({ length: MAX_LAST_LINE - MIN_LAST_LINE }, (_, i) => form.slice(-MIN_LAST_LINE - i)));
}

/** Returns the text in lower case and of the same length, without the matches of `dropped`. */
function folded(text: string, dropped: RegExp): string {
  const kept = text.replace(dropped, '');
  const small = kept.toLowerCase();
  return small.length === kept.length ? small : kept.replace(/[^\u0130]+/g, (part) => part.toLowerCase());
}

/** Returns the parts to replace, in any order. */
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

/** Returns the indexes of the characters that `dropped` does not match. */
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

/** Returns short lines that are the end of a secret in base64 or hexadecimal. Longer ones are found as a part. */
function lastLines(text: string, ends: ReadonlySet<string>): Occurrence[] {
  return [...text.matchAll(SHORT_LINE)].flatMap(({ 0: whole, 1: line = '', index }) => {
    const base64 = line.replaceAll('-', '+').replaceAll('_', '/');
    const digits = line.replace(/[ :]/g, '').toLowerCase();
    if (!ends.has(base64) && !(digits.length >= 6 && ends.has(digits))) return [];
    const start = index + whole.indexOf(line);
    return [{ start, end: start + line.length, length: LONG }];
  });
}

/** Returns the matches without short forms in identifiers. */
function withoutChance(text: string, found: readonly Occurrence[]): Occurrence[] {
  const identifiers = found.some(({ length }) => length < LONG) ? [...text.matchAll(IDENTIFIER)] : [];
  if (identifiers.length === 0) return [...found];
  return found.filter(
    ({ start, end, length }) =>
      length >= LONG || !identifiers.some((match) => match.index <= start && end <= match.index + match[0].length),
  );
}

/** Returns the text with the union of the matches replaced. */
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
