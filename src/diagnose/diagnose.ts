import type { About } from '../errors.ts';
import type { Nomad } from '../nomad/index.ts';
import type { Allocation, Job } from '../nomad/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { withoutCredentials } from '../text/index.ts';
import { allocationCause } from './allocation.ts';
import { readCheck } from './check.ts';
import { collectEvidence, type Evidence, refreshEvidence, seenEvidence } from './evidence.ts';
import { placementPart, suspectedConstraints } from './placement.ts';
import type { Snapshot, Verdict } from './seen.ts';
import { type Cause, causeOf, RANKS } from './sentence.ts';
import { oneOfEach, taskCauses } from './task.ts';

/** Allocations beyond these rarely tell anything new. */
const MAX_ALLOCATIONS = 3;

/** Why a rollout failed, and what shows it. */
export interface Diagnosis {
  /** One sentence: group/task, what happened, what to do. */
  readonly cause: string;
  /** What of the spec it belongs to. */
  readonly about: About;
  readonly evidence: readonly Evidence[];
}

export interface Diagnosing {
  /** The job as it was registered. */
  readonly job: Job;
  readonly namespace: string;
  /** How many lines of each log are read. */
  readonly logLines: number;
  /** Evidence of some allocations that was collected before, while it was there. */
  readonly collected: readonly Evidence[];
  /** The job is the built-in template's; false by default. */
  readonly builtIn?: boolean;
}

/**
 * Finds the cause of a failed verdict in the allocations that were seen, by the evidence that was collected before and what the cluster can still tell.
 * Asks nothing about an allocation whose evidence was collected.
 */
export async function diagnose(
  verdict: Exclude<Verdict, { outcome: 'successful' }>,
  snapshot: Snapshot,
  { job, namespace, logLines, collected, builtIn = false }: Diagnosing,
  nomad: Nomad,
  runtime: Pick<Runtime, 'clock' | 'signal' | 'redact'>,
): Promise<Diagnosis> {
  // All of it is well for Nomad: what was asked tells more.
  if (verdict.outcome === 'failed' && verdict.reason === 'verification-failed')
    return { cause: verdict.description, about: { kind: 'none' }, evidence: collected };
  const { redact } = runtime;
  const clean = (text: string): string => withoutCredentials(redact(text));
  const suspects = oneOfEach(suspectAllocations(snapshot, job, collected, redact)).slice(0, MAX_ALLOCATIONS);
  const evidence = await Promise.all(
    suspects.map(async (allocation) => {
      const earlier = collected.findLast(({ allocationId }) => allocationId === allocation.ID);
      const found =
        earlier === undefined
          ? await collectEvidence(allocation, { job, namespace, logLines }, nomad, runtime).catch(() => seenEvidence(allocation, redact))
          : refreshEvidence(earlier, allocation, redact);
      // What was seen of the checks while it ran.
      const checks = snapshot.checks?.[allocation.ID] ?? [];
      return found.checks.length > 0 ? found : { ...found, checks: checks.map((check) => readCheck(check, clean)) };
    }),
  );
  if (verdict.outcome !== 'failed' && verdict.outcome !== 'timed-out')
    return { cause: verdict.description, about: { kind: 'none' }, evidence };
  const advised = { builtIn, timedOut: verdict.outcome === 'timed-out' };
  const causes = suspects.flatMap((allocation, index) => allocationCause(allocation, job, evidence[index], redact, advised) ?? []);
  const best = causes.sort((a, b) => b.rank - a.rank)[0];
  const proven = best !== undefined && best.rank > RANKS.waiting ? best : await heldUpCause(snapshot, { job, namespace }, nomad, runtime);
  // What merely waits may do so because the rest of its group has no place.
  const cause =
    proven ??
    (await unplacedCause(snapshot, job, nomad, redact, builtIn)) ??
    best ??
    unfinishedCause(verdict.description, snapshot, redact, builtIn);
  return { cause: cause.sentence, about: cause.about, evidence };
}

/** Allocations that are not well, those that tell most first, then the newest; one that was stopped before it was judged has nothing to tell. */
function suspectAllocations(
  { allocations }: Snapshot,
  job: Job,
  collected: readonly Evidence[],
  redact: (text: string) => string,
): Allocation[] {
  const rank = (allocation: Allocation): number =>
    allocationCause(
      allocation,
      job,
      collected.find(({ allocationId }) => allocationId === allocation.ID),
      redact,
    )?.rank ?? -1;
  return allocations
    .filter((allocation) => {
      const { ClientStatus, DesiredStatus, DeploymentStatus } = allocation;
      if (/^(failed|lost|unknown)$/.test(ClientStatus) || DeploymentStatus?.Healthy === false) return true;
      if (DeploymentStatus?.Healthy === true) return false;
      return taskCauses(allocation).length > 0 || (ClientStatus !== 'complete' && DesiredStatus === 'run');
    })
    .map((allocation) => ({ allocation, rank: rank(allocation) }))
    .sort((a, b) => b.rank - a.rank || b.allocation.CreateIndex - a.allocation.CreateIndex)
    .map(({ allocation }) => allocation);
}

