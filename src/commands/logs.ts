import { shortId } from '../diagnose/index.ts';
import { ActionError } from '../errors.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Allocation, RegisteredJob } from '../nomad/types.ts';
import { requireParts } from '../register/index.ts';
import { LOGS_UNREAD, type Result, type Run } from '../report/index.ts';
import type { Following } from '../watch/index.ts';

/** The pause between two reads of a followed log. */
const LOG_POLL_MS = 1_000;
const FOLLOW_MS = 300_000;

/** A stream of a task of an allocation. */
interface TaskLog {
  readonly allocation: Allocation;
  readonly task: string;
  readonly stream: 'stdout' | 'stderr';
}

/** `logs`: shows the last log lines of the running allocations of a job, or else of its newest ones; with `follow` also new lines. */
export async function logs(job: RegisteredJob, following: Following, current: Run): Promise<Result> {
  const { inputs, draft, nomad } = following;
  const { runtime, note } = current;
  requireParts(job, inputs);
  note({ jobVersion: job.Version });
  const all = (await nomad.jobs.allocations(job.ID, draft.namespace, 0, runtime.signal)).value;
  const which = logsOf(all, inputs);
  if (which.length === 0) {
    const where = inputs.group === undefined ? job.ID : `the group ${inputs.group} of ${job.ID}`;
    throw new ActionError('input-invalid', `no allocation of ${where} has run, or Nomad has removed it`);
  }
  for (const { allocation, task, stream } of which) {
    const lines = await nomad.allocations.logTail(
      { id: allocation.ID, task, type: stream },
      inputs.logLines,
      draft.namespace,
      runtime.signal,
    );
    if (lines === 'denied')
      throw new ActionError('permission-denied', LOGS_UNREAD.denied, { hint: 'Add the capability to the policy of the token.' });
    const shown = lines === 'gone' ? [LOGS_UNREAD.gone] : lines.map((line) => `| ${line}`);
    if (shown.length === 0) continue;
    const title = `${allocation.Name} (${shortId(allocation.ID)} on ${allocation.NodeName}), task ${task}: ${stream}`;
    await runtime.log.group(title, async () => {
      for (const line of shown) runtime.log.info(`  ${line}`);
    });
  }
  if (inputs.follow) await followLogs(job, which, following, current);
  return { outcome: 'reported' };
}

/** Returns the logs of the running allocations, or else of those of the newest version, limited to the group and task of the inputs. */
function logsOf(all: readonly Allocation[], { group, task }: Pick<Inputs, 'group' | 'task'>): TaskLog[] {
  const inGroup = all.filter(({ TaskGroup }) => group === undefined || TaskGroup === group);
  const running = inGroup.filter(({ ClientStatus }) => ClientStatus === 'running');
  const newest = Math.max(...inGroup.map(({ JobVersion }) => JobVersion));
  const shown = running.length > 0 ? running : inGroup.filter(({ JobVersion, NextAllocation }) => JobVersion === newest && !NextAllocation);
  return shown
    .sort((a, b) => a.Name.localeCompare(b.Name, 'en', { numeric: true }))
    .flatMap((allocation) =>
      Object.keys(allocation.TaskStates ?? {})
        .filter((name) => task === undefined || name === task)
        .sort()
        .flatMap((name) => (['stdout', 'stderr'] as const).map((stream) => ({ allocation, task: name, stream }))),
    );
}

/** Shows new log lines until all allocations have ended, or until the timeout. */
async function followLogs(
  job: RegisteredJob,
  which: readonly TaskLog[],
  { inputs, draft, nomad }: Following,
  { runtime }: Run,
): Promise<void> {
  const { namespace } = draft;
  const timeUp = runtime.clock.timeout(inputs.timeoutMs ?? FOLLOW_MS);
  const signal = AbortSignal.any([runtime.signal, timeUp]);
  const from = async ({ allocation, task, stream }: TaskLog, offset: number) =>
    nomad.allocations.logFrom({ id: allocation.ID, task, type: stream }, offset, namespace, signal);
  const ids = new Set(which.map(({ allocation }) => allocation.ID));
  const follow = async (): Promise<void> => {
    const told = await Promise.all(which.map(async (log) => ({ log, next: (await from(log, 0)).next, rest: '' })));
    for (let goesOn = true; goesOn; ) {
      await runtime.clock.sleep(LOG_POLL_MS, signal);
      const { value } = await nomad.jobs.allocations(job.ID, namespace, 0, signal);
      // The allocations are read before the logs, so that the last lines of an ended task are shown.
      goesOn = value.some(({ ID, ClientStatus }) => ids.has(ID) && (ClientStatus === 'running' || ClientStatus === 'pending'));
      for (const one of told) {
        const { text, next } = await from(one.log, one.next);
        const lines = `${one.rest}${text}`.split('\n');
        one.next = next;
        one.rest = lines.pop() ?? '';
        for (const line of lines) runtime.log.info(`${one.log.allocation.Name} ${one.log.task} | ${line}`);
      }
    }
  };
  runtime.log.info('New log output:');
  await follow().catch((error: unknown) => {
    if (!timeUp.aborted) throw error;
  });
}
