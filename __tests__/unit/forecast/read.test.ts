// The requests of a forecast, and the lines where Nomad does not answer them.
import { describe, expect, test } from '@jest/globals';
import { readForecast } from '../../../src/forecast/index.ts';
import type { Call, Transport } from '../../../src/nomad/call.ts';
import { capacity } from '../../../src/nomad/capacity.ts';
import type { Nomad } from '../../../src/nomad/index.ts';
import type { Job } from '../../../src/nomad/types.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { allocation, group, job, node } from './data.ts';

type Answers = Readonly<Record<string, unknown>>;
const LISTS: Answers = { '/v1/nodes': [node('a')], '/v1/allocations': [allocation('a', { memory: 700 })] };
const PLAN = { updates: { web: { Place: 1 } }, placementFailures: {}, preempted: {} };

/** Asks for a forecast. A path without an answer is denied, and one whose answer is an error fails. */
async function ask(asked: Job, answers: Answers, { hasToken = false, ended = new AbortController().signal } = {}) {
  const calls: Call[] = [];
  const send = async (call: Call) => {
    calls.push(call);
    call.signal?.throwIfAborted();
    const json = answers[call.query?.['filter'] !== undefined && call.path === '/v1/nodes' ? 'filter' : call.path];
    if (json instanceof Error) throw json;
    return json === undefined ? { status: 403, json: undefined } : { status: 200, json };
  };
  const nomad = { capacity: capacity({ send } as unknown as Transport), clock: systemClock, hasToken } as unknown as Nomad;
  const { byGroup, limits } = await readForecast(asked, 'default', PLAN, nomad, ended);
  return { calls, lines: [...Object.values(byGroup), ...limits] };
}

const RACK = job({ Constraints: [{ LTarget: '${meta.rack}', Operand: '=', RTarget: 'r1' }] });

describe('a forecast', () => {
  test('asks for nodes, allocations of all namespaces, and the settings of the scheduler', async () => {
    const { calls, lines } = await ask(job(), LISTS);
    expect(calls.map(({ method, path, query }) => [method, path, query?.['namespace']])).toEqual([
      ['GET', '/v1/nodes', undefined],
      ['GET', '/v1/allocations', '*'],
      ['GET', '/v1/operator/scheduler/configuration', undefined],
    ]);
    expect(lines).toEqual(["web fits on 0 of 1 node; room for 0 more; the deploy adds 1; Nomad's plan places all of them"]);
  });

  test('asks Nomad for the nodes that meet what all groups want, in the third request', async () => {
    const two = { ...RACK, TaskGroups: [group(), group({ Name: 'db', Constraints: [{ LTarget: '${attr.gpu}', Operand: 'is_set' }] })] };
    const { calls, lines } = await ask(two, { ...LISTS, filter: [{ ID: 'id-b' }] });
    expect(calls.map(({ query }) => query?.['filter'])).toEqual([
      undefined,
      expect.stringContaining('ClientStatus'),
      'Meta["rack"] == "r1"',
    ]);
    expect(lines).toEqual([
      "web fits on 0 of 1 node (1 without ${meta.rack} = r1); room for 0 more; the deploy adds 1; Nomad's plan places all of them",
      'db fits on 0 of 1 node (1 without ${meta.rack} = r1); room for at most 0 more; not known: the constraint ${attr.gpu} is_set',
      'The groups share this room.',
    ]);
  });

  test('a filter without an answer leaves an upper bound', async () => {
    const { lines } = await ask(RACK, { ...LISTS, '/v1/allocations': [] });
    expect(lines).toEqual([
      'web fits on 1 of 1 node; room for at most 2 more; the deploy adds 1; not known: the constraint ${meta.rack} = r1',
    ]);
  });

  test('a token sees its namespaces only', async () => {
    const inTwo = [allocation('a'), allocation('a', {}, { Namespace: 'apps' })];
    const { lines } = await ask(job(), { ...LISTS, '/v1/allocations': inTwo }, { hasToken: true });
    expect(lines[1]).toBe(
      'The forecast counts the allocations in the namespaces apps, default; those in namespaces that the token may not list are unknown.',
    );
    const none = await ask(job(), { ...LISTS, '/v1/allocations': [] }, { hasToken: true });
    expect(none.lines[1]).toBe('The token sees no allocations; those in namespaces that it may not list are unknown.');
  });

  test.each<[string, Answers, RegExp]>([
    ['a token without the nodes', { '/v1/allocations': [] }, /the token may not read the nodes \(`node \{ policy = "read" \}`\)\.$/],
    ['a token without the allocations', { '/v1/nodes': [] }, /the token may not list the allocations of all namespaces/],
    ['too many nodes', { ...LISTS, '/v1/nodes': Array.from({ length: 5_001 }, () => ({})) }, /more than 5000 nodes\.$/],
    ['too many allocations', { ...LISTS, '/v1/allocations': Array.from({ length: 50_001 }, () => ({})) }, /more than 50000 allocations\.$/],
    ['an outage', { ...LISTS, '/v1/nodes': new Error('connect ECONNREFUSED') }, /connect ECONNREFUSED/],
    ['a strange answer', { ...LISTS, '/v1/nodes': [{ NodeResources: 7 }] }, /./],
  ])('%s is one line', async (_what, answers, why) => {
    const { lines } = await ask(job(), answers);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(why);
  });

  test('a cancelled run gets no forecast, and no error of it', async () => {
    const { lines } = await ask(job(), LISTS, { ended: AbortSignal.abort(new Error('the workflow was cancelled')) });
    expect(lines).toEqual([expect.stringMatching(/^The forecast is incomplete: .*the workflow was cancelled/)]);
  });
});
