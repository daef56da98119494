// How long the action takes until its first decision, beside an empty Node script, and how long the built-in template takes to render:
// `npm run bench [runs]`; then, on real parts, the terminal program (bench-terminal.ts), how soon the verdict is told (bench-verdict.ts), what a build costs (bench-build.ts), and several at once
// (bench-bake.ts). Figures to compare on one machine, not limits; no test looks at them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceTarget } from '../src/jobspec/built-in/service.ts';
import { renderBuiltIn } from '../src/jobspec/built-in/template.ts';
import { benchBake } from './bench-bake.ts';
import { benchBuild } from './bench-build.ts';
import { benchTerminal } from './bench-terminal.ts';
import { benchVerdict } from './bench-verdict.ts';

const RUNS = Math.max(25, Number(process.argv[2] ?? 25) || 25);
const DIST = join(import.meta.dirname, '../dist/index.js');
const CLI = join(import.meta.dirname, '../dist/cli.js');

interface Subject {
  readonly name: string;
  readonly script: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What the run must end with, so that nothing else is measured by mistake. */
  readonly code: number;
  readonly prints: string;
}

/** Milliseconds from the start of the process to its end. */
function time({ name, script, args = [], env, code, prints }: Subject, folder: string): number {
  const begun = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { cwd: folder, env, encoding: 'utf8' });
  const ms = performance.now() - begun;
  if (status !== code || !stdout.includes(prints)) throw new Error(`${name}: ended with ${status}, not ${code}:\n${stdout}${stderr}`);
  return ms;
}

const TARGET: ServiceTarget = {
  environment: { value: 'main', name: 'main', source: 'bench' },
  jobId: 'acme-shop',
  projectSlug: 'acme-shop',
  hostnames: ['shop.example.com'],
};

/** Milliseconds for one rendering of the built-in template, the reading of its files included. */
async function timeRendering(): Promise<number> {
  const begun = performance.now();
  await renderBuiltIn(
    { PORTS: { 5000: 'http', 9000: 'admin' } },
    { target: TARGET, image: 'shop', secretsTemplate: '', oversubscription: true },
  );
  return performance.now() - begun;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? NaN)) / 2;
}

const folder = mkdtempSync(join(tmpdir(), 'nomad-deploy-bench-'));
try {
  const empty = join(folder, 'empty.mjs');
  writeFileSync(empty, '');
  const subjects: readonly Subject[] = [
    { name: 'an empty script', script: empty, env: {}, code: 0, prints: '' },
    {
      name: 'the action, to an input error',
      script: DIST,
      env: { INPUT_WAIT: 'perhaps', GITHUB_WORKSPACE: folder },
      code: 1,
      prints: '::error',
    },
    { name: 'the terminal program, to its help', script: CLI, args: ['--help'], env: {}, code: 0, prints: 'Usage' },
  ];
  // In turn, so that whatever else the machine does meets all of them; the first round only warms the file cache.
  const rounds = Array.from({ length: RUNS + 1 }, () => subjects.map((subject) => time(subject, folder))).slice(1);
  const medians = subjects.map((_, i) => median(rounds.map((round) => round[i] ?? NaN)));
  console.log(`median of ${RUNS} runs in turn, Node ${process.version}`);
  subjects.forEach(({ name }, i) => {
    const ms = medians[i] ?? NaN;
    console.log(`${ms.toFixed(1).padStart(8)} ms  ${(ms / (medians[0] ?? NaN)).toFixed(2)}x  ${name}`);
  });

  const first = await timeRendering();
  const next: number[] = [];
  for (let i = 0; i < RUNS * 10; i++) next.push(await timeRendering());
  const row = (ms: number, what: string): void =>
    console.log(`${ms.toFixed(1).padStart(8)} ms  ${(ms / median(next)).toFixed(2)}x  ${what}`);
  console.log('the built-in template');
  row(median(next), `rendered again (median of ${next.length})`);
  row(first, 'rendered for the first time, Handlebars loaded for it');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

await benchTerminal(median);

await benchVerdict(Math.ceil(RUNS / 5));

await benchBuild(median);
console.log();
await benchBake(median);
