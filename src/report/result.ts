import type { Evidence } from '../diagnose/index.ts';
import type { Location, Reason, Rollback } from '../errors.ts';
import type { LintReport, Setting } from '../jobspec/index.ts';
import type { Outcome } from './outcomes.ts';

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
  /** Milliseconds of the longest pull of an image by one of its tasks; undefined where the node had the images, or has not ended a pull. */
  readonly pulledMs?: number;
  /** The time of Nomad's decision about its health. */
  readonly judgedAt?: string;
  /** The end of the last task, when no task is running. */
  readonly endedAt?: string;
}

/** A port of a running allocation. */
export interface PortRecord {
  /** The allocation as `job.group[index] (id)`. */
  readonly allocation: string;
  readonly label: string;
  /** Host and port. */
  readonly address: string;
}

/** A job of a run in waves. */
export type PlaceRecord = Pick<Result, 'wave' | 'cluster' | 'app' | 'namespace' | 'region' | 'nomadAddr' | 'jobVersion' | 'running'> & {
  readonly jobId: string;
  readonly outcome: Outcome;
};

/** A version of a job, and its way into the cluster. Unknown parts are empty. */
export interface VersionRecord {
  readonly version: number;
  /** RFC 3339. */
  readonly registeredAt: string;
  readonly commit: string;
  /** The files of the deploy were not all those of the commit. */
  readonly changed: boolean;
  readonly actor: string;
  /** The address of the workflow run, or `terminal` and an id. */
  readonly run: string;
  /** The end of its deployment, in Nomad's words; for a job without deployments whether it was healthy. */
  readonly outcome: string;
  /** The reason of a `resubmit`. */
  readonly reason: string;
  readonly tag: string;
  /** The images of its main tasks. */
  readonly image: string;
  /** The number of its allocations that run now. */
  readonly running: number;
}

/** The results of a check of `doctor`. */
export const FINDING_STATES = ['fine', 'warning', 'broken', 'not-checked'] as const;

/** The result of one check of `doctor`. */
export interface FindingRecord {
  readonly check: string;
  readonly state: (typeof FINDING_STATES)[number];
  readonly text: string;
  /** The action against it. */
  readonly fix?: string;
  /** The job, where the run has several. */
  readonly job?: string;
  /** The cluster of the configuration file, where the run has several. */
  readonly cluster?: string;
}

/** The version that a rollback brought back. Unknown parts are empty. */
export interface RevertRecord {
  readonly version: number;
  readonly tag: string;
  readonly commit: string;
  /** The names of the secrets that it reads. */
  readonly secrets: readonly string[];
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
  readonly failureReason?: Reason | `${Reason}-${Rollback}`;
  readonly cause?: string;
  /** The app of the configuration file. */
  readonly app?: string;
  /** The cluster of the configuration file. */
  readonly cluster?: string;
  /** The wave, from 1. */
  readonly wave?: number;
  readonly jobId?: string;
  readonly jobVersion?: number;
  readonly previousVersion?: number;
  /** The tag of the version. */
  readonly tag?: string;
  /** The older version that `revert` registered again. */
  readonly revertedTo?: RevertRecord;
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
  /** The name and the digest of `image`, as actions/attest takes them; none of an image of the local engine. */
  readonly imageName?: string;
  readonly imageDigest?: string;
  /** True: this run built `image`, so its attestation is a matter of this run. */
  readonly imageBuilt?: boolean;
  readonly images?: Readonly<Record<string, string>>;
  /** The bytes of the compressed layers of each image, by its name and by platform (`linux/amd64`): a node without any of them pulls so much. */
  readonly imageSizes?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** The attestations that each image has of its build, by its name: `provenance`, `sbom`. */
  readonly attested?: Readonly<Record<string, readonly string[]>>;
  /** Address of the signed attestation of `image`, which the job links to. */
  readonly attestation?: string;
  /** The images that this run built or found and did not deploy, by name: a registered job runs the same one. */
  readonly unusedImages?: Readonly<Record<string, string>>;
  /** The run and commit of an image that another run built. */
  readonly builtBy?: { readonly run?: string; readonly revision?: string };
  /** The earlier deploy of the image in another environment. */
  readonly promotedFrom?: Promotion;
  readonly changed?: string;
  /** A value for `approved-plan`; a line for each of several jobs. */
  readonly planFingerprint?: string;
  /** The ports of the running allocations, of the command `urls`. */
  readonly ports?: readonly PortRecord[];
  /** The versions that Nomad keeps, the newest first, of the command `history`. */
  readonly versions?: readonly VersionRecord[];
  /** The checks of the command `doctor`, in their order. */
  readonly findings?: readonly FindingRecord[];
  /** Each job of `waves`: its place, its outcome, and the version that runs there. */
  readonly waves?: readonly PlaceRecord[];
  /** Each job of a run that has several. */
  readonly jobs?: readonly Result[];
  /** Path of the rendered job as JSON. */
  readonly spec?: string;
  /** The findings of `lint`. */
  readonly lint?: LintReport;
  /** Path of the findings of `lint` in SARIF. */
  readonly sarifFile?: string;
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
  /** The place that the groups find on the nodes, in sentences. */
  readonly forecast?: readonly string[];
  readonly warnings?: readonly string[];
  /** The differences between the throw-away agent of `rehearse` and the real cluster. */
  readonly rehearsal?: readonly string[];
  readonly evidence?: readonly Evidence[];
  /** The allocations of the version of this run. */
  readonly allocations?: readonly AllocationRecord[];
  /** The stages in their order. */
  readonly stages?: readonly Stage[];
  /** Milliseconds per stage. */
  readonly timings?: Readonly<Record<string, number>>;
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
  /** Address of the signed attestation of the image. */
  readonly attestation?: string;
}
