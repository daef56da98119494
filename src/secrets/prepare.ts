import { createHash } from 'node:crypto';
import { ActionError } from '../errors.ts';
import type { Inputs } from '../inputs/index.ts';
import type { RegisteredJob, Variable } from '../nomad/types.ts';
import { OWNER_ITEM } from '../target/index.ts';
import { type Items, releaseOf, type SecretsRead, secretsRead, versionOf } from './items.ts';
import { secretNames, variablePath } from './templates.ts';

/** The limit of a Nomad variable, over all keys and values. */
const MAX_VARIABLE_BYTES = 65_536;

/** How much secrets may take that stay of an older release: the variable has room for others. */
const MAX_OLDER_BYTES = 4_096;

/** What is to be written into the variables of a job. Holds secrets: never to be logged or published. */
export interface SecretChange {
  readonly namespace: string;
  /** The release by which this job version reads its items; undefined without secrets. */
  readonly release: string | undefined;
  /** The older releases that groups, tasks and the job (the empty text) go on reading, since their secrets did not change. */
  readonly older: Readonly<Record<string, string>>;
  /** The text about secrets in the version's provenance: the releases, and the scopes with items of ours beside the job's own path. */
  readonly provenance: string | undefined;
  readonly variables: readonly VariableChange[];
  /** Versions that lose their secrets, in words. */
  readonly warnings: readonly string[];
}

interface VariableChange {
  readonly path: string;
  /** All items that it is to have; none: it goes. */
  readonly items: Items;
  readonly previous: Variable | undefined;
  /** False when the variable holds these very items already. */
  readonly changed: boolean;
}

/** Where the cluster stands, as far as secrets go. */
interface SecretState {
  /** The variables of `secretPaths`, by path. */
  readonly variables: Readonly<Record<string, Variable | undefined>>;
  /** The registered job, and its versions that are still kept, which a rollback may bring back. */
  readonly live: RegisteredJob | undefined;
  readonly versions: readonly RegisteredJob[];
}

interface Purpose {
  readonly jobId: string;
  readonly namespace: string;
  /** Items of others go. */
  readonly replace: boolean;
  /** The owner record of the variables, see owner.ts. */
  readonly record: string;
}

/** The version that a registration makes of a job, as a release names it. */
function nextVersion(live: RegisteredJob | undefined): number {
  return live === undefined ? 0 : (live.Version + 1) % 0x1_00_00;
}

/**
 * A name for new items: the version that they are for, and a hash. Made of the state, so that a plan and the deployment of it have the same; never one
 * that is in use.
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

/**
 * Decides the items of the job's variables. Secrets that did not change keep the release of the registered job, so an unchanged job stays unchanged;
 * changed ones are written under a new release beside the old: running allocations read what they were started with, and a rollback
 * finds the values of its own version. What a group, a task or the job reads by our templates stays of the older release where nothing of it
 * changed: another text would replace its tasks. Items of releases that no kept version reads are dropped, but for those made for the next version: another run
 * may be about to register it. Where the rest does not fit, these go first, then those of the oldest versions, but never those of the registered
 * version and of the last one that was healthy. Items of others are kept, unless `replace`. A variable with items of ours has the owner record, too.
 * Undefined when there is nothing to write, and nothing to read. Throws `input-invalid` when
 * they do not fit.
 */
