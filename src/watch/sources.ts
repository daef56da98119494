import { type Snapshot, taskCauses } from '../diagnose/index.ts';
import { isTerminal, wantsPromotion } from '../nomad/index.ts';
import type { Allocation, Deployment, RegisteredJob } from '../nomad/types.ts';
import { hasAllHealthy } from './canaries.ts';
import { followEvaluation, insist, isOwn, MISSED_MS, ownDeployment, takeProcessed } from './evaluation.ts';
import { follow } from './follow.ts';
import { allHealthy, placedHealthy, unplacedGroups } from './rollout.ts';
import { say, update, type Watch } from './state.ts';

/** The pause before the first look at the allocations: clients report after about this time. */
const FIRST_LOOK_MS = 900;

/** The pause between answers about allocations: clients send several task states a second while an allocation starts. */
const SETTLE_MS = 900;

/** The wait for the next allocations of a rolling update, which Nomad places soon after these are healthy. */
const NEXT_WAVE_MS = 2_000;

/** The limit for the last look at the allocations where the verdict or its cause depends on it: as long as a short outage. */
const LAST_LOOK_MS = 30_000;

/** The limit where only the report needs the allocations, or the rollout continues meanwhile. */
const SHORT_LOOK_MS = 2_000;

/** The number of attempts at the last look: it is repeated when the answer comes from a server that is behind, or not within `LOOK_AGAIN_MS`. */
const MAX_LOOKS = 4;
const LOOK_AGAIN_MS = 5_000;

/** The interval at which a wait for the allocations looks at the deployment. */
const POLL_MS = 250;

/** Follows a registration through its evaluation, then its deployment and allocations. */
export async function followRegistered(watch: Watch): Promise<void> {
  const { registration, runtime } = watch;
  const { evaluationId, deploymentId, seen } = registration;
  if (seen !== undefined) {
    update(watch, { evaluation: seen.evaluation, deploymentId: seen.evaluation.DeploymentID || undefined });
  } else if (evaluationId === '') {
    // An earlier run registered the version, so its evaluation was processed, unless it waits in a queue.
    await takeProcessed(watch, deploymentId);
  }
  const known = deploymentId ?? (seen?.evaluation.DeploymentID || watch.state.snapshot.deploymentId);
  let id = known ?? (evaluationId === '' || seen !== undefined ? undefined : await followEvaluation(watch, evaluationId));
  // A group that was placed in part has its counts in the deployment later.
  for (const { why } of unplacedGroups(watch.state.snapshot)) say(watch, `${why}; waiting for capacity`);
  while (!runtime.signal.aborted) id = await (id === undefined ? followAllocations(watch) : followDeployment(watch, id));
}

/** Follows a deployment and its allocations; returns the deployment to follow instead when this one is not ours, or is gone. */
async function followDeployment(watch: Watch, id: string): Promise<string | undefined> {
  const { nomad, registration, runtime, options, rules } = watch;
  const { namespace, version } = registration;
  const { clock } = runtime;
  const gone = new AbortController();
  const signal = AbortSignal.any([runtime.signal, gone.signal]);
  // The deployment that was seen at the registration replaces the first question only.
  let first = registration.seen?.deployment;
  watch.newestIndex = 0;
  const read = async (index: number): Promise<{ readonly value: Deployment | undefined; readonly index: number }> => {
    const answer = await nomad.deployments.read(id, namespace, index, signal);
    if (answer.value !== undefined) return answer;
    const value = await ownDeployment(watch);
    return { value, index: value === undefined ? answer.index : 0 };
  };
  await Promise.all([
    follow(
      async (index) => {
        const given = first?.value.ID === id ? first : undefined;
        first = undefined;
        return given ?? insist(read, index, { clock, signal, since: registration.jobModifyIndex });
      },
      async (deployment) => {
        // An evaluation can name the deployment of an older version when ours has none (hashicorp/nomad#28538).
        if (deployment?.ID !== id || deployment.JobVersion !== version) return gone.abort();
        if (watch.state.snapshot.deployment === undefined) options.onDeployment(id);
        const { allocations } = watch.state.snapshot;
        // Canaries can be healthy and wait for promotion before the first look at them.
        const unseen =
          allocations.length === 0 && Object.values(deployment.TaskGroups ?? {}).some(({ HealthyAllocs }) => HealthyAllocs > 0);
        const ended = isTerminal(deployment);
        if (ended) watch.ended = deployment;
        // A canary may have failed since it was counted.
        const ready = !watch.state.promoted && rules.promote !== 'spec' && wantsPromotion(deployment, rules.groups);
        const look = unseen || ready || (ended && !(deployment.Status === 'failed' && allocations.some(hasFailed)));
        const unknown = UNKNOWN[deployment.Status] ?? (ready ? 'a canary may have failed since' : undefined);
        update(watch, { ...(look ? await lastLook(watch, deployment, unknown) : {}), deployment });
      },
      { clock, signal },
    ),
    follow(
      async (index) => noted(watch, await nomad.deployments.allocations(id, namespace, index, signal)),
      (allocations) => update(watch, { allocations }),
      { clock, signal },
      settled(watch, signal),
    ),
  ]).catch((error: unknown) => {
    if (!gone.signal.aborted) throw error;
  });
  if (!gone.signal.aborted) return id;
  // A deployment can be collected, purged with its job, or (before Nomad 2.0.5) never stored: follow another one, or the job itself.
  const other = (await ownDeployment(watch))?.ID;
  update(watch, { deployment: undefined, deploymentId: other });
  return other;
}

