import type { FragmentKind } from '../inputs/index.ts';
import type { Job, TaskGroup } from '../nomad/types.ts';

/** A text made of parts of several files. It can tell the origin of each line. */
export interface Composition {
  readonly text: string;
  /** Returns the file and line of a line of the text, both counted from 1; undefined for a line of this action's own text. */
  readonly locate: (line: number) => { readonly file: string; readonly line: number } | undefined;
}

export interface SpecPart {
  readonly text: string;
  /** The user's file, and the first line of the part in it, or the origin of each of its lines. Undefined for this action's own text. */
  readonly from?: { readonly file: string; readonly line: number; readonly lines?: readonly number[] };
}

/** Joins parts line by line. */
export function compose(parts: readonly SpecPart[]): Composition {
  const whole = parts.map(({ text, from }) => {
    const lines = text === '' || text.endsWith('\n') ? text : `${text}\n`;
    return { text: lines, from, count: lines.split('\n').length - 1 };
  });
  return {
    text: whole.map(({ text }) => text).join(''),
    locate: (line) => {
      let first = 1;
      for (const { from, count } of whole) {
        if (line < first + count) return from && { file: from.file, line: from.lines?.[line - first] ?? from.line + line - first };
        first += count;
      }
      return undefined;
    },
  };
}

/** The markers of a project.nomad for the places of the other files. */
const MARKERS = {
  vars: 'VARS.NOMAD--INSERTS-HERE',
  job: 'JOB.NOMAD--INSERTS-HERE',
  group: 'GROUP.NOMAD--INSERTS-HERE',
} as const satisfies Readonly<Record<FragmentKind, string>>;

/**
 * Inserts the fragments below the lines with their markers, and returns the fragments without a marker in `left`. `lines` are the origins
 * of the lines of a rendered text; empty for a text as it was written.
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
 * Lays a job over another one, field by field. Named parts (groups, tasks, services, ports …) are matched by name, and new ones are added.
 * Lists without names (constraints, templates, artifacts) are appended; lists of plain values are replaced.
 */
export function overlay<T extends Job>(base: T, over: Job): T {
  const { ID: _id, Name: _name, ...rest } = over;
  return { ...base, ...mergeFields(base, rest) };
}

/** Lays a group over the group of the same name. */
export function overlayGroup(base: Job, group: TaskGroup): Job {
  return {
    ...base,
    TaskGroups: (base.TaskGroups ?? []).map((own) => (own.Name === group.Name ? { ...own, ...mergeFields(own, group) } : own)),
  };
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * The parts in which the parser writes zeros for fields that are not set. Elsewhere such a field is null, and a zero was written in the
 * spec.
 */
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
    // A group has one network, so the ports are added to it.
    const one = key === 'Networks' && merged.length > 0;
    const at = one ? 0 : name === undefined || name === '' ? -1 : merged.findIndex((own) => nameOf(own) === name);
    const own = merged[at];
    if (isFields(own)) merged[at] = mergeFields(own, item, zeros);
    else merged.push(item);
  }
  return merged;
}

function isFields(value: unknown): value is Fields {
  // A number too long for JavaScript is an object that holds its text.
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('rawJSON' in value);
}
