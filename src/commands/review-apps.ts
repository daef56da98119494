// Which review apps nobody needs any more.
import type { PullRequest } from '../github/types.ts';
import type { JobStub, RegisteredJob } from '../nomad/types.ts';
import { type Owner, readRef, recordOf } from '../target/owner.ts';
import { META } from '../target/provenance.ts';

/** A review app of the repository that Nomad has. */
export interface ReviewApp {
  readonly jobId: string;
  readonly owner: Owner;
  /** The repository that the code is from, in lower case: this one, or a fork. */
  readonly head: string;
  readonly kind: 'branch' | 'tag';
  readonly ref: string;
  /** When its newest version was registered. */
  readonly registeredAtMs: number;
  /** The job's modify index when the list was made. */
  readonly index: number;
}

/** What GitHub has of the ref that a review app is of. */
export interface Ref {
  readonly exists: boolean;
  /** Of the branches of that name which the owner of the repository has, in whatever repository and state. */
  readonly pullRequests: readonly Pick<PullRequest, 'number' | 'state' | 'head'>[];
}

/** The review apps of a repository among the jobs of a cluster: their owner record tells. Anything else is nobody's to sweep. */
export function reviewApps(jobs: readonly (JobStub | RegisteredJob)[], repository: string): ReviewApp[] {
  return jobs.flatMap((job) => {
    const { ID, ParentID, SubmitTime, JobModifyIndex } = job;
    const owner = recordOf(job);
    // A branch in production has a record with its ref, too.
    const ref = owner?.environment === 'review' ? readRef(owner.ref) : undefined;
    if (ParentID || owner === undefined || ref === undefined || !isOf(repository, owner)) return [];
    const { repository: head, kind, name } = ref;
    return [{ jobId: ID, owner, head, kind, ref: name, registeredAtMs: (SubmitTime ?? 0) / 1e6, index: JobModifyIndex }];
  });
}

/** Returns the ids of review apps of a repository without an owner record in their meta, the only part that a list of jobs has. */
export function unrecorded(jobs: readonly JobStub[], repository: string): string[] {
  return jobs.flatMap((job) => {
    const { [META.repository]: of, [META.environment]: environment } = job.Meta ?? {};
    return !job.ParentID && isOf(repository, { repository: of }) && environment === 'review' && recordOf(job) === undefined ? [job.ID] : [];
  });
}

function isOf(repository: string, owner: { readonly repository: string | undefined }): boolean {
  return owner.repository?.toLowerCase() === repository.toLowerCase();
}

/** Why a review app is to go, in words; undefined when it stays. `ttlMs`: how long one may live that nobody deploys. */
export function whyRemove(app: ReviewApp, { exists, pullRequests }: Ref, ttlMs: number | undefined, nowMs: number): string | undefined {
  if (ttlMs !== undefined && nowMs - app.registeredAtMs > ttlMs) {
    const days = (nowMs - app.registeredAtMs) / 86_400_000;
    return `nothing was registered for ${days < 2 ? `${Math.floor(days * 24)} hours` : `${Math.floor(days)} days`}`;
  }
  // GitHub answers for `owner:branch`, with the pull requests of all repositories of that owner. Only a fork can be deleted: `repo` is null then.
  const isFork = app.head !== app.owner.repository.toLowerCase();
  const own = pullRequests.filter(({ head: { repo } }) => (repo === null ? isFork : repo.full_name.toLowerCase() === app.head));
  if (own.some(({ state }) => state === 'open')) return undefined;
  if (!exists) return `the ${app.kind} is gone`;
  const [last] = [...own].sort((a, b) => b.number - a.number);
  return last === undefined ? undefined : `its pull request #${last.number} is closed`;
}
