import type { Unit } from './begin.ts';

/** Returns whether a run has several waves or clusters, or is all or nothing. Only such a run loads the code for them. */
export function isSequence(units: readonly [Unit, ...Unit[]]): boolean {
  const [{ wave, inputs }] = units;
  if (wave === undefined) return false;
  return inputs.allOrNothing || units.some((unit) => unit.wave !== wave || unit.cluster?.name !== units[0].cluster?.name);
}
