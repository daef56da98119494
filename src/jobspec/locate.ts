import type { About, Location } from '../errors.ts';
import type { SourceFile } from '../inputs/index.ts';
import { type HclBlock, linesOf, readBlocks } from '../text/index.ts';
import type { SpecFile } from './types.ts';

/** The blocks around a cause, the innermost first: task, group, job, or the top of a fragment. */
interface Scope {
  readonly task: HclBlock | undefined;
  readonly group: HclBlock | undefined;
  readonly job: HclBlock | undefined;
}

/** A place in a text: that of a block or an attribute. */
type Spot = { readonly at: number } | undefined;

/**
 * Returns the place of a cause in the user's files: file and line, or only the file if the line is unknown; undefined for the built-in
 * template, unless a fragment has the place. Reads HCL, and the HCL around the tags of a template, but no job objects.
 */
export function specLocation(about: About, spec: SpecFile): Location | undefined {
  const fragments = (['group', 'job'] as const).flatMap((kind) => {
    const file = spec.fragments[kind];
    return file === undefined ? [] : [{ file, kind }];
  });
  // Fragments are laid over the spec, so they win.
  for (const { file, kind } of fragments) {
    const spot = locate(about, scopeOf(about, readBlocks(file.text), kind), kind);
    if (spot !== undefined) return at(file, spot);
  }
  if (spec.builtIn) return undefined;
  if (spec.format !== 'hcl') return { file: spec.name };
  const root = readBlocks(spec.template ? withoutHandlebars(spec.text) : spec.text);
  const spot = locate(about, scopeOf(about, root, 'file'), 'file');
  return spot === undefined ? { file: spec.name } : at(spec, spot);
}

function at({ name, text }: SourceFile, spot: NonNullable<Spot>): Location {
  return { file: name, line: linesOf(text)(spot.at).line };
}

/** Replaces the tags with blanks, so that the text around them keeps its place. */
function withoutHandlebars(text: string): string {
  // After the last end, no begin is looked for.
  const end = text.lastIndexOf('}}') + 2;
  return text.slice(0, end).replace(/\{\{[\s\S]*?\}\}/g, (tag) => tag.replace(/[^\n]/g, ' ')) + text.slice(end);
}

/** Returns the blocks around a cause. A fragment is the inside of a job or of a group. */
function scopeOf({ group, task }: About, root: HclBlock, kind: 'file' | 'job' | 'group'): Scope {
  const job = kind === 'file' ? root.blocks.find(({ type }) => type === 'job') : kind === 'job' ? root : undefined;
  const inGroup = kind === 'group' ? root : job && named(job, 'group', group);
  const inTask =
    (inGroup && named(inGroup, 'task', task)) ??
    (task === undefined || inGroup !== undefined ? undefined : job && named(job, 'task', task));
  return { job, group: inGroup, task: inTask };
}

