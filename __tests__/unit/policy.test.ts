import { describe, expect, test } from '@jest/globals';
import type { Policy } from '../../src/config.ts';
import type { Job, Task, TaskGroup } from '../../src/nomad/types.ts';
import { type Rules, requireAllowed, requireCount } from '../../src/policy.ts';
import { violations } from '../../src/policy-rules.ts';
import type { SpecFile } from '../../src/spec-file.ts';

const NONE: Policy = {
  at: { file: 'nomad-deploy.yml', line: 1, column: 1 },
  allowedDrivers: undefined,
  privileged: undefined,
  hostNetwork: undefined,
  hostPaths: undefined,
  hostVolumes: undefined,
  capabilities: undefined,
  rawExec: undefined,
  imageRegistries: undefined,
  namespaces: undefined,
  maxCount: undefined,
  maxCpu: undefined,
  maxMemory: undefined,
};
const job = (task: Partial<Task> = {}, group: Partial<TaskGroup> = {}, more: Partial<Job> = {}): Job => ({
  ID: 'shop',
  Name: 'shop',
  TaskGroups: [{ Name: 'g', Tasks: [{ Name: 't', Driver: 'docker', ...task }], ...group }],
  ...more,
});
const said = (policy: Partial<Policy>, one: Job): string[] => violations(one, { ...NONE, ...policy }).map(({ what }) => what);
const config = (Config: Record<string, unknown>, Driver = 'docker'): Job => job({ Driver, Config });

