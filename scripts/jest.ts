// Runs kinds of tests: `node scripts/jest.ts unit [jest options]`. Also the part of scripts/test.ts that knows jest.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
/** How many tests, or checks, there were. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

export const KINDS = ['unit', 'scenario', 'integration', 'adversary', 'workflows'] as const;
/** Suites of their own, which `npm test` leaves out. */
export const SUITES = ['load', 'signals'] as const;
export type Kind = (typeof KINDS | typeof SUITES)[number];
/** Two workers of real parts keep two cores busy: tests wait for Nomad more than they compute. */
const WORKERS = 2;
const OPTIONS: Readonly<Record<Kind, readonly string[]>> = {
  unit: ['--testTimeout=30000'],
  scenario: ['--testTimeout=60000'],
  integration: ['--testTimeout=300000'],
  adversary: ['--testTimeout=300000'],
  workflows: ['--testTimeout=300000'],
  load: ['--runInBand', '--testTimeout=600000'],
  signals: ['--runInBand', '--testTimeout=300000'],
};

/** The most files that run a second time, alone. */
const MAX_AGAIN = 3;

/** Returns the options of jest for a kind of tests. Each worker has real parts of its own, so a few files that are asked for share one. */
function optionsOf(kind: Kind, options: readonly string[]): readonly string[] {
  const hasParts = kind === 'integration' || kind === 'adversary' || kind === 'workflows';
  const workers = hasParts ? [options.length > 0 ? '--runInBand' : `--maxWorkers=${WORKERS}`] : [];
  return [...OPTIONS[kind], ...workers, ...options];
}

/** What of jest's JSON report is read here. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly FileReport[];
}

interface FileReport {
  readonly name: string;
  readonly status: string;
  readonly assertionResults: readonly { readonly status: string }[];
}

/**
 * What did not run has not passed: skipped and planned tests, and files without a single test or that could not be loaded. Only when some
 * were asked for by name, the others do not count, and no test at all is the failure.
 */
export function count(report: Report, byName = false): Counts {
  const empty = report.testResults.filter(({ assertionResults }) => assertionResults.length === 0).length;
  const failed = report.numFailedTests + (byName ? 0 : report.numPendingTests + report.numTodoTests) + empty;
  const none = byName ? report.numPassedTests === 0 : report.testResults.length === 0;
  return { passed: report.numPassedTests, failed: none ? Math.max(1, failed) : failed };
}

/**
 * Returns the report without the files that failed, and their names; undefined where none failed, or more than `MAX_AGAIN`, which no load explains.
 */
export function withoutFailed(report: Report): { readonly kept: Report; readonly files: readonly string[] } | undefined {
  const failed = report.testResults.filter(({ status }) => status === 'failed');
  if (failed.length === 0 || failed.length > MAX_AGAIN) return undefined;
  const of = (wanted: string): number => failed.flatMap((file) => file.assertionResults).filter(({ status }) => status === wanted).length;
  const kept = {
    numPassedTests: report.numPassedTests - of('passed'),
    numFailedTests: report.numFailedTests - of('failed'),
    numPendingTests: report.numPendingTests - of('pending'),
    numTodoTests: report.numTodoTests - of('todo'),
    testResults: report.testResults.filter(({ status }) => status !== 'failed'),
  };
  return { kept, files: failed.map(({ name }) => name) };
}

/**
 * Runs one kind of tests with live output, and `env` over the environment. A jest that fails without a failed test (no tests at all, a crash) is one failure.
 * Of a whole kind, files that failed run again without another worker beside them, and that result counts: the log has both.
 */
export async function runJest(kind: Kind, options: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Counts> {
  const { report, counts } = await runOnce(kind, options, env);
  const again = report === undefined || options.length > 0 ? undefined : withoutFailed(report);
  if (again === undefined) return counts;
  const names = again.files.map((file) => relative(ROOT, file)).join(', ');
  console.log(`=== ${kind} tests: failed beside another worker, and run again alone: ${names}`);
  const alone = (await runOnce(kind, ['--runTestsByPath', ...again.files], env)).counts;
  console.log(`=== ${kind} tests, again alone: ${alone.passed} passed, ${alone.failed} failed`);
  const kept = count(again.kept);
  return { passed: kept.passed + alone.passed, failed: kept.failed + alone.failed };
}

/** Runs jest once. The report is missing where jest wrote none. */
async function runOnce(
  kind: Kind,
  options: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ readonly report: Report | undefined; readonly counts: Counts }> {
  const folder = await mkdtemp(join(tmpdir(), 'nomad-deploy-jest-'));
  const file = join(folder, 'report.json');
  // As flags of this one process and not in NODE_OPTIONS, which the programs under test would inherit.
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', join(ROOT, 'node_modules/jest/bin/jest.js')];
  const argv = [...flags, '--selectProjects', kind, '--json', `--outputFile=${file}`, ...optionsOf(kind, options)];
  try {
    const child = spawn(process.execPath, argv, { cwd: ROOT, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit'] });
    const { promise, resolve, reject } = Promise.withResolvers<number | null>();
    child.once('error', reject).once('close', resolve);
    // What the tests started they stop themselves, and nothing comes after them.
    let stopped = false;
    const stop = (signal: NodeJS.Signals): void => {
      stopped = child.kill(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
    const code = await promise;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
    if (stopped) process.exit(130);
    const text = await readFile(file, 'utf8').catch(() => undefined);
    const report = text === undefined ? undefined : (JSON.parse(text) as Report);
    const byName = options.some((option) => /^(-t|--testNamePattern)(=|$)/.test(option));
    const counts = report === undefined ? { passed: 0, failed: 1 } : count(report, byName);
    return { report, counts: code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const [kind, ...options] = process.argv.slice(2);
  const all = [...KINDS, ...SUITES];
  const known = all.find((one) => one === kind);
  if (known === undefined) throw new Error(`${kind ?? 'no kind of test'}: one of ${all.join(', ')}`);
  const { passed, failed } = await runJest(known, options);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
