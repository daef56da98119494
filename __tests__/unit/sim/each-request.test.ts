// Every kind of fault at every single request of some rollouts.
import { describe, expect, test } from '@jest/globals';
import { rollOut } from '../../../scripts/sim/rollout.ts';
import type { Scenario } from '../../../scripts/sim/scenario.ts';
import { problemsOf } from '../../../scripts/sim/seeds.ts';
import { FAULTS } from '../../../scripts/sim/wire.ts';
import { scenario } from '../../helpers/scenarios.ts';

const crashes = { how: 'crashes', afterMs: 100, startMs: 5, restarts: 0 } as const;

const PLAIN: Readonly<Record<string, Scenario>> = {
  'a first version': scenario(),
  'a failure that Nomad rolls back': scenario({ hasPrevious: true, lives: [crashes] }, { autoRevert: true }),
  'a failure that the run rolls back': scenario({ hasPrevious: true, lives: [crashes], revertsItself: true }),
  'canaries that the run promotes': scenario({ hasPrevious: true, promote: 'auto' }, { canary: 1 }),
  'a task that fails shortly before the success': scenario({ lives: [{ ...crashes, how: 'fails-later', afterMs: 900 }] }),
  'a batch job': scenario({ type: 'batch' }),
};

describe('each fault at each request', () => {
  test.each(Object.keys(PLAIN))(
    'of %s',
    async (name) => {
      const plain = PLAIN[name] ?? scenario();
      const { requests } = await rollOut(plain);
      const found: string[] = [];
      for (let nth = 1; nth <= requests; nth++) {
        for (const kind of FAULTS) {
          const faults = [{ kind, nth, fromMs: 0, forMs: 0, share: 1, ms: 3_000 }];
          found.push(...(await problemsOf({ ...plain, faults })).map((problem) => `${kind} at request ${nth}: ${problem}`));
        }
      }
      expect(found).toEqual([]);
    },
    60_000,
  );
});
