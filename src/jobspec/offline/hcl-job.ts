// A job in the form of the API, made of HCL without Nomad, as far as its values can be told. The parser of the cluster has the last word; here nothing is guessed:
// a value that is not known is left out, and its place is kept.
import type { Job } from '../../nomad/types.ts';
import { type HclBlock, type HclValue, linesOf, readBlocks } from '../../text/index.ts';
import { isJob } from '../job-object.ts';
import type { Path } from '../job-shape.ts';
import type { Evaluate } from './expressions.ts';
import { type Field, fieldOf } from './hcl-names.ts';

/** A job with the lines of its parts. Paths name the items of a list by their `Name` or `Label`, where they have one. */
export interface HclJob {
  readonly job: Job;
  /** The lines of fields and items, from 1, by their paths. */
  readonly lines: ReadonlyMap<string, number>;
  /** The parts that only Nomad can evaluate, by their paths; the value tells the part in words. */
  readonly unknown: ReadonlyMap<string, string>;
  /** The values that variables of the run gave. */
  readonly given: ReadonlySet<string>;
}

type Fields = Record<string, unknown>;

interface State {
  readonly evaluate: Evaluate;
  readonly line: (at: number) => number;
  readonly lines: Map<string, number>;
  readonly unknown: Map<string, string>;
  readonly given: Set<string>;
}

/** Returns the text of a path for a look-up. */
export const keyOf = (path: Path): string => path.join('\0');

