import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installed } from './docker.ts';
import { say } from './exec.ts';
import { freePort } from './ports.ts';
import { ready } from './ready.ts';
import type { Run } from './state.ts';

export interface Registry {
  /** `127.0.0.1:<port>`: an address whose plain HTTP the engine, buildx and Nomad's docker driver all accept. */
  readonly address: string;
  /** Empty without basic auth, as is the password. */
  readonly username: string;
  readonly password: string;
  /** One line per request, in Combined Log Format, among the registry's own lines. */
  readonly logFile: string;
  readonly stop: () => Promise<void>;
}

export interface RegistryOptions {
  /** Basic auth with a password of this run; true by default. */
  readonly auth?: boolean;
}

/** A bcrypt hash, the only kind that the registry reads, by the perl that every Debian has; the password goes by stdin. */
function bcrypt(password: string): string {
  const salt = randomBytes(24).toString('base64').replaceAll('+', '.').replaceAll('=', '').slice(0, 22);
  const program = `chomp(my $p = <STDIN>); print crypt($p, '$2b$05$${salt}')`;
  const { stdout, stderr } = spawnSync('perl', ['-e', program], { input: password, encoding: 'utf8' });
  if (!stdout.startsWith('$2b$')) throw new Error(`perl's crypt gave no bcrypt hash: ${stdout}${stderr}`);
  return stdout;
}

/** Starts a registry (Debian's docker-registry) on a free loopback port, with its own data and, by default, basic auth. */
export async function startRegistry(run: Run, { auth = true }: RegistryOptions = {}): Promise<Registry> {
  await installed({ 'docker-registry': 'docker-registry' });
  const begun = performance.now();
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const name = `registry-${port}`;
  const folder = join(run.folder, name);
  mkdirSync(folder);
  const username = auth ? 'ci' : '';
  const password = auth ? randomBytes(18).toString('base64url') : '';
  if (auth) writeFileSync(join(folder, 'htpasswd'), `${username}:${bcrypt(password)}\n`, { mode: 0o600 });
  const config = {
    version: 0.1,
    log: { level: 'info', formatter: 'json' },
    storage: { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: true } },
    http: { addr: address },
    ...(auth && { auth: { htpasswd: { realm: name, path: join(folder, 'htpasswd') } } }),
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'config.yml'), JSON.stringify(config));
  const service = run.service(name, 'docker-registry', ['serve', join(folder, 'config.yml')]);
  await ready(service, 'registry', 20, async () => {
    const { status } = await fetch(`http://${address}/v2/`);
    return status === (auth ? 401 : 200) || undefined;
  });
  say(`registry at ${address}${auth ? ' with basic auth' : ''} (started in ${((performance.now() - begun) / 1000).toFixed(1)} s)`);
  return { address, username, password, logFile: service.logFile, stop: service.stop };
}
