import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import type { Context } from './context.ts';
import { ActionError, type Location, messageOf } from './errors.ts';
import { type DeclaredVariable, declaredVariables, type HclValue, parseLiteral } from './hcl.ts';
import type { Inputs } from './inputs.ts';
import { nearest } from './nearest.ts';
import type { Nomad } from './nomad/index.ts';
import type { Job } from './nomad/types.ts';
import type { Target } from './target.ts';
import { renderTemplate } from './template.ts';

/** A job spec of the repository, or the built-in template. */
export interface SpecFile {
  /** As shown to people: relative to the workspace, or `built-in template`. */
  readonly name: string;
  readonly builtIn: boolean;
  readonly text: string;
}

/** A rendered job spec, as the cluster understood it. */
export interface Jobspec {
  /** The HCL that was parsed, for the job's submission. */
  readonly source: string;
  /** The values of its variables, as a JSON object. */
  readonly variables: string;
  readonly job: Job;
  readonly namespace: string;
  /** SHA-256 of the job without our meta, hexadecimal: equal specs, equal hashes. */
  readonly specHash: string;
  /** What was given to the spec but is not taken up by it. */
  readonly warnings: readonly string[];
}

export interface Rendering {
  readonly spec: SpecFile;
  readonly target: Target;
  readonly context: Context;
  /** The image reference to deploy; empty when the spec names its own. */
  readonly image: string;
  /** The text of the template that gives a task its secrets; empty without secrets. */
  readonly secretsTemplate: string;
}

/** Variables that steer the run and not the spec: no spec needs to declare them. */
const OF_THE_RUN = ['NAMESPACE', 'NO_DEPLOY', 'HOSTNAMES', 'SLUG'];

/**
 * Finds the job spec: `path` (already confined to the workspace), else the built-in template.
 * Throws `input-invalid` when the file can't be read or is of no known kind.
 */
export async function readSpecFile(path: string | undefined, workspace: string): Promise<SpecFile> {
  if (path === undefined) {
    const text = await readFile(new URL('../templates/service.nomad.hcl.hbs', import.meta.url), 'utf8');
    return { name: 'built-in template', builtIn: true, text };
  }
  const name = relative(workspace, path);
  if (!/\.(nomad|hcl)$/.test(name)) {
    throw new ActionError('input-invalid', `\`job\`: ${name} is no job spec that can be read`, {
      hint: 'Job specs end in .nomad or .hcl.',
    });
  }
  return { name, builtIn: false, text: await readFile(path, 'utf8') };
}

/**
 * Renders a spec with its variables and has the cluster parse it (`/v1/jobs/parse`): the language is always the cluster's own.
 * Throws `input-invalid` for variables that are missing or of the wrong type, all at once, and `jobspec-invalid` with file, line and column for
 * what the cluster does not understand.
 */
export async function renderJobspec(
  inputs: Pick<Inputs, 'vars' | 'nomadNamespace' | 'jobName'>,
  rendering: Rendering,
  nomad: Nomad,
): Promise<Jobspec> {
  const { spec, target, image } = rendering;
  const source = spec.builtIn
    ? await renderTemplate(spec.text, { job: target.jobId, image, production: target.environment.value === 'production' }, spec.name)
    : spec.text;
  const declared = declaredVariables(source);
  const values = variableValues(declared, inputs.vars, automaticValues(rendering), spec);
  const variables = JSON.stringify(values);

  const parsed = await nomad.jobs.parse(source, variables, inputs.nomadNamespace);
  if ('problem' in parsed) {
    const { message, line, column } = parsed.problem;
    const location: Location = { file: spec.name, ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) };
    const place = [spec.name, line, column].filter((part) => part !== undefined).join(':');
    throw new ActionError('jobspec-invalid', `${place}: ${message}`, spec.builtIn ? {} : { location });
  }
  const { job } = parsed;
  if (inputs.jobName !== undefined) {
    job.ID = inputs.jobName;
    job.Name = inputs.jobName;
  }
  if (inputs.nomadNamespace !== undefined) job.Namespace = inputs.nomadNamespace;
  return {
    source,
    variables,
    job,
    namespace: job.Namespace ?? 'default',
    specHash: createHash('sha256').update(JSON.stringify(job)).digest('hex'),
    warnings: spec.builtIn
      ? undeclared(declared, inputs.vars, spec)
      : [...undeclared(declared, inputs.vars, spec), ...unused(declared, rendering)],
  };
}

/** Values that a spec gets by declaring a variable of that name. */
function automaticValues({ spec, target, context, image, secretsTemplate }: Rendering): Readonly<Record<string, HclValue>> {
  return {
    image,
    CI_GITHUB_IMAGE: image,
    SLUG: target.jobId,
    HOSTNAMES: target.hostnames,
    // Nomad refuses an empty template, and a spec that has one must also do without secrets.
    SECRETS_TEMPLATE: secretsTemplate === '' && !spec.builtIn ? '# no secrets' : secretsTemplate,
    CI_COMMIT_REF_SLUG: target.refSlug,
    CI_COMMIT_SHA: context.sha,
    CI_PROJECT_PATH_SLUG: target.projectSlug,
  };
}

function variableValues(
  declared: readonly DeclaredVariable[],
  given: Readonly<Record<string, string>>,
  automatic: Readonly<Record<string, HclValue>>,
  spec: SpecFile,
): Record<string, HclValue> {
  const values: Record<string, HclValue> = {};
  const problems: string[] = [];
  let location: Location | undefined;
  for (const { name, type, hasDefault, line } of declared) {
    const text = OF_THE_RUN.includes(name) ? undefined : given[name];
    const automaticValue = automatic[name];
    if (text !== undefined) {
      try {
        values[name] = type === 'string' ? text : parseLiteral(text);
      } catch (error) {
        problems.push(`variable ${name} (NOMAD_VAR_${name}): ${messageOf(error)}`);
      }
    } else if (automaticValue !== undefined && automaticValue !== '') {
      values[name] = automaticValue;
    } else if (!hasDefault) {
      location ??= { file: spec.name, line };
      problems.push(`${spec.name}:${line}: variable "${name}" has no value: set NOMAD_VAR_${name}, or give it a default`);
    }
  }
  if (problems.length > 0)
    throw new ActionError('input-invalid', problems.join('\n'), location === undefined || spec.builtIn ? {} : { location });
  return values;
}

function undeclared(declared: readonly DeclaredVariable[], given: Readonly<Record<string, string>>, spec: SpecFile): string[] {
  const names = declared.map(({ name }) => name);
  return Object.keys(given)
    .filter((name) => !names.includes(name) && !OF_THE_RUN.includes(name))
    .map((name) => {
      const near = nearest(name, [...names, ...OF_THE_RUN]);
      return `NOMAD_VAR_${name} is set, but the ${spec.builtIn ? spec.name : `spec ${spec.name}`} has no such variable${near === undefined ? '' : `; did you mean NOMAD_VAR_${near}?`}`;
    });
}

/** What this run made for a spec of the repository, which has to declare a variable to get it. */
function unused(declared: readonly DeclaredVariable[], { spec, image, secretsTemplate }: Rendering): string[] {
  const declares = (...names: string[]): boolean => declared.some(({ name }) => names.includes(name));
  return [
    ...(image === '' || declares('image', 'CI_GITHUB_IMAGE')
      ? []
      : [`${spec.name} declares no variable "image", so it does not run ${image}`]),
    ...(secretsTemplate === '' || declares('SECRETS_TEMPLATE')
      ? []
      : [`${spec.name} declares no variable "SECRETS_TEMPLATE", so no task of it sees the secrets`]),
  ];
}
