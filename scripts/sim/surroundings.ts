// The surroundings of a simulated run: its runtime, the acts of other clients, and the lines of a trace.

import type { Job, RegisteredJob } from '../../src/nomad/types.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';
import type { Act } from './scenario.ts';
import { type Alloc, type Change, currentDeployment, isActive, type State } from './state.ts';
import type { VirtualClock } from './time.ts';
import type { World } from './world.ts';

/** Returns the runtime of a run, on virtual time. */
export function runtimeOf(
  clock: VirtualClock,
  signal: AbortSignal,
  { tell, warnings }: { readonly tell: (line: string) => void; readonly warnings: string[] },
): Runtime {
  const log = {
    info: (line: string) => tell(`    | ${line}`),
    debug: () => undefined,
    notice: (text: string) => tell(`    | notice: ${text}`),
    warning: (text: string) => {
      warnings.push(text);
      tell(`    | warning: ${text}`);
    },
    error: (text: string) => tell(`    | error: ${text}`),
    group: async <T>(_title: string, work: () => Promise<T>): Promise<T> => work(),
  };
  const same = <T>(value: T): T => value;
  const nothing = (): undefined => undefined;
  const publish = async (name: string): Promise<string> => name;
  return { log, clock, signal, redact: same, redactDeep: same, setOutput: nothing, leaveWord: nothing, publish } as unknown as Runtime;
}

/** Does an act of another client, whose own version of the job is `newer`. */
export function perform({ does }: Act, newer: Job, world: World): void {
  const deployment = currentDeployment(world.now());
  const active = deployment !== undefined && isActive(deployment) ? deployment : undefined;
  if (does === 'stop' || does === 'purge') world.stop(does === 'purge');
  if (does === 'newer') world.register(newer);
  const [job] = world.now().versions;
  // Nomad refuses to scale a job during a deployment.
  if (does === 'scale' && active === undefined && job !== undefined && !job.Stop) world.register(scaled(job));
  if (does === 'collect') world.commit(collected(world.now()));
  if (active === undefined) return;
  if (does === 'fail') world.failDeployment(active);
  if (does === 'promote') world.promote(active, undefined);
  if (does === 'pause' || (does === 'resume' && active.Status === 'paused')) world.pause(active, does === 'pause');
}

/** Returns a job with one more allocation in its first group. */
function scaled(job: RegisteredJob): Job {
  return { ...job, TaskGroups: (job.TaskGroups ?? []).map((group, i) => (i === 0 ? { ...group, Count: (group.Count ?? 1) + 1 } : group)) };
}

/** Returns what `nomad system gc` leaves of the ended objects. */
function collected({ versions: [job], evaluations, deployments, allocations }: State): Change {
  const isOver = (alloc: Alloc): boolean => /^(complete|failed|lost)$/.test(alloc.ClientStatus);
  // A batch job keeps its allocations as long as it exists, since they are its result.
  const kept = allocations.filter(
    (alloc) => !isOver(alloc) || (alloc.DesiredStatus === 'run' && !alloc.NextAllocation && job?.Stop !== true),
  );
  return {
    allocations: kept,
    evaluations: evaluations.filter(({ Status }) => Status === 'pending' || Status === 'blocked'),
    deployments: deployments.filter((one) => isActive(one) || kept.some(({ DeploymentID }) => DeploymentID === one.ID)),
  };
}

/** Returns the state in one line. */
export function describe({ index, versions: [job], evaluations, deployments, allocations }: State): string {
  const evals = evaluations.slice(-2).map(({ ID, Status, TriggeredBy }) => `${ID.slice(-3)} ${TriggeredBy ?? ''} ${Status}`);
  const last = deployments.slice(-2).map(({ JobVersion, Status, StatusDescription, TaskGroups }) => {
    const groups = Object.values(TaskGroups ?? {}).map(
      ({ HealthyAllocs, PlacedAllocs, DesiredTotal }) => `${HealthyAllocs}/${PlacedAllocs}/${DesiredTotal}`,
    );
    return `v${JobVersion} ${Status} ${groups.join(' ')} (${StatusDescription})`;
  });
  const allocs = allocations.map(({ Name, JobVersion, DesiredStatus, ClientStatus, DeploymentStatus }) => {
    const health = DeploymentStatus?.Healthy === true ? '+' : DeploymentStatus?.Healthy === false ? '-' : '';
    return `${Name.replace(/^.*\./, '')}@${JobVersion} ${DesiredStatus} ${ClientStatus}${health}`;
  });
  const head = job === undefined ? 'no job' : `v${job.Version}${job.Stop ? ' stopped' : ''}`;
  return `#${index} ${head}; evals ${evals.join(', ')}; deployments ${last.join(', ')}; ${allocs.join(', ')}`;
}
