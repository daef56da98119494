import { describe, expect, test } from '@jest/globals';
import { messageOf } from '../../../src/errors.ts';
import { type Bake, USUAL } from '../../../src/inputs/bake.ts';
import type { Nomad } from '../../../src/nomad/connect.ts';
import type { Allocation, Job, PlacedAllocation, TaskState } from '../../../src/nomad/types.ts';
import type { HttpAnswer, HttpRequest, Runtime } from '../../../src/runtime/runtime.ts';
import { secret } from '../../../src/runtime/secret.ts';
import { type Baked, type Baking, bake } from '../../../src/watch/bake/bake.ts';
import { averageProblem, countProblem } from '../../../src/watch/bake/judge.ts';
import { type Ledger, newLedger, take, takeChecks, takeUsage } from '../../../src/watch/bake/ledger.ts';
import { lookAt } from '../../../src/watch/bake/prometheus.ts';
import { requireBakes } from '../../../src/watch/baking.ts';
import { allocation } from '../../helpers/rollouts.ts';

const RULES: Omit<Bake, 'forMs'> = USUAL;
const terminated = (Time: number, Details: Record<string, string>) => ({ Type: 'Terminated', Time, DisplayMessage: '', Details });
const state = (Restarts: number, ...Events: ReturnType<typeof terminated>[]): TaskState => ({
  State: 'running',
  Failed: false,
  Restarts,
  Events,
});
const canary = (ID: string, parts: Partial<Allocation> = {}): Allocation =>
  allocation('running', { ID, JobVersion: 1, DeploymentStatus: { Canary: true, Healthy: true }, ...parts });
const stable = (ID: string, parts: Partial<Allocation> = {}): Allocation => allocation('running', { ID, JobVersion: 0, ...parts });

function through(canaries: boolean, rules: Omit<Bake, 'forMs'>, ...answers: readonly (readonly Allocation[])[]): Ledger {
  const ledger = newLedger(1, canaries, rules.exitCodes);
  for (const all of answers) take(ledger, all);
  return ledger;
}
const problem = (ledger: Ledger, rules = RULES): string | undefined => countProblem(ledger, rules, 300_000);

/** A query whose value may be 1 at most. */
const figure = {
  name: 'p99',
  query: 'x',
  stable: undefined,
  by: undefined,
  max: { value: 1, relative: false },
  min: undefined,
  unit: '',
};

describe('counts', () => {
  test('begin with the bake: what happened before does not count', () => {
    const before = [canary('c', { TaskStates: { t: state(3, terminated(1, { oom_killed: 'true' })) } })];
    expect(problem(through(true, RULES, before, before))).toBeUndefined();
  });

  test.each<[string, Omit<Bake, 'forMs'>, Partial<Allocation>, string | undefined]>([
    ['restarts', RULES, { TaskStates: { t: state(3) } }, 'the canaries restarted 3 times in 5 min, the stable allocations 0 times'],
    ['allowed restarts', { ...RULES, restarts: 3 }, { TaskStates: { t: state(3) } }, undefined],
    [
      'more restarts than are allowed',
      { ...RULES, restarts: 2 },
      { TaskStates: { t: state(3) } },
      'the canaries restarted 3 times in 5 min, the stable allocations 0 times; the limit is 2',
    ],
    ['a failed allocation', RULES, { ClientStatus: 'failed' }, 'the canaries restarted 1 time in 5 min, the stable allocations 0 times'],
    [
      'an OOM kill, before the restart that it causes',
      RULES,
      { TaskStates: { t: state(1, terminated(2, { oom_killed: 'true', exit_code: '137' })) } },
      'the canaries were killed for memory 1 time in 5 min, the stable allocations 0 times',
    ],
    [
      'an exit code',
      { ...RULES, exitCodes: [0] },
      { TaskStates: { t: state(1, terminated(2, { exit_code: '7' })) } },
      'the canaries ended with exit code 7 (1 time in 5 min), the stable allocations 0 times',
    ],
    [
      'an allowed exit code',
      { ...RULES, exitCodes: [0, 7], restarts: 1 },
      { TaskStates: { t: state(1, terminated(2, { exit_code: '7' })) } },
      undefined,
    ],
  ])('%s', (_what, rules, parts, expected) => {
    expect(problem(through(true, rules, [canary('c'), stable('s')], [canary('c', parts), stable('s')]), rules)).toBe(expected);
  });

  test('of the stable allocations are told, and fail nothing', () => {
    const begin = [canary('c'), stable('s')];
    const flaky = stable('s', { TaskStates: { t: state(4) } });
    expect(problem(through(true, RULES, begin, [canary('c'), flaky]))).toBeUndefined();
    expect(problem(through(true, RULES, begin, [canary('c', { TaskStates: { t: state(1) } }), flaky]))).toBe(
      'the canaries restarted 1 time in 5 min, the stable allocations 4 times',
    );
  });

  test('go on with the allocation that replaces a canary, and count the same event once', () => {
    const end = [canary('c', { ClientStatus: 'failed', DesiredStatus: 'stop' }), canary('d', { TaskStates: { t: state(2) } })];
    expect(problem(through(true, RULES, [canary('c')], end, end))).toBe(
      'the canaries restarted 3 times in 5 min, the stable allocations 0 times',
    );
  });

  test('of checks are of each time that the check was run', () => {
    const ledger = through(true, RULES, [canary('c')]);
    const failing = { Check: 'alive', Service: 'web', Status: 'failure', Timestamp: 7 };
    takeChecks(ledger, 'own', canary('c'), [failing]);
    takeChecks(ledger, 'own', canary('c'), [failing, { ...failing, Timestamp: 8 }]);
    expect(problem(ledger)).toBe('checks of the canaries failed 2 times in 5 min, those of the stable allocations 0 times');
  });

  test('of a version as a whole have nothing beside them', () => {
    const all = [allocation('running', { ID: 'n' }), stable('s', { TaskStates: { t: state(9) } })];
    expect(problem(through(false, RULES, all, [allocation('running', { ID: 'n', TaskStates: { t: state(2) } })]))).toBe(
      'the allocations of version 1 restarted 2 times in 5 min',
    );
  });
});

