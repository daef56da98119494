import type { ServerResponse } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import { type Fault, startProxy } from '../../scripts/parts/observing.ts';
import { cluster, type Deploy, deploy, told } from '../helpers/deploying.ts';
import { group, ONCE, repository, STAY, task, update } from '../helpers/jobs.ts';
import { parts } from '../helpers/parts.ts';

const service = (id: string, command = STAY, more = ''): Deploy['files'] =>
  repository(id, 'service', update(more), group('g', ONCE, task(command)));
const good = { code: 0, stderr: '', outputs: { outcome: 'successful' } };

/** Deploys through a proxy that spoils some requests before they reach the real Nomad; also gives what was asked. */
async function spoilt(options: Deploy, fault: Fault): Promise<ActionResult & { readonly asked: readonly string[] }> {
  const proxy = await startProxy(parts().nomad.address, fault);
  const result = await deploy({ ...options, inputs: { ...options.inputs, 'nomad-addr': proxy.address } });
  const asked = proxy.take();
  await proxy.close();
  return { ...result, asked };
}

type Trouble = (answer: ServerResponse) => void;
const answers =
  (status: number, body: string, headers: Record<string, string> = {}): Trouble =>
  (answer) =>
    void answer.writeHead(status, headers).end(body);

/** What is in the way of a request, by name. */
const TROUBLES = {
  'an election': answers(500, 'No cluster leader'),
  'a lost leader': answers(500, 'rpc error: EOF'),
  'any other server error': answers(500, 'Internal Server Error'),
  'too many connections': answers(429, 'Your IP is issuing too many concurrent connections, please rate limit your calls'),
  'a gateway without its server': answers(502, '<html><body>Bad gateway</body></html>'),
  'a page for the time being': answers(200, '<!DOCTYPE html><html><body>Back soon</body></html>'),
  'a router without its route': answers(404, '404 page not found\n'),
  'a login page': answers(302, '', { location: 'https://login.example.com/' }),
  'a text of somebody else': answers(200, 'ok'),
  'JSON of somebody else': answers(200, '{"status": "ok"}'),
  'half an answer that passes for a whole one': answers(200, '[{"ID": "'),
  'a connection that is reset': (answer) => answer.socket?.destroy(),
  'an answer that is cut': (answer) => {
    answer.writeHead(200, { 'content-length': '1000' }).write('{"ID": ');
    answer.flushHeaders();
    answer.socket?.end();
  },
} satisfies Record<string, Trouble>;

