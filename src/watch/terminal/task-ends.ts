import { exitWords } from '../../diagnose/index.ts';
import type { Allocation, TaskEvent } from '../../nomad/types.ts';
import { oneLine } from '../../text/index.ts';

/** A note about an allocation, or about one of its tasks. */
export interface Note {
  readonly task: string | undefined;
  readonly text: string;
}

/** Events that say nothing to the reader of a log, or that another note says. */
const QUIET = new Set([
  ...['Received', 'Task Setup', 'Building Task Directory', 'Downloading Artifacts', 'Driver', 'Task hook message', 'Running'],
  ...['Killing', 'Killed', 'Alloc Unhealthy', 'Signaling', 'Main Tasks Dead', 'Leader Task Dead', 'Waiting for shutdown delay'],
]);

/**
 * Returns the notes about the changes of an allocation since the last look: how tasks ended, that they start again, that Nomad stops or replaces the allocation.
 * `before` is undefined for a new allocation.
 */
export function notesOf(before: Allocation | undefined, now: Allocation): Note[] {
  const notes: Note[] = before === undefined ? [{ task: undefined, text: `is placed on ${now.NodeName}, version ${now.JobVersion}` }] : [];
  for (const [task, { Events }] of Object.entries(now.TaskStates ?? {})) {
    const seen = new Set((before?.TaskStates?.[task]?.Events ?? []).map(keyOf));
    // Nomad keeps the last ten events of a task.
    const started = seen.size > 0 && [...seen].some((key) => key.endsWith(' Started'));
    for (const event of Events ?? []) {
      const text = seen.has(keyOf(event)) ? undefined : eventWords(event, started);
      if (text !== undefined) notes.push({ task, text });
    }
  }
  if (before !== undefined && now.DesiredStatus !== 'run' && before.DesiredStatus === 'run') {
    notes.unshift({ task: undefined, text: `Nomad stops it: ${now.DesiredDescription || 'it is not needed any more'}` });
  }
  if (before !== undefined && now.ClientStatus !== before.ClientStatus && /^(lost|unknown)$/.test(now.ClientStatus)) {
    notes.push({ task: undefined, text: `the node ${now.NodeName} is ${now.ClientStatus === 'lost' ? 'down' : 'disconnected'}` });
  }
  if (before !== undefined && now.NextAllocation && !before.NextAllocation) {
    notes.push({ task: undefined, text: `is replaced by ${now.NextAllocation.slice(0, 8)}` });
  }
  return notes;
}

/** Returns how a task ended for good; undefined while it may run. */
export function endOf({ TaskStates }: Allocation, task: string): string | undefined {
  const state = TaskStates?.[task];
  const last = (state?.Events ?? []).findLast(({ Type }) => Type === 'Terminated');
  return state?.State === 'dead' && last !== undefined ? exitWords(last) : undefined;
}

const keyOf = ({ Time, Type }: TaskEvent): string => `${Time} ${Type}`;

function eventWords(event: TaskEvent, startedBefore: boolean): string | undefined {
  const { Type } = event;
  const message = oneLine(event.DisplayMessage).replace(/(?<![\d.])(\d+\.\d)\d+s$/, '$1s');
  if (QUIET.has(Type)) return undefined;
  if (Type === 'Terminated') return exitWords(event);
  if (Type === 'Started') return startedBefore ? 'is started again' : undefined;
  if (Type === 'Restarting') return `restarts${/ in (\S+)$/.exec(message)?.[0] ?? ''}`;
  return message === '' ? Type : `${Type}: ${message}`;
}
