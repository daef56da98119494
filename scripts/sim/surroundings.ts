// The surroundings of a simulated run: its runtime, the acts of other clients, and the lines of a trace.

import type { Job } from '../../src/nomad/types.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';
import type { Act } from './scenario.ts';
import { currentDeployment, isActive, type State } from './state.ts';
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
  if (active === undefined) return;
  if (does === 'fail') world.failDeployment(active);
  if (does === 'promote') world.promote(active, undefined);
  if (does === 'pause' || (does === 'resume' && active.Status === 'paused')) world.pause(active, does === 'pause');
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
