import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Authority, authority, pem } from '../../../scripts/parts/certificates.ts';
import { wayFindings } from '../../../src/doctor/way.ts';
import { ActionError } from '../../../src/errors.ts';
import type { Connection } from '../../../src/nomad/call.ts';
import { type Answered, lookAtWay, type TlsSeen, type Way } from '../../../src/nomad/way.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { secret } from '../../../src/runtime/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'way-'));
const servers: Server[] = [];
let ca: Authority;
let other: Authority;
beforeAll(async () => {
  [ca, other] = await Promise.all([authority(folder, 90), authority(folder, 90)]);
}, 60_000);
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

async function portOf<T extends Server>(server: T): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const LEADER = '"10.0.0.1:4647"';
const nomad: RequestListener = (_request, response) => void response.setHeader('content-type', 'application/json').end(LEADER);
const pair = async (by: Authority, name: string, names: string, days?: number) => {
  const { cert, key } = await by.sign(name, names, days);
  return { cert: pem(cert), key: pem(key) };
};

const log = { info: () => undefined, debug: () => undefined } as never;
const look = async (address: string, more: Partial<Connection> = {}): Promise<Way> => {
  const connection = { address, token: secret('the-token'), region: undefined, headers: { 'x-access': secret('the-header') }, ...more };
  return lookAtWay(connection, { log, clock: systemClock, signal: new AbortController().signal });
};
const ours = () => ({ tls: { ca: pem(ca.cert), skipVerify: false } });
const answered = ({ answer }: Way): Answered => {
  if (answer === undefined || answer instanceof ActionError) throw answer ?? new Error('not asked');
  return answer;
};

