// Everything that can be said about the source without running it: `npm run check`; with --fix, mends first what can be mended.
import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Counts } from './jest.ts';
import { pythonTools, tool } from './parts/tools.ts';

const ROOT = join(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules/.bin');

interface Result {
  readonly ok: boolean;
  readonly output: string;
}

type Check = () => Promise<Result>;

/** Runs a program of node_modules/.bin, or the one at a full path; `path` comes first where it looks for others. */
function run(argv: readonly string[], path = BIN): Promise<Result> {
  const [command = '', ...args] = argv;
  // A pipe gets plain text; FORCE_COLOR in any form would colour it.
  const colour = process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1', FORCE_COLOR: undefined };
  const env = { ...process.env, ...colour, PATH: [path, BIN, process.env['PATH']].join(delimiter) };
  const { promise, resolve } = Promise.withResolvers<Result>();
  const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.once('error', (error) => resolve({ ok: false, output: error.message }));
  child.once('close', (code) => resolve({ ok: code === 0, output }));
  return promise;
}

let linters: Promise<string> | undefined;
/** The folder of the Python linters; asked for once, since the first time installs them. */
const python = (): Promise<string> => (linters ??= pythonTools());

/** The message of actionlint 1.7.12 about `uses: $/…`, which it does not know yet; zizmor does. */
const SELF_REFERENCE = 'specifying action "\\$/.+" in invalid format';

/** Our own workflows, and those that examples and tests consist of. `**` does not look into `.github`. */
function workflows(): string[] {
  const files = globSync(['.github/workflows/*.yml', 'examples/*/.github/workflows/*.yml', '__tests__/**/*.yml'], { cwd: ROOT });
  return files.filter((file) => /^jobs:/m.test(readFileSync(join(ROOT, file), 'utf8')));
}

async function zizmor(config: string, ...paths: readonly string[]): Promise<Result> {
  return run(['zizmor', '--offline', '--min-severity=medium', `--config=${config}`, ...paths], await python());
}

/**
 * Known holes in what is bundled. A registry that does not answer says nothing: that it could not be asked is no finding.
 */
async function audit(): Promise<Result> {
  const { output } = await run(['npm', 'audit', '--json', '--loglevel=silent', '--fetch-retries=1', '--fetch-timeout=15000']);
  // Each package of the bundle has its licence there, under a line of name, version and licence.
  const licenses = readFileSync(join(ROOT, 'dist/licenses.txt'), 'utf8');
  const bundled = new Set([...licenses.matchAll(/^(\S+) \d\S* \(.+\)$/gm)].map(([, name = '']) => name));
  return auditResult(output, (name) => bundled.has(name));
}

/** What `npm audit --json` says about the packages that count. */
export function auditResult(output: string, counts: (name: string) => boolean = () => true): Result {
  const text = /^\{[\s\S]*^\}/m.exec(output)?.[0] ?? '{}';
  const told = JSON.parse(text) as {
    readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string; readonly range: string }>>;
  };
  if (told.vulnerabilities === undefined) return { ok: true, output: 'the registry was not asked, or did not answer' };
  const found = Object.entries(told.vulnerabilities).flatMap(([name, { severity, range }]) =>
    counts(name) ? [`${name} ${range}: ${severity}`] : [],
  );
  return { ok: found.length === 0, output: found.join('\n') };
}

const CHECKS: Readonly<Record<string, Check>> = {
  types: () => run(['tsc']),
  'format and lint (Biome)': () => run(['biome', 'ci', '--error-on-warnings']),
  'promises and assertions (oxlint)': () => run(['oxlint', '--type-aware', '--deny-warnings', 'src', 'scripts', '__tests__']),
  'unused code and packages (knip)': () => run(['knip', '--treat-config-hints-as-errors']),
  'import rules': () => run(['node', 'scripts/layers.ts']),
  'reference, schemas and tables': () => run(['node', 'scripts/docs.ts', '--check']),
  'pages and the code': () => run(['node', 'scripts/docs-check.ts']),
  'dist/ is what src/ builds to': () => run(['node', 'scripts/build.ts', '--check']),
  'known holes in bundled packages (npm audit)': audit,
  'lock file': () => run(['node', 'scripts/lock-fill.mjs', '--check']),
  'workflows (actionlint)': async () => run([await tool('actionlint'), '-ignore', SELF_REFERENCE, ...workflows()], await python()),
  'workflow security (zizmor)': () => zizmor('.github/zizmor.yml', '.github/workflows', '.github/action', 'action.yml'),
  'security of the examples (zizmor)': () => zizmor('.github/zizmor-examples.yml', 'examples'),
  'action.yml schema': async () =>
    run(['check-jsonschema', '--builtin-schema=vendor.github-actions', 'action.yml', '.github/action/action.yml'], await python()),
};

/** Runs all checks, as many at a time as there are processors; a line each, and what a failed one printed. */
export async function runChecks(): Promise<Counts> {
  const waiting = Object.entries(CHECKS);
  const counts = { passed: 0, failed: 0 };
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [name, check] = next;
      const begun = performance.now();
      const { ok, output } = await check().catch((error: unknown) => ({ ok: false, output: String(error) }));
      counts[ok ? 'passed' : 'failed'] += 1;
      const note = ok && name.includes('audit') && output !== '' ? ` (${output})` : '';
      console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}${note}, ${((performance.now() - begun) / 1000).toFixed(1)} s`);
      if (!ok) console.log(output.trim().replaceAll(/^/gm, '     '));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return counts;
}

if (import.meta.main) {
  if (process.argv.includes('--fix')) {
    for (const argv of [
      ['biome', 'check', '--write'],
      ['node', 'scripts/docs.ts'],
      ['node', 'scripts/build.ts'],
    ])
      await run(argv);
  }
  const { passed, failed } = await runChecks();
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
