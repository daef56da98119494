// The permission of a run to change a job or one of its variables. Every command that changes something asks `judgeOwner`.

import { ActionError } from '../errors.ts';
import type { Job } from '../nomad/types.ts';
import { OWNER_ITEM, type Owned, type Owner, readItem, readRef, sameOwner, sameRepository } from './owner.ts';

/** The identity of a run, and the source of the job's name. */
export interface Claim {
  readonly owner: Owner;
  /** The id that `namedBy` is about. Any other id is from a spec. */
  readonly jobId: string;
  /** `workflow`: its input `job-name`. `rules`: made of repository and branch. `checkout`: a file of it. */
  readonly namedBy: 'workflow' | 'rules' | 'checkout';
  /** The checkout is that of the default branch. */
  readonly onDefaultBranch: boolean;
  /** A person without write access can have caused the event or written the code. */
  readonly untrusted: boolean;
  /** The workflow sets the input `purge`. */
  readonly purge: boolean;
}

/** `replace`: register; `change`: scale, restart, revert, promote, dispatch. Reading needs no permission. */
export type Act = 'replace' | 'change' | 'stop' | 'purge';

/** The decision whether a run may act on a job, and the line about it for the log. */
export type Judgement =
  | { readonly may: true; readonly notice?: string; readonly warning?: string }
  | { readonly may: false; readonly refusal: ActionError };

/** The names that `job-name` takes. */
const JOB_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/** The facts about a variable beside its items. */
export interface VariableUse {
  readonly path: string;
  readonly jobId: string;
  /** Items in the form of this action's, whoever wrote them. */
  readonly hasSecrets: boolean;
  /** The job is registered, and was judged before. */
  readonly registered: boolean;
  /** A version of the job reads this variable. */
  readonly isRead: boolean;
  /** No other job can have a variable at this path. */
  readonly isOnly: boolean;
}

/**
 * Decides whether a run may change a variable with these items. A variable with a record belongs to the job that the record names. A
 * variable without one belongs to this job if a version of the job reads it, or if it holds no secret of this action. Any other variable is
 * judged as a job without a record.
 */
export function judgeVariable(
  items: Readonly<Record<string, string>>,
  use: VariableUse,
  claim: Claim,
  act: 'replace' | 'purge',
): Judgement {
  const { path, jobId, hasSecrets, registered, isRead, isOnly } = use;
  const what = `the Nomad variable ${path}`;
  const text = items[OWNER_ITEM];
  if (text !== undefined) {
    const { job, record } = readItem(text);
    if (job === jobId) return judgeOwner({ what, id: jobId, record }, claim, act);
    return refuse(`${what} belongs to ${job === '' ? 'an unknown job' : `the job ${job}`}, and this run is about the job ${jobId}`, act, {
      hint: 'Give the job or its group another name.',
    });
  }
  if (act === 'replace' && registered && (isRead || !hasSecrets)) return { may: true };
  if (hasSecrets && !isRead && !isOnly && namedBy(jobId, claim) !== 'workflow') {
    return refuse(`${what} has secrets without an owner record, which no version of ${jobId} reads`, act, {
      hint: `If no job needs the secrets, remove them: nomad var purge ${path}.`,
    });
  }
  return judgeOwner({ what, id: jobId, record: undefined }, claim, act);
}

/**
 * Decides whether a run may act on a job or a variable:
 *
 * - The run's own job: yes.
 * - The job of another owner: only if the workflow's input `job-name` names it, with a warning.
 * - The job of another environment of the same repository: replaced and changed with a warning. But a review app never replaces
 *   production, and a branch's own job in production is replaced by that branch or by the environment only.
 * - A job without a record: with a notice, if the event is trusted and the rules, the workflow or the default branch names the job, or
 *   version 0.1.0 deployed it to this environment. Purged only if the workflow says so.
 */
export function judgeOwner(object: Owned, claim: Claim, act: Act): Judgement {
  const { what, record, isRun, noted = {} } = object;
  if (isRun === true) {
    return refuse(`${what} is a run of a periodic or parameterized job`, act, { hint: 'Name its parent job.' });
  }
  if (record !== undefined) return sameOwner(record, claim.owner) ? { may: true } : judgeOther(object, record, claim, act);
  const old = notedOwner(noted, claim.owner);
  const first: Judgement = old === undefined ? { may: true } : judgeOther(object, old, claim, act);
  if (!first.may) return first;
  const second = judgeUnrecorded(object, claim, act);
  return second.may && first.warning !== undefined ? first : second;
}

