// A rollout of thousands of allocations costs what its answers cost: the same requests and lines as one of tens, and work in proportion to the allocations.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import type { Allocation, Deployment, Job, TaskEvent } from '../../../src/nomad/types.ts';
import { allocation, deployment, evaluation } from '../../helpers/rollouts.ts';
import { type Asked, type Had, watchThrough } from '../../helpers/watching.ts';

const WAVES = 20;
const WAVE_MS = 3_000;
/** The limit of a test on a machine that does other things, and what a measurement may be off by there. */
const MANY_MS = 60_000;
const NOISE_MS = 500;
const JOB = { ID: 'web', TaskGroups: [{ Name: 'g', Tasks: [{ Name: 'http', Driver: 'docker' }] }] } as unknown as Job;

const event = (Type: string, Time: number, DisplayMessage = Type): TaskEvent => ({ Type, Time, DisplayMessage });
const EVENTS = [event('Received', 1), event('Task Setup', 2), event('Started', 3)];
const EXIT = { ...event('Terminated', 4, 'Exit Code: 3'), Details: { exit_code: '3' } };

/** A rolling update: in each wave a share of the allocations starts, and is healthy in the next one. In the last wave, it fails if it is to. */
function rolling(total: number, fails: boolean): Had[] {
  const all = Array.from({ length: total }, (_, i) => `${i}`.padStart(8, '0'));
  const of = (id: string, i: number, healthy: number): Allocation => {
    const isBad = fails && i >= total - total / WAVES && healthy === total;
    const Events = isBad ? [...EVENTS, EXIT] : EVENTS;
    return allocation(isBad ? 'failed' : 'running', {
      ...{ ID: id, Name: `web.g[${i}]`, CreateIndex: 100 + i },
      TaskStates: { http: { State: isBad ? 'dead' : 'running', Failed: isBad, Restarts: 0, Events } },
      ...(i < healthy ? { DeploymentStatus: { Healthy: !isBad } } : {}),
    });
  };
  return Array.from({ length: WAVES + 2 }, (_, wave): Had => {
    const [placed, healthy] = [Math.min(wave, WAVES), Math.min(Math.max(0, wave - 1), WAVES)].map((one) => (total * one) / WAVES) as [
      number,
      number,
    ];
    const isLast = wave === WAVES + 1;
    const groups = {
      g: {
        DesiredTotal: total,
        PlacedAllocs: placed,
        HealthyAllocs: fails && isLast ? total - total / WAVES : healthy,
        UnhealthyAllocs: 0,
      },
    };
    const [status, words] = !isLast
      ? ['running', 'Deployment is running']
      : fails
        ? ['failed', 'Failed due to unhealthy allocations']
        : ['successful', 'Deployment completed successfully'];
    const own: Deployment = {
      ...deployment(status, words),
      ID: 'd',
      JobVersion: 1,
      TaskGroups: groups as unknown as Deployment['TaskGroups'],
    };
    return {
      atMs: wave * WAVE_MS,
      evaluation: evaluation({ DeploymentID: 'd' }),
      deployments: [own],
      allocations: all.slice(0, placed).map((id, i) => of(id, i, healthy)),
    };
  });
}

interface Cost {
  readonly outcome: string;
  readonly atMs: number;
  readonly asked: Readonly<Record<string, number>>;
  readonly lines: number;
  /** The time of the processor, which other programs do not change much. */
  readonly cpuMs: number;
}

async function costOf(total: number, fails: boolean): Promise<Cost> {
  const history = rolling(total, fails);
  const asked: Partial<Record<Asked, number>> = {};
  const begun = process.cpuUsage();
  const { watched, atMs, told } = await watchThrough(JOB, history, (what) => {
    asked[what] = (asked[what] ?? 0) + 1;
    return undefined;
  });
  const { user, system } = process.cpuUsage(begun);
  return { outcome: watched.verdict.outcome, atMs, asked, lines: told.length, cpuMs: (user + system) / 1000 };
}

test.each([
  ['successful', false],
  ['failed', true],
] as const)(
  'a rollout of 5,000 allocations that is %s asks and tells what one of 100 asks and tells, and takes work in proportion to its size',
  async (outcome, fails) => {
    const few = await costOf(100, fails);
    const some = await costOf(1_000, fails);
    const many = await costOf(5_000, fails);
    for (const one of [few, some, many]) expect(one.outcome).toBe(outcome);
    expect(many.asked).toEqual(few.asked);
    expect(many.atMs).toBe(few.atMs);
    expect(many.lines).toBeLessThanOrEqual(few.lines + 5);
    // Five times the size: work in the square of the size would be 25 times as much.
    expect(many.cpuMs).toBeLessThan(some.cpuMs * 12 + NOISE_MS);
  },
  MANY_MS,
);

test(
  'a watch keeps no answers but the last ones',
  async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const heap = async (): Promise<number> => {
      await new Promise((resolve) => setImmediate(resolve));
      collect();
      return process.memoryUsage().heapUsed;
    };
    const history = rolling(5_000, false);
    const answer = JSON.stringify(history.at(-1)?.allocations).length;
    const before = await heap();
    let most = 0;
    let count = 0;
    await watchThrough(JOB, history, () => {
      count += 1;
      if (count % 20 === 0) {
        collect();
        most = Math.max(most, process.memoryUsage().heapUsed);
      }
      return undefined;
    });
    expect(count).toBeGreaterThan(40);
    // The last state, the one before it, and the answer that is being read; an object takes about three times its text.
    expect(most - before).toBeLessThan(answer * 3 * 4);
  },
  MANY_MS,
);
