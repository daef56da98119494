// The job of a rehearsal: the rendered job without what only the real cluster has. Each difference is a line for people.
import { ActionError } from '../errors.ts';
import type { Constraint, Job, Task, TaskGroup } from '../nomad/types.ts';
import { mapTexts } from '../text/index.ts';
import { containerConfig } from './containers.ts';
import { DRIVERS } from './drivers.ts';
import { dummyOf } from './dummies.ts';
import { withOwnNetwork } from './networks.ts';
import { withNomadServices } from './services.ts';
import { withDummies } from './templates.ts';

/** The throw-away cluster, as far as a job depends on it. */
export interface Stage {
  readonly region: string;
  /** Returns the path of the folder that stands in for a volume or a path of a node. */
  readonly folderOf: (name: string) => string;
  /** The paths of the Nomad variables that this run writes for the job. */
  readonly variables: (jobId: string) => readonly string[];
}

export interface Relaxed {
  readonly job: Job;
  /** The differences from the real cluster, a line each. */
  readonly said: readonly string[];
  readonly folders: readonly string[];
}

/** Returns the job for a throw-away agent. Throws `input-invalid` for a part that can neither be left out nor stood in for. */
export function relax(job: Job, stage: Stage): Relaxed {
  const said: string[] = [];
  const folders = new Set<string>();
  const { Datacenters, NodePool, Multiregion, Constraints, Affinities, Spreads, Region, ...others } = job;
  const places = Datacenters ?? [];
  if (places.length > 0 && !places.includes('*')) said.push(`job: the datacenters ${places.join(', ')} are ignored`);
  if (NodePool && NodePool !== 'default') said.push(`job: the node pool ${NodePool} is ignored`);
  if (Multiregion) said.push('job: the regions of `multiregion` are ignored');
  else if (Region && Region !== stage.region && Region !== 'global') said.push(`job: the region ${Region} is ignored`);
  said.push(...wishes('job', { Constraints, Affinities, Spreads }));
  const groups = (job.TaskGroups ?? []).map((group) => relaxGroup(group, job, stage, said, folders));
  return {
    job: { ...others, Region: stage.region, Datacenters: ['*'], NodePool: 'default', TaskGroups: groups },
    said: [...new Set(said)],
    folders: [...folders],
  };
}

/** Returns the lines about constraints, affinities and spreads. */
function wishes(where: string, { Constraints, Affinities, Spreads }: Pick<Job, 'Constraints' | 'Affinities' | 'Spreads'>): string[] {
  const told = (kind: string, { LTarget, Operand, RTarget }: Constraint): string =>
    `${where}: the ${kind} ${[LTarget, Operand, RTarget].filter((part) => part).join(' ')} is ignored`;
  const attribute = (spread: object): string => ('Attribute' in spread ? String(spread.Attribute) : '');
  return [
    ...(Constraints ?? []).map((one) => told('constraint', one)),
    ...(Affinities ?? []).map((one) => told('affinity', one)),
    ...(Spreads ?? []).map((one) => `${where}: the spread over ${attribute(one)} is ignored`),
  ];
}

function relaxGroup(group: TaskGroup, job: Job, stage: Stage, said: string[], folders: Set<string>): TaskGroup {
  const { Constraints, Affinities, Spreads, Scaling, Count, Volumes: _volumes, Consul: _consul, ...others } = group;
  const where = `group ${group.Name}`;
  said.push(...wishes(where, { Constraints, Affinities, Spreads }));
  const count = Count ?? Scaling?.Min ?? 1;
  if (count > 1) said.push(`${where}: 1 allocation in place of ${count}`);
  if (Scaling) said.push(`${where}: the scaling policy is ignored`);
  const tasks = (group.Tasks ?? []).map((task) => relaxTask(task, group, job, stage, said, folders));
  const services = withNomadServices({ ...others, Tasks: tasks });
  const networks = withOwnNetwork(services.value);
  said.push(...services.said, ...networks.said);
  return { ...networks.value, Count: Math.min(count, 1) };
}

function relaxTask(task: Task, group: TaskGroup, job: Job, stage: Stage, said: string[], folders: Set<string>): Task {
  const where = `task ${group.Name}/${task.Name}`;
  if (!DRIVERS.includes(task.Driver)) {
    throw new ActionError(
      'input-invalid',
      `the ${where} has the driver ${JSON.stringify(task.Driver)}, and a rehearsal runs containers only`,
      {
        hint: 'A task of another driver would run on the runner itself. Rehearse the other job specs, by the input `job`.',
      },
    );
  }
  if (task.CSIPluginConfig) throw new ActionError('input-invalid', `the ${where} is a plugin for volumes, which a rehearsal can't run`);
  const say = (line: string): void => void said.push(`${where}: ${line}`);
  if (task.Driver === 'podman') say('Docker in place of Podman');
  const { Constraints, Affinities, Vault, Consul, VolumeMounts: _mounts, Secrets, Resources, ...others } = task;
  said.push(...wishes(where, { Constraints, Affinities }));
  if (Vault) say('no token of Vault');
  if (Consul) say('no token of Consul');
  const { Devices, NUMA, Cores, ...resources } = Resources ?? {};
  for (const { Name } of Devices ?? []) say(`the device ${Name ?? ''} is ignored`);
  if (NUMA) say('the wish for NUMA is ignored');
  if (Cores) say('shares of the CPU in place of reserved cores');
  const config = containerConfig(task, group, stage.folderOf);
  for (const line of config.said) say(line);
  for (const folder of config.folders) folders.add(folder);
  const own = stage.variables(job.ID);
  const templates = task.Templates?.map((template, i) => {
    const name = template.DestPath || `${i + 1}`;
    const delimiters = [template.LeftDelim || '{{', template.RightDelim || '}}'] as const;
    const { text, replaced } = withDummies(template.EmbeddedTmpl ?? '', { where: `the template ${name} of the ${where}`, own, delimiters });
    for (const call of replaced) say(`a dummy in place of \`${call}\` in the template ${name}`);
    return template.EmbeddedTmpl ? { ...template, EmbeddedTmpl: text } : template;
  });
  const relaxed: Task = { ...others, Driver: 'docker', Config: config.config, ...(templates ? { Templates: templates } : {}) };
  const sized = Resources ? { ...relaxed, Resources: resources } : relaxed;
  return withoutSecretBlocks(sized, Secrets, say);
}

/** Returns a task with dummies in place of the values of its `secret` blocks. */
function withoutSecretBlocks(task: Task, secrets: Task['Secrets'], say: (line: string) => void): Task {
  if (!secrets || secrets.length === 0) return task;
  for (const { Name } of secrets) say(`dummies in place of the \`secret\` block ${Name}`);
  return mapTexts(task, (text) => text.replace(/\$\{secret\.[\w-]+\.([\w-]+)\}/g, (_, item: string) => dummyOf(item, '')));
}
