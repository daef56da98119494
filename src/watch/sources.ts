import { taskCauses } from '../cause.ts';
import type { Allocation, Evaluation } from '../nomad/types.ts';
import { allHealthy, isTerminal, placedHealthy, type Snapshot, unplacedGroups } from '../rollout.ts';
import { follow } from './follow.ts';
import { say, update, type Watch } from './state.ts';

/** A first look at the allocations is worth it when their clients have told something. */
const FIRST_LOOK_MS = 900;
/** Clients send several task states a second while an allocation starts; one answer for all of them is enough to read. */
const SETTLE_MS = 900;
/** Nomad places the next allocations of a rolling update when these are healthy, soon. */
const NEXT_WAVE_MS = 2_000;
/** How long the last look, before a verdict is told, may take. */
const LAST_LOOK_MS = 2_000;
/** How often it is looked whether the allocations are worth asking for. */
const POLL_MS = 250;

/** Follows what was registered by what Nomad makes of it: the evaluation, then its deployment and allocations. */
export async function followRegistered(watch: Watch): Promise<void> {
  const { registration, nomad, runtime } = watch;
  const { jobId, evaluationId, deploymentId, namespace, seen } = registration;
  if (seen !== undefined) {
    update(watch, { evaluation: seen.evaluation, deploymentId: seen.evaluation.DeploymentID || undefined });
  } else if (evaluationId === '') {
    // An earlier run registered it: its evaluation has been processed, and may tell why some of it could not be placed.
    const evaluations = await nomad.jobs.evaluations(jobId, namespace, runtime.signal);
    update(watch, { evaluation: unplacedEvaluation(evaluations, deploymentId) ?? { ID: '', Status: 'complete' }, deploymentId });
  }
  const known = deploymentId ?? (seen?.evaluation.DeploymentID || undefined);
  const id = known ?? (evaluationId === '' || seen !== undefined ? undefined : await followEvaluation(watch));
  // Also what could be placed in part: how much of it the deployment tells later.
  for (const { why } of unplacedGroups(watch.state.snapshot)) say(watch, `${why}; waiting for capacity`);
  return id === undefined ? followAllocations(watch) : followDeployment(watch, id);
}

/** Follows the registration's evaluation, and those that go on with its work, until it is processed; gives the deployment that it made, if any. */
async function followEvaluation(watch: Watch): Promise<string | undefined> {
  const { nomad, runtime, rules } = watch;
  const { evaluationId, jobId, namespace, version } = watch.registration;
  const versionsDeployment = async (): Promise<string | undefined> =>
    (await nomad.jobs.deployments(jobId, namespace, runtime.signal)).find(({ JobVersion }) => JobVersion === version)?.ID;
  let id = evaluationId;
  for (let index = 0; ; ) {
    const { value: evaluation, index: next } = await nomad.evaluations.read(id, namespace, index, runtime.signal);
    if (evaluation === undefined) return versionsDeployment();
    index = next;
    if (evaluation.Status === 'pending') {
      if (index === 0) await runtime.clock.sleep(SETTLE_MS, runtime.signal);
      continue;
    }
    if (evaluation.Status === 'failed' && evaluation.NextEval) {
      id = evaluation.NextEval;
      index = 0;
      continue;
    }
    // Those of system jobs need not be named by the evaluation.
    const deploymentId = evaluation.DeploymentID || (rules.kind === 'system' ? await versionsDeployment() : undefined);
    update(watch, { evaluation, deploymentId });
    return deploymentId;
  }
}

/** The newest evaluation of a deployment, or of a job that has none, that could not place all. */
function unplacedEvaluation(evaluations: readonly Evaluation[], deploymentId: string | undefined): Evaluation | undefined {
  return evaluations
    .filter(
      ({ DeploymentID, FailedTGAllocs, Status }) => (DeploymentID || undefined) === deploymentId && FailedTGAllocs && Status === 'complete',
    )
    .sort((a, b) => (b.CreateIndex ?? 0) - (a.CreateIndex ?? 0))[0];
}

