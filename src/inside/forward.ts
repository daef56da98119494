import { ActionError } from '../errors.ts';
import type { PlacedAllocation, RegisteredJob, Task } from '../nomad/types.ts';

/** A local port, and a port of a job: by its label, or its number as the task sees it. */
export interface Forward {
  readonly local: number;
  readonly port: string;
}

/** A port of an allocation. */
export interface PortInside {
  /** The port as the task sees it, and the one of the node; undefined where the node has none. */
  readonly inside: number;
  readonly host: { readonly address: string; readonly port: number } | undefined;
}

const HIGHEST = 65_535;

/** Reads `LOCAL:PORT`. Throws `input-invalid` for another text. */
export function forwardOf(text: string | undefined): Forward {
  const [, local = '', port = ''] = /^(\d{1,5}):([\w-]+)$/.exec(text ?? '') ?? [];
  const inRange = (number: string): boolean => Number(number) >= 1 && Number(number) <= HIGHEST;
  if (inRange(local) && (inRange(port) || !/^\d*$/.test(port))) return { local: Number(local), port };
  throw new ActionError(
    'input-invalid',
    text === undefined ? '`forward` is not set' : `\`forward\`: ${JSON.stringify(text)} is not LOCAL:PORT`,
    {
      hint: 'Write the local port, and the label or the number of the port of the job: `nomad-deploy tunnel 8080:http`.',
    },
  );
}

/** Returns a port of an allocation. Throws `input-invalid` for a label that it does not have. */
export function portOf({ AllocatedResources, Name }: PlacedAllocation, port: string): PortInside {
  const ports = AllocatedResources?.Shared?.Ports ?? [];
  const innerOf = ({ To, Value }: (typeof ports)[number]): number => (To !== undefined && To !== null && To > 0 ? To : Value);
  const found = ports.find((one) => one.Label === port) ?? ports.find((one) => String(innerOf(one)) === port || String(one.Value) === port);
  if (found !== undefined) return { inside: innerOf(found), host: { address: found.HostIP, port: found.Value } };
  if (/^\d+$/.test(port)) return { inside: Number(port), host: undefined };
  throw new ActionError('input-invalid', `${Name} has no port ${JSON.stringify(port)}`, {
    hint: ports.length === 0 ? 'Name the number of the port.' : `Its ports are ${ports.map(({ Label }) => Label).join(', ')}.`,
  });
}

/** Returns the task of a group that a port is mapped to, as the drivers docker and podman know it; undefined where none says so. */
export function taskOfPort({ TaskGroups }: RegisteredJob, group: string | undefined, port: string): string | undefined {
  const tasks = (TaskGroups ?? []).flatMap(({ Name, Tasks }) => (group === undefined || Name === group ? (Tasks ?? []) : []));
  const maps = ({ Config }: Task): boolean => Array.isArray(Config?.['ports']) && Config['ports'].includes(port);
  return tasks.find(maps)?.Name;
}
