import { messageOf } from '../errors.ts';
import { nearest, parseDuration, yamlData } from '../text/index.ts';
import { parseTest } from './image-values.ts';
import { parseBoolean, parseCount } from './values.ts';

/** A command that runs on the cluster before or after a deploy. */
export interface Hook {
  /** A text for the shell of the image, or a program with its arguments. */
  readonly command: string | readonly [string, ...string[]];
  /** Runs at each deploy, instead of once for each image and command. */
  readonly always: boolean;
  /** The number of further tries after a failed one. */
  readonly retries: number;
  /** Undefined: as the deploy. */
  readonly timeoutMs: number | undefined;
  /** The task that the hook is made of, `task` or `group/task`; undefined: the task of the image. */
  readonly task: string | undefined;
  /** In MHz; undefined: as the task. */
  readonly cpu: number | undefined;
  /** In MB; undefined: as the task. */
  readonly memory: number | undefined;
}

export type HookKind = 'pre-deploy' | 'post-deploy';

/** A hook with its kind. */
export interface AskedHook {
  readonly kind: HookKind;
  readonly hook: Hook;
}

/** Returns the hooks of one of the job specs of an app: the first spec has `pre-deploy`, the last one `post-deploy`. */
export function hooksOf(
  { preDeploy, postDeploy }: { readonly preDeploy: Hook | undefined; readonly postDeploy: Hook | undefined },
  { isFirst, isLast }: { readonly isFirst: boolean; readonly isLast: boolean },
): AskedHook[] {
  return [
    ...(preDeploy === undefined || !isFirst ? [] : [{ kind: 'pre-deploy' as const, hook: preDeploy }]),
    ...(postDeploy === undefined || !isLast ? [] : [{ kind: 'post-deploy' as const, hook: postDeploy }]),
  ];
}

/** The keys of a hook that is a map. */
export const HOOK_KEYS = ['command', 'task', 'timeout', 'retries', 'always', 'cpu', 'memory'] as const;

/** A text that is a map of YAML or JSON, and no command. */
const MAP = new RegExp(`^\\s*(\\{\\s*"?(${HOOK_KEYS.join('|')})"?\\s*:|(#[^\\n]*\\n\\s*)*(${HOOK_KEYS.join('|')}):(\\s|$))`);

/** Reads a hook: a command, or a map with one. Adds every problem to `problems`; undefined without a hook, or where the command can't be read. */
export async function readHook(name: HookKind, text: string | undefined, problems: string[]): Promise<Hook | undefined> {
  if (text === undefined || text.trim() === '') return undefined;
  const say = (problem: string): undefined => {
    problems.push(`\`${name}\`${problem}`);
  };
  if (!MAP.test(text)) {
    const command = readCommand(text.trim(), say);
    return command === undefined ? undefined : { command, ...NONE };
  }
  const read = await yamlData(text);
  if (!('data' in read) || !isMap(read.data))
    return say(`${'problem' in read ? ` (line ${read.problem.line})` : ''} is not a YAML map, such as \`command: bin/migrate\``);
  const given = read.data;
  for (const key of Object.keys(given)) {
    if (HOOK_KEYS.some((known) => known === key)) continue;
    const near = nearest(key, HOOK_KEYS);
    say(`: unknown key \`${key}\`${near === undefined ? `; the keys are ${HOOK_KEYS.join(', ')}` : `: did you mean \`${near}\`?`}`);
  }
  const value = (key: (typeof HOOK_KEYS)[number]): string | undefined => {
    const one = given[key];
    if (one === undefined || typeof one === 'string') return one?.trim() === '' ? undefined : one?.trim();
    return say(`: \`${key}\` must be a text`);
  };
  const count = (key: 'retries' | 'cpu' | 'memory', least: number): number | undefined => {
    const found = attempt(() => parseCount(key, value(key)), say);
    return found !== undefined && found < least ? say(`: \`${key}\` is at least ${least}`) : found;
  };
  const list = given['command'];
  const command = readCommand(Array.isArray(list) ? JSON.stringify(list) : (value('command') ?? ''), say);
  const timeout = value('timeout');
  const timeoutMs = timeout === undefined ? undefined : parseDuration(timeout);
  if (timeout !== undefined && (timeoutMs ?? 0) <= 0)
    say(`: \`timeout\`: ${JSON.stringify(timeout)} is not a duration, such as 90s or 10m`);
  const hook = {
    always: attempt(() => parseBoolean('always', value('always')), say) ?? false,
    retries: count('retries', 0) ?? 0,
    timeoutMs,
    task: value('task'),
    cpu: count('cpu', 1),
    memory: count('memory', 1),
  };
  return command === undefined ? undefined : { command, ...hook };
}

const NONE = { always: false, retries: 0, timeoutMs: undefined, task: undefined, cpu: undefined, memory: undefined };

/** Returns the command of a hook as people write it. */
export function hookText({ command }: Pick<Hook, 'command'>): string {
  return typeof command === 'string' ? command : JSON.stringify(command);
}

function readCommand(text: string, say: (problem: string) => undefined): Hook['command'] | undefined {
  if (text === '') return say(' has no `command`, such as `command: bin/migrate`');
  try {
    return parseTest(text);
  } catch (error) {
    return say(messageOf(error).replace(/^`test`/, ''));
  }
}

function attempt<T>(read: () => T, say: (problem: string) => undefined): T | undefined {
  try {
    return read();
  } catch (error) {
    return say(`: ${messageOf(error)}`);
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
