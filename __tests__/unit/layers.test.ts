import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { ROWS, violations } from '../../scripts/layers.ts';

const ROOT = join(import.meta.dirname, '../..');
const files = globSync('src/**/*.ts', { cwd: ROOT }).filter((file) => !file.endsWith('.d.ts'));

describe('src/', () => {
  test('is there', () => expect(files.length).toBeGreaterThan(10));
  test.each(files)('%s keeps to its layer', (file) => {
    expect(violations(file, readFileSync(join(ROOT, file), 'utf8'))).toEqual([]);
  });
});

// One violation for each rule; what is found is matched by its text, so that no rule can pass for another.
describe('a planted violation is found', () => {
  test.each([
    ['a row above', 'src/plan/plan.ts', `import { registerJob } from '../register/index.ts';`, 'plan stands below register'],
    ['a row above, by type', 'src/diagnose/task.ts', `import type { Job } from '../jobspec/index.ts';`, 'diagnose stands below jobspec'],
    ['a row above, by type query', 'src/text/slug.ts', `let x: import('../inputs/index.ts').Inputs;`, 'text stands below inputs'],
    ['a row above, late', 'src/plan/plan.ts', `await import('../watch/watch.ts');`, 'plan stands below watch'],
    ['a row above, passed on', 'src/nomad/index.ts', `export { connectTo } from '../target/index.ts';`, 'nomad stands below target'],
    ['a row above, for its effect', 'src/runtime/exec.ts', `import '../nomad/index.ts';`, 'runtime stands below nomad'],
    ['a row above, from a folder in a folder', 'src/report/github/comment.ts', `import '../../plan/index.ts';`, 'report stands below plan'],
    ['errors that know anything', 'src/errors.ts', `import { oneLine } from './text/index.ts';`, 'errors stands below text'],
    ['the run below an app', 'src/apps/begin.ts', `import { run } from '../run.ts';`, 'apps stands below run'],
    ['a folder without a row', 'src/helpers/x.ts', `import { y } from '../errors.ts';`, 'helpers has no row'],
    ['a file beside the rows', 'src/run.ts', `import { y } from './other.ts';`, 'other has no row'],
    ['a room entered by the window', 'src/plan/plan.ts', `import { slug } from '../text/slug.ts';`, 'entered by its index.ts'],
    [
      'a room entered by the window, by type',
      'src/plan/plan.ts',
      `import type { Inputs } from '../inputs/types.ts';`,
      'entered by its index.ts',
    ],
    ['an inner room entered by the window', 'src/jobspec/render.ts', `import './policy/rules.ts';`, 'entered by its index.ts'],
    [
      'HTTP of the runtime, beside its index',
      'src/github/client.ts',
      `import { request } from '../runtime/http.ts';`,
      'comes as a Runtime',
    ],
    ['a program of the runtime, late', 'src/image/build.ts', `await import('../runtime/exec.ts');`, 'comes as a Runtime'],
    ['the runner', 'src/report/notify.ts', `import * as core from '@actions/core';`, 'know the runner'],
    ['the runner, by type', 'src/report/notify.ts', `import type { SummaryTableRow } from '@actions/core/lib/summary';`, 'know the runner'],
    ['the runner, late', 'src/nomad/client.ts', `const core = await import('@actions/core');`, 'know the runner'],
    ['the runner in the runtime', 'src/runtime/actions.ts', `import * as core from '@actions/core';`, 'know the runner'],
    ["one of the runner's packages in the place of another", 'src/github/client.ts', `await import('@actions/exec');`, 'know the runner'],
    ['programs at the start', 'src/runtime/exec.ts', `import { exec } from '@actions/exec';`, 'where it is first used'],
    ['a lookup of its own', 'src/image/lookup.ts', `import { findProgram } from '../runtime/program.ts';`, 'comes as a Runtime'],
    ['a word of its own', 'src/plan/plan.ts', `console.log('x');`, 'only runtime/door.ts writes'],
    ['a line of its own', 'src/runtime/actions.ts', `process.stdout.write('x');`, 'only runtime/door.ts writes'],
    ['a line by another name', 'src/runtime/exec.ts', `const { stderr } = process; stderr.write('x');`, 'only runtime/door.ts writes'],
    ['a program', 'src/image/build.ts', `import { spawn } from 'node:child_process';`, 'starts programs'],
    ['a program, by the old name', 'src/runtime/clock.ts', `import { spawn } from 'child_process';`, 'starts programs'],
    ['a program past the package', 'src/runtime/exec.ts', `import { spawn } from 'node:child_process';`, 'by @actions/exec'],
    [
      'a shell',
      'src/runtime/exec.ts',
      `const { exec } = await import('@actions/exec'); exec('x', [], { shell: true });`,
      'through a shell',
    ],
    ['a shell, by variable', 'src/runtime/exec.ts', `const shell = '/bin/sh'; start({ shell });`, 'through a shell'],
    ['a shell, by another function', 'src/runtime/exec.ts', `import { ChildProcess, exec } from 'node:child_process';`, 'through a shell'],
    ['a shell, by all functions', 'src/runtime/exec.ts', `import * as processes from 'node:child_process';`, 'through a shell'],
    [
      'a program of the tool cache',
      'src/runtime/nomad-cli.ts',
      `const { extractZip } = await import('@actions/tool-cache'); await extractZip(archive);`,
      'by @actions/exec',
    ],
    ['text as code', 'src/jobspec/template.ts', `eval(text);`, 'no text as code'],
    ['text as a function', 'src/jobspec/template.ts', `new Function('x', text);`, 'no text as code'],
    ['HTTP beside the Nomad client', 'src/jobspec/render.ts', `const { request } = await import('undici');`, 'speak HTTP'],
    ['undici at the start', 'src/nomad/client.ts', `import { request } from 'undici';`, 'where it is first used'],
    ['Handlebars at the start', 'src/jobspec/template.ts', `import Handlebars from 'handlebars';`, 'where it is first used'],
    ['yaml at the start', 'src/text/yaml.ts', `import { parse } from 'yaml';`, 'where it is first used'],
    ['a part of a heavy package', 'src/jobspec/template.ts', `import H from 'handlebars/dist/handlebars.js';`, 'where it is first used'],
    ['the environment', 'src/inputs/read.ts', `const addr = process.env.NOMAD_ADDR;`, 'read the environment'],
    ['the environment, by index', 'src/run.ts', `const addr = process['env']['NOMAD_ADDR'];`, 'read the environment'],
    ['the environment, by global', 'src/run.ts', `const addr = globalThis.process.env;`, 'read the environment'],
    ['the environment, taken apart', 'src/run.ts', `const { env } = process;`, 'read the environment'],
    ['the environment, by import', 'src/run.ts', `import { env } from 'node:process';`, 'read the environment'],
    ['a time', 'src/watch/watch.ts', `const now = Date.now();`, 'come from Runtime.clock'],
    ['a date', 'src/report/log.ts', `const text = new Date(ms).toISOString();`, 'come from Runtime.clock'],
    ['a limit', 'src/nomad/client.ts', `const soon = AbortSignal.timeout(10);`, 'come from Runtime.clock'],
    ['a timer', 'src/watch/watch.ts', `setTimeout(() => end(), 10);`, 'come from Runtime.clock'],
    ['a timer, by global', 'src/watch/watch.ts', `globalThis.setInterval(() => end(), 10);`, 'come from Runtime.clock'],
    ['a timer, by import', 'src/watch/watch.ts', `import { setTimeout as sleep } from 'node:timers/promises';`, 'come from Runtime.clock'],
    ['chance', 'src/image/builder.ts', `const name = Math.random();`, 'come from Runtime.clock'],
    ['chance, by import', 'src/image/builder.ts', `import { randomBytes } from 'node:crypto';`, 'come from Runtime.clock'],
    ['chance, by global', 'src/image/builder.ts', `const id = crypto.randomUUID();`, 'come from Runtime.clock'],
    ['a stopwatch', 'src/run.ts', `const from = performance.now();`, 'come from Runtime.clock'],
    ['a secret out of its wrapper', 'src/report/record.ts', `log(token.reveal());`, 'reveals a secret'],
    ['a secret, by index', 'src/report/record.ts', `log(token?.['reveal']());`, 'reveals a secret'],
    ['a secret, taken apart', 'src/report/record.ts', `const { reveal } = token;`, 'reveals a secret'],
  ])('%s', (_what, file, source, message) => {
    expect(violations(file, source)).toEqual([expect.stringContaining(message)]);
  });
});

