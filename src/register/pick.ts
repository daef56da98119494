import { ActionError } from '../errors.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Allocation, RegisteredJob } from '../nomad/types.ts';
import { requireParts } from './existing.ts';

/** A running task of an allocation. */
export interface RunningTask {
  readonly allocation: Allocation;
  readonly task: string;
}

type Wish = Pick<Inputs, 'group' | 'task' | 'alloc'>;

/**
 * Returns the running task that a command is about: of the named allocation, else of the newest healthy one, else of the newest one that runs. Throws
 * `input-invalid` for a name that does not exist, for an allocation that does not run, and where the task must be named.
 */
export function pickTask(job: RegisteredJob, all: readonly Allocation[], wish: Wish): RunningTask {
  requireParts(job, wish);
  const named = all.filter(({ ID }) => wish.alloc === undefined || ID.startsWith(wish.alloc));
  if (named.length === 0) throw bad(job, wish.alloc === undefined ? 'no running allocation' : `no allocation ${wish.alloc}`, all);
  const fitting = named.filter(
    ({ TaskGroup, TaskStates }) =>
      (wish.group === undefined || TaskGroup === wish.group) && (wish.task === undefined || Object.hasOwn(TaskStates ?? {}, wish.task)),
  );
  const running = fitting.filter(({ ClientStatus, DesiredStatus }) => ClientStatus === 'running' && DesiredStatus === 'run').sort(byWorth);
  const [allocation] = running;
  if (allocation === undefined) {
    const [first] = fitting;
    const what =
      wish.alloc === undefined || first === undefined
        ? 'no running allocation'
        : `the allocation ${shortOf(first)}, which is ${first.ClientStatus}`;
    throw bad(job, what, all);
  }
  return { allocation, task: taskOf(job, allocation, wish) };
}

/**
 * Returns the task whose files a command is about: a running one where there is one, else that of the newest allocation that has ended, whose node keeps the files for
 * a while. Throws the errors of `pickTask`.
 */
export function pickFiles(job: RegisteredJob, all: readonly Allocation[], wish: Wish): RunningTask & { readonly runs: boolean } {
  const ended = all
    .filter(({ ID, TaskGroup, TaskStates }) => {
      const states = TaskStates ?? {};
      return (
        ID.startsWith(wish.alloc ?? '') &&
        TaskGroup === (wish.group ?? TaskGroup) &&
        (wish.task === undefined || Object.hasOwn(states, wish.task))
      );
    })
    .sort((a, b) => b.CreateIndex - a.CreateIndex);
  const [newest] = ended;
  const runs = ended.some(({ ClientStatus, DesiredStatus }) => ClientStatus === 'running' && DesiredStatus === 'run');
  if (runs || newest === undefined) return { ...pickTask(job, all, wish), runs: true };
  const tasks = Object.keys(newest.TaskStates ?? {});
  const specs = job.TaskGroups?.find(({ Name }) => Name === newest.TaskGroup)?.Tasks ?? [];
  const main = tasks.filter((name) => specs.every((one) => one.Name !== name || !one.Lifecycle));
  const [task, ...others] = wish.task === undefined ? (main.length === 0 ? tasks : main) : [wish.task];
  if (task === undefined) throw bad(job, `no files of ${shortOf(newest)}, which never started`, all);
  if (others.length === 0) return { allocation: newest, task, runs: false };
  throw new ActionError('input-invalid', `the group ${newest.TaskGroup} of ${job.ID} has several tasks`, {
    hint: `Name one with --task: ${[task, ...others].sort().join(', ')}.`,
  });
}

/** Healthy ones first, then newer versions, then newer allocations. */
function byWorth(a: Allocation, b: Allocation): number {
  const health = ({ DeploymentStatus }: Allocation): number =>
    DeploymentStatus?.Healthy === false ? 0 : DeploymentStatus?.Healthy === true ? 2 : 1;
  return health(b) - health(a) || b.JobVersion - a.JobVersion || b.CreateIndex - a.CreateIndex;
}

/** Returns the named task, else the only main task that runs. */
function taskOf({ ID, TaskGroups }: RegisteredJob, { TaskGroup, TaskStates }: Allocation, { task }: Wish): string {
  const running = Object.entries(TaskStates ?? {}).flatMap(([name, { State }]) => (State === 'running' ? [name] : []));
  if (task !== undefined) {
    if (running.includes(task)) return task;
    throw new ActionError('input-invalid', `the task ${task} of ${ID} does not run`, {
      hint: running.length === 0 ? '`status` shows its state.' : `These tasks run: ${running.join(', ')}.`,
    });
  }
  const tasks = TaskGroups?.find(({ Name }) => Name === TaskGroup)?.Tasks ?? [];
  const main = running.filter((name) => tasks.every((one) => one.Name !== name || !one.Lifecycle));
  const leader = main.find((name) => tasks.some(({ Name, Leader }) => Name === name && Leader === true));
  const [only, ...others] = leader === undefined ? (main.length === 0 ? running : main) : [leader];
  if (only === undefined) throw new ActionError('input-invalid', `no task of ${ID} runs`, { hint: '`status` shows its state.' });
  if (others.length === 0) return only;
  throw new ActionError('input-invalid', `the group ${TaskGroup} of ${ID} has several tasks`, {
    hint: `Name one with --task: ${[only, ...others].sort().join(', ')}.`,
  });
}

function bad({ ID, Periodic, ParameterizedJob }: RegisteredJob, what: string, all: readonly Allocation[]): ActionError {
  const running = all.filter(({ ClientStatus }) => ClientStatus === 'running').map(({ ID: id, Name }) => `${id.slice(0, 8)} (${Name})`);
  return new ActionError('input-invalid', `${ID} has ${what}`, {
    hint:
      running.length > 0
        ? `These run: ${running.join(', ')}.`
        : Periodic || ParameterizedJob
          ? `Each run of ${ID} is a job of its own, which \`nomad job status ${ID}\` lists. Name it with \`job-name\`.`
          : 'No allocation of the job runs: `status` shows why.',
  });
}

const shortOf = ({ ID, Name }: Allocation): string => `${ID.slice(0, 8)} (${Name})`;
