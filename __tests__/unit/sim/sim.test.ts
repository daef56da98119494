import { describe, expect, test } from '@jest/globals';
import { type INVARIANTS, violations } from '../../../scripts/sim/invariants.ts';
import { type Ended, rollOut } from '../../../scripts/sim/rollout.ts';
import { problemsOf, scenarioOf, simplest } from '../../../scripts/sim/seeds.ts';
import type { State } from '../../../scripts/sim/state.ts';
import { FOUND, scenario, whole } from '../../helpers/scenarios.ts';

const crashes = { how: 'crashes', afterMs: 100, startMs: 5, restarts: 0 } as const;

describe('a simulated rollout', () => {
  test('is the same for the same seed', async () => {
    const [first, second] = [await rollOut(scenarioOf(7), { traces: true }), await rollOut(scenarioOf(7), { traces: true })];
    expect(first.trace.length).toBeGreaterThan(10);
    expect(second.trace).toEqual(first.trace);
  });

  test('of 150 seeds holds every invariant', async () => {
    const found: string[] = [];
    for (let seed = 1; seed <= 150; seed++) found.push(...(await problemsOf(scenarioOf(seed))).map((problem) => `${seed} ${problem}`));
    expect(found).toEqual([]);
  }, 60_000);

  test.each(Object.keys(FOUND))('holds every invariant that it once broke: %s', async (name) => {
    expect(await problemsOf(FOUND[name] ?? scenario())).toEqual([]);
  });

  test.each([
    ['successful', scenario(), {}],
    ['failed', scenario({ lives: [crashes] }), { failureReason: 'unhealthy' }],
    ['failed', scenario({ hasPrevious: true, lives: [crashes] }, { autoRevert: true }), { failureReason: 'unhealthy-rolled-back' }],
    ['failed', scenario({ hasPrevious: true, lives: [crashes], revertsItself: true }), { failureReason: 'unhealthy-rolled-back' }],
    ['failed', scenario({ lives: [{ ...crashes, how: 'stuck' }] }, { attempts: 1 }), { failureReason: 'progress-deadline' }],
    ['superseded', scenario({ acts: [{ does: 'newer', atMs: 500 }] }), {}],
    ['cancelled', scenario({ acts: [{ does: 'stop', atMs: 500 }] }), {}],
    ['cancelled', scenario({ acts: [{ does: 'purge', atMs: 500 }] }), {}],
    ['failed', scenario({ acts: [{ does: 'fail', atMs: 500 }] }), { failureReason: 'marked-failed' }],
    ['awaiting-promotion', scenario({ hasPrevious: true, promote: 'manual' }, { canary: 1 }), {}],
    ['successful', scenario({ hasPrevious: true, promote: 'auto' }, { canary: 1, count: 3 }), {}],
    ['successful', scenario({ hasPrevious: true }, { canary: 1, count: 3, autoPromote: true }), {}],
    ['failed', scenario({ room: { extra: 0, forMs: 60_000 } }), { failureReason: 'placement-failed' }],
    ['successful', scenario({ room: { extra: 0, forMs: 10_000 } }), {}],
    ['successful', scenario({ type: 'batch' }), {}],
    ['failed', scenario({ type: 'batch', lives: [crashes] }), { failureReason: 'task-failed' }],
    ['successful', scenario({ type: 'batch', lives: [crashes, { ...crashes, how: 'well' }] }, { attempts: 1 }), {}],
  ] as const)('is told as %s', async (outcome, given, more) => {
    const ended = await rollOut(given);
    expect(ended.thrown).toBeUndefined();
    expect(ended.result).toMatchObject({ outcome, ...more });
    expect(violations(ended)).toEqual([]);
  });
});

describe('an invariant', () => {
  /** A model whose answers hide every failure. */
  const hiding = (state: State): State => ({
    ...state,
    deployments: state.deployments.map((one) =>
      one.Status === 'failed' ? { ...one, Status: 'successful', StatusDescription: 'Deployment completed successfully' } : one,
    ),
    allocations: state.allocations.map((one) =>
      one.ClientStatus === 'failed' ? { ...one, ClientStatus: 'running', DeploymentStatus: { Healthy: true }, TaskStates: null } : one,
    ),
  });

  test('finds the verdict on a model that lies, and a simpler scenario of it', async () => {
    const lied = async (given: Parameters<typeof rollOut>[0]): Promise<string[]> => violations(await rollOut(given, { seen: hiding }));
    const problem = 'the verdict is the truth: told as successful, and never was';
    expect(await lied(scenario({ lives: [crashes] }))).toContain(problem);
    let seed = 1;
    while (!(await lied(scenarioOf(seed))).includes(problem)) seed += 1;
    const found = await simplest(seed, problem, lied);
    expect(JSON.stringify(found).length).toBeLessThanOrEqual(JSON.stringify(scenarioOf(seed)).length);
    expect(await lied(found)).toContain(problem);
  }, 60_000);

  const SPOILT: Readonly<Record<keyof typeof INVARIANTS, (ended: Ended) => Partial<Ended>>> = {
    'the verdict is the truth': () => ({ result: { outcome: 'successful' } }),
    'no unexpected error': () => ({ thrown: new Error('x is undefined') }),
    'nothing is registered twice': ({ writes }) => ({ writes: [...writes, ...writes] }),
    'no write after the verdict but a revert': ({ verdictMs }) => ({
      writes: [{ atMs: verdictMs + 1, call: 'POST /v1/jobs', status: 200, index: 1 }],
    }),
    'the run ends in time': ({ registeredMs, scenario: { timeoutMs } }) => ({ verdictMs: registeredMs + timeoutMs + 2_001 }),
    'told soon after the end': ({ verdictMs }) => ({ verdictMs: verdictMs + 4_000 }),
    'the cause names the task that failed': ({ verdictMs }) => ({
      verdictMs: verdictMs + 10_000,
      result: { outcome: 'failed', failureReason: 'unhealthy', cause: 'something failed' },
    }),
    'requests within bounds': () => ({ requests: 1_000 }),
    'a cancelled run ends in the time of the runner': ({ endedMs }) => ({ cancelledMs: endedMs - 7_501 }),
    'the secrets of each serving version stay readable': ({ history }) => ({
      history: history.map((state) => ({ ...state, variables: [] })),
    }),
    'the model knows the request': () => ({ unknown: ['GET /v1/new'] }),
  };

  test.each(Object.keys(SPOILT) as (keyof typeof INVARIANTS)[])('can fail: %s', async (name) => {
    const ended = await rollOut(scenario({ lives: [crashes], ...(name.startsWith('the secrets') ? { whole } : {}) }));
    expect(violations(ended)).toEqual([]);
    expect(violations({ ...ended, ...SPOILT[name](ended) }).map((one) => one.replace(/:.*/s, ''))).toContain(name);
  });
});
