import { describe, expect, test } from '@jest/globals';
import { requireOwnTokens, requireSequence, wavesOf } from '../../../src/apps/order.ts';
import { inOrder, parseConfig } from '../../../src/inputs/config/index.ts';
import { readAskedWaves, readInputs } from '../../../src/inputs/index.ts';
import type { Environment } from '../../../src/target/target.ts';

const MAIN: Environment = { value: 'main', name: 'main', source: 'branch main' };
const REVIEW: Environment = { value: 'review', name: 'review', source: 'branch fix' };
const CLUSTERS = [
  'clusters:',
  '  eu: { nomad-addr: "https://eu.example.com", token-env: NOMAD_TOKEN_EU }',
  '  us: { nomad-addr: "https://us.example.com" }',
  '  ap: { nomad-addr: "https://ap.example.com" }',
];
const APPS = ['apps:', '  api: {}', '  web: { depends-on: api }'];

/** The names of each wave: clusters, or apps where there are none. */
async function waves(lines: readonly string[], env: Record<string, string> = {}, environment = MAIN): Promise<unknown> {
  const config = await parseConfig(lines.join('\n'), 'nomad-deploy.yml');
  const section = config.environments.find(({ name }) => name === environment.name);
  const layers = [section?.inputs, config.inputs].filter((layer) => layer !== undefined);
  const asked = await readAskedWaves(env, { path: config.path, layers, environments: [], environment: section?.inputs });
  const found = await wavesOf(config, asked, inOrder(config.apps), environment);
  if (found !== undefined) await requireOwnTokens(found, config, environment);
  return found?.map(({ clusters, apps }) => clusters.map((one) => one?.name ?? apps.map(({ name }) => name).join('+')).join(' '));
}

