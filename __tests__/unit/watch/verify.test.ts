import { describe, expect, test } from '@jest/globals';
import { type HttpCheck, readChecks } from '../../../src/inputs/http-checks.ts';
import type { Job, PlacedAllocation } from '../../../src/nomad/types.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { redactor } from '../../../src/runtime/redact.ts';
import type { HttpAnswer, HttpRequest } from '../../../src/runtime/runtime.ts';
import { secret } from '../../../src/runtime/secret.ts';
import { allocationQuestions, assignChecks, publicQuestions, verify } from '../../../src/watch/verify.ts';
import { allocation } from '../../helpers/rollouts.ts';

async function checks(yaml: string): Promise<readonly HttpCheck[]> {
  const problems: string[] = [];
  const read = await readChecks(yaml, secret, problems);
  expect(problems).toEqual([]);
  return read;
}

const targets = (list: readonly HttpCheck[]): string[] => list.map(({ target }) => ('url' in target ? target.url : target.path));

describe('checks are for the jobs that can be asked', () => {
  const job = (ports: readonly string[], parts: Partial<Job> = {}): Job => ({
    ID: 'x',
    Name: 'x',
    TaskGroups: [
      { Name: 'none', Networks: null },
      { Name: 'g', Networks: [{ ReservedPorts: null, DynamicPorts: ports.map((Label) => ({ Label })) }] },
      { Name: 'h', Networks: [{ ReservedPorts: [] }] },
    ],
    ...parts,
  });
  const batch = { Type: 'batch' };
  const later = { Type: 'batch', Periodic: {} };

  test.each<[string, string, readonly Job[], readonly string[][]]>([
    ['nothing', '', [job([])], [[]]],
    ['a path', '/a', [job(['http'])], [['/a']]],
    ['a path, with another port only', '/a', [job(['web'])], [['/a']]],
    [
      'a reserved port',
      '- { path: /a, port: r }',
      [{ ...job([]), TaskGroups: [{ Name: 'g', Networks: [{ ReservedPorts: [{ Label: 'r' }] }] }] }],
      [['/a']],
    ],
    ['a URL, of a job without ports', 'https://u', [job([])], [['https://u']]],
    ['a URL, of a batch job', 'https://u', [job([], batch)], [['https://u']]],
    [
      'several jobs',
      '- /a\n- { path: /m, port: metrics }\n- https://u',
      [job(['http']), job(['metrics']), job([])],
      [['/a'], ['/a', '/m'], ['https://u']],
    ],
    ['jobs that run later', '/a\nhttps://u', [job(['http']), job(['http'], later)], [['/a', 'https://u'], []]],
    ['batch jobs with ports', '/a', [job(['http'], batch), job(['http'])], [[], ['/a']]],
  ])('%s', async (_what, text, jobs, assigned) => {
    expect(assignChecks(await checks(text), jobs).map(targets)).toEqual(assigned);
  });

  const cannot = 'cannot be checked: no service job has a group';
  test.each<[string, string, readonly Job[], string]>([
    ['a job without ports', '/a?x=1', [job([])], `\`verify\`: /a?… ${cannot} that has a port in its network block`],
    ['a batch job', '/a', [job(['http'], batch)], `\`verify\`: /a ${cannot} that has a port in its network block`],
    [
      'an unknown port',
      '- { path: /a, port: zzz }',
      [job(['http', 'admin'])],
      `\`verify\`: /a ${cannot} with a port labelled \`zzz\` in its network block; the groups have http, admin`,
    ],
    [
      'a misspelt port',
      '- { path: /a, port: htpp }\n- { path: /b, port: zzz }',
      [job(['http'])],
      `\`verify\`: /a ${cannot} with a port labelled \`htpp\` in its network block: did you mean \`http\`?\n\`verify\`: /b ${cannot} with a port labelled \`zzz\` in its network block; the groups have http`,
    ],
    ['a job that runs later', 'https://u?x', [job([], later)], '`verify`: https://u?… cannot be checked, because the job runs later'],
  ])('and refused for %s', async (_what, text, jobs, message) => {
    const all = await checks(text);
    expect(() => assignChecks(all, jobs)).toThrow(expect.objectContaining({ code: 'input-invalid', message }));
  });
});

