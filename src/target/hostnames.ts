import { ActionError, messageOf, sentence } from '../errors.ts';
import type { Context } from '../github/index.ts';
import { type EnvironmentName, type Inputs, parseBoolean } from '../inputs/index.ts';
import type { Job } from '../nomad/types.ts';
import { fitLabel, type HclValue, hostBeside, hostProblem, parseLiteral, slug } from '../text/index.ts';

type Slice = Pick<Inputs, 'baseDomain' | 'ownDomain' | 'jobName' | 'app' | 'vars' | 'sources'>;

interface Hostnames {
  /** Full names, the main one first, none twice. */
  readonly hostnames: readonly string[];
  readonly source: string;
  /** The given names that are ignored, each as a line of the log. */
  readonly notes: readonly string[];
}

/**
 * Matches domains whose first label must stay: it was registered, or is part of an address (`10.0.0.1.nip.io`). Of three labels it must
 * stay below the usual second levels of countries, such as `co.uk`.
 */
const WHOLE = /^[^.]+(\.[^.]+)?$|^[^.]+\.(ac|co|com|edu|gob|gov|go|ltd|me|mil|net|ne|nom|or|org|plc|sch)\.[a-z]{2}$|^\d+([.-]\d+){3}\./;

/**
 * Returns the domain of an environment: `dev.example.com` becomes `prod.example.com` in production. In `example.com` and `example.co.uk` no
 * label can be replaced, so they become `prod.example.com` and `prod.example.co.uk`.
 */
export function domainFor(environment: EnvironmentName, baseDomain: string): string {
  const first = environment === 'production' ? 'prod' : environment === 'staging' ? 'staging' : undefined;
  if (first === undefined || baseDomain.startsWith(`${first}.`)) return baseDomain;
  return `${first}.${WHOLE.test(baseDomain) ? baseDomain : baseDomain.slice(baseDomain.indexOf('.') + 1)}`;
}

/** A domain that the configuration file gives for the environment is taken as it is. */
function domainOf(environment: EnvironmentName, baseDomain: string, { ownDomain }: Pick<Slice, 'ownDomain'>): string {
  return ownDomain ? baseDomain : domainFor(environment, baseDomain);
}

/**
 * Returns the hostnames of a job: those of the variable `HOSTNAMES`, else one below the domain. A review app always has its own, so that no
 * branch takes a name of the main branch. Throws one `input-invalid` with every name that DNS would refuse, or when the name of a review
 * app is in use elsewhere.
 */
export function resolveHostnames(
  environment: EnvironmentName,
  inputs: Slice,
  { jobId, projectSlug }: { readonly jobId: string; readonly projectSlug: string },
  context: Context,
): Hostnames {
  const { baseDomain, sources } = inputs;
  const review = environment === 'review';
  const asked = parseHostnames(inputs);
  const variable = variableName(inputs);
  if (asked.length > 0 && !review) {
    const names = below(asked, environment, inputs);
    refuse([...withoutDomain(asked, baseDomain, variable), ...asked.flatMap((name, i) => askedProblem(name, names[i] ?? name, variable))]);
    return { hostnames: unique(names), source: sources.vars['HOSTNAMES'] ?? '', notes: [] };
  }
  const notes = asked.length === 0 ? [] : [`${variable} is ignored: a review app has a hostname of its own`];
  if (baseDomain === undefined) return { hostnames: [], source: 'no base-domain', notes };
  const own = ownName(environment, inputs, jobId, context);
  const name = `${own.name}.${domainOf(environment, baseDomain, inputs)}`;
  refuse([...ownProblem(name, own.from), ...(review ? takenProblem(name, namesOf(inputs, context, projectSlug, asked), context) : [])]);
  return { hostnames: [name], source: `${own.from} and ${sources.inputs['base-domain']}`, notes };
}

/**
 * Returns whether the workflow itself names hostnames, and none that production has without `HOSTNAMES`: then a branch may run in
 * production beside it. The names of the registered production job are compared later, by `takenHost`. Throws `input-invalid` when
 * `HOSTNAMES` is not a list.
 */
