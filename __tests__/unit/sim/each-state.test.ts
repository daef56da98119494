// States that are not seen, and older states that are answered: each of some short histories.
import { describe, expect, test } from '@jest/globals';
import { rollOut } from '../../../scripts/sim/rollout.ts';
import type { Scenario } from '../../../scripts/sim/scenario.ts';
import { problemsOf } from '../../../scripts/sim/seeds.ts';
import { scenario } from '../../helpers/scenarios.ts';

const crashes = { how: 'crashes', afterMs: 100, startMs: 5, restarts: 0 } as const;

const PLAIN: Readonly<Record<string, Scenario>> = {
  'a first version': scenario(),
  'a failure that Nomad rolls back': scenario({ hasPrevious: true, lives: [crashes] }, { autoRevert: true }),
  'canaries that the run promotes': scenario({ hasPrevious: true, promote: 'auto' }, { canary: 1 }),
  'a task that fails shortly before the success': scenario({ lives: [{ ...crashes, how: 'fails-later', afterMs: 900 }] }),
  'a version that another run replaces': scenario({ acts: [{ does: 'newer', atMs: 800 }] }),
  'a batch job': scenario({ type: 'batch' }),
};

/** The longest history that is tried as a whole. */
const MAX_STATES = 60;

describe('a history', () => {
  test.each(Object.keys(PLAIN))(
    'each state of which is shown late, or never: %s',
    async (name) => {
      const plain = PLAIN[name] ?? scenario();
      const found: string[] = [];
      const { length } = (await rollOut(plain)).history;
      expect(length).toBeLessThan(MAX_STATES);
      const single = Array.from({ length }, (_, offset) => ({ every: MAX_STATES, offset }));
      const rows = [2, 3, 4, 5].flatMap((every) => Array.from({ length: every }, (_, offset) => ({ every, offset })));
      for (const unseen of [...single, ...rows]) {
        const problems = await problemsOf({ ...plain, unseen: { ...unseen, forMs: 2_000 } });
        found.push(...problems.map((problem) => `${JSON.stringify(unseen)}: ${problem}`));
      }
      expect(found).toEqual([]);
    },
    60_000,
  );

  test.each(Object.keys(PLAIN))(
    'each older state of which answers each request: %s',
    async (name) => {
      const plain = PLAIN[name] ?? scenario();
      const { requests } = await rollOut(plain);
      const found: string[] = [];
      for (let nth = 1; nth <= requests; nth++) {
        for (let back = 1; back <= 12; back++) {
          const faults = [{ kind: 'stale' as const, nth, back, fromMs: 0, forMs: 0, share: 1, ms: 1_000 }];
          found.push(...(await problemsOf({ ...plain, faults })).map((problem) => `${back} states back at request ${nth}: ${problem}`));
        }
      }
      expect(found).toEqual([]);
    },
    60_000,
  );
});
