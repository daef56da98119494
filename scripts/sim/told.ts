// A history of deployments and allocations in short lines, to compare the model with real servers.
import type { Allocation, Deployment } from '../../src/nomad/types.ts';

/** The states of each deployment, by the version of its job, and of each allocation; repeated ones are left out. */
export interface Told {
  readonly deployments: Readonly<Record<string, readonly string[]>>;
  readonly allocations: readonly (readonly string[])[];
}

/** An event about an allocation does not name the version of its job. */
type SeenAllocation = Pick<Allocation, 'ID' | 'DesiredStatus' | 'ClientStatus' | 'DeploymentStatus'>;

export interface Telling {
  readonly deployment: (seen: Deployment) => void;
  readonly allocation: (seen: SeenAllocation) => void;
  readonly told: () => Told;
}

/** Collects the states of a job in their order. */
export function telling(): Telling {
  const deployments = new Map<string, string[]>();
  const allocations = new Map<string, string[]>();
  const add = (to: Map<string, string[]>, key: string, line: string): void => {
    const lines = to.get(key) ?? [];
    to.set(key, lines);
    if (lines.at(-1) !== line) lines.push(line);
  };
  return {
    deployment: (seen) => add(deployments, `${seen.JobVersion}`, lineOf(seen)),
    allocation: ({ ID, DesiredStatus, ClientStatus, DeploymentStatus }) => {
      const health = DeploymentStatus?.Healthy === true ? '+' : DeploymentStatus?.Healthy === false ? '-' : '';
      add(allocations, ID, `${DesiredStatus} ${ClientStatus}${health}`);
    },
    told: () => ({
      deployments: Object.fromEntries([...deployments].map(([version, lines]) => [version, [...lines]])),
      allocations: [...allocations.values()].map((lines) => [...lines]).sort((a, b) => (a.join() < b.join() ? -1 : 1)),
    }),
  };
}

function lineOf({ Status, StatusDescription, TaskGroups }: Deployment): string {
  const groups = Object.values(TaskGroups ?? {}).map(
    ({ DesiredTotal, DesiredCanaries, PlacedAllocs, HealthyAllocs, UnhealthyAllocs, Promoted }) =>
      `${PlacedAllocs} placed, ${HealthyAllocs} healthy, ${UnhealthyAllocs} unhealthy of ${DesiredTotal}${DesiredCanaries > 0 ? `, ${DesiredCanaries} canaries${Promoted ? ' promoted' : ''}` : ''}`,
  );
  return `${Status} (${StatusDescription}): ${groups.join('; ')}`;
}
