import type { FragmentKind } from '../inputs/index.ts';
import type { Job, TaskGroup } from '../nomad/types.ts';

/** A text made of parts of several files, which can tell where a line of it came from. */
export interface Composition {
  readonly text: string;
  /** The file and line of a line of the text; both count from 1. Undefined for text that belongs to no file of the user's. */
  readonly locate: (line: number) => { readonly file: string; readonly line: number } | undefined;
}

export interface SpecPart {
  readonly text: string;
  /** The user's file, and the line of it that the part begins with, or the lines that its lines came from; without one the text is ours. */
  readonly from?: { readonly file: string; readonly line: number; readonly lines?: readonly number[] };
}

/** Joins parts line by line. */
export function compose(parts: readonly SpecPart[]): Composition {
  const whole = parts.map((part) => ({ ...part, text: part.text === '' || part.text.endsWith('\n') ? part.text : `${part.text}\n` }));
  return {
    text: whole.map(({ text }) => text).join(''),
    locate: (line) => {
      let first = 1;
      for (const { text, from } of whole) {
        const lines = text.split('\n').length - 1;
        if (line < first + lines) return from && { file: from.file, line: from.lines?.[line - first] ?? from.line + line - first };
        first += lines;
      }
      return undefined;
    },
  };
}

/** The words by which an own project.nomad says where the other files are inserted. */
const MARKERS = {
  vars: 'VARS.NOMAD--INSERTS-HERE',
  job: 'JOB.NOMAD--INSERTS-HERE',
  group: 'GROUP.NOMAD--INSERTS-HERE',
} as const satisfies Readonly<Record<FragmentKind, string>>;

/**
 * A file with the fragments inserted below the lines that hold their markers, and the fragments for which it has none. `lines` are the lines that a
 * rendered text came from; empty for a text as it was written.
 */
export function insertAtMarkers(
  file: { readonly name: string; readonly text: string; readonly lines: readonly number[] },
  fragments: Readonly<Partial<Record<FragmentKind, { readonly name: string; readonly text: string }>>>,
): { parts: SpecPart[]; left: FragmentKind[] } {
  const parts: SpecPart[] = [];
  const left = new Set(Object.keys(MARKERS).filter((kind): kind is FragmentKind => kind in fragments));
  let first = 1;
  let collected: string[] = [];
  const flush = (): void => {
    const lines = file.lines.slice(first - 1, first - 1 + collected.length);
    const from = { file: file.name, line: first, ...(lines.length === 0 ? {} : { lines }) };
    if (collected.length > 0) parts.push({ text: `${collected.join('\n')}\n`, from });
    first += collected.length;
    collected = [];
  };
  for (const line of file.text.replace(/\n$/, '').split('\n')) {
    collected.push(line);
    for (const kind of [...left]) {
      const fragment = fragments[kind];
      if (fragment === undefined || !line.includes(MARKERS[kind])) continue;
      flush();
      parts.push({ text: fragment.text, from: { file: fragment.name, line: 1 } });
      left.delete(kind);
    }
  }
  flush();
  return { parts, left: [...left] };
}

/**
 * A job with another one laid over it: what the overlay sets wins, field by field. Groups, tasks, services, ports and other named parts are matched by
 * name; a new one is added. Lists without names (constraints, templates, artifacts) are added to; lists of plain values are replaced.
 */
export function overlay<T extends Job>(base: T, over: Job): T {
  const { ID: _id, Name: _name, ...rest } = over;
  return { ...base, ...mergeFields(base, rest) };
}

/** A job with the overlay's one group laid over the group of that name. */
export function overlayGroup(base: Job, group: TaskGroup): Job {
  return {
    ...base,
    TaskGroups: (base.TaskGroups ?? []).map((own) => (own.Name === group.Name ? { ...own, ...mergeFields(own, group) } : own)),
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** What the parser gives zeros for where nobody wrote anything; in everything else such a field is null, and a zero is one that somebody wrote. */
const WITH_ZEROS = ['Tasks', 'Services', 'Checks', 'CheckRestart', 'Networks', 'DynamicPorts', 'ReservedPorts'];

function mergeFields(base: object, over: object, zeros = false): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const written = value !== null && value !== undefined && !(zeros && (value === '' || value === 0 || value === false));
    if (written) merged[key] = mergeValue(merged[key], value, key);
  }
  return merged;
}

function mergeValue(base: unknown, over: unknown, key: string): unknown {
  const zeros = WITH_ZEROS.includes(key);
  if (isFields(base) && isFields(over)) return mergeFields(base, over, zeros);
  if (!Array.isArray(base) || !Array.isArray(over) || !over.every(isFields)) return over;
  const nameOf = (item: unknown): unknown => (isFields(item) ? (item['Name'] ?? item['Label']) : undefined);
  const merged: unknown[] = Array.from<unknown>(base);
  for (const item of over) {
    const name = nameOf(item);
    // A group has one network: its ports are what is added.
    const one = key === 'Networks' && merged.length > 0;
    const at = one ? 0 : name === undefined || name === '' ? -1 : merged.findIndex((own) => nameOf(own) === name);
    const own = merged[at];
    if (isFields(own)) merged[at] = mergeFields(own, item, zeros);
    else merged.push(item);
  }
  return merged;
}

function isFields(value: unknown): value is Fields {
  // A number too long for JavaScript is kept as its text, in an object of its own.
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('rawJSON' in value);
}
