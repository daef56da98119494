import type { Allocation, Task, TaskEvent } from '../nomad/types.ts';
import { oneLine, withoutFolders } from '../text/index.ts';
import type { Finding } from './driver.ts';
import { EVENT_WORDS } from './words.ts';

/** Returns what a kill that fails the task means: its template, or another reason of Nomad's. */
export function killed(message: string): Finding {
  const text = withoutFolders(oneLine(message));
  const about: Finding['about'] = { kind: 'template' };
  const [, failure] = EVENT_WORDS.templateFailed.pattern.exec(text) ?? [];
  if (failure !== undefined) return { ...templateFailure(failure), about };
  const env = EVENT_WORDS.envTemplate.pattern.exec(text)?.[1];
  if (env !== undefined)
    return {
      text: `cannot read a template with \`env = true\`: ${env}`,
      advice: 'correct the template, so that it writes lines of NAME=value',
      certain: false,
      about,
    };
  return { text: `was killed: ${text}`, advice: '', certain: false, about: { kind: /^Vault\b/.test(text) ? 'vault' : 'task' } };
}

function templateFailure(failure: string): Omit<Finding, 'about'> {
  const [, stage, at, words] = /^[^:]*: (parse|execute): template: [^:]*:([\d:]+): (.*)$/.exec(failure) ?? [];
  if (/permission denied|\b403\b/i.test(failure))
    return {
      text: `cannot render a template: ${failure}`,
      advice: 'give the role or the policy of the task the right to read the data',
      certain: false,
    };
  if (stage === 'parse') return { text: `cannot parse a template: line ${at}: ${words}`, advice: 'correct its syntax', certain: true };
  return {
    text: `cannot render a template: ${words === undefined ? failure : `line ${at}: ${words.replace(/^executing "[^"]*" at /, '')}`}`,
    advice: 'correct the template or its data',
    // Another agent may allow a function that this one forbids; the other failures may depend on the data.
    certain: false,
    ...(/function is disabled|is outside of sandbox/.test(failure) && { ofNode: true }),
  };
}

/** Names of consul-template for the things that templates wait for: `nomad.var.block(nomad/jobs/x@default.global)`, `kv.block(a/b)`. */
const DATA: readonly (readonly [pattern: RegExp, kind: string])[] = [
  [/^nomad\.var\.\w+\((.*)@[^@]*\)$/, 'the Nomad variable'],
  [/^nomad\.service\((.*)\)$/, 'the Nomad service'],
  [/^kv\.\w+\((.*)\)$/, 'the Consul key'],
  [/^(?:health|catalog)\.service\((.*)\)$/, 'the Consul service'],
  [/^vault\.\w+\((.*)\)$/, 'the Vault secret'],
];

/** Returns the finding about data that a template waits for; undefined where the event names none. */
export function missingData(message: string, { JobID, TaskGroup }: Allocation, task?: Task): Finding | undefined {
  const [, list] = EVENT_WORDS.missingData.pattern.exec(oneLine(message)) ?? [];
  if (!list) return undefined;
  const items = list.split(/, (?=[\w.]+\(|and \d+ more)/).map((item) => {
    for (const [pattern, kind] of DATA) {
      const name = pattern.exec(item)?.[1];
      if (name !== undefined) return { kind, name };
    }
    return { kind: '', name: item };
  });
  const names = items.map(({ kind, name }) => `${kind} ${name}`.trim()).join(', ');
  const variable = items.find(({ kind }) => kind === 'the Nomad variable')?.name;
  // The paths that a task reads without a policy of its own.
  const own = ['nomad/jobs', `nomad/jobs/${JobID}`, `nomad/jobs/${JobID}/${TaskGroup}`];
  const foreign = variable !== undefined && !own.some((path) => variable === path || variable.startsWith(`${own[2]}/`));
  const missing = `${items.length > 1 ? 'do' : 'does'} not exist${foreign ? ', or the job has no permission to read it' : ''}`;
  // A `secret` block is a template inside Nomad.
  const secret = task?.Secrets?.find(({ Path }) => items.some(({ name }) => name === Path));
  return {
    text: `waits for ${secret === undefined ? 'the data of a template' : `its secret "${secret.Name}"`}: ${names} ${missing}`,
    advice: foreign
      ? `create the variable, and give the job a policy for it: without a policy, the job reads nomad/jobs/${JobID ?? '<job>'} only`
      : variable !== undefined
        ? 'create the variable, or correct its path'
        : `create ${items.length > 1 ? 'them' : 'it'}, correct the path, or give the task the right to read it`,
    certain: false,
    about:
      secret === undefined
        ? { kind: 'template', ...(items[0] === undefined ? {} : { name: items[0].name }) }
        : { kind: 'secret', name: secret.Name },
  };
}

/** Returns the finding about a `change_script` that failed; undefined for another event. Nomad runs it on a change, or at the first rendering. */
export function failedScript({ DisplayMessage }: TaskEvent): Finding | undefined {
  const text = oneLine(DisplayMessage);
  // In two steps: a command that repeats the words of the sentence takes time in proportion.
  const [begin = '', end = ''] = text.split(/\] on change(.*)$/);
  const [, command, args = ''] = /^Template (?:ran|failed to run) script (.+?) with arguments \[(.*)$/.exec(begin) ?? [];
  const [how, code, problem = ''] = /^ but it exited with code: (\d+)$|^: (.*?)\.? Exit code: \d+$/.exec(end) ?? [];
  if (command === undefined || how === undefined) return undefined;
  const words = withoutFolders(problem.replace(/^rpc error: code = \w+ desc = /, ''));
  const script = `the change_script of a template, ${[command, args].filter(Boolean).join(' ')},`;
  return {
    text:
      code === undefined ? `was killed because ${script} could not run: ${words}` : `was killed because ${script} exited with code ${code}`,
    advice: 'correct the script, or set `fail_on_error = false`',
    certain: false,
    about: { kind: 'template', name: command },
  };
}
