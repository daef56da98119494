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

/** A plan as it is approved: of the job without secrets, and with a provisional image. */
export interface Approvable {
  readonly fingerprint: Fingerprint;
  /** The names of what the plan changes. */
  readonly lines: readonly string[];
}

/** More lines of changes than anybody compares. */
const MAX_LINES = 100;

/** Returns the approvable form of a plan: `plan` is that of the draft, `job` the same job without our meta, and `provisional` the values that the run gave it. */
export function approvable(job: Job, plan: Plan, provisional: Provisional): Approvable {
  return { fingerprint: fingerprint(job, provisional, plan), lines: plan.lines };
}

/** Returns the part of a plan that a comment keeps. */
export function toHidden({ fingerprint: found, lines }: Approvable): Hidden {
  return { plan: fingerprintText(found), lines: lines.slice(0, MAX_LINES) };
}

/**
 * Compares the plan of a job with the approved one of `approved-plan`. Throws `plan-changed` with the difference, and with where there is no approved plan;
 * what GitHub refuses is thrown as it is, since then nobody knows what was approved.
 */
export async function requireApproved(
  subject: Subject,
  now: Approvable,
  live: RegisteredJob | undefined,
  { inputs: { approvedPlan }, context, github }: Reporting,
): Promise<void> {
  if (approvedPlan.length === 0) return;
  // Run once more: what was approved is what this very run registered, so that only the spec can still be compared.
  const { run, sha } = provenanceOf(live);
  const again = run?.startsWith(`${context.runUrl}/attempts/`) === true && sha === context.sha;
  const unlikeNow = (approved: Fingerprint): string[] =>
    differences(again ? { ...now.fingerprint, spec: approved.spec } : approved, now.fingerprint);
  if (!approvedPlan.includes(MERGED_PLAN)) {
    const approved = approvedPlan.flatMap((text) => parseFingerprint(text) ?? []);
    const unlike = approved.map(unlikeNow);
    if (unlike.some((list) => list.length === 0)) return;
    // Of several, that which is likest is the one of this job.
    throw changed(subject, unlike.sort((a, b) => a.length - b.length)[0] ?? [], [], now);
  }
  if (github === undefined) {
    throw new ActionError('input-invalid', `\`approved-plan\`: ${MERGED_PLAN} takes a token for GitHub`, { hint: 'Give `github-token`.' });
  }
  const pulls = (await github.pulls.ofCommit(context.sha)).filter(({ merged_at }) => merged_at !== null);
  const pull = pulls.find(({ merge_commit_sha }) => merge_commit_sha === context.sha) ?? pulls.find(({ base }) => base.ref === context.ref);
  if (pull === undefined) throw none(subject, `the commit ${context.sha} came with no merged pull request`);
  const hidden = await readHidden(subject, pull.number, github);
  const [text, lines] = [valueAt(hidden, 'plan'), valueAt(hidden, 'lines')];
  const approved = typeof text === 'string' ? parseFingerprint(text) : undefined;
  if (approved === undefined) throw none(subject, `the pull request ${pull.number} has no plan of it`);
  const unlike = unlikeNow(approved);
  if (unlike.length > 0) throw changed(subject, unlike, Array.isArray(lines) ? lines.map(String) : [], now);
}

/**
 * Once the images are there: is the job with them the approved one? A spec can tell the name that an image has in a plan from the one that it gets, and
 * be another job then. `job` is rendered as for the plan, and `provisional` tells what the run gave it. Throws `plan-changed`.
 */
export function requireApprovedWith(job: Job, provisional: Provisional, subject: Subject, approved: Approvable): void {
  if (specFingerprint(job, provisional) === approved.fingerprint.spec) return;
  throw new ActionError('plan-changed', `the job ${subject.jobId} is not the approved one with the images that were built or found`, {
    hint: 'Nothing was registered. Use the image in the spec as it is, or its digest, or seven or more digits of that, and let nothing else depend on it.',
  });
}

/**
 * A plan is made without secrets: is the job with them the same but for what gives it the secrets? `job` and `bare` are of one spec, with and without
 * them. Throws `plan-changed`.
 */
export function requireApprovedWithSecrets(job: Job, bare: Job, templates: SecretTemplates, { jobId }: Subject): void {
  if (isDeepStrictEqual(withoutSecrets(job, templates), withoutSecrets(bare, templates))) return;
  throw new ActionError('plan-changed', `the job ${jobId} is not the approved one with its secrets`, {
    hint: 'Nothing was written. Let nothing of the spec but the template of the secrets depend on whether there are any.',
  });
}

/** The registered job is another one than was planned for: what is approved is no more. */
export function registeredSince(jobId: string, what: string): ActionError {
  return new ActionError('plan-changed', `the approved plan of ${jobId} does not hold any more: ${what}`, { hint: HINT });
}

const HINT = 'Nothing was written. Plan it again, and approve that.';

function none({ jobId, environment }: Subject, why: string): ActionError {
  return new ActionError('plan-changed', `there is no approved plan of ${jobId} in ${environment}: ${why}`, {
    hint: `${HINT} The plan has to be made with the same \`environment\`, and written as a comment.`,
  });
}

function changed({ jobId }: Subject, unlike: readonly string[], before: readonly string[], now: Approvable): ActionError {
  const added = before.length === 0 ? [] : now.lines.filter((line) => !before.includes(line));
  const gone = before.filter((line) => !now.lines.includes(line));
  const output = [...gone.map((line) => `approved: ${line}`), ...added.map((line) => `now:      ${line}`)];
  return new ActionError('plan-changed', `the plan of ${jobId} is not the approved one: ${unlike.join('; ')}`, {
    hint: `${HINT} It is ${fingerprintText(now.fingerprint)} now.`,
    ...(output.length === 0 ? {} : { output }),
  });
}
