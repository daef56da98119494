import { countsChecks, hasChecks, isIgnored, shortId } from '../diagnose/index.ts';
import { ActionError } from '../errors.ts';
import { type Nomad, rulesOf } from '../nomad/index.ts';
import type { Allocation, CheckResult, RegisteredJob, TaskGroup } from '../nomad/types.ts';
import { requireParts } from '../register/index.ts';
import type { Result, Run } from '../report/index.ts';
import { allocationRecords } from '../report/summary/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { describeUnread, explain, type Following, timeoutFor } from '../watch/index.ts';

/** The pause between two reads of the checks. */
const RESTARTED_POLL_MS = 1_000;

/**
 * `restart`: restarts the tasks of a job's running allocations in place, `max_parallel` at once, without a new version. The next ones follow when these are
 * healthy again. Fails with the cause when an allocation does not become healthy; the others are then skipped.
 */
export async function restart(job: RegisteredJob, following: Following, current: Run): Promise<Result> {
  const { inputs, draft, nomad } = following;
  const { runtime, note, stage } = current;
  const { namespace } = draft;
  requireParts(job, inputs);
  note({ jobVersion: job.Version });
  const { value } = await nomad.jobs.allocations(job.ID, namespace, 0, runtime.signal);
  const groups = (job.TaskGroups ?? []).filter(({ Name }) => inputs.group === undefined || Name === inputs.group);
  const batches = groups.flatMap((group) => batchesOf(group, value));
  const total = batches.flat().length;
  if (total === 0) {
    throw new ActionError('input-invalid', `${job.ID} has no running allocation to restart`, {
      hint: 'Deploy the job to start it again, as a new version. `command: status` shows its allocations.',
    });
  }
  const minHealthyMs = rulesOf(job).minHealthyMs;
  const timeoutMs = inputs.timeoutMs ?? timeoutFor(job, 0);
  let done = 0;
  const failed = await stage('restart', `Restart ${total} ${total === 1 ? 'allocation' : 'allocations'} of ${job.ID}`, async () => {
    for (const batch of batches) {
      runtime.signal.throwIfAborted();
      const signal = AbortSignal.any([runtime.signal, runtime.clock.timeout(timeoutMs)]);
      const bad = await Promise.all(
        batch.map(async (before) => {
          await nomad.allocations.restart(before.ID, inputs.task, namespace, signal);
          runtime.log.info(`${before.Name} (${shortId(before.ID)} on ${before.NodeName}) was restarted`);
          if (!inputs.wait) return undefined;
          return back(before, job, { task: inputs.task, minHealthyMs, namespace, signal, nomad }, runtime);
        }),
      );
      const [first] = bad.filter((one) => one !== undefined);
      if (first !== undefined) return first;
      done += batch.length;
      if (inputs.wait) runtime.log.info(`${done} of ${total} allocations restarted and healthy`);
    }
    return undefined;
  });
  const after = await nomad.jobs.allocations(job.ID, namespace, 0, AbortSignal.any([runtime.signal, runtime.clock.timeout(timeoutMs)]));
  const ids = new Set(batches.flat().map(({ ID }) => ID));
  const restarted = after.value.filter(({ ID }) => ids.has(ID));
  note({ allocations: allocationRecords(restarted) });
  if (failed === undefined) return { outcome: 'restarted' };
  const description = `allocation ${failed.Name} is not healthy after its restart; ${done} of ${total} allocations were restarted and are healthy, the others were skipped`;
  const snapshot = { evaluation: undefined, deployment: undefined, allocations: [failed] };
  return explain({ verdict: { outcome: 'failed', reason: 'unhealthy', description }, snapshot, evidence: [] }, following, current);
}