/** Of each of these, one request meets each trouble before it gets through. */
const WATCHED = [/^\/v1\/evaluation\/[^/]+\?/, /^\/v1\/deployment\/allocations\//, /^\/v1\/deployment\/(?!allocations)/];

describe('while a rollout is watched, nobody is misled by', () => {
  test.concurrent.each(Object.entries(TROUBLES))('%s', async (name, trouble) => {
    const left = new Set(WATCHED);
    const id = `fault-${Object.keys(TROUBLES).indexOf(name)}`;
    const result = await spoilt({ files: service(id) }, ({ url = '' }, answer) => {
      const hit = [...left].find((pattern) => pattern.test(url));
      if (hit === undefined) return undefined;
      left.delete(hit);
      trouble(answer);
      return 'dealt-with';
    });
    expect(left.size).toBe(0);
    expect(result).toMatchObject(good);
    expect(result.log.match(/; trying again in /g)).toHaveLength(WATCHED.length);
  });

  test.concurrent('indexes that go back, or that a proxy takes away', async () => {
    const { address } = parts().nomad;
    let lowered = 0;
    const result = await spoilt({ files: service('fault-index') }, ({ url = '' }, answer) => {
      if (!url.startsWith('/v1/deployment/')) return undefined;
      fetch(`${address}${url}`).then(
        async (real) => {
          const allocations = url.includes('/allocations/');
          if (!allocations) lowered += 1;
          answer.writeHead(
            real.status,
            allocations ? {} : { 'x-nomad-index': lowered === 2 ? '1' : (real.headers.get('x-nomad-index') ?? '') },
          );
          answer.end(await real.text());
        },
        () => answer.destroy(),
      );
      return 'dealt-with';
    });
    expect(result).toMatchObject(good);
    expect(told(result).filter((line) => line.endsWith('is healthy'))).toHaveLength(1);
    expect(result.asked.length).toBeLessThan(60);
  });

  test.concurrent('an evaluation that failed and that another one goes on with', async () => {
    let failed = 0;
    const result = await spoilt({ files: service('fault-evaluation') }, ({ url = '' }, answer) => {
      const id = /^\/v1\/evaluation\/([^/?]+)\?/.exec(url)?.[1];
      if (id === undefined || failed > 0) return undefined;
      failed += 1;
      const evaluation = { ID: id, Status: 'failed', StatusDescription: 'maximum attempts reached (5)', NextEval: id };
      answer.writeHead(200, { 'x-nomad-index': '7' }).end(JSON.stringify(evaluation));
      return 'dealt-with';
    });
    expect(failed).toBe(1);
    expect(result).toMatchObject(good);
  });

  test.concurrent('an outage until the time is up: nothing is said to have failed', async () => {
    const result = await spoilt({ files: service('fault-outage'), inputs: { timeout: '3s' } }, ({ url = '' }, answer) => {
      if (!WATCHED.some((pattern) => pattern.test(url))) return undefined;
      TROUBLES['a gateway without its server'](answer);
      return 'dealt-with';
    });
    expect(result).toMatchObject({ code: 1, outputs: { outcome: 'timed-out', 'failure-reason': 'timed-out' } });
    expect(result.log).toMatch(/ answered 502 with a web page: .*; trying again in /);
  });
});

describe('a failure is told', () => {
  test.concurrent('also when no node can be asked for logs', async () => {
    const result = await spoilt({ files: service('fault-logs', 'echo no >&2; exit 3') }, ({ url = '' }, answer) => {
      if (!url.startsWith('/v1/client/')) return undefined;
      answer.socket?.destroy();
      return 'dealt-with';
    });
    expect(result).toMatchObject({
      code: 1,
      outputs: { outcome: 'failed', 'failure-reason': 'unhealthy', cause: expect.stringContaining('g/t: it exited with code 3') },
    });
  });
});

describe('a write whose answer is lost', () => {
  /** Passes the first such write on, or not, and loses the answer. */
  const losing =
    (pattern: RegExp, { arrives }: { arrives: boolean }): Fault =>
    ({ method = '', url = '', headers }, answer) => {
      if (method === 'GET' || !pattern.test(url) || lost.has(pattern)) return undefined;
      lost.add(pattern);
      const sent = arrives
        ? fetch(`${parts().nomad.address}${url}`, { method, body: '{"All": true}', headers: { ...headers } as Record<string, string> })
        : undefined;
      Promise.resolve(sent)
        .finally(() => answer.socket?.destroy())
        .catch(() => undefined);
      return 'dealt-with';
    };
  const lost = new Set<RegExp>();

  test.concurrent('before it arrived is sent again, when the job tells that it did not', async () => {
    const pattern = /^\/v1\/jobs(\?|$)/;
    const result = await spoilt({ files: service('fault-register') }, losing(pattern, { arrives: false }));
    expect(lost.has(pattern)).toBe(true);
    expect(result).toMatchObject(good);
    expect(result.outputs['job-version']).toBe('0');
    expect(await cluster.versions('fault-register')).toHaveLength(1);
  });

  test.concurrent('fails a deployment all the same', async () => {
    const pattern = /^\/v1\/deployment\/fail\//;
    const patient = update().replace('"5s"', '"50s"').replace('"6s"', '"60s"');
    const broken = task(STAY).replace('/bin/sh', '/no/such/shell');
    const slow = repository('fault-fail', 'service', patient, group('g', broken));
    const result = await spoilt({ files: slow }, losing(pattern, { arrives: false }));
    expect(lost.has(pattern)).toBe(true);
    expect(result).toMatchObject({ code: 1, outputs: { outcome: 'failed', 'failure-reason': 'task-failed' } });
    expect(await cluster.deployment('fault-fail')).toMatchObject({ Status: 'failed' });
  });
});
