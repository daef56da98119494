import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { temporary } from '../../scripts/parts/action.ts';
import { output } from '../../scripts/parts/exec.ts';
import { cluster, type Deploy, deploy, itemsOf, spec } from '../helpers/deploying.ts';
import { codeOf, filesOf } from '../helpers/documents.ts';
import { type Issuer, startIssuer } from '../helpers/issuer.ts';
import { parts } from '../helpers/parts.ts';
import { policyFor } from '../helpers/versions.ts';

const PAGE = 'authentication.md';
const GITHUB_KEYS = 'https://token.actions.githubusercontent.com/.well-known/jwks';

let issuer: Issuer;
let strange: Issuer;
/** What the page says to do once, with the CLI and a management token; only GitHub's keys are those of the issuer. */
beforeAll(async () => {
  [issuer, strange] = await Promise.all([startIssuer(), startIssuer()]);
  const folder = temporary('set-up');
  const files = filesOf(PAGE);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), policyFor(text.replace(GITHUB_KEYS, issuer.keys)));
  await shell(files['set-up'] ?? 'false', folder);
}, 60_000);
afterAll(() => {
  issuer.close();
  strange.close();
});

async function shell(script: string, cwd = temporary('set-up')): Promise<string> {
  const { nomadWithAcls, nomadBin } = parts();
  const env = { PATH: `${dirname(nomadBin)}:${process.env['PATH']}`, NOMAD_ADDR: nomadWithAcls.address, NOMAD_TOKEN: nomadWithAcls.token };
  return output('sh', ['-ec', script], { cwd, env });
}

const batch = (job: string): Record<string, string> => ({ 'project.nomad': spec(job, { type: 'batch', command: 'true' }) });
const LOGIN = { 'nomad-auth-method': 'github', 'nomad-auth-audience': 'nomad.example.com', 'nomad-token': '' };
const run = async (job: string, env: Record<string, string>, more: Partial<Deploy> = {}) =>
  deploy({ files: batch(job), acl: true, ...more, env: { ...env, ...more.env }, inputs: { ...LOGIN, ...more.inputs } });

/** The text of the one error of a run. */
async function refusal(...of: Parameters<typeof run>): Promise<string> {
  const result = await run(...of);
  const errors = result.annotations.filter(({ level }) => level === 'error');
  expect(errors).toHaveLength(1);
  expect(result).toMatchObject({ code: 1, outputs: { outcome: 'failed' } });
  for (const jwt of issuer.given) expect(result.shown + result.summary).not.toContain(jwt);
  return errors[0]?.message ?? '';
}

