import { relative } from 'node:path';
import { ActionError } from '../errors.ts';
import type { Context } from '../github/index.ts';
import { type BuildFiles, deployedSuffix, type Inputs, untrustedEvents } from '../inputs/index.ts';
import { hasOwnJob, type Target } from '../target/index.ts';
import { isContentTag, isTagAlone, parseReference, repositoryOf, type Trust } from '../text/index.ts';

/** The image that the job runs. */
export interface Image {
  /** Always by content: `name@sha256:…`, or `name:sha256-…` for one that is in the local engine only. */
  readonly reference: string;
  /** The processors that it is for, in Go's names; none: not known. */
  readonly architectures: readonly string[];
  /** Tags that follow once it is tested, whole references. */
  readonly pendingTags: readonly string[];
  /** Whether this run built it. */
  readonly isNew: boolean;
  /** The run that built it, and its commit; undefined when nobody knows. */
  readonly builtBy?: { readonly run?: string; readonly revision?: string };
  /** The image that this run built or found, where another one is taken for it: see `keepRunning`. */
  readonly unused?: string;
  /** What makes docker use the login to its registry. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What is to be done for the image, decided before anything is built. */
export type ImagePlan =
  /** The job spec names its own images. */
  | { readonly kind: 'none' }
  /** Deploy an image that exists. */
  | { readonly kind: 'existing'; readonly reference: string }
  | BuildPlan;

/** An image to build; `name` is the repository, without tag, and has at least one of the tags, which are whole references. */
export interface BuildPlan {
  readonly kind: 'build';
  readonly name: string;
  readonly tags: readonly string[];
  readonly dockerfile: string;
  readonly contextFolder: string;
  /** Secrets that are files of the workspace, by id. */
  readonly secretFiles: Readonly<Record<string, string>>;
  /** The commit; empty when it is not known. */
  readonly commit: string;
  /** The repository's address. */
  readonly source: string;
  readonly runUrl: string;
  /** Whose run this is, which decides which images of the same content it takes, and which later runs take this one. */
  readonly trust: Trust;
}

/**
 * Decides between building, an existing image and none. `needsImage` is false when the spec is the repository's own and may name its images itself.
 * Throws `input-invalid` when an image is needed and there is neither a Dockerfile nor an `image`, when `build: true` has no Dockerfile, and when
 * none of `tags` is of `image`.
 */
export function planImage(
  inputs: Pick<Inputs, 'build' | 'image' | 'imageKey' | 'tags' | 'registry' | 'vars'>,
  files: BuildFiles,
  needsImage: boolean,
  target: Pick<Target, 'refSlug' | 'environment'>,
  context: Context,
  workspace: string,
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
        hint: 'Add a Dockerfile (or name it with `file`), or set `image` to what is to be deployed.',
      },
    );
  }
  if (!files.dockerfileExists) {
    throw new ActionError('input-invalid', `\`file\`: there is no ${dockerfile} in the workspace`, {
      hint: 'Is the repository checked out (actions/checkout), and is the name spelt as in the repository?',
    });
  }
  // The commit of these is the base or the default branch's, whatever was checked out.
  const commit = context.eventName === 'pull_request_target' || isOfNoBranch(context) ? '' : context.sha;
  const { runUrl, repository } = context;
  return {
    kind: 'build',
    ...nameOf(inputs, target, { ...context, sha: commit }),
    dockerfile: files.dockerfile,
    contextFolder: files.contextFolder,
    secretFiles: files.secretFiles,
    commit,
    source: runUrl.slice(0, runUrl.lastIndexOf(`/${repository}/`) + repository.length + 1),
    runUrl,
    trust: trustOf(context, target.environment),
  };
}

/**
 * Returns the trust in a run's code: `trusted` for the environments that are not review apps, where the repository decides who reviews code before it is
 * deployed. A branch with a job of its own, the events that a stranger can cause, and pull requests are at most `review`, whatever environment the workflow
 * names.
 */
function trustOf(context: Context, environment: Target['environment']): Trust {
  const { fromFork, eventName, followsDefault } = context;
  if (fromFork) return 'fork';
  const followsOther = eventName === 'workflow_run' && !followsDefault;
  return hasOwnJob(environment) || eventName.startsWith('pull_request') || followsOther || isOfNoBranch(context) ? 'review' : 'trusted';
}

/**
 * Whether the run is for no branch or pull request that it could be named by: a comment, whose branch is always the default one, and a run that follows
 * another of a fork, whose branch may be called `main` there, or another of a tag that is called so.
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
  // A tag alone is of the image; a whole reference may be of another repository, and names the image where nothing else does.
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
    throw new ActionError('input-invalid', `${JSON.stringify(wrong)} is not a name that an image can have`, {
      hint: 'Set `image` to a name of small letters, digits, dots, dashes and underscores, such as ghcr.io/acme/shop.',
    });
  }
  if (own !== undefined && isContentTag(own.tag)) {
    throw new ActionError('input-invalid', `\`image\`: the tag ${own.tag} is one of the action's own, by which it finds images again`, {
      hint: 'Use a tag that does not begin with content-, or set `build: false` to deploy that image.',
    });
  }
  if (!references.some((reference) => parseReference(reference)?.name === name)) {
    throw new ActionError('input-invalid', `\`tags\`: none is of ${name}, which \`image\` names`, {
      hint: 'A tag alone, such as `1.2`, is one of `image`; without `image`, the first of `tags` names what the job runs.',
    });
  }
  return { name, tags: [...new Set(references)] };
}

/**
 * The tags of an event: of a version `v1.2.3` what semantic versioning makes of it, of a pull request its number (its branch may have the name of
 * any of ours), else the branch; and the commit. What is of no branch has the run's number. With `NOMAD_VAR_SERVERLESS`, what runs elsewhere gets the default branch as `latest`.
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
  // A version before the first promises nothing by its major number, and a pre-release is no version of its series.
  return prerelease === undefined ? [whole, `${major}.${minor}`, major === '0' ? '' : major] : [`${whole}${prerelease}`];
}

/**
 * Whether the name of a branch or git tag would be a tag that something else gives an image: a content, a commit, a pull request, a version, or a
 * branch that others pull by its name. With BUILD_DEPLOY, these have an ending of their own.
 */
function isOthers(slug: string, refType: Context['refType'], defaultBranch: string | undefined): boolean {
  const bare = slug.replace(/-deploy$/, '');
  const isBranch = ['main', 'master', 'staging', 'production', defaultBranch].includes(bare);
  return /^(content|digest|sha|pr|run|branch|tag)-|^(latest|\d+)$/.test(bare) || (isBranch && (refType === 'tag' || bare !== slug));
}
