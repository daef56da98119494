import type { Evidence } from '../diagnose/index.ts';
import type { Location } from '../errors.ts';
import type { Setting } from '../jobspec/index.ts';

/** How a run ended; the first four of a deploy are good, see action.yml. */
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
  /** What Nomad decided, and false for one that has failed or was lost since; null as long as it has not. */
  readonly healthy: boolean | null;
  readonly canary: boolean;
  readonly tasks: readonly string[];
  /** Of all its tasks together. */
  readonly restarts: number;
  readonly createdAt?: string;
  /** When the first of its tasks was started, as far as is known. */
  readonly startedAt?: string;
  /** When its health was decided. */
  readonly judgedAt?: string;
  /** When the last of its tasks ended, if none is running. */
  readonly endedAt?: string;
}

/** Everything a run found out, filled in as it goes along; the result file holds it as it is. */
export interface Result {
  readonly command?: string;
  /** `owner/name`. */
  readonly repository?: string;
  /** The branch or tag. */
  readonly ref?: string;
  readonly sha?: string;
  /** The workflow run that this was a part of. */
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
  /** An image that this run did not build: which run did, of which commit. */
  readonly builtBy?: { readonly run?: string; readonly revision?: string };
  /** Where it ran before it was deployed here. */
  readonly promotedFrom?: Promotion;
  readonly changed?: string;
  /** What `approved-plan` takes; of several jobs a line each. */
  readonly planFingerprint?: string;
  /** Each job of a run that has several. */
  readonly jobs?: readonly Result[];
  /** Path of the rendered job as JSON. */
  readonly spec?: string;
  /** Path of this result as JSON. */
  readonly result?: string;
  readonly hint?: string;
  /** Where in the user's files the cause is. */
  readonly location?: Location;
  /** The last lines of a program that failed: a build, a test, a scan. */
  readonly output?: readonly string[];
  /** After a failure: what runs now. */
  readonly running?: string;
  /** Every value that decided about the job, and what gave it; nothing secret. */
  readonly settings?: readonly Setting[];
  /** What the plan changes, by names only. */
  readonly planLines?: readonly string[];
  /** The same with the values that may be shown, as lines of a `diff` block. */
  readonly planDiff?: readonly string[];
  readonly warnings?: readonly string[];
  readonly evidence?: readonly Evidence[];
  /** Those of the version that this run is about. */
  readonly allocations?: readonly AllocationRecord[];
  /** What was done, in order. */
  readonly stages?: readonly Stage[];
  /** Milliseconds per stage. */
  readonly timings?: Readonly<Record<string, number>>;
}

/** The outputs, by name, with the part of the result that they show. */
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

/** The same, for the documentation. */
export const outputFields: Readonly<Record<string, keyof Result>> = OUTPUTS;

/** The names of all outputs, as action.yml declares them. */
export const outputNames = Object.keys(OUTPUTS);

/** The outputs that a part of the result gives; lists and maps are JSON. */
export function outputsOf(part: Result): Record<string, string> {
  return Object.fromEntries(
    Object.entries(OUTPUTS).flatMap(([name, key]) => {
      const value = part[key];
      return value === undefined ? [] : [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]];
    }),
  );
}

/** Whether the step passes. */
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

/** An outcome at a glance; none yet is a failure. */
export function outcomeIcon(outcome: Outcome | undefined): string {
  return ICONS[outcome ?? 'failed'] ?? '✅';
}

/** `3 → 4`: the job's version before and after; undefined when there is none. */
export function versionsOf({ outcome, jobVersion, previousVersion }: Result): string | undefined {
  if (jobVersion === undefined) return undefined;
  if (previousVersion !== undefined) return `${previousVersion} → ${jobVersion}`;
  return jobVersion === 0 && outcome !== 'unchanged' ? '0 (the first)' : `${jobVersion}`;
}

/** How far a registration would reach. */
export type Changed = 'none' | 'in-place' | 'destructive' | 'create';

/** Where an image ran before it was deployed here. */
export interface Promotion {
  readonly environment: string;
  readonly jobId: string;
  readonly jobVersion: number;
  /** Its deployment was successful, as Nomad has it. */
  readonly healthy: boolean;
  /** The run that deployed it there. */
  readonly run?: string;
}
