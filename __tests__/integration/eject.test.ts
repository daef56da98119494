// `render` with `format: hcl`: the built-in template as a spec of one's own. The file has to make the job of the template, and a plan of it against the deployed
// job has to have no changes.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import type { Job } from '../../src/nomad/types.ts';
import { deploy, QUICK, server } from '../helpers/deploying.ts';
import { checkout, runCli } from '../helpers/terminal.ts';

type Texts = Readonly<Record<string, string>>;

/** The environment of a run whose variables are in the file. */
const PLACE = ['GITHUB_', 'BASE_DOMAIN', 'NOMAD_SECRET_'];
const kept = (env: Texts): Texts =>
  Object.fromEntries(Object.entries(env).filter(([name]) => PLACE.some((begin) => name.startsWith(begin))));

/** The HCL in the log. */
function hclOf({ log }: ActionResult): string {
  const [, text = ''] = /::group::The job as a spec of your own\n([\s\S]*?)\n::endgroup::/.exec(log) ?? [];
  return `${text}\n`;
}

const jobOf = ({ outputs }: ActionResult): Job => JSON.parse(readFileSync(outputs['spec'] ?? '', 'utf8')) as Job;

/** The job with the settings of `update` in the groups, where Nomad puts them. */
function settled({ Update, ...job }: Job): object {
  return { ...job, TaskGroups: (job.TaskGroups ?? []).map((group) => ({ ...group, Update: { ...Update, ...group.Update } })) };
}

const SEVERAL: readonly (readonly [string, Texts])[] = [
  ['nothing', {}],
  ['hostnames', { BASE_DOMAIN: 'dev.example.com' }],
  [
    'ports, their checks and their canaries',
    {
      BASE_DOMAIN: 'dev.example.com',
      NOMAD_VAR_PORTS: '{ 8080 = "http", 9000 = "admin", -1883 = "mqtt", 7000 = "metrics" }',
      NOMAD_VAR_PORT_CHECKS: '{ admin = "/healthz", metrics = "none" }',
      NOMAD_VAR_PORT_CANARY_TAGS: 'true',
    },
  ],
  ['volumes', { NOMAD_VAR_VOLUMES: '/tmp:/data:ro', NOMAD_VAR_PERSISTENT_VOLUME: '/pv', NOMAD_VAR_HOST_VOLUMES: '["scratch:/x"]' }],
  ['CSI volumes', { NOMAD_VAR_CSI_VOLUMES: '["data:/data:ro,multi-node"]' }],
  ['no canary', { NOMAD_VAR_COUNT_CANARIES: '0', NOMAD_VAR_COUNT: '2' }],
  ['canaries', { NOMAD_VAR_COUNT_CANARIES: '2', NOMAD_VAR_COUNT: '2' }],
  ['a batch job', { NOMAD_VAR_IS_BATCH: 'true', NOMAD_VAR_CHECK_PROTOCOL: 'none' }],
  ['constraints and a region', { NOMAD_VAR_CONSTRAINTS: 'attr.kernel.name = linux\ndistinct_hosts', NOMAD_VAR_REGION: 'global' }],
  ['Podman', { NOMAD_VAR_DEPLOY_WITH_PODMAN: 'true' }],
  ['production', { GITHUB_REF_NAME: 'production', BASE_DOMAIN: 'dev.example.com' }],
  ['a review app', { GITHUB_REF_NAME: 'fix/7', BASE_DOMAIN: 'dev.example.com', NOMAD_VAR_PORTS: '{ 8080 = "http", 9000 = "admin" }' }],
  ['text that HCL would read', { NOMAD_VAR_CHECK_PATH: '/${x}/y', NOMAD_VAR_CHECK_PROTOCOL: 'http' }],
];

const IMAGE = { build: 'false', image: 'busybox:1.37' };

describe('an ejected template makes the job of the template:', () => {
  test.each(SEVERAL)('%s', async (_name, own) => {
    const env: Texts = { ...QUICK, ...own };
    const [built, ejected] = [
      await deploy({ files: {}, env, inputs: { command: 'render', ...IMAGE } }),
      await deploy({ files: {}, env, inputs: { command: 'render', format: 'hcl', ...IMAGE } }),
    ];
    expect([built.outputs['cause'], ejected.outputs['cause']]).toEqual([undefined, undefined]);
    expect(ejected).toMatchObject({ code: 0, outputs: { outcome: 'rendered' } });
    const files = { 'project.nomad': hclOf(ejected) };
    const again = await deploy({ files, env: kept(env), inputs: { command: 'render', ...IMAGE } });
    expect(again).toMatchObject({ code: 0, outputs: { outcome: 'rendered' } });
    expect(jobOf(again)).toEqual(jobOf(built));
  });

  test('blue-green, which the file says itself', async () => {
    const inputs = { command: 'render', ...IMAGE };
    const env = { ...QUICK, NOMAD_VAR_COUNT: '2' };
    const built = await deploy({ files: {}, env, inputs: { ...inputs, 'blue-green': 'true' } });
    const ejected = await deploy({ files: {}, env, inputs: { ...inputs, 'blue-green': 'true', format: 'hcl' } });
    const again = await deploy({ files: { 'project.nomad': hclOf(ejected) }, inputs });
    expect(settled(jobOf(again))).toEqual(settled(jobOf(built)));
  });
});

