import { endingOf, isOverLimit } from '../nomad/index.ts';
import type { Allocation, Job, Task, TaskEvent, TaskState } from '../nomad/types.ts';
import { formatDuration } from '../text/index.ts';
import type { Finding } from './driver.ts';
import { EVENT_WORDS } from './words.ts';

/** The place of an event. */
export interface EventPlace {
  readonly allocation: Allocation;
  readonly state: TaskState;
  /** The task of the spec, where the job is known. */
  readonly task: Task | undefined;
  readonly job: Job | undefined;
  /** The event's number among the events of the task. */
  readonly index: number;
}

/** Returns what an event means; undefined where it is no cause. */
export type EventRule = (event: TaskEvent, place: EventPlace) => (Finding & { readonly exited?: boolean }) | undefined;

const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
};

/** Exit codes that shells give, see https://tldp.org/LDP/abs/html/exitcodes.html */
const CODES: Readonly<Record<string, readonly [meaning: string, advice: string]>> = {
  '126': [' (a command is not executable)', 'make the command executable (chmod +x)'],
  '127': [' (a command does not exist)', 'correct the name of the command or `PATH`, or install the command'],
};

/** Returns what the end of a task by itself means; undefined for a good end, and for one that Nomad brought about. */
export const terminated: EventRule = (event, place) => {
  const { Details } = event;
  const { allocation, state, index } = place;
  if (wasEnded((state.Events ?? []).slice(0, index))) return undefined;
  const common = { certain: false, exited: true } as const;
  if (Details?.['oom_killed'] === 'true') return { ...common, ...outOfMemory(place), about: { kind: 'memory' } };
  const signal = signalOf(event);
  if (signal !== 0) {
    return {
      ...common,
      text: exitWords(event),
      advice: signal === 9 ? `check the kernel log of the node ${allocation.NodeName}: the node may have run out of memory` : '',
      about: { kind: 'task' },
    };
  }
  const code = Details?.['exit_code'] ?? '0';
  if (code === '0') {
    // A task of a batch job, or one before the others, ends well with code 0; Nomad restarts or fails one that must keep running.
    if (!(state.Events ?? []).slice(index + 1).some(({ Type }) => /^(Not )?Restarting$/.test(Type))) return undefined;
    return { ...common, ...endedWell(place), about: { kind: 'command' } };
  }
  return { ...common, text: exitWords(event), advice: CODES[code]?.[1] ?? '', about: { kind: 'task' } };
};

/** Returns how a task ended, as the end of a sentence. */
export function exitWords(event: TaskEvent): string {
  const { Details } = event;
  if (Details?.['oom_killed'] === 'true') return 'was killed because it used more memory than its limit (OOM)';
  const signal = signalOf(event);
  const name = SIGNALS[signal];
  if (signal !== 0) return `was killed by signal ${signal}${name === undefined ? '' : ` (${name})`}`;
  const code = Details?.['exit_code'] ?? '0';
  return `exited with code ${code}${CODES[code]?.[0] ?? ''}`;
}

/**
 * Returns whether Nomad itself ended the last attempt, because a check, a sibling or the deployment failed: then the exit code tells nothing. Nomad may have
 * begun to end the task before the driver reported its start.
 */
function wasEnded(before: readonly TaskEvent[]): boolean {
  const attempt = before.slice(before.findLastIndex(({ Type }) => Type === 'Terminated' || Type === 'Restarting') + 1);
  return attempt.some(
    ({ Type, DisplayMessage }) =>
      Type === 'Killing' ||
      Type === 'Sibling Task Failed' ||
      (Type === 'Restart Signaled' && !EVENT_WORDS.askedRestart.pattern.test(DisplayMessage)),
  );
}

function outOfMemory({ task, allocation }: EventPlace): Pick<Finding, 'text' | 'advice'> {
  const { MemoryMB, MemoryMaxMB } = task?.Resources ?? {};
  const hard = task?.Config?.['memory_hard_limit'];
  // `memory_max = -1` sets no limit but the memory of the node.
  if (!(typeof hard === 'number' && hard > 0) && (MemoryMaxMB ?? 0) < 0)
    return {
      text: `was killed because the node ${allocation.NodeName} has no memory left, and \`memory_max = -1\` sets no other limit (OOM)`,
      advice: 'limit the memory of the task, or make the task use less',
    };
  const [field, limit] =
    typeof hard === 'number' && hard > 0 ? ['memory_hard_limit', hard] : MemoryMaxMB ? ['memory_max', MemoryMaxMB] : ['memory', MemoryMB];
  return {
    text: `was killed because it used more memory than its limit${limit ? ` of ${limit} MiB` : ''} (OOM)`,
    advice: `raise \`${field}\`, or make the task use less`,
  };
}

/** Returns the signal that ended a task, 0 for none. Docker reports only the exit code, 128 above the signal. */
function signalOf({ Details }: TaskEvent): number {
  const signal = Number(Details?.['signal'] ?? 0);
  const code = Number(Details?.['exit_code'] ?? 0);
  return signal === 0 && code - 128 in SIGNALS ? code - 128 : signal;
}

