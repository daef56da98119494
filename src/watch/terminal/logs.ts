// `logs` in the terminal program: of all allocations of a job, and with `--follow` also of those that come later.
import { ActionError } from '../../errors.ts';
import type { Inputs } from '../../inputs/index.ts';
import type { Allocation, RegisteredJob, TaskState } from '../../nomad/types.ts';
import { LOGS_UNREAD, type Result } from '../../report/index.ts';
import { parseTime } from '../../runtime/index.ts';
import type { Runtime, Terminal } from '../../runtime/runtime.ts';
import { parseDuration } from '../../text/index.ts';
import { follow } from '../follow.ts';
import type { Following } from '../following.ts';
import { type LogWriter, logWriter, type TaskStream } from './log-writer.ts';
import { endOf, notesOf } from './task-ends.ts';

/** Notes about a task come after its lines, which a node writes and sends within this time. */
const LAST_LINES_MS = 700;

const STREAMS = ['stdout', 'stderr'] as const;

interface World {
  readonly runtime: Runtime;
  readonly terminal: Terminal;
}

/** A task whose log is read. */
interface Reader {
  readonly over: AbortController;
  readonly done: Promise<unknown>;
  isDone: boolean;
}

/** The state of a followed job. */
interface Followed {
  readonly job: RegisteredJob;
  readonly following: Following;
  readonly runtime: Runtime;
  readonly terminal: Terminal;
  readonly writer: LogWriter;
  /** Aborts at the end: the job is over, the person leaves, or a log fails. */
  readonly signal: AbortSignal;
  readonly end: (error?: unknown) => void;
  readonly readers: Map<string, Reader>;
  /** The allocations of the last look; undefined before the first one. */
  seen?: ReadonlyMap<string, Allocation>;
  /** Allocations that had ended before the first look, and are not shown. */
  readonly older: Set<string>;
  /** Notes of each allocation, in their order. */
  readonly notes: Map<string, Promise<unknown>>;
  /** The job is stopped, dead or gone. */
  over?: string;
  /** The connection to Nomad is lost, and that was said. */
  isLost?: boolean;
}

/** Shows the logs of a job. With `follow` until the job is stopped or dead, or until the person leaves by Ctrl-C, which is no failure. */
export async function terminalLogs(job: RegisteredJob, following: Following, { runtime, terminal }: World): Promise<Result> {
  const { inputs, draft, nomad } = following;
  const writer = logWriter(terminal, runtime.clock, patternOf(inputs.grep));
  if (!inputs.follow) {
    const all = (await nomad.jobs.allocations(job.ID, draft.namespace, 0, runtime.signal)).value;
    await showLast(job, all, { following, runtime, writer });
    return { outcome: 'reported' };
  }
  const ended = new AbortController();
  let failure: { readonly error: unknown } | undefined;
  const timeUp = inputs.timeoutMs === undefined ? [] : [runtime.clock.timeout(inputs.timeoutMs)];
  const followed: Followed = {
    ...{ job, following, runtime, terminal, writer },
    signal: AbortSignal.any([runtime.signal, ended.signal, ...timeUp]),
    end: (error) => {
      if (error !== undefined) failure ??= { error };
      ended.abort(new Error('the logs have ended'));
    },
    readers: new Map(),
    older: new Set(),
    notes: new Map(),
  };
  const { signal } = followed;
  const { clock } = runtime;
  const looks = [
    follow(
      async (index) => nomad.jobs.allocations(job.ID, draft.namespace, index, signal),
      (all) => look(followed, all),
      { clock, signal },
    ),
    follow(
      async (index) => nomad.jobs.watch(job.ID, draft.namespace, index, signal),
      (now) => judge(followed, now),
      { clock, signal },
    ),
  ];
  await Promise.all(looks.map(async (one) => one.catch((error: unknown) => followed.end(signal.aborted ? undefined : error))));
  await Promise.allSettled([...followed.readers.values()].map(async ({ done }) => done));
  await Promise.allSettled(followed.notes.values());
  terminal.show([]);
  if (failure !== undefined) throw failure.error;
  if (followed.over !== undefined) terminal.say(followed.over);
  if (runtime.signal.aborted) terminal.exitWith(0);
  return { outcome: 'reported' };
}

