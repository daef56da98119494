// Waves of clusters and of apps, with two real Nomads.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type ActionResult, makeWorkspace, runAction } from '../../scripts/parts/action.ts';
import { freePort } from '../../scripts/parts/ports.ts';
import type { RegisteredJob } from '../../src/nomad/types.ts';
import type { Result } from '../../src/report/result.ts';
import { spec, when } from '../helpers/deploying.ts';
import { filesOf } from '../helpers/documents.ts';
import { parts } from '../helpers/parts.ts';
import { resultProblems } from '../helpers/result-schema.ts';
import { isPartOfSubmit, policyFor } from '../helpers/versions.ts';

type Name = 'eu' | 'us';
const clusterOf = (name: Name) => (name === 'eu' ? parts().nomad : parts().nomadWithAcls);

/** Asks one of the two clusters; undefined for anything but 200. */
async function ask<T>(name: Name, path: string, method = 'GET', body?: object): Promise<T | undefined> {
  const { address, token } = clusterOf(name);
  const headers = { 'x-nomad-token': token };
  const answer = await fetch(`${address}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await answer.text();
  return answer.ok && text !== '' ? (JSON.parse(text) as T) : undefined;
}
const job = async (name: Name, id: string): Promise<RegisteredJob | undefined> => ask(name, `/v1/job/${id}`);

const clusters = (): string =>
  `clusters:\n  eu: { nomad-addr: "${clusterOf('eu').address}" }\n  us: { nomad-addr: "${clusterOf('us').address}", token-env: NOMAD_TOKEN_US }\n`;

interface Options {
  readonly files?: Readonly<Record<string, string>>;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly onLine?: (line: string) => void;
  readonly killAfter?: (line: string) => boolean;
}

/** Deploys a spec to both clusters; more lines of the configuration file come first. */
async function deploy(
  config: string,
  { files = {}, inputs = {}, env = {}, ...options }: Options,
): Promise<ActionResult & { readonly whole: Result }> {
  const run = await runAction({
    workspace: makeWorkspace({ 'nomad-deploy.yml': `${config}\n${clusters()}`, ...files }),
    env: { ...parts().docker.env, GITHUB_REPOSITORY: 'Acme/Waves', GITHUB_REF_NAME: 'main', NOMAD_TOKEN_US: clusterOf('us').token, ...env },
    inputs,
    ...options,
  });
  const file = run.outputs['result'];
  const whole = file === undefined ? {} : (JSON.parse(readFileSync(file, 'utf8')) as Result);
  expect(file === undefined ? [] : resultProblems(whole)).toEqual([]);
  return { ...run, whole };
}

/** A spec whose command may differ between the clusters, by the variable WHAT. */
const withCommand = (id: string, version: string): string =>
  spec(id, { command: `echo ${version}; $WHAT` })
    .replace('job "', 'variable "WHAT" {\n  type    = string\n  default = "sleep 600"\n}\njob "')
    .replace('template {', 'env { WHAT = var.WHAT }\n      template {');
const failingIn = (name: Name): string => clusters().replace(`  ${name}: { `, `  ${name}: { vars: { WHAT: "exit 1" }, `);

describe('waves of clusters', () => {
  test('deploy one cluster after the other, with one verdict and an entry for each', async () => {
    const files = { 'project.nomad': withCommand('waves-good', 'one') };
    const plan = await deploy('waves: [[eu], [us]]\nwave-bake: 6s', { files, inputs: { command: 'plan' } });
    expect(plan.outputs).toMatchObject({ outcome: 'planned' });
    expect(plan.log).toContain('2 waves, 6.0 s between two');
    expect(plan.log).toContain('  Wave 2: us (waves-good)');
    expect(plan.outputs['plan-fingerprint']?.split('\n')).toHaveLength(2);
    expect(await job('eu', 'waves-good')).toBeUndefined();

    const run = await deploy('waves: [[eu], [us]]\nwave-bake: 6s', { files });
    expect(run.outputs).toMatchObject({ outcome: 'successful', 'job-id': 'waves-good' });
    expect(run.outputs['nomad-addr']).toBeUndefined();
    expect(JSON.parse(run.outputs['waves'] ?? '')).toMatchObject([
      { wave: 1, cluster: 'eu', jobId: 'waves-good', nomadAddr: clusterOf('eu').address, outcome: 'successful', jobVersion: 0 },
      { wave: 2, cluster: 'us', jobId: 'waves-good', nomadAddr: clusterOf('us').address, outcome: 'successful', jobVersion: 0 },
    ]);
    expect(run.log).toMatch(/Bake: eu \(waves-good\) must stay healthy for 6\.0 s/);
    expect(run.summary).toContain('| Wave | Cluster | Job |');
    expect((await job('us', 'waves-good'))?.Status).toBe('running');

    const again = await deploy('waves: |\n  eu\n  us', { files });
    expect(again.outputs['outcome']).toBe('unchanged');
    const one = await deploy('waves: [[eu], [us]]', { files, inputs: { command: 'status', cluster: 'us' } });
    expect(one.outputs).toMatchObject({ outcome: 'reported', 'nomad-addr': clusterOf('us').address });
    const both = await deploy('waves: [[eu], [us]]', { files, inputs: { command: 'status' } });
    expect(both.outputs['cause']).toBe('`command`: status takes one cluster, and there are 2: eu, us');
    const stopped = await deploy('waves: [[eu], [us]]', { files, inputs: { command: 'stop', environment: 'main' } });
    expect(stopped.outputs['outcome']).toBe('stopped');
    expect([(await job('eu', 'waves-good'))?.Stop, (await job('us', 'waves-good'))?.Stop]).toEqual([true, true]);
  });

  test('stop at the first failure, and take the earlier ones back', async () => {
    const files = (version: string) => ({ 'project.nomad': withCommand('waves-back', version) });
    // In the first cluster the job runs already; in the second it does not exist.
    expect((await deploy('', { files: files('one'), inputs: { cluster: 'eu' } })).outputs['outcome']).toBe('successful');
    const bad = (config: string, version: string) =>
      deploy(config, { files: { ...files(version), 'nomad-deploy.yml': `${config}\n${failingIn('us')}` } });
    const left = await bad('waves: [[eu], [us]]', 'two');
    expect(left.outputs).toMatchObject({ outcome: 'failed' });
    expect(left.outputs['cause']).toMatch(/^us \(waves-back\): /);
    expect(left.whole.waves).toMatchObject([
      { cluster: 'eu', outcome: 'successful', jobVersion: 1, running: 'version 1' },
      { cluster: 'us', outcome: 'failed', jobVersion: 0, running: 'version 0, which failed' },
    ]);

    const back = await bad('waves: [[eu], [us]]\nall-or-nothing: true', 'three');
    expect(back.outputs).toMatchObject({ outcome: 'failed' });
    expect(back.whole.waves).toMatchObject([
      { cluster: 'eu', outcome: 'reverted', jobVersion: 3, running: 'version 3, a copy of version 1, as before this run' },
      { cluster: 'us', outcome: 'failed' },
    ]);
    expect(back.log).toContain('Runs now: eu (waves-back): version 3, a copy of version 1, as before this run');
    expect(back.summary).toContain('Running now');
    expect(JSON.stringify((await job('eu', 'waves-back'))?.TaskGroups)).toContain('echo two');

    const first = await bad('waves: [[us], [eu]]', 'four');
    expect(first.whole.waves).toMatchObject([
      { cluster: 'us', outcome: 'failed' },
      { cluster: 'eu', outcome: 'skipped', running: 'version 3, as before this run' },
    ]);
    expect(first.whole.jobs?.[1]?.cause).toBe('not started, because us (waves-back) failed');
  });

  test('name what cannot be taken back, and stop a job that did not exist', async () => {
    const files = { 'project.nomad': withCommand('waves-new', 'one') };
    const config = `waves: [[eu], [us]]\nall-or-nothing: true\n${failingIn('us')}`;
    const run = await deploy(config, { files: { ...files, 'nomad-deploy.yml': config } });
    expect(run.whole.waves).toMatchObject([
      { cluster: 'eu', outcome: 'stopped', running: 'nothing: the job did not exist before this run' },
      { cluster: 'us', outcome: 'failed', running: 'nothing: the job did not exist before this run' },
    ]);
    expect([(await job('eu', 'waves-new'))?.Stop, (await job('us', 'waves-new'))?.Stop]).toEqual([true, true]);

    // Somebody registers another version in the first cluster while the second one fails.
    const register = when('Wave 2 of 2', async () => {
      const now = await job('eu', 'waves-new');
      await ask('eu', '/v1/jobs', 'POST', { Job: { ...now, Meta: { by: 'hand' } } });
    });
    const taken = await deploy(config, {
      files: { 'project.nomad': withCommand('waves-new', 'two'), 'nomad-deploy.yml': config },
      onLine: register.onLine,
    });
    await register.done();
    expect(taken.outputs['cause']).toMatch(/^us \(waves-new\): .*; not taken back: eu \(waves-new\)$/);
    expect(taken.whole.jobs?.[0]).toMatchObject({ outcome: 'failed', failureReason: 'conflict' });
    expect(taken.whole.jobs?.[0]?.running).toMatch(/^version \d, registered after that of this run$/);
    expect(taken.whole.jobs?.[0]?.cause).toMatch(/^not taken back: version \d of waves-new was registered after version \d of this run$/);
    expect((await job('eu', 'waves-new'))?.Meta).toEqual({ by: 'hand' });
  });

  test('are refused before the first registration when a later cluster does not answer, or refuses the job', async () => {
    const files = { 'project.nomad': withCommand('waves-early', 'one') };
    const gone = clusters().replace(clusterOf('us').address, `http://127.0.0.1:${await freePort()}`);
    const early = await deploy('', { files: { ...files, 'nomad-deploy.yml': `waves: [[eu], [us]]\n${gone}` } });
    expect(early.outputs).toMatchObject({ outcome: 'failed', 'failure-reason': 'unreachable' });
    expect(early.outputs['cause']).toMatch(/^us: /);
    const denied = await deploy('waves: [[eu], [us]]', { files, env: { NOMAD_TOKEN_US: '00000000-0000-0000-0000-000000000000' } });
    expect(denied.outputs).toMatchObject({ outcome: 'failed', 'failure-reason': 'permission-denied' });
    const unset = await deploy('waves: [[eu], [us]]', { files, env: { NOMAD_TOKEN_US: '' } });
    expect(unset.outputs['cause']).toBe('us: `token-env` of the cluster us: NOMAD_TOKEN_US is not set');
    const policy = await deploy('waves: [[eu], [us]]\npolicy: { namespaces: [default] }', {
      files: { ...files, 'nomad-deploy.yml': `waves: [[eu], [us]]\npolicy: { raw-exec: false }\n${clusters()}` },
    });
    expect(policy.outputs['failure-reason']).toBe('policy-violation');
    const same = await deploy('', {
      files: {
        ...files,
        'nomad-deploy.yml': `waves: [[a], [b]]\nclusters:\n  a: { nomad-addr: "${clusterOf('eu').address}" }\n  b: { nomad-addr: "${clusterOf('eu').address}" }\n`,
      },
    });
    expect(same.outputs['cause']).toContain('`waves`: the clusters a and b are one place');
    expect(await job('eu', 'waves-early')).toBeUndefined();
  });

  test('fail in the bake when an allocation of an earlier wave fails', async () => {
    const files = { 'project.nomad': withCommand('waves-bake', 'one') };
    const config = `waves: [[eu], [us]]\nwave-bake: 5m\nall-or-nothing: true\n${clusters().replace('  eu: { ', '  eu: { vars: { WHAT: "sleep 8" }, ')}`;
    const run = await deploy(config, { files: { ...files, 'nomad-deploy.yml': config } });
    expect(run.outputs).toMatchObject({ outcome: 'failed' });
    expect(run.outputs['failure-reason']).toMatch(/^(unhealthy|task-failed)-rolled-back$/);
    expect(run.outputs['cause']).toMatch(/^eu \(waves-bake\): /);
    expect(run.whole.waves).toMatchObject([
      { cluster: 'eu', outcome: 'failed' },
      { cluster: 'us', outcome: 'skipped', running: 'nothing' },
    ]);
    expect(await job('us', 'waves-bake')).toBeUndefined();
  });

  test('that are cancelled in the bake start nothing more and say what runs', async () => {
    const files = { 'project.nomad': withCommand('waves-cancel', 'one') };
    const run = await deploy('waves: [[eu], [us]]\nwave-bake: 5m\nall-or-nothing: true', {
      files,
      killAfter: (line) => line.includes('must stay healthy'),
    });
    expect(run.outputs).toMatchObject({ outcome: 'cancelled', 'failure-reason': 'cancelled' });
    expect(run.whole.waves).toMatchObject([
      { cluster: 'eu', outcome: 'successful', running: 'version 0' },
      { cluster: 'us', outcome: 'cancelled', running: 'nothing' },
    ]);
    expect(await job('us', 'waves-cancel')).toBeUndefined();
  });
});

