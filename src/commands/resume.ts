import type { RegisteredJob } from '../nomad/types.ts';
import { setPaused } from '../register/index.ts';
import type { Result, Run } from '../report/index.ts';
import { type Following, followRegistration } from '../watch/index.ts';

/** `resume`: resumes the deployment of the newest version, and follows it to its end, or until its canaries wait for promotion. */
export async function resume(job: RegisteredJob, following: Following, current: Run): Promise<Result> {
  const { inputs, draft } = following;
  const { ID } = await setPaused(job, false, following, current);
  if (!inputs.wait) return { outcome: 'resumed' };
  const registration = {
    ...{ jobId: job.ID, namespace: draft.namespace, evaluationId: '', version: job.Version },
    ...{ previousVersion: undefined, deploymentId: ID },
  };
  const resumed = { ...following, inputs: { ...inputs, promote: inputs.promote ?? ('manual' as const) } };
  const result = await followRegistration(resumed, job, registration, current);
  return result.outcome === 'successful' ? { ...result, outcome: 'resumed' } : result;
}
