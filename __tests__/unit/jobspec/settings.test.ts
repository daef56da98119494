import { describe, expect, test } from '@jest/globals';
import { readInputs } from '../../../src/inputs/read.ts';
import { INPUTS, type InputName, inputNames } from '../../../src/inputs/table/index.ts';
import { settingLines, settings } from '../../../src/jobspec/settings.ts';
import type { Jobspec, Rendering, Setting } from '../../../src/jobspec/types.ts';
import { resolveTarget } from '../../../src/target/target.ts';
import { pushTo } from '../../fixtures/index.ts';

type Env = Readonly<Record<string, string>>;
type Shown = readonly (readonly [name: string, value: string, source: string])[];

interface More {
  readonly ref?: string;
  readonly spec?: Rendering['spec'];
  readonly jobspec?: Partial<Pick<Jobspec, 'job' | 'namespace' | 'settings'>>;
}

const BUILT_IN: Rendering['spec'] = { name: 'built-in template', builtIn: true, format: 'hcl', template: true, text: '', fragments: {} };
const OWN = { ...BUILT_IN, name: 'web.nomad', builtIn: false, template: false };

async function list(env: Env, { ref = 'main', spec = BUILT_IN, jobspec = {} }: More = {}): Promise<Setting[]> {
  const inputs = await readInputs(env);
  const target = resolveTarget(inputs, pushTo(ref));
  const namespace = inputs.nomadNamespace ?? 'default';
  return settings(inputs, { target, spec }, { job: { ID: target.jobId, Name: target.jobId }, namespace, settings: [], ...jobspec });
}

describe('the resolved values', () => {
  test('of nothing at all are the defaults', async () => {
    const found = await list({});
    expect(Object.fromEntries(found.map(({ name, value }) => [name, value]))).toEqual({
      command: 'deploy',
      'config-from': 'default-branch',
      'working-directory': '.',
      'nomad-namespace': 'default',
      'nomad-region': "the agent's own",
      'nomad-skip-verify': 'false',
      environment: 'main',
      'github-deployment': 'auto',
      comment: 'auto',
      'drift-issue': 'false',
      'job-name': 'acme-shop',
      build: 'auto',
      context: '.',
      pull: 'false',
      'no-cache': 'false',
      push: 'true',
      registry: 'ghcr.io',
      job: 'built-in template',
      'allowed-drivers': 'docker, podman',
      wait: 'true',
      'fail-fast': 'certain',
      'on-failure': 'spec',
      'on-cancel': 'leave',
      'on-placement-failure': '2 min',
      'preserve-counts': 'groups with scaling',
      'keep-releases': '10',
      'log-lines': '50',
      'only-if-deployment-running': 'false',
      'periodic-force': 'false',
      'replace-canaries': 'false',
      lock: 'off',
      'blue-green': 'false',
      summary: 'true',
    });
    const others = found.filter(({ source }) => source !== 'default').map(({ name, source }) => [name, source]);
    expect(others).toEqual([
      ['environment', 'branch main'],
      ['job-name', 'repository'],
    ]);
  });

  test.each<[Env, More, Shown]>([
    [
      {},
      {
        jobspec: {
          job: { ID: 'acme-shop', Name: 'acme-shop', Region: 'eu' },
          settings: [{ name: 'REGION', value: 'eu', source: 'prod.hcl:3' }],
        },
      },
      [['nomad-region', 'eu', 'prod.hcl:3']],
    ],
    [
      { 'INPUT_NOMAD-ADDR': 'https://n:4646/', NOMAD_REGION: 'eu', 'INPUT_BASE-DOMAIN': 'example.com' },
      {},
      [
        ['nomad-addr', 'https://n:4646', 'input'],
        ['nomad-region', 'eu', 'NOMAD_REGION'],
        ['base-domain', 'example.com', 'input'],
        ['hostnames', 'acme-shop.example.com', 'job name and base-domain'],
      ],
    ],
    [
      { BASE_DOMAIN: 'dev.example.com', NOMAD_TOKEN_PROD: 'p', NOMAD_TOKEN: 't', NOMAD_VAR_HOSTNAMES: 'www, b.example.net' },
      { ref: 'production' },
      [
        ['environment', 'production', 'branch production'],
        ['nomad-addr', 'https://prod.example.com', 'BASE_DOMAIN dev.example.com, in production'],
        ['nomad-token', '***', 'NOMAD_TOKEN_PROD'],
        ['base-domain', 'dev.example.com', 'BASE_DOMAIN'],
        ['hostnames', 'www.prod.example.com, b.example.net', 'NOMAD_VAR_HOSTNAMES'],
      ],
    ],
    [
      { INPUT_ENVIRONMENT: 'review', 'INPUT_JOB-NAME': 'mine', INPUT_VARS: 'NAMESPACE=a' },
      {},
      [
        ['environment', 'review', 'input'],
        ['job-name', 'mine', 'input'],
        ['nomad-namespace', 'a', 'input vars'],
      ],
    ],
    [
      {
        INPUT_IMAGE: 'r.example.com/shop:1',
        'INPUT_BUILD-ARGS': 'A=1\nB=2\nAPP_VERSION=7',
        INPUT_TIMEOUT: '90s',
        'INPUT_FAIL-FAST': 'off',
      },
      {},
      [
        ['image', 'r.example.com/shop:1', 'input'],
        ['build-args', 'A=1, B=***, APP_VERSION=7', 'input'],
        ['registry', 'r.example.com', 'input image'],
        ['timeout', '1 min 30 s', 'input'],
        ['fail-fast', 'off', 'input'],
      ],
    ],
    [{ 'INPUT_REGISTRY-PASSWORD': 'hunter2', 'INPUT_GITHUB-TOKEN': 'g' }, {}, [['registry-password', '***', 'input']]],
    [{ GITHUB_TOKEN: 'hunter2' }, {}, [['registry-password', '***', 'GITHUB_TOKEN']]],
    [
      {},
      { spec: OWN, jobspec: { job: { ID: 'web', Name: 'web', Namespace: 'apps', Region: 'eu' }, namespace: 'apps' } },
      [
        ['job', 'web.nomad', 'default'],
        ['job-name', 'web', 'web.nomad'],
        ['nomad-namespace', 'apps', 'web.nomad'],
        ['nomad-region', 'eu', 'web.nomad'],
      ],
    ],
    // As for `nomad job run`, the region of the spec wins, unless it is only the name of the default.
    [
      { NOMAD_REGION: 'us' },
      { spec: OWN, jobspec: { job: { ID: 'web', Name: 'web', Region: 'eu' } } },
      [['nomad-region', 'eu', 'web.nomad']],
    ],
    [
      { NOMAD_REGION: 'us' },
      { spec: OWN, jobspec: { job: { ID: 'web', Name: 'web', Region: 'global' } } },
      [['nomad-region', 'us', 'NOMAD_REGION']],
    ],
  ])('of %j have their sources', async (env, more, shown) => {
    const names = shown.map(([name]) => name);
    const found = (await list(env, more)).filter(({ name }) => names.includes(name));
    expect(Object.fromEntries(found.map(({ name, value, source }) => [name, [value, source]]))).toEqual(
      Object.fromEntries(shown.map(([name, value, source]) => [name, [value, source]])),
    );
  });

  test('end with the secrets, by their names only, and the variables', async () => {
    const variables = [
      { name: 'COUNT', value: '3', source: 'automatic' },
      { name: 'MEMORY', value: '512', source: 'vars' },
      { name: 'CPU', value: '100', source: 'default' },
      { name: 'DB_PASSWORD', value: 'hunter2', source: 'NOMAD_VAR_DB_PASSWORD' },
      { name: 'api_key', value: 'hunter2', source: 'prod.hcl:3' },
      { name: 'CI_REGISTRY_READ_TOKEN', value: '', source: 'default' },
      { name: 'SECRETS_TEMPLATE', value: '# no secrets', source: 'automatic' },
    ];
    const env = { NOMAD_SECRETS: '{"A": "hunter2"}', NOMAD_SECRET_B: 'hunter2', INPUT_SECRETS: 'C=hunter2' };
    const found = await list(env, { jobspec: { settings: variables } });
    expect(found.slice(-10).map(({ name, value, source }) => [name, value, source])).toEqual([
      ['secret.A', '***', 'NOMAD_SECRETS'],
      ['secret.B', '***', 'NOMAD_SECRET_B'],
      ['secret.C', '***', 'input secrets'],
      ['var.COUNT', '3', 'automatic'],
      ['var.MEMORY', '512', 'input vars'],
      ['var.CPU', '100', 'default'],
      ['var.DB_PASSWORD', '***', 'NOMAD_VAR_DB_PASSWORD'],
      ['var.api_key', '***', 'prod.hcl:3'],
      ['var.CI_REGISTRY_READ_TOKEN', '', 'default'],
      ['var.SECRETS_TEMPLATE', '# no secrets', 'automatic'],
    ]);
    expect(JSON.stringify(found)).not.toContain('hunter2');
  });
});

