// The clients of the model: what becomes of an allocation on its node, by the plan of the scenario.
import type { TaskEvent, TaskState } from '../../src/nomad/types.ts';
import { isoTime } from '../../src/runtime/time.ts';
import { type Alloc, type Depl, isActive, isLive, withItems } from './state.ts';
import type { VirtualClock } from './time.ts';
import type { World } from './world.ts';

/** The life of one allocation. Times are milliseconds. */
export interface Life {
  /**
   * `well`: healthy, or done as a batch job; `fails-later`: healthy, then the task fails; `crashes`: the task fails before it is healthy; `unhealthy`: it runs
   * and is never healthy; `driver`: the driver cannot start it; `stuck`: it never starts.
   */
  readonly how: 'well' | 'fails-later' | 'crashes' | 'unhealthy' | 'driver' | 'stuck';
  /** From the start (or the health, for `fails-later`) to the end of the task. */
  readonly afterMs: number;
  readonly startMs: number;
  /** Restarts in place. */
  readonly restarts: number;
}

export interface ClientOptions {
  readonly lives: readonly Life[];
  readonly minHealthyMs: number;
  readonly healthyDeadlineMs: number;
  readonly isBatch: boolean;
  /** No evaluation follows a failure. */
  readonly isSystem: boolean;
  /** A client sends its updates after up to this long. */
  readonly batchMs: number;
}

/** The only task of each group. */
export const TASK = 'app';

/** The allocations of other versions. */
const WELL: Life = { how: 'well', startMs: 50, afterMs: 500, restarts: 0 };

const RESTART_MS = 1_000;

/** The `min_healthy_time` of a migration. */
const MIGRATION_MS = 10_000;

