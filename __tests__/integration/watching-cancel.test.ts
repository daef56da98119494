import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import type { Deployment } from '../../src/nomad/types.ts';
import { cluster, type Deploy, deploy, told } from '../helpers/deploying.ts';
import { group, ONCE, repository, STAY, task, update } from '../helpers/jobs.ts';
import { parts } from '../helpers/parts.ts';

const SLOW = (more = ''): string => update(more).replace('"500ms"', '"4s"').replace('"5s"', '"8s"').replace('"6s"', '"9s"');
const slow = (id: string, command = STAY, more = ''): Deploy['files'] =>
  repository(id, 'service', SLOW(more), group('g', ONCE, task(command)));
const placed = (line: string): boolean => line.includes('placed on');
const started = (line: string): boolean => /^\[.*Watch|^\[0\.0 s\] waiting up to/.test(line);
const status = async (id: string): Promise<Deployment | undefined> => cluster.deployment(id);
const link = (id: string): string => `${parts().nomad.address}/ui/jobs/${id}@default`;

describe('a cancelled workflow', () => {
  const cancelled = (result: ActionResult, cause: RegExp): void => {
    expect(result).toMatchObject({
      code: 1,
      stderr: '',
      outputs: { outcome: 'cancelled', 'failure-reason': 'cancelled', cause: expect.stringMatching(cause) },
    });
  };

  test.concurrent('leaves its rollout, and says where it stands and where to look', async () => {
    const result = await deploy({ files: slow('cancel-leave'), killAfter: (line) => line.includes(': Started: ') });
    cancelled(
      result,
      /^the workflow was cancelled \(g: 0 of 1 healthy, 1 placed; g\[0\] t: started, healthy in \d.\d s at the earliest\); the rollout continues$/,
    );
    expect(result.summary).toContain(`See ${link('cancel-leave')}`);
    expect(result.post).toMatchObject({ code: 0, log: '' });
    expect(await status('cancel-leave')).toMatchObject({ Status: 'running' });
  });

  test.concurrent('fails its rollout by `on-cancel: fail`, so that Nomad goes back', async () => {
    expect(await deploy({ files: slow('cancel-fail', STAY, 'auto_revert = true') })).toMatchObject({ code: 0 });
    const second = slow('cancel-fail', 'exec sleep 1001', 'auto_revert = true');
    const result = await deploy({ files: second, inputs: { 'on-cancel': 'fail' }, killAfter: placed });
    cancelled(result, /^the workflow was cancelled \(.*\), and this run failed the deployment$/);
    const deployments = `/v1/deployment/${result.outputs['deployment-id']}`;
    expect(await cluster.until<Deployment>(deployments, ({ Status }) => Status !== 'running')).toMatchObject({
      Status: 'failed',
      StatusDescription: 'Deployment marked as failed - rolling back to job version 0',
    });
  });

  test.concurrent('fails it also before the deployment is known', async () => {
    const result = await deploy({
      files: slow('cancel-early'),
      inputs: { 'on-cancel': 'fail' },
      killAfter: (line) => line.startsWith('Registered '),
    });
    cancelled(result, /and this run failed the deployment$|and there is no deployment to fail$/);
    expect((await status('cancel-early'))?.Status ?? 'failed').toBe('failed');
  });

  test.concurrent('says so of a job that has no deployment', async () => {
    const files = repository('cancel-batch', 'batch', group('g', ONCE, task(STAY)));
    const result = await deploy({ files, inputs: { 'on-cancel': 'fail' }, killAfter: (line) => line.includes(' t: Started') });
    cancelled(result, /^the workflow was cancelled \(1 of 1 allocations running\), and there is no deployment to fail$/);
    expect(await cluster.running('cancel-batch')).toHaveLength(1);
  });

  test.concurrent('ends within the seconds that the runner gives', async () => {
    const begun = { at: 0 };
    const result = await deploy({
      files: slow('cancel-soon'),
      killAfter: (line) => {
        if (placed(line)) begun.at ||= performance.now();
        return placed(line);
      },
    });
    cancelled(result, /./);
    expect(performance.now() - begun.at).toBeLessThan(7_500);
  });
});

describe('a run that is killed', () => {
  test.concurrent('is taken up by the next one, which registers nothing; the post step tells of it', async () => {
    const killed = await deploy({ files: slow('killed'), dieAfter: placed });
    expect(killed.code).toBe(137);
    expect(killed.post?.log).toContain(
      `The step was killed during the rollout of killed version 0: Deployment is running. See ${link('killed')}. Run the same deploy again: it follows this rollout to its end and registers nothing.`,
    );
    const next = await deploy({ files: slow('killed'), env: { GITHUB_RUN_ID: '4712', GITHUB_SHA: '0'.repeat(40) } });
    expect(next).toMatchObject({
      code: 0,
      outputs: { outcome: 'successful', 'job-version': '0', 'deployment-id': killed.outputs['deployment-id'] },
    });
    expect(await cluster.versions('killed')).toHaveLength(1);
  });

  test.concurrent('as it began to watch is taken up as well', async () => {
    const killed = await deploy({ files: slow('killed-early'), dieAfter: started });
    expect(killed.code).toBe(137);
    expect(killed.post?.log).toContain('The step was killed during the rollout of killed-early version 0');
    const next = await deploy({ files: slow('killed-early') });
    expect(next).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-version': '0' } });
  });

  test.concurrent('and whose rollout fails meanwhile is told by the next one, which tries again', async () => {
    const killed = await deploy({ files: slow('killed-bad', 'sleep 2; exit 4'), dieAfter: placed });
    await cluster.until<Deployment>(`/v1/deployment/${killed.outputs['deployment-id']}`, ({ Status }) => Status === 'failed');
    const next = await deploy({ files: slow('killed-bad', 'sleep 2; exit 4') });
    expect(next).toMatchObject({ code: 1, outputs: { 'job-version': '1', cause: expect.stringContaining('g/t exited with code 4') } });
    expect(told(next).length).toBeGreaterThan(3);
    expect(next.log).toContain('Version 0 had the same spec: Failed due to unhealthy allocations');
  });
});
