// Canaries in the hands of people: promoted by group, rejected, paused, replaced, and as many as the count.
import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import type { Deployment } from '../../src/nomad/types.ts';
import { cluster, type Deploy, deploy, QUICK, server, told, when } from '../helpers/deploying.ts';
import { group, ONCE, repository, STAY, task, update } from '../helpers/jobs.ts';

const command = async (name: string, job: string, inputs: Readonly<Record<string, string>> = {}): Promise<ActionResult> =>
  deploy({ files: {}, inputs: { command: name, 'job-name': job, ...inputs } });
const refusal = (reason: string, cause: unknown): object => ({ code: 1, outputs: { outcome: 'failed', 'failure-reason': reason, cause } });
const ended = (outcome: string): object => ({ code: 0, outputs: { outcome } });

/** A job of one group with two allocations, and canaries from its second version on. */
const one = (id: string, seconds: number, more = ''): Deploy['files'] =>
  repository(id, 'service', update(`canary = 1\n${more}`), group('g', 'count = 2', ONCE, task(`exec sleep ${seconds}`)));
/** Two versions of it; the canaries of the second wait. */
const waiting = async (id: string, more = ''): Promise<string> => {
  expect(await deploy({ files: one(id, 1000, more) })).toMatchObject(ended('successful'));
  const second = await deploy({ files: one(id, 1001, more), inputs: { promote: 'manual' } });
  expect(second).toMatchObject(ended('awaiting-promotion'));
  return second.outputs['deployment-id'] ?? '';
};
const versions = async (id: string): Promise<number[]> => (await cluster.running(id)).map(({ JobVersion }) => JobVersion).sort();

describe('promote with a group', () => {
  const two = (id: string, seconds: number): Deploy['files'] => {
    const part = (name: string, more: string) => group(name, more, 'count = 2', ONCE, task(`exec sleep ${seconds}`));
    return repository(
      id,
      'service',
      part('web', update('canary = 1')),
      part('api', update('canary = 1')),
      group('plain', update(), ONCE, task(STAY)),
    );
  };

  test.concurrent('promotes its canaries alone, and says that the others wait; the next promotion promotes those', async () => {
    const id = 'promote-group';
    expect(await deploy({ files: two(id, 1000) })).toMatchObject(ended('successful'));
    const second = await deploy({ files: two(id, 1001), inputs: { promote: 'manual' } });
    expect(second).toMatchObject(ended('awaiting-promotion'));

    expect(await command('promote', id, { group: 'nope' })).toMatchObject(
      refusal('input-invalid', expect.stringContaining('has no group nope')),
    );
    expect(await command('promote', id, { group: 'plain' })).toMatchObject(
      refusal('nothing-to-promote', '`group`: nothing of plain in promote-group version 1 waits for promotion: the group has no canaries'),
    );
    const web = await command('promote', id, { group: 'web' });
    expect(web).toMatchObject(ended('awaiting-promotion'));
    expect(web.annotations).toEqual([
      expect.objectContaining({
        message: expect.stringContaining(
          'the canaries of group web are promoted and their allocations healthy, and those of group api still wait for promotion',
        ),
      }),
    ]);
    const { TaskGroups } = (await cluster.deployment(id)) ?? {};
    expect(TaskGroups).toMatchObject({ web: { Promoted: true, HealthyAllocs: 2 }, api: { Promoted: false } });
    expect(await command('promote', id, { group: 'web' })).toMatchObject(
      refusal('nothing-to-promote', expect.stringContaining('the canaries are promoted already')),
    );

    const rest = await command('promote', id, { group: 'api' });
    expect(rest).toMatchObject(ended('promoted'));
    expect(await cluster.deployment(id)).toMatchObject({ Status: 'successful' });
  });

  test.concurrent('and once more without one, promotes what is left', async () => {
    const id = 'promote-rest';
    expect(await deploy({ files: two(id, 1000) })).toMatchObject(ended('successful'));
    expect(await deploy({ files: two(id, 1001), inputs: { promote: 'manual' } })).toMatchObject(ended('awaiting-promotion'));
    expect(await command('promote', id, { group: 'api' })).toMatchObject(ended('awaiting-promotion'));
    expect(await command('promote', id)).toMatchObject(ended('promoted'));
  });
});

