import { isDeepStrictEqual } from 'node:util';
import { describePlacement } from '../diagnose/index.ts';
import { sentence, toActionError } from '../errors.ts';
import { runPage } from '../github/index.ts';
import type { Asked } from '../image/index.ts';
import { fingerprintText } from '../inputs/index.ts';
import { imageValues, type Jobspec, type Rendering, renderJobspec, withoutZeros } from '../jobspec/index.ts';
import type { Job, RegisteredJob } from '../nomad/types.ts';
import {
  forecastLines,
  keeping,
  type Live,
  outgrown,
  type Plan,
  planAsRegistered,
  readLive,
  requireNoDrift,
  requirePossible,
  showPlan,
  showResolved,
  toHidden,
} from '../plan/index.ts';
import { comment, renderPlanComment, subjectOf } from '../report/github/index.ts';
import { costOf, type Result, type Run } from '../report/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { jobSecrets, keptSecrets, type SecretChange, type SecretTemplates, secretTemplates } from '../secrets/index.ts';
import { claimOf } from '../target/index.ts';
import { parseReference, repositoryOf, textsIn } from '../text/index.ts';
import type { Deploying } from './deploy.ts';

/**
 * `plan`: shows what a deploy would change in the log, the outputs and a comment on the pull request. Changes fail it only with `expect: no-changes`
 * (`drift`).
 */
export async function plan(asked: Deploying, current: Run): Promise<Result> {
  const { runtime, note } = current;
  await showResolved(asked.inputs, asked.rendering, asked.draft, current);
  const live = await readLive(asked.draft, asked.nomad);
  const planned = await planWith(asked, live, false, runtime);
  const { deploying, secrets, jobspec, counted, plan: full } = outgrown(planned) ? await planWith(asked, live, true, runtime) : planned;
  const plan = { ...full, diff: full.diff.map(withoutZeros) };
  const { rendering, inputs, approvable } = deploying;
  const { job, kept } = counted;
  const isDriftCheck = inputs.expect === 'no-changes';
  const forecast = isDriftCheck
    ? undefined
    : await (await import('../forecast/index.ts')).readForecast(job, jobspec.namespace, plan, deploying.nomad, runtime.signal);
  showPlan(plan, counted, rendering.spec, forecast, runtime);
  const hooks = deploying.hooks.length === 0 ? [] : await (await import('../hooks/index.ts')).planHooks(deploying.hooks, job, deploying);
  for (const line of hooks) runtime.log.info(line);
  for (const warning of secrets.warnings) runtime.log.warning(warning);
  const warnings = [...jobspec.warnings.map(withoutZeros), ...plan.warnings, ...secrets.warnings, ...impossible(plan, job)];
  const result: Result = {
    outcome: 'planned',
    changed: plan.changed,
    planLines: plan.lines,
    planDiff: plan.diff,
    forecast: forecastLines(forecast),
    warnings,
  };
  note(result);
  const { context, target } = rendering;
  const subject = subjectOf(deploying);
  const reporting = { ...deploying, context, target };
  if (isDriftCheck) {
    await requireNoDrift(subject, plan, reporting, runtime);
  } else if (approvable !== undefined) {
    const body = renderPlanComment({
      ...subject,
      nomadUrl: deploying.nomadUrl,
      changed: plan.changed,
      actions: plan.actions,
      before: live.job === undefined || live.job.Stop ? [] : costOf(live.job),
      after: costOf(job),
      kept,
      hooks,
      system: job.Type?.startsWith('sys') === true,
      forecast: forecastLines(forecast),
      unplaced: Object.entries(plan.placementFailures).map(([group, metric]) => describePlacement(group, metric, job)),
      preempted: plan.preempted,
      warnings,
      diff: plan.diff.length > 0 ? plan.diff : plan.lines,
      fingerprint: fingerprintText(approvable.fingerprint),
      commit: context.headSha,
      runUrl: runPage(context),
      builds: deploying.own[0]?.plan.kind === 'build',
    });
    await comment(subject, { body, hidden: runtime.redactDeep(toHidden(approvable)) }, reporting, runtime);
  }
  return result;
}

