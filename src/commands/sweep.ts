import { ActionError, sentence } from '../errors.ts';
import type { Context, GitHub, PullRequest } from '../github/index.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Nomad } from '../nomad/index.ts';
import type { JobStub, RegisteredJob } from '../nomad/types.ts';
import { endDeployments } from '../report/github/index.ts';
import type { Result, Run } from '../report/index.ts';
import { type Claim, META, type Owner, readRef, recordOf } from '../target/index.ts';
import { slug } from '../text/index.ts';
import { stop } from './stop.ts';

export interface Sweeping {
  readonly inputs: Inputs;
  readonly context: Context;
  /** Nomad in each region that review apps are in. */
  readonly regions: readonly Nomad[];
  readonly github: GitHub | undefined;
  readonly address: string;
}

/**
 * `sweep`: finds the review apps of this repository that nobody needs any more (their pull request is closed, their branch is gone, or nothing was
 * registered for `ttl`), and removes them unless `dry-run` keeps it to words. What GitHub can't be asked about stays: throws what its API throws.
 */
export async function sweep(sweeping: Sweeping, current: Run): Promise<Result> {
  const { inputs, context, regions, github } = sweeping;
  const { runtime, stage } = current;
  const { log } = runtime;
  if (github === undefined) {
    throw new ActionError(
      'input-invalid',
      '`command: sweep` has to ask GitHub which pull requests and branches there are, and has no token',
      {
        hint: 'Leave `github-token` as it is, and give the job the permissions `contents: read` and `pull-requests: read`.',
      },
    );
  }
  const namespace = inputs.nomadNamespace ?? 'default';
  const { apps, leaving } = await stage(
    'sweep',
    `Look for review apps of ${context.repository} in the namespace ${namespace}`,
    async () => {
      const found: Found[] = [];
      for (const nomad of regions) {
        const all = await nomad.jobs.list(namespace);
        const recorded = reviewApps(all, context.repository);
        for (const jobId of unrecorded(all, context.repository)) {
          // The record may be in the links of the job, which a list of jobs does not have.
          const job = await nomad.jobs.read(jobId, namespace);
          const linked = job === undefined ? [] : reviewApps([job], context.repository);
          recorded.push(...linked);
          if (linked.length === 0) log.info(`${jobId}: stays, since it has no owner record`);
        }
        found.push(...recorded.map((app) => ({ ...app, nomad })));
      }
      const reasons = new Map<Found, string>();
      for (const app of found) {
        const reason = await reasonOf(app, sweeping, github, runtime.clock.now());
        const of = isFork(app, context) ? ` of ${app.head}` : '';
        log.info(`${app.jobId} (${app.kind} ${app.ref}${of}): ${reason === undefined ? 'stays' : `to be removed, since ${reason}`}`);
        if (reason !== undefined) reasons.set(app, reason);
      }
      return { apps: found, leaving: reasons };
    },
  );
  const count = `${leaving.size} of ${apps.length} review apps`;
  if (leaving.size === 0) {
    log.info(`None of ${apps.length} review apps is to be removed.`);
    return { outcome: inputs.dryRun ? 'planned' : 'stopped', changed: 'none' };
  }
  if (inputs.dryRun) {
    log.notice(
      `${count} would be removed: ${[...leaving.keys()].map(({ jobId }) => jobId).join(', ')}. To remove them: \`dry-run: false\`.`,
    );
    return {
      outcome: 'planned',
      changed: 'destructive',
      jobs: [...leaving].map(([app, hint]) => ({ ...described(app, namespace), outcome: 'planned', hint })),
    };
  }
  const jobs: Result[] = [];
  for (const [app, reason] of leaving) jobs.push(await remove(app, reason, namespace, sweeping, current));
  const failed = jobs.filter(({ outcome }) => outcome === 'failed');
  log.notice(`${jobs.length - failed.length} of ${apps.length} review apps were removed.`);
  if (failed.length === 0) return { outcome: 'stopped', changed: 'destructive', jobs };
  return {
    outcome: 'failed',
    failureReason: failed[0]?.failureReason ?? 'unexpected',
    cause: failed.map(({ cause }) => cause).join('; '),
    jobs,
  };
}

/** A review app, and Nomad in its region. */
type Found = ReviewApp & { readonly nomad: Nomad };

function described({ jobId, nomad: { region } }: Found, namespace: string): Result {
  return { jobId, namespace, ...(region === undefined ? {} : { region }) };
}

/** A branch of a fork is no branch of this repository, even if that has one of the same name: its pull requests decide. */
async function reasonOf(app: ReviewApp, { inputs, context }: Sweeping, github: GitHub, nowMs: number): Promise<string | undefined> {
  const isForeign = isFork(app, context);
  // As GitHub spells it, where that is known.
  const [owner = ''] = (isForeign ? app.head : context.repository).split('/');
  const [exists, pullRequests] = await Promise.all([
    isForeign || github.refs.exists(app.kind, app.ref),
    app.kind === 'branch' ? github.pulls.ofBranch(`${owner}:${app.ref}`) : [],
  ]);
  return whyRemove(app, { exists, pullRequests }, inputs.ttlMs, nowMs);
}

function isFork({ head }: ReviewApp, { repository }: Context): boolean {
  return head !== repository.toLowerCase();
}

/** Removes a review app, if it is still the one that the reason is about. One that can't be removed does not keep the others. */
async function remove(app: Found, hint: string, namespace: string, { inputs, github, address }: Sweeping, current: Run): Promise<Result> {
  const { jobId, ref, owner, index, nomad } = app;
  const { runtime } = current;
  const claim: Claim = { owner, jobId, namedBy: 'checkout', onDefaultBranch: false, untrusted: false, purge: false };
  try {
    await stop({ jobId, namespace, claim, purge: inputs.purge ?? true, index, timeoutMs: inputs.timeoutMs }, nomad, current);
    await endDeployments({ environment: `review/${slug(ref)}`, jobId, address, region: nomad.region }, github, runtime);
    return { ...described(app, namespace), outcome: 'stopped', hint };
  } catch (error) {
    if (runtime.signal.aborted || !(error instanceof ActionError)) throw error;
    runtime.log.error(sentence(error), error.code);
    return { ...described(app, namespace), outcome: 'failed', failureReason: error.code, cause: error.message };
  }
}

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

/** Why a review app is to go, in words; undefined when it stays. `ttlMs`: how long one may live that nobody deploys. */
export function whyRemove(app: ReviewApp, { exists, pullRequests }: Ref, ttlMs: number | undefined, nowMs: number): string | undefined {
  if (ttlMs !== undefined && nowMs - app.registeredAtMs > ttlMs) {
    const days = (nowMs - app.registeredAtMs) / 86400000;
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

function isOf(repository: string, owner: { readonly repository: string | undefined }): boolean {
  return owner.repository?.toLowerCase() === repository.toLowerCase();
}
