/** Repeats a blocking query and hands over every new answer, until the signal aborts. `before` is waited for before each question. */
export async function follow<T>(
  read: (index: number) => Promise<{ readonly value: T; readonly index: number }>,
  onValue: (value: T) => void | Promise<void>,
  signal: AbortSignal,
  before?: (first: boolean) => Promise<void>,
): Promise<void> {
  for (let index = 0; !signal.aborted; ) {
    await before?.(index === 0);
    const answer = await read(index);
    if (answer.index !== index) await onValue(answer.value);
    // An index that goes back belongs to another server's history: begin anew.
    index = answer.index < index ? 0 : Math.max(answer.index, 1);
  }
}
