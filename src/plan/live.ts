import type { Jobspec } from '../jobspec/index.ts';
import { hasAttemptsLeft, isDone, type Nomad, rulesOf } from '../nomad/index.ts';
import type { Allocation, Deployment, RegisteredJob } from '../nomad/types.ts';
import { provenanceOf } from '../target/index.ts';

/** The state of a job in the cluster before this run writes anything. */
export interface Live {
  readonly job: RegisteredJob | undefined;
  /** The deployment of its newest version. */
  readonly deployment: Deployment | undefined;
  /** Failed versions, the newest first. */
  readonly tried: readonly { readonly version: number; readonly specHash: string | undefined; readonly how: string }[];
  /** The failed groups of the newest version; none where it is healthy or under way. */
  readonly failing: Failing;
}

interface Failing {
  /** The groups with unhealthy allocations; all groups where they are not known. */
  readonly unhealthy: readonly string[];
  /** The groups with fewer allocations than their count that Nomad does not start again. */
  readonly down: readonly string[];
}

const NONE: Failing = { unhealthy: [], down: [] };

/** Reads the registered job, the deployment of its version, and how older ones ended. */
export async function readLive({ job: { ID }, namespace }: Pick<Jobspec, 'job' | 'namespace'>, nomad: Nomad): Promise<Live> {
  const found = await nomad.jobs.read(ID, namespace);
  if (found === undefined) return { job: found, deployment: undefined, tried: [], failing: NONE };
  const deployments = await nomad.jobs.deployments(ID, namespace);
  const failed = deployments.filter(
    ({ Status, JobVersion }) => Status === 'failed' || (Status === 'cancelled' && JobVersion === found.Version),
  );
  const own = failed.find(({ JobVersion }) => JobVersion === found.Version);
  const versions = failed.some(({ JobVersion }) => JobVersion !== found.Version) ? await nomad.jobs.versions(ID, namespace) : [found];
  const hashOf = (version: number): string | undefined => provenanceOf(versions.find(({ Version }) => Version === version)).spec;
  const tried = failed.map(({ JobVersion: version, StatusDescription: how }) => ({ version, specHash: hashOf(version), how }));
  const allocations = own !== undefined || mayHaveEnded(found) ? await lastAllocations(found, namespace, nomad) : [];
  const job = mayHaveEnded(found) ? { ...found, Status: await endStatus(found, allocations, namespace, nomad) } : found;
  // The deployment of a version says more than the missing allocations.
  const ended = own === undefined && mayHaveEnded(job) ? howEnded(job, allocations) : undefined;
  const all = [
    ...(job.Stop ? [{ version: job.Version, specHash: hashOf(job.Version), how: 'the job was stopped' }] : []),
    ...(ended === undefined ? [] : [{ version: job.Version, specHash: hashOf(job.Version), how: ended }]),
    ...tried.sort((a, b) => b.version - a.version),
  ];
  return {
    job,
    deployment: deployments.find(({ JobVersion }) => JobVersion === job.Version),
    tried: all,
    failing: all.some(({ version }) => version === job.Version) ? failingGroups(job, own, allocations) : NONE,
  };
}

/** Returns whether a job is dead without having been stopped. */
function mayHaveEnded(job: RegisteredJob): boolean {
  return job.Status === 'dead' && !job.Stop && !job.Periodic && !job.ParameterizedJob && rulesOf(job).count !== 0;
}

/**
 * Returns the status of a dead job, read once more where a failed allocation has attempts left: Nomad stores a failure before the evaluation that
 * reschedules the allocation, and calls the job dead in between.
 */
async function endStatus(job: RegisteredJob, last: readonly Allocation[], namespace: string, nomad: Nomad): Promise<string> {
  if (!last.some((allocation) => hasAttemptsLeft(allocation, job))) return job.Status;
  return (await nomad.jobs.read(job.ID, namespace))?.Status ?? job.Status;
}

async function lastAllocations({ ID, Version }: RegisteredJob, namespace: string, nomad: Nomad): Promise<Allocation[]> {
  const all = await nomad.jobs.allocations(ID, namespace, 0, nomad.patience());
  return all.value.filter(({ JobVersion, NextAllocation }) => JobVersion === Version && !NextAllocation);
}

/** Returns the end of a dead job, as the end of a sentence; undefined for a batch job that succeeded. */
function howEnded(job: RegisteredJob, last: readonly Allocation[]): string | undefined {
  const failed = last.filter((allocation) => !isDone(allocation)).length;
  const told = failed === 0 ? undefined : `${failed} of ${last.length} allocations failed`;
  return rulesOf(job).kind === 'batch' ? told : `none of its allocations is running${told === undefined ? '' : ` (${told})`}`;
}

function failingGroups(job: RegisteredJob, deployment: Deployment | undefined, last: readonly Allocation[]): Failing {
  const { TaskGroups } = job;
  const names = (TaskGroups ?? []).map(({ Name }) => Name);
  const isBatch = rulesOf(job).kind === 'batch';
  const isWell = (allocation: Allocation): boolean =>
    /^(running|pending)$/.test(allocation.ClientStatus) || (isBatch && isDone(allocation));
  const up = (group: string): number => last.filter((allocation) => allocation.TaskGroup === group && isWell(allocation)).length;
  const down = names.filter((name) => up(name) < (TaskGroups?.find(({ Name }) => Name === name)?.Count ?? 1));
  const unhealthy = names.filter((name) => (deployment?.TaskGroups?.[name]?.UnhealthyAllocs ?? 0) > 0);
  // A deployment that a person failed names no unhealthy group, so every group may be the reason.
  return { unhealthy: unhealthy.length + down.length === 0 ? names : unhealthy, down };
}

/** Returns the notice that a version with this very spec failed before, if this deploy tries it again. */
export function triedBefore({ job, tried }: Live, specHash: string): string | undefined {
  const isTried = tried.some(({ version }) => version === job?.Version);
  if (!isTried && provenanceOf(job).spec === specHash) return undefined;
  const before = tried.find((version) => version.specHash === specHash);
  return before === undefined ? undefined : `Version ${before.version} had the same spec: ${before.how}. A new version tries it again.`;
}