test('what the rules allow passes', () => {
  const allowed: [string, string][] = [
    ['src/run.ts', `import { begin } from './apps/index.ts'; import type { Runtime } from './runtime/runtime.ts';`],
    [
      'src/plan/plan.ts',
      `import type { Job } from '../nomad/types.ts'; import { type A, b } from '../inputs/index.ts'; import './diff.ts';`,
    ],
    ['src/report/github/comment.ts', `import type { Result } from '../result.ts'; import { summary } from '../summary/index.ts';`],
    [
      'src/jobspec/render.ts',
      `import { requireAllowed } from './policy/index.ts'; import { X } from '../templates.ts'; import '../errors.ts';`,
    ],
    ['src/plan/draft.ts', `import { requireAllowed } from '../jobspec/policy/index.ts';`],
    ['src/post.ts', `const { tell } = await import('./watch/killed.ts'); import { x } from './runtime/actions.ts';`],
    ['src/nomad/client.ts', `import type { Agent } from 'undici'; import { retry } from '../runtime/index.ts'; await import('undici');`],
    ['src/jobspec/template.ts', `import type Handlebars from 'handlebars'; const { default: H } = await import('handlebars');`],
    [
      'src/runtime/exec.ts',
      `import { ChildProcess } from 'node:child_process'; const { exec } = await import('@actions/exec'); exec('x');`,
    ],
    ['src/runtime/actions.ts', `import { print } from './door.ts'; import { exec } from './exec.ts';`],
    ['src/runtime/door.ts', `process.stdout.write('x');`],
    ['src/runtime/http.ts', `await import('undici'); headers(token.reveal());`],
    ['src/runtime/clock.ts', `import { randomInt } from 'node:crypto'; Date.now(); AbortSignal.timeout(1);`],
    ['src/image/content.ts', `import { createHash } from 'node:crypto'; clock.timeout(1); clock.now(); const Dated = { date: 1 };`],
    ['src/index.ts', `import { run } from './run.ts'; run(process.env);`],
    [
      'src/report/record.ts',
      `// process.env, import('undici') and token.reveal() in a comment\nconst text = "token.reveal() process.env";`,
    ],
  ];
  expect(allowed.flatMap(([file, source]) => violations(file, source))).toEqual([]);
});

