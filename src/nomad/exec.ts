import { ActionError } from '../errors.ts';
import type { Clock, TerminalSize } from '../runtime/runtime.ts';
import type { Transport } from './call.ts';

/** Nomad closes an exec session that is silent for longer. Its own program sends a heartbeat at this interval. */
const HEARTBEAT_MS = 10_000;

/** Input is sent in pieces of this size, and waits while more than this is on its way: a slow task must not fill the memory. */
const PIECE_BYTES = 64 * 1024;
const MAX_WAITING_BYTES = 1024 * 1024;

/** A command in a running task. */
export interface ExecRequest {
  readonly allocationId: string;
  readonly task: string;
  /** True: the command runs in a terminal of its own. */
  readonly tty: boolean;
  readonly command: readonly [string, ...string[]];
  readonly namespace: string | undefined;
}

/** Bytes that the command has written. */
export interface ExecOutput {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Uint8Array;
}

/** A command in a running task, as long as it runs. */
export interface ExecSession {
  /** Sends bytes to the command's standard input. Resolves when more may follow. */
  readonly send: (bytes: Uint8Array) => Promise<void>;
  /** Ends the command's standard input. */
  readonly endInput: () => void;
  readonly resize: (size: TerminalSize) => void;
  /** The output in its order, until the command has ended. */
  readonly output: AsyncIterable<ExecOutput>;
  /** Resolves with the exit code of the command. Rejects with `unreachable`, `permission-denied` or `nomad-refused` when the session ends without one. */
  readonly exitCode: Promise<number>;
  /** Ends the session. Nomad then kills the command. */
  readonly close: () => void;
}

/** A message of the server. See https://developer.hashicorp.com/nomad/api-docs/client#exec-allocation */
interface Message {
  readonly stdout?: { readonly data?: string; readonly close?: boolean } | null;
  readonly stderr?: { readonly data?: string; readonly close?: boolean } | null;
  readonly exited?: boolean;
  readonly result?: { readonly exit_code: number } | null;
}

/**
 * Starts a command in a running task: https://developer.hashicorp.com/nomad/api-docs/client#exec-allocation. Rejects with `unreachable` when there is no session.
 */
export async function openExec(
  { socket, clock }: Pick<Transport, 'socket'> & { readonly clock: Clock },
  { allocationId, task, tty, command, namespace }: ExecRequest,
  signal: AbortSignal,
): Promise<ExecSession> {
  const query = { task, tty: String(tty), command: JSON.stringify(command) };
  const path = `/v1/client/allocation/${allocationId}/exec`;
  return sessionOf(await socket({ method: 'GET', path, query, namespace, capability: 'alloc-exec', signal }), clock, signal);
}

type Socket = Awaited<ReturnType<Transport['socket']>>;

function sessionOf(socket: Socket, clock: Clock, signal: AbortSignal): ExecSession {
  const { promise: exitCode, resolve, reject } = Promise.withResolvers<number>();
  // The caller may look at the output first.
  exitCode.catch(() => undefined);
  const queue: ExecOutput[] = [];
  let wake = (): void => undefined;
  let ended = false;
  const end = (): void => {
    ended = true;
    wake();
  };
  const over = new AbortController();
  const send = (message: unknown): void => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  };
  const beat = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(HEARTBEAT_MS, over.signal);
      send({});
    }
  };
  beat().catch(() => undefined);
  const take = (text: string): void => {
    const { stdout, stderr, exited, result } = JSON.parse(text) as Message;
    if (stdout?.data) queue.push({ stream: 'stdout', bytes: Buffer.from(stdout.data, 'base64') });
    if (stderr?.data) queue.push({ stream: 'stderr', bytes: Buffer.from(stderr.data, 'base64') });
    if (exited === true) {
      resolve(result?.exit_code ?? 0);
      socket.close();
    }
    wake();
  };
  socket.addEventListener('message', ({ data }: { readonly data: unknown }) => {
    try {
      take(String(data));
    } catch (cause) {
      reject(new ActionError('unreachable', 'the exec session got a message that is not from Nomad', { cause }));
      socket.close();
    }
  });
  socket.addEventListener('close', ({ code, reason }: { readonly code: number; readonly reason: string }) => {
    over.abort(new Error('the session has ended'));
    reject(closeError(code, reason));
    end();
  });
  const close = (): void => socket.close();
  signal.addEventListener('abort', close, { once: true });
  return {
    send: async (bytes) => {
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
        send({ stdin: { data: Buffer.from(bytes.subarray(at, at + PIECE_BYTES)).toString('base64') } });
        while (socket.bufferedAmount > MAX_WAITING_BYTES && socket.readyState === socket.OPEN) await clock.sleep(1, over.signal);
      }
    },
    endInput: () => send({ stdin: { close: true } }),
    resize: ({ columns, rows }) => send({ tty_size: { height: rows, width: columns } }),
    output: {
      async *[Symbol.asyncIterator]() {
        for (;;) {
          const next = queue.shift();
          if (next !== undefined) yield next;
          else if (ended) return;
          else await new Promise<void>((ready) => (wake = ready));
        }
      },
    },
    exitCode,
    close,
  };
}

/** Close codes of RFC 6455: 1008 for a refusal (Nomad: a status 4xx), 1011 for an error of the server. */
const REFUSED = 1008;

function closeError(code: number, reason: string): ActionError {
  if (code === REFUSED && /denied/i.test(reason)) {
    return new ActionError('permission-denied', `Nomad refused the exec session: ${reason}`, {
      hint: 'The token needs `alloc-exec`, and for drivers without isolation, such as raw_exec, `alloc-node-exec`: docs/authentication.md.',
    });
  }
  if (reason !== '') return new ActionError('nomad-refused', `Nomad ended the exec session: ${reason}`);
  return new ActionError('unreachable', `the connection of the exec session was closed (${code})`, {
    hint: 'A proxy between this machine and Nomad must let web sockets through.',
  });
}
