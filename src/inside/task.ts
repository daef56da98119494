import { shortId } from '../diagnose/index.ts';
import { type ExecSession, type Nomad, openExec } from '../nomad/index.ts';
import type { Allocation, RegisteredJob } from '../nomad/types.ts';
import { pickTask } from '../register/index.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** A running task, and the way into it. */
export interface InsideTask {
  readonly allocation: Allocation;
  readonly task: string;
  readonly driver: string | undefined;
  readonly namespace: string | undefined;
  readonly nomad: Nomad;
  /** Starts a program in the task. Rejects with `unreachable` or `permission-denied`. */
  readonly start: (command: readonly string[], options?: { readonly tty?: boolean; readonly signal?: AbortSignal }) => Promise<ExecSession>;
}

/** The parts of a run that has picked its job. */
export interface Inside {
  readonly inputs: Parameters<typeof pickTask>[2];
  readonly nomad: Nomad;
  readonly draft: { readonly namespace: string | undefined };
}

/** Picks a running task of a job, as the inputs wish. Throws `input-invalid` where there is none. */
export async function enterTask(
  job: RegisteredJob,
  { inputs, nomad, draft }: Inside,
  runtime: Pick<Runtime, 'signal'>,
): Promise<InsideTask> {
  const { namespace } = draft;
  const { value } = await nomad.jobs.allocations(job.ID, namespace, 0, runtime.signal);
  return insideOf(job, pickTask(job, value, inputs), { nomad, namespace }, runtime);
}

/** Returns the way into a task of an allocation. */
export function insideOf(
  job: RegisteredJob,
  { allocation, task }: Pick<InsideTask, 'allocation' | 'task'>,
  { nomad, namespace }: Pick<InsideTask, 'nomad' | 'namespace'>,
  runtime: Pick<Runtime, 'signal'>,
): InsideTask {
  const driver = driverOf(job, allocation, task);
  return {
    ...{ allocation, task, driver, namespace, nomad },
    start: async (command, { tty = false, signal = runtime.signal } = {}) =>
      openExec(nomad, { allocationId: allocation.ID, task, driver, tty, command, namespace }, signal),
  };
}

function driverOf({ TaskGroups }: RegisteredJob, { TaskGroup }: Allocation, task: string): string | undefined {
  return TaskGroups?.find(({ Name }) => Name === TaskGroup)?.Tasks?.find(({ Name }) => Name === task)?.Driver;
}

/** Returns a task in words, for the person at the terminal. */
export function taskText({ allocation: { ID, Name, NodeName }, task }: Pick<InsideTask, 'allocation' | 'task'>): string {
  return `${Name} (${shortId(ID)} on ${NodeName}), task ${task}`;
}

/** The end of a program in a task. Output is cut where it is long. */
export interface Ran {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** The most output that is kept of a program. */
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Runs a program in a task to its end. `input` is its standard input. */
export async function runInside(
  { start }: Pick<InsideTask, 'start'>,
  command: readonly string[],
  { input, signal }: { readonly input?: AsyncIterable<Uint8Array>; readonly signal?: AbortSignal } = {},
): Promise<Ran> {
  const session = await start(command, signal === undefined ? {} : { signal });
  const kept = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  let bytes = 0;
  let over = false;
  const sending = (async () => {
    for await (const piece of input ?? []) {
      if (over) return;
      await session.send(piece);
    }
    await session.endInput();
  })();
  // An error of the input ends the session, so that the program does not take a part for the whole.
  sending.catch(() => session.close());
  try {
    for (;;) {
      const next = await session.output.next();
      if (next.done === true) {
        const [stdout, stderr] = [Buffer.concat(kept.stdout), Buffer.concat(kept.stderr).toString('utf8').trim()];
        return { code: next.value, stdout, stderr };
      }
      bytes += next.value.bytes.length;
      if (bytes <= MAX_OUTPUT_BYTES) kept[next.value.stream].push(next.value.bytes);
    }
  } catch (error) {
    await Promise.race([sending, Promise.resolve()]);
    throw error;
  } finally {
    over = true;
    session.close();
  }
}

/** The most text of a program that is kept for a message. */
const MAX_TOLD_BYTES = 64 * 1024;

/** Gives what a program in a task writes to its standard output. Throws the error that `failed` makes of an exit code other than 0. */
export async function* outputInside(
  { start }: Pick<InsideTask, 'start'>,
  command: readonly string[],
  { signal, failed }: { readonly signal: AbortSignal; readonly failed: (ran: Ran) => Error },
): AsyncGenerator<Buffer> {
  const session = await start(command, { signal });
  let stderr = '';
  try {
    await session.endInput();
    for (;;) {
      const next = await session.output.next();
      if (next.done === true) {
        if (next.value !== 0) throw failed({ code: next.value, stdout: Buffer.alloc(0), stderr: stderr.trim() });
        return;
      }
      const { stream, bytes } = next.value;
      if (stream === 'stdout') yield bytes;
      else if (stderr.length < MAX_TOLD_BYTES) stderr += bytes.toString('utf8');
    }
  } finally {
    session.close();
  }
}
