import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { attempt, onPath, output, say } from './exec.ts';
import { ready } from './ready.ts';
import type { Run } from './state.ts';
import { tool } from './tools.ts';

export interface Docker {
  /** What a process needs in its environment to use this engine with buildx: DOCKER_HOST, and DOCKER_CONFIG when buildx is ours. */
  readonly env: Readonly<Record<string, string>>;
  /** The engine's address, as in DOCKER_HOST. */
  readonly host: string;
  readonly version: string;
  /** False for an engine that was there before; it is never stopped. */
  readonly own: boolean;
  readonly stop: () => Promise<void>;
}

const isDebian = (): boolean => existsSync('/usr/bin/apt-get') && existsSync('/etc/debian_version');
const isRoot = process.getuid?.() === 0;

/**
 * Makes sure that programs are installed that Debian and Ubuntu have packages for (program → package). Installs what is missing as
 * root or by sudo without a password; elsewhere throws an error that names the command to run.
 */
export function installed(programs: Readonly<Record<string, string>>): Promise<void> {
  // Parts start side by side, but apt-get refuses to work while another one does.
  const next = installing.then(() => install(programs));
  installing = next.catch(() => undefined);
  return next;
}

let installing: Promise<unknown> = Promise.resolve();

async function install(programs: Readonly<Record<string, string>>): Promise<void> {
  const missing: string[] = [];
  for (const [program, name] of Object.entries(programs)) if ((await onPath(program)) === undefined) missing.push(name);
  if (missing.length === 0) return;
  const packages = [...new Set(missing)];
  const apt = ['apt-get', 'install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', ...packages];
  if (!isDebian()) throw new Error(`Install ${packages.join(', ')} with this system's package manager and run this again.`);
  const [program, ...first] = [...(isRoot ? [] : ['sudo', '-n']), 'env', 'DEBIAN_FRONTEND=noninteractive'] as const;
  if (!isRoot && (await attempt('sudo', ['-n', 'true'])) === undefined) {
    throw new Error(`Missing: ${packages.join(', ')}. Run this again after:  sudo apt-get update && sudo ${apt.join(' ')}`);
  }
  say(`installing ${packages.join(', ')} (apt-get)`);
  const run = (...command: readonly string[]): Promise<string> => output(program, [...first, ...command]);
  await run('apt-get', 'update', '-q');
  await run(...apt);
  // The packages start services; ours run with their own configuration, and only while they are needed.
  for (const name of packages.filter(
    (candidate) => candidate.startsWith('docker') || candidate === 'haproxy' || candidate === 'prometheus',
  )) {
    const service = name === 'docker.io' ? 'docker' : name;
    const stop = existsSync('/run/systemd/system')
      ? ['systemctl', 'disable', '--now', service, ...(service === 'docker' ? ['docker.socket'] : [])]
      : ['service', service, 'stop'];
    await run(...stop).catch(() => say(`${service}: no service to stop`));
  }
}

/** Version of the engine that the client reaches with `env`, undefined when none answers. */
function engineVersion(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return attempt('docker', ['version', '--format', '{{.Server.Version}}'], { env, timeout: 10_000 });
}

/** Whether an engine answers at a unix socket. */
function answers(socketPath: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  request({ socketPath, path: '/_ping', timeout: 2000 }, (response) => {
    response.resume();
    resolve(response.statusCode === 200);
  })
    .on('error', () => resolve(false))
    .end();
  return promise;
}

/**
 * A bridge of its own for an engine of its own: two engines on the machine (another checkout, the user's) must not fight over docker0.
 * Gives its name.
 */
