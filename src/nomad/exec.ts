import { ActionError } from '../errors.ts';
import type { TerminalSize } from '../runtime/runtime.ts';
import { blockingRead, type Call } from './call.ts';
import type { Nomad } from './connect.ts';
import { fits } from './fit.ts';
import type { Form } from './form.ts';
import type { Allocation } from './types.ts';
import type { Closed } from './websocket.ts';

/** Proxies close a connection that is silent for longer. Nomad's own program sends a heartbeat at this interval, too. */
const HEARTBEAT_MS = 10_000;

/** Input is sent in pieces of at most this size. */
const PIECE_BYTES = 96 * 1024;

/** A command in a running task. */
export interface ExecRequest {
  readonly allocationId: string;
  readonly task: string;
  /** The driver of the task: a task without isolation needs another right. */
  readonly driver: string | undefined;
  /** True: the command runs in a terminal of its own. */
  readonly tty: boolean;
  /** The size of the terminal, which is sent first, because the command may ask for it at once. */
  readonly size?: TerminalSize | undefined;
  readonly command: readonly string[];
  readonly namespace: string | undefined;
}

/** Bytes that the command has written. */
export interface ExecOutput {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Buffer;
}

/** A command in a running task, as long as it runs. */
export interface ExecSession {
  /** Sends bytes to the command's standard input. Resolves when more may follow, so that a slow command does not fill the memory. */
  readonly send: (bytes: Uint8Array) => Promise<void>;
  /** Ends the command's standard input. */
  readonly endInput: () => Promise<void>;
  readonly resize: (size: TerminalSize) => void;
  /**
   * The output in its order, and in the end the exit code of the command. The next output is read when it is asked for, so that a slow reader slows the command
   * down. Throws `unreachable`, `permission-denied` or `nomad-refused` when the session ends without an exit code.
   */
  readonly output: AsyncGenerator<ExecOutput, number>;
  /** Ends the session. Nomad then closes the input of the command, or kills it. */
  readonly close: () => void;
}

/** A message of the server. See https://developer.hashicorp.com/nomad/api-docs/client#exec-allocation */
interface Message {
  readonly stdout?: { readonly data?: string; readonly close?: boolean } | null;
  readonly stderr?: { readonly data?: string; readonly close?: boolean } | null;
  readonly exited?: boolean;
  readonly result?: { readonly exit_code?: number } | null;
}

/**
 * Starts a command in a running task: https://developer.hashicorp.com/nomad/api-docs/client#exec-allocation. Rejects with `unreachable` or `permission-denied`
 * when there is no session.
 */
export async function openExec(
  nomad: Pick<Nomad, 'socket' | 'denied' | 'clock'>,
  request: ExecRequest,
  signal: AbortSignal,
): Promise<ExecSession> {
  const { allocationId, task, driver, tty, size, command, namespace } = request;
  const call: Call = {
    method: 'GET',
    path: `/v1/client/allocation/${allocationId}/exec`,
    query: { task, tty: String(tty), command: JSON.stringify(command) },
    gives: 'text',
    capability: 'alloc-exec',
    // Nomad asks for it where the driver has no isolation of files, which is raw_exec.
    needs: driver === 'raw_exec' ? ['alloc-node-exec'] : [],
    namespace,
    signal,
  };
  const socket = await nomad.socket(call);
  const over = new AbortController();
  const beat = async (): Promise<void> => {
    for (;;) {
      await nomad.clock.sleep(HEARTBEAT_MS, over.signal);
      await socket.send('{}');
    }
  };
  beat().catch(() => undefined);
  let inputEnded = false;
  const endInput = async (): Promise<void> => {
    if (inputEnded) return;
    inputEnded = true;
    await socket.send('{"stdin":{"close":true}}');
  };
  const close = (): void => {
    if (over.signal.aborted) return;
    over.abort(new Error('the session has ended'));
    // Nomad does not tell a program in Docker that the session is gone.
    void endInput();
    socket.close();
  };
  signal.addEventListener('abort', close, { once: true });
  async function* output(): AsyncGenerator<ExecOutput, number> {
    try {
      for (;;) {
        const next = await socket.texts.next();
        if (next.done === true) throw await closeError(next.value, async (words) => nomad.denied(call, words));
        const { stdout, stderr, exited, result } = parsed(next.value);
        if (stdout?.data) yield { stream: 'stdout', bytes: Buffer.from(stdout.data, 'base64') };
        if (stderr?.data) yield { stream: 'stderr', bytes: Buffer.from(stderr.data, 'base64') };
        if (exited === true) return result?.exit_code ?? 0;
      }
    } finally {
      signal.removeEventListener('abort', close);
      close();
    }
  }
  const resize: ExecSession['resize'] = ({ columns, rows }) =>
    void socket.send(JSON.stringify({ tty_size: { height: rows, width: columns } }));
  if (size !== undefined) resize(size);
  return {
    send: async (bytes) => {
      if (inputEnded) return;
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
        const piece = bytes.subarray(at, at + PIECE_BYTES);
        const data = Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('base64');
        await socket.send(`{"stdin":{"data":"${data}"}}`);
      }
    },
    endInput,
    resize,
    output: output(),
    close,
  };
}

/** Reads an allocation by a blocking query, which outlasts an outage; undefined when it was removed. */
export async function watchAllocation(
  { send }: Pick<Nomad, 'send'>,
  { id, namespace }: { readonly id: string; readonly namespace: string | undefined },
  index: number,
  signal: AbortSignal,
): Promise<{ readonly value: Allocation | undefined; readonly index: number }> {
  const answer = await send({ ...blockingRead(`/v1/allocation/${id}`, 'object', { namespace, index, signal }), accept: [404] });
  return { value: answer.status === 200 ? (answer.json as Allocation) : undefined, index: answer.index };
}

const MESSAGE: Form = {
  ...{ 'stdout?': { 'data?': 'text' }, 'stderr?': { 'data?': 'text' }, 'exited?': 'boolean' },
  'result?': { 'exit_code?': 'number' },
};

function parsed(text: string): Message {
  const strange = (cause?: unknown): ActionError =>
    new ActionError('unreachable', 'the exec session got a message that is not from Nomad', { cause });
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch (cause) {
    throw strange(cause);
  }
  if (!fits(message, MESSAGE)) throw strange();
  return message as Message;
}

/** Returns the error of a session that ended without an exit code, from Nomad's reason of the end. */
async function closeError({ code, reason }: Closed, denied: (words: string) => Promise<ActionError>): Promise<ActionError> {
  const words = reason.replace(/^((rpc error|code = \w+ desc =):? )+/, '').trim();
  // The words of a program that the task may not start are longer.
  if (/^Permission denied$/i.test(words) || /ACL token/.test(words)) return denied(words);
  if (words !== '') return new ActionError('nomad-refused', `Nomad ended the exec session: ${words}`);
  return new ActionError('unreachable', `the connection of the exec session was closed (${code})`, {
    hint: '`status` shows the state of the job. A proxy in front of Nomad must let web sockets live.',
  });
}
