// The form of a job that the cluster gets: Nomad's own names, each once. Nomad's API is decoded by Go, which takes a field's name in any case (also in
// letters that fold to ASCII ones), the last of several, and drops what it does not know. So nothing is judged or sent before it is spelt like this.

import { nearest } from '../text/index.ts';
import { JOB_FIELDS } from './job-fields.ts';

/** The way to a value: names of fields as they are written, and positions in lists. */
export type Path = readonly (string | number)[];

/** The fields of a job that can't be taken as they are written. */
export interface ShapeProblem {
  /** `kind`: a list or nothing where an object has to be, or the like, which Nomad refuses. */
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
 * Returns the job with every field in Nomad's spelling, and what it can't stand for: fields that Nomad does not know (kept as they are), fields that are
 * written twice (one of them is taken), and lists and objects in place of one another. `decoded` is a job object, bare.
 */
export function shapeJob(decoded: unknown): Shaped {
  const problems: ShapeProblem[] = [];
  const job = shapeValue(decoded, 'Job', [], problems);
  return { job, problems };
}

/** The bare job of `{"Job": …}`, in whatever case that is written, and the way to it; an object without one is the job itself. */
export function unwrapJob(decoded: unknown): { readonly job: unknown; readonly path: Path; readonly doubled: boolean } {
  const wrappers = isObject(decoded) ? Object.keys(decoded).filter((key) => foldCase(key) === 'job') : [];
  const name = wrappers.at(-1);
  if (name === undefined || !isObject(decoded) || !isObject(decoded[name])) return { job: decoded, path: [], doubled: false };
  return { job: decoded[name], path: [name], doubled: wrappers.length > 1 };
}

/** A name as Go compares it: without case, and with the two letters outside of ASCII that stand for `k` and `s`. */
export function foldCase(name: string): string {
  return name.replaceAll('\u017f', 's').toLowerCase();
}

/** The path as people read it: `TaskGroups[0].Tasks[1].Driver`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** The names of each struct, by their folded form. A map, since names such as `constructor` come from outside. */
const FIELDS = new Map(
  Object.entries(JOB_FIELDS).map(([struct, fields]) => [
    struct,
    new Map(Object.entries(fields).map(([name, kind]) => [foldCase(name), { name, kind }])),
  ]),
);

/** An item of a list or map: a struct may not be nothing there, which Nomad itself does not survive everywhere. */
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
    // Numbers and durations in the wrong words are refused by Nomad, in its own.
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
        what: `${pathText([...path, known.name])} is there twice, the second time as ${JSON.stringify(key)}`,
      });
    if (known === undefined && !isNothing(item)) problems.push({ sort: 'unknown', path: at, what: unknown(path, key, fields) });
    shaped.set(known?.name ?? key, shapeValue(item, known?.kind ?? 'any', at, problems));
  }
  return Object.fromEntries(shaped);
}

function unknown(path: Path, key: string, fields: ReadonlyMap<string, { readonly name: string }>): string {
  const names = [...fields.values()].map(({ name }) => name);
  const meant = nearest(key, names);
  return `${pathText(path) || 'a job'} has no field ${JSON.stringify(key)}${meant === undefined ? '' : `; is ${meant} meant?`}`;
}

/** What Nomad's parser writes for a field that is not set: one that we do not know then says nothing. */
function isNothing(value: unknown): boolean {
  return (
    [null, undefined, false, 0, ''].some((nothing) => nothing === value) ||
    (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  // A number too long for JavaScript is kept as its text, in an object of its own, which has no prototype.
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) !== null;
}