/** Runs every allocation that the world places; those of the run's version by the lives in turn. */
export function runClients(world: World, clock: VirtualClock, random: () => number, options: ClientOptions): void {
  const begun = new Map<string, AbortController>();
  let next = 0;
  world.onChange((state) => {
    for (const alloc of state.allocations) {
      if (isLive(alloc) && alloc.DeploymentStatus === undefined && alloc.updatedAt === state.index) judgeAnew(alloc.ID);
      if (isLive(alloc) && !begun.has(alloc.ID)) {
        const isOwn = state.versions.find(({ Version }) => Version === alloc.JobVersion)?.Meta?.['spec'] === '1';
        begun.set(alloc.ID, live(alloc, (isOwn ? options.lives[next % options.lives.length] : undefined) ?? WELL));
        if (isOwn) next += 1;
      } else if (alloc.DesiredStatus !== 'run') begun.get(alloc.ID)?.abort();
    }
    for (const [id, ending] of begun) if (!ending.signal.aborted && !state.allocations.some(({ ID }) => ID === id)) ending.abort();
  });

  type Change = (alloc: Alloc) => Partial<Alloc>;
  const unsent = new Map<string, Change[]>();
  /** Sends a change of an allocation to the servers, which count its health. Changes that come soon after one another are sent as one. */
  const send = (id: string, next: Change): void => {
    const waiting = unsent.get(id);
    waiting?.push(next);
    if (waiting !== undefined) return;
    const changes = [next];
    unsent.set(id, changes);
    world.led(Math.ceil(random() * options.batchMs), () => {
      unsent.delete(id);
      const state = world.now();
      const alloc = state.allocations.find(({ ID }) => ID === id);
      if (alloc === undefined || /^(complete|failed|lost)$/.test(alloc.ClientStatus)) return;
      const index = state.index + 1;
      const sent: Partial<Alloc> = {};
      for (const change of changes) Object.assign(sent, change({ ...alloc, ...sent }));
      const health = sent.DeploymentStatus;
      const decided = typeof health?.Healthy === 'boolean' && alloc.DeploymentStatus?.Healthy !== health.Healthy && !options.isBatch;
      const status = decided ? { ...alloc.DeploymentStatus, ...health, Timestamp: isoTime(clock.now()) } : alloc.DeploymentStatus;
      const failed = sent.ClientStatus === 'failed';
      const now: Alloc = {
        ...alloc,
        ...sent,
        ...(status ? { DeploymentStatus: status } : {}),
        ...(decided ? { healthIndex: index } : {}),
        ...(failed ? { failedAtMs: clock.now() } : {}),
        ModifyIndex: index,
        ModifyTime: clock.now() * 1e6,
      };
      const deployments = decided
        ? {
            deployments: state.deployments.map((one) =>
              one.ID === alloc.DeploymentID ? counted(one, alloc.TaskGroup, health.Healthy === true, clock.now(), index) : one,
            ),
          }
        : {};
      const more = { allocations: withItems(state.allocations, [now]), ...deployments };
      if (failed && now.DesiredStatus === 'run' && !options.isSystem) world.evaluate('alloc-failure', more);
      else world.commit(more);
    });
  };

  /** Judges the health of an allocation anew after an update in place: it is healthy when it has run on for its time. */
  const judgeAnew = (id: string): void => {
    clock.after(options.minHealthyMs, () =>
      send(id, ({ ClientStatus, DesiredStatus }) =>
        ClientStatus === 'running' && DesiredStatus === 'run' ? { DeploymentStatus: { Healthy: true } } : {},
      ),
    );
  };

  const live = (alloc: Alloc, life: Life): AbortController => {
    const ending = new AbortController();
    const events: TaskEvent[] = [];
    const note = (Type: string, DisplayMessage: string, Details: Record<string, string> = {}): void => {
      events.push({ Type, DisplayMessage, Details, Time: clock.now() * 1e6 + events.length });
    };
    const states = (State: string, Failed = false, Restarts = 0): Record<string, TaskState> => ({
      [TASK]: {
        State,
        Failed,
        Restarts,
        FinishedAt: State === 'dead' ? isoTime(clock.now()) : '0001-01-01T00:00:00Z',
        Events: [...events],
      },
    });
    const after = (ms: number, act: () => void): void => {
      const cancel = clock.after(ms, act);
      ending.signal.addEventListener('abort', cancel, { once: true });
    };
    const fail = (restarts: number): void => {
      note(
        'Not Restarting',
        restarts === 0 ? 'Policy allows no restarts' : `Exceeded allowed attempts ${restarts} in interval 30m0s and mode is "fail"`,
      );
      const TaskStates = states('dead', true, restarts);
      send(alloc.ID, ({ DeploymentStatus }) => ({
        ...{ ClientStatus: 'failed', ClientDescription: 'Failed tasks', TaskStates },
        ...(DeploymentStatus?.Healthy === true ? {} : { DeploymentStatus: { Healthy: false } }),
      }));
    };
    const exits = (): void => note('Terminated', 'Exit Code: 7', { exit_code: '7', signal: '0', oom_killed: 'false' });
    const start = (run: number): void => {
      note('Started', 'Task started by client');
      const running = states('running', false, run);
      send(alloc.ID, () => ({ ClientStatus: 'running', ClientDescription: 'Tasks are running', TaskStates: running }));
      if (life.how === 'crashes') after(life.afterMs, () => again(run));
      else if (options.isBatch) after(life.afterMs, done);
      else if (life.how !== 'unhealthy') after(options.minHealthyMs, healthy);
    };
    const again = (run: number): void => {
      exits();
      if (run >= life.restarts) {
        fail(life.restarts);
        return;
      }
      note('Restarting', 'Task restarting in 1s', { restart_reason: 'Restart within policy', start_delay: '1000000000' });
      const pending = states('pending', false, run + 1);
      send(alloc.ID, () => ({ ClientStatus: 'pending', ClientDescription: 'No tasks have started', TaskStates: pending }));
      after(RESTART_MS, () => start(run + 1));
    };
    const healthy = (): void => {
      // Without a deployment, an allocation is healthy after the ten seconds of a migration.
      const restMs = alloc.DeploymentID === '' ? Math.max(0, MIGRATION_MS - options.minHealthyMs) : 0;
      if (restMs > 0) after(restMs, tellHealthy);
      else tellHealthy();
      if (life.how === 'fails-later')
        after(life.afterMs, () => {
          exits();
          fail(0);
        });
    };
    const tellHealthy = (): void =>
      send(alloc.ID, ({ ClientStatus }) => (ClientStatus === 'running' ? { DeploymentStatus: { Healthy: true } } : {}));
    const done = (): void => {
      note('Terminated', 'Exit Code: 0', { exit_code: '0', signal: '0', oom_killed: 'false' });
      const TaskStates = states('dead');
      send(alloc.ID, () => ({ ClientStatus: 'complete', ClientDescription: 'All tasks have completed', TaskStates }));
    };
    const begin = (): void => {
      note('Received', 'Task received by client');
      note('Task Setup', 'Building Task Directory');
      if (life.how === 'stuck') note('Driver', 'Downloading image');
      const pending = states('pending');
      send(alloc.ID, () => ({ TaskStates: pending }));
      if (life.how === 'driver')
        after(life.startMs, () => {
          note(
            'Driver Failure',
            'failed to launch command with executor: rpc error: code = Unknown desc = file /bin/nothing not found under path',
          );
          fail(0);
        });
      else if (life.how !== 'stuck') after(life.startMs, () => start(0));
    };
    after(1 + random() * 20, begin);
    if (alloc.DeploymentID !== '')
      after(options.healthyDeadlineMs, () => {
        const known = world.now().allocations.find(({ ID }) => ID === alloc.ID);
        if (known === undefined || typeof known.DeploymentStatus?.Healthy === 'boolean') return;
        note(
          'Alloc Unhealthy',
          `Task not running for min_healthy_time of ${options.minHealthyMs / 1_000}s by healthy_deadline of ${options.healthyDeadlineMs / 1_000}s`,
        );
        const now = states(known.TaskStates?.[TASK]?.State ?? 'pending');
        send(alloc.ID, () => ({ DeploymentStatus: { Healthy: false }, TaskStates: now }));
      });
    ending.signal.addEventListener(
      'abort',
      () => {
        note('Killing', 'Sent interrupt. Waiting 5s before force killing');
        clock.after(20 + random() * 500, () => {
          note('Terminated', 'Exit Code: 0', { exit_code: '0', signal: '15', oom_killed: 'false' });
          note('Killed', 'Task successfully killed');
          const TaskStates = states('dead');
          // A task that is killed before its health is known is unhealthy. Without a deployment, both were recorded.
          const isUnwatched = alloc.DeploymentID === '' && random() < 0.5;
          send(alloc.ID, ({ DeploymentStatus: health }) => ({
            ...{ ClientStatus: 'complete', ClientDescription: 'All tasks have completed', TaskStates },
            ...(options.isBatch || typeof health?.Healthy === 'boolean' || isUnwatched ? {} : { DeploymentStatus: { Healthy: false } }),
          }));
        });
      },
      { once: true },
    );
    return ending;
  };
}

/** Returns a deployment with one more decision about health. A healthy allocation is progress. */
function counted(deployment: Depl, group: string, isHealthy: boolean, nowMs: number, index: number): Depl {
  const known = deployment.TaskGroups?.[group];
  if (known === undefined) return deployment;
  const changed = {
    ...known,
    HealthyAllocs: known.HealthyAllocs + (isHealthy ? 1 : 0),
    UnhealthyAllocs: known.UnhealthyAllocs + (isHealthy ? 0 : 1),
    ...(isHealthy && isActive(deployment) && known.ProgressDeadline
      ? { RequireProgressBy: isoTime(nowMs + known.ProgressDeadline / 1e6) }
      : {}),
  };
  return { ...deployment, TaskGroups: { ...deployment.TaskGroups, [group]: changed }, ModifyIndex: index };
}
