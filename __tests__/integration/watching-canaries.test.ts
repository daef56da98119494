import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import type { Allocation, Deployment } from '../../src/nomad/types.ts';
import { cluster, type Deploy, deploy, told } from '../helpers/deploying.ts';
import { group, ONCE, repository, task, update } from '../helpers/jobs.ts';

const CANARY = 'canary = 1';
const AUTO = `${CANARY}\n auto_promote = true`;
/** Version by version of a job, with canaries from the second on. */
const version = async (id: string, seconds: number, rollout: string, options: Omit<Deploy, 'files'> = {}): Promise<ActionResult> =>
  deploy({ files: repository(id, 'service', update(rollout), group('g', 'count = 2', ONCE, task(`exec sleep ${seconds}`))), ...options });
const good = { code: 0, outputs: { outcome: 'successful' } };
const versions = async (id: string): Promise<number[]> => (await cluster.running(id)).map(({ JobVersion }) => JobVersion).sort();
/** Waits until version 1 runs alone: a node tells the end of what it was to stop a moment later. */
const replaced = async (id: string): Promise<unknown> =>
  cluster.until<Allocation[]>(`/v1/job/${id}/allocations`, (all) => {
    const running = all.filter(({ ClientStatus }) => ClientStatus === 'running');
    return running.length === 2 && running.every(({ JobVersion }) => JobVersion === 1);
  });
const waits = (line: string): boolean => line.includes('wait for their promotion');

describe('canaries', () => {
  test.concurrent('that the spec promotes are waited for to the end', async () => {
    expect(await version('canary-auto', 1000, AUTO)).toMatchObject(good);
    const second = await version('canary-auto', 1001, AUTO);
    expect(second).toMatchObject(good);
    expect(told(second)).toContainEqual(expect.stringMatching(/Deployment is running pending automatic promotion$/));
    expect(told(second).filter(waits)).toEqual([]);
    await replaced('canary-auto');
  });

  test.concurrent('that have no room beside what runs are the cause, and what can be done about them', async () => {
    const alone = 'constraint {\n operator = "distinct_hosts"\n value = "true"\n}';
    const only = async (seconds: number): Promise<ActionResult> =>
      deploy({
        files: repository('canary-no-room', 'service', update(AUTO), group('g', alone, ONCE, task(`exec sleep ${seconds}`))),
        inputs: { 'on-placement-failure': 'fail' },
      });
    expect(await only(1000)).toMatchObject(good);
    expect(await only(1001)).toMatchObject({
      code: 1,
      outputs: {
        outcome: 'failed',
        cause:
          'group g cannot place 1 allocation (0 of 1 node fits): 1 node runs an allocation of the group already (distinct_hosts); add nodes, or set `canary = 0`',
      },
    });
  });

  test.concurrent('are promoted by `promote: auto`', async () => {
    expect(await version('canary-input', 1000, CANARY)).toMatchObject(good);
    const second = await version('canary-input', 1001, CANARY, { inputs: { promote: 'auto' } });
    expect(second).toMatchObject(good);
    expect(told(second)).toContain('promoting the healthy canaries');
    await replaced('canary-input');
  });

  test.concurrent('are left to somebody by `promote: manual`', async () => {
    expect(await version('canary-manual', 1000, CANARY)).toMatchObject(good);
    const second = await version('canary-manual', 1001, CANARY, { inputs: { promote: 'manual' } });
    expect(second).toMatchObject({ code: 0, outputs: { outcome: 'awaiting-promotion' } });
    const id = second.outputs['deployment-id'] ?? '';
    expect(told(second)).toContainEqual(expect.stringMatching(/placed on .* as a canary$/));
    expect(second.annotations).toEqual([
      {
        level: 'notice',
        message: `canary-manual: the canaries are healthy and wait for promotion: nomad deployment promote ${id}`,
        title: 'nomad-deploy',
      },
    ]);
    expect(await versions('canary-manual')).toEqual([0, 0, 1]);
    await cluster.send('PUT', `/v1/deployment/promote/${id}`, { DeploymentID: id, All: true });
    await cluster.until<Deployment>(`/v1/deployment/${id}`, ({ Status }) => Status === 'successful');
    // What was promoted since is the same job, and well.
    const third = await version('canary-manual', 1001, CANARY, { inputs: { promote: 'manual' } });
    expect(third).toMatchObject({ code: 0, outputs: { outcome: 'unchanged', 'job-version': '1' } });
  });

  test.concurrent('that somebody promotes while the run waits end it well', async () => {
    expect(await version('canary-other', 1000, CANARY)).toMatchObject(good);
    let promoted: Promise<Response> | undefined;
    const second = await version('canary-other', 1001, CANARY, {
      onLine: (line) => {
        const id = /^\[.* nomad deployment promote -namespace=default ([0-9a-f]{8})/.exec(line)?.[1];
        if (id === undefined || promoted !== undefined) return;
        promoted = cluster
          .deployment('canary-other')
          .then(async (deployment) =>
            cluster.send('PUT', `/v1/deployment/promote/${deployment?.ID}`, { DeploymentID: deployment?.ID, All: true }),
          );
      },
    });
    expect((await promoted)?.status).toBe(200);
    expect(second).toMatchObject(good);
    expect(told(second).filter(waits)).toHaveLength(1);
    await replaced('canary-other');
  });

  test.concurrent('that fail leave the old version as it is', async () => {
    expect(await version('canary-bad', 1000, CANARY)).toMatchObject(good);
    const bad = repository('canary-bad', 'service', update(CANARY), group('g', 'count = 2', ONCE, task('exit 5')));
    const second = await deploy({ files: bad, inputs: { promote: 'auto' } });
    expect(second).toMatchObject({
      code: 1,
      outputs: { outcome: 'failed', 'failure-reason': 'unhealthy', cause: expect.stringContaining('g/t exited with code 5') },
    });
    expect(await versions('canary-bad')).toEqual([0, 0]);
  });
});
