import { ActionError } from '../errors.ts';
import { readSecretName, type SecretName } from '../inputs/index.ts';
import type { Job, Task } from '../nomad/types.ts';
import { mapTexts } from '../text/index.ts';

/** A template block that a task gets beside those of its spec. */
interface TaskTemplate {
  /** The group and the task. Empty: every task that takes the secrets of the job by `SECRETS_TEMPLATE`. */
  readonly scope: readonly string[];
  readonly template: NonNullable<Task['Templates']>[number];
}

/** The templates by which a spec reads its secrets. They name the items and hold no value. */
export interface SecretTemplates {
  /** Text of the template that makes environment variables of the secrets of the whole job; empty without any. */
  readonly secretsTemplate: string;
  /** The release whose items the spec reads; empty without secrets. */
  readonly secretsRelease: string;
  /** The templates that the spec itself cannot have: files, and the secrets of single groups and tasks. */
  readonly taskTemplates: readonly TaskTemplate[];
}

/** The templates of a job without secrets, or of a spec that is not deployed yet. */
export const NO_SECRETS: SecretTemplates = { secretsTemplate: '', secretsRelease: '', taskTemplates: [] };

/** The values of `SECRETS_TEMPLATE` and `SECRETS_RELEASE` for a spec without secrets. */
export const NO_TEMPLATE = '# no secrets';
export const NO_RELEASE = 'none';

/** Returns the path of the Nomad variable that the tasks of a job, of a group or a single task may read without a policy. */
export function variablePath(jobId: string, scope: readonly string[]): string {
  return ['nomad/jobs', jobId, ...scope].join('/');
}

/** Reads the names of a job's secrets. Invalid names were refused with the inputs. */
export function secretNames(keys: readonly string[]): (SecretName & { readonly key: string })[] {
  return keys.flatMap((key) => {
    const name = readSecretName(key);
    return typeof name === 'string' ? [] : [{ ...name, key }];
  });
}

/**
 * Returns the templates by which the tasks of a job read a release of its secrets, or an `older` one for the groups and tasks (the empty
 * text: the job) whose secrets did not change since. Unchanged secrets give the same text.
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
  // The job comes before its groups, and they before their tasks: of equal names, the last one wins.
  const scopes = [...new Set(names.map(({ scope }) => scope.join('/')))].sort((a, b) => a.split('/').length - b.split('/').length);
  const environment = (scope: string): string => {
    const own = names.filter((name) => name.kind === 'variable' && name.scope.join('/') === scope);
    // Nomad reads JSON's quoting back byte for byte.
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

/** Returns the job with the templates that its spec itself cannot have. */
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

/** Matches the release in a reference to an item of a `secret` block, which stands there only with secrets. */
const RELEASE_OF_REFERENCE = /(\$\{\s*secret\.\w+\.[\w.-]+?)\.(?:none|r[0-9a-f]{8})(?=\s*\})/g;

/**
 * Returns the job as it would be without secrets: without their templates, and with `NO_TEMPLATE` and `NO_RELEASE` in place of their texts.
 */
export function withoutSecrets(job: Job, { secretsTemplate, secretsRelease, taskTemplates }: SecretTemplates): unknown {
  const ours = new Set(taskTemplates.map(({ template }) => JSON.stringify(template)));
  const bare = (text: string): string => {
    const template = secretsTemplate.trim();
    const plain = template === '' ? text : text.replaceAll(template, () => NO_TEMPLATE);
    const word = secretsRelease === '' ? plain : plain.replaceAll(secretsRelease, () => NO_RELEASE);
    // The template ends with a line break, and NO_TEMPLATE does not.
    const [first, ...others] = word.split(NO_TEMPLATE);
    return [first, ...others.map((part) => part.trimStart())].join(`${NO_TEMPLATE}\n`);
  };
  const kept = (task: Task): Task => {
    const templates = (task.Templates ?? []).filter((template) => !ours.has(JSON.stringify(template)));
    // A template that holds only the secrets would not exist without them.
    const others = templates.filter(
      ({ EmbeddedTmpl, SourcePath, ChangeScript }) => bare(EmbeddedTmpl ?? '').trim() !== NO_TEMPLATE || SourcePath || ChangeScript,
    );
    return { ...task, Templates: others };
  };
  const groups = (job.TaskGroups ?? []).map((group) => ({ ...group, Tasks: (group.Tasks ?? []).map(kept) }));
  return mapTexts({ ...job, TaskGroups: groups }, (text) => bare(text).replace(RELEASE_OF_REFERENCE, '$1'));
}

/** Returns the secrets for a job, without those of groups and tasks that the job does not have. */
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

/** Throws `input-invalid` for secrets of groups or tasks that no job of the run has. */
export function requireScopes(keys: readonly string[], jobs: readonly Job[]): void {
  const all = Object.fromEntries(keys.map((key) => [key, true]));
  const known = new Set(jobs.flatMap((job) => Object.keys(secretsOf(all, job))));
  const unknown = keys.filter((key) => !known.has(key));
  if (unknown.length === 0) return;
  const scopes = jobs.flatMap(({ TaskGroups }) =>
    (TaskGroups ?? []).flatMap(({ Name, Tasks }) => [Name, ...(Tasks ?? []).map((task) => `${Name}/${task.Name}`)]),
  );
  throw new ActionError('input-invalid', `the job does not have the groups or tasks of the secrets ${unknown.join(', ')}`, {
    hint: `The job has ${scopes.join(', ')}.`,
  });
}
