import type { About } from '../errors.ts';
import type { Nomad } from '../nomad/index.ts';
import type { Allocation, Job } from '../nomad/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { withoutCredentials } from '../text/index.ts';
import { allocationCause } from './allocation.ts';
import { readCheck } from './check.ts';
import type { ReadConsul } from './consul.ts';
import { collectEvidence, type Evidence, refreshEvidence, seenEvidence } from './evidence.ts';
import { placementPart, suspectedConstraints } from './placement.ts';
import { type Snapshot, shortId, type Verdict } from './seen.ts';
import { type Cause, causeOf, RANKS } from './sentence.ts';
import { oneOfEach, taskCauses } from './task.ts';

/** The number of allocations that are read: more rarely tell anything new. */
const MAX_ALLOCATIONS = 3;

/** The time of all questions after a failure, in which an outage of a minute ends, and after a timeout, in which Nomad was asked long enough. */
const QUESTIONS_MS = { failed: 70_000, 'timed-out': 10_000 };

/** The longest question about older versions, in milliseconds. */
const OLDER_VERSIONS_MS = 10_000;

/** Why a rollout failed, and what shows it. */
export interface Diagnosis {
  /** One sentence: `group/task`, what happened, what to do. */
  readonly cause: string;
  /** The part of the spec that it belongs to. */
  readonly about: About;
  readonly evidence: readonly Evidence[];
}

export interface Diagnosing {
  /** The job as it was registered. */
  readonly job: Job;
  readonly namespace: string;
  readonly nomad: Nomad;
  readonly runtime: Pick<Runtime, 'clock' | 'signal' | 'redact'>;
  /** The number of lines of each log that are read. */
  readonly logLines: number;
  /** Evidence of some allocations that was collected earlier. */
  readonly collected: readonly Evidence[];
  /** Reads the checks in Consul; undefined where no address is given. */
  readonly consul?: ReadConsul | undefined;
  /** The job is the built-in template's; false by default. */
  readonly builtIn?: boolean;
}

/**
 * Finds the cause of a failed verdict in the allocations of the snapshot, from the evidence that was collected earlier and from what the cluster still has.
 * Asks nothing about an allocation whose evidence was collected.
 */
export async function diagnose(
  verdict: Exclude<Verdict, { outcome: 'successful' }>,
  snapshot: Snapshot,
  asked: Diagnosing,
): Promise<Diagnosis> {
  const { clock, signal } = asked.runtime;
  const late = clock.timeout(verdict.outcome === 'failed' ? QUESTIONS_MS.failed : QUESTIONS_MS['timed-out']);
  const diagnosing = { ...asked, runtime: { ...asked.runtime, signal: AbortSignal.any([signal, late]) } };
  const { collected } = diagnosing;
  const described = { cause: verdict.description, about: { kind: 'none' } } as const;
  // Nomad calls these allocations healthy, so only the check of `verify` explains the failure.
  if (verdict.outcome === 'failed' && verdict.reason === 'verification-failed') return { ...described, evidence: collected };
  const suspects = oneOfEach(suspectAllocations(snapshot, diagnosing)).slice(0, MAX_ALLOCATIONS);
  const evidence = await Promise.all(suspects.map(async (allocation) => evidenceOf(allocation, snapshot, diagnosing)));
  if (verdict.outcome !== 'failed' && verdict.outcome !== 'timed-out') return { ...described, evidence };
  const { job, builtIn = false, runtime } = diagnosing;
  const advised = { redact: runtime.redact, builtIn, ...(verdict.outcome === 'timed-out' && { timedOut: true, nowMs: clock.now() }) };
  const causes = suspects.flatMap((allocation, index) => allocationCause(allocation, job, evidence[index], advised) ?? []);
  const best = causes.sort((a, b) => b.rank - a.rank)[0];
  const failure = best !== undefined && best.rank > RANKS.waiting ? best : undefined;
  const proven = failure ?? pausedCause(verdict, snapshot) ?? (await heldUpCause(snapshot, diagnosing));
  // An allocation may wait only because the rest of its group has no place.
  const cause = proven ?? (await unplacedCause(snapshot, diagnosing)) ?? best ?? unfinishedCause(verdict, snapshot, diagnosing);
  return { cause: cause.sentence, about: cause.about, evidence };
}

/** Returns the cause that a deployment was paused at the end of `timeout`: Nomad gives no verdict on it (since 2.0.1), and places nothing. */
function pausedCause({ outcome }: Verdict, { deployment }: Snapshot): Cause | undefined {
  if (outcome !== 'timed-out' || deployment?.Status !== 'paused') return undefined;
  const sentence = `the deployment is paused (by a person or a tool), and Nomad gives no verdict on it; resume it with nomad deployment resume ${shortId(deployment.ID)}`;
  return { sentence, certain: false, about: { kind: 'none' }, rank: RANKS.failed };
}

async function evidenceOf(allocation: Allocation, snapshot: Snapshot, diagnosing: Diagnosing): Promise<Evidence> {
  const { nomad, runtime, collected } = diagnosing;
  const { redact } = runtime;
  const earlier = collected.findLast(({ allocationId }) => allocationId === allocation.ID);
  const found =
    earlier === undefined
      ? await collectEvidence(allocation, diagnosing, nomad, runtime).catch(() => seenEvidence(allocation, redact))
      : refreshEvidence(earlier, allocation, redact);
  if (found.checks.length > 0) return found;
  const seen = snapshot.checks?.[allocation.ID] ?? [];
  return { ...found, checks: seen.map((check) => readCheck(check, (text) => withoutCredentials(redact(text)))) };
}

