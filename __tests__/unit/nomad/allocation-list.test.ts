import { describe, expect, test } from '@jest/globals';
import { shortenAllocations } from '../../../src/nomad/allocation-list.ts';
import type { Allocation } from '../../../src/nomad/types.ts';
import { fixture } from '../../fixtures/index.ts';

describe('a list of allocations', () => {
  const raw = fixture<(Allocation & { readonly NodeID: string })[]>('alloc-failed-exit-1');
  const parsed = shortenAllocations(raw);

  test('keeps what decides and explains', () => {
    const { ID, ClientStatus, DesiredStatus, JobVersion, ModifyIndex, CreateIndex, NodeName, JobID } = raw[0] ?? ({} as Allocation);
    expect(parsed[0]).toMatchObject({ ID, ClientStatus, DesiredStatus, JobVersion, ModifyIndex, CreateIndex, NodeName, JobID });
    const events = Object.values(raw[0]?.TaskStates ?? {}).flatMap((state) => state.Events ?? []);
    expect(events.length).toBeGreaterThan(3);
    expect(Object.values(parsed[0]?.TaskStates ?? {}).flatMap((state) => state.Events ?? [])).toEqual(
      events.map(({ Type, Time, DisplayMessage, Details }) => ({ Type, Time, DisplayMessage, Details })),
    );
  });

  test('drops what nobody reads: hundreds of allocations are held while a rollout goes on', () => {
    expect(parsed[0]).not.toHaveProperty('NodeID');
    expect(JSON.stringify(parsed).length).toBeLessThan(JSON.stringify(raw).length / 2);
  });

  test('of tasks that have not begun has none', () => {
    expect(shortenAllocations([{ ...raw[0], TaskStates: null }])[0]?.TaskStates).toEqual({});
  });
});
