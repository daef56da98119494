import type { TaskUsage } from '../../nomad/index.ts';
import type { Allocation, CheckResult } from '../../nomad/types.ts';

/** The allocations that are judged, and those that they are compared with. */
export type Side = 'own' | 'stable';

/** Counts over the time of a bake. */
export interface Counts {
  restarts: number;
  oomKills: number;
  /** Exits with a code that is not allowed, and one of these codes. */
  exits: number;
  exitCode: string;
  failingChecks: number;
  errorLines: number;
  /** The allocation of the last count. */
  allocation?: Allocation | undefined;
}

/** Sums of samples of one group. */
interface Sum {
  samples: number;
  cpuMhz: number;
  memoryMb: number;
}

/** All that was seen in the time of a bake. */
export interface Ledger {
  readonly version: number;
  /** True: the canaries are judged, beside the older versions in their groups; false: all allocations of the version. */
  readonly canaries: boolean;
  readonly exitCodes: readonly number[] | undefined;
  readonly counts: Readonly<Record<Side, Counts>>;
  readonly usage: Readonly<Record<Side, Map<string, Sum>>>;
  /** The allocations of the last answer, by side; undefined before the first one. */
  now?: Readonly<Record<Side, readonly Allocation[]>>;
  /** Events that are counted already, or were there at the begin. */
  readonly known: Set<string>;
  readonly restarts: Map<string, number>;
  /** Sides whose checks were read at least once. */
  readonly checked: Set<Side>;
}

const none = (): Counts => ({ restarts: 0, oomKills: 0, exits: 0, exitCode: '', failingChecks: 0, errorLines: 0 });

export function newLedger(version: number, canaries: boolean, exitCodes: readonly number[] | undefined): Ledger {
  return {
    version,
    canaries,
    exitCodes,
    counts: { own: none(), stable: none() },
    usage: { own: new Map(), stable: new Map() },
    known: new Set(),
    restarts: new Map(),
    checked: new Set(),
  };
}

/** Returns the allocations by their side; those of no side are left out. */
export function sidesOf(all: readonly Allocation[], { version, canaries }: Ledger): Readonly<Record<Side, readonly Allocation[]>> {
  const own = all.filter(({ JobVersion, DeploymentStatus }) => JobVersion === version && (!canaries || DeploymentStatus?.Canary === true));
  const groups = new Set(own.map(({ TaskGroup }) => TaskGroup));
  return { own, stable: canaries ? all.filter((one) => one.JobVersion < version && groups.has(one.TaskGroup)) : [] };
}

export const isRunning = ({ DesiredStatus, ClientStatus }: Allocation): boolean => DesiredStatus === 'run' && ClientStatus === 'running';

/** Takes in an answer about the allocations of a job. The first one is the begin: what happened before does not count. */
export function take(ledger: Ledger, all: readonly Allocation[]): void {
  const isFirst = ledger.now === undefined;
  ledger.now = sidesOf(all, ledger);
  for (const side of ['own', 'stable'] as const)
    for (const allocation of ledger.now[side]) takeAllocation(ledger, allocation, isFirst ? undefined : ledger.counts[side]);
}

/** Counts what is new of an allocation; without counts, notes only that it is known. */
function takeAllocation(ledger: Ledger, allocation: Allocation, counts: Counts | undefined): void {
  const { known, restarts, exitCodes } = ledger;
  const isNew = (key: string): boolean => !known.has(key) && known.add(key) && counts !== undefined;
  const counted = (change: (to: Counts) => void): void => {
    if (counts === undefined) return;
    change(counts);
    counts.allocation = allocation;
  };
  for (const [task, { Restarts, Events }] of Object.entries(allocation.TaskStates ?? {})) {
    const key = `${allocation.ID}/${task}`;
    const more = Restarts - (restarts.get(key) ?? 0);
    restarts.set(key, Math.max(Restarts, restarts.get(key) ?? 0));
    if (more > 0) counted((to) => (to.restarts += more));
    for (const { Type, Time, Details } of Events ?? []) {
      if (Type !== 'Terminated' || !isNew(`${key}/${Time}`)) continue;
      const code = Details?.['exit_code'] ?? '';
      if (Details?.['oom_killed'] === 'true') counted((to) => (to.oomKills += 1));
      // Nomad ends the tasks of an allocation that it stops with codes of signals.
      if (exitCodes === undefined || allocation.DesiredStatus !== 'run' || code === '' || exitCodes.includes(Number(code))) continue;
      counted((to) => Object.assign(to, { exits: to.exits + 1, exitCode: code }));
    }
  }
  // A failed allocation is replaced by another one, which is a restart as well.
  if (allocation.ClientStatus === 'failed' && isNew(`${allocation.ID}/failed`)) counted((to) => (to.restarts += 1));
}

/** Takes in the results of an allocation's checks; a failure counts once for each time that the check was run. */
export function takeChecks(ledger: Ledger, side: Side, allocation: Allocation, results: readonly CheckResult[]): void {
  const counts = ledger.counts[side];
  ledger.checked.add(side);
  for (const { Service, Check, Status, Timestamp } of results) {
    const key = `${allocation.ID}/check/${Service}/${Check}/${Timestamp}`;
    if (Status !== 'failure' || ledger.known.has(key)) continue;
    ledger.known.add(key);
    counts.failingChecks += 1;
    counts.allocation = allocation;
  }
}

/** Takes in what the tasks of an allocation use. A node that tells no memory at all of running tasks has not measured them. */
export function takeUsage(ledger: Ledger, side: Side, { TaskGroup }: Allocation, tasks: Readonly<Record<string, TaskUsage>>): void {
  if (Object.values(tasks).every(({ memoryMb }) => memoryMb === 0)) return;
  const sum = ledger.usage[side].get(TaskGroup) ?? { samples: 0, cpuMhz: 0, memoryMb: 0 };
  sum.samples += 1;
  for (const { cpuMhz, memoryMb } of Object.values(tasks)) {
    sum.cpuMhz += cpuMhz;
    sum.memoryMb += memoryMb;
  }
  ledger.usage[side].set(TaskGroup, sum);
}