describe('as lines of the log', () => {
  test('they stand in columns', () => {
    const found = [
      { name: 'a', value: 'one', source: 'input' },
      { name: 'var.LONG', value: '', source: 'default' },
      { name: 'b', value: 'x\ny', source: 'B' },
    ];
    expect(settingLines(found)).toEqual(['a         one     input', 'var.LONG  ""      default', 'b         "x\\ny"  B']);
  });

  test('a long value is cut, and leaves the others their columns', () => {
    const [long = '', short] = settingLines([
      { name: 'a', value: 'x'.repeat(10_000), source: 'A' },
      { name: 'b', value: 'y', source: 'B' },
    ]);
    expect(long).toBe(`a  ${'x'.repeat(200)}…  A`);
    expect(short).toBe(`b  ${'y'.padEnd(60)}  B`);
  });

  test('of nothing are none', () => expect(settingLines([])).toEqual([]));
});

test('every input whose form the table tells is in the list when it is given', async () => {
  const given = inputNames.filter((name) => INPUTS[name].own !== true && INPUTS[name].only === undefined && name !== 'dry-run');
  const value = (name: InputName): string => {
    const { type, values = [] } = INPUTS[name];
    return values[0] ?? (type.startsWith('boolean') ? 'true' : type === 'number' ? '7' : 'web');
  };
  const env = Object.fromEntries(given.filter((name) => name !== 'command').map((name) => [`INPUT_${name.toUpperCase()}`, value(name)]));
  const found = new Map((await list(env)).map((setting) => [setting.name, setting]));
  expect(given.length).toBeGreaterThan(20);
  expect(given.filter((name) => found.get(name)?.source !== (name === 'command' ? 'default' : 'input'))).toEqual([]);
});
