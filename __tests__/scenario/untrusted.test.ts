import { expect, test } from '@jest/globals';
import { makeWorkspace, runAction } from '../../scripts/parts/action.ts';

const event = (fork: string): { name: string; payload: unknown } => ({
  name: 'pull_request',
  payload: { pull_request: { head: { repo: { full_name: fork } } }, repository: { default_branch: 'main' } },
});
const common = {
  workspace: makeWorkspace({ Dockerfile: 'FROM scratch\n' }),
  env: { GITHUB_REPOSITORY: 'acme/shop', GITHUB_HEAD_REF: 'patch-1' },
};

test('a pull request from a fork, which has no token, is skipped with a notice', async () => {
  const result = await runAction({ ...common, event: event('stranger/shop'), inputs: { 'nomad-addr': 'http://127.0.0.1:9' } });
  expect(result).toMatchObject({ code: 0, outputs: { outcome: 'skipped', environment: 'review' } });
  expect(result.annotations).toEqual([expect.objectContaining({ level: 'notice', message: expect.stringContaining('comes from a fork') })]);
});

test('one of the repository itself is not: without a cluster that answers it fails', async () => {
  const result = await runAction({ ...common, event: event('acme/shop'), inputs: { 'nomad-addr': 'http://127.0.0.1:9' } });
  expect(result).toMatchObject({ code: 1, outputs: { outcome: 'failed', 'failure-reason': 'unreachable' } });
});

test('an image that exists is told even when the cluster does not answer', async () => {
  const image = `registry.example.com/shop@sha256:${'a'.repeat(64)}`;
  const inputs = { 'nomad-addr': 'http://127.0.0.1:9', 'base-domain': 'dev.example.com', image };
  const { outputs } = await runAction({ ...common, inputs });
  expect(outputs).toMatchObject({
    outcome: 'failed',
    image,
    'job-id': 'acme-shop-patch-1',
    url: 'https://acme-shop-patch-1.dev.example.com',
  });
});