describe('TLS', () => {
  const serve = async (of: { cert: string; key: string }, listener = nomad, more = {}): Promise<string> =>
    `https://127.0.0.1:${await portOf(createHttpsServer({ ...of, ...more }, listener))}`;

  test('a good certificate has no problem, and its chain is known', async () => {
    const way = await look(await serve(await pair(ca, 'good', 'IP:127.0.0.1', 30)), ours());
    expect(way).toMatchObject({ scheme: 'https', connection: 'open', proxy: undefined, name: undefined });
    expect(way.tls).toMatchObject({ problem: undefined, protocol: 'TLSv1.3' });
    expect(way.tls?.chain.map(({ subject, issuer }) => [subject, issuer])).toEqual([
      ['good', 'Test authority'],
      ['Test authority', 'Test authority'],
    ]);
    expect((way.tls?.chain[0]?.notAfter ?? 0) - Date.now()).toBeGreaterThan(29 * 86_400_000);
    expect(answered(way)).toMatchObject({ version: 'HTTP/1.1', leader: '10.0.0.1:4647', skewMs: 0 });
  });

  test.each([
    ['that has ended', async () => pair(ca, 'old', 'IP:127.0.0.1', -1), 'CERT_HAS_EXPIRED'],
    ['for another name', async () => pair(ca, 'named', 'DNS:nomad.example.com'), 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['of another authority', async () => pair(other, 'strange', 'IP:127.0.0.1'), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ])('a certificate %s is told, and Nomad is not asked', async (_name, make, problem) => {
    const asked: unknown[] = [];
    const address = await serve(await make(), (request, response) => {
      asked.push(request.headers);
      nomad(request, response);
    });
    const way = await look(address, ours());
    expect(way).toMatchObject({ connection: 'open', answer: undefined });
    expect(way.tls).toMatchObject({ problem });
    expect(way.tls?.chain).not.toEqual([]);
    // The server is not the one that it should be: it sees no token and none of the headers.
    expect(JSON.stringify(asked)).not.toMatch(/the-token|the-header/);
    expect(asked.length).toBeLessThanOrEqual(1);
  });

  test('the expected name can be another one than the host', async () => {
    const address = await serve(await pair(ca, 'server', 'DNS:server.global.nomad', 30));
    const way = await look(address, { tls: { ca: pem(ca.cert), serverName: 'server.global.nomad', skipVerify: false } });
    expect(way.tls).toMatchObject({ problem: undefined });
    expect(answered(way).leader).toBe('10.0.0.1:4647');
  });

  test('a server that wants a client certificate is told', async () => {
    const way = await look(
      await serve(await pair(ca, 'strict', 'IP:127.0.0.1', 30), nomad, { requestCert: true, ca: pem(ca.cert) }),
      ours(),
    );
    const failed = [way.connection, way.answer].find((one) => one instanceof ActionError);
    expect(failed).toMatchObject({ code: 'unreachable', hint: expect.stringContaining('nomad-client-cert') });
  });

  test('a port without TLS is told', async () => {
    const way = await look(`https://127.0.0.1:${await portOf(createHttpServer(nomad))}`, ours());
    expect(way.connection).toMatchObject({ message: expect.stringContaining('it does not speak TLS') });
    expect(way.answer).toBeUndefined();
  });

  test('a server of HTTP/2 alone is told', async () => {
    const of = await pair(ca, 'two', 'IP:127.0.0.1', 30);
    const server = createSecureServer({ ...of, allowHTTP1: false }, (_request, response) => void response.end(LEADER));
    const way = await look(`https://127.0.0.1:${await portOf(server)}`, ours());
    expect(answered(way)).toMatchObject({ version: 'HTTP/2', leader: '10.0.0.1:4647' });
  });
});

test('a client certificate that has ended, or ends soon, is told beside that of the server', async () => {
  const [old, soon, good] = await Promise.all([
    pair(ca, 'runner-old', 'DNS:runner', -1),
    pair(ca, 'runner-soon', 'DNS:runner', 3),
    pair(ca, 'runner', 'DNS:runner', 60),
  ]);
  const of = (cert: string): unknown => {
    const tls: TlsSeen = { protocol: 'TLSv1.3', problem: undefined, chain: [] };
    const way: Way = {
      ...{ address: 'https://a', scheme: 'https', proxy: undefined, refusedByProxy: false, name: undefined },
      connection: 'open',
      tls,
      answer: undefined,
    };
    const told = { source: 'nomad-addr', tls: { cert, skipVerify: false }, hasToken: true, hasLogin: false, now: Date.now() };
    return wayFindings(way, told).find(({ check }) => check === 'TLS');
  };
  expect(of(old.cert)).toMatchObject({ state: 'broken', text: expect.stringContaining('the client certificate has expired') });
  expect(of(soon.cert)).toMatchObject({ state: 'warning', text: 'the client certificate expires in 2 days' });
  expect(of(good.cert)).toMatchObject({ state: 'fine' });
});

describe('the clock', () => {
  test.each([
    [-3_600_000, -3_600_000],
    [600_000, 600_000],
    [0, 0],
  ])('of a server that is off by %d ms', async (offMs, expected) => {
    const server = createHttpServer((_request, response) => {
      response.sendDate = false;
      response.setHeader('date', new Date(Date.now() + offMs).toUTCString()).end(LEADER);
    });
    const { skewMs = Number.NaN } = answered(await look(`http://127.0.0.1:${await portOf(server)}`));
    expect(Math.abs(skewMs - expected)).toBeLessThan(1_500);
  });
  test('of a server without the header is not known', async () => {
    const server = createHttpServer((_request, response) => {
      response.sendDate = false;
      response.end(LEADER);
    });
    expect(answered(await look(`http://127.0.0.1:${await portOf(server)}`)).skewMs).toBeUndefined();
  });
});

describe('an answer', () => {
  const serve = async (listener: RequestListener): Promise<string> => `http://127.0.0.1:${await portOf(createHttpServer(listener))}`;
  test('without a leader has none', async () => {
    expect(answered(await look(await serve((_request, response) => void response.end('""')))).leader).toBe('');
    const electing = await serve((_request, response) => void response.writeHead(500).end('No cluster leader'));
    expect(answered(await look(electing)).leader).toBe('');
  });
  test.each<[string, RequestListener, RegExp]>([
    ['a page', (_q, response) => void response.setHeader('content-type', 'text/html').end('<!doctype html><p>Hello'), /web page/],
    [
      'a redirect',
      (_q, response) => void response.writeHead(302, { location: 'https://login.example.com' }).end(),
      /a redirect to https:\/\/login/,
    ],
    ['another JSON', (_q, response) => void response.end('{"ok":true}'), /answered 200/],
    ['nothing known', (_q, response) => void response.writeHead(404).end('nope'), /answered 404/],
  ])('with %s is that of another server', async (_name, listener, words) => {
    const { answer } = await look(await serve(listener));
    expect(answer).toBeInstanceOf(ActionError);
    expect(answer).toMatchObject({ code: 'unreachable', message: expect.stringMatching(words) });
  });
  test('has the path of the address before its own', async () => {
    const seen: string[] = [];
    const address = await serve((request, response) => {
      seen.push(request.url ?? '');
      nomad(request, response);
    });
    await look(`${address}/nomad`);
    expect(new Set(seen)).toEqual(new Set(['/nomad/v1/status/leader']));
  });
});

describe('without a connection', () => {
  test('a closed port is told', async () => {
    const port = await portOf(createServer());
    servers.at(-1)?.close();
    expect((await look(`http://127.0.0.1:${port}`)).connection).toMatchObject({ message: expect.stringContaining('connection refused') });
  });
  test('a name that does not exist is told', async () => {
    const { name } = await look('http://nomad.invalid:4646');
    expect(name).toMatchObject({ code: 'unreachable', message: expect.stringContaining('nomad.invalid') });
  });
  test('a socket has no name, and may not be there', async () => {
    const way = await look(`unix://${join(folder, 'no.sock')}`);
    expect(way).toMatchObject({ scheme: 'unix', name: undefined });
    expect(way.connection).toBeInstanceOf(ActionError);
  });
});

describe('a proxy', () => {
  const proxy = async (status: number): Promise<number> => {
    const server = createHttpServer();
    server.on('connect', ({ url = '' }, socket) => {
      if (status !== 200) return void socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      const upstream = connect(Number(url.split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      for (const end of [upstream, socket]) end.on('error', () => [upstream, socket].map((each) => each.destroy()));
    });
    return portOf(server);
  };
  const by = (port: number) => ({ proxy: { value: secret(`http://team:hunter2@127.0.0.1:${port}`), source: 'HTTPS_PROXY' } });

  test('is named without its password, and the certificate is seen through it', async () => {
    const of = await pair(ca, 'behind', 'IP:127.0.0.1', 30);
    const address = `https://127.0.0.1:${await portOf(createHttpsServer(of, nomad))}`;
    const port = await proxy(200);
    const way = await look(address, { ...ours(), ...by(port) });
    expect(way).toMatchObject({
      proxy: `http://127.0.0.1:${port} of HTTPS_PROXY`,
      name: undefined,
      refusedByProxy: false,
      connection: 'open',
    });
    expect(way.tls).toMatchObject({ problem: undefined, chain: [{ subject: 'behind' }, {}] });
    expect(answered(way).leader).toBe('10.0.0.1:4647');
  });
  test.each([403, 407])('that answers %d has refused', async (status) => {
    const port = await proxy(status);
    const way = await look('https://127.0.0.1:4646', { ...ours(), ...by(port) });
    expect(way).toMatchObject({ refusedByProxy: true, answer: undefined });
    expect(way.connection).toMatchObject({ message: expect.stringContaining(`answered ${status}`) });
    expect(JSON.stringify(way)).not.toContain('hunter2');
  });
});
