// Commands before and after a deploy, on the real Nomad.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import { cluster, type Deploy, deploy, itemsOf, QUICK, spec, told } from '../helpers/deploying.ts';
import { emptyFolder } from '../helpers/folder.ts';
import { group, ONCE, repository, STAY, task, update } from '../helpers/jobs.ts';

/** A file of the node, in which the commands of a test note that they ran. */
const noted = (): { readonly file: string; readonly lines: () => string[] } => {
  const file = join(emptyFolder(), 'ran');
  const lines = (): string[] => {
    try {
      return readFileSync(file, 'utf8').trim().split('\n');
    } catch {
      return [];
    }
  };
  return { file, lines };
};

const service = (job: string, more = '', command = STAY): Deploy['files'] => ({ 'project.nomad': spec(job, { command, more }) });

/** Nothing of a hook is left: neither its job nor its variable. */
async function expectGone(job: string): Promise<void> {
  for (const id of [`${job}-pre-deploy`, `${job}-post-deploy`]) {
    expect(await cluster.job(id)).toBeUndefined();
    expect(await cluster.variable(id)).toBeUndefined();
  }
}

const failed = (result: ActionResult, reason: string, cause: RegExp): void => {
  expect({ code: result.code, stderr: result.stderr, ...result.outputs }).toMatchObject({
    code: 1,
    stderr: '',
    outcome: 'failed',
    'failure-reason': reason,
    cause: expect.stringMatching(cause),
  });
};

describe('hooks', () => {
  test.concurrent('run before and after the deploy, with its secrets, once for each image and command', async () => {
    const ran = noted();
    const inputs = {
      'pre-deploy': `echo "pre $DB_PASSWORD $NOMAD_JOB_ID" >> ${ran.file}; echo "migrating with $DB_PASSWORD"; echo warned >&2`,
      'post-deploy': `echo "post $NOMAD_TASK_NAME" >> ${ran.file}`,
    };
    const env = { NOMAD_SECRET_DB_PASSWORD: 'pass-of-the-hook' };
    const first = await deploy({ files: service('hooks-once'), inputs, env });
    expect(first).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-version': '0' } });
    expect(ran.lines()).toEqual(['pre pass-of-the-hook hooks-once-pre-deploy', 'post t']);
    expect(first.shown).toContain('pre-deploy | migrating with ***');
    expect(first.log).toContain('pre-deploy | warned');
    expect(first.log.indexOf('pre-deploy succeeded')).toBeLessThan(first.log.indexOf('Registered hooks-once version 0'));
    expect(first.post?.log).toBe('');
    await expectGone('hooks-once');
    // Nomad does not order the items of a variable.
    expect(Object.keys(itemsOf(await cluster.variable('hooks-once/~hooks'))).sort()).toEqual(['post-deploy', 'pre-deploy']);

    const same = await deploy({ files: service('hooks-once'), inputs, env });
    expect(same).toMatchObject({ code: 0, outputs: { outcome: 'unchanged' } });
    const other = await deploy({ files: service('hooks-once', 'meta { a = "b" }'), inputs, env });
    expect(other).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-version': '1' } });
    expect(other.log).toContain('pre-deploy ran before with this image and command: skipped');
    expect(ran.lines()).toHaveLength(2);

    const changed = await deploy({ files: service('hooks-once'), inputs: { ...inputs, 'pre-deploy': `echo again >> ${ran.file}` }, env });
    expect(changed).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(ran.lines().slice(2)).toEqual(['again']);

    const purged = await deploy({ files: {}, inputs: { command: 'stop', 'job-name': 'hooks-once', purge: 'true' } });
    expect(purged).toMatchObject({ code: 0 });
    expect(await cluster.variable('hooks-once/~hooks')).toBeUndefined();
  });

  test.concurrent('with `always` run at each deploy, and are tried again only when asked', async () => {
    const ran = noted();
    const command = `echo x >> ${ran.file}; test "$(wc -l < ${ran.file})" -gt 1`;
    const inputs = { 'pre-deploy': `command: ${JSON.stringify(command)}\nretries: 1\nalways: true` };
    expect(await deploy({ files: service('hooks-always'), inputs })).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(ran.lines()).toHaveLength(2);
    expect(await deploy({ files: service('hooks-always'), inputs })).toMatchObject({ code: 0, outputs: { outcome: 'unchanged' } });
    expect(ran.lines()).toHaveLength(3);
  });

  test.concurrent('are shown by a plan, which runs none', async () => {
    const ran = noted();
    const inputs = { command: 'plan', 'pre-deploy': `echo x >> ${ran.file}`, 'post-deploy': '["/bin/true"]' };
    const result = await deploy({ files: service('hooks-plan'), inputs });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'planned' } });
    expect(result.log).toContain(`pre-deploy would run: echo x >> ${ran.file}, as the task g/t`);
    expect(result.log).toContain('post-deploy would run: ["/bin/true"], as the task g/t');
    expect(ran.lines()).toEqual([]);
    await expectGone('hooks-plan');
  });
});