describe('averages', () => {
  const used = (own: number | undefined, other: number | undefined, canaries = true): Ledger => {
    const ledger = through(canaries, RULES, [canary('c'), stable('s')]);
    if (own !== undefined) takeUsage(ledger, 'own', canary('c'), { t: { cpuMhz: own, memoryMb: own } });
    if (other !== undefined) takeUsage(ledger, 'stable', stable('s'), { t: { cpuMhz: other, memoryMb: other } });
    return ledger;
  };
  const end = (ledger: Ledger, rules: Partial<Bake>) => averageProblem(ledger, { ...RULES, ...rules }, 300_000);
  const relative = { value: 150, relative: true };

  test.each<[string, number | undefined, number | undefined, Partial<Bake>, string | undefined]>([
    ['within the percentage', 140, 100, { cpu: relative }, undefined],
    [
      'above it',
      160,
      100,
      { cpu: relative },
      'the canaries used 160 MHz of CPU on average in 5 min, the stable allocations 100 MHz; the limit is 150 % of theirs',
    ],
    ['above it by next to nothing', 9, 1, { cpu: relative }, undefined],
    [
      'above an amount',
      160,
      100,
      { memory: { value: 128, relative: false } },
      'the canaries used 160 MiB of memory on average in 5 min, the stable allocations 100 MiB; the limit is 128 MiB',
    ],
    ['of a node that measures nothing', 0, 100, { memory: relative }, 'no node told the memory of the canaries in group g'],
    ['without figures', undefined, 100, { cpu: relative }, 'no node told the CPU of the canaries in group g'],
    [
      'without figures to compare with',
      100,
      undefined,
      { memory: relative },
      'no node told the memory of the stable allocations in group g',
    ],
  ])('%s', (_what, own, other, rules, expected) => {
    expect(end(used(own, other), rules)?.text).toBe(expected);
  });

  test('of a version as a whole are compared with amounts alone', () => {
    expect(end(used(160, undefined, false), { cpu: relative })).toBeUndefined();
    expect(end(used(160, undefined, false), { cpu: { value: 100, relative: false } })?.text).toMatch(/version 1 used 160 MHz/);
  });

  test('need an allocation that runs', () => {
    expect(end(through(true, RULES, [canary('c', { ClientStatus: 'complete' })]), {})?.text).toBe('none of the canaries is running');
  });
});

