import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
const PARTS = [
  'src',
  'scripts',
  'docs',
  'schema',
  'examples',
  'templates',
  '.github',
  'action.yml',
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'dist/licenses.txt',
  'LICENSE',
  'package.json',
  'tsconfig.json',
];

const ENTRY = `export const ROLLOUT = {
  'soak-rounds': {
    of: 'job',
    type: 'number',
    default: '3',
    from: 'any',
    variables: ['NOMAD_SOAK_ROUNDS'],
    common: 'Rounds of a soak test.',
    reusable: true,
    meaning: 'Rounds of a soak test that follow each deploy.',
  },
`;

/** Uses the value with its type, and prints what a run would make of it. */
const USE = `import { parseConfig } from './inputs/config/index.ts';
import { readInputs } from './inputs/index.ts';

const file = await parseConfig('soak-rounds: 5', 'nomad-deploy.yml');
const layers = { path: file.path, layers: [file.inputs], environments: [] };
const rounds = async (env: Readonly<Record<string, string>>, from?: typeof layers): Promise<number> => (await readInputs(env, from)).soakRounds;
const all = [await rounds({}), await rounds({ NOMAD_SOAK_ROUNDS: '4' }), await rounds({}, layers), await rounds({ 'INPUT_SOAK-ROUNDS': '6' }, layers)];
const problem = await rounds({ 'INPUT_SOAK-ROUNDS': 'many' }).catch((error: unknown) => String(error));
console.log(JSON.stringify([...all, problem]));
`;

let folder: string;
const run = (...args: readonly string[]): SpawnSyncReturns<string> => spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nomad-deploy-one-edit-'));
  for (const part of PARTS) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  for (const part of ['node_modules', '__tests__']) symlinkSync(join(ROOT, part), join(folder, part));
  const table = join(folder, 'src/inputs/table/rollout.ts');
  writeFileSync(table, readFileSync(table, 'utf8').replace('export const ROLLOUT = {\n', ENTRY));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('an input that is added to the table, and nowhere else', () => {
  test('is missing in action.yml and on the pages until `npm run docs`', () => {
    const before = run('scripts/docs.ts', '--check');
    expect(before.status).toBe(1);
    for (const file of ['action.yml', 'README.md', 'docs/reference/inputs.md', 'schema/nomad-deploy.schema.json'])
      expect(before.stderr).toContain(`${file} is not up to date`);
    expect(run('scripts/docs.ts')).toMatchObject({ status: 0, stderr: '' });
    expect(run('scripts/docs.ts', '--check')).toMatchObject({ status: 0, stderr: '' });
  });

  test('is in all of them after that', () => {
    const meaning = 'Rounds of a soak test that follow each deploy.';
    expect(read('action.yml')).toContain(
      `  soak-rounds:\n    description: "${meaning} Environment: \`NOMAD_SOAK_ROUNDS\`. Default: \`3\`."\n`,
    );
    expect(read('.github/workflows/deploy.yml')).toContain(`      soak-rounds:\n        description: "${meaning} Default: \`3\`."\n`);
    expect(read('README.md')).toContain('| `soak-rounds` | Rounds of a soak test. | `3` |');
    expect(read('docs/reference/inputs.md')).toContain(`| \`soak-rounds\` | ${meaning} | \`3\` | \`NOMAD_SOAK_ROUNDS\` | job |`);
    expect(read('docs/reference/environment.md')).toContain('| `NOMAD_SOAK_ROUNDS` | `soak-rounds` |');
    expect(read('docs/configuration.md')).toContain('`soak-rounds`');
    const schema = JSON.parse(read('schema/nomad-deploy.schema.json')) as {
      properties: Record<string, unknown>;
      $defs: { app: { properties: Record<string, unknown> } };
    };
    expect([schema.properties['soak-rounds'], schema.$defs.app.properties['soak-rounds']]).toEqual([
      expect.objectContaining({ type: 'integer' }),
      expect.objectContaining({ type: 'integer' }),
    ]);
  });

  test('has a type and a value, from the input, the file, the environment or the table', () => {
    writeFileSync(join(folder, 'src/use.ts'), USE);
    expect(run('node_modules/typescript/bin/tsc', '--noEmit', '-p', '.')).toMatchObject({ status: 0, stdout: '' });
    const { stdout } = run('src/use.ts');
    const problem = 'ActionError: `soak-rounds`: "many" is not a whole number, such as 50';
    expect(JSON.parse(stdout)).toEqual([3, 4, 5, 6, problem]);
  });

  test('is missed where the reusable workflow does not pass it on', () => {
    expect(run('scripts/docs-check.ts').stdout).toBe('deploy.yml: no step takes the input soak-rounds\n');
  });

  test('does not compile with a form of its own that nothing shows', () => {
    const table = join(folder, 'src/inputs/table/rollout.ts');
    writeFileSync(table, readFileSync(table, 'utf8').replace("default: '3',", "default: '3', own: true,"));
    const { status, stdout } = run('node_modules/typescript/bin/tsc', '--noEmit', '-p', '.');
    expect(status).not.toBe(0);
    expect(stdout).toMatch(/src\/jobspec\/settings\.ts.*'"soak-rounds"' is missing/);
  });
});