/** Returns the running allocations of a group, in batches of the `max_parallel` of its `update` block. */
function batchesOf({ Name, Update }: TaskGroup, all: readonly Allocation[]): Allocation[][] {
  const running = all
    .filter(({ TaskGroup, ClientStatus, DesiredStatus }) => TaskGroup === Name && ClientStatus === 'running' && DesiredStatus === 'run')
    .sort((a, b) => a.Name.localeCompare(b.Name, 'en', { numeric: true }));
  const size = Math.max(1, Update?.MaxParallel ?? 1);
  return Array.from({ length: Math.ceil(running.length / size) }, (_, i) => running.slice(i * size, (i + 1) * size));
}

interface Restarting {
  readonly task: string | undefined;
  readonly minHealthyMs: number;
  readonly namespace: string;
  readonly signal: AbortSignal;
  readonly nomad: Nomad;
}

/**
 * Waits until an allocation is healthy after its restart: its tasks have started again and run for `minHealthyMs` milliseconds, and its checks pass. Returns
 * the last state of an allocation that is not healthy in time; undefined otherwise.
 */
async function back(
  before: Allocation,
  job: RegisteredJob,
  { task, minHealthyMs, namespace, signal, nomad }: Restarting,
  { clock, log, signal: cancelled }: Runtime,
): Promise<Allocation | undefined> {
  let last = before;
  try {
    for (let index = 0; ; ) {
      const answer = await nomad.jobs.allocations(job.ID, namespace, index, signal);
      index = answer.index;
      last = answer.value.find(({ ID }) => ID === before.ID) ?? last;
      if (last.ClientStatus !== 'running' && last.ClientStatus !== 'pending') return last;
      if (!startedAnew(before, last, task)) continue;
      await clock.sleep(minHealthyMs, signal);
      const { value } = await nomad.jobs.allocations(job.ID, namespace, 0, signal);
      const later = value.find(({ ID }) => ID === before.ID);
      // A task has started in the meantime, late or once more: the healthy time begins again.
      if (later === undefined || starts(later) !== starts(last) || later.ClientStatus !== 'running') {
        index = 0;
        continue;
      }
      const own = job.TaskGroups?.filter(({ Name }) => Name === later.TaskGroup) ?? [];
      const judged = hasChecks({ ...job, TaskGroups: own }) && countsChecks(job, later.TaskGroup);
      while (judged) {
        const passes = await checksPass(later, namespace, nomad, signal);
        if (passes === undefined) log.warning(describeUnread(later));
        if (passes !== false) break;
        await clock.sleep(RESTARTED_POLL_MS, signal);
      }
      return undefined;
    }
  } catch (error) {
    if (!signal.aborted || cancelled.aborted) throw error;
    return last;
  }
}

const startsOf = (allocation: Allocation, task: string): number =>
  Math.max(0, ...(allocation.TaskStates?.[task]?.Events ?? []).flatMap(({ Type, Time }) => (Type === 'Started' ? [Time] : [])));

const starts = (allocation: Allocation): string =>
  Object.keys(allocation.TaskStates ?? {})
    .map((task) => startsOf(allocation, task))
    .join(' ');

/** Returns whether each task that was running (or the named one) has started again. */
function startedAnew(before: Allocation, now: Allocation, task: string | undefined): boolean {
  const ran = Object.entries(before.TaskStates ?? {}).filter(([name, { State }]) =>
    task === undefined ? State === 'running' : name === task,
  );
  return ran.every(([name]) => now.TaskStates?.[name]?.State === 'running' && startsOf(now, name) > startsOf(before, name));
}

/** Returns whether all counted checks pass, by results newer than the last start; undefined when the checks can't be read. */
async function checksPass(allocation: Allocation, namespace: string, nomad: Nomad, signal: AbortSignal): Promise<boolean | undefined> {
  const startedMs = Math.max(...Object.keys(allocation.TaskStates ?? {}).map((task) => startsOf(allocation, task) / 1e6));
  const results = await nomad.allocations.checks(allocation.ID, namespace, signal);
  const passes = ({ Status, Timestamp }: CheckResult): boolean => Status === 'success' && (Timestamp ?? 0) * 1000 + 999 >= startedMs;
  // Right after the restart, the node may have no result yet.
  return results && results.length > 0 && results.every((result) => isIgnored(result) || passes(result));
}
