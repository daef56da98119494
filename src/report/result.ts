import type { Evidence } from '../diagnose/index.ts';
import type { Location } from '../errors.ts';
import type { Setting } from '../jobspec/index.ts';

/** The end of a run; see action.yml. */
export type Outcome =
  | 'successful'
  | 'unchanged'
  | 'registered'
  | 'awaiting-promotion'
  | 'planned'
  | 'rendered'
  | 'built'
  | 'dispatched'
  | 'stopped'
  | 'promoted'
  | 'reverted'
  | 'scaled'
  | 'restarted'
  | 'reported'
  | 'skipped'
  | 'failed'
  | 'superseded'
  | 'cancelled'
  | 'timed-out';

const FAILING: readonly Outcome[] = ['failed', 'superseded', 'cancelled', 'timed-out'];

/** A part of a run. */
export interface Stage {
  readonly name: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly ms: number;
}

/** An allocation as it was seen last. The times are RFC 3339, by the clocks of the cluster. */
export interface AllocationRecord {
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly node: string;
  readonly status: string;
  /** Nomad's decision; false for an allocation that failed or was lost since; null without a decision. */
  readonly healthy: boolean | null;
  readonly canary: boolean;
  readonly tasks: readonly string[];
  /** The sum over its tasks. */
  readonly restarts: number;
  readonly createdAt?: string;
  /** The first start of a task; undefined when unknown. */
  readonly startedAt?: string;
  /** The time of Nomad's decision about its health. */
  readonly judgedAt?: string;
  /** The end of the last task, when no task is running. */
  readonly endedAt?: string;
}

/** The result of a run, filled in during the run. The result file holds it without changes. */
export interface Result {
  readonly command?: string;
  /** `owner/name`. */
  readonly repository?: string;
  /** The branch or tag. */
  readonly ref?: string;
  readonly sha?: string;
  /** The workflow run. */
  readonly runUrl?: string;
  readonly outcome?: Outcome;
  readonly failureReason?: string;
  readonly cause?: string;
  /** The app of the configuration file. */
  readonly app?: string;
  readonly jobId?: string;
  readonly jobVersion?: number;
  readonly previousVersion?: number;
  readonly namespace?: string;
  readonly region?: string;
  readonly environment?: string;
  readonly nomadAddr?: string;
  readonly nomadUrl?: string;
  /** The run of a periodic or parameterized job that this run started. */
  readonly dispatchedJobId?: string;
  readonly evaluationId?: string;
  readonly deploymentId?: string;
  readonly url?: string;
  readonly urls?: readonly string[];
  readonly image?: string;
  readonly images?: Readonly<Record<string, string>>;
  /** The images that this run built or found and did not deploy, by name: a registered job runs the same one. */
  readonly unusedImages?: Readonly<Record<string, string>>;
  /** The run and commit of an image that another run built. */
  readonly builtBy?: { readonly run?: string; readonly revision?: string };
  /** The earlier deploy of the image in another environment. */
  readonly promotedFrom?: Promotion;
  readonly changed?: string;
  /** A value for `approved-plan`; a line for each of several jobs. */
  readonly planFingerprint?: string;
  /** Each job of a run that has several. */
  readonly jobs?: readonly Result[];
  /** Path of the rendered job as JSON. */
  readonly spec?: string;
  /** Path of this result as JSON. */
  readonly result?: string;
  readonly hint?: string;
  /** The place of the cause in the user's files. */
  readonly location?: Location;
  /** The last lines of a program that failed: a build, a test, a scan. */
  readonly output?: readonly string[];
  /** The running version after a failure. */
  readonly running?: string;
  /** The values behind the job with their sources, without secrets. */
  readonly settings?: readonly Setting[];
  /** The changes of the plan, by names only. */
  readonly planLines?: readonly string[];
  /** The changes with the values that may be shown, as lines of a `diff` block. */
  readonly planDiff?: readonly string[];
  readonly warnings?: readonly string[];
  readonly evidence?: readonly Evidence[];
  /** The allocations of the version of this run. */
  readonly allocations?: readonly AllocationRecord[];
  /** The stages in their order. */
  readonly stages?: readonly Stage[];
  /** Milliseconds per stage. */
  readonly timings?: Readonly<Record<string, number>>;
}

/** The field of the result behind each output. */
const OUTPUTS = {
  outcome: 'outcome',
  'failure-reason': 'failureReason',
  cause: 'cause',
  'job-id': 'jobId',
  'job-version': 'jobVersion',
  'previous-version': 'previousVersion',
  namespace: 'namespace',
  region: 'region',
  environment: 'environment',
  'nomad-addr': 'nomadAddr',
  'nomad-url': 'nomadUrl',
  'dispatched-job-id': 'dispatchedJobId',
  'evaluation-id': 'evaluationId',
  'deployment-id': 'deploymentId',
  url: 'url',
  urls: 'urls',
  image: 'image',
  images: 'images',
  changed: 'changed',
  'plan-fingerprint': 'planFingerprint',
  spec: 'spec',
  result: 'result',
} as const satisfies Record<string, keyof Result>;

/** The outputs with their fields, for the documentation. */
export const outputFields: Readonly<Record<string, keyof Result>> = OUTPUTS;

/** The names of all outputs, as action.yml declares them. */
export const outputNames = Object.keys(OUTPUTS);

/** Returns the outputs of a part of the result; lists and maps are JSON. */
export function outputsOf(part: Result): Record<string, string> {
  return Object.fromEntries(
    Object.entries(OUTPUTS).flatMap(([name, key]) => {
      const value = part[key];
      return value === undefined ? [] : [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]];
    }),
  );
}

/** Returns whether the step passes. */
export function isGood(outcome: Outcome | undefined): boolean {
  return outcome !== undefined && !FAILING.includes(outcome);
}

const ICONS: Readonly<Partial<Record<Outcome, string>>> = {
  failed: '❌',
  'timed-out': '❌',
  superseded: '⚠️',
  cancelled: '⚠️',
  'awaiting-promotion': '⏸️',
  skipped: '⏭️',
  planned: '📋',
  rendered: '📋',
  reported: '📋',
};

/** Returns the icon of an outcome; undefined counts as a failure. */
export function outcomeIcon(outcome: Outcome | undefined): string {
  return ICONS[outcome ?? 'failed'] ?? '✅';
}

/** Returns the job's version before and after, such as `3 → 4`; undefined when there is none. */
export function versionsOf({ outcome, jobVersion, previousVersion }: Result): string | undefined {
  if (jobVersion === undefined) return undefined;
  if (previousVersion !== undefined) return `${previousVersion} → ${jobVersion}`;
  return jobVersion === 0 && outcome !== 'unchanged' ? '0 (the first)' : `${jobVersion}`;
}

/** The reach of a registration. */
export type Changed = 'none' | 'in-place' | 'destructive' | 'create';

/** The earlier deploy of an image in another environment. */
export interface Promotion {
  readonly environment: string;
  readonly jobId: string;
  readonly jobVersion: number;
  /** Nomad marked the version as stable. */
  readonly healthy: boolean;
  /** The run of the earlier deploy. */
  readonly run?: string;
}
