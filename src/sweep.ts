// Which review apps nobody needs any more.
import type { PullRequest } from './github/types.ts';
import { META } from './meta.ts';
import type { JobStub } from './nomad/types.ts';

/** A review app of the repository that Nomad has. */
export interface ReviewApp {
  readonly jobId: string;
  readonly kind: 'branch' | 'tag';
  readonly ref: string;
  /** When its newest version was registered. */
  readonly registeredAtMs: number;
}

/** What GitHub has of the ref that a review app is of. */
export interface Ref {
  readonly exists: boolean;
  /** Of this very branch, in whatever state. */
  readonly pullRequests: readonly Pick<PullRequest, 'number' | 'state'>[];
}

/** The review apps of a repository among the jobs of a cluster: their meta tells. Anything else is nobody's to sweep. */
export function reviewApps(jobs: readonly JobStub[], repository: string): ReviewApp[] {
  return jobs.flatMap(({ ID, ParentID, Meta, SubmitTime }) => {
    const [, kind, ref] = /^(branch|tag) (.+)$/s.exec(Meta?.[META.ref] ?? '') ?? [];
    const ours = Meta?.[META.repository]?.toLowerCase() === repository.toLowerCase() && Meta[META.environment] === 'review';
    if (!ours || ParentID || ref === undefined) return [];
    return [{ jobId: ID, kind: kind === 'tag' ? 'tag' : 'branch', ref, registeredAtMs: SubmitTime / 1e6 }];
  });
}

/** Why a review app is to go, in words; undefined when it stays. `ttlMs`: how long one may live that nobody deploys. */
export function whyRemove(app: ReviewApp, { exists, pullRequests }: Ref, ttlMs: number | undefined, nowMs: number): string | undefined {
  if (ttlMs !== undefined && nowMs - app.registeredAtMs > ttlMs) {
    const days = (nowMs - app.registeredAtMs) / 86_400_000;
    return `nothing was registered for ${days < 2 ? `${Math.floor(days * 24)} hours` : `${Math.floor(days)} days`}`;
  }
  if (pullRequests.some(({ state }) => state === 'open')) return undefined;
  if (!exists) return `the ${app.kind} is gone`;
  const [last] = [...pullRequests].sort((a, b) => b.number - a.number);
  return last === undefined ? undefined : `its pull request #${last.number} is closed`;
}
