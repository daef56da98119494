// Whose a job and its variables are, and what a run may do to them. Every command that changes something asks `judgeOwner`.

import { ActionError } from '../errors.ts';
import type { Context } from '../github/index.ts';
import type { Job, RegisteredJob } from '../nomad/types.ts';
import { textAt } from '../text/index.ts';
import { type Marked, META, provenanceOf } from './provenance.ts';
import { hasOwnJob, type Target } from './target.ts';

/** The content of an owner record. It is the same from deploy to deploy: whatever changes with each run would replace every task. */
export interface Owner {
  readonly repository: string;
  /** `review`, or what the environment is called. */
  readonly environment: string;
  /**
   * The code's repository in lower case, and its branch or tag: `acme/shop branch fix/7`. Only a review app has it, and a branch with a job of its own in
   * production.
   */
  readonly ref?: string;
}

/** A job or a variable, as far as it says whose it is. */
export interface Owned {
  /** Its name in a sentence: `the job web in the namespace default`. */
  readonly what: string;
  /** The id of the job. */
  readonly id: string;
  /** Undefined: something other than this action registered it, or version 0.1.0 did. */
  readonly record: Owner | undefined;
  /** The meta of version 0.1.0. It is no record, but counts where it names another owner. */
  readonly noted?: Partial<Owner>;
  /** A run that Nomad made of a periodic or parameterized job, with a copy of that job's meta. */
  readonly isRun?: boolean;
}

/** The identity of a run, and the source that names the job as its own. */
export interface Claim {
  readonly owner: Owner;
  /** The id that `namedBy` is about. Any other is from a spec. */
  readonly jobId: string;
  /** The workflow's input `job-name`; the rules that make an id of repository and branch; or a file of the checkout. */
  readonly namedBy: 'workflow' | 'rules' | 'checkout';
  /** The checkout is that of the default branch. */
  readonly onDefaultBranch: boolean;
  /** Somebody who may not write to the repository can have caused the event, or written the code. */
  readonly untrusted: boolean;
  /** The workflow's input `purge` says so. */
  readonly purge: boolean;
}

/** `replace`: register; `change`: scale, restart, revert, promote, dispatch. What only reads is not judged. */
export type Act = 'replace' | 'change' | 'stop' | 'purge';

/** The decision whether a run may act on a job, and the line about it for the log. */
export type Judgement =
  | { readonly may: true; readonly notice?: string; readonly warning?: string }
  | { readonly may: false; readonly refusal: ActionError };

/** Stands for a fork that GitHub does not name any more: no record has it. */
const UNKNOWN = '-';
const REF = /^([^\s/]+\/\S+) (branch|tag) (.+)$/s;

/** The item of a variable that has its owner record. No secret can have this name, see secret-names.ts. */
export const OWNER_ITEM = 'nomad_deploy.owner';

/** The names that `job-name` takes. */
const JOB_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/** Returns the owner that a run writes into the record of what it deploys. A push, a pull request and a `delete` of one branch give the same. */
export function ownerOf(
  { repository, headRepository, fromFork, refType, ref }: Context,
  { environment }: Pick<Target, 'environment'>,
): Owner {
  if (!hasOwnJob(environment)) return { repository, environment: environment.name };
  const head = headRepository ?? (fromFork ? UNKNOWN : repository);
  return { repository, environment: environment.value, ref: `${head.toLowerCase()} ${refType} ${ref}` };
}

/** Returns the parts of a record's `ref`; undefined for one that is none. */
export function readRef(ref: string | undefined): { repository: string; kind: 'branch' | 'tag'; name: string } | undefined {
  const [, repository, kind, name] = REF.exec(ref ?? '') ?? [];
  return repository === undefined || name === undefined ? undefined : { repository, kind: kind === 'tag' ? 'tag' : 'branch', name };
}

/** Says whether two records are of one owner. GitHub takes the name of a repository in any case. */
export function sameOwner(a: Owner, b: Owner): boolean {
  return sameRepository(a, b) && a.environment === b.environment && a.ref === b.ref;
}

function sameRepository(a: Pick<Owner, 'repository'>, b: Pick<Owner, 'repository'>): boolean {
  return a.repository.toLowerCase() === b.repository.toLowerCase();
}

/** Returns a record as the meta of a job. */
export function recordMeta({ repository, environment, ref }: Owner): Record<string, string> {
  return { [META.repository]: repository, [META.environment]: environment, ...(ref === undefined ? {} : { [META.ref]: ref }) };
}

/** Returns the owner record of a job: that of its provenance, which stands in for one in the meta, or that of its meta. */
export function recordOf(job: Marked | undefined): Owner | undefined {
  const { [META.repository]: repository, [META.environment]: environment, [META.ref]: ref } = job?.Meta ?? {};
  return asRecord(provenanceOf(job)) ?? asRecord({ repository, environment, ref });
}