/** Returns the pattern of `--grep`. Throws `input-invalid` for one that is none. */
function patternOf(grep: string | undefined): RegExp | undefined {
  try {
    return grep === undefined ? undefined : new RegExp(grep);
  } catch (cause) {
    throw new ActionError('input-invalid', `\`grep\` is not a regular expression: ${grep}`, { cause });
  }
}

/** Shows the last lines of each log, one log after the other. */
async function showLast(
  { ID }: RegisteredJob,
  all: readonly Allocation[],
  {
    following: { inputs, nomad, draft },
    runtime,
    writer,
  }: { readonly following: Following; readonly runtime: Runtime; readonly writer: LogWriter },
): Promise<void> {
  const chosen = firstOf(all, inputs);
  const which = chosen.flatMap((allocation) => startedTasks(allocation, inputs).map(([task, state]) => ({ allocation, task, state })));
  if (which.length === 0) {
    throw new ActionError('input-invalid', `no task of ${ID}${partOf(inputs)} has started, or Nomad has removed its allocation`, {
      hint: '`status` shows the state of the job; --follow waits for a task to start.',
    });
  }
  for (const { allocation, task, state } of which) {
    if (!(await isRecent({ allocation, task, state }, { inputs, nomad, namespace: draft.namespace, runtime }))) continue;
    for (const stream of STREAMS) {
      const tell = (lines: readonly string[]): void => writer.lines({ allocation, task, stream }, lines);
      const wish = { last: inputs.logLines, over: undefined, tell };
      const unread = await nomad.allocations.readLog({ id: allocation.ID, task, type: stream }, wish, draft.namespace, runtime.signal);
      if (unread === 'denied') throw await denied({ nomad, draft });
      if (unread !== undefined && stream === 'stdout') writer.note({ allocation, task }, LOGS_UNREAD[unread]);
    }
    const ended = endOf(allocation, task);
    if (ended !== undefined) writer.note({ allocation, task }, ended);
  }
}

/** Returns the error of a token without the right to read logs, with the lines of its policy. */
const denied = async ({ nomad, draft: { namespace } }: Pick<Following, 'nomad' | 'draft'>): Promise<ActionError> =>
  nomad.denied({ method: 'GET', path: '/v1/client/fs/logs', namespace, capability: 'read-logs' }, 'Permission denied');

const partOf = ({ group, task, alloc }: Pick<Inputs, 'group' | 'task' | 'alloc'>): string =>
  [group && ` in the group ${group}`, task && ` named ${task}`, alloc && ` of the allocation ${alloc}`].filter(Boolean).join('');

/** Returns the allocations of the options. */
function inScope(all: readonly Allocation[], { group, alloc }: Pick<Inputs, 'group' | 'alloc'>): Allocation[] {
  return all
    .filter(({ ID, TaskGroup }) => (group === undefined || TaskGroup === group) && (alloc === undefined || ID.startsWith(alloc)))
    .sort((a, b) => a.Name.localeCompare(b.Name, 'en', { numeric: true }) || a.CreateIndex - b.CreateIndex);
}

/** Returns the allocations of the first look: those that run or are about to, or else those of the newest version. */
function firstOf(all: readonly Allocation[], wish: Pick<Inputs, 'group' | 'alloc'>): Allocation[] {
  const scope = inScope(all, wish);
  if (wish.alloc !== undefined) return scope;
  const live = scope.filter(isLive);
  const newest = Math.max(...scope.map(({ JobVersion }) => JobVersion));
  return live.length > 0 ? live : scope.filter(({ JobVersion, NextAllocation }) => JobVersion === newest && !NextAllocation);
}

