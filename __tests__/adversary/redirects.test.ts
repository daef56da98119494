// A workload that is verified wants this runner to ask servers of the runner's own network, and to tell what they answer.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { deploy, spec } from '../helpers/deploying.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const one of servers.splice(0)) {
    one.closeAllConnections();
    one.close();
  }
});
async function listen(listener: RequestListener): Promise<string> {
  const listening = createServer(listener);
  servers.push(listening);
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

describe('a workload that answers with a redirect', () => {
  /** What the runner finds when it asks the application, which redirects to what `to` gives. */
  const verified = async (name: string, check: string, to: (inside: string) => string) => {
    const asked: string[] = [];
    const inside = await listen((request, response) => {
      asked.push(String(request.url));
      response.end('metadata-of-the-runner');
    });
    const app = await listen((request, response) => {
      if (request.url === '/ready') return response.end('up');
      return response.writeHead(302, { location: to(inside) }).end();
    });
    const verify = `- { url: "${app}/", retries: 0, status: 200, ${check} }`;
    const result = await deploy({ files: { 'project.nomad': spec(name, { command: 'sleep 300' }) }, inputs: { verify } });
    return { result, asked, inside };
  };

  test.each([
    ['as it is', (inside: string) => `${inside}/latest?token=x`],
    ['by another name', (inside: string) => `${inside.replace('127.0.0.1', 'localhost')}/latest`],
    ['as a number', (inside: string) => `${inside.replace('127.0.0.1', '2130706433')}/latest`],
  ])('leads the runner to no server of its own network: %s', async (how, to) => {
    const { result, asked } = await verified(`trust-redirect-${how.length}`, 'follow-redirects: true', to);
    expect(result.outputs['failure-reason']).toContain('verification-failed');
    expect(asked).toEqual([]);
    expect(result.outputs['cause']).toContain('answered 302, a redirect to another host');
    expect(result.log).not.toMatch(/metadata-of-the-runner|token=x/);
  });

  test('is followed on its own server, as before', async () => {
    const { result, asked } = await verified('trust-redirect-own', 'follow-redirects: true, body: up', () => '/ready');
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(asked).toEqual([]);
  });
});
