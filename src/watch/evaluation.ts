import type { Deployment, Evaluation } from '../nomad/types.ts';
import type { Registration } from '../register/index.ts';
import { parseTime } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { update, type Watch } from './state.ts';

/** The number of answers without an object after which it counts as gone: a server that is behind or was restored does not have it yet. */
const MAX_MISSES = 3;

/** The number while other answers show that the object exists. */
const MAX_DENIED_MISSES = 12;

/** The number while the answers are older than the registration: such a server is behind or was restored, and proves nothing. */
const MAX_OLDER_MISSES = 60;

/** The pause before Nomad is asked again for an object that it did not have. */
export const MISSED_MS = 500;

/** The pause before a pending evaluation is read again without an index, which a proxy may have removed. */
const UNINDEXED_MS = 900;

/** Returns the deployment of the registered version, if Nomad lists one. */
export async function ownDeployment({ nomad, registration, runtime }: Watch): Promise<Deployment | undefined> {
  const { jobId, namespace } = registration;
  return (await nomad.jobs.deployments(jobId, namespace, runtime.signal)).find((one) =>
    isOwn(registration, one.JobVersion, one.JobSpecModifyIndex),
  );
}

/** Returns whether a version is the registered one. A job that was purged and registered anew counts its versions from 0 again. */
export function isOwn({ version, jobModifyIndex }: Registration, itsVersion: number, itsModifyIndex: number | null | undefined): boolean {
  return itsVersion === version && (itsModifyIndex ?? 0) <= (jobModifyIndex ?? Number.POSITIVE_INFINITY);
}

/**
 * Asks again when an answer lacks the object, since a server that is behind or was restored may have given it. `since` is the index at which the object existed,
 * where that is known.
 */
export async function insist<T>(
  read: (index: number) => Promise<{ readonly value: T | undefined; readonly index: number }>,
  index: number,
  { clock, signal, since = 0 }: Pick<Runtime, 'clock' | 'signal'> & { readonly since?: number | undefined },
  isDenied: () => boolean = () => false,
): Promise<{ readonly value: T | undefined; readonly index: number }> {
  for (let asked = 1; ; asked++) {
    const answer = await read(asked === 1 ? index : 0);
    const limit = answer.index > 0 && answer.index < since ? MAX_OLDER_MISSES : isDenied() ? MAX_DENIED_MISSES : MAX_MISSES;
    if (answer.value !== undefined || asked >= limit) return answer;
    await clock.sleep(MISSED_MS, signal);
  }
}

/** Follows the evaluation of the registration, and those that continue its work, until it is processed; returns its deployment, if there is one. */
export async function followEvaluation(watch: Watch, evaluationId: string): Promise<string | undefined> {
  const { nomad, runtime, rules } = watch;
  const { namespace, jobModifyIndex: since } = watch.registration;
  let id = evaluationId;
  for (let index = 0; ; ) {
    const { value: evaluation, index: next } = await insist(
      async (at) => nomad.evaluations.read(id, namespace, at, runtime.signal),
      index,
      { ...runtime, since },
    );
    if (evaluation === undefined) return takeProcessed(watch, (await ownDeployment(watch))?.ID, id);
    index = next;
    if (evaluation.Status === 'pending') {
      if (index === 0) await runtime.clock.sleep(UNINDEXED_MS, runtime.signal);
      continue;
    }
    const successor = await successorOf(evaluation, watch);
    if (successor !== undefined) {
      id = successor;
      index = 0;
      continue;
    }
    // The evaluation of a system job does not always name its deployment.
    const deploymentId = evaluation.DeploymentID || (rules.kind === 'system' ? (await ownDeployment(watch))?.ID : undefined);
    update(watch, { evaluation: { ...evaluation, NextEval: '' }, deploymentId });
    return deploymentId;
  }
}

/** Evaluations that reschedule allocations later. */
const LATER = /^(alloc-failure|alloc-reschedule|max-disconnect-timeout)$/;

/** Returns the evaluation that continues the work of a failed or canceled one; undefined where none does. */
async function successorOf({ ID, Status, NextEval }: Evaluation, watch: Watch): Promise<string | undefined> {
  const { nomad, runtime, registration } = watch;
  const { jobId, namespace } = registration;
  if (Status === 'canceled') {
    const pending = pendingEvaluation(await nomad.jobs.evaluations(jobId, namespace, runtime.signal), registration);
    return pending?.ID === ID ? undefined : pending?.ID;
  }
  if (Status !== 'failed' || !NextEval) return undefined;
  // From 2.0 on, the next evaluation can also be one that reschedules an allocation of an older version later.
  const { value } = await nomad.evaluations.read(NextEval, namespace, 0, runtime.signal);
  const { TriggeredBy = '', WaitUntil } = value ?? {};
  const isLater = LATER.test(TriggeredBy ?? '') || (TriggeredBy !== 'failed-follow-up' && parseTime(WaitUntil ?? '') > 0);
  return isLater ? undefined : NextEval;
}

/** Returns the evaluation of the registration that was not taken up yet: it can wait in the batch queue of a node pool. */
function pendingEvaluation(evaluations: readonly Evaluation[], { jobModifyIndex }: Registration): Evaluation | undefined {
  return evaluations.find(
    ({ Status, TriggeredBy, JobModifyIndex }) =>
      Status === 'pending' && TriggeredBy === 'job-register' && (jobModifyIndex === undefined || JobModifyIndex === jobModifyIndex),
  );
}

/**
 * Continues after an evaluation that was processed unread (`missing` is its id, where it is known): another evaluation of the job may have the reason for a
 * missing placement, or still be pending.
 */
export async function takeProcessed(watch: Watch, deploymentId: string | undefined, missing?: string): Promise<string | undefined> {
  const { jobId, namespace } = watch.registration;
  const evaluations = await watch.nomad.jobs.evaluations(jobId, namespace, watch.runtime.signal);
  const pending = deploymentId === undefined ? pendingEvaluation(evaluations, watch.registration) : undefined;
  if (pending !== undefined && pending.ID !== missing) return followEvaluation(watch, pending.ID);
  update(watch, { evaluation: unplacedEvaluation(evaluations, deploymentId) ?? { ID: '', Status: 'complete' }, deploymentId });
  return deploymentId;
}

/**
 * Returns the newest evaluation of a deployment, or of a job without one, that has placement failures. The blocked one has them, too, after Nomad has collected
 * the evaluation that it continues.
 */
function unplacedEvaluation(evaluations: readonly Evaluation[], deploymentId: string | undefined): Evaluation | undefined {
  const [newest] = evaluations
    .filter(
      ({ DeploymentID, FailedTGAllocs, Status }) =>
        (DeploymentID || undefined) === deploymentId && FailedTGAllocs && /^(complete|blocked)$/.test(Status),
    )
    .sort((a, b) => (b.CreateIndex ?? 0) - (a.CreateIndex ?? 0));
  // For the watch, the scheduler is done with it.
  return newest?.Status === 'blocked' ? { ...newest, Status: 'complete', BlockedEval: newest.ID } : newest;
}
