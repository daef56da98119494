import type { Context } from './context.ts';
import { ActionError } from './errors.ts';
import { domainFor, resolveHostnames } from './hostnames.ts';
import type { EnvironmentName, Inputs, Sourced } from './inputs.ts';
import { fitLabel, slug } from './slug.ts';

/** Where this run deploys to, and under which names. */
export interface Target {
  readonly environment: Sourced<EnvironmentName>;
  /** Undefined when neither an address nor a domain is given. */
  readonly nomadAddr: Sourced<string> | undefined;
  /** The job id of the built-in template, and the name that a spec of the repository gets with `job-name`. */
  readonly jobId: string;
  /** `owner/name` as a slug, the same for all branches. */
  readonly projectSlug: string;
  readonly refSlug: string;
  /** Full hostnames, the main one first; empty without a base domain. */
  readonly hostnames: readonly string[];
  /** `https://` and the main hostname. */
  readonly url: string | undefined;
  /** What the names are made of. */
  readonly sources: { readonly jobId: string; readonly hostnames: string };
  /** What was given and is not taken up, each as a line of the log. */
  readonly notes: readonly string[];
}

type Slice = Pick<Inputs, 'environment' | 'mainStyle' | 'baseDomain' | 'nomadAddr' | 'jobName' | 'vars' | 'sources'>;

/**
 * Decides environment, address, job id and hostnames from the branch, as users of internetarchive/nomad know it: `main` (or the default
 * branch), `staging` and `production` share one job id per cluster, every other branch is a review app of its own.
 * Throws an `input-invalid` error when a name is empty, or when Nomad or DNS would refuse it.
 */
export function resolveTarget(inputs: Slice, context: Context): Target {
  const environment = resolveEnvironment(inputs, context);
  const projectSlug = slugOfRepository(context.repository);
  const refSlug = slug(context.ref);
  const job = resolveJob(environment.value, inputs, projectSlug, refSlug, context);
  const { hostnames, source, notes } = resolveHostnames(environment.value, inputs, job.value, projectSlug, context);
  return {
    environment,
    nomadAddr: resolveAddress(environment.value, inputs),
    jobId: job.value,
    projectSlug,
    refSlug,
    hostnames,
    url: hostnames[0] === undefined ? undefined : `https://${hostnames[0]}`,
    sources: { jobId: job.source, hostnames: source },
    notes,
  };
}

function resolveEnvironment(
  { environment, mainStyle, baseDomain }: Slice,
  { ref, refType, defaultBranch, eventName, fromFork }: Context,
): Sourced<EnvironmentName> {
  if (environment !== undefined) return { value: environment, source: 'environment' };
  // Who may open a pull request or push a tag chooses its name: `production` there must not mean production.
  if (eventName.startsWith('pull_request')) return { value: 'review', source: `pull request of ${ref}` };
  // It may follow a run for a tag, and does not tell.
  if (eventName === 'workflow_run' && (fromFork || ref !== defaultBranch)) return { value: 'review', source: `workflow_run for ${ref}` };
  if (refType === 'tag') return { value: 'review', source: `tag ${ref}` };
  // Not merged yet, whatever CI_MAIN_STYLE makes of other branches.
  if (eventName === 'merge_group') return { value: 'review', source: `merge queue: ${ref}` };
  const source = mainStyle ? 'CI_MAIN_STYLE' : `branch ${ref}`;
  const named = (['production', 'staging'] as const).find((name) => name === ref);
  if (named !== undefined && !mainStyle) return { value: named, source };
  if (mainStyle || ref === 'main' || ref === 'master' || ref === defaultBranch) {
    return baseDomain?.startsWith('prod.') ? { value: 'production', source: `${source} on ${baseDomain}` } : { value: 'main', source };
  }
  return { value: 'review', source };
}

function resolveJob(
  environment: EnvironmentName,
  { jobName, sources }: Slice,
  projectSlug: string,
  refSlug: string,
  { repository, ref, refType }: Context,
): Sourced<string> {
  if (projectSlug === '') {
    throw new ActionError('input-invalid', `the repository ${JSON.stringify(repository)} has no letter or digit to name a job by`, {
      hint: 'The runner gives it as GITHUB_REPOSITORY, `owner/name`.',
    });
  }
  if (jobName !== undefined) {
    if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(jobName)) return { value: jobName, source: sources.inputs['job-name'] ?? 'job-name' };
    throw new ActionError('input-invalid', `\`job-name\`: ${JSON.stringify(jobName)} is not a name that a Nomad service can have`, {
      hint: 'Use up to 63 letters, digits and dashes.',
    });
  }
  if (environment !== 'review') return { value: slug(projectSlug), source: 'repository' };
  if (refSlug === '') {
    throw new ActionError('input-invalid', `the ${refType} ${JSON.stringify(ref)} has no letter or digit to name a review app by`, {
      hint: `Rename the ${refType}, or set \`job-name\`.`,
    });
  }
  return { value: slug(`${projectSlug}-${refSlug}`), source: `repository and ${refType}` };
}

function resolveAddress(environment: EnvironmentName, { nomadAddr, baseDomain, sources }: Slice): Sourced<string> | undefined {
  if (nomadAddr !== undefined) return { value: nomadAddr, source: sources.inputs['nomad-addr'] ?? 'nomad-addr' };
  if (baseDomain === undefined) return undefined;
  const domain = domainFor(environment, baseDomain);
  const given = sources.inputs['base-domain'] ?? 'base-domain';
  return { value: `https://${domain}`, source: domain === baseDomain ? given : `${given} ${baseDomain}, in ${environment}` };
}

/**
 * The project's slug: `/` and `.` become dashes, what else is not `a-z0-9-` vanishes (`Acme/My_Web.Site` is `acme-myweb-site`). What is longer than
 * a label is cut before the rest vanishes, as users know it, unless too much is left even then: two long names must not share a job.
 */
function slugOfRepository(repository: string): string {
  const path = repository.toLowerCase().replace(/[/.]/g, '-');
  const clean = (text: string): string => text.replace(/[^a-z0-9-]/g, '').replace(/^-+|-+$/g, '');
  return clean(path).length > 63 ? fitLabel(clean(path)) : clean(path.slice(0, 63));
}
