import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { temporary } from '../../scripts/parts/action.ts';
import { spec } from '../helpers/deploying.ts';
import { type OidcProvider, startOidcProvider } from '../helpers/oidc-provider.ts';
import { parts } from '../helpers/parts.ts';
import { type CliResult, checkout, openTmux, type PipedOptions, runCli } from '../helpers/terminal.ts';

const CALLBACK = 'http://localhost:4649/oidc/callback';
const METHODS = ['sso', 'other'];

let provider: OidcProvider;
/** A folder with a browser: it opens the page, and follows where that leads. */
let browser: string;
/** A program for pages that opens none. */
let noBrowser: string;

beforeAll(async () => {
  provider = await startOidcProvider();
  [browser, noBrowser] = [temporary('bin'), temporary('bin')];
  const program = `#!${process.execPath}\nfetch(process.argv[2]).then(async (answer) => answer.text());\n`;
  for (const name of ['xdg-open', 'open']) {
    writeFileSync(join(browser, name), program, { mode: 0o755 });
    writeFileSync(join(noBrowser, name), '#!/bin/sh\nexit 3\n', { mode: 0o755 });
  }
  await api('PUT', '/v1/acl/policy/deploy-by-people', {
    Name: 'deploy-by-people',
    Rules:
      'namespace "default" { policy = "write" variables { path "*" { capabilities = ["write", "read", "list", "destroy"] } } }\nnode { policy = "read" }',
  });
}, 60_000);
afterEach(async () => {
  // The rules of a method stay when it is deleted, and would be those of its successor.
  const rules = (await api('GET', '/v1/acl/binding-rules')) as readonly { readonly ID: string; readonly AuthMethod: string }[];
  for (const { ID, AuthMethod } of rules) if (METHODS.includes(AuthMethod)) await api('DELETE', `/v1/acl/binding-rule/${ID}`);
  for (const name of METHODS) await api('DELETE', `/v1/acl/auth-method/${name}`).catch(() => undefined);
});
afterAll(() => provider.close());

