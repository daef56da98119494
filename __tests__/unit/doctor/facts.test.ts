import { expect, test } from '@jest/globals';
import { factOf, findingsOf, isKnown } from '../../../src/doctor/facts.ts';
import { ActionError } from '../../../src/errors.ts';

const never = new Promise<never>(() => undefined);
const clock = (late: AbortSignal) => ({ now: () => 0, sleep: async () => undefined, timeout: () => late, random: () => 0 });
const running = new AbortController().signal;
const patient = clock(new AbortController().signal);

test('a fact is known, and an error is a reason', async () => {
  expect(await factOf(async () => 3, 8_000, { clock: patient, signal: running })).toBe(3);
  const refused = await factOf(async () => Promise.reject(new ActionError('permission-denied', 'no')), 8_000, {
    clock: patient,
    signal: running,
  });
  expect(refused).toMatchObject({ code: 'permission-denied', message: 'no' });
  const odd = await factOf(async () => Promise.reject(new TypeError('x is undefined')), 8_000, { clock: patient, signal: running });
  expect(isKnown(odd)).toBe(false);
  expect(odd).toMatchObject({ message: 'x is undefined' });
});

test('a question without an answer ends at its limit, also one that does not heed its signal', async () => {
  const late = new AbortController();
  const asked = factOf(async () => never, 8_000, { clock: clock(late.signal), signal: running });
  late.abort(new DOMException('late', 'TimeoutError'));
  expect(await asked).toMatchObject({ code: 'unreachable', message: expect.stringMatching(/^no answer within 8\S* s$/) });
});

test('a cancelled run is no fact', async () => {
  const cancelled = new AbortController();
  cancelled.abort(new Error('cancelled'));
  await expect(factOf(async () => Promise.reject(new Error('x')), 8_000, { clock: patient, signal: cancelled.signal })).rejects.toThrow(
    'cancelled',
  );
});

test('a result says its state in one way', () => {
  const { unchecked, failed, fine } = findingsOf('TLS');
  expect(unchecked('it is dark')).toEqual({ check: 'TLS', state: 'not-checked', text: 'not checked, because it is dark' });
  expect(failed(new ActionError('unreachable', 'lost', { hint: 'Look.' }))).toEqual({
    check: 'TLS',
    state: 'broken',
    text: 'lost',
    fix: 'Look.',
  });
  expect(fine('good')).toEqual({ check: 'TLS', state: 'fine', text: 'good' });
});
