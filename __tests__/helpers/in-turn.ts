/**
 * Returns a function that starts each work when the one before it has ended, whatever became of it. Tests that build on one another use it to keep their
 * order within `test.concurrent`, beside the tests of other jobs.
 */
export function inTurn(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return async (work) => {
    const own = last.then(work);
    last = own.catch(() => undefined);
    return own;
  };
}
