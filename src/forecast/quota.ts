import type { Amounts } from './resources.ts';

/** The words of Nomad Enterprise for a quota that a group exceeds: `memory exhausted (2048 needed > 1024 limit)`. */
const EXHAUSTED = /^(\w+) exhausted \((\d{1,15}) needed > (\d{1,15}) limit\)$/;

const ASKED: Readonly<Record<string, readonly [unit: string, of: (demand: Amounts) => number]>> = {
  memory: [' MiB', ({ memoryMib }) => memoryMib],
  cpu: [' MHz', ({ cpuMhz }) => cpuMhz],
};

/** Returns the rest of a quota in sentences, by the reasons of a plan. A text in other words is shown as it is. */
export function quotaLeft(reasons: readonly string[], demand: Amounts): string[] {
  return reasons.map((reason) => {
    const [, dimension = '', needed, limit] = EXHAUSTED.exec(reason) ?? [];
    const [unit, of] = ASKED[dimension] ?? [];
    if (of === undefined) return `the quota of the namespace: ${reason}`;
    const left = Math.max(0, Number(limit) - (Number(needed) - of(demand)));
    return `the quota of the namespace leaves ${left}${unit} of ${dimension}, and one allocation needs ${of(demand)}${unit}`;
  });
}
