import { expect, test } from '@jest/globals';
import type { RegisteredJob } from '../../../src/nomad/types.ts';
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
