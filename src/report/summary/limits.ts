/** How much of a result is shown. */
export interface Limits {
  /** What is missing, in words. */
  readonly without: string;
  readonly timeline: boolean;
  /** Of each log. */
  readonly logLines: number;
  /** Of each allocation. */
  readonly events: number;
  /** Characters of a line of a log, an event, a warning. */
  readonly width: number;
  readonly diff: number;
  readonly allocations: number;
  readonly warnings: number;
  /** The jobs, of several, that have a fold: all, those that failed, or none. */
  readonly folds: 'all' | 'failed' | 'none';
}

const MANY = 100_000;

/**
 * GitHub drops a summary of more than 1 MiB as a whole, so what helps least is left out first: pictures, then the beginning of logs, what went well, and
 * in the end all but the outcome and its cause.
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
    without: 'timelines, long lines, most of logs and changes, jobs that went well',
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
