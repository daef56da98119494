// The way to a cluster behind a jump host: `ssh` forwards a socket in a private folder, so that no other user of the machine can use it.
import { openSync } from 'node:fs';
import { lstat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ActionError, toActionError } from '../errors.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Tunnel } from '../nomad/index.ts';
import type { CommandResult, Runtime } from '../runtime/runtime.ts';

type JumpHost = Extract<NonNullable<Inputs['nomadVia']>, { readonly kind: 'ssh' }>;

/** The longest wait for the socket. ssh itself ends an attempt to connect after the first part of it. */
const OPEN_MS = 20_000;
const CONNECT_S = 10;
const POLL_MS = 50;

/** The pause before a lost connection is opened again. */
const AGAIN_MS = 1_000;

/** The longest path of a socket, in bytes; 107 on Linux, 103 on macOS: https://man7.org/linux/man-pages/man7/unix.7.html */
const MAX_PATH = 103;
const SOCKET = 'nomad.sock';

/** Returns the tunnel to the host and port of an address through a jump host. It is opened at its first use, opened again where it breaks, and ends with its last user. */
export function tunnelThrough(via: JumpHost, address: string, runtime: Runtime): Tunnel {
  let users = 0;
  let tunnel: { readonly socket: Promise<string>; readonly end: () => Promise<void> } | undefined;
  return {
    through: `${via.user}@${via.host}`,
    open: async () => {
      users += 1;
      tunnel ??= begin(via, address, runtime);
      return tunnel.socket;
    },
    close: async () => {
      users -= 1;
      if (users > 0) return;
      const last = tunnel;
      tunnel = undefined;
      await last?.end();
    },
  };
}

function begin(via: JumpHost, address: string, runtime: Runtime): { readonly socket: Promise<string>; readonly end: () => Promise<void> } {
  const over = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const opening = async (): Promise<string> => {
    const folder = await runtime.privateFolder();
    const socket = join(folder, SOCKET);
    const files = { knownHosts: join(folder, 'known_hosts'), key: via.key === undefined ? undefined : join(folder, 'key') };
    await writeFile(files.knownHosts, via.knownHosts, { mode: 0o600 });
    if (files.key !== undefined) await writeFile(files.key, via.key?.reveal() ?? '', { mode: 0o600 });
    const argv = sshArguments(via, address, files);
    const once = async (): Promise<CommandResult> => runtime.exec(argv, { cwd: folder, signal: over.signal, outlives: true });
    const first = once();
    const ended = first.then(
      (result) => sshProblem(result, via),
      (error: unknown) => toActionError(error),
    );
    running = keepOpen(first, once, { over: over.signal, runtime });
    const late = runtime.clock.timeout(OPEN_MS);
    for (;;) {
      if ((await lstat(socket).catch(() => undefined))?.isSocket() === true) return reachable(folder);
      const problem = await Promise.race([ended, runtime.clock.sleep(POLL_MS, runtime.signal)]);
      if (problem !== undefined) throw problem;
      if (late.aborted) throw sshProblem(undefined, via);
    }
  };
  const socket = opening().catch((error: unknown) => {
    over.abort();
    throw error;
  });
  return {
    socket,
    end: async () => {
      over.abort();
      await socket.catch(() => undefined);
      await running;
    },
  };
}

/** Returns a path of the socket in a folder that is short enough for the system. ssh itself runs in the folder. */
function reachable(folder: string): string {
  const path = join(folder, SOCKET);
  if (Buffer.byteLength(path) <= MAX_PATH) return path;
  // The folder stays open until the process ends, as the connections of the run do.
  return `/proc/self/fd/${openSync(folder, 'r')}/${SOCKET}`;
}

/** Opens the connection again as often as it is lost. Ends with `over`. */
async function keepOpen(
  first: Promise<CommandResult>,
  again: () => Promise<CommandResult>,
  { over, runtime }: { readonly over: AbortSignal; readonly runtime: Runtime },
): Promise<void> {
  for (let attempt = first; ; attempt = again()) {
    await attempt.catch(() => undefined);
    if (over.aborted) return;
    runtime.log.info('The connection to the jump host is lost; opening it again');
    await runtime.clock.sleep(AGAIN_MS, over).catch(() => undefined);
    if (over.aborted) return;
  }
}

/** Returns the command that forwards the socket. The user's own configuration of ssh does not count, since it could name another way. */
export function sshArguments(
  { user, host, port }: Pick<JumpHost, 'user' | 'host' | 'port'>,
  address: string,
  { knownHosts, key }: { readonly knownHosts: string; readonly key: string | undefined },
): [string, ...string[]] {
  const { hostname, port: own, protocol } = new URL(address);
  const goal = `${hostname}:${own === '' ? (protocol === 'https:' ? 443 : 80) : own}`;
  const options = [
    ...['BatchMode=yes', 'StrictHostKeyChecking=yes', `UserKnownHostsFile=${knownHosts}`, 'GlobalKnownHostsFile=/dev/null'],
    ...['ExitOnForwardFailure=yes', 'StreamLocalBindUnlink=yes', `ConnectTimeout=${CONNECT_S}`, 'UpdateHostKeys=no'],
    ...['ServerAliveInterval=15', 'ServerAliveCountMax=3', 'PermitLocalCommand=no', 'ControlPath=none', 'RequestTTY=no'],
    ...(key === undefined ? [] : ['IdentitiesOnly=yes', 'IdentityAgent=none', `IdentityFile=${key}`]),
  ];
  return [
    ...(['ssh', '-N', '-F', 'none'] as const),
    ...options.flatMap((option) => ['-o', option]),
    ...['-p', String(port), '-L', `./${SOCKET}:${goal}`, '--', `${user}@${host}`],
  ];
}

/** Returns the error of a connection to a jump host that could not be opened; without a result, ssh did not open it in time. */
function sshProblem(result: CommandResult | undefined, { user, host, port }: JumpHost): ActionError {
  const said = (result?.stderr ?? '').trim().split('\n').at(-1)?.trim() ?? '';
  const at = `\`nomad-via\`: cannot log in to the jump host ${user}@${host}${port === 22 ? '' : `:${port}`}`;
  if (result?.notStarted === true)
    return new ActionError('unreachable', `${at}: there is no program ssh`, { hint: 'Install the OpenSSH client on the runner.' });
  const [, hint] = HINTS.find(([words]) => words.test(result?.stderr ?? '')) ?? [];
  return new ActionError('unreachable', `${at}: ${said === '' ? `no connection within ${OPEN_MS / 1_000} s` : said}`, {
    hint: hint ?? 'Check the address of `nomad-via`, and that this runner can reach it.',
  });
}

const HINTS: readonly (readonly [words: RegExp, hint: string])[] = [
  [
    /Host key verification failed|REMOTE HOST IDENTIFICATION/,
    'The key of the host is not the one in `nomad-via-known-hosts`. If the host has a new key, compare it on the host, and set it there.',
  ],
  [
    /Permission denied/,
    'Set `nomad-via-key` to a key without a passphrase whose public key the user of the host has in `authorized_keys`.',
  ],
  [/error in libcrypto|invalid format|incorrect passphrase/, 'Set `nomad-via-key` to a whole private key without a passphrase.'],
];