test('all or nothing needs the rights to revert and to stop, and names what it may not take back', async () => {
  const files = filesOf('authentication.md');
  const tokenWith = async (name: string, ...texts: readonly (string | undefined)[]): Promise<string> => {
    await ask('us', `/v1/acl/policy/${name}`, 'POST', { Name: name, Rules: policyFor(texts.join('\n')) });
    const made = await ask<{ SecretID: string }>('us', '/v1/acl/token', 'POST', { Name: name, Type: 'client', Policies: [name] });
    return made?.SecretID ?? '';
  };
  const enough = await tokenWith('waves-enough', files['deploy.hcl'], files['revert.hcl'], files['stop.hcl']);
  const less = await tokenWith('waves-less', files['deploy.hcl']);
  const deployed = async (token: string, version: string, config = `waves: [[us], [eu]]\nall-or-nothing: true\n${failingIn('eu')}`) =>
    deploy(config, {
      files: { 'project.nomad': withCommand('waves-rights', version), 'nomad-deploy.yml': config },
      env: { NOMAD_TOKEN_US: token },
    });
  const first = await deployed(enough, 'one');
  expect(first.whole.waves?.[0]).toMatchObject({ cluster: 'us', outcome: 'stopped' });
  const only = `${clusters()}waves: [[us]]`;
  expect((await deployed(enough, 'two', only)).outputs['outcome']).toBe('successful');
  const back = await deployed(enough, 'three');
  expect(back.whole.waves?.[0]).toMatchObject({ outcome: 'reverted' });
  if (isPartOfSubmit('revert-job')) return;
  const kept = await deployed(less, 'four');
  expect(kept.whole.jobs?.[0]).toMatchObject({
    outcome: 'failed',
    cause: expect.stringMatching(/^not taken back: .*Permission denied/),
    hint: expect.stringMatching(/must allow `revert-job`/),
  });
  expect(kept.whole.waves?.[0]?.running).toMatch(/^version \d+, of this run$/);
});

