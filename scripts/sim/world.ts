// The engine of the model: raft indexes, the evaluation broker, the deployment watcher and its timers, on virtual time.
import type { Job, RegisteredJob } from '../../src/nomad/types.ts';
import { applied, describeRunning, finished } from './applied.ts';
import { deadlineOf, type Finding, judge, judgeLate, rollback } from './deployments.ts';
import { type Plan, reconcile } from './scheduler.ts';
import {
  type Change,
  changedBy,
  currentDeployment,
  type Depl,
  EMPTY,
  type Eval,
  isActive,
  isLive,
  JOB_ID,
  type State,
  withItems,
} from './state.ts';
import type { VirtualClock } from './time.ts';

/** The batching of evaluations by the deployment watcher. */
const BATCH_MS = 1_000;

/** The model of a cluster. */
export interface World {
  readonly now: () => State;
  /** All states so far, the oldest first. */
  readonly history: readonly State[];
  readonly commit: (change: Change) => State;
  /** Calls a function after each change; returns the function that ends that. */
  readonly onChange: (listener: (state: State) => void) => () => void;
  /** Adds an evaluation, in the same change as `more`. */
  readonly evaluate: (trigger: string, more?: Change) => Eval;
  readonly register: (job: Job, stable?: boolean) => { readonly evaluation: Eval; readonly job: RegisteredJob };
  readonly stop: (purge: boolean) => void;
  readonly promote: (deployment: Depl, groups: readonly string[] | undefined) => void;
  readonly failDeployment: (deployment: Depl) => void;
  readonly pause: (deployment: Depl, isPaused: boolean) => void;
  readonly newId: () => string;
  /** Calls a function after a time, or later, when the servers have a leader again; unless the returned function is called before. */
  readonly led: (ms: number, ring: () => void) => () => void;
  /** The servers have no leader for a time, in which nothing changes. */
  readonly elect: (ms: number) => void;
}

export interface WorldOptions {
  /** The number of allocations that fit on the nodes until `fromMs`, from the begin; undefined: all. */
  readonly room?: { readonly slots: number; readonly untilMs: number } | undefined;
  /** The scheduler takes up to this long. */
  readonly schedulerMs: number;
  /** Nomad makes deployments for system jobs. */
  readonly systemDeployments?: boolean | undefined;
}

