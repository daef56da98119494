import { describe, expect, test } from '@jest/globals';
import { gitHubFinding } from '../../../src/doctor/github.ts';
import { registryFinding } from '../../../src/doctor/registry.ts';
import { ActionError } from '../../../src/errors.ts';
import type { GitHub } from '../../../src/github/index.ts';
import type { Runtime } from '../../../src/runtime/runtime.ts';

test.each([
  [{ status: 401, secure: true, isRegistry: true }, 'ghcr.io', 'fine'],
  [{ status: 200, secure: false, isRegistry: true }, '127.0.0.1:5000', 'fine'],
  [{ status: 200, secure: false, isRegistry: true }, 'registry.example.com', 'warning'],
  [{ status: 404, secure: true, isRegistry: false }, 'www.example.com', 'broken'],
  [new ActionError('unreachable', 'connection refused'), 'ghcr.io', 'broken'],
])('a registry that answers %p at %s is %s', (answer, host, state) => {
  expect(registryFinding(host, answer)).toMatchObject({ check: 'registry', state, text: expect.stringContaining(host) });
});

describe('GitHub', () => {
  const runtime = {
    signal: new AbortController().signal,
    clock: { timeout: () => new AbortController().signal },
  } as unknown as Runtime;
  const context = { pullRequest: 7, sha: 'abc' };
  const inputs = { comment: 'auto', githubDeployment: 'auto', approvedPlan: [] } as const;
  const denied = new ActionError('permission-denied', 'GitHub answered 403', { hint: 'add the line `deployments: write`' });
  const hub = (deployments: () => Promise<unknown>, comments = async (): Promise<unknown> => []): GitHub =>
    ({ deployments: { find: deployments }, comments: { all: comments } }) as unknown as GitHub;
  const of = async (more: object, github: GitHub | undefined, run = runtime) =>
    gitHubFinding({ inputs: { ...inputs, ...more }, context, github, environment: 'main' }, run);

  test('a token that reads both is fine, and no promise about writing', async () => {
    expect(
      await of(
        {},
        hub(async () => []),
      ),
    ).toMatchObject({ state: 'fine', text: expect.stringContaining('at the first write') });
  });
  test('a refusal is a warning with the line of permissions, since a report never fails a deploy', async () => {
    expect(
      await of(
        {},
        hub(async () => Promise.reject(denied)),
      ),
    ).toMatchObject({ state: 'warning', fix: expect.stringContaining('deployments: write') });
    expect(
      await of(
        {},
        hub(
          async () => [],
          async () => Promise.reject(denied),
        ),
      ),
    ).toMatchObject({ state: 'warning' });
  });
  test('only the reports that are asked for count', async () => {
    const refusing = hub(async () => Promise.reject(denied));
    expect(await of({ githubDeployment: false }, refusing)).toMatchObject({ state: 'fine' });
    expect(await of({ githubDeployment: false, comment: false }, undefined)).toMatchObject({ state: 'fine' });
    expect(await of({}, undefined)).toMatchObject({ state: 'warning', text: expect.stringContaining('no token') });
  });
  test('an approved plan that cannot be read would fail the deploy', async () => {
    const approvedPlan = ['merged-pull-request'];
    expect(await of({ approvedPlan, githubDeployment: false, comment: false }, undefined)).toMatchObject({ state: 'broken' });
    const refusing = {
      ...hub(async () => Promise.reject(denied)),
      pulls: { ofCommit: async () => Promise.reject(denied) },
    } as unknown as GitHub;
    expect(await of({ approvedPlan }, refusing)).toMatchObject({ state: 'broken' });
    const reading = { ...hub(async () => Promise.reject(denied)), pulls: { ofCommit: async () => [] } } as unknown as GitHub;
    expect(await of({ approvedPlan }, reading)).toMatchObject({ state: 'warning' });
  });
  test('a terminal needs no token of GitHub', async () => {
    expect(await of({}, undefined, { ...runtime, terminal: {} } as unknown as Runtime)).toMatchObject({ state: 'fine' });
  });
});