describe('a failing pre-deploy', () => {
  test.concurrent('stops before anything changed, with its exit code and its last words', async () => {
    const inputs = { 'pre-deploy': 'echo relation users exists >&2; exit 3' };
    const env = { NOMAD_SECRET_DB_PASSWORD: 'pass-of-the-hook' };
    const result = await deploy({ files: service('hooks-bad'), inputs, env });
    failed(result, 'pre-deploy-failed', /^pre-deploy failed: g\/t exited with code 3: "relation users exists"$/);
    expect(result.log).toContain('Nothing was deployed.');
    expect(await cluster.job('hooks-bad')).toBeUndefined();
    expect(await cluster.variable('hooks-bad')).toBeUndefined();
    expect(await cluster.variable('hooks-bad/~hooks')).toBeUndefined();
    await expectGone('hooks-bad');
  });

  test.concurrent('that does not end in time is stopped', async () => {
    const inputs = { 'pre-deploy': 'command: echo waiting; exec sleep 1000\ntimeout: 4s' };
    const result = await deploy({ files: service('hooks-slow'), inputs });
    failed(result, 'pre-deploy-failed', /^pre-deploy failed: the command did not end within 4\.0 s; raise `timeout` of the hook$/);
    expect(result.log).toContain('pre-deploy | waiting');
    expect(await cluster.job('hooks-slow')).toBeUndefined();
    await expectGone('hooks-slow');
    expect(await cluster.running('hooks-slow-pre-deploy')).toEqual([]);
  });

  test.concurrent('without a program, or without a place, says so', async () => {
    const lacking = await deploy({ files: service('hooks-lacking'), inputs: { 'pre-deploy': '["/no/such/program"]' } });
    failed(lacking, 'pre-deploy-failed', /^pre-deploy failed: g\/t .*\/no\/such\/program/);
    const inputs = { 'pre-deploy': 'command: "true"\ncpu: 900000', 'on-placement-failure': 'fail' };
    const unplaced = await deploy({ files: service('hooks-unplaced'), inputs });
    failed(unplaced, 'pre-deploy-failed', /^pre-deploy failed: group g cannot place 1 allocation/);
    expect(await cluster.job('hooks-unplaced')).toBeUndefined();
    await expectGone('hooks-lacking');
    await expectGone('hooks-unplaced');
  });

  test.concurrent('is removed by a cancelled run, and by the post step of a killed one', async () => {
    const inputs = { 'pre-deploy': 'echo begun; exec sleep 1000' };
    const begun = (line: string): boolean => line.includes('pre-deploy | begun');
    const cancelled = await deploy({ files: service('hooks-cancel'), inputs, killAfter: begun });
    expect(cancelled).toMatchObject({
      code: 1,
      stderr: '',
      outputs: { outcome: 'cancelled', cause: 'the workflow was cancelled during pre-deploy' },
    });
    await expectGone('hooks-cancel');
    const env = { NOMAD_SECRET_DB_PASSWORD: 'pass-of-the-hook' };
    const killed = await deploy({ files: service('hooks-killed'), inputs, env, dieAfter: begun });
    expect(killed.code).toBe(137);
    expect(killed.post?.log).toContain('Removed the job hooks-killed-pre-deploy, which the killed step left.');
    expect(await cluster.job('hooks-killed')).toBeUndefined();
    await expectGone('hooks-killed');
  });
});

describe('in an image', () => {
  const image = (text: string): Deploy['files'] => ({
    Dockerfile: `FROM busybox:1.37\nRUN echo "${text}" > /version\nENV OF_IMAGE=yes\nWORKDIR /srv\nENTRYPOINT ["httpd", "-f", "-p", "5000", "-h"]\nCMD ["/"]\n`,
  });
  // Nomad's docker driver loses lines that a container writes right before its end.
  const LINGER = 'sleep 2';
  const env = { ...QUICK, GITHUB_REPOSITORY: 'Acme/Hooked', NOMAD_SECRET_KEY: 'pass-of-the-hook', NOMAD_VAR_CHECK_PROTOCOL: 'tcp' };

  test.concurrent('the command runs in place of the entry point, with the secrets and the variables of the built-in job', async () => {
    const show = 'echo "$(cat /version) $OF_IMAGE $PWD $CI_COMMIT_REF_SLUG"; test "$KEY" = pass-of-the-hook';
    const inputs = { 'pre-deploy': `${show} && ${LINGER}`, 'post-deploy': `cat /version && ${LINGER}` };
    const first = await deploy({ files: image('one'), inputs, env });
    expect(first).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(first.log).toContain('pre-deploy | one yes /srv main');
    expect(first.log).toContain('post-deploy | one');
    const second = await deploy({ files: image('two'), inputs, env });
    expect(second).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(second.log).toContain('pre-deploy | two yes /srv main');
    const back = await deploy({ files: image('one'), inputs, env });
    expect(back).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(back.log).toContain('pre-deploy ran before with this image and command: skipped');
    await expectGone('acme-hooked');
  });

  test.concurrent('a review app has hooks of its own', async () => {
    const own = { ...env, GITHUB_REPOSITORY: 'Acme/Previewed', GITHUB_REF: 'refs/heads/fix-1', GITHUB_REF_NAME: 'fix-1' };
    const result = await deploy({ files: image('review'), inputs: { 'pre-deploy': `echo $NOMAD_JOB_ID && ${LINGER}` }, env: own });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful', environment: 'review' } });
    expect(result.log).toContain(`pre-deploy | ${result.outputs['job-id']}-pre-deploy`);
  });

  test.concurrent('a missing program, and too little memory, are told', async () => {
    const lacking = { ...env, GITHUB_REPOSITORY: 'Acme/Lacking' };
    const shell = await deploy({ files: image('one'), inputs: { 'pre-deploy': 'no-such-program' }, env: lacking });
    failed(shell, 'pre-deploy-failed', /^pre-deploy failed: group\/http exited with code 127.*no-such-program: not found/);
    const list = await deploy({ files: image('one'), inputs: { 'pre-deploy': '["no-such-program"]' }, env: lacking });
    failed(list, 'pre-deploy-failed', /^pre-deploy failed: group\/http .*no-such-program/);
    const greedy = 'command: exec tail /dev/zero\nmemory: 16\ntimeout: 60s';
    const large = await deploy({ files: image('one'), inputs: { 'pre-deploy': greedy }, env: lacking });
    failed(large, 'pre-deploy-failed', /^pre-deploy failed: group\/http .*(memory|OOM)/i);
    expect(await cluster.job('acme-lacking')).toBeUndefined();
    await expectGone('acme-lacking');
  });
});