describe('what is asked', () => {
  const placed = (ports: readonly (readonly [string, number, string?])[]): PlacedAllocation => ({
    ...allocation('running'),
    AllocatedResources: { Shared: { Ports: ports.map(([Label, Value, HostIP = '10.0.0.1']) => ({ Label, Value, HostIP })) } },
  });
  test.each<[string, string, readonly PlacedAllocation[], readonly string[]]>([
    [
      'the port http',
      '/a?b',
      [
        placed([
          ['x', 1],
          ['http', 2],
        ]),
      ],
      ['http://10.0.0.1:2/a?b'],
    ],
    [
      'else the first',
      '/a',
      [
        placed([
          ['x', 1],
          ['y', 2],
        ]),
      ],
      ['http://10.0.0.1:1/a'],
    ],
    [
      'the port of that label',
      '- { path: /a, port: y }',
      [
        placed([
          ['x', 1],
          ['y', 2],
        ]),
      ],
      ['http://10.0.0.1:2/a'],
    ],
    [
      'each allocation that has it',
      '/a',
      [placed([['http', 1]]), placed([]), placed([['http', 3]])],
      ['http://10.0.0.1:1/a', 'http://10.0.0.1:3/a'],
    ],
    ['none without the port', '- { path: /a, port: z }', [placed([['http', 1]])], []],
    [
      'none without ports',
      '/a',
      [allocation('running'), { ...allocation('running'), AllocatedResources: { Shared: { Ports: null } } }],
      [],
    ],
    ['IPv6', '/a', [placed([['http', 1, 'fd00::1']])], ['http://[fd00::1]:1/a']],
    ['TLS', '- { path: /a, protocol: https }', [placed([['http', 1]])], ['https://10.0.0.1:1/a']],
    ['no URL', 'https://u', [placed([['http', 1]])], []],
  ])('of allocations: %s', async (_what, text, allocations, urls) => {
    expect(allocationQuestions(await checks(text), allocations).map(({ url }) => url)).toEqual(urls);
  });

  test.each<[string, string | undefined, readonly string[]]>([
    ['/a', 'https://shop', ['https://shop/a']],
    ['/a', undefined, []],
    ['https://u/x', undefined, ['https://u/x']],
    ['- { path: /a, port: http }\n- { path: /m, port: metrics }\n- https://u', 'https://shop', ['https://shop/a', 'https://u']],
  ])('of the public address: %j at %s', async (text, publicUrl, urls) => {
    expect(publicQuestions(await checks(text), publicUrl).map(({ url }) => url)).toEqual(urls);
  });
});

type Reply = Partial<HttpAnswer> | Error;
const answer = (parts: Partial<HttpAnswer>): HttpAnswer => ({ status: 200, headers: {}, body: '', complete: true, elapsedMs: 7, ...parts });

/** A world in which addresses answer as is said, the last reply for good; it notes what was asked and how long was waited. */
function worldOf(replies: Readonly<Record<string, readonly Reply[]>>, masked: readonly string[] = []) {
  const left = new Map(Object.entries(replies).map(([url, list]) => [url, [...list]]));
  const asked: string[] = [];
  const sent: HttpRequest[] = [];
  const lines: string[] = [];
  let now = 0;
  const redact = redactor(masked);
  return {
    asked,
    sent,
    lines,
    redact,
    log: { info: (line: string) => void lines.push(redact(line)) },
    clock: {
      ...systemClock,
      now: () => now,
      sleep: async (ms: number, signal: AbortSignal) => {
        signal.throwIfAborted();
        now += ms;
      },
    },
    request: async (url: string, request: HttpRequest): Promise<HttpAnswer> => {
      request.signal.throwIfAborted();
      asked.push(`${request.method} ${url}`);
      sent.push(request);
      const list = left.get(url) ?? [];
      const reply = (list.length > 1 ? list.shift() : list[0]) ?? new Error('no such host');
      if (reply instanceof Error) throw reply;
      return answer(reply);
    },
  };
}
const never = new AbortController().signal;

/** What a check says to one answer, when it is asked once. */
async function verdictOn(check: string, reply: Reply, masked: readonly string[] = []): Promise<string | undefined> {
  const questions = publicQuestions(await checks(`- url: https://u/x\n  retries: 0\n  ${check}`), undefined);
  const world = worldOf({ 'https://u/x': [reply] }, masked);
  const failure = await verify(questions, world as never, never);
  return failure && world.redact(failure.description).replace('verification failed: GET https://u/x ', '');
}

