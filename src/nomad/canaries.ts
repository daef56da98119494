import type { Deployment, RegisteredJob } from './types.ts';
import { updateOf } from './update.ts';

/** Returns the groups whose canaries are not promoted yet, healthy or not. */
export function unpromotedGroups({ TaskGroups }: Pick<Deployment, 'TaskGroups'>): string[] {
  return Object.entries(TaskGroups ?? {}).flatMap(([name, { DesiredCanaries, Promoted }]) =>
    DesiredCanaries > 0 && !Promoted ? [name] : [],
  );
}

/**
 * Returns whether all canaries of these groups (all by default) are healthy and wait for promotion, by the counters: the description says so from the start.
 * Nomad promotes by itself only where each group with canaries has `auto_promote`.
 */
export function wantsPromotion(deployment: Deployment | undefined, groups?: readonly string[]): boolean {
  if (deployment?.Status !== 'running') return false;
  const states = deployment.TaskGroups ?? {};
  const asked = unpromotedGroups(deployment).filter((name) => groups?.includes(name) ?? true);
  return (
    asked.length > 0 &&
    Object.values(states).some(({ DesiredCanaries, AutoPromote }) => DesiredCanaries > 0 && !AutoPromote) &&
    asked.every((name) => (states[name]?.HealthyAllocs ?? 0) >= (states[name]?.DesiredCanaries ?? 0))
  );
}

/** Returns whether a version may have canaries that wait for a person: its spec has some, Nomad does not promote them, and it was not healthy yet. */
export function mayWaitForPromotion({ Stop, Stable, Update, TaskGroups }: RegisteredJob): boolean {
  const isManual = (TaskGroups ?? [])
    .map((group) => updateOf(Update, group.Update))
    .some((own) => (own.Canary ?? 0) > 0 && !own.AutoPromote);
  return isManual && !Stop && Stable !== true;
}

/** Returns whether canaries of a deployment wait for a person: they are healthy, or a person has paused their deployment. */
export function waitsForPerson(deployment: Deployment | undefined): boolean {
  if (deployment?.Status !== 'paused') return wantsPromotion(deployment);
  return unpromotedGroups(deployment).some((name) => (deployment.TaskGroups?.[name]?.PlacedAllocs ?? 0) > 0);
}
