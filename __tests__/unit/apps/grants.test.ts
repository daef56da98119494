import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { grantsOf } from '../../../src/apps/grants.ts';
import type { Work } from '../../../src/apps/work.ts';
import { readInputs } from '../../../src/inputs/index.ts';
import { emptyFolder } from '../../helpers/folder.ts';

const SPEC = { name: 'project.nomad', builtIn: false, format: 'hcl', template: false, fragments: {} };
const BUILT_IN = { ...SPEC, name: 'the built-in template', builtIn: true, text: '' };

/** The works of a repository `acme/shop`, and the lines about them. */
async function grants(
  files: Record<string, string>,
  { env = {}, app, spec = BUILT_IN }: { env?: Record<string, string>; app?: string; spec?: object } = {},
) {
  const workspace = emptyFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    writeFileSync(join(workspace, path), content);
  }
  const inputs = await readInputs({ NOMAD_DEPLOY_TERMINAL: 'true', INPUT_COMMAND: 'setup', ...env });
  const lines: string[] = [];
  const log = { info: (line: string) => lines.push(line) };
  const target = { projectSlug: 'acme-shop', jobId: 'acme-shop-fix-7' };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parts of a work that are read
  const work = { inputs, target, app: app === undefined ? undefined : { name: app }, specs: [spec], fromFiles: {} } as unknown as Work;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the part of a log that is used
  const [grant] = await grantsOf([work], { workspace, log } as unknown as Parameters<typeof grantsOf>[1]);
  return { grant, lines };
}
const step = (more: string): Record<string, string> => ({
  '.github/workflows/deploy.yml': `jobs:\n  deploy:\n    steps:\n      - uses: org/nomad-deploy@v1\n${more}`,
});

describe('the features of a repository', () => {
  test.each<[string, Record<string, string>, string[]]>([
    ['nothing', {}, ['deploy', 'releases']],
    ['a secret of a workflow', step('        env: { NOMAD_SECRET_A: x }\n'), ['deploy', 'secrets', 'releases']],
    ['another command', step('        with: { command: stop, purge: false }\n'), ['deploy', 'releases', 'stop']],
    ['an expression', step("        with: { promote: '${{ vars.PROMOTE }}' }\n"), ['deploy', 'promote', 'releases']],
    [
      'inputs that only a run can read, by their names',
      step(
        "        with: { nomad-auth-method: github, nomad-auth-audience: '${{ vars.A }}', lock: wait }\n        env: { NOMAD_SECRET_A: x }\n",
      ),
      ['deploy', 'secrets', 'releases', 'locks', 'frozen'],
    ],
    ['a file that is no workflow', { '.github/workflows/deploy.yml': '{' }, ['deploy', 'releases']],
  ])('%s', async (_name, files, features) => expect((await grants(files)).grant?.features).toEqual(features));

  test('are told with the files that say so', async () => {
    expect((await grants(step('        env: { NOMAD_SECRET_A: x }\n'))).lines).toEqual([
      'acme-shop uses, by .github/workflows/deploy.yml: deploy, secrets, releases',
    ]);
  });

  test('can be named', async () => {
    expect((await grants({}, { env: { INPUT_FEATURES: 'nodes sweep' } })).grant?.features).toEqual([
      ...['deploy', 'releases', 'stop', 'purge', 'list', 'nodes'],
    ]);
    await expect(grants({}, { env: { INPUT_FEATURES: 'secret' } })).rejects.toThrow('there is no command or feature "secret"');
  });
});

describe('the job of the rights', () => {
  const own = (text: string): object => ({ ...SPEC, text });
  test.each<[string, Parameters<typeof grants>[1], object]>([
    ['that of the main branch, whatever branch is checked out', {}, { jobId: 'acme-shop', namespace: 'default' }],
    ['that of an app', { app: 'api' }, { jobId: 'acme-shop-api' }],
    ['that of a spec, with its namespace', { spec: own('job "shop" {\n  namespace = "web"\n}\n') }, { jobId: 'shop', namespace: 'web' }],
    ['the one that is named', { spec: own('job "${var.name}" {}'), env: { 'INPUT_JOB-NAME': 'shop' } }, { jobId: 'shop' }],
  ])('is %s', async (_name, about, expected) => expect((await grants({}, about)).grant).toMatchObject(expected));

  test('is not guessed from an expression', async () => {
    await expect(grants({}, { spec: own('job "${var.name}" {}') })).rejects.toThrow('project.nomad does not write the name of its job out');
  });
});
