import { expect, test } from '@jest/globals';
import { readInputs } from '../../../src/inputs/read.ts';
import { rehearsedInputs } from '../../../src/rehearsal/inputs.ts';
import type { Secret } from '../../../src/runtime/secret.ts';

const ENV = {
  ...{ INPUT_COMMAND: 'rehearse', 'INPUT_NOMAD-ADDR': 'https://nomad.example', NOMAD_TOKEN: 'token-of-nomad', NOMAD_REGION: 'eu' },
  ...{ NOMAD_SECRET_KEY: 'secret-of-app', NOMAD_VAR_CI_REGISTRY_PASSWORD: 'password-of-registry', NOMAD_VAR_COUNT: '2' },
  ...{ 'INPUT_GITHUB-TOKEN': 'token-of-github', 'INPUT_NOMAD-HEADERS': 'X-Key=key-of-proxy', https_proxy: 'http://u:password-of-proxy@p' },
  ...{ 'INPUT_PRE-DEPLOY': 'migrate', INPUT_VERIFY: '/healthz\nhttps://shop.example/', 'INPUT_CACHE-TO': 'type=gha' },
  ...{ INPUT_LOCK: 'wait', INPUT_PLATFORMS: 'linux/amd64,linux/arm64', INPUT_PROVENANCE: 'true', 'INPUT_PRESERVE-COUNTS': 'true' },
};

const isSecret = (value: object): value is Secret => 'reveal' in value;

/** Returns all texts of a value, those of secrets included. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  if (isSecret(value)) return [value.reveal()];
  return Object.values(value).flatMap(textsOf);
}

test('no secret and nothing of the real cluster is left', async () => {
  const given = await readInputs(ENV);
  const inputs = rehearsedInputs(given);
  expect(inputs).toMatchObject({
    ...{ push: false, lock: 'off', wait: true, preserveCounts: false, approvedPlan: [], nomadHeaders: {}, platforms: [], cacheTo: [] },
    vars: { COUNT: '2' },
  });
  expect(inputs.verify.map(({ target }) => target)).toEqual([expect.objectContaining({ path: '/healthz' })]);
  expect(inputs.secrets['KEY']?.reveal()).toBe('xxxxxx-xx-xxx');
  // The logins of a pull stay: no job gets them.
  const { registryPassword: _pull, ...others } = inputs;
  expect(textsOf(others).join('\n')).not.toMatch(/(secret|password|token|key)-of-/);
  expect(textsOf(given).join('\n')).toMatch(/secret-of-app/);
  for (const name of ['nomadLogin', 'nomadRegion', 'githubToken', 'preDeploy', 'tokenEnv', 'provenance'] as const)
    expect(inputs[name]).toBeUndefined();
});
