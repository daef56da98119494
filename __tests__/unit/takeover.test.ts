import { describe, expect, test } from '@jest/globals';
import { readInputs } from '../../src/inputs/index.ts';
import type { RegisteredJob } from '../../src/nomad/types.ts';
import { requireOwn } from '../../src/takeover.ts';
import { resolveTarget } from '../../src/target.ts';
import { pushTo } from '../fixtures/index.ts';

type Env = Readonly<Record<string, string>>;

/** A job as an earlier run left it; by default the one that this run makes. */
interface Earlier {
  readonly repository?: string;
  readonly environment?: string;
  readonly ref?: string;
  readonly id?: string;
  readonly stopped?: boolean;
  readonly meta?: Record<string, string> | null;
}

async function look(ref: string, env: Env, earlier: Earlier): Promise<string[]> {
  const inputs = await readInputs(env);
  const context = pushTo(ref);
  const target = resolveTarget(inputs, context);
  const { repository = 'acme/shop', environment = target.environment.value, ref: from = `branch ${ref}`, stopped = false } = earlier;
  const own = { nomad_deploy_repository: repository, nomad_deploy_environment: environment, nomad_deploy_ref: from };
  const id = earlier.id ?? target.jobId;
  const meta = earlier.meta === undefined ? own : earlier.meta;
  const live: RegisteredJob = { ID: id, Name: id, Version: 3, Stop: stopped, Status: 'running', JobModifyIndex: 9, Meta: meta };
  return requireOwn(live, 'default', inputs, { context, target });
}

describe('a job that this run may replace', () => {
  test('is one that is not there', async () => {
    const context = pushTo('main');
    const inputs = await readInputs({});
    expect(requireOwn(undefined, 'default', inputs, { context, target: resolveTarget(inputs, context) })).toEqual([]);
  });

  test.each<[string, string, Env, Earlier]>([
    ['its own', 'main', {}, {}],
    ['its own review app', 'fix/7', {}, {}],
    ['of the repository in other letters', 'main', {}, { repository: 'Acme/Shop' }],
    ['that somebody else registered', 'main', {}, { meta: null }],
    ['that has meta of its own', 'main', {}, { meta: { team: 'a' } }],
    ['of an earlier release of this action', 'main', {}, { meta: { nomad_deploy_repository: 'acme/shop' } }],
    ['of another branch that deploys as main', 'trunk', { CI_MAIN_STYLE: 'true' }, { ref: 'branch main' }],
    ['of another branch, named by the user', 'fix/7', { 'INPUT_JOB-NAME': 'shop' }, { ref: 'branch fix/8' }],
    ['of another branch, named by the spec', 'fix/7', {}, { id: 'web', ref: 'branch fix/8' }],
    ['of another repository, but stopped', 'main', {}, { repository: 'acme/other', stopped: true }],
    ['of production, but stopped', 'main', {}, { environment: 'production', stopped: true }],
    ['of production, as production', 'main', { INPUT_ENVIRONMENT: 'production' }, { environment: 'production' }],
  ])('is one %s', async (_what, ref, env, earlier) => expect(await look(ref, env, earlier)).toEqual([]));
});

describe('a job that this run replaces with a warning', () => {
  const apart = 'Give each environment a cluster or a namespace of its own, see docs/environments.md';
  test.each<[string, string, Env, Earlier, string]>([
    [
      'another repository, with a name from the spec',
      'main',
      {},
      { id: 'web', repository: 'acme/other' },
      'the job web in the namespace default was last deployed by the repository acme/other: both deploy to one job, and replace each other',
    ],
    [
      'another repository, with a name from the user',
      'main',
      { 'INPUT_JOB-NAME': 'web' },
      { repository: 'acme/other' },
      'the job web in the namespace default was last deployed by the repository acme/other: both deploy to one job, and replace each other',
    ],
    [
      'another environment',
      'staging',
      {},
      { environment: 'main' },
      `the job acme-shop in the namespace default was last deployed as main, and this run replaces it as staging. ${apart}`,
    ],
    [
      'another environment, by production',
      'production',
      {},
      { environment: 'main' },
      `the job acme-shop in the namespace default was last deployed as main, and this run replaces it as production. ${apart}`,
    ],
    [
      'production, by staging',
      'staging',
      {},
      { environment: 'production' },
      `the job acme-shop in the namespace default was last deployed as production, and this run replaces it as staging. ${apart}`,
    ],
    [
      'another branch of the same name',
      'fix-7',
      {},
      { ref: 'branch fix/7' },
      'the job acme-shop-fix-7 in the namespace default was last deployed from branch fix/7: branch fix-7 makes the same name, and they replace each other',
    ],
    [
      'a tag of the same name',
      'fix-7',
      {},
      { ref: 'tag fix-7' },
      'the job acme-shop-fix-7 in the namespace default was last deployed from tag fix-7: branch fix-7 makes the same name, and they replace each other',
    ],
  ])('is one of %s', async (_what, ref, env, earlier, warning) => expect(await look(ref, env, earlier)).toEqual([warning]));
});

describe('a job that this run must not replace', () => {
  test.each<[string, string, Env, Earlier, string]>([
    [
      'another repository that makes the same name',
      'x',
      {},
      { repository: 'acme/shop-x', environment: 'main', ref: 'branch main' },
      'the job acme-shop-x in the namespace default belongs to the repository acme/shop-x, and branch x of acme/shop makes the same name',
    ],
    [
      'production, whoever named it',
      'fix-7',
      { 'INPUT_JOB-NAME': 'shop' },
      { environment: 'production' },
      'the job shop in the namespace default is deployed as production, and this run is a review app',
    ],
  ])('is one of %s', async (_what, ref, env, earlier, message) => {
    await expect(look(ref, env, earlier)).rejects.toMatchObject({
      code: 'job-taken',
      message,
      hint: expect.stringMatching(/^Nothing was built or registered\. /),
    });
  });
});
