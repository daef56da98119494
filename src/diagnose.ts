import { type TaskCause, taskCauses } from './cause.ts';
import { collectEvidence, type Evidence } from './evidence.ts';
import type { Nomad } from './nomad/index.ts';
import type { Allocation, Job } from './nomad/types.ts';
import { describePlacement } from './placement.ts';
import { type Snapshot, shortId, type Verdict } from './rollout.ts';
import type { Runtime } from './runtime/runtime.ts';

/** Allocations beyond these rarely tell anything new. */
const MAX_ALLOCATIONS = 3;

/** Why a rollout failed, and what shows it. */
export interface Diagnosis {
  /** One sentence: group/task, what happened. */
  readonly cause: string;
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
}

/**
 * Finds the cause of a failed verdict in the allocations that were seen, by the evidence that was collected before and what the cluster can still tell.
 */
export async function diagnose(
  verdict: Exclude<Verdict, { outcome: 'successful' }>,
  snapshot: Snapshot,
  { job, namespace, logLines, collected }: Diagnosing,
  nomad: Nomad,
  runtime: Pick<Runtime, 'clock' | 'signal'>,
): Promise<Diagnosis> {
  // All of it is well for Nomad: what was asked tells more.
  if (verdict.outcome === 'failed' && verdict.reason === 'verification-failed') return { cause: verdict.description, evidence: collected };
  const suspects = suspectAllocations(snapshot).slice(0, MAX_ALLOCATIONS);
  const evidence = await Promise.all(
    suspects.map(
      async (allocation) =>
        collected.find(({ allocationId }) => allocationId === allocation.ID) ??
        collectEvidence(allocation, { namespace, logLines }, nomad, runtime),
    ),
  );
  return { cause: causeOf(verdict, snapshot, suspects, evidence, job), evidence };
}

/** Allocations that are not well, the newest first; a healthy one has nothing to tell. */
function suspectAllocations({ allocations }: Snapshot): Allocation[] {
  return allocations
    .filter(
      ({ ClientStatus, DeploymentStatus }) => ClientStatus === 'failed' || ClientStatus === 'lost' || DeploymentStatus?.Healthy !== true,
    )
    .sort((a, b) => Number(taskCauses(b).length > 0) - Number(taskCauses(a).length > 0) || b.CreateIndex - a.CreateIndex);
}

function causeOf(
  verdict: Exclude<Verdict, { outcome: 'successful' }>,
  { evaluation }: Snapshot,
  suspects: readonly Allocation[],
  evidence: readonly Evidence[],
  job: Job,
): string {
  if (verdict.outcome !== 'failed' && verdict.outcome !== 'timed-out') return verdict.description;
  const causes = suspects.flatMap((allocation, index) => {
    const cause = taskCauses(allocation)[0];
    if (cause === undefined) return [];
    return [{ text: `${allocation.TaskGroup}/${cause.task}: ${cause.text}`, words: lastWords(cause, evidence[index]) }];
  });
  const best = causes.find(({ words }) => words !== '') ?? causes[0];
  if (best !== undefined) return `${best.text}${best.words}`;
  for (const [index, { checks }] of evidence.entries()) {
    const failing = checks.find(({ status }) => status === 'failure');
    if (failing !== undefined)
      return `${suspects[index]?.TaskGroup}: the check "${failing.name}" of service ${failing.service} fails: ${failing.output}`;
  }
  const unplaced = Object.entries(evaluation?.FailedTGAllocs ?? {})[0];
  if (unplaced !== undefined && suspects.length === 0) return describePlacement(...unplaced, job);
  const stuck = suspects[0];
  return stuck === undefined
    ? verdict.description
    : `${stuck.TaskGroup}: allocation ${shortId(stuck.ID)} is ${stuck.ClientStatus}, but did not become healthy: ${verdict.description}`;
}

/** What a task that exited by itself said last, which mostly is why. */
function lastWords({ task, exited }: TaskCause, evidence: Evidence | undefined): string {
  const logs = exited === true ? (evidence?.logs.filter((log) => log.task === task) ?? []) : [];
  const line = (logs.find(({ stream }) => stream === 'stderr') ?? logs[0])?.lines.findLast((candidate) => candidate.trim() !== '');
  return line === undefined ? '' : `, saying ${JSON.stringify(line.trim().slice(0, 200))}`;
}
