import { ActionError, type Location } from '../errors.ts';
import type { Inputs } from '../inputs/index.ts';
import { hidingValues, type Jobspec, type Rendering, renderJobspec, type Setting, type SpecFile, specLocation } from '../jobspec/index.ts';
import type { Nomad } from '../nomad/index.ts';
import type { Job, RegisteredJob } from '../nomad/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { jobSecrets } from '../secrets/index.ts';
import { claimOf, judgeOwner, ownedJob, permit, requireOwnable, takenHost } from '../target/index.ts';
import { linesOf, slug } from '../text/index.ts';
import { asRegistered } from './own-meta.ts';
import { type Plan, planJob, requirePossible, validateJob } from './plan.ts';
import type { Regions } from './regions.ts';
import { readScalings, sentJob } from './sent.ts';
import { isOversubscriptionWarning, place } from './show.ts';

/** A job that the cluster has accepted, and its rendering. */
export interface Drafted {
  readonly draft: Jobspec;
  readonly rendering: Rendering;
  /** Nomad in the region of the job. */
  readonly nomad: Nomad;
  /** The plan of the draft; undefined for `render`. */
  readonly plan: Plan | undefined;
  /** The registered job; undefined for `render`, which does not read it. */
  readonly live: RegisteredJob | undefined;
}

/**
 * Parses, validates and plans the job on the cluster before the build. Returns the draft and the final rendering: where the scheduler does not allow memory
 * oversubscription, the built-in template does not ask for it. Throws the refusals of the cluster, and of secrets that Nomad can't hold.
 */
export async function checkDraft(inputs: Inputs, rendering: Rendering, regions: Regions, runtime: Runtime): Promise<Drafted> {
  const asked = await renderJobspec(inputs, rendering, regions.first, runtime);
  const nomad = await regions.of(asked.job, rendering.spec);
  const warnings = await validateJob(
    asked.job,
    asked.namespace,
    (about, words) => {
      const location = quotedPlace(words, specLocation(about, rendering.spec), rendering.spec);
      return { location, text: `${words}${givenBy(words, location, rendering.spec, asked.settings)}` };
    },
    nomad,
  );
  const modest = { ...rendering, oversubscription: !(rendering.spec.builtIn && warnings.some(isOversubscriptionWarning)) };
  const draft = modest.oversubscription ? asked : await renderJobspec(inputs, modest, nomad, runtime);
  if (draft.specHash !== asked.specHash) runtime.log.notice(withoutMemoryMax(draft.job));
  // The plan needs the same permission as the registration, and takes less time than a build.
  if (inputs.command === 'render') return { draft, rendering: modest, nomad, plan: undefined, live: undefined };
  const live = await nomad.jobs.read(draft.job.ID, draft.namespace);
  await requireOwnHosts(inputs, rendering, draft, nomad);
  const meant = asRegistered(draft, undefined, { ...modest, live }, { ownMeta: 'kept' });
  const { job } = sentJob(meant, live, { inputs, rendering: modest }, await readScalings(draft, live, inputs, nomad));
  const plan = await planJob(job, draft.namespace, nomad, { redact: hidingValues(draft.settings, runtime.redact), live });
  if (inputs.command !== 'deploy') return { draft, rendering: modest, nomad, plan, live };
  requirePossible(plan, draft.job, place(rendering.spec));
  const claim = claimOf(inputs, rendering.context, rendering.target);
  requireOwnable(draft.job, claim.owner);
  if (live !== undefined) permit(judgeOwner(ownedJob(live, draft.namespace), claim, 'replace'), runtime);
  await jobSecrets(inputs, draft, { live, claim }, nomad);
  return { draft, rendering: modest, nomad, plan, live };
}

/** Throws `input-invalid` for a branch in production that names a hostname of the repository's own job there: both would answer. */
async function requireOwnHosts(
  { app }: Pick<Inputs, 'app'>,
  { target, context }: Rendering,
  { namespace }: Jobspec,
  nomad: Nomad,
): Promise<void> {
  const { environment, projectSlug, hostnames } = target;
  if (environment.isBranch !== true) return;
  const id = slug(app === undefined ? projectSlug : `${projectSlug}-${app}`);
  const production = await nomad.jobs.read(id, namespace);
  const host = production === undefined || production.Stop ? undefined : takenHost(hostnames, production);
  if (host === undefined) return;
  throw new ActionError(
    'input-invalid',
    `the ${context.refType} ${context.ref} names the hostname ${host}, which belongs to the job ${id}`,
    {
      hint: 'Nothing was built or registered. Name other hostnames for the branch, or set `environment: review`.',
    },
  );
}

/** Returns the place of a refusal. Where only the file is known, finds the line by the text that the servers quote. */
function quotedPlace(words: string, location: Location | undefined, { name, text }: SpecFile): Location | undefined {
  const [quoted] = /"[^"\s]{2,}"/.exec(words) ?? [];
  if (location?.file !== name || location.line !== undefined || quoted === undefined || !text.includes(quoted)) return location;
  return { ...location, line: linesOf(text)(text.indexOf(quoted)).line };
}

/** Returns the variables of a refusal, as the end of a sentence: those of its line, and those whose value it quotes. */
export function givenBy(words: string, location: Location | undefined, spec: SpecFile, settings: readonly Setting[]): string {
  const file = [spec, ...Object.values(spec.fragments)].find(({ name }) => name === location?.file);
  const line = file?.text.split('\n')[(location?.line ?? 0) - 1] ?? '';
  const used = [...line.matchAll(/\bvar\.([A-Za-z_][\w-]*)/g)].map(([, name]) => name);
  const found = settings.filter(
    ({ name, value, source }) =>
      source !== 'default' && source !== 'automatic' && (used.includes(name) || (value !== '' && words.includes(JSON.stringify(value)))),
  );
  return found.length === 0 ? '' : ` (${found.map(({ name, source }) => `var.${name} has its value from ${source}`).join('; ')})`;
}

function withoutMemoryMax({ TaskGroups }: Job): string {
  const limit = TaskGroups?.flatMap(({ Tasks }) => Tasks ?? []).find(({ Name }) => Name === 'http')?.Config?.['memory_hard_limit'];
  return `The scheduler of this cluster does not allow memory oversubscription, so the job has no memory_max. ${
    typeof limit === 'number'
      ? `Docker still lets the container use up to ${limit} MB (memory_hard_limit), which Nomad does not reserve.`
      : 'The container is limited to NOMAD_VAR_MEMORY.'
  }`;
}
