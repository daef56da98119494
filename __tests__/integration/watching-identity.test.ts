import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { temporary } from '../../scripts/parts/action.ts';
import type { Allocation } from '../../src/nomad/types.ts';
import { cluster, type Deploy, deploy, told, when } from '../helpers/deploying.ts';
import { group, ONCE, repository, STAY, task, update } from '../helpers/jobs.ts';

/** A rollout that is not over when the next run has begun, also on a busy machine. */
const SLOW = update().replace('"500ms"', '"8s"').replace('"5s"', '"20s"').replace('"6s"', '"30s"');
/** A service that is under way for some seconds. */
const slow = (id: string, command = STAY): Deploy['files'] => repository(id, 'service', SLOW, group('g', ONCE, task(command)));
const good = { code: 0, outputs: { outcome: 'successful' } };
const versions = async (id: string): Promise<number> => (await cluster.versions(id)).length;

describe('the very job that the cluster has', () => {
  const WITH_CHECK = `
    network {
      port "http" {}
    }
    service {
      name     = "same-check"
      provider = "nomad"
      port     = "http"
      check {
        name     = "alive"
        type     = "http"
        path     = "/alive"
        interval = "1s"
        timeout  = "1s"
      }
    }`;

  test.concurrent('and is well is unchanged; that it is not is told, with the check that fails', async () => {
    const site = temporary('site');
    writeFileSync(join(site, 'alive'), 'yes');
    const serve = task(`exec busybox httpd -f -p 127.0.0.1:$NOMAD_PORT_http -h ${site}`);
    const files = repository('same-check', 'service', update(), group('g', ONCE, WITH_CHECK, serve));
    expect(await deploy({ files })).toMatchObject(good);
    expect(await deploy({ files })).toMatchObject({ code: 0, outputs: { outcome: 'unchanged', 'job-version': '0' } });
    rmSync(join(site, 'alive'));
    const [{ ID } = { ID: '' }] = await cluster.running('same-check');
    const failing = async (): Promise<boolean> =>
      Object.values((await cluster.checks(ID)) ?? {}).some(({ Status }) => Status === 'failure') || failing();
    await failing();
    expect(await deploy({ files })).toMatchObject({
      code: 1,
      outputs: {
        outcome: 'failed',
        'failure-reason': 'unhealthy',
        cause: expect.stringContaining('the check "alive" of service same-check fails: the application answers 404 '),
      },
    });
    expect(await versions('same-check')).toBe(1);
  });

  test.concurrent('and does not run any more is started again, as a new version', async () => {
    const files = repository('same-gone', 'service', update(), group('g', ONCE, task('sleep 3; echo lost >&2; exit 6')));
    const first = await deploy({ files });
    expect(first).toMatchObject(good);
    await cluster.until<Allocation[]>('/v1/job/same-gone/allocations', ([one]) => one?.ClientStatus === 'failed');
    const status = await deploy({ files: {}, inputs: { command: 'status', 'job-name': 'same-gone' } });
    expect(status).toMatchObject({
      code: 1,
      outputs: {
        outcome: 'failed',
        'failure-reason': 'unhealthy',
        cause: expect.stringContaining('g/t exited with code 6: "lost"'),
      },
    });
    expect(status.log).toContain(
      'Version 0 is not healthy: none of its allocations is running (1 of 1 allocations failed); deploy the job to start it again, as a new version',
    );
    const again = await deploy({ files });
    expect(again).toMatchObject({ ...good, outputs: { outcome: 'successful', 'job-version': '1' } });
    expect(again.annotations).toContainEqual(
      expect.objectContaining({
        message:
          'same-gone: Version 0 had the same spec: none of its allocations is running (1 of 1 allocations failed). A new version tries it again.',
      }),
    );
  });

  test.concurrent('and runs in part is told, with what starts the rest again', async () => {
    const some = task('if [ $NOMAD_ALLOC_INDEX = 1 ]; then sleep 3; exit 6; fi; exec sleep 1000');
    const files = repository('same-part', 'service', update('max_parallel = 2'), group('g', 'count = 2', ONCE, some));
    expect(await deploy({ files })).toMatchObject(good);
    await cluster.until<Allocation[]>('/v1/job/same-part/allocations', (all) => all.some(({ ClientStatus }) => ClientStatus === 'failed'));
    const again = await deploy({ files });
    expect(again).toMatchObject({ code: 1, outputs: { outcome: 'failed', cause: expect.stringContaining('g/t exited with code 6') } });
    expect(again.log).toMatch(
      /only 1 of its 2 allocations are running, and Nomad does not reschedule allocation [0-9a-f]{8}: change the group g, or run/,
    );
  });

  test.concurrent('and is being deployed is followed to its end, and not registered twice', async () => {
    const first = await deploy({ files: slow('same-under-way'), inputs: { wait: 'false' } });
    const second = await deploy({ files: slow('same-under-way'), env: { GITHUB_RUN_ATTEMPT: '2', GITHUB_SHA: 'f'.repeat(40) } });
    expect(first.outputs).toMatchObject({ outcome: 'registered', 'job-version': '0' });
    expect(second).toMatchObject({ ...good, outputs: { outcome: 'successful', 'job-version': '0', 'deployment-id': expect.any(String) } });
    expect(second.log).toContain('Version 0 is the same job, and its deployment is running, so this run follows it');
    expect(await versions('same-under-way')).toBe(1);
  });

  test.concurrent('and is a batch job at work is followed to its end; done, it is unchanged', async () => {
    const files = repository('same-batch', 'batch', group('g', ONCE, task('sleep 8')));
    await deploy({ files, inputs: { wait: 'false' } });
    expect(await deploy({ files })).toMatchObject({ ...good, outputs: { outcome: 'successful', 'job-version': '0' } });
    expect(await deploy({ files })).toMatchObject({ code: 0, outputs: { outcome: 'unchanged', 'job-version': '0' } });
  });

  test.concurrent('and failed is said so, and tried again as a new version', async () => {
    const files = repository('same-failed', 'service', update(), group('g', ONCE, task('exit 7')));
    const [first, second] = [await deploy({ files }), await deploy({ files })];
    expect([first, second]).toMatchObject([{ outputs: { 'job-version': '0' } }, { outputs: { 'job-version': '1', outcome: 'failed' } }]);
    expect(first.annotations.filter(({ level }) => level === 'notice')).toEqual([]);
    expect(second.annotations).toContainEqual(
      expect.objectContaining({
        level: 'notice',
        message: 'same-failed: Version 0 had the same spec: Failed due to unhealthy allocations. A new version tries it again.',
      }),
    );
  });

  test.concurrent('and was rolled back is said so, too, and a batch job that failed runs again', async () => {
    const version = (command: string): Deploy['files'] =>
      repository('same-back', 'service', update('auto_revert = true'), group('g', ONCE, task(command)));
    expect(await deploy({ files: version(STAY) })).toMatchObject(good);
    expect(await deploy({ files: version('exit 8') })).toMatchObject({ outputs: { 'failure-reason': 'unhealthy-rolled-back' } });
    const again = await deploy({ files: version('exit 8') });
    expect(again).toMatchObject({ outputs: { 'job-version': '3', 'failure-reason': 'unhealthy-rolled-back' } });
    expect(again.log).toContain('Version 1 had the same spec: Failed due to unhealthy allocations');
    expect(await deploy({ files: version(STAY) })).toMatchObject({ outputs: { outcome: 'unchanged', 'job-version': '4' } });

    const batch = repository('same-batch-failed', 'batch', group('g', ONCE, task('exit 9')));
    const [, second] = [await deploy({ files: batch }), await deploy({ files: batch })];
    expect(second).toMatchObject({ outputs: { outcome: 'failed', 'job-version': '1' } });
    expect(second.log).toContain('Version 0 had the same spec: 1 of 1 allocations failed');
  });
});

