// GitHub's API as we use it, against a server that GitHub's own description of it checks.

import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ActionError, toActionError } from '../../src/errors.ts';
import { connectGitHub, type GitHub } from '../../src/github/connect.ts';
import { tell } from '../../src/github/tell.ts';
import { recordArtifacts } from '../../src/report/github/linked-artifact.ts';
import type { Reporting } from '../../src/report/record.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { request } from '../../src/runtime/http.ts';
import type { Clock, Log, Runtime } from '../../src/runtime/runtime.ts';
import { secret } from '../../src/runtime/secret.ts';
import { type GitHubServer, startGitHub } from '../helpers/github.ts';

let server: GitHubServer;
beforeEach(async () => {
  server = await startGitHub();
});
afterEach(async () => server.stop());

const nothing = (): void => undefined;
const SILENT: Log = {
  info: nothing,
  debug: nothing,
  notice: nothing,
  warning: nothing,
  error: nothing,
  group: async (_title, work) => work(),
};

/** The API, with a clock that does not wait; gives the waits. */
function connected(token = server.token, signal = new AbortController().signal, at = '/') {
  const waits: number[] = [];
  let nowMs = Date.now();
  const clock: Clock = {
    ...systemClock,
    now: () => nowMs,
    sleep: async (ms) => {
      waits.push(ms);
      nowMs += ms;
    },
  };
  const github = connectGitHub(
    { apiUrl: at.startsWith('/') ? `${server.url}${at}` : at, token: secret(token), repository: 'Acme/Shop' },
    { log: SILENT, clock, signal, request },
  );
  return { github, waits };
}

const paths = (): string[] => server.requests.map(({ method, path, status }) => `${method} ${path} ${status}`);
const NEW = {
  ref: 'ffac537e6cbbf934b08745a378932722df287a53',
  environment: 'production',
  description: 'x'.repeat(200),
  transient_environment: false,
  production_environment: true,
  payload: { by: 'nomad-deploy' },
};

describe('what GitHub is asked is what it describes', () => {
  test('comments are written, found, edited and removed', async () => {
    const { github } = connected();
    server.pull(7);
    const { id } = await github.comments.create(7, 'first', async () => undefined);
    await github.comments.update(id, 'second');
    expect((await github.comments.all(7)).map(({ body, user }) => `${user?.login}: ${body}`)).toEqual(['github-actions[bot]: second']);
    await github.comments.remove(id);
    await github.comments.remove(id);
    expect(await github.comments.all(7)).toEqual([]);
  });

  test('also of a GitHub Enterprise Server, whose address has a path', async () => {
    const { github } = connected(server.token, new AbortController().signal, '/api/v3');
    expect(await github.pulls.open()).toEqual([]);
  });

  test('a long pull request is read page by page', async () => {
    const { github } = connected();
    server.pull(7);
    for (let i = 0; i < 101; i++) await github.comments.create(7, `${i}`, async () => undefined);
    expect(await github.comments.all(7)).toHaveLength(101);
  });

  test('deployments and their states', async () => {
    const { github } = connected();
    const { id } = await github.deployments.create(NEW, () => false);
    await github.deployments.setState(id, { state: 'in_progress', log_url: 'https://github.com/Acme/Shop/actions/runs/1' });
    await github.deployments.setState(id, { state: 'success', environment_url: 'https://shop.example.com', description: 'y'.repeat(200) });
    expect((await github.deployments.statuses(id)).map(({ state }) => state)).toEqual(['success', 'in_progress']);
    expect(await github.deployments.find({ environment: 'production', sha: NEW.ref })).toMatchObject([{ id, payload: NEW.payload }]);
    expect(await github.deployments.all('staging')).toEqual([]);
  });

  test('issues by their label', async () => {
    const { github } = connected();
    const { number } = await github.issues.create({ title: 'Drift', body: 'x', labels: ['drift'] }, async () => undefined);
    await github.issues.update(number, { body: 'y' });
    expect(await github.issues.open('drift')).toMatchObject([{ number, body: 'y' }]);
    await github.issues.update(number, { state: 'closed', state_reason: 'completed' });
    expect(await github.issues.open('drift')).toEqual([]);
  });

  test('pull requests, and those of a commit', async () => {
    const { github } = connected();
    server.pull(7);
    server.state.commitPulls.set('abc', [7]);
    expect((await github.pulls.open()).map(({ number }) => number)).toEqual([7]);
    expect((await github.pulls.ofCommit('abc')).map(({ number }) => number)).toEqual([7]);
    expect((await github.pulls.read(7))?.number).toBe(7);
    expect(await github.pulls.read(8)).toBeUndefined();
  });

  test('where an image runs', async () => {
    const { github } = connected();
    const record = {
      name: 'ghcr.io/acme/shop',
      digest: `sha256:${'a'.repeat(64)}`,
      status: 'deployed' as const,
      logical_environment: 'production',
      cluster: 'nomad.example.com',
      deployment_name: 'default-acme-shop',
      github_repository: 'Shop',
    };
    await github.artifacts.recordDeployment(record);
    expect(server.state.records).toMatchObject([record]);
  });
});

