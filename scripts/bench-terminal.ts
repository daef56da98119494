// A key in `ssh`, and the bytes a second of `cp` and `tunnel`, beside `nomad alloc exec` on the same cluster: tasks of both drivers on this machine. Figures to
// compare on one machine; no test looks at them.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from './parts/action.ts';
import { startDocker } from './parts/docker.ts';
import { attempt } from './parts/exec.ts';
import { importBusybox } from './parts/images.ts';
import { type Nomad, startNomad } from './parts/nomad.ts';
import { freePort } from './parts/ports.ts';
import { startRun } from './parts/state.ts';
import { tool } from './parts/tools.ts';

const CLI = join(import.meta.dirname, '../dist/cli.js');
const KEYS = 60;
const BYTES = 100_000_000;
const RUNS = 3;

interface Place {
  readonly nomad: Nomad;
  readonly program: string;
  readonly folder: string;
  readonly job: string;
  readonly allocation: string;
}

/** A job whose task serves a large file, and waits for connections that it only reads. */
async function startJob({ address }: Nomad, id: string, driver: 'raw_exec' | 'docker'): Promise<string> {
  const serve = `cd "$NOMAD_TASK_DIR"; head -c ${BYTES} /dev/urandom > big; exec busybox httpd -f -p $NOMAD_PORT_http -h .`;
  const command = { command: '/bin/sh', args: ['-c', serve] };
  const config = driver === 'docker' ? { image: 'busybox:1.37', ...command, ports: ['http'] } : command;
  const task = { Name: 't', Driver: driver, Config: config, Resources: { CPU: 500, MemoryMB: 128 } };
  const group = { Name: 'g', Networks: [{ DynamicPorts: [{ Label: 'http', To: driver === 'docker' ? 5000 : 0 }] }], Tasks: [task] };
  const body = JSON.stringify({ Job: { ID: id, Name: id, Type: 'service', Datacenters: ['*'], TaskGroups: [group] } });
  await fetch(`${address}/v1/jobs`, { method: 'POST', body });
  for (let index = '1'; ; ) {
    const answer = await fetch(`${address}/v1/job/${id}/allocations?index=${index}&wait=10s`);
    const [first] = (await answer.json()) as { ID: string; ClientStatus: string }[];
    if (first?.ClientStatus === 'running') return first.ID;
    index = answer.headers.get('x-nomad-index') ?? '1';
  }
}

const env = ({ nomad }: Place): Record<string, string> => ({
  ...(process.env as Record<string, string>),
  NOMAD_ADDR: nomad.address,
  GITHUB_REPOSITORY: 'acme/shop',
  GITHUB_REF_NAME: 'main',
});
const ours = ({ job }: Place, command: string, ...words: readonly string[]): string[] => [
  process.execPath,
  CLI,
  command,
  '-j',
  job,
  ...words,
];
const theirs = ({ program, allocation }: Place, tty: boolean, ...words: readonly string[]): string[] => [
  ...[program, 'alloc', 'exec', `-t=${tty}`, '-task', 't', allocation],
  ...words,
];

/** Seconds of a program from its start to its end, with a file as its input. */
async function timeOf(place: Place, [file = '', ...args]: readonly string[], input = '/dev/null'): Promise<number> {
  const begun = performance.now();
  const child = spawn(file, args, { cwd: place.folder, env: env(place), stdio: [openSync(input, 'r'), 'ignore', 'ignore'] });
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`${args.join(' ')}: ended with ${code}`);
  return (performance.now() - begun) / 1_000;
}

/** Milliseconds from each key to its echo, in a terminal of `script`. */
async function keyTimes(place: Place, argv: readonly string[]): Promise<number[]> {
  const line = argv.map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qfc', line, '/dev/null'], { cwd: place.folder, env: env(place), stdio: ['pipe', 'pipe', 'ignore'] });
  let text = '';
  let wake = (): void => undefined;
  child.stdout.on('data', (bytes: Buffer) => {
    text += bytes.toString('utf8');
    wake();
  });
  const until = async (wanted: string): Promise<void> => {
    while (!text.includes(wanted)) await new Promise<void>((resolve) => (wake = resolve));
  };
  await until('ready');
  const times: number[] = [];
  for (let i = 0; i < KEYS; i++) {
    text = '';
    const begun = performance.now();
    child.stdin.write('x');
    await until('x');
    times.push(performance.now() - begun);
  }
  child.kill();
  return times;
}

