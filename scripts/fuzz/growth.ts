// The growth of the work of a function with its text: by the processor time of this thread, so that other programs do not count.

/** Work is measured from this many microseconds on: below, the compiler decides, and the clock, which some kernels move by ticks of 4 ms. */
const ENOUGH_US = 12_000;
/** A growth that is seen in less time than this is looked at again with a larger text. */
const PATIENCE_US = 200_000;
/** Four times the text takes four times the work where it is linear, and sixteen times where it is quadratic. */
export const BOUND = 9;
/** The largest text of the long form, in characters. */
const MEGABYTE = 2 ** 20;
const SMALLEST = 2 ** 8;
const ROUNDS = 3;

/** Returns whether an error is none that a reader means: of a missing property, or of a stack or a text that is too large. */
export function isBug(thrown: unknown): boolean {
  return !(thrown instanceof Error) || thrown instanceof TypeError || thrown instanceof RangeError || thrown instanceof ReferenceError;
}

/** Reads a text. A refusal of the text is an end like any other. */
export type Read = (text: string) => unknown;

async function microsecondsOf(read: Read, text: string): Promise<number> {
  const before = process.threadCpuUsage();
  try {
    await read(text);
  } catch (thrown) {
    if (isBug(thrown)) throw thrown;
  }
  const { user, system } = process.threadCpuUsage(before);
  return user + system;
}

/**
 * Returns how many times the work for a text the work for four times the text is. The text grows until the work can be measured; a function that is done with
 * `most` characters by then is fast enough, and has the growth 1. A growth beyond the bound is measured again, for a machine that does other things.
 */
export async function growth(read: Read, make: (size: number) => string, most = MEGABYTE): Promise<number> {
  for (let size = SMALLEST; 4 * size <= most; size *= 4) {
    const text = make(size);
    let small = await microsecondsOf(read, text);
    if (small < ENOUGH_US) continue;
    // The first time includes the compiler.
    for (let round = 1; round < ROUNDS; round++) small = Math.min(small, await microsecondsOf(read, text));
    if (small < ENOUGH_US) continue;
    const large = make(4 * size);
    let found = Number.POSITIVE_INFINITY;
    for (let round = 0; round < ROUNDS && found > BOUND; round++) found = Math.min(found, (await microsecondsOf(read, large)) / small);
    // A repetition with a limit is quadratic below that, and linear above.
    if (found > BOUND && found * small < PATIENCE_US) continue;
    return found;
  }
  return 1;
}
