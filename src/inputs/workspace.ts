import { constants } from 'node:fs';
import { glob, open, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { ActionError, messageOf } from '../errors.ts';
import { linesOf, readBlocks } from '../text/index.ts';
import { pemPaths } from './pem.ts';
import type { Inputs } from './types.ts';

/** A job spec of the repository, or the built-in template. */
export interface SpecPath {
  /** Undefined: the built-in template. */
  readonly path: string | undefined;
  /** What adds to the built-in template or to a `project.nomad`. */
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

/** Beyond these, a pattern takes more than a moment for a file whose name is made for it. */
const MAX_STARS = 3;
const MAX_BRACES = 3;

function isModest(pattern: string): boolean {
  const stars = Math.max(...pattern.split('/').map((name) => name.split('*').length - 1));
  const braces = pattern.split('{').length - 1;
  // Between braces, `..` is a folder above only when the pattern is taken apart.
  return (
    stars <= MAX_STARS && braces <= MAX_BRACES && pattern.length <= 500 && !pattern.includes('(') && !(braces > 0 && pattern.includes('..'))
  );
}

/** As much as is read of a job spec. */
const MAX_FRAGMENT_BYTES = 1024 * 1024;

const FRAGMENTS = ['vars', 'job', 'group'] as const satisfies readonly FragmentKind[];

/**
 * Finds the Dockerfile, the build context, the job specs (paths or globs) and the variable files. Nothing may leave the workspace, also not through a symbolic link;
 * only an environment variable for TLS may name a file of the machine, by its absolute path.
 * Throws `input-invalid` for a path outside of it, for a `job`, a variable file or a `context` that does not exist, and for a glob that matches nothing.
 */
export async function findFiles(
  inputs: Pick<Inputs, 'workingDirectory' | 'context' | 'file' | 'buildSecrets' | 'jobs' | 'varFiles' | 'nomadTls'>,
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
    // A file that only adds to a job is none. Many repositories have a whole job in `job.nomad`, though.
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
  const named = inputs.jobs.length === 0 && own.exists ? [own.path] : await all('job', inputs.jobs);
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
    pemFiles,
  };
}

/** The fragments that are not deployed as jobs of their own. */
function withoutJobs(fragments: SpecPath['fragments'], jobs: readonly string[]): SpecPath['fragments'] {
  return Object.fromEntries(Object.entries(fragments).filter(([, path]) => !jobs.includes(path)));
}

/** The configuration file, as the others are read: the one that the input `config` names, else `nomad-deploy.yml` if there is one. */
export async function findConfig(named: string | undefined, workspace: string): Promise<string | undefined> {
  const { inside, must } = confine(await realpath(workspace), '.');
  if (named !== undefined) return must('config', named);
  const found = await inside('config', 'nomad-deploy.yml');
  return found.exists ? found.path : undefined;
}

interface Confined {
  /** The absolute path of what an input names, existing or not. Throws `input-invalid` when it is outside of the workspace. */
  readonly inside: (input: string, path: string) => Promise<{ path: string; exists: boolean }>;
  /** The same of something that has to exist. */
  readonly must: (input: string, path: string) => Promise<string>;
}

/**
 * How paths below a folder of the workspace are held in it, wherever links lead; `root` is the real path of the workspace. The git folder of the checkout,
 * which may hold the token that it was cloned with, counts as outside.
 */
export function confine(root: string, folder: string): Confined {
  const inside: Confined['inside'] = async (input, path) => {
    const wanted = resolve(root, folder, path);
    const real = await realpath(wanted).catch(() => undefined);
    // Of a path that does not exist, the nearest folder that does decides where it would be.
    if (!isSource(root, wanted) || !isSource(root, real ?? (await nearestReal(wanted)))) {
      throw new ActionError('input-invalid', `\`${input}\`: ${path} is outside the workspace`, {
        hint: 'Paths are relative to the working directory and stay in the checkout, outside of its `.git`.',
      });
    }
    return { path: wanted, exists: real !== undefined };
  };
  const must: Confined['must'] = async (input, path) => {
    const found = await inside(input, path);
    if (!found.exists) {
      throw new ActionError('input-invalid', `\`${input}\`: there is no ${relative(root, found.path) || path} in the workspace`, {
        hint: 'Is the repository checked out (actions/checkout), and is the name spelt as in the repository?',
      });
    }
    return found.path;
  };
  return { inside, must };
}

async function existing(variable: string, path: string): Promise<string> {
  if ((await realpath(path).catch(() => undefined)) !== undefined) return path;
  throw new ActionError('input-invalid', `\`${variable}\`: there is no file ${path} on this machine`);
}

async function nearestReal(path: string): Promise<string> {
  const folder = dirname(path);
  return (await realpath(folder).catch(() => undefined)) ?? nearestReal(folder);
}

/** Git's own folder or file, also as file systems spell it that ignore case, invisible characters, dots and blanks at the end, or shorten names. */
function isGit(name: string): boolean {
  // No file system has a longer one.
  if (name.length > 255) return false;
  const plain = name
    .toLowerCase()
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/[. ]+$/, '')
    .replace(/:.*$/s, '');
  return plain === '.git' || /^git~\d+$/.test(plain);
}

/** Whether an absolute path is in the workspace, and not in its git folder. */
function isSource(root: string, path: string): boolean {
  return isInside(root, path) && !relative(root, path).split(sep).some(isGit);
}

/**
 * Reads a file of the workspace: the file that the path leads to now, a regular one in the workspace of at most `maxBytes`. Throws `input-invalid` when
 * it is none.
 */
export async function readInside(path: string, workspace: string, maxBytes: number): Promise<Buffer> {
  const root = await realpath(workspace);
  const name = relative(workspace, path);
  const refused = (why: string): ActionError => new ActionError('input-invalid', `${name}: ${why}`, { location: { file: name } });
  const real = await realpath(path).catch((error: unknown) => {
    throw refused(messageOf(error));
  });
  if (!isSource(root, real)) throw refused('it leads out of the workspace');
  // The last name is no link any more, and a pipe that nobody writes to does not hold the run up.
  const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((error: unknown) => {
    throw refused(messageOf(error));
  });
  try {
    const info = await file.stat();
    if (!info.isFile()) throw refused('it is no regular file');
    if (info.size > maxBytes) throw refused(`it has more than ${maxBytes / 1024} KiB`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}

/** What the workspace holds; paths are absolute and confined to it. */
export interface BuildFiles {
  readonly dockerfile: string;
  readonly dockerfileExists: boolean;
  readonly contextFolder: string;
  /** Build secrets that are files, by id. */
  readonly secretFiles: Readonly<Record<string, string>>;
}

/** Gives the place of the `job` block of a text that holds a whole job; undefined for a part of one. */
export function wholeJob(text: string): { readonly line: number; readonly column: number } | undefined {
  const block = readBlocks(text).blocks.find(({ type, labels }) => type === 'job' && labels.length === 1);
  return block && linesOf(text)(block.at);
}
