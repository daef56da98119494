import { relative } from 'node:path';
import type { Context } from '../context.ts';
import { ActionError } from '../errors.ts';
import { deployedSuffix } from '../image-values.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Target } from '../target.ts';

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
}

/** What the workspace holds; paths are absolute and confined to it. */
export interface BuildFiles {
  readonly dockerfile: string;
  readonly dockerfileExists: boolean;
  readonly contextFolder: string;
  /** Build secrets that are files, by id. */
  readonly secretFiles: Readonly<Record<string, string>>;
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
  target: Pick<Target, 'refSlug'>,
  context: Context,
  workspace: string,
): ImagePlan {
  const { image, build } = inputs;
  const dockerfile = relative(workspace, files.dockerfile);
  if (build === false || image?.includes('@sha256:') === true || (build === 'auto' && !files.dockerfileExists)) {
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
  // The commit of a `pull_request_target` is the base branch's, whatever was checked out.
  const commit = context.eventName === 'pull_request_target' ? '' : context.sha;
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
  };
}

function nameOf(
  { image, imageKey, tags, registry, vars }: Pick<Inputs, 'image' | 'imageKey' | 'tags' | 'registry' | 'vars'>,
  target: Pick<Target, 'refSlug'>,
  context: Context,
): Pick<BuildPlan, 'name' | 'tags'> {
  const own = image === undefined ? undefined : splitReference(image);
  // A tag alone is of the image; a whole reference may be of another repository, and names the image where nothing else does.
  const whole = tags.find((tag) => /[/:]/.test(tag));
  const name =
    own?.name ??
    (whole === undefined
      ? `${registry}/${context.repository}${imageKey === undefined ? '' : `/${imageKey}`}`.toLowerCase()
      : splitReference(whole).name);
  const alone = tags.length > 0 || own?.tag !== undefined ? [own?.tag ?? ''] : eventTags(target, context, vars);
  const references = [
    ...alone.filter((tag) => tag !== '').map((tag) => `${name}:${tag}`),
    ...tags.map((tag) => (/[/:]/.test(tag) ? (splitReference(tag).tag === undefined ? `${tag}:latest` : tag) : `${name}:${tag}`)),
  ];
  if (!references.some((reference) => splitReference(reference).name === name)) {
    throw new ActionError('input-invalid', `\`tags\`: none is of ${name}, which \`image\` names`, {
      hint: 'A tag alone, such as `1.2`, is one of `image`; without `image`, the first of `tags` names what the job runs.',
    });
  }
  return { name, tags: [...new Set(references)] };
}

/**
 * The tags of an event: of a version `v1.2.3` what semantic versioning makes of it, of a pull request its number (its branch may have the name of
 * any of ours), else the branch; and the commit. With `NOMAD_VAR_SERVERLESS`, what runs elsewhere gets the default branch as `latest`.
 */
function eventTags({ refSlug }: Pick<Target, 'refSlug'>, context: Context, vars: Inputs['vars']): string[] {
  const { ref, refType, pullRequest, sha, defaultBranch } = context;
  const latest = refType === 'branch' && ref === (defaultBranch ?? 'main') && (vars['SERVERLESS'] ?? '').trim() !== '';
  const ofCommit = sha === '' ? '' : `sha-${sha.slice(0, 7)}`;
  const ofRef = pullRequest !== undefined ? [`pr-${pullRequest}`] : [...refTags(refSlug, ref, refType), ...(latest ? ['latest'] : [])];
  return [...ofRef, ofCommit].map((tag) => (tag === '' ? '' : `${tag}${deployedSuffix(vars)}`));
}

function refTags(slug: string, ref: string, refType: Context['refType']): string[] {
  const [, major = '', minor, patch, prerelease] =
    (refType === 'tag' && /^v?(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?(?:\+.*)?$/.exec(ref)) || [];
  if (patch === undefined) return [slug];
  const whole = `${major}.${minor}.${patch}`;
  // A version before the first promises nothing by its major number, and a pre-release is no version of its series.
  return prerelease === undefined ? [whole, `${major}.${minor}`, major === '0' ? '' : major] : [`${whole}${prerelease}`];
}

/** `host:5000/app:1` is the name `host:5000/app` and the tag `1`. */
export function splitReference(reference: string): { name: string; tag: string | undefined } {
  const at = reference.indexOf(':', reference.lastIndexOf('/') + 1);
  return at < 0 ? { name: reference, tag: undefined } : { name: reference.slice(0, at), tag: reference.slice(at + 1) };
}
