// The shape of a regular expression, as far as texts are made of it that hold its engine up.

/** A part of a pattern: some characters that it takes, parts in a row, a choice, or a part that repeats. */
type Part =
  | { readonly kind: 'one'; readonly of: readonly string[] }
  | { readonly kind: 'row' | 'choice'; readonly parts: readonly Part[] }
  | { readonly kind: 'repeat'; readonly part: Part; readonly least: number; readonly endless: boolean };

/** A place of a pattern that repeats without a limit: a text that leads to it, and one round of it. */
export interface Loop {
  readonly lead: string;
  readonly round: string;
}

/** More rounds than these count as any number of them. */
const MANY = 200;
const NOTHING: Part = { kind: 'row', parts: [] };
const CLASSES: Readonly<Record<string, readonly string[]>> = {
  ...{ d: ['1'], D: ['a', ' '], w: ['a', '1', '_'], W: [' ', '-'], s: [' ', '\t', '\n'], S: ['a', '-'] },
  ...{ n: ['\n'], r: ['\r'], t: ['\t'], v: ['\v'], f: ['\f'], '0': ['\0'], b: [], B: [] },
};
const PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  ...{ L: ['a', 'é'], N: ['1'], Cc: ['\u0001'], Cf: ['\u200b'], M: ['\u0301'], Z: [' '], ID_Start: ['a'], ID_Continue: ['a', '1'] },
};

/** Reads a pattern; knows as much of the syntax as src/ uses. */
function readPattern(source: string): Part {
  let at = 0;
  const choice = (): Part => {
    const rows: Part[] = [row()];
    while (source[at] === '|') {
      at++;
      rows.push(row());
    }
    return rows.length === 1 ? (rows[0] ?? NOTHING) : { kind: 'choice', parts: rows };
  };
  const row = (): Part => {
    const parts: Part[] = [];
    while (at < source.length && source[at] !== '|' && source[at] !== ')') parts.push(repeated(one()));
    return { kind: 'row', parts };
  };
  const repeated = (part: Part): Part => {
    const [whole = '', sign, least, comma, most] = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/.exec(source.slice(at, at + 16)) ?? [];
    if (whole === '') return part;
    at += whole.length;
    const from = sign === undefined ? Number(least) : sign === '+' ? 1 : 0;
    const to =
      sign === undefined
        ? comma === ''
          ? from
          : most === ''
            ? Number.POSITIVE_INFINITY
            : Number(most)
        : sign === '?'
          ? 1
          : Number.POSITIVE_INFINITY;
    return { kind: 'repeat', part, least: from, endless: to > MANY };
  };
  const escaped = (): readonly string[] => {
    const [whole = '', property, code, hex] =
      /^(?:[pP]\{([^}]*)\}|u\{?([0-9a-fA-F]{4,6})\}?|x([0-9a-fA-F]{2}))/.exec(source.slice(at, at + 40)) ?? [];
    const known = CLASSES[source[at] ?? ''];
    at += Math.max(1, whole.length);
    if (property !== undefined) return PROPERTIES[property] ?? ['a', ' '];
    const digits = code ?? hex;
    return digits === undefined ? (known ?? [source[at - 1] ?? '']) : [String.fromCodePoint(Number.parseInt(digits, 16))];
  };
  const members = (): readonly string[] => {
    const negated = source[at] === '^';
    if (negated) at++;
    const found: string[] = [];
    while (at < source.length && source[at] !== ']') {
      if (source[at] === '\\') {
        at++;
        found.push(...escaped());
      } else found.push(source[at++] ?? '');
    }
    at++;
    return negated
      ? ['a', ' ', '1', '-', '"', '\n', '{', ':'].filter((character) => !found.includes(character))
      : found.filter((c) => c !== '');
  };
  const one = (): Part => {
    const character = source[at++] ?? '';
    if (character === '(') {
      const [opening = ''] = /^\?(?:[:=!]|<[=!]|<\w+>|[a-z-]*:)/.exec(source.slice(at, at + 40)) ?? [];
      at += opening.length;
      const inner = choice();
      at++;
      return /^\?<?[=!]/.test(opening) ? { kind: 'repeat', part: inner, least: 0, endless: false } : inner;
    }
    if (character === '[') return { kind: 'one', of: members() };
    if (character === '\\') {
      const of = escaped();
      return of.length === 0 ? NOTHING : { kind: 'one', of };
    }
    if (character === '.') return { kind: 'one', of: ['a', ' ', '.'] };
    return character === '^' || character === '$' ? NOTHING : { kind: 'one', of: [character] };
  };
  return choice();
}

/** Returns the shortest text that a part takes, with its characters chosen by a number. */
function sample(part: Part, pick: number): string {
  if (part.kind === 'one') return part.of[pick % Math.max(1, part.of.length)] ?? '';
  if (part.kind === 'row') return part.parts.map((inner) => sample(inner, pick)).join('');
  if (part.kind === 'repeat') return sample(part.part, pick).repeat(Math.min(part.least, 64));
  return sample(part.parts[pick % part.parts.length] ?? NOTHING, pick);
}

/** The texts tried for each loop of a pattern. */
const PICKS = [0, 1, 2];

/** Returns the endless loops of a pattern. */
export function loopsOf(source: string): Loop[] {
  const found: Loop[] = [];
  const walk = (part: Part, lead: string): void => {
    if (part.kind === 'repeat') {
      if (part.endless) for (const pick of PICKS) found.push({ lead, round: sample(part.part, pick) });
      walk(part.part, lead);
    } else if (part.kind === 'choice') for (const inner of part.parts) walk(inner, lead);
    else if (part.kind === 'row') {
      let before = lead;
      for (const inner of part.parts) {
        walk(inner, before);
        before += inner.kind === 'repeat' && inner.least === 0 ? '' : sample(inner, 0);
      }
    }
  };
  walk(readPattern(source), '');
  return found.filter(({ round }) => round !== '');
}

/** Returns the characters that a pattern tells apart, one for each kind. */
export function alphabetOf(source: string): string[] {
  const found = new Set<string>([' ', 'a', '1', '\n']);
  const walk = (part: Part): void => {
    if (part.kind === 'one') for (const character of part.of) found.add(character);
    else if (part.kind === 'repeat') walk(part.part);
    else for (const inner of part.parts) walk(inner);
  };
  walk(readPattern(source));
  return [...found].slice(0, 24);
}
