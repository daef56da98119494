import { ActionError } from './errors.ts';
import { textAt, valueAt } from './json.ts';

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
  readonly eventName: string;
  readonly actor: string;
  readonly runId: string;
  readonly runAttempt: string;
  readonly runUrl: string;
  /** `Organization` or `User`, where the event tells. */
  readonly ownerType: string | undefined;
  /** GitHub's REST API; a GitHub Enterprise Server has its own. */
  readonly apiUrl: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the context from the runner's default variables and the event payload.
 * Throws an `input-invalid` error when a variable that GitHub always sets is missing, since then nothing can be named.
 * See https://docs.github.com/actions/reference/workflows-and-actions/variables
 */
export function readContext(env: Environment, event: unknown): Context {
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
  const about =
    eventName === 'workflow_run'
      ? ['workflow_run', 'head_repository']
      : isPullRequest(event)
        ? ['pull_request', 'head', 'repo']
        : undefined;
  const headRepository = about === undefined ? undefined : textAt(event, ...about, 'full_name');
  // GITHUB_REF_NAME of a pull request is `7/merge`, no branch that anybody knows; of a review of one there is no GITHUB_HEAD_REF either.
  // That of a `workflow_run` is the default branch, whatever branch the run was for that it follows.
  const head =
    eventName === 'workflow_run'
      ? textAt(event, 'workflow_run', 'head_branch')
      : env['GITHUB_HEAD_REF'] || (eventName.startsWith('pull_request') ? textAt(event, 'pull_request', 'head', 'ref') : undefined);
  // So is that of `delete`, since the one that the event is about is gone.
  const deleted = eventName === 'delete' ? textAt(event, 'ref') : undefined;
  const ref = head ?? deleted ?? need('GITHUB_REF_NAME');
  const number = valueAt(event, 'pull_request', 'number');
  const tagged =
    deleted === undefined
      ? env['GITHUB_REF_TYPE'] === 'tag' || env['GITHUB_REF']?.startsWith('refs/tags/') === true
      : textAt(event, 'ref_type') === 'tag';
  return {
    repository,
    ref,
    refType: head === undefined && tagged ? 'tag' : 'branch',
    sha: env['GITHUB_SHA'] || '',
    headSha: textAt(event, 'pull_request', 'head', 'sha') ?? (env['GITHUB_SHA'] || ''),
    baseSha: baseOf(event, eventName),
    pullRequest: eventName.startsWith('pull_request') && typeof number === 'number' ? number : undefined,
    // The event of a schedule tells no repository, but it runs on the default branch only.
    defaultBranch: textAt(event, 'repository', 'default_branch') ?? (eventName === 'schedule' ? ref : undefined),
    fromFork: about !== undefined && headRepository?.toLowerCase() !== repository.toLowerCase(),
    headRepository,
    eventName,
    actor: env['GITHUB_ACTOR'] || '',
    runId,
    runAttempt: env['GITHUB_RUN_ATTEMPT'] || '1',
    runUrl: `${server}/${repository}/actions/runs/${runId}`,
    ownerType: textAt(event, 'repository', 'owner', 'type'),
    apiUrl: env['GITHUB_API_URL'] || 'https://api.github.com',
  };
}

/** Whether the run is for what is on the default branch, as far as that is known: `main` and `master` where the event does not tell. */
export function onDefaultBranch({ ref, refType, defaultBranch, fromFork, eventName }: Context): boolean {
  if (fromFork || refType !== 'branch' || eventName.startsWith('pull_request')) return false;
  return defaultBranch === undefined ? ref === 'main' || ref === 'master' : ref === defaultBranch;
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
