// What becomes of secrets from one version of a job to the next, on the real Nomad: looked at in the processes themselves.
import { describe, expect, test } from '@jest/globals';
import type { Variable } from '../../src/nomad/types.ts';
import type { SecretChange } from '../../src/secrets/prepare.ts';
import { writeSecrets } from '../../src/secrets/write.ts';
import { provenanceOf } from '../../src/target/provenance.ts';
import { cluster, deploy, itemsOf, openNomad, spec } from '../helpers/deploying.ts';
import { STAY, taskProcess } from '../helpers/processes.ts';

/** The items without their releases, each with all of its values. */
const byName = (items: Readonly<Record<string, string>>): Record<string, string[]> => {
  const names = [...new Set(Object.keys(items).map((key) => key.replace(/\.r[0-9a-f]{8}$/, '')))].sort();
  const valuesOf = (name: string) =>
    Object.entries(items).flatMap(([key, value]) => (key.replace(/\.r[0-9a-f]{8}$/, '') === name ? [value] : []));
  return Object.fromEntries(names.map((name) => [name, valuesOf(name).sort()]));
};
const spread = (job: string, command: string, more = '') => ({ 'project.nomad': spec(job, { command, more }) });
/** The same with one canary beside the version that runs. */
const canary = (job: string, command: string) => ({
  'project.nomad': spec(job, { command }).replace('auto_revert       = true', 'auto_revert = true\n canary = 1'),
});

describe('new values of secrets', () => {
  test('do not touch what runs, whatever becomes of the version that they are for', async () => {
    const job = 'releases-canary';
    expect(await deploy({ files: canary(job, STAY), env: { NOMAD_SECRET_KEY: 'one' } })).toMatchObject({ code: 0 });
    const [old] = await cluster.running(job);
    const before = await taskProcess(old?.ID ?? '');
    expect(before.environment['KEY']).toBe('one');

    const failed = await deploy({ files: canary(job, 'exit 5'), env: { NOMAD_SECRET_KEY: 'two' } });
    expect(failed).toMatchObject({ code: 1, outputs: { 'failure-reason': expect.stringMatching(/-rolled-back$/) } });
    expect(byName(itemsOf(await cluster.variable(job)))).toEqual({ KEY: ['one', 'two'] });
    expect((await cluster.running(job)).map(({ ID }) => ID)).toEqual([old?.ID]);
    const after = await taskProcess(old?.ID ?? '');
    expect([after.pid, after.startedAt]).toEqual([before.pid, before.startedAt]);

    // Restarted, on the same node or another, it has what it was started with.
    await cluster.send('PUT', `/v1/client/allocation/${old?.ID}/restart`, { AllTasks: true });
    const restarted = async () => {
      for (;;) {
        const process = await taskProcess(old?.ID ?? '').catch(() => undefined);
        if (process !== undefined && process.pid !== before.pid) return process;
      }
    };
    expect((await restarted()).environment['KEY']).toBe('one');
  });

  test('are not those of a version that was gone back to', async () => {
    const job = 'releases-back';
    expect(
      await deploy({ files: spread(job, STAY), env: { NOMAD_SECRET_KEY: 'value one', NOMAD_SECRET_FILE_key: 'file one' } }),
    ).toMatchObject({
      code: 0,
    });
    const [old] = await cluster.running(job);
    const before = await taskProcess(old?.ID ?? '');
    const failed = await deploy({
      files: spread(job, 'exit 5'),
      env: { NOMAD_SECRET_KEY: 'two', NOMAD_SECRET_FILE_key: 'file two', NOMAD_SECRET_MORE: 'x' },
    });
    expect(failed).toMatchObject({ code: 1, outputs: { 'failure-reason': expect.stringMatching(/-rolled-back$/) } });
    const [back] = await cluster.running(job);
    expect(back?.JobVersion).toBe(2);
    const reverted = await taskProcess(back?.ID ?? '');
    expect(reverted.startedAt).not.toBe(before.startedAt);
    expect([reverted.environment['KEY'], reverted.environment['MORE']]).toEqual(['value one', undefined]);
    expect(Buffer.from(reverted.secretFile('key'), 'base64').toString()).toBe('file one');

    // By hand, long after.
    expect(await deploy({ files: spread(job, STAY), env: { NOMAD_SECRET_KEY: 'three' } })).toMatchObject({
      outputs: { 'job-version': '3' },
    });
    await cluster.send('PUT', `/v1/job/${job}/revert`, { JobID: job, JobVersion: 0 });
    await cluster.until<{ Status: string; JobVersion: number }>(
      `/v1/job/${job}/deployment`,
      ({ Status, JobVersion }) => JobVersion === 4 && Status === 'successful',
    );
    const again = (await cluster.running(job)).find(({ JobVersion }) => JobVersion === 4);
    expect((await taskProcess(again?.ID ?? '')).environment['KEY']).toBe('value one');
  });
});