describe('a newer version', () => {
  test.concurrent('ends a promotion that waits for its canaries, and nothing of it is promoted', async () => {
    const id = 'promote-replaced';
    const slow = (seconds: number) =>
      repository(
        id,
        'service',
        update('canary = 1').replace('500ms', '7s').replace('"5s"', '"20s"').replace('"6s"', '"21s"'),
        group('g', ONCE, task(`exec sleep ${seconds}`)),
      );
    const fast = (seconds: number) => repository(id, 'service', update('canary = 1'), group('g', ONCE, task(`exec sleep ${seconds}`)));
    expect(await deploy({ files: fast(1000) })).toMatchObject(ended('successful'));
    expect(await deploy({ files: slow(1001), inputs: { wait: 'false' } })).toMatchObject(ended('registered'));
    await cluster.until<Deployment | null>(`/v1/job/${id}/deployment`, (found) => found?.JobVersion === 1);
    const newer = when('waiting up to', async () =>
      deploy({ files: fast(1002), inputs: { promote: 'manual' }, env: { GITHUB_SHA: 'e'.repeat(40) } }),
    );
    const promoted = await deploy({ files: {}, inputs: { command: 'promote', 'job-name': id }, onLine: newer.onLine });
    expect(await newer.done()).toMatchObject(ended('awaiting-promotion'));
    expect(promoted).toMatchObject({ code: 1, outputs: { outcome: 'superseded', 'failure-reason': 'superseded' } });
  });
});

describe('reject', () => {
  test.concurrent('stops the canaries where the spec does not roll back, and says which version serves', async () => {
    const id = 'reject-plain';
    const deployment = await waiting(id);
    const rejected = await command('reject', id);
    expect(rejected).toMatchObject({ code: 0, stderr: '', outputs: { outcome: 'rejected', 'job-version': '1' } });
    expect(rejected.log).toContain('Running now: group g: version 0 with 2 running; version 1 stays the newest one that is registered');
    expect(rejected.annotations).toEqual([]);
    expect(await versions(id)).toEqual([0, 0]);
    expect(await cluster.deployment(id)).toMatchObject({ ID: deployment, Status: 'failed' });
    expect(await command('reject', id)).toMatchObject(
      refusal(
        'no-deployment',
        expect.stringContaining(`no deployment of ${id} version 1 is under way (the last one: Deployment marked as failed`),
      ),
    );
  });

  test.concurrent('follows the rollback of `auto_revert` to its end', async () => {
    const id = 'reject-revert';
    await waiting(id, 'auto_revert = true');
    const rejected = await command('reject', id);
    expect(rejected).toMatchObject(ended('rejected'));
    expect(rejected.log).toContain('Running now: version 2, a copy of version 0: Deployment completed successfully');
    expect(await cluster.job(id)).toMatchObject({ Version: 2 });
  });

  test.concurrent('rolls back itself with `on-failure: revert`', async () => {
    const id = 'reject-by-us';
    await waiting(id);
    const rejected = await command('reject', id, { 'on-failure': 'revert' });
    expect(rejected).toMatchObject(ended('rejected'));
    expect(rejected.log).toContain('Running now: version 2, a copy of version 0: Deployment completed successfully');
  });

  test.concurrent('that is not complete in time fails, and says what still runs', async () => {
    const id = 'reject-slow';
    const stubborn = (seconds: number) =>
      repository(
        id,
        'service',
        update('canary = 1'),
        group('g', ONCE, task(`trap '' TERM INT; while :; do sleep 0.${seconds}; done`, { more: 'kill_timeout = "4s"' })),
      );
    expect(await deploy({ files: stubborn(1) })).toMatchObject(ended('successful'));
    expect(await deploy({ files: stubborn(2), inputs: { promote: 'manual' } })).toMatchObject(ended('awaiting-promotion'));
    expect(await command('reject', id, { timeout: '1s' })).toMatchObject(
      refusal('timed-out', expect.stringMatching(/^canaries of reject-slow version 1 still run after 1\.0 s: reject-slow\.g\[0\]$/)),
    );
  });

  test.concurrent('refuses a version without canaries', async () => {
    const id = 'reject-none';
    expect(await deploy({ files: one(id, 1000) })).toMatchObject(ended('successful'));
    expect(await command('reject', id)).toMatchObject(
      refusal('no-deployment', expect.stringContaining('Deployment completed successfully')),
    );
  });
});