describe('a failing post-deploy', () => {
  test.concurrent('fails the run, and runs again with the next one, which changes nothing', async () => {
    const ran = noted();
    const inputs = { 'post-deploy': `echo x >> ${ran.file}; test "$(wc -l < ${ran.file})" -gt 1` };
    const result = await deploy({ files: service('hooks-after'), inputs });
    failed(result, 'post-deploy-failed', /^post-deploy failed: g\/t exited with code 1/);
    expect(result.outputs).toMatchObject({ 'job-version': '0' });
    expect(await cluster.running('hooks-after')).toHaveLength(1);
    const next = await deploy({ files: service('hooks-after'), inputs });
    expect(next).toMatchObject({ code: 0, outputs: { outcome: 'unchanged' } });
    expect(ran.lines()).toHaveLength(2);
    await expectGone('hooks-after');
  });

  test.concurrent('rolls back with `on-failure: revert`', async () => {
    expect(await deploy({ files: service('hooks-revert') })).toMatchObject({ code: 0 });
    const inputs = { 'post-deploy': 'exit 5', 'on-failure': 'revert' };
    const result = await deploy({ files: service('hooks-revert', '', 'exec sleep 1001'), inputs });
    failed(result, 'post-deploy-failed-rolled-back', /^post-deploy failed: g\/t exited with code 5/);
    expect((await cluster.job('hooks-revert'))?.Version).toBe(2);
    expect(result.log).toContain('Running now: version 2, a copy of version 0');
  });
});

describe('a job in the way', () => {
  test.concurrent('that is no hook is neither replaced nor removed, though its owner is the same', async () => {
    const own = repository('hooks-taken-pre-deploy', 'service', update(), group('g', ONCE, task(STAY)));
    expect(await deploy({ files: own })).toMatchObject({ code: 0 });
    const before = await cluster.job('hooks-taken-pre-deploy');
    const result = await deploy({ files: service('hooks-taken'), inputs: { 'pre-deploy': 'true' } });
    failed(result, 'job-taken', /^the job hooks-taken-pre-deploy in the namespace default is not the job of `pre-deploy`/);
    expect((await cluster.job('hooks-taken-pre-deploy'))?.JobModifyIndex).toBe(before?.JobModifyIndex);
    expect(await cluster.job('hooks-taken')).toBeUndefined();
    expect(told(result)).toEqual([]);
  });

  test.concurrent('of another run that still runs stays; one that has ended goes', async () => {
    const inputs = { 'pre-deploy': 'echo begun; exec sleep 6' };
    const running = Promise.withResolvers<void>();
    const first = deploy({
      files: service('hooks-two'),
      inputs,
      onLine: (line) => {
        if (line.includes('pre-deploy | begun')) running.resolve();
      },
    });
    await running.promise;
    const second = await deploy({ files: service('hooks-two'), inputs, env: { GITHUB_RUN_ID: '4712' } });
    failed(second, 'conflict', /^pre-deploy of \S+ is still running as the job hooks-two-pre-deploy$/);
    expect(await first).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
  });
});

test.concurrent('the policy of the job is that of its hooks', async () => {
  const config = 'policy:\n  max-memory: 64\n';
  const inputs = { 'pre-deploy': 'command: "true"\nmemory: 128', 'config-from': 'checkout' };
  const result = await deploy({ files: { ...service('hooks-policy'), 'nomad-deploy.yml': config }, inputs });
  failed(result, 'policy-violation', /128/);
  expect(await cluster.job('hooks-policy')).toBeUndefined();
});
