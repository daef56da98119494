import { shortId } from '../diagnose/index.ts';
import { ActionError } from '../errors.ts';
import { isTerminal, type Nomad } from '../nomad/index.ts';
import type { Deployment, RegisteredJob } from '../nomad/types.ts';
import type { Run } from '../report/index.ts';

/** Reads the deployment of the newest version; undefined where it has none. */
export async function deploymentOf({ ID, Version }: RegisteredJob, namespace: string, nomad: Nomad): Promise<Deployment | undefined> {
  return (await nomad.jobs.deployments(ID, namespace)).find(({ JobVersion }) => JobVersion === Version);
}

/** Returns the deployment of the newest version; the error `no-deployment` where it has none that is under way. */
export async function findUnderWay(job: RegisteredJob, namespace: string, nomad: Nomad): Promise<Deployment | ActionError> {
  const deployment = await deploymentOf(job, namespace, nomad);
  return deployment === undefined || isTerminal(deployment) ? nothingUnderWay(job, deployment?.StatusDescription) : deployment;
}

/** Returns the deployment of the newest version. Throws `no-deployment` where it has none that is under way. */
export async function requireUnderWay(job: RegisteredJob, namespace: string, nomad: Nomad): Promise<Deployment> {
  const found = await findUnderWay(job, namespace, nomad);
  if (found instanceof ActionError) throw found;
  return found;
}

/** Returns the error of a version without a deployment that is under way; `how` is Nomad's description of the ended one. */
function nothingUnderWay({ ID, Version }: RegisteredJob, how: string | undefined): ActionError {
  const state = how === undefined ? 'the version has none' : `the last one: ${how}`;
  return new ActionError('no-deployment', `no deployment of ${ID} version ${Version} is under way (${state})`, {
    hint: 'Nothing was changed. `command: status` shows the job.',
  });
}

/** Pauses or resumes the deployment of the newest version, unless it is so already. Throws `no-deployment` where none is under way. */
export async function setPaused(
  job: RegisteredJob,
  isPaused: boolean,
  { nomad, draft: { namespace } }: { readonly nomad: Nomad; readonly draft: { readonly namespace: string } },
  { runtime: { log }, note }: Run,
): Promise<Deployment> {
  const deployment = await requireUnderWay(job, namespace, nomad);
  note({ jobVersion: job.Version, deploymentId: deployment.ID });
  const which = `deployment ${shortId(deployment.ID)} of ${job.ID} version ${job.Version}`;
  if ((deployment.Status === 'paused') === isPaused) {
    log.info(`The ${which} is ${isPaused ? 'paused already' : 'not paused'}.`);
    return deployment;
  }
  if (!(await nomad.deployments.pause(deployment.ID, namespace, isPaused)))
    throw nothingUnderWay(job, (await deploymentOf(job, namespace, nomad))?.StatusDescription);
  log.info(`The ${which} is ${isPaused ? 'paused' : 'resumed'}.`);
  return deployment;
}
