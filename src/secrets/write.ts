import { isDeepStrictEqual } from 'node:util';
import { ActionError, sentence, toActionError } from '../errors.ts';
import type { Nomad } from '../nomad/index.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import { type Claim, judgeVariable, type Marked, OWNER_ITEM, provenanceOf } from '../target/index.ts';
import { hasSecrets, type Items, isOnlyPath, isVariablePath, releaseOf, secretPaths } from './items.ts';
import type { SecretChange } from './prepare.ts';

/** The number of tries for a variable that others write at the same time, and of a write that Nomad did not receive. */
const ATTEMPTS = 3;

/**
 * Writes the variables by check-and-set and returns the undo. Returns the path of a conflict, with everything undone, if another client
 * wrote a variable since it was read. Throws Nomad's refusal, after undoing what was written.
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
      index = await put(nomad, { path, namespace }, items, previous?.ModifyIndex ?? 0);
    } catch (error) {
      await undo().catch(() => {
        throw new ActionError('nomad-refused', `${toActionError(error).message}; other variables of the job still have the new secrets`, {
          cause: error,
        });
      });
      throw error;
    }
    if (index === undefined) {
      await undo();
      return { conflict: path };
    }
    const written = index;
    undoes.push(async () => {
      await put(nomad, { path, namespace }, previous?.Items ?? {}, written);
    });
  }
  return { undo };
}

interface Place {
  readonly path: string;
  readonly namespace: string;
}

/**
 * Sets the items of a variable, or removes a variable without items. Returns its new index (0: removed), or undefined when its index is not
 * `index`. After a lost answer, the variable shows whether the write took place; it is repeated only when it did not. The same items at an index that Nomad had
 * before the write are those of another run, which an answer of a server that is behind had hidden.
 */
export async function put(nomad: Nomad, place: Place, items: Items, index: number): Promise<number | undefined> {
  const before = nomad.variables.newestIndex();
  for (let attempt = 1; ; attempt++) {
    try {
      return await putOnce(nomad, place, items, index);
    } catch (lost) {
      if (toActionError(lost).code !== 'unknown-outcome') throw lost;
      const found = await nomad.variables.read(place.path, place.namespace).catch(() => Promise.reject(lost));
      const now = found?.ModifyIndex ?? 0;
      if (isDeepStrictEqual(found?.Items ?? {}, { ...items }) && (found === undefined || now > before)) return now;
      if (now !== index) return undefined;
      if (attempt === ATTEMPTS) throw lost;
    }
  }
}

async function putOnce(nomad: Nomad, { path, namespace }: Place, items: Items, index: number): Promise<number | undefined> {
  if (Object.keys(items).length > 0) return nomad.variables.write(path, items, index, namespace);
  return (await nomad.variables.remove(path, index, namespace)) ? 0 : undefined;
}

/**
 * Removes the items of this action from the Nomad variables of a purged job; `job` is the job as it was read before the purge. Leaves a
 * variable that has another owner, or no owner record, unless the workflow itself names the job. Keeps items of others, and removes a
 * variable without any. Returns a line for the log for each variable. A job that never had secrets needs no permission. Throws `conflict`
 * when another client keeps writing the variable.
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
      lines.push(...(await removeOwn({ path, namespace, jobId: job.ID, isRead: had }, claim, nomad)));
    } catch (error) {
      if (had || toActionError(error).code !== 'permission-denied') throw error;
    }
  }
  return lines;
}

async function removeOwn(
  { path, namespace, jobId, isRead }: Place & { readonly jobId: string; readonly isRead: boolean },
  claim: Claim,
  nomad: Nomad,
): Promise<string[]> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const variable = await nomad.variables.read(path, namespace);
    const items = variable?.Items ?? {};
    if (variable === undefined || !hasSecrets(items)) return [];
    const isOnly = isOnlyPath(path, jobId);
    const verdict = judgeVariable(items, { path, jobId, hasSecrets: true, registered: true, isRead, isOnly }, claim, 'purge');
    if (!verdict.may) return [sentence(verdict.refusal)];
    const others = Object.fromEntries(Object.entries(items).filter(([key]) => releaseOf(key) === undefined && key !== OWNER_ITEM));
    const names = Object.keys(others);
    if ((await put(nomad, { path, namespace }, others, variable.ModifyIndex)) !== undefined) {
      return [
        names.length === 0
          ? `The Nomad variable ${path} was removed`
          : `The secrets in the Nomad variable ${path} were removed. The variable still has other items: ${names.join(', ')}`,
      ];
    }
  }
  throw new ActionError('conflict', `another client keeps writing the Nomad variable ${path}`, {
    hint: `The variable still has the secrets of the job: nomad var purge ${path}`,
  });
}
