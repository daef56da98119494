// The reusable workflow, by its expressions: which job sees which secret, whether it starts, and for whom it waits.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { actionInFolder, pinnedWorkflow } from '../../scripts/self-reference.ts';
import { parseTest } from '../../src/inputs/image-values.ts';
import { type Contexts, evaluateExpression, fillExpressions } from '../helpers/expressions.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}
interface Job {
  readonly if: string;
  readonly environment?: { readonly name: string };
  readonly concurrency?: { readonly group: string; readonly 'cancel-in-progress': boolean };
  readonly permissions?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

const text = readFileSync(join(import.meta.dirname, '../../.github/workflows/deploy.yml'), 'utf8');
const { jobs } = parse(text) as { jobs: Readonly<Record<'build' | 'attest' | 'deploy' | 'not-deployed' | 'stop', Job>> };

/** The step that uses the action. */
const step = (job: Job): Step => job.steps.find(({ uses }) => uses?.includes('/nomad-deploy@') === true) ?? {};
const secretsOf = (job: Job): string[] => [...new Set(JSON.stringify(job).match(/(?<=secrets\.)\w+/g))].sort();

const SECRETS = { NOMAD_TOKEN: 'of all', NOMAD_TOKEN_STAGING: 'of staging', NOMAD_TOKEN_PROD: 'of production' };
const built = { outcome: 'built', environment: 'review', image: 'ghcr.io/acme/shop@sha256:00', 'has-image': 'true' };
/** The results before the deploy job, without an attestation. */
const untilDeploy = (outputs: Readonly<Record<string, string>> = {}) => ({
  build: { result: 'success', outputs: { ...built, ...outputs } },
  attest: { result: 'skipped', outputs: {} },
});
const push = (ref: string): Contexts => ({ event_name: 'push', ref, event: {} });
const pullRequest = (number: number, headRef: string, action = 'synchronize'): Contexts => ({
  event_name: 'pull_request',
  ref: `refs/pull/${number}/merge`,
  head_ref: headRef,
  event: { action, pull_request: { number } },
});
const deleted = (ref: string): Contexts => ({ event_name: 'delete', ref: 'refs/heads/main', event: { ref, ref_type: 'branch' } });

describe('secrets', () => {
  test('the job that runs code of the checkout has none of the cluster and none of the workload', () => {
    expect(secretsOf(jobs.build)).toEqual(['BUILD_SECRETS', 'REGISTRY_PASSWORD']);
    expect(secretsOf(jobs['not-deployed'])).toEqual([]);
  });

  test('those of the build reach no other job', () => {
    for (const name of ['attest', 'deploy', 'not-deployed', 'stop'] as const) expect(secretsOf(jobs[name])).not.toContain('BUILD_SECRETS');
    expect(step(jobs.build).env).toMatchObject({ NOMAD_BUILD_SECRETS: '${{ secrets.BUILD_SECRETS }}' });
  });

  test('the end of a review app has no token of production, staging or the workload', () => {
    expect(secretsOf(jobs.stop)).toEqual(['NOMAD_TOKEN']);
  });

  test('the job with the token builds nothing', () => expect(step(jobs.deploy).with).toMatchObject({ build: 'false' }));

  test.each([
    ['production', SECRETS, 'of production'],
    ['staging', SECRETS, 'of staging'],
    ['main', SECRETS, 'of all'],
    ['review', SECRETS, 'of all'],
    ['production-eu', SECRETS, 'of all'],
    ['production', { NOMAD_TOKEN: 'of all' }, 'of all'],
    ['staging', { NOMAD_TOKEN: 'of all' }, 'of all'],
    ['review', { NOMAD_TOKEN_PROD: 'of production', NOMAD_TOKEN_STAGING: 'of staging' }, ''],
  ])('a run of %s gets one token: of %j, %j', (environment, secrets, token) => {
    const contexts = { needs: untilDeploy({ environment }), secrets, inputs: {}, github: push('refs/heads/x') };
    const { with: inputs = {}, env = {} } = step(jobs.deploy);
    expect(fillExpressions(inputs['nomad-token'] ?? '', contexts) ?? '').toBe(token);
    const others = Object.entries({ ...inputs, ...env }).filter(([name, value]) => name !== 'nomad-token' && /NOMAD_TOKEN/.test(value));
    expect(others).toEqual([]);
  });

  test('no token of Nomad is a variable of a step, so nothing passes it on by its name', () => {
    const variables = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ env = {} }) => Object.keys(env)));
    expect(variables.filter((name) => name.startsWith('NOMAD_TOKEN'))).toEqual([]);
  });
});

