import { ActionError } from '../errors.ts';
import type { Env } from '../runtime/runtime.ts';
import { textAt, valueAt } from '../text/index.ts';

/** What the workflow run is about, as far as the runner and the event tell. */
export interface Context {
  /** `owner/name`, as GitHub spells it. */
  readonly repository: string;
  /**
   * The branch or tag that the run is for; of a pull request its head branch, of a `workflow_run` the branch of the run that it follows, of the event
   * `delete` the one that is gone.
   */
  readonly ref: string;
  readonly refType: 'branch' | 'tag';
  readonly sha: string;
  /** The commit that people know: of a pull request the last one of its branch, where `sha` is that of a merge nobody made. */
  readonly headSha: string;
  /** The commit that the event's changes are counted from: the one before a push, the base of a pull request; undefined when there is none. */
  readonly baseSha: string | undefined;
  /** The number of the pull request that the run is for. */
  readonly pullRequest: number | undefined;
  readonly defaultBranch: string | undefined;
  /** A pull request of another repository's branch, or a `workflow_run` that follows a run for one. */
  readonly fromFork: boolean;
  /** The repository that the code is from, `owner/name`, as far as the event tells. */
  readonly headRepository: string | undefined;
  /**
   * Of a `workflow_run`, whether the run that it follows was for a commit that the default branch is known to have. The event names the ref of that run, and
   * does not tell a tag from a branch: whoever may push a tag can call it by the name of the default branch.
   */
  readonly followsDefault: boolean;
  /** The commit of the run that a `workflow_run` follows. */
  readonly followedSha: string | undefined;
  readonly eventName: string;
  readonly actor: string;
  readonly runId: string;
  /** The number that people see, which begins with 1 for each workflow. */
  readonly runNumber: string;
  readonly runAttempt: string;
  readonly runUrl: string;
  /** `Organization` or `User`, where the event tells. */
  readonly ownerType: string | undefined;
  /** GitHub's REST API; a GitHub Enterprise Server has its own. */
  readonly apiUrl: string;
  /** Whether the commit that is checked out is one that the event names; `unknown` where the workspace is no Git repository. */
  readonly checkout: 'event' | 'other' | 'unknown';
  /** Whether the checkout is proven to be the default branch's, so that its configuration file counts as a whole. */
  readonly isDefaultCheckout: boolean;
}

/**
 * Reads the context from the runner's default variables and the event payload; `heads` are the commits that its files are checked out at, none where that is not known, and
 * `ofDefault` are commits of the default branch, where GitHub was asked: its last one, which a run that was started earlier may have checked out, and that of
 * the run that a `workflow_run` follows.
 * Throws an `input-invalid` error when a variable that GitHub always sets is missing, since then nothing can be named.
 * See https://docs.github.com/actions/reference/workflows-and-actions/variables
 */
