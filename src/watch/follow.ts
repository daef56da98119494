import type { Clock } from '../runtime/runtime.ts';

/** The pause between two questions without an index, which a proxy may have removed. */
const WITHOUT_INDEX_MS = 1_000;

/** Repeats a blocking query and hands over every new answer, until the signal aborts. Awaits `before` before each question. */
export async function follow<T>(
  read: (index: number) => Promise<{ readonly value: T; readonly index: number }>,
  onValue: (value: T) => void | Promise<void>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  before?: (first: boolean) => Promise<void>,
): Promise<void> {
  for (let [index, first] = [0, true]; !signal.aborted; first = false) {
    await before?.(first);
    const answer = await read(index);
    if (first || answer.index === 0 || answer.index !== index) await onValue(answer.value);
    if (answer.index === 0) await clock.sleep(WITHOUT_INDEX_MS, signal);
    // A smaller index belongs to another server's history: start again from 0.
    index = answer.index < index ? 0 : answer.index;
  }
}
