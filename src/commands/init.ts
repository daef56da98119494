import { ActionError } from '../errors.ts';
import type { Context } from '../github/index.ts';
import {
  askAll,
  existingOf,
  isDeployable,
  type Known,
  nextLines,
  openValue,
  type Proposed,
  proposalOf,
  questionsOf,
  readRepository,
  sectionsOf,
  surveyOf,
  writeNew,
} from '../init/index.ts';
import { givenTexts, INPUTS, type InputName, type Inputs } from '../inputs/index.ts';
import type { Result } from '../report/index.ts';
import type { Env, Runtime } from '../runtime/runtime.ts';

/** The parts of a run that say which workflow is meant. */
interface Wanted {
  readonly inputs: Inputs;
  readonly context: Context;
  readonly env: Env;
}

/**
 * `init`: looks at the files of the repository, shows the workflow that deploys it, and writes it, once the person at the terminal has said yes. A file that exists
 * is never changed. In a workflow, and with `dry-run`, the files are only shown. Throws `input-invalid` for a repository without anything to deploy.
 */
export async function init({ inputs, context, env }: Wanted, runtime: Runtime): Promise<Result> {
  const { terminal, log, signal, workspace } = runtime;
  terminal?.answers();
  const repository = await readRepository(runtime);
  const survey = await surveyOf(repository, context.repository.split('/').at(-1) ?? '');
  if (!isDeployable(survey)) {
    for (const { at, text } of survey.notes) log.info(`  ${at}: ${text}`);
    throw new ActionError('input-invalid', 'there is nothing to deploy: the repository has no Dockerfile and no job spec', {
      hint: 'Add a Dockerfile, or a job spec with the name project.nomad (docs/templates.md).',
    });
  }
  const known = knownOf(inputs, context, env, runtime);
  const proposal = proposalOf(survey, terminal === undefined ? known : await askAll(questionsOf(survey, known), known, terminal, signal));
  const existing = await existingOf(proposal.files, workspace);
  for (const { title, lines } of sectionsOf(proposal, existing)) {
    await log.group(title, async () => {
      for (const line of lines) log.info(`  ${line}`);
    });
  }
  const wanted = proposal.files.filter(({ path }) => !existing.has(path));
  await write(wanted, { inputs, runtime });
  for (const line of nextLines(proposal, existing)) log.info(line);
  return { outcome: 'reported' };
}

/** Inputs that a person sets in the shell for every program of Nomad, and that a workflow needs as well. */
const OF_SHELL = ['nomad-addr', 'nomad-namespace', 'nomad-region', 'base-domain'] as const satisfies readonly InputName[];

/** Inputs that are about this run alone. */
const OWN: readonly InputName[] = ['command', 'config-from', 'app', 'dry-run', 'working-directory'];

function knownOf({ sources }: Inputs, { defaultBranch, ref }: Context, env: Env, { redact }: Pick<Runtime, 'redact'>): Known {
  const given = new Map<string, { value: string; source: string }>();
  const secrets: string[] = [];
  const give = (name: InputName, text: string, source: string): void => {
    const open = openValue(name, text, redact);
    secrets.push(...open.secrets);
    given.set(name, { value: open.value, source });
  };
  for (const name of OF_SHELL) {
    const source = sources.inputs[name] ?? '';
    const value = INPUTS[name].variables?.includes(source) === true ? env[source] : undefined;
    if (value !== undefined) give(name, value, `${source} of the environment`);
  }
  for (const [name, value] of givenTexts(env)) {
    const { secret, only } = INPUTS[name];
    const isOfDeploys = secret === undefined && !OWN.includes(name) && (only === undefined || only.includes('deploy'));
    if (isOfDeploys) give(name, value, `the option --${name}`);
  }
  const configured = Object.entries(sources.inputs).flatMap(([name, source]) => (/:\d+( of .*)?$/.test(source) ? [name] : []));
  return { branch: defaultBranch ?? ref, given, secrets, configured: new Set(configured) };
}

/** Writes the files after a yes. Throws `cancelled` for a no, and `input-invalid` where nobody can answer and `--yes` is not given. */
async function write(
  files: readonly Proposed[],
  { inputs, runtime }: { readonly inputs: Inputs; readonly runtime: Runtime },
): Promise<void> {
  const { terminal, log, signal, workspace } = runtime;
  if (files.length === 0) return log.info('No file is to be written.');
  const isDry = inputs.sources.inputs['dry-run'] === 'dry-run' && inputs.dryRun;
  if (terminal === undefined || isDry) return log.info('Nothing was written.');
  const names = files.map(({ path }) => path).join(' and ');
  const answer = await terminal.confirm(`Write ${names}?`, signal);
  if (answer === false) throw new ActionError('cancelled', 'init was not confirmed, so nothing was written');
  if (answer === undefined) {
    throw new ActionError('input-invalid', `init writes ${names}, and there is no terminal to ask at`, {
      hint: 'Add --yes, or --dry-run to see the files only.',
    });
  }
  for (const file of files) await writeNew(file, workspace);
  log.info(`Wrote ${names}.`);
}
