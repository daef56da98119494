// The reading of a job by lints. A lint that asks for a value that only Nomad can tell finds nothing there: its question is kept, and told as "not checked".

import { parseDuration } from '../../text/index.ts';
import type { Path } from '../job-shape.ts';
import { nameOfItem, type OfflineJob } from '../offline/index.ts';

/** A part of a job, and the path to it. */
export interface Part {
  readonly value: unknown;
  readonly path: Path;
  /** The `Name` or `Label`, or the position. */
  readonly name: string;
}

/** The reader of a job for one question. */
export interface See {
  /** Returns a field below a part; undefined if it is not set or not known. */
  readonly get: (part: Part, ...keys: readonly string[]) => unknown;
  /** Returns the items of a list, or the entries of a map. */
  readonly items: (part: Part, ...keys: readonly string[]) => readonly Part[];
  /** Returns whether a variable of the run gave the value. */
  readonly isGiven: (path: Path) => boolean;
  /** The parts that were asked for and are not known. */
  readonly asked: readonly Path[];
}

/** Returns the reader of a job for one question. */
export function reader({ unknownAt, isGiven }: OfflineJob): See & { readonly asked: Path[] } {
  const asked: Path[] = [];
  const get = (part: Part, ...keys: readonly string[]): unknown => {
    const path = [...part.path, ...keys];
    if (unknownAt(path) !== undefined) asked.push(path);
    let { value } = part;
    for (const key of keys)
      value = typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
    return value;
  };
  const items = (part: Part, ...keys: readonly string[]): readonly Part[] => {
    const value = get(part, ...keys);
    const path = [...part.path, ...keys];
    return partsOf(value, path);
  };
  return { get, items, isGiven, asked };
}

/** Returns the items of a list, or the entries of a map, with their paths. */
export function partsOf(value: unknown, path: Path): Part[] {
  if (typeof value !== 'object' || value === null) return [];
  const list: readonly unknown[] | undefined = Array.isArray(value) ? value : undefined;
  if (list !== undefined) {
    return list.map((item, i) => {
      const name = nameOfItem(item);
      return { value: item, path: [...path, name ?? i], name: name ?? String(i + 1) };
    });
  }
  return Object.entries(value).map(([name, item]: [string, unknown]) => ({ value: item, path: [...path, name], name }));
}

/** Returns a text; empty for any other value. */
export const asText = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Returns a duration in ms: of HCL a text, of the API nanoseconds; undefined for one that is not set. */
export function asMs(value: unknown): number | undefined {
  if (typeof value === 'number') return value / 1e6;
  return typeof value === 'string' ? parseDuration(value) : undefined;
}
