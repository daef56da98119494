import { expect, test } from '@jest/globals';
import { cluster, deploy, spec } from '../helpers/deploying.ts';

/** A job of the name that the run makes. */
const files = { 'project.nomad': spec('NOMAD_VAR_SLUG', { command: 'sleep 600' }) };

test('a job of production is not replaced by a review app, before anything is built', async () => {
  const env = { GITHUB_REPOSITORY: 'Acme/Taken', GITHUB_REF_NAME: 'production' };
  const production = await deploy({ files, inputs: { build: 'false' }, env });
  expect(production.outputs).toMatchObject({ outcome: 'successful', 'job-id': 'acme-taken', environment: 'production' });
  const { Meta } = (await cluster.job('acme-taken')) ?? {};
  expect(Meta).toMatchObject({ nomad_deploy_repository: 'Acme/Taken', nomad_deploy_environment: 'production' });
  expect(Meta).not.toHaveProperty('nomad_deploy_ref');

  const dockerfile = { ...files, Dockerfile: 'FROM no-such-image\n' };
  const review = await deploy({ files: dockerfile, inputs: { 'job-name': 'acme-taken' }, env: { ...env, GITHUB_REF_NAME: 'fix-7' } });
  expect(review.outputs).toMatchObject({
    outcome: 'failed',
    'failure-reason': 'job-taken',
    cause: 'the job acme-taken in the namespace default is deployed as production, and this run is a review app',
  });
  expect(await cluster.versions('acme-taken')).toHaveLength(1);
});

test('a job of another repository is not replaced by one that makes the same name, unless it is named', async () => {
  const main = await deploy({ files, inputs: { build: 'false' }, env: { GITHUB_REPOSITORY: 'acme/takes-x' } });
  expect(main.outputs).toMatchObject({ outcome: 'successful', 'job-id': 'acme-takes-x' });

  const env = { GITHUB_REPOSITORY: 'acme/takes', GITHUB_REF_NAME: 'x' };
  const other = await deploy({ files, inputs: { build: 'false' }, env });
  expect(other.outputs).toMatchObject({ outcome: 'failed', 'failure-reason': 'job-taken', 'job-id': 'acme-takes-x' });
  expect(await cluster.versions('acme-takes-x')).toHaveLength(1);

  const named = await deploy({
    files: { 'project.nomad': spec('NOMAD_VAR_SLUG', { command: 'sleep 601' }) },
    inputs: { build: 'false', 'job-name': 'acme-takes-x' },
    env,
  });
  expect(named.outputs).toMatchObject({ outcome: 'successful', 'job-version': '1' });
  expect(named.annotations).toContainEqual({
    level: 'warning',
    title: 'nomad-deploy',
    message:
      "the job acme-takes-x in the namespace default was last deployed by the repository acme/takes-x: the two repositories deploy to one job and replace each other's versions",
  });
});