export function readContext(env: Env, event: unknown, heads: readonly string[] = [], ofDefault: readonly string[] = []): Context {
  const need = (name: string): string => {
    const value = env[name];
    if (value === undefined || value === '') {
      throw new ActionError('input-invalid', `the environment variable ${name} is not set`, {
        hint: 'GitHub sets it in every workflow; elsewhere set it yourself.',
      });
    }
    return value;
  };
  const repository = need('GITHUB_REPOSITORY');
  const runId = env['GITHUB_RUN_ID'] || '0';
  const server = env['GITHUB_SERVER_URL'] || 'https://github.com';
  const eventName = env['GITHUB_EVENT_NAME'] || '';
  // Whose code it is, where that may be a stranger's: of an event that does not say so, nobody knows.
  const source =
    eventName === 'workflow_run'
      ? ['workflow_run', 'head_repository']
      : isPullRequest(event)
        ? ['pull_request', 'head', 'repo']
        : undefined;
  const headRepository = source === undefined ? undefined : textAt(event, ...source, 'full_name');
  // GITHUB_REF_NAME of a pull request is `7/merge`, no branch that anybody knows; of a review of one there is no GITHUB_HEAD_REF either.
  // That of a `workflow_run` is the default branch, whatever branch the run was for that it follows.
  const branch =
    eventName === 'workflow_run'
      ? textAt(event, 'workflow_run', 'head_branch')
      : env['GITHUB_HEAD_REF'] || (eventName.startsWith('pull_request') ? textAt(event, 'pull_request', 'head', 'ref') : undefined);
  // So is that of `delete`, since the one that the event is about is gone.
  const deleted = eventName === 'delete' ? textAt(event, 'ref') : undefined;
  const ref = branch ?? deleted ?? need('GITHUB_REF_NAME');
  const number = valueAt(event, 'pull_request', 'number');
  const tagged =
    deleted === undefined
      ? env['GITHUB_REF_TYPE'] === 'tag' || env['GITHUB_REF']?.startsWith('refs/tags/') === true
      : textAt(event, 'ref_type') === 'tag';
  const sha = env['GITHUB_SHA'] || '';
  // The event of a schedule tells no repository, but it runs on the default branch only.
  const defaultBranch = textAt(event, 'repository', 'default_branch') ?? (eventName === 'schedule' ? ref : undefined);
  const followedSha = eventName === 'workflow_run' ? textAt(event, 'workflow_run', 'head_sha') : undefined;
  const named = [sha, textAt(event, 'pull_request', 'head', 'sha'), followedSha, ...(ref === defaultBranch ? ofDefault : [])];
  const about: Omit<Context, 'isDefaultCheckout'> = {
    repository,
    ref,
    refType: branch === undefined && tagged ? 'tag' : 'branch',
    sha,
    headSha: textAt(event, 'pull_request', 'head', 'sha') ?? sha,
    baseSha: baseOf(event, eventName),
    pullRequest: eventName.startsWith('pull_request') && typeof number === 'number' ? number : undefined,
    defaultBranch,
    fromFork: source !== undefined && headRepository?.toLowerCase() !== repository.toLowerCase(),
    headRepository,
    // GITHUB_SHA of that event is the last commit of the default branch.
    followsDefault: ref === defaultBranch && followedSha !== undefined && [sha, ...ofDefault].includes(followedSha),
    followedSha,
    eventName,
    actor: env['GITHUB_ACTOR'] || '',
    runId,
    runNumber: env['GITHUB_RUN_NUMBER'] || runId,
    runAttempt: env['GITHUB_RUN_ATTEMPT'] || '1',
    runUrl: `${server}/${repository}/actions/runs/${runId}`,
    ownerType: textAt(event, 'repository', 'owner', 'type'),
    apiUrl: env['GITHUB_API_URL'] || 'https://api.github.com',
    checkout: heads.length === 0 ? 'unknown' : heads.every((head) => head !== '' && named.includes(head)) ? 'event' : 'other',
  };
  return { ...about, isDefaultCheckout: isDefaultCheckout(about) };
}

/** Whether the checkout of a run is the default branch's, see `isDefaultCheckout`. */
export function onDefaultBranch(context: Context): boolean {
  return context.isDefaultCheckout;
}

/**
 * Whether the checkout is proven to be the default branch's (`main` or `master` where the event does not name it). GITHUB_SHA of a push is the commit that
 * was pushed, and actions/checkout takes it unless it is told otherwise. A schedule and `workflow_dispatch` often check out what somebody asked for: there
 * HEAD has to be known. GITHUB_REF of most other events is the default branch too, whatever is checked out.
 */
function isDefaultCheckout({ ref, refType, defaultBranch, fromFork, eventName, checkout }: Omit<Context, 'isDefaultCheckout'>): boolean {
  if (fromFork || refType !== 'branch') return false;
  if (defaultBranch === undefined ? ref !== 'main' && ref !== 'master' : ref !== defaultBranch) return false;
  if (eventName === 'push') return checkout !== 'other';
  return (eventName === 'schedule' || eventName === 'workflow_dispatch') && checkout === 'event';
}

/** A push of a new branch has zeros for the commit before it. */
function baseOf(event: unknown, eventName: string): string | undefined {
  const sha = eventName.startsWith('pull_request')
    ? textAt(event, 'pull_request', 'base', 'sha')
    : eventName === 'merge_group'
      ? textAt(event, 'merge_group', 'base_sha')
      : eventName === 'push'
        ? textAt(event, 'before')
        : undefined;
  return sha !== undefined && /^[0-9a-f]{40,64}$/.test(sha) && !/^0+$/.test(sha) ? sha : undefined;
}

function isPullRequest(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'pull_request' in event;
}
