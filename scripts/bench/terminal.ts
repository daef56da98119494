// A key in `ssh`, and the bytes a second of `cp`, beside `nomad alloc exec` into the same task.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from '../parts/action.ts';
import { attempt } from '../parts/exec.ts';
import type { Nomad } from '../parts/nomad.ts';
import type { BenchParts } from './parts.ts';
import type { Measured, Pair } from './table.ts';

const CLI = join(import.meta.dirname, '../../dist/cli.js');
const KEYS = 60;
const BYTES = 50_000_000;
const JOB = 'bench-terminal';

/** Starts a task with a large file, and returns its allocation. */
async function startJob({ address }: Nomad): Promise<string> {
  const command = `head -c ${BYTES} /dev/urandom > "$NOMAD_TASK_DIR/big"; exec sleep 1000`;
  const task = {
    Name: 't',
    Driver: 'raw_exec',
    Config: { command: '/bin/sh', args: ['-c', command] },
    Resources: { CPU: 100, MemoryMB: 64 },
  };
  const group = { Name: 'g', Tasks: [task] };
  const body = JSON.stringify({ Job: { ID: JOB, Name: JOB, Type: 'service', Datacenters: ['*'], TaskGroups: [group] } });
  await fetch(`${address}/v1/jobs`, { method: 'POST', body });
  for (let index = '1'; ; ) {
    const answer = await fetch(`${address}/v1/job/${JOB}/allocations?index=${index}&wait=10s`);
    const [first] = (await answer.json()) as { ID: string; ClientStatus: string }[];
    if (first?.ClientStatus === 'running') return first.ID;
    index = answer.headers.get('x-nomad-index') ?? '1';
  }
}

/** Milliseconds from each key to its echo, in a terminal of `script`. */
async function keyTimes(argv: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<number[]> {
  const line = argv.map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qfc', line, '/dev/null'], { cwd, env, stdio: ['pipe', 'pipe', 'ignore'] });
  let text = '';
  let ended = false;
  let wake = (): void => undefined;
  child.once('close', () => {
    ended = true;
    wake();
  });
  child.stdout.on('data', (bytes: Buffer) => {
    text += bytes.toString('utf8');
    wake();
  });
  const until = async (wanted: string): Promise<void> => {
    while (!text.includes(wanted)) {
      if (ended) throw new Error(`${line}: ended before ${wanted}: ${text}`);
      await new Promise<void>((resolve) => (wake = resolve));
    }
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

export async function measureTerminal({ nomad, program }: BenchParts, runs: number): Promise<Measured> {
  const folder = temporary('bench');
  try {
    await attempt('git', ['init', '-q', folder]);
    const file = join(folder, 'big');
    writeFileSync(file, randomBytes(BYTES));
    const allocation = await startJob(nomad);
    const env = { ...process.env, NOMAD_ADDR: nomad.address, GITHUB_REPOSITORY: 'acme/shop', GITHUB_REF_NAME: 'main' };
    const ours = (command: string, ...words: readonly string[]): string[] => [process.execPath, CLI, command, '-j', JOB, ...words];
    const theirs = (tty: boolean, ...words: readonly string[]): string[] => [
      ...[program, 'alloc', 'exec', `-t=${tty}`, '-task', 't', allocation],
      ...words,
    ];
    /** Megabytes a second of a program from its start to its end, with a file as its input. */
    const rate = async ([name = '', ...args]: readonly string[], input = '/dev/null'): Promise<number> => {
      const begun = performance.now();
      const child = spawn(name, args, { cwd: folder, env, stdio: [openSync(input, 'r'), 'ignore', 'ignore'] });
      const [code] = (await once(child, 'close')) as [number];
      if (code !== 0) throw new Error(`${args.join(' ')}: ended with ${code}`);
      return BYTES / 1000 / (performance.now() - begun);
    };
    const echo = ['sh', '-c', 'echo ready; exec cat'];
    const keys = [await keyTimes(ours('ssh', '--', ...echo), folder, env), await keyTimes(theirs(true, ...echo), folder, env)] as const;
    const into: Pair[] = [];
    const out: Pair[] = [];
    for (let i = 0; i < runs; i++) {
      into.push([await rate(ours('cp', file, ':/alloc/data/')), await rate(theirs(false, 'sh', '-c', 'cat >/dev/null'), file)]);
      out.push([
        await rate(ours('cp', ':/local/big', join(folder, 'back'))),
        await rate(theirs(false, 'sh', '-c', 'cat "$NOMAD_TASK_DIR/big"')),
      ]);
    }
    return {
      'terminal-key': keys[0].map((ms, i): Pair => [ms, keys[1][i] ?? Number.NaN]),
      'terminal-in': into,
      'terminal-out': out,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await fetch(`${nomad.address}/v1/job/${JOB}?purge=true`, { method: 'DELETE' });
  }
}
