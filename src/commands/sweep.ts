import { ActionError, sentence } from '../errors.ts';
import type { Context, GitHub, PullRequest } from '../github/index.ts';
import type { JobInputs, RunInputs } from '../inputs/index.ts';
import type { Nomad } from '../nomad/index.ts';
import type { JobStub, RegisteredJob } from '../nomad/types.ts';
import { endDeployments } from '../report/github/index.ts';
import type { Result, Run } from '../report/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type Claim, META, type Owner, readRef, recordOf } from '../target/index.ts';
import { slug } from '../text/index.ts';
import { stop } from './stop.ts';

export interface Sweeping {
  readonly inputs: RunInputs & Pick<JobInputs, 'nomadNamespace' | 'timeoutMs'>;
  readonly context: Context;
  /** Nomad in each region of review apps. */
  readonly regions: readonly Nomad[];
  readonly github: GitHub | undefined;
  readonly address: string;
  /** Asks the person at a terminal about the review apps that go. Throws `cancelled` for a no. */
  readonly ask: (subject: string) => Promise<void>;
}

/**
 * `sweep`: finds the unneeded review apps of this repository (the pull request is closed, the branch was deleted, or nothing was registered for
 * `ttl`), and removes them unless `dry-run` is set. Throws GitHub's errors: an app whose branch can't be read stays.
 */
export async function sweep(sweeping: Sweeping, current: Run): Promise<Result> {
  const { inputs, context, github } = sweeping;
  const { runtime, stage } = current;
  const { log } = runtime;
  if (github === undefined) {
    throw new ActionError('input-invalid', '`command: sweep` needs a GitHub token to read pull requests and branches', {
      hint: 'Leave `github-token` at its default, and give the workflow job the permissions `contents: read` and `pull-requests: read`.',
    });
  }
  const namespace = inputs.nomadNamespace ?? 'default';
  const title = `Look for review apps of ${context.repository} in the namespace ${namespace}`;
  const { apps, leaving } = await stage('sweep', title, async () => {
    const found = await findApps(sweeping, namespace, log);
    return { apps: found, leaving: await reasonsOf(found, sweeping, github, runtime) };
  });
  if (leaving.size === 0) {
    log.info(`None of ${apps.length} review apps is to be removed.`);
    return { outcome: inputs.dryRun ? 'planned' : 'stopped', changed: 'none' };
  }
  const names = [...leaving.keys()].map(({ jobId }) => jobId).join(', ');
  if (inputs.dryRun) {
    log.notice(`${leaving.size} of ${apps.length} review apps would be removed: ${names}. To remove them, set \`dry-run: false\`.`);
    const jobs = [...leaving].map(([app, hint]): Result => ({ ...described(app), outcome: 'planned', hint }));
    return { outcome: 'planned', changed: 'destructive', jobs };
  }
  await sweeping.ask(`${leaving.size} of ${apps.length} review apps in the namespace ${namespace} (${names})`);
  const jobs: Result[] = [];
  for (const [app, reason] of leaving) jobs.push(await remove(app, reason, sweeping, current));
  const failed = jobs.filter(({ outcome }) => outcome === 'failed');
  log.notice(`${jobs.length - failed.length} of ${apps.length} review apps were removed.`);
  if (failed.length === 0) return { outcome: 'stopped', changed: 'destructive', jobs };
  const [first] = failed;
  return {
    outcome: 'failed',
    failureReason: first?.failureReason ?? 'unexpected',
    cause: failed.map(({ cause }) => cause).join('; '),
    jobs,
  };
}

/** A review app in a region and namespace. */
type FoundApp = ReviewApp & { readonly nomad: Nomad; readonly namespace: string };

/** Finds the review apps of the repository in each region. Logs those without an owner record, which stay. */
async function findApps({ regions, context: { repository } }: Sweeping, namespace: string, log: Runtime['log']): Promise<FoundApp[]> {
  const found: FoundApp[] = [];
  for (const nomad of regions) {
    const all = await nomad.jobs.list(namespace);
    const recorded = reviewApps(all, repository);
    for (const jobId of unrecorded(all, repository)) {
      // A list of jobs has no links, and the record may be in the links of the job.
      const job = await nomad.jobs.read(jobId, namespace);
      const linked = job === undefined ? [] : reviewApps([job], repository);
      recorded.push(...linked);
      if (linked.length === 0) log.info(`${jobId} stays: it has no owner record`);
    }
    found.push(...recorded.map((app) => ({ ...app, nomad, namespace })));
  }
  return found;
}

/** Returns the apps to remove, each with its reason. Logs the decision about every app. */
async function reasonsOf(
  apps: readonly FoundApp[],
  sweeping: Sweeping,
  github: GitHub,
  { log, clock }: Runtime,
): Promise<ReadonlyMap<FoundApp, string>> {
  const reasons = new Map<FoundApp, string>();
  for (const app of apps) {
    const reason = await reasonToRemove(app, sweeping, github, clock.now());
    const of = isFork(app, sweeping.context) ? ` of ${app.head}` : '';
    log.info(`${app.jobId} (${app.kind} ${app.ref}${of}): ${reason === undefined ? 'stays' : `to be removed, because ${reason}`}`);
    if (reason !== undefined) reasons.set(app, reason);
  }
  return reasons;
}

