import { shortId } from '../diagnose/index.ts';
import { ActionError } from '../errors.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Allocation, RegisteredJob } from '../nomad/types.ts';
import { requireParts } from '../register/index.ts';
import { LOGS_UNREAD, type Result, type Run } from '../report/index.ts';
import type { Following } from '../watch/index.ts';

/** Nothing announces a line of a log. */
const POLL_MS = 1_000;
const FOLLOW_MS = 300_000;

/** A stream of a task of an allocation. */
interface Log {
  readonly allocation: Allocation;
  readonly task: string;
  readonly stream: 'stdout' | 'stderr';
}

/** `logs`: shows the last lines of what the tasks of a job said, of those that run, or else of the newest; with `follow` also what they go on to say. */
export async function logs(job: RegisteredJob, following: Following, current: Run): Promise<Result> {
  const { inputs, draft, nomad } = following;
  const { runtime, note } = current;
  requireParts(job, inputs);
  note({ jobVersion: job.Version });
  const all = (await nomad.jobs.allocations(job.ID, draft.namespace, 0, runtime.signal)).value;
  const which = logsOf(all, inputs);
  if (which.length === 0) {
    throw new ActionError('input-invalid', `nothing of ${job.ID}${inputs.group === undefined ? '' : `, group ${inputs.group},`} has run`, {
      hint: 'Or the cluster has forgotten it: it keeps ended allocations for a while only.',
    });
  }
  for (const { allocation, task, stream } of which) {
    const lines = await nomad.allocations.logTail(allocation.ID, task, stream, inputs.logLines, draft.namespace, runtime.signal);
    if (lines === 'denied')
      throw new ActionError('permission-denied', LOGS_UNREAD.denied, { hint: 'Allow it in the policy of the token.' });
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

/** The logs of the allocations that run, or else of the newest version's; only those of the group and task that are asked for. */
function logsOf(all: readonly Allocation[], { group, task }: Pick<Inputs, 'group' | 'task'>): Log[] {
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

/** Shows what is said from now on, line by line, until all of it has ended, or the time is up. */
async function followLogs(job: RegisteredJob, which: readonly Log[], { inputs, draft, nomad }: Following, { runtime }: Run): Promise<void> {
  const { namespace } = draft;
  const timeUp = runtime.clock.timeout(inputs.timeoutMs ?? FOLLOW_MS);
  const signal = AbortSignal.any([runtime.signal, timeUp]);
  const from = async ({ allocation, task, stream }: Log, offset: number) =>
    nomad.allocations.logFrom(allocation.ID, task, stream, offset, namespace, signal);
  const ids = new Set(which.map(({ allocation }) => allocation.ID));
  const follow = async (): Promise<void> => {
    const told = await Promise.all(which.map(async (log) => ({ log, next: (await from(log, 0)).next, rest: '' })));
    for (let goesOn = true; goesOn; ) {
      await runtime.clock.sleep(POLL_MS, signal);
      const { value } = await nomad.jobs.allocations(job.ID, namespace, 0, signal);
      // Looked at before the logs, so that the last words of what has ended are read.
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
  runtime.log.info('What is said from now on:');
  await follow().catch((error: unknown) => {
    if (!timeUp.aborted) throw error;
  });
}