describe('a login with the ID token of the job', () => {
  test('lets in the repository and environment of the binding rule, with secrets, and shows no token', async () => {
    const result = await run('acme-shop-oidc', issuer.job(), { env: { NOMAD_SECRET_KEY: 'given by login' } });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(Object.values(itemsOf(await cluster.variable('acme-shop-oidc', parts().nomadWithAcls)))).toEqual(['given by login']);
    expect(result.log).toMatch(
      /^Logged in with the auth method github: token github acme\/shop 1658821493 \(accessor [\da-f-]{36}, role deploy-shop\), valid for 15 min$/m,
    );
    expect(result.masks).toContain(issuer.given.at(-1));
    expect(result.shown).not.toContain(issuer.given.at(-1));
    // The token of Nomad is masked as it came, too.
    const [, accessor = ''] = /accessor ([\da-f-]{36})/.exec(result.log) ?? [];
    const { address, token } = parts().nomadWithAcls;
    const answer = await fetch(`${address}/v1/acl/token/${accessor}`, { headers: { 'x-nomad-token': token } });
    const { SecretID, ExpirationTTL } = (await answer.json()) as Record<string, string>;
    expect(result.masks).toContain(SecretID);
    expect(result.shown).not.toContain(SecretID);
    expect(ExpirationTTL).toBe('15m0s');
  });

  test.each<[string, Record<string, string | number>, Record<string, string>, RegExp]>([
    [
      'another repository',
      { repository: 'evil/shop', repository_id: '666', sub: 'repo:evil/shop:environment:production' },
      {},
      /^Nomad refused the login with the auth method github: no role or policy bindings matched\. No binding rule matches .* The ID token of this job has iss=https:\/\/token\.actions\.githubusercontent\.com, aud=nomad\.example\.com, sub=repo:evil\/shop:environment:production, repository=evil\/shop, repository_id=666, ref=refs\/heads\/main, environment=production, job_workflow_ref=acme\/shop\//,
    ],
    ['another environment', { environment: 'staging' }, {}, /no role or policy bindings matched.*environment=staging/],
    [
      'another audience',
      {},
      { 'nomad-auth-audience': 'vault.example.com' },
      /Add vault\.example\.com to BoundAudiences of the auth method/,
    ],
    ['another issuer', { iss: 'https://evil.example.com' }, {}, /invalid JWT issuer.* Set BoundIssuer of the auth method to the issuer/],
    [
      'a token whose time is over',
      { iat: 1_000, nbf: 1_000, exp: 1_300 },
      {},
      /\(exp\) claim: token is expired\. Check the clock of Nomad's servers/,
    ],
    ['an auth method that is not there', {}, { 'nomad-auth-method': 'gitlab' }, /"gitlab" not found.*`nomad acl auth-method list`/],
  ])('refuses %s, and shows the claims', async (_name, claims, inputs, message) => {
    expect(await refusal('acme-shop-refused', issuer.job(claims), { inputs })).toMatch(message);
    expect((await cluster.job('acme-shop-refused', parts().nomadWithAcls))?.ID).toBeUndefined();
  });

  test('without the permission for an ID token is told with the lines that are missing', async () => {
    expect(await refusal('acme-shop-refused', {})).toMatch(
      /^`nomad-auth-method`: GitHub gives this job no ID token\. Add to the job:\n\n {4}permissions:\n {6}id-token: write\n {6}contents: read\n/,
    );
  });

  test.each([
    ['keys of somebody else', 'strange', () => strange.keys, /failed to verify id token signature\. The JWKSURL of the auth method/],
    ['keys that are not there', 'away', () => 'http://127.0.0.1:9/keys', /connection refused\. The JWKSURL of the auth method must serve/],
  ])('by %s is refused', async (_what, method, keys, message) => {
    const config = (filesOf(PAGE)['github.json'] ?? '').replace(GITHUB_KEYS, keys());
    const options = '-type JWT -token-locality local -max-token-ttl 5m';
    await shell(`nomad acl auth-method create -name ${method} ${options} -config '${config}'`);
    expect(await refusal('acme-shop-refused', issuer.job(), { inputs: { 'nomad-auth-method': method } })).toMatch(message);
  });

  test('outlasts a hiccup of GitHub, and tells a refusal', async () => {
    const { ACTIONS_ID_TOKEN_REQUEST_URL = '' } = issuer.job();
    const unknown = { ACTIONS_ID_TOKEN_REQUEST_URL, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'no such token' };
    expect(await refusal('acme-shop-refused', unknown)).toMatch(
      /^GitHub gave no ID token for the audience nomad\.example\.com: http:\S+ answered 401\. Run the job again/,
    );
    issuer.fail(503, 500);
    const result = await run('acme-shop-hiccup', issuer.job());
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(result.log).toMatch(/answered 503; retrying in /);
  });

  test('is repeated when the token ends while the job is watched', async () => {
    const flag = join(temporary('flag'), 'ended');
    let accessor: string | undefined;
    let ended: Promise<unknown> | undefined;
    const result = await run('acme-shop-long', issuer.job(), {
      files: { 'project.nomad': spec('acme-shop-long', { type: 'batch', command: `until [ -e ${flag} ]; do sleep 0.1; done` }) },
      onLine: (line) => {
        accessor ??= /accessor ([\da-f-]{36})/.exec(line)?.[1];
        // Somebody ends it: as good as its time being over.
        if (line.includes('Watch')) ended ??= shell(`nomad acl token delete ${accessor} && touch ${flag}`);
      },
    });
    await ended;
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(result.log.match(/^Logged in with the auth method github/gm)).toHaveLength(2);
  });

  test.each<[string, Record<string, string>, string[]]>([
    ['runs of a branch', { environment: '', sub: 'repo:acme/shop:ref:refs/heads/main' }, ['refs/heads/next', 'ref']],
    [
      'a reusable workflow',
      { environment: '', repository_id: '77', job_workflow_ref: 'acme/workflows/.github/workflows/deploy.yml@refs/heads/main' },
      ['acme/workflows/.github/workflows/deploy.yml@refs/heads/next', 'job_workflow_ref'],
    ],
    ['runs of pull requests', { environment: '', event_name: 'pull_request', ref: 'refs/pull/7/merge' }, ['push', 'event_name']],
  ])('is let in by the rule for %s, and by nothing else', async (row, claims, [other = '', claim = '']) => {
    const rule = await shell(
      `nomad acl binding-rule create -json -auth-method github -bind-type role -bind-name deploy-shop -selector '${codeOf(PAGE, row)}'`,
    );
    try {
      expect(await run('acme-shop-rule', issuer.job(claims), { inputs: { command: 'plan' } })).toMatchObject({ code: 0 });
      expect(await refusal('acme-shop-rule', issuer.job({ ...claims, [claim]: other }), { inputs: { command: 'plan' } })).toMatch(
        /no role or policy bindings matched/,
      );
    } finally {
      await shell(`nomad acl binding-rule delete ${(JSON.parse(rule) as { ID: string }).ID}`);
    }
  });
});

