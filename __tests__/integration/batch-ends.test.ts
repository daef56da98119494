import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import { cluster, type Deploy, deploy } from '../helpers/deploying.ts';
import { group, NO_RESTART, ONCE, repository, task } from '../helpers/jobs.ts';

/** A batch job with `max_run_duration`, as JSON: a cluster that does not know the field ignores it there. */
function limited(id: string, command: string, { type = 'batch', limitMs = 1_500, more = {} } = {}): Deploy['files'] {
  const job = {
    ...{ ID: id, Name: id, Type: type, ...more },
    TaskGroups: [
      {
        ...{ Name: 'g', Count: 1, MaxRunDuration: limitMs * 1e6, RestartPolicy: { Attempts: 0, Mode: 'fail' } },
        ...(type === 'batch' ? { ReschedulePolicy: { Attempts: 0, Unlimited: false } } : {}),
        Tasks: [
          {
            ...{ Name: 't', Driver: 'raw_exec', KillTimeout: 1e9, Config: { command: '/bin/sh', args: ['-c', command] } },
            Resources: { CPU: 10, MemoryMB: 16 },
          },
        ],
      },
    ],
  };
  return { 'job.json': JSON.stringify(job) };
}

const run = async (files: Deploy['files'], inputs: Record<string, string> = {}): Promise<ActionResult> =>
  deploy({ files, inputs: { job: 'job.json', timeout: '60s', ...inputs } });

/** Returns whether the cluster keeps `max_run_duration` of a registered job. */
const keepsLimit = async (id: string): Promise<boolean> => {
  const groups = (await cluster.job(encodeURIComponent(id)))?.TaskGroups ?? [];
  return groups.some((one) => typeof one.MaxRunDuration === 'number');
};

/** The end of a run of 4 s where the cluster ends it after 1.5 s, and where it does not know that limit. */
const ended = (isKept: boolean, outcome = 'successful'): object =>
  isKept
    ? {
        code: 1,
        outputs: {
          outcome: 'failed',
          'failure-reason': 'task-failed',
          cause: 'g/t was killed after max_run_duration (1500ms); raise `max_run_duration`, or make the task end earlier',
        },
      }
    : { code: 0, outputs: { outcome } };

describe('a run that `max_run_duration` ended has failed, where the cluster knows that limit:', () => {
  test.concurrent.each([
    ['a batch job', 'batch', 'sleep 4'],
    [
      'a batch job that exits with code 0 when it is asked to',
      'batch',
      "trap 'exit 0' TERM INT; for i in 1 2 3 4 5 6 7 8; do sleep 0.5; done",
    ],
    ['a sysbatch job', 'sysbatch', 'sleep 4'],
  ])('%s', async (what, type, command) => {
    const id = `limit-${type}-${what.length}`;
    const files = limited(id, command, { type });
    const result = await run(files);
    const isKept = await keepsLimit(id);
    expect(result).toMatchObject(ended(isKept));
    // The job is as it was, and its last run failed: the status says so, and the same deploy tries it again.
    const status = await run(files, { command: 'status' });
    const again = await run(files);
    const causes = [status, again].map(({ outputs }) => outputs['cause'] ?? outputs['outcome']);
    const limit = expect.stringContaining('max_run_duration (1500ms)');
    expect(causes).toEqual(isKept ? [limit, limit] : ['reported', 'unchanged']);
    expect(again.log.includes('1 of 1 allocations failed. A new version tries it again')).toBe(isKept);
  });

  test.concurrent('a run of a parameterized job', async () => {
    await run(limited('limit-dispatch', 'sleep 4', { more: { ParameterizedJob: {} } }));
    const result = await run({}, { command: 'dispatch', 'job-name': 'limit-dispatch', job: '' });
    expect(result).toMatchObject(ended(await keepsLimit('limit-dispatch'), 'dispatched'));
  });

  test.concurrent('a run of a periodic job that a deploy starts', async () => {
    const Periodic = { Enabled: true, Spec: '0 0 1 1 *', SpecType: 'cron' };
    const result = await run(limited('limit-periodic', 'sleep 4', { more: { Periodic } }), { 'periodic-force': 'true' });
    expect(result).toMatchObject(ended(await keepsLimit('limit-periodic')));
  });
});

test.concurrent('a plan tells a change of `max_run_duration` alone, and it is registered', async () => {
  const files = (limitMs: number): Deploy['files'] => limited('limit-change', 'true', { limitMs });
  expect(await run(files(60_000))).toMatchObject({ code: 0 });
  const isKept = await keepsLimit('limit-change');
  const planned = await run(files(90_000), { command: 'plan' });
  const registered = await run(files(90_000));
  expect([planned.outputs['changed'], registered.outputs['outcome']]).toEqual(isKept ? ['in-place', 'successful'] : ['none', 'unchanged']);
  expect(planned.log.includes('~ group g.MaxRunDuration')).toBe(isKept);
});

describe('a run is successful whose work is done', () => {
  const files = (id: string, ...tasks: readonly string[]): Deploy['files'] => repository(id, 'batch', group('g', ONCE, ...tasks));
  const beside = (more: string): string => task('exec sleep 60', { name: 'beside', more: `kill_timeout = "1s"\n${more}` });
  test.concurrent.each([
    ['by its leader', 'leader', task('sleep 1', { more: 'leader = true' }), beside('')],
    ['beside a sidecar', 'sidecar', task('sleep 1'), beside('lifecycle {\n hook = "prestart"\n sidecar = true\n}')],
  ])('%s', async (_what, name, ...tasks) => {
    expect(await deploy({ files: files(`done-${name}`, ...tasks) })).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
  });

  test.concurrent('on each node, beside a sidecar', async () => {
    const job = repository(
      'done-sysbatch',
      'sysbatch',
      group('g', NO_RESTART, task('sleep 1'), beside('lifecycle {\n hook = "poststart"\n sidecar = true\n}')),
    );
    expect(await deploy({ files: job })).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
  });
});
