import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import { serve, step } from './step.ts';

const SPEC = { 'project.nomad': 'job "web" {}\n' };
const IMAGE = `registry.example.com/shop@sha256:${'a'.repeat(64)}`;
const PAGE = '<!DOCTYPE html><html><body>hunter2</body></html>';
const env = {
  BASE_DOMAIN: 'dev.example.com',
  GITHUB_REPOSITORY: 'Acme/Shop',
  GITHUB_REF: 'refs/heads/fix-7',
  NOMAD_TOKEN: 'token-of-the-cluster',
};

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// Each takes as long as a call is tried again, so they run at the same time.
const results: Record<string, ActionResult> = {};
let port = 0;
const asked: string[] = [];
let close = async (): Promise<void> => undefined;
beforeAll(async () => {
  port = await closedPort();
  const web = await serve((request, response) => {
    asked.push(`${request.method} ${request.url} ${String(request.headers['x-nomad-token'])}`);
    const status = Number(/^\/(\d+)\//.exec(request.url ?? '')?.[1]);
    response.writeHead(status, { 'content-type': 'text/html' }).end(PAGE);
  });
  close = web.close;
  const addresses = {
    closed: `http://127.0.0.1:${port}`,
    unknown: 'https://nomad.invalid:4646',
    'no TLS': web.address.replace('http:', 'https:'),
    'page 404': `${web.address}/404`,
    'page 403': `${web.address}/403`,
    'page 502': `${web.address}/502`,
  };
  await Promise.all([
    ...Object.entries(addresses).map(async ([name, address]) => {
      results[name] = await step({ files: SPEC, env, inputs: { 'nomad-addr': address } });
    }),
    (async () => {
      const payload = { pull_request: { head: { repo: { full_name: 'Acme/Shop' } } } };
      const event = { name: 'pull_request', payload };
      results['own pull request'] = await step({
        event,
        env: { ...env, GITHUB_HEAD_REF: 'patch-1' },
        inputs: { 'nomad-addr': addresses.closed, image: IMAGE },
      });
    })(),
  ]);
}, 60_000);
afterAll(async () => close());

describe('an address', () => {
  test.each([
    [
      'closed',
      'unreachable',
      /^cannot reach Nomad at http:\/\/127\.0\.0\.1:\d+ \(POST \/v1\/jobs\/parse\): connection refused\. Check `nomad-addr`/,
    ],
    [
      'unknown',
      'unreachable',
      /^cannot reach Nomad at https:\/\/nomad\.invalid:4646 .*: (no such host|the host name cannot be looked up)\. Check/,
    ],
    ['no TLS', 'unreachable', /: it does not speak TLS\. Begin `nomad-addr` with http:/],
    ['page 404', 'unreachable', /^http:.*\/404 answered 404 with a web page, which is not from Nomad\. Check `nomad-addr`/],
    ['page 403', 'unreachable', /^http:.*\/403 answered 403 with a web page, which is not from Nomad\. Check `nomad-addr`/],
    ['page 502', 'unreachable', /502/],
  ])('%s: %s, in one line', (name, reason, message) => {
    const result = results[name];
    expect(result).toMatchObject({ code: 1, outputs: { outcome: 'failed', 'failure-reason': reason } });
    expect(result?.annotations.filter(({ level }) => level === 'error')).toEqual([
      { level: 'error', title: reason, message: expect.stringMatching(message) },
    ]);
    expect(result?.annotations[0]?.message).not.toContain('\n');
    expect(result?.log).not.toMatch(/hunter2|token-of-the-cluster(?!$)/m);
  });

  test('that does not answer is told with what was known before', () => {
    expect(results['closed']?.outputs).toMatchObject({
      environment: 'review',
      'job-id': 'acme-shop-fix-7',
      'nomad-addr': `http://127.0.0.1:${port}`,
      url: 'https://acme-shop-fix-7.dev.example.com',
    });
    expect(JSON.parse(readFileSync(results['closed']?.outputs['result'] ?? '', 'utf8'))).toMatchObject({
      failureReason: 'unreachable',
      timings: { check: expect.any(Number) },
    });
    expect(results['closed']?.log).toMatch(/connection refused; retrying in \d/);
  });

  test('that does not answer a pull request of the repository itself is told with the image, which exists', () => {
    expect(results['own pull request']).toMatchObject({
      code: 1,
      outputs: { outcome: 'failed', 'failure-reason': 'unreachable', image: IMAGE, 'job-id': 'acme-shop-patch-1' },
    });
  });

  test('is sent the token, and keeps the path before the API', () => {
    expect(new Set(asked.filter((line) => line.includes('/404/')))).toEqual(new Set(['POST /404/v1/jobs/parse token-of-the-cluster']));
  });
});