describe('waves', () => {
  test('are lists of lists in the file, and lines or lists as an input', async () => {
    await expect(waves([...CLUSTERS, 'waves: [[eu], [us, ap]]'])).resolves.toEqual(['eu', 'us ap']);
    await expect(waves([...CLUSTERS, 'waves: [eu, [us, ap]]'])).resolves.toEqual(['eu', 'us ap']);
    await expect(waves([...CLUSTERS, 'waves: |', '  eu', '  us, ap'])).resolves.toEqual(['eu', 'us ap']);
    await expect(waves(CLUSTERS, { INPUT_WAVES: 'us\neu ap' })).resolves.toEqual(['us', 'eu ap']);
    await expect(waves(CLUSTERS, { INPUT_WAVES: '[[us], [eu]]' })).resolves.toEqual(['us', 'eu']);
    await expect(waves([...APPS, 'waves: [[api], [web]]'])).resolves.toEqual(['api', 'web']);
    await expect(waves(CLUSTERS)).resolves.toBeUndefined();
  });

  test('are cut to the selected clusters; without waves the selected ones are one wave', async () => {
    const lines = [...CLUSTERS, 'waves: [[eu], [us, ap]]'];
    await expect(waves(lines, { INPUT_CLUSTER: 'ap' })).resolves.toEqual(['ap']);
    await expect(waves(CLUSTERS, { INPUT_CLUSTER: 'eu us' })).resolves.toEqual(['eu us']);
    await expect(waves(lines, { INPUT_CLUSTER: 'ape' })).rejects.toThrow(
      '`cluster`: nomad-deploy.yml has no cluster "ape"; did you mean `ap`?',
    );
    await expect(waves([...CLUSTERS, 'waves: [[eu]]'], { INPUT_CLUSTER: 'ap' })).rejects.toThrow('`cluster`: ap is in no wave');
  });

  test.each([
    [
      'an unknown name',
      [...CLUSTERS, 'waves: [[eu], [uss]]'],
      'nomad-deploy.yml:5:16: `waves`: "uss" is neither a cluster nor an app of nomad-deploy.yml; did you mean `us`?',
    ],
    ['a name in two waves', [...APPS, 'waves: [[api], [web, api]]'], '`waves`: api stands there twice'],
    ['an app in no wave', [...APPS, 'waves: [[api]]'], 'nomad-deploy.yml:3:3: `waves`: the app web is in no wave'],
    [
      'a late dependency',
      [...APPS, 'waves: [[web], [api]]'],
      'nomad-deploy.yml:3:3: `waves`: web depends on api, which is in a later wave',
    ],
    ['apps beside clusters', [...CLUSTERS, ...APPS, 'waves: [[eu], [api]]'], '`waves`: api is an app, and waves of clusters'],
    ['a name of both', [...CLUSTERS, 'apps: { eu: {} }', 'waves: [[eu]]'], '`waves`: eu is an app and a cluster'],
    ['an empty wave', [...CLUSTERS, 'waves: [[eu], []]'], '`waves` has an empty wave'],
    ['a map', [...CLUSTERS, 'waves: { a: [eu] }'], '`waves` is a map; it takes a list of lists of names'],
    ['a list too deep', [...CLUSTERS, 'waves: [[[eu]]]'], '`waves` is a list; it takes a list of lists of names'],
    [
      'a key of no cluster',
      ['clusters: { eu: { timeout: 5m } }'],
      "`timeout` can't be given in a cluster: it does not belong to one cluster",
    ],
    ['a token as text', ['clusters: { eu: { token-env: "a-b" } }'], '`token-env` takes the name of an environment variable'],
  ])('with %s are refused', async (_what, lines, message) => {
    await expect(waves(lines)).rejects.toThrow(message);
  });

  test('of clusters at the top of the file are not those of review apps, which get no token of others', async () => {
    const lines = [...CLUSTERS, 'waves: [[eu], [us]]'];
    await expect(waves(lines, {}, REVIEW)).resolves.toBeUndefined();
    await expect(waves([...lines, 'environments: { review: { waves: [[ap]] } }'], {}, REVIEW)).resolves.toEqual(['ap']);
    await expect(waves([...lines, 'environments: { review: { waves: [[eu]] } }'], {}, REVIEW)).rejects.toThrow(
      '`token-env` of the cluster eu: NOMAD_TOKEN_EU is the token of other environments, and review must not get it',
    );
  });

  test('of another environment do not get the token of production', async () => {
    const own = [
      'environments: { production: { token-env: NOMAD_TOKEN_LIVE } }',
      'clusters: { eu: { token-env: NOMAD_TOKEN_LIVE } }',
      'waves: [[eu]]',
    ];
    await expect(waves(own)).rejects.toThrow('NOMAD_TOKEN_LIVE is the token of production, and main must not get it');
    await expect(waves(own, {}, { value: 'production', name: 'production', source: '' })).resolves.toEqual(['eu']);
    await expect(waves(['clusters: { eu: { token-env: NOMAD_TOKEN_PROD } }', 'waves: [[eu]]'])).rejects.toThrow(
      'is the token of production',
    );
  });

  test('share no input that each cluster has of its own, and are followed to the end', async () => {
    const config = await parseConfig(CLUSTERS.join('\n'), 'nomad-deploy.yml');
    const all = [
      { apps: [], clusters: config.clusters.slice(0, 1) },
      { apps: [], clusters: config.clusters.slice(1) },
    ];
    const refused = async (env: Record<string, string>, ...of: typeof all): Promise<string> => {
      const inputs = await readInputs(env, { path: config.path, layers: [config.inputs], environments: [] });
      try {
        requireSequence(of.length === 0 ? all : of, [inputs]);
        return '';
      } catch (error) {
        return error instanceof Error ? error.message : '';
      }
    };
    await expect(refused({ 'INPUT_NOMAD-ADDR': 'http://127.0.0.1' })).resolves.toBe("`nomad-addr`: 3 clusters can't share one nomad-addr");
    await expect(refused({ 'INPUT_NOMAD-TOKEN': 'x' })).resolves.toBe("`nomad-token`: 3 clusters can't share one nomad-token");
    await expect(refused({ 'INPUT_NOMAD-ADDR': 'http://127.0.0.1' }, ...all.slice(0, 1))).resolves.toBe('');
    await expect(refused({ INPUT_WAIT: 'false' })).resolves.toContain('`wait`: `false` ends the run before a wave is healthy');
    await expect(refused({ INPUT_PROMOTE: 'manual' })).resolves.toContain('`promote`: `manual` ends the run');
    await expect(refused({ INPUT_WAIT: 'false', INPUT_COMMAND: 'plan' })).resolves.toBe('');
    await expect(refused({ 'INPUT_WAVE-BAKE': '5m' })).rejects.toThrow('`wave-bake` is given without `waves`');
    await expect(refused({ 'INPUT_WAVE-BAKE': 'soon', INPUT_WAVES: 'eu' })).rejects.toThrow('`wave-bake`: "soon" is not a duration');
  });
});
