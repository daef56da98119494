import type { Allocation, TaskState } from './types.ts';
import { API_WORDS } from './words.ts';

/** How an allocation that Nomad calls `complete` ended: with its work done, before that, or in an unknown way. */
export type Ending = 'done' | 'cut' | 'unknown';

/** Events that end the other tasks because the work of the group is done. */
const WORK_DONE = /^(Leader Task Dead|Main Tasks Dead)$/;

/**
 * Returns how an allocation of a batch job ended. Nomad also calls an allocation `complete` that it killed, by `max_run_duration`, for example. So each task must
 * have exited with code 0 by itself, or must have been ended because its leader or the main tasks were done. The description decides where no event does.
 */
export function endingOf({ TaskStates, ClientDescription }: Allocation): Ending {
  const endings = Object.values(TaskStates ?? {}).map(endingOfTask);
  if (endings.includes('cut')) return 'cut';
  // Nomad before 2.0.6 takes groups of sidecars only, and ends them at once.
  if (endings.length > 0 && !endings.includes('unknown')) return endings.includes('done') ? 'done' : 'cut';
  return API_WORDS.runLimit.pattern.test(ClientDescription ?? '') ? 'cut' : 'unknown';
}

/** Returns how the last attempt of a task ended. Before 1.10, Nomad also adds `Killing` to tasks that have exited, so the first event decides. */
function endingOfTask({ Failed, Events }: TaskState): Ending | 'ended' {
  if (Failed) return 'cut';
  const events = Events ?? [];
  const attempt = events.slice(events.findLastIndex(({ Type }) => /^(Started|Restarting)$/.test(Type)) + 1);
  if (attempt.some(({ Type }) => WORK_DONE.test(Type))) return 'ended';
  const end = attempt.find(({ Type }) => /^(Terminated|Killing)$/.test(Type));
  if (end === undefined) return 'unknown';
  const { exit_code: code = '0', signal = '0' } = end.Details ?? {};
  return end.Type === 'Terminated' && code === '0' && signal === '0' ? 'done' : 'cut';
}

/** Returns whether an allocation of a batch job has done its work: Nomad calls it `complete`, and nothing ended it before. */
export function isDone(allocation: Allocation): boolean {
  return allocation.ClientStatus === 'complete' && endingOf(allocation) !== 'cut';
}

/** Returns whether `max_run_duration` ended an allocation: by Nomad's words, or by the time of the kill (`limitMs` after the creation). */
export function isOverLimit(
  { ClientDescription, CreateTime }: Allocation,
  kill: { readonly Time: number; readonly DisplayMessage: string },
  limitMs: number | undefined,
): boolean {
  if (API_WORDS.runLimit.pattern.test(ClientDescription ?? '') || API_WORDS.runLimit.pattern.test(kill.DisplayMessage)) return true;
  return limitMs !== undefined && CreateTime != null && (kill.Time - CreateTime) / 1e6 >= limitMs;
}
