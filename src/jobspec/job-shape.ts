// The form of a job that the cluster gets: Nomad's own names, each once. Nomad's API is decoded by Go, which accepts a field's name in any
// case (even with letters that fold to ASCII ones), takes the last of several, and drops unknown fields. So every job is brought into this
// form before it is judged or sent.

import { nearest } from '../text/index.ts';
import { JOB_FIELDS } from './job-fields.ts';

/** The path to a value: names of fields as they are written, and positions in lists. */
export type Path = readonly (string | number)[];

/** A field of a job that Nomad would not read as it is written. */
export interface ShapeProblem {
  /** `kind`: a value of the wrong kind, such as a list in place of an object, which Nomad refuses. */
  readonly sort: 'unknown' | 'doubled' | 'kind';
  readonly path: Path;
  /** A sentence that begins in the middle of a line. */
  readonly what: string;
}

export interface Shaped {
  readonly job: unknown;
  readonly problems: readonly ShapeProblem[];
}

/**
 * Returns the job with every field in Nomad's spelling, and its problems: unknown fields (kept as they are), fields that are written twice
 * (one is taken), and values of the wrong kind. `decoded` is a bare job object.
 */
export function shapeJob(decoded: unknown): Shaped {
  const problems: ShapeProblem[] = [];
  const job = shapeValue(decoded, 'Job', [], problems);
  return { job, problems };
}

/** Returns the bare job of `{"Job": …}`, in any case, and the path to it. An object without `Job` is the job itself. */
export function unwrapJob(decoded: unknown): { readonly job: unknown; readonly path: Path; readonly doubled: boolean } {
  const wrappers = isObject(decoded) ? Object.keys(decoded).filter((key) => foldCase(key) === 'job') : [];
  const name = wrappers.at(-1);
  if (name === undefined || !isObject(decoded) || !isObject(decoded[name])) return { job: decoded, path: [], doubled: false };
  return { job: decoded[name], path: [name], doubled: wrappers.length > 1 };
}

/** Returns a name as Go compares it: without case, and with the two letters outside of ASCII that fold to `k` and `s`. */
export function foldCase(name: string): string {
  return name.replaceAll('\u017f', 's').toLowerCase();
}

/** Returns the path for messages: `TaskGroups[0].Tasks[1].Driver`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** The names of each struct, by their folded form. A map, because names such as `constructor` come from outside. */
const FIELDS = new Map(
  Object.entries(JOB_FIELDS).map(([struct, fields]) => [
    struct,
    new Map(Object.entries(fields).map(([name, kind]) => [foldCase(name), { name, kind }])),
  ]),
);

/** Shapes an item of a list or map. A struct may not be null there, because that crashes parts of Nomad. */
function shapeItem(value: unknown, kind: string, path: Path, problems: ShapeProblem[]): unknown {
  if ((value === null || value === undefined) && FIELDS.has(kind))
    problems.push({ sort: 'kind', path, what: `${pathText(path)} has to be an object` });
  return shapeValue(value, kind, path, problems);
}

function shapeValue(value: unknown, kind: string, path: Path, problems: ShapeProblem[]): unknown {
  if (value === null || value === undefined) return value;
  if (kind.endsWith('[]') || kind.endsWith('{}')) {
    const list = kind.endsWith('[]');
    const inner = kind.slice(0, -2);
    if (list && Array.isArray(value)) return value.map((item, at) => shapeItem(item, inner, [...path, at], problems));
    if (!list && isObject(value))
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shapeItem(item, inner, [...path, key], problems)]));
    problems.push({ sort: 'kind', path, what: `${pathText(path)} has to be ${list ? 'a list' : 'an object'}` });
    return value;
  }
  const fields = FIELDS.get(kind);
  if (fields === undefined) {
    // Nomad itself refuses invalid numbers and durations.
    const plain = kind === 'text' ? typeof value === 'string' : kind === 'any' || !(Array.isArray(value) || isObject(value));
    if (!plain) problems.push({ sort: 'kind', path, what: `${pathText(path)} has to be a ${kind === 'text' ? 'text' : 'plain value'}` });
    return value;
  }
  if (!isObject(value)) {
    problems.push({ sort: 'kind', path, what: `${pathText(path) || 'the job'} has to be an object` });
    return value;
  }
  const shaped = new Map<string, unknown>();
  for (const [key, item] of Object.entries(value)) {
    const known = fields.get(foldCase(key));
    const at = [...path, key];
    if (known !== undefined && shaped.has(known.name))
      problems.push({
        sort: 'doubled',
        path: at,
        what: `${pathText([...path, known.name])} occurs twice, the second time as ${JSON.stringify(key)}`,
      });
    if (known === undefined && !isNothing(item)) problems.push({ sort: 'unknown', path: at, what: unknown(path, key, fields) });
    shaped.set(known?.name ?? key, shapeValue(item, known?.kind ?? 'any', at, problems));
  }
  return Object.fromEntries(shaped);
}

function unknown(path: Path, key: string, fields: ReadonlyMap<string, { readonly name: string }>): string {
  const names = [...fields.values()].map(({ name }) => name);
  const meant = nearest(key, names);
  return `${pathText(path) || 'a job'} has no field ${JSON.stringify(key)}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

/** Returns whether a value is one that Nomad's parser writes for a field that is not set: an unknown field with it means nothing. */
function isNothing(value: unknown): boolean {
  return (
    [null, undefined, false, 0, ''].some((nothing) => nothing === value) ||
    (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  // A number too long for JavaScript is an object without prototype that holds its text.
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) !== null;
}
