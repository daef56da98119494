// A watch on plain data and virtual time: what Nomad has when is a list, and each answer may be late, old or empty. Whatever decides is the real watch.
import type { Nomad } from '../../src/nomad/connect.ts';
import type { QueuePlace } from '../../src/nomad/queue.ts';
import type { Allocation, Deployment, Evaluation, Job, RegisteredJob } from '../../src/nomad/types.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';
import { type Watched, watchJob } from '../../src/watch/watch.ts';

/** All that Nomad has of a job from a moment on. */
export interface Had {
  readonly atMs: number;
  /** Nomad stores it under the index of the state before it, so that it wakes no blocking query. */
  readonly sameIndex?: boolean;
  readonly evaluation?: Evaluation | undefined;
  /** The list of the job's evaluations. */
  readonly evaluations?: readonly Evaluation[];
  readonly deployments?: readonly Deployment[];
  readonly allocations?: readonly Allocation[];
  readonly job?: RegisteredJob | undefined;
  /** The batch queue of the node pool; undefined where there is none. */
  readonly queue?: QueuePlace | undefined;
}

/** What is asked. */
export type Asked = 'evaluation' | 'deployment' | 'deployments' | 'allocations' | 'job';

/** What is in the way of an answer: how long it takes, that it has nothing, never comes, or is as a server has it that is behind by so long. */
export interface Trouble {
  readonly lateMs?: number;
  readonly never?: boolean;
  readonly nothing?: boolean;
  readonly behindMs?: number;
}

const BLOCKING_MS = 45_000;
const POLL_MS = 10;

/** Watches version 1 of a job through a history (each state has what the one before it had, unless it says otherwise); `trouble` is asked before each answer. */
export async function watchThrough(
  job: Job,
  history: readonly Had[],
  trouble: (asked: Asked, nowMs: number, index: number) => Trouble | undefined = () => undefined,
  timeoutMs = 600_000,
): Promise<{
  readonly watched: Watched;
  readonly atMs: number;
  readonly warnings: readonly string[];
  readonly onDeployment: readonly string[];
  /** The lines of the log, with the time in brackets. */
  readonly told: readonly string[];
}> {
  const time = virtualTime();
  const states: Had[] = [];
  for (const had of history) states.push({ ...states.at(-1), sameIndex: false, ...had });
  const stateAt = (ms: number): [Had, number] => {
    const i = Math.max(
      0,
      states.findLastIndex(({ atMs }) => atMs <= ms),
    );
    return [states[i] ?? { atMs: 0 }, 100 + states.slice(0, i + 1).filter(({ sameIndex }) => sameIndex !== true).length];
  };
  async function ask<T>(asked: Asked, index: number, signal: AbortSignal, pick: (had: Had) => T, nothing: T) {
    const { lateMs = 5, never, nothing: isEmpty, behindMs = 0 } = trouble(asked, time.now(), index) ?? {};
    if (isEmpty === true) {
      await time.sleep(lateMs, signal);
      return { value: nothing, index: 50 };
    }
    const until = time.now() + BLOCKING_MS;
    while (behindMs === 0 && stateAt(time.now())[1] === index && time.now() < until) await time.sleep(POLL_MS, signal);
    const [had, found] = stateAt(time.now() - behindMs);
    const value = structuredClone(pick(had));
    await time.sleep(never === true ? timeoutMs * 2 : lateMs, signal);
    return { value, index: found };
  }
  const listed = async (index: number, signal: AbortSignal) => ask('deployments', index, signal, ({ deployments = [] }) => deployments, []);
  const nomad = {
    evaluations: {
      read: async (id: string, _ns: string, index: number, signal: AbortSignal) =>
        ask(
          'evaluation',
          index,
          signal,
          ({ evaluation, evaluations = [] }) => evaluations.find(({ ID }) => ID === id) ?? evaluation,
          undefined,
        ),
      paused: async () => undefined,
    },
    deployments: {
      read: async (id: string, _ns: string, index: number, signal: AbortSignal) =>
        ask('deployment', index, signal, ({ deployments = [] }) => deployments.find(({ ID }) => ID === id), undefined),
      allocations: async (_id: string, _ns: string, index: number, signal: AbortSignal) =>
        ask('allocations', index, signal, ({ allocations = [] }) => allocations.filter(({ JobVersion }) => JobVersion === 1), []),
    },
    jobs: {
      deployments: async (_id: string, _ns: string, signal: AbortSignal) => (await listed(0, signal)).value,
      watchDeployments: async (_id: string, _ns: string, index: number, signal: AbortSignal) => listed(index, signal),
      evaluations: async () => stateAt(time.now())[0].evaluations ?? [],
      allocations: async (_id: string, _ns: string, index: number, signal: AbortSignal) =>
        ask('allocations', index, signal, ({ allocations = [] }) => allocations, []),
      watch: async (_id: string, _ns: string, index: number, signal: AbortSignal) =>
        ask('job', index, signal, ({ job: registered }) => registered, undefined),
    },
    allocations: {
      checks: async () => Promise.reject(new Error('no node can be asked')),
      logTail: async () => 'gone',
    },
    queue: { place: async () => stateAt(time.now())[0].queue },
    clock: time,
    patience: () => time.timeout(120_000),
  } as unknown as Nomad;
  const told: string[] = [];
  const [warnings, onDeployment]: [string[], string[]] = [[], []];
  const log = { info: (text: string) => void told.push(text), warning: (text: string) => void warnings.push(text) };
  const runtime = { clock: time, signal: new AbortController().signal, log } as unknown as Runtime;
  const options = {
    ...{ timeoutMs, logLines: 1, failFast: true, patienceMs: 120_000, promote: 'spec' as const },
    onDeployment: (id: string) => void onDeployment.push(id),
  };
  const registration = { jobId: job.ID, namespace: 'default', evaluationId: 'e', version: 1, jobModifyIndex: 9, previousVersion: 0 };
  const watched = await time.run(watchJob(job, registration, options, { nomad, runtime }));
  return { watched, atMs: time.now(), warnings, onDeployment, told };
}

/** A clock whose time passes when everybody waits. */
/** A clock whose time passes at once when everything waits for it. */
export function virtualTime() {
  let nowMs = 0;
  const timers = new Set<{ readonly atMs: number; readonly ring: () => void }>();
  const sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = { atMs: nowMs + ms, ring: resolve };
    const onAbort = (): void => reject(signal.reason);
    timers.add(timer);
    signal.addEventListener('abort', onAbort, { once: true });
    return promise.finally(() => {
      timers.delete(timer);
      signal.removeEventListener('abort', onAbort);
    });
  };
  return {
    now: () => nowMs,
    sleep,
    timeout: (ms: number): AbortSignal => {
      const ended = new AbortController();
      timers.add({ atMs: nowMs + ms, ring: () => ended.abort(new DOMException('the time is up', 'TimeoutError')) });
      return ended.signal;
    },
    run: async <T>(work: Promise<T>): Promise<T> => {
      let done = false;
      const end = (): void => {
        done = true;
      };
      work.then(end, end);
      for (;;) {
        // All that follows from what has just happened comes first.
        await new Promise(setImmediate);
        if (done) return work;
        const next = [...timers].reduce<{ readonly atMs: number; readonly ring: () => void } | undefined>(
          (first, timer) => (first === undefined || timer.atMs < first.atMs ? timer : first),
          undefined,
        );
        if (next === undefined) throw new Error('nobody waits for the clock');
        timers.delete(next);
        nowMs = Math.max(nowMs, next.atMs);
        next.ring();
      }
    },
  };
}
