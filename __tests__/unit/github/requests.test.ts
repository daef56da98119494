// What GitHub is sent, and what of its answers reaches a run.
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import type { GitHub } from '../../../src/github/connect.ts';
import { API, type Asked, connected, failure, type Given, TOKEN } from '../../helpers/github-answers.ts';

const SHA = 'a'.repeat(40);
const RECORD = { name: 'shop', digest: `sha256:${SHA}`, status: 'deployed', logical_environment: 'production' } as const;
const DEPLOYMENT = { ref: SHA, environment: 'production', description: '', transient_environment: false, production_environment: true };
const lines = (asked: readonly Asked[]): string[] => asked.map(({ method, url }) => `${method} ${url}`);

describe('what is sent', () => {
  test('has the headers, the limits and the body that each request had', async () => {
    const { github, asked, debug } = connected(() => ({ body: { id: 1 } }));
    await github.comments.update(1, 'text');
    const [{ headers, ...rest } = {} as Asked] = asked;
    expect(rest).toEqual({
      url: `${API}/repos/Acme/Shop/issues/comments/1`,
      method: 'PATCH',
      body: '{"body":"text"}',
      timeoutMs: 8_000,
      insecure: false,
      maxBytes: 16_000_000,
      signal: expect.any(AbortSignal),
    });
    const revealed = Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, value.reveal()]));
    expect(revealed).toEqual({
      accept: expect.stringContaining('application/vnd.github'),
      authorization: `Bearer ${TOKEN}`,
      'content-type': 'application/json; charset=utf-8',
      'user-agent': expect.stringMatching(/^nomad-deploy /),
      'x-github-api-version': '2022-11-28',
    });
    expect(debug).toEqual(['GitHub: PATCH /repos/Acme/Shop/issues/comments/1 -> 200 in 1 ms']);
  });

  test.each<[string, (github: GitHub) => Promise<unknown>, string]>([
    ['comments.all', async (github) => github.comments.all(7), 'GET /repos/Acme/Shop/issues/7/comments?per_page=100'],
    ['comments.remove', async (github) => github.comments.remove(7), 'DELETE /repos/Acme/Shop/issues/comments/7'],
    ['contents of a commit', async (github) => github.contents.atCommit('a/b c', SHA), `GET /repos/Acme/Shop/contents/a/b%20c?ref=${SHA}`],
    ['contents of the branch', async (github) => github.contents.atCommit('a', undefined), 'GET /repos/Acme/Shop/contents/a'],
    [
      'deployments.find',
      async (github) => github.deployments.find({ environment: 'review/x y', sha: SHA }),
      `GET /repos/Acme/Shop/deployments?environment=review%2Fx%20y&sha=${SHA}&per_page=100`,
    ],
    ['deployments.statuses', async (github) => github.deployments.statuses(7), 'GET /repos/Acme/Shop/deployments/7/statuses'],
    ['pulls.open', async (github) => github.pulls.open(), 'GET /repos/Acme/Shop/pulls?state=open&per_page=100'],
    [
      'pulls.ofBranch',
      async (github) => github.pulls.ofBranch('Acme:x'),
      'GET /repos/Acme/Shop/pulls?state=all&head=Acme%3Ax&per_page=100',
    ],
    ['pulls.ofCommit', async (github) => github.pulls.ofCommit(SHA), `GET /repos/Acme/Shop/commits/${SHA}/pulls?per_page=100`],
    ['refs.exists', async (github) => github.refs.exists('branch', 'fix/7'), 'GET /repos/Acme/Shop/git/matching-refs/heads/fix/7'],
    ['refs.isBefore', async (github) => github.refs.isBefore('b', 'c'), 'GET /repos/Acme/Shop/compare/c...b?per_page=1'],
    ['issues.open', async (github) => github.issues.open('drift'), 'GET /repos/Acme/Shop/issues?labels=drift&state=open&per_page=100'],
  ])('%s', async (_what, call, line) => {
    const { github, asked } = connected(() => ({ body: [] }));
    await call(github).catch(() => undefined);
    expect(lines(asked)).toEqual([line.replace(' ', ` ${API}`)]);
  });

  test('goes to the address of a GitHub Enterprise Server, whose GraphQL is beside its REST API', async () => {
    const { github, asked, debug } = connected(
      ({ url }) => ({ body: url.endsWith('graphql') ? { data: { viewer: { login: 'ours' } } } : [] }),
      'https://git.example.com/api/v3/',
    );
    await github.pulls.open();
    await github.viewer.own([{ user: { login: 'ours[bot]', type: 'Bot' } }]);
    expect(lines(asked)).toEqual([
      'GET https://git.example.com/api/v3/repos/Acme/Shop/pulls?state=open&per_page=100',
      'POST https://git.example.com/api/graphql',
    ]);
    expect(asked[1]?.body).toBe('{"query":"query { viewer { login } }"}');
    expect(debug).toEqual(['GitHub: GET /repos/Acme/Shop/pulls -> 200 in 1 ms', 'GitHub: POST /api/graphql -> 200 in 1 ms']);
  });
});

