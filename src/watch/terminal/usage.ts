import type { Nomad, TaskUsage } from '../../nomad/index.ts';
import type { Allocation, Job } from '../../nomad/types.ts';

/** The nodes are asked about so many allocations at a time. */
const AT_ONCE = 10;

type Usage = Readonly<Record<string, Readonly<Record<string, TaskUsage>>>>;

/** Reads the use of the running allocations, by allocation and task; those whose node does not answer are left out. */
export async function readUsage(
  allocations: readonly Allocation[],
  nomad: Nomad,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<Usage> {
  const running = allocations.filter(({ ClientStatus }) => ClientStatus === 'running');
  const found: [string, Readonly<Record<string, TaskUsage>>][] = [];
  for (let at = 0; at < running.length; at += AT_ONCE) {
    const some = running.slice(at, at + AT_ONCE);
    const read = await Promise.all(some.map(async ({ ID }) => nomad.allocations.usage(ID, namespace, signal).catch(() => undefined)));
    signal.throwIfAborted();
    for (const [i, { ID }] of some.entries()) {
      const usage = read[i];
      if (usage !== undefined) found.push([ID, usage]);
    }
  }
  return Object.fromEntries(found);
}

/** Returns the use of all tasks of an allocation; undefined where it is unknown. */
export function sumOf(usage: Readonly<Record<string, TaskUsage>> | undefined): TaskUsage | undefined {
  if (usage === undefined) return undefined;
  const all = Object.values(usage);
  return { cpuMhz: sum(all.map(({ cpuMhz }) => cpuMhz)), memoryMb: sum(all.map(({ memoryMb }) => memoryMb)) };
}

/** The limits of an allocation or a task; 0: unknown. */
export function limitsOf(job: Job, { TaskGroup }: Allocation, task?: string): TaskUsage {
  const tasks = job.TaskGroups?.find(({ Name }) => Name === TaskGroup)?.Tasks ?? [];
  const own = tasks.filter(({ Name }) => task === undefined || Name === task).map(({ Resources }) => Resources ?? {});
  return {
    // The frequency of reserved cores is known to the node only.
    cpuMhz: own.some(({ Cores }) => Boolean(Cores)) ? 0 : sum(own.map(({ CPU }) => CPU ?? 0)),
    memoryMb: sum(own.map(({ MemoryMB, MemoryMaxMB }) => MemoryMaxMB || (MemoryMB ?? 0))),
  };
}

/** Returns the restarts of all tasks of an allocation. */
export const restartsOf = ({ TaskStates }: Allocation): number => sum(Object.values(TaskStates ?? {}).map(({ Restarts }) => Restarts));

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** Returns an amount beside its limit: `12/50 MHz`. */
export function amount(used: number, limit: number, unit: string): string {
  const shown = used >= 10 || used === 0 ? String(Math.round(used)) : used.toFixed(1);
  return `${shown}${limit > 0 ? `/${Math.round(limit)}` : ''} ${unit}`;
}