describe('a figure of Prometheus', () => {
  const rule = {
    name: 'p99',
    query: 'x',
    stable: undefined,
    by: undefined,
    max: { value: 300, relative: false },
    min: undefined,
    unit: 'ms',
  };
  const series = (...list: readonly (readonly [value: string, metric?: Record<string, string>])[]): string =>
    JSON.stringify({
      status: 'success',
      data: { resultType: 'vector', result: list.map(([value, metric = {}]) => ({ metric, value: [1, value] })) },
    });
  const placed = (ID: string, Value: number): PlacedAllocation => ({
    ...allocation('running', { ID }),
    AllocatedResources: { Shared: { Ports: [{ Label: 'http', Value, HostIP: '10.0.0.1' }] } },
  });
  async function look(answer: Partial<HttpAnswer> | Error, parts: object = {}, compares = true) {
    const asked: [string, HttpRequest][] = [];
    const request: Runtime['request'] = async (url, wish) => {
      asked.push([url, wish]);
      if (answer instanceof Error) throw answer;
      return { status: 200, headers: {}, body: '', complete: true, elapsedMs: 1, ...answer };
    };
    const server = { address: 'https://p.example', authorization: secret('Bearer token1234') };
    const signal = new AbortController().signal;
    const sides = { own: [placed('a', 1)], stable: [placed('b', 2)] };
    const found = await lookAt(
      { ...rule, ...parts },
      sides,
      { server, who: 'the canaries', compares },
      { request, redact: (text) => text.replaceAll('token1234', '***'), signal },
    );
    return { ...found, asked };
  }

  test('is asked with the token, at the address alone, and judged by its worst value', async () => {
    const { problem, asked } = await look({ body: series(['12'], ['812.25']) });
    expect(problem).toBe('p99 of the canaries is 812.3 ms, the limit is 300 ms');
    expect(asked).toHaveLength(1);
    expect(asked[0]?.[0]).toBe('https://p.example/api/v1/query?query=x');
    expect(asked[0]?.[1].headers['Authorization']?.reveal()).toBe('Bearer token1234');
  });

  test.each<[string, object, string, string | undefined]>([
    ['below the limit', {}, series(['12']), undefined],
    [
      'a scalar',
      {},
      JSON.stringify({ data: { resultType: 'scalar', result: [1, '301'] } }),
      'p99 of the canaries is 301 ms, the limit is 300 ms',
    ],
    ['infinite', {}, series(['+Inf']), 'p99 of the canaries is Infinity ms, the limit is 300 ms'],
    [
      'below the least',
      { max: undefined, min: { value: 0.9, relative: false }, unit: '' },
      series(['0.5']),
      'p99 of the canaries is 0.5, the limit is 0.9',
    ],
    [
      'by ids, beside the stable allocations',
      { by: 'alloc_id', max: { value: 150, relative: true } },
      series(['30', { alloc_id: 'a' }], ['10', { alloc_id: 'b' }], ['99', { alloc_id: 'other' }]),
      'p99 of the canaries is 30 ms, that of the stable allocations is 10 ms, the limit is 150 % of theirs, 15 ms',
    ],
    [
      'by addresses',
      { by: 'instance' },
      series(['301', { instance: '10.0.0.1:1' }], ['1', { instance: '10.0.0.1:2' }]),
      'p99 of the canaries is 301 ms, that of the stable allocations is 1 ms, the limit is 300 ms',
    ],
    ['none', {}, series(), 'Prometheus has no figure of p99 of the canaries'],
    ['none, since it is a ratio of nothing', {}, series(['NaN']), 'Prometheus has no figure of p99 of the canaries'],
    [
      'none to compare with',
      { by: 'alloc_id', max: { value: 150, relative: true } },
      series(['1', { alloc_id: 'a' }]),
      'Prometheus has no figure of p99 of the stable allocations',
    ],
  ])('%s', async (_what, parts, body, expected) => {
    expect((await look({ body }, parts)).problem).toBe(expected);
  });

  test('with a query of its own for the stable allocations', async () => {
    const { problem, asked } = await look({ body: series(['301']) }, { stable: 'y' });
    expect(problem).toBe('p99 of the canaries is 301 ms, that of the stable allocations is 301 ms, the limit is 300 ms');
    expect(asked.map(([url]) => new URL(url).search)).toEqual(['?query=x', '?query=y']);
    expect((await look({ body: series(['1']) }, { stable: 'y' }, false)).asked).toHaveLength(1);
  });

  test.each<[Partial<HttpAnswer> | Error, string, string]>([
    [new Error('connection refused'), 'does not answer: connection refused', 'answer'],
    [{ status: 503, body: 'down' }, 'answered 503', 'answer'],
    [{ status: 302, headers: { location: 'http://10.0.0.1' } }, 'answered 302, a redirect, which is not followed', 'for good'],
    [{ status: 401 }, 'answered 401', 'for good'],
    [{ status: 400, body: '{"status":"error","error":"parse error: token1234"}' }, 'answered 400: "parse error: ***"', 'for good'],
    [{ body: JSON.stringify({ data: { resultType: 'matrix', result: [] } }) }, 'answered 200: "the query gives a matrix', 'for good'],
    [{ body: '<html>' }, 'answered 200', 'answer'],
    [{ complete: false }, 'answered with more than 1 MiB', 'for good'],
  ])('that is missing: %j', async (answer, text, missing) => {
    const found = await look(answer);
    expect(found.problem).toContain(`p99 is unknown: Prometheus at https://p.example ${text}`);
    expect(found.missing).toBe(missing);
  });
});