describe('what GitHub refuses', () => {
  test.each([
    ['a token that lacks the permission', 403 as const, 'permission-denied', /the line `pull-requests: read`/],
    ['what the token may not see', 404 as const, 'permission-denied', /the line `pull-requests: read`/],
    ['what makes no sense', 422 as const, 'github-refused', /^$/],
  ])('%s', async (_what, trouble, code, hint) => {
    const { github, waits } = connected();
    server.trouble(/pulls$/, trouble);
    const error = await github.pulls.open().catch(toActionError);
    expect(error).toMatchObject({ code });
    expect('hint' in error ? (error.hint ?? '') : error).toMatch(hint);
    expect(waits).toEqual([]);
  });

  test('a wrong token is named', async () => {
    const { github } = connected('ghs_another');
    await expect(github.pulls.open()).rejects.toMatchObject({
      code: 'permission-denied',
      message: expect.stringContaining('Bad credentials'),
    });
  });
});

describe('limits and outages', () => {
  test.each([
    ['a server error', 502 as const],
    ['a closed connection', 'closed' as const],
    ['a burst that ends soon', { rateLimit: 'secondary', retryAfterS: 2 } as const],
    ['a limit that ends soon', { rateLimit: 'primary', retryAfterS: 2 } as const],
  ])('%s is waited out', async (_what, trouble) => {
    const { github, waits } = connected();
    server.trouble(/pulls$/, trouble);
    expect(await github.pulls.open()).toEqual([]);
    expect(waits).toHaveLength(1);
  });

  test.each([
    ['a burst without an end', { rateLimit: 'secondary' } as const],
    ['a limit for most of an hour', { rateLimit: 'primary' } as const],
    ['a wait of minutes', { rateLimit: 'secondary', retryAfterS: 120 } as const],
  ])('%s is not', async (_what, trouble) => {
    const { github, waits } = connected();
    server.trouble(/pulls$/, trouble);
    await expect(github.pulls.open()).rejects.toMatchObject({ code: 'unreachable', hint: expect.stringMatching(/asked again in \d+ s/) });
    expect(waits).toEqual([]);
  });

  test('an outage costs seconds, once', async () => {
    const { github, waits } = connected();
    server.trouble(/pulls$/, 503, 1_000);
    await expect(github.pulls.open()).rejects.toMatchObject({ code: 'unreachable' });
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(10_000);
    const before = waits.length;
    await expect(github.pulls.open()).rejects.toMatchObject({ code: 'unreachable' });
    expect(waits).toHaveLength(before);
  });

  test('what was made though its answer got lost is not made twice', async () => {
    const { github } = connected();
    server.trouble(/POST .*deployments$/, 'lost');
    const made = await github.deployments.create(NEW, ({ sha }) => sha === NEW.ref);
    expect(server.state.deployments.map(({ id }) => id)).toEqual([made.id]);
  });

  test('what was not made is made then', async () => {
    const { github } = connected();
    server.trouble(/POST .*deployments$/, 500, 2);
    await github.deployments.create(NEW, ({ sha }) => sha === NEW.ref);
    expect(server.state.deployments).toHaveLength(1);
    expect(paths().filter((path) => path.startsWith('POST'))).toHaveLength(3);
  });

  test('a request under way ends with its run', async () => {
    const running = new AbortController();
    const silent = createServer(() => running.abort(new Error('cancelled'))).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const apiUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const begun = performance.now();
    await expect(connected(server.token, running.signal, apiUrl).github.pulls.open()).rejects.toThrow('cancelled');
    expect(performance.now() - begun).toBeLessThan(4_000);
    silent.closeAllConnections();
    silent.close();
  });

  test("the environment's proxy is asked, and told no more than the host", async () => {
    const asked: string[] = [];
    const proxy = createServer().on('connect', ({ url, headers }: IncomingMessage, socket: Duplex) => {
      asked.push(`${url} ${JSON.stringify(headers)}`);
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    const { HTTPS_PROXY: before } = process.env;
    process.env['HTTPS_PROXY'] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    try {
      const { github } = connected(server.token, new AbortController().signal, 'https://api.github.invalid');
      await expect(github.pulls.open()).rejects.toMatchObject({ code: 'unreachable' });
    } finally {
      if (before === undefined) delete process.env['HTTPS_PROXY'];
      else process.env['HTTPS_PROXY'] = before;
      proxy.close();
    }
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.filter((line) => !line.startsWith('api.github.invalid:443 ') || line.includes(server.token))).toEqual([]);
  });

  test('a cancelled run has one try, of seconds', async () => {
    const { github } = connected(server.token, AbortSignal.abort(new Error('cancelled')));
    expect(await github.pulls.open()).toEqual([]);
    server.trouble(/pulls$/, 503);
    await expect(github.pulls.open()).rejects.toMatchObject({ code: 'unreachable' });
  });
});

describe('linked artifacts', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const target = {
    environment: { value: 'production', name: 'production', source: 'x' },
    nomadAddr: { value: 'https://nomad.example.com:4646', source: 'x' },
  };
  const about = (github: GitHub, githubDeployment: boolean | 'auto', ownerType = 'Organization') =>
    ({ inputs: { githubDeployment }, context: { repository: 'Acme/Shop', ownerType }, target, github }) as unknown as Reporting;
  const result = { images: { app: `ghcr.io/acme/shop@${digest}` }, namespace: 'apps', jobId: 'shop', region: 'eu' };
  const lines: string[] = [];
  const runtime = {
    log: { ...SILENT, info: (line: string) => lines.push(`info: ${line}`), notice: (line: string) => lines.push(`notice: ${line}`) },
    signal: new AbortController().signal,
  } as unknown as Runtime;

  test('where an image runs is told with its digest', async () => {
    await recordArtifacts(about(connected().github, 'auto'), result, runtime);
    expect(server.state.records).toEqual([
      {
        name: 'ghcr.io/acme/shop',
        digest,
        status: 'deployed',
        logical_environment: 'production',
        physical_environment: 'eu',
        cluster: 'nomad.example.com:4646',
        deployment_name: 'apps-shop',
        github_repository: 'Shop',
        return_records: false,
      },
    ]);
  });

  test.each([
    ['auto', 'info'],
    [true, 'notice'],
  ] as const)('with %s, a refusal is of the level %s', async (wanted, level) => {
    lines.length = 0;
    server.trouble(/deployment-record/, 403);
    await recordArtifacts(about(connected().github, wanted), result, runtime);
    expect(lines).toEqual([expect.stringMatching(`^${level}: No linked artifact is recorded: .*artifact-metadata: write`)]);
  });

  test('a user has none', async () => {
    await recordArtifacts(about(connected().github, 'auto', 'User'), result, runtime);
    expect(server.requests).toEqual([]);
  });
});

