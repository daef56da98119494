import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import type { Deployment } from '../../src/nomad/types.ts';
import { cluster, deploy, QUICK, server, spec, told } from '../helpers/deploying.ts';
import { group, NO_RESTART, ONCE, repository, STAY, task, update } from '../helpers/jobs.ts';

const good = { code: 0, outputs: { outcome: 'successful' } };
const command = async (name: string, job: string, inputs: Readonly<Record<string, string>> = {}): Promise<ActionResult> =>
  deploy({ files: {}, inputs: { command: name, 'job-name': job, ...inputs } });
const refusal = (cause: unknown, reason = 'input-invalid'): object => ({
  code: 1,
  outputs: { outcome: 'failed', 'failure-reason': reason, cause },
});

describe('stop', () => {
  const review = { GITHUB_REF_NAME: 'fix/9', NOMAD_SECRET_KEY: 'swordfish-1' };
  const closed = { ...review, GITHUB_REF_NAME: 'main', NOMAD_VAR_NO_DEPLOY: 'true' };
  const event = { name: 'delete', payload: { ref: 'fix/9', ref_type: 'branch', repository: { default_branch: 'main' } } };

  test.concurrent('of a review app whose branch is deleted takes all of it away, and once more is no failure', async () => {
    const files = { Dockerfile: server('nine') };
    const deployed = await deploy({ files, env: { ...QUICK, ...review } });
    expect(deployed).toMatchObject({ ...good, outputs: { environment: 'review', 'job-id': 'acme-shop-fix-9' } });
    expect(await cluster.variable('acme-shop-fix-9')).toBeDefined();

    const stopped = await deploy({ files, inputs: { command: 'stop' }, env: closed, event });
    expect(stopped).toMatchObject({
      code: 0,
      stderr: '',
      outputs: { outcome: 'stopped', 'job-id': 'acme-shop-fix-9', environment: 'review' },
    });
    expect(stopped.log).toContain('acme-shop-fix-9 is stopped and purged');
    expect(await cluster.running('acme-shop-fix-9')).toEqual([]);
    expect(await cluster.job('acme-shop-fix-9')).toBeUndefined();
    expect(await cluster.variable('acme-shop-fix-9')).toBeUndefined();

    const again = await deploy({ files, inputs: { command: 'stop' }, env: closed, event });
    expect(again).toMatchObject({ code: 0, outputs: { outcome: 'stopped' } });
    expect(again.log).toContain('There is no job acme-shop-fix-9 in the namespace default: nothing to stop');
  });

  test.concurrent('waits until the tasks have ended, and keeps a job that is no review app', async () => {
    const files = repository(
      'stop-slow',
      'service',
      update(),
      group('g', ONCE, task("trap 'sleep 1; exit 0' TERM INT; while :; do sleep 0.1; done")),
    );
    expect(await deploy({ files })).toMatchObject(good);
    const stopped = await deploy({ files, inputs: { command: 'stop', environment: 'main' } });
    expect(stopped).toMatchObject({ code: 0, outputs: { outcome: 'stopped', 'job-id': 'stop-slow' } });
    expect(stopped.log).toContain('1 of 1 allocations of stop-slow are still running');
    expect(await cluster.running('stop-slow')).toEqual([]);
    expect(await cluster.job('stop-slow')).toMatchObject({ Stop: true });
    // A stopped job is deployed again as a new version.
    expect(await deploy({ files })).toMatchObject({ ...good, outputs: { 'job-version': '2' } });
  });

  test.concurrent('names what still runs when the time is up, and purges nothing then', async () => {
    const stubborn = task("trap '' TERM INT; while :; do sleep 0.1; done", { more: 'kill_timeout = "5s"' });
    const files = repository('stop-late', 'service', update(), group('g', ONCE, stubborn));
    expect(await deploy({ files })).toMatchObject(good);
    const stopped = await deploy({ files, inputs: { command: 'stop', environment: 'main', purge: 'true', timeout: '1s' } });
    expect(stopped).toMatchObject(
      refusal(expect.stringMatching(/^stop-late is still running 1\.0 s after the stop: [0-9a-f]{8} on /), 'timed-out'),
    );
    expect(await cluster.job('stop-late')).toMatchObject({ Stop: true });
  });

  test.concurrent('ends the runs of a job, too', async () => {
    const id = 'stop-runs';
    const files = repository(id, 'batch', 'parameterized {}', group('g', NO_RESTART, task(STAY)));
    expect(await deploy({ files })).toMatchObject({ code: 0, outputs: { outcome: 'registered' } });
    const run = await deploy({ files, inputs: { command: 'dispatch', wait: 'false' } });
    const child = run.outputs['dispatched-job-id'] ?? '';
    expect(await deploy({ files, inputs: { command: 'stop', environment: 'main', purge: 'true' } })).toMatchObject({ code: 0 });
    expect(await cluster.job(id)).toBeUndefined();
    expect(await cluster.job(encodeURIComponent(child))).toBeUndefined();
    expect(await cluster.running(encodeURIComponent(child))).toEqual([]);
  });

  test.concurrent('has to be asked for in as many words where it is no review app', async () => {
    const result = await deploy({ files: {}, inputs: { command: 'stop' }, env: { GITHUB_REF_NAME: 'production' } });
    expect(result).toMatchObject(refusal('`command: stop` would stop the job of production (branch production)'));
  });

  test.concurrent('leaves what another branch or repository deployed', async () => {
    const id = 'acme-shop-fix-8';
    const files = { 'project.nomad': spec(id, { command: STAY }) };
    expect(await deploy({ files, env: { GITHUB_REF_NAME: 'fix/8' } })).toMatchObject(good);
    const other = await deploy({ files, inputs: { command: 'stop' }, env: { GITHUB_REF_NAME: 'fix-8' } });
    expect(other).toMatchObject(
      refusal(expect.stringContaining('was last deployed from branch fix/8, and this run is for branch fix-8'), 'job-taken'),
    );
    const stranger = await deploy({
      files,
      inputs: { command: 'stop' },
      env: { GITHUB_REF_NAME: 'fix/8', GITHUB_REPOSITORY: 'acme/else' },
    });
    expect(stranger).toMatchObject(refusal(expect.stringContaining('belongs to the repository Acme/Shop'), 'job-taken'));
    expect(await cluster.running(id)).toHaveLength(1);
  });
});