/** Bakes in virtual time on a cluster that has the allocations, and at once the next ones. */
async function baked(
  parts: Partial<Baking>,
  nomad: object,
  request?: Runtime['request'],
): Promise<{ baked: Baked; atMs: number; warnings: string[] }> {
  let nowMs = 0;
  const warnings: string[] = [];
  const never = async (signal: AbortSignal): Promise<never> =>
    new Promise((_resolve, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  const sleeping: { readonly atMs: number; readonly wake: () => void }[] = [];
  const clock = {
    now: () => nowMs,
    random: () => 0,
    timeout: () => new AbortController().signal,
    sleep: async (ms: number, signal: AbortSignal) =>
      Promise.race([never(signal), new Promise<void>((wake) => sleeping.push({ atMs: nowMs + ms, wake }))]),
  };
  const signal = new AbortController().signal;
  const log = { info: () => undefined, warning: (text: string) => warnings.push(text) };
  const all = [canary('c'), stable('s')];
  const jobs = {
    allocations: async (_id: string, _ns: string, index: number, aborted: AbortSignal) =>
      index === 0 ? { value: all, index: 5 } : never(aborted),
    watch: async (_id: string, _ns: string, _index: number, aborted: AbortSignal) => never(aborted),
  };
  const world = {
    nomad: {
      jobs,
      patience: () => clock.timeout(),
      allocations: { usage: async () => undefined, checks: async () => undefined },
      ...nomad,
    } as unknown as Nomad,
    runtime: { clock, log, redact: (text: string) => text, request } as unknown as Runtime,
    signal,
  };
  const baking: Baking = {
    ...{ rules: RULES, forMs: 60_000, job: { ID: 'x' } as Job, jobId: 'x', namespace: 'default', version: 1 },
    ...{ canaries: true, prometheus: undefined, lenient: false, ...parts },
  };
  let end: Baked | undefined;
  const work = bake(baking, world).then((found) => (end = found));
  for (let steps = 0; end === undefined && steps < 10_000; steps++) {
    await new Promise((resolve) => setImmediate(resolve));
    sleeping.sort((a, b) => a.atMs - b.atMs);
    const next = sleeping.shift();
    if (next === undefined || end !== undefined) continue;
    nowMs = Math.max(nowMs, next.atMs);
    next.wake();
  }
  return { baked: await work, atMs: nowMs, warnings };
}

describe('a bake', () => {
  const unanswered: Runtime['request'] = async () => {
    throw new Error('connection refused');
  };
  const prometheus = { address: 'http://p', authorization: undefined };
  const answering =
    (...values: string[]): Runtime['request'] =>
    async () => {
      const [value = '0'] = values.length > 1 ? values.splice(0, 1) : values;
      const body = JSON.stringify({ data: { resultType: 'vector', result: value === '' ? [] : [{ metric: {}, value: [1, value] }] } });
      return { status: 200, headers: {}, body, complete: true, elapsedMs: 1 };
    };

  test('takes its time, and no longer', async () => {
    expect(await baked({}, {})).toMatchObject({ baked: { how: 'well' }, atMs: 60_000, warnings: [] });
  });

  test.each<[string, Partial<Bake>, Runtime['request'] | undefined, Baking['prometheus'], string]>([
    ['CPU', { cpu: { value: 1, relative: false } }, undefined, undefined, 'no node told the CPU of the canaries'],
    ['checks', { failingChecks: 0 }, undefined, undefined, 'the job has no checks of Nomad services'],
    ['an address', { prometheus: [figure] }, undefined, undefined, 'p99 is unknown: there is no `prometheus-addr`'],
    [
      'an answer',
      { prometheus: [figure] },
      unanswered,
      prometheus,
      'p99 is unknown: Prometheus at http://p does not answer: connection refused',
    ],
    ['data', { prometheus: [figure] }, answering(''), prometheus, 'Prometheus has no figure of p99 of the canaries'],
  ])('without %s is a failure; after a success it is a warning', async (_what, rules, request, server, text) => {
    const parts = { rules: { ...RULES, ...rules }, prometheus: server };
    expect((await baked(parts, {}, request)).baked).toMatchObject({ how: 'bad', description: expect.stringContaining(text) });
    const lenient = await baked({ ...parts, lenient: true }, {}, request);
    expect(lenient.baked).toEqual({ how: 'well' });
    expect(lenient.warnings).toEqual([expect.stringContaining(text)]);
  });

  test.each<[string, string[], Baked['how'], number]>([
    ['one bad look between good ones', ['0', '9', '0'], 'well', 60_000],
    ['bad looks in a row, before the end', ['9'], 'bad', 9_000],
    ['a bad last look', [...Array.from({ length: 19 }, () => '0'), '9'], 'bad', 60_000],
    ['data that comes late', ['', '', '', '', '0'], 'well', 60_000],
  ])('looks at Prometheus again and again: %s', async (_what, values, how, atMs) => {
    const found = await baked({ rules: { ...RULES, prometheus: [figure] }, prometheus }, {}, answering(...values));
    expect(found.baked.how).toBe(how);
    expect(found.atMs).toBeGreaterThanOrEqual(atMs);
    expect(found.atMs).toBeLessThan(atMs + 3_000);
  });

  test('needs logs that the token may read', async () => {
    const logErrors = { pattern: /x/, max: 0 };
    const allocations = { readLog: async () => 'denied' };
    const running = [canary('c', { TaskStates: { t: state(0) } })];
    const jobs = {
      allocations: async (_id: string, _ns: string, index: number, aborted: AbortSignal) =>
        index === 0
          ? { value: running, index: 5 }
          : new Promise((_resolve, reject) => aborted.addEventListener('abort', () => reject(aborted.reason))),
    };
    const found = await baked({ rules: { ...RULES, logErrors } }, { jobs, allocations });
    expect(found.baked).toMatchObject({ how: 'bad', description: 'the logs cannot be read: the token must allow `read-logs`' });
  });
});

describe('rules that no job can be judged by are refused', () => {
  const service: Job = { ID: 'x', Name: 'x', Type: 'service', TaskGroups: [{ Name: 'g' }] };
  const rules = (parts: Partial<Bake> = {}): Bake => ({ ...USUAL, forMs: 1_000, ...parts });
  const refusal = (inputs: Parameters<typeof requireBakes>[0], job: Job): string => {
    try {
      requireBakes(inputs, [job]);
      return '';
    } catch (error) {
      return messageOf(error);
    }
  };
  test.each<[string, Parameters<typeof requireBakes>[0], Job, string | RegExp]>([
    ['none', { bake: undefined, watchForMs: undefined, prometheus: undefined }, { ...service, Type: 'batch' }, /^$/],
    ['a service', { bake: rules(), watchForMs: 1, prometheus: undefined }, service, /^$/],
    [
      'a batch job',
      { bake: rules(), watchForMs: undefined, prometheus: undefined },
      { ...service, Type: 'batch' },
      '`verify`: `for`: no job of the run is a service or system job',
    ],
    [
      'a batch job that is to be watched on',
      { bake: undefined, watchForMs: 1, prometheus: undefined },
      { ...service, Type: 'batch' },
      '`watch-for`: no job of the run',
    ],
    [
      'a query without a server',
      { bake: rules({ prometheus: [figure] }), watchForMs: undefined, prometheus: undefined },
      service,
      '`verify`: `prometheus` (p99) needs the address of the server: give `prometheus-addr`',
    ],
    [
      'a comparison without canaries',
      { bake: rules({ cpu: { value: 150, relative: true } }), watchForMs: undefined, prometheus: undefined },
      service,
      'no group of the job has canaries',
    ],
    [
      'a comparison with canaries',
      { bake: rules({ cpu: { value: 150, relative: true } }), watchForMs: undefined, prometheus: undefined },
      { ...service, Update: { Canary: 1 } },
      /^$/,
    ],
  ])('%s', (_what, inputs, job, expected) => {
    expect(refusal(inputs, job)).toMatch(expected);
  });
});
