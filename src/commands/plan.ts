import { costOf } from '../cost.ts';
import { fingerprintText } from '../fingerprint.ts';
import { type ImagePlan, splitReference } from '../image/plan.ts';
import { type Jobspec, renderJobspec } from '../jobspec.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import { describePlacement } from '../placement.ts';
import { planJob } from '../plan.ts';
import { withMeta } from '../register.ts';
import { type Result, renderPlanComment } from '../report/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { keptSecrets, prepareSecrets, secretsTemplate } from '../secrets.ts';
import { toHidden } from './approval.ts';
import { type Deploying, type Live, type Run, readLive, repeatable, retried, showPlan } from './command.ts';
import { requireNoDrift } from './drift.ts';
import { comment, subjectOf } from './sticky.ts';

/**
 * `plan`: what a deploy would change, in the log, the outputs and a comment on the pull request. Never fails because of changes, unless none are expected
 * (`drift`).
 */
export async function planOnly(deploying: Deploying, current: Run): Promise<Result> {
  const { draft, nomad, rendering, inputs, approvable } = deploying;
  const { runtime, note } = current;
  const live = await readLive(draft, nomad);
  const jobspec = await asDeployed(deploying, live, runtime);
  const job = withMeta(jobspec, undefined, rendering, repeatable(live), retried(live));
  const plan = await planJob(job, jobspec.namespace, nomad, runtime);
  showPlan(plan, jobspec.job, rendering.spec, runtime);
  const warnings = [...jobspec.warnings, ...plan.warnings];
  const planned: Result = { outcome: 'planned', changed: plan.changed, planLines: plan.lines, planDiff: plan.diff, warnings };
  note(planned);
  const { context, target } = rendering;
  const subject = subjectOf(deploying);
  const reporting = { ...deploying, context, target };
  if (inputs.expect === 'no-changes') {
    await requireNoDrift(subject, plan, reporting, runtime);
  } else if (approvable !== undefined) {
    const body = renderPlanComment({
      ...subject,
      nomadUrl: deploying.nomadUrl,
      changed: plan.changed,
      actions: plan.actions,
      before: live.job === undefined || live.job.Stop ? [] : costOf(live.job),
      after: costOf(job),
      system: job.Type?.startsWith('sys') === true,
      unplaced: Object.entries(plan.placementFailures).map(([group, metric]) => describePlacement(group, metric, job)),
      preempted: plan.preempted,
      warnings,
      diff: plan.diff.length > 0 ? plan.diff : plan.lines,
      fingerprint: fingerprintText(approvable.fingerprint),
      commit: context.headSha,
      runUrl: `${context.runUrl}/attempts/${context.runAttempt}`,
      builds: deploying.imagePlan.kind === 'build',
    });
    await comment(subject, body, runtime.redactDeep(toHidden(approvable)), reporting, runtime);
  }
  return planned;
}

/**
 * The job as a deploy would register it, as far as that is known without building or writing anything: with the secrets that the registered job reads,
 * where this run has none or has the same. Where no changes are expected, with the image that it runs, too, if that is of the same name.
 */
async function asDeployed(
  { inputs, rendering, draft, nomad, imagePlan }: Deploying,
  { job: live }: Live,
  runtime: Runtime,
): Promise<Jobspec> {
  const kept = live === undefined ? '' : keptSecrets(live);
  const names = Object.keys(inputs.secrets);
  const same = names.every((name) => kept.includes(`\n${name}={{`));
  const state = { variable: undefined, live, versions: [] };
  const template = same ? kept : secretsTemplate(prepareSecrets(inputs.secrets, draft.job.ID, draft.namespace, state, 'r00000000'), names);
  const image = inputs.expect === 'no-changes' ? runningImage(live, imagePlan) : undefined;
  if (template === '' && image === undefined) return draft;
  return renderJobspec(inputs, { ...rendering, image: image ?? rendering.image, secretsTemplate: template }, nomad, runtime);
}

/** The image that the registered job runs of the repository that a deploy would build or look up, wherever the job names it. */
function runningImage(live: RegisteredJob | undefined, plan: ImagePlan): string | undefined {
  if (plan.kind === 'none') return undefined;
  const name = plan.kind === 'build' ? plan.name : splitReference(plan.reference.replace(/@.*$/, '')).name;
  const reference = new RegExp(`"${name.replace(/[.+]/g, '\\$&')}(:[\\w.-]+)?(@sha256:[0-9a-f]{64})?"`);
  return reference.exec(JSON.stringify(live?.TaskGroups ?? []))?.[0].slice(1, -1);
}
