import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer as createHttpServer, type Server as HttpServer, type IncomingHttpHeaders, request } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Authority, authority, type Pair, pem } from '../../scripts/parts/certificates.ts';
import { type Nomad, startNomad } from '../../scripts/parts/nomad.ts';
import { type Deploy, deploy, spec } from '../helpers/deploying.ts';
import { parts, partsRun } from '../helpers/parts.ts';

const project = (job: string): Record<string, string> => ({ 'project.nomad': spec(job, { type: 'batch', command: 'true' }) });

/** What the one error of a run says, in one line. */
async function refusal(options: Deploy): Promise<string> {
  const result = await deploy(options);
  const errors = result.annotations.filter(({ level }) => level === 'error');
  expect(errors).toHaveLength(1);
  expect(result).toMatchObject({ code: 1, outputs: { outcome: 'failed' } });
  return errors[0]?.message ?? '';
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('not listening on a port');
  return address.port;
}

const servers: (Server | HttpServer)[] = [];
async function listening<T extends Server>(server: T, ...at: [path: string] | [port: number, host: string]): Promise<T> {
  servers.push(server);
  if (at.length === 1) server.listen(at[0]);
  else server.listen(at[0], at[1]);
  await once(server, 'listening');
  return server;
}
afterAll(() => {
  for (const server of servers) server.close();
});