/** Returns whether an allocation failed its deployment and has a cause. */
function hasFailed(allocation: Allocation): boolean {
  return (allocation.ClientStatus === 'failed' || allocation.DeploymentStatus?.Healthy === false) && taskCauses(allocation).length > 0;
}

/** The unknown part of an ended deployment whose allocations cannot be read. */
const UNKNOWN: Readonly<Record<string, string>> = {
  successful: 'a task may have failed since',
  failed: 'the cause may be incomplete',
};

/**
 * Reads the allocations of a deployment once more, because a task may have failed since the last answer. `unknown` is what nobody knows without them: where it
 * is given, the verdict depends on them, so that the look is a long one, and a warning tells where they cannot be read.
 */
async function lastLook(
  watch: Watch,
  deployment: Deployment,
  unknown: string | undefined,
): Promise<Pick<Snapshot, 'allocations'> | undefined> {
  const { nomad, registration, runtime } = watch;
  const { ID, Status } = deployment;
  const done = new AbortController();
  const ms = unknown === undefined ? SHORT_LOOK_MS : LAST_LOOK_MS;
  const signal = AbortSignal.any([runtime.signal, done.signal, runtime.clock.timeout(ms)]);
  const ask = async () => nomad.deployments.allocations(ID, registration.namespace, 0, signal);
  const asked: ReturnType<typeof ask>[] = [];
  let allocations: readonly Allocation[] | undefined;
  let answered = false;
  try {
    for (let looks = 0; looks < MAX_LOOKS; looks++) {
      if (answered) await runtime.clock.sleep(MISSED_MS, signal);
      asked.push(ask());
      // A dead connection keeps the answer for a minute.
      const later = looks + 1 < MAX_LOOKS ? [runtime.clock.sleep(LOOK_AGAIN_MS, signal).then(() => undefined)] : [];
      const answer = await Promise.race([...asked, ...later]);
      if (answer === undefined) continue;
      asked.length = 0;
      answered = true;
      // A server that is behind, or was restored, says nothing about the end. All healthy allocations of a successful deployment are known at its end.
      const complete = hasAllHealthy(answer.value, deployment);
      if (isBehind(watch, answer) || (Status === 'successful' && !complete)) continue;
      allocations = answer.value;
      if (complete) break;
    }
  } catch {
    // The time is up, or Nomad does not answer.
  } finally {
    done.abort();
  }
  if (unknown !== undefined && allocations === undefined)
    runtime.log.warning(`The deployment is ${Status}, but its allocations cannot be read: ${unknown}.`);
  return allocations && { allocations };
}

/** Keeps the newest index of the answers about allocations. */
function noted<T extends { readonly index: number }>(watch: Watch, answer: T): T {
  watch.newestIndex = Math.max(watch.newestIndex, answer.index);
  return answer;
}

/** Returns whether an answer about allocations is older than an earlier one, and so from a server that is behind. */
export function isBehind({ newestIndex }: Watch, { index }: { readonly index: number }): boolean {
  return index > 0 && index < newestIndex;
}

/**
 * Follows a job without a deployment by its allocations and by the job itself, which may be stopped, replaced or, as a batch job, done. Returns the deployment
 * of our version as soon as Nomad has one.
 */
