import { ActionError, messageOf } from '../errors.ts';
import type { FindingRecord } from '../report/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { formatDuration } from '../text/index.ts';
import type { CheckName } from './checks.ts';

/** A fact, or the reason why it is not known. */
export type Fact<T> = T | ActionError;

/** The result of a check. */
export type Finding = FindingRecord & { readonly check: CheckName };

export const isKnown = <T>(fact: Fact<T>): fact is T => !(fact instanceof ActionError);

/** The longest time of a question to Nomad, a registry or GitHub, and of a program. */
export const QUESTION_MS = 8_000;
export const PROGRAM_MS = 20_000;

/** Asks for a fact within `limitMs`. Rejects only when the run is cancelled. */
export async function factOf<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  limitMs: number,
  { clock, signal }: Pick<Runtime, 'clock' | 'signal'>,
): Promise<Fact<T>> {
  const late = clock.timeout(limitMs);
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = (): void => reject(late.reason);
  late.addEventListener('abort', end, { once: true });
  try {
    // A question that does not heed its signal is left alone.
    return await Promise.race([ask(AbortSignal.any([signal, late])), ended]);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ActionError) return error;
    const words = late.aborted ? `no answer within ${formatDuration(limitMs)}` : messageOf(error);
    return new ActionError('unreachable', words, { cause: error });
  } finally {
    late.removeEventListener('abort', end);
  }
}

/** Makes the results of one check. */
export function findingsOf(check: CheckName) {
  return {
    fine: (text: string): Finding => ({ check, state: 'fine', text }),
    warning: (text: string, fix?: string): Finding => ({ check, state: 'warning', text, ...(fix === undefined ? {} : { fix }) }),
    broken: (text: string, fix?: string): Finding => ({ check, state: 'broken', text, ...(fix === undefined ? {} : { fix }) }),
    unchecked: (why: string, fix?: string): Finding => ({
      check,
      state: 'not-checked',
      text: `not checked, because ${why}`,
      ...(fix === undefined ? {} : { fix }),
    }),
    /** The check failed with an error that a deploy would have, too. */
    failed: ({ message, hint }: ActionError): Finding => ({
      check,
      state: 'broken',
      text: message,
      ...(hint === undefined ? {} : { fix: hint }),
    }),
  };
}
