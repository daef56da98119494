import { ActionError, sentence, toActionError } from '../errors.ts';
import type { Nomad } from '../nomad/index.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import { type Claim, judgeVariable, type Marked, OWNER_ITEM, provenanceOf } from '../target/index.ts';
import { hasSecrets, type Items, isOnlyPath, isVariablePath, releaseOf, secretPaths } from './items.ts';
import type { SecretChange } from './prepare.ts';

/** How often a variable that others write at the same time is read again. */
const ATTEMPTS = 3;

/**
 * Writes the variables by check-and-set and gives the function that undoes it. Gives the path at which somebody else wrote since it was read, if there
 * is one; nothing is written then. Throws what Nomad answers; what was written until then is taken back.
 */
export async function writeSecrets(
  { variables, namespace }: SecretChange,
  nomad: Nomad,
): Promise<{ readonly undo: () => Promise<void> } | { readonly conflict: string }> {
  const undoes: (() => Promise<void>)[] = [];
  const undo = async (): Promise<void> => {
    for (const one of undoes.toReversed()) await one();
  };
  for (const { path, items, previous } of variables.filter(({ changed }) => changed)) {
    let index: number | undefined;
    try {
      index = await put(path, items, previous?.ModifyIndex ?? 0, namespace, nomad);
    } catch (error) {
      await undo().catch(() => {
        throw new ActionError(
          'nomad-refused',
          `${toActionError(error).message}; what was written to other variables of the job is still there`,
          {
            cause: error,
          },
        );
      });
      throw error;
    }
    if (index === undefined) {
      await undo();
      return { conflict: path };
    }
    const written = index;
    undoes.push(async () => {
      await put(path, previous?.Items ?? {}, written, namespace, nomad);
    });
  }
  return { undo };
}

/** Gives a variable these items, or removes it when there are none. Gives its new index (0: there is none), or undefined when it is another than `index`. */
async function put(path: string, items: Items, index: number, namespace: string, nomad: Nomad): Promise<number | undefined> {
  if (Object.keys(items).length > 0) return nomad.variables.write(path, items, index, namespace);
  return (await nomad.variables.remove(path, index, namespace)) ? 0 : undefined;
}

/**
 * Removes what this action keeps in Nomad variables for a job that was purged: to be called after that, with the job as it was read before. A variable that
 * another owner or another job has, or that has no owner record, is left unless the workflow itself says otherwise. Items of others stay; where there are
 * none, the variable goes. Gives a line for the log for each variable. A job that never had secrets needs no permission for it. Throws `conflict` when
 * somebody else keeps on writing the variable.
 */
export async function removeSecrets(
  job: Pick<RegisteredJob, 'ID'> & Marked,
  namespace: string,
  claim: Claim,
  nomad: Nomad,
): Promise<string[]> {
  const had = provenanceOf(job).secrets !== undefined;
  const lines: string[] = [];
  for (const path of secretPaths([], job.ID, [job])) {
    if (!isVariablePath(path)) continue;
    try {
      lines.push(...(await removeOwn(path, job.ID, had, namespace, claim, nomad)));
    } catch (error) {
      if (had || toActionError(error).code !== 'permission-denied') throw error;
    }
  }
  return lines;
}

async function removeOwn(path: string, jobId: string, isRead: boolean, namespace: string, claim: Claim, nomad: Nomad): Promise<string[]> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const variable = await nomad.variables.read(path, namespace);
    const items = variable?.Items ?? {};
    if (variable === undefined || !hasSecrets(items)) return [];
    const isOnly = isOnlyPath(path, jobId);
    const verdict = judgeVariable(items, { path, jobId, hasSecrets: true, registered: true, isRead, isOnly }, claim, 'purge');
    if (!verdict.may) return [sentence(verdict.refusal)];
    const others = Object.fromEntries(Object.entries(items).filter(([key]) => releaseOf(key) === undefined && key !== OWNER_ITEM));
    const names = Object.keys(others);
    if ((await put(path, others, variable.ModifyIndex, namespace, nomad)) !== undefined) {
      return [
        names.length === 0
          ? `The Nomad variable ${path} was removed`
          : `The secrets in the Nomad variable ${path} were removed; it still has items of somebody else: ${names.join(', ')}`,
      ];
    }
  }
  throw new ActionError('conflict', `the Nomad variable ${path} is being written by somebody else`, {
    hint: `It still has the secrets of the job: nomad var purge ${path}`,
  });
}