/** A proxy that tunnels, to those who have the password if there is one. */
async function tunnel(credentials?: string): Promise<{ readonly tunnels: readonly string[]; readonly port: number }> {
  const tunnels: string[] = [];
  const proxy = await listening(createHttpServer(), 0, '127.0.0.1');
  proxy.on('connect', ({ url = '', headers }, socket) => {
    if (credentials !== undefined && headers['proxy-authorization'] !== `Basic ${btoa(credentials)}`) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    tunnels.push(url);
    const upstream = connect(Number(url.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    for (const end of [upstream, socket]) end.on('error', () => [upstream, socket].map((each) => each.destroy()));
  });
  return { tunnels, port: portOf(proxy) };
}

describe('a Nomad that speaks TLS and asks for a client certificate', () => {
  let ca: Authority;
  let other: Authority;
  let client: Pair;
  let nomad: Nomad;
  beforeAll(async () => {
    const run = partsRun();
    [ca, other] = await Promise.all([authority(run.folder), authority(run.folder)]);
    // As `nomad tls cert create` names them, but for the address.
    const [server, own] = await Promise.all([
      ca.sign('server', 'DNS:server.global.nomad,DNS:localhost,IP:127.0.0.1'),
      ca.sign('runner', 'DNS:runner'),
    ]);
    client = own;
    nomad = await startNomad(run, { docker: parts().docker, tls: { ca: ca.cert, ...server } });
  }, 120_000);
  afterAll(async () => nomad.stop());

  const given = (job: string, inputs: Record<string, string> = {}, more: Partial<Deploy> = {}): Deploy => ({
    files: project(job),
    ...more,
    inputs: { 'nomad-addr': nomad.address, ...inputs },
  });
  const texts = () => ({ 'nomad-cacert': pem(ca.cert), 'nomad-client-cert': pem(client.cert), 'nomad-client-key': pem(client.key) });

  test.concurrent('is deployed to with PEM texts; the key is masked, and in no output', async () => {
    const result = await deploy(given('tls-texts', texts()));
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    const [, line = ''] = pem(client.key).split('\n');
    expect(result.masks.join('\n')).toContain(line);
    expect(result.shown).not.toContain(line);
  });

  test.concurrent('is deployed to with base64 of PEM; the key is masked in both forms, and in no output', async () => {
    const inputs = Object.fromEntries(Object.entries(texts()).map(([name, text]) => [name, btoa(text)]));
    const result = await deploy(given('tls-base64', inputs));
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    const [, line = ''] = pem(client.key).split('\n');
    expect(result.masks.join('\n')).toContain(line);
    for (const form of [line, btoa(pem(client.key))]) expect(result.shown).not.toContain(form);
  });

  test.concurrent('is deployed to with files of the workspace', async () => {
    const files = { ...project('tls-files'), 'tls/ca.pem': pem(ca.cert), 'tls/cert.pem': pem(client.cert), 'tls/key.pem': pem(client.key) };
    const inputs = { 'nomad-cacert': 'tls/ca.pem', 'nomad-client-cert': 'tls/cert.pem', 'nomad-client-key': 'tls/key.pem' };
    const result = await deploy(given('tls-files', inputs, { files }));
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(result.masks.join('\n')).toContain(pem(client.key).split('\n')[1]);
  });

  test.concurrent('is deployed to with files of the machine that the environment names, and by another name', async () => {
    const env = {
      NOMAD_CACERT: ca.cert,
      NOMAD_CLIENT_CERT: client.cert,
      NOMAD_CLIENT_KEY: client.key,
      NOMAD_TLS_SERVER_NAME: 'server.global.nomad',
      NOMAD_ADDR: nomad.address,
    };
    expect(await deploy(given('tls-env', { 'nomad-addr': '' }, { env }))).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
  });

  test.concurrent('is deployed to without a look at its certificate, with a warning', async () => {
    const result = await deploy(given('tls-unverified', { ...texts(), 'nomad-cacert': '', 'nomad-skip-verify': 'true' }));
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(result.annotations).toContainEqual(
      expect.objectContaining({ level: 'warning', message: expect.stringContaining('any certificate is accepted') }),
    );
  });

  test.concurrent('is deployed to through a proxy, which NO_PROXY can leave out', async () => {
    const { tunnels, port } = await tunnel();
    const env = { HTTPS_PROXY: `http://127.0.0.1:${port}` };
    const result = await deploy(given('tls-proxy', texts(), { env }));
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(new Set(tunnels)).toEqual(new Set([new URL(nomad.address).host]));
    const before = tunnels.length;
    await deploy(given('tls-proxy', texts(), { env: { ...env, NO_PROXY: '127.0.0.1' } }));
    expect(tunnels).toHaveLength(before);
  });

  test.concurrent('is deployed to through a proxy that wants a password, which is shown nowhere', async () => {
    const { port } = await tunnel('team:hunter2/hunter2');
    const env = { HTTPS_PROXY: `http://team:hunter2%2Fhunter2@127.0.0.1:${port}` };
    const result = await deploy(given('tls-proxy-auth', texts(), { env }));
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(result.masks).toEqual(expect.arrayContaining(['hunter2%2Fhunter2', 'hunter2/hunter2', btoa('team:hunter2/hunter2')]));
    const refused = { env: { HTTPS_PROXY: `http://team:wrong-password@127.0.0.1:${port}` } };
    const begun = performance.now();
    const message = await refusal(given('tls-proxy-auth', texts(), refused));
    expect(message).toMatch(
      /^cannot reach Nomad at https:\S+ \(POST \/v1\/jobs\/parse\): the proxy http:\/\/127\.0\.0\.1:\d+ of HTTPS_PROXY answered 407\. Add user and password/,
    );
    expect(message).not.toContain('wrong-password');
    // Nothing that another attempt would change.
    expect(performance.now() - begun).toBeLessThan(8_000);
  });

  test.concurrent('behind a proxy that is not there is told with the proxy', async () => {
    const env = { HTTPS_PROXY: 'http://team:hunter2@127.0.0.1:9' };
    const message = await refusal(given('tls-proxy', texts(), { env }));
    expect(message).toMatch(
      /connection refused\. Check `nomad-addr`, the proxy http:\/\/127\.0\.0\.1:9 of HTTPS_PROXY \(unless NO_PROXY names the host\)/,
    );
  });

  test.concurrent.each<[string, () => Record<string, string>, RegExp]>([
    [
      'an unknown authority',
      () => ({ 'nomad-cacert': '' }),
      /^cannot reach Nomad at \S+ \(.*\): its certificate is signed by an authority that this runner does not know\. Set `nomad-cacert` to the certificate/,
    ],
    [
      'another authority',
      () => ({ 'nomad-cacert': pem(other.cert) }),
      /its certificate is signed by another authority than the one in `nomad-cacert`\. Set `nomad-cacert`/,
    ],
    [
      'another name',
      () => ({ 'nomad-tls-server-name': 'nomad.example.com' }),
      /its certificate is for another name than nomad\.example\.com\. Set `nomad-tls-server-name` to a name in the certificate/,
    ],
    [
      'no client certificate',
      () => ({ 'nomad-client-cert': '', 'nomad-client-key': '' }),
      /(the connection was closed\. If the server requires a client certificate|it requires a client certificate\. Set `nomad-client-cert`)/,
    ],
    ['http to its port', () => ({ 'nomad-addr': nomad.address.replace('https', 'http') }), /requires TLS\. Begin `nomad-addr` with https/],
    [
      'https to a Nomad without TLS',
      () => ({ 'nomad-addr': parts().nomad.address.replace('http', 'https') }),
      /it does not speak TLS\. Begin `nomad-addr` with http:/,
    ],
    [
      'no PEM',
      () => ({ 'nomad-cacert': 'x\ny' }),
      /^`nomad-cacert`: the text is not a certificate in PEM: it has no line -----BEGIN …-----\. Give/,
    ],
    [
      'a PEM that lost its line breaks',
      () => ({ 'nomad-cacert': pem(ca.cert).replaceAll('\n', '\\n') }),
      /its line breaks are written as \\n/,
    ],
    [
      'base64 of something else',
      () => ({ 'nomad-cacert': btoa('x'.repeat(200)) }),
      /`nomad-cacert`: .*: it is base64, but not of PEM\. Give/,
    ],
    [
      'base64 that was cut',
      () => ({ 'nomad-client-cert': btoa(pem(client.cert)).slice(0, 400) }),
      /`nomad-client-cert`: the text is not a certificate in PEM: it has another type, or is damaged/,
    ],
    [
      'a key in base64 for a certificate',
      () => ({ 'nomad-client-cert': btoa(pem(client.key)) }),
      /`nomad-client-cert`: the text is not a certificate in PEM: it has another type/,
    ],
    [
      'a key for a certificate',
      () => ({ 'nomad-client-cert': pem(client.key) }),
      /`nomad-client-cert`: the text is not a certificate in PEM: it has another type/,
    ],
    [
      'the key of another certificate',
      () => ({ 'nomad-client-key': pem(ca.key) }),
      /^`nomad-client-key`: the key does not belong to the certificate in `nomad-client-cert`/,
    ],
    [
      'a file that is not there',
      () => ({ 'nomad-cacert': 'tls/none.pem' }),
      /^`nomad-cacert`: there is no tls\/none\.pem in the workspace/,
    ],
    ['a folder', () => ({ 'nomad-cacert': '.' }), /^`nomad-cacert`: \/\S+ cannot be read: it is a folder\. Give/],
    ['the git folder', () => ({ 'nomad-cacert': '.git' }), /^`nomad-cacert`: \.git is outside the workspace/],
    ['a file outside of the workspace', () => ({ 'nomad-cacert': ca.cert }), /^`nomad-cacert`: .* is outside the workspace/],
    ['only a key', () => ({ 'nomad-client-cert': '' }), /^`nomad-client-key` is given without `nomad-client-cert`/],
  ])('%s is told with its fix', async (_name, inputs, message) => {
    expect(await refusal(given('tls-refused', { ...texts(), ...inputs() }))).toMatch(message);
  });

  test.concurrent('a client certificate of a stranger is told with its fix', async () => {
    const stranger = await other.sign('stranger', 'DNS:stranger');
    const inputs = { ...texts(), 'nomad-client-cert': pem(stranger.cert), 'nomad-client-key': pem(stranger.key) };
    expect(await refusal(given('tls-refused', inputs))).toMatch(
      /it does not accept the client certificate\. Set|the connection was closed/,
    );
  });

  test.concurrent('a file that an environment variable names and that is not there is told', async () => {
    const message = await refusal(given('tls-refused', {}, { env: { NOMAD_CACERT: '/nowhere/ca.pem' } }));
    expect(message).toBe('`NOMAD_CACERT`: there is no file /nowhere/ca.pem on this machine');
  });
});

describe('a socket', () => {
  test.concurrent('is deployed to, and has no page to link to', async () => {
    const path = join(mkdtempSync(join(partsRun().folder, 's-')), 'api.sock');
    const port = Number(new URL(parts().nomad.address).port);
    await listening(
      createServer((socket) => {
        const upstream = connect(port, '127.0.0.1');
        socket.pipe(upstream).pipe(socket);
        for (const end of [upstream, socket]) end.on('error', () => [upstream, socket].map((each) => each.destroy()));
      }),
      path,
    );
    // A proxy is not asked for it.
    const result = await deploy({
      files: project('socket'),
      inputs: { 'nomad-addr': `unix://${path}` },
      env: { HTTP_PROXY: 'http://127.0.0.1:9' },
    });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'nomad-addr': `unix://${path}` } });
    expect(result.outputs['nomad-url'] ?? '').toBe('');
  });

  test.concurrent('that is not there is told', async () => {
    expect(await refusal({ files: project('socket'), inputs: { 'nomad-addr': 'unix:///nowhere/api.sock' } })).toMatch(
      /^cannot reach Nomad at unix:\/\/\/nowhere\/api\.sock .*: the socket does not exist/,
    );
  });
});

