import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { listenOnce } from '../../../src/runtime/listener.ts';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Sends a request, whose path stays as it is. */
async function answer(port: number, path: string, method = 'GET'): Promise<number | undefined> {
  const sent = request({ host: '127.0.0.1', port, path, method, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
  response.resume();
  return response.statusCode;
}

test('a login waits for its own way back, whatever other pages of the browser send', async () => {
  const port = await freePort();
  const over = new AbortController();
  const accepts = (query: URLSearchParams): boolean => query.get('state') === 's1';
  const { url, query } = await listenOnce({ port, path: '/back', accepts, signal: over.signal });
  expect(url).toBe(`http://localhost:${port}/back`);
  expect(await answer(port, '//')).toBe(404);
  expect(await answer(port, '/favicon.ico')).toBe(404);
  expect(await answer(port, '/back?error=access_denied')).toBe(400);
  expect(await answer(port, '/back?state=other&code=stolen')).toBe(400);
  expect(await answer(port, '/back?state=s1&code=c', 'HEAD')).toBe(404);
  expect(await answer(port, '/back?state=s1&code=c')).toBe(200);
  expect((await query).get('code')).toBe('c');
  over.abort();
});
