import { glob, realpath, stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { ActionError } from '../errors.ts';
import { linesOf, readBlocks } from '../text/index.ts';
import { confine, readInside } from './confine.ts';
import { pemPaths } from './pem.ts';
import type { Inputs } from './types.ts';

/** A job spec of the repository, or the built-in template. */
export interface SpecPath {
  /** Undefined: the built-in template. */
  readonly path: string | undefined;
  /** Files that add to the built-in template or to a `project.nomad`. */
  readonly fragments: Readonly<Partial<Record<FragmentKind, string>>>;
}

/** A file beside a job spec that is inserted into it. */
export type FragmentKind = 'vars' | 'job' | 'group';

/** The files of the repository that a run reads; all paths absolute, existing or not, and inside the workspace. */
export interface RepositoryFiles extends BuildFiles {
  /** At least one; each is a job. */
  readonly specs: readonly SpecPath[];
  readonly varFiles: readonly string[];
  /** Files of certificates and keys, by the input or the environment variable that names them. */
  readonly pemFiles: Readonly<Record<string, string>>;
}

/** A pattern with more takes seconds for a file name that is made for it. */
const MAX_STARS = 3;
const MAX_BRACES = 3;

function isModest(pattern: string): boolean {
  if (pattern.length > 500) return false;
  const stars = Math.max(...pattern.split('/').map((name) => name.split('*').length - 1));
  const braces = pattern.split('{').length - 1;
  // `..` between braces is checked only after the braces are expanded, so it is refused.
  return stars <= MAX_STARS && braces <= MAX_BRACES && !pattern.includes('(') && !(braces > 0 && pattern.includes('..'));
}

/** Nomad takes no job of more than a megabyte. */
const MAX_FRAGMENT_BYTES = 1024 * 1024;

const FRAGMENTS = ['vars', 'job', 'group'] as const satisfies readonly FragmentKind[];

/**
 * Finds the Dockerfile, the build context, the job specs (paths or globs) and the variable files. No path may leave the workspace, not even through a link;
 * only an environment variable for TLS may name a file of the machine, by its absolute path. Throws `input-invalid` for a path outside of the workspace, for a
 * missing `job`, variable file or `context`, and for a glob without a match.
 */
export async function findFiles(
  inputs: Pick<Inputs, 'workingDirectory' | 'context' | 'file' | 'buildSecrets' | 'ssh' | 'jobs' | 'varFiles' | 'nomadTls'> &
    Partial<Pick<Inputs, 'command' | 'format'>>,
  workspace: string,
): Promise<RepositoryFiles> {
  const root = await realpath(workspace);
  const { inside, must } = confine(root, inputs.workingDirectory);
  await must('working-directory', '.');
  const contextFolder = await must('context', inputs.context);
  const dockerfile = await inside('file', inputs.file ?? `${inputs.context}/Dockerfile`);
  const secretFiles: Record<string, string> = {};
  for (const [id, from] of Object.entries(inputs.buildSecrets)) {
    if ('file' in from) secretFiles[id] = await must('build-secrets', from.file);
  }
  const sshFiles: Record<string, string> = {};
  for (const [id, from] of Object.entries(inputs.ssh)) {
    // Keys and sockets of a runner are outside of its checkouts.
    if (from !== 'agent' && 'file' in from)
      sshFiles[id] = isAbsolute(from.file) ? await existing('ssh', from.file) : await must('ssh', from.file);
  }
  const pemFiles: Record<string, string> = {};
  for (const { value, source } of pemPaths(inputs.nomadTls)) {
    const ofMachine = isAbsolute(value) && source.startsWith('NOMAD_');
    pemFiles[source] = ofMachine ? await existing(source, value) : await must(source, value);
  }
  const own = await inside('job', 'project.nomad');
  const fragments: Partial<Record<FragmentKind, string>> = {};
  for (const kind of FRAGMENTS) {
    const found = await inside('job', `${kind}.nomad`);
    if (found.exists) fragments[kind] = found.path;
  }
  const isWhole = async (path: string | undefined): Promise<boolean> =>
    path !== undefined && wholeJob((await readInside(path, workspace, MAX_FRAGMENT_BYTES)).toString('utf8')) !== undefined;
  const matching = async (input: string, pattern: string): Promise<string[]> => {
    const named = await inside(input, pattern);
    // A path may have the characters of a glob in it.
    if (named.exists || !/[*?[{]/.test(pattern)) return [await must(input, pattern)];
    if (!isModest(pattern)) {
      throw new ActionError('input-invalid', `\`${input}\`: the pattern has too many stars or braces, or has parentheses or \`..\``, {
        hint: `A pattern has at most ${MAX_STARS} stars in a name and ${MAX_BRACES} braces, such as \`apps/*/*.{nomad,hcl}\`.`,
      });
    }
    const found = await Array.fromAsync(
      glob(pattern, { cwd: resolve(root, inputs.workingDirectory), exclude: (name) => /(^|\/)(node_modules|\.git)$/.test(name) }),
    );
    // A fragment is not a job; but many repositories have a whole job in `job.nomad`.
    const parts = await Promise.all(FRAGMENTS.map(async (kind) => ((await isWhole(fragments[kind])) ? undefined : `${kind}.nomad`)));
    const jobs = found.filter((name) => !parts.includes(name)).sort();
    if (jobs.length > 0) return Promise.all(jobs.map(async (name) => must(input, name)));
    throw new ActionError('input-invalid', `\`${input}\`: no file matches ${pattern}`, {
      hint: 'Patterns are relative to the working directory: `jobs/*.nomad`, or `**/*.nomad` for all folders.',
    });
  };
  const all = async (input: string, patterns: readonly string[]): Promise<string[]> => [
    ...new Set((await Promise.all(patterns.map(async (pattern) => matching(input, pattern)))).flat()),
  ];
  // `render --format=hcl > project.nomad` has the shell make an empty file first.
  const isAwaited = inputs.command === 'render' && inputs.format === 'hcl' && own.exists && (await stat(own.path)).size === 0;
  const named = inputs.jobs.length === 0 && own.exists && !isAwaited ? [own.path] : await all('job', inputs.jobs);
  return {
    specs:
      named.length === 0
        ? [{ path: undefined, fragments }]
        : named.map((path) => ({ path, fragments: path === own.path ? withoutJobs(fragments, named) : {} })),
    varFiles: await all('var-files', inputs.varFiles),
    contextFolder,
    dockerfile: dockerfile.path,
    dockerfileExists: dockerfile.exists,
    secretFiles,
    sshFiles,
    pemFiles,
  };
}

/** Returns the fragments that are not deployed as jobs of their own. */
function withoutJobs(fragments: SpecPath['fragments'], jobs: readonly string[]): SpecPath['fragments'] {
  return Object.fromEntries(Object.entries(fragments).filter(([, path]) => !jobs.includes(path)));
}

async function existing(variable: string, path: string): Promise<string> {
  if ((await realpath(path).catch(() => undefined)) !== undefined) return path;
  throw new ActionError('input-invalid', `\`${variable}\`: there is no file ${path} on this machine`);
}

/** The files of a build; paths are absolute and in the workspace. */
export interface BuildFiles {
  readonly dockerfile: string;
  readonly dockerfileExists: boolean;
  readonly contextFolder: string;
  /** Build secrets that are files, by id. */
  readonly secretFiles: Readonly<Record<string, string>>;
  /** SSH keys and sockets of agents that are files, by id. */
  readonly sshFiles: Readonly<Record<string, string>>;
}

/** Returns the place of the `job` block of a whole job; undefined for a part of one. */
export function wholeJob(text: string): { readonly line: number; readonly column: number } | undefined {
  const block = readBlocks(text).blocks.find(({ type, labels }) => type === 'job' && labels.length === 1);
  return block && linesOf(text)(block.at);
}
