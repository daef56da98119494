import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseConfig } from '../../../../src/inputs/config/config.ts';
import { APP_KEYS, ENVIRONMENT_KEYS, GUARDED_VARIABLES, POLICY_KEYS, SECTIONS } from '../../../../src/inputs/config/keys.ts';
import { mergeConfig } from '../../../../src/inputs/config/merge.ts';
import type { Config, Layer } from '../../../../src/inputs/config/types.ts';
import { INPUTS, type InputName, inputNames } from '../../../../src/inputs/table/index.ts';

const FILE = 'nomad-deploy.yml';
const ORIGIN = 'main at 1a2b3c4';
const checkout = async (text: string): Promise<Config> => parseConfig(text, FILE);
const ofMain = async (text: string): Promise<Config> => parseConfig(text, FILE, ORIGIN);

async function merged(own: string | undefined, main: string | undefined) {
  const { config, ignored } = mergeConfig(
    own === undefined ? undefined : await checkout(own),
    main === undefined ? undefined : await ofMain(main),
  );
  return { config, ignored: ignored.map(({ key, at, replaced }) => `${at.line} ${key}${replaced ? ' replaced' : ''}`) };
}
/** The texts of a layer. */
const texts = (layer: Layer | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(layer ?? {}).map(([name, given]) => [name, given.text]));

const KEYS = inputNames.flatMap((name) => {
  const key = INPUTS[name];
  return 'from' in key ? [{ name, ...key }] : [];
});

describe('every key is on one of the two lists', () => {
  test('of the inputs, these are of the checkout', () => {
    expect(KEYS.flatMap(({ name, from }) => (from === 'any' ? [name] : []))).toEqual(
      (
        'working-directory vars build image-variables context file target build-args platforms pull no-cache provenance sbom test job var-files lint-off wait timeout ' +
        'fail-fast promote blue-green verify watch-for pre-deploy post-deploy on-failure on-cancel on-placement-failure preserve-counts wave-bake all-or-nothing log-lines summary webhook-on github-deployment ' +
        'comment drift-issue'
      ).split(' '),
    );
  });
  test('of the inputs, these are of the default branch', () => {
    expect(KEYS.flatMap(({ name, from }) => (from === 'default-branch' ? [name] : [])).toSorted()).toEqual(
      (
        'allowed-drivers base-domain build-secrets builder cache-from cache-to consul-addr image job-name keep-releases labels lock nomad-addr nomad-auth-audience ' +
        'nomad-auth-method nomad-auth-selector nomad-cacert nomad-client-cert nomad-client-key nomad-headers nomad-namespace nomad-region nomad-skip-verify ' +
        'nomad-tls-server-name nomad-via nomad-via-known-hosts prometheus-addr push registry registry-username scan ssh tags test-env ttl waves'
      ).split(' '),
    );
  });
  test('environments and policy as wholes; an app has its name, its order and its paths', () => {
    expect(SECTIONS).toEqual({
      environments: 'default-branch',
      clusters: 'default-branch',
      apps: 'any',
      images: 'any',
      policy: 'default-branch',
    });
    expect(Object.keys(APP_KEYS)).toEqual(['depends-on', 'paths']);
    expect(Object.keys(ENVIRONMENT_KEYS).concat(Object.keys(POLICY_KEYS)).length).toBe(17);
  });
});

test('clusters and waves of a branch are those of the default branch', async () => {
  const main = 'clusters: { eu: { nomad-addr: "https://eu.example", token-env: T } }\nwaves: [[eu]]';
  const { config, ignored } = await merged(main.replace('eu.example', 'stranger.example').replace('[[eu]]', '[[eu], [us]]'), main);
  expect(ignored).toEqual(['1 clusters.eu replaced', '2 waves replaced']);
  expect(texts(config?.clusters[0]?.inputs)).toEqual({ 'nomad-addr': 'https://eu.example' });
  expect(config?.inputs.waves?.text).toBe('[["eu"]]');
  await expect(merged('clusters: { eu: { nomad-addr: "https://stranger.example" } }', 'wait: true')).resolves.toMatchObject({
    ignored: ['1 clusters.eu'],
  });
  await expect(merged(main, main)).resolves.toMatchObject({ ignored: [] });
});

const OWN = `
nomad-addr: https://stranger.example
registry: stranger.example
wait: false
apps:
  api: { context: api, image: stranger.example/api, depends-on: web, namespace-x: 1 }
  web: { context: web }
images: {}
environments:
  production: { branch: fix, token-env: NOMAD_TOKEN_PROD }
policy: { raw-exec: true }
`;
const MAIN = `
nomad-addr: https://nomad.example.com
wait: true
job: main.nomad
apps:
  api: { image: ghcr.io/acme/api, context: old, depends-on: [] }
environments:
  production: { branch: main, token-env: NOMAD_TOKEN_PROD }
policy: { raw-exec: false }
`;

