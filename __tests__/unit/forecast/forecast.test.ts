import { describe, expect, test } from '@jest/globals';
import { BOUND, growth } from '../../../scripts/fuzz/growth.ts';
import { forecast } from '../../../src/forecast/index.ts';
import type { Job, NodeSummary, PlacedAllocation } from '../../../src/nomad/types.ts';
import { allocation, first, group, job, missing, node, own, SCHEDULER, told } from './data.ts';

const canaries = (Canary: number) => ({ updates: { web: { Canary, Ignore: 2 } } });
const places = (Place: number) => ({ updates: { web: { Place } } });
const ports = (port: number) => ({ Networks: [{ ReservedPorts: [{ Label: 'http', Value: port }] }] });

describe('the sentence of a group', () => {
  test('says the nodes that it fits on, the room, and what the canary needs', () => {
    const nodes = [node('a'), node('b'), node('c')];
    const there = [allocation('c', { memory: 700 })];
    expect(told(job(), nodes, there, canaries(1))).toBe('web fits on 2 of 3 nodes; room for 4 more; the canary needs 1');
    expect(told(job(), nodes, there, places(2))).toBe('web fits on 2 of 3 nodes; room for 4 more; the deploy adds 2');
  });

  test('names the nearest node, what it lacks, and the largest count', () => {
    const nodes = [node('a'), node('b'), node('c', { Drivers: {} }), node('d')];
    const there = [
      allocation('a', { memory: 900 }),
      allocation('b', { memory: 650 }),
      own('d', { memory: 400 }),
      allocation('d', { memory: 400 }),
    ];
    const asked = job({}, group({ Count: 3 }));
    expect(told(asked, nodes, there, { ...places(2), failures: missing(2) })).toBe(
      'web fits on 0 of 4 nodes (1 without the driver docker); room for 0 more; the deploy adds 2; web needs 50 MiB more memory on b, the best of 3; the largest count that fits is 1',
    );
  });

  test('names each dimension that the nearest node lacks', () => {
    const asked = job({}, group(ports(80), { CPU: 600 }));
    const there = [allocation('a', { cpu: 500, memory: 700, port: 80 })];
    expect(told(asked, [node('a')], there, { ...places(1), failures: missing(1) })).toContain(
      'web needs 100 MiB more memory and 100 MHz more CPU and a free port 80 (http) on a, the best of 1',
    );
  });

  test('says what a rolling update needs: the place of the old allocations', () => {
    const asked = job({}, group({ Count: 2 }));
    const there = [own('a', { memory: 400 }), own('a', { memory: 400 })];
    const replaces = { updates: { web: { DestructiveUpdate: 1, Ignore: 1 } } };
    expect(told(asked, [node('a')], there, replaces)).toBe('web fits on 0 of 1 node; room for 0 more; 1 is replaced as the old stops');
    expect(first(asked, [node('a')], there, replaces)).toMatchObject({ room: 0, largest: 2, isFull: false });
  });

  test('the canary comes beside the running allocations', () => {
    const there = [own('a', { memory: 400 }), own('a', { memory: 400 })];
    expect(told(job(), [node('a')], there, { ...canaries(1), failures: missing(1) })).toBe(
      'web fits on 0 of 1 node; room for 0 more; the canary needs 1; web needs 200 MiB more memory on a, the best of 1',
    );
  });

  test('a system job is about each node', () => {
    const nodes = [node('a'), node('b'), node('c', { Drivers: {} })];
    const there = [own('a', { memory: 900 }), allocation('b', { memory: 900 })];
    expect(told(job({ Type: 'system' }), nodes, there, { failures: missing(1) })).toBe(
      'web fits on 1 of 2 suitable nodes (1 without the driver docker); web needs 300 MiB more memory on b, the best of 2',
    );
  });

  test.each(['batch', 'service'])('a %s job without a running allocation has all the room', (Type) => {
    expect(told(job({ Type }), [node('a')])).toBe('web fits on 1 of 1 node; room for 2 more');
  });

  test('preemption may help only where it is enabled', () => {
    const there = [allocation('a', { memory: 900 })];
    const full = { ...places(1), failures: missing(1) };
    const of = (preemption: boolean | undefined): string => told(job(), [node('a')], there, { ...full, preemption });
    expect([of(true), of(false), of(undefined)].map((line) => line.includes('preemption may help'))).toEqual([true, false, false]);
  });

  test('a plan that evicts others says so', () => {
    expect(told(job(), [node('a')], [allocation('a', { memory: 900 })], { ...places(1), evicts: true })).toContain(
      'room for 0 more; the deploy adds 1; the deploy evicts allocations of other jobs for it',
    );
  });

  test("Nomad's plan is believed where the data show no reason", () => {
    expect(told(job(), [node('a')], [], { ...places(1), failures: missing(1) })).toContain(
      "Nomad's plan places 1 fewer, for a reason that the nodes do not show",
    );
    const two = job({}, group(), group({ Name: 'db' }));
    expect(told(two, [node('a')], [], { ...places(1), failures: missing(1) })).toContain(
      "Nomad's plan places 1 fewer, beside the other groups",
    );
  });

  test('a quota says what it leaves', () => {
    const quota = ['memory exhausted (2048 needed > 2000 limit)'];
    expect(told(job(), [node('a')], [], { ...places(1), failures: missing(1, quota) })).toContain(
      'the quota of the namespace leaves 352 MiB of memory, and one allocation needs 400 MiB',
    );
    const other = ['devices exhausted (in words of another version)'];
    expect(told(job(), [node('a')], [], { ...places(1), failures: missing(1, other) })).toContain(
      `the quota of the namespace: ${other[0]}`,
    );
  });
});

