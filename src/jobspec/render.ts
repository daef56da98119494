import { createHash } from 'node:crypto';
import { ActionError } from '../errors.ts';
import { type Inputs, parseBoolean, type SourceFile } from '../inputs/index.ts';
import type { Nomad } from '../nomad/index.ts';
import type { Job, Task } from '../nomad/types.ts';
import { secretNames, withItemNames, withTaskTemplates } from '../secrets/index.ts';
import { declaredVariables, hclLiteral, topLevelBlocks } from '../text/index.ts';
import { withBlueGreen } from './blue-green.ts';
import {
  declarations,
  linesAsLists,
  registryLogin,
  renderBuiltIn,
  serviceProblems,
  serviceWarnings,
  type Values,
} from './built-in/index.ts';
import { unwrittenKeys } from './consul-keys.ts';
import { bareWords, nodeWords, refuseBrackets, refuseUnknownWords, refuseWords } from './foreign.ts';
import { type Composition, compose, insertAtMarkers, overlay, overlayGroup, type SpecPart } from './fragments.ts';
import { type Doubt, readJobObject } from './job-object.ts';
import { withNewerFields } from './newer-fields.ts';
import { withoutOpenCounts } from './open-counts.ts';
import { type Parsers, parseWithFiles, type Refusal, readsFiles } from './parse-files.ts';
import { requireAllowed, restrictionsOf } from './policy/index.ts';
import { loginWarnings, shortLivedLogin } from './short-lived.ts';
import { namesSecret } from './shown-values.ts';
import { type Rendered, renderTemplate } from './template.ts';
import { templateData } from './template-data.ts';
import type { Jobspec, Rendering, Setting, SpecFile } from './types.ts';
import { escapeFor, valueProblem, withOwnPlaces } from './value-problem.ts';
import {
  automaticValues,
  type Chosen,
  misspelt,
  overridden,
  undeclared,
  unused,
  variableSettings,
  variableValues,
} from './variable-values.ts';

/** The inputs that decide what a job is. */
export type RenderSlice = Pick<
  Inputs,
  | 'command'
  | 'vars'
  | 'secrets'
  | 'sources'
  | 'promote'
  | 'blueGreen'
  | 'nomadNamespace'
  | 'nomadRegion'
  | 'jobName'
  | 'registry'
  | 'workingDirectory'
  | 'allowedDrivers'
  | 'preserveCounts'
>;
type World = Parsers['world'];

/** The placeholder of the job id in a job's label, which cannot be a variable. */
const SLUG_WORD = 'NOMAD_VAR_SLUG';

/** A parsed job, before this action's own changes. */
interface Parsed {
  readonly job: Job;
  /** Undefined if several files were laid over one another: the job itself is then the source. */
  readonly source: string | undefined;
  readonly variables: string;
  readonly settings: readonly Setting[];
  readonly warnings: readonly string[];
  /** Doubtful fields of a job object. The cluster's own parser writes none. */
  readonly doubts: readonly Doubt[];
  /** The user's files that the job is made of. */
  readonly composition: Composition;
}

/**
 * Renders a spec with its variables and parses it on the cluster (`/v1/jobs/parse`), so that the language is always the cluster's own. The
 * Nomad CLI parses only a spec that reads files, which the cluster refuses. Throws one `input-invalid` for variables that are missing, of
 * the wrong type or out of range, `jobspec-invalid` with file, line and column of the user's file for a spec that the parser refuses, and
 * `policy-violation` for a job that is not allowed.
 */