describe('the job deploy', () => {
  const starts = (outputs: Readonly<Record<string, string>>, github: Contexts, inputs: Contexts = {}): boolean =>
    evaluateExpression(jobs.deploy.if, { needs: untilDeploy(outputs), github, inputs }) === true;

  test.each([
    ['a push to production', { environment: 'production' }, push('refs/heads/production'), {}],
    ['a pull request', {}, pullRequest(7, 'fix'), {}],
    ['a pull request in an environment for pull requests', { environment: 'preview' }, pullRequest(7, 'fix'), {}],
    ['a pull request that the workflow puts into staging', { environment: 'staging' }, pullRequest(7, 'fix'), { environment: 'staging' }],
    ['a job that needs no image', { image: '', 'has-image': 'false' }, push('refs/heads/main'), {}],
  ])('starts for %s', (_what, outputs, github, inputs) => expect(starts(outputs, github, inputs)).toBe(true));

  test.each([
    ['whose environment GitHub dropped', { environment: '' }, push('refs/heads/production')],
    ['whose environment is masked', { environment: '***' }, push('refs/heads/production')],
    ['whose environment is masked in part', { environment: '***uction' }, push('refs/heads/production')],
    ['whose image GitHub dropped', { image: '' }, push('refs/heads/production')],
    ['of a pull request that a file puts into production', { environment: 'production' }, pullRequest(7, 'fix')],
    ['of a pull request that a file puts into Production', { environment: 'Production' }, pullRequest(7, 'fix')],
    [
      'of pull_request_target that a file puts into main',
      { environment: 'main' },
      { ...pullRequest(7, 'fix'), event_name: 'pull_request_target' },
    ],
  ])('never starts for a run %s, and the run fails', (_what, outputs, github) => {
    expect(starts(outputs, github)).toBe(false);
    const needs = { ...untilDeploy(outputs), deploy: { result: 'skipped' } };
    expect(evaluateExpression(jobs['not-deployed'].if, { needs })).toBe(true);
    expect(jobs['not-deployed'].steps[0]?.run).toMatch(/::error .*exit 1\s*$/s);
  });

  test('leaves out what the build left out, and the run passes', () => {
    expect(starts({ outcome: 'skipped', environment: '', image: '', 'has-image': 'false' }, pullRequest(7, 'main'))).toBe(false);
    for (const [outcome, result, deploy] of [
      ['skipped', 'success', 'skipped'],
      ['failed', 'failure', 'skipped'],
      ['built', 'success', 'failure'],
    ]) {
      const needs = { ...untilDeploy(), build: { result, outputs: { ...built, outcome } }, deploy: { result: deploy } };
      expect(evaluateExpression(jobs['not-deployed'].if, { needs })).toBe(false);
    }
  });

  test('is in the environment that its token is of', () =>
    expect(jobs.deploy.environment?.name).toBe('${{ needs.build.outputs.environment }}'));
});

