import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { FILES } from '../../../../scripts/docs.ts';
import type { ActionError } from '../../../../src/errors.ts';
import { parseConfig } from '../../../../src/inputs/config/config.ts';
import { inOrder } from '../../../../src/inputs/config/rules.ts';
import type { Config } from '../../../../src/inputs/config/types.ts';
import { readInputs } from '../../../../src/inputs/read.ts';
import { INPUTS } from '../../../../src/inputs/table/index.ts';
import type { FromFile, Inputs } from '../../../../src/inputs/types.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const config = async (text: string): Promise<Config> => parseConfig(text, 'nomad-deploy.yml');
const refused = async (text: string): Promise<ActionError> => {
  const error: unknown = await config(text).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'ActionError', code: 'input-invalid' });
  return error as ActionError;
};
/** The inputs of a run with this file, as the whole repository. */
const inputs = async (text: string, env: Readonly<Record<string, string>> = {}, more: Partial<FromFile> = {}): Promise<Inputs> => {
  const { path, inputs: layer, environments } = await config(text);
  return readInputs(env, { path, layers: [layer], environments: environments.map(({ name }) => name), ...more });
};

describe('a key of the file', () => {
  test.each<[string, keyof Inputs, unknown]>([
    ['nomad-namespace: team-a', 'nomadNamespace', 'team-a'],
    ['nomad-namespace: 0123', 'nomadNamespace', '0123'],
    ['job-name: yes', 'jobName', 'yes'],
    ['push: false', 'push', false],
    ['build: false', 'build', false],
    ['build: auto', 'build', 'auto'],
    ['timeout: 15m', 'timeoutMs', 900_000],
    ['log-lines: 7', 'logLines', 7],
    ['job: [a.nomad, b.nomad]', 'jobs', ['a.nomad', 'b.nomad']],
    ['job: |\n  a.nomad\n  b.nomad', 'jobs', ['a.nomad', 'b.nomad']],
    ['job: []', 'jobs', []],
    ['platforms: [linux/amd64, linux/arm64]', 'platforms', ['linux/amd64', 'linux/arm64']],
    ['build-args: { A: 1.10, B: "x y" }', 'buildArgs', ['A=1.10', 'B=x y']],
    ['build-args: [A=1, B=]', 'buildArgs', ['A=1', 'B=']],
    ['labels: { a.b/c: d=e }', 'labels', ['a.b/c=d=e']],
    ['provenance: mode=max', 'provenance', 'mode=max'],
    ['sbom: true', 'sbom', 'true'],
    ['test: npm test', 'test', 'npm test'],
    ['test: [/app, --self-test]', 'test', ['/app', '--self-test']],
    ['verify: /healthz', 'verify', [expect.objectContaining({ target: { path: '/healthz', port: undefined, protocol: 'http' } })]],
    ['verify: [{ path: /healthz, status: 204 }]', 'verify', [expect.objectContaining({ status: ['204'] })]],
    ['allowed-drivers: [docker, raw_exec]', 'allowedDrivers', ['docker', 'raw_exec']],
    [
      'vars: { COUNT: 007, PORTS: { 5000: http }, ON: yes, NONE: }',
      'vars',
      { COUNT: '007', PORTS: '{"5000":"http"}', ON: 'yes', NONE: '' },
    ],
    ['vars: |\n  A=1\n  B= x', 'vars', { A: '1', B: ' x' }],
    ['x: &x [a.nomad]\njob: *x', 'jobs', ['a.nomad']],
    ['wait:', 'wait', true],
    ['', 'wait', true],
    ['{"wait": false}', 'wait', false],
  ])('%j', async (text, key, value) => expect((await inputs(text))[key]).toEqual(value));

  test('has the meaning of an input, for each of them, unless the table says why not', () => {
    const silent = Object.entries(INPUTS).filter(([, input]) => !('from' in input) && !/^\S.{10,}[^.]$/.test(input.instead));
    expect(silent).toEqual([]);
  });

  test('gives way to the input, and goes before the environment', async () => {
    const text = 'nomad-namespace: file\nwait: false\nvars:\n  A: file\n  B: file\n';
    const env = { NOMAD_NAMESPACE: 'env', NOMAD_VAR_A: 'env', NOMAD_VAR_C: 'env', INPUT_VARS: 'B=input' };
    expect(await inputs(text, env)).toMatchObject({
      nomadNamespace: 'file',
      wait: false,
      vars: { A: 'file', B: 'input', C: 'env' },
      sources: {
        inputs: { 'nomad-namespace': 'nomad-deploy.yml:1', wait: 'nomad-deploy.yml:2', timeout: 'default' },
        vars: { A: 'nomad-deploy.yml:4', B: 'vars', C: 'NOMAD_VAR_C' },
      },
    });
    const given = { 'INPUT_NOMAD-NAMESPACE': 'input', INPUT_WAIT: 'true' };
    expect(await inputs(text, given)).toMatchObject({
      nomadNamespace: 'input',
      wait: true,
      sources: { inputs: { 'nomad-namespace': 'nomad-namespace', wait: 'wait' } },
    });
  });

  test('of one command is a rule for that command, and no reason to refuse the others', async () => {
    expect(await inputs('ttl: 14d')).toMatchObject({ command: 'deploy', ttlMs: 14 * 86_400_000 });
  });

  test('that the input refuses is told with its place, all of them at once', async () => {
    const error = inputs('timeout: soon\n\nfail-fast: never\n', { INPUT_PROMOTE: 'maybe' });
    await expect(error).rejects.toMatchObject({
      message: [
        '3 problems:',
        '- nomad-deploy.yml:1:1: `timeout`: "soon" is not a duration, such as 90s or 15m',
        '- nomad-deploy.yml:3:1: `fail-fast`: "never" is not one of certain, off',
        '- `promote`: "maybe" is not one of auto, manual, verify',
      ].join('\n'),
      location: { file: 'nomad-deploy.yml', line: 1, column: 1 },
    });
  });
});

