import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type ActionResult, temporary } from '../../scripts/parts/action.ts';
import { type Fault, startProxy } from '../../scripts/parts/observing.ts';
import type { Allocation, RegisteredJob } from '../../src/nomad/types.ts';
import { cluster, type Deploy, deploy, told, when } from '../helpers/deploying.ts';
import { group, NO_RESTART, ONCE, repository, STAY, task, update } from '../helpers/jobs.ts';
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
    expect(result.log.match(/; retrying in /g)).toHaveLength(WATCHED.length);
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
    expect(result.log).toMatch(/ answered 502 with a web page.*; retrying in /);
  });
});

type Missing = readonly [pattern: RegExp, answer: Trouble, times?: number];
/** Once a job is registered, answers the first requests of each pattern as a server that does not have the object (yet); the others get through. */
function missing(...patterns: readonly Missing[]): Fault {
  const left = new Map(patterns.map(([pattern, answer, times = 1]) => [pattern, { answer, times }]));
  let registered = false;
  return ({ method, url = '' }, answer) => {
    registered ||= method !== 'GET' && /^\/v1\/jobs(\?|$)/.test(url);
    if (!registered) return undefined;
    const [pattern, trouble] = [...left].find(([one]) => method === 'GET' && one.test(url)) ?? [];
    if (pattern === undefined || trouble === undefined || trouble.times === 0) return undefined;
    trouble.times -= 1;
    trouble.answer(answer);
    return 'dealt-with';
  };
}
// The registration reads both first, to know its version.
const NO_DEPLOYMENT = [
  /^\/v1\/deployment\/(?!allocations).*index=[1-9]/,
  answers(404, 'deployment not found', { 'x-nomad-index': '5' }),
] as const;
const NO_EVALUATION = [/^\/v1\/evaluation\//, answers(404, 'eval not found', { 'x-nomad-index': '5' }), 2] as const;
const NOT_LISTED = [/^\/v1\/job\/[^/]+\/deployments/, answers(200, '[]', { 'x-nomad-index': '5' })] as const;
const NO_JOB = [/^\/v1\/job\/[^/?]+\?.*index=/, answers(404, 'job not found', { 'x-nomad-index': '5' })] as const;

describe('an answer without what is watched is no proof that it is gone:', () => {
  const MISSING = {
    'a deployment': [NO_DEPLOYMENT],
    'a deployment that the list lacks too': [NO_DEPLOYMENT, NOT_LISTED],
    'a deployment that many answers lack': [
      [...NO_DEPLOYMENT, 3],
      [...NOT_LISTED, 4],
    ],
    'an evaluation': [NO_EVALUATION],
    'an evaluation and its deployment': [NO_EVALUATION, NO_DEPLOYMENT, NOT_LISTED],
  } satisfies Record<string, readonly Missing[]>;
  const slow = (minHealthyTime: string): string =>
    update('auto_revert = true').replace('"500ms"', `"${minHealthyTime}"`).replace('"5s"', '"90s"').replace('"6s"', '"91s"');
  const lasting = (id: string, command: string, minHealthyTime: string): Deploy['files'] =>
    repository(id, 'service', slow(minHealthyTime), group('g', ONCE, task(command)));
  /** Longer than the test takes: a version that is to fail, or to be replaced, must not be healthy before. */
  const NEVER = '60s';

  test.concurrent.each(Object.entries<readonly Missing[]>(MISSING))('%s', async (name, patterns) => {
    const id = `missing-${Object.keys(MISSING).indexOf(name)}`;
    const faults = (): Fault => missing(...patterns);
    expect(await spoilt({ files: lasting(id, STAY, '2s') }, faults())).toMatchObject(good);
    // A failed version is told as failed, though a newer one, that of the rollback, is registered by then.
    expect(await spoilt({ files: lasting(id, 'sleep 1; exit 4', NEVER) }, faults())).toMatchObject({
      code: 1,
      outputs: { outcome: 'failed', 'failure-reason': 'unhealthy-rolled-back', cause: expect.stringContaining('exited with code 4') },
    });
    // As Nomad's own program does it.
    const parsed = await cluster.send('POST', '/v1/jobs/parse', {
      JobHCL: lasting(id, 'exec sleep 1001', '2s')['project.nomad'],
      Canonicalize: true,
    });
    const Job: unknown = await parsed.json();
    const newer = when('placed on', async () => cluster.send('PUT', '/v1/jobs', { Job }));
    const superseded = await spoilt({ files: lasting(id, 'exec sleep 1002', NEVER), onLine: newer.onLine }, faults());
    await newer.done();
    expect(superseded).toMatchObject({ code: 1, outputs: { outcome: 'superseded' } });
  });

  test.concurrent('a job without a deployment', async () => {
    const files = repository(
      'missing-job',
      'service',
      'update {\n  max_parallel = 0\n  min_healthy_time = "2s"\n}',
      group('g', ONCE, task(STAY)),
    );
    expect(await spoilt({ files }, missing(NO_JOB))).toMatchObject(good);
  });

  test.concurrent('a job of count 0', async () => {
    const files = repository('missing-zero', 'service', update(), group('g', 'count = 0', ONCE, task(STAY)));
    expect(await spoilt({ files }, missing(NO_JOB, NO_EVALUATION))).toMatchObject(good);
  });

  test.concurrent('a batch job', async () => {
    const files = repository('missing-batch', 'batch', group('g', ONCE, task('sleep 1')));
    expect(await spoilt({ files }, missing([...NO_JOB, 2]))).toMatchObject(good);
  });
});

// Nomad stores a failure before the evaluation that reschedules the allocation, under one index: a query that the first step wakes may be answered in between.
test.concurrent('a batch job that is dead for a moment, before Nomad reschedules what failed, is followed to its last attempt', async () => {
  const { address } = parts().nomad;
  let [ran, betweenUntilMs] = [false, Number.NaN];
  const fault: Fault = ({ url = '' }, answer) => {
    if (!/^\/v1\/job\/fault-again(\/allocations)?\?.*index=/.test(url)) return undefined;
    const respond = async (): Promise<void> => {
      const real = await fetch(`${address}${url}`);
      const found = (await real.json()) as RegisteredJob | Allocation[];
      const isJob = !Array.isArray(found);
      ran ||= isJob && found.Status === 'running';
      if (ran && isJob && found.Status === 'pending' && Number.isNaN(betweenUntilMs)) betweenUntilMs = performance.now() + 1_000;
      const before = isJob ? { ...found, Status: 'dead' } : found.map((one) => ({ ...one, FollowupEvalID: '' }));
      const told = performance.now() < betweenUntilMs ? before : found;
      answer.writeHead(real.status, { 'x-nomad-index': real.headers.get('x-nomad-index') ?? '' }).end(JSON.stringify(told));
    };
    respond().catch(() => answer.destroy());
    return 'dealt-with';
  };
  const policy = 'reschedule {\n attempts = 1\n interval = "1h"\n delay = "5s"\n delay_function = "constant"\n}';
  const command = `if mkdir ${join(temporary('again'), 'tried')}; then sleep 2; exit 3; fi`;
  const files = repository('fault-again', 'batch', group('g', NO_RESTART, policy, task(command)));
  const result = await spoilt({ files }, fault);
  expect(betweenUntilMs).toBeGreaterThan(0);
  expect(result).toMatchObject(good);
  expect(told(result).filter((line) => line.includes('placed on'))).toHaveLength(2);
});

describe('the last look at the allocations of a successful deployment', () => {
  /** Deals with each look but the first one, by which the allocations are followed. */
  const looks = (deal: (look: number, pass: () => void, answer: ServerResponse) => void): Fault => {
    let seen = 0;
    return ({ url = '' }, answer) => {
      if (!/^\/v1\/deployment\/allocations\/.*index=0(&|$)/.test(url)) return undefined;
      seen += 1;
      if (seen === 1) return undefined;
      const pass = (): void => {
        fetch(`${parts().nomad.address}${url}`).then(
          async (real) =>
            answer.writeHead(real.status, { 'x-nomad-index': real.headers.get('x-nomad-index') ?? '' }).end(await real.text()),
          () => answer.destroy(),
        );
      };
      deal(seen - 1, pass, answer);
      return 'dealt-with';
    };
  };
  const short = (id: string, seconds: number): Deploy['files'] => service(id, `sleep ${seconds}; echo lost >&2; exit 5`);
  const lost = {
    code: 1,
    outputs: { outcome: 'failed', 'failure-reason': 'task-failed', cause: expect.stringContaining('g/t exited with code 5') },
  };

  /** Does something once the only task of the job has failed. */
  const whenFailed = (id: string, act: () => void): void => {
    const isOver = (all: readonly Allocation[]): boolean => all.some(({ ClientStatus }) => ClientStatus === 'failed');
    cluster.until<Allocation[]>(`/v1/job/${id}/allocations`, isOver).then(act, () => undefined);
  };

  test.concurrent('is waited for: a task that failed meanwhile is told', async () => {
    const result = await spoilt(
      { files: short('look-slow', 4) },
      looks((look, pass) => (look === 1 ? whenFailed('look-slow', pass) : void setTimeout(pass, 20_000))),
    );
    expect(result).toMatchObject(lost);
  });

  test.concurrent('is taken again when nobody answers', async () => {
    const result = await spoilt(
      { files: short('look-again', 4) },
      looks((look, pass) => (look > 1 ? whenFailed('look-again', pass) : undefined)),
    );
    expect(result).toMatchObject(lost);
  });

  test.concurrent('that nobody ever answers is said to be missing', async () => {
    const result = await spoilt(
      { files: service('look-never') },
      looks(() => undefined),
    );
    expect(result).toMatchObject(good);
    expect(result.annotations).toContainEqual(
      expect.objectContaining({
        level: 'warning',
        message: expect.stringContaining('its allocations cannot be read: a task may have failed since'),
      }),
    );
  });

  test.concurrent('ends with the time of the run, and the verdict is that of Nomad', async () => {
    const result = await spoilt(
      { files: service('look-timeout'), inputs: { timeout: '20s' } },
      looks(() => undefined),
    );
    expect(result).toMatchObject(good);
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
      outputs: { outcome: 'failed', 'failure-reason': 'unhealthy', cause: expect.stringContaining('g/t exited with code 3') },
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
