import { describe, expect, test } from '@jest/globals';
import { openSession, type ShortToken } from '../../../src/nomad/session.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { secret } from '../../../src/runtime/secret.ts';

/** Logins that give t1, t2, …, each to be replaced after a minute. */
function sessionOf(fails: (count: number) => boolean = () => false) {
  let now = 0;
  let count = 0;
  const login = async (): Promise<ShortToken> => {
    count += 1;
    const own = count;
    await Promise.resolve();
    if (fails(own)) throw new Error(`login ${own}`);
    return { token: secret(`t${own}`), renewAtMs: now + 60_000 };
  };
  const session = openSession(login, { ...systemClock, now: () => now, sleep: async () => undefined });
  return { session, pass: (ms: number) => (now += ms), count: () => count };
}

describe('a session', () => {
  test('logs in once, however many ask at once', async () => {
    const { session, count } = sessionOf();
    const tokens = await Promise.all([session(), session(), session()]);
    expect(tokens.map((token) => token.reveal())).toEqual(['t1', 't1', 't1']);
    expect((await session()).reveal()).toBe('t1');
    expect(count()).toBe(1);
  });

  test('logs in again before the token ends', async () => {
    const { session, pass } = sessionOf();
    await session();
    pass(59_999);
    expect((await session()).reveal()).toBe('t1');
    pass(1);
    expect((await Promise.all([session(), session()])).map((token) => token.reveal())).toEqual(['t2', 't2']);
  });

  test('logs in again for a token that is refused, but not for one that was replaced already', async () => {
    const { session, count } = sessionOf();
    const first = await session();
    const [second, third] = await Promise.all([session(first), session(first)]);
    expect([second.reveal(), third.reveal(), (await session(first)).reveal()]).toEqual(['t2', 't2', 't2']);
    expect(count()).toBe(2);
  });

  test('tries again after a login that failed', async () => {
    const { session } = sessionOf((count) => count === 1);
    const both = await Promise.allSettled([session(), session()]);
    expect(both.map(({ status }) => status)).toContain('rejected');
    expect((await session()).reveal()).toBe('t2');
  });
});
