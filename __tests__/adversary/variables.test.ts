// A job gets at the variable of another one, whose path it shares or whose name it takes.
import { describe, expect, test } from '@jest/globals';
import { cluster, deploy, spec } from '../helpers/deploying.ts';
import { STAY } from '../helpers/jobs.ts';

const good = { code: 0, outputs: { outcome: 'successful' } };
const refusal = (cause: string, reason: string): object => ({
  code: 1,
  outputs: { outcome: 'failed', 'failure-reason': reason, cause: expect.stringContaining(cause) },
});
const files = (id: string): { readonly 'project.nomad': string } => ({ 'project.nomad': spec(id, { command: STAY }) });
const secret = (value: string) => ({ NOMAD_SECRETS: JSON.stringify({ KEY: value, 'g/PART': value }) });
const items = async (path: string): Promise<Record<string, string>> => ({ ...(await cluster.variable(path))?.Items });

describe('the variable of a job’s group', () => {
  test('is not that of a job whose id is the same path: neither to write it, nor to purge it', async () => {
    const id = 'vars-shop';
    expect(await deploy({ files: files(id), env: secret('swordfish-one') })).toMatchObject(good);
    const before = await items(`${id}/g`);
    expect(before).toMatchObject({ 'nomad_deploy.owner': expect.stringContaining(`"job":"${id}"`) });

    const review = await deploy({ files: files(`${id}/g`), env: { ...secret('swordfish-two'), GITHUB_REF_NAME: 'fix/7' } });
    expect(review).toMatchObject(refusal(`a review app cannot be the job ${id}/g`, 'input-invalid'));
    for (const env of [{}, { GITHUB_REPOSITORY: 'acme/other' }]) {
      const attack = await deploy({ files: files(`${id}/g`), env: { ...env, NOMAD_SECRET_KEY: 'swordfish-two' } });
      expect(attack).toMatchObject(
        refusal(`the Nomad variable nomad/jobs/${id}/g belongs to the job ${id}, and this run is about the job ${id}/g`, 'job-taken'),
      );
    }
    expect(await cluster.job(encodeURIComponent(`${id}/g`))).toBeUndefined();

    // Without secrets of its own it may be there, and goes without taking those of the other.
    expect(await deploy({ files: files(`${id}/g`) })).toMatchObject(good);
    const gone = await deploy({ files: files(`${id}/g`), inputs: { command: 'stop', environment: 'main', purge: 'true' } });
    expect(gone).toMatchObject({ code: 0 });
    expect(gone.log).toContain(`the Nomad variable nomad/jobs/${id}/g belongs to the job ${id}`);
    expect(await items(`${id}/g`)).toEqual(before);

    // A path that is nobody else's is its own.
    expect(await deploy({ files: files('vars-own/x'), env: { NOMAD_SECRET_KEY: 'swordfish-three' } })).toMatchObject(good);
    expect(await items('vars-own/x')).toMatchObject({ 'nomad_deploy.owner': expect.stringContaining('"job":"vars-own/x"') });
  });
});

describe('a variable of another owner', () => {
  test('is left where its job is gone, and not written by a run that takes the name', async () => {
    const id = 'vars-left';
    expect(await deploy({ files: files(id), env: { ...secret('swordfish-one'), GITHUB_REF_NAME: 'production' } })).toMatchObject(good);
    await cluster.send('DELETE', `/v1/job/${id}?purge=true`);
    const before = await items(id);
    const review = { ...secret('swordfish-two'), GITHUB_REF_NAME: 'fix/7' };
    expect(await deploy({ files: files(id), env: review })).toMatchObject(
      refusal(`the Nomad variable nomad/jobs/${id} is deployed as production`, 'job-taken'),
    );
    const stopped = await deploy({ files: files(id), inputs: { command: 'stop' }, env: review });
    expect(stopped).toMatchObject({ code: 0, outputs: { outcome: 'stopped' } });
    expect(await items(id)).toEqual(before);
    expect(await deploy({ files: files(id), env: { ...secret('swordfish-three'), GITHUB_REF_NAME: 'production' } })).toMatchObject(good);
  });
});

describe('a variable without an owner record', () => {
  const OLD = { 'KEY.r00000001': 'kept' };

  test('with secrets that no version of the job reads is somebody else’s', async () => {
    const id = 'vars-old';
    await cluster.send('PUT', `/v1/var/nomad/jobs/${id}/g`, { Items: OLD });
    expect(await deploy({ files: files(id), env: secret('swordfish-one') })).toMatchObject(
      refusal(`the Nomad variable nomad/jobs/${id}/g has secrets without an owner record, which no version of ${id} reads`, 'job-taken'),
    );
    expect(await items(`${id}/g`)).toEqual(OLD);
  });

  test('with items that somebody put there by hand is the job’s, which keeps them', async () => {
    const id = 'vars-hand';
    await cluster.send('PUT', `/v1/var/nomad/jobs/${id}`, { Items: { BY_HAND: 'x' } });
    expect(await deploy({ files: files(id), env: secret('swordfish-one') })).toMatchObject(good);
    const first = await items(id);
    expect(first).toMatchObject({ BY_HAND: 'x', 'nomad_deploy.owner': expect.stringContaining('Acme/Shop') });
    expect(await deploy({ files: files(id), env: secret('swordfish-one') })).toMatchObject({ code: 0, outputs: { outcome: 'unchanged' } });
    expect(await deploy({ files: files(id), env: secret('swordfish-two') })).toMatchObject(good);
    expect((await items(id))['nomad_deploy.owner']).toBe(first['nomad_deploy.owner']);
    expect(await deploy({ files: files(id), inputs: { command: 'stop', environment: 'main', purge: 'true' } })).toMatchObject({ code: 0 });
    expect(await items(id)).toEqual({ BY_HAND: 'x' });
  });
});
