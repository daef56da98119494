import { type Asked, byName } from '../image/index.ts';
import { hooksOf, type RunInputs } from '../inputs/index.ts';
import { automaticValues, imagesOf, type Jobspec, renderJobspec, unknowable } from '../jobspec/index.ts';
import {
  type Approvable,
  approvable,
  type Drafted,
  isSameButForDigests,
  type Provisional,
  requireApproved,
  requireApprovedWith,
} from '../plan/index.ts';
import { subjectOf } from '../report/github/index.ts';
import type { Reporting } from '../report/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { placeOf, type Work } from './work.ts';

/** A draft, its work, and the references of all images of the run that the draft is rendered with. */
export type Draft = Drafted & { readonly work: Work; readonly references: References };
type References = readonly string[];

/** Drafts, and the plan of each as it is approved. */
interface Approving {
  readonly drafts: readonly Draft[];
  readonly approvables: readonly (Approvable | undefined)[];
}

/**
 * Returns the approvable form of each plan. Where plans are compared, the jobs are rendered once more with images of random digests: a spec that spells out
 * the provisional image must not pass for one that uses the built image. A spec whose job depends on the digest is approved with the provisional image, as
 * the plan showed it; a job with the final image then never matches.
 */
export async function approvablesOf(
  drafts: readonly Draft[],
  asked: readonly Asked[],
  { command, approvedPlan }: RunInputs,
  runtime: Runtime,
): Promise<(Approvable | undefined)[]> {
  const compared = command === 'plan' || approvedPlan.length > 0;
  const found: (Approvable | undefined)[] = [];
  for (const drafted of drafts) {
    const { draft, plan, references } = drafted;
    const shown = { job: draft.job, given: provisionalOf(drafted, asked, references) };
    const others = references.map((reference) => unknowable(reference, runtime.clock));
    const other = compared &&
      others.some((one, i) => one !== references[i]) && {
        job: (await renderWith(drafted, asked, others, runtime)).job,
        given: provisionalOf(drafted, asked, others),
      };
    const { job, given } = other && isSameButForDigests(other.job, other.given, draft.job) ? other : shown;
    found.push(plan && approvable(withHooks(job, drafted), plan, given));
  }
  return found;
}

/** Compares each job's plan with the approved one before the build. Throws `plan-changed`. */
export async function requireAllApproved({ drafts, approvables }: Approving, reporting: Reporting): Promise<void> {
  for (const [i, drafted] of drafts.entries()) {
    const now = approvables[i];
    if (now !== undefined) await requireApproved(subjectOf(drafted), now, drafted.live, reporting);
  }
}

/** Compares each job, rendered with its final images, with the approved one. Throws `plan-changed`. */
export async function requireAllApprovedWith(
  images: References,
  { drafts, approvables }: Approving,
  asked: readonly Asked[],
  runtime: Runtime,
): Promise<void> {
  for (const [i, drafted] of drafts.entries()) {
    const approved = approvables[i];
    if (approved === undefined) continue;
    const { job } = await renderWith(drafted, asked, images, runtime);
    requireApprovedWith(withHooks(job, drafted), provisionalOf(drafted, asked, images), subjectOf(drafted), approved);
  }
}

/** Renders the job of a draft without secrets, with images by these references. */
async function renderWith(
  { rendering, nomad, work }: Draft,
  asked: readonly Asked[],
  references: References,
  runtime: Runtime,
): Promise<Jobspec> {
  const names = byName(asked, references);
  return renderJobspec(work.inputs, { ...rendering, ...imagesOf(work.asked, asked, names) }, nomad, runtime);
}

/** Returns a job with its hooks, which are approved with it. */
function withHooks(job: Jobspec['job'], { rendering, work }: Draft): Jobspec['job'] {
  const hooks = hooksOf(work.inputs, placeOf(rendering.spec, work));
  return hooks.length === 0 ? job : { ...job, ...{ Hooks: hooks } };
}

/** Returns the values of this run in a job that is rendered with these image references. */
function provisionalOf({ rendering, work }: Draft, asked: readonly Asked[], references: References): Provisional {
  const pairs = asked.map(({ plan }, i) => ({ plan, reference: references[i] ?? '' }));
  return {
    images: pairs.flatMap(({ plan, reference }) => (plan.kind === 'build' ? [reference] : [])),
    looked: pairs.flatMap(({ plan, reference }) => (plan.kind === 'existing' ? [[reference, plan.reference] as const] : [])),
    sha: rendering.context.sha,
    values: automaticValues(work.inputs, rendering),
  };
}
