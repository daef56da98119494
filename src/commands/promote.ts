import { ActionError } from '../errors.ts';
import { unpromotedGroups } from '../nomad/index.ts';
import type { Deployment, RegisteredJob } from '../nomad/types.ts';
import { deploymentOf, requireParts } from '../register/index.ts';
import type { Result, Run } from '../report/index.ts';
import { type Following, followRegistration } from '../watch/index.ts';

/**
 * `promote`: promotes the canaries of the newest version once they are healthy and `verify` passes, and follows the deployment to its end. With `group`, those
 * of some groups only: the run ends when these groups are healthy, and the canaries of the others go on waiting.
 */
export async function promote(job: RegisteredJob, following: Following, current: Run): Promise<Result> {
  const { inputs, nomad, draft } = following;
  const { namespace } = draft;
  const deployment = await deploymentOf(job, namespace, nomad);
  const groups = inputs.group?.split(/[\s,]+/).filter((name) => name !== '');
  for (const group of groups ?? []) requireParts(job, { group, task: undefined });
  if (deployment === undefined || deployment.Status !== 'running' || unpromotedGroups(deployment).length === 0) {
    const state = deployment === undefined ? 'the version has no deployment' : `the deployment: ${deployment.StatusDescription}`;
    throw new ActionError('nothing-to-promote', `${job.ID} version ${job.Version} has no canary to promote (${state})`, {
      hint:
        deployment?.Status === 'paused'
          ? 'Resume the deployment first: `command: resume`.'
          : `To list its deployments, run nomad job deployments -namespace=${namespace} ${job.ID}`,
    });
  }
  for (const group of groups ?? []) requireCanaries(group, job, deployment);
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
  const result = await followRegistration({ ...following, groups, inputs: promoting }, job, registration, current);
  return result.outcome === 'successful' ? { ...result, outcome: 'promoted' } : result;
}

/** Throws `nothing-to-promote` for a group without canaries that wait. */
function requireCanaries(group: string, { ID, Version }: RegisteredJob, deployment: Deployment): void {
  const waiting = unpromotedGroups(deployment);
  if (waiting.includes(group)) return;
  const had = (deployment.TaskGroups?.[group]?.DesiredCanaries ?? 0) > 0;
  const what = had ? 'the canaries are promoted already' : 'the group has no canaries';
  throw new ActionError('nothing-to-promote', `\`group\`: nothing of ${group} in ${ID} version ${Version} waits for promotion: ${what}`, {
    hint: `Nothing was promoted. Canaries of ${waiting.join(', ')} wait.`,
  });
}
