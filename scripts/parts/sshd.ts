import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { installed } from './docker.ts';
import { onPath, say } from './exec.ts';
import { freePort } from './ports.ts';
import { ready } from './ready.ts';
import type { Run } from './state.ts';

/** A jump host of this machine, for its own user. */
export interface Sshd {
  /** `ssh://user@127.0.0.1:<port>`. */
  readonly address: string;
  /** The line of a file known_hosts. */
  readonly knownHost: string;
  /** The text of a private key that may log in. */
  readonly key: string;
  readonly logFile: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** Starts OpenSSH's server on loopback, with keys of its own. It only forwards. Installs it from the machine's packages where it is not on PATH. */
export async function startSshd(run: Run): Promise<Sshd> {
  await installed({ sshd: 'openssh-server', ssh: 'openssh-client' });
  const port = await freePort();
  const folder = mkdtempSync(join(run.folder, 'sshd-'));
  const [host, user] = ['host', 'user'].map((name) => join(folder, name));
  if (host === undefined || user === undefined) throw new Error('no keys');
  for (const file of [host, user]) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', file]);
  const allowed = join(folder, 'authorized_keys');
  writeFileSync(allowed, `restrict,port-forwarding ${readFileSync(`${user}.pub`, 'utf8')}`, { mode: 0o600 });
  // The folder is for the separation of privileges; a service of the system makes it.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const config = join(folder, 'sshd_config');
  writeFileSync(
    config,
    `Port ${port}
ListenAddress 127.0.0.1
HostKey ${host}
PidFile none
AuthorizedKeysFile ${allowed}
AuthenticationMethods publickey
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
PrintMotd no
LogLevel DEBUG1
`,
  );
  const service = run.service(basename(folder), (await onPath('sshd')) ?? '/usr/sbin/sshd', ['-D', '-e', '-f', config]);
  await ready(service, 'sshd', 10, async () => {
    const { promise, resolve, reject } = Promise.withResolvers<true>();
    const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', reject);
    return promise.finally(() => socket.destroy());
  });
  const address = `ssh://${userInfo().username}@127.0.0.1:${port}`;
  say(`sshd at ${address}`);
  const [type, text] = readFileSync(`${host}.pub`, 'utf8').split(' ');
  const knownHost = `[127.0.0.1]:${port} ${type} ${text}`;
  return { address, knownHost, key: readFileSync(user, 'utf8'), logFile: service.logFile, pid: service.pid, stop: service.stop };
}
