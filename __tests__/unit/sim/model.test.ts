// The model of Nomad against recordings of real servers: it reaches each recorded state of a deployment.
import { describe, expect, test } from '@jest/globals';
import { rollOut } from '../../../scripts/sim/rollout.ts';
import type { Scenario } from '../../../scripts/sim/scenario.ts';
import { type Told, telling } from '../../../scripts/sim/told.ts';
import type { Allocation, Deployment } from '../../../src/nomad/types.ts';
import { fixture } from '../../fixtures/index.ts';
import { scenario } from '../../helpers/scenarios.ts';

/** Returns the parts of a deployment that do not depend on names and times. */
function shapeOf({ Status, StatusDescription, TaskGroups }: Deployment): object {
  const groups = Object.values(TaskGroups ?? {}).map((group) => {
    const { DesiredTotal, DesiredCanaries, PlacedAllocs, HealthyAllocs, UnhealthyAllocs, Promoted, AutoPromote, AutoRevert } = group;
    return { DesiredTotal, DesiredCanaries, PlacedAllocs, HealthyAllocs, UnhealthyAllocs, Promoted, AutoPromote, AutoRevert };
  });
  return { Status, StatusDescription, groups };
}

const crashes = { how: 'crashes', afterMs: 100, startMs: 5, restarts: 0 } as const;
const stuck = { ...crashes, how: 'stuck' } as const;
const update = (parts: Partial<Scenario>): Scenario => scenario({ hasPrevious: true, lives: [stuck], ...parts }, { count: 2 });

const RECORDED: Readonly<Record<string, Scenario>> = {
  'deployment-cancelled-job-stopped': update({ acts: [{ does: 'stop', atMs: 900 }] }),
  'deployment-cancelled-newer-version': update({ acts: [{ does: 'newer', atMs: 900 }] }),
  'deployment-failed-autorevert': scenario({ hasPrevious: true, lives: [crashes] }, { autoRevert: true }),
  'deployment-failed-progress-deadline': scenario({ progressDeadlineMs: 14_000, lives: [crashes] }, { attempts: 5, delayMs: 4_500 }),
  'deployment-failed-unhealthy': scenario({ lives: [crashes] }),
  'deployment-needs-promotion': scenario({ hasPrevious: true }, { count: 2, canary: 1 }),
  'deployment-nothing-placed': scenario({ room: { extra: 0, forMs: 60_000 } }),
  'deployment-partial-placement': scenario({ room: { extra: 2, forMs: 60_000 } }, { count: 3 }),
  'deployment-paused': update({ acts: [{ does: 'pause', atMs: 900 }] }),
  'deployment-running': update({}),
  'deployment-successful': scenario({}, { count: 2 }),
};

const MAX_CHANCES = 100;
const SETTLE_MS = 6_000;
const fast = { ...crashes, afterMs: 10 };

/** The rollouts of scripts/record-histories.ts. */
const HISTORIES: Readonly<Record<string, Scenario>> = {
  'first-version': scenario(),
  update: scenario({ hasPrevious: true }),
  failure: scenario({ lives: [fast] }),
  'rolled-back': scenario({ hasPrevious: true, lives: [fast] }, { autoRevert: true }),
  'canary-rolled-back': scenario({ hasPrevious: true, lives: [fast] }, { autoRevert: true, canary: 1 }),
  'canary-failed': scenario({ hasPrevious: true, lives: [fast] }, { canary: 1 }),
  'canary-promoted': scenario({ hasPrevious: true }, { canary: 1, autoPromote: true }),
  stopped: scenario({ minHealthyMs: 5_000, acts: [{ does: 'stop', atMs: 2_500 }] }),
  'at-once': scenario({ atOnce: true, acts: [{ does: 'newer', atMs: 1_000 }] }),
  system: scenario({ type: 'system', systemDeployments: true }),
  'system-failure': scenario({ type: 'system', systemDeployments: true, lives: [fast] }),
  'system-update': scenario({ type: 'system', systemDeployments: true, hasPrevious: true }),
  batch: scenario({ type: 'batch', lives: [{ ...fast, how: 'well', afterMs: 1_000 }] }),
};

describe('the model', () => {
  test.each(Object.keys(RECORDED))('reaches what a server was recorded with: %s', async (name) => {
    const recorded = [fixture<Deployment | readonly Deployment[]>(name)].flat();
    const { history } = await rollOut(RECORDED[name] ?? scenario());
    const reached = history.flatMap(({ deployments }) => deployments.map(shapeOf));
    for (const one of recorded) expect(reached).toContainEqual(shapeOf(one));
  });

  const { version, histories } = fixture<{ readonly version: string; readonly histories: Readonly<Record<string, Told>> }>('histories');

  test.each(Object.keys(histories))(
    `has a whole history that the event stream of Nomad ${version} told: %s`,
    async (name) => {
      // The updates of a client come in more than one order, which chance decides in the model.
      const found = new Set<string>();
      const wanted = JSON.stringify(histories[name]);
      for (let chance = 0; chance < MAX_CHANCES && !found.has(wanted); chance++) {
        const { history } = await rollOut({ ...(HISTORIES[name] ?? scenario()), chance }, { lingerMs: SETTLE_MS });
        const one = telling();
        for (const { deployments, allocations } of history) {
          for (const deployment of deployments) one.deployment(deployment);
          for (const allocation of allocations) one.allocation(allocation);
        }
        found.add(JSON.stringify(one.told()));
      }
      expect([...found].map((text) => JSON.parse(text) as Told)).toContainEqual(histories[name]);
    },
    60_000,
  );

  test('replaces failed allocations as a server was recorded to', async () => {
    const shape = ({ DesiredStatus, ClientStatus, NextAllocation, FollowupEvalID, DeploymentStatus }: Allocation): string =>
      [DesiredStatus, ClientStatus, Boolean(NextAllocation), Boolean(FollowupEvalID), DeploymentStatus?.Healthy].join(' ');
    const recorded = fixture<readonly Allocation[]>('allocations-rescheduled').map(shape);
    const { history } = await rollOut(RECORDED['deployment-failed-progress-deadline'] ?? scenario());
    const reached = new Set(history.flatMap(({ allocations }) => allocations.map(shape)));
    expect(recorded.filter((one) => !reached.has(one))).toEqual([]);
  });
});