describe('the job attest', () => {
  const starts = (inputs: Contexts, outputs: Contexts): unknown =>
    evaluateExpression(jobs.attest.if, { inputs, needs: { build: { result: 'success', outputs } } });

  test.each([
    ['an image that this run built', { attest: true }, { 'image-built': 'true' }, true],
    ['an image of another run, which only that run can attest', { attest: true }, { 'image-built': 'false' }, false],
    ['a job without an image', { attest: true }, {}, false],
    ['a caller that does not ask for it', { attest: false }, { 'image-built': 'true' }, false],
  ])('for %s', (_what, inputs, outputs, expected) => expect(starts(inputs, outputs)).toBe(expected));

  test('runs nothing of the checkout, has no secret, and signs the digest that was built', () => {
    expect(secretsOf(jobs.attest)).toEqual([]);
    expect(jobs.attest.steps.map(({ uses, run }) => run ?? uses)).toEqual([expect.stringMatching(/^actions\/attest@[0-9a-f]{40}$/)]);
    const contexts = { needs: { build: { outputs: { 'image-name': 'ghcr.io/acme/shop', 'image-digest': 'sha256:00' } } } };
    const given = Object.entries(jobs.attest.steps[0]?.with ?? {}).map(([name, value]) => [name, fillExpressions(value, contexts)]);
    expect(Object.fromEntries(given)).toEqual({ 'subject-name': 'ghcr.io/acme/shop', 'subject-digest': 'sha256:00' });
  });

  // GitHub refuses a workflow with a job that names more permissions than its caller grants, also where the job does not run.
  test('is the only job that has what the caller grants', () => {
    expect(parse(text)).not.toHaveProperty('permissions');
    const without = Object.entries(jobs).filter(([, { permissions }]) => permissions === undefined);
    expect(without.map(([name]) => name)).toEqual(['attest']);
  });

  test.each([
    ['has signed', 'success', true],
    ['is left out', 'skipped', true],
    ['has failed', 'failure', false],
    ['is cancelled', 'cancelled', false],
  ])('%s: the deploy job starts only then if nothing is left unsigned', (_what, result, expected) => {
    const contexts = { needs: { ...untilDeploy(), attest: { result, outputs: {} } }, github: push('refs/heads/main'), inputs: {} };
    expect(evaluateExpression(jobs.deploy.if, contexts)).toBe(expected);
  });

  test('has told why nothing was deployed, when it failed', () => {
    const needs = { ...untilDeploy(), attest: { result: 'failure', outputs: {} }, deploy: { result: 'skipped' } };
    expect(evaluateExpression(jobs['not-deployed'].if, { needs })).toBe(false);
  });

  test('gives the deploy job the address', () => {
    const address = (result: string, url?: string): unknown =>
      fillExpressions(step(jobs.deploy).with?.['attestation'] ?? '', { needs: { attest: { result, outputs: { url } } } });
    expect(address('success', 'https://github.com/acme/shop/attestations/42')).toBe('https://github.com/acme/shop/attestations/42');
    expect(address('skipped')).toBe('');
  });
});

describe('runs wait for each other', () => {
  const group = (job: Job, github: Contexts, inputs: Contexts = {}): unknown =>
    fillExpressions(job.concurrency?.group ?? '', { github, inputs });
  const of = (github: Contexts, inputs?: Contexts): unknown => group(jobs.deploy, github, inputs);

  test('by the number of the pull request, else by the full ref', () => {
    expect(of(pullRequest(7, 'fix'))).toBe('nomad-deploy::pull/7');
    expect(of(push('refs/heads/main'))).toBe('nomad-deploy::refs/heads/main');
    expect(of(push('refs/tags/v1'), { 'job-name': 'shop' })).toBe('nomad-deploy:shop:refs/tags/v1');
    expect(of(push('refs/heads/main'), { 'working-directory': 'api' })).toBe('nomad-deploy:api:refs/heads/main');
  });

  test.each([
    ['main', 'refs/heads/main'],
    ['refs/heads/main', 'refs/heads/main'],
    ['production', 'refs/heads/production'],
  ])('the branch %s of a fork is not waited for by pushes to %s', (headRef, ref) =>
    expect(of(pullRequest(8, headRef))).not.toBe(of(push(ref))),
  );

  test.each([
    ['a tag with the name of a branch', push('refs/tags/main'), push('refs/heads/main'), {}, {}],
    ['a branch with the name of a group', push('refs/heads/pull/7'), pullRequest(7, 'fix'), {}, {}],
    [
      'a branch that ends with the name of an app',
      push('refs/heads/main-shop'),
      push('refs/heads/main'),
      { 'job-name': 'api' },
      { 'job-name': 'shop-api' },
    ],
  ])('%s is not waited for', (_what, one, other, inputs, otherInputs) => expect(of(one, inputs)).not.toBe(of(other, otherInputs)));

  test('the end of a review app waits for its deployments', () => {
    const end = (github: Contexts): unknown => group(jobs.stop, github);
    expect(end(pullRequest(7, 'fix', 'closed'))).toBe(of(pullRequest(7, 'fix')));
    expect(end(deleted('fix'))).toBe(of(push('refs/heads/fix')));
    expect(end(deleted('fix'))).not.toBe(of(push('refs/heads/main')));
  });

  test('and no deployment that is under way is cut off', () => {
    for (const job of [jobs.deploy, jobs.stop]) expect(job.concurrency?.['cancel-in-progress']).toBe(false);
  });
});

