import { createHash } from 'node:crypto';
import { ActionError } from '../errors.ts';
import type { Inputs } from '../inputs/index.ts';
import type { RegisteredJob, Variable } from '../nomad/types.ts';
import { OWNER_ITEM } from '../target/index.ts';
import { hasSecrets, type Items, releaseOf, type SecretsRead, secretsRead, versionOf } from './items.ts';
import { secretNames, variablePath } from './templates.ts';

/** The limit of a Nomad variable, over all keys and values. */
const MAX_VARIABLE_BYTES = 65_536;

/** The most bytes that the secrets of an older release may keep, so that the variable has room for others. */
const MAX_OLDER_BYTES = 4_096;

/** The items to write into the variables of a job. Holds secrets: never to be logged or published. */
export interface SecretChange {
  readonly namespace: string;
  /** The release by which this job version reads its items; undefined without secrets. */
  readonly release: string | undefined;
  /** The older releases that unchanged groups, tasks and the job itself (the empty text) go on reading. */
  readonly older: Readonly<Record<string, string>>;
  /** The text about secrets in the version's provenance: the releases, and the scopes with items of this action. */
  readonly provenance: string | undefined;
  readonly variables: readonly VariableChange[];
  /** The versions that lose their secrets, in words. */
  readonly warnings: readonly string[];
}

interface VariableChange {
  readonly path: string;
  /** All items that the variable is to have; the variable is removed if there are none. */
  readonly items: Items;
  readonly previous: Variable | undefined;
  /** False when the variable has exactly these items already. */
  readonly changed: boolean;
}

/** The state of the cluster, as far as secrets depend on it. */
interface SecretState {
  /** The variables of `secretPaths`, by path. */
  readonly variables: Readonly<Record<string, Variable | undefined>>;
  /** The registered job, and the kept versions to which Nomad can roll back. */
  readonly live: RegisteredJob | undefined;
  readonly versions: readonly RegisteredJob[];
}

interface Purpose {
  readonly jobId: string;
  readonly namespace: string;
  /** Items of others are removed. */
  readonly replace: boolean;
  /** The owner record of the variables, see owner.ts. */
  readonly record: string;
}

/** Returns the version number that the next registration gets, as a release names it. */
function nextVersion(live: RegisteredJob | undefined): number {
  return live === undefined ? 0 : (live.Version + 1) % 0x1_00_00;
}

/**
 * Returns a name for new items: the version that they are for, and a hash. The name is made of the state, so that a plan and its deployment
 * have the same one; never one that is in use.
 */
function newRelease(jobId: string, { variables, live, versions }: SecretState): string {
  const used = new Set([
    ...[live, ...versions].map(secretsRead).flatMap(({ release, older }) => [release, ...Object.values(older)]),
    ...Object.values(variables).flatMap((variable) => Object.keys(variable?.Items ?? {}).map(releaseOf)),
  ]);
  const indexes = Object.entries(variables).map(([path, variable]) => [path, variable?.ModifyIndex ?? 0]);
  for (let attempt = 0; ; attempt++) {
    const state = JSON.stringify([jobId, live?.JobModifyIndex ?? 0, indexes, attempt]);
    const hash = createHash('sha256').update(state).digest('hex').slice(0, 4);
    const release = `r${nextVersion(live).toString(16).padStart(4, '0')}${hash}`;
    if (!used.has(release)) return release;
  }
}

/** A secret as an item: the path of its variable, its name without the release, and its value. */
interface Wanted {
  readonly path: string;
  readonly item: string;
  readonly value: string;
}

/** The decisions so far: the items that this version reads, and their release. */
interface Draft {
  readonly wanted: readonly Wanted[];
  readonly release: string | undefined;
  readonly purpose: Purpose;
  readonly state: SecretState;
}

/** The releases that a version reads. */
type Reads = Pick<SecretsRead, 'release' | 'older'>;

/**
 * Decides the items of the job's variables, by these rules:
 *
 * - Unchanged secrets keep the release of the registered job, so an unchanged job stays unchanged. The same holds for a group, a task or the job's own
 *   part: another text of their template would replace its tasks.
 * - Changed secrets get a new release beside the old one, because running allocations and a rollback read the items of their own version.
 * - Items that no kept version reads are dropped, except those for the next version, which another run may be about to register.
 * - Without enough room, the items for the next version go first, then those of the oldest versions, those with a tag last; those of the registered version
 *   and of the last healthy one always stay.
 * - Items of others stay, unless `replace`. A variable with items of this action has the owner record, too.
 *
 * Returns undefined when there is nothing to write and nothing to read. Throws `input-invalid` when the items do not fit.
 */
