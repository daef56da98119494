import { describe, expect, test } from '@jest/globals';
import { type HttpCheck, readChecks, withoutQuery } from '../../../src/inputs/http-checks.ts';
import { secret } from '../../../src/runtime/secret.ts';

const DEFAULTS: HttpCheck = {
  target: { path: '/', port: undefined, protocol: 'http' },
  method: 'GET',
  headers: {},
  followRedirects: false,
  redirectHosts: [],
  insecure: false,
  status: ['2xx', '3xx'],
  body: undefined,
  header: {},
  json: [],
  maxLatencyMs: undefined,
  retries: 10,
  intervalMs: 2_000,
  timeoutMs: 5_000,
};
const path = (text: string): HttpCheck => ({ ...DEFAULTS, target: { path: text, port: undefined, protocol: 'http' } });
const url = (text: string): HttpCheck => ({ ...DEFAULTS, target: { url: text } });

async function read(text: string | undefined): Promise<{ checks: readonly HttpCheck[]; problems: string[] }> {
  const problems: string[] = [];
  return { checks: await readChecks(text, secret, problems), problems };
}

describe('the checks of the input', () => {
  const all = `
- path: /healthz?deep=1
  port: admin
  protocol: https
  method: post
  headers: { Host: shop.example.com, X-Empty: "" }
  follow-redirects: true
  insecure: yes
  status: [200, 5xx]
  body: /up\\s+now/im
  json: { status: up, "$.checks.db[0].ok": true, 'a["b.c"]["d\\"e"].f': 1.10, version: '/^1\\./' }
  header: { X-Version: 1.10, Server: /nginx/, X-Any: "" }
  max-latency: 500ms
  retries: 0
  interval: 1s
  timeout: 1m
- url: https://shop.example.com
`;
  test.each<[string, string | undefined, readonly HttpCheck[]]>([
    ['none', undefined, []],
    ['blank', ' \n ', []],
    ['a path', '/healthz', [path('/healthz')]],
    [
      'paths and URLs',
      ' /a?b=c\r\n\nhttps://example.com/x\nhttp://127.0.0.1:8080\n',
      [path('/a?b=c'), url('https://example.com/x'), url('http://127.0.0.1:8080')],
    ],
    ['a list of both', '# first\n- /a\n- https://example.com', [path('/a'), url('https://example.com')]],
    ['one map', 'path: /a\nstatus: 204', [{ ...path('/a'), status: ['204'] }]],
    ['JSON', '[{"path": "/a", "status": [200, "3XX"], "retries": 2}]', [{ ...path('/a'), status: ['200', '3xx'], retries: 2 }]],
    ['an anchor', '- &a { path: /a, retries: 1 }\n- *a', Array(2).fill({ ...path('/a'), retries: 1 })],
    [
      'all keys',
      all,
      [
        {
          target: { path: '/healthz?deep=1', port: 'admin', protocol: 'https' },
          method: 'POST',
          headers: { Host: expect.anything(), 'X-Empty': expect.anything() },
          followRedirects: true,
          redirectHosts: [],
          insecure: true,
          status: ['200', '5xx'],
          body: /up\s+now/im,
          json: [
            { path: 'status', keys: ['status'], wanted: 'up' },
            { path: '$.checks.db[0].ok', keys: ['checks', 'db', '0', 'ok'], wanted: 'true' },
            { path: 'a["b.c"]["d\\"e"].f', keys: ['a', 'b.c', 'd"e', 'f'], wanted: '1.10' },
            { path: 'version', keys: ['version'], wanted: /^1\./ },
          ],
          header: { 'x-version': '1.10', server: /nginx/, 'x-any': '' },
          maxLatencyMs: 500,
          retries: 0,
          intervalMs: 1_000,
          timeoutMs: 60_000,
        },
        url('https://shop.example.com'),
      ],
    ],
  ] as never)('%s', async (_what, text: string | undefined, checks: readonly HttpCheck[]) => {
    expect(await read(text)).toEqual({ checks, problems: [] });
  });

  test('keep the headers to themselves', async () => {
    const { checks } = await read('- path: /a\n  headers: { Authorization: "Bearer hunter2" }');
    expect(JSON.stringify(checks)).toContain('"Authorization":"***"');
    expect(checks[0]?.headers['Authorization']?.reveal()).toBe('Bearer hunter2');
  });
});

