import { describe, expect, test } from '@jest/globals';
import { NOMAD_LINES } from '../../../scripts/parts/nomad-versions.ts';
import { type PlaceFacts, placeFindings } from '../../../src/doctor/place.ts';
import { TESTED_LINES, versionFinding } from '../../../src/doctor/versions.ts';
import { ActionError } from '../../../src/errors.ts';
import type { NodeSeen } from '../../../src/nomad/index.ts';
import type { Job, Service, Task, TaskGroup } from '../../../src/nomad/types.ts';

const node = (ID: string, more: Partial<NodeSeen> = {}): NodeSeen => ({
  ID,
  Name: ID,
  Datacenter: 'dc1',
  NodePool: 'default',
  Status: 'ready',
  SchedulingEligibility: 'eligible',
  Drivers: { docker: { Healthy: true } },
  HostVolumes: { data: {} },
  ...more,
});
const facts = (more: Partial<PlaceFacts> = {}): PlaceFacts => ({
  hasNamespace: true,
  hasNodePool: true,
  nodes: [node('a'), node('b')],
  oversubscription: true,
  consul: ['a', 'b'],
  vault: ['a', 'b'],
  ...more,
});
const job = (
  more: Partial<Job> = {},
  group: Partial<TaskGroup> = {},
  task: Partial<Task> & { Vault?: object; Consul?: object } = {},
): Job => ({
  ID: 'shop',
  Name: 'shop',
  TaskGroups: [{ Name: 'web', Tasks: [{ Name: 'app', Driver: 'docker', ...task }], ...group }],
  ...more,
});
const of = (check: string, seen: Job, given: PlaceFacts = facts(), ignoredMax?: boolean) =>
  placeFindings({ job: seen, namespace: 'default', ignoredMax }, given).find((one) => one.check === check);
const volumes = (Source: string, PerAlloc = false): Partial<TaskGroup> => ({ Volumes: { v: { Type: 'host', Source, PerAlloc } } });
const service = (one: Service): Partial<TaskGroup> => ({ Services: [one] });

test('a job that has all it needs is fine in each check', () => {
  const whole = job(
    {},
    { ...volumes('data'), ...service({ Name: 'web', Provider: 'consul' }) },
    { Vault: {}, Resources: { MemoryMB: 1, MemoryMaxMB: 2 } },
  );
  const found = placeFindings({ job: whole, namespace: 'default', ignoredMax: undefined }, facts());
  expect(found.map(({ check, state }) => [check, state])).toEqual(
    ['namespace', 'node pool', 'datacenters', 'drivers', 'oversubscription', 'Consul', 'Vault', 'host volumes'].map((check) => [
      check,
      'fine',
    ]),
  );
});

test('a token that may not read the nodes leaves these checks open, with the right', () => {
  const given = facts({ nodes: undefined, consul: undefined, hasNamespace: undefined, oversubscription: undefined });
  const whole = job({}, { ...volumes('data'), ...service({ Name: 'web' }) });
  for (const check of ['node pool', 'datacenters', 'drivers', 'Consul', 'host volumes'])
    expect(of(check, whole, given)).toMatchObject({ state: 'not-checked', fix: 'Policy: `node { policy = "read" }`.' });
  expect(of('namespace', whole, given)).toMatchObject({ state: 'not-checked' });
  expect(of('Vault', whole, given)).toMatchObject({ state: 'fine' });
});

test('a question without an answer says so', () => {
  const lost = new ActionError('unreachable', 'no answer within 8 s');
  expect(of('drivers', job(), facts({ nodes: lost }))).toMatchObject({
    state: 'not-checked',
    text: expect.stringContaining('no answer within 8 s'),
  });
  expect(of('namespace', job(), facts({ hasNamespace: lost }))).toMatchObject({ state: 'not-checked' });
});

test('a namespace and a node pool that do not exist are broken', () => {
  expect(of('namespace', job(), facts({ hasNamespace: false }))).toMatchObject({ state: 'broken', text: 'there is no namespace default' });
  expect(of('node pool', job({ NodePool: 'gpu' }), facts({ hasNodePool: false }))).toMatchObject({
    state: 'broken',
    text: 'there is no node pool gpu',
  });
  expect(of('node pool', job({ NodePool: 'gpu' }))).toMatchObject({ state: 'broken', text: 'no ready node is in the node pool gpu' });
  expect(of('datacenters', job({ NodePool: 'gpu' }))).toMatchObject({ state: 'not-checked' });
  expect(of('node pool', job({ NodePool: 'all' }))).toMatchObject({ state: 'fine', text: 'all: 2 nodes ready' });
});

describe('nodes that take nothing do not count', () => {
  test.each([{ Status: 'down' }, { SchedulingEligibility: 'ineligible' }])('%p', (more) => {
    expect(of('node pool', job(), facts({ nodes: [node('a', more)] }))).toMatchObject({ state: 'broken' });
    expect(of('drivers', job(), facts({ nodes: [node('a', more)] }))).toMatchObject({ state: 'not-checked' });
    expect(of('drivers', job(), facts({ nodes: [node('a', more), node('b')] }))).toMatchObject({ text: 'docker healthy on 1 of 1 node' });
  });
});