const isLive = ({ ClientStatus }: Allocation): boolean => /^(running|pending|unknown)$/.test(ClientStatus);

const hasStarted = ({ State, Events }: TaskState): boolean =>
  State === 'running' || (Events ?? []).some(({ Type }) => Type === 'Started' || Type === 'Terminated');

function startedTasks({ TaskStates }: Allocation, { task }: Pick<Inputs, 'task'>): [string, TaskState][] {
  return Object.entries(TaskStates ?? {})
    .filter(([name, state]) => (task === undefined || name === task) && hasStarted(state))
    .sort(([a], [b]) => a.localeCompare(b));
}

/** Returns whether a task may have lines of the time that `--since` names. Nomad has the times of files and of ends, and none of lines. */
async function isRecent(
  { allocation, task, state }: { readonly allocation: Allocation; readonly task: string; readonly state: TaskState },
  {
    inputs: { since },
    nomad,
    namespace,
    runtime: { clock, signal },
  }: Pick<Following, 'inputs' | 'nomad'> & { readonly namespace: string; readonly runtime: Pick<Runtime, 'clock' | 'signal'> },
): Promise<boolean> {
  if (since === undefined) return true;
  const ms = parseDuration(since);
  if (ms === undefined)
    throw new ActionError('input-invalid', `\`since\` is not a duration: ${since}`, { hint: 'Write 90s, 10m or 1h30m.' });
  const from = clock.now() - ms;
  if (state.State === 'dead' && parseTime(state.FinishedAt ?? '') < from) return false;
  const changedAt = await nomad.allocations.logChangedAt(allocation.ID, task, namespace, signal);
  return changedAt === undefined || changedAt >= from;
}

/** Takes in the allocations of the job: reads the logs of tasks that have started, and notes what has changed. */
async function look(followed: Followed, all: readonly Allocation[]): Promise<void> {
  const { following, older, readers, signal } = followed;
  const { inputs } = following;
  const first = followed.seen === undefined;
  const scope = inScope(all, inputs);
  if (inputs.alloc !== undefined && scope.length === 0) {
    followed.end(
      new ActionError('input-invalid', `${followed.job.ID} has no allocation ${inputs.alloc}`, { hint: '`status` lists them.' }),
    );
    return;
  }
  if (first) {
    const chosen = new Set(firstOf(all, inputs).map(({ ID }) => ID));
    for (const { ID } of scope) if (!chosen.has(ID)) older.add(ID);
  }
  const shown = scope.filter(({ ID }) => !older.has(ID));
  const before = followed.seen;
  followed.seen = new Map(shown.map((allocation) => [allocation.ID, allocation]));
  for (const allocation of shown) {
    if (!first) noteChanges(followed, before?.get(allocation.ID), allocation);
    for (const [task, state] of startedTasks(allocation, inputs)) {
      if (signal.aborted) return;
      const key = `${allocation.ID}/${task}`;
      if (!readers.has(key)) readers.set(key, openReader(followed, { allocation, task, state }, first));
      if (state.State === 'dead' || !isLive(allocation)) readers.get(key)?.over.abort(new Error('the task has ended'));
    }
  }
  // An allocation that Nomad has removed has no more lines.
  for (const [key, { over }] of readers)
    if (!followed.seen.has(key.slice(0, key.indexOf('/')))) over.abort(new Error('the allocation is gone'));
  showWaiting(followed);
  leave(followed);
}

/** Says what is waited for, while no task has started. */
function showWaiting({ job, terminal, readers, seen, following: { inputs } }: Followed): void {
  const running = [...readers.values()].some(({ over }) => !over.signal.aborted);
  const pending = [...(seen?.values() ?? [])].filter(({ ClientStatus }) => ClientStatus === 'pending').map(({ ID }) => ID.slice(0, 8));
  const what = pending.length === 0 ? `for an allocation of ${job.ID}${partOf(inputs)}` : `for ${pending.join(', ')} to start`;
  terminal.show(running ? [] : [[['dim', `Waiting ${what}. Ctrl-C ends.`]]]);
}