describe('a later cluster', () => {
  const sockets = new Set<Socket>();
  let isOpen = true;
  const server = createServer((socket) => {
    if (!isOpen) return void socket.destroy();
    const other = createConnection(Number(new URL(clusterOf('us').address).port), '127.0.0.1');
    for (const one of [socket, other]) sockets.add(one.on('error', () => undefined));
    socket.pipe(other).pipe(socket);
  });
  afterAll(() => void server.close());

  test('that goes away after the checks fails its wave, and the first is taken back', async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const files = { 'project.nomad': withCommand('waves-late', 'one') };
    const behind = clusters().replace(clusterOf('us').address, `http://127.0.0.1:${port}`);
    const config = `waves: [[eu], [us]]\nwave-bake: 5s\nall-or-nothing: true\n${behind}`;
    const cut = when('must stay healthy', () => {
      isOpen = false;
      for (const socket of sockets) socket.destroy();
      return Promise.resolve();
    });
    // An outage is waited out for two minutes, or as long as `timeout` is.
    const inputs = { timeout: '20s' };
    const run = await deploy(config, { files: { ...files, 'nomad-deploy.yml': config }, inputs, onLine: cut.onLine });
    await cut.done();
    expect(run.outputs).toMatchObject({ outcome: 'failed', 'failure-reason': 'unreachable' });
    expect(run.whole.waves).toMatchObject([
      { cluster: 'eu', outcome: 'stopped' },
      { cluster: 'us', outcome: 'failed' },
    ]);
  });
});