describe('the file is refused with file, line and column', () => {
  test.each<[string, string]>([
    ['timeout: [15m]', '1:10: `timeout` is a list; it takes text, such as `timeout: value`'],
    ['wait: yes', '1:7: `wait` is "yes"; it takes true or false'],
    ['log-lines: many', '1:12: `log-lines` is "many"; it takes a whole number, such as `log-lines: 50`'],
    ['vars: [A]', '1:7: `vars` is a list; it takes a map, such as `vars: { A: b }`'],
    ['job:\n  - a.nomad\n  - [b.nomad]', '3:5: `job` has a list in it; it takes a list of texts, such as `job: [a, b]`'],
    [
      'build-args: { A: { B: c } }',
      '1:18: `build-args` has a map in it; it takes a map, such as `build-args: { A: b }`, or a list of `A=b`',
    ],
    ['a: b: c', '1:4: Nested mappings are not allowed in compact mappings'],
    ['wait: true\nwait: false', '2:1: Map keys must be unique'],
    ['- a', '1:1: the file is not a map of keys and values'],
    ['job: *x', '1:6: `*x` stands for nothing that was named before'],
    ['wait: !true x', '1:7: Unresolved tag: !true'],
    [
      'secrets: { A: b }',
      '1:1: `secrets` is not a key of the file: no secret belongs in a file of the repository: give the input `secrets`, or NOMAD_SECRET_<NAME>',
    ],
    ['nomad-namepsace: x', '1:1: unknown key `nomad-namepsace` at the top of the file: did you mean `nomad-namespace`?'],
    ['<<: { wait: false }', '1:1: `<<` merges nothing here: write the keys out'],
    ['environments: [x]', '1:15: `environments` is not a map of keys and values'],
    [
      'environments: { "a b": {} }',
      '1:17: `environments`: "a b" is not a valid name; use letters, digits, dashes and underscores, up to 63',
    ],
    ['environments: { eu: { nomad-adr: x } }', '1:23: unknown key `nomad-adr` in an environment: did you mean `nomad-addr`?'],
    ['environments: { eu: { colour: x } }', '1:23: unknown key `colour` in an environment; docs/configuration.md lists the keys'],
    ['environments: { eu: { namespace: } }', '1:23: `namespace` has no value'],
    [
      'environments: { eu: { token-env: a-b } }',
      '1:23: `token-env` takes the name of an environment variable, such as NOMAD_TOKEN_EU, and never the token itself',
    ],
    [
      'environments: { eu: { token-env: GITHUB_TOKEN } }',
      '1:23: `token-env`: GITHUB_TOKEN cannot hold a token of Nomad; pass the token as NOMAD_TOKEN_…, by `env:`',
    ],
    [
      'environments: { eu: { token-env: NOMAD_TOKEN_PROD } }',
      '1:23: `token-env`: NOMAD_TOKEN_PROD is the token of production, and eu must not get it',
    ],
    [
      'environments: { eu: { token-env: NOMAD_SECRETS } }',
      '1:23: `token-env`: NOMAD_SECRETS cannot hold a token of Nomad; pass the token as NOMAD_TOKEN_…, by `env:`',
    ],
    ...['production', 'staging', 'main', 'Production'].map((name): [string, string] => [
      `environments: { ${name}: { pull-request: true } }`,
      `1:17: \`pull-request\`: pull requests are review apps and can't belong to ${name}; call their environment \`preview\``,
    ]),
    [
      'environments: { preview: { pull-request: true, branch: preview, token-env: T } }',
      '1:65: `token-env`: pull requests would get the token of the branches and tags of preview; give pull requests an environment of their own',
    ],
    [
      'environments: { review: { branch: team, token-env: T } }',
      '1:41: `token-env`: pull requests would get the token of the branches and tags of review; give pull requests an environment of their own',
    ],
    [
      'environments: { eu: { branch: eu, token-env: T }, preview: { pull-request: true, token-env: T } }',
      '1:82: `token-env`: T is the token of eu, and pull requests must not get it',
    ],
    [
      'environments: { production: { token-env: T }, eu: { token-env: T } }',
      '1:53: `token-env`: T is the token of production, and eu must not get it',
    ],
    [
      'environments: { eu: { namespace: a, nomad-namespace: b } }',
      '1:23: `namespace` and `nomad-namespace` are the same: give one of them',
    ],
    [
      'environments:\n  eu:\n    tag: v[0-9',
      '3:10: `tag` has the pattern `v[0-9`: `[` has no `]` after it; write `\\[` for the character itself',
    ],
    [
      'environments:\n  eu:\n    branch:\n      - main\n      - v\\d+',
      '5:9: `branch` has the pattern `v\\d+`: `\\d` is no escape; `\\` stands before one of `* ? + [ ] ! \\`',
    ],
    [
      "environments: { eu: { branch: '!main' } }",
      '1:31: `branch` has only patterns with `!`, which exclude names; add one that includes names, such as `"**"`',
    ],
    [
      'apps:\n  api:\n    paths: [api, c++]',
      '3:18: `paths` has the pattern `c++`: `+` has no character before it to repeat; write `\\+` for the character itself',
    ],
    ['apps: { api: { paths: [[a]] } }', '1:24: `paths` has a list in it; it takes a list of patterns, such as `paths: [a, "b/*"]`'],
    ['apps: { Api: {} }', '1:9: `apps`: "Api" is not a valid name; use small letters, digits and dashes, up to 32'],
    ['apps: { api: { nomad-addr: x } }', "1:16: `nomad-addr` can't be given in an app: it is the same for the whole run"],
    ['apps: { api: { depends-on: [webb] }, web: {} }', '1:9: `apps.api` depends on "webb", which is no app; did you mean `web`?'],
    ['apps: { a: { depends-on: b }, b: { depends-on: a }, c: {} }', '1:9: apps depend on each other in a circle: a, b'],
    ['images: { api: { vars: {} } }', "1:18: `vars` can't be given in an image: it is the same for the whole run"],
    [
      'apps: { api: {} }\nimages: { web: {} }',
      '2:11: `images` cannot stand beside `apps`: an app has its own `context`, `file` and `image`',
    ],
    ['policy: { privilege: false }', '1:11: unknown key `privilege` in `policy`: did you mean `privileged`?'],
    ['policy: { privileged: no }', '1:23: `privileged` is "no"; it takes true or false'],
    ['policy: { wait: true }', '1:11: unknown key `wait` in `policy`; docs/configuration.md lists the keys'],
  ])('%j', async (text, message) => {
    const error = await refused(text);
    expect(error.message).toBe(`nomad-deploy.yml:${message}`);
    const [line, column] = message.split(':').map(Number);
    expect(error.location).toEqual({ file: 'nomad-deploy.yml', line, column });
  });

  test('with all problems at once, in the order of their lines', async () => {
    const { message } = await refused('policy:\n  privileged: maybe\nwait: perhaps\nenvironments:\n  eu: { tokn-env: X }\n');
    expect(message.split('\n').map((line) => /yml:(\d+:\d+)/.exec(line)?.[1])).toEqual([undefined, '2:15', '3:7', '5:9']);
  });
});

