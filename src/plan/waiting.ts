import { ActionError } from '../errors.ts';
import type { Inputs } from '../inputs/index.ts';
import { mayWaitForPromotion, type Nomad, unpromotedGroups, waitsForPerson } from '../nomad/index.ts';
import type { Deployment, RegisteredJob } from '../nomad/types.ts';

/** Reads the deployment of a version that may have waiting canaries, and throws `canaries-waiting` where it has some. Sends no request for any other version. */
export async function requireNoneWaiting(
  job: RegisteredJob,
  namespace: string,
  { replaceCanaries }: Pick<Inputs, 'replaceCanaries'>,
  nomad: Nomad,
): Promise<void> {
  if (replaceCanaries || !mayWaitForPromotion(job)) return;
  const deployments = await nomad.jobs.deployments(job.ID, namespace);
  requireReplaceable(
    job,
    deployments.find(({ JobVersion }) => JobVersion === job.Version),
    { replaceCanaries },
  );
}

/** Throws `canaries-waiting` for a version whose canaries wait for a person, unless the workflow lets the new version replace them. */
export function requireReplaceable(
  { ID, Version }: RegisteredJob,
  deployment: Deployment | undefined,
  { replaceCanaries }: Pick<Inputs, 'replaceCanaries'>,
): void {
  if (replaceCanaries || deployment === undefined || !waitsForPerson(deployment)) return;
  const groups = unpromotedGroups(deployment);
  const of = `group${groups.length === 1 ? '' : 's'} ${groups.join(', ')}`;
  const how = deployment.Status === 'paused' ? 'are not promoted, and their deployment is paused' : 'are healthy and wait for promotion';
  throw new ActionError('canaries-waiting', `the canaries of ${ID} version ${Version} (${of}) ${how}; a new version would replace them`, {
    hint: 'Nothing was registered. Run `command: promote` or `command: reject` first, or set `replace-canaries: true`.',
  });
}
