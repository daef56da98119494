import { ActionError } from '../errors.ts';
import type { Context } from '../github/index.ts';
import type { Nomad } from '../nomad/index.ts';
import { isoTime, parseTime } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { put } from '../secrets/index.ts';
import { lockPath } from './variable-path.ts';

/** A job whose lock or freeze a run looks at. */
export interface Lockable {
  readonly jobId: string;
  readonly namespace: string;
  readonly nomad: Nomad;
}

/** The item by which this action knows its own variables. */
const KIND = 'nomad-deploy';

/** The longest text of a variable that is shown, in characters. */
const MAX_SHOWN = 500;

/** The person and the run behind a lock or a freeze. All parts but the kind may be missing. */
export interface Note {
  readonly kind: string;
  readonly actor: string;
  /** The page of the workflow run; `terminal` for a person's own machine. */
  readonly run: string;
  readonly command: string;
  /** RFC 3339. */
  readonly since: string;
  readonly reason: string;
  /** RFC 3339; empty for no end. */
  readonly until: string;
}

/** Returns the items of a lock or a freeze. */
export function noteItems(
  kind: 'lock' | 'freeze',
  { actor, runUrl, runAttempt }: Pick<Context, 'actor' | 'runUrl' | 'runAttempt'>,
  { command, reason = '', until = '' }: { readonly command: string; readonly reason?: string; readonly until?: string },
  nowMs: number,
): Record<string, string> {
  const run = runUrl === undefined ? 'terminal' : `${runUrl}/attempts/${runAttempt}`;
  const items = { [KIND]: kind, actor, run, command, since: isoTime(nowMs), reason, until };
  return Object.fromEntries(Object.entries(items).filter(([, value]) => value !== ''));
}

/** Reads the items of a lock or a freeze. Throws `job-taken` for the content of another program. */
export function readNote(kind: 'lock' | 'freeze', items: Readonly<Record<string, string>>, path: string): Note {
  if (items[KIND] !== kind) {
    throw new ActionError('job-taken', `the Nomad variable ${path} has other content than a ${kind} of this action`, {
      hint: `Nothing was written or registered. If no program needs the variable, remove it: nomad var purge ${path}.`,
    });
  }
  const shown = Object.fromEntries(Object.entries(items).map(([name, text]) => [name, text.slice(0, MAX_SHOWN)]));
  const { actor = '', run = '', command = '', since = '', reason = '', until = '' } = shown;
  return { kind, actor, run, command, since, reason, until };
}

/** Returns the person and the run of a note in words: `anna (https://…), since 2026-11-30T08:00:00.000Z`. */
export function whose({ actor, run, since }: Note): string {
  return `${actor || 'an unknown person'}${run === '' ? '' : ` (${run})`}${since === '' ? '' : `, since ${since}`}`;
}

/** A freeze of a job, with the modify index of its variable. */
interface Frozen {
  readonly note: Note;
  readonly index: number;
  /** The time of its end is over. */
  readonly isOver: boolean;
}

/** Reads the freeze of a job; undefined where there is none. Throws `job-taken` for the content of another program. */
async function readFreeze({ jobId, namespace, nomad }: Lockable): Promise<Frozen | undefined> {
  const path = lockPath('freezes', jobId);
  const found = await nomad.variables.read(path, namespace);
  if (found === undefined) return undefined;
  const note = readNote('freeze', found.Items ?? {}, path);
  return { note, index: found.ModifyIndex, isOver: note.until !== '' && parseTime(note.until) <= nomad.clock.now() };
}

/** Throws `job-locked` for a frozen job, with the person, the reason and the end. */
export async function requireNotFrozen(job: Lockable, { log }: Pick<Runtime, 'log'>): Promise<void> {
  const frozen = await readFreeze(job);
  if (frozen === undefined) return;
  const { note } = frozen;
  if (frozen.isOver) return log.info(`The freeze of ${job.jobId} by ${note.actor} ended at ${note.until}.`);
  throw isFrozen(job, note);
}

/** Returns the error about a frozen job. */
function isFrozen({ jobId, namespace }: Lockable, note: Note): ActionError {
  const until = note.until === '' ? 'until `command: unlock`' : `until ${note.until}`;
  return new ActionError('job-locked', `${jobId} is frozen ${until} by ${whose(note)}: ${JSON.stringify(note.reason)}`, {
    hint: `Nothing was built, written or registered. To end the freeze, run \`command: unlock\`; of a job that is not registered any more, nomad var purge -namespace=${namespace} ${lockPath('freezes', jobId)}.`,
  });
}

/** Freezes a job. Throws `job-locked` for a frozen one, and `conflict` when another run writes the freeze at the same time. */
export async function freeze(
  job: Lockable,
  { reason, until, context }: { readonly reason: string; readonly until: string; readonly context: Context },
): Promise<void> {
  const before = await readFreeze(job);
  if (before !== undefined && !before.isOver) throw isFrozen(job, before.note);
  const items = noteItems('freeze', context, { command: 'lock', reason, until }, job.nomad.clock.now());
  const path = lockPath('freezes', job.jobId);
  const { nomad, namespace } = job;
  if ((await put(nomad, { path, namespace }, items, before?.index ?? 0)) === undefined) throw changed(job.jobId);
}

/** Ends the freeze of a job. Returns the person, the run and the reason of the ended one; undefined where there was none. */
export async function thaw(job: Lockable): Promise<string | undefined> {
  const before = await readFreeze(job);
  if (before === undefined) return undefined;
  const { nomad, namespace } = job;
  const path = lockPath('freezes', job.jobId);
  if ((await put(nomad, { path, namespace }, {}, before.index)) === undefined) throw changed(job.jobId);
  return `${whose(before.note)}: ${JSON.stringify(before.note.reason)}`;
}

function changed(jobId: string): ActionError {
  return new ActionError('conflict', `another run has changed the freeze of ${jobId} at the same time`, { hint: 'Run the command again.' });
}