async function api(method: string, path: string, body?: unknown): Promise<unknown> {
  const { address, token } = parts().nomadWithAcls;
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(`${address}${path}`, { method, headers: { 'x-nomad-token': token }, ...sent });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

interface Method {
  readonly isDefault?: boolean;
  readonly ttl?: string;
  readonly group?: string;
  readonly redirect?: string;
}

/** Makes an auth method of the provider whose logins have a policy, if the person is in the group. */
async function makeMethod(
  name: string,
  { isDefault = false, ttl = '15m', group = 'developers', redirect = CALLBACK }: Method = {},
): Promise<void> {
  await api('PUT', '/v1/acl/auth-method', {
    ...{ Name: name, Type: 'OIDC', TokenLocality: 'local', MaxTokenTTL: ttl, Default: isDefault },
    Config: {
      ...{ OIDCDiscoveryURL: provider.issuer, OIDCClientID: 'nomad', OIDCClientSecret: 'secret of the client' },
      ...{ BoundAudiences: ['nomad'], AllowedRedirectURIs: [redirect], ListClaimMappings: { groups: 'groups' } },
    },
  });
  const rule = { AuthMethod: name, BindType: 'policy', BindName: 'deploy-by-people', Selector: `${JSON.stringify(group)} in list.groups` };
  await api('PUT', '/v1/acl/binding-rule', rule);
}

/** A person with settings of their own, and the cluster with ACLs. */
function person(): { readonly file: string; readonly run: (args: readonly string[], more?: Partial<PipedOptions>) => Promise<CliResult> } {
  const home = temporary('home');
  const env = { HOME: home, XDG_CONFIG_HOME: join(home, 'settings'), NOMAD_ADDR: parts().nomadWithAcls.address };
  const cwd = checkout({ 'project.nomad': spec('acme-shop-people', { type: 'batch', command: 'true' }) });
  return {
    file: join(home, 'settings/nomad-deploy/tokens.json'),
    run: async (args, more = {}) => {
      const PATH = `${browser}${delimiter}${process.env['PATH']}`;
      return runCli({ cwd, args, ...more, env: { ...env, PATH, ...more.env } });
    },
  };
}

const tokenIn = (file: string): string =>
  (JSON.parse(readFileSync(file, 'utf8')) as Record<string, { readonly token: string }>)[parts().nomadWithAcls.address]?.token ?? '';

describe('a login in a browser', () => {
  test('keeps a token that only its owner can read, by which the next commands run, and shows it nowhere', async () => {
    await makeMethod('sso');
    const { file, run } = person();
    const before = await run(['deploy', '--yes']);
    expect(before.code).toBe(4);
    expect(before.stderr).toMatch(/There is no token: log in with `nomad-deploy login`, or set NOMAD_TOKEN to one that allows `parse-job`/);
    const login = await run(['login']);
    expect(login.stderr).toMatch(
      /Log in in the browser: http[\s\S]*Logged in at http:\/\/[\d.:]+ with the auth method sso: token .*\(accessor [\da-f-]{36}, policy deploy-by-people\), valid until 20/,
    );
    expect(login).toMatchObject({ code: 0, stdout: '' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const token = tokenIn(file);
    expect(token).toMatch(/^[\da-f-]{36}$/);
    const deploy = await run(['deploy', '--yes']);
    expect(deploy.stderr).toBe('');
    expect(deploy.code).toBe(0);
    const history = await run(['history', '--json']);
    for (const { stdout, stderr } of [login, deploy, history]) expect(stdout + stderr).not.toContain(token);
    const [version] = (JSON.parse(history.stdout) as { versions: { actor: string; run: string }[] }).versions;
    expect(version).toMatchObject({ run: expect.stringMatching(/^terminal [\da-f]{8}$/) });
  }, 60_000);

  test('needs no checkout, opens no browser where there is none, and warns of a token that counts before it', async () => {
    await makeMethod('sso');
    const { run } = person();
    const opened = { env: { PATH: `${noBrowser}${delimiter}${process.env['PATH']}`, NOMAD_TOKEN: 'f'.repeat(36) } };
    const { code, stderr } = await run(['login'], {
      ...opened,
      cwd: temporary('nothing'),
      onLine: (line) => {
        const url = /Log in in the browser: (\S+)/.exec(line)?.[1];
        if (url !== undefined) void fetch(url);
      },
    });
    expect(stderr).toContain('No browser could be opened: open the page yourself.');
    expect(stderr).toContain('Warning: NOMAD_TOKEN is set, and counts before this login.');
    expect(code).toBe(0);
  }, 60_000);

  test('a token that has expired or was revoked asks for a login', async () => {
    await makeMethod('sso', { ttl: '1m' });
    const { file, run } = person();
    expect(await run(['login'])).toMatchObject({ code: 0 });
    const stored = readFileSync(file, 'utf8');
    writeFileSync(file, stored.replace(/"expiresAt": "[^"]+"/, '"expiresAt": "2020-01-01T00:00:00Z"'));
    const expired = await run(['status', '-j', 'nothing']);
    expect(expired).toMatchObject({ code: 4 });
    expect(expired.stderr).toContain('There is no token: log in with `nomad-deploy login`');
    writeFileSync(file, stored.replace(tokenIn(file), '0'.repeat(8) + tokenIn(file).slice(8)));
    const revoked = await run(['status', '-j', 'nothing']);
    expect(revoked).toMatchObject({ code: 4 });
    expect(revoked.stderr).toContain('The token is unknown to this cluster, or has expired: log in with `nomad-deploy login`');
  }, 60_000);

  test('a token without the right is no missing login', async () => {
    await makeMethod('sso');
    const { run } = person();
    expect(await run(['login'])).toMatchObject({ code: 0 });
    const denied = await run(['status', '-j', 'nothing', '--nomad-namespace=foreign']);
    expect(denied.stderr).toMatch(/must allow `read-job` in the namespace `foreign`/);
    expect(denied.code).toBe(1);
  }, 60_000);

  test('the file of the tokens is refused when others can read it', async () => {
    await makeMethod('sso');
    const { file, run } = person();
    expect(await run(['login'])).toMatchObject({ code: 0 });
    chmodSync(file, 0o644);
    const { code, stderr } = await run(['status', '-j', 'nothing']);
    expect(stderr).toContain(`other users of this machine can read ${file}. It holds tokens: run chmod 600 ${file}, and log in again.`);
    expect(code).toBe(1);
  }, 60_000);
});

describe('which auth method', () => {
  test('none, several without a default, the default, and the named one', async () => {
    const { run } = person();
    const none = await run(['login']);
    expect(none.stderr).toMatch(
      /has no auth method for a login in a browser\. Ask the operator for an auth method of the type OIDC, or set NOMAD_TOKEN\./,
    );
    expect(none.code).toBe(1);
    for (const name of METHODS) await makeMethod(name);
    const several = await run(['login']);
    expect(several.stderr).toMatch(
      /has several auth methods for a login in a browser, and no default\. Name one with --auth-method: other, sso\./,
    );
    expect(await run(['login', '--auth-method=other'])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('with the auth method other'),
    });
    await makeMethod('sso', { isDefault: true });
    expect(await run(['login'])).toMatchObject({ code: 0, stderr: expect.stringContaining('with the auth method sso') });
  }, 60_000);

  test('a cluster without ACLs needs no login', async () => {
    const { run } = person();
    const { code, stderr } = await run(['login'], { env: { NOMAD_ADDR: parts().nomad.address } });
    expect(stderr).toContain('Error: this cluster has no ACLs. It needs no login and no token.');
    expect(code).toBe(1);
  });
});

describe('a refused login', () => {
  test('by the identity provider', async () => {
    await makeMethod('sso');
    const { file, run } = person();
    provider.refuse('access_denied');
    const { code, stderr } = await run(['login']);
    expect(stderr).toContain('Error: the identity provider refused the login: access_denied');
    expect(code).toBe(4);
    expect(existsSync(file)).toBe(false);
  }, 60_000);

  test('by Nomad, because no binding rule matches', async () => {
    await makeMethod('sso', { group: 'operators' });
    const { code, stderr } = await person().run(['login']);
    expect(stderr).toMatch(/Nomad refused the login with the auth method sso: .*A binding rule of the auth method must match/);
    expect(code).toBe(4);
  }, 60_000);

  test('by Nomad, because the address of the callback is not allowed', async () => {
    await makeMethod('sso', { redirect: 'https://nomad.example.com/oidc/callback' });
    const { code, stderr } = await person().run(['login']);
    expect(stderr).toContain(`Add ${CALLBACK} to AllowedRedirectURIs of the auth method, as for \`nomad login\`.`);
    expect(code).toBe(1);
  }, 60_000);

  test('because the port is taken', async () => {
    await makeMethod('sso');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(4649, '127.0.0.1', resolve));
    try {
      const { code, stderr } = await person().run(['login']);
      expect(stderr).toContain('Error: this machine cannot listen at port 4649: EADDRINUSE. Another login may be waiting there');
      expect(code).toBe(1);
    } finally {
      server.close();
    }
  }, 60_000);

  test('by Ctrl-C in a terminal, while the browser waits for the person', async () => {
    await makeMethod('sso');
    const home = temporary('home');
    mkdirSync(join(home, 'x'));
    const PATH = `${noBrowser}${delimiter}${process.env['PATH']}`;
    const tmux = await openTmux({ args: ['login'], cwd: home, env: { PATH, HOME: home, NOMAD_ADDR: parts().nomadWithAcls.address } });
    try {
      await tmux.until('Log in in the browser');
      await tmux.keys('C-c');
      expect(await tmux.code).toBe(130);
      expect(await tmux.screen()).toContain('Error: the command was cancelled');
    } finally {
      await tmux.close();
    }
  }, 60_000);
});
