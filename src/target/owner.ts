// The owner record of a job and of its variables.

import type { Context } from '../github/index.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import { textAt } from '../text/index.ts';
import { type Marked, META, provenanceOf } from './provenance.ts';
import { hasOwnJob, type Target } from './target.ts';

/** The content of an owner record. It has nothing that changes from run to run, because a change would replace every task. */
export interface Owner {
  readonly repository: string;
  /** `review`, or the name of the environment. */
  readonly environment: string;
  /**
   * The code's repository in lower case, and its branch or tag: `acme/shop branch fix/7`. Set for a review app, and for a branch that has
   * its own job in production.
   */
  readonly ref?: string;
}

/** A job or a variable, and the owner that it names. */
export interface Owned {
  /** Its name in a sentence: `the job web in the namespace default`. */
  readonly what: string;
  /** The id of the job. */
  readonly id: string;
  /** Undefined when version 0.1.0 or another program registered it. */
  readonly record: Owner | undefined;
  /** The meta of version 0.1.0: not a record, but it can name another owner. */
  readonly noted?: Partial<Owner>;
  /** A run that Nomad made of a periodic or parameterized job, with a copy of that job's meta. */
  readonly isRun?: boolean;
}

/** Stands for a fork that GitHub no longer names. No record has it. */
const UNKNOWN = '-';
const REF = /^([^\s/]+\/\S+) (branch|tag) (.+)$/s;

/** The item of a variable that holds its owner record. No secret can have this name, see secret-names.ts. */
export const OWNER_ITEM = 'nomad_deploy.owner';

/** Returns the owner for the record of a deploy: the same for a push, a pull request and a `delete` of one branch. */
export function ownerOf(
  { repository, headRepository, fromFork, refType, ref }: Context,
  { environment }: Pick<Target, 'environment'>,
): Owner {
  if (!hasOwnJob(environment)) return { repository, environment: environment.name };
  const head = headRepository ?? (fromFork ? UNKNOWN : repository);
  return { repository, environment: environment.value, ref: `${head.toLowerCase()} ${refType} ${ref}` };
}

/** Returns the parts of a record's `ref`; undefined for any other text. */
export function readRef(ref: string | undefined): { repository: string; kind: 'branch' | 'tag'; name: string } | undefined {
  const [, repository, kind, name] = REF.exec(ref ?? '') ?? [];
  return repository === undefined || name === undefined ? undefined : { repository, kind: kind === 'tag' ? 'tag' : 'branch', name };
}

/** Returns whether two records name one owner. GitHub ignores the case of repository names. */
export function sameOwner(a: Owner, b: Owner): boolean {
  return sameRepository(a, b) && a.environment === b.environment && a.ref === b.ref;
}

/** Returns whether two records name one repository, in any case. */
export function sameRepository(a: Pick<Owner, 'repository'>, b: Pick<Owner, 'repository'>): boolean {
  return a.repository.toLowerCase() === b.repository.toLowerCase();
}

/** Returns a record as the meta of a job. */
export function recordMeta({ repository, environment, ref }: Owner): Record<string, string> {
  return { [META.repository]: repository, [META.environment]: environment, ...(ref === undefined ? {} : { [META.ref]: ref }) };
}

/** Returns the owner record of a job: that of its provenance, else that of its meta. */
export function recordOf(job: Marked | undefined): Owner | undefined {
  const { [META.repository]: repository, [META.environment]: environment, [META.ref]: ref } = job?.Meta ?? {};
  return asRecord(provenanceOf(job)) ?? asRecord({ repository, environment, ref });
}

/** Returns a complete record. The meta of version 0.1.0 is not one: its ref has no repository, and is set in every environment. */
function asRecord({ repository, environment, ref }: { readonly [K in keyof Owner]?: Owner[K] | undefined }): Owner | undefined {
  if (!repository || !environment) return undefined;
  if (ref === undefined) return environment === 'review' ? undefined : { repository, environment };
  return REF.test(ref) ? { repository, environment, ref } : undefined;
}

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

/**
 * Returns the text of a variable's `OWNER_ITEM`. The record names the job, because a group of the job `a` and the job `a/b` may share a
 * path.
 */
export function recordItem(job: string, { repository, environment, ref }: Owner, step?: string): string {
  return JSON.stringify({ job, repository, environment, ...(ref === undefined ? {} : { ref }), ...(step === undefined ? {} : { step }) });
}

/** Reads the text of a variable's `OWNER_ITEM`. An invalid text gives a record with an empty job name, which no run has. */
export function readItem(text: string): { readonly job: string; readonly record: Owner; readonly step?: string } {
  const nobody = { job: '', record: { repository: 'unknown', environment: 'unknown' } };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return nobody;
  }
  const [job, repository, environment, ref, step] = ['job', 'repository', 'environment', 'ref', 'step'].map((name) => textAt(value, name));
  if (job === undefined || repository === undefined || environment === undefined) return nobody;
  const record = { repository, environment, ...(ref === undefined ? {} : { ref }) };
  return { job, record, ...(step === undefined ? {} : { step }) };
}
