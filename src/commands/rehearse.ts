import type { Result, Run } from '../report/index.ts';
import { CONTINUES } from '../watch/index.ts';
import { type Deploying, deploy } from './deploy.ts';

/** `rehearse`: deploys a job to the throw-away agent of the run. A periodic job is started once. */
export async function rehearse(deploying: Deploying, current: Run): Promise<Result> {
  // The pages of the agent, and the rollout, end with the run.
  const own = { ...deploying, inputs: { ...deploying.inputs, periodicForce: true }, nomadUrl: undefined };
  const { cause, ...result } = await deploy(own, current);
  if (result.outcome === 'successful') return { ...result, outcome: 'rehearsed' };
  return cause === undefined ? result : { ...result, cause: cause.replace(CONTINUES, '') };
}
