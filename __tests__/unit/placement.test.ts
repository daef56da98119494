import { describe, expect, test } from '@jest/globals';
import type { AllocMetric, Evaluation } from '../../src/nomad/types.ts';
import { describePlacement } from '../../src/placement.ts';
import { fixture, fixtures } from '../fixtures/index.ts';

/** Of a recorded evaluation: why its group does not fit. */
const RECORDED: Readonly<Record<string, string>> = {
  constraint: 'group g: 1 allocation fits on none of 1 node (1 filtered by ${attr.kernel.name} = windows)',
  csi: 'group g: 1 allocation fits on none of 1 node (1 filtered by missing CSI Volume nope)',
  dc: 'group g: no eligible node in the datacenters and node pool of the job',
  distinct: 'group g: 1 allocation fits on none of 1 node (1 filtered by distinct_hosts)',
  driver: 'group g: 1 allocation fits on none of 1 node (1 filtered by missing drivers)',
  hostvol: 'group g: 1 allocation fits on none of 1 node (1 filtered by missing compatible host volumes)',
  memory: 'group g: 1 allocation fits on none of 1 node (1 short of memory)',
  'static-port3': 'group g: 1 allocation fits on none of 1 node (1 short of network: reserved port collision x=14997)',
};

describe('a recorded placement failure', () => {
  test('is described for each', () => {
    expect(Object.keys(RECORDED)).toEqual(
      fixtures('eval-failed-place-')
        .map((name) => name.replace('eval-failed-place-', ''))
        .sort(),
    );
  });
  test.each(Object.entries(RECORDED))('%s', (name, sentence) => {
    const { FailedTGAllocs } = fixture<Evaluation>(`eval-failed-place-${name}`);
    expect(Object.entries(FailedTGAllocs ?? {}).map(([group, metric]) => describePlacement(group, metric))).toEqual([sentence]);
  });
});

describe('a placement failure', () => {
  const NONE: AllocMetric = { NodesEvaluated: 4, NodesFiltered: 0, NodesExhausted: 0, CoalescedFailures: 0 };
  test.each<[string, Partial<AllocMetric>, string]>([
    [
      'for several reasons',
      { CoalescedFailures: 2, DimensionExhausted: { memory: 3 }, ConstraintFiltered: { '${meta.kind} = tcp': 1 } },
      'group web: 3 allocations fit on none of 4 nodes (3 short of memory, 1 filtered by ${meta.kind} = tcp)',
    ],
    [
      'for a quota',
      { QuotaExhausted: ['memory exhausted'] },
      'group web: 1 allocation fits on none of 4 nodes (quota exhausted: memory exhausted)',
    ],
    [
      'for want of Consul, which Nomad asks for by itself',
      { ConstraintFiltered: { '${attr.consul.version} semver >= 1.8.0': 4 } },
      "group web: 1 allocation fits on none of 4 nodes (4 filtered by ${attr.consul.version} semver >= 1.8.0: no Consul there; NOMAD_VAR_SERVICE_PROVIDER=nomad uses Nomad's own services)",
    ],
    [
      'for no reason',
      { ConstraintFiltered: null, DimensionExhausted: {} },
      'group web: 1 allocation fits on none of 4 nodes (no reason given)',
    ],
  ])('%s', (_what, metric, sentence) => expect(describePlacement('web', { ...NONE, ...metric })).toBe(sentence));
});
