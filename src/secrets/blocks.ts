// The `secret` blocks of a spec (Nomad from 1.11 on) that read a variable of this action. A block names no items: Nomad reads all of the
// variable, as lines `NAME=value`. See https://developer.hashicorp.com/nomad/docs/job-specification/secret

import { ActionError } from '../errors.ts';
import type { Job, Task } from '../nomad/types.ts';
import { mapTexts, textsIn } from '../text/index.ts';
import { itemsRead, releaseOf } from './items.ts';
import type { SecretChange } from './prepare.ts';
import { NO_RELEASE, type SecretTemplates } from './templates.ts';

/** Matches a reference to an item, `${secret.app.DATABASE_URL}`. A second dollar escapes it. */
const REFERENCE = /(?<!\$)(\$\{\s*secret\.(\w+)\.)([\w.-]+)(?=\s*\})/g;

/** Returns the path of the variable that each `secret` block of a task reads in the namespace of the job, by the name of the block. */
function variablesOf({ Secrets }: Task, { Namespace }: Pick<Job, 'Namespace'>): ReadonlyMap<string, string> {
  const own = (Secrets ?? []).filter(
    ({ Provider, Config }) => Provider === 'nomad' && [undefined, Namespace || 'default'].includes(Config?.namespace),
  );
  return new Map(own.map(({ Name, Path }) => [Name, Path]));
}

/**
 * Returns the job with the items of this release in its references: `${secret.app.DATABASE_URL}` becomes `${secret.app.DATABASE_URL.r4335739f}`. References to
 * other items and other variables stay, and so do those that name a release themselves.
 */
export function withItemNames(job: Job, { secretsTemplate, taskTemplates }: SecretTemplates): Job {
  const items = [secretsTemplate, ...taskTemplates.map(({ template }) => template.EmbeddedTmpl ?? '')].flatMap(itemsRead);
  if (items.length === 0) return job;
  const named = (task: Task): Task => {
    const variables = variablesOf(task, job);
    if (variables.size === 0) return task;
    const name = (text: string): string =>
      text.replace(REFERENCE, (whole, head: string, block: string, asked: string) => {
        const found = items.find(({ path, item, release }) => path === variables.get(block) && item === `${asked}.${release}`);
        return found === undefined ? whole : `${head}${found.item}`;
      });
    // Nomad fills in no references within a template.
    return { ...mapTexts({ ...task, Templates: null }, name), Templates: task.Templates };
  };
  return { ...job, TaskGroups: (job.TaskGroups ?? []).map((group) => ({ ...group, Tasks: (group.Tasks ?? []).map(named) })) };
}

/** Matches a line of an environment file that Nomad can read: its quotes are closed. A `#` begins a comment. */
const LINE = /^(?:[^"'#]|"(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|'[^']*')*(?:#[\s\S]*)?$/;

/** Returns what Nomad makes of a value that a `secret` block reads: the same, another one, or an error that stops the task. */
function readAs(value: string): 'same' | 'other' | 'error' {
  const read = value.trim();
  // Nomad refuses control characters, line breaks included.
  if (Array.from(read).some((character) => character < ' ') || !LINE.test(read)) return 'error';
  return value === read && !/["'#]/.test(value) ? 'same' : 'other';
}

/**
 * Throws `input-invalid` for secrets that a `secret` block of the job cannot read: values that Nomad cannot read at all in the whole variable, because then the
 * task does not start, and references to values that it reads in another way.
 */
export function requireReadable(job: Job, { variables, release, older }: Pick<SecretChange, 'variables' | 'release' | 'older'>): void {
  const current = [release, ...Object.values(older)];
  const ofTask = (group: string, task: Task): string[] => {
    const blocks = [...variablesOf(task, job)];
    const used = new Set(
      textsIn(task).flatMap((text) => [...text.matchAll(REFERENCE)].map(([, , block, item = '']) => `${block} ${withoutRelease(item)}`)),
    );
    return blocks.flatMap(([block, path]) => {
      const items = variables.find((one) => one.path === path)?.items ?? {};
      const wrong = Object.entries(items).flatMap(([key, value]) => {
        const as = /[^\w./]/.test(key) ? 'error' : readAs(value);
        const isUsed = current.includes(releaseOf(key)) && used.has(`${block} ${withoutRelease(key)}`);
        return as === 'error' || (as === 'other' && isUsed) ? [current.includes(releaseOf(key)) ? withoutRelease(key) : key] : [];
      });
      const names = [...new Set(wrong)].join(', ');
      return names === '' ? [] : [`the block \`secret "${block}"\` of the task ${group}/${task.Name} cannot read ${names} of ${path}`];
    });
  };
  const problems = (job.TaskGroups ?? []).flatMap(({ Name, Tasks }) => (Tasks ?? []).flatMap((task) => ofTask(Name, task)));
  if (problems.length === 0) return;
  throw new ActionError(
    'input-invalid',
    `${problems.join('; ')}: Nomad reads each item as a line \`NAME=value\`, without quotes, \`#\`, line breaks or blanks around the value, and without dashes in the name`,
    {
      hint: 'Read the variable by a template with `SECRETS_TEMPLATE`, or give these secrets to a group or task that has no such block, as in `web/server/KEY` (docs/secrets.md).',
    },
  );
}

function withoutRelease(item: string): string {
  const release = releaseOf(item) ?? (item.endsWith(`.${NO_RELEASE}`) ? NO_RELEASE : undefined);
  return release === undefined ? item : item.slice(0, -release.length - 1);
}