/** Plans the job as a deploy would register it, with a provisional image instead of a build. */
async function planWith(asked: Deploying, live: Live, anew: boolean, runtime: Runtime) {
  const images = plannedImages(asked, live);
  const deploying = keeping({ ...asked, rendering: { ...asked.rendering, ...images } }, live.job, images.image, anew);
  const secrets = await secretsOfPlan(deploying, live);
  const jobspec = await asDeployed(deploying, asked, secrets.templates, runtime);
  const planned = await planAsRegistered(jobspec, secrets.change, live, { ...deploying, redact: runtime.redact });
  return { deploying, secrets, jobspec, ...planned };
}

/** Returns the warning about a change that a deploy would refuse. */
function impossible(plan: Plan, job: Job): string[] {
  try {
    requirePossible(plan, job, undefined);
    return [];
  } catch (error) {
    return [sentence(toActionError(error))];
  }
}

interface PlannedSecrets {
  readonly change: SecretChange | undefined;
  readonly templates: SecretTemplates;
  readonly warnings: readonly string[];
}

/**
 * Returns the secrets that a deploy would write. A run without secrets, as of a pull request, keeps those that the registered job reads. A token that may not
 * read variables leaves a warning, and secrets with the same names count as unchanged.
 */
async function secretsOfPlan({ inputs, draft, nomad, rendering }: Deploying, { job: live }: Live): Promise<PlannedSecrets> {
  const kept = keptSecrets(live);
  const keys = Object.keys(inputs.secrets);
  if (keys.length === 0)
    return { change: undefined, templates: secretTemplates(kept.keys, draft.job.ID, kept.release, kept.older), warnings: [] };
  try {
    const { change, templates } = await jobSecrets(
      inputs,
      draft,
      { live, claim: claimOf(inputs, rendering.context, rendering.target) },
      nomad,
    );
    return { change, templates, warnings: change?.warnings ?? [] };
  } catch (error) {
    const { code, message } = toActionError(error);
    if (code !== 'permission-denied' && code !== 'job-taken') throw error;
    const same = keys.length === kept.keys.length && keys.every((key) => kept.keys.includes(key));
    const templates = same
      ? secretTemplates(kept.keys, draft.job.ID, kept.release, kept.older)
      : secretTemplates(keys, draft.job.ID, 'r00000000');
    return { change: undefined, templates, warnings: [`The plan cannot tell whether values of secrets change: ${message}`] };
  }
}

/** Returns the images of a plan: the running ones with `expect: no-changes`, else the provisional ones. */
function plannedImages(
  { inputs, rendering, asked, own }: Deploying,
  { job: live }: Live,
): Pick<Rendering, 'image' | 'images' | 'imageVariables'> {
  const running = (one: Asked): string | undefined => (inputs.expect === 'no-changes' ? runningImage(live, one.plan) : undefined);
  const named = asked.flatMap((one) =>
    one.name === undefined ? [] : [[one.name, running(one) ?? rendering.images[one.name] ?? ''] as const],
  );
  const [first] = own;
  const parts = own.flatMap((one) => {
    const reference = running(one);
    return reference === undefined ? [] : Object.entries(imageValues(one, reference));
  });
  return {
    image: (first && running(first)) ?? rendering.image,
    images: Object.fromEntries(named),
    imageVariables: { ...rendering.imageVariables, ...Object.fromEntries(parts) },
  };
}

/** Renders the job with its secrets, its images and the kept parts. Returns the draft where these make no difference. */
async function asDeployed(
  { inputs, rendering, draft, nomad }: Deploying,
  asked: Deploying,
  templates: SecretTemplates,
  runtime: Runtime,
): Promise<Jobspec> {
  const { image, images } = asked.rendering;
  const isDraft = templates.secretsRelease === '' && rendering.image === image && isDeepStrictEqual(rendering.images, images);
  if (isDraft && Object.keys(rendering.kept ?? {}).length === 0) return draft;
  return renderJobspec(inputs, { ...rendering, ...templates }, nomad, runtime);
}

/** Returns the image in the registered job that has the same repository as the image of the deploy. */
function runningImage(live: RegisteredJob | undefined, plan: Asked['plan']): string | undefined {
  const name = plan.kind === 'build' ? plan.name : repositoryOf(plan.reference);
  return textsIn(live?.TaskGroups).find((text) => parseReference(text)?.name === name);
}