describe('the job stop', () => {
  const starts = (github: Contexts): boolean => evaluateExpression(jobs.stop.if, { github }) === true;
  test.each([
    ['a pull request that is closed', pullRequest(7, 'fix', 'closed'), true],
    ['a branch that is deleted', deleted('fix'), true],
    ['a tag that is deleted', { event_name: 'delete', event: { ref: 'v1', ref_type: 'tag' } }, false],
    ['an issue that is closed', { event_name: 'issues', event: { action: 'closed', issue: { number: 7 } } }, false],
    ['a push', push('refs/heads/main'), false],
  ])('for %s: %s', (_what, github, expected) => expect(starts(github)).toBe(expected));
});

describe('TEST_SCRIPT', () => {
  const testOf = (inputs: Contexts): unknown => fillExpressions(step(jobs.build).with?.['test'] ?? '', { inputs, env: jobs.build.env });

  test('is one argument of the test, whatever lines it has', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('a\nNOMAD_TOKEN', '"]\n["', '${{ x }}', "'", '{0}')), (script) => {
        const read = parseTest(String(testOf({ TEST_SCRIPT: script })));
        expect(read).toEqual(['sh', '-ec', jobs.build.env?.['RUN_TEST'], 'sh', script]);
      }),
    );
  });

  test('gives the container no variable', () => expect(step(jobs.build).with).not.toHaveProperty('test-env'));

  test.each([
    ['the input test', { test: 'make check', TEST_SCRIPT: 'x' }, 'make check'],
    ['NO_TEST', { TEST_SCRIPT: 'x', NO_TEST: 'true' }, ''],
    ['nothing', {}, ''],
  ])('%s comes first', (_what, inputs, expected) => expect(testOf(inputs)).toBe(expected));
});