/** Returns the `Name` or `Label` of an item of a list, which stands for its position in a path. */
export function nameOfItem(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const name = 'Name' in item ? item.Name : 'Label' in item ? item.Label : undefined;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** Reads the `job` block of a file; undefined where there is none. */
export function jobOfHcl(root: HclBlock, evaluate: Evaluate): HclJob | undefined {
  const block = root.blocks.find(({ type }) => type === 'job');
  if (block === undefined) return undefined;
  const place = linesOf(root.text);
  const state: State = { evaluate, line: (at) => place(at).line, lines: new Map(), unknown: new Map(), given: new Set() };
  const id = block.labels[0] ?? '';
  state.lines.set('', state.line(block.at));
  const fields: Fields = { ID: id, Name: id, ...fieldsOf(block, 'Job', [], state) };
  // A task without a group is the only one of a group of its own name.
  const bare = block.blocks.filter(({ type }) => type === 'task');
  const groups = bare.map((task) => groupOf(task, state));
  const own = listIn(fields, 'TaskGroups');
  own.push(...groups);
  return isJob(fields) ? { job: fields, lines: state.lines, unknown: state.unknown, given: state.given } : undefined;
}

function groupOf(task: HclBlock, state: State): Fields {
  const name = task.labels[0] ?? '';
  const path = ['TaskGroups', name];
  state.lines.set(keyOf(path), state.line(task.at));
  return { Name: name, Tasks: [itemOf(task, { name: 'Tasks', kind: 'Task[]' }, path, 0, state)] };
}

/** Returns the fields of a block of a struct. Names that are not known are left out. */
function fieldsOf(block: HclBlock, struct: string, path: Path, state: State): Fields {
  const fields: Fields = {};
  for (const { name, text, at } of block.attributes) {
    const field = fieldOf(struct, name);
    if (field === undefined) continue;
    const own = [...path, field.name];
    const value =
      /^(text|any)/.test(field.kind) && field.kind.endsWith('{}')
        ? mapValue(text, own, at, { name, kind: field.kind.slice(0, -2) }, state)
        : evaluated(text, own, at, `\`${name}\``, state);
    if (value !== undefined) fields[field.name] = converted(value, field.kind);
  }
  for (const inner of block.blocks) {
    if (inner.type === 'dynamic') {
      const made = inner.labels[0] ?? '';
      for (const name of made === 'port' ? ['ReservedPorts', 'DynamicPorts'] : [fieldOf(struct, made)?.name ?? made])
        isUnknown([...path, name], inner.at, `a \`dynamic "${made}"\` block`, state);
      continue;
    }
    if (struct === 'NetworkResource' && inner.type === 'port') addPort(fields, inner, path, state);
    else {
      const field = fieldOf(struct, inner.type);
      if (field !== undefined) addBlock(fields, inner, field, path, state);
    }
  }
  return fields;
}

/** Returns a map that is written as an attribute. One with a value that is not known keeps the others. */
function mapValue(text: string, path: Path, at: number, { name, kind }: Field, state: State): unknown {
  const keys = mapBlock(text, at);
  const whole = state.evaluate(text);
  if (keys === undefined || whole !== undefined) {
    for (const key of keys?.attributes ?? []) state.lines.set(keyOf([...path, key.name]), state.line(key.at));
    return evaluated(text, path, at, `\`${name}\``, state);
  }
  state.lines.set(keyOf(path), state.line(at));
  return mapOf(keys, path, kind, state);
}

/** Returns an attribute such as `env = {` … `}` as the block of its keys, each on a line of its own; undefined for any other expression. */
function mapBlock(text: string, at: number): HclBlock | undefined {
  const open = /^[^={]*=\s*\{[ \t]*\r?\n/.exec(text)?.[0].length;
  if (open === undefined || !text.endsWith('}')) return undefined;
  const inner = readBlocks(text.slice(open, -1));
  const whole = inner.attributes.length > 0 && inner.blocks.length === 0;
  const attributes = inner.attributes.map((one) => ({ ...one, at: at + open + one.at, text: one.text.replace(/,$/, '') }));
  return whole ? { ...inner, attributes } : undefined;
}

function isUnknown(path: Path, at: number, what: string, { unknown, lines, line }: State): void {
  unknown.set(keyOf(path), what);
  lines.set(keyOf(path), line(at));
}

/** Returns the value of an attribute, and keeps its place; undefined for one that is not known. */
function evaluated(text: string, path: Path, at: number, what: string, state: State): HclValue | undefined {
  const key = keyOf(path);
  state.lines.set(key, state.line(at));
  const found = state.evaluate(text);
  if (found === undefined) state.unknown.set(key, what);
  else if (found.given) state.given.add(key);
  return found?.value;
}

/** Returns a value of the kind of its field, as Nomad's parser converts it. */
function converted(value: unknown, kind: string): unknown {
  if (kind === 'number' && typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  if (kind === 'bool' && (value === 'true' || value === 'false')) return value === 'true';
  if (kind === 'text' && (typeof value === 'number' || typeof value === 'boolean')) return String(value);
  if (kind === 'text{}' && typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, typeof one === 'object' ? one : String(one)]));
  return value;
}

function addBlock(fields: Fields, block: HclBlock, { name, kind }: Field, path: Path, state: State): void {
  const own = [...path, name];
  const isList = kind.endsWith('[]');
  const isMap = kind.endsWith('{}');
  const struct = isList || isMap ? kind.slice(0, -2) : kind;
  if (isList) {
    const list = listIn(fields, name);
    list.push(itemOf(block, { name, kind }, path, list.length, state));
  } else if (isMap && /^(text|any)/.test(struct)) {
    state.lines.set(keyOf(own), state.line(block.at));
    fields[name] = mapOf(block, own, struct, state);
  } else if (isMap) {
    const label = block.labels[0] ?? '';
    const inner = [...own, label];
    state.lines.set(keyOf(inner), state.line(block.at));
    const map = asFields(fields[name]);
    map[label] = { Name: label, ...fieldsOf(block, struct, inner, state) };
    fields[name] = map;
  } else {
    if (!state.lines.has(keyOf(own))) state.lines.set(keyOf(own), state.line(block.at));
    fields[name] = { ...asFields(fields[name]), ...fieldsOf(block, struct, own, state) };
  }
}

/** Returns an item of a list of structs, whose name in paths is its label or `name`. */
function itemOf(block: HclBlock, { name, kind }: Field, path: Path, position: number, state: State): Fields {
  const label = block.labels[0];
  const written = block.attributes.find((one) => one.name === 'name')?.text;
  const value = label ?? (written === undefined ? undefined : state.evaluate(written)?.value);
  const own = typeof value === 'string' && value !== '' ? value : undefined;
  const inner = [...path, name, own ?? position];
  state.lines.set(keyOf(inner), state.line(block.at));
  return { ...(own === undefined ? {} : { Name: own }), ...fieldsOf(block, kind.slice(0, -2), inner, state) };
}

/** Returns the attributes and blocks of a `config`, an `env` or a `meta`. A block of a config is an item of a list. */
function mapOf(block: HclBlock, path: Path, kind: string, state: State): Fields {
  const fields: Fields = {};
  for (const { name, text, at } of block.attributes) {
    const value = evaluated(text, [...path, name], at, `\`${name}\``, state);
    if (value !== undefined)
      fields[name] = kind === 'text' && typeof value !== 'object' ? String(value) : kind === 'any' ? listed(value) : value;
  }
  for (const inner of block.blocks) {
    const name = inner.type === 'dynamic' ? (inner.labels[0] ?? '') : inner.type;
    const own = [...path, name];
    if (inner.type === 'dynamic') {
      isUnknown(own, inner.at, `a \`dynamic "${name}"\` block`, state);
      continue;
    }
    const list = listIn(fields, name);
    if (list.length === 0) state.lines.set(keyOf(own), state.line(inner.at));
    list.push(mapOf(inner, [...own, list.length], kind, state));
  }
  return fields;
}

/** Nomad's parser makes a list of one of an object in a `config`. */
function listed(value: unknown): unknown {
  return isFields(value) ? [Object.fromEntries(Object.entries(value).map(([name, one]) => [name, listed(one)]))] : value;
}

/** Adds a port: a reserved one has a `static` number. */
function addPort(fields: Fields, block: HclBlock, path: Path, state: State): void {
  const label = block.labels[0] ?? '';
  const isStatic = block.attributes.find(({ name }) => name === 'static');
  const name = isStatic === undefined ? 'DynamicPorts' : 'ReservedPorts';
  const own = [...path, name, label];
  state.lines.set(keyOf(own), state.line(isStatic?.at ?? block.at));
  const port: Fields = { Label: label, ...fieldsOf(block, 'Port', own, state) };
  if (isStatic !== undefined)
    port['Value'] = converted(evaluated(isStatic.text, [...own, 'Value'], isStatic.at, '`static`', state) ?? 0, 'number');
  listIn(fields, name).push(port);
}

/** Returns the list of a field, which is made where there is none. */
function listIn(fields: Fields, name: string): unknown[] {
  const own = fields[name];
  if (Array.isArray(own)) return own;
  const made: unknown[] = [];
  fields[name] = made;
  return made;
}

/** Returns an object of a field, which the caller may change; a new one where there is none. */
function asFields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