/** Returns the finding about a task that exited with code 0 and must keep running: a sidecar, a task beside others, or the one of its group. */
function endedWell({ allocation: { TaskGroup }, task, job }: EventPlace): Pick<Finding, 'text' | 'advice'> {
  const text = (kind: string): string => `exited with code 0, but a ${kind} must keep running`;
  if (task?.Lifecycle?.Sidecar === true) return { text: text('sidecar'), advice: 'keep the sidecar running, or set `sidecar = false`' };
  const main = job?.TaskGroups?.find(({ Name }) => Name === TaskGroup)?.Tasks?.filter(({ Lifecycle }) => !Lifecycle?.Hook) ?? [];
  const isSystem = job?.Type === 'system';
  const other = main.length > 1 ? 'give the task a `lifecycle` block' : `set \`type = "${isSystem ? 'sysbatch' : 'batch'}"\``;
  return { text: text(isSystem ? 'system job' : 'service'), advice: `start the server in the foreground, or ${other}` };
}

/** Returns the finding about a restart by `check_restart`; undefined for a restart that a person asked for. */
export const restartedByCheck: EventRule = ({ DisplayMessage }, { state, task, index }) => {
  const check = EVENT_WORDS.failingCheck.pattern.exec(DisplayMessage)?.[1];
  if (check === undefined) return undefined;
  const events = state.Events ?? [];
  // The check may fail once more while the task is being ended.
  const end = events
    .slice(events.slice(0, index).findLastIndex(({ Type }) => Type === 'Started') + 1)
    .find(({ Type }) => Type === 'Terminated');
  const limit = task?.KillTimeout ? ` of ${formatDuration(task.KillTimeout / 1e6)}` : '';
  const forced = end !== undefined && signalOf(end) === 9 ? ` with SIGKILL after its kill_timeout${limit}` : '';
  return {
    text: `was restarted by Nomad${forced} because its check "${check}" failed`,
    advice: '',
    certain: false,
    about: { kind: 'check', name: check },
  };
};

/**
 * Returns the finding about a task of a batch job that Nomad killed before its work was done, although it calls the allocation `complete`; undefined for
 * another kill, and for a task that never started beside one that did.
 */
export const cutShort: EventRule = (event, { allocation, state, job, index }) => {
  const { ClientStatus, DesiredStatus, TaskGroup, TaskStates } = allocation;
  if (ClientStatus !== 'complete' || DesiredStatus !== 'run' || endingOf(allocation) !== 'cut') return undefined;
  const begun = ({ Events }: TaskState): boolean => Events?.some(({ Type }) => /^(Started|Terminated)$/.test(Type)) === true;
  const before = (state.Events ?? []).slice(0, index);
  const last = before.at(-1);
  const isAlone = Object.values(TaskStates ?? {}).every(({ Events }) => Events?.some(({ Type }) => Type === 'Main Tasks Dead'));
  if (isAlone)
    return {
      text: 'was killed by Nomad, because its group has no main task',
      advice: 'give the group a task without `lifecycle`',
      certain: false,
      about: { kind: 'group' },
    };
  // Nomad before 1.10 adds the event to tasks that have exited, too.
  if (last?.Type === 'Terminated' || last?.Type === 'Leader Task Dead' || last?.Type === 'Main Tasks Dead') return undefined;
  if (!begun(state) && Object.values(TaskStates ?? {}).some(begun)) return undefined;
  const limit = job?.TaskGroups?.find(({ Name }) => Name === TaskGroup)?.MaxRunDuration;
  const limitMs = limit ? limit / 1e6 : undefined;
  const isLimit = isOverLimit(allocation, event, limitMs);
  const reason = isLimit ? ` after max_run_duration${limitMs === undefined ? '' : ` (${asInSpec(limitMs)})`}` : ' by Nomad';
  const exit = last?.Type === 'Restarting' ? before.findLast(({ Type }) => Type === 'Terminated') : undefined;
  const code = exit?.Details?.['exit_code'];
  return {
    text: `${code === undefined ? '' : `exited with code ${code}, and `}was killed${reason}${code === undefined ? '' : ' before its restart'}`,
    advice: isLimit
      ? 'raise `max_run_duration`, or make the task end earlier'
      : `check the node ${allocation.NodeName}, and run the job again`,
    certain: false,
    exited: true,
    about: { kind: isLimit ? 'max_run_duration' : 'task' },
  };
};

/** Writes milliseconds as a spec does: `90s`, `1h30m`. */
function asInSpec(ms: number): string {
  const [seconds, minutes, hours] = [ms / 1_000, ms / 60_000, ms / 3_600_000].map((count) => (Number.isInteger(count) ? count : undefined));
  if (hours) return `${hours}h`;
  if (minutes) return minutes > 60 ? `${Math.floor(minutes / 60)}h${minutes % 60}m` : `${minutes}m`;
  return seconds === undefined ? `${ms}ms` : `${seconds}s`;
}
