import { ActionError } from '../errors.ts';
import type { Network, Service, ServiceCheck, TaskGroup } from '../nomad/types.ts';

const SERVICE_FIELDS = ['Name', 'Tags', 'CanaryTags', 'PortLabel', 'Checks', 'CheckRestart', 'TaskName', 'OnUpdate'];
const CHECK_FIELDS = [
  ...[
    'Name',
    'Type',
    'Path',
    'Protocol',
    'PortLabel',
    'Interval',
    'Timeout',
    'Header',
    'Method',
    'Body',
    'CheckRestart',
    'TaskName',
    'OnUpdate',
  ],
];

interface Stood<T> {
  readonly value: T;
  readonly said: readonly string[];
}

/** Returns a group with services of Nomad in place of those of Consul. Throws `input-invalid` for a gateway of the mesh. */
export function withNomadServices(group: TaskGroup): Stood<TaskGroup> {
  const said: string[] = [];
  const ports: Network['DynamicPorts'] = [];
  const labels = (group.Networks ?? []).flatMap(({ ReservedPorts, DynamicPorts }) => [...(ReservedPorts ?? []), ...(DynamicPorts ?? [])]);
  /** Returns the label of a port. A number is a port of the allocation's own network, and needs a label on this machine. */
  const labelOf = (port: string): string => {
    if (!/^\d+$/.test(port)) return port;
    const known = [...labels, ...ports].find(({ To, Value }) => To === Number(port) || (Value === Number(port) && !To));
    if (known === undefined) ports.push({ Label: `port_${port}`, To: Number(port) });
    return known?.Label ?? `port_${port}`;
  };
  const convert = (service: Service): Service => {
    const { Name, Provider, Connect, Checks, PortLabel } = service;
    const where = `service ${Name ?? group.Name}`;
    if (Connect?.Gateway) {
      throw new ActionError('input-invalid', `the ${where} is a gateway of Consul's mesh, which a rehearsal does not have`, {
        hint: 'Rehearse the other job specs, by the input `job`.',
      });
    }
    if (Provider !== 'nomad') said.push(`${where}: registered with Nomad in place of Consul`);
    if (Connect) {
      const upstreams = (Connect.SidecarService?.Proxy?.Upstreams ?? []).map(({ DestinationName }) => DestinationName ?? '');
      said.push(`${where}: no mesh${upstreams.length === 0 ? '' : `, so that its upstreams (${upstreams.join(', ')}) do not answer`}`);
    }
    const checks = (Checks ?? []).flatMap((check): ServiceCheck[] => {
      const name = check.Name || check.Type || '';
      if (check.Type !== 'http' && check.Type !== 'tcp') {
        said.push(`${where}: the check ${name} is left out, because only Consul has checks of the type ${check.Type ?? ''}`);
        return [];
      }
      const isBlind = 'TLSSkipVerify' in check && check.TLSSkipVerify === true;
      if (isBlind) said.push(`${where}: the check ${name} only connects, because only Consul skips the check of a certificate`);
      const own = isBlind ? { ...check, Type: 'tcp' } : check;
      const names = isBlind
        ? CHECK_FIELDS.filter((field) => !['Path', 'Protocol', 'Header', 'Method', 'Body'].includes(field))
        : CHECK_FIELDS;
      const port = check.PortLabel ? { PortLabel: labelOf(check.PortLabel) } : {};
      return [{ ...picked(own, names), ...port, ...(check.OnUpdate === 'ignore_warnings' ? { OnUpdate: 'require_healthy' } : {}) }];
    });
    const own = { ...picked(service, SERVICE_FIELDS), Provider: 'nomad', Checks: checks };
    return {
      ...own,
      ...(PortLabel ? { PortLabel: labelOf(PortLabel) } : {}),
      ...(own.OnUpdate === 'ignore_warnings' ? { OnUpdate: '' } : {}),
    };
  };
  const services = (group.Services ?? []).map(convert);
  const tasks = (group.Tasks ?? []).map((task) => (task.Services ? { ...task, Services: task.Services.map(convert) } : task));
  const [first = {}, ...others] = group.Networks ?? [];
  const networks = ports.length === 0 ? group.Networks : [{ ...first, DynamicPorts: [...(first.DynamicPorts ?? []), ...ports] }, ...others];
  return { value: { ...group, Services: services, Tasks: tasks, Networks: networks }, said };
}

function picked<T extends object>(value: T, names: readonly string[]): Partial<T>;
function picked(value: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)));
}
