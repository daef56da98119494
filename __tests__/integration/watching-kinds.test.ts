import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type ActionResult, temporary } from '../../scripts/parts/action.ts';
import { cluster, deploy, told } from '../helpers/deploying.ts';
import { group, NO_RESTART, ONCE, repository, STAY, task, update } from '../helpers/jobs.ts';
import { has } from '../helpers/versions.ts';

/** Far below what any deadline, patience or time-out of these jobs would take, and far above the start of a run on a busy machine. */
const AT_ONCE_MS = 10_000;
const good = { code: 0, outputs: { outcome: 'successful' } };
const failed = (reason: unknown, cause: unknown): object => ({
  code: 1,
  outputs: { outcome: 'failed', 'failure-reason': reason, cause },
});

/** As `update`, for what takes its time to be healthy. */
const within = (seconds: number): string =>
  update()
    .replace('"5s"', `"${seconds}s"`)
    .replace('"6s"', `"${seconds + 1}s"`);

describe('a service', () => {
  test.concurrent('with an update block is done with its deployment', async () => {
    const result = await deploy({ files: repository('kind-service', 'service', update(), group('g', ONCE, task(STAY))) });
    expect(result).toMatchObject({ ...good, stderr: '' });
    expect(told(result).at(-1)).toMatch(/^deployment [0-9a-f]{8}: Deployment completed successfully$/);
  });

  test.concurrent('without one gets a deployment, too', async () => {
    const result = await deploy({ files: repository('kind-plain', 'service', group('g', ONCE, task(STAY))) });
    expect(result).toMatchObject(good);
    expect(result.outputs).toHaveProperty('deployment-id');
  });

  test.concurrent('of several groups is done when all are', async () => {
    const files = repository('kind-groups', 'service', update(), group('a', ONCE, task(STAY)), group('b', 'count = 2', ONCE, task(STAY)));
    const result = await deploy({ files });
    expect(result).toMatchObject(good);
    expect(told(result).filter((line) => /\((a\[0\]|b\[[01]\])\) is healthy$/.test(line))).toHaveLength(3);
  });

  test.concurrent('of several groups fails with the one that does', async () => {
    const files = repository(
      'kind-half',
      'service',
      update(),
      group('a', ONCE, task(STAY)),
      group('b', ONCE, task('echo no b >&2; exit 4')),
    );
    expect(await deploy({ files })).toMatchObject(failed('unhealthy', expect.stringContaining('b/t exited with code 4: "no b"')));
  });

  const all = update('max_parallel = 0');
  test.concurrent('that is replaced at once has no deployment, and is done when it has run for its time', async () => {
    const result = await deploy({ files: repository('kind-at-once', 'service', all, group('g', 'count = 2', ONCE, task(STAY))) });
    expect(result).toMatchObject(good);
    expect(result.outputs).not.toHaveProperty('deployment-id');
    expect(await cluster.running('kind-at-once')).toHaveLength(2);
  });

  test.concurrent('without a deployment fails with its last attempt, not before', async () => {
    const twice = `${NO_RESTART}\nreschedule {\n attempts = 1\n interval = "1h"\n delay = "5s"\n delay_function = "constant"\n unlimited = false\n}`;
    const result = await deploy({ files: repository('kind-at-once-bad', 'service', all, group('g', twice, task('sleep 0.2; exit 9'))) });
    expect(result).toMatchObject(failed('task-failed', expect.stringContaining('g/t exited with code 9')));
    expect(told(result).filter((line) => line.includes('placed on'))).toHaveLength(2);
  });

  test.concurrent('of count 0 is done at once', async () => {
    const result = await deploy({ files: repository('kind-none', 'service', update(), group('g', 'count = 0', ONCE, task(STAY))) });
    expect(result).toMatchObject(good);
    expect(result.durationMs).toBeLessThan(AT_ONCE_MS);
  });

  test.concurrent('that becomes healthy late, but in time, is good', async () => {
    const check = `
      network {
        port "http" {}
      }
      service {
        name     = "kind-late"
        provider = "nomad"
        port     = "http"
        check {
          type     = "http"
          path     = "/"
          interval = "1s"
          timeout  = "3s"
        }
      }`;
    const late = task('mkdir -p site; echo ok > site/index.html; sleep 6; exec busybox httpd -f -p 127.0.0.1:$NOMAD_PORT_http -h site');
    const result = await deploy({ files: repository('kind-late', 'service', within(30), group('g', ONCE, check, late)) });
    expect(result).toMatchObject(good);
    const causes = told(result).filter((line) => line.startsWith('cause so far'));
    expect(causes).toEqual([
      expect.stringMatching(
        /^cause so far: group g is unhealthy: the check of service kind-late fails: nothing listens at .*connection refused/,
      ),
    ]);
  });

  test.concurrent('whose poststart task fails right after it was healthy has failed', async () => {
    const post = task('sleep 1.2; echo too late >&2; exit 3', { name: 'post', more: 'lifecycle {\n hook = "poststart"\n}' });
    // The other group keeps Nomad from closing the deployment, which it does 1.25 s after all is healthy, before the task has failed.
    const others = group('h', within(30).replace('"500ms"', '"4s"'), ONCE, task(STAY));
    const result = await deploy({ files: repository('kind-poststart', 'service', within(30), group('g', ONCE, task(STAY), post), others) });
    expect(result).toMatchObject(
      failed(
        expect.stringMatching(/^(task-failed|unhealthy)$/),
        expect.stringContaining('g/post (poststart task) exited with code 3: "too late"'),
      ),
    );
  });
});

