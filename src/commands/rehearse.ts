import type { Result, Run } from '../report/index.ts';
import { type Deploying, deploy } from './deploy.ts';

/** `rehearse`: deploys a job to the throw-away agent of the run. A periodic job is started once. */
export async function rehearse(deploying: Deploying, current: Run): Promise<Result> {
  const result = await deploy({ ...deploying, inputs: { ...deploying.inputs, periodicForce: true } }, current);
  return result.outcome === 'successful' ? { ...result, outcome: 'rehearsed' } : result;
}