describe('what GitHub refuses is told, and fails nothing', () => {
  const said: string[] = [];
  const log = {
    ...SILENT,
    notice: (text: string) => said.push(text),
    warning: (text: string) => said.push(text),
    info: (text: string) => said.push(text),
  };
  test.each<[string, Error, AbortSignal, string]>([
    [
      'an expected refusal',
      new ActionError('github-refused', 'no', { hint: 'Try.' }),
      new AbortController().signal,
      'No comment: no. Try.',
    ],
    ['what nobody expected', new TypeError('x is undefined'), new AbortController().signal, 'No comment: unexpected error: x is undefined'],
    ['a cancelled run', new Error('SIGINT'), AbortSignal.abort(), 'No comment: the workflow was cancelled'],
  ])('%s', async (_what, error, signal, line) => {
    said.length = 0;
    expect(await tell('No comment', async () => Promise.reject(error), { log, signal })).toBeUndefined();
    expect(said).toEqual([line]);
  });
  test('what works is given on', async () => expect(await tell('No comment', async () => 1, { log, signal: AbortSignal.abort() })).toBe(1));
});

test('the test server takes nothing that GitHub does not describe', async () => {
  const strict = await startGitHub();
  const headers = { authorization: `Bearer ${strict.token}`, 'x-github-api-version': '2022-11-28' };
  const post = async (path: string, body: object) =>
    (await fetch(`${strict.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).status;
  expect(await post('/repos/a/b/deployments', {})).toBe(422);
  expect(await post('/repos/a/b/deployments', { ref: 'main', enviroment: 'x' })).toBe(422);
  expect(await post('/repos/a/b/deployments/x/statuses', { state: 'success' })).toBe(422);
  expect(await post('/repos/a/b/deployments/1/statuses', { state: 'done' })).toBe(422);
  expect(await post('/repos/a/b/nothing', {})).toBe(422);
  await expect(strict.stop()).rejects.toThrow(/enviroment|additional properties/);
});