describe('what GitHub refuses', () => {
  const calls: readonly [string, (github: GitHub) => Promise<unknown>, string][] = [
    ['comments.all', async (github) => github.comments.all(7), 'pull-requests: write'],
    ['comments.create', async (github) => github.comments.create(7, 'x', async () => undefined), 'pull-requests: write'],
    ['comments.update', async (github) => github.comments.update(7, 'x'), 'pull-requests: write'],
    ['comments.remove', async (github) => github.comments.remove(7), 'pull-requests: write'],
    ['contents', async (github) => github.contents.atCommit('x', SHA), 'contents: read'],
    ['deployments.find', async (github) => github.deployments.find({}), 'deployments: write'],
    ['deployments.all', async (github) => github.deployments.all('x'), 'deployments: write'],
    ['deployments.create', async (github) => github.deployments.create({ ...DEPLOYMENT, payload: {} }, () => true), 'deployments: write'],
    ['deployments.read', async (github) => github.deployments.read(7), 'deployments: write'],
    ['deployments.statuses', async (github) => github.deployments.statuses(7), 'deployments: write'],
    ['deployments.setState', async (github) => github.deployments.setState(7, { state: 'success' }), 'deployments: write'],
    ['issues.open', async (github) => github.issues.open('x'), 'issues: write'],
    [
      'issues.create',
      async (github) => github.issues.create({ title: 'x', body: 'x', labels: ['x'] }, async () => undefined),
      'issues: write',
    ],
    ['issues.update', async (github) => github.issues.update(7, { body: 'x' }), 'issues: write'],
    ['pulls.open', async (github) => github.pulls.open(), 'pull-requests: read'],
    ['pulls.read', async (github) => github.pulls.read(7), 'pull-requests: read'],
    ['pulls.ofCommit', async (github) => github.pulls.ofCommit(SHA), 'pull-requests: read'],
    ['refs.exists', async (github) => github.refs.exists('tag', 'x'), 'contents: read'],
    ['refs.isBefore', async (github) => github.refs.isBefore('b', 'c'), 'contents: read'],
    ['refs.head', async (github) => github.refs.head(), 'contents: read'],
    [
      'artifacts',
      async (github) => github.artifacts.recordDeployment({ ...RECORD, deployment_name: 'x', github_repository: 'Shop' }),
      'artifact-metadata: write',
    ],
  ];
  test.each(calls)('%s: names the missing permission', async (_what, call, permission) => {
    const { github, asked, waits } = connected(() => ({ status: 403, body: { message: 'Resource not accessible by integration' } }));
    const error = await failure(call(github));
    expect(error).toMatchObject({ code: 'permission-denied', hint: expect.stringContaining(`the line \`${permission}\``) });
    expect(error.message).toMatch(/^GitHub answered 403 to [A-Z]+ \/\S+: Resource not accessible by integration$/);
    expect([asked.length, waits]).toEqual([1, []]);
  });

  test.each<[string, Given]>([
    ['a redirect', { status: 301, body: { message: 'Moved Permanently' } }],
    ['a page that has not changed', { status: 304, body: '' }],
    ['a web page', { headers: { 'content-type': 'text/html' }, body: '<html>sign in</html>' }],
    ['an answer beyond the limit', { body: '[{"id":1},{"id', complete: false }],
    ['a field', { status: 422, body: { message: 'Validation Failed', errors: [{ field: 'ref', code: 'invalid' }] } }],
  ])('%s is an error, once', async (_what, answer) => {
    const { github, asked } = connected(() => answer);
    expect(await failure(github.pulls.open())).toMatchObject({ code: 'github-refused' });
    expect(asked).toHaveLength(1);
  });

  test('is told with the path as it is known', async () => {
    const { github } = connected(() => ({ status: 403, body: { message: 'no' } }));
    const { message } = await failure(github.contents.atCommit('a/b.yml', SHA));
    expect(message).toBe('GitHub answered 403 to GET /repos/Acme/Shop/contents/a/b.yml: no');
  });

  test('GraphQL answers a refusal with status 200', async () => {
    const { github } = connected(() => ({ body: { errors: [{ message: 'Resource not accessible' }] } }));
    const bot = { user: { login: 'echo[bot]', type: 'Bot' } };
    const workflow = { user: { login: 'github-actions[bot]', type: 'Bot' } };
    expect(await github.viewer.own([bot, workflow])).toEqual([workflow]);
  });

  test.each<[string, Given | Error]>([
    ['a refusal', { status: 403, body: { message: 'no' } }],
    ['an outage', { status: 503, body: '' }],
    ['no answer', new Error('connection reset')],
    ['no JSON', { body: 'x' }],
    ['a redirect', { status: 302, headers: { location: 'https://evil.example.com' } }],
    ['a limit', { status: 429 }],
  ])('%s holds nothing of the token', async (_what, answer) => {
    const { github, debug } = connected(async () => (answer instanceof Error ? Promise.reject(answer) : answer));
    const errors = [
      await failure(github.deployments.setState(7, { state: 'success' })),
      await failure(github.deployments.create({ ...DEPLOYMENT, payload: {} }, () => false)),
      await failure(github.pulls.open()),
    ];
    expect(errors.map(({ name }) => name)).toEqual(['ActionError', 'ActionError', 'ActionError']);
    expect(inspect(errors, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(TOKEN.slice(4, 20));
    expect(debug.join()).not.toContain(TOKEN.slice(4, 20));
  });
});
