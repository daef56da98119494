import type { Snapshot } from '../diagnose/index.ts';
import { unpromotedGroups } from '../nomad/index.ts';
import type { Allocation, Deployment } from '../nomad/types.ts';

/** Returns whether a canary has failed or was stopped since it was healthy: the deployment still counts it, but Nomad refuses to promote it. */
export function isLostCanary(
  { DeploymentStatus, ClientStatus, DesiredStatus, NextAllocation, TaskGroup }: Allocation,
  groups: readonly string[] | undefined,
): boolean {
  const counts = DeploymentStatus?.Canary === true && DeploymentStatus.Healthy === true && (groups?.includes(TaskGroup) ?? true);
  return counts && !NextAllocation && (ClientStatus === 'failed' || DesiredStatus === 'stop');
}

/** Returns whether some of the healthy allocations that a deployment counts are no canaries, but were updated in place, so that canaries are missing. */
export function lacksCanaries({ deployment, allocations }: Snapshot, groups: readonly string[] | undefined): boolean {
  if (deployment === undefined || !hasAllHealthy(allocations, deployment)) return false;
  const healthy = allocations.filter(({ DeploymentStatus }) => DeploymentStatus?.Canary === true && DeploymentStatus.Healthy === true);
  return unpromotedGroups(deployment)
    .filter((name) => groups?.includes(name) ?? true)
    .some((name) => {
      const { DesiredCanaries = 0 } = deployment.TaskGroups?.[name] ?? {};
      return healthy.filter(({ TaskGroup }) => TaskGroup === name).length < DesiredCanaries;
    });
}

/** Returns the state of a deployment in words, where these groups are promoted and healthy and the canaries of others are not promoted; undefined otherwise. */
export function promotedInPart(deployment: Deployment, groups: readonly string[]): string | undefined {
  const rest = unpromotedGroups(deployment);
  const isDone = groups.every((name) => {
    const { Promoted = false, HealthyAllocs = 0, DesiredTotal = 0 } = deployment.TaskGroups?.[name] ?? {};
    return Promoted && HealthyAllocs >= DesiredTotal;
  });
  if (deployment.Status !== 'running' || !isDone || rest.length === 0) return undefined;
  const many = (names: readonly string[]): string => `group${names.length === 1 ? '' : 's'} ${names.join(', ')}`;
  return `the canaries of ${many(groups)} are promoted and their allocations healthy, and those of ${many(rest)} still wait for promotion`;
}

/** Returns whether the healthy allocations that a deployment counts are all among these: otherwise these are older. */
export function hasAllHealthy(allocations: readonly Allocation[], { TaskGroups }: Deployment): boolean {
  const counted = Object.values(TaskGroups ?? {}).reduce((sum, { HealthyAllocs }) => sum + HealthyAllocs, 0);
  return allocations.filter(({ DeploymentStatus }) => DeploymentStatus?.Healthy === true).length >= counted;
}