describe('only-if-deployment-running', () => {
  const only = { 'only-if-deployment-running': 'true' };
  const skipped = (cause: string): object => ({
    code: 0,
    outputs: { outcome: 'skipped', cause, 'job-version': '0' },
    annotations: [expect.objectContaining({ level: 'notice', message: expect.stringContaining('Nothing was changed.') })],
  });

  test.concurrent('leaves a version whose deployment has ended as it is, for each command', async () => {
    const id = 'only-ended';
    expect(await deploy({ files: one(id, 1000) })).toMatchObject(ended('successful'));
    const cause = `no deployment of ${id} version 0 is under way (the last one: Deployment completed successfully)`;
    for (const name of ['promote', 'reject', 'pause', 'resume', 'revert'])
      expect(await command(name, id, only)).toMatchObject(skipped(cause));
    expect(await cluster.versions(id)).toHaveLength(1);
    expect(await versions(id)).toEqual([0, 0]);
  });

  test.concurrent('says so of a job that never has deployments', async () => {
    const id = 'only-batch';
    const files = repository(id, 'batch', group('g', ONCE, task('exit 0')));
    expect(await deploy({ files })).toMatchObject(ended('successful'));
    expect(await command('revert', id, only)).toMatchObject(
      skipped(`no deployment of ${id} version 0 is under way (the version has none)`),
    );
  });

  test.concurrent.each([
    ['promote', 'promoted', [1, 1]],
    ['reject', 'rejected', [0, 0]],
    ['revert', 'reverted', [2, 2]],
  ])('lets %s act on a deployment whose canaries wait', async (name, outcome, running) => {
    const id = `only-${name}`;
    await waiting(id);
    expect(await command(name, id, { ...only, timeout: '60s' })).toMatchObject(ended(outcome));
    expect(await versions(id)).toEqual(running);
  });

  test.concurrent('is refused for a command that is about no deployment', async () => {
    expect(await command('scale', 'only-scale', { ...only, count: '1' })).toMatchObject(
      refusal('input-invalid', expect.stringContaining('`only-if-deployment-running` is for `command: promote`')),
    );
  });
});

describe('pause and resume', () => {
  test.concurrent('hold a deployment with canaries, which no other version may replace meanwhile, and let it go on', async () => {
    const id = 'pause-canaries';
    const deployment = await waiting(id);
    const paused = await command('pause', id);
    expect(paused).toMatchObject({ code: 0, outputs: { outcome: 'paused', 'deployment-id': deployment } });
    expect(paused.log).toContain('1 of 2 allocations of version 1 are healthy');
    expect(await cluster.deployment(id)).toMatchObject({ Status: 'paused' });
    expect((await command('pause', id)).log).toContain('is paused already');
    expect(await command('promote', id)).toMatchObject(refusal('nothing-to-promote', expect.stringContaining('Deployment is paused')));
    expect(await deploy({ files: one(id, 1002) })).toMatchObject(
      refusal(
        'canaries-waiting',
        expect.stringContaining('are not promoted, and their deployment is paused; a new version would replace them'),
      ),
    );
    const resumed = await command('resume', id);
    expect(resumed).toMatchObject(ended('awaiting-promotion'));
    expect(await command('promote', id)).toMatchObject(ended('promoted'));
    for (const name of ['pause', 'resume'])
      expect(await command(name, id)).toMatchObject(refusal('no-deployment', expect.stringContaining('Deployment completed successfully')));
  });

  test.concurrent('of a rolling update end it well', async () => {
    const id = 'pause-rolling';
    const rolling = repository(id, 'service', update('max_parallel = 1').replace('500ms', '3s'), group('g', 'count = 2', ONCE, task(STAY)));
    expect(await deploy({ files: rolling, inputs: { wait: 'false' } })).toMatchObject(ended('registered'));
    await cluster.until<Deployment | null>(`/v1/job/${id}/deployment`, (found) => found?.Status === 'running');
    expect(await command('pause', id)).toMatchObject(ended('paused'));
    expect(await command('resume', id)).toMatchObject(ended('resumed'));
    expect(await cluster.deployment(id)).toMatchObject({ Status: 'successful' });
  });
});