export async function renderJobspec(inputs: RenderSlice, rendering: Rendering, nomad: Nomad, world: World): Promise<Jobspec> {
  const { spec } = rendering;
  const parsed = spec.format === 'hcl' ? await parseHcl(inputs, rendering, nomad, world) : await parseObject(inputs, rendering, nomad);
  const job = withItemNames(withTaskTemplates(finish(parsed.job, inputs, rendering), rendering), rendering);
  // `sentJob` judges counts that the registered job's may replace.
  const judged = inputs.command === 'deploy' || inputs.command === 'plan' ? withoutOpenCounts(job, inputs.preserveCounts) : job;
  const doubted = requireAllowed(judged, restrictionsOf(inputs, rendering), spec, parsed.doubts);
  const scoped = secretNames(Object.keys(inputs.secrets)).flatMap(({ scope, name }) => (scope.length > 0 ? [name] : []));
  // A run without secrets, such as that of a pull request, takes those of the registered job.
  const isSecret = (name: string): boolean => scoped.includes(name) || (Object.keys(inputs.secrets).length === 0 && namesSecret(name));
  refuseUnknownWords(job, parsed.composition, isSecret);
  const sent = (await rendering.adapt?.(job, spec)) ?? job;
  return {
    ...(parsed.source === undefined || spec.format !== 'hcl' || sent !== job
      ? { source: JSON.stringify({ Job: sent }, null, 2), format: 'json' }
      : { source: parsed.source, format: 'hcl2' }),
    variables: parsed.variables,
    settings: parsed.settings,
    job: sent,
    namespace: sent.Namespace || 'default',
    specHash: createHash('sha256').update(JSON.stringify(sent)).digest('hex'),
    warnings: [
      ...parsed.warnings,
      ...doubted,
      ...(spec.builtIn ? [] : unused(job, rendering)),
      ...unwrittenKeys(spec, rendering.target.jobId),
      ...(rendering.kept?.login === true ? [] : loginWarnings(job, spec)),
      ...nodeWords(job, parsed.composition),
    ],
  };
}

async function parseObject(inputs: RenderSlice, rendering: Rendering, nomad: Nomad): Promise<Parsed> {
  const { spec } = rendering;
  const own = await ownText(inputs, rendering);
  const composition = compose([
    { text: own.text, from: { file: spec.name, line: 1, ...(own.lines.length === 0 ? {} : { lines: own.lines }) } },
  ]);
  refuseBrackets(composition);
  const read = await readJobObject(spec, own, nomad);
  const placed = { ...read.job, ...(inputs.nomadNamespace === undefined ? {} : { Namespace: inputs.nomadNamespace }) };
  const object = { ...read, doubts: await withNewerFields(placed, read.doubts, nomad) };
  refuseWords(object.job, composition);
  return {
    ...object,
    composition,
    source: undefined,
    variables: '',
    settings: variableSettings([], { values: {}, sources: {} }, inputs, rendering),
    warnings: undeclared([], inputs.vars, spec, rendering.others),
  };
}

/** Returns the spec's own text, rendered if it is a template of the repository. */
export async function ownText(inputs: RenderSlice, rendering: Rendering): Promise<Rendered> {
  const { spec, target } = rendering;
  const text = spec.text.replaceAll(SLUG_WORD, target.jobId);
  if (!spec.template) return { text, lines: [] };
  return renderTemplate(text, templateData(inputs, rendering), spec.name, { optional: ['vars'] });
}

