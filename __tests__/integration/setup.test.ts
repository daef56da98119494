import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { temporary } from '../../scripts/parts/action.ts';
import { output } from '../../scripts/parts/exec.ts';
import { cluster, type Deploy, deploy, itemsOf, spec } from '../helpers/deploying.ts';
import { startGitHub } from '../helpers/github.ts';
import { type Issuer, startIssuer } from '../helpers/issuer.ts';
import { parts } from '../helpers/parts.ts';
import { SELECTORS, VALUES } from '../helpers/selectors.ts';
import { type CliResult, checkout, openTmux, resultOf, runCli } from '../helpers/terminal.ts';
import { policyFor } from '../helpers/versions.ts';

const JOB = 'acme-shop-setup';
const NAME = `nomad-deploy-${JOB}`;
/** The repository of the issuer's claims. */
const ID = '1296269';
const METHOD = 'github-setup';
const KEYS = 'https://token.actions.githubusercontent.com/.well-known/jwks';
const FILES = {
  'project.nomad': spec(JOB, { type: 'batch', command: 'true' }),
  'nomad-deploy.yml': `nomad-auth-method: ${METHOD}\nnomad-auth-audience: nomad.example.com\n`,
  '.github/workflows/deploy.yml': `on: push
jobs:
  deploy:
    steps:
      - uses: org/nomad-deploy@v1
        env:
          NOMAD_SECRET_KEY: \${{ secrets.KEY }}
`,
};

let issuer: Issuer;
let folder: string;
beforeAll(async () => {
  issuer = await startIssuer();
  folder = checkout(FILES, { remote: 'git@github.com:acme/shop.git' });
});
afterAll(() => issuer.close());

