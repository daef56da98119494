// Locks and freezes of jobs: who may deploy, who waits for whom, and what becomes of a lock whose run is gone.
import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import type { Variable } from '../../src/nomad/types.ts';
import { cluster, type Deploy, deploy, when } from '../helpers/deploying.ts';
import { group, ONCE, repository, task, update } from '../helpers/jobs.ts';

const files = (id: string, seconds: number, healthyAfter = '500ms'): Deploy['files'] =>
  repository(
    id,
    'service',
    update().replace('500ms', healthyAfter).replace('"5s"', '"20s"').replace('"6s"', '"21s"'),
    group('g', ONCE, task(`exec sleep ${seconds}`)),
  );
const command = async (name: string, job: string, inputs: Readonly<Record<string, string>> = {}): Promise<ActionResult> =>
  deploy({ files: {}, inputs: { command: name, 'job-name': job, ...inputs }, env: { GITHUB_ACTOR: 'anna' } });
const refusal = (reason: string, cause: unknown): object => ({ code: 1, outputs: { outcome: 'failed', 'failure-reason': reason, cause } });
const ended = (outcome: string): object => ({ code: 0, outputs: { outcome } });
const lockOf = async (id: string): Promise<Variable | undefined> => {
  const answer = await cluster.send('GET', `/v1/var/nomad-deploy/locks/${id}`);
  return answer.status === 404 ? undefined : ((await answer.json()) as Variable);
};
/** Takes the lock of a job as a runner does that then dies. */
const takeDead = async (id: string): Promise<void> => {
  const Items = { 'nomad-deploy': 'lock', actor: 'ghost', run: 'https://github.example/acme/shop/actions/runs/7/attempts/1' };
  const body = { Items, Lock: { TTL: '10s', LockDelay: '1s' } };
  expect((await cluster.send('PUT', `/v1/var/nomad-deploy/locks/${id}?lock-acquire`, body)).status).toBe(200);
};