describe('a plan of an ejected template has no changes:', () => {
  test.each<[string, Texts, Texts]>([
    ['of a service with secrets', { BASE_DOMAIN: 'dev.example.com', NOMAD_SECRET_KEY: 'hunter2-eject' }, {}],
    ['of a service with ports and a volume', { NOMAD_VAR_PORTS: '{ 5000 = "http", 9000 = "admin" }', NOMAD_VAR_VOLUMES: '/tmp:/data' }, {}],
    ['of a batch job', { NOMAD_VAR_IS_BATCH: 'true', NOMAD_VAR_CHECK_PROTOCOL: 'none' }, { 'job.nomad': 'type = "batch"\n' }],
    [
      'with files that add to it',
      {},
      { 'group.nomad': 'restart {\n  attempts = 1\n}\n', 'vars.nomad': 'variable "X" { default = "1" }\n' },
    ],
  ])('%s', async (name, own, files) => {
    const repository = `Acme/Eject-${name.replace(/\W+/g, '-')}`;
    const env = { ...QUICK, ...own, GITHUB_REPOSITORY: repository };
    const all = { Dockerfile: server(name), ...files };
    const deployed = await deploy({ files: all, env, inputs: { wait: 'false' } });
    expect(deployed).toMatchObject({ code: 0, outputs: { outcome: 'registered' } });
    const ejected = await deploy({ files: all, env, inputs: { command: 'render', format: 'hcl' } });
    expect(ejected.shown).not.toContain('hunter2');
    const file = { 'project.nomad': hclOf(ejected) };
    // Another commit of the same image changes nothing, as with the template.
    const later = { ...kept(env), GITHUB_SHA: 'b'.repeat(40) };
    const plan = await deploy({ files: { ...all, ...file }, env: later, inputs: { command: 'plan', expect: 'no-changes' } });
    expect(plan).toMatchObject({ code: 0, outputs: { outcome: 'planned', changed: 'none' } });
    // A setting that differs does change something.
    const other = { ...all, 'project.nomad': file['project.nomad'].replace('interval = "30m"', 'interval = "31m"') };
    const drift = await deploy({ files: other, env: later, inputs: { command: 'plan', expect: 'no-changes' } });
    expect(drift.outputs['failure-reason']).toBe('drift');
  });
});

test('values that may be secret are not in the file', async () => {
  const env = {
    ...QUICK,
    NOMAD_VAR_CHECK_PATH: '/health?key=hunter2Xy7Qz81LmPq03Rt',
    NOMAD_VAR_CI_REGISTRY_PASSWORD: 'hunter2-registry',
    NOMAD_SECRET_DB: 'hunter2-secret',
  };
  const ejected = await deploy({ files: {}, env, inputs: { command: 'render', format: 'hcl', ...IMAGE } });
  expect(ejected).toMatchObject({ code: 0 });
  expect(ejected.shown).not.toContain('hunter2');
  expect(hclOf(ejected)).toContain('password = "$${NOMAD_DEPLOY_REGISTRY_PASSWORD}"');
  expect(ejected.annotations.map(({ message }) => message)).toEqual(
    expect.arrayContaining([
      expect.stringContaining('CHECK_PATH may be secret'),
      expect.stringContaining('NOMAD_SECRET_NOMAD_DEPLOY_REGISTRY_PASSWORD'),
    ]),
  );
});

test('a spec of the repository is not ejected', async () => {
  const files = { 'project.nomad': 'job "x" {\n  group "g" {\n    task "t" {\n      driver = "raw_exec"\n    }\n  }\n}\n' };
  const { outputs } = await deploy({ files, inputs: { command: 'render', format: 'hcl' } });
  expect(outputs).toMatchObject({ outcome: 'failed', 'failure-reason': 'input-invalid' });
  expect(outputs['cause']).toContain('project.nomad');
});

test('in a terminal, standard output is the file alone, also into the project.nomad that the shell has made', async () => {
  const folder = checkout({ 'project.nomad': '' });
  const options = { cwd: folder, env: { ...QUICK, NOMAD_VAR_MEMORY: '77' } };
  const { code, stdout, stderr } = await runCli({ ...options, args: ['render', '--format=hcl', '--image=busybox:1.37', '--build=false'] });
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^# The job of nomad-deploy's built-in template/);
  expect(stdout).toContain('variable "MEMORY" {\n  type    = number\n  default = 77\n}\n');
  expect(stdout.trimEnd()).toMatch(/\n\}$/);
  writeFileSync(join(folder, 'project.nomad'), stdout);
  const again = await runCli({ cwd: folder, args: ['render', '--image=busybox:1.37', '--build=false', '--json'] });
  expect(again).toMatchObject({ code: 0 });
});
