/** The limits of the shown parts of a result. */
export interface Limits {
  /** The missing parts, in words. */
  readonly without: string;
  readonly timeline: boolean;
  /** The lines of each log. */
  readonly logLines: number;
  /** The events of each allocation. */
  readonly events: number;
  /** The characters of a line of a log, an event or a warning. */
  readonly width: number;
  readonly diff: number;
  readonly allocations: number;
  readonly warnings: number;
  /** The jobs with a fold of their own. */
  readonly folds: 'all' | 'failed' | 'none';
}

const MANY = 100_000;

/**
 * The steps of shortening a summary, because GitHub drops a summary of more than 1 MiB as a whole: first timelines, then the beginning of logs, then successful
 * jobs, and in the end all but outcomes and causes.
 */
export const LIMITS: readonly [Limits, ...Limits[]] = [
  { without: '', timeline: true, logLines: MANY, events: MANY, width: 10_000, diff: MANY, allocations: 50, warnings: 100, folds: 'all' },
  {
    without: 'timelines',
    timeline: false,
    logLines: MANY,
    events: MANY,
    width: 10_000,
    diff: MANY,
    allocations: 50,
    warnings: 100,
    folds: 'all',
  },
  {
    without: 'timelines, long lines, all but the last 200 lines of logs',
    timeline: false,
    logLines: 200,
    events: 20,
    width: 500,
    diff: 200,
    allocations: 20,
    warnings: 50,
    folds: 'all',
  },
  {
    without: 'timelines, long lines, most of logs and changes',
    timeline: false,
    logLines: 50,
    events: 10,
    width: 300,
    diff: 50,
    allocations: 10,
    warnings: 20,
    folds: 'all',
  },
  {
    without: 'timelines, long lines, most of logs and changes, successful jobs',
    timeline: false,
    logLines: 20,
    events: 10,
    width: 200,
    diff: 20,
    allocations: 10,
    warnings: 10,
    folds: 'failed',
  },
  {
    without: 'all but outcomes and causes',
    timeline: false,
    logLines: 0,
    events: 0,
    width: 200,
    diff: 0,
    allocations: 0,
    warnings: 0,
    folds: 'none',
  },
];
