import { type Asked, byName } from '../image/index.ts';
import type { Inputs } from '../inputs/index.ts';
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
import type { Work } from './work.ts';

/** A draft, and the references of all images of the run that it is rendered with. */
export type Draft = Drafted & { readonly work: Work; readonly references: References };
type References = readonly string[];

/**
 * Returns the approvable form of each plan. Where plans are compared, the jobs are rendered once more with images of random digests, since a spec may spell
 * out the provisional image, which then would count as the built one. A spec that makes another job of the random image is approved with the provisional
 * one, as people were shown it: then no job with the final image is the approved one.
 */
export async function approvablesOf(
  drafts: readonly Draft[],
  asked: readonly Asked[],
  { command, approvedPlan }: Inputs,
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
    found.push(plan && approvable(job, plan, given));
  }
  return found;
}

/** Compares each job's plan with the approved one, before anything is built. Throws `plan-changed`. */
export async function requireAllApproved(
  drafts: readonly Draft[],
  approvables: readonly (Approvable | undefined)[],
  reporting: Reporting,
): Promise<void> {
  for (const [i, drafted] of drafts.entries()) {
    const now = approvables[i];
    if (now !== undefined) await requireApproved(subjectOf(drafted), now, drafted.live, reporting);
  }
}

/** Compares each job with its final images with the approved one. Throws `plan-changed`. */
export async function requireAllApprovedWith(
  images: References,
  drafts: readonly Draft[],
  approvables: readonly (Approvable | undefined)[],
  asked: readonly Asked[],
  runtime: Runtime,
): Promise<void> {
  for (const [i, drafted] of drafts.entries()) {
    const approved = approvables[i];
    if (approved === undefined) continue;
    const { job } = await renderWith(drafted, asked, images, runtime);
    requireApprovedWith(job, provisionalOf(drafted, asked, images), subjectOf(drafted), approved);
  }
}

/** Renders the job without secrets, with images by these references. */
async function renderWith(
  { rendering, nomad, work }: Draft,
  asked: readonly Asked[],
  references: References,
  runtime: Runtime,
): Promise<Jobspec> {
  const names = byName(asked, references);
  return renderJobspec(work.inputs, { ...rendering, ...imagesOf(work.asked, asked, names) }, nomad, runtime);
}

/** Returns the values that the run gave a job that is rendered with these image references. */
function provisionalOf({ rendering, work }: Draft, asked: readonly Asked[], references: References): Provisional {
  const pairs = asked.map(({ plan }, i) => ({ plan, reference: references[i] ?? '' }));
  return {
    images: pairs.flatMap(({ plan, reference }) => (plan.kind === 'build' ? [reference] : [])),
    looked: pairs.flatMap(({ plan, reference }) => (plan.kind === 'existing' ? [[reference, plan.reference] as const] : [])),
    sha: rendering.context.sha,
    values: automaticValues(work.inputs, rendering),
  };
}