describe('a system job', () => {
  test.concurrent('is done with its deployment, or without one where Nomad has none', async () => {
    const result = await deploy({ files: repository('kind-system', 'system', update(), group('g', NO_RESTART, task(STAY))) });
    expect(result).toMatchObject(good);
    expect('deployment-id' in result.outputs).toBe(has('systemDeployments'));
  });

  test.concurrent('that fits nowhere has failed, though Nomad calls that a success', async () => {
    const windows = 'constraint {\n attribute = "${attr.kernel.name}"\n value = "windows"\n}';
    const result = await deploy({
      files: repository('kind-system-nowhere', 'system', update(), group('g', windows, NO_RESTART, task(STAY))),
      inputs: { 'on-placement-failure': '5s' },
    });
    expect(result).toMatchObject(failed('placement-failed', expect.stringContaining('attr.kernel.name')));
  });

  test.concurrent('(sysbatch) that fits nowhere has failed', async () => {
    const windows = 'constraint {\n attribute = "${attr.kernel.name}"\n value = "windows"\n}';
    const result = await deploy({
      files: repository('kind-sysbatch-nowhere', 'sysbatch', group('g', windows, NO_RESTART, task('true'))),
      inputs: { timeout: '20s', 'on-placement-failure': 'fail' },
    });
    expect(result).toMatchObject(failed('placement-failed', expect.stringContaining('attr.kernel.name')));
  });

  test.concurrent.each(['system', 'sysbatch'])(
    '(%s) whose groups have count 0 is done at once, and so is its next deploy',
    async (type) => {
      const files = repository(`kind-none-${type}`, type, group('g', 'count = 0', NO_RESTART, task(STAY)));
      for (const outcome of ['successful', 'unchanged']) {
        const result = await deploy({ files, inputs: { timeout: '20s' } });
        expect(result).toMatchObject({ code: 0, outputs: { outcome } });
        expect(result.durationMs).toBeLessThan(AT_ONCE_MS);
      }
    },
  );

  test.concurrent('of which one group has count 0 is done with the others, and so is its next deploy', async () => {
    const files = repository(
      'kind-part-system',
      'system',
      update(),
      group('a', 'count = 0', NO_RESTART, task(STAY)),
      group('b', NO_RESTART, task(STAY)),
    );
    for (const outcome of ['successful', 'unchanged'])
      expect(await deploy({ files, inputs: { timeout: '20s' } })).toMatchObject({ code: 0, outputs: { outcome } });
  });

  // hashicorp/nomad#28538: after a deployment that failed, no version of a system job gets another one.
  test.concurrent('whose version gets no deployment is done with its allocations', async () => {
    const version = async (command: string): Promise<ActionResult> =>
      deploy({ files: repository('kind-system-28538', 'system', update(), group('g', NO_RESTART, task(command))) });
    expect(await version(STAY)).toMatchObject(good);
    const reason = has('systemDeployments') ? 'unhealthy' : 'task-failed';
    expect(await version('exit 2')).toMatchObject(failed(reason, expect.stringContaining('g/t exited with code 2')));
    const third = await version('exec sleep 999');
    expect(third).toMatchObject({ ...good, outputs: { 'job-version': '2' } });
    expect(await cluster.running('kind-system-28538')).toMatchObject([{ JobVersion: 2 }]);
  });
});