test('the rows are those that the architecture draws', () => {
  const text = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
  const rows = [...text.matchAll(/^\| (`.+?) \|/gm)].flatMap(([, names = '']) => [...names.matchAll(/`([\w-]+)(?:\.ts|\/)`/g)]);
  expect(rows.map(([, name]) => name)).toEqual(ROWS);
});

describe('Biome refuses at the desk what it can see', () => {
  const planted: readonly (readonly [file: string, source: string, rule: string])[] = [
    ['src/env.ts', `export const address = process.env['NOMAD_ADDR'];\n`, 'noProcessEnv'],
    ['src/console.ts', `console.log('x');\n`, 'noConsole'],
    ['src/cycle-a.ts', `import { b } from './cycle-b.ts';\nexport const a = () => b();\n`, 'noImportCycles'],
    ['src/cycle-b.ts', `import { a } from './cycle-a.ts';\nexport const b = () => a();\n`, 'noImportCycles'],
    ['src/circle-a.ts', `import type { B } from './circle-b.ts';\nexport type A = B | 1;\n`, 'noImportCycles'],
    ['src/circle-b.ts', `import type { A } from './circle-a.ts';\nexport type B = A | 2;\n`, 'noImportCycles'],
    ['src/floating.ts', `const work = async (): Promise<void> => {};\nwork();\n`, 'noFloatingPromises'],
    ['src/case.ts', `export function f(x: 'a' | 'b'): void {\n  switch (x) {\n    case 'a':\n  }\n}\n`, 'useExhaustiveSwitchCases'],
    ['__tests__/unit/only.test.ts', `test${'.only'}('x', () => {});\n`, 'noFocusedTests'],
    ['__tests__/unit/skip.test.ts', `test${'.skip'}('x', () => {});\n`, 'noSkippedTests'],
    ['src/nomad/fine.ts', `import { ActionError } from '../errors.ts';\nthrow new ActionError('conflict', 'x');\n`, ''],
    ['scripts/fine.ts', `console.log(process.env['HOME']);\n`, ''],
  ];
  const found = new Map<string, string[]>();

  beforeAll(() => {
    const stdout = lintPlanted(planted, ['biome.json', 'package.json'], '@biomejs/biome/bin/biome', [
      'lint',
      '--vcs-enabled=false',
      '--max-diagnostics=none',
      '--reporter=github',
      'src',
      'scripts',
      '__tests__',
    ]);
    for (const [, rule = '', file = ''] of stdout.matchAll(/^::error title=lint\/\w+\/(\w+),file=.*?((?:src|scripts|__tests__)\/.+?),/gm)) {
      found.set(file, [...(found.get(file) ?? []), rule]);
    }
  });

  test.each(planted)('%s', (file, _source, rule) => {
    expect(found.get(file) ?? []).toEqual(rule === '' ? [] : [rule]);
  });
});

describe('oxlint refuses what needs types to be seen', () => {
  const planted: readonly (readonly [file: string, source: string, rule: string])[] = [
    ['src/floating.ts', `const work = async (): Promise<void> => {};\nwork();\n`, 'no-floating-promises'],
    ['src/misused.ts', `const work = async (): Promise<boolean> => true;\nif (work()) throw new Error();\n`, 'no-misused-promises'],
    ['src/assertion.ts', `export const x = JSON.parse('{}') as { a: string };\n`, 'no-unsafe-type-assertion'],
    ['src/nomad/assertion.ts', `export const x = JSON.parse('{}') as { a: string };\n`, ''],
    ['src/any.ts', `export const x: any = 1;\n`, 'no-explicit-any'],
    ['src/leak.ts', `export const x: string = JSON.parse('""');\n`, 'no-unsafe-assignment'],
    ['src/case.ts', `export function f(x: 'a' | 'b'): void {\n  switch (x) {\n    case 'a':\n  }\n}\n`, 'switch-exhaustiveness-check'],
  ];
  let stdout = '';

  beforeAll(() => {
    stdout = lintPlanted(planted, ['.oxlintrc.json', 'tsconfig.json', 'package.json'], 'oxlint/bin/oxlint', [
      '--type-aware',
      '-f',
      'unix',
      'src',
    ]);
  });

  test.each(planted)('%s', (file, _source, rule) => {
    const rules = stdout
      .split('\n')
      .filter((line) => line.startsWith(`${file}:`))
      .map((line) => /\((.+)\)\]$/.exec(line)?.[1]);
    expect(rules).toEqual(rule === '' ? [] : [rule]);
  });
});

/** What a linter says about planted files, in a folder of their own with the repository's configuration. */
function lintPlanted(
  planted: readonly (readonly [string, string, string])[],
  configuration: readonly string[],
  linter: string,
  argv: readonly string[],
): string {
  const folder = mkdtempSync(join(tmpdir(), 'nomad-deploy-lint-'));
  try {
    for (const file of configuration) cpSync(join(ROOT, file), join(folder, file));
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    for (const [file, source] of planted) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), source);
    }
    return spawnSync(process.execPath, [join(ROOT, 'node_modules', linter), ...argv], { cwd: folder, encoding: 'utf8' }).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