async function makeBridge(run: Run): Promise<string> {
  const name = `nd${process.pid.toString(36)}${createHash('sha256').update(run.folder).digest('hex').slice(0, 4)}`;
  const taken = await output('ip', ['-4', '-oneline', 'address']);
  // Not all from the first: two engines that start at the same moment would see the same one free.
  const candidates = Array.from({ length: 200 }, (_, i) => (i + process.pid) % 200);
  const octet = candidates.find((candidate) => !taken.includes(` 10.213.${candidate}.`)) ?? 0;
  // An engine that ends while it connects a container leaves both ends of the cable; the container's address is in its MAC address.
  const mac = `02:42:0a:d5:${octet.toString(16).padStart(2, '0')}:`;
  const cables = `ip -oneline link show type veth | sed -n 's/^[0-9]*: \\([^@:]*\\).* ${mac}.*/\\1/p' | xargs -rn1 ip link delete`;
  run.undoLater(`bridge ${name}`, `ip link delete ${name}; ${cables}`);
  await output('ip', ['link', 'add', name, 'type', 'bridge']);
  await output('ip', ['address', 'add', `10.213.${octet}.1/24`, 'dev', name]);
  await output('ip', ['link', 'set', name, 'up']);
  return name;
}

async function startEngine(run: Run): Promise<Pick<Docker, 'host' | 'stop'>> {
  await installed({ docker: 'docker.io', dockerd: 'docker.io', ip: 'iproute2' });
  const folder = join(run.folder, 'docker');
  const socket = join(run.folder, 'docker.sock');
  mkdirSync(folder);
  // The machine's /etc/docker/daemon.json is for the machine's engine.
  writeFileSync(join(folder, 'daemon.json'), '{}');
  const bridge = await makeBridge(run);
  const dockerd = run.service(
    'dockerd',
    'dockerd',
    [
      ...['--host', `unix://${socket}`, '--pidfile', join(folder, 'pid'), '--config-file', join(folder, 'daemon.json')],
      ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec'), '--bridge', bridge],
      // The firewall is the machine's: published ports go through docker-proxy.
      ...['--iptables=false', '--ip6tables=false'],
    ],
    { graceSeconds: 30 },
  );
  await ready(dockerd, 'Docker Engine', 60, async () => (await answers(socket)) || undefined);
  return { host: `unix://${socket}`, stop: dockerd.stop };
}

/** The address of the engine that the client uses by itself; a folder of our own as DOCKER_CONFIG would lose its context. */
async function currentHost(): Promise<string> {
  return (
    process.env['DOCKER_HOST'] ||
    (await attempt('docker', ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'])) ||
    'unix:///var/run/docker.sock'
  );
}

/**
 * A Docker Engine with buildx. One that answers is used as it is; else, as root on Debian and Ubuntu, an engine is installed and
 * started whose data, socket and bridge are the run's own. Buildx is the installed plugin, else one from tools/ in a DOCKER_CONFIG of
 * the run.
 */
export async function startDocker(run: Run): Promise<Docker> {
  const there = await engineVersion(process.env);
  if (there === undefined && process.env['DOCKER_HOST']) {
    throw new Error(`No Docker Engine answers at DOCKER_HOST=${process.env['DOCKER_HOST']}; start it or unset DOCKER_HOST.`);
  }
  if (there === undefined && !(isRoot && isDebian())) {
    const start = process.platform === 'darwin' ? 'open -a Docker' : 'sudo systemctl start docker';
    throw new Error(`No Docker Engine answers. Start one and run this again:  ${start}`);
  }
  const begun = performance.now();
  const { host, stop } =
    there === undefined ? await startEngine(run) : { host: await currentHost(), stop: (): Promise<void> => Promise.resolve() };
  const env: Record<string, string> = { DOCKER_HOST: host };
  const version = there ?? (await engineVersion({ ...process.env, ...env })) ?? 'unknown';
  const took = there === undefined ? ` (started in ${((performance.now() - begun) / 1000).toFixed(1)} s)` : '';
  if ((await attempt('docker', ['buildx', 'version'])) === undefined) {
    env['DOCKER_CONFIG'] = join(run.folder, 'docker-config');
    const plugins = join(env['DOCKER_CONFIG'], 'cli-plugins');
    mkdirSync(plugins, { recursive: true });
    symlinkSync(await tool('docker-buildx'), join(plugins, 'docker-buildx'));
  }
  say(`Docker Engine ${version} at ${host}${took}`);
  return { env, host, version, own: there === undefined, stop };
}
