// The rows of `npm run bench`, their bounds, and the table that is made of what was measured.

/** A value of ours, and the peer's in the same round. */
export type Pair = readonly [ours: number, theirs: number];

interface RowKind {
  readonly of: string;
  readonly peer: string;
  readonly unit: 'ms' | 'MB' | 'MB/s' | 'requests';
  /** The bound is on the ratio, on our value, on the requests that we send more, or on how much we carry beside the peer. */
  readonly bounds: 'ratio' | 'ours' | 'more' | 'at least';
  /** A median beyond it is a regression. */
  readonly bound: number;
  /** The value to reach on a quiet machine, where it is another one. */
  readonly goal?: number;
}

const BUILD = '`docker buildx build --push`';
const JOB_RUN = '`nomad job run`';
const BOTH = `${BUILD} and ${JOB_RUN}`;
const ratio = (of: string, peer: string, bound: number, goal?: number): RowKind => ({
  ...{ of, peer, unit: 'ms', bounds: 'ratio', bound },
  ...(goal === undefined ? {} : { goal }),
});
const within = (of: string, peer: string, bound: number): RowKind => ({ of, peer, unit: 'ms', bounds: 'ours', bound });
const requests = (of: string, bound: number, goal: number): RowKind => ({
  of,
  peer: JOB_RUN,
  unit: 'requests',
  bounds: 'more',
  bound,
  goal,
});
const carried = (of: string, bound: number): RowKind => ({ of, peer: '`nomad alloc exec`', unit: 'MB/s', bounds: 'at least', bound });

/** Every row with its bound, which leaves room for the noise of a shared machine. */
export const ROWS = {
  'start-action': ratio('the action, to an input error', 'an empty script', 2.6),
  'start-terminal': ratio('the terminal program, `--help`', 'an empty script', 1.6),
  render: ratio('`command: render` of a spec', '`nomad job run -output`', 5),
  'deploy-first': ratio('deploy, the first of a job', BOTH, 1.15, 1.05),
  'deploy-code': ratio('deploy, code changed', BOTH, 1.15, 1.05),
  'deploy-configuration': ratio('deploy, only configuration changed', BOTH, 1.1, 1),
  'deploy-nothing': ratio('deploy, nothing changed', BOTH, 1.6, 1.2),
  'deploy-memory': { of: 'most memory of a deploy, code changed', peer: `${BUILD} or ${JOB_RUN}`, unit: 'MB', bounds: 'ratio', bound: 2.5 },
  'fresh-runner': ratio(
    'deploy, configuration changed; the registry has the image, which takes 6 s to build',
    `${BOTH}, empty builder`,
    0.4,
    0.3,
  ),
  build: ratio('`command: build`', BUILD, 1.25),
  images: ratio('`command: build`, four images', '`docker buildx bake --push`', 1.25),
  'verdict-healthy': within('success told after the verdict of Nomad', `the end of ${JOB_RUN}`, 50),
  'verdict-late': within('failure after two seconds, told after the verdict of Nomad', `the end of ${JOB_RUN}`, 50),
  'verdict-early': within('failure at once, told after the verdict of Nomad', `the end of ${JOB_RUN}`, 50),
  'cause-late': within('cause of a failure after two seconds, told after its first proof', `the end of ${JOB_RUN}`, 1000),
  'cause-early': within('cause of a failure at once, told after its first proof', `the end of ${JOB_RUN}`, 1000),
  'requests-before': requests('requests before the registration', 8, 8),
  'requests-after': requests('requests from the registration on, success, its release tag included', 4, 2),
  'requests-failed': requests('requests from the registration on, failure with its cause', 4, 2),
  'terminal-key': ratio('a key in `ssh`', '`nomad alloc exec`', 3),
  'terminal-in': carried('in by `cp`, written and compared', 0.5),
  'terminal-out': carried('out by `cp`, written and compared', 0.5),
} as const satisfies Readonly<Record<string, RowKind>>;

export type RowId = keyof typeof ROWS;
export type Measured = Partial<Readonly<Record<RowId, readonly Pair[]>>>;

/** Returns the value below which this part of the values is, between two of them where it falls between. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const [below = Number.NaN, above = Number.NaN] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (above - below) * (at - Math.floor(at));
}

/** A row with its medians. */
export interface Judged {
  readonly id: RowId;
  readonly ours: number;
  readonly theirs: number;
  /** Of the ratios of the pairs: the median and the middle half. */
  readonly ratio: number;
  readonly from: number;
  readonly to: number;
  readonly rounds: number;
  readonly holds: boolean;
}

/** Judges a row by its bound. Throws for a row that was not measured. */
export function judge(id: RowId, pairs: readonly Pair[]): Judged {
  const { bounds, bound } = ROWS[id];
  const [ours, theirs] = [
    quantile(
      pairs.map(([own]) => own),
      0.5,
    ),
    quantile(
      pairs.map(([, other]) => other),
      0.5,
    ),
  ];
  const ratios = pairs.map(([own, other]) => own / other);
  const value = quantile(ratios, 0.5);
  if ([ours, theirs].some(Number.isNaN)) throw new Error(`${id}: a value is missing in ${JSON.stringify(pairs)}`);
  const measured = { ratio: value, ours, more: ours - theirs, 'at least': value }[bounds];
  const holds = bounds === 'at least' ? measured >= bound : measured <= bound;
  return { id, ours, theirs, ratio: value, from: quantile(ratios, 0.25), to: quantile(ratios, 0.75), rounds: pairs.length, holds };
}

/** Returns the bound of a row in words, with its goal where that is another value. */
function boundOf(id: RowId): string {
  const { bounds, bound, unit, goal }: RowKind = ROWS[id];
  const words = { ratio: `${bound}`, ours: `${bound} ${unit}`, more: `${bound} more`, 'at least': `at least ${bound}` }[bounds];
  return goal === undefined || goal === bound ? words : `${words} (goal ${goal})`;
}

/** Returns the rows as a table in Markdown. */
export function tableOf(rows: readonly Judged[]): string {
  const number = (value: number, unit: RowKind['unit']): string =>
    `${value.toFixed(unit === 'ms' && value < 10 ? 1 : 0)} ${unit === 'requests' ? '' : unit}`.trim();
  const lines = rows.map(({ id, ours, theirs, ratio: value, from, to, rounds, holds }) => {
    const { of, peer, unit } = ROWS[id];
    // The peer may send no request at all.
    const middle = theirs === 0 ? '' : `${value.toFixed(2)} (${from.toFixed(2)} to ${to.toFixed(2)})`;
    return `| ${id} | ${of} | ${peer} | ${number(ours, unit)} | ${number(theirs, unit)} | ${middle} | ${boundOf(id)}${holds ? '' : ' **missed**'} | ${rounds} |`;
  });
  return ['| row | measured | beside | ours | the peer | ratio | bound | rounds |', '|---|---|---|---|---|---|---|---|', ...lines].join(
    '\n',
  );
}