describe('an answer', () => {
  const json = { body: '{"status":"up","n":1.1,"t":"1.10","ok":true,"no":null,"list":[{"a.b":2}],"map":{}}' };
  test.each<[string, Partial<HttpAnswer>]>([
    ['', { status: 204 }],
    ['', { status: 302 }],
    ['status: 503', { status: 503 }],
    ['status: [404, 5xx]', { status: 599 }],
    ['body: up', { body: 'it is up' }],
    ['body: /^UP$/i', { body: 'up' }],
    ['body: /usr/', { body: 'usr' }],
    ['header: { X-A: b, x-c: "/^d$/", x-e: "" }', { headers: { 'x-a': 'abc', 'x-c': 'd', 'x-e': '' } }],
    ['max-latency: 7ms', {}],
    ['json: { status: up, n: 1.10, t: 1.10, ok: true, no: null, "list[0][\\"a.b\\"]": 2, "$.status": /u/ }', json],
    ['json: { "[0]": 1 }', { body: '[1]' }],
    ['json: { $: 1 }', { body: '{"$": "1"}' }],
  ])('holds: %s', async (check, reply) => expect(await verdictOn(check, reply)).toBeUndefined());

  test.each<[string, Reply, string]>([
    ['', { status: 500, body: ' no\n  database ' }, 'answered 500, not 2xx or 3xx: "no database"'],
    ['', { status: 404 }, 'answered 404, not 2xx or 3xx'],
    ['status: 200', { status: 302, headers: { location: '/login?next=x' } }, 'answered 302 (to /login?…), not 200'],
    ['status: [200, 204, 5xx]', { status: 201 }, 'answered 201, not 200, 204 or 5xx'],
    ['body: up', { body: 'down' }, 'answered 200, but its body does not contain "up": "down"'],
    ['body: up', {}, 'answered 200, but its body does not contain "up"'],
    ['body: /^up$/i', { body: 'x'.repeat(300) }, `answered 200, but its body does not match /^up$/i: "${'x'.repeat(200)}…"`],
    ['header: { X-A: b }', {}, 'answered 200, but it has no header x-a'],
    ['header: { X-A: b }', { headers: { 'x-a': 'c' } }, 'answered 200, but its header x-a, "c", does not contain "b"'],
    ['max-latency: 6ms', { body: 'long' }, 'answered 200, but it took 7 ms, more than 6 ms'],
    ['json: { a: 1 }', { body: '<html>' }, 'answered 200, but its body is not JSON: "<html>"'],
    ['json: { a: 1 }', { body: '{', complete: false }, 'answered 200, but its body is longer than 1 MiB: "{"'],
    ['json: { a.b: 1 }', { body: '{"a":{}}' }, 'answered 200, but its JSON has no a.b: "{\\"a\\":{}}"'],
    ['json: { a.b: 1 }', { body: '{"a":null}' }, 'answered 200, but its JSON has no a.b: "{\\"a\\":null}"'],
    [
      'json: { a: "", b: 1 }',
      { body: '{"a":[],"b":{}}' },
      'answered 200, but a of its JSON is a list, and b of its JSON is a map: "{\\"a\\":[],\\"b\\":{}}"',
    ],
    ['json: { a: up }', { body: '{"a":"down"}' }, 'answered 200, but a of its JSON is "down", not "up": "{\\"a\\":\\"down\\"}"'],
    ['json: { a: "" }', { body: '{"a":0}' }, 'answered 200, but a of its JSON is "0", not "": "{\\"a\\":0}"'],
    ['json: { a: /^1/ }', { body: '{"a":2}' }, 'answered 200, but a of its JSON is "2", not /^1/: "{\\"a\\":2}"'],
    [
      '{ body: a, header: { b: c } }'.slice(2, -2).replace(', ', '\n  '),
      { body: 'x' },
      'answered 200, but it has no header b, and its body does not contain "a": "x"',
    ],
    ['', new Error('connection refused'), 'got no answer: connection refused'],
    ['body: "/^(a+)+$/"', { body: `${'a'.repeat(60)}b` }, 'answered 200, but /^(a+)+$/ takes more than 1.0 s to match'],
  ])('does not hold: %s %j', async (check, reply, problem) => expect(await verdictOn(check, reply)).toBe(problem));

  test('is redacted before it is cut', async () => {
    const body = `${'x'.repeat(195)}hunter2-and-more`;
    expect(await verdictOn('', { status: 500, body }, ['hunter2-and-more'])).toBe(`answered 500, not 2xx or 3xx: "${'x'.repeat(195)}***"`);
    const header = { headers: { 'x-a': 'hunter2' } };
    expect(await verdictOn('header: { x-a: b }', header, ['hunter2'])).toContain('its header x-a, "***"');
    const location = { status: 302, headers: { location: 'https://hunter2/' } };
    expect(await verdictOn('status: 200', location, ['hunter2'])).toBe('answered 302 (to https://***/), not 200');
  });
});