describe('items that nobody needs', () => {
  test('go with the last version that reads them, also when the job has no secrets any more', async () => {
    const job = 'releases-pruned';
    const run = async (n: number, env: Record<string, string>) =>
      deploy({ files: spread(job, STAY, `meta { n = "${n}" }`), env, inputs: { wait: 'false' } });
    await cluster.send('PUT', `/v1/var/nomad/jobs/${job}`, { Items: { foreign: 'kept' } });
    expect(await run(0, { NOMAD_SECRET_A: 'a', NOMAD_SECRET_B: 'b' })).toMatchObject({ code: 0 });
    expect(await run(1, { NOMAD_SECRET_A: 'a' })).toMatchObject({ code: 0 });
    expect(byName(itemsOf(await cluster.variable(job)))).toEqual({ A: ['a', 'a'], B: ['b'], foreign: ['kept'] });
    // The cluster keeps six versions.
    for (const n of [2, 3, 4, 5, 6]) expect(await run(n, {})).toMatchObject({ code: 0 });
    expect(byName(itemsOf(await cluster.variable(job)))).toEqual({ A: ['a', 'a'], B: ['b'], foreign: ['kept'] });
    expect(await run(7, {})).toMatchObject({ code: 0 });
    expect(byName(itemsOf(await cluster.variable(job)))).toEqual({ A: ['a'], foreign: ['kept'] });
    expect(await run(8, {})).toMatchObject({ code: 0 });
    expect(itemsOf(await cluster.variable(job))).toEqual({ foreign: 'kept' });
    expect(provenanceOf(await cluster.job(job)).secrets).toBeUndefined();
  });

  test('of somebody else go when the secrets replace them', async () => {
    const job = 'releases-replaced';
    await cluster.send('PUT', `/v1/var/nomad/jobs/${job}`, { Items: { foreign: 'x' } });
    const run = async (secrets: string) => deploy({ files: spread(job, STAY), inputs: { wait: 'false', secrets } });
    expect(await run('A=a')).toMatchObject({ code: 0 });
    expect(byName(itemsOf(await cluster.variable(job)))).toEqual({ A: ['a'], foreign: ['x'] });
    expect(await run('*=replace\nA=b')).toMatchObject({ code: 0 });
    expect(byName(itemsOf(await cluster.variable(job)))).toEqual({ A: ['a', 'b'] });
  });
});

test('a plan shows what a deployment with the same secrets would change, and nothing when they are the same', async () => {
  const job = 'releases-planned';
  const files = spread(job, STAY);
  expect(await deploy({ files, env: { NOMAD_SECRET_KEY: 'value one' }, inputs: { wait: 'false' } })).toMatchObject({ code: 0 });
  const plan = async (value: string) => deploy({ files, env: { NOMAD_SECRET_KEY: value }, inputs: { command: 'plan' } });
  expect(await plan('value one')).toMatchObject({ code: 0, outputs: { changed: 'none' } });
  const changed = await plan('two');
  expect(changed).toMatchObject({ code: 0, outputs: { changed: 'destructive' } });
  const release = /KEY\.(r[0-9a-f]{8})/g;
  const planned = [...changed.summary.matchAll(release)].map(([, name]) => name);
  expect(byName(itemsOf(await cluster.variable(job)))).toEqual({ KEY: ['value one'] });
  expect(await deploy({ files, env: { NOMAD_SECRET_KEY: 'two' }, inputs: { wait: 'false' } })).toMatchObject({ code: 0 });
  const written = Object.keys(itemsOf(await cluster.variable(job))).map((key) => key.replace('KEY.', ''));
  expect(written).toEqual(expect.arrayContaining(planned));
});

describe('secrets that somebody else wrote meanwhile', () => {
  const paths = ['nomad/jobs/releases-raced', 'nomad/jobs/releases-raced/g'];
  const change = (indexes: readonly number[], value: string): SecretChange => ({
    namespace: 'default',
    release: 'r00000001',
    older: {},
    provenance: 'r00000001 g',
    warnings: [],
    variables: paths.map((path, i) => ({
      path,
      items: { 'A.r00000001': value },
      previous: indexes[i] === 0 ? undefined : { Items: { 'A.r00000000': 'before' }, ModifyIndex: indexes[i] ?? 0 },
      changed: true,
    })),
  });
  const held = async (): Promise<(Variable | undefined)[]> =>
    Promise.all(['releases-raced', 'releases-raced/g'].map(async (path) => cluster.variable(path)));

  test('are left alone, and what was written beside them is taken back', async () => {
    const nomad = await openNomad();
    expect(await writeSecrets(change([0, 7], 'new'), nomad)).toEqual({ conflict: paths[1] });
    expect(await held()).toEqual([undefined, undefined]);
    const written = await writeSecrets(change([0, 0], 'new'), nomad);
    const [first, second] = await held();
    expect([first?.Items, second?.Items]).toEqual([{ 'A.r00000001': 'new' }, { 'A.r00000001': 'new' }]);
    expect(await writeSecrets(change([first?.ModifyIndex ?? 0, 1], 'newer'), nomad)).toEqual({ conflict: paths[1] });
    expect((await held()).map((variable) => variable?.Items)).toEqual([{ 'A.r00000000': 'before' }, { 'A.r00000001': 'new' }]);
    // Undone by who wrote first: the first variable is another meanwhile, the second goes.
    expect(written).toHaveProperty('undo');
    if ('undo' in written) await written.undo();
    expect((await held()).map((variable) => variable?.Items)).toEqual([{ 'A.r00000000': 'before' }, undefined]);
    await nomad.close();
  });
});
