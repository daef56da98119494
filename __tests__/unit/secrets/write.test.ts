// The write of a variable whose answer is lost, on its way to Nomad or on its way back.
import { describe, expect, test } from '@jest/globals';
import { ActionError } from '../../../src/errors.ts';
import type { Nomad } from '../../../src/nomad/connect.ts';
import type { Variable } from '../../../src/nomad/types.ts';
import { writeSecrets } from '../../../src/secrets/write.ts';

const PATH = 'nomad/jobs/web';
type Loss = 'request' | 'answer' | undefined;

/** A Nomad with one variable. `loss` says what gets lost of the nth write, from 1. */
function nomadWith(held: Variable | undefined, loss: (count: number) => Loss) {
  let [variable, index, count] = [held, held?.ModifyIndex ?? 0, 0];
  const set = async (items: Readonly<Record<string, string>> | undefined, cas: number): Promise<number | undefined> => {
    count += 1;
    const lost = loss(count);
    const fits = (variable?.ModifyIndex ?? 0) === cas;
    if (lost !== 'request' && fits) {
      index += 1;
      variable = items === undefined ? undefined : ({ Path: PATH, Items: items, ModifyIndex: index } as unknown as Variable);
    }
    if (lost !== undefined) throw new ActionError('unknown-outcome', 'the answer ended too soon');
    return fits ? index : undefined;
  };
  const variables: Pick<Nomad['variables'], 'read' | 'write' | 'remove' | 'newestIndex'> = {
    read: async () => variable,
    write: async (_path, items, cas) => set(items, cas),
    remove: async (_path, cas) => (await set(undefined, cas)) !== undefined,
    newestIndex: () => held?.ModifyIndex ?? 0,
  };
  return { nomad: { variables } as Nomad, items: () => variable?.Items, writes: () => count };
}

const change = (items: Readonly<Record<string, string>>, previous?: Variable) => ({
  ...{ namespace: 'default', release: 'r', older: {}, provenance: undefined, warnings: [] },
  variables: [{ path: PATH, items, previous, changed: true }],
});
const OLD = { Path: PATH, Items: { A: 'old' }, ModifyIndex: 5 } as unknown as Variable;

describe('a lost write', () => {
  test.each<[Loss & string, number]>([
    ['answer', 1],
    ['request', 2],
  ])('is found by the variable, or repeated (%s)', async (lost, writes) => {
    const { nomad, items, writes: count } = nomadWith(OLD, (n) => (n === 1 ? lost : undefined));
    const written = await writeSecrets(change({ A: 'new' }, OLD), nomad);
    expect([items(), count()]).toEqual([{ A: 'new' }, writes]);
    // The undo knows the index of the write.
    if ('undo' in written) await written.undo();
    expect(items()).toEqual({ A: 'old' });
  });

  test('is found where it removed the variable', async () => {
    const { nomad, items, writes } = nomadWith(OLD, () => 'answer');
    expect(await writeSecrets(change({}, OLD), nomad)).toHaveProperty('undo');
    expect([items(), writes()]).toEqual([undefined, 1]);
  });

  test('that another client overtook is a conflict', async () => {
    const { nomad } = nomadWith({ ...OLD, Items: { A: 'theirs' }, ModifyIndex: 6 }, () => 'request');
    expect(await writeSecrets(change({ A: 'new' }, OLD), nomad)).toEqual({ conflict: PATH });
  });

  test('that meets the same items, which another run wrote before, is a conflict, and takes nothing of them back', async () => {
    const theirs = { ...OLD, Items: { A: 'new' } };
    // A restored server answered that there is no variable.
    const { nomad, items } = nomadWith(theirs, () => 'answer');
    expect(await writeSecrets(change({ A: 'new' }), nomad)).toEqual({ conflict: PATH });
    expect(items()).toEqual({ A: 'new' });
  });

  test('that never gets through is told', async () => {
    const { nomad, items, writes } = nomadWith(OLD, () => 'request');
    await expect(writeSecrets(change({ A: 'new' }, OLD), nomad)).rejects.toMatchObject({ code: 'unknown-outcome' });
    expect([items(), writes()]).toEqual([{ A: 'old' }, 3]);
  });
});
