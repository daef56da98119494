import type { HookKind } from '../inputs/index.ts';
import type { Nomad } from '../nomad/index.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import { removeJob } from '../register/index.ts';
import { META, type Owner, provenanceOf } from '../target/index.ts';
import { removeVariables } from './secrets.ts';

/** The longest wait for the end of a command that was stopped. */
const STOP_MS = 30_000;
const POLL_MS = 500;

/** The mark of the job by which `doctor` has a node pull an image. It is removed as the job of a hook. */
export const PULLS = 'doctor';

/** Returns the hook that a registered job is; undefined for any other job. Only this action can give a job the mark. */
export function hookOf({ Meta }: Pick<RegisteredJob, 'Meta'>): HookKind | typeof PULLS | undefined {
  const kind = Meta?.[META.hook];
  return kind === 'pre-deploy' || kind === 'post-deploy' || kind === PULLS ? kind : undefined;
}

/** Returns the parts below the path of a hook's job where it has variables, which its provenance names. */
export function scopesOf(job: Pick<RegisteredJob, 'UI' | 'Meta'>): string[] {
  return scopesIn(provenanceOf(job).secrets ?? '');
}

/** Reads what `scopesText` writes; any other text has no scopes. */
export function scopesIn(text: string): string[] {
  const [first, ...scopes] = text.split(' ');
  return first === 'hook' ? scopes.map((scope) => (scope === '.' ? '' : scope)) : [];
}

/** Returns the text of the provenance for the variables of a hook. */
export function scopesText(scopes: readonly string[]): string {
  return ['hook', ...scopes.map((scope) => (scope === '' ? '.' : scope))].join(' ');
}

/** The job of a hook. */
export interface HookPlace {
  readonly hookId: string;
  readonly namespace: string;
  /** The parts below its path where it has variables. */
  readonly scopes: readonly string[];
}

interface Removal {
  /** Returns whether a registered job with the mark is the one to remove. */
  readonly isOwn: (job: RegisteredJob) => boolean;
  /** Returns whether the owner of a variable at the path of the hook is that of the hook. */
  readonly isOwner: (owner: Owner, step: string | undefined) => boolean;
  /** Stops a command that still runs, and waits for its end, before the job is purged. */
  readonly waits: boolean;
  /** Ends the reads. */
  readonly signal: AbortSignal;
}

/** Removes the job of a hook and its variables. A job that is no hook, or not the own one, stays, and so do its variables: then it returns false. */
export async function removeHook(place: HookPlace, removal: Removal, nomad: Nomad): Promise<boolean> {
  let isGone = true;
  try {
    isGone = await removeHookJob(place, removal, nomad);
  } finally {
    // Also where the job can't be removed, its secrets are.
    if (isGone) await removeVariables(place.scopes, place, removal.isOwner, { nomad, signal: removal.signal });
  }
  return isGone;
}

/** Removes the job after a look at it. Returns false where another job has the name. */
async function removeHookJob({ hookId, namespace }: HookPlace, { isOwn, waits, signal }: Removal, nomad: Nomad): Promise<boolean> {
  const found = await nomad.jobs.read(hookId, namespace, signal);
  if (found === undefined) return true;
  if (hookOf(found) === undefined || !isOwn(found)) return false;
  let last = found;
  if (waits && found.Status !== 'dead') {
    const stopped = await removeJob({ job: found, namespace, purge: false, capability: 'purge-job' }, nomad);
    await ended({ hookId, namespace }, nomad);
    // Nomad does not compare, so the job is read again: another run may have registered it.
    const now = await nomad.jobs.read(hookId, namespace, signal);
    if (now === undefined) return true;
    if (now.JobModifyIndex !== stopped) return false;
    last = now;
  }
  await removeJob({ job: last, namespace, purge: true }, nomad);
  return true;
}

async function ended({ hookId, namespace }: Pick<HookPlace, 'hookId' | 'namespace'>, nomad: Nomad): Promise<void> {
  const late = nomad.clock.timeout(STOP_MS);
  try {
    for (;;) {
      const { value } = await nomad.jobs.allocations(hookId, namespace, 0, late);
      if (value.every(({ ClientStatus }) => /^(complete|failed|lost)$/.test(ClientStatus))) return;
      await nomad.clock.sleep(POLL_MS, late);
    }
  } catch (error) {
    if (!late.aborted) throw error;
  }
}