test.each([
  [['dc9'], 'broken', 'no ready node is in dc9: the nodes are in dc1'],
  [['dc1', 'dc9'], 'warning', 'no ready node is in dc9'],
  [['dc*'], 'fine', 'dc*: 2 nodes ready'],
  [[], 'fine', '*: 2 nodes ready'],
])('the datacenters %p are %s', (Datacenters, state, text) => {
  expect(of('datacenters', job({ Datacenters }))).toMatchObject({ state, text: expect.stringContaining(text) });
});

test('a driver counts where it is healthy, and that of a proxy of the mesh counts, too', () => {
  const nodes = [node('a'), node('b', { Drivers: { docker: { Healthy: false } } })];
  expect(of('drivers', job(), facts({ nodes }))).toMatchObject({ state: 'fine', text: 'docker healthy on 1 of 2 nodes' });
  expect(of('drivers', job({}, {}, { Driver: 'java' }), facts({ nodes }))).toMatchObject({
    state: 'broken',
    text: 'java healthy on 0 of 2 nodes',
    fix: expect.stringContaining('Enable the driver java'),
  });
  const mesh = job({}, service({ Name: 'web', Connect: { SidecarService: {} } }), { Driver: 'exec' });
  const exec = facts({ nodes: [node('a', { Drivers: { exec: { Healthy: true } } })] });
  expect(of('drivers', mesh, exec)).toMatchObject({ state: 'broken', text: 'exec healthy on 1 of 1 node, docker healthy on 0 of 1 node' });
});

test.each([
  [{ MemoryMB: 32, MemoryMaxMB: 64 }, false, undefined, 'warning'],
  [{ MemoryMB: 32, MemoryMaxMB: -1 }, false, undefined, 'warning'],
  [{ MemoryMB: 32, MemoryMaxMB: 0 }, false, undefined, 'fine'],
  [{ MemoryMB: 32, MemoryMaxMB: 32 }, false, undefined, 'fine'],
  [{ MemoryMB: 32, MemoryMaxMB: 64 }, true, undefined, 'fine'],
  // Without operator:read, Nomad's own plan tells.
  [{ MemoryMB: 32, MemoryMaxMB: 64 }, undefined, true, 'warning'],
  [{ MemoryMB: 32, MemoryMaxMB: 64 }, undefined, false, 'fine'],
  [{ MemoryMB: 32, MemoryMaxMB: 64 }, undefined, undefined, 'not-checked'],
])('oversubscription for %p, allowed %p, ignored by the plan %p: %s', (Resources, oversubscription, ignoredMax, state) => {
  const found = of('oversubscription', job({}, {}, { Resources }), facts({ oversubscription }), ignoredMax);
  expect(found).toMatchObject({ state, text: expect.stringContaining(state === 'warning' ? 'web/app' : '') });
});

test.each<[string, Partial<TaskGroup>, object, readonly string[], string]>([
  ['no service', {}, {}, [], 'fine'],
  ['a service of Nomad', service({ Name: 'web', Provider: 'nomad' }), {}, [], 'fine'],
  ['a service without a provider, which is that of Consul', service({ Name: 'web' }), {}, [], 'broken'],
  ['a service of Consul on some nodes', service({ Name: 'web', Provider: 'consul' }), {}, ['a'], 'warning'],
  ['a mesh', service({ Name: 'web', Provider: 'nomad', Connect: { SidecarService: {} } }), {}, [], 'broken'],
  ['a consul block', {}, { Consul: {} }, [], 'broken'],
])('Consul for %s', (_name, group, task, consul, state) => {
  expect(of('Consul', job({}, group, task), facts({ consul }))).toMatchObject({ state });
});

test.each([
  [{}, [], 'fine'],
  [{ Vault: {} }, [], 'broken'],
  [{ Vault: {} }, ['b'], 'warning'],
  [{ Vault: {} }, ['a', 'b'], 'fine'],
])('Vault for %p with nodes %p: %s', (task, vault, state) => {
  expect(of('Vault', job({}, {}, task), facts({ vault }))).toMatchObject({ state });
});

test.each([
  ['data', false, 'fine', 'data on 2 of 2 nodes'],
  ['other', false, 'broken', 'other on 0 of 2 nodes'],
  ['data', true, 'broken', 'data[0] on 0 of 2 nodes'],
])('the host volume %s (per alloc: %p) is %s', (source, perAlloc, state, text) => {
  expect(of('host volumes', job({}, volumes(source, perAlloc)))).toMatchObject({ state, text });
});

describe('the version', () => {
  test('the lines are those that the tests run with', () => expect(TESTED_LINES).toEqual(Object.keys(NOMAD_LINES)));
  test.each([
    ['1.11.3', [], 'fine'],
    ['2.1.1+ent', [], 'fine'],
    ['1.8.4', [], 'warning'],
    ['1.19.0', [], 'warning'],
    ['2.7.0', [], 'warning'],
    [undefined, ['1.11.3', '1.11.3'], 'fine'],
    [undefined, ['1.11.3', '1.7.0'], 'warning'],
    [undefined, [], 'not-checked'],
  ])('%p, of nodes %p: %s', (version, nodes, state) => {
    expect(versionFinding(version, nodes)).toMatchObject({ state });
  });
  test('an older one is not called a newer one', () => {
    expect(versionFinding('1.8.4', [])).toMatchObject({ text: expect.stringContaining('older than 1.9') });
    expect(versionFinding('10.0.0', []).text).not.toContain('older');
  });
});
