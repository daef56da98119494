import { shortId } from '../diagnose/index.ts';
import { ActionError } from '../errors.ts';
import { type ExecSession, type Nomad, openExec } from '../nomad/index.ts';
import type { Allocation, RegisteredJob } from '../nomad/types.ts';
import { pickTask } from '../register/index.ts';
import type { Runtime, TerminalSize } from '../runtime/runtime.ts';
import { noShell } from './scripts.ts';
import { losesOutput, needsMarks, unwrapped, wrapped } from './whole.ts';

/** The shell of a task. */
const SHELL = '/bin/sh';

/** A slow line has some megabytes of output on their way. */
const LINGER_S = 30;

/** The answer to a file is short. */
const SHORT_S = 2;

/** The tries of a session that ends before its program has begun. */
const TRIES = 10;

/** The time limit of what is left to do behind the end of a session. */
const SETTLE_MS = 2_000;

/** The form of a session. */
export interface StartOptions {
  readonly tty?: boolean;
  readonly size?: TerminalSize | undefined;
  /** True: the program has no input. */
  readonly noInput?: boolean;
  /** The longest wait of a shell in the task until its output has arrived, in seconds. */
  readonly lingerS?: number;
  readonly signal?: AbortSignal;
}

/** A running task, and the way into it. */
export interface InsideTask {
  readonly allocation: Allocation;
  readonly task: string;
  readonly driver: string | undefined;
  readonly namespace: string | undefined;
  readonly nomad: Nomad;
  /** Starts a program in the task. Rejects with `unreachable`, `permission-denied` or `input-invalid`. */
  readonly start: (command: readonly string[], options?: StartOptions) => Promise<ExecSession>;
  /** Resolves when the shells of ended sessions, and the programs of those that were left, have ended. */
  readonly settle: () => Promise<void>;
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
  let hasShell = true;
  const start: InsideTask['start'] = async (
    command,
    { tty = false, size, noInput = false, lingerS = LINGER_S, signal = runtime.signal } = {},
  ) => {
    const request = { allocationId: allocation.ID, task, driver, tty, size, namespace };
    const marks = needsMarks(driver, { tty, noInput });
    const form = { noInput, lingerS, loses: losesOutput(driver) };
    for (let tries = 0; marks && hasShell && tries < TRIES; tries++) {
      const mark = `nomad-deploy-${numberText(nomad.clock.random())}`;
      const session = await openExec(nomad, { ...request, command: wrapped(command, mark, form) }, signal);
      const whole = await unwrapped(session, { mark, tty, noInput, hangUp, later });
      if (typeof whole === 'object') return whole;
      if (whole === 'not-begun') continue;
      if (command[0] === SHELL) throw noShell();
      hasShell = false;
    }
    if (marks && hasShell)
      throw new ActionError('nomad-refused', `Nomad ended ${TRIES} exec sessions before the program had begun`, {
        hint: 'Run the command again.',
      });
    const session = await openExec(nomad, { ...request, command }, signal);
    if (noInput) await session.endInput();
    return session;
  };
  const unfinished = new Set<Promise<unknown>>();
  const later = (work: Promise<unknown>): void => {
    const limit = nomad.clock.sleep(SETTLE_MS, runtime.signal).catch(() => undefined);
    const bounded = Promise.race([work, limit]).catch(() => undefined);
    unfinished.add(bounded);
    void bounded.finally(() => unfinished.delete(bounded));
  };
  const hangUp = (pid: number): void => {
    const command = [SHELL, '-c', `kill -HUP -${pid} || kill -HUP ${pid}`];
    const request = { allocationId: allocation.ID, task, driver, tty: false, namespace, command };
    const work = openExec(nomad, request, nomad.clock.timeout(SETTLE_MS)).then(async ({ output }) => output.next());
    const told = work.catch(() => undefined);
    unfinished.add(told);
    void told.finally(() => unfinished.delete(told));
  };
  return { allocation, task, driver, namespace, nomad, start, settle: async () => void (await Promise.all(unfinished)) };
}

/** Returns a number below 1 as eight hexadecimal digits. */
export function numberText(chance: number): string {
  return Math.floor(chance * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
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
  const session = await start(command, {
    noInput: input === undefined,
    lingerS: input === undefined ? LINGER_S : SHORT_S,
    ...(signal === undefined ? {} : { signal }),
  });
  const kept = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  let bytes = 0;
  let over = false;
  const sending = (async () => {
    if (input === undefined) return;
    for await (const piece of input) {
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
  const session = await start(command, { noInput: true, signal });
  let stderr = '';
  try {
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
