import { ActionError } from '../errors.ts';
import { readSecretName, type SecretName } from '../inputs/index.ts';
import type { Job, Task } from '../nomad/types.ts';

/** A template block that a task gets beside those of its spec. */
interface TaskTemplate {
  /** The group, and the task; nothing is every task that takes the secrets of the job, by `SECRETS_TEMPLATE`. */
  readonly scope: readonly string[];
  readonly template: NonNullable<Task['Templates']>[number];
}

/** By what a spec reads its secrets. Names the items, and holds no value. */
export interface SecretTemplates {
  /** Text of the template that makes environment variables of the secrets of the whole job; empty without any. */
  readonly secretsTemplate: string;
  /** The release whose items the spec reads; empty without secrets. */
  readonly secretsRelease: string;
  /** What the spec can't say by itself: files, and the secrets of single groups and tasks. */
  readonly taskTemplates: readonly TaskTemplate[];
}

/** For a spec that is not deployed yet, or that has no secrets. */
export const NO_SECRETS: SecretTemplates = { secretsTemplate: '', secretsRelease: '', taskTemplates: [] };

/** What a spec has for the template of its secrets and for their release when it has none. */
export const NO_TEMPLATE = '# no secrets';
export const NO_RELEASE = 'none';

/** The path of the Nomad variable that the tasks of a job, of a group or a single task may read without a policy. */
export function variablePath(jobId: string, scope: readonly string[]): string {
  return ['nomad/jobs', jobId, ...scope].join('/');
}

/** The names of a job's secrets, read; those that are none were refused with the inputs. */
export function secretNames(keys: readonly string[]): (SecretName & { readonly key: string })[] {
  return keys.flatMap((key) => {
    const name = readSecretName(key);
    return typeof name === 'string' ? [] : [{ ...name, key }];
  });
}

/**
 * The templates by which the tasks of a job read a release of its secrets, or an `older` one for those groups and tasks whose secrets did not change
 * since; the empty text stands for the job. Without a change of theirs, the same text.
 */
export function secretTemplates(
  keys: readonly string[],
  jobId: string,
  release: string | undefined,
  older: Readonly<Record<string, string>> = {},
): SecretTemplates {
  const names = secretNames(keys);
  if (release === undefined || names.length === 0) return NO_SECRETS;
  const value = ({ item, scope }: SecretName): string => `(index . "${item}.${older[scope.join('/')] ?? release}").Value`;
  // The whole job before a group before a task: of equal names, the last one wins.
  const scopes = [...new Set(names.map(({ scope }) => scope.join('/')))].sort((a, b) => a.split('/').length - b.split('/').length);
  const environment = (scope: string): string => {
    const own = names.filter((name) => name.kind === 'variable' && name.scope.join('/') === scope);
    // JSON's quoting is what Nomad reads back byte for byte.
    const lines = own.map((name) => `${name.name}={{ ${value(name)} | toJSON }}`);
    return [`{{ with nomadVar "${variablePath(jobId, name(scope))}" }}`, ...lines, '{{ end }}', ''].join('\n');
  };
  const name = (scope: string): string[] => scope.split('/').filter((part) => part !== '');
  const files = names
    .filter(({ kind }) => kind === 'file')
    .map((file) => ({
      scope: file.scope,
      template: {
        DestPath: `secrets/${file.name}`,
        EmbeddedTmpl: `{{ with nomadVar "${variablePath(jobId, file.scope)}" }}{{ ${value(file)} }}{{ end }}`,
        ChangeMode: 'noop',
      },
    }));
  const ofParts = scopes
    .filter((scope) => scope !== '' && names.some(({ kind, scope: own }) => kind === 'variable' && own.join('/') === scope))
    .map((scope) => ({
      scope: name(scope),
      template: {
        DestPath: `secrets/nomad-deploy-${name(scope).length === 1 ? 'group' : 'task'}.env`,
        EmbeddedTmpl: environment(scope),
        Envvars: true,
        ChangeMode: 'noop',
      },
    }));
  return {
    secretsTemplate: scopes.includes('') ? environment('') : '',
    secretsRelease: release,
    taskTemplates: [...ofParts, ...files],
  };
}

