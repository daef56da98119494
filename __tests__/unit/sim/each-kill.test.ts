// The death of a run at every request of some deploys, right before and right after the request takes effect, and the next run of the same spec.
import { describe, expect, test } from '@jest/globals';
import { rollOut } from '../../../scripts/sim/rollout.ts';
import type { Scenario } from '../../../scripts/sim/scenario.ts';
import { problemsOf } from '../../../scripts/sim/seeds.ts';
import { whole as same, scenario } from '../../helpers/scenarios.ts';

const crashes = { how: 'crashes', afterMs: 100, startMs: 5, restarts: 0 } as const;
const whole = { ...same, newSecret: true };

const PLAIN: Readonly<Record<string, Scenario>> = {
  'a first version': scenario({ whole }),
  'an update with another secret': scenario({ hasPrevious: true, whole }),
  'an update with the same secret': scenario({ hasPrevious: true, whole: { ...whole, newSecret: false } }),
  'a failure that Nomad rolls back': scenario({ hasPrevious: true, lives: [crashes], whole }, { autoRevert: true }),
  'a failure that the run rolls back': scenario({ hasPrevious: true, lives: [crashes], revertsItself: true, whole }),
  'canaries that the run promotes': scenario({ hasPrevious: true, promote: 'auto', whole }, { canary: 1 }),
  'a batch job': scenario({ type: 'batch', hasPrevious: true, whole }),
};

describe('the next run after a death at each request', () => {
  test.each(Object.keys(PLAIN))(
    'of %s',
    async (name) => {
      const plain = PLAIN[name] ?? scenario({ whole });
      const { before } = await rollOut(plain);
      const found: string[] = [];
      for (let request = 1; request <= (before?.requests ?? 0); request++) {
        for (const took of [false, true]) {
          for (const pauseMs of [1, 30_000]) {
            const problems = await problemsOf({ ...plain, whole: { ...whole, ...plain.whole, kill: { request, took }, pauseMs } });
            found.push(...problems.map((problem) => `request ${request}, ${took ? 'after' : 'before'}, ${pauseMs} ms: ${problem}`));
          }
        }
      }
      expect(found).toEqual([]);
    },
    60_000,
  );
});
