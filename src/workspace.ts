import { realpath } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import { ActionError } from './errors.ts';
import type { FragmentKind } from './fragments.ts';
import type { BuildFiles } from './image.ts';
import type { Inputs } from './inputs.ts';

/** The files of the repository that a run reads; all paths absolute, existing or not, and inside the workspace. */
export interface RepositoryFiles extends BuildFiles {
  /** The repository's own job spec. */
  readonly spec: string | undefined;
  /** What adds to the built-in template or to a `project.nomad`. */
  readonly fragments: Readonly<Partial<Record<FragmentKind, string>>>;
}

/**
 * Finds the Dockerfile, the build context and the job spec. Nothing may leave the workspace, also not through a symbolic link.
 * Throws `input-invalid` for a path outside of it, and for a `job` or a `context` that does not exist.
 */
export async function findFiles(
  inputs: Pick<Inputs, 'workingDirectory' | 'context' | 'file' | 'job'>,
  workspace: string,
): Promise<RepositoryFiles> {
  const root = await realpath(workspace);
  const inside = async (input: string, path: string): Promise<{ path: string; exists: boolean }> => {
    const wanted = resolve(root, inputs.workingDirectory, path);
    const real = await realpath(wanted).catch(() => undefined);
    // Of a path that does not exist, the nearest folder that does decides where it would be.
    if (!isInside(root, wanted) || !isInside(root, real ?? (await nearestReal(wanted)))) {
      throw new ActionError('input-invalid', `\`${input}\`: ${path} is outside the workspace`, {
        hint: 'Paths are relative to the working directory and stay in the checkout.',
      });
    }
    return { path: wanted, exists: real !== undefined };
  };
  const must = async (input: string, path: string): Promise<string> => {
    const found = await inside(input, path);
    if (!found.exists) {
      throw new ActionError('input-invalid', `\`${input}\`: there is no ${relative(root, found.path) || path} in the workspace`, {
        hint: 'Is the repository checked out (actions/checkout), and is the name spelt as in the repository?',
      });
    }
    return found.path;
  };
  await must('working-directory', '.');
  const contextFolder = await must('context', inputs.context);
  const dockerfile = await inside('file', inputs.file ?? `${inputs.context}/Dockerfile`);
  const own = await inside('job', 'project.nomad');
  const spec = inputs.job === undefined ? (own.exists ? own.path : undefined) : await must('job', inputs.job);
  const fragments: Partial<Record<FragmentKind, string>> = {};
  for (const kind of spec === undefined || spec === own.path ? (['vars', 'job', 'group'] as const) : []) {
    const found = await inside('job', `${kind}.nomad`);
    if (found.exists) fragments[kind] = found.path;
  }
  return { fragments, contextFolder, dockerfile: dockerfile.path, dockerfileExists: dockerfile.exists, spec };
}

async function nearestReal(path: string): Promise<string> {
  const folder = dirname(path);
  return (await realpath(folder).catch(() => undefined)) ?? nearestReal(folder);
}

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}