export function prepareSecrets(
  secrets: Inputs['secrets'],
  purpose: Purpose,
  state: SecretState,
  release = newRelease(purpose.jobId, state),
): SecretChange | undefined {
  const { jobId, namespace } = purpose;
  const wanted = wantedItems(secrets, jobId);
  const { release: current } = secretsRead(state.live);
  const own = wanted.length === 0 ? undefined : current !== undefined && holdsAll(wanted, current, state) ? current : release;
  const older = own === undefined ? {} : olderReleases(wanted, own, jobId, state);
  const { itemsAt, warnings } = fitItems({ wanted, release: own, purpose, state }, older);
  const variables = Object.entries(state.variables).map(([path, previous]) => {
    const items = itemsAt(path);
    return { path, items, previous, changed: JSON.stringify(sorted(items)) !== JSON.stringify(sorted(previous?.Items ?? {})) };
  });
  const left = variables.filter(({ items }) => hasSecrets(items)).map(({ path }) => scopeOf(path, jobId));
  if (own === undefined && left.length === 0 && variables.every(({ changed }) => !changed)) return undefined;
  const scopes = left
    .sort()
    .map((scope) => (older[scope] === undefined ? scope : `${scope}:${older[scope]}`))
    .filter((scope) => scope !== '');
  const provenance = left.length === 0 ? undefined : [own ?? 'none', ...scopes].join(' ');
  return { namespace, release: own, older, provenance, variables, warnings };
}

function wantedItems(secrets: Inputs['secrets'], jobId: string): Wanted[] {
  return secretNames(Object.keys(secrets)).map(({ key, item, scope }) => ({
    path: variablePath(jobId, scope),
    item,
    value: secrets[key]?.reveal() ?? '',
  }));
}

function itemsHeld({ variables }: SecretState, path: string): Items {
  return variables[path]?.Items ?? {};
}

/** Returns whether the items of a release in all variables are exactly the wanted ones. */
function holdsAll(wanted: readonly Wanted[], release: string, state: SecretState): boolean {
  const paths = new Set([...Object.keys(state.variables), ...wanted.map(({ path }) => path)]);
  return [...paths].every((path) =>
    holdsOnly(
      wanted.filter((one) => one.path === path),
      release,
      itemsHeld(state, path),
    ),
  );
}

/** Returns whether the items of a release in a variable are exactly the wanted ones. */
function holdsOnly(wanted: readonly Wanted[], release: string, items: Items): boolean {
  const ofRelease = Object.keys(items).filter((key) => releaseOf(key) === release);
  return ofRelease.length === wanted.length && wanted.every(({ item, value }) => items[`${item}.${release}`] === value);
}

/** Returns the older releases that unchanged parts of the job go on reading, by scope. */
function olderReleases(wanted: readonly Wanted[], own: string, jobId: string, state: SecretState): Record<string, string> {
  const live = secretsRead(state.live);
  const found = Object.keys(state.variables).flatMap((path) => {
    const scope = scopeOf(path, jobId);
    const before = live.older[scope] ?? live.release;
    const here = wanted.filter((one) => one.path === path);
    if (before === undefined || before === own || here.length === 0) return [];
    const items = itemsHeld(state, path);
    return holdsOnly(here, before, items) && isSmall(items, before) ? [[scope, before] as const] : [];
  });
  return Object.fromEntries(found);
}

/** Returns the group or task of a variable, as `web/server`; empty for the job's own variable. */
function scopeOf(path: string, jobId: string): string {
  return path.slice(variablePath(jobId, []).length + 1);
}

/** Returns the releases by which a version may read the items of a scope: those of its templates, and those of its spec. */
function releasesAt({ release, older }: Reads, scope: string): (string | undefined)[] {
  return [release, older[scope]];
}