describe('revert', () => {
  const version = (id: string, seconds: number) => repository(id, 'service', update(), group('g', ONCE, task(`exec sleep ${seconds}`)));

  test.concurrent('goes back to the last version that was healthy, or to the one that is named', async () => {
    const id = 'revert-to';
    for (const seconds of [1000, 1001]) expect(await deploy({ files: version(id, seconds) })).toMatchObject(good);
    const bad = repository(id, 'service', update(), group('g', ONCE, task('exit 3')));
    expect(await deploy({ files: bad })).toMatchObject({ code: 1 });
    const back = await command('revert', id);
    expect(back).toMatchObject({
      code: 0,
      stderr: '',
      outputs: { outcome: 'reverted', 'job-version': '3', 'previous-version': '2', 'deployment-id': expect.stringMatching(/./) },
    });
    expect(back.log).toContain(`Rolling back ${id} from version 2 to version 1`);
    expect(await command('revert', id, { to: '0' })).toMatchObject({ code: 0, outputs: { outcome: 'reverted', 'job-version': '4' } });
    expect(await command('revert', id, { to: '4' })).toMatchObject(refusal(`\`to\`: ${id} is at version 4 already`));
    expect(await command('revert', id, { to: '9' })).toMatchObject(refusal(`\`to\`: Nomad keeps no version 9 of ${id}`));
  });

  test.concurrent('to nothing, and of nothing, is refused', async () => {
    expect(await deploy({ files: version('revert-none', 1000) })).toMatchObject(good);
    expect(await command('revert', 'revert-none')).toMatchObject(refusal('revert-none has no older version that was healthy'));
    expect(await command('revert', 'nobody')).toMatchObject(refusal('there is no job nobody in the namespace default'));
  });

  test.concurrent('that does not become healthy fails with the cause', async () => {
    const id = 'revert-bad';
    const bad = repository(id, 'service', update(), group('g', ONCE, task('echo broken >&2; exit 3')));
    expect(await deploy({ files: bad })).toMatchObject({ code: 1 });
    expect(await deploy({ files: version(id, 1000) })).toMatchObject(good);
    const back = await command('revert', id, { to: '0' });
    expect(back).toMatchObject({
      code: 1,
      outputs: { outcome: 'failed', cause: expect.stringContaining('exited with code 3: "broken"') },
    });
  });
});