describe('a policy refuses', () => {
  const priv = { privileged: false };
  const net = { hostNetwork: false };
  const paths = { hostPaths: ['/srv/shared', '/data/'] };
  const caps = { capabilities: ['NET_BIND_SERVICE'] };
  const acme = { imageRegistries: ['ghcr.io/acme'] };
  test.each<[string, Partial<Policy>, Job, string | RegExp]>([
    ['a driver', { allowedDrivers: ['docker'] }, job({ Driver: 'exec' }), 'the task g/t has the driver "exec", and allowed are docker'],
    ['raw_exec', { rawExec: false }, job({ Driver: 'raw_exec' }), 'the task g/t has the driver "raw_exec", which is not allowed'],
    ['privileged', priv, config({ privileged: true }), 'the task g/t is privileged, which is not allowed'],
    ['privileged in words', priv, config({ privileged: 'true' }), /^the task g\/t is privileged = "true"/],
    ['privileged as 1', priv, config({ privileged: 1 }), /is privileged/],
    ['privileged, said on the node', priv, config({ privileged: '${meta.p}' }), /is privileged = "\$\{meta.p\}"/],
    ['privileged podman', priv, config({ privileged: true }, 'podman'), /is privileged/],
    ["the node's processes", priv, config({ pid_mode: 'host' }), /shares what is the node's \(pid_mode = "host"\)/],
    ["another container's memory", priv, config({ ipc_mode: 'container:x' }), /shares what is the node's \(ipc_mode/],
    ['no seccomp', priv, config({ security_opt: ['seccomp=unconfined'] }), /the security option "seccomp=unconfined"/],
    ['a privileged sidecar', priv, job({}, sidecar({ Config: { privileged: true } })), /^the sidecar of g\/api is privileged/],
    [
      'the host network of a group',
      net,
      job({}, { Networks: [{ Mode: 'host' }] }),
      "the group g is in the node's own network, which is not allowed",
    ],
    ['of a container', net, config({ network_mode: 'host' }), "the task g/t is in the node's own network, which is not allowed"],
    ['of a container, said on the node', net, config({ network_mode: '${meta.n}' }), /in the node's own network/],
    [
      "of another driver's container",
      { ...net, allowedDrivers: ['containerd-driver'] },
      config({ host_network: true }, 'containerd-driver'),
      /in the node's own network/,
    ],
    [
      'of exec without a bridge',
      net,
      job({ Driver: 'exec' }),
      /as the driver exec is where the group has no network with `mode = "bridge"`/,
    ],
    ['of raw_exec with one', net, job({ Driver: 'raw_exec' }, { Networks: [{ Mode: 'bridge' }] }), /as the driver raw_exec is, and/],
    [
      'a volume',
      paths,
      config({ volumes: ['/etc:/etc:ro'] }),
      'the task g/t mounts "/etc" of the node, and allowed are /srv/shared, /data/',
    ],
    ['a neighbour of what is allowed', paths, config({ volumes: ['/srv/shared2:/x'] }), /mounts "\/srv\/shared2"/],
    ['a way out of what is allowed', paths, config({ volumes: ['/srv/shared/../../etc:/x'] }), /mounts "\/srv\/shared/],
    ['a way out of the allocation', paths, config({ volumes: ['../../../etc:/x'] }), /mounts "..\/..\/..\/etc"/],
    ['a way out by a variable', paths, config({ volumes: ['${NOMAD_TASK_DIR}/../../../x:/x'] }), /mounts "\$\{NOMAD_TASK_DIR\}\/..\//],
    ['a path that is said on the node', paths, config({ volumes: ['${meta.dir}/x:/x'] }), /mounts "\$\{meta.dir\}\/x"/],
    ['a mount', paths, config({ mount: [{ type: 'bind', source: '/', target: '/host' }] }), /mounts "\/" of the node/],
    ['a mount by its old name', paths, config({ mounts: [{ type: 'bind', source: '/var/run/docker.sock', target: '/s' }] }), /docker.sock/],
    [
      'a mount by options of a volume',
      paths,
      config({
        mount: [
          {
            type: 'volume',
            source: 'v',
            volume_options: [{ driver_config: [{ name: 'local', options: [{ device: '/etc', o: 'bind' }] }] }],
          },
        ],
      }),
      /has a volume with a `driver_config`, which can mount any folder of the node/,
    ],
    ['a device', paths, config({ devices: [{ host_path: '/dev/kmsg' }] }), /mounts "\/dev\/kmsg"/],
    ['a device of podman', paths, config({ devices: ['/dev/net/tun:/dev/net/tun'] }, 'podman'), /mounts "\/dev\/net\/tun"/],
    ['any path', { hostPaths: false }, config({ volumes: ['/srv/shared:/x'] }), /and allowed are none$/],
    ['a host volume', { hostVolumes: ['certs'] }, job({}, volume('data')), 'the group g has the host volume "data", and allowed are certs'],
    ['any host volume', { hostVolumes: false }, job({}, volume('certs')), /the host volume "certs", and allowed are none/],
    [
      'a capability',
      caps,
      config({ cap_add: ['sys_admin', 'net_bind_service'] }),
      /adds the capabilities sys_admin, and allowed are NET_BIND_SERVICE/,
    ],
    ['all of them', { capabilities: [] }, config({ cap_add: ['ALL'] }), /adds the capabilities ALL, and allowed are none/],
    [
      'another registry',
      acme,
      config({ image: 'docker.io/acme/shop:1' }),
      /has the image "docker.io\/acme\/shop:1", and allowed are those of ghcr.io\/acme$/,
    ],
    ['a name with the same beginning', acme, config({ image: 'ghcr.io/acmeshop/x' }), /has the image/],
    ['an image of the hub', acme, config({ image: 'redis:7' }), /has the image "redis:7"/],
    ['an image that is said on the node', acme, config({ image: '${meta.image}' }), /has the image/],
    ['a registry that is said on the node', { imageRegistries: ['docker.io'] }, config({ image: 'x${meta.image}' }), /has the image/],
    ['an image of a file', acme, config({ image: 'ghcr.io/acme/shop', load: 'shop.tar' }), /an image of the file "shop.tar"/],
    ['a file of podman', acme, config({ image: 'docker-archive:/x.tar' }, 'podman'), /has the image "docker-archive/],
    ['the image of a sidecar', acme, job({}, sidecar({ Config: { image: 'evil/proxy' } })), /^the sidecar of g\/api has the image/],
    [
      'a namespace',
      { namespaces: ['web'] },
      job({}, {}, { Namespace: 'system' }),
      'the job is in the namespace system, and allowed are web',
    ],
    ['the default one', { namespaces: ['web'] }, job(), /the namespace default/],
    ['too many', { maxCount: 3 }, job({}, { Count: 4 }), 'the group g has 4 allocations, and at most 3 are allowed'],
    [
      'too many in time',
      { maxCount: 3 },
      job({}, { Count: 1, Scaling: { Max: 10 } }),
      'the group g may be scaled to 10 allocations, and at most 3 are allowed',
    ],
    [
      'too much of the processor',
      { maxCpu: 500 },
      job({ Resources: { CPU: 600 } }),
      'the task g/t reserves 600 MHz, and at most 500 MHz are allowed',
    ],
    ['whole cores', { maxCpu: 500 }, job({ Resources: { Cores: 2 } }), /reserves 2 cores, whose MHz nobody knows/],
    [
      'too much memory',
      { maxMemory: 512 },
      job({ Resources: { MemoryMB: 600 } }),
      /reserves 600 MB of memory, and at most 512 MB are allowed/,
    ],
    ['too much at times', { maxMemory: 512 }, job({ Resources: { MemoryMB: 256, MemoryMaxMB: 1024 } }), /may use 1024 MB of memory/],
    ['no limit', { maxMemory: 512 }, job({ Resources: { MemoryMB: 256, MemoryMaxMB: -1 } }), /may use all memory/],
    ['a limit of the driver', { maxMemory: 512 }, config({ memory_hard_limit: 2048 }), /may use 2048 MB of memory/],
  ])('%s', (_what, policy, one, text) => {
    const [first = '', ...others] = said(policy, one);
    expect(others).toEqual([]);
    expect(typeof text === 'string' ? first === text : text.test(first)).toBe(true);
    // What has no rule is allowed.
    expect(said({}, one)).toEqual([]);
  });
});

describe('a policy allows', () => {
  test.each<[string, Partial<Policy>, Job]>([
    [
      'what is not privileged',
      { privileged: false },
      config({ privileged: false, pid_mode: 'private', security_opt: ['no-new-privileges'] }),
    ],
    ['what says so in words', { privileged: false }, config({ privileged: 'false' })],
    ['what is privileged, where it may', { privileged: true, rawExec: true }, config({ privileged: true })],
    ['a bridge', { hostNetwork: false }, job({ Driver: 'exec' }, { Networks: [{ Mode: 'bridge' }] })],
    ["the engine's own network", { hostNetwork: false }, job({ Config: { network_mode: 'bridge' } }, { Networks: [{}] })],
    ['folders', { hostPaths: ['/srv/shared'] }, config({ volumes: ['/srv/shared:/a', '/srv/shared/b:/b:ro'] })],
    ["the task's own folders", { hostPaths: false }, config({ volumes: ['local/x:/x', './local/../local/y:/y', 'secrets:/s', 'data:/d'] })],
    [
      'volumes of the engine',
      { hostPaths: false },
      config({
        mount: [
          { type: 'volume', source: 'v', target: '/v' },
          { type: 'tmpfs', target: '/t' },
        ],
      }),
    ],
    ['any path', { hostPaths: true }, config({ volumes: ['/:/host'] })],
    ['host volumes', { hostVolumes: ['certs'] }, job({}, volume('certs'))],
    ['volumes of a plugin', { hostVolumes: false }, job({}, { Volumes: { d: { Type: 'csi', Source: 'data' } } })],
    ['capabilities', { capabilities: ['net_bind_service'] }, config({ cap_add: ['CAP_NET_BIND_SERVICE'], cap_drop: ['ALL'] })],
    ['a repository', { imageRegistries: ['https://ghcr.io/acme/'] }, config({ image: 'ghcr.io/acme/shop@sha256:0a' })],
    ['one image', { imageRegistries: ['ghcr.io/acme/shop'] }, config({ image: 'ghcr.io/acme/shop:1' })],
    ['a tag that is said on the node', { imageRegistries: ['ghcr.io/acme'] }, config({ image: 'ghcr.io/acme/shop:${meta.tag}' })],
    ['the hub', { imageRegistries: ['docker.io'] }, config({ image: 'docker:28-dind' })],
    ['a part of the hub', { imageRegistries: ['acme', 'docker.io/library'] }, config({ image: 'index.docker.io/acme/x' })],
    ['a registry with a port', { imageRegistries: ['localhost:5000'] }, config({ image: 'localhost:5000/x:1' })],
    ['a namespace', { namespaces: ['default'] }, job({}, {}, { Namespace: '' })],
    [
      'what is below its ceilings',
      { maxCount: 2, maxCpu: 500, maxMemory: 512 },
      job({ Resources: { CPU: 500, MemoryMB: 512 } }, { Count: 2 }),
    ],
  ])('%s', (_what, policy, one) => expect(said(policy, one)).toEqual([]));
});

function sidecar(SidecarTask: object): Partial<TaskGroup> {
  return { Services: [{ Name: 'api', Connect: { SidecarTask } }] };
}
function volume(Source: string): Partial<TaskGroup> {
  return { Volumes: { v: { Type: 'host', Source } } };
}

describe('a job that is refused', () => {
  const TEXT = `job "shop" {
  namespace = "system"
  group "g" {
    count = 9
    network {
      mode = "host"
    }
    volume "v" {
      type   = "host"
      source = "data"
    }
    task "t" {
      driver = "docker"
      config {
        image      = "redis:7"
        privileged = true
        cap_add    = ["all"]
        volumes    = ["/etc:/etc"]
        mount {
          type   = "bind"
          source = "/var"
          target = "/v"
        }
      }
      resources {
        memory = 9000
        cpu    = 9000
      }
    }
    task "beside" {
      driver = "raw_exec"
    }
  }
}
`;
  const SPEC: SpecFile = { name: 'shop.nomad', text: TEXT, builtIn: false, format: 'hcl', template: false, fragments: {} };
  const JOB: Job = {
    ID: 'shop',
    Name: 'shop',
    Namespace: 'system',
    TaskGroups: [
      {
        Name: 'g',
        Count: 9,
        Networks: [{ Mode: 'host' }],
        ...volume('data'),
        Tasks: [
          {
            Name: 't',
            Driver: 'docker',
            Config: {
              image: 'redis:7',
              privileged: true,
              cap_add: ['all'],
              volumes: ['/etc:/etc'],
              mount: [{ type: 'bind', source: '/var' }],
            },
            Resources: { MemoryMB: 9000, CPU: 9000 },
          },
          { Name: 'beside', Driver: 'raw_exec' },
        ],
      },
    ],
  };
  const STRICT: Policy = {
    ...NONE,
    allowedDrivers: ['docker'],
    privileged: false,
    hostNetwork: false,
    hostPaths: false,
    hostVolumes: [],
    capabilities: [],
    rawExec: false,
    imageRegistries: ['ghcr.io'],
    namespaces: ['default'],
    maxCount: 2,
    maxCpu: 1000,
    maxMemory: 1000,
  };
  const refusal = (rules: Rules, spec = SPEC): unknown => {
    try {
      requireAllowed(JOB, rules, spec);
      return undefined;
    } catch (error) {
      return error;
    }
  };

  test('is told all of it at once, with the lines', () => {
    const error = refusal({ drivers: undefined, policy: { policy: STRICT, source: 'nomad-deploy.yml of the branch main' } });
    expect(error).toMatchObject({
      code: 'policy-violation',
      location: { file: 'shop.nomad', line: 2 },
      hint: 'Nothing was built or registered. What is allowed is said by `policy` in nomad-deploy.yml of the branch main.',
    });
    expect(
      String(error)
        .split('\n')
        .map((line) => /shop\.nomad:(\d+): (.{28})/.exec(line)?.slice(1).join(' ')),
    ).toEqual([
      '2 the job is in the namespace ',
      '4 the group g has 9 allocation',
      "6 the group g is in the node's",
      '8 the group g has the host vol',
      '16 the task g/t is privileged, ',
      '18 the task g/t mounts "/etc" o',
      '19 the task g/t mounts "/var" o',
      '17 the task g/t adds the capabi',
      '15 the task g/t has the image "',
      '27 the task g/t reserves 9000 M',
      '26 the task g/t reserves 9000 M',
      '31 the task g/beside has the dr',
      '31 the task g/beside is in the ',
    ]);
  });

  test('for its drivers is told the input that would allow them', () => {
    expect(refusal({ drivers: ['exec', 'podman'], policy: undefined })).toMatchObject({
      message: [
        'shop.nomad:13: the task g/t has the driver "docker", and allowed are exec, podman',
        'shop.nomad:31: the task g/beside has the driver "raw_exec", and allowed are exec, podman',
      ].join('\n'),
      location: { file: 'shop.nomad', line: 13 },
      hint: 'Nothing was built or registered. If it is meant, set `allowed-drivers: exec podman docker raw_exec`.',
    });
  });

  test('by the input can not be allowed against the policy', () => {
    const policy = { policy: { ...NONE, allowedDrivers: ['docker'] }, source: 'x' };
    expect(refusal({ drivers: ['docker', 'raw_exec'], policy })).toMatchObject({ message: expect.stringContaining('allowed are docker') });
  });

  test('of the built-in template has no line', () => {
    expect(refusal({ drivers: ['exec'], policy: undefined }, { ...SPEC, builtIn: true })).toMatchObject({
      message: expect.stringMatching(/^the task g\/t has the driver/),
      location: undefined,
    });
  });

  test('is one that does what it may', () =>
    expect(refusal({ drivers: ['docker', 'raw_exec'], policy: { policy: NONE, source: '' } })).toBeUndefined());
});

describe('a count without a spec', () => {
  const policy = { policy: { ...NONE, maxCount: 3 }, source: 'nomad-deploy.yml' };
  test.each<[number | undefined, { policy: Policy; source: string } | undefined]>([
    [3, policy],
    [undefined, policy],
    [9, undefined],
    [9, { ...policy, policy: NONE }],
  ])('of %j is allowed', (count, rules) => expect(() => requireCount(count, rules)).not.toThrow());
  test('above the ceiling is not', () =>
    expect(() => requireCount(4, policy)).toThrow(
      expect.objectContaining({ code: 'policy-violation', message: '`count`: a group of 4 allocations, and at most 3 are allowed' }),
    ));
});