/** Chooses the older items that stay, so that each variable keeps to Nomad's limit. Throws `input-invalid` when even the needed ones do not fit. */
function fitItems(
  draft: Draft,
  older: Readonly<Record<string, string>>,
): { readonly itemsAt: (path: string) => Items; readonly warnings: readonly string[] } {
  const { release, state, purpose } = draft;
  const stable = newest(state.versions.filter(({ Stable }) => Stable === true));
  const needed: readonly Reads[] = [{ release, older }, secretsRead(state.live), secretsRead(stable)];
  // Oldest first: the oldest version loses its secrets first. Those with a tag, which are there to be gone back to, come after all others.
  const spare = state.versions
    .toSorted((a, b) => a.Version - b.Version)
    .map(({ Version, ...job }) => ({ ...secretsRead(job), Version, isTagged: Boolean(job.VersionTag) }));
  const dropped = new Set<(typeof spare)[number]>();
  let inFlight: number | undefined = nextVersion(state.live);
  const isRead = (by: readonly Reads[], old: string, scope: string): boolean =>
    by.some((version) => releasesAt(version, scope).includes(old));
  const staying = (): typeof spare => spare.filter((version) => !dropped.has(version));
  const itemsAt = (path: string): Items => {
    const scope = scopeOf(path, purpose.jobId);
    return itemsWith(draft, path, (old) => versionOf(old) === inFlight || isRead([...needed, ...staying()], old, scope));
  };
  const warnings: string[] = [];
  for (const path of Object.keys(state.variables)) {
    const scope = scopeOf(path, purpose.jobId);
    if (sizeOf(itemsAt(path)) > MAX_VARIABLE_BYTES) inFlight = undefined;
    while (sizeOf(itemsAt(path)) > MAX_VARIABLE_BYTES) {
      const present = Object.keys(itemsAt(path)).map(releaseOf);
      const oldest = (spared: readonly Reads[]): string | undefined =>
        staying()
          .flatMap((version) => releasesAt(version, scope))
          .find((old) => old !== undefined && present.includes(old) && !isRead([...needed, ...spared], old, scope));
      const lost = oldest(staying().filter(({ isTagged }) => isTagged)) ?? oldest([]);
      if (lost === undefined) throw tooLarge(path, sizeOf(itemsAt(path)));
      const gone = spare.filter((version) => releasesAt(version, scope).includes(lost));
      for (const version of gone) dropped.add(version);
      warnings.push(
        `${path} is too small for the secrets of all kept versions of ${purpose.jobId}: the secrets of version ${gone.map(({ Version }) => Version).join(', ')} are removed, so a rollback to it is not possible.`,
      );
    }
  }
  return { itemsAt, warnings };
}

/** Returns all items that a variable is to have: those that stay, the wanted ones, and the owner record. */
function itemsWith({ wanted, release, purpose, state }: Draft, path: string, isKept: (release: string) => boolean): Items {
  const kept = Object.entries(itemsHeld(state, path)).filter(([key]) => {
    const old = releaseOf(key);
    return key !== OWNER_ITEM && (old === undefined ? !purpose.replace || wanted.length === 0 : isKept(old));
  });
  const own = wanted.filter((one) => one.path === path).map(({ item, value }) => [`${item}.${release}`, value] as const);
  const items = Object.fromEntries([...kept, ...own]);
  return hasSecrets(items) ? { ...items, [OWNER_ITEM]: purpose.record } : items;
}

function tooLarge(path: string, bytes: number): ActionError {
  return new ActionError(
    'input-invalid',
    `the secrets at ${path} take ${bytes} bytes together with those of the running version; a Nomad variable holds ${MAX_VARIABLE_BYTES} bytes`,
    {
      hint: 'Give large secrets to the group or the task that needs them, as in `web/server/FILE_ca.pem`: each has its own variable.',
    },
  );
}

/** Returns whether items of a release may stay beside those of each newer one. */
function isSmall(items: Items, release: string): boolean {
  return sizeOf(Object.fromEntries(Object.entries(items).filter(([key]) => releaseOf(key) === release))) <= MAX_OLDER_BYTES;
}

function newest(versions: readonly RegisteredJob[]): RegisteredJob | undefined {
  return versions.toSorted((a, b) => b.Version - a.Version)[0];
}

function sizeOf(items: Items): number {
  return Object.entries(items).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
}

function sorted(items: Items): [string, string][] {
  return Object.entries(items).sort(([a], [b]) => (a < b ? -1 : 1));
}