export function openWorld(
  clock: VirtualClock,
  random: () => number,
  { room, schedulerMs, systemDeployments = false }: WorldOptions,
): World {
  let state: State = { ...EMPTY, atMs: clock.now() };
  const history: State[] = [state];
  const listeners = new Set<(state: State) => void>();
  const beganMs = clock.now();
  let made = 0;
  const newId = (): string => {
    made += 1;
    const head = Math.floor(random() * 0x100000000)
      .toString(16)
      .padStart(8, '0');
    return `${head}-0000-0000-0000-${made.toString(16).padStart(12, '0')}`;
  };
  const commit = (change: Change): State => {
    state = changedBy(state, clock.now(), change);
    history.push(state);
    for (const listener of [...listeners]) listener(state);
    return state;
  };
  const soon = (ms: number): number => Math.ceil(random() * ms);
  let ledFromMs = Number.NEGATIVE_INFINITY;
  const led = (ms: number, ring: () => void): (() => void) => {
    let cancel = clock.after(ms, () => {
      if (clock.now() < ledFromMs) cancel = led(ledFromMs - clock.now(), ring);
      else ring();
    });
    return () => cancel();
  };

  // The broker: one evaluation of the job at a time; of those that wait, only the newest is processed.
  let busy = false;
  const work = (): void => {
    const pending = state.evaluations.filter(
      ({ Status, waitUntilMs = 0 }: Eval & { waitUntilMs?: number }) => Status === 'pending' && waitUntilMs <= clock.now(),
    );
    const next = pending.at(-1);
    if (busy || next === undefined) return;
    busy = true;
    led(5 + soon(schedulerMs), () => {
      const waiting = state.evaluations.filter((one) => pending.includes(one) && one !== next && one.Status === 'pending');
      if (waiting.length > 0) {
        const canceled = waiting.map((one) => ({
          ...one,
          Status: 'canceled',
          StatusDescription: 'canceled after more recent eval was processed',
          ModifyIndex: state.index + 1,
        }));
        commit({ evaluations: withItems(state.evaluations, canceled) });
      }
      const plan = reconcile(state, { nowMs: clock.now(), room: roomNow(), systemDeployments });
      const deploymentId = applyPlan(plan, next);
      led(1 + soon(4), () => {
        finish(next.ID, plan, deploymentId);
        busy = false;
        work();
      });
    });
  };
  const roomNow = (): number => {
    if (room === undefined || clock.now() >= beganMs + room.untilMs) return Number.POSITIVE_INFINITY;
    return room.slots - state.allocations.filter(isLive).length;
  };
  if (room !== undefined && Number.isFinite(room.untilMs))
    led(room.untilMs, () => {
      const blocked = state.evaluations.filter(({ Status }) => Status === 'blocked');
      if (blocked.length === 0) return;
      commit({
        evaluations: withItems(
          state.evaluations,
          blocked.map((one) => ({ ...one, Status: 'pending', ModifyIndex: state.index + 1 })),
        ),
      });
      work();
    });

  const applyPlan = (plan: Plan, evaluation: Eval): string | undefined => {
    const { change, deployment } = applied(state, plan, { nowMs: clock.now(), newId });
    if (Object.keys(change).length > 0) commit(change);
    for (const { atMs } of plan.later) led(atMs - clock.now(), work);
    return evaluation.TriggeredBy === 'job-register' || deployment?.Status === 'running' ? deployment?.ID : undefined;
  };

  const finish = (id: string, plan: Plan, deploymentId: string | undefined): void => {
    const own = state.evaluations.find(({ ID }) => ID === id);
    if (own === undefined) return;
    const done = finished(own, plan, { index: state.index + 1, deploymentId, newId });
    commit({ evaluations: withItems(state.evaluations, done) });
  };

  const evaluate = (trigger: string, more: Change = {}): Eval => {
    const index = state.index + 1;
    const [job] = more.versions ?? state.versions;
    const evaluation: Eval = {
      ID: newId(),
      JobID: JOB_ID,
      Status: 'pending',
      TriggeredBy: trigger,
      JobModifyIndex: job?.JobModifyIndex ?? 0,
      CreateIndex: index,
      ModifyIndex: index,
    };
    // A newer evaluation does the work of a blocked one.
    const before = (more.evaluations ?? state.evaluations).map((one) =>
      one.Status === 'blocked' ? { ...one, Status: 'canceled', ModifyIndex: index } : one,
    );
    commit({ ...more, evaluations: [...before, evaluation] as readonly Eval[] });
    work();
    return evaluation;
  };

  const register = (job: Job, stable = false): { readonly evaluation: Eval; readonly job: RegisteredJob } => {
    const index = state.index + 1;
    const [current] = state.versions;
    const registered: RegisteredJob = {
      ...job,
      Version: current === undefined ? 0 : current.Version + 1,
      Stop: false,
      Stable: stable,
      Status: 'pending',
      JobModifyIndex: index,
      SubmitTime: clock.now() * 1e6,
      UI: { ...job.UI, Links: (job.UI?.Links ?? []).map(({ Label, URL: url, Url }) => ({ Label: Label ?? '', Url: url ?? Url ?? '' })) },
    };
    return { evaluation: evaluate('job-register', { versions: [registered, ...state.versions] }), job: registered };
  };

  const stop = (purge: boolean): void => {
    const [job] = state.versions;
    if (job === undefined) return;
    const index = state.index + 1;
    if (purge)
      evaluate('job-deregister', {
        versions: [],
        deployments: [],
        allocations: [],
        evaluations: state.evaluations.map((one) => (one.Status === 'pending' ? { ...one, Status: 'complete', ModifyIndex: index } : one)),
      });
    else
      evaluate('job-deregister', {
        versions: [{ ...job, Stop: true, Version: job.Version + 1, JobModifyIndex: index, Stable: false }, ...state.versions],
      });
  };

  const fail = (deployment: Depl, { fails, reverts }: Pick<Finding, 'reverts'> & { readonly fails: string }): void => {
    const { description, target } = rollback(state, deployment, { begin: fails, reverts });
    const index = state.index + 1;
    const failed = { ...deployment, Status: 'failed', StatusDescription: description, ModifyIndex: index };
    const versions =
      target === undefined
        ? {}
        : {
            versions: [
              { ...target, Version: (state.versions[0]?.Version ?? 0) + 1, JobModifyIndex: index, Stable: false },
              ...state.versions,
            ],
          };
    evaluate('deployment-watcher', { deployments: withItems(state.deployments, [failed]), ...versions });
  };

  const promote = (deployment: Depl, groups: readonly string[] | undefined): void => {
    const index = state.index + 1;
    const promoted = Object.fromEntries(
      Object.entries(deployment.TaskGroups ?? {}).map(([name, group]) => [
        name,
        groups?.includes(name) === false || group.DesiredCanaries === 0 ? group : { ...group, Promoted: true },
      ]),
    );
    const waits = Object.values(promoted).some(({ DesiredCanaries, Promoted }) => DesiredCanaries > 0 && !Promoted);
    const description = waits ? deployment.StatusDescription : 'Deployment is running';
    const changed = { ...deployment, TaskGroups: promoted, StatusDescription: description, ModifyIndex: index };
    evaluate('deployment-watcher', { deployments: withItems(state.deployments, [changed]) });
  };

  // The deployment watcher looks at the active deployment a moment after each change, and at its deadline.
  let [looking, batching] = [false, false];
  let cancelDeadline: (() => void) | undefined;
  const look = (): void => {
    looking = false;
    const active = currentDeployment(state);
    if (active === undefined || !isActive(active)) return;
    const found = judge(state, active);
    if (found.fails !== undefined) fail(active, { ...found, fails: found.fails });
    else if (found.promotes) promote(active, undefined);
    if (found.fails !== undefined || found.promotes || !found.evaluates || batching) return;
    batching = true;
    led(BATCH_MS, () => {
      batching = false;
      const now = currentDeployment(state);
      if (now === undefined || !isActive(now)) return;
      const { replaceable } = judge(state, now);
      const index = state.index + 1;
      evaluate(
        'deployment-watcher',
        replaceable.length === 0
          ? {}
          : {
              allocations: withItems(
                state.allocations,
                replaceable.map((one) => ({ ...one, replaceable: true, ModifyIndex: index })),
              ),
            },
      );
    });
  };
  listeners.add(() => {
    const active = currentDeployment(state);
    cancelDeadline?.();
    if (active === undefined || !isActive(active)) return;
    if (!looking) {
      looking = true;
      led(2 + soon(60), look);
    }
    const deadlineMs = deadlineOf(state, active);
    if (deadlineMs === undefined || deadlineMs < clock.now()) return;
    cancelDeadline = led(deadlineMs - clock.now(), () => {
      const now = currentDeployment(state);
      const found = now === undefined ? undefined : judgeLate(state, now);
      if (now !== undefined && found?.fails !== undefined) fail(now, { ...found, fails: found.fails });
    });
  });

  return {
    now: () => state,
    history,
    commit,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    evaluate,
    register,
    stop,
    promote,
    failDeployment: (deployment) =>
      fail(deployment, {
        fails: 'Deployment marked as failed',
        reverts: Object.values(deployment.TaskGroups ?? {}).some(({ AutoRevert }) => AutoRevert === true),
      }),
    pause: (deployment, isPaused) => {
      const changed = {
        ...deployment,
        Status: isPaused ? 'paused' : 'running',
        StatusDescription: isPaused ? 'Deployment is paused' : describeRunning(deployment.TaskGroups ?? {}),
        ModifyIndex: state.index + 1,
      };
      evaluate('deployment-watcher', { deployments: withItems(state.deployments, [changed]) });
    },
    newId,
    led,
    elect: (ms) => {
      ledFromMs = Math.max(ledFromMs, clock.now() + ms);
    },
  };
}