async function followAllocations(watch: Watch): Promise<string | undefined> {
  const { nomad, registration, runtime, rules } = watch;
  const { jobId, namespace } = registration;
  const { clock } = runtime;
  const found = new AbortController();
  watch.newestIndex = 0;
  const signal = AbortSignal.any([runtime.signal, found.signal]);
  watch.resume = ({ ID }) => {
    update(watch, { deploymentId: ID });
    found.abort();
  };
  const readJob = async (index: number) => ownJob(watch, await nomad.jobs.watch(jobId, namespace, index, signal));
  // Nomad stops the allocations of a purged job, so a running one shows that the job is there.
  const isWanted = (): boolean =>
    watch.state.snapshot.allocations.some(({ DesiredStatus, ClientStatus }) => DesiredStatus === 'run' && ClientStatus === 'running');
  await Promise.all([
    follow(
      async (index) => noted(watch, await nomad.jobs.allocations(jobId, namespace, index, signal)),
      (all) => update(watch, currentAndOutdated(watch, all)),
      { clock, signal },
      settled(watch, signal),
    ),
    follow(
      async (index) => insist(readJob, index, { clock, signal, since: registration.jobModifyIndex }, isWanted),
      async (job) => {
        // A job that is done is judged by how its allocations ended.
        const done = rules.kind === 'batch' && job?.Status === 'dead';
        const last = done ? endOf(watch, (await nomad.jobs.allocations(jobId, namespace, 0, signal)).value) : {};
        update(watch, { ...last, job: job ?? null });
      },
      { clock, signal },
    ),
    ...(rules.kind === 'batch'
      ? []
      : [
          follow(
            async (index) => nomad.jobs.watchDeployments(jobId, namespace, index, signal),
            (deployments) => {
              const own = deployments.find((one) => isOwn(registration, one.JobVersion, one.JobSpecModifyIndex));
              if (own !== undefined) watch.resume?.(own);
            },
            { clock, signal },
          ),
        ]),
  ]).catch((error: unknown) => {
    if (!found.signal.aborted) throw error;
  });
  return watch.state.snapshot.deploymentId;
}

/** Returns an answer about the job if it has our version or a newer one. Otherwise our job is gone, or the server is behind. */
function ownJob(
  { registration }: Watch,
  { value, index }: { readonly value: RegisteredJob | undefined; readonly index: number },
): { readonly value: RegisteredJob | undefined; readonly index: number } {
  const isOurs = value !== undefined && (value.Version > registration.version || isOwn(registration, value.Version, value.JobModifyIndex));
  return { value: isOurs ? value : undefined, index };
}

/** Returns our allocations among those of all versions, and the number of older ones that are still to be replaced. */
export function currentAndOutdated(
  { registration: { version } }: Watch,
  all: readonly Allocation[],
): Pick<Snapshot, 'allocations' | 'outdated'> {
  const outdated = all.filter(
    ({ JobVersion, DesiredStatus, ClientStatus }) =>
      JobVersion < version && DesiredStatus === 'run' && (ClientStatus === 'running' || ClientStatus === 'pending'),
  );
  return { allocations: all.filter(({ JobVersion }) => JobVersion === version), outdated: outdated.length };
}

/**
 * Returns the allocations that decide about a job that is done. Nomad leaves the ended allocations of an older sysbatch version where their group did not
 * change, and places no new ones.
 */
function endOf(watch: Watch, all: readonly Allocation[]): Pick<Snapshot, 'allocations' | 'outdated'> {
  const { registration, rules, state } = watch;
  const found = currentAndOutdated(watch, all);
  if (rules.job?.Type !== 'sysbatch' || state.snapshot.evaluation?.Status !== 'complete') return found;
  const left = all.filter(
    ({ JobVersion, DesiredStatus, TaskGroup, NodeName }) =>
      JobVersion < registration.version &&
      DesiredStatus === 'run' &&
      !found.allocations.some((own) => own.TaskGroup === TaskGroup && own.NodeName === NodeName),
  );
  return { ...found, allocations: [...left, ...found.allocations] };
}

/** Returns a wait before the next question about the allocations. */
function settled(watch: Watch, signal: AbortSignal): (first: boolean) => Promise<void> {
  const { clock } = watch.runtime;
  return async (first) => {
    await clock.sleep(first ? FIRST_LOOK_MS : SETTLE_MS, signal);
    // The last look reads the allocations when all are healthy. When all placed ones are, Nomad places the next ones soon.
    for (const untilMs = clock.now() + NEXT_WAVE_MS; ; ) {
      const { deployment } = watch.state.snapshot;
      if (deployment === undefined || !(allHealthy(deployment) || (placedHealthy(deployment) && clock.now() < untilMs))) return;
      await clock.sleep(POLL_MS, signal);
    }
  };
}