describe('a proxy in front of Nomad', () => {
  /** Wants a credential, and sends who has none to its login page. */
  async function guarded(seen: IncomingHttpHeaders[], status: number): Promise<string> {
    const { nomad } = parts();
    const proxy = createHttpServer((incoming, outgoing) => {
      seen.push(incoming.headers);
      if (incoming.headers.authorization !== 'Basic dXNlcjpwYXNzd29yZA==') {
        outgoing.writeHead(status, { 'content-type': 'text/html', ...(status === 302 ? { location: `${login}/cdn-cgi/access` } : {}) });
        outgoing.end('<!DOCTYPE html><html>Log in</html>');
        return;
      }
      void (async () => {
        const chunks = await Array.fromAsync(incoming);
        const {
          host: _host,
          authorization: _authorization,
          'content-length': _length,
          connection: _connection,
          ...headers
        } = incoming.headers;
        const answer = await fetch(`${nomad.address}${incoming.url}`, {
          method: incoming.method ?? 'GET',
          headers: headers as Record<string, string>,
          ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks as Buffer[]) }),
        });
        outgoing.writeHead(answer.status, { 'x-nomad-index': answer.headers.get('x-nomad-index') ?? '0' });
        outgoing.end(await answer.text());
      })().catch(() => outgoing.destroy());
    });
    const loginPage = await listening(
      createHttpServer((incoming, outgoing) => {
        outgoing.end(`login ${elsewhere.push(incoming.headers)}`);
      }),
      0,
      '127.0.0.1',
    );
    const login = `http://127.0.0.1:${portOf(loginPage)}`;
    return `http://127.0.0.1:${portOf(await listening(proxy, 0, '127.0.0.1'))}`;
  }
  const elsewhere: IncomingHttpHeaders[] = [];
  const token = '11111111-2222-3333-4444-555555555555';

  test.concurrent('gets its headers with each request, beside the token, and they are masked', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const inputs = { 'nomad-addr': await guarded(seen, 302), 'nomad-headers': 'Authorization: Basic dXNlcjpwYXNzd29yZA==\nX-Team: shop' };
    const result = await deploy({ files: project('headers'), inputs: { ...inputs, 'nomad-token': '' } });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(seen.length).toBeGreaterThan(3);
    expect(new Set(seen.map((headers) => headers['x-team']))).toEqual(new Set(['shop']));
    expect(result.masks).toContain('dXNlcjpwYXNzd29yZA==');
    const basic = { files: project('headers'), inputs: { 'nomad-addr': inputs['nomad-addr'] }, env: { NOMAD_HTTP_AUTH: 'user:password' } };
    expect(await deploy(basic)).toMatchObject({ code: 0 });
  });

  test.concurrent('gets user and password of the address, which are shown nowhere', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const address = await guarded(seen, 403);
    const inputs = { 'nomad-addr': address.replace('//', '//user:p%61ssword@'), 'nomad-token': token };
    const result = await deploy({ files: project('address'), inputs });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'nomad-addr': address } });
    expect(result.outputs['nomad-url']).toContain(`${address}/ui/`);
    expect(new Set(seen.map((headers) => headers['x-nomad-token']))).toEqual(new Set([token]));
    expect(result.shown + result.summary + JSON.stringify(result.outputs)).not.toMatch(/p%61ssword|password@|user:/);
    expect(result.masks).toEqual(expect.arrayContaining(['p%61ssword', 'password', 'dXNlcjpwYXNzd29yZA==']));
    const wrong = { ...inputs, 'nomad-addr': address.replace('//', '//user:hunter2@') };
    expect(await refusal({ files: project('address'), inputs: wrong })).toMatch(
      new RegExp(`^${address} answered 403 with a web page, which is not from Nomad`),
    );
  });

  test.concurrent('is gone to through a proxy of the runner, both with a password', async () => {
    const seen: string[] = [];
    const address = await guarded([], 403);
    const forward = await listening(
      createHttpServer((incoming, outgoing) => {
        seen.push(`${incoming.headers['proxy-authorization']} ${incoming.url}`);
        if (incoming.headers['proxy-authorization'] !== `Basic ${btoa('team:hunter2')}`) {
          outgoing.writeHead(407).end();
          return;
        }
        const { 'proxy-authorization': _own, ...headers } = incoming.headers;
        const onward = request(incoming.url ?? '', { method: incoming.method, headers }, (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        });
        onward.on('error', () => outgoing.destroy());
        incoming.pipe(onward);
      }),
      0,
      '127.0.0.1',
    );
    const inputs = { 'nomad-addr': address.replace('//', '//user:password@') };
    const through = (user: string): Deploy => ({
      files: project('forward'),
      inputs,
      env: { http_proxy: `http://${user}@127.0.0.1:${portOf(forward)}` },
    });
    expect(await deploy(through('team:hunter2'))).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(seen[0]).toContain(`${address}/v1/jobs/parse`);
    expect(await refusal(through('team:hunter3'))).toMatch(
      /: the proxy http:\/\/127\.0\.0\.1:\d+ of http_proxy answered 407\. Add user and /,
    );
  });

  test.concurrent('that redirects to its login page is told, and the token goes nowhere else', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const inputs = { 'nomad-addr': await guarded(seen, 302), 'nomad-token': token };
    expect(await refusal({ files: project('headers'), inputs })).toMatch(
      /answered 302, a redirect to http:\/\/127\.0\.0\.1:\d+; redirects are not followed\. Set `nomad-addr` .*`nomad-headers`/,
    );
    expect(seen[0]?.['x-nomad-token']).toBe(token);
    expect(elsewhere).toEqual([]);
  });

  test.concurrent('that answers with a page is told', async () => {
    const inputs = { 'nomad-addr': await guarded([], 403), 'nomad-token': token };
    expect(await refusal({ files: project('headers'), inputs })).toMatch(/answered 403 with a web page.*`nomad-headers`/);
  });
});