/** Returns the allocations that are not healthy, those with the highest rank first, then the newest; without those that were stopped before a verdict. */
function suspectAllocations({ allocations }: Snapshot, { job, collected, runtime: { redact } }: Diagnosing): Allocation[] {
  const rank = (allocation: Allocation): number => {
    const evidence = collected.find(({ allocationId }) => allocationId === allocation.ID);
    return allocationCause(allocation, job, evidence, { redact })?.rank ?? -1;
  };
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

/** Returns the cause that an allocation of an older version is on a node that does not answer: until Nomad can end it there, the new version is incomplete. */
async function heldUpCause({ deployment, allocations }: Snapshot, diagnosing: Diagnosing): Promise<Cause | undefined> {
  const { job, namespace, nomad, runtime } = diagnosing;
  const version = deployment?.JobVersion ?? allocations[0]?.JobVersion;
  if (version === undefined) return undefined;
  const soon = AbortSignal.any([runtime.signal, runtime.clock.timeout(OLDER_VERSIONS_MS)]);
  const all = (await nomad.jobs.allocations(job.ID, namespace, 0, soon).catch(() => undefined))?.value ?? [];
  const older = all.filter(({ JobVersion, TaskGroup, ClientStatus }) => {
    const { HealthyAllocs = 0, DesiredTotal = 1 } = deployment?.TaskGroups?.[TaskGroup] ?? {};
    return JobVersion < version && HealthyAllocs < DesiredTotal && /^(running|unknown)$/.test(ClientStatus);
  });
  const suspected = older.some(({ ClientStatus }) => ClientStatus === 'running');
  // Until Nomad calls the allocation unknown, only the status of its node shows the problem.
  const nodes = (suspected ? await nomad.nodes.list(runtime.signal).catch(() => undefined) : undefined) ?? [];
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
      text: `waits for allocation ${ID.slice(0, 8)} of the older version ${JobVersion}: the node ${NodeName} is disconnected or down`,
      advice: `reconnect that node${instead}`,
      certain: false,
      about: { kind: 'group', group: TaskGroup },
      rank: RANKS.failed,
    },
    runtime.redact,
  );
}

/** Returns why a part of a group could not be placed; undefined where all of it has a place. */
async function unplacedCause({ evaluation, deployment, allocations }: Snapshot, diagnosing: Diagnosing): Promise<Cause | undefined> {
  const { job, nomad, runtime, builtIn = false } = diagnosing;
  const unplaced = Object.entries(evaluation?.FailedTGAllocs ?? {}).find(([group]) => {
    const { PlacedAllocs, DesiredTotal } = deployment?.TaskGroups?.[group] ?? {};
    const wanted = DesiredTotal ?? job.TaskGroups?.find(({ Name }) => Name === group)?.Count ?? 1;
    return (PlacedAllocs ?? allocations.filter(({ TaskGroup }) => TaskGroup === group).length) < wanted;
  });
  if (unplaced === undefined) return undefined;
  const [group, metric] = unplaced;
  // A token without `node:read` does not see the nodes; the cause then names no sizes.
  const nodes = await nomad.nodes.list(runtime.signal).catch(() => undefined);
  const { DesiredCanaries = 0, Promoted = false } = deployment?.TaskGroups?.[group] ?? {};
  const unmet =
    nodes === undefined ? [] : await nomad.nodes.unmet(suspectedConstraints(group, metric, job), runtime.signal).catch(() => []);
  const quota = evaluation?.QuotaLimitReached ?? undefined;
  const fitting = {
    nodes,
    quota,
    missing: await missingResources(evaluation, group, diagnosing),
    builtIn,
    canaries: Promoted ? 0 : DesiredCanaries,
    unmet,
  };
  return causeOf(placementPart(group, metric, job, fitting), runtime.redact, builtIn);
}

/** Returns the resources beside the nodes that an evaluation misses. Only its blocked successor has their names (from 2.0.5 on). */
async function missingResources(
  evaluation: Snapshot['evaluation'],
  group: string,
  { job, namespace, nomad, runtime }: Diagnosing,
): Promise<readonly string[]> {
  const { MissingNonNodeResources: own, BlockedEval } = evaluation ?? {};
  const volumes = job.TaskGroups?.find(({ Name }) => Name === group)?.Volumes ?? {};
  if (own || !BlockedEval || !Object.values(volumes).some(({ Type }) => Type === 'csi')) return own ?? [];
  const soon = AbortSignal.any([runtime.signal, runtime.clock.timeout(OLDER_VERSIONS_MS)]);
  const blocked = await nomad.evaluations.read(BlockedEval, namespace, 0, soon).catch(() => undefined);
  return blocked?.value?.MissingNonNodeResources ?? [];
}

/** Returns the cause that too few allocations were healthy in time, where no allocation failed. */
function unfinishedCause(
  verdict: Extract<Verdict, { description: string }>,
  { deployment }: Snapshot,
  { runtime, builtIn = false }: Diagnosing,
): Cause {
  const behind = Object.entries(deployment?.TaskGroups ?? {}).find(([, { HealthyAllocs, DesiredTotal }]) => HealthyAllocs < DesiredTotal);
  const none = { certain: false, rank: RANKS.unknown } as const;
  if (behind === undefined || verdict.outcome !== 'failed' || verdict.reason !== 'progress-deadline')
    return { ...none, sentence: verdict.description, about: { kind: 'none' } };
  const [group, { HealthyAllocs, DesiredTotal }] = behind;
  return causeOf(
    {
      ...none,
      where: `group ${group}`,
      text: `has ${HealthyAllocs} of ${DesiredTotal} allocations healthy at the end of progress_deadline`,
      advice: 'raise `progress_deadline`',
      about: { kind: 'progress_deadline', group },
    },
    runtime.redact,
    builtIn,
  );
}