// The shell of this machine in place of the image's.
describe('the script that tests an image', () => {
  let cwd = '';
  beforeAll(() => {
    cwd = mkdtempSync(join(tmpdir(), 'nomad-deploy-first-line-'));
    for (const [name, text] of Object.entries(SCRIPTS)) {
      writeFileSync(join(cwd, name), text);
      writeFileSync(join(cwd, `${name}.644`), text);
      chmodSync(join(cwd, name), 0o755);
    }
    copyFileSync('/bin/true', join(cwd, 'binary'));
  });
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));

  const SCRIPTS = {
    awk: '#!/usr/bin/awk -f\nBEGIN { print "tested by awk"; exit 3 }\n',
    env: '#!/usr/bin/env -S awk -f\nBEGIN { print "tested by awk"; exit 3 }\n',
    plain: 'echo one\nfalse\necho two\n',
    lax: '#!/bin/sh\nfalse\necho two\n',
    own127: '#!/bin/sh\necho "own words"\nexit 127\n',
    zsh: '#!/opt/none/zsh -f\nprint tested\n',
    deno: '#!/usr/bin/env -S no-such-deno run\n1\n',
    windows: '#!/bin/sh\r\necho tested\r\n',
  };

  const run = (...args: readonly string[]): { readonly code: number | null; readonly said: string } => {
    const { status, stdout, stderr, pid } = spawnSync('sh', ['-ec', jobs.build.env?.['RUN_TEST'] ?? '', 'sh', ...args], {
      cwd,
      encoding: 'utf8',
    });
    // In an image, the script goes with the container.
    rmSync(`/tmp/nomad-deploy-test.${pid}`, { force: true });
    return { code: status, said: `${stdout}${stderr}` };
  };

  test.each([
    ['awk', 3, 'tested by awk\n'],
    ['./awk', 3, 'tested by awk\n'],
    ['./awk.644', 3, 'tested by awk\n'],
    ['./env', 3, 'tested by awk\n'],
    ['./env.644', 3, 'tested by awk\n'],
    ['./lax', 0, 'two\n'],
    ['./lax.644', 0, 'two\n'],
    ['./own127', 127, 'own words\n'],
    ['./binary', 0, ''],
  ])('%s is run by its own first line', (file, code, said) => expect(run(file)).toEqual({ code, said }));

  test.each(['./plain', './plain.644'])('%s has none, and ends at the first command that fails', (file) =>
    expect(run(file)).toEqual({ code: 1, said: 'one\n' }),
  );

  test.each([
    ['zsh', 'the image has no /opt/none/zsh, which its first line names.\n'],
    ['deno', 'the image has no no-such-deno, which its first line names.\n'],
    ['windows', 'its first line ends in a carriage return. Save the file with the line ends of Unix.\n'],
  ])('%s: its last words are why it cannot start', (name, why) => {
    for (const file of [`./${name}`, `./${name}.644`]) {
      const { code, said } = run(file);
      expect({ code, last: said.slice(-(file.length + 15 + why.length)) }).toEqual({ code: 127, last: `${file} cannot start: ${why}` });
    }
  });

  test('given as text is run by its first line, too', () => {
    expect(run(SCRIPTS.awk)).toEqual({ code: 3, said: 'tested by awk\n' });
    expect(run(SCRIPTS.zsh)).toEqual({
      code: 127,
      said: expect.stringContaining('TEST_SCRIPT cannot start: the image has no /opt/none/zsh'),
    });
    expect(run(SCRIPTS.plain)).toEqual({ code: 1, said: 'one\n' });
    expect(run('echo "$0" && exit 4')).toEqual({ code: 4, said: 'sh\n' });
  });

  test('by default is test.sh, where the image has one', () => {
    const withOne = step(jobs.build).with?.['test']?.replace(/hashFiles\(.*?\)\)/, "'a'") ?? '';
    const read = parseTest(String(fillExpressions(withOne, { inputs: {}, env: jobs.build.env })));
    expect(read?.slice(2)).toEqual([jobs.build.env?.['RUN_TEST'], 'sh', './test.sh', 'optional']);
    expect(run('./test.sh', 'optional')).toEqual({ code: 0, said: 'The image has no ./test.sh: nothing was tested.\n' });
    expect(run('./awk', 'optional')).toEqual({ code: 3, said: 'tested by awk\n' });
  });
});

describe('the workflow with the action of its own commit', () => {
  const read = (file: string): string => readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
  const pinned = read('.github/workflows/deploy-pinned.yml');
  const usesOf = (yaml: string): string[] => [...yaml.matchAll(/^ *(?:- )?uses: (\S+)/gm)].map(([, uses = '']) => uses);

  test('names the action by nothing that can move', () => {
    expect(usesOf(pinned)).toEqual(usesOf(text).map((uses) => (uses === 'org/nomad-deploy@v1' ? '$/.github/action' : uses)));
    expect(usesOf(pinned).filter((uses) => uses.startsWith('$/'))).toHaveLength(3);
  });

  test('differs from the first one in the action, the name and the first line alone', () => {
    const back = pinned
      .replace(/^#.*\n/, '')
      .replace(/^name: (.*) \(pinned\)$/m, 'name: $1')
      .replaceAll('$/.github/action', 'org/nomad-deploy@v1');
    expect(back).toBe(text);
  });

  // `PipelineConstants.TryParseSelfRepository` of the runner refuses a reference without a path.
  test('gives the runner a path, at which there is the same action', () => {
    const [nested, root] = ['.github/action/action.yml', 'action.yml'].map((file) => parse(read(file)) as { readonly runs: object });
    expect(nested).toEqual({ ...root, runs: { using: 'node24', main: '../../dist/index.js', post: '../../dist/post.js' } });
  });

  test.each([
    ['a workflow without the action', () => pinnedWorkflow('name: x\njobs: {}\n')],
    ['an action.yml without a file', () => actionInFolder('runs:\n  using: node24\n')],
  ])('%s is refused', (_what, make) => expect(make).toThrow());
});