describe('while it is deployed', () => {
  const stop =
    (id: string, purge = false) =>
    async (): Promise<unknown> =>
      cluster.send('DELETE', `/v1/job/${id}?purge=${purge}`, {});

  test.concurrent('a newer version supersedes it, and is named with its run', async () => {
    const newer = when('placed on', async () =>
      deploy({ files: slow('during-newer', 'exec sleep 1001'), inputs: { wait: 'false' }, env: { GITHUB_RUN_ID: '4711' } }),
    );
    const result = await deploy({ files: slow('during-newer'), onLine: newer.onLine });
    await newer.done();
    const cause = 'version 0 was replaced by version 1 of https://github.com/Acme/Shop/actions/runs/4711/attempts/1 before it was healthy';
    expect(result).toMatchObject({ code: 1, outputs: { outcome: 'superseded', 'failure-reason': 'superseded', cause } });
  });

  test.concurrent('without a deployment, too', async () => {
    const files = (command: string): Deploy['files'] => repository('during-newer-batch', 'batch', group('g', ONCE, task(command)));
    const newer = when('placed on', async () => deploy({ files: files('true'), inputs: { wait: 'false' } }));
    const result = await deploy({ files: files(STAY), onLine: newer.onLine });
    await newer.done();
    expect(result).toMatchObject({
      code: 1,
      outputs: { outcome: 'superseded', cause: expect.stringMatching(/^version 0 was replaced by version 1 of /) },
    });
  });

  test.concurrent('the job is stopped', async () => {
    const [service, batch] = [when('placed on', stop('during-stop')), when('placed on', stop('during-stop-batch'))];
    const batchFiles = repository('during-stop-batch', 'batch', group('g', ONCE, task(STAY)));
    const results = await Promise.all([
      deploy({ files: slow('during-stop'), onLine: service.onLine }),
      deploy({ files: batchFiles, onLine: batch.onLine }),
    ]);
    await Promise.all([service.done(), batch.done()]);
    expect(results).toMatchObject([
      { code: 1, outputs: { outcome: 'cancelled', cause: 'Cancelled because job is stopped' } },
      { code: 1, outputs: { outcome: 'cancelled', cause: 'the job was stopped during the rollout' } },
    ]);
  });

  test.concurrent('the job is purged', async () => {
    const purge = when('placed on', stop('during-purge', true));
    const result = await deploy({ files: slow('during-purge'), onLine: purge.onLine });
    await purge.done();
    expect(result).toMatchObject({
      code: 1,
      outputs: { outcome: 'cancelled', cause: 'the job is gone: it was purged, or Nomad garbage-collected it' },
    });
  });

  test.concurrent('it is paused and resumed', async () => {
    const pause = async (Pause: boolean): Promise<unknown> => {
      const id = (await cluster.deployment('during-pause'))?.ID ?? '';
      return cluster.send('PUT', `/v1/deployment/pause/${id}`, { DeploymentID: id, Pause });
    };
    const paused = when('placed on', async () => pause(true));
    const resumed = when('Deployment is paused', async () => pause(false));
    const result = await deploy({
      files: slow('during-pause'),
      onLine: (line) => {
        paused.onLine(line);
        resumed.onLine(line);
      },
    });
    await Promise.all([paused.done(), resumed.done()]);
    expect(result).toMatchObject(good);
    expect(
      told(result)
        .filter((line) => /Deployment is (paused|running)/.test(line))
        .map((line) => line.replace(/^.*: /, '')),
    ).toEqual(['Deployment is running', 'Deployment is paused', 'Deployment is running']);
  });

  test.concurrent('Nomad collects its garbage', async () => {
    const collect = async (): Promise<unknown> => cluster.send('PUT', '/v1/system/gc', {});
    const [batch, service] = [when('placed on', collect), when('is healthy', collect)];
    const results = await Promise.all([
      deploy({ files: repository('during-gc-batch', 'batch', group('g', ONCE, task('sleep 2'))), onLine: batch.onLine }),
      deploy({ files: slow('during-gc'), onLine: service.onLine }),
    ]);
    await Promise.all([batch.done(), service.done()]);
    expect(results).toMatchObject([good, good]);
  });
});
