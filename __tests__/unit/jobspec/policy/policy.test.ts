import { describe, expect, test } from '@jest/globals';
import type { Policy } from '../../../../src/inputs/config/types.ts';
import { type Restrictions, requireAllowed, requireCount } from '../../../../src/jobspec/policy/policy.ts';
import { violations } from '../../../../src/jobspec/policy/rules.ts';
import type { SpecFile } from '../../../../src/jobspec/types.ts';
import type { Job, Task, TaskGroup } from '../../../../src/nomad/types.ts';
import { NO_POLICY as NONE } from '../../../helpers/policy.ts';

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
    ['a driver', { allowedDrivers: ['docker'] }, job({ Driver: 'exec' }), 'the task g/t has the driver "exec"; allowed: docker'],
    ['raw_exec', { rawExec: false }, job({ Driver: 'raw_exec' }), 'the task g/t has the driver "raw_exec", which is not allowed'],
    ['privileged', priv, config({ privileged: true }), 'the task g/t is privileged, which is not allowed'],
    ['privileged in words', priv, config({ privileged: 'true' }), /^the task g\/t is privileged = "true"/],
    ['privileged as 1', priv, config({ privileged: 1 }), /is privileged/],
    ['privileged, said on the node', priv, config({ privileged: '${meta.p}' }), /is privileged = "\$\{meta.p\}"/],
    ['privileged podman', priv, config({ privileged: true }, 'podman'), /is privileged/],
    ["the node's processes", priv, config({ pid_mode: 'host' }), /is not isolated from the node \(pid_mode = "host"\)/],
    ["another container's memory", priv, config({ ipc_mode: 'container:x' }), /is not isolated from the node \(ipc_mode/],
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
      /like every task of the driver exec in a group without a network with `mode = "bridge"`/,
    ],
    [
      'of raw_exec with one',
      net,
      job({ Driver: 'raw_exec' }, { Networks: [{ Mode: 'bridge' }] }),
      /like every task of the driver raw_exec, which/,
    ],
    ['a volume', paths, config({ volumes: ['/etc:/etc:ro'] }), 'the task g/t mounts "/etc" of the node; allowed: /srv/shared, /data/'],
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
    ['any path', { hostPaths: false }, config({ volumes: ['/srv/shared:/x'] }), /; allowed: none$/],
    ['a host volume', { hostVolumes: ['certs'] }, job({}, volume('data')), 'the group g has the host volume "data"; allowed: certs'],
    ['any host volume', { hostVolumes: false }, job({}, volume('certs')), /the host volume "certs"; allowed: none/],
    [
      'a capability',
      caps,
      config({ cap_add: ['sys_admin', 'net_bind_service'] }),
      /adds the capabilities sys_admin; allowed: NET_BIND_SERVICE/,
    ],
    ['all of them', { capabilities: [] }, config({ cap_add: ['ALL'] }), /adds the capabilities ALL; allowed: none/],
    [
      'another registry',
      acme,
      config({ image: 'docker.io/acme/shop:1' }),
      /has the image "docker.io\/acme\/shop:1"; allowed: images of ghcr.io\/acme$/,
    ],
    ['a name with the same beginning', acme, config({ image: 'ghcr.io/acmeshop/x' }), /has the image/],
    ['an image of the hub', acme, config({ image: 'redis:7' }), /has the image "redis:7"/],
    ['an image that is said on the node', acme, config({ image: '${meta.image}' }), /has the image/],
    ['a registry that is said on the node', { imageRegistries: ['docker.io'] }, config({ image: 'x${meta.image}' }), /has the image/],
    ['an image of a file', acme, config({ image: 'ghcr.io/acme/shop', load: 'shop.tar' }), /an image of the file "shop.tar"/],
    ['a file of podman', acme, config({ image: 'docker-archive:/x.tar' }, 'podman'), /has the image "docker-archive/],
    ['the image of a sidecar', acme, job({}, sidecar({ Config: { image: 'evil/proxy' } })), /^the sidecar of g\/api has the image/],
    ['a namespace', { namespaces: ['web'] }, job({}, {}, { Namespace: 'system' }), 'the job is in the namespace system; allowed: web'],
    ['the default one', { namespaces: ['web'] }, job(), /the namespace default/],
    ['too many', { maxCount: 3 }, job({}, { Count: 4 }), 'the group g has 4 allocations, and at most 3 are allowed'],
    [
      'too many in time',
      { maxCount: 3 },
      job({}, { Count: 1, Scaling: { Max: 10 } }),
      'the group g may be scaled to 10 allocations, and at most 3 are allowed',
    ],
    [
      'too many canaries',
      { maxCount: 3 },
      job({}, { Update: { Canary: 100 } }),
      'the group g gets 100 canaries, and at most 3 are allowed',
    ],
    ["too many canaries of the job's", { maxCount: 3 }, job({}, {}, { Update: { Canary: 100 } }), /the group g gets 100 canaries/],
    [
      'too much of the processor',
      { maxCpu: 500 },
      job({ Resources: { CPU: 600 } }),
      'the task g/t reserves 600 MHz, and at most 500 MHz are allowed',
    ],
    ['whole cores', { maxCpu: 500 }, job({ Resources: { Cores: 2 } }), /reserves 2 cores, whose MHz are unknown/],
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
    [
      'logs that go over the network, or nowhere',
      { hostPaths: false },
      config({
        logging: [
          {
            type: 'gelf',
            config: [{ 'gelf-address': 'udp://${attr.unique.network.ip-address}:12201', tag: '${NOMAD_JOB_NAME}/x', 'max-file': 2 }],
          },
          { driver: 'json-file', config: { 'max-size': '10m', compress: true } },
        ],
      }),
    ],
    [
      'logs to a socket that is listed',
      { hostPaths: ['/dev/log'] },
      config({ logging: { config: { 'syslog-address': 'unixgram:///dev/log' } } }),
    ],
    ['as many canaries as allocations', { maxCount: 3 }, job({}, { Count: 3, Update: { Canary: 3 } })],
    ['no canaries of a group whose job has them', { maxCount: 3 }, job({}, { Update: { Canary: 0 } }, { Update: { Canary: 9 } })],
    ['a name of the hub for Podman', { imageRegistries: ['docker.io'] }, config({ image: 'docker.io/redis:7' }, 'podman')],
    [
      'what the newest driver of Podman takes',
      { privileged: false, hostPaths: false, hostNetwork: false },
      config(
        {
          image: 'x',
          arch: 'arm64',
          os: 'linux',
          variant: 'v8',
          ipv4_address: '10.0.0.2',
          static_mac: 'x',
          oom_score_adj: 1,
          ipc_mode: 'private',
        },
        'podman',
      ),
    ],
    ['volumes of a plugin', { hostVolumes: false }, job({}, { Volumes: { d: { Type: 'csi', Source: 'data' } } })],
    ['capabilities', { capabilities: ['net_bind_service'] }, config({ cap_add: ['CAP_NET_BIND_SERVICE'], cap_drop: ['ALL'] })],
    ['a repository', { imageRegistries: ['https://ghcr.io/acme/'] }, config({ image: `ghcr.io/acme/shop@sha256:${'0a'.repeat(32)}` })],
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

describe('a rule that is set refuses what it does not name', () => {
  const connect = (Connect: object): Partial<TaskGroup> => ({ Services: [{ Name: 'api', Connect }] });
  test.each<[string, Partial<Policy>, Job, RegExp]>([
    // Security options, namespaces of the kernel, runtimes.
    ['an option of seccomp', { privileged: false }, config({ security_opt: ['seccomp=/x.json'] }), /security option "seccomp=\/x.json"/],
    ['an option of SELinux', { privileged: false }, config({ security_opt: ['label:disable'] }), /security option/],
    ['an option in a list within a list', { privileged: false }, config({ security_opt: [['no-new-privileges']] }), /security option/],
    ['an option that is filled in', { privileged: false }, config({ security_opt: ['${meta.o}'] }), /security option/],
    ['options of Podman', { privileged: false }, config({ selinux_opts: ['disable'] }, 'podman'), /security option "disable"/],
    ['a profile of AppArmor', { privileged: false }, config({ apparmor_profile: 'unconfined' }, 'podman'), /apparmor_profile/],
    ['a namespace by its path', { privileged: false }, config({ userns: 'ns:/proc/1/ns/user' }, 'podman'), /userns = "ns:/],
    ['a namespace in a template', { privileged: false }, config({ pid_mode: '%{ if true }host%{ endif }' }), /pid_mode/],
    ['a namespace that is no text', { privileged: false }, config({ ipc_mode: ['host'] }), /ipc_mode = \["host"\]/],
    ['the processes of the node for exec', { privileged: false }, config({ command: 'x', pid_mode: 'host' }, 'exec'), /pid_mode = "host"/],
    ['another runtime', { privileged: false }, config({ runtime: 'sysbox' }), /runtime = "sysbox"/],
    [
      'all capabilities',
      { privileged: false },
      config({ cap_add: ['all'] }),
      /adds the capabilities all, which is as good as privileged and not allowed/,
    ],
    [
      'one that is as good as root',
      { privileged: false },
      config({ cap_add: ['CAP_SYS_ADMIN', 'NET_ADMIN'] }),
      /adds the capabilities CAP_SYS_ADMIN,/,
    ],
    ['raw_exec', { privileged: false }, config({ command: 'x' }, 'raw_exec'), /"raw_exec", which isolates nothing/],
    ['raw_exec for paths', { hostPaths: ['/srv'] }, config({ command: 'x' }, 'raw_exec'), /"raw_exec", which isolates nothing/],
    [
      'an image of QEMU, which can have a file of the node behind it',
      { hostPaths: false },
      config({ image_path: 'local/x.qcow2' }, 'qemu'),
      /the driver "qemu", whose image can name any file of the node/,
    ],
    [
      'arguments of QEMU',
      { privileged: false },
      config({ image_path: 'local/x', args: ['-drive', 'file=/etc/shadow'] }, 'qemu'),
      /has `args` for QEMU/,
    ],
    [
      'options of QEMU behind a comma',
      { hostPaths: false },
      config({ image_path: 'local/x,file=/etc/shadow' }, 'qemu'),
      /has `image_path` for QEMU/,
    ],
    [
      'options of QEMU in another argument',
      { hostPaths: false },
      config({ image_path: 'x', drive_interface: 'ide,file=/x' }, 'qemu'),
      /has `drive_interface`/,
    ],
    [
      'an image of QEMU of no registry',
      { imageRegistries: ['ghcr.io'] },
      config({ image_path: 'local/x.img' }, 'qemu'),
      /an image of the file "local\/x.img"/,
    ],
    ['a plugin for volumes', { privileged: false }, job({ CSIPluginConfig: { ID: 'x' } }), /gets the devices of the node/],
    // Drivers and arguments that are not known.
    ['the driver of a plugin', { hostPaths: false }, config({}, 'containerd-driver'), /whose config cannot be checked/],
    [
      'the driver of a plugin by its image',
      { imageRegistries: ['ghcr.io'] },
      config({ image: 'ghcr.io/x' }, 'nspawn'),
      /whose config cannot be checked/,
    ],
    [
      'an argument in another case',
      { privileged: false },
      config({ Privileged: true }),
      /has "Privileged" in its config.*did you mean privileged\?$/,
    ],
    ['an argument that is new', { hostNetwork: false }, config({ gpus: 'all' }), /has "gpus" in its config/],
    // Networks.
    ['a network of another container', { hostNetwork: false }, config({ network_mode: 'container:x' }), /may be in the node's own network/],
    [
      'a network by its path',
      { hostNetwork: false },
      config({ network_mode: 'ns:/proc/1/ns/net' }, 'podman'),
      /may be in the node's own network/,
    ],
    [
      'a network with options',
      { hostNetwork: false },
      config({ network_mode: 'slirp4netns:allow_host_loopback=true' }, 'podman'),
      /may be/,
    ],
    ['the network of the node in capitals', { hostNetwork: false }, config({ network_mode: 'HOST' }), /may be/],
    [
      'a mode of a group that is unknown',
      { hostNetwork: false },
      job({}, { Networks: [{ Mode: 'bridge' }, { Mode: 'Host' }] }),
      /its mode is "Host"/,
    ],
    [
      'a network of the resources',
      { hostNetwork: false },
      job({ Resources: { Networks: [{ Mode: 'host' }] } }),
      /the group g is in the node's/,
    ],
    // Paths.
    ['an overlay', { hostPaths: false }, config({ mount: { volume_options: { driver_config: {} }, source: 'v' } }), /`driver_config`/],
    ['a block that is a text', { hostPaths: false }, config({ mount: 'x' }), /has a `mount` that cannot be checked/],
    [
      'a block in a list within a list',
      { hostPaths: false },
      config({ mounts: [[{ type: 'tmpfs', target: '/t' }]] }),
      /has a `mounts` that cannot be checked/,
    ],
    [
      'a field of a block that is unknown',
      { hostPaths: false },
      config({ mount: [{ Type: 'bind' }] }),
      /has a `mount` that cannot be checked/,
    ],
    ['a type that is unknown', { hostPaths: false }, config({ mount: [{ type: 'npipe', source: 'x' }] }), /a mount of the type "npipe"/],
    [
      'a volume that is a path',
      { hostPaths: false },
      config({ mount: [{ type: 'volume', source: '/etc' }] }),
      /mounts "\/etc" of the node/,
    ],
    ['volumes that are no list', { hostPaths: false }, config({ volumes: { '/etc': '/x' } }), /has a `volumes` that cannot be checked/],
    [
      'a volume in a list within a list',
      { hostPaths: false },
      config({ volumes: [['/etc:/x']] }),
      /has a `volumes` that cannot be checked/,
    ],
    ['a driver of volumes', { hostPaths: false }, config({ volumes: ['v:/v'], volume_driver: 'nfs' }), /has the volume driver "nfs"/],
    ['the shared folder', { hostPaths: false }, config({ volumes: ['local/../../alloc/x:/x'] }), /of the shared folder/],
    [
      'the shared folder by a variable',
      { hostPaths: ['/srv'] },
      config({ volumes: ['${NOMAD_ALLOC_DIR}/x:/x'] }),
      /mounts "\$\{NOMAD_ALLOC_DIR\}\/x"/,
    ],
    [
      "a path of the container's",
      { hostPaths: false },
      config({ volumes: ['${NOMAD_TASK_DIR}/x:/x'] }),
      /the path in the container; write local\/x\)/,
    ],
    ["all of the task's folder", { hostPaths: false }, config({ volumes: ['.:/x'] }), /mounts "." of the node/],
    ["all of the task's folder, by a way", { hostPaths: false }, config({ volumes: ['local/../:/x'] }), /mounts "local\/..\/" of the node/],
    ['a folder of another task', { hostPaths: false }, config({ volumes: ['../other/local:/x'] }), /mounts "..\/other\/local" of the node/],
    ['a path of Windows', { hostPaths: false }, config({ volumes: ['C:\\x:C:\\y'] }), /mounts "C" of the node/],
    [
      'a device in a template',
      { hostPaths: ['/dev'] },
      config({ devices: [{ host_path: '/dev/${meta.d}' }] }),
      /mounts "\/dev\/\$\{meta.d\}"/,
    ],
    ['a device by a name', { hostPaths: ['/dev'] }, config({ devices: ['nvidia.com/gpu=all'] }, 'podman'), /mounts "nvidia.com\/gpu=all"/],
    ['an init of the node', { hostPaths: false }, config({ init_path: '/usr/bin/x' }, 'podman'), /mounts "\/usr\/bin\/x"/],
    ['an image of QEMU', { hostPaths: false }, config({ image_path: '/dev/sda' }, 'qemu'), /mounts "\/dev\/sda"/],
    ['what a blank rule lists', { hostPaths: [''] }, config({ volumes: ['/etc:/x'] }), /mounts "\/etc"/],
    [
      'a log to a socket',
      { hostPaths: false },
      config({ logging: { type: 'syslog', config: { 'syslog-address': 'unixgram:///run/docker.sock' } } }),
      /has the syslog-address "unixgram:\/\/\/run\/docker.sock" for its log/,
    ],
    [
      'a log to a socket, in pieces',
      { hostPaths: ['/srv'] },
      config({ logging: [{ driver: 'fluentd' }, { config: [{}, { 'fluentd-address': 'UNIX:/srv/../x' }] }] }),
      /has the fluentd-address/,
    ],
    [
      'a log with a key of the node',
      { hostPaths: false },
      config({ logging: { config: { 'syslog-tls-key': '/etc/x.key' } } }),
      /syslog-tls-key/,
    ],
    ['a log to somewhere', { hostPaths: false }, config({ logging: { config: { 'fluentd-address': '${meta.log}' } } }), /fluentd-address/],
    ['a log of Podman to a file', { hostPaths: false }, config({ logging: { options: { path: '../../x' } } }, 'podman'), /has the path/],
    ['a log in an unknown block', { hostPaths: false }, config({ logging: { opts: {} } }), /has a `logging` that cannot be checked/],
    // Volumes of groups.
    ['a type in another case', { hostVolumes: false }, job({}, { Volumes: { v: { Type: 'Host', Source: 'x' } } }), /of the type "Host"/],
    ['a volume that is filled in', { hostVolumes: ['x'] }, job({}, volume('${meta.v}')), /has the host volume/],
    // Images.
    ['a host in capitals', { imageRegistries: ['docker.io'] }, config({ image: 'EVIL/x' }), /has the image "EVIL\/x"/],
    ['a way out of a registry', { imageRegistries: ['ghcr.io/acme'] }, config({ image: 'ghcr.io/acme/../evil/x' }), /has the image/],
    ['an image that is no text', { imageRegistries: ['ghcr.io/acme'] }, config({ image: ['ghcr.io/acme/x'] }), /has the image/],
    ['a host that may be filled in', { imageRegistries: ['acme', 'docker.io'] }, config({ image: 'acme:${meta.x}' }), /has the image/],
    [
      'a name in a template',
      { imageRegistries: ['ghcr.io/acme'] },
      config({ image: 'ghcr.io/acme/%{ if true }x%{ endif }' }),
      /has the image/,
    ],
    [
      'a name that Podman looks for',
      { imageRegistries: ['docker.io'] },
      config({ image: 'redis:7' }, 'podman'),
      /has the image "redis:7".*write the registry as well/,
    ],
    [
      'a name of a user that Podman looks for',
      { imageRegistries: ['acme'] },
      config({ image: 'acme/shop' }, 'podman'),
      /write the registry as well/,
    ],
    [
      "an official image for a user's",
      { imageRegistries: ['acme'] },
      config({ image: 'docker.io/acme' }),
      /has the image "docker.io\/acme"/,
    ],
    ['an image by another transport', { imageRegistries: ['ghcr.io'] }, config({ image: 'oci:ghcr.io/x' }, 'podman'), /has the image/],
    // Sidecars and gateways that Nomad adds by itself.
    [
      'a sidecar’s driver',
      { allowedDrivers: ['exec'] },
      job({ Driver: 'exec' }, connect({ SidecarService: {} })),
      /^the sidecar of g\/api has the driver "docker"/,
    ],
    [
      'a gateway’s driver',
      { allowedDrivers: ['exec'] },
      job({ Driver: 'exec' }, connect({ Gateway: {} })),
      /^the sidecar of g\/api has the driver "docker"/,
    ],
    // Amounts.
    ['more in a region', { maxCount: 2 }, job({}, {}, { Multiregion: { Regions: [{ Name: 'eu', Count: 5 }] } }), /the region eu has 5/],
    ['every node', { maxCount: 2 }, job({}, {}, { Type: 'system' }), /runs on every node/],
    ['a count that is a text', { maxCount: 2 }, job({}, { Count: '9' as never }), /has 9 allocations/],
    [
      'what an autoscaler may take',
      { maxMemory: 512 },
      job({ ScalingPolicies: [{ Type: 'vertical_mem', Max: 4096 }] }),
      /may be scaled to 4096/,
    ],
    ['memory of a default', { maxMemory: 200 }, job(), /reserves 300 MB/],
    ['memory of secrets', { maxMemory: 200 }, job({ Resources: { MemoryMB: 150, SecretsMB: 100 } }), /reserves 250 MB/],
    ['a limit that is filled in', { maxMemory: 512 }, config({ memory_hard_limit: '${meta.m}' }), /may use \$\{meta.m\} MB/],
  ])('%s', (_what, policy, one, text) => {
    const found = said(policy, one);
    expect(found).toContainEqual(expect.stringMatching(text));
    expect(said({}, one)).toEqual([]);
  });

  test.each<[string, Partial<Policy>, Job]>([
    [
      'a container like any other',
      { privileged: false, hostPaths: false, hostNetwork: false, capabilities: [], imageRegistries: ['ghcr.io/acme'] },
      config({
        image: 'ghcr.io/acme/shop:1',
        command: 'x',
        ports: ['http'],
        volumes: ['local/conf:/conf:ro'],
        labels: [{ a: '${NOMAD_JOB_NAME}' }],
        logging: [{ type: 'json-file' }],
        ulimit: [{ nofile: '1024' }],
        auth: [{ username: 'x' }],
        security_opt: ['no-new-privileges:true'],
        network_mode: 'bridge',
        memory_hard_limit: 512,
        healthchecks: [{ disable: true }],
      }),
    ],
    ['capabilities of a container’s own', { privileged: false }, config({ cap_add: ['NET_ADMIN', 'cap_ipc_lock'] })],
    ['any capability that its own rule has', { privileged: false, capabilities: ['SYS_PTRACE'] }, config({ cap_add: ['sys_ptrace'] })],
    ['raw_exec by a word of the policy', { privileged: false, rawExec: true }, config({ command: 'x' }, 'raw_exec')],
    [
      'a machine',
      { privileged: false, hostPaths: false, allowedDrivers: ['qemu'] },
      config({ image_path: 'local/x.img', accelerator: 'kvm', drive_interface: 'virtio' }, 'qemu'),
    ],
    ['a plugin that is named', { hostPaths: false, allowedDrivers: ['nspawn'] }, config({ anything: 1 }, 'nspawn')],
    ['a network of the engine', { hostNetwork: false }, config({ network_mode: 'shop_default' })],
    ['the network of another task', { hostNetwork: false }, config({ network_mode: 'task:proxy' }, 'podman')],
    ['a network of CNI', { hostNetwork: false }, job({ Driver: 'exec' }, { Networks: [{ Mode: 'cni/mesh' }] })],
    [
      'a device that is listed',
      { hostPaths: ['/dev/dri'] },
      config({ devices: [{ host_path: '/dev/dri/card0', container_path: '/dev/dri/card0' }] }),
    ],
    ['one block without a list', { hostPaths: ['/srv'] }, config({ mount: { type: 'bind', source: '/srv/x', target: '/x' } })],
    ['a sidecar beside Podman', { allowedDrivers: ['podman'] }, job({ Driver: 'podman' }, connect({ SidecarService: {} }))],
    ['a service of the mesh by itself', { allowedDrivers: ['exec'] }, job({ Driver: 'exec' }, connect({ Native: true }))],
  ])('but %s is allowed', (_what, policy, one) => expect(said(policy, one)).toEqual([]));
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
  const refusal = (rules: Restrictions, spec = SPEC): unknown => {
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
      hint: 'Nothing was built or registered. `policy` in nomad-deploy.yml of the branch main says what is allowed.',
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
        'shop.nomad:13: the task g/t has the driver "docker"; allowed: exec, podman',
        'shop.nomad:31: the task g/beside has the driver "raw_exec"; allowed: exec, podman',
      ].join('\n'),
      location: { file: 'shop.nomad', line: 13 },
      hint: 'Nothing was built or registered. To allow it, set `allowed-drivers: exec podman docker raw_exec`.',
    });
  });

  test('by the input can not be allowed against the policy', () => {
    const policy = { policy: { ...NONE, allowedDrivers: ['docker'] }, source: 'x' };
    expect(refusal({ drivers: ['docker', 'raw_exec'], policy })).toMatchObject({ message: expect.stringContaining('allowed: docker') });
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
      expect.objectContaining({ code: 'policy-violation', message: '`count` is 4, and at most 3 allocations of a group are allowed' }),
    ));
});
