import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import type { Context } from './context.ts';
import { ActionError } from './errors.ts';
import { type Composition, compose, type FragmentKind, insertAtMarkers, overlay, overlayGroup, type Part } from './fragments.ts';
import { declaredVariables, type HclValue, hclLiteral, topLevelBlocks } from './hcl.ts';
import { parseBoolean } from './input-values.ts';
import type { Inputs } from './inputs.ts';
import type { Nomad } from './nomad/index.ts';
import type { ParseProblem } from './nomad/jobs.ts';
import type { Job, Task } from './nomad/types.ts';
import { serviceData, serviceWarnings } from './service.ts';
import type { Target } from './target.ts';
import { renderTemplate } from './template.ts';
import { automaticValues, undeclared, unused, variableValues } from './values.ts';
import { declarations } from './variables.ts';

/** A file of the repository, its name as shown to people: relative to the workspace. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

/** A job spec of the repository, or the built-in template (whose name is `built-in template`). */
export interface SpecFile extends SourceFile {
  readonly builtIn: boolean;
  /** `vars.nomad`, `job.nomad` and `group.nomad`, which add to the built-in template and to a `project.nomad`. */
  readonly fragments: Readonly<Partial<Record<FragmentKind, SourceFile>>>;
}

/** A rendered job spec, as the cluster understood it. */
export interface Jobspec {
  /** The HCL that was parsed, or the job as JSON when several files were laid over one another; for the job's submission. */
  readonly source: string;
  readonly format: 'hcl2' | 'json';
  /** The values of its variables, as a JSON object. */
  readonly variables: string;
  readonly job: Job;
  readonly namespace: string;
  /** SHA-256 of the job without our meta, hexadecimal: equal specs, equal hashes. */
  readonly specHash: string;
  /** What was given to the spec but is not taken up by it, and what is possible but rarely meant. */
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

type Slice = Pick<Inputs, 'vars' | 'nomadNamespace' | 'jobName' | 'registry'>;

/** The word in a job's label that stands for the job id; a label can't be a variable. */
const SLUG_WORD = 'NOMAD_VAR_SLUG';

/**
 * Reads the job spec (`path`, already confined to the workspace, else the built-in template) and its fragments.
 * Throws `input-invalid` when the spec is of no known kind.
 */
export async function readSpecFile(
  path: string | undefined,
  fragments: Readonly<Partial<Record<FragmentKind, string>>>,
  workspace: string,
): Promise<SpecFile> {
  const read = async (file: string): Promise<SourceFile> => ({ name: relative(workspace, file), text: await readFile(file, 'utf8') });
  const pairs = await Promise.all(Object.entries(fragments).map(async ([kind, file]) => [kind, await read(file)] as const));
  const found: SpecFile['fragments'] = Object.fromEntries(pairs);
  if (path === undefined) {
    const text = await readFile(new URL('../templates/service.nomad.hcl.hbs', import.meta.url), 'utf8');
    return { name: 'built-in template', builtIn: true, text, fragments: found };
  }
  const name = relative(workspace, path);
  if (!/\.(nomad|hcl)$/.test(name)) {
    throw new ActionError('input-invalid', `\`job\`: ${name} is no job spec that can be read`, {
      hint: 'Job specs end in .nomad or .hcl.',
    });
  }
  return { ...(await read(path)), builtIn: false, fragments: found };
}

/**
 * Renders a spec with its variables and has the cluster parse it (`/v1/jobs/parse`): the language is always the cluster's own.
 * Throws `input-invalid` for variables that are missing or of the wrong type, all at once, and `jobspec-invalid` with file, line and column of the
 * user's file for what the cluster does not understand.
 */
export async function renderJobspec(inputs: Slice, rendering: Rendering, nomad: Nomad): Promise<Jobspec> {
  const { spec, target } = rendering;
  const fragments = Object.fromEntries(
    Object.entries(spec.fragments).map(([kind, file]) => [kind, { ...file, text: file.text.replaceAll(SLUG_WORD, target.jobId) }]),
  ) as SpecFile['fragments'];
  const own = { ...spec, text: spec.text.replaceAll(SLUG_WORD, target.jobId) };
  const variablesFile: Part[] =
    fragments.vars === undefined ? [] : [{ text: fragments.vars.text, from: { file: fragments.vars.name, line: 1 } }];

  const inserted = spec.builtIn ? undefined : insertAtMarkers(own, fragments);
  const declaring = compose([
    ...(inserted === undefined ? [{ text: declarations() }] : inserted.parts),
    ...(inserted === undefined || inserted.left.includes('vars') ? variablesFile : []),
  ]);
  const declared = declaredVariables(declaring.text);
  const values = variableValues(declared, inputs.vars, automaticValues(inputs, rendering), declaring.locate);
  const variables = JSON.stringify(values);

  const parse = async (composition: Composition): Promise<Job> => {
    const parsed = await nomad.jobs.parse(composition.text, variables, inputs.nomadNamespace);
    if ('problem' in parsed) throw parseError(parsed.problem, composition, spec);
    return parsed.job;
  };
  const source = inserted === undefined ? compose([{ text: await renderService(spec, values, rendering) }, ...variablesFile]) : declaring;
  const base = await parse(source);
  const left =
    inserted === undefined
      ? (['job', 'group'] as const).filter((kind) => kind in fragments)
      : inserted.left.filter((kind) => kind !== 'vars');
  const shared = left.length === 0 ? '' : topLevelBlocks(declaring.text, ['variable', 'variables', 'locals']).join('\n');
  let job = base;
  for (const kind of left) {
    const fragment = fragments[kind];
    if (fragment !== undefined) job = await layOver(job, kind, fragment, shared, parse);
  }
  job = finish(job, inputs, rendering);
  return {
    ...(left.length === 0 ? { source: source.text, format: 'hcl2' } : { source: JSON.stringify({ Job: job }, null, 2), format: 'json' }),
    variables,
    job,
    namespace: job.Namespace ?? 'default',
    specHash: createHash('sha256').update(JSON.stringify(job)).digest('hex'),
    warnings: [...undeclared(declared, inputs.vars, spec), ...(spec.builtIn ? serviceWarnings(values) : unused(declared, rendering))],
  };
}

async function renderService(
  spec: SpecFile,
  values: Record<string, HclValue>,
  { target, image, secretsTemplate }: Rendering,
): Promise<string> {
  return (await renderTemplate(spec.text, serviceData(values, target, image, secretsTemplate), spec.name)).text;
}

/** Parses a fragment by itself, in the place that it is written for, and lays what it sets over the job. */
async function layOver(
  job: Job,
  kind: 'job' | 'group',
  { name, text }: SourceFile,
  shared: string,
  parse: (composition: Composition) => Promise<Job>,
): Promise<Job> {
  const group = job.TaskGroups?.[0]?.Name ?? 'group';
  const [open, close] =
    kind === 'job' ? [`job ${hclLiteral(job.ID)} {`, '}'] : [`job ${hclLiteral(job.ID)} {\ngroup ${hclLiteral(group)} {`, '}\n}'];
  const over = await parse(compose([{ text: shared }, { text: open }, { text, from: { file: name, line: 1 } }, { text: close }]));
  return kind === 'job' ? overlay(job, over) : (over.TaskGroups ?? []).reduce(overlayGroup, job);
}

function finish(job: Job, { jobName, nomadNamespace, vars }: Slice, { spec }: Rendering): Job {
  const named = jobName === undefined ? job : { ...job, ID: jobName, Name: jobName };
  const placed = nomadNamespace === undefined ? named : { ...named, Namespace: nomadNamespace };
  const podman =
    (spec.builtIn || spec.name.endsWith('project.nomad')) &&
    parseBoolean('NOMAD_VAR_DEPLOY_WITH_PODMAN', vars['DEPLOY_WITH_PODMAN']) === true;
  return podman ? withPodman(placed) : placed;
}

/** Every Docker task as a Podman one, which knows no hard limit of its own. */
function withPodman(job: Job): Job {
  const task = (own: Task): Task => {
    if (own.Driver !== 'docker') return own;
    const { memory_hard_limit: _limit, ...config } = own.Config ?? {};
    return { ...own, Driver: 'podman', Config: config };
  };
  return { ...job, TaskGroups: (job.TaskGroups ?? []).map((group) => ({ ...group, Tasks: (group.Tasks ?? []).map(task) })) };
}

function parseError({ message, line, column }: ParseProblem, composition: Composition, spec: SpecFile): ActionError {
  const at = line === undefined ? undefined : composition.locate(line);
  // A line of our own text is a bug of ours, or a value that the cluster does not take where the template puts it.
  const file = at?.file ?? spec.name;
  const place = [file, at?.line, at === undefined ? undefined : column].filter((part) => part !== undefined).join(':');
  const location = { file, ...(at === undefined ? {} : { line: at.line, ...(column === undefined ? {} : { column }) }) };
  return new ActionError('jobspec-invalid', `${place}: ${message}`, at === undefined && spec.builtIn ? {} : { location });
}