describe('a lock', () => {
  test.concurrent('of a run that deploys makes another one wait, which then plans what the first has left', async () => {
    const id = 'lock-wait';
    let second: Promise<ActionResult> | undefined;
    const first = await deploy({
      files: files(id, 1000, '4s'),
      inputs: { lock: 'fail' },
      env: { GITHUB_ACTOR: 'anna', GITHUB_RUN_ID: '41' },
      onLine: (line) => {
        if (line.startsWith('Registered '))
          second ??= deploy({ files: files(id, 1001), inputs: { lock: 'wait' }, env: { GITHUB_RUN_ID: '42' } });
      },
    });
    expect(first).toMatchObject({ code: 0, stderr: '', outputs: { outcome: 'successful', 'job-version': '0' } });
    const waited = await second;
    expect(waited).toMatchObject({ code: 0, stderr: '', outputs: { outcome: 'successful', 'job-version': '1', 'previous-version': '0' } });
    expect(waited?.log).toMatch(
      /Waiting for the lock of lock-wait, held by anna \(https:\S+\/actions\/runs\/41\/attempts\/1\), since \S+Z \(0\.\d s\)/,
    );
    expect(waited?.log).toMatch(/This run holds the lock of lock-wait, after \d/);
    expect((await lockOf(id))?.Lock ?? undefined).toBeUndefined();
    expect(waited?.post).toMatchObject({ code: 0, log: '' });
  });

  test.concurrent('of another run ends one with `lock: fail`, before anything is built, and its waiting at `timeout`', async () => {
    const id = 'lock-fail';
    await takeDead(id);
    const app = { ...files(id, 1000), Dockerfile: 'FROM scratch\n' };
    const failed = await deploy({ files: app, inputs: { lock: 'fail' }, env: { NOMAD_SECRET_KEY: 'swordfish-5' } });
    const holder = 'the lock of lock-fail is held by ghost (https://github.example/acme/shop/actions/runs/7/attempts/1)';
    expect(failed).toMatchObject(refusal('job-locked', holder));
    expect(await cluster.job(id)).toBeUndefined();
    expect(await cluster.variable(id)).toBeUndefined();
    const late = await deploy({ files: files(id, 1000), inputs: { lock: 'wait', timeout: '2s' } });
    expect(late).toMatchObject(refusal('job-locked', `${holder} and was not released within 2.0 s`));
  });

  test.concurrent('of a runner that died ends by itself', async () => {
    const id = 'lock-dead';
    await takeDead(id);
    const result = await deploy({ files: files(id, 1000), inputs: { lock: 'wait', timeout: '60s' } });
    expect(result).toMatchObject(ended('successful'));
    expect(result.log).toMatch(/This run holds the lock of lock-dead, after [12]\d s/);
  });

  test.concurrent('is released by the post step of a killed run, and by a cancelled one', async () => {
    for (const how of ['dieAfter', 'killAfter'] as const) {
      const id = `lock-${how.toLowerCase()}`;
      const killed = await deploy({
        files: files(id, 1000, '10s'),
        inputs: { lock: 'wait' },
        [how]: (line: string) => line.includes('placed on'),
      });
      expect(killed.post).toMatchObject({ code: 0 });
      expect(killed.post?.log.includes(`The lock nomad-deploy/locks/${id} of the killed step is released`)).toBe(how === 'dieAfter');
      expect((await lockOf(id))?.Lock ?? undefined).toBeUndefined();
    }
  });

  test.concurrent('that is lost before the registration ends the run; nothing is registered', async () => {
    const id = 'lock-lost';
    const lose = when('This run holds the lock', async () => {
      const { Lock } = (await lockOf(id)) ?? {};
      await cluster.send('PUT', `/v1/var/nomad-deploy/locks/${id}?lock-release`, { Lock });
    });
    const Dockerfile = 'FROM busybox:1.37\nCMD ["sleep", "1000"]\n';
    const result = await deploy({
      files: { ...files(id, 1000), Dockerfile },
      inputs: { lock: 'fail', scan: 'sleep 7' },
      onLine: lose.onLine,
    });
    await lose.done();
    expect(result).toMatchObject(
      refusal('conflict', 'this run has lost the lock of lock-lost before the registration: Nomad does not know it any more'),
    );
    expect(await cluster.job(id)).toBeUndefined();
  });

  test.concurrent('that is lost during the rollout is a warning, because the version is registered', async () => {
    const id = 'lock-lost-late';
    const lose = when('is placed on', async () => {
      const { Lock } = (await lockOf(id)) ?? {};
      await cluster.send('PUT', `/v1/var/nomad-deploy/locks/${id}?lock-release`, { Lock });
    });
    const result = await deploy({ files: files(id, 1000, '7s'), inputs: { lock: 'fail' }, onLine: lose.onLine });
    await lose.done();
    expect(result).toMatchObject(ended('successful'));
    expect(result.annotations).toMatchObject([
      { level: 'warning', message: expect.stringMatching(/^The lock of lock-lost-late is lost \(Nomad does not know it any more\)/) },
    ]);
  });

  test.concurrent('has a variable of its own, and leaves one with other content as it is', async () => {
    const id = 'lock-foreign';
    for (const kind of ['locks', 'freezes']) {
      await cluster.send('PUT', `/v1/var/nomad-deploy/${kind}/${id}`, { Items: { theirs: 'x' } });
      const result = await deploy({ files: files(id, 1000), inputs: { lock: 'wait' } });
      const what = kind === 'locks' ? 'lock' : 'freeze';
      expect(result).toMatchObject(
        refusal('job-taken', `the Nomad variable nomad-deploy/${kind}/${id} has other content than a ${what} of this action`),
      );
      expect(await (await cluster.send('GET', `/v1/var/nomad-deploy/${kind}/${id}`)).json()).toMatchObject({ Items: { theirs: 'x' } });
    }
    expect(await cluster.job(id)).toBeUndefined();
  });

  test.concurrent('holds for `scale` and `revert`, and not for a run without the input', async () => {
    const id = 'lock-others';
    expect(await deploy({ files: files(id, 1000) })).toMatchObject(ended('successful'));
    expect(await lockOf(id)).toBeUndefined();
    await takeDead(id);
    expect(await command('scale', id, { count: '2', lock: 'fail' })).toMatchObject({
      code: 1,
      outputs: { 'failure-reason': 'job-locked' },
    });
    expect(await command('revert', id, { to: '0', lock: 'fail' })).toMatchObject({ code: 1, outputs: { 'failure-reason': 'job-locked' } });
    expect(await command('restart', id, { lock: 'fail' })).toMatchObject(ended('restarted'));
    expect(await command('scale', id, { count: '2' })).toMatchObject(ended('scaled'));
  });
});

