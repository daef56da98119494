import { toActionError } from '../errors.ts';
import type { Nomad } from '../nomad/index.ts';
import { isVariablePath, put } from '../secrets/index.ts';
import { type Claim, judgeOwner, judgeVariable, ownedJob, sameOwner } from '../target/index.ts';
import { HOOK_KINDS, hookId } from './model.ts';
import { recordPath } from './record.ts';
import { hookOf, removeHook, scopesOf } from './remove.ts';

/** Removes the record of the hooks of a purged job, and the jobs of hooks that a killed run left. What is not this owner's stays. */
export async function forgetHooks(jobId: string, namespace: string, claim: Claim, nomad: Nomad): Promise<void> {
  const signal = nomad.patience();
  for (const kind of HOOK_KINDS) {
    const id = hookId(jobId, kind);
    const live = await nomad.jobs.read(id, namespace, signal);
    if (live === undefined || hookOf(live) !== kind || !judgeOwner(ownedJob(live, namespace), claim, 'purge').may) continue;
    const isOwner = (owner: Claim['owner']): boolean => sameOwner(owner, claim.owner);
    const isOwn = ({ JobModifyIndex }: { readonly JobModifyIndex: number }): boolean => JobModifyIndex === live.JobModifyIndex;
    await removeHook({ hookId: id, namespace, scopes: scopesOf(live) }, { isOwn, isOwner, waits: true, signal }, nomad);
  }
  const path = recordPath(jobId);
  if (!isVariablePath(path)) return;
  // A token without the right had no record to write.
  const record = await nomad.variables.read(path, namespace, signal).catch((error: unknown) => {
    if (toActionError(error).code === 'permission-denied') return undefined;
    throw error;
  });
  if (record === undefined) return;
  const use = { path, jobId, hasSecrets: false, registered: true, isRead: false, isOnly: false };
  if (judgeVariable(record.Items ?? {}, use, claim, 'purge').may) await put(nomad, { path, namespace }, {}, record.ModifyIndex);
}