/** Seconds of a download of the large file through a tunnel. */
async function timeOfTunnel(place: Place): Promise<number[]> {
  const port = await freePort();
  const [file = '', ...args] = ours(place, 'tunnel', `${port}:http`);
  const child = spawn(file, args, { cwd: place.folder, env: env(place), stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  for await (const bytes of child.stderr) {
    told += String(bytes);
    if (told.includes('leads to')) break;
  }
  const times: number[] = [];
  // The server of the task may be on its way.
  const answers = async (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } }).then(
      () => true,
      () => false,
    );
  while (!(await answers()));
  for (let i = 0; i < RUNS; i++) {
    const begun = performance.now();
    const { body } = await fetch(`http://127.0.0.1:${port}/big`, { headers: { connection: 'close' } });
    let bytes = 0;
    for await (const piece of body ?? []) bytes += (piece as Uint8Array).length;
    if (bytes !== BYTES) throw new Error(`the tunnel carried ${bytes} of ${BYTES} bytes`);
    times.push((performance.now() - begun) / 1_000);
  }
  const closed = once(child, 'close');
  child.kill('SIGINT');
  await closed;
  return times;
}

/** Measures all rows for a task of each driver, and prints them. */
export async function benchTerminal(median: (values: readonly number[]) => number): Promise<void> {
  const run = await startRun();
  try {
    const docker = await startDocker(run);
    await importBusybox(run, docker);
    const nomad = await startNomad(run, { docker });
    const program = await tool('nomad');
    const folder = temporary('bench');
    await attempt('git', ['init', '-q', folder]);
    const file = join(folder, 'big');
    writeFileSync(file, randomBytes(BYTES));
    for (const driver of ['raw_exec', 'docker'] as const) {
      const job = `bench-${driver.replace('_', '-')}`;
      const place: Place = { nomad, program, folder, job, allocation: await startJob(nomad, job, driver) };
      console.log(`\na task of ${driver}`);
      const echo = ['sh', '-c', 'echo ready; exec cat'];
      for (const [name, argv] of [
        ['a key in `ssh`', ours(place, 'ssh', '--', ...echo)],
        ['a key in `nomad alloc exec`', theirs(place, true, ...echo)],
      ] as const) {
        console.log(
          `${median(await keyTimes(place, argv))
            .toFixed(1)
            .padStart(8)} ms    ${name} (median of ${KEYS})`,
        );
      }
      const rate = (seconds: readonly number[], name: string): void => {
        // Nomad's docker driver ends some sessions of its own program early.
        const told = seconds.length === 0 ? '  failed     ' : `${(BYTES / 1e6 / median(seconds)).toFixed(0).padStart(8)} MB/s`;
        console.log(`${told}  ${name} (median of ${seconds.length})`);
      };
      const several = async (one: () => Promise<number>): Promise<number[]> => {
        const times: number[] = [];
        for (let i = 0; i < RUNS; i++) times.push(await one());
        return times;
      };
      rate(await several(async () => timeOf(place, ours(place, 'ssh', '--', 'sh', '-c', 'cat >/dev/null'), file)), 'in, by `ssh`');
      rate(await several(async () => timeOf(place, ours(place, 'cp', file, ':/alloc/data/'))), 'in, by `cp`, written and compared');
      const sent = several(async () => timeOf(place, theirs(place, false, 'sh', '-c', 'cat >/dev/null'), file));
      rate(await sent.catch(() => []), 'in, by `nomad alloc exec`');
      const back = join(folder, 'back');
      rate(await several(async () => timeOf(place, ours(place, 'cp', ':/local/big', back))), 'out, by `cp`, written and compared');
      rate(await timeOfTunnel(place), 'out, by `tunnel`');
      const read = ['sh', '-c', 'cat "$NOMAD_TASK_DIR/big"'];
      rate(await several(async () => timeOf(place, ours(place, 'ssh', '--', ...read))), 'out, by `ssh`');
      const got = several(async () => timeOf(place, theirs(place, false, ...read)));
      rate(await got.catch(() => []), 'out, by `nomad alloc exec`');
    }
  } finally {
    await run.stop();
  }
}