test('a rule that gives a management token is warned of', async () => {
  const rule = await shell(`nomad acl binding-rule create -json -auth-method github -bind-type management -selector 'value.run_id == "7"'`);
  try {
    const result = await run('acme-shop-management', issuer.job({ run_id: '7' }), { inputs: { command: 'plan' } });
    expect(result.code).toBe(0);
    expect(result.annotations).toContainEqual(
      expect.objectContaining({ level: 'warning', message: expect.stringContaining('a management token, which may do everything') }),
    );
  } finally {
    await shell(`nomad acl binding-rule delete ${(JSON.parse(rule) as { ID: string }).ID}`);
  }
});

test('a token of the input wins over an auth method of the configuration file', async () => {
  const files = { ...batch('acme-shop-config'), 'nomad-deploy.yml': 'nomad-auth-method: github\nnomad-auth-audience: nomad.example.com\n' };
  const inputs = { 'nomad-auth-method': '', 'nomad-auth-audience': '', command: 'plan' };
  const byFile = await run('', issuer.job(), { files, inputs });
  expect(byFile).toMatchObject({ code: 0 });
  expect(byFile.log).toContain('Logged in with the auth method github');
  const byInput = await run('', issuer.job(), { files, inputs: { ...inputs, 'nomad-token': parts().nomadWithAcls.token } });
  expect(byInput).toMatchObject({ code: 0 });
  expect(byInput.log).not.toContain('Logged in');
});

describe('a login that is half asked for', () => {
  test.each([
    [{ 'nomad-auth-audience': '' }, /^`nomad-auth-method` is given without `nomad-auth-audience`/],
    [{ 'nomad-auth-method': '' }, /^`nomad-auth-audience` is given without `nomad-auth-method`/],
    [{ 'nomad-token': '11111111-2222-3333-4444-555555555555' }, /^`nomad-token` and `nomad-auth-method` are both given/],
  ])('%j is refused', async (inputs, message) => {
    expect(await refusal('acme-shop-refused', issuer.job(), { inputs })).toMatch(message);
  });
});
