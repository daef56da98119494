// The ways of an exec session to Nomad: TLS, a socket, proxies, and fronts that let no web socket through.
import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer, request } from 'node:http';
import { createSecureServer } from 'node:http2';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { temporary } from '../../scripts/parts/action.ts';
import { type Authority, authority, type Pair, pem } from '../../scripts/parts/certificates.ts';
import { cluster } from '../helpers/deploying.ts';
import { runTask } from '../helpers/inside.ts';
import { parts } from '../helpers/parts.ts';
import { checkout, runCli } from '../helpers/terminal.ts';

const cwd = checkout({});
const nomadPort = (): number => Number(new URL(parts().nomad.address).port);
const servers: (Server | HttpServer)[] = [];
const sockets = new Set<Socket>();
let ca: Authority;
let [server, client]: [Pair, Pair] = [
  { cert: '', key: '' },
  { cert: '', key: '' },
];

beforeAll(async () => {
  ca = await authority(temporary('ca'));
  [server, client] = await Promise.all([ca.sign('server', 'DNS:localhost,IP:127.0.0.1'), ca.sign('person', 'DNS:person')]);
  await runTask('ways', { driver: 'raw_exec' });
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  for (const one of servers) one.close();
});

async function listen<T extends Server | HttpServer>(one: T, path?: string): Promise<{ readonly server: T; readonly port: number }> {
  servers.push(one);
  one.on('connection', (socket: Socket) => sockets.add(socket));
  if (path === undefined) one.listen(0, '127.0.0.1');
  else one.listen(path);
  await once(one, 'listening');
  const address = one.address();
  return { server: one, port: typeof address === 'object' && address !== null ? address.port : 0 };
}

/** Passes a connection on to Nomad as it is. */
function toNomad(socket: Socket): void {
  const upstream = connect(nomadPort(), '127.0.0.1');
  for (const end of [socket, upstream]) end.on('error', () => [socket, upstream].map((each) => each.destroy()));
  socket.pipe(upstream).pipe(socket);
}

const ssh = async (env: Readonly<Record<string, string>>, ...options: readonly string[]) =>
  runCli({ args: ['ssh', '-j', 'ways', ...options, '--', 'cat'], cwd, env, stdin: 'through\n' });

test('TLS with a client certificate', async () => {
  const tls = { cert: pem(server.cert), key: pem(server.key), ca: pem(ca.cert), requestCert: true };
  const { port } = await listen(createTlsServer(tls, toNomad));
  const env = {
    NOMAD_ADDR: `https://127.0.0.1:${port}`,
    NOMAD_CACERT: ca.cert,
    NOMAD_CLIENT_CERT: client.cert,
    NOMAD_CLIENT_KEY: client.key,
  };
  expect(await ssh(env)).toMatchObject({ code: 0, stdout: 'through\n' });
});

test('a socket', async () => {
  const path = join(temporary('socket'), 's');
  await listen(createServer(toNomad), path);
  expect(await ssh({ NOMAD_ADDR: `unix://${path}` })).toMatchObject({ code: 0, stdout: 'through\n' });
});

test('a proxy gets a tunnel for the session', async () => {
  const proxy = createHttpServer((asked, answer) => {
    const { pathname, search } = new URL(asked.url ?? '', 'http://x');
    const onward = request({ port: nomadPort(), path: `${pathname}${search}`, method: asked.method, headers: asked.headers }, (came) => {
      answer.writeHead(came.statusCode ?? 500, came.headers);
      came.pipe(answer);
    });
    asked.pipe(onward);
  });
  const tunnels: string[] = [];
  proxy.on('connect', ({ url = '' }, socket: Socket) => {
    tunnels.push(url);
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    toNomad(socket);
  });
  const { port } = await listen(proxy);
  expect(await ssh({ HTTP_PROXY: `http://127.0.0.1:${port}` })).toMatchObject({ code: 0, stdout: 'through\n' });
  expect(tunnels).toContain(new URL(parts().nomad.address).host);
});

test('a front that drops the upgrade is told, and what to do', async () => {
  const front = createHttpServer((asked, answer) => {
    const { upgrade: _upgrade, connection: _connection, ...headers } = asked.headers;
    const onward = request({ port: nomadPort(), path: asked.url, method: asked.method, headers }, (came) => {
      answer.writeHead(came.statusCode ?? 500, came.headers);
      came.pipe(answer);
    });
    asked.pipe(onward);
  });
  front.on('upgrade', (asked, socket) => {
    const lines = Object.entries(asked.headers).filter(([name]) => !['upgrade', 'connection'].includes(name));
    const upstream = connect(nomadPort(), '127.0.0.1');
    upstream.write(
      `GET ${asked.url} HTTP/1.1\r\nconnection: close\r\n${lines.map(([name, value]) => `${name}: ${String(value)}\r\n`).join('')}\r\n`,
    );
    upstream.pipe(socket);
  });
  const { port } = await listen(front);
  const { code, stderr } = await ssh({ NOMAD_ADDR: `http://127.0.0.1:${port}` });
  expect(code).toBe(255);
  expect(stderr).toMatch(
    /answered \d+ and opened no web socket.*let the proxy in front of Nomad pass on the headers Upgrade and Connection\./,
  );
});

test('a front with HTTP/2 only is told, and what to do', async () => {
  const front = createSecureServer({ cert: pem(server.cert), key: pem(server.key), allowHTTP1: false });
  front.on('stream', (stream, headers) => {
    const onward = request({ port: nomadPort(), path: headers[':path'], method: headers[':method'] }, (came) => {
      const { connection: _connection, 'transfer-encoding': _encoding, ...kept } = came.headers;
      stream.respond({ ...kept, ':status': came.statusCode ?? 500 });
      came.pipe(stream);
    });
    onward.on('error', () => stream.close());
    stream.on('error', () => undefined);
    stream.pipe(onward);
  });
  const { port } = await listen(front);
  const { code, stderr } = await ssh({ NOMAD_ADDR: `https://127.0.0.1:${port}`, NOMAD_CACERT: ca.cert });
  expect(code).toBe(255);
  expect(stderr).toContain('takes HTTP/2 only, so there are no exec sessions. Exec sessions are web sockets, which begin with HTTP/1.1');
});

test('namespace and region are sent, and a region that does not exist is told', async () => {
  await cluster.send('POST', '/v1/namespace/ways', { Name: 'ways' });
  await runTask('ways', { driver: 'raw_exec', namespace: 'ways' });
  const there = await runCli({
    args: ['ssh', '-j', 'ways', '--nomad-namespace', 'ways', '--nomad-region', 'global', '--', 'sh', '-c', 'echo $NOMAD_NAMESPACE'],
    cwd,
  });
  expect(there).toMatchObject({ code: 0, stdout: 'ways\n' });
  const { stderr } = await ssh({}, '--nomad-region', 'nowhere');
  expect(stderr).toContain('no region "nowhere"');
});
