import { describe, expect, test } from '@jest/globals';
import { describePlacement, type Fitting, placementPart, suspectedConstraints } from '../../../src/diagnose/placement.ts';
import type { About } from '../../../src/errors.ts';
import type { Transport } from '../../../src/nomad/call.ts';
import { nodes } from '../../../src/nomad/nodes.ts';
import type { AllocMetric, Evaluation, Job, NodeSummary, TaskGroup } from '../../../src/nomad/types.ts';
import { fixture, fixtures } from '../../fixtures/index.ts';

/** Of a recorded evaluation: why its group does not fit. */
const RECORDED: Readonly<Record<string, string>> = {
  constraint: 'group g cannot place 1 allocation (0 of 1 node fits): 1 node does not meet the constraint ${attr.kernel.name} = windows',
  csi: 'group g cannot place 1 allocation (0 of 1 node fits): the CSI volume nope does not exist (missing CSI Volume nope)',
  dc: 'group g cannot place 1 allocation: no eligible node in the node pool default',
  distinct: 'group g cannot place 1 allocation (0 of 1 node fits): 1 node runs an allocation of the group already (distinct_hosts)',
  driver: 'group g cannot place 1 allocation (0 of 1 node fits): 1 node lacks the driver',
  hostvol: 'group g cannot place 1 allocation (0 of 1 node fits): 1 node lacks the host volume (missing compatible host volumes)',
  memory: 'group g cannot place 1 allocation (0 of 1 node fits): 1 node lacks memory',
  'static-port3': 'group g cannot place 1 allocation (0 of 1 node fits): 1 node has the static port 14997 (x) in use',
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

const NONE: AllocMetric = { NodesEvaluated: 4, NodesFiltered: 0, NodesExhausted: 0, CoalescedFailures: 0 };
const node = (parts: Partial<NodeSummary> = {}): NodeSummary => ({
  Name: 'n',
  Datacenter: 'dc1',
  NodePool: 'default',
  Status: 'ready',
  SchedulingEligibility: 'eligible',
  Drivers: { docker: { Healthy: true }, exec: { Healthy: false }, java: null },
  HostVolumes: { certs: {} },
  NodeResources: { Cpu: { CpuShares: 4000, TotalCpuCores: 2 }, Memory: { MemoryMB: 2000 }, Disk: { DiskMB: 9000 } },
  ReservedResources: { Cpu: { CpuShares: 100 }, Memory: { MemoryMB: 256 }, Disk: { DiskMB: 1000 } },
  ...parts,
});
const NODES = [
  node(),
  node({ NodeResources: { Memory: { MemoryMB: 1000 } }, ReservedResources: null }),
  node({ Status: 'down', NodeResources: { Memory: { MemoryMB: 99999 } } }),
];
const JOB: Job = {
  ID: 'web',
  Name: 'web',
  Datacenters: ['dc7'],
  Constraints: [{ LTarget: '${attr.kernel.name}', Operand: '=', RTarget: 'linux' }],
  TaskGroups: [
    {
      Name: 'web',
      Count: 3,
      EphemeralDisk: { SizeMB: 500 },
      Constraints: [{ Operand: 'distinct_hosts' }],
      Volumes: { data: { Type: 'host', Source: 'data' }, csi: { Type: 'csi', Source: 'shared' } },
      Tasks: [
        { Name: 'init', Driver: 'docker', Lifecycle: { Hook: 'prestart' }, Resources: { MemoryMB: 1100, CPU: 10 } },
        { Name: 'proxy', Driver: 'docker', Lifecycle: { Hook: 'prestart', Sidecar: true }, Resources: { MemoryMB: 100, CPU: 100 } },
        { Name: 'http', Driver: 'podman', Resources: { MemoryMB: 700, CPU: 4900, Cores: 8, Devices: [{ Name: 'nvidia/gpu' }] } },
        { Name: 'post', Driver: 'docker', Lifecycle: { Hook: 'poststop' }, Resources: { MemoryMB: 50, CPU: 10 } },
      ],
    },
  ],
};
const part = (metric: Partial<AllocMetric>, nodes?: readonly NodeSummary[], quota?: string) =>
  placementPart('web', { ...NONE, ...metric }, JOB, { nodes, quota });

describe('a placement failure', () => {
  test.each<[string, Partial<AllocMetric>, string, string, About]>([
    [
      'for several reasons',
      { CoalescedFailures: 2, DimensionExhausted: { memory: 3 }, ConstraintFiltered: { '${meta.kind} = tcp': 1 } },
      'cannot place 3 allocations (0 of 4 nodes fit): 3 nodes lack memory (1200 MiB requested), 1 node does not meet the constraint ${meta.kind} = tcp',
      'request less, or add nodes',
      { kind: 'memory', group: 'web' },
    ],
    [
      'by classes',
      { DimensionExhausted: { cpu: 4 }, ClassExhausted: { small: 3 }, ClassFiltered: { large: 1, small: 1 } },
      'cannot place 1 allocation (0 of 4 nodes fit): 4 nodes lack cpu (5000 MHz requested) (by node class: large 1, small 4)',
      'request less, or add nodes',
      { kind: 'cpu', group: 'web' },
    ],
    [
      'for a disk',
      { NodesEvaluated: 1, DimensionExhausted: { disk: 1 } },
      'cannot place 1 allocation (0 of 1 node fits): 1 node lacks disk (500 MiB requested)',
      'request less, or add nodes',
      { kind: 'disk', group: 'web' },
    ],
    [
      'for cores',
      { DimensionExhausted: { cores: 4 } },
      'cannot place 1 allocation (0 of 4 nodes fit): 4 nodes lack cores (8 requested)',
      'request less, or add nodes',
      { kind: 'cpu', group: 'web' },
    ],
    [
      'for a network',
      { DimensionExhausted: { 'network: no addresses available for "default" network': 1 } },
      'cannot place 1 allocation (0 of 4 nodes fit): 1 node has a network problem: no addresses available for "default" network',
      'add nodes, or request less',
      { kind: 'port', group: 'web' },
    ],
    [
      'for devices that are taken',
      { DimensionExhausted: { 'devices: no devices match request': 2 } },
      'cannot place 1 allocation (0 of 4 nodes fit): 2 nodes have a device problem: no devices match request',
      'add nodes, or request less',
      { kind: 'device', group: 'web' },
    ],
    [
      'for something new',
      { DimensionExhausted: { luck: 2 } },
      'cannot place 1 allocation (0 of 4 nodes fit): 2 nodes lack luck',
      'add nodes, or request less',
      { kind: 'group', group: 'web' },
    ],
    [
      'for a static port',
      { DimensionExhausted: { 'network: reserved port collision http=80': 4 } },
      'cannot place 1 allocation (0 of 4 nodes fit): 4 nodes have the static port 80 (http) in use',
      'free the port, lower `count`, or let Nomad choose the port (without `static`)',
      { kind: 'port', group: 'web', name: 'http' },
    ],
    [
      'for a quota',
      { NodesEvaluated: 0, QuotaExhausted: ['memory exhausted (1200 needed > 1000 limit)', 'cpu exhausted'] },
      'cannot place 1 allocation: the quota of the namespace is exhausted: memory (1200 needed > 1000 limit), the quota of the namespace is exhausted: cpu exhausted',
      'raise the quota, or request less',
      { kind: 'memory', group: 'web' },
    ],
    [
      'for a driver',
      { ConstraintFiltered: { 'missing drivers': 4 } },
      'cannot place 1 allocation (0 of 4 nodes fit): 4 nodes lack the driver docker, podman (missing drivers)',
      'use another driver, or enable it on a node',
      { kind: 'driver', group: 'web', name: 'docker' },
    ],
    [
      'for a host volume',
      { ConstraintFiltered: { 'missing compatible host volumes': 4 } },
      'cannot place 1 allocation (0 of 4 nodes fit): 4 nodes lack the host volume data (missing compatible host volumes)',
      'correct `source`, or declare the volume on a node',
      { kind: 'volume', group: 'web', name: 'data' },
    ],
    [
      'for a CSI volume that is in use',
      { ConstraintFiltered: { 'CSI volume shared has exhausted its available writer claims': 4 } },
      'cannot place 1 allocation (0 of 4 nodes fit): 4 nodes are filtered: CSI volume shared has exhausted its available writer claims',
      'run `nomad volume status`',
      { kind: 'volume', group: 'web' },
    ],
    [
      'for a device',
      { ConstraintFiltered: { 'missing devices': 1 } },
      'cannot place 1 allocation (0 of 4 nodes fit): 1 node lacks the device nvidia/gpu (missing devices)',
      'remove `device`, or add nodes with that device',
      { kind: 'device', group: 'web' },
    ],
    [
      'for a network mode',
      { ConstraintFiltered: { 'missing network': 1 } },
      'cannot place 1 allocation (0 of 4 nodes fit): 1 node lacks the network mode of the group (missing network)',
      'correct the `network` block, or configure that network on the nodes',
      { kind: 'network', group: 'web' },
    ],
    [
      'for a host network',
      { ConstraintFiltered: { 'missing host network "public" for port "http"': 1 } },
      'cannot place 1 allocation (0 of 4 nodes fit): 1 node is filtered: missing host network "public" for port "http"',
      'correct the `network` block, or configure that network on the nodes',
      { kind: 'network', group: 'web' },
    ],
    [
      'for want of CNI plugins, which Nomad asks for by itself',
      { ConstraintFiltered: { '${attr.plugins.cni.version.bridge} semver >= 0.4.0': 4 } },
      'cannot place 1 allocation (0 of 4 nodes fit): 4 nodes have no CNI plugins (${attr.plugins.cni.version.bridge} semver >= 0.4.0)',
      'install the CNI plugins on the nodes, or use another network `mode`',
      { kind: 'network', group: 'web' },
    ],
    [
      'for want of Consul, which Nomad asks for by itself',
      { ConstraintFiltered: { '${attr.consul.version} semver >= 1.8.0': 4 } },
      'cannot place 1 allocation (0 of 4 nodes fit): 4 nodes have no Consul (${attr.consul.version} semver >= 1.8.0)',
      'connect the nodes to Consul, which the job needs',
      { kind: 'service', group: 'web' },
    ],
    [
      'for want of Vault, which Nomad asks for by itself',
      { ConstraintFiltered: { '${attr.vault.version} semver >= 0.6.1': 4 } },
      'cannot place 1 allocation (0 of 4 nodes fit): 4 nodes have no Vault (${attr.vault.version} semver >= 0.6.1)',
      'remove `vault`, or connect the nodes to Vault',
      { kind: 'vault', group: 'web' },
    ],
    [
      'on the same host',
      { ConstraintFiltered: { distinct_hosts: 2 } },
      'cannot place 1 allocation (0 of 4 nodes fit): 2 nodes run an allocation of the group already (distinct_hosts)',
      'add nodes, or lower `count`',
      { kind: 'constraint', group: 'web', name: 'distinct_hosts' },
    ],
    [
      'with the same property',
      { ConstraintFiltered: { 'distinct_property: ${node.datacenter}=dc1 used by 1 allocs': 4 } },
      'cannot place 1 allocation (0 of 4 nodes fit): 4 nodes are filtered: distinct_property: ${node.datacenter}=dc1 used by 1 allocs',
      'add nodes with other values, or lower `count`',
      { kind: 'constraint', group: 'web', name: 'distinct_property' },
    ],
    [
      'that Nomad does not explain again: with what the job asks for',
      { ConstraintFiltered: { 'computed class ineligible': 4 } },
      'cannot place 1 allocation (0 of 4 nodes fit): 4 nodes do not fit, and Nomad does not repeat why (computed class ineligible); the job asks for ${attr.kernel.name} = linux, distinct_hosts, driver docker, driver podman, volume data, volume shared',
      'change what the job asks for, or add a node that has it',
      { kind: 'constraint', group: 'web', name: '${attr.kernel.name}' },
    ],
    [
      'nowhere',
      { NodesEvaluated: 0, NodePool: 'gpu' },
      'cannot place 1 allocation: no eligible node in the datacenter dc7 and the node pool gpu',
      'correct `datacenters` and `node_pool`, or run `nomad node status`',
      { kind: 'datacenters', group: 'web' },
    ],
    [
      'for no reason',
      { ConstraintFiltered: null, DimensionExhausted: {} },
      'cannot place 1 allocation (0 of 4 nodes fit): Nomad gives no reason',
      'run `nomad eval status`',
      { kind: 'group', group: 'web' },
    ],
  ])('%s', (_what, metric, text, advice, about) => {
    expect(part(metric)).toMatchObject({ where: 'group web', text, advice, about, certain: false });
  });

  test.each<[string, Partial<AllocMetric>, string]>([
    [
      'memory, which some node could have',
      { DimensionExhausted: { memory: 4 } },
      'request less, or free some: the largest node has 1744 MiB in all',
    ],
    ['cpu, which no node has', { DimensionExhausted: { cpu: 4 } }, 'request less: the largest node has 3900 MHz in all'],
    ['cores', { DimensionExhausted: { cores: 4 } }, 'request less: the largest node has 2 in all'],
    ['a disk', { DimensionExhausted: { disk: 4 } }, 'request less, or free some: the largest node has 8000 MiB in all'],
    ['a driver', { ConstraintFiltered: { 'missing drivers': 4 } }, 'use another driver, or enable it on a node; the nodes have docker'],
    [
      'a host volume',
      { ConstraintFiltered: { 'missing compatible host volumes': 4 } },
      'correct `source`, or declare the volume on a node; the nodes have certs',
    ],
    ['a datacenter', { NodesEvaluated: 0 }, 'correct `datacenters`: the ready nodes are in dc1'],
  ])('tells what would fit of %s, if the nodes may be seen', (_what, metric, advice) => expect(part(metric, NODES).advice).toBe(advice));

  test('names the constraint that no node meets, where Nomad does not repeat which one it was', () => {
    const ineligible: AllocMetric = { ...NONE, ConstraintFiltered: { 'computed class ineligible': 4 } };
    const disk = { LTarget: '${meta.disk}', Operand: '=', RTarget: 'nvme' };
    expect(placementPart('web', ineligible, JOB, { nodes: NODES, unmet: [disk] })).toMatchObject({
      text: 'cannot place 1 allocation (0 of 4 nodes fit): 4 nodes do not meet the constraint ${meta.disk} = nvme',
      advice: 'change the constraint, or add a node that meets it',
      about: { kind: 'constraint', group: 'web', name: '${meta.disk}' },
    });
    expect(suspectedConstraints('web', ineligible, JOB).map(({ LTarget }) => LTarget || 'distinct_hosts')).toEqual([
      '${attr.kernel.name}',
      'distinct_hosts',
    ]);
    expect(suspectedConstraints('web', NONE, JOB)).toEqual([]);
  });

  test.each<[string, readonly object[], readonly string[]]>([
    [
      'by attributes, meta and fields',
      [
        { LTarget: '${attr.cpu.arch}', RTarget: 'x"y' },
        { LTarget: '${meta.disk}', Operand: '!=', RTarget: 'a' },
        { LTarget: '${node.class}', Operand: 'is', RTarget: 'b' },
      ],
      ['Attributes["cpu.arch"] == "x\\"y"', 'Meta["disk"] != "a"', 'NodeClass == "b"'],
    ],
    [
      'by none that takes more than a comparison',
      [
        { Operand: 'distinct_hosts', RTarget: 'true' },
        { LTarget: '${attr.nomad.version}', Operand: 'semver', RTarget: '>= 1' },
        { LTarget: '${meta.a}', Operand: '=', RTarget: '${meta.b}' },
      ],
      [],
    ],
  ])('asks Nomad which constraint no node meets %s', async (_what, constraints, conditions) => {
    const asked: string[] = [];
    const send = async ({ query }: { query: { filter: string } }): Promise<{ json: unknown }> => {
      asked.push(query.filter);
      return { json: asked.length === 1 ? [] : [{ ID: 'n' }] };
    };
    const unmet = await nodes({ send } as unknown as Transport).unmet(constraints);
    expect(asked).toEqual(conditions.map((condition) => `Status == "ready" and (${condition})`));
    expect(unmet).toEqual(conditions.length === 0 ? [] : [constraints[0]]);
  });

  test('names only the driver that is missing', () => {
    const { text, about } = part({ ConstraintFiltered: { 'missing drivers': 4 } }, NODES);
    expect(text).toBe('cannot place 1 allocation (0 of 4 nodes fit): 4 nodes lack the driver podman (missing drivers)');
    expect(about).toEqual({ kind: 'driver', group: 'web', name: 'podman' });
  });

  test.each<[string, NodeSummary[], string]>([
    ['of another pool', [node({ NodePool: 'gpu' })], 'correct `datacenters`: the ready nodes are in dc1 (pool gpu)'],
    ['that are not ready', [node({ SchedulingEligibility: 'ineligible' })], 'run `nomad node status`: no node of the cluster is ready'],
    ['at all', [], 'add a node: the cluster has none'],
  ])('knows nodes %s', (_what, nodes, advice) => expect(part({ NodesEvaluated: 0 }, nodes).advice).toBe(advice));

  test('names an exhausted quota', () => {
    expect(part({ NodesEvaluated: 0, QuotaExhausted: ['cpu exhausted (9 needed > 8 limit)'] }, undefined, 'shop')).toMatchObject({
      text: 'cannot place 1 allocation: the quota shop of the namespace is exhausted: cpu (9 needed > 8 limit)',
      about: { kind: 'cpu', group: 'web' },
    });
  });
});

describe('the advice about a group that does not fit', () => {
  const advice = (metric: Partial<AllocMetric>, spec: Partial<TaskGroup>, fitting: Fitting = {}, parts: Partial<Job> = {}): string =>
    placementPart('web', { ...NONE, ...metric }, { ID: 'web', Name: 'web', TaskGroups: [{ Name: 'web', ...spec }], ...parts }, fitting)
      .advice;
  const HOSTS = { ConstraintFiltered: { distinct_hosts: 1 } };
  const PORT = { DimensionExhausted: { 'network: reserved port collision http=80': 1 } };

  test.each<[string, Partial<AllocMetric>, Partial<TaskGroup>, Fitting, Partial<Job>, string]>([
    ['lowers a count of several', HOSTS, { Count: 2 }, {}, {}, 'add nodes, or lower `count`'],
    ['lowers no count of one', HOSTS, { Count: 1 }, {}, {}, 'add nodes'],
    ['lowers no count that is not there', HOSTS, {}, {}, {}, 'add nodes'],
    ['lowers no count of a system job', HOSTS, { Count: 2 }, {}, { Type: 'system' }, 'add nodes'],
    ['takes the canary away that has no room', HOSTS, { Count: 1 }, { canaries: 1 }, {}, 'add nodes, or set `canary = 0`'],
    [
      'frees a port, or lowers the count',
      PORT,
      { Count: 3 },
      {},
      {},
      'free the port, lower `count`, or let Nomad choose the port (without `static`)',
    ],
    ['frees a port for a count of one', PORT, {}, {}, {}, 'free the port, or let Nomad choose the port (without `static`)'],
    [
      "frees no port that the canary's own job has",
      PORT,
      {},
      { canaries: 1 },
      {},
      'set `canary = 0`, or let Nomad choose the port (without `static`)',
    ],
    [
      'makes room for a canary',
      { DimensionExhausted: { memory: 1 } },
      {},
      { canaries: 1 },
      {},
      'request less, add nodes, or set `canary = 0`',
    ],
  ])('%s', (_what, metric, spec, fitting, parts, words) => expect(advice(metric, spec, fitting, parts)).toBe(words));

  const CONSUL = { ConstraintFiltered: { '${attr.consul.version} semver >= 1.8.0': 4 } };
  test.each<[string, Partial<TaskGroup>, Fitting, string]>([
    [
      'is the field in a spec of the user',
      { Services: [{ Name: 's' }] },
      {},
      'set `provider = "nomad"` in `service`, or connect the nodes to Consul',
    ],
    [
      'is the variable in the built-in template',
      { Services: [{ Name: 's' }] },
      { builtIn: true },
      "set NOMAD_VAR_SERVICE_PROVIDER to nomad to use Nomad's own services",
    ],
    [
      'is Consul itself where the mesh needs it',
      { Services: [{ Name: 's', Connect: { SidecarService: {} } }] },
      { builtIn: true },
      'connect the nodes to Consul, which `connect` needs',
    ],
    [
      'is Consul itself where no service asks for it',
      { Services: [{ Name: 's', Provider: 'nomad' }] },
      {},
      'connect the nodes to Consul, which the job needs',
    ],
  ])('where Consul is missing %s', (_what, spec, fitting, words) => expect(advice(CONSUL, spec, fitting)).toBe(words));

  const volumes = (Source: string, PerAlloc: boolean, have: readonly string[], Count = 2): { text: string; advice: string } =>
    placementPart(
      'web',
      { ...NONE, ConstraintFiltered: { 'missing compatible host volumes': 4 } },
      { ID: 'web', Name: 'web', TaskGroups: [{ Name: 'web', Count, Volumes: { data: { Type: 'host', Source, PerAlloc } } }] },
      { nodes: [node({ HostVolumes: Object.fromEntries(have.map((name) => [name, {}])) })] },
    );
  test('names the volumes of each index, and that they are missing', () => {
    expect(volumes('shop-data', true, ['shop-data'])).toMatchObject({
      text: 'cannot place 1 allocation (0 of 4 nodes fit): 4 nodes lack the host volume shop-data[0] or shop-data[1] (missing compatible host volumes)',
      advice: 'create one volume for each index (`per_alloc` adds the index to shop-data), or remove `per_alloc`; the nodes have shop-data',
    });
  });
  test('does not say that a volume is missing which the nodes have', () => {
    const compare = 'compare `access_mode`, `attachment_mode` and `read_only`, and check which jobs use it';
    expect(volumes('shop-data', false, ['shop-data', 'certs']).advice).toBe(`the nodes have shop-data: ${compare}`);
    expect(volumes('shop-data', true, ['shop-data[0]', 'shop-data[1]']).advice).toBe(
      `the nodes have shop-data[0], shop-data[1]: ${compare}`,
    );
  });
  test('makes a CSI volume for each index', () => {
    const csi = { ConstraintFiltered: { 'missing CSI Volume db[0]': 1 } };
    expect(advice(csi, { Volumes: { db: { Type: 'csi', Source: 'db', PerAlloc: true } } })).toBe(
      'create or register one volume for each index, or remove `per_alloc`',
    );
    expect(advice(csi, { Volumes: { db: { Type: 'csi', Source: 'db[0]' } } })).toBe('create or register the volume, or correct `source`');
  });
});
