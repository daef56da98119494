import { formatDuration, isDigestTag, parseReference } from '../../text/index.ts';
import type { Path } from '../job-shape.ts';
import { asMs, asText, type Part, type See } from './see.ts';

/** The parts of a job that a lint looks at. */
export interface Subject {
  readonly job: Part;
  readonly group: Part;
  /** The tasks of the group. */
  readonly tasks: readonly Part[];
  /** The task, for a lint of tasks. */
  readonly task: Part;
}

/** A finding: the part that has it, and a clause that begins with the group or the task. */
export interface Hit {
  readonly path: Path;
  readonly what: string;
}

export interface Lint {
  readonly of: 'group' | 'task';
  /** A clause, for the table of docs/lint.md. */
  readonly finds: string;
  readonly why: string;
  readonly fix: string;
  readonly check: (subject: Subject, see: See) => readonly Hit[];
}

/** The defaults of `update`: https://developer.hashicorp.com/nomad/docs/job-specification/update */
const UPDATE = { MinHealthyTime: 10_000, HealthyDeadline: 300_000, ProgressDeadline: 600_000 };

const isService = ({ job }: Subject, see: See): boolean => ['', 'service'].includes(asText(see.get(job, 'Type')));

/** Returns a value of `update`, and its path: that of the group wins over that of the job, field by field. */
function update({ job, group }: Subject, field: string, see: See): { readonly value: unknown; readonly path: Path } {
  const own = see.get(group, 'Update', field);
  const isUnset = own === undefined || own === null;
  return { value: isUnset ? see.get(job, 'Update', field) : own, path: [...(isUnset ? job : group).path, 'Update', field] };
}

const isSet = (value: unknown): boolean => value !== undefined && value !== null;

/** Returns the services of a group and of its tasks. */
const servicesOf = ({ group, tasks }: Subject, see: See): readonly Part[] => [
  ...see.items(group, 'Services'),
  ...tasks.flatMap((task) => see.items(task, 'Services')),
];

/** Returns the ports of a group, those with a static number first. */
const networksOf = ({ group, tasks }: Subject, see: See): readonly Part[] => [
  ...see.items(group, 'Networks'),
  ...tasks.flatMap((task) => see.items(task, 'Resources', 'Networks')),
];

const CONTAINERS = ['docker', 'podman'];

