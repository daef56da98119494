import { diffArrays } from 'diff/lib/diff/array.js';

/** A line of a text that was changed: gone, new, or there before and after. */
export interface Line {
  readonly sign: '-' | '+' | ' ';
  readonly text: string;
}

/** Beyond this many changed lines the middle of a text counts as changed as a whole: nobody compares that by eye. */
const MAX_CHANGES = 1_000;

/** Two texts as one list of lines, those that are gone before those that came in their place: a longest common subsequence. */
export function lineDiff(old: string, next: string): Line[] {
  const [before, after] = [splitLines(old), splitLines(next)];
  const parts = diffArrays(before, after, { maxEditLength: MAX_CHANGES });
  if (parts === undefined) return asWhole(before, after);
  const groups: Line[][] = [];
  let came: Line[][] = [];
  for (const { value, added, removed } of parts) {
    if (added) came.push(signed('+', value));
    else if (removed) groups.push(signed('-', value));
    else {
      groups.push(...came, signed(' ', value));
      came = [];
    }
  }
  return [...groups, ...came].flat();
}

function signed(sign: Line['sign'], lines: readonly string[]): Line[] {
  return lines.map((text) => ({ sign, text }));
}

/** Returns two texts with all lines between their common beginning and their common end changed. */
function asWhole(a: readonly string[], b: readonly string[]): Line[] {
  const most = Math.min(a.length, b.length);
  let head = 0;
  while (head < most && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < most - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  return [
    ...signed(' ', a.slice(0, head)),
    ...signed('-', a.slice(head, a.length - tail)),
    ...signed('+', b.slice(head, b.length - tail)),
    ...signed(' ', a.slice(a.length - tail)),
  ];
}

/** The changed lines with some unchanged ones around them; each run that is left out is undefined. */
export function withContext(lines: readonly Line[], context: number): (Line | undefined)[] {
  const shown = lines.map((_, at) => lines.slice(Math.max(0, at - context), at + context + 1).some(({ sign }) => sign !== ' '));
  return shown.includes(true) ? lines.flatMap((line, at) => (shown[at] ? [line] : at === 0 || shown[at - 1] ? [undefined] : [])) : [];
}

/** The end of the last line is no line of its own. */
function splitLines(text: string): string[] {
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