describe('a checkout that is not the default branch’s', () => {
  test('gives its own data, and nothing that decides about credentials', async () => {
    const { config, ignored } = await merged(OWN, MAIN);
    expect(texts(config?.inputs)).toEqual({ 'nomad-addr': 'https://nomad.example.com', wait: 'false' });
    expect(config?.inputs['nomad-addr']?.at).toEqual({ file: FILE, line: 2, column: 1, origin: ORIGIN });
    expect(config?.apps.map(({ name, isNew, dependsOn, inputs }) => [name, isNew, dependsOn, texts(inputs)])).toEqual([
      ['api', false, ['web'], { context: 'api', image: 'ghcr.io/acme/api' }],
      ['web', true, [], { context: 'web' }],
    ]);
    expect(config?.environments.map(({ name, branches }) => [name, branches])).toEqual([['production', ['main']]]);
    expect(config?.policy?.rawExec).toBe(false);
    expect(ignored).toEqual([
      '2 nomad-addr replaced',
      '3 registry',
      '6 apps.api.image replaced',
      '10 environments.production replaced',
      '11 policy replaced',
    ]);
  });

  test('with no file on the default branch gives no value of the second list at all', async () => {
    const { config, ignored } = await merged(OWN, undefined);
    expect(texts(config?.inputs)).toEqual({ wait: 'false' });
    expect(config).toMatchObject({ environments: [], apps: [{ isNew: true }, { isNew: true }] });
    expect(config?.policy).toBeUndefined();
    expect(ignored).toEqual(['2 nomad-addr', '3 registry', '6 apps.api.image', '10 environments.production', '11 policy']);
  });

  test('without a file has the values of the second list, and no data of the default branch', async () => {
    const { config, ignored } = await merged(undefined, MAIN);
    expect(texts(config?.inputs)).toEqual({ 'nomad-addr': 'https://nomad.example.com' });
    expect(config).toMatchObject({ path: FILE, apps: [], environments: [{ name: 'production' }], policy: { rawExec: false } });
    expect(ignored).toEqual([]);
  });

  test('that removes a key does not get rid of it', async () => {
    expect(texts((await merged('wait: true', MAIN)).config?.inputs)['nomad-addr']).toBe('https://nomad.example.com');
  });

  test('is told nothing about what is the same on the default branch', async () => {
    const again = MAIN.replace('branch: main', 'branch: [main]').replace('{ raw-exec: false }', '\n  raw-exec: false');
    const { config, ignored } = await merged(again, MAIN);
    expect(ignored).toEqual([]);
    expect(texts(config?.inputs)).toMatchObject({ job: 'main.nomad' });
    expect(await merged(undefined, undefined)).toEqual({ config: undefined, ignored: [] });
  });

  test.each([
    [
      'environments: { eu: { branch: eu }, us: { branch: us } }',
      'environments: { us: { branch: us }, eu: { branch: eu } }',
      ['1 environments replaced'],
    ],
    ['environments: { eu: { branch: eu } }', 'environments: { us: { branch: us }, eu: { branch: eu } }', []],
    ['environments: { eu: { branch: eu, wait: false } }', 'environments: { eu: { branch: eu } }', ['1 environments.eu replaced']],
    ['environments: { preview: { pull-request: true } }', '', ['1 environments.preview']],
  ])('%s beside %s', async (own, main, told) => expect((await merged(own, main)).ignored).toEqual(told));

  test.each([
    ['vars: { A: own, NAMESPACE: stranger, CI_REGISTRY: stranger }'],
    ['vars: |\n  A=own\n  NAMESPACE=stranger\n  CI_REGISTRY=stranger'],
    ['vars: |\n  A: own\n  NAMESPACE: stranger\n  CI_REGISTRY: stranger'],
  ])('gives variables of the workload, and none that decides where it goes: %j', async (own) => {
    const { config, ignored } = await merged(own, 'wait: true\nvars: { A: main, B: main, NAMESPACE: team-a, HOSTNAMES: [www] }');
    expect(JSON.parse(config?.inputs.vars?.text ?? '')).toEqual({ A: 'own', NAMESPACE: 'team-a', HOSTNAMES: ['www'] });
    expect(config?.inputs.vars?.entries).toMatchObject({ A: { file: FILE }, NAMESPACE: { line: 2, origin: ORIGIN } });
    expect(ignored.map((line) => line.replace(/^\d+ /, ''))).toEqual(['vars.NAMESPACE replaced', 'vars.CI_REGISTRY']);
  });

  test('asks the same checks as the default branch as that one', async () => {
    const { config } = await merged('verify: [https://status.example.com]', 'verify: [https://status.example.com]');
    expect(config?.inputs.verify?.at.origin).toBe(ORIGIN);
    expect((await merged('verify: [/healthz]', 'verify: [/x]')).config?.inputs.verify?.at.origin).toBeUndefined();
  });
});