async function manage<T>(path: string, body?: object, method = body === undefined ? 'GET' : 'POST'): Promise<T | undefined> {
  const { address, token } = parts().nomadWithAcls;
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(`${address}${path}`, { method, headers: { 'x-nomad-token': token }, ...sent });
  const text = await answer.text();
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

type Rule = Readonly<Record<'ID' | 'AuthMethod' | 'Selector' | 'BindName', string>>;
const rules = async (): Promise<Rule[]> => {
  const all = (await manage<Rule[]>('/v1/acl/binding-rules')) ?? [];
  const own = all.filter(({ AuthMethod }) => AuthMethod === METHOD);
  return Promise.all(own.map(async (rule) => (await manage<Rule>(`/v1/acl/binding-rule/${rule.ID}`)) as Rule));
};
/** All that setup can have made, by its indexes. */
const state = async (): Promise<unknown> =>
  Promise.all([
    manage(`/v1/acl/policy/${NAME}`),
    manage(`/v1/acl/policy/${NAME}-plan`),
    manage(`/v1/acl/role/name/${NAME}`),
    manage(`/v1/acl/role/name/${NAME}-plan`),
    manage(`/v1/acl/auth-method/${METHOD}`),
    rules(),
  ]);
const NOTHING = [undefined, undefined, undefined, undefined, undefined, []];

/** Runs the command as an administrator. */
const setup = async (args: readonly string[], env: Record<string, string> = {}, cwd = folder): Promise<CliResult> => {
  const { address, token } = parts().nomadWithAcls;
  const result = await runCli({ args: ['setup', ...args], cwd, env: { NOMAD_ADDR: address, NOMAD_TOKEN: token, ...env } });
  expect(`${result.stdout}${result.stderr}`).not.toContain(token);
  return result;
};
/** Nomad's servers cannot reach GitHub here: an administrator gives the auth method the keys of the issuer. */
const useIssuer = async (): Promise<void> => {
  const path = `/v1/acl/auth-method/${METHOD}`;
  const method = await manage<{ readonly Config: object }>(path);
  await manage(path, { ...method, Config: { ...method?.Config, JWKSURL: issuer.keys } });
};
const ours = ['--repository-id', ID];
const LOGIN = { 'nomad-auth-method': METHOD, 'nomad-auth-audience': 'nomad.example.com', 'nomad-token': '' };
const run = async (claims: Record<string, string>, more: Partial<Deploy> = {}) =>
  deploy({ files: FILES, acl: true, ...more, env: { ...issuer.job(claims), ...more.env }, inputs: { ...LOGIN, ...more.inputs } });
const errorOf = ({ annotations }: Awaited<ReturnType<typeof run>>): string =>
  annotations.find(({ level }) => level === 'error')?.message ?? '';

describe('the setup of a repository', () => {
  test('writes nothing where nobody says yes', async () => {
    const { code, stdout, stderr } = await setup(ours);
    expect(code).toBe(1);
    expect(stdout).toContain(`+ policy ${NAME}: new`);
    expect(stderr).toContain('there is no terminal to ask at, so nothing was changed. Add --yes.');
    const { address, token } = parts().nomadWithAcls;
    const asked = await openTmux({ args: ['setup', ...ours], cwd: folder, env: { NOMAD_ADDR: address, NOMAD_TOKEN: token }, rows: 60 });
    try {
      await asked.until('Write this? [y/N]');
      await asked.keys('n', 'Enter');
      expect(await asked.code).toBe(130);
    } finally {
      await asked.close();
    }
    expect(await state()).toEqual(NOTHING);
  });

  test('asks GitHub for the number of the repository, and says what is missing without a token', async () => {
    expect(await setup(['--yes'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/the number of the repository acme\/shop is not known\. Set GITHUB_TOKEN .* or add --repository-id/),
    });
    const github = await startGitHub();
    try {
      const { code, stdout } = await setup([], { GITHUB_TOKEN: github.token, GITHUB_API_URL: github.url });
      expect(code).toBe(1);
      expect(stdout).toMatch(/value\.repository_id == "\d+" and value\.ref == "refs\/heads\/main"/);
    } finally {
      await github.stop();
    }
    expect(await state()).toEqual(NOTHING);
  });

  test('lets the runs of its branch deploy with their secrets, and nobody else', async () => {
    const args = [...ours, '--yes', '--bind', 'branch=main', '--bind', 'plan event=pull_request'];
    const { code, stdout, stderr } = await setup(args);
    expect(stdout).toMatch(/^7 new, 0 changed, 0 removed, 0 as before$/m);
    expect(code).toBe(0);
    expect(stderr).toContain(`${JOB} uses, by nomad-deploy.yml and .github/workflows/deploy.yml: deploy, secrets, releases`);
    await useIssuer();
    const env = { NOMAD_SECRET_KEY: 'given by setup' };
    expect(await run({ environment: '' }, { env })).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(Object.values(itemsOf(await cluster.variable(JOB, parts().nomadWithAcls)))).toEqual(['given by setup']);
    for (const claims of [
      { repository: 'evil/shop', repository_id: '666' },
      { ref: 'refs/heads/next' },
      // It has the ref of the default branch, whatever code it checks out.
      { event_name: 'pull_request_target' },
    ]) {
      expect(errorOf(await run(claims))).toMatch(/no role or policy bindings matched/);
    }
    const pull = { event_name: 'pull_request', ref: 'refs/pull/7/merge', environment: '' };
    expect(await run(pull, { inputs: { command: 'plan' } })).toMatchObject({ code: 0 });
    expect(await run(pull, { env, inputs: { command: 'plan' } })).toMatchObject({ code: 0 });
    expect(errorOf(await run(pull))).toMatch(/must allow `/);
    expect((await cluster.job(JOB, parts().nomadWithAcls))?.Version).toBe(0);
  }, 90_000);

  test('a refused login names the term that does not hold, with both values', async () => {
    const selector = (await rules()).map(({ Selector }) => Selector).join('\n');
    expect(errorOf(await run({ ref: 'refs/heads/next' }, { inputs: { 'nomad-auth-selector': selector } }))).toMatch(
      /bindings matched\. `nomad-auth-selector` wants .*`value\.ref == "refs\/heads\/main"`, and the token has ref=refs\/heads\/next/,
    );
    const refused = await run({ repository_id: '666', ref: 'refs/heads/next' });
    expect(errorOf(refused)).toMatch(/`nomad-deploy setup --claims FILE` shows the term of each rule that does not hold\./);
    const [, claims = ''] = /All claims of the ID token\n((?:\S+=.*\n)+)/.exec(refused.log) ?? [];
    writeFileSync(join(folder, 'claims.txt'), claims);
    const { code, stdout } = await setup([...ours, '--claims', 'claims.txt']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      new RegExp(
        `Binding rule \\S{8} \\(role ${NAME}\\) does not match: it wants .value\\.repository_id == "${ID}"., and the token has repository_id=666; .value\\.ref == "refs/heads/main"., and the token has ref=refs/heads/next\\.`,
      ),
    );
    expect(stdout).toContain('Nomad refuses a token with these claims.');
  }, 60_000);

  test('shows a change of an administrator as a difference, and changes nothing a second time', async () => {
    const args = [...ours, '--bind', 'branch=main', '--bind', 'plan event=pull_request'];
    const before = await state();
    const shown = await setup(args);
    expect(shown).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(`~ auth method ${METHOD}: changed\n      JWKSURL: ${issuer.keys} -> ${KEYS}\n`),
    });
    expect(await state()).toEqual(before);
    expect(await setup([...args, '--yes'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^0 new, 1 changed, 0 removed, 6 as before$/m),
    });
    const after = await state();
    expect(await setup([...args, '--yes'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/Nothing is to be done\./) });
    expect(await state()).toEqual(after);
    await useIssuer();
  }, 60_000);

  test('gives no right too many', async () => {
    const policy = (await manage<{ Name: string; Rules: string; Description: string }>(`/v1/acl/policy/${NAME}`)) ?? {
      Name: '',
      Rules: '',
      Description: '',
    };
    for (const right of ['parse-job', 'read-job', 'plan-job', 'register-job']) {
      const Rules = policy.Rules.replace(`"${policyFor(`"${right}"]`).slice(1, -2)}", `, '');
      if (Rules === policy.Rules) continue;
      await manage(`/v1/acl/policy/${NAME}`, { ...policy, Rules });
      expect([right, errorOf(await run({ environment: '' }))]).toEqual([
        right,
        expect.stringMatching(new RegExp(`must allow \`(${right}|parse-job)\``)),
      ]);
    }
    await manage(`/v1/acl/policy/${NAME}`, policy);
  }, 90_000);

  test('a write that fails is told with those before it', async () => {
    const proxy = await failing('POST /v1/acl/auth-method');
    const half = [...ours, '--yes', '--job-name', 'half', '--nomad-auth-method', 'half'];
    try {
      const { code, stderr } = await setup(half, { NOMAD_ADDR: proxy.address });
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /auth method half: Nomad answered 500 .*Done before: policy nomad-deploy-half, role nomad-deploy-half\. Not done: auth method half, binding rule .*The same command goes on with the objects that are not done\./s,
      );
    } finally {
      proxy.close();
    }
    expect(await setup(half)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^2 new, 0 changed, 0 removed, 2 as before$/m) });
    expect(await setup([...half, '--remove'])).toMatchObject({ code: 0 });
    expect(await manage('/v1/acl/policy/nomad-deploy-half')).toBeUndefined();
  });

  test.each([
    [['--nomad-auth-method', 'no_name'], /`nomad-auth-method`: "no_name" is not a name that Nomad takes/],
    [['--bind', 'main'], /`bind`: "main" is not a word about runs/],
    [['--features', 'sweeep'], /`features`: there is no command or feature "sweeep"\. Did you mean `sweep`\?/],
    [['--repository-id', 'acme'], /`repository-id`: "acme" is no number/],
    [['--output', 'hcl', '--remove'], /`output`: hcl prints the objects/],
  ])('%j is refused before anything is written', async (args, message) => {
    const before = await state();
    expect(await setup([...ours, '--yes', ...args])).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
    expect(await state()).toEqual(before);
  });

  test('takes over nothing that it did not make', async () => {
    await manage('/v1/acl/policy/nomad-deploy-taken', {
      Name: 'nomad-deploy-taken',
      Description: 'mine',
      Rules: 'node { policy = "read" }',
    });
    expect(await setup([...ours, '--yes', '--job-name', 'taken'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /the policy nomad-deploy-taken exists already, and setup did not make it for this repository: its description is "mine"/,
      ),
    });
    await setup([...ours, '--yes', '--remove', '--job-name', 'taken']);
    expect(await manage('/v1/acl/policy/nomad-deploy-taken')).toMatchObject({ Description: 'mine' });
  });

  test('needs a management token', async () => {
    const token = await manage<{ SecretID: string }>('/v1/acl/token', { Name: 'weak', Type: 'client', Policies: ['nomad-deploy-taken'] });
    const { code, stderr } = await setup([...ours, '--yes'], { NOMAD_TOKEN: token?.SecretID ?? '' });
    expect(code).toBe(4);
    expect(stderr).toMatch(/Permission denied\. Policies, roles and auth methods take a management token: set NOMAD_TOKEN to one\./);
    expect(stderr).not.toContain(token?.SecretID);
  });

  test('says that a cluster without ACLs needs none', async () => {
    expect(await setup([...ours, '--yes'], { NOMAD_ADDR: parts().nomad.address })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('this cluster has no ACLs, so there is nothing to set up: every run may deploy'),
    });
  });

  test('is told as JSON, with nothing else on the standard output', async () => {
    const result = resultOf(await setup([...ours, '--yes', '--json', '--job-name', 'json']));
    expect(result).toMatchObject({ outcome: 'reported' });
    expect(resultOf(await setup([...ours, '--yes', '--json', '--job-name', 'json', '--remove']))).toMatchObject({ outcome: 'reported' });
    expect(await manage('/v1/acl/policy/nomad-deploy-json')).toBeUndefined();
  });

  test('is removed, without what others made', async () => {
    const [, , , , , before] = (await state()) as [unknown, unknown, unknown, unknown, unknown, Rule[]];
    expect(before).toHaveLength(2);
    await manage('/v1/acl/binding-rule', { AuthMethod: METHOD, BindType: 'role', BindName: 'other', Selector: 'value.ref == "x"' }, 'PUT');
    const { code, stdout } = await setup([...ours, '--yes', '--remove']);
    expect(code).toBe(0);
    expect(stdout).toContain(`  auth method ${METHOD}: kept, because it has 1 other binding rule`);
    expect(await state()).toMatchObject([undefined, undefined, undefined, undefined, { Name: METHOD }, [{ BindName: 'other' }]]);
    const [rule] = await rules();
    await manage(`/v1/acl/binding-rule/${rule?.ID}`, undefined, 'DELETE');
    await setup([...ours, '--yes', '--remove']);
    expect(await state()).toEqual(NOTHING);
    expect(await setup([...ours, '--yes', '--remove'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Nothing is to be done.'),
    });
  });
});

