import type { Job, Task } from '../nomad/types.ts';

/** What Nomad gives a task that asks for nothing. */
const DEFAULT_CPU_MHZ = 100;
const DEFAULT_MEMORY_MIB = 300;

/** What one allocation of a group reserves, and how many there are to be. */
export interface GroupCost {
  readonly name: string;
  readonly count: number;
  readonly cpuMhz: number;
  /** Whole processors, in place of a share. */
  readonly cores: number;
  readonly memoryMib: number;
}

/** What each group of a job reserves. Of a system job, which runs on every node that fits, the count is that on a node. */
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
