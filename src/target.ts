import type { Context } from './context.ts';
import { ActionError, messageOf } from './errors.ts';
import { type HclValue, parseLiteral } from './hcl.ts';
import type { EnvironmentName, Inputs, Sourced } from './inputs.ts';
import { slug } from './slug.ts';

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
}

type Slice = Pick<Inputs, 'environment' | 'mainStyle' | 'baseDomain' | 'nomadAddr' | 'jobName' | 'vars'>;

/**
 * Decides environment, address, job id and hostnames from the branch, as users of internetarchive/nomad know it: `main` (or the default
 * branch), `staging` and `production` share one job id per cluster, every other branch is a review app of its own.
 * `HOSTNAMES` of the variables are the names that the user asks for; those without a dot are made below the domain.
 * Throws an `input-invalid` error when a name is empty or no DNS label.
 */
export function resolveTarget(inputs: Slice, context: Context): Target {
  const environment = resolveEnvironment(inputs, context);
  const domain = inputs.baseDomain === undefined ? undefined : domainFor(environment.value, inputs.baseDomain);
  const projectSlug = slugOfRepository(context.repository);
  const refSlug = slug(context.ref);
  const review = environment.value === 'review';
  if (review && refSlug === '' && inputs.jobName === undefined) {
    throw new ActionError('input-invalid', `the ref ${JSON.stringify(context.ref)} has no letter or digit to name a review app by`, {
      hint: 'Rename the branch, or set `job-name`.',
    });
  }
  const jobId = inputs.jobName ?? slug(review ? `${projectSlug}-${refSlug}` : projectSlug);
  if (!/^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/.test(jobId)) {
    throw new ActionError('input-invalid', `\`job-name\`: ${JSON.stringify(jobId)} is not a name that a Nomad service can have`, {
      hint: 'Use up to 63 letters, digits and dashes.',
    });
  }
  const named = parseHostnames(inputs.vars['HOSTNAMES']);
  // A review app never takes a name that belongs to the main branch.
  const asked = review ? [] : named;
  const hostnames =
    domain === undefined ? asked.filter((name) => name.includes('.')) : resolveHostnames(environment.value, asked, domain, jobId, context);
  return {
    environment,
    nomadAddr: resolveAddress(inputs, domain),
    jobId,
    projectSlug,
    refSlug,
    hostnames,
    url: hostnames[0] === undefined ? undefined : `https://${hostnames[0]}`,
  };
}

function resolveEnvironment(
  { environment, mainStyle, baseDomain }: Slice,
  { ref, refType, defaultBranch, eventName }: Context,
): Sourced<EnvironmentName> {
  if (environment !== undefined) return { value: environment, source: 'environment' };
  // Who may open a pull request or push a tag chooses its name: `production` there must not mean production.
  if (eventName.startsWith('pull_request')) return { value: 'review', source: `pull request of ${ref}` };
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

/** `dev.example.com` is `prod.example.com` in production; of `example.com` nothing can be replaced, so it becomes `prod.example.com` too. */
function domainFor(environment: EnvironmentName, baseDomain: string): string {
  const first = environment === 'production' ? 'prod' : environment === 'staging' ? 'staging' : undefined;
  if (first === undefined || baseDomain.startsWith(`${first}.`)) return baseDomain;
  const labels = baseDomain.split('.');
  return [first, ...(labels.length > 2 ? labels.slice(1) : labels)].join('.');
}

function resolveAddress({ nomadAddr }: Slice, domain: string | undefined): Sourced<string> | undefined {
  if (nomadAddr !== undefined) return { value: nomadAddr, source: 'nomad-addr' };
  if (domain !== undefined) return { value: `https://${domain}`, source: 'base-domain' };
  return undefined;
}

/** Hostnames as a JSON or HCL list, or as text with a name a line or between commas. */
function parseHostnames(text: string | undefined): string[] {
  if (text === undefined) return [];
  let names: HclValue = text
    .split(/[\n,]/)
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (text.trim().startsWith('[')) {
    try {
      names = parseLiteral(text);
    } catch (error) {
      throw badHostnames(messageOf(error));
    }
  }
  if (!Array.isArray(names)) throw badHostnames('it is not a list');
  return names.map((name: unknown) => {
    if (typeof name !== 'string' || !/^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*$/i.test(name))
      throw badHostnames(`${JSON.stringify(name)} is not a hostname`);
    return name;
  });
}

function badHostnames(problem: string): ActionError {
  return new ActionError('input-invalid', `variable HOSTNAMES (NOMAD_VAR_HOSTNAMES): ${problem}`, {
    hint: 'Write a list such as ["www", "shop.example.com"].',
  });
}

function resolveHostnames(
  environment: EnvironmentName,
  asked: readonly string[],
  domain: string,
  jobId: string,
  { repository }: Context,
): string[] {
  if (asked.length > 0) return asked.map((name) => (name.includes('.') ? name : `${name}.${domain}`));
  if (environment === 'production' || environment === 'staging') return [`${repository.toLowerCase().split('/').at(-1) ?? ''}.${domain}`];
  return [`${jobId}.${domain}`];
}

/** The project's slug: `/` and `.` become dashes, what else is not `a-z0-9-` vanishes (`Acme/My_Web.Site` is `acme-myweb-site`). */
function slugOfRepository(repository: string): string {
  return repository
    .toLowerCase()
    .replace(/[/.]/g, '-')
    .slice(0, 63)
    .replace(/[^a-z0-9-]/g, '')
    .replace(/^-+|-+$/g, '');
}