/** Begins to read the logs of a task. Those of a new allocation are read from their start. */
function openReader(
  followed: Followed,
  from: { readonly allocation: Allocation; readonly task: string; readonly state: TaskState },
  first: boolean,
): Reader {
  const { following, runtime, terminal, writer, signal, end } = followed;
  const { nomad, inputs, draft } = following;
  const { allocation, task } = from;
  const over = new AbortController();
  const read = async (stream: TaskStream['stream'], recent: boolean): Promise<void> => {
    const last = !first ? undefined : recent ? inputs.logLines : 0;
    const tell = async (lines: readonly string[]): Promise<void> => {
      followed.isLost = false;
      writer.lines({ allocation, task, stream }, lines);
      await runtime.drained?.();
    };
    const onLost = (): void => {
      if (followed.isLost !== true) terminal.say('The connection to Nomad is lost; retrying.');
      followed.isLost = true;
    };
    const wish = { last, over: over.signal, onLost, tell };
    const unread = await nomad.allocations.readLog({ id: allocation.ID, task, type: stream }, wish, draft.namespace, signal);
    if (unread === 'denied') throw await denied(following);
    if (unread !== undefined && stream === 'stdout') writer.note({ allocation, task }, LOGS_UNREAD[unread]);
  };
  const all = async (): Promise<void> => {
    const recent = !first || (await isRecent(from, { inputs, nomad, namespace: draft.namespace, runtime }));
    await Promise.all(STREAMS.map(async (stream) => read(stream, recent)));
    // The changes after the first look are noted.
    const ended = first ? endOf(allocation, task) : undefined;
    if (ended !== undefined && recent) writer.note({ allocation, task }, ended);
  };
  const reader: Reader = {
    over,
    isDone: false,
    done: all()
      .catch((error: unknown) => end(signal.aborted ? undefined : error))
      .finally(() => {
        reader.isDone = true;
        leave(followed);
      }),
  };
  return reader;
}

/** Writes the notes about an allocation, each behind the last lines of its task. */
function noteChanges(
  { notes, writer, readers, runtime: { clock }, signal }: Followed,
  before: Allocation | undefined,
  now: Allocation,
): void {
  const found = notesOf(before, now);
  if (found.length === 0) return;
  const write = async (): Promise<void> => {
    const late = clock.sleep(LAST_LINES_MS, signal).catch(() => undefined);
    for (const { task, text } of found) {
      const reader = readers.get(`${now.ID}/${task}`);
      if (task !== undefined) await Promise.race([late, ...(reader === undefined ? [] : [reader.done])]);
      if (reader?.over.signal.aborted === true) await reader.done;
      writer.note({ allocation: now, task }, text);
    }
  };
  notes.set(now.ID, (notes.get(now.ID) ?? Promise.resolve()).then(write));
}

/** Takes in the state of the job, which ends the following when nothing of the job will run any more. */
function judge(followed: Followed, job: RegisteredJob | undefined): void {
  const { ID } = followed.job;
  const over =
    job === undefined
      ? `${ID} was removed from Nomad.`
      : job.Stop
        ? `${ID} is stopped.`
        : job.Status === 'dead'
          ? `${ID} has ended.`
          : undefined;
  if (over === undefined) delete followed.over;
  else followed.over = over;
  leave(followed);
}

/** Ends the following when the job, or the named allocation, is over and all its logs are read. */
function leave({ over, following: { inputs }, seen, readers, end }: Followed): void {
  const named = inputs.alloc === undefined ? undefined : [...(seen?.values() ?? [])];
  const isOver = over !== undefined || (named !== undefined && named.length > 0 && !named.some(isLive));
  if (!isOver || seen === undefined || [...seen.values()].some(isLive)) return;
  if ([...readers.values()].every(({ isDone }) => isDone)) end();
}
