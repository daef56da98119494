import { ActionError } from '../errors.ts';
import type { Env } from '../runtime/runtime.ts';
import { textAt, valueAt } from '../text/index.ts';

/** The state of the checkout of a run in a terminal. */
export interface LocalState {
  /** Files differ from the commit, or are not in it. */
  readonly changed: boolean;
  /** The remote has the commit. */
  readonly pushed: boolean;
  /** The checkout is the last commit of the default branch, without changes. */
  readonly isDefault: boolean;
}

/** The run of a workflow or in a terminal, from the runner's variables and the event. */
export interface Context {
  /** `owner/name`, as GitHub spells it. */
  readonly repository: string;
  /**
   * The branch or tag of the run: for a pull request its head branch, for a `workflow_run` the branch of the followed run, for the event `delete` the deleted
   * one.
   */
  readonly ref: string;
  readonly refType: 'branch' | 'tag';
  readonly sha: string;
  /** The commit for people: for a pull request the last one of its branch, while `sha` is GitHub's merge commit. */
  readonly headSha: string;
  /** The base of the event's changes: the commit before a push, or the base of a pull request; undefined when there is none. */
  readonly baseSha: string | undefined;
  /** The number of the pull request of the run. */
  readonly pullRequest: number | undefined;
  readonly defaultBranch: string | undefined;
  /** True when the code is from a fork: a pull request of another repository, or a `workflow_run` after one. */
  readonly fromFork: boolean;
  /** The repository of the code, `owner/name`; undefined where the event does not name it. */
  readonly headRepository: string | undefined;
  /**
   * For a `workflow_run`, whether the followed run was for a known commit of the default branch. The name of its ref is no proof: a tag can have the name of the
   * default branch.
   */
  readonly followsDefault: boolean;
  /** The commit of the followed run, for a `workflow_run`. */
  readonly followedSha: string | undefined;
  readonly eventName: string;
  readonly actor: string;
  readonly runId: string;
  /** The number of the run within its workflow, from 1. */
  readonly runNumber: string;
  readonly runAttempt: string;
  /** The address of the workflow run; undefined in a terminal. */
  readonly runUrl: string | undefined;
  /** The address of the repository. */
  readonly repositoryUrl: string;
  /** The checkout of a run in a terminal; undefined in a workflow. */
  readonly terminal?: LocalState;
  /** `Organization` or `User`; undefined where the event does not name it. */
  readonly ownerType: string | undefined;
  /** The address of the REST API. */
  readonly apiUrl: string;
  /** True when the checked-out commit is one of the event; `unknown` for a workspace without Git. */
  readonly checkout: 'event' | 'other' | 'unknown';
  /** True when the checkout is proven to be the default branch's, so that all keys of its configuration file count. */
  readonly isDefaultCheckout: boolean;
}

/**
 * Reads the context from the runner's default variables and the event payload. `heads` are the checked-out commits, none where unknown. `ofDefault` are known
 * commits of the default branch from GitHub: its last one, and that of the followed run.
 * Throws `input-invalid` when a variable that GitHub always sets is missing.
 * See https://docs.github.com/actions/reference/workflows-and-actions/variables
 */
export function readContext(env: Env, event: unknown, heads: readonly string[] = [], ofDefault: readonly string[] = []): Context {
  const repository = needed(env, 'GITHUB_REPOSITORY');
  const runId = env['GITHUB_RUN_ID'] || '0';
  const server = env['GITHUB_SERVER_URL'] || 'https://github.com';
  const eventName = env['GITHUB_EVENT_NAME'] || '';
  const { ref, refType } = refOf(env, event, eventName);
  const number = valueAt(event, 'pull_request', 'number');
  const sha = env['GITHUB_SHA'] || '';
  // The event of a schedule has no repository, but runs on the default branch only.
  const defaultBranch = textAt(event, 'repository', 'default_branch') ?? (eventName === 'schedule' ? ref : undefined);
  const followedSha = eventName === 'workflow_run' ? textAt(event, 'workflow_run', 'head_sha') : undefined;
  const terminal = eventName === '' ? localState(event) : undefined;
  const named = [sha, textAt(event, 'pull_request', 'head', 'sha'), followedSha, ...(ref === defaultBranch ? ofDefault : [])];
  const about: Omit<Context, 'isDefaultCheckout'> = {
    repository,
    ref,
    refType,
    sha,
    headSha: textAt(event, 'pull_request', 'head', 'sha') ?? sha,
    baseSha: baseOf(event, eventName),
    pullRequest: eventName.startsWith('pull_request') && typeof number === 'number' ? number : undefined,
    defaultBranch,
    ...sourceOf(event, eventName, repository),
    // For a `workflow_run`, GITHUB_SHA is the last commit of the default branch.
    followsDefault: ref === defaultBranch && followedSha !== undefined && [sha, ...ofDefault].includes(followedSha),
    followedSha,
    eventName,
    actor: env['GITHUB_ACTOR'] || '',
    runId,
    runNumber: env['GITHUB_RUN_NUMBER'] || runId,
    runAttempt: env['GITHUB_RUN_ATTEMPT'] || '1',
    runUrl: terminal === undefined ? `${server}/${repository}/actions/runs/${runId}` : undefined,
    repositoryUrl: `${server}/${repository}`,
    ...(terminal === undefined ? {} : { terminal }),
    ownerType: textAt(event, 'repository', 'owner', 'type'),
    apiUrl: env['GITHUB_API_URL'] || 'https://api.github.com',
    checkout: heads.length === 0 ? 'unknown' : heads.every((head) => head !== '' && named.includes(head)) ? 'event' : 'other',
  };
  return { ...about, isDefaultCheckout: isDefaultCheckout(about) };
}