function described({ jobId, namespace, nomad: { region } }: FoundApp): Result {
  return { jobId, namespace, ...(region === undefined ? {} : { region }) };
}

/** Returns the reason to remove an app; undefined when it stays. For a branch of a fork, only its pull requests count. */
async function reasonToRemove(app: ReviewApp, { inputs, context }: Sweeping, github: GitHub, nowMs: number): Promise<string | undefined> {
  const isForeign = isFork(app, context);
  // The repository of the run is spelled as by GitHub; the record of a fork is in lower case.
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

/** Removes a review app that is still the one that was judged. Returns a failure as a result, so that the other apps are removed too. */
async function remove(app: FoundApp, hint: string, { inputs, github, address }: Sweeping, current: Run): Promise<Result> {
  const { jobId, ref, owner, index, nomad, namespace } = app;
  const { runtime } = current;
  const claim: Claim = { owner, jobId, namedBy: 'checkout', onDefaultBranch: false, untrusted: false, purge: false };
  try {
    await stop({ jobId, namespace, claim, purge: inputs.purge ?? true, index, timeoutMs: inputs.timeoutMs }, nomad, current);
    await endDeployments({ environment: `review/${slug(ref)}`, jobId, address, region: nomad.region }, github, runtime);
    return { ...described(app), outcome: 'stopped', hint };
  } catch (error) {
    if (runtime.signal.aborted || !(error instanceof ActionError)) throw error;
    runtime.log.error(sentence(error), error.code);
    return { ...described(app), outcome: 'failed', failureReason: error.code, cause: error.message };
  }
}

/** A review app of the repository in Nomad. */
export interface ReviewApp {
  readonly jobId: string;
  readonly owner: Owner;
  /** The repository of the code, in lower case: this one, or a fork. */
  readonly head: string;
  readonly kind: 'branch' | 'tag';
  readonly ref: string;
  /** The registration of its newest version, in milliseconds since the epoch. */
  readonly registeredAtMs: number;
  /** The modify index of the job in the list. */
  readonly index: number;
}

/** The ref of a review app on GitHub. */
export interface Ref {
  readonly exists: boolean;
  /** The pull requests of branches of that name in all repositories of the owner, in any state. */
  readonly pullRequests: readonly Pick<PullRequest, 'number' | 'state' | 'head'>[];
}

/** Returns the review apps of a repository, by their owner record, among the jobs of a cluster. */
export function reviewApps(jobs: readonly (JobStub | RegisteredJob)[], repository: string): ReviewApp[] {
  return jobs.flatMap((job) => {
    const { ID, ParentID, SubmitTime, JobModifyIndex } = job;
    const owner = recordOf(job);
    // A branch in production has a record with its ref too.
    const ref = owner?.environment === 'review' ? readRef(owner.ref) : undefined;
    if (ParentID || owner === undefined || ref === undefined || !isOf(repository, owner)) return [];
    const { repository: head, kind, name } = ref;
    return [{ jobId: ID, owner, head, kind, ref: name, registeredAtMs: (SubmitTime ?? 0) / 1e6, index: JobModifyIndex }];
  });
}

/** Returns the ids of review apps of a repository without an owner record in their meta. A list of jobs has the meta only. */
export function unrecorded(jobs: readonly JobStub[], repository: string): string[] {
  return jobs.flatMap((job) => {
    const { [META.repository]: of, [META.environment]: environment } = job.Meta ?? {};
    return !job.ParentID && isOf(repository, { repository: of }) && environment === 'review' && recordOf(job) === undefined ? [job.ID] : [];
  });
}

/** Returns the reason to remove a review app; undefined when it stays. `ttlMs` is the longest time without a registration. */
export function whyRemove(app: ReviewApp, { exists, pullRequests }: Ref, ttlMs: number | undefined, nowMs: number): string | undefined {
  if (ttlMs !== undefined && nowMs - app.registeredAtMs > ttlMs) {
    const days = (nowMs - app.registeredAtMs) / 86400000;
    return `nothing was registered for ${days < 2 ? `${Math.floor(days * 24)} hours` : `${Math.floor(days)} days`}`;
  }
  // GitHub answers `owner:branch` with the pull requests of all repositories of that owner. `repo` is null for a deleted fork.
  const isFork = app.head !== app.owner.repository.toLowerCase();
  const own = pullRequests.filter(({ head: { repo } }) => (repo === null ? isFork : repo.full_name.toLowerCase() === app.head));
  if (own.some(({ state }) => state === 'open')) return undefined;
  if (!exists) return `the ${app.kind} was deleted`;
  const [last] = [...own].sort((a, b) => b.number - a.number);
  return last === undefined ? undefined : `its pull request #${last.number} is closed`;
}

function isOf(repository: string, owner: { readonly repository: string | undefined }): boolean {
  return owner.repository?.toLowerCase() === repository.toLowerCase();
}