describe('waves of apps', () => {
  test('deploy one wave after the other in one cluster', async () => {
    const config =
      'waves: [[b], [a, c]]\nall-or-nothing: true\nnomad-addr: ADDR\napps:\n  a: { job: a.nomad, depends-on: b }\n  b: { job: b.nomad }\n  c: { job: c.nomad }\n'.replace(
        'ADDR',
        clusterOf('eu').address,
      );
    const files = {
      'nomad-deploy.yml': config,
      'a.nomad': spec('wave-a', { command: 'exit 1' }),
      'b.nomad': spec('wave-b', { command: 'sleep 600' }),
      'c.nomad': spec('wave-c', { command: 'sleep 600' }),
    };
    const run = await deploy(config, { files });
    expect(run.outputs['cause']).toMatch(/^a: /);
    expect(run.whole.waves).toMatchObject([
      { wave: 1, app: 'b', jobId: 'wave-b', outcome: 'stopped' },
      { wave: 2, app: 'a', jobId: 'wave-a', outcome: 'failed', running: 'nothing: the job did not exist before this run' },
      { wave: 2, app: 'c', jobId: 'wave-c', outcome: 'skipped', running: 'nothing' },
    ]);
    expect(run.whole.jobs?.[2]?.cause).toBe('not started, because a failed');
  });
});