/** Returns the state of the checkout, which the terminal program passes on as a part of its event. */
function localState(event: unknown): LocalState | undefined {
  if (typeof valueAt(event, 'terminal') !== 'object') return undefined;
  const is = (name: keyof LocalState): boolean => valueAt(event, 'terminal', name) === true;
  return { changed: is('changed'), pushed: is('pushed'), isDefault: is('isDefault') };
}

/** Returns an environment variable that GitHub always sets. Throws `input-invalid` when it is missing. */
function needed(env: Env, name: string): string {
  const value = env[name];
  if (value === undefined || value === '') {
    throw new ActionError('input-invalid', `the environment variable ${name} is not set`, {
      hint: `GitHub sets ${name} in every workflow. Outside of GitHub, set ${name} yourself.`,
    });
  }
  return value;
}

/**
 * Returns the branch or tag of the run. GITHUB_REF_NAME is no branch of the code in some events: for a pull request it is `7/merge` (and its reviews have no
 * GITHUB_HEAD_REF), for `workflow_run` and `delete` it is the default branch.
 */
function refOf(env: Env, event: unknown, eventName: string): Pick<Context, 'ref' | 'refType'> {
  const branch =
    eventName === 'workflow_run'
      ? textAt(event, 'workflow_run', 'head_branch')
      : env['GITHUB_HEAD_REF'] || (eventName.startsWith('pull_request') ? textAt(event, 'pull_request', 'head', 'ref') : undefined);
  if (branch !== undefined) return { ref: branch, refType: 'branch' };
  const deleted = eventName === 'delete' ? textAt(event, 'ref') : undefined;
  const tagged =
    deleted === undefined
      ? env['GITHUB_REF_TYPE'] === 'tag' || env['GITHUB_REF']?.startsWith('refs/tags/') === true
      : textAt(event, 'ref_type') === 'tag';
  return { ref: deleted ?? needed(env, 'GITHUB_REF_NAME'), refType: tagged ? 'tag' : 'branch' };
}

/** Returns the repository of the code. Other events than pull requests and `workflow_run` do not name it. */
function sourceOf(event: unknown, eventName: string, repository: string): Pick<Context, 'fromFork' | 'headRepository'> {
  const path =
    eventName === 'workflow_run'
      ? ['workflow_run', 'head_repository']
      : isPullRequest(event)
        ? ['pull_request', 'head', 'repo']
        : undefined;
  const headRepository = path === undefined ? undefined : textAt(event, ...path, 'full_name');
  return { fromFork: path !== undefined && headRepository?.toLowerCase() !== repository.toLowerCase(), headRepository };
}

/** Returns the page of the attempt of a run; in a terminal that of the repository. */
export function runPage({ runUrl, runAttempt, repositoryUrl }: Pick<Context, 'runUrl' | 'runAttempt' | 'repositoryUrl'>): string {
  return runUrl === undefined ? repositoryUrl : `${runUrl}/attempts/${runAttempt}`;
}

/** Returns whether the checkout of a run is the default branch's. */
export function onDefaultBranch(context: Context): boolean {
  return context.isDefaultCheckout;
}

/**
 * Returns whether the checkout is proven to be the default branch's (`main` or `master` where the event does not name it). For a push, actions/checkout takes the
 * pushed commit by default. A schedule or `workflow_dispatch` often checks out another ref, so HEAD must be known. Other events prove nothing: their GITHUB_REF
 * is the default branch, whatever is checked out.
 */
function isDefaultCheckout({ terminal, ...context }: Omit<Context, 'isDefaultCheckout'>): boolean {
  const { ref, refType, defaultBranch, fromFork, eventName, checkout } = context;
  if (terminal !== undefined) return terminal.isDefault;
  if (fromFork || refType !== 'branch') return false;
  if (defaultBranch === undefined ? ref !== 'main' && ref !== 'master' : ref !== defaultBranch) return false;
  if (eventName === 'push') return checkout !== 'other';
  return (eventName === 'schedule' || eventName === 'workflow_dispatch') && checkout === 'event';
}

/** Returns the base commit of an event. A push of a new branch has zeros, and so no base. */
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
