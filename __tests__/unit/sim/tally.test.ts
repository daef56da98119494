import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { reliabilityPage } from '../../../scripts/sim/page.ts';
import { simulate, simulateIn } from '../../../scripts/sim/processes.ts';
import { historyOf, NOTHING, sum, tallyOf } from '../../../scripts/sim/tally.ts';
import type { Fault } from '../../../scripts/sim/wire.ts';
import { emptyFolder } from '../../helpers/folder.ts';
import { scenario } from '../../helpers/scenarios.ts';

const fault = (kind: Fault['kind']): Fault => ({ kind, fromMs: 0, forMs: 1, share: 1, ms: 10 });
const page = (tally: typeof NOTHING): string => reliabilityPage({ tally, seed: 3, seconds: 2, commit: 'abc1234', date: '2026-11-30' });

describe('the counts of simulated rollouts', () => {
  test('have a rollout at each of its kinds of faults, and once in the total', () => {
    const tally = [
      tallyOf(3, scenario({ faults: [fault('reset'), fault('slow'), fault('reset')] }), []),
      tallyOf(4, scenario({ faults: [fault('reset')], hasPrevious: true }), ['the verdict is the truth: told as failed 12']),
      tallyOf(5, scenario(), []),
    ].reduce(sum, NOTHING);
    expect(tally.all).toEqual({ rollouts: 3, broken: { 'the verdict is the truth': 1 } });
    expect(tally.cells['reset']?.['first version']?.rollouts).toBe(1);
    expect(tally.cells['slow']?.['first version']?.rollouts).toBe(1);
    expect(tally.cells['none']?.['first version']?.rollouts).toBe(1);
    expect(tally.problems['the verdict is the truth: told as failed N']?.seeds).toEqual([4]);
    const text = page(tally);
    expect(text).toContain('| 2026-11-30 | abc1234 | 3 | 3 | 2 | 1 |');
    expect(text).toContain('| the verdict is the truth | 1 |');
    expect(text).toMatch(/^\| reset \|.* 1 ✗ 1 \|/m);
  });

  test('name the history of a scenario', () => {
    expect(historyOf(scenario({ acts: [{ does: 'stop', atMs: 1 }], type: 'batch' }))).toBe('other clients act');
    expect(historyOf(scenario({ hasPrevious: true }, { canary: 1 }))).toBe('canaries');
  });

  test('are the same from one process and from several', async () => {
    const row = { seed: 11, rollouts: 7, forMs: 60_000 };
    expect((await simulateIn(2, row)).tally.all).toEqual((await simulate(row)).all);
  }, 60_000);

  test('go on in a second run where the first one ended', async () => {
    const results = join(emptyFolder(), 'results.jsonl');
    const row = { seed: 11, rollouts: 7, forMs: 60_000 };
    const whole = await simulateIn(2, row, results);
    const [first = ''] = readFileSync(results, 'utf8').split('\n');
    writeFileSync(results, `${first}\n`);
    const again = await simulateIn(2, row, results);
    expect(again.tally).toEqual(whole.tally);
    expect(readFileSync(results, 'utf8').split('\n')[0]).toBe(first);
  }, 60_000);
});