export function namesOwnHosts(inputs: Slice, context: Context, projectSlug: string): boolean {
  const { vars, sources, jobName } = inputs;
  if (jobName !== undefined || !['vars', 'NOMAD_VAR_HOSTNAMES'].includes(sources.vars['HOSTNAMES'] ?? '')) return false;
  const asked = below(parseHostnames(inputs), 'production', inputs);
  const names = [...asked, ...besides(asked, vars).map(({ name }) => name)];
  const taken = namesOf(inputs, context, projectSlug, []);
  return asked.length > 0 && !names.some((name) => taken.some((other) => sameHost(name, other.name)));
}

/** Returns the first of these hostnames that a tag of one of the job's services names. */
export function takenHost(hosts: readonly string[], { TaskGroups }: Pick<Job, 'TaskGroups'>): string | undefined {
  const services = (TaskGroups ?? []).flatMap((group) => [group, ...(group.Tasks ?? [])].flatMap(({ Services }) => Services ?? []));
  const named = services.flatMap(({ Tags }) => Tags ?? []).flatMap((tag) => tag.toLowerCase().match(/[\w-]+(\.[\w-]+)*/g) ?? []);
  return hosts.find((host) => named.includes(host.toLowerCase()));
}

/**
 * Returns the name below the domain: that of the job, or in production and staging that of the repository, unless the user named the job.
 */
function ownName(
  environment: EnvironmentName,
  { jobName, app }: Slice,
  jobId: string,
  { repository }: Context,
): { name: string; from: string } {
  if (jobName === undefined && (environment === 'production' || environment === 'staging')) {
    return { name: shortName(repository, app), from: app === undefined ? 'repository' : `repository and app ${app}` };
  }
  return { name: jobId, from: 'job name' };
}

/** Returns the repository's name with its dots and underscores. Only a label that is too long for DNS is cut. */
function shortName(repository: string, app: string | undefined): string {
  const own = repository.toLowerCase().split('/').at(-1) ?? '';
  const name = app === undefined ? own : `${own}-${app}`;
  return name
    .split('.')
    .map((label) => fitLabel(label))
    .join('.');
}

function below(names: readonly string[], environment: EnvironmentName, inputs: Slice): string[] {
  const { baseDomain } = inputs;
  return names.map((name) =>
    name.includes('.') || baseDomain === undefined ? name : `${name}.${domainOf(environment, baseDomain, inputs)}`,
  );
}

/** Reads hostnames from a JSON or HCL list, or from text with one name a line or between commas. Throws `input-invalid`. */
function parseHostnames(inputs: Slice): string[] {
  const text = inputs.vars['HOSTNAMES'];
  if (text === undefined) return [];
  let names: HclValue = text
    .split(/[\n,]/)
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (text.trim().startsWith('[')) {
    try {
      names = parseLiteral(text);
    } catch (error) {
      throw badList(`${variableName(inputs)}: ${messageOf(error)}`);
    }
  }
  if (!Array.isArray(names)) throw badList(`${variableName(inputs)}: the value is not a list`);
  return names.map((name: unknown) => {
    if (typeof name !== 'string') throw badList(`${variableName(inputs)}: ${JSON.stringify(name)} is not a hostname`);
    return name;
  });
}

function variableName({ sources }: Slice): string {
  return `variable HOSTNAMES (${sources.vars['HOSTNAMES']})`;
}

function badList(message: string): ActionError {
  return problem(message, 'Write a list such as ["www", "shop.example.com"].');
}

function withoutDomain(asked: readonly string[], baseDomain: string | undefined, variable: string): ActionError[] {
  const names = baseDomain === undefined ? asked.filter((name) => !name.includes('.')) : [];
  if (names.length === 0) return [];
  const list = names.map((name) => JSON.stringify(name)).join(', ');
  return [
    problem(
      `${variable}: ${list} ${names.length === 1 ? 'has' : 'have'} no dot, and \`base-domain\` is not set`,
      'Set `base-domain`, or write full names such as shop.example.com.',
    ),
  ];
}