/** How long the question about older versions may take. */
const OLDER_VERSIONS_MS = 10_000;

/** An allocation of an older version on a node that does not answer: as long as Nomad can't end it there, the new version is not complete. */
async function heldUpCause(
  { deployment, allocations }: Snapshot,
  { job, namespace }: Pick<Diagnosing, 'job' | 'namespace'>,
  nomad: Nomad,
  { signal, redact, clock }: Pick<Runtime, 'signal' | 'redact' | 'clock'>,
): Promise<Cause | undefined> {
  const version = deployment?.JobVersion ?? allocations[0]?.JobVersion;
  if (version === undefined) return undefined;
  const soon = AbortSignal.any([signal, clock.timeout(OLDER_VERSIONS_MS)]);
  const all = (await nomad.jobs.allocations(job.ID, namespace, 0, soon).catch(() => undefined))?.value ?? [];
  const older = all.filter(({ JobVersion, TaskGroup, ClientStatus }) => {
    const { HealthyAllocs = 0, DesiredTotal = 1 } = deployment?.TaskGroups?.[TaskGroup] ?? {};
    return JobVersion < version && HealthyAllocs < DesiredTotal && /^(running|unknown)$/.test(ClientStatus);
  });
  const suspected = older.some(({ ClientStatus }) => ClientStatus === 'running');
  // Before Nomad calls the allocation unknown, only its node tells.
  const nodes = (suspected ? await nomad.nodes.list().catch(() => undefined) : undefined) ?? [];
  const silent = (name: string): boolean => nodes.some(({ Name, Status }) => Name === name && /^(down|disconnected)$/.test(Status));
  const held = older.find(({ ClientStatus, NodeName }) => ClientStatus === 'unknown' || silent(NodeName));
  if (held === undefined) return undefined;
  const { ID, JobVersion, NodeName, TaskGroup } = held;
  const replace = job.TaskGroups?.find(({ Name }) => Name === TaskGroup)?.Disconnect?.Replace;
  const instead =
    replace === false ? ', or set `replace = true` in `disconnect`' : replace === true ? ', or lower `lost_after` of `disconnect`' : '';
  return causeOf(
    {
      where: `group ${TaskGroup}`,
      text: `allocation ${ID.slice(0, 8)} of the older version ${JobVersion} holds up the new one: its node ${NodeName} is disconnected or down`,
      advice: `bring that node back${instead}`,
      certain: false,
      about: { kind: 'group', group: TaskGroup },
      rank: RANKS.failed,
    },
    redact,
  );
}

/** Why some of a group found no place, if it still has none. */
async function unplacedCause(
  { evaluation, deployment, allocations }: Snapshot,
  job: Job,
  nomad: Nomad,
  redact: (text: string) => string,
  builtIn: boolean,
): Promise<Cause | undefined> {
  const unplaced = Object.entries(evaluation?.FailedTGAllocs ?? {}).find(([group]) => {
    const { PlacedAllocs, DesiredTotal } = deployment?.TaskGroups?.[group] ?? {};
    const wanted = DesiredTotal ?? job.TaskGroups?.find(({ Name }) => Name === group)?.Count ?? 1;
    return (PlacedAllocs ?? allocations.filter(({ TaskGroup }) => TaskGroup === group).length) < wanted;
  });
  if (unplaced === undefined) return undefined;
  const [group, metric] = unplaced;
  // What would fit is only told to those who may see the nodes.
  const nodes = await nomad.nodes.list().catch(() => undefined);
  const { DesiredCanaries = 0, Promoted = false } = deployment?.TaskGroups?.[group] ?? {};
  const unmet = nodes === undefined ? [] : await nomad.nodes.unmet(suspectedConstraints(group, metric, job)).catch(() => []);
  const fitting = { builtIn, canaries: Promoted ? 0 : DesiredCanaries, unmet };
  return causeOf(placementPart(group, metric, job, nodes, evaluation?.QuotaLimitReached ?? undefined, fitting), redact, builtIn);
}

/** Nothing is wrong with what there is: there only was not enough of it in time. */
function unfinishedCause(description: string, { deployment }: Snapshot, redact: (text: string) => string, builtIn: boolean): Cause {
  const behind = Object.entries(deployment?.TaskGroups ?? {}).find(([, { HealthyAllocs, DesiredTotal }]) => HealthyAllocs < DesiredTotal);
  const none = { certain: false, rank: RANKS.unknown } as const;
  if (behind === undefined || deployment?.StatusDescription === undefined || !/progress deadline/.test(deployment.StatusDescription))
    return { ...none, sentence: description, about: { kind: 'none' } };
  const [group, { HealthyAllocs, DesiredTotal }] = behind;
  const text = `${HealthyAllocs} of ${DesiredTotal} allocations were healthy when progress_deadline was over`;
  return causeOf(
    {
      ...none,
      where: `group ${group}`,
      text,
      advice: 'raise `progress_deadline`, or see what takes so long',
      about: { kind: 'progress_deadline', group },
    },
    redact,
    builtIn,
  );
}
