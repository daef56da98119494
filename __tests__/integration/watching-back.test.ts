import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type ActionResult, temporary } from '../../scripts/parts/action.ts';
import { cluster, type Deploy, deploy, told } from '../helpers/deploying.ts';
import { group, NO_RESTART, ONCE, repository, STAY, task, update } from '../helpers/jobs.ts';
import { has } from '../helpers/versions.ts';

const REVERT = 'auto_revert = true';
const version = async (id: string, command: string, rollout: string, options: Omit<Deploy, 'files'> = {}): Promise<ActionResult> =>
  deploy({ files: repository(id, 'service', update(rollout), group('g', ONCE, task(command))), ...options });
const good = { code: 0, outputs: { outcome: 'successful' } };
const failed = (reason: string): object => ({ code: 1, outputs: { outcome: 'failed', 'failure-reason': reason, 'job-version': '1' } });
const running = async (id: string): Promise<number[]> => (await cluster.running(id)).map(({ JobVersion }) => JobVersion);

describe('after a failure', () => {
  test.concurrent('Nomad goes back, and what runs then is told; the failure is told before', async () => {
    expect(await version('back-good', STAY, REVERT)).toMatchObject(good);
    const second = await version('back-good', 'echo no >&2; exit 3', REVERT);
    expect(second).toMatchObject(failed('unhealthy-rolled-back'));
    expect(second.outputs).toMatchObject({ cause: expect.stringContaining('g/t exited with code 3: "no"') });
    expect(second.log.indexOf('::error ')).toBeLessThan(second.log.indexOf('::group::Watch the rollback to version 0'));
    expect(second.log).toContain('Running now: version 2, a copy of version 0: Deployment completed successfully');
    expect(second.summary).toContain('version 2, a copy of version 0');
    expect(await running('back-good')).toEqual([2]);
  });

  test.concurrent('the way back may fail as well', async () => {
    const needed = join(temporary('needed'), 'folder');
    mkdirSync(needed);
    expect(await version('back-bad', `cd ${needed} && ${STAY}`, REVERT)).toMatchObject(good);
    rmSync(needed, { recursive: true });
    const second = await version('back-bad', 'exit 3', REVERT);
    expect(second).toMatchObject(failed('unhealthy-rollback-failed'));
    expect(second.log).toMatch(/Running now: version 2, a copy of version 0: Failed due to unhealthy allocations/);
    expect(await running('back-bad')).toEqual([]);
  });

  test.concurrent('the way back may take longer than anybody waits', async () => {
    const slow = repository('back-slow', 'service', update(REVERT).replace('"500ms"', '"4s"'), group('g', ONCE, task(STAY)));
    expect(await deploy({ files: slow })).toMatchObject(good);
    const second = await version('back-slow', 'exit 3', REVERT, { inputs: { timeout: '3s' } });
    expect(second).toMatchObject(failed('unhealthy-rolling-back'));
    expect(second.log).toMatch(/Running now: version 2, a copy of version 0: Nomad gave no verdict within 3\.0 s \(g: 0 of 1 healthy/);
  });

  test.concurrent('there may be nothing to go back to', async () => {
    const first = await version('back-none', 'exit 3', REVERT);
    expect(first).toMatchObject({ code: 1, outputs: { 'failure-reason': 'unhealthy', 'job-version': '0' } });
    expect(first.log).toContain('Failed due to unhealthy allocations - no stable job version to auto revert to');
    expect(first.log).not.toContain('Watch the rollback');
  });

  test.concurrent('the way back may need no deployment', async () => {
    const empty = repository('back-empty', 'service', update(REVERT), group('g', 'count = 0', ONCE, task(STAY)));
    expect(await deploy({ files: empty })).toMatchObject(good);
    // Versions without a deployment are not stable for Nomad, and it goes back to none; somebody may say so.
    await cluster.send('PUT', '/v1/job/back-empty/stable', { JobID: 'back-empty', JobVersion: 0, Stable: true });
    const second = await version('back-empty', 'exit 3', REVERT);
    expect(second).toMatchObject(failed('unhealthy-rolled-back'));
    expect(second.log).toMatch(/Running now: version 2, a copy of version 0: /);
    expect(second.durationMs).toBeLessThan(20_000);
  });

  test.concurrent('`on-failure: revert` goes back where the spec says nothing', async () => {
    const inputs = { 'on-failure': 'revert' };
    expect(await version('back-input', STAY, '', { inputs })).toMatchObject(good);
    const second = await version('back-input', 'exit 3', '', { inputs });
    expect(second).toMatchObject(failed('unhealthy-rolled-back'));
    expect(await running('back-input')).toEqual([2]);
  });

  test.concurrent('`on-failure: revert` says that there is nothing to go back to', async () => {
    const first = await version('back-input-none', 'exit 3', '', { inputs: { 'on-failure': 'revert' } });
    expect(first).toMatchObject({ outputs: { 'failure-reason': 'unhealthy' } });
    expect(first.annotations).toContainEqual(
      expect.objectContaining({ level: 'warning', message: expect.stringContaining('is not rolled back: no older version was healthy') }),
    );
  });

  test.concurrent.each(['spec', 'leave'])('`on-failure: %s` stays where it is when the spec says nothing', async (action) => {
    const id = `back-${action}`;
    expect(await version(id, STAY, '')).toMatchObject(good);
    const second = await version(id, 'exit 3', '', { inputs: { 'on-failure': action } });
    expect(second).toMatchObject(failed('unhealthy'));
    expect((await cluster.job(id))?.Version).toBe(1);
  });

  test.concurrent('of a system job whose way back gets no deployment (hashicorp/nomad#28538), it is followed all the same', async () => {
    const system = (command: string): Deploy['files'] =>
      repository('back-system', 'system', update(REVERT), group('g', NO_RESTART, task(command)));
    expect(await deploy({ files: system(STAY) })).toMatchObject(good);
    const second = await deploy({ files: system('exit 3') });
    // Without deployments of system jobs, Nomad rolls none back.
    const rolledBack = has('systemDeployments');
    expect(second).toMatchObject(failed(rolledBack ? 'unhealthy-rolled-back' : 'task-failed'));
    expect(told(second).filter((line) => line.includes('Failed due to unhealthy allocations'))).toHaveLength(rolledBack ? 1 : 0);
    expect(await running('back-system')).toEqual(rolledBack ? [2] : []);
  });
});