/**
 * Refuses a job whose owner would not be clear: a spec that calls itself a run of another job; a review app of a deleted fork; and a review
 * app with a slash in its id, because the job `a/b` and the group `b` of the job `a` share a variable. Throws `input-invalid`.
 */
export function requireOwnable({ ID: id, ParentID }: Pick<Job, 'ID' | 'ParentID'>, { ref }: Owner): void {
  if (ParentID) {
    throw new ActionError('input-invalid', `the spec of ${id} has the \`ParentID\` ${ParentID}, which only Nomad itself may set`, {
      hint: 'Remove `ParentID` from the spec.',
    });
  }
  if (ref === undefined) return;
  if (readRef(ref) === undefined) {
    throw new ActionError('input-invalid', 'the repository of the pull request no longer exists, so the review app would have no owner', {
      hint: 'Nothing was built or registered. Close the pull request, or push its branch to this repository.',
    });
  }
  if (!id.includes('/')) return;
  throw new ActionError(
    'input-invalid',
    `a review app cannot be the job ${id}: an id with a slash can share its variables with a group of another job`,
    {
      hint: 'Give the job an id without a slash.',
    },
  );
}

function judgeOther({ what, id }: Owned, record: Owner, claim: Claim, act: Act): Judgement {
  const { owner } = claim;
  const isNamed = namedBy(id, claim) === 'workflow';
  const isReview = owner.environment === 'review';
  const isOfBranch = owner.ref !== undefined && (isReview || owner.ref !== record.ref);
  const whose = difference(record, owner);
  if (act === 'replace' && isOfBranch && record.environment === 'production') {
    return refuse(`${what} ${origin(record)}, and this run is ${isReview ? 'a review app' : `for ${refText(owner)}`}`, act, {
      hint: `${APART}. To replace the job anyway, set \`environment: production\` in the workflow, or purge the job first.`,
    });
  }
  if (sameRepository(record, owner) && !isOfBranch) {
    if (act === 'replace')
      return {
        may: true,
        warning: `${what} was last deployed as ${record.environment}, and this run replaces it as ${owner.environment}. ${APART}`,
      };
    if (act === 'change') return isNamed ? { may: true } : { may: true, warning: `${what} ${whose}` };
  }
  if (isNamed && (act !== 'purge' || claim.purge)) {
    if (act === 'replace' && !sameRepository(record, owner))
      return {
        may: true,
        warning: `${what} was last deployed by the repository ${record.repository}: the two repositories deploy to one job and replace each other's versions`,
      };
    return { may: true, warning: `${what} ${whose}. This run ${VERBS[act]} it anyway, because the workflow's \`job-name\` names it` };
  }
  const message =
    act === 'replace' && namedBy(id, claim) === 'rules'
      ? `${what} ${sameRepository(record, owner) ? origin(record) : `belongs to the repository ${record.repository}`}, and ${describe(owner)} gets the same job name`
      : `${what} ${whose}`;
  return refuse(message, act, { hint: wayOut(id, act) });
}

function judgeUnrecorded({ what, id, noted }: Owned, claim: Claim, act: Act): Judgement {
  // Only people who may push there deploy to such an environment, so the note of 0.1.0 is as good as the default branch. Any branch is a
  // review app.
  const isNoted = claim.owner.ref === undefined && noted?.repository !== undefined && noted.environment === claim.owner.environment;
  const by = namedBy(id, claim) === 'checkout' && isNoted ? 'note' : namedBy(id, claim);
  const bare = `${what} has no owner record`;
  if (claim.untrusted) {
    return refuse(`${bare}, and this event may need no write access to the repository`, act, {
      hint: 'Deploy the job once by a push, which gives it an owner record.',
    });
  }
  if (act === 'purge' && !claim.purge) {
    return refuse(`${bare}, so it is kept`, act, {
      hint: 'To purge it, set the input `purge: true` in the workflow.',
    });
  }
  if (by === 'checkout' && !claim.onDefaultBranch) {
    return refuse(`${bare}, and only a file of this checkout names it`, act, {
      hint: `Deploy it once from the default branch, which gives it an owner record. ${wayOut(id, act)}`,
    });
  }
  const why = {
    workflow: "the workflow's `job-name` names it",
    rules: "its name follows from this run's repository",
    checkout: 'the default branch names it',
    note: `version 0.1.0 deployed it as ${claim.owner.environment}`,
  }[by];
  return { may: true, notice: `${bare}: this run ${VERBS[act]} it, because ${why}` };
}

