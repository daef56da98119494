import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import { type Fault, startProxy } from '../../scripts/parts/observing.ts';
import type { Allocation } from '../../src/nomad/types.ts';
import { cluster, deploy, told } from '../helpers/deploying.ts';
import { group, NO_RESTART, ONCE, repository, STAY, task, update } from '../helpers/jobs.ts';
import { parts } from '../helpers/parts.ts';

/** A service whose one check passes, and whose other one never does. */
const checks = (name: string, more: string): string => `
  network {
    port "http" {}
  }
  service {
    name     = "${name}"
    provider = "nomad"
    port     = "http"
    check {
      name     = "up"
      type     = "tcp"
      interval = "1s"
      timeout  = "1s"
    }
    check {
      name     = "leader"
      type     = "http"
      path     = "/leader"
      interval = "1s"
      timeout  = "1s"
      ${more}
    }
  }`;
const SERVE = task('mkdir -p site; exec busybox httpd -f -p 127.0.0.1:$NOMAD_PORT_http -h site');
const command = async (name: string, job: string): Promise<ActionResult> =>
  deploy({ files: {}, inputs: { command: name, 'job-name': job } });

describe('a check that fails', () => {
  test.concurrent.each([
    ['that the spec ignores', 'health-ignored', update(), 'on_update = "ignore"'],
    ['of a group that is judged by its tasks', 'health-tasks', update('health_check = "task_states"'), ''],
    ['of a group without deployments', 'health-at-once', update('max_parallel = 0'), ''],
  ])('%s is no trouble for a deploy, the next one, a status and a restart', async (_what, id, rules, more) => {
    const files = repository(id, 'service', rules, group('g', ONCE, checks(id, more), SERVE));
    const first = await deploy({ files });
    expect(first).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    // A busy node may be slow to serve the other one.
    expect(told(first).filter((line) => line.startsWith('cause so far') && line.includes('leader'))).toEqual([]);
    expect(await deploy({ files })).toMatchObject({ code: 0, outputs: { outcome: 'unchanged' } });
    expect(await command('status', id)).toMatchObject({ code: 0, outputs: { outcome: 'reported' } });
    expect(await command('restart', id)).toMatchObject({ code: 0, outputs: { outcome: 'restarted' } });
  });

  test.concurrent('that counts is the cause, whatever another one says that does not', async () => {
    const id = 'health-counts';
    const ignored = checks(id, 'on_update = "ignore"')
      .replace('name     = "up"', 'name     = "ready"')
      .replace('"tcp"', '"http"\n      path     = "/ready"');
    const result = await deploy({ files: repository(id, 'service', update(), group('g', ONCE, ignored, SERVE)) });
    expect(result).toMatchObject({
      code: 1,
      outputs: {
        outcome: 'failed',
        cause: expect.stringContaining('g/t is unhealthy: the check "ready" of service health-counts fails: GET /ready answers 404'),
      },
    });
  });
});

test.concurrent.each(['service', 'system'])(
  'a %s job with tasks before, beside and after the others is well as Nomad sees it',
  async (type) => {
    const hook = (name: string, of: string, run: string, more = ''): string =>
      task(run, { name, more: `lifecycle {\n hook = "${of}"\n ${more}\n}` });
    const tasks = [
      hook('init', 'prestart', 'sleep 0.5'),
      hook('proxy', 'prestart', STAY, 'sidecar = true'),
      task(STAY),
      hook('warm', 'poststart', 'sleep 0.5'),
      hook('bye', 'poststop', 'true'),
    ];
    const restart = type === 'system' ? NO_RESTART : ONCE;
    const files = repository(`health-hooks-${type}`, type, update(), group('g', restart, ...tasks));
    expect(await deploy({ files })).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(await deploy({ files })).toMatchObject({ code: 0, outputs: { outcome: 'unchanged' } });
    for (const [name, outcome] of [
      ['status', 'reported'],
      ['restart', 'restarted'],
      ['status', 'reported'],
    ] as const) {
      const result = await command(name, `health-hooks-${type}`);
      expect(result).toMatchObject({ code: 0, outputs: { outcome } });
      // A restart that misses the start of the last task waits for another change of it, 45 s at a time.
      expect(result.durationMs).toBeLessThan(30_000);
    }
  },
);

test.concurrent('a restart is not over before the checks of the group have a result; that they cannot be read is said', async () => {
  const id = 'health-restart';
  const up = checks(id, 'on_update = "ignore"');
  expect(await deploy({ files: repository(id, 'service', update(), group('g', ONCE, up, SERVE)) })).toMatchObject({ code: 0 });
  const restart = async (fault: Fault): Promise<ActionResult & { readonly asked: number }> => {
    const proxy = await startProxy(parts().nomad.address, fault);
    const result = await deploy({ files: {}, inputs: { command: 'restart', 'job-name': id, 'nomad-addr': proxy.address } });
    const asked = proxy.take().filter((line) => line.includes('/checks')).length;
    await proxy.close();
    return { ...result, asked };
  };
  let left = 2;
  const empty = await restart(({ url = '' }, answer) => {
    if (!url.includes('/checks') || left === 0) return undefined;
    left -= 1;
    answer.end('{}');
    return 'dealt-with';
  });
  expect(empty).toMatchObject({ code: 0, outputs: { outcome: 'restarted' } });
  expect(empty.asked).toBeGreaterThan(2);
  const unread = await restart(({ url = '' }, answer) => {
    if (!url.includes('/checks')) return undefined;
    answer.writeHead(403).end('Permission denied');
    return 'dealt-with';
  });
  expect(unread).toMatchObject({ code: 0, outputs: { outcome: 'restarted' }, asked: 1 });
  expect(unread.log).toContain('The checks of health-restart.g[0] cannot be read, so their results are unknown.');
});

test.concurrent('a service without deployments that Nomad has given up in part is told so', async () => {
  const some = task('if [ $NOMAD_ALLOC_INDEX = 1 ]; then sleep 3; exit 6; fi; exec sleep 1000');
  const files = repository('health-given-up', 'service', update('max_parallel = 0'), group('g', 'count = 2', ONCE, some));
  expect(await deploy({ files })).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
  await cluster.until<Allocation[]>('/v1/job/health-given-up/allocations', (all) =>
    all.some(({ ClientStatus }) => ClientStatus === 'failed'),
  );
  const result = await command('status', 'health-given-up');
  expect(result).toMatchObject({ code: 1, outputs: { outcome: 'failed', cause: expect.stringContaining('g/t exited with code 6') } });
  expect(result.log).toMatch(/only 1 of its 2 allocations are running, and Nomad does not reschedule allocation [0-9a-f]{8}: /);
});

// All that Nomad counts for health runs: a task before the others, which wait for its end, does not.
test('a service without a deployment is not done before the tasks that wait for a prestart task run', async () => {
  const init = task('sleep 2', { name: 'init', more: 'lifecycle {\n hook = "prestart"\n}' });
  const bye = task('true', { name: 'bye', more: 'lifecycle {\n hook = "poststop"\n}' });
  const parts = [update('max_parallel = 0'), group('g', ONCE, init, task(STAY), bye)];
  const result = await deploy({ files: repository('health-prestart', 'service', ...parts) });
  expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
  expect(told(result)).toContainEqual(expect.stringMatching(/\(g\[0\]\) t: Started/));
});
