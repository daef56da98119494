import { describe, expect, test } from '@jest/globals';
import type { Nomad } from '../../../src/nomad/connect.ts';
import type { Allocation, Deployment } from '../../../src/nomad/types.ts';
import type { Run } from '../../../src/report/record.ts';
import type { Runtime } from '../../../src/runtime/runtime.ts';
import type { Following } from '../../../src/watch/following.ts';
import { followRejected } from '../../../src/watch/rejected.ts';
import { allocation, deployment } from '../../helpers/rollouts.ts';
import { virtualTime } from '../../helpers/watching.ts';

/** Follows a rejection by the deployment and the allocations of a moment. */
async function follow(found: Deployment | undefined, all: readonly Allocation[] = []) {
  const clock = virtualTime();
  const log: string[] = [];
  const say = (line: string): void => void log.push(line);
  const signal = new AbortController().signal;
  const runtime = { clock, signal, log: { info: say, warning: say, error: say } } as unknown as Runtime;
  const nomad = {
    clock,
    patience: () => clock.timeout(30_000),
    deployments: { read: async () => ({ value: found, index: 9 }) },
    jobs: {
      allocations: async (_id: string, _namespace: string, index: number, until: AbortSignal) => {
        if (index > 0) await clock.sleep(45_000, until);
        return { value: all, index: 9 };
      },
      versions: async () => [],
    },
  } as unknown as Nomad;
  const following = { nomad, inputs: { onFailure: 'spec' } } as unknown as Following;
  const current = { runtime, stage: async <T>(_name: string, _title: string, work: () => Promise<T>) => work() } as unknown as Run;
  const registration = { jobId: 'web', namespace: 'default', evaluationId: '', version: 1, previousVersion: undefined };
  return clock.run(followRejected({ id: 'd', waiting: ['g'] }, registration, following, current));
}
const failed = deployment('failed', 'Deployment marked as failed');
const old = (parts: Partial<Allocation> = {}): Allocation => allocation('running', { JobVersion: 0, ...parts });
const gone = allocation('complete', { JobVersion: 1, DesiredStatus: 'stop' });

describe('a rejected deployment', () => {
  test.each<[string, Deployment | undefined, string]>([
    [
      'a newer version replaced first',
      deployment('cancelled', 'Cancelled due to newer version of job'),
      'Cancelled due to newer version of job',
    ],
    ['somebody promoted first', deployment('successful', 'Deployment completed successfully'), 'Deployment completed successfully'],
    ['was purged with its job', undefined, 'it is gone'],
  ])('that %s is not told as rejected', async (_name, found, how) =>
    expect(follow(found)).rejects.toMatchObject({
      code: 'conflict',
      message: `the deployment of web version 1 ended before this run could reject it: ${how}`,
    }),
  );

  test('without a rollback leaves the old version, which is named', async () =>
    expect(await follow(failed, [old(), old(), gone])).toEqual({
      outcome: 'rejected',
      running: 'group g: version 0 with 2 running; version 1 stays the newest one that is registered',
    }));

  test('of several groups names the version of each', async () => {
    const web = allocation('running', { JobVersion: 1, TaskGroup: 'web' });
    expect(await follow(failed, [old(), web, gone])).toMatchObject({
      outcome: 'rejected',
      running: 'group g: version 0 with 1 running; group web: version 1 with 1 running; version 1 stays the newest one that is registered',
    });
  });

  test('with nothing left that runs is a failure', async () =>
    expect(await follow(failed, [old({ ClientStatus: 'failed' }), gone])).toMatchObject({
      outcome: 'failed',
      failureReason: 'marked-failed',
      cause: 'the canaries of version 1 are stopped, and no allocation of an older version is running',
    }));

  test('whose canaries stay is a failure that names them', async () =>
    expect(
      follow(failed, [old(), allocation('running', { JobVersion: 1, DesiredStatus: 'stop', Name: 'web.g[0]' })]),
    ).rejects.toMatchObject({
      code: 'timed-out',
      message: 'canaries of web version 1 still run after 5 min: web.g[0]',
    }));
});
