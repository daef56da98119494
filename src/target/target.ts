import { ActionError } from '../errors.ts';
import type { Context } from '../github/index.ts';
import type { EnvironmentSection } from '../inputs/config/index.ts';
import type { EnvironmentName, Inputs, Sourced } from '../inputs/index.ts';
import { fitLabel, isPattern, matcherOf, slug } from '../text/index.ts';
import { domainFor, namesOwnHosts, resolveHostnames } from './hostnames.ts';

/** Where this run deploys to, and under which names. */
export interface Target {
  readonly environment: Environment;
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

/** An environment: `value` says by which of the four rules names are made and tokens chosen, `name` what the user calls it. */
export interface Environment extends Sourced<EnvironmentName> {
  readonly name: string;
  /** A branch other than the main one in production: it has a job of its own, as a review app has. */
  readonly isBranch?: true;
}

const MAIN = ['main', 'master'];
const RULES: readonly EnvironmentName[] = ['production', 'staging', 'main', 'review'];

/**
 * Events whose ref says what the run is about. Of all others (comments, `repository_dispatch`, checks) it is the default branch, whatever was checked out.
 * '' is no runner of GitHub's.
 */
const BY_REF: readonly string[] = ['', 'push', 'create', 'delete', 'release', 'schedule', 'workflow_dispatch', 'workflow_run'];

/** Of these, another commit than the event's is often checked out. */
const BY_COMMIT: readonly string[] = ['schedule', 'workflow_dispatch', 'workflow_run'];

/** As much of an environment of the configuration file as decides what belongs to it. */
type Section = Pick<EnvironmentSection, 'name' | 'branches' | 'tags' | 'pullRequest'>;

type Slice = Pick<
  Inputs,
  'environment' | 'mainStyle' | 'baseDomain' | 'ownDomain' | 'nomadAddr' | 'jobName' | 'app' | 'vars' | 'sources' | 'config'
>;

/**
 * Decides environment, address, job id and hostnames from the branch, as users of internetarchive/nomad know it: `main` (or the default
 * branch), `staging` and `production` share one job id per cluster, every other branch is a review app of its own, or in production with a job of its own.
 * Throws an `input-invalid` error when a name is empty, or when Nomad or DNS would refuse it.
 */
export function resolveTarget(inputs: Slice, context: Context, environment = resolveEnvironment(inputs, context)): Target {
  const projectSlug = slugOfRepository(context.repository);
  const refSlug = slug(context.ref);
  const jobSlug = inputs.app === undefined ? projectSlug : `${projectSlug}-${inputs.app}`;
  const job = resolveJob(environment, inputs, jobSlug, refSlug, context);
  const { hostnames, source, notes } = resolveHostnames(environment.value, inputs, job.value, jobSlug, context);
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
 * The environment of a run: the input's, else that of the configuration file which the branch or tag belongs to, else by the name of the branch. A pull
 * request is a review app whatever the file says; so are a tag, unless the file says otherwise, and a run of which nobody knows what is checked out. On a
 * domain of production, another branch is in production too, where the workflow names its hostnames and production has none of them by itself.
 */
export function resolveEnvironment(inputs: Slice, context: Context, sections: readonly Section[] = []): Environment {
  const { environment, mainStyle, baseDomain, config } = inputs;
  const { ref, refType, defaultBranch, eventName, fromFork, followsDefault, checkout } = context;
  if (environment !== undefined) {
    const own = sections.find(({ name }) => name === environment);
    return { value: ruleOf(environment, own), name: environment, source: 'environment' };
  }
  const review = (source: string, own?: Section): Environment => ({ value: 'review', name: own?.name ?? 'review', source });
  // Who may open a pull request or push a tag chooses its name: `production` there must not mean production.
  if (eventName.startsWith('pull_request')) {
    const own = sections.find(({ pullRequest }) => pullRequest);
    return review(`pull request of ${ref}${own === undefined ? '' : `, ${config}`}`, own);
  }
  // It may follow a run for a tag, and does not tell.
  if (eventName === 'workflow_run' && (fromFork || !followsDefault)) {
    const what = fromFork || ref !== defaultBranch ? '' : ', whose commit is not known to be of that branch';
    return review(`workflow_run for ${ref}${what}`);
  }
  // Not merged yet, whatever CI_MAIN_STYLE makes of other branches.
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
  // An environment that says what belongs to it has nothing else.
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
 * Returns whether a branch is a main branch: the default branch, and `main` or `master` by their names. Where the default branch has one of the two names,
 * the other one is unprotected: whoever may push a branch could create it.
 */
function isMain(ref: string, defaultBranch: string | undefined): boolean {
  return ref === defaultBranch || (MAIN.includes(ref) && !MAIN.includes(defaultBranch ?? ''));
}

/**
 * The rule for an environment with a name of its own: the repository's one job, as on the main branch; but where several branches belong to it, each
 * has a job of its own, as review apps do.
 */
function ruleOf(environment: string, section?: Section): EnvironmentName {
  const known = RULES.find((name) => name === environment);
  if (known !== undefined) return known;
  const single = section === undefined || (section.branches.length < 2 && !section.branches.some(isPattern) && !section.pullRequest);
  return single ? 'main' : 'review';
}

function resolveJob(
  environment: Environment,
  { jobName, app, sources }: Slice,
  jobSlug: string,
  refSlug: string,
  { repository, ref, refType }: Context,
): Sourced<string> {
  if (jobSlug.replace(`-${app}`, '') === '') {
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
  const ofApp = app === undefined ? '' : ` and app ${app}`;
  if (!hasOwnJob(environment)) return { value: slug(jobSlug), source: `repository${ofApp}` };
  if (refSlug === '') {
    throw new ActionError('input-invalid', `the ${refType} ${JSON.stringify(ref)} has no letter or digit to name a review app by`, {
      hint: `Rename the ${refType}, or set \`job-name\`.`,
    });
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
 * The project's slug: `/` and `.` become dashes, what else is not `a-z0-9-` vanishes (`Acme/My_Web.Site` is `acme-myweb-site`). What is longer than
 * a label is cut before the rest vanishes, as users know it, unless too much is left even then: two long names must not share a job.
 */
function slugOfRepository(repository: string): string {
  const path = repository.toLowerCase().replace(/[/.]/g, '-');
  const clean = (text: string): string => text.replace(/[^a-z0-9-]/g, '').replace(/^-+|-+$/g, '');
  return clean(path).length > 63 ? fitLabel(clean(path)) : clean(path.slice(0, 63));
}

/** Returns whether a branch or pull request has a job of its own, beside the repository's one in that environment. */
export function hasOwnJob({ value, isBranch }: Environment): boolean {
  return value === 'review' || isBranch === true;
}