/** Returns the block of that name, or the only block if its label is an expression. */
function named(parent: HclBlock, type: string, name: string | undefined): HclBlock | undefined {
  const all = blocks(parent, type);
  const found = all.find(({ labels }) => labels[0] === name);
  if (found !== undefined || name === undefined || all.length !== 1) return found;
  return /^\s*$|\$\{|var\.|local\./.test(all[0]?.labels[0] ?? '') ? all[0] : undefined;
}

const attribute = (block: HclBlock | undefined, ...names: readonly string[]): Spot => {
  for (const name of names) {
    const found = block?.attributes.find((one) => one.name === name);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Returns the blocks of a type, including those that a `dynamic` block makes. */
const blocks = (parent: HclBlock | undefined, type: string): readonly HclBlock[] =>
  parent?.blocks.flatMap((block) => {
    if (block.type === type) return [block];
    const content = block.type === 'dynamic' && block.labels[0] === type ? block.blocks.find((one) => one.type === 'content') : undefined;
    if (content === undefined) return [];
    const label = /"([^"]*)"/.exec(block.attributes.find(({ name }) => name === 'labels')?.text ?? '')?.[1] ?? '';
    return [{ ...content, type, labels: [label] }];
  }) ?? [];
const block = (parent: HclBlock | undefined, type: string): HclBlock | undefined => blocks(parent, type)[0];

/** Returns the block that contains a text, or the only block. */
function holding(all: readonly HclBlock[], text: string | undefined): HclBlock | undefined {
  const found = text === undefined ? undefined : all.find((one) => one.text.includes(text));
  return found ?? (all.length === 1 ? all[0] : undefined);
}

function locate({ kind, name }: About, { task, group, job }: Scope, file: 'file' | 'job' | 'group'): Spot {
  const config = block(task, 'config');
  const resources = block(task, 'resources');
  const networks = [...blocks(group, 'network'), ...blocks(resources, 'network')];
  const own = [...blocks(task, 'service'), ...blocks(group, 'service')];
  const services = own.length > 0 ? own : blocks(group, 'task').flatMap((one) => blocks(one, 'service'));
  const update = (key: string): Spot =>
    attribute(block(group, 'update'), key) ?? attribute(block(job, 'update'), key) ?? block(group, 'update') ?? block(job, 'update');
  // A fragment is searched only for its own parts: the other parts are in another file.
  const inFile = (spot: Spot): Spot => (file === 'file' ? spot : undefined);
  switch (kind) {
    case 'image':
      return attribute(config, 'image') ?? inFile(config ?? task);
    case 'command':
      return attribute(config, 'command', 'entrypoint', 'jar_path', 'class', 'args', 'image') ?? inFile(config ?? task);
    case 'config':
      return (
        (name === undefined ? undefined : (attribute(config, name) ?? block(config, name) ?? holding(blocks(config, 'mount'), name))) ??
        config ??
        inFile(task)
      );
    case 'user':
      return attribute(task, kind) ?? inFile(task);
    case 'driver':
      return driver(name, task === undefined ? blocks(group, 'task') : [task]) ?? inFile(task ?? group);
    case 'memory':
      return attribute(resources, 'memory') ?? perTask(group, 'memory') ?? inFile(resources ?? task ?? group);
    case 'cpu':
      return attribute(resources, 'cpu', 'cores') ?? perTask(group, 'cpu', 'cores') ?? inFile(resources ?? task ?? group);
    case 'device':
      return (
        block(resources, 'device') ?? blocks(group, 'task').flatMap((one) => blocks(block(one, 'resources'), 'device'))[0] ?? inFile(group)
      );
    case 'disk':
      return attribute(block(group, 'ephemeral_disk'), 'size') ?? block(group, 'ephemeral_disk') ?? inFile(group);
    case 'port':
      return port(name, networks, config, own) ?? inFile(networks[0] ?? group);
    case 'network':
      return attribute(networks[0], 'mode') ?? networks[0] ?? inFile(group);
    case 'constraint': {
      const all = [task, group, job, ...blocks(group, 'task')].flatMap((one) => blocks(one, 'constraint'));
      return holding(all, name) ?? inFile(group);
    }
    case 'max_run_duration':
      return attribute(group, kind) ?? inFile(group);
    case 'count':
      return attribute(group, kind) ?? attribute(block(group, 'scaling'), 'max') ?? inFile(group);
    case 'periodic':
      return block(job, kind) ?? inFile(job);
    case 'datacenters':
    case 'namespace':
    case 'node_pool':
    case 'type':
      return attribute(job, kind) ?? inFile(job);
    case 'volume':
      return holding(blocks(group, 'volume'), name) ?? inFile(group);
    case 'template':
      return holding(blocks(task, 'template'), name) ?? blocks(task, 'template')[0] ?? inFile(task);
    case 'artifact':
      return holding(blocks(task, 'artifact'), name) ?? blocks(task, 'artifact')[0] ?? inFile(task);
    case 'secret': {
      const all = task === undefined ? blocks(group, 'task').flatMap((one) => blocks(one, 'secret')) : blocks(task, 'secret');
      return all.find(({ labels }) => labels[0] === name) ?? all[0] ?? inFile(task ?? group);
    }
    case 'vault':
      return block(task, 'vault') ?? block(group, 'vault') ?? block(job, 'vault') ?? inFile(task);
    case 'service':
      return services[0] ?? inFile(group);
    case 'check':
      return check(name, services) ?? inFile(services[0] ?? task ?? group);
    case 'healthy_deadline':
    case 'progress_deadline':
    case 'health_check':
      return update(kind) ?? inFile(task ?? group);
    case 'block':
      return within([task, group, job], name ?? '') ?? inFile(task ?? group ?? job);
    case 'task':
      return task ?? inFile(group);
    case 'group':
      return inFile(group);
    case 'none':
      return undefined;
  }
}

/** Returns the first block of a type at any depth in the first of the scopes that has one. */
function within(scopes: readonly (HclBlock | undefined)[], type: string): Spot {
  for (const scope of scopes) {
    const found = block(scope, type) ?? within(scope?.blocks ?? [], type);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Returns the driver of that name among the tasks, else the first driver. */
function driver(name: string | undefined, tasks: readonly HclBlock[]): Spot {
  const drivers = tasks.flatMap((one) => one.attributes.filter((own) => own.name === 'driver'));
  return drivers.find(({ text }) => text.includes(`"${name}"`)) ?? drivers[0];
}

/** Returns the check of that name, else the first check. A check without a name has the name of its service. */
function check(name: string | undefined, services: readonly HclBlock[]): Spot {
  const checks = services.flatMap((one) => blocks(one, 'check'));
  const quoted = `"${name}"`;
  const ofService = services.filter(({ text }) => text.includes(quoted)).flatMap((one) => blocks(one, 'check'));
  return checks.find(({ text }) => text.includes(quoted)) ?? ofService[0] ?? checks[0];
}

/** Returns an attribute of the resources of the group's tasks: the first that has it. */
function perTask(group: HclBlock | undefined, ...names: readonly string[]): Spot {
  const tasks = blocks(group, 'task').flatMap((one) => attribute(block(one, 'resources'), ...names) ?? []);
  return tasks[0];
}

/** Returns a port by its label or number; for a label that no network has, the place that uses it. */
function port(name: string | undefined, networks: readonly HclBlock[], config: HclBlock | undefined, services: readonly HclBlock[]): Spot {
  const ports = networks.flatMap((network) => blocks(network, 'port'));
  const declared = ports.find(({ labels }) => labels[0] === name) ?? (/^\d+$/.test(name ?? '') ? holding(ports, name) : undefined);
  if (declared !== undefined) return attribute(declared, 'static') ?? declared;
  const quoted = `"${name}"`;
  const used = [
    ...(config?.attributes.filter((one) => one.name === 'ports') ?? []),
    ...services.flatMap((one) => one.attributes.filter((own) => own.name === 'port')),
  ];
  return used.find(({ text }) => text.includes(quoted)) ?? used[0];
}
