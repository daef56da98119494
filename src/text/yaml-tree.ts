import type { Location } from '../errors.ts';
import { parseYaml } from './yaml.ts';

/** A place in a file, complete; `origin` says whose file it is where that is not the checkout's: `main at 1a2b3c4`. */
export interface Place extends Required<Location> {
  readonly origin?: string;
}

/** A value of a YAML file, and where it stands. Scalars are what was written: `0123`, `yes` and `1.10` are text. */
export type Tree = { readonly at: Place } & (
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Tree[] }
  | { readonly kind: 'map'; readonly entries: readonly Entry[] }
);

export interface Entry {
  readonly key: string;
  readonly at: Place;
  readonly value: Tree;
}

export interface Problem {
  /** The problem, without its place. */
  readonly text: string;
  readonly at: Place;
}

/** Reads YAML (and JSON, which is YAML) with the place of each value. What is wrong with it goes to `problems`; an empty file is an empty map. */
export async function readTree(text: string, file: string, problems: Problem[], origin?: string): Promise<Tree> {
  const [{ isAlias, isMap, isScalar, isSeq }, { document, placeOf: lineOf, problems: found }] = await Promise.all([
    import('yaml'),
    parseYaml(text),
  ]);
  const from = origin === undefined ? {} : { origin };
  const placeOf = (offset: number): Place => ({ file, ...lineOf(offset), ...from });
  for (const { text: words, line, column } of found) problems.push({ text: words, at: { file, line, column, ...from } });
  const offsetOf = (node: unknown): number | undefined =>
    isMap(node) || isSeq(node) || isScalar(node) || isAlias(node) ? (node.range?.[0] ?? undefined) : undefined;
  const read = (node: unknown, otherwise: Place): Tree => {
    const offset = offsetOf(node);
    const at = offset === undefined ? otherwise : placeOf(offset);
    if (isAlias(node)) return { ...read(anchors.get(node.source), at), at };
    if (isMap(node) || isSeq(node) || isScalar(node)) if (node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isSeq(node)) return { kind: 'list', at, items: node.items.map((item) => read(item, at)) };
    if (isMap(node)) {
      const entries = node.items.map(({ key, value }): Entry => {
        const keyAt = placeOf(offsetOf(key) ?? offset ?? 0);
        return { key: isScalar(key) && typeof key.value === 'string' ? key.value : '', at: keyAt, value: read(value, keyAt) };
      });
      return { kind: 'map', at, entries };
    }
    // In the schema that is used, a scalar is a text, or blank.
    return { kind: 'text', at, text: isScalar(node) && typeof node.value === 'string' ? node.value : '' };
  };
  // The meaning of each name so far. The library's own search walks the whole document for each alias.
  const anchors = new Map<string, unknown>();
  const start: Place = { file, line: 1, column: 1, ...from };
  // The rest of a file that cannot be parsed would only give further problems.
  if (document.contents === null || problems.length > 0) return { kind: 'map', at: start, entries: [] };
  return read(document.contents, start);
}

/** The value as plain data: texts, lists and objects. */
export function dataOf(tree: Tree): unknown {
  if (tree.kind === 'text') return tree.text;
  if (tree.kind === 'list') return tree.items.map(dataOf);
  return Object.fromEntries(tree.entries.map(({ key, value }) => [key, dataOf(value)]));
}

/** The place as people write it: `nomad-deploy.yml:4:7`, `nomad-deploy.yml:4:7 of main at 1a2b3c4`. */
export function placeText({ file, line, column, origin }: Place): string {
  return `${file}:${line}:${column}${ofOrigin(origin)}`;
}

/** The place as the source of a value: file and line. */
export function sourceText({ file, line, origin }: Place): string {
  return `${file}:${line}${ofOrigin(origin)}`;
}

/** The place for an annotation; undefined where the file is not the checkout's, since GitHub would show that line of another file. */
export function locationOf({ file, line, column, origin }: Place): Location | undefined {
  return origin === undefined ? { file, line, column } : undefined;
}

function ofOrigin(origin: string | undefined): string {
  return origin === undefined ? '' : ` of ${origin}`;
}
