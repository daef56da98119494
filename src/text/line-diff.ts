/** A line of a text that was changed: gone, new, or there before and after. */
export interface Line {
  readonly sign: '-' | '+' | ' ';
  readonly text: string;
}

/** Above this many comparisons the middle of a text counts as changed as a whole: nobody compares that by eye. */
const MAX_CELLS = 4_000_000;

/** Two texts as one list of lines, those that are gone before those that came in their place: a longest common subsequence. */
export function lineDiff(old: string, next: string): Line[] {
  const [a, b] = [linesOf(old), linesOf(next)];
  let head = 0;
  while (head < Math.min(a.length, b.length) && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const same = (lines: readonly string[]): Line[] => lines.map((text) => ({ sign: ' ', text }));
  return [
    ...same(a.slice(0, head)),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...same(a.slice(a.length - tail)),
  ];
}

/** The changed lines with some unchanged ones around them; each run that is left out is undefined. */
export function withContext(lines: readonly Line[], context: number): (Line | undefined)[] {
  const shown = lines.map((_, at) => lines.slice(Math.max(0, at - context), at + context + 1).some(({ sign }) => sign !== ' '));
  return shown.includes(true) ? lines.flatMap((line, at) => (shown[at] ? [line] : at === 0 || shown[at - 1] ? [undefined] : [])) : [];
}

/** The end of the last line is no line of its own. */
function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function middle(a: readonly string[], b: readonly string[]): Line[] {
  const width = b.length + 1;
  const many = a.length * b.length > MAX_CELLS;
  // How many lines are common to what is left of both, from each place on.
  const common = new Uint32Array(many ? 0 : (a.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0 && !many; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const lines: Line[] = [];
  for (let [i, j] = [0, 0]; i < a.length || j < b.length; ) {
    const [gone, came] = [a[i], b[j]];
    if (!many && gone !== undefined && gone === came) {
      lines.push({ sign: ' ', text: gone });
      i++;
      j++;
    } else if (gone !== undefined && (came === undefined || many || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ sign: '-', text: gone });
      i++;
    } else {
      lines.push({ sign: '+', text: came ?? '' });
      j++;
    }
  }
  return lines;
}
