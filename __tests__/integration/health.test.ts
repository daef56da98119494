import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import { deploy, told } from '../helpers/deploying.ts';
import { group, ONCE, repository, STAY, task, update } from '../helpers/jobs.ts';

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
  ])('%s is no trouble for a deploy, the next one, a status and a restart', async (_what, id, rules, more) => {
    const files = repository(id, 'service', rules, group('g', ONCE, checks(id, more), SERVE));
    const first = await deploy({ files });
    expect(first).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(told(first).filter((line) => line.startsWith('cause so far'))).toEqual([]);
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
        cause: expect.stringContaining('g/t: the check "ready" of service health-counts fails: GET /ready answers 404'),
      },
    });
  });
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
