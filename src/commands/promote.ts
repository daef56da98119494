import { ActionError } from '../errors.ts';
import type { Deployment, RegisteredJob } from '../nomad/types.ts';
import type { Result, Run } from '../report/index.ts';
import { type Following, followRegistration } from '../watch/index.ts';

/** `promote`: promotes the canaries of the newest version once they are healthy and `verify` passes, and follows the deployment to its end. */
export async function promote(job: RegisteredJob, following: Following, current: Run): Promise<Result> {
  const { inputs, nomad, draft } = following;
  const { namespace } = draft;
  const deployment = (await nomad.jobs.deployments(job.ID, namespace)).find(({ JobVersion }) => JobVersion === job.Version);
  if (deployment === undefined || !isPending(deployment)) {
    const state = deployment === undefined ? 'the version has no deployment' : `the deployment: ${deployment.StatusDescription}`;
    throw new ActionError('nothing-to-promote', `${job.ID} version ${job.Version} has no canary to promote (${state})`, {
      hint: `To list its deployments, run nomad job deployments -namespace=${namespace} ${job.ID}`,
    });
  }
  current.note({ jobVersion: job.Version });
  const promoting = {
    ...inputs,
    wait: true,
    promote:
      inputs.promote === 'verify' || following.checks.length > 0 || inputs.bake !== undefined ? ('verify' as const) : ('auto' as const),
  };
  const registration = {
    jobId: job.ID,
    namespace,
    evaluationId: '',
    version: job.Version,
    previousVersion: undefined,
    deploymentId: deployment.ID,
  };
  const result = await followRegistration({ ...following, inputs: promoting }, job, registration, current);
  return result.outcome === 'successful' ? { ...result, outcome: 'promoted' } : result;
}

/** Returns whether some canaries, healthy or not, are not promoted yet. */
function isPending({ Status, TaskGroups }: Deployment): boolean {
  const groups = Object.values(TaskGroups ?? {});
  return Status === 'running' && groups.some(({ DesiredCanaries, Promoted }) => DesiredCanaries > 0 && !Promoted);
}
