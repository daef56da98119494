// The secrets of a hook: those that the new version reads, in variables of the hook's own path, because Nomad lets a job read its own path alone.
import { ActionError } from '../errors.ts';
import type { Nomad } from '../nomad/index.ts';
import type { Job, Task } from '../nomad/types.ts';
import { put, type SecretChange, variablePath } from '../secrets/index.ts';
import { OWNER_ITEM, type Owner, readItem, recordItem, sameOwner } from '../target/index.ts';
import { mapTexts, textsIn } from '../text/index.ts';

/** A variable of a hook: its path below that of the hook's job, and its items. Holds secrets: never to be logged or published. */
export interface HookVariable {
  readonly scope: string;
  readonly items: Readonly<Record<string, string>>;
}

/** The jobs that a hook belongs to and is. */
interface Pair {
  readonly jobId: string;
  readonly hookId: string;
  readonly namespace: string;
}

/** Returns the job of a hook with its own path in place of that of the deployed job, in the templates and `secret` blocks of its tasks. */
export function withOwnPaths(job: Job, { jobId, hookId }: Pick<Pair, 'jobId' | 'hookId'>): Job {
  const move = (text: string): string => text.replace(pathsOf(jobId), (_whole, scope: string) => `${variablePath(hookId, [])}${scope}`);
  const moved = (task: Task): Task => ({
    ...task,
    Templates: (task.Templates ?? []).map((template) => mapTexts(template, move)),
    ...(task.Secrets ? { Secrets: task.Secrets.map((block) => ({ ...block, Path: move(block.Path) })) } : {}),
  });
  return { ...job, TaskGroups: (job.TaskGroups ?? []).map((group) => ({ ...group, Tasks: (group.Tasks ?? []).map(moved) })) };
}

/** Returns the parts below the path of a job's variables that a hook reads, `/group/task`; the empty text is the job itself. `job` has the paths of the deployed job. */
export function scopesRead(job: Job, jobId: string): string[] {
  const texts = tasksOf(job).flatMap(({ Templates, Secrets }) => [...textsIn(Templates), ...(Secrets ?? []).map(({ Path }) => Path)]);
  return [...new Set(texts.flatMap((text) => [...text.matchAll(pathsOf(jobId))].map(([, scope = '']) => scope)))].sort();
}

/**
 * Returns the variables of a hook: of each one that it reads, the items as the deploy writes them, else as they are on the cluster. Items of other versions are
 * left out. `job` has the paths of the deployed job.
 */
export async function hookVariables(job: Job, change: SecretChange | undefined, pair: Pair, nomad: Nomad): Promise<HookVariable[]> {
  const { jobId, namespace } = pair;
  const tasks = tasksOf(job);
  const texts = textsIn(tasks);
  const releases = change === undefined ? [] : [change.release, ...Object.values(change.older)];
  const found: HookVariable[] = [];
  for (const scope of scopesRead(job, jobId)) {
    const path = `${variablePath(jobId, [])}${scope}`;
    const written = change?.variables.find((one) => one.path === path)?.items;
    const items = written ?? (await nomad.variables.read(path, namespace))?.Items ?? {};
    const isWhole = tasks.some(({ Secrets }) => (Secrets ?? []).some(({ Path }) => Path === path));
    const wanted = Object.entries(items).filter(([name]) => {
      const release = /\.(r[0-9a-f]{8})$/.exec(name)?.[1];
      if (name === OWNER_ITEM) return false;
      return release === undefined || texts.some((text) => text.includes(name)) || (isWhole && releases.includes(release));
    });
    if (wanted.length > 0) found.push({ scope, items: Object.fromEntries(wanted) });
  }
  return found;
}

/** Writes the variables of a hook. Throws `job-taken` for a variable at its path that is not of this hook and owner. */
export async function writeVariables(
  variables: readonly HookVariable[],
  pair: Pair,
  { owner, step }: { readonly owner: Owner; readonly step: string },
  nomad: Nomad,
): Promise<void> {
  const { hookId, namespace } = pair;
  for (const { scope, items } of variables) {
    const path = `${variablePath(hookId, [])}${scope}`;
    const before = await nomad.variables.read(path, namespace);
    if (before !== undefined) requireOwn(path, before.Items, hookId, owner);
    const record = { [OWNER_ITEM]: recordItem(hookId, owner, step) };
    const index = await put(nomad, { path, namespace }, { ...items, ...record }, before?.ModifyIndex ?? 0);
    if (index === undefined) {
      throw new ActionError('conflict', `another client wrote the Nomad variable ${path}`, {
        hint: 'Nothing was deployed. Run the workflow again.',
      });
    }
  }
}

/** Removes the variables of a hook that its own owner record names. Others stay. */
export async function removeVariables(
  scopes: readonly string[],
  { hookId, namespace }: Omit<Pair, 'jobId'>,
  isOwner: (owner: Owner, step: string | undefined) => boolean,
  { nomad, signal }: { readonly nomad: Nomad; readonly signal: AbortSignal },
): Promise<void> {
  for (const scope of scopes) {
    const path = `${variablePath(hookId, [])}${scope}`;
    const found = await nomad.variables.read(path, namespace, signal);
    const { job, record, step } = readItem(found?.Items?.[OWNER_ITEM] ?? '');
    if (found !== undefined && job === hookId && isOwner(record, step)) await put(nomad, { path, namespace }, {}, found.ModifyIndex);
  }
}

function requireOwn(path: string, items: Readonly<Record<string, string>> | null | undefined, hookId: string, owner: Owner): void {
  const { job, record } = readItem(items?.[OWNER_ITEM] ?? '');
  if (job === hookId && sameOwner(record, owner)) return;
  throw new ActionError('job-taken', `the Nomad variable ${path} is not of this hook`, {
    hint: `Nothing was deployed. Move its items to the variable of the job itself, and remove it: nomad var purge ${path}.`,
  });
}

const tasksOf = ({ TaskGroups }: Job): Task[] => (TaskGroups ?? []).flatMap(({ Tasks }) => Tasks ?? []);

/** Matches the paths of a job's variables; the group is the part behind that of the job. */
function pathsOf(jobId: string): RegExp {
  const path = variablePath(jobId, []).replace(/[^\w/]/g, '\\$&');
  return new RegExp(`(?<![\\w~/-])${path}((?:/[\\w~-]+){0,2})(?![\\w~/-])`, 'g');
}
