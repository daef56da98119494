// A login by GitHub's ID token where the job is in another region than the agent, and the tokens are local to their regions.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { temporary } from '../../scripts/parts/action.ts';
import { output } from '../../scripts/parts/exec.ts';
import { deploy, spec } from '../helpers/deploying.ts';
import { filesOf } from '../helpers/documents.ts';
import { type Issuer, startIssuer } from '../helpers/issuer.ts';
import { STAY } from '../helpers/jobs.ts';
import { parts } from '../helpers/parts.ts';
import { askRegion, type Regions, startRegions, stopRegions } from '../helpers/regions.ts';
import { policyFor } from '../helpers/versions.ts';

let clusters: Regions;
let issuer: Issuer;
beforeAll(async () => {
  [clusters, issuer] = await Promise.all([startRegions({ acl: true }), startIssuer()]);
  const folder = temporary('set-up');
  const files = filesOf('authentication.md');
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(folder, name), policyFor(text.replace('https://token.actions.githubusercontent.com/.well-known/jwks', issuer.keys)));
  for (const { address, token } of Object.values(clusters)) {
    const env = { PATH: `${dirname(parts().nomadBin)}:${process.env['PATH']}`, NOMAD_ADDR: address, NOMAD_TOKEN: token };
    await output('sh', ['-ec', files['set-up'] ?? 'false'], { cwd: folder, env });
  }
}, 60_000);
afterAll(async () => {
  issuer.close();
  await stopRegions(clusters);
});

test.each([
  ['the spec', 'region = "west"', {}],
  ['`nomad-region`', '', { 'nomad-region': 'west' }],
])('the region of %s gets a login of its own', async (_by, more, inputs) => {
  const id = `acme-shop-${Object.keys(inputs).length}`;
  const run = async (command: string) =>
    deploy({
      files: { 'project.nomad': spec(id, { command: STAY, more }) },
      env: { ...issuer.job(), NOMAD_SECRET_KEY: 'given in the west' },
      inputs: {
        'nomad-addr': clusters.east.address,
        'nomad-auth-method': 'github',
        'nomad-auth-audience': 'nomad.example.com',
        environment: 'main',
        command,
        ...inputs,
      },
    });
  expect(await run('deploy')).toMatchObject({ code: 0, stderr: '', outputs: { outcome: 'successful', region: 'west' } });
  expect(await askRegion(clusters.west, `/v1/job/${id}`)).toMatchObject({ Version: 0 });
  expect(await askRegion(clusters.east, `/v1/job/${id}`)).toBeUndefined();
  expect(await run('status')).toMatchObject({ code: 0, outputs: { region: 'west' } });
  expect(await run('logs')).toMatchObject({ code: 0, outputs: { region: 'west' } });
  const { shown } = await run('plan');
  for (const jwt of issuer.given) expect(shown).not.toContain(jwt);
});

test('a region that does not exist is told before the login there', async () => {
  const result = await deploy({
    files: { 'project.nomad': spec('acme-shop-none', { command: STAY, more: 'region = "north"' }) },
    env: issuer.job(),
    inputs: { 'nomad-addr': clusters.east.address, 'nomad-auth-method': 'github', 'nomad-auth-audience': 'nomad.example.com' },
  });
  expect(result.outputs).toMatchObject({ 'failure-reason': 'input-invalid', cause: expect.stringContaining('its regions are east, west') });
});

test('a token that may not do something is known in its region', async () => {
  const { SecretID = '' } =
    (await askRegion<{ SecretID: string }>(clusters.west, '/v1/acl/token', 'PUT', {
      Name: 'reader',
      Type: 'client',
      Policies: ['nothing'],
    })) ?? {};
  const result = await deploy({
    files: {},
    inputs: { 'nomad-addr': clusters.east.address, 'nomad-token': SecretID, 'nomad-region': 'west', command: 'status', 'job-name': 'x' },
  });
  expect(result.annotations.find(({ level }) => level === 'error')?.message).toContain('The token reader (');
});
