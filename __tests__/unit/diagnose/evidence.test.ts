import { describe, expect, test } from '@jest/globals';
import { collectEvidence, type Evidence } from '../../../src/diagnose/evidence.ts';
import type { Nomad } from '../../../src/nomad/connect.ts';
import type { Allocation, Job } from '../../../src/nomad/types.ts';
import { systemClock } from '../../../src/runtime/clock.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

/**
 * Reads the log of a task that ended `lateMs` ago, as the servers heard `tookMs` later, and says something `afterMs` after its end; gives what was
 * read, and how long that took.
 */
async function read(
  lateMs: number,
  tookMs: number,
  afterMs: number,
): Promise<{ readonly lines: readonly string[]; readonly waitedMs: number; readonly reads: number }> {
  let now = NOW;
  let reads = 0;
  const endMs = NOW - lateMs;
  const event = { Type: 'Terminated', Time: endMs * 1e6, DisplayMessage: 'Exit Code: 3', Details: { exit_code: '3' } };
  const started = { ...event, Type: 'Started', Details: {} };
  const state = { State: 'dead', Failed: true, FinishedAt: new Date(endMs).toISOString(), Events: [started, event] };
  const allocation = {
    ID: 'a',
    Name: 'j.g[0]',
    TaskGroup: 'g',
    NodeName: 'n',
    ClientStatus: 'failed',
    TaskStates: { t: state },
    ModifyTime: (endMs + tookMs) * 1e6,
  };
  const logTail = async ({ type: stream }: { readonly type: string }): Promise<string[]> => {
    reads += Number(stream === 'stderr');
    return stream === 'stderr' && now >= endMs + afterMs ? ['no database'] : [];
  };
  const evidence: Evidence = await collectEvidence(
    allocation as unknown as Allocation,
    { job: { ID: 'j' } as Job, namespace: 'default', logLines: 10 },
    { allocations: { logTail } } as unknown as Nomad,
    {
      clock: {
        ...systemClock,
        now: () => now,
        sleep: async (ms) => {
          now += ms;
        },
      },
      signal: new AbortController().signal,
      redact: (text) => text,
    },
  );
  return { lines: evidence.logs.flatMap(({ lines }) => lines), waitedMs: now - NOW, reads };
}

test('the log of a task is read also when its checks cannot be', async () => {
  const Events = [{ Type: 'Started', Time: 1, DisplayMessage: '' }];
  const allocation = {
    ID: 'a',
    Name: 'j.g[0]',
    TaskGroup: 'g',
    NodeName: 'n',
    ClientStatus: 'running',
    TaskStates: { t: { State: 'running', Events } },
  };
  const Services = [{ Name: 's', Provider: 'nomad', Checks: [{ Interval: 1e9 }] }];
  const evidence = await collectEvidence(
    allocation as unknown as Allocation,
    { job: { ID: 'j', Name: 'j', TaskGroups: [{ Name: 'g', Services }] }, namespace: 'default', logLines: 10 },
    {
      allocations: { logTail: async () => ['no database'], checks: async () => Promise.reject(new Error('no node can be asked')) },
    } as unknown as Nomad,
    {
      clock: { ...systemClock, now: () => NOW, sleep: async () => undefined },
      signal: new AbortController().signal,
      redact: (text) => text,
    },
  );
  expect(evidence).toMatchObject({ checks: [], logs: [{ lines: ['no database'] }, { lines: ['no database'] }] });
});

describe('the log of a task that has just ended', () => {
  test.each([
    ['is there', 120, 100, 100, { lines: ['no database'], waitedMs: 0, reads: 1 }],
    ['comes as soon as nodes write logs', 120, 100, 170, { lines: ['no database'], waitedMs: 55, reads: 2 }],
    ['stays empty', 120, 100, Number.POSITIVE_INFINITY, { lines: [], waitedMs: 55, reads: 2 }],
    ['stays empty, and was looked at late', 400, 100, Number.POSITIVE_INFINITY, { lines: [], waitedMs: 0, reads: 1 }],
    ['stays empty, and the clock of the node is ahead', -5_000, 100, Number.POSITIVE_INFINITY, { lines: [], waitedMs: 175, reads: 2 }],
    ['comes late from a node that told the end late', 420, 400, 900, { lines: ['no database'], waitedMs: 525, reads: 4 }],
    ['stays empty on a node that told the end late', 420, 400, Number.POSITIVE_INFINITY, { lines: [], waitedMs: 780, reads: 6 }],
    ['is not waited for beyond a second and a half', 900, 800, Number.POSITIVE_INFINITY, { lines: [], waitedMs: 600, reads: 5 }],
    ['is not waited for when the end is long ago', 60_000, 800, Number.POSITIVE_INFINITY, { lines: [], waitedMs: 0, reads: 1 }],
  ])('%s', async (_name, lateMs, tookMs, afterMs, expected) => {
    expect(await read(lateMs, tookMs, afterMs)).toEqual(expected);
  });
});
