// The secrets of older versions of a job: those that a rollback brings back, and those that nobody needs any more.
import type { Nomad } from '../nomad/index.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import { type Claim, judgeVariable, OWNER_ITEM } from '../target/index.ts';
import { hasSecrets, type Items, isOnlyPath, ownItems, releaseOf, secretPaths, secretsRead } from './items.ts';
import { variablePath } from './templates.ts';
import { put } from './write.ts';

/** The number of tries for a variable that others write at the same time. */
const ATTEMPTS = 3;

interface Versions {
  /** The versions whose secrets may go. */
  readonly gone: readonly RegisteredJob[];
  /** The versions that go on reading theirs. */
  readonly kept: readonly RegisteredJob[];
}

/**
 * Removes the items that only versions read that are not kept, and returns the paths of the changed variables. Leaves a variable of another owner. An item that
 * is there for a version that another run is about to register belongs to none of these versions, so it stays.
 */
export async function forgetVersions({ gone, kept }: Versions, namespace: string, claim: Claim, nomad: Nomad): Promise<string[]> {
  const [first] = gone;
  if (first === undefined) return [];
  const { ID } = first;
  const had = gone.filter((version) => secretsRead(version).release !== undefined);
  const changed: string[] = [];
  for (const path of had.length === 0 ? [] : secretPaths([], ID, had)) {
    const lost = had.flatMap((version) => releasesAt(version, path));
    const needed = new Set(kept.flatMap((version) => releasesAt(version, path)));
    const drop = new Set(lost.filter((release) => !needed.has(release)));
    if (drop.size > 0 && (await dropReleases({ path, namespace, jobId: ID }, drop, claim, nomad))) changed.push(path);
  }
  return changed;
}

/** Returns the releases whose items a version reads in a variable. */
function releasesAt(version: RegisteredJob, path: string): string[] {
  const { release, older } = secretsRead(version);
  const scope = path.slice(variablePath(version.ID, []).length + 1);
  return [release, older[scope]].filter((one) => one !== undefined);
}

async function dropReleases(
  { path, namespace, jobId }: { readonly path: string; readonly namespace: string; readonly jobId: string },
  drop: ReadonlySet<string>,
  claim: Claim,
  nomad: Nomad,
): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const variable = await nomad.variables.read(path, namespace);
    const items = variable?.Items ?? {};
    const left: Items = Object.fromEntries(Object.entries(items).filter(([key]) => !drop.has(releaseOf(key) ?? '')));
    if (variable === undefined || Object.keys(left).length === Object.keys(items).length) return false;
    const use = { path, jobId, hasSecrets: true, registered: true, isRead: true, isOnly: isOnlyPath(path, jobId) };
    if (!judgeVariable(items, use, claim, 'replace').may) return false;
    const { [OWNER_ITEM]: record, ...others } = left;
    const wanted = hasSecrets(others) && record !== undefined ? left : others;
    if ((await put(nomad, { path, namespace }, wanted, variable.ModifyIndex)) !== undefined) return true;
  }
  return false;
}

/** The secrets that a version reads, by their names as the input `secrets` has them; and those of them that are gone, with their variables. */
export interface VersionSecrets {
  readonly names: readonly string[];
  readonly missing: readonly string[];
  readonly paths: readonly string[];
}

/** Returns the secrets of a version, and which of them the variables of the job still have. A version without secrets needs no permission. */
export async function secretsOfVersion(version: RegisteredJob, namespace: string, nomad: Nomad): Promise<VersionSecrets> {
  const read = ownItems(version);
  const missing: string[] = [];
  const paths: string[] = [];
  for (const path of [...new Set(read.map((one) => one.path))]) {
    const items = (await nomad.variables.read(path, namespace))?.Items ?? {};
    const gone = read.filter((one) => one.path === path && !Object.hasOwn(items, one.item));
    missing.push(...gone.map(({ key }) => key));
    if (gone.length > 0) paths.push(path);
  }
  return { names: secretNamesOf(version), missing, paths };
}

/** Returns the names of the secrets that a version reads. */
export function secretNamesOf(version: RegisteredJob): string[] {
  return [...new Set(ownItems(version).map(({ key }) => key))];
}