test.each([
  ['apps', `apps:\n${Array.from({ length: 501 }, (_, i) => `  a${i}: { context: a }\n`).join('')}`, '`apps` has more than 500 keys'],
  ['keys', Array.from({ length: 501 }, (_, i) => `key${i}: 1\n`).join(''), 'the file has more than 500 keys'],
])('more %s than people have are not compared with each other', async (_what, text, problem) => {
  const begun = performance.now();
  await expect(config(text)).rejects.toMatchObject({ message: expect.stringContaining(problem) });
  expect(performance.now() - begun).toBeLessThan(5_000);
});

test('500 apps that depend on each other, and a name without end, take seconds at most', async () => {
  const begun = performance.now();
  const apps = Array.from({ length: 500 }, (_, i) => `  a${i}: { context: a, depends-on: [a${Math.min(i + 1, 499)}x] }\n`).join('');
  await expect(config(`apps:\n${apps}`)).rejects.toMatchObject({ message: expect.stringContaining('which is no app') });
  expect((await config(`{"${'a'.repeat(400_000)}": 1}`)).warnings).toHaveLength(1);
  expect(performance.now() - begun).toBeLessThan(10_000);
});

test('an unknown key is a warning with the nearest name where it does no harm', async () => {
  const warnings = [...(await config('waitt: false\napps:\n  web: { dockerfile: x, path: [a] }\n')).warnings];
  warnings.push(...(await config('\n\n\nimages:\n  web: { filee: x }\n')).warnings);
  expect(warnings).toEqual([
    {
      text: 'nomad-deploy.yml:1:1: unknown key `waitt` at the top of the file: did you mean `wait`?',
      location: { file: 'nomad-deploy.yml', line: 1, column: 1 },
    },
    {
      text: 'nomad-deploy.yml:3:10: unknown key `dockerfile` in an app; docs/configuration.md lists the keys',
      location: { file: 'nomad-deploy.yml', line: 3, column: 10 },
    },
    {
      text: 'nomad-deploy.yml:3:25: unknown key `path` in an app: did you mean `paths`?',
      location: { file: 'nomad-deploy.yml', line: 3, column: 25 },
    },
    {
      text: 'nomad-deploy.yml:5:10: unknown key `filee` in an image: did you mean `file`?',
      location: { file: 'nomad-deploy.yml', line: 5, column: 10 },
    },
  ]);
});