/** The job with the templates that its spec can't say. */
export function withTaskTemplates(job: Job, { secretsTemplate, taskTemplates }: SecretTemplates): Job {
  if (taskTemplates.length === 0) return job;
  const takes = ({ Templates }: Task): boolean =>
    secretsTemplate !== '' && (Templates ?? []).some(({ EmbeddedTmpl }) => EmbeddedTmpl?.includes(secretsTemplate) === true);
  const given = (group: string, task: Task): Task => {
    const own = taskTemplates.filter(({ scope: [ofGroup, ofTask] }) =>
      ofGroup === undefined ? takes(task) : ofGroup === group && (ofTask === undefined || ofTask === task.Name),
    );
    return own.length === 0 ? task : { ...task, Templates: [...(task.Templates ?? []), ...own.map(({ template }) => template)] };
  };
  return {
    ...job,
    TaskGroups: (job.TaskGroups ?? []).map((group) => ({ ...group, Tasks: (group.Tasks ?? []).map((task) => given(group.Name, task)) })),
  };
}

/** The job as it would be without secrets: without their templates, and with the words of one that has none in place of theirs. */
export function withoutSecrets(job: Job, { secretsTemplate, secretsRelease, taskTemplates }: SecretTemplates): unknown {
  const ours = new Set(taskTemplates.map(({ template }) => JSON.stringify(template)));
  const bare = (text: string): string => {
    const template = secretsTemplate.trim();
    const plain = template === '' ? text : text.replaceAll(template, () => NO_TEMPLATE);
    const word = secretsRelease === '' ? plain : plain.replaceAll(secretsRelease, () => NO_RELEASE);
    // It ends with a line break, which its word has not.
    const [first, ...others] = word.split(NO_TEMPLATE);
    return [first, ...others.map((part) => part.trimStart())].join(`${NO_TEMPLATE}\n`);
  };
  const replaced = (value: unknown): unknown => {
    if (typeof value === 'string') return bare(value);
    if (Array.isArray(value)) return value.map(replaced);
    // A number too long for JavaScript has no prototype, and stays as it is.
    if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, replaced(one)]));
  };
  const kept = (task: Task): Task => {
    const templates = (task.Templates ?? []).filter((template) => !ours.has(JSON.stringify(template)));
    // A template of nothing but the secrets is not there without them, and gives the task nothing else.
    const others = templates.filter(
      ({ EmbeddedTmpl, SourcePath, ChangeScript }) => bare(EmbeddedTmpl ?? '').trim() !== NO_TEMPLATE || SourcePath || ChangeScript,
    );
    return { ...task, Templates: others };
  };
  const groups = (job.TaskGroups ?? []).map((group) => ({ ...group, Tasks: (group.Tasks ?? []).map(kept) }));
  return replaced({ ...job, TaskGroups: groups });
}

/** Those of the secrets that are for a job: of groups and tasks, that it has them. */
export function secretsOf<T>(secrets: Readonly<Record<string, T>>, job: Job): Readonly<Record<string, T>> {
  const own = new Set(
    secretNames(Object.keys(secrets))
      .filter(({ scope: [group, task] }) => {
        const found = (job.TaskGroups ?? []).find(({ Name }) => Name === group);
        return (
          group === undefined || (found !== undefined && (task === undefined || found.Tasks?.some(({ Name }) => Name === task) === true))
        );
      })
      .map(({ key }) => key),
  );
  return Object.fromEntries(Object.entries(secrets).filter(([key]) => own.has(key)));
}

/** Refuses secrets of a group or a task that no job of the run has. Throws `input-invalid` with all of them. */
export function requireScopes(keys: readonly string[], jobs: readonly Job[]): void {
  const all = Object.fromEntries(keys.map((key) => [key, true]));
  const known = new Set(jobs.flatMap((job) => Object.keys(secretsOf(all, job))));
  const unknown = keys.filter((key) => !known.has(key));
  if (unknown.length === 0) return;
  const scopes = jobs.flatMap(({ TaskGroups }) =>
    (TaskGroups ?? []).flatMap(({ Name, Tasks }) => [Name, ...(Tasks ?? []).map((task) => `${Name}/${task.Name}`)]),
  );
  throw new ActionError('input-invalid', `secrets of groups or tasks that the job does not have: ${unknown.join(', ')}`, {
    hint: `It has ${scopes.join(', ')}.`,
  });
}
