import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { request } from '../../../src/runtime/http.ts';
import type { HttpRequest } from '../../../src/runtime/runtime.ts';
import { secret } from '../../../src/runtime/secret.ts';

const GET: HttpRequest = {
  method: 'GET',
  headers: {},
  timeoutMs: 10_000,
  insecure: false,
  maxBytes: 1_000,
  signal: new AbortController().signal,
};
let server: Server | undefined;

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

describe('a request', () => {
  test('gives the answer as it is', async () => {
    const url = await serve(({ method, url: path, headers }, response) => {
      response.writeHead(302, { Location: '/x', 'Set-Cookie': ['a=1', 'b=2'] });
      response.end(`${method} ${path} ${[headers.host, headers['x-key'], headers['user-agent']].join(' ')}`);
    });
    const headers = { Host: secret('shop.example.com'), 'X-Key': secret('hunter2') };
    expect(await request(`${url}/a?b=c#d`, { ...GET, method: 'POST', headers })).toEqual({
      status: 302,
      headers: expect.objectContaining({ location: '/x', 'set-cookie': 'a=1, b=2' }),
      body: 'POST /a?b=c shop.example.com hunter2 nomad-deploy',
      complete: true,
      elapsedMs: expect.any(Number),
      reached: 'local',
    });
  });

  test.each(['127.0.0.1', 'localhost'])('that may reach public addresses only does not reach %s', async (host) => {
    let asked = 0;
    const url = new URL(await serve((_request, response) => response.end(`${++asked}`)));
    url.hostname = host;
    for (const reach of ['public', 'private'] as const) {
      await expect(request(url.href, { ...GET, reach })).rejects.toThrow(/internal address/);
    }
    expect(asked).toBe(0);
    expect(await request(url.href, { ...GET, reach: 'local' })).toMatchObject({ body: '1', reached: 'local' });
  });

  test('reads no more than its limit', async () => {
    const url = await serve((_request, response) => {
      const more = (): void => void (response.destroyed || response.write('x'.repeat(100_000), () => setImmediate(more)));
      more();
    });
    expect(await request(url, { ...GET, maxBytes: 10 })).toMatchObject({ body: 'x'.repeat(10), complete: false });
  });

  test('takes a body of just its limit as a whole', async () => {
    const url = await serve((_request, response) => response.end('x'.repeat(10)));
    expect(await request(url, { ...GET, maxBytes: 10 })).toMatchObject({ body: 'x'.repeat(10), complete: true });
  });

  test('ends after its time, before the answer or within it', async () => {
    const url = await serve(({ url: path }, response) => {
      if (path === '/begun') response.write('x');
    });
    for (const path of ['/', '/begun'])
      await expect(request(`${url}${path}`, { ...GET, timeoutMs: 200 })).rejects.toThrow('no answer within 0.2 s');
  });

  test('says in words why there is no answer', async () => {
    const url = await serve((incoming) => incoming.socket.destroy());
    await expect(request(url, GET)).rejects.toThrow('the connection was closed');
    await expect(request(url.replace('http:', 'https:'), GET)).rejects.toThrow('the server does not speak TLS');
    server?.close();
    await expect(request(url, GET)).rejects.toThrow('connection refused');
  });

  test('ends with the reason of its signal', async () => {
    const reason = new Error('cancelled');
    const aborted = new AbortController();
    const url = await serve(() => aborted.abort(reason));
    await expect(request(url, { ...GET, signal: aborted.signal })).rejects.toBe(reason);
    await expect(request(url, { ...GET, signal: aborted.signal })).rejects.toBe(reason);
  });
});
