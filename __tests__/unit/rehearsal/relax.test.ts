import { describe, expect, test } from '@jest/globals';
import type { Job, Task, TaskGroup } from '../../../src/nomad/types.ts';
import { relax } from '../../../src/rehearsal/relax.ts';

const STAGE = { region: 'global', folderOf: (name: string) => `/folders/${name}`, variables: () => [] };
const task = (more: Partial<Task> = {}): Task => ({ Name: 'app', Driver: 'docker', Config: { image: 'app:1' }, ...more });
const group = (more: Partial<TaskGroup> = {}): TaskGroup => ({ Name: 'web', Count: 1, Tasks: [task()], ...more });
const job = (more: Partial<Job> = {}): Job => ({ ID: 'shop', Name: 'shop', TaskGroups: [group()], ...more });
const ofGroup = (more: Partial<TaskGroup>) => {
  const { job: relaxed, said, folders } = relax(job({ TaskGroups: [group(more)] }), STAGE);
  const [own] = relaxed.TaskGroups ?? [];
  return { group: own, task: own?.Tasks?.[0], said, folders };
};
const ofTask = (more: Partial<Task>) => ofGroup({ Tasks: [task(more)] });

test('a plain job says nothing', () => {
  expect(relax(job({ Datacenters: ['*'], NodePool: 'default', Region: 'global' }), STAGE).said).toEqual([]);
});

test('wishes for nodes of the cluster are ignored, and each is said', () => {
  const constraint = { LTarget: '${attr.kernel.name}', Operand: '=', RTarget: 'linux' };
  const { job: relaxed, said } = relax(
    job({
      ...{
        Datacenters: ['eu-1'],
        NodePool: 'gpu',
        Region: 'eu',
        Constraints: [constraint],
        Affinities: [{ LTarget: '${node.class}', RTarget: 'fast' }],
      },
      Spreads: [{ Attribute: '${node.datacenter}' }],
      TaskGroups: [group({ Constraints: [constraint], Tasks: [task({ Constraints: [constraint] })] })],
    }),
    STAGE,
  );
  expect(relaxed).toMatchObject({ Datacenters: ['*'], NodePool: 'default', Region: 'global' });
  expect(JSON.stringify(relaxed)).not.toMatch(/Constraints|Affinities|Spreads/);
  expect(said).toEqual([
    'job: the datacenters eu-1 are ignored',
    'job: the node pool gpu is ignored',
    'job: the region eu is ignored',
    'job: the constraint ${attr.kernel.name} = linux is ignored',
    'job: the affinity ${node.class} fast is ignored',
    'job: the spread over ${node.datacenter} is ignored',
    'group web: the constraint ${attr.kernel.name} = linux is ignored',
    'task web/app: the constraint ${attr.kernel.name} = linux is ignored',
  ]);
});

test.each([
  [3, undefined, 1, true],
  [1, undefined, 1, false],
  [0, undefined, 0, false],
  [undefined, { Min: 4, Max: 9 }, 1, true],
])('count %s with scaling %j is %d', (Count, Scaling, expected, told) => {
  const found = ofGroup({ ...(Count === undefined ? { Count: null } : { Count }), ...(Scaling && { Scaling }) });
  expect(found.group?.Count).toBe(expected);
  expect(found.group?.Scaling).toBeUndefined();
  expect(found.said.some((line) => line.includes('1 allocation in place of'))).toBe(told);
});

