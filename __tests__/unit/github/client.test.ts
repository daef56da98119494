// Pages, waits, outages and the end of a run.
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { sentence } from '../../../src/errors.ts';
import type { GitHub } from '../../../src/github/connect.ts';
import { API, connected, failure, type Given } from '../../helpers/github-answers.ts';

const SHA = 'a'.repeat(40);
const RECORD = { name: 'shop', digest: `sha256:${SHA}`, status: 'deployed', logical_environment: 'production' } as const;
const DEPLOYMENT = { ref: SHA, environment: 'production', description: '', transient_environment: false, production_environment: true };
const next = (url: string): Given => ({ headers: { link: `<${url}>; rel="next", <${API}/x?page=99>; rel="last"` } });

describe('a list', () => {
  test('ends after 20 pages, also where every page names another one', async () => {
    const { github, asked } = connected((_asked, number) => ({
      ...next(`${API}/repositories/1/pulls?page=${number + 1}`),
      body: [{ number }],
    }));
    expect((await github.pulls.open()).map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_none, i) => i + 1));
    expect(asked).toHaveLength(20);
    expect(asked[19]?.url).toBe(`${API}/repositories/1/pulls?page=20`);
  });

  test.each(['https://evil.example.com/x', 'http://api.github.com/x', 'https://api.github.com:8443/x', '.evil.example.com/x', 'https://['])(
    'is not followed to %s, which would get the token',
    async (url) => {
      const { github, asked } = connected(() => next(url));
      const error = await failure(github.pulls.open());
      expect(error).toMatchObject({ code: 'github-refused', message: expect.stringContaining('as the next page of a list') });
      expect(asked).toHaveLength(1);
    },
  );

  test('that names no other page has one', async () => {
    const { github, asked } = connected(() => ({ headers: { link: `<${API}/x>; rel="prev"` } }));
    expect(await github.pulls.open()).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  test('goes on after a full page whose answer lost its `Link`, and ends with the page that is not full', async () => {
    const page = (size: number) => ({ body: Array.from({ length: size }, (_none, i) => ({ number: i })) });
    const { github, asked } = connected((_asked, number) => page(number < 3 ? 100 : 7));
    expect(await github.pulls.open()).toHaveLength(207);
    expect(asked.map(({ url }) => new URL(url).searchParams.get('page'))).toEqual([null, '2', '3']);
  });

  test('takes the waits, the hint and the end of a run on every page', async () => {
    const limited: Given = { status: 429, headers: { 'retry-after': '2' }, body: { message: 'slow down' } };
    const page = next(`${API}/repositories/1/pulls?page=2`);
    const { github, waits } = connected((_asked, number) => [page, limited, { status: 403, body: { message: 'no' } }][number - 1] ?? {});
    expect(sentence(await failure(github.pulls.open()))).toMatch(/^GitHub answered 403 to GET .*\/pulls: no\. .*`pull-requests: read`/);
    expect(waits).toEqual([2_000]);
    const running = new AbortController();
    const ended = connected(
      (_asked, number) => {
        if (number === 2) running.abort(new Error('SIGINT'));
        running.signal.throwIfAborted();
        return page;
      },
      API,
      running.signal,
    );
    await expect(ended.github.pulls.open()).rejects.toThrow('SIGINT');
    expect(ended.asked).toHaveLength(2);
  });
});