test('the policy is typed', async () => {
  const { policy } = await config(
    'policy:\n  allowed-drivers: [docker]\n  privileged: false\n  host-paths: [/srv]\n  host-volumes: false\n  capabilities: []\n  max-memory: 512\n',
  );
  expect(policy).toEqual({
    at: { file: 'nomad-deploy.yml', line: 2, column: 3 },
    allowedDrivers: ['docker'],
    privileged: false,
    hostPaths: ['/srv'],
    hostVolumes: false,
    capabilities: [],
    maxMemory: 512,
  });
  expect((await config('wait: true')).policy).toBeUndefined();
});

test.each<[string, string[]]>([
  ['a: {}\n  b: {}', ['a', 'b']],
  ['a: { depends-on: b }\n  b: {}', ['b', 'a']],
  ['a: { depends-on: [c, b] }\n  b: { depends-on: c }\n  c: {}\n  d: {}', ['c', 'b', 'a', 'd']],
])('apps come after those that they depend on: %j', async (apps, order) => {
  expect(inOrder((await config(`apps:\n  ${apps}`)).apps).map(({ name }) => name)).toEqual(order);
});

describe('the JSON Schema', () => {
  const schema = JSON.parse(read('schema/nomad-deploy.schema.json')) as Schema;
  const guide = read('docs/configuration.md');
  const files = [...guide.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text]) => text ?? '').filter((text) => !/uses:/.test(text));

  test('is that of the tables which read the file', () =>
    expect(FILES['schema/nomad-deploy.schema.json']?.('')).toBe(read('schema/nomad-deploy.schema.json')));
  test('has its tables in the guide', () => expect(FILES['docs/configuration.md']?.(guide)).toBe(guide));

  test('and the reader take every file of the guide', async () => {
    expect(files.length).toBeGreaterThan(1);
    for (const text of files) {
      expect((await config(text)).warnings).toEqual([]);
      expect(valid(schema, parse(text), schema)).toBe(true);
    }
  });

  test.each([
    'timeout: [15m]',
    'wait: maybe',
    'log-lines: many',
    'vars: [A]',
    'secrets: { A: b }',
    'environments: [x]',
    'environments: { eu: { nomad-adr: x } }',
    'apps: { api: { nomad-addr: x } }',
    'images: { api: { vars: {} } }',
    'policy: { privileged: maybe }',
    'policy: { wait: true }',
  ])('and the reader refuse %j', async (text) => {
    await refused(text);
    expect(valid(schema, parse(text), schema)).toBe(false);
  });
});

interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly pattern?: string;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

/** As much of JSON Schema as ours uses. */
function valid(schema: Schema, value: unknown, root: Schema): boolean {
  if (schema.$ref !== undefined) return valid(root.$defs?.[schema.$ref.replace('#/$defs/', '')] ?? {}, value, root);
  if (schema.anyOf !== undefined) return schema.anyOf.some((one) => valid(one, value, root));
  const types = [schema.type ?? []].flat();
  const own = value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;
  if (types.length > 0 && !types.includes(own) && !(own === 'integer' && types.includes('number'))) return false;
  if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(String(value))) return false;
  if (Array.isArray(value)) return value.every((item) => valid(schema.items ?? {}, item, root));
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, item]) => {
    const other = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {};
    return schema.properties?.[key] === undefined
      ? schema.additionalProperties !== false && valid(other, item, root)
      : valid(schema.properties[key], item, root);
  });
}