// Whatever two files say: what decides is the default branch's, and the rest the checkout's.
const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  boolean: ['true', 'false'],
  number: ['1', '2'],
  'boolean or text': ['true', '"x"'],
  'boolean or auto': ['true', '"x"'],
  words: ['[OWNER-a]', '[OWNER-b, c]'],
  choice: ['OWNER', 'OWNER-2'],
  list: ['[OWNER-a]', '[OWNER-b, c]'],
  pairs: ['{ A: OWNER }'],
  map: ['{ NAMESPACE: OWNER, A: OWNER, CI_REGISTRY: OWNER }', '{ B: OWNER }', '"REGION=OWNER"'],
  checks: ['[/OWNER]'],
  command: ['[OWNER]'],
  text: ['OWNER', 'OWNER-2'],
};
const section = (of: readonly string[]): fc.Arbitrary<Readonly<Record<string, string | undefined>>> =>
  fc.record(
    Object.fromEntries(
      KEYS.filter((key) => of.includes(key.of)).map(({ name, type }) => [name, fc.constantFrom(...(SAMPLES[type] ?? ['x']))]),
    ),
    { requiredKeys: [] },
  );
const all = ['run', 'job', 'image'];
const file = fc.record({
  top: section(all),
  apps: fc.dictionary(fc.constantFrom('a', 'b', 'c'), section(['job', 'image'])),
  environments: fc.dictionary(fc.constantFrom('production', 'eu', 'preview'), section(all)),
  policy: fc.option(fc.constantFrom('true', 'false')),
});
const written = (owner: string, { top, apps, environments, policy }: typeof file extends fc.Arbitrary<infer T> ? T : never): string => {
  const map = (values: Readonly<Record<string, string | undefined>>): string =>
    `{ ${Object.entries(values)
      .map(([key, value]) => `${key}: ${value}`)
      .join(', ')} }`;
  const named = (sections: Readonly<Record<string, Readonly<Record<string, string | undefined>>>>): string =>
    map(Object.fromEntries(Object.entries(sections).map(([name, values]) => [name, map(values)])));
  const lines = Object.entries(top).map(([key, value]) => `${key}: ${value}`);
  const raw = policy === null ? [] : [`policy: { raw-exec: ${policy} }`];
  return [...lines, `apps: ${named(apps)}`, `environments: ${named(environments)}`, ...raw].join('\n').replaceAll('OWNER', owner);
};

test('for any two files, no value of the second list is the checkout’s, and no data is the default branch’s', async () => {
  const guarded = (name: string): boolean => {
    const key = INPUTS[name as InputName];
    return 'from' in key && key.from === 'default-branch';
  };
  await fc.assert(
    fc.asyncProperty(file, file, fc.boolean(), async (here, there, exists) => {
      const own = await checkout(written('own', here));
      const main = exists ? await ofMain(written('main', there)) : undefined;
      const { config } = mergeConfig(own, main);
      const { config: alone } = mergeConfig(undefined, main);
      expect(config?.environments).toEqual(main?.environments ?? []);
      expect(config?.policy).toEqual(main?.policy);
      expect(config?.apps.map(({ name, isNew }) => [name, isNew])).toEqual(
        own.apps.map(({ name }) => [name, main?.apps.some((app) => app.name === name) !== true]),
      );
      const layers = [
        [config?.inputs, own.inputs, main?.inputs],
        ...own.apps.map(({ name }) => [config, own, main].map((one) => one?.apps.find((app) => app.name === name)?.inputs)),
      ];
      for (const [layer = {}, ofOwn = {}, ofDefault = {}] of layers) {
        const found = inputNames.filter((name) => name !== 'vars').map((name) => [name, guarded(name) ? layer[name] : layer[name]?.text]);
        const wanted = inputNames
          .filter((name) => name !== 'vars')
          .map((name) => [name, guarded(name) ? ofDefault[name] : ofOwn[name]?.text]);
        expect(found).toEqual(wanted);
        const variables = Object.entries(layer.vars?.entries ?? {});
        expect(variables.filter(([name, { origin }]) => GUARDED_VARIABLES.test(name) !== (origin === ORIGIN))).toEqual([]);
      }
      // What the checkout says changes nothing of what decides.
      const decides = (one: Config | undefined): unknown => Object.entries(one?.inputs ?? {}).filter(([name]) => guarded(name));
      expect(decides(config)).toEqual(decides(alone));
    }),
  );
});
