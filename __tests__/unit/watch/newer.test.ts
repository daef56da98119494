import { expect, test } from '@jest/globals';
import type { Nomad } from '../../../src/nomad/connect.ts';
import type { RegisteredJob } from '../../../src/nomad/types.ts';
import type { Run } from '../../../src/report/record.ts';
import { afterFailure } from '../../../src/watch/follow-version.ts';
import type { Following } from '../../../src/watch/following.ts';
import { copied, nextOf, stableBefore } from '../../../src/watch/newer.ts';

const version = (Version: number, run: string, more: Partial<RegisteredJob> = {}): RegisteredJob => ({
  ...{ ID: 'web', Name: 'web', Version, Stop: false, Status: 'running', JobModifyIndex: Version + 10 },
  UI: { Links: [{ Label: run, URL: `https://github.com/acme/shop/actions/runs/${run}#nomad-deploy?run=${run}` }] },
  ...more,
});
const stable = { Stable: true };

test('the version that replaced another one is the next, not the newest', () => {
  const versions = [version(5, 'e'), version(4, 'd'), version(3, 'c')];
  expect(nextOf(versions, 3)?.Version).toBe(4);
  expect(nextOf(versions, 5)).toBeUndefined();
});

test('the version to go back to is the newest healthy one before', () => {
  const versions = [version(4, 'd', stable), version(3, 'c'), version(2, 'b', stable), version(1, 'a', stable)];
  expect(stableBefore(versions, 3)?.Version).toBe(2);
  expect(stableBefore(versions, 1)).toBeUndefined();
});

test('Nomad has rolled back where the next version is of the run of the healthy one', () => {
  const old = [version(3, 'c'), version(2, 'b', stable), version(1, 'a', stable)];
  expect(copied([version(4, 'b'), ...old], 3)).toBe(2);
  expect(copied([version(4, 'd'), ...old], 3)).toBeUndefined();
  expect(copied(old, 3)).toBeUndefined();
  expect(copied([version(4, 'b'), version(3, 'c'), version(2, 'b')], 3)).toBeUndefined();
});

test('a failed copy of the last healthy version is not rolled back to it', async () => {
  const warnings: string[] = [];
  const versions = [version(3, 'a', { Status: 'pending' }), version(2, 'b'), version(1, 'a', stable)];
  const jobs = { versions: async () => versions, revert: async () => Promise.reject(new Error('Nomad makes no new version')) };
  const signal = new AbortController().signal;
  const nomad = { jobs, patience: () => signal } as unknown as Nomad;
  const following = { nomad, inputs: { onFailure: 'revert' } } as unknown as Following;
  const run = { runtime: { signal, log: { warning: (text: string) => warnings.push(text) } } } as unknown as Run;
  const verdict = { outcome: 'failed', reason: 'unhealthy', description: '' } as const;
  const registration = { jobId: 'web', namespace: 'default', evaluationId: '', version: 3, previousVersion: 2 };
  expect(await afterFailure(verdict, registration, following, run)).toEqual({});
  expect(warnings).toEqual(['The job is not rolled back: version 1, the last healthy one, has the same spec as version 3.']);
});