async function parseHcl(inputs: RenderSlice, rendering: Rendering, nomad: Nomad, world: World): Promise<Parsed> {
  const { spec, target, fromFiles, imageVariables: ofImage = {} } = rendering;
  const { parts, variablesFile, over } = await partsOf(inputs, rendering);
  const declaring = compose(parts);
  const declared = declaredVariables(declaring.text);
  const given = spec.builtIn ? linesAsLists(inputs.vars) : inputs.vars;
  const check = (found: Values): string[] => (spec.builtIn ? serviceProblems(found, inputs.nomadRegion, inputs.blueGreen) : []);
  const offers = { ofImage, given, givenBy: inputs.sources.vars, fromFiles, automatic: automaticValues(inputs, rendering) };
  const chosen = variableValues(declared, offers, declaring.locate, check);
  const { values } = chosen;

  const parse = async (composition: Composition): Promise<Job> => {
    const job = await parseText(composition, chosen, { inputs, spec }, { nomad, world });
    refuseWords(job, composition);
    return job;
  };
  const source = spec.builtIn
    ? compose([{ text: await renderBuiltIn(values, { ...rendering, blueGreen: inputs.blueGreen }) }, ...variablesFile])
    : declaring;
  const shared = over.length === 0 ? '' : topLevelBlocks(declaring.text, ['variable', 'variables', 'locals']).join('\n');
  let job = await parse(source);
  for (const fragment of over) job = await layOver(job, fragment, shared, parse);
  const own = compose([...parts, ...over.map(({ file }) => partOf(file))]);
  return {
    job,
    source: over.length === 0 ? source.text : undefined,
    variables: JSON.stringify(values),
    settings: variableSettings(declared, chosen, inputs, rendering),
    warnings: [
      ...undeclared(declared, inputs.vars, spec, rendering.others),
      ...overridden(declared, offers),
      ...misspelt(declared, fromFiles),
      ...bareWords(own),
      ...(spec.builtIn
        ? [...serviceWarnings(values, target, job), ...shortLivedLogin(registryLogin(values)?.password ?? '', 'The task http of group')]
        : []),
    ],
    doubts: [],
    composition: own,
  };
}

/** A fragment that is laid over the parsed job. */
export interface Over {
  readonly kind: 'job' | 'group';
  readonly file: SourceFile;
}

/**
 * Returns the texts that declare the spec's variables (for an own spec the spec itself, with the fragments that it has markers for), the
 * file `vars.nomad`, and the fragments to lay over the job.
 */
export async function partsOf(
  inputs: RenderSlice,
  rendering: Rendering,
): Promise<{ readonly parts: readonly SpecPart[]; readonly variablesFile: readonly SpecPart[]; readonly over: readonly Over[] }> {
  const { spec, target } = rendering;
  const fragments: SpecFile['fragments'] = Object.fromEntries(
    Object.entries(spec.fragments).map(([kind, file]) => [kind, { ...file, text: file.text.replaceAll(SLUG_WORD, target.jobId) }]),
  );
  const variablesFile = fragments.vars === undefined ? [] : [partOf(fragments.vars)];
  const { parts, left } = spec.builtIn
    ? { parts: [{ text: declarations() }], left: Object.keys(fragments) }
    : insertAtMarkers({ name: spec.name, ...(await ownText(inputs, rendering)) }, fragments);
  const over = (['job', 'group'] as const).flatMap((kind) => {
    const file = fragments[kind];
    return file === undefined || !left.includes(kind) ? [] : [{ kind, file }];
  });
  return { parts: [...parts, ...(left.includes('vars') ? variablesFile : [])], variablesFile, over };
}

/** Returns a file as a part of a spec. */
export function partOf({ text, name }: SourceFile): SpecPart {
  return { text, from: { file: name, line: 1 } };
}

/**
 * Parses a text on the cluster, or with the Nomad CLI if the text reads files. Throws `jobspec-invalid` with every problem of the parser.
 */
async function parseText(
  composition: Composition,
  chosen: Chosen,
  { inputs, spec }: { readonly inputs: RenderSlice; readonly spec: SpecFile },
  { nomad, world }: Parsers,
): Promise<Job> {
  refuseBrackets(composition);
  const remote = await nomad.jobs.parse(composition.text, JSON.stringify(chosen.values), inputs.nomadNamespace);
  const refused = 'problems' in remote ? remote.problems : [];
  const around = { workingDirectory: inputs.workingDirectory, refused };
  const local = readsFiles(composition.text, chosen.values, refused);
  const parsed = local ? await parseWithFiles(composition, chosen.values, around, { nomad, world }) : remote;
  if ('problems' in parsed) throw parseError(parsed, composition, spec, chosen);
  return parsed.job;
}