export function prepareSecrets(
  secrets: Inputs['secrets'],
  { jobId, namespace, replace, record }: Purpose,
  state: SecretState,
  release = newRelease(jobId, state),
): SecretChange | undefined {
  const names = secretNames(Object.keys(secrets)).map((name) => ({ ...name, path: variablePath(jobId, name.scope) }));
  const held = Object.fromEntries(Object.entries(state.variables).map(([path, variable]) => [path, variable?.Items ?? {}]));
  const current = secretsRead(state.live).release;
  const ofCurrent = Object.values(held).flatMap((items) => Object.keys(items).filter((key) => releaseOf(key) === current));
  const unchanged =
    current !== undefined &&
    ofCurrent.length === names.length &&
    names.every(({ key, item, path }) => held[path]?.[`${item}.${current}`] === secrets[key]?.reveal());
  const own = names.length === 0 ? undefined : unchanged ? current : release;

  const scopeOf = (path: string): string => path.slice(variablePath(jobId, []).length + 1);
  /** By what a version may read the items at a path: its templates, and those of its spec. */
  const readAt = ({ release: whole, older: ofScopes }: Pick<SecretsRead, 'release' | 'older'>, path: string): (string | undefined)[] => [
    whole,
    ofScopes[scopeOf(path)],
  ];
  const live = secretsRead(state.live);
  const olderOf = (path: string): string | undefined => {
    const before = live.older[scopeOf(path)] ?? current;
    const here = names.filter((name) => name.path === path);
    const items = Object.keys(held[path] ?? {}).filter((key) => releaseOf(key) === before);
    const same =
      before !== undefined &&
      items.length === here.length &&
      here.every(({ key, item }) => held[path]?.[`${item}.${before}`] === secrets[key]?.reveal());
    return own !== undefined && here.length > 0 && same && before !== own && isSmall(held[path] ?? {}, before) ? before : undefined;
  };
  const older = Object.fromEntries(
    Object.keys(state.variables).flatMap((path) => {
      const before = olderOf(path);
      return before === undefined ? [] : [[scopeOf(path), before] as const];
    }),
  );
  const stable = secretsRead(newest(state.versions.filter(({ Stable }) => Stable === true)));
  const isNeeded = (path: string, old: string): boolean =>
    [{ release: own, older }, live, stable].some((version) => readAt(version, path).includes(old));
  // The oldest first: what may go.
  const spare = state.versions.toSorted((a, b) => a.Version - b.Version).map((version) => ({ ...secretsRead(version), version }));
  const dropped = new Set<(typeof spare)[number]>();
  let inFlight: number | undefined = nextVersion(state.live);
  const isKept = (path: string, old: string): boolean =>
    isNeeded(path, old) ||
    versionOf(old) === inFlight ||
    spare.some((version) => !dropped.has(version) && readAt(version, path).includes(old));
  const itemsAt = (path: string): Items => {
    const items = {
      ...Object.fromEntries(
        Object.entries(held[path] ?? {}).filter(([key]) => {
          const old = releaseOf(key);
          return key !== OWNER_ITEM && (old === undefined ? !replace || names.length === 0 : isKept(path, old));
        }),
      ),
      ...Object.fromEntries(
        names.filter((name) => name.path === path).map(({ key, item }) => [`${item}.${own}`, secrets[key]?.reveal() ?? '']),
      ),
    };
    return Object.keys(items).some((key) => releaseOf(key) !== undefined) ? { ...items, [OWNER_ITEM]: record } : items;
  };
  const warnings: string[] = [];
  const paths = Object.keys(state.variables);
  for (const path of paths) {
    if (sizeOf(itemsAt(path)) > MAX_VARIABLE_BYTES) inFlight = undefined;
    while (sizeOf(itemsAt(path)) > MAX_VARIABLE_BYTES) {
      const keys = Object.keys(itemsAt(path)).map(releaseOf);
      const lost = spare
        .filter((version) => !dropped.has(version))
        .flatMap((version) => readAt(version, path))
        .find((old) => old !== undefined && keys.includes(old) && !isNeeded(path, old));
      if (lost === undefined) throw tooLarge(path, sizeOf(itemsAt(path)));
      const gone = spare.filter((version) => readAt(version, path).includes(lost));
      for (const version of gone) dropped.add(version);
      const without = gone.map(({ version }) => version.Version);
      warnings.push(
        `${path} can't hold the secrets of all kept versions of ${jobId}: those of version ${without.join(', ')} are dropped, so there is no going back to it.`,
      );
    }
  }
  const variables = paths.map((path) => {
    const items = itemsAt(path);
    return {
      path,
      items,
      previous: state.variables[path],
      changed: JSON.stringify(sorted(items)) !== JSON.stringify(sorted(held[path] ?? {})),
    };
  });
  const left = variables.filter(({ items }) => Object.keys(items).some((key) => releaseOf(key) !== undefined)).map(({ path }) => path);
  if (own === undefined && left.length === 0 && variables.every(({ changed }) => !changed)) return undefined;
  const scopes = left
    .map(scopeOf)
    .sort()
    .map((scope) => (older[scope] === undefined ? scope : `${scope}:${older[scope]}`))
    .filter((scope) => scope !== '');
  return {
    namespace,
    release: own,
    older,
    provenance: left.length === 0 ? undefined : [own ?? 'none', ...scopes].join(' '),
    variables,
    warnings,
  };
}

function tooLarge(path: string, bytes: number): ActionError {
  return new ActionError(
    'input-invalid',
    `the secrets at ${path} take ${bytes} bytes with those of the version that runs; a Nomad variable holds ${MAX_VARIABLE_BYTES}`,
    {
      hint: 'Give large ones to the group or the task that needs them, as in `web/server/FILE_ca.pem`: each has a variable of its own.',
    },
  );
}

/** Whether items of a release may stay beside those of each newer one. */
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