describe('a batch job', () => {
  test.concurrent.each(['batch', 'sysbatch'])('(%s) is done when it has completed', async (type) => {
    const result = await deploy({ files: repository(`kind-${type}`, type, group('g', NO_RESTART, task('sleep 0.5; echo done'))) });
    expect(result).toMatchObject(good);
    expect(told(result)).toContainEqual(expect.stringMatching(/\(g\[0\]\) is complete$/));
  });

  test.concurrent.each(['batch', 'sysbatch'])('(%s) fails by its exit code', async (type) => {
    const retries = type === 'batch' ? ONCE : NO_RESTART;
    const result = await deploy({ files: repository(`kind-${type}-bad`, type, group('g', retries, task('echo no input >&2; exit 3'))) });
    expect(result).toMatchObject(failed('task-failed', expect.stringContaining('g/t exited with code 3: "no input"')));
  });

  const again = `${NO_RESTART}\nreschedule {\n attempts = 1\n interval = "1h"\n delay = "5s"\n delay_function = "constant"\n}`;
  test.concurrent('that fails first is good when the attempt after that is', async () => {
    const command = `if mkdir ${join(temporary('again'), 'tried')}; then exit 3; fi`;
    const result = await deploy({ files: repository('kind-again', 'batch', group('g', again, task(command))) });
    expect(result).toMatchObject(good);
    expect(told(result)).toContainEqual('cause so far: g/t exited with code 3');
    expect(told(result).filter((line) => line.includes('placed on'))).toHaveLength(2);
  });

  test.concurrent('of several is good only when all are', async () => {
    const files = repository('kind-batch-some', 'batch', group('g', 'count = 3', ONCE, task('exit $(( NOMAD_ALLOC_INDEX == 1 ))')));
    const result = await deploy({ files });
    expect(result).toMatchObject(failed('task-failed', expect.stringContaining('g/t exited with code 1')));
    expect(result.log).toContain('1 of 3 allocations failed');
  });

  test.concurrent('that is registered for later ends the run', async () => {
    const hour = 'periodic {\n crons = ["0 * * * *"]\n}';
    const dispatched = 'parameterized {\n meta_required = ["who"]\n}';
    const [periodic, parameterized] = await Promise.all([
      deploy({ files: repository('kind-periodic', 'batch', hour, group('g', ONCE, task('true'))) }),
      deploy({ files: repository('kind-parameterized', 'batch', dispatched, group('g', ONCE, task('true'))) }),
    ]);
    expect(periodic).toMatchObject({ code: 0, outputs: { outcome: 'registered' } });
    expect(periodic.log).toMatch(/The next launch of \S+ is at \d{4}-\d\d-\d\dT\d\d:00:00Z/);
    expect(parameterized).toMatchObject({ code: 0, outputs: { outcome: 'registered' } });
    expect(parameterized.log).toContain(' runs when it is dispatched.');
  });
});
