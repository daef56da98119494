import type { Jobspec } from '../jobspec/index.ts';
import { type Nomad, rulesOf } from '../nomad/index.ts';
import type { Allocation, Deployment, RegisteredJob } from '../nomad/types.ts';
import { provenanceOf } from '../target/index.ts';

/** The state of a job in the cluster before this run writes anything. */
export interface Live {
  readonly job: RegisteredJob | undefined;
  /** The deployment of its newest version. */
  readonly deployment: Deployment | undefined;
  /** Versions that did not turn out well, the newest first. */
  readonly tried: readonly { readonly version: number; readonly specHash: string | undefined; readonly how: string }[];
  /** The groups of the newest version that did not turn out well; none where it did, or is under way. */
  readonly failing: Failing;
}

interface Failing {
  /** The groups with unhealthy allocations; all groups, where nothing tells which. */
  readonly unhealthy: readonly string[];
  /** The groups with fewer allocations than their count, which Nomad does not start again. */
  readonly down: readonly string[];
}

const NONE: Failing = { unhealthy: [], down: [] };

/** Reads the registered job, the deployment of its version, and how older ones ended. */
export async function readLive({ job: { ID }, namespace }: Pick<Jobspec, 'job' | 'namespace'>, nomad: Nomad): Promise<Live> {
  const job = await nomad.jobs.read(ID, namespace);
  if (job === undefined) return { job, deployment: undefined, tried: [], failing: NONE };
  const deployments = await nomad.jobs.deployments(ID, namespace);
  const failed = deployments.filter(
    ({ Status, JobVersion }) => Status === 'failed' || (Status === 'cancelled' && JobVersion === job.Version),
  );
  const own = failed.find(({ JobVersion }) => JobVersion === job.Version);
  const versions = failed.some(({ JobVersion }) => JobVersion !== job.Version) ? await nomad.jobs.versions(ID, namespace) : [job];
  const hashOf = (version: number): string | undefined => provenanceOf(versions.find(({ Version }) => Version === version)).spec;
  const tried = failed.map(({ JobVersion: version, StatusDescription: how }) => ({ version, specHash: hashOf(version), how }));
  const allocations = own !== undefined || mayHaveEnded(job) ? await lastAllocations(job, namespace, nomad) : [];
  // A deployment tells more about a version than that nothing of it runs now.
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

async function lastAllocations({ ID, Version }: RegisteredJob, namespace: string, nomad: Nomad): Promise<Allocation[]> {
  const all = await nomad.jobs.allocations(ID, namespace, 0, nomad.clock.timeout(READ_MS));
  return all.value.filter(({ JobVersion, NextAllocation }) => JobVersion === Version && !NextAllocation);
}

/** Returns the end of a dead job in words: a batch job that failed, or a service that Nomad has given up; undefined for a batch job that succeeded. */
function howEnded(job: RegisteredJob, last: readonly Allocation[]): string | undefined {
  const failed = last.filter(({ ClientStatus }) => ClientStatus !== 'complete').length;
  const told = failed === 0 ? undefined : `${failed} of ${last.length} allocations failed`;
  return rulesOf(job).kind === 'batch' ? told : `nothing of it runs any more${told === undefined ? '' : ` (${told})`}`;
}

function failingGroups(job: RegisteredJob, deployment: Deployment | undefined, last: readonly Allocation[]): Failing {
  const { TaskGroups } = job;
  const names = (TaskGroups ?? []).map(({ Name }) => Name);
  const isWell = rulesOf(job).kind === 'batch' ? /^(running|pending|complete)$/ : /^(running|pending)$/;
  const up = (group: string): number =>
    last.filter(({ TaskGroup, ClientStatus }) => TaskGroup === group && isWell.test(ClientStatus)).length;
  const down = names.filter((name) => up(name) < (TaskGroups?.find(({ Name }) => Name === name)?.Count ?? 1));
  const unhealthy = names.filter((name) => (deployment?.TaskGroups?.[name]?.UnhealthyAllocs ?? 0) > 0);
  // Groups that are not counted as unhealthy may be unjudged. A deployment that a person failed names no group at all: any may be the reason.
  return { unhealthy: unhealthy.length + down.length === 0 ? names : unhealthy, down };
}

/** Returns the notice that a version with this very spec failed before, if this deploy tries it again. */
export function triedBefore({ job, tried }: Live, specHash: string): string | undefined {
  const isTried = tried.some(({ version }) => version === job?.Version);
  if (!isTried && provenanceOf(job).spec === specHash) return undefined;
  const before = tried.find((version) => version.specHash === specHash);
  return before === undefined
    ? undefined
    : `Version ${before.version} was this very spec: ${before.how}. It is tried again, as a new version.`;
}

/** The limit for a single request, an outage included. */
const READ_MS = 10_000;
