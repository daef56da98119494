// HCL that is written as JSON, as blocks: https://github.com/hashicorp/hcl/blob/v2.24.0/json/spec.md. The meaning of an object depends on its place, so the names of
// Nomad's blocks decide.
import { depthOf, type HclBlock, parseJsonValue } from '../../text/index.ts';
import type { Path } from '../job-shape.ts';
import { keyPlaces } from '../json-keys.ts';
import { fieldOf } from './hcl-names.ts';

/** Blocks with a label, which is a key in JSON. */
const LABELLED = ['job', 'variable', 'group', 'task', 'volume', 'port', 'device', 'secret', 'action', 'dynamic'];
const TOP: Readonly<Record<string, string>> = { job: 'Job', variable: '', locals: '', variables: '' };
const MAX_DEPTH = 100;

interface Reader {
  /** Returns an offset in the line of a key. */
  readonly at: (path: Path) => number;
}

/** Returns the blocks of a text. Throws a `SyntaxError` for what is no JSON, and an `Error` for a text that is nested too deep. */
export function blocksOfJson(text: string): HclBlock {
  if (depthOf(text) > MAX_DEPTH) throw new Error(`lists and objects are nested more than ${MAX_DEPTH} deep`);
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const { line } = keyPlaces(text);
  const reader: Reader = { at: (path) => starts[(line(path) ?? 1) - 1] ?? 0 };
  const body = bodyOf(parseJsonValue(text), undefined, [], reader);
  return { type: '', labels: [], at: 0, text, ...body };
}

/** Returns an object, or each object of a list, with the path to it. */
function objectsIn(value: unknown, path: Path): { readonly value: object; readonly path: Path }[] {
  if (Array.isArray(value)) return value.flatMap((one, i) => objectsIn(one, [...path, i]));
  return typeof value === 'object' && value !== null ? [{ value, path }] : [];
}

function bodyOf(content: unknown, struct: string | undefined, from: Path, reader: Reader): Pick<HclBlock, 'attributes' | 'blocks'> {
  const attributes: HclBlock['attributes'][number][] = [];
  const blocks: HclBlock[] = [];
  for (const { value: object, path: around } of objectsIn(content, from)) {
    for (const [name, value] of Object.entries(object)) {
      const path = [...around, name];
      const inner = name === '//' ? undefined : structOf(struct, name);
      if (inner === undefined) {
        // JSON is HCL, but for the place of a colon.
        if (name !== '//') attributes.push({ name, at: reader.at(path), text: `${name} = ${JSON.stringify(value)}` });
      } else if (LABELLED.includes(name)) {
        for (const labelled of objectsIn(value, path))
          for (const [label, own] of Object.entries(labelled.value))
            for (const body of objectsIn(own, [...labelled.path, label])) blocks.push(blockOf(name, [label], inner, body, reader));
      } else for (const body of objectsIn(value, path)) blocks.push(blockOf(name, [], inner, body, reader));
    }
  }
  return { attributes, blocks };
}

function blockOf(
  type: string,
  labels: readonly string[],
  struct: string,
  { value, path }: { readonly value: object; readonly path: Path },
  reader: Reader,
): HclBlock {
  return { type, labels, at: reader.at(path), text: '', ...bodyOf(value, struct, path, reader) };
}

/** Returns the struct of a block of that name; empty for one whose parts are all attributes; undefined for an attribute. */
function structOf(struct: string | undefined, name: string): string | undefined {
  if (struct === undefined) return Object.hasOwn(TOP, name) ? TOP[name] : undefined;
  if (struct === '') return undefined;
  if (name === 'port' && struct === 'NetworkResource') return 'Port';
  if (name === 'task' && struct === 'Job') return 'Task';
  if (name === 'dynamic') return '';
  const kind = fieldOf(struct, name)?.kind.replace(/(?:\[\]|\{\})$/, '');
  if (kind === 'any' && name === 'config') return '';
  return kind === undefined || ['text', 'number', 'bool', 'any'].includes(kind) ? (['env', 'meta'].includes(name) ? '' : undefined) : kind;
}
