// Why a node does not take a group, as a plan says it.
import { plan } from './answers.ts';
import { type Ask, allocation, container, isRunning, type Json, job, register, STAY, shell } from './cluster.ts';

interface PlanAnswer {
  readonly FailedTGAllocs?: Readonly<Record<string, Json>> | null;
  readonly Warnings?: string;
  readonly Diff?: {
    readonly TaskGroups?: readonly { readonly Tasks?: readonly { readonly Annotations?: readonly string[] | null }[] | null }[] | null;
  };
}

const METRICS = ['ConstraintFiltered', 'DimensionExhausted', 'MissingNonNodeResources'] as const;

/** Returns the situations by name, each a job that has no place. */
export function placements(ask: Ask): Record<string, () => Promise<unknown>> {
  const unplaced = async (own: Json, more: Json = {}, tasks: readonly Json[] = [STAY]): Promise<unknown> => {
    const { status, text, json } = await plan(ask, job('unplaced', tasks, { job: own, more }));
    const [metric] = Object.values((json as PlanAnswer | undefined)?.FailedTGAllocs ?? {});
    if (metric === undefined) return { status, text, json: undefined, placed: status === 200 };
    return Object.fromEntries(
      METRICS.flatMap((name) => (metric[name] === undefined || metric[name] === null ? [] : [[name, metric[name]]])),
    );
  };
  const resources = (Resources: Json) => [{ ...STAY, Resources: { CPU: 20, MemoryMB: 20, ...Resources } }];
  const constraint = (LTarget: string, Operand: string, RTarget: string) => ({ Constraints: [{ LTarget, Operand, RTarget }] });
  const port = (Value: number) => ({ Networks: [{ Mode: 'host', ReservedPorts: [{ Label: 'http', Value }] }] });
  return {
    'place: memory': async () => unplaced({}, {}, resources({ MemoryMB: 9e6 })),
    'place: cpu': async () => unplaced({}, {}, resources({ CPU: 9e6 })),
    'place: cores': async () => unplaced({}, {}, resources({ CPU: 0, Cores: 4096 })),
    'place: disk': async () => unplaced({}, { EphemeralDisk: { SizeMB: 9e8 } }),
    'place: device': async () => unplaced({}, {}, resources({ Devices: [{ Name: 'acme/gpu', Count: 1 }] })),
    'place: numa': async () => unplaced({}, {}, resources({ CPU: 0, Cores: 4096, NUMA: { Affinity: 'require' } })),
    'place: static port': async () => {
      await register(ask, job('ports', [STAY], { more: port(19_999) }));
      await allocation(ask, 'ports', isRunning);
      // A node may have several addresses, each with its own ports.
      return unplaced({}, { ...port(19_999), Count: 9 });
    },
    'place: constraint': async () => unplaced(constraint('${attr.kernel.name}', '=', 'plan9')),
    'place: version constraint': async () => unplaced(constraint('${attr.nomad.version}', 'semver', '>= 99.0.0')),
    'place: driver': async () => unplaced({}, {}, [{ ...STAY, Driver: 'nothing' }]),
    'place: host volume': async () => unplaced({}, { Volumes: { v: { Name: 'v', Type: 'host', Source: 'data' } } }),
    'place: CSI volume': async () =>
      unplaced(
        {},
        {
          Volumes: { v: { Name: 'v', Type: 'csi', Source: 'data', AccessMode: 'single-node-writer', AttachmentMode: 'file-system' } },
        },
      ),
    'place: network mode': async () => unplaced({}, { Networks: [{ Mode: 'bridge' }] }),
    'place: CNI network': async () => unplaced({}, { Networks: [{ Mode: 'cni/none' }] }),
    'place: host network': async () =>
      unplaced({}, { Networks: [{ Mode: 'host', DynamicPorts: [{ Label: 'a', HostNetwork: 'private' }] }] }),
    'place: distinct hosts': async () => unplaced({ Constraints: [{ Operand: 'distinct_hosts', RTarget: 'true' }] }, { Count: 2 }),
    'place: distinct property': async () =>
      unplaced({ Constraints: [{ Operand: 'distinct_property', LTarget: '${node.unique.id}', RTarget: '1' }] }, { Count: 2 }),
    'place: Consul': async () => unplaced({}, { Services: [{ Name: 'web', Provider: 'consul' }] }),
    'place: Vault': async () => unplaced({}, {}, [{ ...STAY, Vault: { Role: 'x', Env: true } }]),
    'place: datacenter': async () => unplaced({ Datacenters: ['elsewhere'] }),
    'place: node pool': async () => unplaced({ NodePool: 'empty' }),
    'place: looked at before': async () => {
      const nothing = { Constraints: [{ LTarget: '${attr.kernel.name}', Operand: '=', RTarget: 'plan9' }] };
      const groups = ['a', 'b'].map((Name) => ({ Name, Count: 1, Tasks: [STAY] }));
      const { json } = await plan(ask, job('unplaced', [], { job: { ...nothing, TaskGroups: groups } }));
      const metrics = Object.values((json as PlanAnswer).FailedTGAllocs ?? {});
      return { ConstraintFiltered: Object.assign({}, ...metrics.map(({ ConstraintFiltered }) => ConstraintFiltered)) as unknown };
    },
    ...warnings(ask),
  };
}

function warnings(ask: Ask): Record<string, () => Promise<unknown>> {
  const warned = async (sent: Json): Promise<unknown> => ({ Warnings: ((await plan(ask, sent)).json as PlanAnswer).Warnings ?? '' });
  const annotated = async (sent: Json): Promise<unknown> => {
    const { json } = await plan(ask, sent);
    const groups = (json as PlanAnswer).Diff?.TaskGroups ?? [];
    return { annotations: groups.flatMap(({ Tasks }) => (Tasks ?? []).map(({ Annotations }) => Annotations ?? [])) };
  };
  const service = { Networks: [{ DynamicPorts: [{ Label: 'http' }] }], Services: [{ Name: 'web', Provider: 'nomad', PortLabel: 'http' }] };
  return {
    'warn: memory oversubscription': async () =>
      warned(job('warned', [{ ...STAY, Resources: { CPU: 20, MemoryMB: 20, MemoryMaxMB: 40 } }], { more: { ShutdownDelay: 1e9 } })),
    'warn: a service without shutdown_delay': async () => warned(job('warned', [STAY], { more: service })),
    'warn: nothing': async () => warned(job('warned', [STAY])),
    'annotate: a new task': async () => annotated(job('stays', [STAY, { ...STAY, Name: 'u' }])),
    'annotate: another command': async () => annotated(job('stays', [shell('exec sleep 1001')])),
    'annotate: in place': async () => annotated(job('stays', [{ ...STAY, KillTimeout: 2e9 }])),
    'annotate: another driver': async () => annotated(job('stays', [container({})])),
    'annotate: a task less': async () => annotated(job('stays', [{ ...STAY, Name: 'u' }])),
  };
}