describe('promote', () => {
  const canary = (id: string, seconds: number) =>
    repository(id, 'service', update('canary = 1'), group('g', 'count = 2', ONCE, task(`exec sleep ${seconds}`)));

  test.concurrent('promotes the canaries that wait, and follows them', async () => {
    const id = 'promote-me';
    expect(await deploy({ files: canary(id, 1000) })).toMatchObject(good);
    expect(await deploy({ files: canary(id, 1001), inputs: { promote: 'manual' } })).toMatchObject({
      outputs: { outcome: 'awaiting-promotion' },
    });
    const promoted = await command('promote', id);
    expect(promoted).toMatchObject({ code: 0, stderr: '', outputs: { outcome: 'promoted', 'job-version': '1' } });
    expect(told(promoted)).toContain('promoting the healthy canaries');
    expect(await cluster.deployment(id)).toMatchObject({ Status: 'successful' } satisfies Partial<Deployment>);
    const again = await command('promote', id);
    expect(again).toMatchObject(refusal(expect.stringContaining(`${id} version 1 has no canary to promote`), 'nothing-to-promote'));
  });
});

describe('scale', () => {
  test.concurrent('sets the count of a group and follows the job', async () => {
    const id = 'scale-me';
    expect(await deploy({ files: repository(id, 'service', update(), group('g', ONCE, task(STAY))) })).toMatchObject(good);
    const scaled = await command('scale', id, { count: '3' });
    expect(scaled).toMatchObject({ code: 0, stderr: '', outputs: { outcome: 'scaled', 'job-version': '1' } });
    expect(await cluster.running(id)).toHaveLength(3);
    expect(await command('scale', id, { count: '3' })).toMatchObject({ code: 0, outputs: { outcome: 'scaled', 'job-version': '1' } });
    expect(await command('scale', id, { count: '1', group: 'h' })).toMatchObject(refusal(`\`group\`: ${id} has no group h`));
    expect(await command('scale', id)).toMatchObject(refusal('`count`: `command: scale` needs a count'));
  });

  test.concurrent('is kept by later deploys of a group with `scaling`, and by others where that is said', async () => {
    const id = 'scale-kept';
    const files = (seconds: number, scaling = 'scaling {\n min = 1\n max = 4\n}'): Record<string, string> =>
      repository(id, 'service', update(), group('g', 'count = 1', scaling, ONCE, task(`exec sleep ${seconds}`)));
    const count = async (): Promise<unknown> => (await cluster.job(id))?.TaskGroups?.[0]?.Count;
    expect(await deploy({ files: files(1000) })).toMatchObject(good);
    expect(await command('scale', id, { count: '2' })).toMatchObject({ code: 0 });

    expect(await deploy({ files: files(1000), inputs: { command: 'plan', expect: 'no-changes' } })).toMatchObject({ code: 0 });
    const next = await deploy({ files: files(1001) });
    expect(next).toMatchObject(good);
    expect(next.log).toContain('group g: the count stays 2; the spec says 1 (`preserve-counts`)');
    expect(await count()).toBe(2);

    expect(await deploy({ files: files(1002, ''), inputs: { 'preserve-counts': 'true' } })).toMatchObject(good);
    expect(await count()).toBe(2);
    expect(await deploy({ files: files(1002), inputs: { 'preserve-counts': 'false' } })).toMatchObject(good);
    expect(await count()).toBe(1);
    expect(await cluster.running(id)).toHaveLength(1);
  });
});