/** Returns the image of a task of Docker or Podman; undefined for one that the node completes, or that is no name. */
function imageOf({ task }: Subject, see: See) {
  if (!CONTAINERS.includes(asText(see.get(task, 'Driver')))) return undefined;
  const image = asText(see.get(task, 'Config', 'image'));
  return image === '' || image.includes('${') ? undefined : parseReference(image.replace(/^docker:\/\//, ''));
}

/** Returns whether a tag is made of a digest, or is the id of an image of the local engine. */
const isOneImage = (tag: string): boolean => isDigestTag(tag) || /^sha256-[0-9a-f]{64}$/.test(tag);

/** Matches names of variables whose value is a secret. */
const SECRET_NAME = /(?:^|_)(?:pass|passwd|password|passphrase|pwd|secret|secrets|token|key|apikey|credential|credentials)$/i;
/** Matches an address with a password. */
const WITH_PASSWORD = /\w:\/\/[^\s/@:]{0,200}:[^\s/@]{1,200}@/;
/** Matches values that tell no secret: none, a word for yes and no, a small number, a path, a name that Nomad fills in. */
const NO_SECRET = /^(?:|true|false|none|null|\d{1,4}|[./].*|.*\$\{.*)$/s;

/** All lints, by their names. docs/lint.md shows the table. */
export const LINTS = {
  'health-check': {
    of: 'group',
    finds: 'a group of a service job with a port or a service, and without a check',
    why: 'Nomad counts an allocation as healthy once its tasks have run for `min_healthy_time`, also if the application does not answer. Such a version is not rolled back.',
    fix: 'Add a `check` to the `service`. If running tasks are enough, say so: `health_check = "task_states"`.',
    check: (subject, see) => {
      const { group } = subject;
      if (!isService(subject, see)) return [];
      const services = servicesOf(subject, see);
      const ports = networksOf(subject, see).flatMap((one) => [...see.items(one, 'ReservedPorts'), ...see.items(one, 'DynamicPorts')]);
      const [first = group] = services;
      if (services.length + ports.length === 0 || services.some((one) => see.items(one, 'Checks').length > 0)) return [];
      if (['task_states', 'manual'].includes(asText(update(subject, 'HealthCheck', see).value))) return [];
      return [{ path: first.path, what: `the group ${group.name} has no check` }];
    },
  },
  latest: {
    of: 'task',
    finds: 'an image with the tag `latest`, or without a tag',
    why: 'Each node runs the image that it pulled last. Two allocations of one version can run different code, and a rollback starts the new code again.',
    fix: 'Take the image of this run as `var.image`, or name a digest.',
    check: (subject, see) => {
      const image = imageOf(subject, see);
      if (image === undefined || image.digest !== undefined || (image.tag !== undefined && image.tag !== 'latest')) return [];
      const how = image.tag === undefined ? 'an image without a tag, which is `latest`' : 'an image with the tag `latest`';
      return [{ path: [...subject.task.path, 'Config', 'image'], what: `the task ${subject.task.name} runs ${how}` }];
    },
  },
  'image-tag': {
    of: 'task',
    finds: 'an image with a tag in place of a digest',
    why: 'A tag can be moved to another image, so a restarted or rescheduled allocation can run other code than the version that was deployed.',
    fix: 'Take the image of this run as `var.image`, or write the digest behind the tag: `postgres:17@sha256:…`.',
    check: (subject, see) => {
      const image = imageOf(subject, see);
      if (image?.tag === undefined || image.digest !== undefined || image.tag === 'latest' || isOneImage(image.tag)) return [];
      return [
        {
          path: [...subject.task.path, 'Config', 'image'],
          what: `the task ${subject.task.name} runs the image by the tag \`${image.tag}\``,
        },
      ];
    },
  },
  update: {
    of: 'group',
    finds: 'a service job without an `update` block in the job and in the group',
    why: "Nomad's defaults replace one allocation at a time, and do not roll back a version that fails.",
    fix: 'Add `update { auto_revert = true }` with the times that the application needs.',
    check: (subject, see) => {
      const { job, group } = subject;
      if (!isService(subject, see) || isSet(see.get(job, 'Update')) || isSet(see.get(group, 'Update'))) return [];
      return [{ path: group.path, what: `the group ${group.name} has no \`update\` block, and the job has none` }];
    },
  },
  'min-healthy-time': {
    of: 'group',
    finds: '`auto_revert` without `min_healthy_time`',
    why: 'The default is 10 seconds. A version that fails later counts as healthy, so it is not rolled back, and becomes the version that Nomad rolls back to.',
    fix: 'Set `min_healthy_time` to the time in which the application shows that it works, such as `30s`.',
    check: (subject, see) => {
      const revert = update(subject, 'AutoRevert', see);
      if (!isService(subject, see) || revert.value !== true || isSet(update(subject, 'MinHealthyTime', see).value)) return [];
      return [{ path: revert.path, what: '`auto_revert` has no `min_healthy_time`, whose default is 10 s' }];
    },
  },
  root: {
    of: 'task',
    finds: '`user` is root, a privileged container, or `raw_exec` without `user`',
    why: 'An attacker who takes over the application has the rights of root: in the container, with `privileged` on the node. `raw_exec` runs with the rights of the Nomad agent, which is root on most nodes.',
    fix: 'Set `user` to another one, and remove `privileged`: `cap_add` gives single capabilities. The user of an image comes from its Dockerfile, which is not read.',
    check: ({ task }, see) => {
      const driver = asText(see.get(task, 'Driver'));
      const user = asText(see.get(task, 'User'));
      const isPrivileged = CONTAINERS.includes(driver) && see.get(task, 'Config', 'privileged') === true;
      return [
        ...(/^(?:root|0+)(?::.*)?$/.test(user) ? [{ path: [...task.path, 'User'], what: `the task ${task.name} runs as root` }] : []),
        ...(isPrivileged
          ? [{ path: [...task.path, 'Config', 'privileged'], what: `the container of the task ${task.name} is privileged` }]
          : []),
        ...(driver === 'raw_exec' && user === '' && see.asked.length === 0
          ? [{ path: [...task.path, 'Driver'], what: `the task ${task.name} runs by raw_exec as the user of the Nomad agent` }]
          : []),
      ];
    },
  },
  memory: {
    of: 'task',
    finds: 'a task without `memory`, also beside `memory_max`; a `memory_max` below 0',
    why: 'Without `memory`, Nomad reserves 300 MB and the driver kills the task above them, a limit that nobody chose. With a negative `memory_max` the task can take all memory of the node.',
    fix: 'Set `memory` to what the task needs, and `memory_max` to the most that it may use where the node has room.',
    check: ({ task }, see) => {
      const [memory, most] = [see.get(task, 'Resources', 'MemoryMB'), see.get(task, 'Resources', 'MemoryMaxMB')];
      if (typeof most === 'number' && most < 0)
        return [{ path: [...task.path, 'Resources', 'MemoryMaxMB'], what: `the task ${task.name} may use all memory of the node` }];
      if (isSet(memory)) return [];
      const beside = typeof most === 'number' && most > 0 ? ' beside `memory_max`' : '';
      return [{ path: [...task.path, 'Resources'], what: `the task ${task.name} sets no \`memory\`${beside}, so Nomad reserves 300 MB` }];
    },
  },
  'host-network': {
    of: 'group',
    finds: 'a network with `mode = "host"`, or a container with `network_mode = "host"`',
    why: 'The tasks reach all that listens on the node itself, such as its Nomad agent, and their ports are open on all its addresses.',
    fix: 'Remove it: a dynamic port with `to` reaches the application in a network of its own.',
    check: (subject, see) => {
      const { group, tasks } = subject;
      const networks = networksOf(subject, see).filter((one) => asText(see.get(one, 'Mode')) === 'host');
      const containers = tasks.filter(
        (task) => CONTAINERS.includes(asText(see.get(task, 'Driver'))) && asText(see.get(task, 'Config', 'network_mode')) === 'host',
      );
      return [
        ...networks.map(({ path }) => ({ path: [...path, 'Mode'], what: `the group ${group.name} is in the network of the node` })),
        ...containers.map(({ path, name }) => ({
          path: [...path, 'Config', 'network_mode'],
          what: `the container of the task ${name} is in the network of the node`,
        })),
      ];
    },
  },
  'shutdown-delay': {
    of: 'group',
    finds: 'a service with tags, as routers read them, without a `shutdown_delay` in the group or a task',
    why: 'Nomad removes the service and stops the task at the same moment. A router that has not read the change yet sends requests to a stopped task: errors at each deploy.',
    fix: 'Set `shutdown_delay = "5s"` in the task or the group, or more than the router needs to read a change.',
    check: (subject, see) => {
      const { group, tasks } = subject;
      if (!isService(subject, see)) return [];
      if ([group, ...tasks].some((one) => (asMs(see.get(one, 'ShutdownDelay')) ?? 0) > 0)) return [];
      const routed = servicesOf(subject, see).find((one) => see.items(one, 'Tags').length + see.items(one, 'CanaryTags').length > 0);
      if (routed === undefined) return [];
      return [{ path: routed.path, what: `the group ${group.name} has a routed service and no \`shutdown_delay\`` }];
    },
  },
  'canary-port': {
    of: 'group',
    finds: 'canaries of a group with a static port',
    why: 'A node has each port once, so no canary fits on a node that runs an older allocation. Without other free nodes the deployment waits until its deadline and fails.',
    fix: 'Use a dynamic port, or set `canary = 0`.',
    check: (subject, see) => {
      const canary = update(subject, 'Canary', see).value;
      if (!isService(subject, see) || typeof canary !== 'number' || canary < 1) return [];
      const [port] = networksOf(subject, see).flatMap((one) => see.items(one, 'ReservedPorts'));
      return port === undefined
        ? []
        : [
            {
              path: [...port.path, 'Value'],
              what: `the group ${subject.group.name} has ${canary === 1 ? 'a canary' : `${canary} canaries`} and the static port ${port.name}`,
            },
          ];
    },
  },
  deadlines: {
    of: 'group',
    finds: 'a `healthy_deadline` that is not below `progress_deadline`, or a `min_healthy_time` that is not below `healthy_deadline`',
    why: 'Nomad refuses the job: the later deadline could never pass.',
    fix: 'Set `min_healthy_time` < `healthy_deadline` < `progress_deadline`. The defaults are 10s, 5m and 10m.',
    check: (subject, see) => {
      if (!isService(subject, see)) return [];
      const of = (field: keyof typeof UPDATE) => {
        const { value, path } = update(subject, field, see);
        return { ms: asMs(value) ?? UPDATE[field], path, isOwn: isSet(value) };
      };
      const [min, healthy, progress] = [of('MinHealthyTime'), of('HealthyDeadline'), of('ProgressDeadline')];
      const told = (ms: number, isOwn: boolean): string => `(${formatDuration(ms)}${isOwn ? '' : ', the default'})`;
      const place = healthy.isOwn ? healthy.path : progress.isOwn ? progress.path : min.path;
      return [
        ...(progress.ms > 0 && healthy.ms >= progress.ms
          ? [
              {
                path: place,
                what: `\`healthy_deadline\` ${told(healthy.ms, healthy.isOwn)} is not below \`progress_deadline\` ${told(progress.ms, progress.isOwn)}, so Nomad refuses the job`,
              },
            ]
          : []),
        ...(min.ms >= healthy.ms
          ? [
              {
                path: min.isOwn ? min.path : place,
                what: `\`min_healthy_time\` ${told(min.ms, min.isOwn)} is not below \`healthy_deadline\` ${told(healthy.ms, healthy.isOwn)}, so Nomad refuses the job`,
              },
            ]
          : []),
      ];
    },
  },
  'restart-loop': {
    of: 'group',
    finds: '`restart { mode = "delay" }`, or `reschedule { unlimited = true }` of a batch job',
    why: 'With `delay`, a task that can never start is restarted for ever: its allocation does not fail, so it moves to no other node, and a batch job does not end. A batch job with `unlimited` never ends as failed.',
    fix: 'Use `mode = "fail"`, and `attempts` in place of `unlimited`.',
    check: (subject, see) => {
      const { job, group, tasks } = subject;
      const type = asText(see.get(job, 'Type'));
      const own = see.get(group, 'ReschedulePolicy', 'Unlimited');
      const unlimited = isSet(own) ? own : see.get(job, 'Reschedule', 'Unlimited');
      return [
        ...[group, ...tasks].flatMap((one) =>
          asText(see.get(one, 'RestartPolicy', 'Mode')) === 'delay'
            ? [
                {
                  path: [...one.path, 'RestartPolicy', 'Mode'],
                  what: `the ${one === group ? 'group' : 'task'} ${one.name} is restarted for ever`,
                },
              ]
            : [],
        ),
        ...(type === 'batch' && unlimited === true
          ? [
              {
                path: isSet(own) ? [...group.path, 'ReschedulePolicy', 'Unlimited'] : [...job.path, 'Reschedule', 'Unlimited'],
                what: `the group ${group.name} of a batch job is rescheduled for ever`,
              },
            ]
          : []),
      ];
    },
  },
  'env-secret': {
    of: 'task',
    finds: 'a secret in `env`: a literal value of a name such as `…_PASSWORD`, `…_TOKEN` or `…_KEY`, or an address with a password',
    why: 'All who may read the repository, or the job in Nomad, can read the value.',
    fix: 'Give it as a secret of this action (docs/secrets.md), or by a `template` that reads it from Vault or a Nomad variable, and change the leaked value.',
    check: ({ task }, see) =>
      see.items(task, 'Env').flatMap(({ name, path, value }) => {
        const text = asText(value);
        if (see.isGiven(path) || NO_SECRET.test(text) || !(SECRET_NAME.test(name) || WITH_PASSWORD.test(text))) return [];
        return [{ path, what: `the task ${task.name} has the secret ${name} in its \`env\`` }];
      }),
  },
} as const satisfies Readonly<Record<string, Lint>>;

export type LintName = keyof typeof LINTS;
