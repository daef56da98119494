import { ActionError } from './errors.ts';
import type { Inputs } from './inputs/index.ts';
import type { Rendering } from './jobspec.ts';
import { META } from './meta.ts';
import type { RegisteredJob } from './nomad/types.ts';

/**
 * What is to be said when the registered job was deployed from elsewhere, as its meta tells; nothing about jobs that others registered, or that are
 * stopped. Throws `job-taken` where replacing it can only be a mistake: a job of production by a review app, and a job of another repository by a
 * run that made the job's id itself. That main branch, staging and production meet is a warning: users of the old system share one id among them.
 */
export function requireOwn(
  live: RegisteredJob | undefined,
  namespace: string,
  { jobName }: Pick<Inputs, 'jobName'>,
  { context, target }: Pick<Rendering, 'context' | 'target'>,
): string[] {
  if (live === undefined || live.Stop) return [];
  const { [META.repository]: repository, [META.environment]: environment, [META.ref]: ref } = live.Meta ?? {};
  const here = target.environment.value;
  const job = `the job ${live.ID} in the namespace ${namespace}`;
  const made = live.ID === target.jobId && jobName === undefined;
  if (repository !== undefined && repository.toLowerCase() !== context.repository.toLowerCase()) {
    if (!made) return [`${job} was last deployed by the repository ${repository}: both deploy to one job, and replace each other`];
    throw new ActionError('job-taken', `${job} belongs to the repository ${repository}, and ${describe(context)} makes the same name`, {
      hint: `Nothing was built or registered. Rename the ${context.refType}, or set \`job-name\`; with \`job-name: ${live.ID}\` this run takes the job over.`,
    });
  }
  if (environment !== undefined && environment !== here) {
    const apart = 'Give each environment a cluster or a namespace of its own, see docs/environments.md';
    if (environment !== 'production' || here !== 'review')
      return [`${job} was last deployed as ${environment}, and this run replaces it as ${here}. ${apart}`];
    throw new ActionError('job-taken', `${job} is deployed as production, and this run is a review app`, {
      hint: `Nothing was built or registered. ${apart}. To replace it all the same, set \`environment: production\`, or stop the job first.`,
    });
  }
  if (made && here === 'review' && ref !== undefined && ref !== `${context.refType} ${context.ref}`) {
    return [`${job} was last deployed from ${ref}: ${context.refType} ${context.ref} makes the same name, and they replace each other`];
  }
  return [];
}

/**
 * Refuses to stop a job that this run did not deploy, as the job's meta tells, unless `job-name` names it: throws `job-taken`. The name of a review
 * app is made of its branch, and other branches, repositories and environments may make the same.
 */
export function requireOwnToStop(
  live: RegisteredJob,
  namespace: string,
  { jobName }: Pick<Inputs, 'jobName'>,
  { context, target }: Pick<Rendering, 'context' | 'target'>,
): void {
  if (jobName !== undefined) return;
  const { [META.repository]: repository = context.repository, [META.environment]: environment, [META.ref]: ref } = live.Meta ?? {};
  const here = target.environment.value;
  const whose =
    repository.toLowerCase() !== context.repository.toLowerCase()
      ? `belongs to the repository ${repository}`
      : environment !== undefined && environment !== here
        ? `is deployed as ${environment}, and this run is for ${here}`
        : here === 'review' && ref !== undefined && ref !== `${context.refType} ${context.ref}`
          ? `was last deployed from ${ref}, and this run is for ${context.refType} ${context.ref}`
          : undefined;
  if (whose === undefined) return;
  throw new ActionError('job-taken', `the job ${live.ID} in the namespace ${namespace} ${whose}`, {
    hint: `Nothing was stopped. To stop it all the same, set \`job-name: ${live.ID}\`.`,
  });
}

function describe({ repository, refType, ref }: Rendering['context']): string {
  return `${refType} ${ref} of ${repository}`;
}