test('a selector holds here exactly where it holds for Nomad', async () => {
  const names = (values: object): Record<string, string> => Object.fromEntries(Object.keys(values).map((name) => [name, name]));
  await manage('/v1/acl/policy/selectors', { Name: 'selectors', Rules: 'node { policy = "read" }' });
  const method = {
    ...{ Name: 'selectors', Type: 'JWT', TokenLocality: 'local', MaxTokenTTL: '1m' },
    Config: { JWKSURL: issuer.keys, ClaimMappings: names(VALUES.value), ListClaimMappings: names(VALUES.list) },
  };
  await manage('/v1/acl/auth-method', method);
  const token = await tokenOf({ ...VALUES.value, ...VALUES.list });
  const found: [string, boolean][] = [];
  for (const [Selector] of SELECTORS) {
    const rule = await manage<Rule>(
      '/v1/acl/binding-rule',
      { AuthMethod: 'selectors', BindType: 'policy', BindName: 'selectors', Selector },
      'PUT',
    );
    const login = { AuthMethodName: 'selectors', LoginToken: token };
    const answer = await fetch(`${parts().nomadWithAcls.address}/v1/acl/login`, { method: 'POST', body: JSON.stringify(login) });
    const text = await answer.text();
    expect(answer.ok ? '' : text).toMatch(/^$|no role or policy bindings matched/);
    found.push([Selector, answer.ok]);
    await manage(`/v1/acl/binding-rule/${rule?.ID}`, undefined, 'DELETE');
  }
  expect(found).toEqual(SELECTORS);
}, 60_000);

