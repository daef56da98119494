import type { About, Location } from '../errors.ts';
import type { SourceFile } from '../inputs/index.ts';
import { type HclBlock, linesOf, readBlocks } from '../text/index.ts';
import type { SpecFile } from './types.ts';

/** The blocks in which something may stand, the innermost first: task, group, job, or the top of a fragment. */
interface Scope {
  readonly task: HclBlock | undefined;
  readonly group: HclBlock | undefined;
  readonly job: HclBlock | undefined;
}

/** A place in a text: a block or an attribute. */
type Spot = { readonly at: number } | undefined;

/**
 * The place in the user's files that a cause belongs to: file and line, or only the file where the line can't be told; undefined for the built-in
 * template, unless one of its fragments has it. Reads HCL; of templates what stands in them as HCL, of job objects nothing.
 */
export function specLocation(about: About, spec: SpecFile): Location | undefined {
  const fragments = (['group', 'job'] as const).flatMap((kind) => {
    const file = spec.fragments[kind];
    return file === undefined ? [] : [{ file, kind }];
  });
  // What is laid over the spec wins.
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

/** The tags as blanks, so that what is around them stays where it is. */
function withoutHandlebars(text: string): string {
  // Behind the last end, no beginning is looked at.
  const end = text.lastIndexOf('}}') + 2;
  return text.slice(0, end).replace(/\{\{[\s\S]*?\}\}/g, (tag) => tag.replace(/[^\n]/g, ' ')) + text.slice(end);
}

/** A fragment is the inside of a job or of a group. */
function scopeOf({ group, task }: About, root: HclBlock, kind: 'file' | 'job' | 'group'): Scope {
  const job = kind === 'file' ? root.blocks.find(({ type }) => type === 'job') : kind === 'job' ? root : undefined;
  const inGroup = kind === 'group' ? root : job && named(job, 'group', group);
  const inTask =
    (inGroup && named(inGroup, 'task', task)) ??
    (task === undefined || inGroup !== undefined ? undefined : job && named(job, 'task', task));
  return { job, group: inGroup, task: inTask };
}

/** The block of that name; the only one, if its label is an expression. */
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

/** The blocks of a type, those that a `dynamic` block makes included. */
const blocks = (parent: HclBlock | undefined, type: string): readonly HclBlock[] =>
  parent?.blocks.flatMap((block) => {
    if (block.type === type) return [block];
    const content = block.type === 'dynamic' && block.labels[0] === type ? block.blocks.find((one) => one.type === 'content') : undefined;
    if (content === undefined) return [];
    const label = /"([^"]*)"/.exec(block.attributes.find(({ name }) => name === 'labels')?.text ?? '')?.[1] ?? '';
    return [{ ...content, type, labels: [label] }];
  }) ?? [];
const block = (parent: HclBlock | undefined, type: string): HclBlock | undefined => blocks(parent, type)[0];

/** Of several blocks that in which a text stands; the only one, if there is but one. */
function holding(all: readonly HclBlock[], text: string | undefined): HclBlock | undefined {
  const found = text === undefined ? undefined : all.find((one) => one.text.includes(text));
  return found ?? (all.length === 1 ? all[0] : undefined);
}

function locate({ kind, name }: About, { task, group, job }: Scope, file: 'file' | 'job' | 'group'): Spot {
  const config = block(task, 'config');
  const resources = block(task, 'resources');
  const networks = [...blocks(group, 'network'), ...blocks(resources, 'network')];
  const services = [...blocks(task, 'service'), ...blocks(group, 'service')];
  const update = (key: string): Spot =>
    attribute(block(group, 'update'), key) ?? attribute(block(job, 'update'), key) ?? block(group, 'update') ?? block(job, 'update');
  // Of a fragment only what it has itself: the rest is elsewhere.
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
    case 'driver': {
      const tasks = task === undefined ? blocks(group, 'task') : [task];
      const drivers = tasks.flatMap((one) => one.attributes.filter((own) => own.name === kind));
      return drivers.find(({ text }) => text.includes(`"${name}"`)) ?? drivers[0] ?? inFile(task ?? group);
    }
    case 'memory':
      return attribute(resources, 'memory') ?? perTask(group, 'memory') ?? inFile(resources ?? task ?? group);
    case 'cpu':
      return attribute(resources, 'cpu', 'cores') ?? perTask(group, 'cpu', 'cores') ?? inFile(resources ?? task ?? group);
    case 'device':
      return (
        block(resources, 'device') ??
        blocks(group, 'task')
          .map((one) => block(block(one, 'resources'), 'device'))
          .find((one) => one !== undefined) ??
        inFile(group)
      );
    case 'disk':
      return attribute(block(group, 'ephemeral_disk'), 'size') ?? block(group, 'ephemeral_disk') ?? inFile(group);
    case 'port':
      return port(name, networks, config, services) ?? inFile(networks[0] ?? group);
    case 'network':
      return attribute(networks[0], 'mode') ?? networks[0] ?? inFile(group);
    case 'constraint': {
      const all = [task, group, job].flatMap((one) => blocks(one, 'constraint'));
      const tasks = blocks(group, 'task').flatMap((one) => blocks(one, 'constraint'));
      return holding([...all, ...tasks], name) ?? inFile(group);
    }
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
    case 'vault':
      return block(task, 'vault') ?? block(group, 'vault') ?? block(job, 'vault') ?? inFile(task);
    case 'service':
      return (
        services[0] ??
        blocks(group, 'task')
          .map((one) => block(one, 'service'))
          .find((one) => one !== undefined) ??
        inFile(group)
      );
    case 'check': {
      const all = services.length > 0 ? services : blocks(group, 'task').flatMap((one) => blocks(one, 'service'));
      const checks = all.flatMap((one) => blocks(one, 'check'));
      const quoted = `"${name}"`;
      // A check without a name goes by the name of its service.
      const ofService = all.filter(({ text }) => text.includes(quoted)).flatMap((one) => blocks(one, 'check'));
      return checks.find(({ text }) => text.includes(quoted)) ?? ofService[0] ?? checks[0] ?? inFile(all[0] ?? task ?? group);
    }
    case 'healthy_deadline':
    case 'progress_deadline':
    case 'health_check':
      return update(kind) ?? inFile(task ?? group);
    case 'task':
      return task ?? inFile(group);
    case 'group':
      return inFile(group);
    case 'none':
      return undefined;
  }
}

/** An attribute of the resources of a group's only task. */
function perTask(group: HclBlock | undefined, ...names: readonly string[]): Spot {
  const tasks = blocks(group, 'task').flatMap((one) => attribute(block(one, 'resources'), ...names) ?? []);
  return tasks[0];
}

/** A port by its label or number; a label that no network has, where it is used. */
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