/** Returns the other owner that the meta of version 0.1.0 names; undefined where it names none, or this one. */
function notedOwner(noted: Partial<Owner>, owner: Owner): Owner | undefined {
  const { repository = owner.repository, environment = owner.environment } = noted;
  if (environment !== 'review') {
    // Version 0.1.0 had no branch in production beside the repository's own job.
    const isSame = environment === owner.environment && (owner.ref === undefined || noted.environment === undefined);
    return isSame && sameRepository({ repository }, owner) ? undefined : { repository, environment };
  }
  // The meta does not note the repository of the code, so the job's repository stands for it.
  const full = (ref: string): string => (readRef(ref) !== undefined ? ref : `${repository.toLowerCase()} ${ref}`);
  const ref = noted.ref === undefined ? owner.ref : full(noted.ref);
  const isOwn = sameRepository({ repository }, owner) && owner.environment === 'review' && ref === owner.ref;
  return isOwn ? undefined : { repository, environment, ...(ref === undefined ? {} : { ref }) };
}

function namedBy(id: string, claim: Claim): Claim['namedBy'] {
  return id === claim.jobId ? claim.namedBy : 'checkout';
}

const APART = 'Give each environment its own cluster or namespace (docs/environments.md)';
const VERBS: Readonly<Record<Act, string>> = { replace: 'replaces', change: 'changes', stop: 'stops', purge: 'purges' };
const NOTHING: Readonly<Record<Act, string>> = {
  replace: 'Nothing was built or registered.',
  change: 'Nothing was changed.',
  stop: 'Nothing was stopped.',
  purge: 'Nothing was purged.',
};

function refuse(message: string, act: Act, { hint }: { readonly hint: string }): Judgement {
  return { may: false, refusal: new ActionError('job-taken', message, { hint: `${NOTHING[act]} ${hint}` }) };
}

/** Returns the advice by which this run may act on the job. */
function wayOut(id: string, act: Act): string {
  if (!JOB_NAME.test(id)) return `If the job is not needed any more, remove it: nomad job stop -purge ${id}.`;
  const inputs = act === 'purge' ? `inputs \`purge: true\` and \`job-name: ${id}\`` : `input \`job-name: ${id}\``;
  return `To ${act} it anyway, set the ${inputs} in the workflow.`;
}

/** Returns the difference between a record and this run's owner, as the end of a sentence. */
function difference(record: Owner, owner: Owner): string {
  if (!sameRepository(record, owner)) return `belongs to the repository ${record.repository}, and this run is of ${owner.repository}`;
  if (record.environment !== owner.environment) return `is deployed as ${record.environment}, and this run is for ${owner.environment}`;
  return `${origin(record)}, and this run is for ${refText(owner)}`;
}

function origin(record: Owner): string {
  if (record.environment === 'review') return `was last deployed from ${refText(record)}`;
  return `is deployed as ${record.environment}${record.ref === undefined ? '' : ` of ${refText(record)}`}`;
}

/** Returns `branch fix/7`, or with the name of a fork `branch fix/7 of stranger/shop`. */
function refText({ repository, ref }: Owner): string {
  const read = readRef(ref);
  if (read === undefined) return 'a deleted fork';
  const { repository: head, kind, name } = read;
  return head === repository.toLowerCase() ? `${kind} ${name}` : `${kind} ${name} of ${head}`;
}

function describe(owner: Owner): string {
  if (owner.ref === undefined) return `${owner.environment} of ${owner.repository}`;
  return readRef(owner.ref)?.repository === owner.repository.toLowerCase() ? `${refText(owner)} of ${owner.repository}` : refText(owner);
}
