import { describe, expect, test } from '@jest/globals';
import { cluster, deploy, QUICK, server, spec } from '../helpers/deploying.ts';

const GOOD = { 'project.nomad': '' };
/** A spec that stays up, and the same job made to fail by its command. */
const up = (job: string, more = ''): typeof GOOD => ({ 'project.nomad': spec(job, { command: 'exec sleep 1000', more }) });
const down = (job: string, command: string): typeof GOOD => ({ 'project.nomad': spec(job, { command }) });

describe('a version that does not turn healthy', () => {
  test.concurrent('is told with its events and last log lines; the old version still answers', async () => {
    const env = { ...QUICK, GITHUB_REPOSITORY: 'Acme/Broken' };
    expect(await deploy({ files: { Dockerfile: server('still here') }, env })).toMatchObject({ code: 0 });
    // The second is for Docker's log driver, which may lose what is printed at the very end.
    const broken = 'FROM busybox:1.37\nCMD ["sh", "-c", "echo starting; echo \'::error::no database\' >&2; sleep 1; exit 3"]\n';
    const result = await deploy({ files: { Dockerfile: broken }, env });
    expect(result).toMatchObject({
      code: 1,
      outputs: {
        outcome: 'failed',
        'failure-reason': expect.stringMatching(/^(unhealthy|progress-deadline)-rolled-back$/),
        cause: 'group/http exited with code 3: "::error::no database"',
        'job-version': '1',
        'previous-version': '0',
        'deployment-id': expect.any(String),
        image: expect.stringContaining('@sha256:'),
      },
    });
    expect(result.annotations.filter(({ level }) => level === 'error')).toHaveLength(1);
    expect(result.log).toContain('Terminated: Exit Code: 3');
    expect(result.log).toContain('  | ::error::no database');
    expect(result.log).not.toMatch(/^\s+at /m);
    expect(result.summary).toContain('Terminated');
    expect(result.summary).toContain('::error::no database');
    const [service] = await cluster.services('acme-broken');
    expect((await (await fetch(`http://${service?.Address}:${service?.Port}/`)).text()).trim()).toBe('still here');
  });

  test.concurrent('is failed at once when it cannot heal', async () => {
    const env = { ...QUICK, GITHUB_REPOSITORY: 'Acme/Typo', NOMAD_VAR_PROGRESS_DEADLINE: '10m', NOMAD_VAR_HEALTHY_DEADLINE: '9m' };
    const result = await deploy({ files: { Dockerfile: 'FROM busybox:1.37\nCMD ["/srv/servr"]\n' }, env });
    expect(result).toMatchObject({
      code: 1,
      outputs: {
        'failure-reason': 'task-failed',
        cause: expect.stringMatching(/^group\/http cannot start: the command \/srv\/servr does not exist in the image; correct/),
      },
    });
    expect(result.durationMs).toBeLessThan(60_000);
  });

  test.concurrent('for the first time leaves nothing to go back to; running again tries again', async () => {
    const files = down('first-fails', 'echo no >&2; exit 7');
    const first = await deploy({ files });
    expect(first).toMatchObject({
      code: 1,
      outputs: {
        outcome: 'failed',
        'failure-reason': 'unhealthy',
        cause: 'g/t exited with code 7: "no"',
      },
    });
    expect(first.outputs).not.toHaveProperty('previous-version');
    const second = await deploy({ files, env: { GITHUB_RUN_ATTEMPT: '2' } });
    expect(second).toMatchObject({ code: 1, outputs: { 'job-version': '1', 'previous-version': '0' } });
  });

  test.concurrent('of a batch job is its exit code', async () => {
    const files = { 'project.nomad': spec('batch-bad', { type: 'batch', command: 'echo half way; exit 4' }) };
    expect(await deploy({ files })).toMatchObject({
      code: 1,
      outputs: {
        outcome: 'failed',
        'failure-reason': 'task-failed',
        cause: 'g/t exited with code 4: "half way"',
      },
    });
  });
});

describe('a version without a verdict', () => {
  test.concurrent('that fits nowhere says what is short', async () => {
    const files = { 'project.nomad': spec('too-big', { command: 'exec sleep 1000', memoryMb: 9_000_000 }) };
    const result = await deploy({ files, inputs: { timeout: '3s' } });
    expect(result).toMatchObject({
      code: 1,
      outputs: {
        outcome: 'timed-out',
        cause: expect.stringMatching(
          /^group g cannot place 1 allocation \(0 of 1 node fits\): 1 node lacks memory \(9000000 MiB requested\); request less: the largest node has/,
        ),
      },
    });
    expect(result.annotations).toContainEqual(
      expect.objectContaining({ level: 'warning', message: expect.stringContaining('lacks memory'), file: 'project.nomad', line: 37 }),
    );
  });

  test.concurrent('that somebody replaces is `superseded`', async () => {
    const slow = up('replaced')['project.nomad'].replace('"500ms"', '"6s"');
    let replaced: Promise<unknown> | undefined;
    const result = await deploy({
      files: { 'project.nomad': slow },
      onLine: (line) => {
        if (line.includes('is running') && replaced === undefined)
          replaced = deploy({ files: up('replaced', 'priority = 60'), inputs: { wait: 'false' } });
      },
    });
    await replaced;
    expect(result).toMatchObject({
      code: 1,
      outputs: { outcome: 'superseded', cause: expect.stringMatching(/^version 0 was replaced by version 1 of https:.*attempts/) },
    });
  });

  test.concurrent('of a cancelled workflow says where it stands, within the seconds that the runner gives', async () => {
    const slow = up('cancelled')['project.nomad'].replace('"500ms"', '"6s"');
    const result = await deploy({ files: { 'project.nomad': slow }, killAfter: (line) => line.includes('placed on') });
    expect(result).toMatchObject({ code: 1, outputs: { outcome: 'cancelled', cause: expect.stringContaining('g: 0 of 1 healthy') } });
    expect(result.summary).toContain('cancelled');
    expect((await cluster.job('cancelled'))?.Stop).toBe(false);
  });

  test.concurrent('of a cancelled build ends the build', async () => {
    const result = await deploy({
      files: { Dockerfile: 'FROM busybox:1.37\nRUN echo begun; sleep 120\n' },
      env: { GITHUB_REPOSITORY: 'Acme/Cancelled' },
      killAfter: (line) => /^#\d+ .*begun$/.test(line),
    });
    expect(result).toMatchObject({ code: 1, outputs: { outcome: 'cancelled' } });
    expect(result.leftovers.filter((path) => path.includes('private'))).toEqual([]);
    expect(await cluster.job('acme-cancelled')).toBeUndefined();
  });

  // Alone, since it has two seconds to start in.
  test('within the timeout is `timed-out`, and left as it is', async () => {
    const slow = up('slow')['project.nomad'].replace('"500ms"', '"6s"');
    const result = await deploy({ files: { 'project.nomad': slow }, inputs: { timeout: '1s' } });
    expect(result).toMatchObject({
      code: 1,
      outputs: { outcome: 'timed-out', 'failure-reason': 'timed-out', 'deployment-id': expect.any(String) },
    });
    const attached = await deploy({ files: { 'project.nomad': slow } });
    expect(attached).toMatchObject({
      code: 0,
      outputs: { outcome: 'successful', 'job-version': '0', 'deployment-id': result.outputs['deployment-id'] },
    });
  });
});
