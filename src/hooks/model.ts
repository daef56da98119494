// The job of a hook, made of the job that it belongs to. Pure.
import { ActionError } from '../errors.ts';
import type { AskedHook, Hook, HookKind } from '../inputs/index.ts';
import type { Job, Task, TaskGroup } from '../nomad/types.ts';
import { isOwnMeta, META } from '../target/index.ts';

export const HOOK_KINDS: readonly HookKind[] = ['pre-deploy', 'post-deploy'];

/** The group and the task of a job that a hook is made of. */
export interface Model {
  readonly group: TaskGroup;
  readonly task: Task;
}

/** Returns the id of the job of a hook. */
export function hookId(jobId: string, kind: HookKind): string {
  return `${jobId}-${kind}`;
}

/**
 * Returns the task that a hook is made of: the named one, else the first main task that runs one of the images, else the first main task. Throws
 * `input-invalid` for a task that the job does not have.
 */
export function modelOf(job: Job, { kind, hook }: AskedHook, images: readonly string[]): Model {
  const all = (job.TaskGroups ?? []).flatMap((group) => (group.Tasks ?? []).map((task) => ({ group, task })));
  const names = all.map(({ group, task }) => `${group.Name}/${task.Name}`);
  if (hook.task !== undefined) {
    const named = all.find(({ group, task }) => [task.Name, `${group.Name}/${task.Name}`].includes(hook.task ?? ''));
    if (named !== undefined) return named;
    throw new ActionError('input-invalid', `\`${kind}\`: the job ${job.ID} has no task ${hook.task}`, {
      hint: `Its tasks are ${names.join(', ')}.`,
    });
  }
  const main = all.filter(({ task }) => !task.Lifecycle?.Hook);
  const [found] = [...main.filter(({ task }) => images.some((image) => image === task.Config?.['image'])), ...main, ...all];
  if (found !== undefined) return found;
  throw new ActionError('input-invalid', `\`${kind}\`: the job ${job.ID} has no task, so that there is nothing to run the command in`);
}

/** The config of each driver for a command. The shell of an image is found by its PATH, that of a node is not. */
const DRIVERS: Readonly<Record<string, { readonly sh: string; readonly entrypoint: boolean }>> = {
  docker: { sh: 'sh', entrypoint: true },
  podman: { sh: 'sh', entrypoint: true },
  'containerd-driver': { sh: 'sh', entrypoint: true },
  exec: { sh: '/bin/sh', entrypoint: false },
  exec2: { sh: '/bin/sh', entrypoint: false },
  raw_exec: { sh: '/bin/sh', entrypoint: false },
};

/** Parts of a driver's config that are about the ports and addresses of the task, or about what it runs. */
const NOT_OF_HOOK = [
  ...['command', 'args', 'entrypoint', 'ports', 'port_map', 'healthchecks'],
  ...['network_aliases', 'ipv4_address', 'ipv6_address', 'mac_address'],
];

const DAY_NS = 86_400e9;
const RETRY_DELAY_NS = 5e9;

/**
 * Returns the job of a hook: a batch job of one allocation, with the group and the task of the model, and the tasks that prepare it. It has no services, no
 * ports and no canaries, and it is retried only where the hook says so. Throws `input-invalid` for a driver that takes no command.
 */
export function hookJob(job: Job, { kind, hook }: AskedHook, { group, task }: Model): Job {
  const before = (group.Tasks ?? []).filter((one) => one.Lifecycle?.Hook === 'prestart' && one.Name !== task.Name);
  const own: Task = {
    ...bare(task),
    Lifecycle: null,
    Config: withCommand(task, hook, kind),
    Resources: {
      ...task.Resources,
      ...(hook.cpu === undefined ? {} : { CPU: hook.cpu, Cores: 0 }),
      ...(hook.memory === undefined ? {} : { MemoryMB: hook.memory, MemoryMaxMB: 0 }),
      Networks: null,
    },
  };
  return {
    ...job,
    ID: hookId(job.ID, kind),
    Name: hookId(job.ID, kind),
    Type: 'batch',
    Meta: { ...usersMeta(job), [META.hook]: kind },
    ParentID: null,
    Periodic: null,
    ParameterizedJob: null,
    Multiregion: null,
    Update: null,
    Spreads: null,
    Migrate: null,
    TaskGroups: [hookGroup(group, hook, [...before.map(bare), own])],
  };
}

function hookGroup(group: TaskGroup, { retries }: Hook, tasks: readonly Task[]): TaskGroup {
  // A network of its own may be the way to a database; the node's network needs no block.
  const networks = (group.Networks ?? []).filter(({ Mode }) => Mode && Mode !== 'host');
  return {
    ...group,
    Count: 1,
    Meta: usersMeta(group),
    Networks: networks.length === 0 ? null : networks.map((one) => ({ ...one, DynamicPorts: null, ReservedPorts: null })),
    Services: null,
    Scaling: null,
    Update: null,
    Migrate: null,
    Spreads: null,
    Disconnect: null,
    StopAfterClientDisconnect: null,
    MaxClientDisconnect: null,
    MaxRunDuration: null,
    ShutdownDelay: null,
    EphemeralDisk: { ...group.EphemeralDisk, Sticky: false, Migrate: false },
    RestartPolicy: { Attempts: retries, Interval: DAY_NS, Delay: RETRY_DELAY_NS, Mode: 'fail' },
    ReschedulePolicy: { Attempts: 0, Interval: 0, Unlimited: false },
    Tasks: [...tasks],
  };
}

/** Returns a task without its services, its ports and everything that would restart or scale it. */
function bare(task: Task): Task {
  const config = Object.entries(task.Config ?? {}).filter(([name]) => !['ports', 'port_map', 'healthchecks'].includes(name));
  return {
    ...task,
    Config: Object.fromEntries(config),
    Services: null,
    ScalingPolicies: null,
    DispatchPayload: null,
    RestartPolicy: null,
    Kind: '',
    Leader: false,
    ShutdownDelay: 0,
    Templates: (task.Templates ?? []).map((template) => ({ ...template, ChangeMode: 'noop' })),
  };
}

function withCommand({ Driver, Config, Name }: Task, { command, memory }: Hook, kind: HookKind): Record<string, unknown> {
  const driver = Object.hasOwn(DRIVERS, Driver) ? DRIVERS[Driver] : undefined;
  if (driver === undefined) {
    throw new ActionError('input-invalid', `\`${kind}\`: the task ${Name} has the driver ${Driver}, which takes no command`, {
      hint: `Name a task of another driver with \`task\`: ${Object.keys(DRIVERS).join(', ')}.`,
    });
  }
  const [program, ...args] = typeof command === 'string' ? [driver.sh, '-ec', command] : command;
  // The limit of Docker is that of the task, and must not be below another reservation.
  const left = memory === undefined ? NOT_OF_HOOK : [...NOT_OF_HOOK, 'memory_hard_limit'];
  const rest = Object.fromEntries(Object.entries(Config ?? {}).filter(([name]) => !left.includes(name)));
  return driver.entrypoint ? { ...rest, entrypoint: [program], args } : { ...rest, command: program, args };
}

function usersMeta({ Meta }: Pick<Job, 'Meta'>): Record<string, string> {
  return Object.fromEntries(Object.entries(Meta ?? {}).filter(([name]) => !isOwnMeta(name)));
}
