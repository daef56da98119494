import { describe, expect, test } from '@jest/globals';
import { ActionError } from '../../../src/errors.ts';
import type { Nomad } from '../../../src/nomad/connect.ts';
import type { Variable } from '../../../src/nomad/types.ts';
import { type Held, type Locking, takeLock } from '../../../src/register/lock.ts';
import type { Runtime } from '../../../src/runtime/runtime.ts';
import { virtualTime } from '../../helpers/watching.ts';

/** The answers of a Nomad, by the time in milliseconds. */
interface Answers {
  /** The holder of the lock; undefined: nobody. */
  readonly holder?: (nowMs: number) => string | undefined;
  /** `lost`: Nomad has ended the lock, and another run has it; `ended`: nobody has it; `down`: Nomad does not answer. */
  readonly renew?: (nowMs: number) => 'lost' | 'ended' | 'down' | undefined;
  /** The lost answer of a request for the lock, by its number; it takes effect, unless it is told as `unsent`. */
  readonly loses?: (count: number) => boolean | 'unsent';
  readonly frozen?: (nowMs: number) => boolean;
  readonly release?: 'down';
}

async function world(
  { holder = () => undefined, renew = () => undefined, frozen = () => false, loses = () => false, release }: Answers,
  more: Partial<Locking> = {},
) {
  const clock = { ...virtualTime(), random: () => 0.5 };
  const log: string[] = [];
  const sent: string[] = [];
  const down = new ActionError('unreachable', 'no answer');
  const own = { items: {}, untilMs: 0, asked: 0, taken: 0 };
  const note = (kind: string, actor: string): Variable => ({ ModifyIndex: 7, Items: { 'nomad-deploy': kind, actor, reason: 'why' } });
  const variables = {
    read: async (path: string) => {
      if (path.includes('freezes')) return frozen(clock.now()) ? note('freeze', 'eve') : undefined;
      const by = holder(clock.now());
      if (clock.now() < own.untilMs) return { ModifyIndex: 8, Items: own.items };
      return by === undefined ? undefined : note('lock', by);
    },
    acquireLock: async (_path: string, { items }: { readonly items: Record<string, string> }) => {
      own.asked += 1;
      if (clock.now() < own.untilMs || holder(clock.now()) !== undefined || (own.taken > 0 && renew(clock.now()) === 'lost'))
        return undefined;
      if (loses(own.asked) !== false) {
        if (loses(own.asked) === true) Object.assign(own, { items, untilMs: clock.now() + 31_000 });
        throw new ActionError('unknown-outcome', 'no answer');
      }
      own.taken += 1;
      return `id${own.taken}`;
    },
    watch: async (_path: string, _namespace: string, _index: number, signal: AbortSignal) => clock.sleep(1_000, signal),
    renewLock: async (_path: string, id: string) => {
      sent.push('renew');
      const how = renew(clock.now());
      if (how === 'down') throw down;
      return id !== 'id1' || how === undefined;
    },
    releaseLock: async (_path: string, id: string) => {
      sent.push(`release ${id}`);
      if (release === 'down') throw down;
    },
  };
  const nomad = { variables, clock, patience: () => clock.timeout(120_000) } as unknown as Nomad;
  const say = (line: string): void => void log.push(line);
  const cancelled = new AbortController();
  const runtime = {
    clock,
    signal: cancelled.signal,
    log: { info: say, debug: () => undefined, warning: (line: string) => say(`warning: ${line}`) },
  } as unknown as Runtime;
  const context = { actor: 'anna', runUrl: undefined, runAttempt: '1' } as Locking['context'];
  const locking = { lock: 'wait', command: 'deploy', timeoutMs: 60_000, context, ...more } as const;
  const take = async (): Promise<Held> => takeLock({ jobId: 'shop', namespace: 'default', nomad }, locking, runtime);
  return { clock, log, sent, take, cancel: () => cancelled.abort(new Error('cancelled')), runtime };
}

