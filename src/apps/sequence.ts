import type { Begun, Unit } from './begin.ts';

type Units = Begun['units'];

/** Returns whether a run has several waves or clusters, or is all or nothing. Only such a run loads the code for them. */
export function isSequence(units: readonly [Unit, ...Unit[]]): boolean {
  const [{ wave, inputs }] = units;
  if (wave === undefined) return false;
  return inputs.allOrNothing || units.some((unit) => unit.wave !== wave || unit.cluster?.name !== units[0].cluster?.name);
}

/** Returns the units of each cluster. */
export function byCluster(units: Units): [Units, ...Units[]] {
  const groups = new Map<string | undefined, [Unit, ...Unit[]]>();
  for (const unit of units) {
    const group = groups.get(unit.cluster?.name);
    if (group === undefined) groups.set(unit.cluster?.name, [unit]);
    else group.push(unit);
  }
  const [first = units, ...others] = groups.values();
  return [first, ...others];
}
