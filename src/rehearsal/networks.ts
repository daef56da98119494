import type { Network, Port, Task, TaskGroup } from '../nomad/types.ts';

interface Stood<T> {
  readonly value: T;
  readonly said: readonly string[];
}

/**
 * Returns a group without what only the network of the cluster has. Nomad's bridge needs root and leaves rules in the machine's firewall: in its place, the tasks
 * share the network of one container, whose ports Docker publishes on loopback.
 */
export function withOwnNetwork(group: TaskGroup): Stood<TaskGroup> {
  const said: string[] = [];
  // A program in the network of the machine listens on the port that it knows.
  const isFixed = (group.Tasks ?? []).some(({ Config }) => Config?.['network_mode'] === 'host');
  const networks = (group.Networks ?? []).map((network): Network => {
    const { DNS, CNI: _cni, Hostname: _hostname, ReservedPorts, DynamicPorts, ...others } = network;
    if (DNS) said.push(`group ${group.Name}: the servers of \`dns\` are ignored`);
    if (isFixed) return { ...others, Mode: '', ReservedPorts, DynamicPorts };
    const fixed = ReservedPorts ?? [];
    for (const { Label, Value } of fixed) said.push(`group ${group.Name}: the port ${Label} is a random one in place of ${Value ?? 0}`);
    const free = ({ Label, Value, To }: Port): Port => ({ Label, To: To || (Value ?? 0) });
    return {
      ...others,
      Mode: '',
      DynamicPorts: [...fixed.map(free), ...(DynamicPorts ?? []).map(({ HostNetwork: _network, ...port }) => port)],
    };
  });
  const mode = group.Networks?.find(({ Mode }) => Mode && Mode !== 'host')?.Mode;
  const value = { ...group, Networks: networks };
  if (!mode) return { value, said };
  const tasks = group.Tasks ?? [];
  const owner = ownerOf(tasks);
  if (tasks.length > 1)
    said.push(`group ${group.Name}: the tasks share the network of the container ${owner?.Name} in place of \`mode = "${mode}"\``);
  else said.push(`group ${group.Name}: the task has a network of Docker in place of \`mode = "${mode}"\``);
  const labels = networks.flatMap(({ DynamicPorts }) => (DynamicPorts ?? []).map(({ Label }) => Label));
  return { value: { ...value, Tasks: tasks.map((task) => (owner === undefined ? task : joined(task, owner, labels, mode))) }, said };
}

const isMain = ({ Lifecycle }: Task): boolean => !Lifecycle?.Hook;

/** Returns the task whose container starts before the others. */
function ownerOf(tasks: readonly Task[]): Task | undefined {
  const before = tasks.find(({ Lifecycle }) => Lifecycle?.Hook === 'prestart' && Lifecycle.Sidecar === true);
  return before ?? tasks.find((task) => isMain(task) && task.Leader === true) ?? tasks.find(isMain) ?? tasks[0];
}

function joined(task: Task, owner: Task, labels: readonly string[], mode: string): Task {
  const config = task.Config ?? {};
  if (task === owner) {
    const own = Array.isArray(config['ports']) ? config['ports'].map(String) : [];
    const network = mode === 'none' ? { network_mode: 'none' } : { ports: [...new Set([...own, ...labels])] };
    return { ...task, Config: { ...config, ...network } };
  }
  // These tasks run when the owner does not run.
  const isAlone = task.Lifecycle?.Hook === 'prestart' || task.Lifecycle?.Hook === 'poststop';
  const { ports: _ports, hostname: _hostname, extra_hosts: _hosts, ...others } = config;
  if (isAlone || config['network_mode'] === 'host')
    return { ...task, Config: { ...others, ...(mode === 'none' ? { network_mode: 'none' } : {}) } };
  const after = isMain(task) && isMain(owner) ? { Lifecycle: { Hook: 'poststart', Sidecar: true } } : {};
  // Nomad names a container by its task and allocation.
  return { ...task, ...after, Config: { ...others, network_mode: `container:${owner.Name}-\${NOMAD_ALLOC_ID}` } };
}