describe('a lock', () => {
  test('is renewed while it is held, and released once', async () => {
    const { clock, sent, take, runtime } = await world({});
    const held = await take();
    await clock.run(clock.sleep(16_000, runtime.signal));
    await held.requireHeld();
    await held.release();
    expect(sent).toEqual(['renew', 'renew', 'renew', 'renew', 'release id1']);
    expect(held.waited).toBe(false);
  });

  test('that no answer ever confirms is asked for once a second, until the time is up', async () => {
    let asked = 0;
    const { clock, take } = await world({
      loses: (count) => {
        asked = count;
        return 'unsent';
      },
    });
    await expect(clock.run(take())).rejects.toMatchObject({ code: 'unknown-outcome' });
    expect(clock.now()).toBeGreaterThanOrEqual(60_000);
    expect(asked).toBeLessThan(65);
  });

  test('of another run is waited for, and the next holder is named, too', async () => {
    const holder = (ms: number): string | undefined => (ms < 10_000 ? 'bert' : ms < 50_000 ? 'carla' : undefined);
    const { clock, log, take } = await world({ holder });
    const held = await clock.run(take());
    await held.release();
    expect(held.waited).toBe(true);
    expect(log).toEqual([
      'Waiting for the lock of shop, held by bert (0.0 s)',
      'Waiting for the lock of shop, held by carla (10 s)',
      'Waiting for the lock of shop, held by carla (40 s)',
      'This run holds the lock of shop, after 50 s',
    ]);
  });

  test.each<[string, Answers, Partial<Locking>, string]>([
    [
      'that is not released in time',
      { holder: () => 'bert' },
      { timeoutMs: 5_000 },
      'the lock of shop is held by bert and was not released within 5.0 s',
    ],
    ['with `fail`', { holder: () => 'bert' }, { lock: 'fail' }, 'the lock of shop is held by bert'],
    ['of a frozen job', { frozen: () => true }, {}, 'shop is frozen until `command: unlock` by eve: "why"'],
  ])('%s refuses the run', async (_name, answers, more, message) => {
    const { clock, take } = await world(answers, more);
    await expect(clock.run(take())).rejects.toMatchObject({ code: 'job-locked', message });
  });

  test('is released again where the job was frozen during the wait', async () => {
    const { clock, sent, take } = await world({ holder: (ms) => (ms < 3_000 ? 'bert' : undefined), frozen: (ms) => ms >= 2_000 });
    await expect(clock.run(take())).rejects.toMatchObject({ code: 'job-locked' });
    expect(sent).toEqual(['release id1']);
  });

  test('is not waited for by a cancelled run', async () => {
    const { clock, take, cancel } = await world({ holder: () => 'bert' });
    const taking = take();
    cancel();
    await expect(clock.run(taking)).rejects.toThrow('cancelled');
  });

  test('that Nomad ends is lost: the run says so, and may not register', async () => {
    const { clock, log, sent, take, runtime } = await world({ renew: (ms) => (ms >= 10_000 ? 'lost' : undefined) });
    const held = await take();
    await clock.run(clock.sleep(12_000, runtime.signal));
    expect(log.at(-1)).toBe(
      'warning: The lock of shop is lost (Nomad does not know it any more), so another run may deploy the job at the same time.',
    );
    await expect(held.requireHeld()).rejects.toMatchObject({ code: 'conflict' });
    await held.release();
    expect(sent.filter((one) => one.startsWith('release'))).toEqual([]);
  });

  test('that was lost a moment ago is noticed before the registration', async () => {
    const { take } = await world({ renew: () => 'lost' });
    const held = await take();
    await expect(held.requireHeld()).rejects.toMatchObject({
      code: 'conflict',
      message: 'this run has lost the lock of shop before the registration: Nomad does not know it any more',
    });
  });

  test('outlasts an outage shorter than its time, and is lost after that', async () => {
    const { clock, log, take, runtime } = await world({
      renew: (ms) => (ms < 24_000 || (ms >= 30_000 && ms < 99_000) ? 'down' : undefined),
    });
    const held = await take();
    await clock.run(clock.sleep(29_000, runtime.signal));
    await held.requireHeld();
    expect(log).toEqual(['This run holds the lock of shop']);
    await clock.run(clock.sleep(32_000, runtime.signal));
    expect(log.at(-1)).toMatch(/^warning: The lock of shop is lost \(it was not renewed for 30 s\)/);
    await held.release();
  });

  test.each([
    ['that Nomad keeps through an outage is held again', undefined, 'id1'],
    ['that ended in an outage is taken again, where no other run has it', 'ended', 'id2'],
  ] as const)('%s', async (_name, after, id) => {
    const { clock, log, sent, take, runtime } = await world({ renew: (ms) => (ms < 60_000 ? 'down' : after) });
    const held = await take();
    await clock.run(clock.sleep(66_000, runtime.signal));
    expect(log.slice(1)).toEqual([
      'warning: The lock of shop is lost (it was not renewed for 30 s), so another run may deploy the job at the same time.',
      'This run holds the lock of shop again',
    ]);
    await held.requireHeld();
    await held.release();
    expect(sent.at(-1)).toBe(`release ${id}`);
  });

  test('that ended in an outage, and that another run has, is lost', async () => {
    const { clock, take, runtime } = await world({ renew: (ms) => (ms < 60_000 ? 'down' : 'lost') });
    const held = await take();
    await clock.run(clock.sleep(66_000, runtime.signal));
    await expect(held.requireHeld()).rejects.toMatchObject({ code: 'conflict' });
  });

  test.each(['wait', 'fail'] as const)('whose answer is lost ends by itself, and is taken then (%s)', async (lock) => {
    const { clock, log, take } = await world({ loses: (count) => count === 1 }, { lock });
    const held = await clock.run(take());
    expect(clock.now()).toBe(31_000);
    expect(log[0]).toMatch(/^Waiting for the lock of shop, held by anna/);
    await held.release();
  });

  test('that cannot be released is a warning', async () => {
    const { log, take } = await world({ release: 'down' });
    await (await take()).release();
    expect(log.at(-1)).toBe('warning: The lock of shop could not be released, and ends by itself within 31 s: no answer');
  });
});
