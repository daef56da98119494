import { expect, test } from '@jest/globals';
import { step } from './step.ts';

const AT = { BASE_DOMAIN: 'dev.example.com', GITHUB_REPOSITORY: 'Acme/Shop' };

test('NOMAD_VAR_NO_DEPLOY deploys nothing, says so, and passes', async () => {
  const result = await step({ env: { ...AT, NOMAD_VAR_NO_DEPLOY: 'true' } });
  expect(result).toMatchObject({
    code: 0,
    outputs: { outcome: 'skipped', environment: 'main', 'job-id': 'acme-shop', url: 'https://acme-shop.dev.example.com' },
    annotations: [
      { level: 'notice', title: 'nomad-deploy', message: 'NOMAD_VAR_NO_DEPLOY is set: nothing was built, written or registered.' },
    ],
    leftovers: [],
  });
  expect(result.outputs).not.toHaveProperty('failure-reason');
  expect(result.summary).toContain('### ⏭️ acme-shop: skipped in main');
});

test('NOMAD_VAR_NO_DEPLOY needs no address', async () => {
  const result = await step({ env: { NOMAD_VAR_NO_DEPLOY: '1' } });
  expect(result).toMatchObject({ code: 0, outputs: { outcome: 'skipped' } });
  expect(result.outputs).not.toHaveProperty('nomad-addr');
});

test('NOMAD_VAR_NO_DEPLOY that is false deploys', async () => {
  expect(await step({ env: { ...AT, NOMAD_VAR_NO_DEPLOY: 'false' } })).toMatchObject({
    code: 1,
    outputs: { cause: 'there is no Dockerfile, and no `image` is given' },
  });
});

test('a pull request from a fork, which has no token, is skipped with a notice', async () => {
  const payload = { pull_request: { head: { repo: { full_name: 'stranger/shop' } } }, repository: { default_branch: 'main' } };
  const result = await step({
    event: { name: 'pull_request', payload },
    env: { ...AT, GITHUB_REPOSITORY: 'acme/shop', GITHUB_HEAD_REF: 'patch-1' },
  });
  expect(result).toMatchObject({ code: 0, outputs: { outcome: 'skipped', environment: 'review' } });
  expect(result.annotations).toEqual([
    { level: 'notice', title: 'nomad-deploy', message: expect.stringContaining('comes from a fork, which gets no secrets') },
  ]);
});
