import { shortId } from '../diagnose/index.ts';
import { ActionError } from '../errors.ts';
import { requireTerminal } from '../inputs/index.ts';
import { type ExecSession, openExec } from '../nomad/index.ts';
import type { Allocation, RegisteredJob } from '../nomad/types.ts';
import { pickTask, type RunningTask } from '../register/index.ts';
import type { Result, Run } from '../report/index.ts';
import type { Runtime, Terminal } from '../runtime/runtime.ts';
import type { Following } from '../watch/index.ts';

/** The exit code of a session that ended without one of the command, as for OpenSSH. */
const LOST = 255;

/** After the end of the task, the exit code of the command may still be on its way. */
const LAST_WORDS_MS = 500;

/** The shell of an image: bash where it is, else sh. */
const SHELL = ['/bin/sh', '-c', 'if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi'] as const;

/** `ssh`: runs a shell or a program in a running task of a job, and ends with its exit code. */
export async function ssh(job: RegisteredJob, following: Following, current: Run): Promise<Result> {
  const { inputs, draft, nomad } = following;
  const { runtime } = current;
  const terminal = requireTerminal('ssh', runtime);
  const { namespace } = draft;
  const { value } = await nomad.jobs.allocations(job.ID, namespace, 0, runtime.signal);
  const picked = pickTask(job, value, inputs);
  const { allocation, task } = picked;
  terminal.say(`${allocation.Name} (${shortId(allocation.ID)} on ${allocation.NodeName}), task ${task}`);
  const tty = terminal.isTty.stdin && terminal.isTty.stdout;
  const over = new AbortController();
  const signal = AbortSignal.any([runtime.signal, over.signal]);
  const command = inputs.program ?? SHELL;
  try {
    const session = await openExec(nomad, { allocationId: allocation.ID, task, tty, command, namespace }, signal);
    const watching = dead(picked, { following, jobId: job.ID, signal }, runtime);
    const code = await Promise.race([talk(session, terminal, { tty, signal }), watching]);
    terminal.exitWith(code);
    return { outcome: 'reported' };
  } catch (thrown) {
    if (runtime.signal.aborted) throw thrown;
    terminal.exitWith(LOST);
    throw thrown;
  } finally {
    over.abort(new Error('the session has ended'));
  }
}

/** Passes on input, size and output of a session. Returns the exit code of the command, or that of a session that the person has left. */
async function talk(
  session: ExecSession,
  terminal: Terminal,
  { tty, signal }: { readonly tty: boolean; readonly signal: AbortSignal },
): Promise<number> {
  if (tty) {
    // The size is sent first, because the command may ask for it at once.
    const size = terminal.size();
    if (size !== undefined) session.resize(size);
    terminal.onResize(session.resize, signal);
  }
  const left = sendInput(session, terminal, { tty, signal });
  const shown = (async () => {
    for await (const { stream, bytes } of session.output) await terminal.writeBytes(stream, bytes);
    return session.exitCode;
  })();
  return Promise.race([shown, left.then(async (byPerson) => (byPerson ? LOST : shown))]);
}

/** Sends the standard input to its end. Returns true when the person has left the session by `~.`. */
async function sendInput(
  session: ExecSession,
  terminal: Terminal,
  { tty, signal }: { readonly tty: boolean; readonly signal: AbortSignal },
): Promise<boolean> {
  const filter = escapeReader();
  for await (const bytes of terminal.read({ raw: tty, signal })) {
    const { rest, leaves } = tty ? filter(bytes) : { rest: bytes, leaves: false };
    if (rest.length > 0) await session.send(rest);
    if (leaves) {
      session.close();
      return true;
    }
  }
  session.endInput();
  return false;
}

const [LF, CR, TILDE, DOT] = [10, 13, 126, 46];

/** Returns a function that finds `~.` at the beginning of a line, as OpenSSH does. A `~` waits for the next key. */
export function escapeReader(): (bytes: Uint8Array) => { readonly rest: Uint8Array; readonly leaves: boolean } {
  let state: 'line' | 'begin' | 'tilde' = 'begin';
  return (bytes) => {
    const rest: number[] = [];
    for (const byte of bytes) {
      if (state === 'tilde') {
        if (byte === DOT) return { rest: Uint8Array.from(rest), leaves: true };
        // `~~` is one `~`.
        rest.push(...(byte === TILDE ? [TILDE] : [TILDE, byte]));
        state = byte === CR || byte === LF ? 'begin' : 'line';
      } else if (state === 'begin' && byte === TILDE) state = 'tilde';
      else {
        rest.push(byte);
        state = byte === CR || byte === LF ? 'begin' : 'line';
      }
    }
    return { rest: Uint8Array.from(rest), leaves: false };
  };
}

/** Rejects when the task has ended, a moment later than the session could tell its exit code. */
async function dead(
  { allocation, task }: RunningTask,
  { following: { draft, nomad }, jobId, signal }: { readonly following: Following; readonly jobId: string; readonly signal: AbortSignal },
  { clock }: Runtime,
): Promise<never> {
  for (let index = 0; ; ) {
    const answer = await nomad.jobs.allocations(jobId, draft.namespace, index, signal);
    index = answer.index;
    const now = answer.value.find(({ ID }) => ID === allocation.ID);
    const why = endOf(now, task);
    if (why === undefined) continue;
    await clock.sleep(LAST_WORDS_MS, signal);
    throw new ActionError('nomad-refused', `the session has ended, because ${why}`, { hint: '`status` shows the state of the job.' });
  }
}

/** Returns why a task can have no session any more; undefined while it runs. */
function endOf(allocation: Allocation | undefined, task: string): string | undefined {
  if (allocation === undefined) return 'Nomad has removed the allocation';
  const { ClientStatus, NodeName, TaskStates } = allocation;
  if (ClientStatus === 'lost' || ClientStatus === 'unknown')
    return `the node ${NodeName} is ${ClientStatus === 'lost' ? 'down' : 'disconnected'}`;
  const state = TaskStates?.[task];
  const last = (state?.Events ?? []).at(-1);
  const told = last === undefined ? '' : `: ${last.DisplayMessage || last.Type}`;
  if (state?.State === 'dead') return `the task ${task} has ended${told}`;
  return ClientStatus === 'running' ? undefined : `the allocation is ${ClientStatus}${told}`;
}
