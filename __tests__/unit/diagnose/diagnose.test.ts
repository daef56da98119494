import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../../../src/diagnose/diagnose.ts';
import type { Snapshot } from '../../../src/diagnose/seen.ts';
import type { Nomad } from '../../../src/nomad/connect.ts';
import type { Allocation, Deployment, Job, NodeSummary, TaskGroup } from '../../../src/nomad/types.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import type { Runtime } from '../../../src/runtime/runtime.ts';
import { allocation, deployment, snapshot } from '../../helpers/rollouts.ts';

const DEADLINE = 'Failed due to progress deadline';
const VERDICT = { outcome: 'failed', reason: 'progress-deadline', description: DEADLINE } as const;
const half = (): Deployment => ({
  ...deployment('failed', DEADLINE),
  JobVersion: 1,
  TaskGroups: {
    g: { DesiredTotal: 2, DesiredCanaries: 0, PlacedAllocs: 1, HealthyAllocs: 1, UnhealthyAllocs: 0, Promoted: false, AutoPromote: false },
  },
});
const healthy = allocation('running', { DeploymentStatus: { Healthy: true } });

/** The cause of a version of which one of two allocations is healthy, beside allocations of the version before. */
async function cause(
  older: readonly Allocation[],
  {
    nodes,
    group = {},
    seen = {},
  }: { nodes?: readonly Partial<NodeSummary>[] | undefined; group?: Partial<TaskGroup>; seen?: Partial<Snapshot> } = {},
): Promise<string> {
  const nomad = {
    jobs: { allocations: async () => ({ value: [...older, healthy], index: 1 }) },
    nodes: { list: async () => nodes },
    allocations: { logTail: async () => [] },
  } as unknown as Nomad;
  const runtime = {
    clock: { ...systemClock, now: () => 0, sleep: async () => undefined },
    signal: new AbortController().signal,
    redact: (text: string) => text,
  } as unknown as Runtime;
  const job: Job = { ID: 'web', Name: 'web', TaskGroups: [{ Name: 'g', Count: 2, ...group }] };
  const now = snapshot({ deployment: half(), allocations: [healthy], ...seen });
  return (await diagnose(VERDICT, now, { job, namespace: 'default', nomad, runtime, logLines: 5, collected: [] })).cause;
}

describe('a version that is not complete', () => {
  const old = (ClientStatus: string, parts: Partial<Allocation> = {}): Allocation =>
    allocation(ClientStatus, { ID: 'bbbbbbbb-1', JobVersion: 0, NodeName: 'node-2', ...parts });
  const HELD = 'group g waits for allocation bbbbbbbb of the older version 0: the node node-2 is disconnected or down; reconnect that node';
  const UNFINISHED = 'group g has 1 of 2 allocations healthy at the end of progress_deadline; raise `progress_deadline`';

  test.each<[string, Allocation[], Parameters<typeof cause>[1], string]>([
    ['is held up by an older one on a node that is disconnected', [old('unknown')], {}, HELD],
    [
      'is held up by one that is to stop on a node that does not answer',
      [old('running', { DesiredStatus: 'stop' })],
      { nodes: [{ Name: 'node-2', Status: 'down' }] },
      HELD,
    ],
    ['is not held up by one on a node that answers', [old('running')], { nodes: [{ Name: 'node-2', Status: 'ready' }] }, UNFINISHED],
    ['is not held up by one whose node may not be seen', [old('running')], {}, UNFINISHED],
    ['is not held up by one that has ended', [old('lost'), old('complete')], {}, UNFINISHED],
    [
      'is not held up by one of another group',
      [old('unknown', { TaskGroup: 'h' })],
      {
        seen: {
          deployment: {
            ...half(),
            TaskGroups: { ...half().TaskGroups, h: { ...half().TaskGroups?.['g'], HealthyAllocs: 2 } },
          } as Deployment,
        },
      },
      UNFINISHED,
    ],
    [
      'may be held up as its spec wants it',
      [old('unknown')],
      { group: { Disconnect: { Replace: false } } },
      `${HELD}, or set \`replace = true\` in \`disconnect\``,
    ],
    [
      'may be held up for as long as its spec says',
      [old('unknown')],
      { group: { Disconnect: { Replace: true } } },
      `${HELD}, or lower \`lost_after\` of \`disconnect\``,
    ],
  ])('%s', async (_what, older, options, sentence) => expect(await cause(older, options)).toBe(sentence));

  test('is not held up by an older one when something of its own has failed', async () => {
    const Events = [{ Type: 'Terminated', Time: 1, DisplayMessage: '', Details: { exit_code: '3' } }];
    const failed = allocation('failed', { TaskStates: { t: { State: 'dead', Failed: true, Restarts: 0, Events } } });
    expect(await cause([old('unknown')], { seen: { allocations: [healthy, failed] } })).toMatch(/^g\/t exited with code 3/);
  });
});
