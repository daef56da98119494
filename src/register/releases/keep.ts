import { sentence, toActionError } from '../../errors.ts';
import type { Context } from '../../github/index.ts';
import type { Inputs } from '../../inputs/index.ts';
import type { Nomad } from '../../nomad/index.ts';
import type { Job, RegisteredJob } from '../../nomad/types.ts';
import { type Outcome, isGood as passes, type Result, type Run } from '../../report/index.ts';
import { forgetVersions } from '../../secrets/index.ts';
import { type Claim, judgeOwner, ownedJob } from '../../target/index.ts';
import { isTaggable, planTags, type Step, taggerOf } from './tags.ts';

/** The outcomes of a version that turned out well, of commands that make versions or finish them. */
const GOOD: readonly Outcome[] = ['successful', 'unchanged', 'promoted', 'reverted', 'resubmitted', 'scaled'];

interface Releasing {
  readonly job: Job;
  readonly namespace: string;
  readonly inputs: Inputs;
  readonly context: Context;
  /** The identity of the run. */
  readonly claim: Claim;
  readonly nomad: Nomad;
}

/**
 * Runs a command, and tags the version that it ends with as a release when that turned out well; the oldest releases lose their tags and their secrets then. A tag
 * that can't be written is a notice: the version runs.
 */
export async function releasing(about: Releasing, current: Run, command: (own: Run) => Promise<Result>): Promise<Result> {
  let known: number | undefined;
  const note: Run['note'] = (part) => {
    known = part.jobVersion ?? known;
    current.note(part);
  };
  const result = await command({ ...current, note });
  const version = result.jobVersion ?? known;
  const followed = about.inputs.wait || result.outcome === 'unchanged' || result.outcome === 'promoted';
  const isGood = result.outcome !== undefined && GOOD.includes(result.outcome) && followed;
  if (current.runtime.signal.aborted) return result;
  if (!isGood || version === undefined || !isTaggable(about.job)) {
    // The name of a version that failed may be tried again; the one of a passed run is missed.
    if (about.inputs.tag !== undefined && passes(result.outcome))
      current.runtime.log.notice(
        `\`tag\`: ${about.job.ID} has no version for ${about.inputs.tag}, because only a version of a service or system job that is followed to its end is tagged (docs/releases.md).`,
      );
    return result;
  }
  const tag = await tagged(version, about, current);
  return tag === undefined ? result : { ...result, tag };
}

/** Tags a version. Returns its tag. */
async function tagged(version: number, about: Releasing, { runtime }: Run): Promise<string | undefined> {
  const { job, namespace, inputs, context, nomad } = about;
  const { log } = runtime;
  const { ID } = job;
  try {
    const versions = await nomad.jobs.versions(ID, namespace);
    // Servers before 1.9 answer without the field, and would take the request for one about a job of that name.
    if (!versions.some((one) => 'VersionTag' in one)) {
      log.notice(`Version ${version} of ${ID} is not tagged: this Nomad has no tags of versions, which came with Nomad 1.9.`);
      return undefined;
    }
    // Another run may have taken the name of the job in the meantime.
    const own = versions.find((one) => one.Version === version);
    if (own === undefined || !judgeOwner(ownedJob(own, namespace), about.claim, 'change').may) return undefined;
    const { runUrl, runAttempt, runId, actor } = context;
    const run = runUrl === undefined ? `terminal ${runId}` : `${runUrl}/attempts/${runAttempt}`;
    const tagger = { command: inputs.command, run, actor: runtime.redact(actor) };
    const plan = planTags(versions, { version, name: inputs.tag, keep: inputs.keepReleases, tagger });
    if (plan.notice !== undefined) log.notice(`${ID}: ${plan.notice}`);
    for (const step of plan.steps) {
      if (step.do === 'untag') await nomad.jobs.untag(ID, step.name, namespace);
      else await nomad.jobs.tag(ID, { Version: step.version, Name: step.name, Description: step.message }, namespace);
    }
    for (const line of linesOf(plan.steps, ID)) log.info(line);
    if (plan.late)
      log.info(`Version ${version} of ${ID} is tagged after the next release, because an autoscaler may scale the job (docs/releases.md)`);
    const kept = versions.filter((one) => !plan.dropped.includes(one) && (one.Version >= plan.oldest || hasOtherTag(one)));
    for (const path of await forgetVersions({ gone: plan.dropped, kept }, namespace, about.claim, nomad))
      log.info(`The secrets of older releases were removed from the Nomad variable ${path}`);
    return plan.tag;
  } catch (error) {
    if (runtime.signal.aborted) return undefined;
    const { code, hint } = toActionError(error);
    // Nomad says only that it denies the request; the hint has the right.
    const why = code === 'permission-denied' && hint !== undefined ? hint : sentence(toActionError(error));
    log.notice(`The tags of ${ID} are not up to date, so Nomad may forget version ${version} later: ${why}`);
    return undefined;
  }
}

/** Returns whether a person tagged a version. */
function hasOtherTag(version: RegisteredJob): boolean {
  return Boolean(version.VersionTag) && taggerOf(version) === undefined;
}

function linesOf(steps: readonly Step[], id: string): string[] {
  return steps.map((step) =>
    step.do === 'tag' ? `Version ${step.version} of ${id} has the tag ${step.name}` : `The tag ${step.name} of ${id} is removed`,
  );
}