async function followDeployment(watch: Watch, id: string): Promise<void> {
  const { nomad, registration, runtime, options } = watch;
  const { jobId, namespace, version } = registration;
  const { clock } = runtime;
  const gone = new AbortController();
  const signal = AbortSignal.any([runtime.signal, gone.signal]);
  // Once: what comes without an index later is read anew.
  let first = registration.seen?.deployment;
  await Promise.all([
    follow(
      async (index) => {
        const given = first?.value.ID === id ? first : undefined;
        first = undefined;
        return given ?? nomad.deployments.read(id, namespace, index, signal);
      },
      async (deployment) => {
        // An evaluation may name the deployment of an older version, when ours needs none, or gets none (hashicorp/nomad#28538).
        if (deployment?.JobVersion !== version) return gone.abort();
        if (watch.state.snapshot.deployment === undefined) options.onDeployment(id);
        const { allocations } = watch.state.snapshot;
        // Canaries may be healthy, and wait to be promoted, before anybody has looked at them.
        const unseen =
          allocations.length === 0 && Object.values(deployment.TaskGroups ?? {}).some(({ HealthyAllocs }) => HealthyAllocs > 0);
        const look = unseen || (isTerminal(deployment) && !(deployment.Status === 'failed' && allocations.some(hasFailed)));
        update(watch, { ...(look ? await lastLook(watch, id) : {}), deployment });
      },
      { clock, signal },
    ),
    follow(
      async (index) => nomad.deployments.allocations(id, namespace, index, signal),
      (allocations) => update(watch, { allocations }),
      { clock, signal },
      settled(watch, signal),
    ),
  ]).catch((error: unknown) => {
    if (!gone.signal.aborted) throw error;
  });
  if (!gone.signal.aborted) return;
  // Collected, gone with its job, or (before Nomad 2.0.5) never stored: then another one is ours, or the job and its allocations tell the rest.
  update(watch, { deployment: undefined, deploymentId: undefined });
  const other = (await nomad.jobs.deployments(jobId, namespace, runtime.signal)).find(
    ({ JobVersion, ID }) => JobVersion === version && ID !== id,
  );
  if (other === undefined) return followAllocations(watch);
  update(watch, { deploymentId: other.ID });
  return followDeployment(watch, other.ID);
}

/** Whether an allocation was seen to fail a deployment, and says why. */
function hasFailed(allocation: Allocation): boolean {
  return (allocation.ClientStatus === 'failed' || allocation.DeploymentStatus?.Healthy === false) && taskCauses(allocation).length > 0;
}

/** A deployment may be told before the allocations that decided it, and a task may have failed since. That Nomad can't be asked once more changes nothing. */
async function lastLook({ nomad, registration, runtime }: Watch, id: string): Promise<Pick<Snapshot, 'allocations'> | undefined> {
  const signal = AbortSignal.any([runtime.signal, AbortSignal.timeout(LAST_LOOK_MS)]);
  const read = nomad.deployments.allocations(id, registration.namespace, 0, signal);
  return read.then(({ value }) => ({ allocations: value })).catch(() => undefined);
}

/** Follows a job that has no deployment by its allocations, and by itself: it may be stopped, replaced, or, a batch job, done. */
async function followAllocations(watch: Watch): Promise<void> {
  const { nomad, registration, runtime, rules } = watch;
  const { jobId, namespace } = registration;
  const { clock, signal } = runtime;
  await Promise.all([
    follow(
      async (index) => nomad.jobs.allocations(jobId, namespace, index, signal),
      (all) => update(watch, versionsOf(watch, all)),
      { clock, signal },
      settled(watch, signal),
    ),
    follow(
      async (index) => nomad.jobs.watch(jobId, namespace, index, signal),
      async (registered) => {
        // A job that is done is judged by how its allocations ended.
        const done = rules.kind === 'batch' && registered?.Status === 'dead';
        const last = done ? versionsOf(watch, (await nomad.jobs.allocations(jobId, namespace, 0, signal)).value) : {};
        update(watch, { ...last, job: registered ?? null });
      },
      { clock, signal },
    ),
  ]);
}

/** Our allocations among those of all versions, and how many older ones are still to be replaced. */
export function versionsOf({ registration: { version } }: Watch, all: readonly Allocation[]): Pick<Snapshot, 'allocations' | 'outdated'> {
  const outdated = all.filter(
    ({ JobVersion, DesiredStatus, ClientStatus }) =>
      JobVersion < version && DesiredStatus === 'run' && (ClientStatus === 'running' || ClientStatus === 'pending'),
  );
  return { allocations: all.filter(({ JobVersion }) => JobVersion === version), outdated: outdated.length };
}

/** Waits until it is worth to ask for the allocations again. */
function settled(watch: Watch, signal: AbortSignal): (first: boolean) => Promise<void> {
  const { clock } = watch.runtime;
  return async (first) => {
    await clock.sleep(first ? FIRST_LOOK_MS : SETTLE_MS, signal);
    // All is healthy, and only Nomad's own end of it is missing: the last look tells the rest. Or all that is placed is, and the next is placed soon.
    for (const untilMs = clock.now() + NEXT_WAVE_MS; ; ) {
      const { deployment } = watch.state.snapshot;
      if (deployment === undefined || !(allHealthy(deployment) || (placedHealthy(deployment) && clock.now() < untilMs))) return;
      await clock.sleep(POLL_MS, signal);
    }
  };
}