describe('a freeze', () => {
  test.concurrent('refuses each deploy with the input `lock`, and says who, why and until when', async () => {
    const id = 'freeze-me';
    expect(await deploy({ files: files(id, 1000) })).toMatchObject(ended('successful'));
    expect(await command('lock', id)).toMatchObject(refusal('input-invalid', '`reason`: `command: lock` needs a reason'));
    const locked = await command('lock', id, { reason: 'the database is moved', until: '2099-12-24T18:00Z' });
    expect(locked).toMatchObject({ code: 0, stderr: '', outputs: { outcome: 'locked' } });
    const cause = expect.stringMatching(
      /^freeze-me is frozen until 2099-12-24T18:00:00\.000Z by anna \(https:\S+\/attempts\/1\), since \S+Z: "the database is moved"$/,
    );
    expect(await deploy({ files: files(id, 1001), inputs: { lock: 'wait' } })).toMatchObject(refusal('job-locked', cause));
    expect(await command('lock', id, { reason: 'another' })).toMatchObject(refusal('job-locked', cause));
    expect(await command('revert', id, { lock: 'fail', to: '0' })).toMatchObject(refusal('job-locked', cause));
    // The commands that end a bad version go on.
    expect(await command('restart', id, { lock: 'fail' })).toMatchObject(ended('restarted'));
    const unlocked = await command('unlock', id);
    expect(unlocked).toMatchObject(ended('unlocked'));
    expect(unlocked.log).toContain('"the database is moved"');
    expect((await command('unlock', id)).log).toContain('freeze-me is not frozen');
    expect(await deploy({ files: files(id, 1001), inputs: { lock: 'wait' } })).toMatchObject(ended('successful'));
  });

  test.concurrent('ends at its time', async () => {
    const id = 'freeze-short';
    expect(await deploy({ files: files(id, 1000) })).toMatchObject(ended('successful'));
    expect(await command('lock', id, { reason: 'x', until: '2020-01-01T00:00Z' })).toMatchObject(
      refusal('input-invalid', '`until`: 2020-01-01T00:00:00.000Z is over already'),
    );
    expect(await command('lock', id, { reason: 'for a moment', until: '1ms' })).toMatchObject(ended('locked'));
    const result = await deploy({ files: files(id, 1001), inputs: { lock: 'fail' } });
    expect(result).toMatchObject(ended('successful'));
    expect(result.log).toContain('The freeze of freeze-short by anna ended at ');
    expect(await command('lock', id, { reason: 'again' })).toMatchObject(ended('locked'));
  });

  test.concurrent('is refused to a run of another owner', async () => {
    const id = 'freeze-theirs';
    expect(await deploy({ files: files(id, 1000), env: { GITHUB_REPOSITORY: 'Acme/Other' } })).toMatchObject(ended('successful'));
    const inputs = { command: 'lock', reason: 'mine' };
    expect(await deploy({ files: files(id, 1000), inputs })).toMatchObject({ code: 1, outputs: { 'failure-reason': 'job-taken' } });
  });
});
