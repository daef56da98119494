import { ActionError, toActionError } from '../errors.ts';
import type { AccessControl } from '../nomad/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { lineDiff } from '../text/index.ts';
import type { Difference, Step } from './steps.ts';

const SIGNS = { create: '+', change: '~', remove: '-', unchanged: ' ', keep: ' ' } as const satisfies Record<Step['does'], string>;
const WORDS = { create: 'new', change: 'changed', remove: 'removed', unchanged: 'unchanged', keep: 'kept' } as const;
/** The work in the past, for what is done. */
const DONE = { create: 'Created', change: 'Changed', remove: 'Removed', unchanged: 'Kept', keep: 'Kept' } as const;

/** Returns the steps as lines: each object, the content of a new one, the values of a changed one, and the counts. */
export function linesOfSteps(steps: readonly Step[]): string[] {
  const count = (does: Step['does']): string => `${steps.filter((step) => step.does === does).length} ${WORDS[does]}`;
  return [
    ...steps.flatMap(({ what, does, lines = [], differences = [], why }) => [
      `${SIGNS[does]} ${what}: ${WORDS[does]}${why === undefined ? '' : `, because ${why}`}`,
      ...[...lines, ...differences.flatMap(linesOfDifference)].map((line) => `      ${line}`.trimEnd()),
    ]),
    `${count('create')}, ${count('change')}, ${count('remove')}, ${steps.filter(({ write }) => write === undefined).length} as before`,
  ];
}

function linesOfDifference({ field, old, next }: Difference): string[] {
  if (!old.includes('\n') && !next.includes('\n')) return [`${field}: ${old || '(none)'} -> ${next || '(none)'}`];
  return [`${field}:`, ...lineDiff(old, next).map(({ sign, text }) => `${sign} ${text}`)];
}

/**
 * Does the steps one after the other. Throws the error of the first that fails, with the names of the objects that are written already and of those that are
 * not: Nomad has no transaction for several objects.
 */
export async function doSteps(
  steps: readonly Step[],
  control: AccessControl,
  { log, signal }: Pick<Runtime, 'log' | 'signal'>,
): Promise<void> {
  const pending = steps.filter(({ write }) => write !== undefined);
  for (const [i, { what, does, write }] of pending.entries()) {
    try {
      signal.throwIfAborted();
      await write?.(control);
    } catch (thrown) {
      throw halfDone(signal.aborted ? new ActionError('cancelled', 'the command was cancelled') : toActionError(thrown), pending, i);
    }
    log.info(`${DONE[does]}: ${what}`);
  }
}

function halfDone(error: ActionError, pending: readonly Step[], failed: number): ActionError {
  const names = (all: readonly Step[]): string => all.map(({ what }) => what).join(', ') || 'nothing';
  const [at] = pending.slice(failed);
  const { code, message, needsLogin, hint = '' } = error;
  const told = `${at?.what ?? ''}: ${message}. Done before: ${names(pending.slice(0, failed))}. Not done: ${names(pending.slice(failed))}`;
  return new ActionError(code, told, {
    needsLogin,
    cause: error,
    hint: `${hint}${hint === '' ? '' : ' '}The same command goes on with the objects that are not done.`,
  });
}
