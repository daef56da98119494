import { ActionError } from '../errors.ts';
import type { Context } from '../github/index.ts';
import type { EnvironmentSection } from '../inputs/config/index.ts';
import type { EnvironmentName, Inputs, Sourced } from '../inputs/index.ts';
import { fitLabel, isPattern, matcherOf, slug } from '../text/index.ts';
import { domainFor, namesOwnHosts, resolveHostnames } from './hostnames.ts';

/** The place that this run deploys to, and its names. */
export interface Target {
  readonly environment: Environment;
  /** The cluster of the configuration file, of a run that names one. */
  readonly cluster?: string;
  /** Undefined when neither an address nor a domain is given. */
  readonly nomadAddr: Sourced<string> | undefined;
  /** The job id of the built-in template; with `job-name` also that of a spec of the repository. */
  readonly jobId: string;
  /** `owner/name` as a slug, the same for all branches. */
  readonly projectSlug: string;
  readonly refSlug: string;
  /** Full hostnames, the main one first; empty without a base domain. */
  readonly hostnames: readonly string[];
  readonly url: string | undefined;
  /** The sources of the names, in words. */
  readonly sources: { readonly jobId: string; readonly hostnames: string };
  /** Settings that are ignored, each as a line of the log. */
  readonly notes: readonly string[];
}

/** An environment: `value` is the rule for names and tokens, `name` the user's name for it. */
export interface Environment extends Sourced<EnvironmentName> {
  readonly name: string;
  /** A branch other than the main one in production: it has its own job, like a review app. */
  readonly isBranch?: true;
}

const MAIN = ['main', 'master'];
const RULES: readonly EnvironmentName[] = ['production', 'staging', 'main', 'review'];

/**
 * Events whose ref names the code of the run. Other events (comments, `repository_dispatch`, checks) have the default branch as ref,
 * whatever was checked out. '' stands for a run outside of GitHub.
 */
const BY_REF: readonly string[] = ['', 'push', 'create', 'delete', 'release', 'schedule', 'workflow_dispatch', 'workflow_run'];

/** Events for which another commit than that of the event is often checked out. */
const BY_COMMIT: readonly string[] = ['schedule', 'workflow_dispatch', 'workflow_run'];

/** The part of an environment of the configuration file that decides which refs belong to it. */
type RefSection = Pick<EnvironmentSection, 'name' | 'branches' | 'tags' | 'pullRequest'>;

type Slice = Pick<
  Inputs,
  'environment' | 'mainStyle' | 'baseDomain' | 'ownDomain' | 'nomadAddr' | 'jobName' | 'app' | 'vars' | 'sources' | 'config'
>;

/**
 * Returns environment, address, job id and hostnames by the branch, as users of internetarchive/nomad know them: `main` (or the default
 * branch), `staging` and `production` share one job id per cluster; every other branch is a review app, or in production has its own job.
 * Throws `input-invalid` when a name is empty, or Nomad or DNS would refuse it.
 */