/** Parses a fragment by itself, within the block that it belongs to, and lays it over the job. */
async function layOver(job: Job, { kind, file }: Over, shared: string, parse: (composition: Composition) => Promise<Job>): Promise<Job> {
  const group = job.TaskGroups?.[0]?.Name ?? 'group';
  const [open, close] =
    kind === 'job' ? [`job ${hclLiteral(job.ID)} {`, '}'] : [`job ${hclLiteral(job.ID)} {\ngroup ${hclLiteral(group)} {`, '}\n}'];
  const over = await parse(compose([{ text: shared }, { text: open }, partOf(file), { text: close }]));
  return kind === 'job' ? overlay(job, over) : (over.TaskGroups ?? []).reduce(overlayGroup, job);
}

/** Returns the job with what the inputs say of it. */
export function finish(job: Job, { jobName, nomadNamespace, vars, promote, blueGreen }: RenderSlice, { spec }: Rendering): Job {
  const named = jobName === undefined ? job : { ...job, ID: jobName, Name: jobName };
  const placed = nomadNamespace === undefined ? named : { ...named, Namespace: nomadNamespace };
  const twice = spec.builtIn && blueGreen ? withBlueGreen(placed) : placed;
  const own = promote === 'manual' || promote === 'verify' ? withManualPromotion(twice) : twice;
  const podman =
    (spec.builtIn || spec.name.endsWith('project.nomad')) &&
    parseBoolean('NOMAD_VAR_DEPLOY_WITH_PODMAN', vars['DEPLOY_WITH_PODMAN']) === true;
  return podman ? withPodman(own) : own;
}

/** Returns the job without automatic promotion of its canaries. */
function withManualPromotion(job: Job): Job {
  const manual = <T extends { Update?: Job['Update'] }>(one: T): T =>
    one.Update?.AutoPromote === true ? { ...one, Update: { ...one.Update, AutoPromote: false } } : one;
  return manual({ ...job, TaskGroups: (job.TaskGroups ?? []).map(manual) });
}

/** Returns the job with Podman tasks in place of its Docker tasks. Podman has no hard memory limit. */
function withPodman(job: Job): Job {
  const task = (own: Task): Task => {
    if (own.Driver !== 'docker') return own;
    const { memory_hard_limit: _limit, ...config } = own.Config ?? {};
    return { ...own, Driver: 'podman', Config: config };
  };
  return { ...job, TaskGroups: (job.TaskGroups ?? []).map((group) => ({ ...group, Tasks: (group.Tasks ?? []).map(task) })) };
}

function parseError({ problems, hint }: Refusal, composition: Composition, spec: SpecFile, chosen: Chosen): ActionError {
  // Values are sent for declared variables only, so an error about an undeclared one follows from another error.
  const own = problems.filter(({ message }) => !/^Undefined variable; A "[^"]*" variable was set but was not found/.test(message));
  const told = (own.length === 0 ? problems : own).map((problem) => {
    const ofValue = valueProblem(problem, composition, chosen);
    if (ofValue !== undefined) return { ...ofValue, text: withOwnPlaces(ofValue.text, composition.locate, spec.name) };
    const { message, line, column } = problem;
    const at = line === undefined ? undefined : composition.locate(line);
    // A line of this action's own text is a bug, or holds a value that the cluster does not accept there.
    const file = at?.file ?? spec.name;
    const location = { file, ...(at === undefined ? {} : { line: at.line, ...(column === undefined ? {} : { column }) }) };
    const place = [file, location.line, location.column].filter((part) => part !== undefined).join(':');
    return {
      text: `${place}: ${withOwnPlaces(message, composition.locate, spec.name)}${escapeFor(problem, composition.text)}`,
      location: at === undefined && spec.builtIn ? undefined : location,
    };
  });
  const location = told.find((problem) => problem.location !== undefined)?.location;
  const details = { ...(location === undefined ? {} : { location }), ...(hint === undefined ? {} : { hint }) };
  return new ActionError('jobspec-invalid', told.map(({ text }) => text).join('\n'), details);
}