describe('a redirect', () => {
  const to = (location: string, status = 302): Partial<HttpAnswer> => ({ status, headers: { location }, elapsedMs: 5 });
  const from = 'url: https://a/1\n  retries: 0\n  status: 200\n  headers: { Authorization: hunter2 }';
  const follow = async (check: string, replies: Readonly<Record<string, readonly Reply[]>>, redirects = '\n  follow-redirects: true') => {
    const world = worldOf(replies);
    const failure = await verify(publicQuestions(await checks(`- ${from}${redirects}${check}`), undefined), world as never, never);
    return { world, problem: failure?.description.replace('verification failed: ', '') };
  };

  const hosts = (names: string): string => `\n  follow-redirects: ${names}`;

  test('is followed, with the headers to the same server only', async () => {
    const { world, problem } = await follow(
      '\n  max-latency: 22ms',
      {
        'https://a/1': [to('/2')],
        'https://a/2': [to('https://b.example.com/3', 307)],
        'https://b.example.com/3': [to('http://b.example.com/4', 308)],
        'http://b.example.com/4': [{}],
      },
      hosts('[B.example.com]'),
    );
    expect(problem).toBeUndefined();
    expect(world.asked).toEqual(['GET https://a/1', 'GET https://a/2', 'GET https://b.example.com/3', 'GET http://b.example.com/4']);
    expect(world.sent.map(({ headers }) => Object.keys(headers).length)).toEqual([1, 1, 0, 0]);
    expect(world.sent.map(({ reach }) => reach)).toEqual([undefined, undefined, 'public', 'public']);
    expect(world.lines).toEqual(['GET https://a/1 answered 200 in 22 ms']);
  });

  test.each([
    ['https://b/', 'b'],
    ['http://a/', 'a'],
    ['https://a:4646/v1/jobs?token=x', 'a:4646'],
    ['//127.0.0.1:8500/', '127.0.0.1:8500'],
    ['http://169.254.169.254/latest/meta-data', '169.254.169.254'],
    ['http://2852039166/', '169.254.169.254'],
    ['http://[::ffff:127.0.0.1]/', '[::ffff:7f00:1]'],
    ['https://a@b/', 'b'],
    ['https://sub.a/', 'sub.a'],
  ])('to another server, %s, is not followed', async (location, host) => {
    const { world, problem } = await follow('', { 'https://a/1': [to(location)] });
    expect(problem).toBe(`GET https://a/1 answered 302, a redirect to another host (${host}); name that host in \`follow-redirects\``);
    expect(world.asked).toEqual(['GET https://a/1']);
  });

  test('to the same host by TLS is followed', async () => {
    const world = worldOf({ 'http://a/1': [to('https://a/1')], 'https://a/1': [{}] });
    const asked = publicQuestions(await checks('- { url: http://a/1, retries: 0, follow-redirects: true, headers: { X: y } }'), undefined);
    expect(await verify(asked, world as never, never)).toBeUndefined();
    expect(world.sent.map(({ headers }) => Object.keys(headers).length)).toEqual([1, 0]);
  });

  test('leads no further into a network than to where the first server is', async () => {
    const replies: Readonly<Record<string, readonly Reply[]>> = {
      'https://a/1': [{ ...to('https://b.example.com/'), reached: 'private' }],
      'https://b.example.com/': [{}],
    };
    const { world } = await follow('', replies, hosts('b.example.com'));
    expect(world.sent.map(({ reach }) => reach)).toEqual([undefined, 'private']);
  });

  test('to a named host that does not hold is told without its words', async () => {
    const { problem } = await follow(
      '\n  body: up',
      { 'https://a/1': [to('https://b.example.com/?token=x')], 'https://b.example.com/?token=x': [{ body: 'internal' }] },
      hosts('b.example.com'),
    );
    expect(problem).toBe('GET https://a/1 was redirected to b.example.com, which answered 200: the check fails there');
  });

  test.each([
    ['POST', 302, 'GET'],
    ['POST', 307, 'POST'],
    ['HEAD', 301, 'HEAD'],
  ])('of a %s by %d is a %s', async (method, status, then) => {
    const { world } = await follow(`\n  method: ${method}`, { 'https://a/1': [to('/2', status)], 'https://a/2': [{}] });
    expect(world.asked).toEqual([`${method} https://a/1`, `${then} https://a/2`]);
  });

  test.each<[string, Reply, number, string]>([
    ['in a circle', to('/1'), 6, 'answered 302 (to /1), not 200'],
    ['to nowhere', { status: 302 }, 1, 'answered 302, not 200'],
    ['to what is no web page', to('ftp://a'), 1, 'answered 302 (to ftp://a), not 200'],
    ['to what is no address', to('https://'), 1, 'answered 302 (to https://), not 200'],
    ['that is none', to('/2', 304), 1, 'answered 304 (to /2), not 200'],
  ])('%s is the answer', async (_what, reply, requests, problem) => {
    const followed = await follow('', { 'https://a/1': [reply] });
    expect(followed.problem).toBe(`GET https://a/1 ${problem}`);
    expect(followed.world.asked).toHaveLength(requests);
  });
});