describe('a container', () => {
  test('has empty folders in place of volumes and paths of a node', () => {
    const {
      task: own,
      said,
      folders,
    } = ofGroup({
      Volumes: { data: { Type: 'host', Source: 'shop-data' }, disk: { Type: 'csi', Source: 'shop-disk' } },
      Tasks: [
        task({
          VolumeMounts: [
            { Volume: 'data', Destination: '/data' },
            { Volume: 'disk', Destination: '/disk', ReadOnly: true },
          ],
          Config: {
            volumes: ['/srv/x:/x:ro', 'local/conf:/conf'],
            mount: [
              { type: 'bind', source: '/etc/x', target: '/etc/x' },
              { type: 'volume', source: 'named', target: '/n' },
              { type: 'tmpfs', target: '/t' },
            ],
          },
        }),
      ],
    });
    expect(own?.Config).toEqual({
      volumes: ['/folders//srv/x:/x:ro', 'local/conf:/conf', '/folders/shop-data:/data', '/folders/shop-disk:/disk:ro'],
      mount: [
        { type: 'bind', source: '/folders//etc/x', target: '/etc/x' },
        { type: 'bind', source: '/folders/named', target: '/n' },
        { type: 'tmpfs', target: '/t' },
      ],
    });
    expect(own).not.toHaveProperty('VolumeMounts');
    expect(folders).toEqual(['/folders//srv/x', '/folders/shop-data', '/folders/shop-disk', '/folders//etc/x', '/folders/named']);
    expect(said).toHaveLength(5);
  });

  test('does not ask for things of a node', () => {
    const { task: own, said } = ofTask({
      Config: {
        image: 'a',
        runtime: 'nvidia',
        logging: [{ type: 'gelf' }],
        dns_servers: ['10.0.0.2'],
        network_mode: 'backend',
        auth: [{}],
        force_pull: true,
      },
      Resources: { CPU: 100, Cores: 2, Devices: [{ Name: 'nvidia/gpu' }], NUMA: {} },
    });
    expect(own?.Config).toEqual({ image: 'a' });
    expect(own?.Resources).toEqual({ CPU: 100 });
    expect(said).toHaveLength(7);
  });

  test('of Podman is one of Docker', () => {
    const config = {
      image: 'docker://docker.io/library/app:1',
      tmpfs: ['/run:size=1m'],
      working_dir: '/app',
      socket: 'x',
      network_mode: 'task:db',
    };
    const { task: own, said } = ofTask({ Driver: 'podman', Config: config });
    expect(own).toMatchObject({ Driver: 'docker' });
    expect(own?.Config).toEqual({
      image: 'docker.io/library/app:1',
      mounts: [{ type: 'tmpfs', target: '/run' }],
      work_dir: '/app',
      network_mode: 'container:db-${NOMAD_ALLOC_ID}',
    });
    expect(said).toEqual(['task web/app: Docker in place of Podman', 'task web/app: `socket` of Podman is ignored']);
  });

  test.each(['raw_exec', 'exec', 'java', 'qemu'])('is all that runs: a task of %s is refused', (Driver) => {
    expect(() => ofTask({ Driver })).toThrow(`the task web/app has the driver "${Driver}", and a rehearsal runs containers only`);
  });
});

describe('a service', () => {
  const service = { Name: 'web', PortLabel: 'http', Tags: ['a'], Meta: { x: '1' } };
  test('of Consul is one of Nomad', () => {
    const checks = [
      { Type: 'http', Path: '/', Interval: 1, OnUpdate: 'ignore_warnings', AddressMode: 'driver' },
      { Type: 'grpc', Name: 'g' },
      { Type: 'script', Name: 's' },
    ];
    const { group: own, said } = ofGroup({ Services: [{ ...service, Checks: checks }] });
    expect(own?.Services).toEqual([
      {
        ...{ Name: 'web', PortLabel: 'http', Tags: ['a'], Provider: 'nomad' },
        Checks: [{ Type: 'http', Path: '/', Interval: 1, OnUpdate: 'require_healthy' }],
      },
    ]);
    expect(said).toEqual([
      'service web: registered with Nomad in place of Consul',
      'service web: the check g is left out, because only Consul has checks of the type grpc',
      'service web: the check s is left out, because only Consul has checks of the type script',
    ]);
  });

  test('of the mesh has no proxy, and a port for its number', () => {
    const { group: own, said } = ofGroup({
      Networks: [{ Mode: 'bridge' }],
      Services: [{ Name: 'api', PortLabel: '9001', Connect: { SidecarService: { Proxy: { Upstreams: [{ DestinationName: 'db' }] } } } }],
    });
    expect(own?.Services).toEqual([{ Name: 'api', PortLabel: 'port_9001', Provider: 'nomad', Checks: [] }]);
    expect(own?.Networks).toEqual([{ Mode: '', DynamicPorts: [{ Label: 'port_9001', To: 9001 }] }]);
    expect(own?.Tasks?.[0]?.Config).toMatchObject({ ports: ['port_9001'] });
    expect(said).toContain('service api: no mesh, so that its upstreams (db) do not answer');
  });

  test('that is a gateway is refused', () => {
    expect(() => ofGroup({ Services: [{ Name: 'in', Connect: { Gateway: {} } }] })).toThrow("is a gateway of Consul's mesh");
  });

  test('of a task is one of Nomad, too', () => {
    expect(ofTask({ Services: [service] }).task?.Services).toMatchObject([{ Provider: 'nomad' }]);
  });
});

