import type { Nomad } from '../nomad/index.ts';
import type { Allocation, TaskState } from '../nomad/types.ts';
import { LOGS_UNREAD } from '../report/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { formatDuration } from '../text/index.ts';
import { follow } from '../watch/index.ts';

/** After the end of a task, its log is read to its end while lines come: the longest wait for the next line, and the longest time. */
const NEXT_LINE_MS = 5_000;
const LAST_LINES_MS = 120_000;

/** A node can write the log of a short task some time after its end: it is read again after this pause, and up to so often while it is empty. */
const LATE_MS = 500;
const LATE_READS = 3;

/** A log of more lines is not read again. */
const MAX_AGAIN = 1_000;

/** The job of a hook, and its task. */
interface Streamed {
  readonly jobId: string;
  readonly namespace: string;
  readonly task: string;
  /** Begins each line. */
  readonly label: string;
}

/** A log that is being read. */
export interface Stream {
  /** Reads the logs to their end, and ends the following. `all` are the allocations as they were seen last. */
  readonly end: (all: readonly Allocation[]) => Promise<void>;
}

/** Shows the log of the task of a hook while it runs, of each of its allocations. A log that can't be read is a notice. */
export function streamLog({ jobId, namespace, task, label }: Streamed, nomad: Nomad, runtime: Runtime): Stream {
  const { clock, log } = runtime;
  const done = new AbortController();
  const signal = AbortSignal.any([runtime.signal, done.signal]);
  const readers = new Map<string, { readonly over: AbortController; readonly read: Promise<unknown> }>();
  let isDenied = false;
  let told = 0;
  const open = (id: string): void => {
    const over = new AbortController();
    const shown = { stdout: 0, stderr: 0 };
    const read = (['stdout', 'stderr'] as const).map(async (type) => {
      const show = async (lines: readonly string[]): Promise<void> => {
        shown[type] += lines.length;
        told += lines.length;
        for (const line of lines) log.info(`${label} | ${runtime.redact(line)}`);
        await runtime.drained?.();
      };
      const name = { id, task, type };
      const unread = await nomad.allocations.readLog(name, { last: undefined, over: over.signal, tell: show }, namespace, signal);
      if (unread === 'denied' && !isDenied) {
        isDenied = true;
        log.notice(`${label}: ${LOGS_UNREAD.denied}`);
      }
      for (let again = 0; unread === undefined && shown[type] < MAX_AGAIN && again < LATE_READS; again++) {
        await clock.sleep(LATE_MS, signal);
        const all: string[] = [];
        const keep = (lines: readonly string[]): void => {
          for (const line of lines) all.push(line);
        };
        await nomad.allocations.readLog(name, { last: undefined, over: undefined, tell: keep }, namespace, signal);
        await show(all.slice(shown[type]));
        if (shown.stdout + shown.stderr > 0) break;
      }
    });
    readers.set(id, { over, read: Promise.allSettled(read) });
  };
  const look = (all: readonly Allocation[]): void => {
    for (const { ID, ClientStatus, TaskStates } of all) {
      const state = TaskStates?.[task];
      if (!readers.has(ID) && hasStarted(state)) open(ID);
      if (state?.State === 'dead' || !/^(pending|running|unknown)$/.test(ClientStatus))
        readers.get(ID)?.over.abort(new Error('the task has ended'));
    }
  };
  // The watch of the job tells the failures of these questions.
  const following = follow(async (index) => nomad.jobs.allocations(jobId, namespace, index, signal), look, { clock, signal }).catch(
    () => undefined,
  );
  return {
    end: async (all) => {
      look(all);
      for (const { over } of readers.values()) over.abort(new Error('the hook has ended'));
      const read = Promise.all([...readers.values()].map(async (one) => one.read)).then(() => true);
      const endedMs = clock.now();
      for (let before = -1; before < told; ) {
        before = told;
        if (await Promise.race([read, clock.sleep(NEXT_LINE_MS, signal).catch(() => true)])) break;
        if (clock.now() - endedMs < LAST_LINES_MS) continue;
        log.notice(`${label}: its log could not be read to the end within ${formatDuration(LAST_LINES_MS)} after the command`);
        break;
      }
      done.abort(new Error('the hook has ended'));
      await following;
    },
  };
}

const hasStarted = (state: TaskState | undefined): boolean =>
  state?.State === 'running' || (state?.Events ?? []).some(({ Type }) => Type === 'Started' || Type === 'Terminated');
