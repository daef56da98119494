import { isDeepStrictEqual } from 'node:util';
import { ActionError } from '../errors.ts';
import { type Fingerprint, fingerprintText, MERGED_PLAN, parseFingerprint } from '../inputs/index.ts';
import type { Job, RegisteredJob } from '../nomad/types.ts';
import { type Hidden, readHidden, type Subject } from '../report/github/index.ts';
import type { Reporting } from '../report/index.ts';
import { type SecretTemplates, withoutSecrets } from '../secrets/index.ts';
import { provenanceOf } from '../target/index.ts';
import { valueAt } from '../text/index.ts';
import { differences, fingerprint, type Provisional, specFingerprint } from './fingerprint.ts';
import type { Plan } from './plan.ts';

/** The part of a plan that is approved. The job has no secrets and a provisional image. */
export interface Approvable {
  readonly fingerprint: Fingerprint;
  /** The changes by their names. */
  readonly lines: readonly string[];
}

/** The most lines of changes that a comment keeps. */
const MAX_LINES = 100;

/** Returns the approvable form of the plan of a draft. `job` is the same job without our meta, `provisional` the values of the run in it. */
export function approvable(job: Job, plan: Plan, provisional: Provisional): Approvable {
  return { fingerprint: fingerprint(job, provisional, plan), lines: plan.lines };
}

/** Returns the part of a plan that a comment keeps. */
export function toHidden({ fingerprint: found, lines }: Approvable): Hidden {
  return { plan: fingerprintText(found), lines: lines.slice(0, MAX_LINES) };
}

/**
 * Compares the plan of a job with the approved one of `approved-plan`. Throws `plan-changed` with the difference, or where there is no approved plan. Throws
 * GitHub's errors, because the approved plan is then unknown.
 */
export async function requireApproved(
  subject: Subject,
  now: Approvable,
  live: RegisteredJob | undefined,
  { inputs: { approvedPlan }, context, github }: Reporting,
): Promise<void> {
  if (approvedPlan.length === 0) return;
  // A re-run after its own registration has another modify index and other actions, so only the spec is compared.
  const { run, sha } = provenanceOf(live);
  const again = context.runUrl !== undefined && run?.startsWith(`${context.runUrl}/attempts/`) === true && sha === context.sha;
  const unlikeNow = (approved: Fingerprint): string[] =>
    differences(again ? { ...now.fingerprint, spec: approved.spec } : approved, now.fingerprint);
  if (!approvedPlan.includes(MERGED_PLAN)) {
    const approved = approvedPlan.flatMap((text) => parseFingerprint(text) ?? []);
    const unlike = approved.map(unlikeNow);
    if (unlike.some((list) => list.length === 0)) return;
    // With several approved plans, the most similar one is that of this job.
    throw changed(subject, unlike.sort((a, b) => a.length - b.length)[0] ?? [], [], now);
  }
  if (github === undefined) {
    throw new ActionError('input-invalid', `\`approved-plan: ${MERGED_PLAN}\` needs a GitHub token`, { hint: 'Set `github-token`.' });
  }
  const pulls = (await github.pulls.ofCommit(context.sha)).filter(({ merged_at }) => merged_at !== null);
  const pull = pulls.find(({ merge_commit_sha }) => merge_commit_sha === context.sha) ?? pulls.find(({ base }) => base.ref === context.ref);
  if (pull === undefined) throw none(subject, `the commit ${context.sha} belongs to no merged pull request`);
  const hidden = await readHidden(subject, pull.number, github);
  const [text, lines] = [valueAt(hidden, 'plan'), valueAt(hidden, 'lines')];
  const approved = typeof text === 'string' ? parseFingerprint(text) : undefined;
  if (approved === undefined) throw none(subject, `pull request #${pull.number} has no plan of this job`);
  const unlike = unlikeNow(approved);
  if (unlike.length > 0) throw changed(subject, unlike, Array.isArray(lines) ? lines.map(String) : [], now);
}

/**
 * Throws `plan-changed` when the job with its final images is not the approved one: a spec can depend on the name of an image, and so differ from its plan.
 * `job` is rendered as for the plan, and `provisional` has the values of the run in it.
 */
export function requireApprovedWith(job: Job, provisional: Provisional, subject: Subject, approved: Approvable): void {
  if (specFingerprint(job, provisional) === approved.fingerprint.spec) return;
  throw new ActionError('plan-changed', `the job ${subject.jobId} differs from the approved one with its final images`, {
    hint: 'Nothing was registered. In the spec, use the whole image, its digest, or at least seven digits of the digest; other values must not depend on the image.',
  });
}

/**
 * Throws `plan-changed` when the job with its secrets is not the approved one apart from the templates of the secrets: a plan is made without secrets. `job` and
 * `bare` are of one spec, with and without them.
 */
export function requireApprovedWithSecrets(job: Job, bare: Job, templates: SecretTemplates, { jobId }: Subject): void {
  if (isDeepStrictEqual(withoutSecrets(job, templates), withoutSecrets(bare, templates))) return;
  throw new ActionError('plan-changed', `the job ${jobId} differs from the approved one with its secrets`, {
    hint: 'Nothing was written. In the spec, only the template of the secrets may depend on the secrets.',
  });
}

/** Returns the error about an approved plan of an older registered job. `why` ends the sentence. */
export function registeredSince(jobId: string, why: string): ActionError {
  return new ActionError('plan-changed', `the approved plan of ${jobId} is outdated: ${why}`, { hint: HINT });
}

const HINT = 'Nothing was written. Make a new plan and approve it.';

function none({ jobId, environment }: Subject, why: string): ActionError {
  return new ActionError('plan-changed', `there is no approved plan of ${jobId} in ${environment}: ${why}`, {
    hint: `${HINT} The plan must have the same \`environment\`, and its comment must be on the pull request.`,
  });
}

function changed({ jobId }: Subject, unlike: readonly string[], before: readonly string[], now: Approvable): ActionError {
  const added = before.length === 0 ? [] : now.lines.filter((line) => !before.includes(line));
  const gone = before.filter((line) => !now.lines.includes(line));
  const output = [...gone.map((line) => `approved: ${line}`), ...added.map((line) => `now:      ${line}`)];
  return new ActionError('plan-changed', `the plan of ${jobId} differs from the approved one: ${unlike.join('; ')}`, {
    hint: `${HINT} The fingerprint is now ${fingerprintText(now.fingerprint)}.`,
    ...(output.length === 0 ? {} : { output }),
  });
}
