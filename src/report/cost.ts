import type { Job, Task } from '../nomad/types.ts';

/** Nomad's defaults for a task without resources. */
const DEFAULT_CPU_MHZ = 100;
const DEFAULT_MEMORY_MIB = 300;

/** The resources of one allocation of a group, and the count of the group. */
export interface GroupCost {
  readonly name: string;
  readonly count: number;
  readonly cpuMhz: number;
  /** Whole processors instead of a share. */
  readonly cores: number;
  readonly memoryMib: number;
}

/** Returns the reserved resources of each group of a job. For a system job, the count is that of each node. */
export function costOf(job: Job): GroupCost[] {
  return (job.TaskGroups ?? []).map(({ Name, Count, Tasks }) => {
    const sum = (of: (task: Task) => number): number => (Tasks ?? []).reduce((total, task) => total + of(task), 0);
    return {
      name: Name,
      count: Count ?? 1,
      cpuMhz: sum(({ Resources }) => (Resources?.Cores ? 0 : (Resources?.CPU ?? DEFAULT_CPU_MHZ))),
      cores: sum(({ Resources }) => Resources?.Cores ?? 0),
      memoryMib: sum(({ Resources }) => Resources?.MemoryMB ?? DEFAULT_MEMORY_MIB),
    };
  });
}