/** Returns a complete record. The meta of version 0.1.0 is none: its ref has no repository, and it has a ref in every environment. */
function asRecord({ repository, environment, ref }: { readonly [K in keyof Owner]?: Owner[K] | undefined }): Owner | undefined {
  if (!repository || !environment) return undefined;
  if (ref === undefined) return environment === 'review' ? undefined : { repository, environment };
  return REF.test(ref) ? { repository, environment, ref } : undefined;
}

/** Returns a registered job as something that has an owner. */
export function ownedJob(job: Pick<RegisteredJob, 'ID' | 'ParentID'> & Marked, namespace: string): Owned {
  const { ID, Meta, ParentID } = job;
  const { [META.repository]: repository, [META.environment]: environment, [META.ref]: ref } = Meta ?? {};
  return {
    what: `the job ${ID} in the namespace ${namespace}`,
    id: ID,
    record: recordOf(job),
    noted: { ...(repository && { repository }), ...(environment && { environment }), ...(ref && { ref }) },
    isRun: Boolean(ParentID),
  };
}

/** Returns the text of a variable's `OWNER_ITEM`. It names the job, since a group of the job `a` and the job `a/b` may share a path. */
export function recordItem(job: string, { repository, environment, ref }: Owner): string {
  return JSON.stringify({ job, repository, environment, ...(ref === undefined ? {} : { ref }) });
}

/** Reads the text of a variable's `OWNER_ITEM`. A text that is none is a record of a job without a name, which no run has. */
function readItem(text: string): { readonly job: string; readonly record: Owner } {
  const nobody = { job: '', record: { repository: 'unknown', environment: 'unknown' } };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return nobody;
  }
  const [job, repository, environment, ref] = ['job', 'repository', 'environment', 'ref'].map((name) => textAt(value, name));
  if (job === undefined || repository === undefined || environment === undefined) return nobody;
  return { job, record: { repository, environment, ...(ref === undefined ? {} : { ref }) } };
}

/** The facts about a variable beside its items. */
export interface VariableUse {
  readonly path: string;
  /** The job at hand. */
  readonly jobId: string;
  /** Items in the form of this action's, whoever wrote them. */
  readonly hasSecrets: boolean;
  /** The job at hand is registered, and was judged before. */
  readonly registered: boolean;
  /** A version of that job reads this variable. */
  readonly isRead: boolean;
  /** No other job can have a variable at this path. */
  readonly isOnly: boolean;
}

/**
 * Decides what a run may do to a variable with these items. One that has a record belongs to the job that the record names. One that has none belongs to
 * the job at hand if a version of that job reads it, or if it holds no secret of this action; otherwise it is judged as a job without a record.
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
      hint: `If they are not needed: nomad var purge ${path}.`,
    });
  }
  return judgeOwner({ what, id: jobId, record: undefined }, claim, act);
}

/**
 * Decides whether a run may act on a job or a variable, by what that says of its owner:
 *
 * - the run's own: yes;
 * - another owner's: only if the workflow's input `job-name` names it, with a warning; but environments of one repository may replace one another, and what
 *   they deploy may be changed by any of them, with a warning; a review app never replaces production, and a branch's own job there is replaced by that branch
 *   or the environment only;
 * - without a record: with a notice, if the rules, the workflow or the default branch names it, or version 0.1.0 deployed it to this very environment, and the
 *   event is no stranger's; purged only if the workflow says so.
 */
export function judgeOwner(object: Owned, claim: Claim, act: Act): Judgement {
  const { what, record, isRun, noted = {} } = object;
  if (isRun === true) {
    return refuse(`${what} is a run of a periodic or parameterized job`, act, { hint: 'Name the job that it is a run of.' });
  }
  if (record !== undefined) return sameOwner(record, claim.owner) ? { may: true } : judgeOther(object, record, claim, act);
  const old = notedOwner(noted, claim.owner);
  const first: Judgement = old === undefined ? { may: true } : judgeOther(object, old, claim, act);
  if (!first.may) return first;
  const second = judgeUnrecorded(object, claim, act);
  return second.may && first.warning !== undefined ? first : second;
}

/**
 * Refuses a job that nobody could tell from another's: a spec that calls itself a run of another job; a review app of a fork that GitHub does not name any
 * more; and a review app with a slash in its id, since a job `a/b` has its variables where a group `b` of the job `a` has its own. Throws `input-invalid`.
 */
