// The judgement of a bake: each problem is one sentence with the figures of both sides.
import type { Bake, Limit } from '../../inputs/index.ts';
import { formatDuration } from '../../text/index.ts';
import { type Counts, isRunning, type Ledger } from './ledger.ts';

/** Differences to the stable allocations below these are noise. */
const NOISE = { cpuMhz: 10, memoryMb: 10 } as const;

type Rules = Omit<Bake, 'forMs'>;

/** The words for the judged allocations. */
export const whoOf = ({ canaries, version }: Pick<Ledger, 'canaries' | 'version'>): string =>
  canaries ? 'the canaries' : `the allocations of version ${version}`;

const times = (count: number): string => `${count} time${count === 1 ? '' : 's'}`;
const lines = (count: number): string => `${count} line${count === 1 ? '' : 's'}`;

/** Returns the first count that is above its limit, as a sentence; undefined while all are allowed. */
export function countProblem(ledger: Ledger, rules: Rules, elapsedMs: number): string | undefined {
  const { own, stable } = ledger.counts;
  const who = whoOf(ledger);
  const time = ` in ${formatDuration(elapsedMs)}`;
  const beside = (words: string): string => (ledger.canaries ? `, the stable allocations ${words}` : '');
  const limit = (most: number): string => (most === 0 ? '' : `; the limit is ${most}`);
  const told = (count: (of: Counts) => number, most: number, text: (of: Counts) => string): string | undefined =>
    count(own) > most ? `${text(own)}${limit(most)}` : undefined;
  const pattern = rules.logErrors?.pattern;
  return (
    told(
      ({ oomKills }) => oomKills,
      rules.oomKills,
      ({ oomKills }) => `${who} were killed for memory ${times(oomKills)}${time}${beside(times(stable.oomKills))}`,
    ) ??
    told(
      ({ exits }) => exits,
      0,
      ({ exits, exitCode }) => `${who} ended with exit code ${exitCode} (${times(exits)}${time})${beside(times(stable.exits))}`,
    ) ??
    told(
      ({ restarts }) => restarts,
      rules.restarts,
      ({ restarts }) => `${who} restarted ${times(restarts)}${time}${beside(times(stable.restarts))}`,
    ) ??
    told(
      ({ failingChecks }) => failingChecks,
      rules.failingChecks ?? 0,
      ({ failingChecks }) =>
        `checks of ${who} failed ${times(failingChecks)}${time}${ledger.canaries ? `, those of the stable allocations ${times(stable.failingChecks)}` : ''}`,
    ) ??
    told(
      ({ errorLines }) => errorLines,
      rules.logErrors?.max ?? Number.POSITIVE_INFINITY,
      ({ errorLines }) => `${who} logged ${lines(errorLines)} that match ${pattern}${time}${beside(lines(stable.errorLines))}`,
    )
  );
}

/** A problem at the end of a bake; `missing`: there is nothing to judge by. */
export interface Problem {
  readonly text: string;
  readonly missing?: true;
}

/** Returns what is wrong at the end of a bake: no allocation, no figures, or an average above its limit. */
export function averageProblem(ledger: Ledger, rules: Rules, elapsedMs: number): Problem | undefined {
  const who = whoOf(ledger);
  if (!(ledger.now?.own ?? []).some(isRunning)) return { text: `none of ${who} is running` };
  const time = ` on average in ${formatDuration(elapsedMs)}`;
  const parts = [
    { limit: rules.cpu, of: 'cpuMhz', unit: 'MHz of CPU' },
    { limit: rules.memory, of: 'memoryMb', unit: 'MiB of memory' },
  ] as const;
  for (const { limit, of, unit } of parts) {
    // Nothing runs beside all allocations of a version.
    if (limit === undefined || (limit.relative && !ledger.canaries)) continue;
    for (const group of new Set((ledger.now?.own ?? []).map(({ TaskGroup }) => TaskGroup))) {
      const average = (side: 'own' | 'stable'): number | undefined => {
        const sum = ledger.usage[side].get(group);
        return sum === undefined ? undefined : sum[of] / sum.samples;
      };
      const [own, stable] = [average('own'), average('stable')];
      const missing = own === undefined ? who : limit.relative && stable === undefined ? 'the stable allocations' : undefined;
      if (missing !== undefined)
        return { text: `no node told the ${unit.replace(/^\w+ of /, '')} of ${missing} in group ${group}`, missing: true };
      if (own === undefined || !isAbove(own, stable, limit, NOISE[of])) continue;
      const beside = stable === undefined ? '' : `, the stable allocations ${Math.round(stable)} ${unit.split(' ')[0]}`;
      const most = `the limit is ${limit.value} ${limit.relative ? '% of theirs' : unit.split(' ')[0]}`;
      return { text: `${who} used ${Math.round(own)} ${unit}${time}${beside}; ${most}` };
    }
  }
  return undefined;
}

/** Returns the averages of a bake, for the log. */
export function averages({ usage }: Ledger, who: string): string[] {
  return (['own', 'stable'] as const).flatMap((side) =>
    [...usage[side]].map(
      ([group, { samples, cpuMhz, memoryMb }]) =>
        `${side === 'own' ? who : 'the stable allocations'} of group ${group} used ${Math.round(cpuMhz / samples)} MHz and ${Math.round(memoryMb / samples)} MiB on average`,
    ),
  );
}

function isAbove(own: number, stable: number | undefined, { value, relative }: Limit, noise: number): boolean {
  if (!relative) return own > value;
  return stable !== undefined && own > (stable * value) / 100 && own - stable > noise;
}
