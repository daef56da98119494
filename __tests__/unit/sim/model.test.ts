// The model of Nomad against recordings of real servers: it reaches each recorded state of a deployment.
import { describe, expect, test } from '@jest/globals';
import { rollOut } from '../../../scripts/sim/rollout.ts';
import type { Scenario } from '../../../scripts/sim/scenario.ts';
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

describe('the model', () => {
  test.each(Object.keys(RECORDED))('reaches what a server was recorded with: %s', async (name) => {
    const recorded = [fixture<Deployment | readonly Deployment[]>(name)].flat();
    const { history } = await rollOut(RECORDED[name] ?? scenario());
    const reached = history.flatMap(({ deployments }) => deployments.map(shapeOf));
    for (const one of recorded) expect(reached).toContainEqual(shapeOf(one));
  });

  test('replaces failed allocations as a server was recorded to', async () => {
    const shape = ({ DesiredStatus, ClientStatus, NextAllocation, FollowupEvalID, DeploymentStatus }: Allocation): string =>
      [DesiredStatus, ClientStatus, Boolean(NextAllocation), Boolean(FollowupEvalID), DeploymentStatus?.Healthy].join(' ');
    const recorded = fixture<readonly Allocation[]>('allocations-rescheduled').map(shape);
    const { history } = await rollOut(RECORDED['deployment-failed-progress-deadline'] ?? scenario());
    const reached = new Set(history.flatMap(({ allocations }) => allocations.map(shape)));
    expect(recorded.filter((one) => !reached.has(one))).toEqual([]);
  });
});