describe('a network', () => {
  test('has random ports in place of static ones', () => {
    const { group: own } = ofGroup({
      Networks: [
        {
          ReservedPorts: [
            { Label: 'http', Value: 80 },
            { Label: 'admin', Value: 81, To: 9000 },
          ],
          DynamicPorts: [{ Label: 'x', HostNetwork: 'public' }],
        },
      ],
    });
    expect(own?.Networks).toEqual([{ Mode: '', DynamicPorts: [{ Label: 'http', To: 80 }, { Label: 'admin', To: 9000 }, { Label: 'x' }] }]);
  });

  test('of the machine keeps its ports', () => {
    const ports = [{ Label: 'http', Value: 80 }];
    const { group: own } = ofGroup({
      Networks: [{ Mode: 'host', ReservedPorts: ports }],
      Tasks: [task({ Config: { network_mode: 'host' } })],
    });
    expect(own?.Networks).toMatchObject([{ ReservedPorts: ports }]);
  });

  test('of a bridge is that of the container that starts first', () => {
    const names = (tasks: readonly Task[]): unknown[] => {
      const { group: own } = ofGroup({ Networks: [{ Mode: 'bridge', DynamicPorts: [{ Label: 'http' }] }], Tasks: [...tasks] });
      return (own?.Tasks ?? []).map(({ Name, Config, Lifecycle }) => [
        Name,
        Config?.['ports'] ?? Config?.['network_mode'],
        Lifecycle?.Hook,
      ]);
    };
    const before = { Hook: 'prestart', Sidecar: true };
    expect(names([task(), task({ Name: 'db' })])).toEqual([
      ['app', ['http'], undefined],
      ['db', 'container:app-${NOMAD_ALLOC_ID}', 'poststart'],
    ]);
    expect(names([task(), task({ Name: 'db', Lifecycle: before }), task({ Name: 'init', Lifecycle: { Hook: 'prestart' } })])).toEqual([
      ['app', 'container:db-${NOMAD_ALLOC_ID}', undefined],
      ['db', ['http'], 'prestart'],
      ['init', undefined, 'prestart'],
    ]);
  });
});

test('Vault and `secret` blocks leave dummies', () => {
  const { task: own, said } = ofTask({
    Vault: {},
    Secrets: [{ Name: 'db', Provider: 'vault', Path: 'kv/db' }],
    Env: { DB_PORT: '${secret.db.port}', X: '${NOMAD_ALLOC_ID}' },
    Templates: [{ EmbeddedTmpl: '{{ key "a" }}', DestPath: 'local/a' }],
  });
  expect(own).not.toHaveProperty('Vault');
  expect(own).not.toHaveProperty('Secrets');
  expect(own?.Env).toEqual({ DB_PORT: '10000', X: '${NOMAD_ALLOC_ID}' });
  expect(said).toEqual([
    'task web/app: no token of Vault',
    'task web/app: a dummy in place of `key "a"` in the template local/a',
    'task web/app: dummies in place of the `secret` block db',
  ]);
});
