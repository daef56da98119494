import { ActionError } from '../errors.ts';
import type { RegisteredJob, Task } from '../nomad/types.ts';
import { type Marked, provenanceOf } from '../target/index.ts';
import { textsIn } from '../text/index.ts';
import { secretNames, variablePath } from './templates.ts';

export type Items = Readonly<Record<string, string>>;

/** Items of this action end in the release that reads them: `DB_PASSWORD.r1a2b3c4`. Any other item belongs to someone else. */
const OWN_ITEM = /^(?:[A-Za-z_][A-Za-z0-9_]*|FILE_[\w.-]+)\.(r[0-9a-f]{8})$/;
const RELEASE = /^r[0-9a-f]{8}$/;

/** The paths that Nomad allows for a variable. */
const PATH = /^[a-zA-Z0-9-_~/]{1,128}$/;

/** Returns the release of an item of this action; undefined for any other item. */
export function releaseOf(key: string): string | undefined {
  return OWN_ITEM.exec(key)?.[1];
}

/** Returns whether a variable has items in the form of this action's. */
export function hasSecrets(items: Items): boolean {
  return Object.keys(items).some((key) => releaseOf(key) !== undefined);
}

/** Returns whether no other job can have a variable at this path. A group `b` of the job `a` and the job `a/b` have the same path. */
export function isOnlyPath(path: string, jobId: string): boolean {
  return path === variablePath(jobId, []) && !jobId.includes('/');
}

/** Returns the job version for which a release was made, modulo 65536. */
export function versionOf(release: string): number {
  return Number.parseInt(release.slice(1, 5), 16);
}

/** Returns whether Nomad allows a variable at a path. */
export function isVariablePath(path: string): boolean {
  return PATH.test(path);
}

/** The secrets that a version reads. */
export interface SecretsRead {
  /** The release of the version's registration: its variables have all of its items under it. */
  readonly release: string | undefined;
  /** The groups and tasks that have their own variable. */
  readonly scopes: readonly string[];
  /**
   * The older releases that unchanged parts go on reading, by group or task; the empty text is the job itself. Their templates stayed the
   * same.
   */
  readonly older: Readonly<Record<string, string>>;
}

/**
 * Reads the releases and the scopes of a version's secrets: `r1a2b3c4 web web/server`, or `r1a2b3c4 :r0a2b3c4 web:r0a2b3c4 web/server` where some are of an older release;
 * `none …` where only older versions have secrets.
 */
export function secretsRead(job: Marked | undefined): SecretsRead {
  const [release = '', ...parts] = (provenanceOf(job).secrets ?? '').split(' ');
  const scopes = parts.map((part) => part.split(':'));
  return {
    release: RELEASE.test(release) ? release : undefined,
    scopes: scopes.flatMap(([scope = '']) => (scope === '' ? [] : [scope])),
    older: Object.fromEntries(scopes.flatMap(([scope = '', own = '']) => (RELEASE.test(own) ? [[scope, own] as const] : []))),
  };
}

/** Returns the paths of the variables in which this job has, had or will have secrets, as its secrets and its versions name them. */
export function secretPaths(keys: readonly string[], jobId: string, versions: readonly (Marked | undefined)[]): string[] {
  const now = secretNames(keys).map(({ scope }) => scope.join('/'));
  const before = versions.flatMap((version) => secretsRead(version).scopes);
  return [...new Set(['', ...now, ...before])].map((scope) => variablePath(jobId, scope === '' ? [] : scope.split('/')));
}

/** Throws `input-invalid` for a job whose variables would have a path that Nomad does not allow. */
export function requirePaths(paths: readonly string[], jobId: string): void {
  const impossible = paths.find((path) => !isVariablePath(path));
  if (impossible === undefined) return;
  throw new ActionError(
    'input-invalid',
    `a job named ${JSON.stringify(jobId)} cannot have secrets: ${JSON.stringify(impossible)} is not a valid path of a Nomad variable`,
    {
      hint: 'Name the job with letters, digits, dashes and underscores: up to 117 characters together with the group and the task.',
    },
  );
}

/** An item of this action that a task reads: the path of its variable, its name with the release, and the release. */
interface ItemRead {
  readonly path: string;
  readonly item: string;
  readonly release: string;
}

/** Returns the items that a template reads in the form of this action's. */
export function itemsRead(template: string): ItemRead[] {
  // After the last end, no begin is looked for.
  const last = Math.max(template.lastIndexOf('{{ end'), template.lastIndexOf('{{- end'));
  const text = template.slice(0, last < 0 ? 0 : last + '{{- end'.length);
  return [...text.matchAll(/\{\{-? with nomadVar "([^"]+)"([\s\S]*?)\{\{-? end/g)].flatMap(([, path = '', inside = '']) =>
    [...inside.matchAll(/\(index \. "([^"]+)"\)/g)].flatMap(([, item = '']) => ofRelease(path, item)),
  );
}

/** Returns the items to which a task refers by its `secret` blocks. */
function itemsReferred(task: Task): ItemRead[] {
  const paths = new Map((task.Secrets ?? []).map(({ Name, Path }) => [Name, Path]));
  const references = paths.size === 0 ? [] : textsIn(task).flatMap((text) => [...text.matchAll(/\$\{\s*secret\.(\w+)\.([\w.-]+)\s*\}/g)]);
  return references.flatMap(([, block = '', item = '']) => ofRelease(paths.get(block) ?? '', item));
}

function ofRelease(path: string, item: string): ItemRead[] {
  const release = releaseOf(item);
  return release === undefined ? [] : [{ path, item, release }];
}

/** Returns the names of the secrets that the registered job reads, in the order of its templates, and their releases. */
export function keptSecrets(
  live: RegisteredJob | undefined,
): Pick<SecretsRead, 'release' | 'older'> & { readonly keys: readonly string[] } {
  const { release, older } = secretsRead(live);
  if (live === undefined || release === undefined) return { keys: [], release: undefined, older: {} };
  return { keys: [...new Set(ownItems(live).map(({ key }) => key))], release, older };
}

/** Returns the items of this action that a version reads, each with the name of its secret as the input `secrets` has it. */
export function ownItems(version: RegisteredJob): (ItemRead & { readonly key: string })[] {
  const { release, older } = secretsRead(version);
  const root = variablePath(version.ID, []);
  const tasks = (version.TaskGroups ?? []).flatMap(({ Tasks }) => Tasks ?? []);
  const read = tasks.flatMap(({ Templates }) => (Templates ?? []).flatMap(({ EmbeddedTmpl }) => itemsRead(EmbeddedTmpl ?? '')));
  return [...read, ...tasks.flatMap(itemsReferred)].flatMap((one) => {
    const { path, item, release: own } = one;
    const scope = path === root ? '' : path.slice(root.length + 1);
    const isOwn = (path === root || path.startsWith(`${root}/`)) && (own === release || own === older[scope]);
    return isOwn ? [{ ...one, key: `${scope === '' ? '' : `${scope}/`}${item.slice(0, -own.length - 1)}` }] : [];
  });
}