describe('the nodes', () => {
  test.each<[string, Partial<Job>, Partial<NodeSummary>, number]>([
    ['of the datacenter', { Datacenters: ['dc1'] }, {}, 1],
    ['of another datacenter', { Datacenters: ['dc2'] }, {}, 0],
    ['of datacenters with a star', { Datacenters: ['eu-*', 'd*1'] }, {}, 1],
    ['of the pool', { NodePool: 'gpu' }, { NodePool: 'gpu' }, 1],
    ['of another pool', {}, { NodePool: 'gpu' }, 0],
    ['of any pool', { NodePool: 'all' }, { NodePool: 'gpu' }, 1],
    ['that are drained', {}, { SchedulingEligibility: 'ineligible' }, 0],
    ['that are disconnected', {}, { Status: 'disconnected' }, 0],
    ['that are down', {}, { Status: 'down' }, 0],
  ])('%s', (_what, asked, parts, nodes) => {
    expect(first(job(asked), [node('a', parts)])).toMatchObject({ nodes, room: nodes * 2 });
  });

  test('that are not ready are counted apart', () => {
    expect(told(job(), [node('a'), node('b', { Status: 'down' })])).toContain('web fits on 1 of 1 node (1 more is not ready)');
  });

  test.each<[string, Partial<NodeSummary>, string]>([
    ['an unhealthy driver', { Drivers: { docker: { Detected: true, Healthy: false } } }, 'without the driver docker'],
    ['no host volume', {}, 'without the host volume data'],
    ['a volume for reading only', { HostVolumes: { data: { ReadOnly: true } } }, 'without the host volume data'],
  ])('with %s', (_what, parts, reason) => {
    const asked = job({}, group({ Volumes: { data: { Type: 'host', Source: 'data' } } }));
    expect(first(asked, [node('a', parts)])).toMatchObject({ suitable: 0, filtered: [[reason, 1]] });
  });

  test('with a volume for reading, which a reader may have', () => {
    const asked = job({}, group({ Volumes: { data: { Type: 'host', Source: 'data', ReadOnly: true } } }));
    expect(first(asked, [node('a', { HostVolumes: { data: { ReadOnly: true } } })]).room).toBe(2);
  });

  test('without the network of a port', () => {
    const asked = job({}, group({ Networks: [{ DynamicPorts: [{ Label: 'http', HostNetwork: 'public' }] }] }));
    expect(first(asked, [node('a')]).filtered).toEqual([['without the host network public', 1]]);
    const bridge = job({}, group({ Networks: [{ Mode: 'bridge' }] }));
    expect(first(bridge, [node('a')], [], { judged: undefined }).filtered).toEqual([['without the network mode bridge', 1]]);
  });
});