describe('a problem', () => {
  const neither = (text: string, more = ''): string =>
    `${JSON.stringify(text)} is neither a path such as /healthz nor a URL such as https://shop.example.com/healthz${more}`;
  const shape = 'neither paths and URLs, one a line, nor a YAML list of checks';
  const such = 'such as `- path: /healthz`';

  test.each<[string, string]>([
    ['healthz', `\`url\`: ${neither('healthz', '; a path begins with a slash')}`],
    ['shop.example.com/healthz', `\`url\`: ${neither('shop.example.com/healthz')}`],
    ['ftp://example.com', `\`url\`: ${neither('ftp://example.com')}`],
    ['https://', `\`url\`: ${neither('https://')}`],
    ['https://me:hunter2@example.com', '`url`: must not hold a user or password; send them with `headers`'],
    ['//example.com', '`path`: "//example.com" is not a path, such as /healthz'],
    ['/a b?token=hunter2', '`path`: "/a b?…" is not a path, such as /healthz'],
    ['- path: x', '`path`: "x" is not a path, such as /healthz'],
    ['- []', 'needs either `path` or `url`'],
    ['- { status: 200 }', 'needs either `path` or `url`'],
    ['- { path: /a, url: "https://b" }', 'needs either `path` or `url`'],
    ['- { url: "https://b", port: http }', '`port` is for a `path`: a URL has its port in it'],
    ['- { url: "https://b", protocol: http }', '`protocol` is for a `path`: a URL begins with it'],
    ['- { path: /a, protocol: tcp }', '`protocol`: "tcp" is neither http nor https'],
    ['- { path: /a, stauts: 200 }', 'unknown key `stauts`: did you mean `status`?'],
    [
      '- { path: /a, zzzzzz: 200 }',
      'unknown key `zzzzzz`; the keys are path, url, port, protocol, method, headers, follow-redirects, insecure, status, body, header, json, max-latency, retries, interval, timeout',
    ],
    ['- { path: /a, method: GTE }', '`method`: "GTE" is not one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'],
    ['- { path: /a, status: ok }', '`status`: "ok" is not a status such as 200 or 2xx, or a list of them'],
    ['- { path: /a, status: [200, 2000] }', '`status`: "2000" is not a status such as 200 or 2xx, or a list of them'],
    ['- { path: /a, status: [] }', '`status`: "" is not a status such as 200 or 2xx, or a list of them'],
    ['- { path: /a, body: "" }', '`body` is empty'],
    ['- { path: /a, body: { a: b } }', '`body` must be a text'],
    ['- { path: /a, body: "/(/" }', '`body`: /(/ is not a regular expression: Unterminated group'],
    ['- { path: /a, json: up }', '`json` must be a map, as in `json: { status: up }`'],
    ['- { path: /a, json: { a: [1] } }', '`json`: the value of a must be a text, a number, true, false or null'],
    ['- { path: /a, json: { a..b: 1 } }', '`json`: "a..b" is not a path, such as status or checks.db[0].ok'],
    ['- { path: /a, json: { "a[x]": 1 } }', '`json`: "a[x]" is not a path, such as status or checks.db[0].ok'],
    ['- { path: /a, json: { "a[0]b": 1 } }', '`json`: "a[0]b" is not a path, such as status or checks.db[0].ok'],
    ['- { path: /a, header: x }', '`header` must be a map, as in `header: { x-name: value }`'],
    ['- { path: /a, headers: { "a b": c } }', '`headers`: "a b" is not the name of a header'],
    ['- { path: /a, headers: { Content-Length: 0 } }', "`headers`: Content-Length belongs to the connection and can't be set"],
    ['- { path: /a, headers: { A: "hunter2\\n" } }', "`headers`: the value of A has line breaks or characters that a header can't have"],
    ['- { path: /a, max-latency: 5 }', '`max-latency`: "5" is not a duration, such as 500ms or 5s'],
    ['- { path: /a, timeout: 0s }', '`timeout`: "0s" is not a duration, such as 500ms or 5s'],
    ['- { path: /a, interval: soon }', '`interval`: "soon" is not a duration, such as 500ms or 5s'],
    ['- { path: /a, retries: -1 }', '`retries`: "-1" is not a whole number, such as 50'],
    ['- { path: /a, insecure: maybe }', '`insecure`: "maybe" is neither true nor false'],
    ['- { path: /a, follow-redirects: 3 }', '`follow-redirects`: "3" is neither true nor false'],
    [
      '- { path: /a, follow-redirects: [a.example.com, "http://b"] }',
      '`follow-redirects` is true, false, or a list of hosts such as login.example.com',
    ],
    ['- { path: /a, follow-redirects: 1.2.3.4.5 }', '`follow-redirects`: "1.2.3.4.5" is neither true nor false'],
    ['- { path: /a, follow-redirects: { a: b } }', '`follow-redirects` is true, false, or a list of hosts such as login.example.com'],
  ])('of a check: %s', async (text, problem) => {
    expect((await read(text)).problems).toEqual([`\`verify\`, check 1: ${problem}`]);
  });

  test.each<[string, string]>([
    ['- path: /a\n  headers: { A: hunter2', `\`verify\` is ${shape} (line 2), ${such}`],
    ['- path: /a\n- !x hunter2', `\`verify\` is ${shape} (line 2), ${such}`],
    ['- path: *hunter2', `\`verify\` is ${shape} (line 1), ${such}`],
    ['- path: /a\n- path: /b\n  path: /c', `\`verify\` is ${shape} (line 3), ${such}`],
    ['# nothing', `\`verify\` is ${shape}, ${such}`],
  ])('of the whole: %j', async (text, problem) => {
    expect((await read(text)).problems).toEqual([problem]);
  });

  test('is told with all others', async () => {
    expect((await read('- path: /a\n  retires: 1\n  timeout: x\n- url: y\n- /fine')).problems).toEqual([
      '`verify`, check 1: unknown key `retires`: did you mean `retries`?',
      '`verify`, check 1: `timeout`: "x" is not a duration, such as 500ms or 5s',
      `\`verify\`, check 2: \`url\`: ${neither('y', '; a path begins with a slash')}`,
    ]);
  });
});

test.each([
  ['https://a/b', 'https://a/b'],
  ['https://a/b?token=x', 'https://a/b?…'],
  ['/b?x=\ny', '/b?…'],
])('%j is shown as %j', (url, shown) => expect(withoutQuery(url)).toBe(shown));
