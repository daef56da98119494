import type { Gatherer, ReadConsul, Snapshot, Verdict } from '../diagnose/index.ts';
import { type ActionError, toActionError } from '../errors.ts';
import type { Nomad } from '../nomad/index.ts';
import type { Deployment, Job } from '../nomad/types.ts';
import type { Registration } from '../register/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { formatDuration } from '../text/index.ts';
import { describeChanges } from './progress.ts';
import { advance, decide, type Rules, type State, type Step } from './rollout.ts';

export interface WatchOptions extends Pick<Rules, 'failFast' | 'patienceMs' | 'promote' | 'groups'> {
  readonly timeoutMs: number;
  /** The lines that are read of each log of a failing allocation. */
  readonly logLines: number;
  /** Reads the checks in Consul; undefined where no address is given. */
  readonly consul?: ReadConsul | undefined;
  /** Called at each change, and while time passes. */
  readonly onState?: (snapshot: Snapshot) => void;
  /** Called as soon as the deployment is known. */
  readonly onDeployment: (deploymentId: string) => void;
  /** Checks the canaries before they are promoted; returns the failure, if there is one. */
  readonly verify?: (signal: AbortSignal) => Promise<string | undefined>;
}

/** A rollout under watch. Its `runtime` has the signal that ends the watch. */
export interface Watch {
  readonly job: Job;
  readonly registration: Registration;
  readonly rules: Rules;
  readonly options: WatchOptions;
  readonly nomad: Nomad;
  readonly runtime: Runtime;
  readonly evidence: Gatherer;
  /** Does the next action of the table. */
  readonly act: (watch: Watch, next: Step) => Promise<void>;
  readonly end: () => void;
  state: State;
  verdict?: Verdict;
  /** The action under way: one at a time. */
  acting?: Promise<void> | undefined;
  /** Ends that action early, where it can be. */
  interrupt?: (() => void) | undefined;
  /** The ended deployment, set before the last look at its allocations. */
  ended?: Deployment;
  /** The newest index of an answer about allocations. */
  newestIndex: number;
  /** Continues with the deployment of our version, while the job is followed without one. */
  resume?: (deployment: Deployment) => void;
  /** Nomad's refusal of an action, which ends the watch. */
  refused?: ActionError;
  /** The place of the job in the batch queue of its node pool, while it waits there, and since when. */
  queue?: { readonly words: string; readonly sinceMs: number } | undefined;
  /** The evaluation broker of the cluster is paused. */
  paused?: boolean | undefined;
  quietSinceMs: number;
}

/** Writes a line of the log with the time since the watch began. */
export function say(watch: Watch, line: string): void {
  const now = watch.runtime.clock.now();
  watch.quietSinceMs = now;
  watch.runtime.log.info(`[${formatDuration(now - watch.state.startedAtMs)}] ${line}`);
}

/** Takes in a change, logs it, and does the next action of the table. */
export function update(watch: Watch, change: Partial<Snapshot>): void {
  const now = watch.runtime.clock.now();
  const previous = watch.state.snapshot;
  watch.state = advance(watch.state, change, watch.rules, now);
  for (const line of describeChanges(previous, watch.state.snapshot, watch.rules.promote === 'spec', watch.job)) say(watch, line);
  watch.evidence.look(watch.state.snapshot.allocations, now);
  if (change.evaluation !== undefined || (change.allocations ?? []).length > 0) leaveQueue(watch);
  watch.options.onState?.(watch.state.snapshot);
  step(watch);
}

/** Ends the wait in the batch queue, whose time counts against no limit. */
export function leaveQueue(watch: Watch): void {
  if (watch.queue === undefined) return;
  const queuedMs = watch.state.queuedMs + watch.runtime.clock.now() - watch.queue.sinceMs;
  watch.queue = undefined;
  watch.state = { ...watch.state, queuedMs };
  say(watch, 'the job has left the batch queue');
}

/** Returns when the time of the run is up, in milliseconds since the epoch; later while the job waits in a queue. */
export function deadlineOf({ state: { startedAtMs, queuedMs }, queue, options, runtime: { clock } }: Watch): number {
  return startedAtMs + options.timeoutMs + queuedMs + (queue === undefined ? 0 : clock.now() - queue.sinceMs);
}

/** Does the next action of the table, one at a time. */
export function step(watch: Watch): void {
  if (watch.verdict !== undefined || (watch.acting !== undefined && watch.interrupt === undefined)) return;
  const next = decide(watch.state, watch.rules, watch.runtime.clock.now());
  if (watch.acting !== undefined) {
    if (next?.do === 'end') watch.interrupt?.();
    return;
  }
  // When the time is up, the rollout is left as it is.
  if (next === undefined || (watch.runtime.signal.aborted && next.do !== 'end')) return;
  watch.acting = watch
    .act(watch, next)
    .catch((error: unknown) => {
      if (watch.runtime.signal.aborted) return;
      watch.refused = toActionError(error);
      watch.end();
    })
    .finally(() => {
      watch.acting = undefined;
      // An action that ends with the watch would be tried again without end.
      if (!watch.runtime.signal.aborted) step(watch);
    });
}
