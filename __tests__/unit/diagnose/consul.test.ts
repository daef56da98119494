import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, test } from '@jest/globals';
import { consulReader, resultsOf } from '../../../src/diagnose/consul.ts';
import type { CheckResult, Job, Service } from '../../../src/nomad/types.ts';
import { request } from '../../../src/runtime/http.ts';
import { secret } from '../../../src/runtime/index.ts';
import { allocation } from '../../helpers/rollouts.ts';

const ID = 'aaaaaaaa-1111-2222-3333-444444444444';
const WEB: Service = { Name: 'web', Provider: 'consul', Checks: [{ Name: 'alive', Type: 'http' }] };
const job = (...services: Service[]): Job => ({ ID: 'shop', Name: 'shop', TaskGroups: [{ Name: 'g', Services: services }] });
const found = (parts: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  ...{ ServiceID: `_nomad-task-${ID}-group-g-web-http`, ServiceName: 'web', Name: 'alive', Status: 'critical', Output: 'no' },
  ...parts,
});
const read = (parts: Readonly<Record<string, unknown>>, service = WEB): CheckResult[] => resultsOf([found(parts)], { ID }, service);

describe('a check in Consul', () => {
  test.each<[string, Readonly<Record<string, unknown>>, Partial<CheckResult>]>([
    ['fails when it is critical', {}, { Check: 'alive', Service: 'web', Status: 'failure', Output: 'no' }],
    ['fails when it warns, as Nomad judges', { Status: 'warning' }, { Status: 'failure' }],
    ['passes', { Status: 'passing' }, { Status: 'success' }],
    ['waits for its first run, as long as it is critical without output', { Output: '' }, { Status: 'pending' }],
    [
      'of HTTP has a status and a page',
      { Output: 'HTTP GET http://10.0.0.1:8080/health: 503 Service Unavailable Output: no database: a Output: b' },
      { StatusCode: 503, Output: 'no database: a Output: b' },
    ],
    [
      'of HTTP without an answer has its error',
      { Output: 'Get "http://10.0.0.1:8080/": dial tcp 10.0.0.1:8080: connect: connection refused' },
      { Output: 'Get "http://10.0.0.1:8080/": dial tcp 10.0.0.1:8080: connect: connection refused' },
    ],
  ])('%s', (_what, parts, result) => expect(read(parts)).toEqual([expect.objectContaining(result)]));

  test.each<[string, Service, Readonly<Record<string, unknown>>, string | undefined]>([
    ['ignored by the check', { ...WEB, Checks: [{ Name: 'alive', OnUpdate: 'ignore' }] }, {}, undefined],
    ['ignored by the service', { ...WEB, OnUpdate: 'ignore' }, {}, undefined],
    [
      'required in spite of its service',
      { ...WEB, OnUpdate: 'ignore', Checks: [{ Name: 'alive', OnUpdate: 'require_healthy' }] },
      {},
      'failure',
    ],
    ['allowed to warn', { ...WEB, OnUpdate: 'ignore_warnings' }, { Status: 'warning' }, 'success'],
    ['allowed to warn, and critical', { ...WEB, OnUpdate: 'ignore_warnings' }, {}, 'failure'],
    ['unnamed in the spec', { ...WEB, OnUpdate: 'ignore', Checks: [{}] }, { Name: 'service: "web" check' }, undefined],
  ])('is as the spec says: %s', (_what, service, parts, status) => expect(read(parts, service)[0]?.Status).toBe(status));

  test('without output fails once Nomad has judged the allocation', () => {
    const judged = { ID, DeploymentStatus: { Healthy: false } };
    expect(resultsOf([found({ Output: '' })], judged, WEB)).toEqual([
      expect.objectContaining({ Status: 'failure', Output: 'critical, and Consul has no output of it yet' }),
    ]);
  });

  test('of another allocation, and what is no check, is left out', () => {
    const others = [found({ ServiceID: '_nomad-task-bbbbbbbb-web' }), found({ ServiceID: undefined }), null, 'text', 7, found({ Name: 3 })];
    expect(resultsOf(others, { ID }, WEB)).toHaveLength(1);
    for (const none of [undefined, null, {}, 'x']) expect(resultsOf(none, { ID }, WEB)).toEqual([]);
  });
});