function askedProblem(name: string, host: string, variable: string): ActionError[] {
  const why = hostProblem(host);
  return why === undefined ? [] : [badList(`${variable}: ${JSON.stringify(name)} is not a hostname: it ${why}`)];
}

function ownProblem(host: string, from: string): ActionError[] {
  const why = hostProblem(host);
  if (why === undefined) return [];
  const hint = from.startsWith('repository') ? 'Name the hosts with NOMAD_VAR_HOSTNAMES, such as ["shop"].' : 'Shorten `base-domain`.';
  return [problem(`${from} and \`base-domain\` make ${JSON.stringify(host)}, which is not a hostname: it ${why}`, hint)];
}

/** Returns the problem of a review app whose name belongs to another environment, or to a port of the job there. */
function takenProblem(host: string, names: readonly Named[], { ref, refType }: Context): ActionError[] {
  const taken = names.find(({ name }) => sameHost(name, host));
  if (taken === undefined) return [];
  return [
    problem(
      `the review app of the ${refType} ${ref} would have the hostname ${host}, which belongs to ${taken.owner}`,
      `Rename the ${refType}, or set \`job-name\` for the review app.`,
    ),
  ];
}

interface Named {
  readonly name: string;
  readonly owner: string;
}

/** Returns the names of the environments that are not review apps, with `asked` as HOSTNAMES. */
function namesOf(inputs: Slice, context: Context, projectSlug: string, asked: readonly string[]): Named[] {
  return (['production', 'staging', 'main'] as const).flatMap((environment) => {
    const names = asked.length > 0 ? below(asked, environment, inputs) : ownNames(environment, inputs, context, projectSlug);
    const owner = `the environment ${environment}`;
    const ports = besides(names, inputs.vars).map((port) => ({ name: port.name, owner: `${port.owner} of ${owner}` }));
    return [...names.map((name) => ({ name, owner })), ...ports];
  });
}

/** Returns the names of a job's ports, which service.ts makes of the main hostname. */
function besides([main]: readonly string[], vars: Slice['vars']): Named[] {
  return main === undefined ? [] : portNames(vars).map((port) => ({ name: hostBeside(main, '', `-${port}`), owner: `the port ${port}` }));
}

/**
 * Returns the names of an environment without `HOSTNAMES`. With `job-name`, the main branch and the review app are the same job and share
 * its name.
 */
function ownNames(environment: 'production' | 'staging' | 'main', inputs: Slice, { repository }: Context, projectSlug: string): string[] {
  const { baseDomain, jobName, app } = inputs;
  if (baseDomain === undefined || (environment === 'main' && jobName !== undefined)) return [];
  return [`${environment === 'main' ? slug(projectSlug) : shortName(repository, app)}.${domainOf(environment, baseDomain, inputs)}`];
}

/** Returns the names of the ports that have a hostname. Invalid variables give none: service.ts tells their problems. */
function portNames({ PORTS = '{}', MULTI_CONTAINER }: Readonly<Record<string, string>>): string[] {
  try {
    if (parseBoolean('MULTI_CONTAINER', MULTI_CONTAINER) === true) return [];
    const ports = Object.entries(parseLiteral(PORTS) ?? {});
    return ports.flatMap(([number, name]: [string, HclValue]) =>
      typeof name !== 'string' || name === 'http' || Number(number) < -1 ? [] : [name],
    );
  } catch {
    return [];
  }
}

/** Returns the names that DNS tells apart, in their order. */
function unique(names: readonly string[]): string[] {
  return names.filter((name, i) => names.findIndex((other) => sameHost(name, other)) === i);
}

function sameHost(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function problem(message: string, hint: string): ActionError {
  return new ActionError('input-invalid', message, { hint });
}

function refuse(problems: readonly ActionError[]): void {
  const [first, ...more] = problems;
  if (first === undefined) return;
  if (more.length === 0) throw first;
  throw new ActionError('input-invalid', `${problems.length} problems:\n${problems.map((one) => `- ${sentence(one)}`).join('\n')}`);
}