export function resolveTarget(inputs: Slice, context: Context, environment = resolveEnvironment(inputs, context)): Target {
  const projectSlug = slugOfRepository(context.repository);
  const refSlug = slug(context.ref);
  const jobSlug = inputs.app === undefined ? projectSlug : `${projectSlug}-${inputs.app}`;
  const job = resolveJob(environment, inputs, { jobSlug, refSlug }, context);
  const { hostnames, source, notes } = resolveHostnames(environment.value, inputs, { jobId: job.value, projectSlug: jobSlug }, context);
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

/**
 * Returns the environment of a run: the input's, else that of the configuration file to which the branch or tag belongs, else the one that
 * the branch is named after.
 *
 * - A pull request is a review app, and so is a run whose checked-out commit is not known.
 * - A tag is a review app, unless the configuration file says otherwise.
 * - On a production domain, another branch is in production too, if the workflow names its hostnames and production has none of them.
 */
export function resolveEnvironment(inputs: Slice, context: Context, sections: readonly RefSection[] = []): Environment {
  const { environment, mainStyle, baseDomain, config } = inputs;
  const { ref, refType, defaultBranch, eventName, fromFork, followsDefault, checkout } = context;
  if (environment !== undefined) {
    const own = sections.find(({ name }) => name === environment);
    return { value: ruleOf(environment, own), name: environment, source: 'environment' };
  }
  const review = (source: string, own?: RefSection): Environment => ({ value: 'review', name: own?.name ?? 'review', source });
  // Anyone who opens a pull request or pushes a tag chooses its name: `production` there must not mean production.
  if (eventName.startsWith('pull_request')) {
    const own = sections.find(({ pullRequest }) => pullRequest);
    return review(`pull request of ${ref}${own === undefined ? '' : `, ${config}`}`, own);
  }
  // The run may follow a run for a tag, and the event does not tell.
  if (eventName === 'workflow_run' && (fromFork || !followsDefault)) {
    const what = fromFork || ref !== defaultBranch ? '' : ', whose commit is not known to be of that branch';
    return review(`workflow_run for ${ref}${what}`);
  }
  // A merge queue's branch is not merged yet, whatever CI_MAIN_STYLE makes of other branches.
  if (eventName === 'merge_group') return review(`merge queue: ${ref}`);
  if (!BY_REF.includes(eventName)) return review(`event ${eventName}`);
  if (checkout === 'other' && BY_COMMIT.includes(eventName)) return review(`${eventName} with another commit checked out`);
  const own = sections.find(({ branches, tags }) => matcherOf(refType === 'tag' ? tags : branches)(ref));
  if (own !== undefined) {
    const source = `${refType} ${ref}, ${config}`;
    return { value: refType === 'tag' ? ruleOf(own.name) : ruleOf(own.name, own), name: own.name, source };
  }
  if (refType === 'tag') return review(`tag ${ref}`);
  const source = mainStyle ? 'CI_MAIN_STYLE' : `branch ${ref}`;
  // An environment with branches, tags or pull requests of its own has nothing else.
  const free = (name: EnvironmentName): boolean =>
    sections.every((one) => one.name !== name || (one.branches.length === 0 && one.tags.length === 0 && !one.pullRequest));
  const named = (['production', 'staging'] as const).find((name) => name === ref && free(name));
  if (named !== undefined && !mainStyle) return { value: named, name: named, source };
  if (mainStyle || (isMain(ref, defaultBranch) && free('main'))) {
    return baseDomain?.startsWith('prod.')
      ? { value: 'production', name: 'production', source: `${source} on ${baseDomain}` }
      : { value: 'main', name: 'main', source };
  }
  if (baseDomain?.startsWith('prod.') && free('production') && namesOwnHosts(inputs, context, slugOfRepository(context.repository))) {
    const why = `${source} on ${baseDomain}, with hostnames of its own`;
    return { value: 'production', name: 'production', source: why, isBranch: true };
  }
  return review(source);
}

/**
 * Returns whether a branch is a main branch: the default branch, `main` or `master`. If the default branch has one of these names, the
 * other name is unprotected: anyone who may push could create that branch.
 */
function isMain(ref: string, defaultBranch: string | undefined): boolean {
  return ref === defaultBranch || (MAIN.includes(ref) && !MAIN.includes(defaultBranch ?? ''));
}

/**
 * Returns the rule for a named environment: the repository's one job, as on the main branch. If several branches belong to the environment,
 * each has its own job, like a review app.
 */
function ruleOf(environment: string, section?: RefSection): EnvironmentName {
  const known = RULES.find((name) => name === environment);
  if (known !== undefined) return known;
  const single = section === undefined || (section.branches.length < 2 && !section.branches.some(isPattern) && !section.pullRequest);
  return single ? 'main' : 'review';
}

function resolveJob(
  environment: Environment,
  { jobName, app, sources }: Slice,
  { jobSlug, refSlug }: { readonly jobSlug: string; readonly refSlug: string },
  { repository, ref, refType }: Context,
): Sourced<string> {
  if (jobSlug.replace(`-${app}`, '') === '') {
    throw new ActionError('input-invalid', `the repository name ${JSON.stringify(repository)} has no letter or digit for a job name`, {
      hint: 'The runner sets GITHUB_REPOSITORY to `owner/name`.',
    });
  }
  if (jobName !== undefined) {
    if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(jobName)) return { value: jobName, source: sources.inputs['job-name'] ?? 'job-name' };
    throw new ActionError('input-invalid', `\`job-name\`: ${JSON.stringify(jobName)} is not a name that a Nomad service can have`, {
      hint: 'Use up to 63 letters, digits and dashes.',
    });
  }
  const ofApp = app === undefined ? '' : ` and app ${app}`;
  if (!hasOwnJob(environment)) return { value: slug(jobSlug), source: `repository${ofApp}` };
  if (refSlug === '') {
    throw new ActionError(
      'input-invalid',
      `the name of the ${refType} ${JSON.stringify(ref)} has no letter or digit for the name of a review app`,
      {
        hint: `Rename the ${refType}, or set \`job-name\`.`,
      },
    );
  }
  return { value: slug(`${jobSlug}-${refSlug}`), source: `repository${ofApp} and ${refType}` };
}

function resolveAddress(environment: EnvironmentName, { nomadAddr, baseDomain, ownDomain, sources }: Slice): Sourced<string> | undefined {
  if (nomadAddr !== undefined) return { value: nomadAddr, source: sources.inputs['nomad-addr'] ?? 'nomad-addr' };
  if (baseDomain === undefined) return undefined;
  const domain = ownDomain ? baseDomain : domainFor(environment, baseDomain);
  const given = sources.inputs['base-domain'] ?? 'base-domain';
  return { value: `https://${domain}`, source: domain === baseDomain ? given : `${given} ${baseDomain}, in ${environment}` };
}

/**
 * Returns the project's slug: `/` and `.` become dashes, other characters outside of `a-z0-9-` are dropped (`Acme/My_Web.Site` is
 * `acme-myweb-site`). As in the system that users come from, a long name is cut before characters are dropped. A name that is too long even
 * without them is cut with a hash, so that two long names do not share a job.
 */
function slugOfRepository(repository: string): string {
  const path = repository.toLowerCase().replace(/[/.]/g, '-');
  const clean = (text: string): string => text.replace(/[^a-z0-9-]/g, '').replace(/^-+|-+$/g, '');
  return clean(path).length > 63 ? fitLabel(clean(path)) : clean(path.slice(0, 63));
}

/** Returns whether a branch or pull request has its own job, beside the repository's job in that environment. */
export function hasOwnJob({ value, isBranch }: Environment): boolean {
  return value === 'review' || isBranch === true;
}
