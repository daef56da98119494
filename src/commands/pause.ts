import type { RegisteredJob } from '../nomad/types.ts';
import { setPaused } from '../register/index.ts';
import type { Result, Run } from '../report/index.ts';
import type { Following } from '../watch/index.ts';

/** `pause`: pauses the deployment of the newest version, so that Nomad places and replaces nothing more of it. */
export async function pause(job: RegisteredJob, following: Following, current: Run): Promise<Result> {
  const { TaskGroups } = await setPaused(job, true, following, current);
  const groups = Object.values(TaskGroups ?? {});
  const sum = (count: (group: (typeof groups)[number]) => number): number => groups.reduce((total, group) => total + count(group), 0);
  const healthy = `${sum(({ HealthyAllocs }) => HealthyAllocs)} of ${sum(({ DesiredTotal }) => DesiredTotal)} allocations of version ${job.Version} are healthy`;
  const hint = `The deployment is paused: ${healthy}, and Nomad replaces no other until \`command: resume\`.`;
  current.runtime.log.info(hint);
  return { outcome: 'paused', hint };
}