describe('the reader', () => {
  const servers: Server[] = [];
  afterAll(() => {
    for (const server of servers) server.close();
  });
  const serve = async (answer: { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: string }) => {
    const seen: IncomingMessage[] = [];
    const server = createServer((incoming, outgoing) => {
      seen.push(incoming);
      outgoing.writeHead(answer.status ?? 200, answer.headers ?? {}).end(answer.body ?? '[]');
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return { seen, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  };
  const none = async (): Promise<never> => Promise.reject(new Error('there is no reader'));
  const ONE = { ...allocation('running'), ID, TaskGroup: 'g' };
  const readBy = async (address: string, of: Job = job(WEB)) => {
    const told: string[] = [];
    const reader = consulReader({ address, token: secret('t0ken') }, of, { request }, (problem) => told.push(problem)) ?? none;
    const results = await reader(ONE, new AbortController().signal);
    await reader(ONE, new AbortController().signal);
    return { results, told };
  };

  test('asks for the checks of the allocation, with the token', async () => {
    const { address, seen } = await serve({ body: JSON.stringify([found()]) });
    expect(await readBy(address)).toEqual({ results: [expect.objectContaining({ Status: 'failure' })], told: [] });
    expect(seen[0]?.url).toBe(`/v1/health/checks/web?filter=${encodeURIComponent(`ServiceID contains "${ID}"`)}`);
    expect(seen[0]?.headers['x-consul-token']).toBe('t0ken');
  });

  test('asks the agent itself where the catalog has no output yet', async () => {
    const servers: string[] = [];
    const answers = async (url: string) => {
      servers.push(new URL(url).pathname);
      const body = url.includes('/agent/') ? { one: found(), two: found({ ServiceName: 'other' }) } : [found({ Output: '' })];
      return { status: 200, headers: {}, body: JSON.stringify(body), complete: true, elapsedMs: 1 };
    };
    const reader = consulReader({ address: 'http://consul', token: undefined }, job(WEB), { request: answers }, () => undefined) ?? none;
    expect(await reader(ONE, new AbortController().signal)).toEqual([expect.objectContaining({ Status: 'failure', Output: 'no' })]);
    expect(servers).toEqual(['/v1/health/checks/web', '/v1/agent/checks']);
  });

  test('finds a service whose name the node fills in, and takes the namespace of the job', async () => {
    const { address, seen } = await serve({});
    const named = { ...job({ ...WEB, Name: 'web-${node.unique.name}' }), ConsulNamespace: 'team a' };
    await readBy(address, named);
    expect(seen[0]?.url).toMatch(/^\/v1\/health\/state\/any\?filter=.*&ns=team%20a$/);
  });

  test('follows no redirect, so that the token goes nowhere else', async () => {
    const other = await serve({});
    const { address } = await serve({ status: 302, headers: { location: other.address } });
    const { results, told } = await readBy(address);
    expect(results).toEqual([]);
    expect(told).toEqual([`The checks in Consul are not read: Consul at ${address} answered 302, a redirect, which is not followed`]);
    expect(other.seen).toEqual([]);
  });

  test.each<[string, Parameters<typeof serve>[0], RegExp]>([
    [
      'a token without rights',
      { status: 403, body: 'Permission denied' },
      /answered 403: the token must allow `service:read` and `node:read`$/,
    ],
    ['an error', { status: 500 }, /answered 500$/],
    ['a page', { body: '<html>' }, /answered without JSON$/],
    ['an endless answer', { body: 'x'.repeat(1024 * 1024 + 1) }, /answered with more than 1 MiB$/],
  ])('tells once of %s', async (_what, answer, problem) => {
    const { address } = await serve(answer);
    const { results, told } = await readBy(address);
    expect({ results, told }).toEqual({ results: [], told: [expect.stringMatching(problem)] });
    expect(told.join('')).not.toContain('t0ken');
  });

  test('tells of a server that is not there', async () => {
    expect((await readBy('http://127.0.0.1:9')).told).toEqual([expect.stringMatching(/does not answer: connection refused$/)]);
  });

  test('is not there without an address, and for a job without checks in Consul', () => {
    const at = { address: 'http://127.0.0.1:9', token: undefined };
    const none = (server: typeof at | undefined, of: Job): unknown => consulReader(server, of, { request }, () => undefined);
    expect(none(undefined, job(WEB))).toBeUndefined();
    expect(none(at, job({ ...WEB, Provider: 'nomad' }))).toBeUndefined();
    expect(none(at, job({ ...WEB, Checks: [] }))).toBeUndefined();
    expect(none(at, job({ ...WEB, Provider: '' }))).toBeDefined();
  });
});
