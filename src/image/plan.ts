import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import { ActionError } from '../errors.ts';
import type { Context } from '../github/index.ts';
import { type BuildFiles, deployedSuffix, type Inputs, untrustedEvents } from '../inputs/index.ts';
import { hasOwnJob, type Target } from '../target/index.ts';
import { isContentTag, isTagAlone, parseReference, repositoryOf, slug, type Trust } from '../text/index.ts';

/** The image that the job runs. */
export interface Image {
  /** By content: `name@sha256:…`, or `name:sha256-…` for an image of the local engine. */
  readonly reference: string;
  /** The processors of the image, in Go's names; empty if unknown. */
  readonly architectures: readonly string[];
  /** Tags for the image once it is tested, as whole references. */
  readonly pendingTags: readonly string[];
  /** This run built it. */
  readonly isNew: boolean;
  /** The run that built it, and its commit; undefined if unknown. */
  readonly builtBy?: { readonly run?: string; readonly revision?: string };
  /** The image that this run built or found, if `keepRunning` replaced it. */
  readonly unused?: string;
  /** Environment variables by which docker finds the login to the registry. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The decision about the image, before anything is built. */
export type ImagePlan =
  /** The job spec names its own images. */
  | { readonly kind: 'none' }
  /** Deploy an image that exists. */
  | { readonly kind: 'existing'; readonly reference: string }
  | BuildPlan;

/** An image to build; `name` is the repository without tag. The tags are whole references, at least one of them of this repository. */
export interface BuildPlan {
  readonly kind: 'build';
  readonly name: string;
  readonly tags: readonly string[];
  readonly dockerfile: string;
  readonly contextFolder: string;
  /** Secrets that are files of the workspace, by id. */
  readonly secretFiles: Readonly<Record<string, string>>;
  /** SSH keys and sockets that are files, by id. */
  readonly sshFiles: Readonly<Record<string, string>>;
  /** The scopes of GitHub's cache: that of the branch, tag or pull request, then that of the default branch. None where a stranger may have written the code. */
  readonly cacheScopes: readonly string[];
  /** The commit; empty when it is not known. */
  readonly commit: string;
  /** The repository's address. */
  readonly source: string;
  /** Undefined in a terminal. */
  readonly runUrl: string | undefined;
  /** The trust in this run: it decides which images of the same content the run takes, and which later runs take this one. */
  readonly trust: Trust;
}

/** The run, as far as an image depends on it. */
interface Surroundings {
  readonly target: Pick<Target, 'refSlug' | 'environment'>;
  readonly context: Context;
  readonly workspace: string;
}

/**
 * Decides between building, an existing image and none. `needsImage` is false for a spec of the repository, which may name its images
 * itself. Throws `input-invalid` when an image is needed and there is neither a Dockerfile nor an `image`, when `build: true` has no
 * Dockerfile, and when none of `tags` belongs to `image`.
 */
export function planImage(
  inputs: Pick<Inputs, 'build' | 'image' | 'imageKey' | 'tags' | 'registry' | 'vars'>,
  files: BuildFiles,
  needsImage: boolean,
  { target, context, workspace }: Surroundings,
): ImagePlan {
  const { image, build } = inputs;
  const dockerfile = relative(workspace, files.dockerfile);
  if (
    build === false ||
    (image !== undefined && parseReference(image)?.digest !== undefined) ||
    (build === 'auto' && !files.dockerfileExists)
  ) {
    if (image !== undefined) return { kind: 'existing', reference: image };
    if (!needsImage) return { kind: 'none' };
    throw new ActionError(
      'input-invalid',
      build === false ? '`build` is false, and no `image` is given' : `there is no ${dockerfile}, and no \`image\` is given`,
      {
        hint: 'Add a Dockerfile (or name it with `file`), or set `image` to the image to deploy.',
      },
    );
  }
  if (!files.dockerfileExists) {
    throw new ActionError('input-invalid', `\`file\`: there is no ${dockerfile} in the workspace`, {
      hint: 'Check that the repository is checked out (actions/checkout), and that the name is spelt as in the repository.',
    });
  }
  const { runUrl, repositoryUrl, terminal } = context;
  // The commit of these events is that of the base or the default branch, whatever was checked out. A changed checkout is no commit.
  const isOther = context.eventName === 'pull_request_target' || isOfNoBranch(context) || terminal?.changed === true;
  const commit = isOther ? '' : context.sha;
  const named = nameOf(inputs, target, { ...context, sha: commit });
  return {
    kind: 'build',
    ...named,
    cacheScopes: cacheScopes(named.name, context),
    dockerfile: files.dockerfile,
    contextFolder: files.contextFolder,
    secretFiles: files.secretFiles,
    sshFiles: files.sshFiles,
    commit,
    source: repositoryUrl,
    runUrl,
    trust: trustOf(context, target.environment),
  };
}

/**
 * Returns the trust in a run's code. `trusted` is for environments other than review apps: the repository decides who reviews code before
 * it is deployed there. A branch with its own job, events that strangers can cause, pull requests, and builds on the machine of a person are
 * at most `review`, whatever environment is named.
 */
function trustOf(context: Context, environment: Target['environment']): Trust {
  const { fromFork, eventName, followsDefault, terminal } = context;
  if (fromFork) return 'fork';
  const followsOther = eventName === 'workflow_run' && !followsDefault;
  const isUnreviewed = eventName.startsWith('pull_request') || followsOther || isOfNoBranch(context) || terminal !== undefined;
  return hasOwnJob(environment) || isUnreviewed ? 'review' : 'trusted';
}

/**
 * Returns the scopes of GitHub's cache for an image. Runs of events such as `issue_comment` and `pull_request_target` write into the cache of the default branch,
 * whatever code they build, so they have none. GitHub keeps the caches of branches apart, and other servers of that cache need not. Some of them change the case of
 * a name, and BuildKit then cannot write it again: a scope has small letters, and a hash of the exact names.
 */
function cacheScopes(image: string, context: Context): string[] {
  const { eventName, fromFork, pullRequest, ref, refType, defaultBranch, terminal } = context;
  if (fromFork || isOfNoBranch(context) || eventName === 'pull_request_target' || terminal !== undefined) return [];
  const own = pullRequest === undefined ? `${refType}/${ref}` : `pull/${pullRequest}`;
  const all = defaultBranch === undefined ? [own] : [own, `branch/${defaultBranch}`];
  return [...new Set(all)].map((name) => {
    const whole = `nomad-deploy/${image}/${name}`;
    return `${slug(whole)}-${createHash('sha256').update(whole).digest('hex').slice(0, 8)}`;
  });
}

/**
 * Returns whether the run has no branch or pull request to name tags by: a comment's branch is always the default one, and a run that
 * follows one of a fork or a tag may have a branch called `main`.
 */
function isOfNoBranch({ eventName, fromFork, pullRequest, ref, defaultBranch, followsDefault }: Context): boolean {
  if (pullRequest !== undefined) return false;
  if (eventName === 'workflow_run' && ref === defaultBranch && !followsDefault) return true;
  return fromFork || (eventName !== 'workflow_run' && untrustedEvents.some((name) => name === eventName));
}

function nameOf(
  { image, imageKey, tags, registry, vars }: Pick<Inputs, 'image' | 'imageKey' | 'tags' | 'registry' | 'vars'>,
  target: Pick<Target, 'refSlug'>,
  context: Context,
): Pick<BuildPlan, 'name' | 'tags'> {
  const own = image === undefined ? undefined : parseReference(image);
  // A tag alone belongs to the image. A whole reference may be of another repository; without `image`, it names the image.
  const whole = tags.find((tag) => !isTagAlone(tag));
  const name =
    own?.name ??
    (whole === undefined
      ? `${registry}/${context.repository}${imageKey === undefined ? '' : `/${imageKey}`}`.toLowerCase()
      : repositoryOf(whole));
  const alone = tags.length > 0 || own?.tag !== undefined ? [own?.tag ?? ''] : eventTags(target, context, vars);
  const references = [
    ...alone.filter((tag) => tag !== '').map((tag) => `${name}:${tag}`),
    ...tags.map((tag) => (isTagAlone(tag) ? `${name}:${tag}` : parseReference(tag)?.tag === undefined ? `${tag}:latest` : tag)),
  ];
  const wrong = references.find((reference) => parseReference(reference) === undefined);
  if (wrong !== undefined) {
    throw new ActionError('input-invalid', `${JSON.stringify(wrong)} is not a valid name of an image`, {
      hint: 'Set `image` to a name of small letters, digits, dots, dashes and underscores, such as ghcr.io/acme/shop.',
    });
  }
  if (own !== undefined && isContentTag(own.tag)) {
    throw new ActionError(
      'input-invalid',
      `\`image\`: the tag ${own.tag} is reserved for the action, which finds images of the same content by it`,
      {
        hint: 'Use a tag that does not begin with content-, or set `build: false` to deploy that image.',
      },
    );
  }
  if (!references.some((reference) => parseReference(reference)?.name === name)) {
    throw new ActionError('input-invalid', `\`tags\`: no tag belongs to ${name}, the repository of \`image\``, {
      hint: 'A tag alone, such as `1.2`, belongs to `image`. Without `image`, the first of `tags` names the image of the job.',
    });
  }
  return { name, tags: [...new Set(references)] };
}

/**
 * Returns the tags of an event: the parts of a version `v1.2.3`, the number of a pull request (whose branch may have any name), else the
 * branch; and the commit. A run without a branch gets its run number. With `NOMAD_VAR_SERVERLESS`, the default branch is also `latest`.
 */
function eventTags({ refSlug }: Pick<Target, 'refSlug'>, context: Context, vars: Inputs['vars']): string[] {
  const { ref, refType, pullRequest, sha, defaultBranch, runId } = context;
  if (isOfNoBranch(context)) return [`run-${runId}${deployedSuffix(vars)}`];
  const latest = refType === 'branch' && ref === (defaultBranch ?? 'main') && (vars['SERVERLESS'] ?? '').trim() !== '';
  const ofCommit = sha === '' ? '' : `sha-${sha.slice(0, 7)}`;
  const ofRef = pullRequest !== undefined ? [`pr-${pullRequest}`] : [...refTags(refSlug, context), ...(latest ? ['latest'] : [])];
  return [...ofRef, ofCommit].map((tag) => (tag === '' ? '' : `${tag}${deployedSuffix(vars)}`));
}

function refTags(slug: string, { ref, refType, defaultBranch }: Context): string[] {
  const [, major = '', minor, patch, prerelease] =
    (refType === 'tag' && /^v?(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?(?:\+.*)?$/.exec(ref)) || [];
  if (patch === undefined) return [isOthers(slug, refType, defaultBranch) ? `${refType}-${slug}` : slug];
  const whole = `${major}.${minor}.${patch}`;
  // A major version of 0 promises no compatibility, and a pre-release is not a version of its series.
  return prerelease === undefined ? [whole, `${major}.${minor}`, major === '0' ? '' : major] : [`${whole}${prerelease}`];
}

/**
 * Returns whether the name of a branch or git tag equals a tag with another meaning: a content, a commit, a pull request, a version, or a
 * branch that others pull by name. With BUILD_DEPLOY, tags have an ending of their own.
 */
function isOthers(slug: string, refType: Context['refType'], defaultBranch: string | undefined): boolean {
  const bare = slug.replace(/-deploy$/, '');
  const isBranch = ['main', 'master', 'staging', 'production', defaultBranch].includes(bare);
  return /^(content|digest|sha|pr|run|branch|tag)-|^(latest|\d+)$/.test(bare) || (isBranch && (refType === 'tag' || bare !== slug));
}
