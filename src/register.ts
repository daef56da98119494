import type { Context } from './context.ts';
import type { Jobspec } from './jobspec.ts';
import { META } from './meta.ts';
import type { Nomad } from './nomad/index.ts';
import type { Job, RegisteredJob } from './nomad/types.ts';
import type { Plan } from './plan.ts';
import type { SecretChange } from './secrets.ts';

/** What this run registered: the identity of everything that is watched and reported afterwards. */
export interface Registration {
  readonly jobId: string;
  readonly namespace: string;
  /** Empty for periodic and parameterized jobs, which do not run at once. */
  readonly evaluationId: string;
  /** Known beforehand when an earlier run registered this very job and its deployment is still under way. */
  readonly deploymentId?: string;
  readonly version: number;
  readonly previousVersion: number | undefined;
}

/**
 * The job with the meta by which a version tells where it comes from. When `live` is given, its meta is kept, so that an equal spec is an equal job
 * and nothing restarts.
 */
export function withMeta(jobspec: Jobspec, secrets: SecretChange | undefined, context: Context, live: RegisteredJob | undefined): Job {
  const fresh = {
    [META.repository]: context.repository,
    [META.sha]: context.sha,
    [META.run]: `${context.runUrl}/attempts/${context.runAttempt}`,
    [META.spec]: jobspec.specHash,
    ...(secrets === undefined ? {} : { [META.secrets]: secrets.release }),
  };
  const kept = live?.Meta?.[META.spec] === jobspec.specHash ? ownMeta(live) : fresh;
  return { ...jobspec.job, Meta: { ...jobspec.job.Meta, ...kept } };
}

/**
 * Registers the planned job, guarded by the plan's modify index (`EnforceIndex`). Gives `conflict` with Nomad's words when the job changed since
 * the plan; nothing is registered then.
 */
export async function registerJob(
  job: Job,
  { source, variables, namespace }: Pick<Jobspec, 'source' | 'variables' | 'namespace'>,
  plan: Plan,
  live: RegisteredJob | undefined,
  nomad: Nomad,
): Promise<Registration | { readonly conflict: string }> {
  const submission = { Source: source, Format: 'hcl2', Variables: variables } as const;
  const result = await nomad.jobs.register(job, submission, plan.jobModifyIndex, namespace);
  if ('conflict' in result) return result;
  // Somebody may have registered again meanwhile: our version is the one that our request made.
  const versions = await nomad.jobs.versions(job.ID, namespace);
  const ours = versions.find(({ JobModifyIndex }) => JobModifyIndex === result.response.JobModifyIndex) ?? versions[0];
  return {
    jobId: job.ID,
    namespace,
    evaluationId: result.response.EvalID,
    version: ours?.Version ?? 0,
    previousVersion: live?.Version,
  };
}

function ownMeta({ Meta }: RegisteredJob): Record<string, string> {
  const own = new Set<string>(Object.values(META));
  return Object.fromEntries(Object.entries(Meta ?? {}).filter(([key]) => own.has(key)));
}