/** A proxy in front of the cluster that fails one kind of request. */
async function failing(call: string): Promise<{ readonly address: string; readonly close: () => void }> {
  const server = createServer((request, response) => {
    const pass = async (): Promise<void> => {
      const body = await text(request);
      if (`${request.method} ${request.url}` === call) {
        response.writeHead(500).end('no');
        return;
      }
      const answer = await fetch(`${parts().nomadWithAcls.address}${request.url}`, {
        method: request.method ?? 'GET',
        headers: { 'x-nomad-token': String(request.headers['x-nomad-token']) },
        ...(body === '' ? {} : { body }),
      });
      response.writeHead(answer.status, { 'x-nomad-index': answer.headers.get('x-nomad-index') ?? '0' }).end(await answer.text());
    };
    pass().catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

/** An ID token with these claims, as a job gets it. */
async function tokenOf(claims: Parameters<Issuer['job']>[0]): Promise<string> {
  const { ACTIONS_ID_TOKEN_REQUEST_URL = '', ACTIONS_ID_TOKEN_REQUEST_TOKEN } = issuer.job(claims);
  const answer = await fetch(ACTIONS_ID_TOKEN_REQUEST_URL, { headers: { authorization: `Bearer ${ACTIONS_ID_TOKEN_REQUEST_TOKEN}` } });
  return ((await answer.json()) as { value: string }).value;
}

test('a namespace is created if that is asked for, and a job is deployed there', async () => {
  const args = [...ours, '--yes', '--nomad-namespace', 'setup-shop', '--create-namespace'];
  expect(await setup([...ours, '--nomad-namespace', 'setup-shop'])).toMatchObject({
    stderr: expect.stringContaining('The namespace setup-shop does not exist. --create-namespace creates it.'),
  });
  expect(await setup(args)).toMatchObject({ code: 0, stdout: expect.stringContaining('Created: namespace setup-shop') });
  await useIssuer();
  expect(await run({ environment: '' }, { inputs: { 'nomad-namespace': 'setup-shop', command: 'plan' } })).toMatchObject({ code: 0 });
  expect(await setup([...args, '--remove'])).toMatchObject({ code: 0, stdout: expect.stringContaining('Removed: namespace setup-shop') });
  expect(await manage('/v1/namespace/setup-shop')).toBeUndefined();
}, 60_000);

test('HCL for Terraform is printed without a cluster, and nothing else is', async () => {
  const { code, stdout } = await setup([...ours, '--output', 'hcl'], { NOMAD_ADDR: '', NOMAD_TOKEN: '' });
  expect(code).toBe(0);
  expect(stdout.match(/^resource "(\w+)"/gm)).toEqual([
    'resource "nomad_acl_policy"',
    'resource "nomad_acl_role"',
    'resource "nomad_acl_auth_method"',
    'resource "nomad_acl_binding_rule"',
  ]);
  expect(stdout).toMatch(/^resource /);
  // The formatter of Nomad is that of Terraform, and refuses what is no HCL.
  const file = join(temporary('terraform'), 'github.hcl');
  writeFileSync(file, stdout);
  expect(await output(parts().nomadBin, ['fmt', '-check', file])).toBe('');
});