describe('a newer deploy', () => {
  const next = { GITHUB_SHA: 'd'.repeat(40), NOMAD_SECRET_KEY: 'swordfish-9' };

  test.concurrent('does not replace canaries that wait, before anything is built or written', async () => {
    const id = 'replace-refused';
    await waiting(id);
    const files = { ...one(id, 1002), Dockerfile: 'FROM scratch\n' };
    const refused = await deploy({ files, env: next });
    expect(refused).toMatchObject(
      refusal(
        'canaries-waiting',
        `the canaries of ${id} version 1 (group g) are healthy and wait for promotion; a new version would replace them`,
      ),
    );
    expect(refused.log).not.toMatch(/buildx|Build /);
    expect(await cluster.variable(id)).toBeUndefined();
    expect(await cluster.job(id)).toMatchObject({ Version: 1 });
    // The same version again replaces nothing.
    expect(await deploy({ files: one(id, 1001), inputs: { promote: 'manual' } })).toMatchObject(ended('awaiting-promotion'));
    // With the commit of the waiting version, only the plan after the build tells that the job is another one.
    expect(await deploy({ files: one(id, 1003) })).toMatchObject(refusal('canaries-waiting', expect.stringContaining('version 1')));
    const replaced = await deploy({ files: one(id, 1002), env: next, inputs: { 'replace-canaries': 'true', promote: 'auto' } });
    expect(replaced).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-version': '2' } });
  });

  test.concurrent('follows canaries that failed, or that were rejected', async () => {
    const id = 'replace-free';
    await waiting(id);
    expect(await command('reject', id)).toMatchObject(ended('rejected'));
    expect(await deploy({ files: one(id, 1002), env: next, inputs: { promote: 'auto' } })).toMatchObject(ended('successful'));
  });
});

describe('blue-green', () => {
  const env = { ...QUICK, NOMAD_VAR_COUNT: '2' };
  const app = async (text: string, more: Partial<Deploy> = {}): Promise<ActionResult> =>
    deploy({
      files: { Dockerfile: server(text) },
      ...more,
      env: { ...env, GITHUB_REPOSITORY: 'Acme/Green', ...more.env },
      inputs: { 'blue-green': 'true', ...more.inputs },
    });

  test.concurrent('starts as many canaries as the count, and waits for a promotion', async () => {
    expect(await app('blue')).toMatchObject(ended('successful'));
    const green = await app('green');
    expect(green).toMatchObject(ended('awaiting-promotion'));
    const id = green.outputs['job-id'] ?? '';
    expect(await cluster.deployment(id)).toMatchObject({
      TaskGroups: { group: { DesiredCanaries: 2, HealthyAllocs: 2, AutoPromote: false } },
    });
    expect(await versions(id)).toEqual([0, 0, 1, 1]);
    expect(await command('promote', id)).toMatchObject(ended('promoted'));
    // A count that a person has set is the number of the next canaries.
    expect(await command('scale', id, { count: '3', 'blue-green': 'true' })).toMatchObject({ code: 0 });
    const kept = await app('red', { inputs: { 'preserve-counts': 'true', promote: 'auto' } });
    expect(told(kept)).toContain('promoting the healthy canaries');
    expect(await cluster.deployment(id)).toMatchObject({
      Status: 'successful',
      TaskGroups: { group: { DesiredCanaries: 3, DesiredTotal: 3 } },
    });
  });

  test.concurrent('refuses what says otherwise', async () => {
    const canaries = await app('blue', { env: { NOMAD_VAR_COUNT_CANARIES: '1' } });
    expect(canaries).toMatchObject(
      refusal('input-invalid', expect.stringContaining('with `blue-green`, the number of canaries is the count; set only one of them')),
    );
    expect(await app('blue', { files: { Dockerfile: server('blue'), 'group.nomad': 'update {\n canary = 0\n}\n' } })).toMatchObject(
      refusal('input-invalid', expect.stringContaining('`blue-green`: a file of the repository sets `canary = 0`')),
    );
    expect(await deploy({ files: one('green-own', 1000), inputs: { 'blue-green': 'true' } })).toMatchObject(
      refusal('input-invalid', '`blue-green` is for the built-in template, and this run deploys project.nomad'),
    );
  });
});
