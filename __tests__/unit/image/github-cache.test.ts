import { describe, expect, test } from '@jest/globals';
import { cachesOf, mayCache } from '../../../src/image/github-cache.ts';
import type { BuildPlan } from '../../../src/image/plan.ts';
import { readInputs } from '../../../src/inputs/read.ts';

const RUNNER = { ACTIONS_RUNTIME_TOKEN: 't0ken', ACTIONS_RESULTS_URL: 'https://results.example.com/' };
const PLAN: BuildPlan = {
  ...{ kind: 'build', name: 'ghcr.io/acme/shop', tags: ['ghcr.io/acme/shop:fix-7'], dockerfile: '/c/Dockerfile', contextFolder: '/c' },
  ...{ secretFiles: {}, sshFiles: {}, commit: 'ffac', source: 'https://github.com/acme/shop', trust: 'trusted', runUrl: undefined },
  cacheScopes: ['fix', 'main'],
};
const caches = async (given: Readonly<Record<string, string>> = {}, plan: Partial<BuildPlan> = {}, driver = 'docker-container') => {
  const { cacheFrom, cacheTo } = cachesOf(await readInputs({ ...RUNNER, ...given }), { ...PLAN, ...plan }, driver);
  return { cacheFrom, cacheTo };
};

describe("GitHub's cache", () => {
  test('is the default of a builder that begins empty: that of the branch is written, that of the default branch is read, too', async () => {
    expect(await caches()).toEqual({
      cacheFrom: ['type=gha,scope=fix', 'type=gha,scope=main'],
      cacheTo: ['type=gha,scope=fix,mode=max,ignore-error=true,timeout=2m'],
    });
    const older = { ACTIONS_RESULTS_URL: '', ACTIONS_CACHE_URL: 'https://cache.example.com/' };
    expect((await caches(older)).cacheTo).toHaveLength(1);
  });

  test.each<[string, Readonly<Record<string, string>>, Partial<BuildPlan>, string | undefined]>([
    ['for code of strangers', {}, { cacheScopes: [] }, undefined],
    ["by the engine's own builder", {}, {}, 'docker'],
    ['by a builder that keeps its own cache', {}, {}, 'remote'],
    ['outside of GitHub', { ACTIONS_RUNTIME_TOKEN: '' }, {}, undefined],
    ['without an address', { ACTIONS_RESULTS_URL: '' }, {}, undefined],
    ['with `no-cache`', { 'INPUT_NO-CACHE': 'true' }, {}, undefined],
    ['with `cache-to: none`', { 'INPUT_CACHE-TO': 'none' }, {}, undefined],
    ['with `cache-from: none`', { 'INPUT_CACHE-FROM': 'none' }, {}, undefined],
  ])('is not used %s', async (_what, given, plan, driver) =>
    expect(await caches(given, plan, driver)).toEqual({ cacheFrom: [], cacheTo: [] }),
  );

  test('leaves the caches of the workflow as they are', async () => {
    expect(await caches({ 'INPUT_CACHE-FROM': 'type=gha' })).toEqual({ cacheFrom: ['type=gha'], cacheTo: [] });
  });

  test('needs no look at the builder where it cannot be used', async () => {
    expect(mayCache(await readInputs({}), PLAN)).toBe(false);
    expect(mayCache(await readInputs(RUNNER), PLAN)).toBe(true);
  });
});