describe('a run that is cancelled', () => {
  test.each([
    ['an error', new Error('the workflow was cancelled (SIGINT)')],
    ['an abort', new DOMException('ended', 'AbortError')],
    ['a text', 'ended'],
  ])('ends a request under way with its reason, %s', async (_what, reason) => {
    const running = new AbortController();
    const { github, asked } = connected(
      async ({ signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
      API,
      running.signal,
    );
    const call = github.deployments.create({ ...DEPLOYMENT, payload: {} }, () => true).catch((error: unknown) => error);
    while (asked.length === 0) await new Promise(setImmediate);
    running.abort(reason);
    expect(await call).toBe(reason);
    expect(asked).toHaveLength(1);
  });
});

describe('limits and outages', () => {
  test('an outage that one kind of call met gives all others one try, until GitHub answers again', async () => {
    let status = 503;
    const { github, asked, waits } = connected(() => ({ status, body: [] }));
    expect(await failure(github.pulls.open())).toMatchObject({ code: 'unreachable' });
    const [tries, waited] = [asked.length, waits.length];
    expect(tries).toBeGreaterThan(3);
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(10_000);
    expect(await failure(github.comments.all(7))).toMatchObject({ code: 'unreachable' });
    expect(await failure(github.deployments.create({ ...DEPLOYMENT, payload: {} }, () => false))).toMatchObject({ code: 'unreachable' });
    expect(waits.slice(waited).filter((ms) => ms > 1_000)).toEqual([]);
    status = 200;
    await github.comments.all(7);
    status = 503;
    const before = waits.length;
    await failure(github.comments.all(7));
    expect(waits.length - before).toBeGreaterThan(3);
  });

  test('a write that GitHub did not take for its limit is sent again', async () => {
    const limited: Given = { status: 403, headers: { 'retry-after': '3' }, body: { message: 'secondary rate limit' } };
    const { github, asked, waits } = connected((_asked, number) => (number === 1 ? limited : { status: 201, body: { id: 5 } }));
    expect(await github.comments.create(7, 'x', async () => Promise.reject(new Error('not looked for')))).toEqual({ id: 5 });
    expect([asked.length, waits]).toEqual([2, [3_000]]);
  });

  test.each<[string, (github: GitHub) => Promise<unknown>, number]>([
    ['a state', async (github) => github.deployments.setState(7, { state: 'success' }), 2],
    ['a record', async (github) => github.artifacts.recordDeployment({ ...RECORD, deployment_name: 'x', github_repository: 'x' }), 2],
    ['a change', async (github) => github.comments.update(7, 'x'), 2],
  ])('%s is written again when its answer gets lost', async (_what, call, times) => {
    const { github, asked } = connected(async (_asked, number) =>
      number === 1 ? Promise.reject(new Error('connection reset')) : { status: 201, body: {} },
    );
    await call(github);
    expect(asked).toHaveLength(times);
  });

  test.each(['[{"number": 7', '[', 'nul', ''])('a list that is cut to %j is asked for again', async (body) => {
    const { github, asked } = connected((_asked, number) => (number === 1 ? { body } : { body: [] }));
    expect(await github.pulls.open()).toEqual([]);
    expect(asked).toHaveLength(2);
  });

  test('a creation whose answer is cut is looked for', async () => {
    const made = { id: 5, ...DEPLOYMENT, payload: {} };
    const { github, asked } = connected(({ method }) => (method === 'GET' ? { body: [made] } : { status: 201, body: '{"id": 5' }));
    expect(await github.deployments.create({ ...DEPLOYMENT, payload: {} }, () => true)).toMatchObject({ id: 5 });
    expect(asked.map(({ method }) => method)).toEqual(['POST', 'GET']);
  });

  test('what must not be made twice is looked for before each of three tries', async () => {
    const { github, asked, waits } = connected(async ({ method }) =>
      method === 'GET' ? {} : Promise.reject(new Error('connection reset')),
    );
    const error = await failure(github.deployments.create({ ...DEPLOYMENT, payload: {} }, () => true));
    expect(error).toMatchObject({
      code: 'unknown-outcome',
      message: `cannot reach GitHub at ${API}: connection reset`,
      hint: 'The write to /repos/Acme/Shop/deployments may have taken effect.',
    });
    expect(asked.map(({ method }) => method)).toEqual(['POST', 'GET', 'POST', 'GET', 'POST', 'GET']);
    expect(waits).toEqual([500, 1_000]);
  });
});

describe('what GitHub answers', () => {
  test('with 404 is missing, where that is an answer', async () => {
    const { github } = connected(() => ({ status: 404, body: { message: 'Not Found' } }));
    expect(await github.pulls.read(7)).toBeUndefined();
    expect(await github.contents.atCommit('x', SHA)).toBeUndefined();
    expect(await github.refs.isBefore('b', 'c')).toBe(false);
    await github.comments.remove(7);
    expect(await failure(github.deployments.read(7))).toMatchObject({ code: 'permission-denied' });
  });

  test.each<[string, unknown]>([
    ['a folder', [{ name: 'x', type: 'file' }]],
    ['a large file', { type: 'file', encoding: 'none', content: '' }],
    ['a module', { type: 'submodule' }],
  ])('%s is no file of text', async (_what, body) => {
    const { github } = connected(() => ({ body }));
    expect(await failure(github.contents.atCommit('x', SHA))).toMatchObject({
      code: 'github-refused',
      message: 'x at aaaaaaa is not a readable file: it is a folder, or larger than 1 MB',
    });
  });

  test('keeps numbers what JSON makes of them, of whatever content type', async () => {
    const { github } = connected(() => ({
      headers: { 'content-type': 'text/plain' },
      body: '[{"id":1,"payload":{"run":12345678901234567890}}]',
    }));
    expect(await github.deployments.find({})).toEqual([{ id: 1, payload: { run: 12345678901234567000 } }]);
  });

  test('may be nothing', async () => {
    const { github } = connected(() => ({ status: 204, body: '' }));
    await expect(github.comments.remove(7)).resolves.toBeUndefined();
    await expect(github.pulls.open()).resolves.toEqual([]);
  });
});

describe('the log', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test('is all that is written to', async () => {
    const written = [
      ...(['debug', 'info', 'log', 'warn', 'error'] as const).map((name) => jest.spyOn(console, name)),
      jest.spyOn(process.stdout, 'write'),
      jest.spyOn(process.stderr, 'write'),
    ];
    const { github } = connected(() => ({
      headers: { deprecation: 'true', sunset: '::add-mask::x', link: '<https://x>; rel="deprecation"' },
    }));
    await github.pulls.open();
    expect(written.flatMap(({ mock }) => mock.calls)).toEqual([]);
  });
});