export function requireOwnable({ ID: id, ParentID }: Pick<Job, 'ID' | 'ParentID'>, { ref }: Owner): void {
  if (ParentID) {
    throw new ActionError('input-invalid', `the spec of ${id} says that it is a run of the job ${ParentID}: only Nomad itself makes runs`, {
      hint: 'Remove `ParentID` from the spec.',
    });
  }
  if (ref === undefined) return;
  if (readRef(ref) === undefined) {
    throw new ActionError(
      'input-invalid',
      'the repository that this pull request comes from is gone, so its review app would have no owner',
      {
        hint: 'Nothing was built or registered. Close the pull request, or push its branch to this repository.',
      },
    );
  }
  if (!id.includes('/')) return;
  throw new ActionError(
    'input-invalid',
    `a review app cannot be the job ${id}: Nomad keeps its variables where those of another job's group may be`,
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
      hint: `${APART}. To replace it all the same, set \`environment: production\` in the workflow, or purge the job first.`,
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
        warning: `${what} was last deployed by the repository ${record.repository}: both deploy to one job, and replace each other`,
      };
    return { may: true, warning: `${what} ${whose}: this run ${VERBS[act]} it all the same, since the workflow's \`job-name\` names it` };
  }
  const message =
    act === 'replace' && namedBy(id, claim) === 'rules'
      ? `${what} ${sameRepository(record, owner) ? origin(record) : `belongs to the repository ${record.repository}`}, and ${describe(owner)} makes the same name`
      : `${what} ${whose}`;
  return refuse(message, act, { hint: wayOut(id, act) });
}

function judgeUnrecorded({ what, id, noted }: Owned, claim: Claim, act: Act): Judgement {
  // Only who may push there deploys to such an environment, so the note of 0.1.0 is as good as the default branch's word. Any branch is a review app.
  const isNoted = claim.owner.ref === undefined && noted?.repository !== undefined && noted.environment === claim.owner.environment;
  const by = namedBy(id, claim) === 'checkout' && isNoted ? 'note' : namedBy(id, claim);
  const bare = `${what} has no owner record`;
  if (claim.untrusted) {
    return refuse(`${bare}, and this event may be a stranger's`, act, {
      hint: 'Deploy the job once by a push: that gives it a record.',
    });
  }
  if (act === 'purge' && !claim.purge) {
    return refuse(`${bare}, so it is kept`, act, {
      hint: 'To purge it, give the input `purge: true` in the workflow.',
    });
  }
  if (by === 'checkout' && !claim.onDefaultBranch) {
    return refuse(`${bare}, and only this checkout names it`, act, {
      hint: `Deploy it once from the default branch: that gives it a record. ${wayOut(id, act)}`,
    });
  }
  const why = {
    workflow: "the workflow's `job-name` names it",
    rules: 'its name is the one that this run makes',
    checkout: 'the default branch names it',
    note: `version 0.1.0 deployed it as ${claim.owner.environment}, too`,
  }[by];
  return { may: true, notice: `${bare}: this run ${VERBS[act]} it, since ${why}` };
}

/** Returns the other owner that the meta of version 0.1.0 names; undefined where it names none, or this one. */
function notedOwner(noted: Partial<Owner>, owner: Owner): Owner | undefined {
  const { repository = owner.repository, environment = owner.environment } = noted;
  if (environment !== 'review') {
    // Version 0.1.0 knew no branch in production beside the repository's own job.
    const isSame = environment === owner.environment && (owner.ref === undefined || noted.environment === undefined);
    return isSame && sameRepository({ repository }, owner) ? undefined : { repository, environment };
  }
  // The repository that the code was from is not noted: it is taken for that of the job.
  const full = (ref: string): string => (REF.test(ref) ? ref : `${repository.toLowerCase()} ${ref}`);
  const ref = noted.ref === undefined ? owner.ref : full(noted.ref);
  const isOwn = sameRepository({ repository }, owner) && owner.environment === 'review' && ref === owner.ref;
  return isOwn ? undefined : { repository, environment, ...(ref === undefined ? {} : { ref }) };
}

function namedBy(id: string, claim: Claim): Claim['namedBy'] {
  return id === claim.jobId ? claim.namedBy : 'checkout';
}

const APART = 'Give each environment a cluster or a namespace of its own, see docs/environments.md';
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

/** The line of the workflow by which a run gets its way. */
function wayOut(id: string, act: Act): string {
  if (!JOB_NAME.test(id)) return `If it is not needed any more: nomad job stop -purge ${id}.`;
  const inputs = act === 'purge' ? `inputs \`purge: true\` and \`job-name: ${id}\`` : `input \`job-name: ${id}\``;
  return `To ${act} it all the same, give the ${inputs} in the workflow.`;
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

/** `branch fix/7`; that of a fork with the fork's name. */
function refText({ repository, ref }: Owner): string {
  const read = readRef(ref);
  if (read === undefined) return 'a fork that is gone';
  const { repository: head, kind, name } = read;
  return head === repository.toLowerCase() ? `${kind} ${name}` : `${kind} ${name} of ${head}`;
}

function describe(owner: Owner): string {
  if (owner.ref === undefined) return `${owner.environment} of ${owner.repository}`;
  return readRef(owner.ref)?.repository === owner.repository.toLowerCase() ? `${refText(owner)} of ${owner.repository}` : refText(owner);
}
