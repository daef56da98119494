import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import { type Nomad, startNomad } from '../../scripts/parts/nomad.ts';
import type { Allocation, RegisteredJob } from '../../src/nomad/types.ts';
import { type Deploy, deploy, told, when } from '../helpers/deploying.ts';
import { group, ONCE, repository, STAY, task, update } from '../helpers/jobs.ts';
import { parts, partsRun } from '../helpers/parts.ts';

// A cluster of its own: others would not fit beside these, and its node is taken away.
let nomad: Nomad;
let node = { id: '', memoryMb: 0 };

const ask = async <T>(path: string, method = 'GET', body?: object): Promise<T> => {
  const response = await fetch(nomad.address + path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return (await response.json()) as T;
};

beforeAll(async () => {
  nomad = await startNomad(partsRun(), { docker: parts().docker });
  const [{ ID: id } = { ID: '' }] = await ask<{ ID: string }[]>('/v1/nodes');
  const { NodeResources } = await ask<{ NodeResources: { Memory: { MemoryMB: number } } }>(`/v1/node/${id}`);
  node = { id, memoryMb: NodeResources.Memory.MemoryMB };
}, 60_000);
afterAll(async () => nomad.stop(), 60_000);

/** A job of allocations that take this part of the node each. */
const big = (id: string, part: number, { count = 1, type = 'service', rollout = '' } = {}): Deploy['files'] => {
  const sized = task(type === 'batch' ? 'true' : STAY).replace('memory = 16', `memory = ${Math.floor(node.memoryMb * part)}`);
  return repository(id, type, type === 'batch' ? '' : update(rollout), group('g', `count = ${count}`, ONCE, sized));
};
const here = async (options: Deploy): Promise<ActionResult> =>
  deploy({ ...options, inputs: { 'nomad-addr': nomad.address, ...options.inputs } });
const stop = async (id: string): Promise<unknown> => ask(`/v1/job/${id}`, 'DELETE');
const good = { code: 0, outputs: { outcome: 'successful' } };
const short = '(0 of 1 node fits)';

describe('a group that fits nowhere', () => {
  test('waits, and goes on when another job leaves', async () => {
    expect(await here({ files: big('room-taken', 0.6) })).toMatchObject(good);
    const leaving = when('waiting for capacity', async () => stop('room-taken'));
    const result = await here({ files: big('room-wanted', 0.6), onLine: leaving.onLine });
    await leaving.done();
    expect(result).toMatchObject(good);
    expect(told(result).filter((line) => line.includes(short))).toHaveLength(1);
    await stop('room-wanted');
  });

  test('is taken up by the next run, which says again why, and sees it placed', async () => {
    expect(await here({ files: big('room-held', 0.6) })).toMatchObject(good);
    const inputs = { timeout: '1s', 'on-placement-failure': 'wait' };
    const first = await here({ files: big('room-attached', 0.6), inputs });
    expect(first).toMatchObject({ code: 1, outputs: { outcome: 'timed-out', cause: expect.stringContaining(short) } });
    const leaving = when('waiting for capacity', async () => stop('room-held'));
    const second = await here({ files: big('room-attached', 0.6), onLine: leaving.onLine });
    await leaving.done();
    expect(second).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'deployment-id': first.outputs['deployment-id'] } });
    expect(told(second).filter((line) => line.includes(short))).toHaveLength(1);
    await stop('room-attached');
  });

  test('waits, and goes on when the node is eligible again', async () => {
    const eligible = async (Eligibility: string): Promise<unknown> => ask(`/v1/node/${node.id}/eligibility`, 'PUT', { Eligibility });
    await eligible('ineligible');
    const again = when('waiting for capacity', async () => eligible('eligible'));
    const result = await here({ files: big('room-node', 0.1), onLine: again.onLine });
    await again.done();
    expect(result).toMatchObject(good);
    expect(told(result)).toContainEqual(
      expect.stringMatching(/^group g cannot place 1 allocation: no eligible node .*; waiting for capacity$/),
    );
    await stop('room-node');
  });

  test('fails at once by `on-placement-failure: fail`, and goes back', async () => {
    const rollout = 'auto_revert = true';
    expect(await here({ files: big('room-back', 0.1, { rollout }) })).toMatchObject(good);
    const second = await here({ files: big('room-back', 2, { rollout }), inputs: { 'on-placement-failure': 'fail' } });
    expect(second).toMatchObject({
      code: 1,
      outputs: { outcome: 'failed', 'failure-reason': 'placement-failed-rolled-back', cause: expect.stringContaining(short) },
    });
    await stop('room-back');
  });

  test('fails after the time that it was given; a batch job says that it stays registered', async () => {
    const inputs = { 'on-placement-failure': '1s' };
    const result = await here({ files: big('room-batch', 2, { type: 'batch' }), inputs });
    expect(result).toMatchObject({
      code: 1,
      outputs: { outcome: 'failed', 'failure-reason': 'placement-failed', cause: expect.stringContaining(short) },
    });
    expect(result.log).toContain(
      'The job stays registered, and Nomad places it when a node has room. Run `nomad job stop room-batch` to remove it.',
    );
    expect(await ask<RegisteredJob>('/v1/job/room-batch')).toMatchObject({ Status: 'pending' });
    await stop('room-batch');
  });

  test('in part is told, too, and fails by the deadline', async () => {
    const result = await here({ files: big('room-part', 0.4, { count: 3 }) });
    expect(result).toMatchObject({ code: 1, outputs: { outcome: 'failed', 'failure-reason': 'progress-deadline' } });
    expect(told(result)).toContainEqual(
      expect.stringMatching(/^group g cannot place 1 allocation \(0 of 1 node fits\): .*; waiting for capacity$/),
    );
    expect(result.outputs['cause']).toContain(short);
    const placed = await ask<Allocation[]>('/v1/job/room-part/allocations');
    expect(placed).toHaveLength(2);
    await stop('room-part');
  });
});

describe('a cluster whose evaluation broker is paused', () => {
  const pause = async (PauseEvalBroker: boolean): Promise<void> => {
    const { SchedulerConfig } = await ask<{ SchedulerConfig: object }>('/v1/operator/scheduler/configuration');
    await ask('/v1/operator/scheduler/configuration', 'PUT', { ...SchedulerConfig, PauseEvalBroker });
  };
  afterAll(async () => pause(false));

  test('is named instead of a time-out without a reason', async () => {
    await pause(true);
    const run = await here({ files: big('room-paused', 0.1), inputs: { timeout: '20s' } });
    expect(run.outputs).toMatchObject({
      outcome: 'timed-out',
      cause: expect.stringContaining('the evaluation broker of the cluster is paused'),
    });
    expect(told(run)).toContainEqual(expect.stringMatching(/^the evaluation broker of the cluster is paused, so Nomad schedules nothing/));
  });
});
