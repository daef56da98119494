import { describe, expect, test } from '@jest/globals';
import type { Nomad } from '../../../src/nomad/connect.ts';
import type { Deployment, RegisteredJob } from '../../../src/nomad/types.ts';
import { requireNoneWaiting } from '../../../src/plan/waiting.ts';
import { fixture } from '../../fixtures/index.ts';

const canary: Deployment = { ...fixture<Deployment>('deployment-needs-promotion'), JobVersion: 1 };
const job: RegisteredJob = {
  ...{ ID: 'web', Name: 'web', Version: 1, Stop: false, Status: 'running', JobModifyIndex: 9 },
  TaskGroups: [{ Name: 'g', Update: { Canary: 1, AutoPromote: false } }],
};

/** The number of requests that the check of a deploy sends, and its refusal. */
async function asked(live: RegisteredJob, replaceCanaries = false, found: readonly Deployment[] = [canary]) {
  let requests = 0;
  const deployments = async () => {
    requests += 1;
    return [...found];
  };
  const nomad = { jobs: { deployments } } as unknown as Nomad;
  const refusal = await requireNoneWaiting(live, 'default', { replaceCanaries }, nomad).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { requests, refusal };
}

describe('the check before a new version', () => {
  test('refuses to replace healthy canaries that wait', async () =>
    expect(await asked(job)).toMatchObject({
      requests: 1,
      refusal: { code: 'canaries-waiting', message: expect.stringMatching(/^the canaries of web version 1 \(group \S+\) are healthy/) },
    }));

  test.each<[string, RegisteredJob, boolean]>([
    ['a version that was healthy', { ...job, Stable: true }, false],
    ['a version without canaries', { ...job, TaskGroups: [{ Name: 'g' }] }, false],
    ['a version whose canaries Nomad promotes', { ...job, TaskGroups: [{ Name: 'g', Update: { Canary: 1, AutoPromote: true } }] }, false],
    ['a stopped job', { ...job, Stop: true }, false],
    ['`replace-canaries`', job, true],
  ])('sends no request for %s', async (_name, live, replace) =>
    expect(await asked(live, replace)).toEqual({ requests: 0, refusal: undefined }),
  );

  test('lets a version replace a failed one, or one whose deployment is gone', async () => {
    expect(await asked(job, false, [{ ...canary, Status: 'failed' }])).toEqual({ requests: 1, refusal: undefined });
    expect(await asked(job, false, [{ ...canary, JobVersion: 0 }])).toEqual({ requests: 1, refusal: undefined });
  });
});