describe('asking', () => {
  const of = async (yaml: string) => publicQuestions(await checks(yaml), 'https://shop');

  test('goes on until the answer holds', async () => {
    const world = worldOf({ 'https://shop/a': [new Error('connection refused'), { status: 503 }, { status: 503 }, {}] });
    expect(await verify(await of('/a'), world as never, never)).toBeUndefined();
    expect(world.lines).toEqual([
      'GET https://shop/a got no answer: connection refused; up to 10 more attempts, every 2.0 s',
      'GET https://shop/a answered 503, not 2xx or 3xx; up to 9 more attempts, every 2.0 s',
      'GET https://shop/a answered 200 in 7 ms',
    ]);
    expect(world.clock.now()).toBe(6_000);
  });

  test('ends after its retries, and gives the last answer', async () => {
    const world = worldOf({ 'https://shop/a?t=1': [{ status: 500 }, { status: 501 }] });
    expect(await verify(await of('- { path: "/a?t=1", retries: 3, interval: 5s }'), world as never, never)).toEqual({
      description: 'verification failed: GET https://shop/a?… answered 501, not 2xx or 3xx (asked 4 times in 15 s)',
      allocation: undefined,
    });
  });

  test('names the allocation, and that the runner has to reach it', async () => {
    const one: PlacedAllocation = {
      ...allocation('running', { ID: '12345678-9abc', Name: 'shop.web[2]' }),
      AllocatedResources: { Shared: { Ports: [{ Label: 'http', Value: 80, HostIP: '10.0.0.1' }] } },
    };
    const questions = allocationQuestions(await checks('- { path: /a, retries: 0 }'), [one]);
    const what = 'verification failed: GET http://10.0.0.1:80/a of allocation 12345678 (web[2])';
    expect(await verify(questions, worldOf({}) as never, never)).toEqual({
      description: `${what} got no answer: no such host; this runner has to reach the addresses of the Nomad clients`,
      allocation: one,
    });
    expect(await verify(questions, worldOf({ 'http://10.0.0.1:80/a': [{ status: 500 }] }) as never, never)).toMatchObject({
      description: `${what} answered 500, not 2xx or 3xx`,
    });
  });

  test('of many asks some at a time, and no more after a failure', async () => {
    const many = Array.from({ length: 30 }, (_, i) => `- { path: /${i}, retries: 0 }`).join('\n');
    const replies = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`https://shop/${i}`, [{ status: i === 3 ? 500 : 200 }]]));
    const world = worldOf(replies);
    expect(await verify(await of(many), world as never, never)).toMatchObject({ description: expect.stringContaining('/3 answered 500') });
    expect(world.asked.length).toBeLessThan(30);
    const good = worldOf({ ...replies, 'https://shop/3': [{}] });
    expect(await verify(await of(many), good as never, never)).toBeUndefined();
    expect(good.asked).toHaveLength(30);
  });

  test('of nothing is done', async () => expect(await verify([], worldOf({}) as never, never)).toBeUndefined());

  test('ends with the reason when it is aborted', async () => {
    const reason = new Error('cancelled');
    await expect(verify(await of('/a'), worldOf({}) as never, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