describe('the room', () => {
  test('leaves out allocations that have ended, and counts those that are about to', () => {
    const ended = ['complete', 'failed', 'lost'].map((ClientStatus) => allocation('a', { memory: 900 }, { ClientStatus }));
    const stopping = allocation('a', { memory: 300 }, { DesiredStatus: 'stop' });
    expect(first(job(), [node('a')], ended).room).toBe(2);
    expect(first(job(), [node('a')], [...ended, stopping]).room).toBe(1);
  });

  test('leaves out reserved resources', () => {
    const ReservedResources = { Memory: { MemoryMB: 300 }, Networks: { ReservedHostPorts: '22, 8000-8100' } };
    expect(first(job(), [node('a', { ReservedResources })]).room).toBe(1);
    const of = (port: number) => first(job({}, group(ports(port))), [node('a', { ReservedResources })]).room;
    expect([of(22), of(8050), of(8101)]).toEqual([0, 0, 1]);
  });

  test('a static port is there once on each address', () => {
    const two = [{ Addresses: ['v4', 'v6'].map((Address) => ({ Alias: 'default', Address })) }];
    const asked = job({}, group(ports(80), { MemoryMB: 10 }));
    expect(first(asked, [node('a'), node('b')]).room).toBe(2);
    expect(first(asked, [node('a', { NodeResources: { NodeNetworks: two } })]).room).toBe(2);
  });

  test('dynamic ports end', () => {
    const asked = job({}, group({ Networks: [{ DynamicPorts: [{ Label: 'a' }, { Label: 'b' }] }] }, { MemoryMB: 10 }));
    const narrow = node('a', { NodeResources: { MinDynamicPort: 20_000, MaxDynamicPort: 20_004 } });
    expect(first(asked, [narrow]).room).toBe(2);
    expect(first(asked, [narrow], [allocation('a', { port: 20_001 })]).room).toBe(2);
    expect(first(asked, [narrow], [allocation('a', { port: 20_001 }), allocation('a', { port: 20_002 })]).room).toBe(1);
  });

  test('`memory_max` reserves nothing', () => {
    expect(first(job({}, group({}, { MemoryMaxMB: 90_000 })), [node('a')]).room).toBe(2);
  });

  test('disk counts', () => {
    expect(first(job({}, group({ EphemeralDisk: { SizeMB: 3_000 } })), [node('a')]).room).toBe(1);
  });

  test('whole processors take their speed as well', () => {
    const Cores = [0, 1, 2].map((ID) => ({ ID, GuessSpeed: 400, Disable: ID === 2 }));
    const four = { NodeResources: { Processors: { Topology: { Cores } } } };
    const asked = job({}, group({}, { Cores: 1, MemoryMB: 10 }));
    expect(first(asked, [node('a', four)]).room).toBe(2);
    expect(first(asked, [node('a', four)], [allocation('a', { cores: [0], cpu: 400 })]).room).toBe(1);
    expect(first(asked, [node('a', four)], [allocation('a', { cpu: 300 })]).room).toBe(1);
    const full = told(asked, [node('a', four)], [allocation('a', { cores: [0, 1], cpu: 800 })], { ...places(1), failures: missing(1) });
    expect(full).toContain('web needs 1 more core on a');
  });

  test('prestart and poststop tasks do not run beside the main ones, sidecars do', () => {
    const task = (Name: string, MemoryMB: number, Lifecycle?: object) => ({
      ...{ Name, Driver: 'docker', Resources: { CPU: 10, MemoryMB }, ...(Lifecycle && { Lifecycle }) },
    });
    const of = (...Tasks: ReturnType<typeof task>[]) => first(job({}, group({ Tasks })), [node('a')]).room;
    expect(of(task('app', 300), task('init', 300, { Hook: 'prestart' }), task('end', 300, { Hook: 'poststop' }))).toBe(3);
    expect(of(task('app', 300), task('proxy', 300, { Hook: 'prestart', Sidecar: true }))).toBe(1);
    expect(of(task('app', 300), task('late', 300, { Hook: 'poststart' }))).toBe(1);
  });

  test('devices are counted by vendor, type and name', () => {
    const gpus = { Vendor: 'nvidia', Type: 'gpu', Name: 't4', Instances: ['1', '2', '3'].map((ID) => ({ ID, Healthy: ID !== '3' })) };
    const there = node('a', { NodeResources: { Devices: [gpus] } });
    const of = (Name: string, Count = 1) => first(job({}, group({}, { Devices: [{ Name, Count }], MemoryMB: 10 })), [there]).room;
    expect([of('gpu'), of('nvidia/gpu'), of('nvidia/gpu/t4'), of('gpu', 2), of('amd/gpu'), of('gpu', 3)]).toEqual([2, 2, 2, 1, 0, 0]);
    const asked = job({}, group({}, { Devices: [{ Name: 'gpu', Count: 1 }], MemoryMB: 10 }));
    expect(first(asked, [there], [allocation('a', { devices: ['1'] })]).room).toBe(1);
  });

  test('distinct hosts and values bound it', () => {
    const nodes = [node('a'), node('b', { Datacenter: 'dc2' }), node('c', { Datacenter: 'dc2' })];
    const of = (LTarget: string, RTarget: string, Operand: string) =>
      first(job({ Constraints: [{ LTarget, RTarget, Operand }] }), nodes, [own('b')]).room;
    expect(of('', 'true', 'distinct_hosts')).toBe(2);
    expect(of('', 'false', 'distinct_hosts')).toBe(6);
    expect(of('${node.datacenter}', '', 'distinct_property')).toBe(1);
    expect(of('${node.datacenter}', '2', 'distinct_property')).toBe(3);
    const unknown = first(job({ Constraints: [{ LTarget: '${meta.rack}', Operand: 'distinct_property' }] }), nodes);
    expect(unknown.unknown).toEqual(['distinct_property ${meta.rack}']);
  });

  test('the allocation of another namespace or group does not bar a host', () => {
    const asked = job({}, group({ Constraints: [{ Operand: 'distinct_hosts', RTarget: 'true' }] }));
    expect(first(asked, [node('a')], [own('a', {}, { Namespace: 'other' }), own('a', {}, { TaskGroup: 'db' })]).room).toBe(1);
    expect(first(asked, [node('a')], [own('a')])).toMatchObject({ room: 0, distinct: 'distinct_hosts' });
  });

  test('what the data do not tell is named, and the room is an upper bound', () => {
    const asked = job({}, group({ Volumes: { data: { Type: 'csi', Source: 'data' } } }));
    expect(told(asked, [node('a')])).toBe('web fits on 1 of 1 node; room for at most 2 more; not known: the CSI volume data');
  });
});

test('takes work in proportion to the nodes and allocations', async () => {
  const nodes = Array.from({ length: 2 ** 14 }, (_, i) => node(`n${i}`));
  const allocations: PlacedAllocation[] = nodes.flatMap(({ Name }, i) => [allocation(Name, { memory: 1, port: i % 60_000 }), own(Name)]);
  const asked = job({ Constraints: [{ LTarget: '${node.datacenter}', RTarget: '100', Operand: 'distinct_property' }] });
  const read = (text: string): unknown =>
    forecast(asked, nodes.slice(0, text.length), allocations.slice(0, 2 * text.length), { ...SCHEDULER, ...canaries(1) });
  expect(await growth(read, (size) => 'x'.repeat(size), nodes.length)).toBeLessThan(BOUND);
});
