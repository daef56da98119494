import { dataOf, type Place, patternProblem, type Tree } from '../../text/index.ts';
import type { Type } from '../table/index.ts';

/** A value of the configuration file, as text for the input of that name: a list has an item a line, a map is JSON. */
export interface Given {
  readonly text: string;
  readonly at: Place;
  /** The places of the entries of a map. */
  readonly entries?: Readonly<Record<string, Place>>;
}

/** The types that may be written as a list of texts. */
const LISTS: readonly Type[] = ['list', 'patterns', 'words', 'boolean or list', 'pairs'];

const KINDS = { text: 'text', list: 'a list', map: 'a map' } as const;

/** The words for each type, with an example; `NAME` stands for the key. */
const WANTED: Readonly<Record<Type, string>> = {
  text: 'text, such as `NAME: value`',
  boolean: 'true or false',
  number: 'a whole number, such as `NAME: 50`',
  choice: 'text, such as `NAME: value`',
  'boolean or text': 'true, false or text',
  'boolean or auto': 'true, false or auto',
  'boolean or list': 'true, false or a list of texts, such as `NAME: [a, b]`',
  list: 'a list of texts, such as `NAME: [a, b]`',
  words: 'a list of texts, such as `NAME: [a, b]`',
  patterns: 'a list of patterns, such as `NAME: [a, "b/*"]`',
  pairs: 'a map, such as `NAME: { A: b }`, or a list of `A=b`',
  map: 'a map, such as `NAME: { A: b }`',
  waves: 'a list of lists of names, such as `NAME: [[eu], [us, ap]]`',
  checks: 'a path, a URL, or a list of checks, such as `NAME: [/healthz]`',
  command: 'a command, such as `NAME: npm test`, or a list of its words',
};

/** Reads the value of a key. A problem is the end of a sentence that begins with the key. */
export function readValue(key: string, type: Type, tree: Tree): Given | { readonly problem: string; readonly at: Place } {
  const text = textOf(type, tree);
  const unread = text === undefined || type !== 'patterns' ? undefined : patternsProblem(tree);
  if (unread !== undefined) return unread;
  if (text !== undefined) {
    const entries = placesIn(tree, type);
    return { text, at: tree.at, ...(entries === undefined ? {} : { entries }) };
  }
  const is = tree.kind === 'text' ? JSON.stringify(tree.text) : KINDS[tree.kind];
  // In a list or a map, the place of the wrong item helps more than that of the whole.
  const within = tree.kind === 'text' || (type !== 'command' && !LISTS.includes(type)) ? undefined : wrongItem(tree);
  if (within !== undefined) {
    const what = within.kind === 'text' ? 'a text of several lines' : KINDS[within.kind];
    return { problem: `has ${what} in it; it takes ${WANTED[type].replaceAll('NAME', key)}`, at: within.at };
  }
  return { problem: `is ${is}; it takes ${WANTED[type].replaceAll('NAME', key)}`, at: tree.at };
}

function textOf(type: Type, tree: Tree): string | undefined {
  if (tree.kind === 'text') {
    if (type === 'boolean') return /^(true|false)$/.test(tree.text) ? tree.text : undefined;
    if (type === 'number') return /^\d{1,9}$/.test(tree.text) ? tree.text : undefined;
    return tree.text;
  }
  if (type === 'waves') return isWaves(tree) ? JSON.stringify(dataOf(tree)) : undefined;
  if (type === 'checks') return JSON.stringify(dataOf(tree));
  if (type === 'map') return tree.kind === 'map' ? JSON.stringify(dataOf(tree)) : undefined;
  if (type === 'command') {
    const words = tree.kind === 'list' ? itemsOf(tree) : undefined;
    return words === undefined ? undefined : JSON.stringify(words);
  }
  return LISTS.includes(type) && (tree.kind === 'list' || type === 'pairs') ? itemsOf(tree)?.join('\n') : undefined;
}

/** Returns whether a tree is a list of names, and of lists of names. */
function isWaves(tree: Tree): boolean {
  return tree.kind === 'list' && tree.items.every((item) => item.kind === 'text' || itemsOf(item) !== undefined);
}

/** Returns the places of the entries of a map, or of the names in waves. */
function placesIn(tree: Tree, type: Type): Record<string, Place> | undefined {
  if (tree.kind === 'map') return Object.fromEntries(tree.entries.map((entry) => [entry.key, entry.at]));
  if (type !== 'waves' || tree.kind !== 'list') return undefined;
  const names = tree.items.flatMap((item) => (item.kind === 'list' ? item.items : [item]));
  return Object.fromEntries(names.flatMap((item) => (item.kind === 'text' ? [[item.text, item.at] as const] : [])));
}

/** Returns the problem of a list of patterns: one that can't be read, or none that includes a name. */
function patternsProblem(tree: Tree): { readonly problem: string; readonly at: Place } | undefined {
  const patterns = (tree.kind === 'list' ? tree.items : [tree]).flatMap((item) =>
    item.kind === 'text' ? itemsIn(item).map((text) => ({ text, at: item.at })) : [],
  );
  for (const { text, at } of patterns) {
    const problem = patternProblem(text);
    if (problem !== undefined) return { problem: `has the pattern \`${text}\`: ${problem}`, at };
  }
  return patterns.length > 0 && patterns.every(({ text }) => text.startsWith('!'))
    ? { problem: 'has only patterns with `!`, which exclude names; add one that includes names, such as `"**"`', at: tree.at }
    : undefined;
}

/** Returns the items of a list, or of a map as `NAME=value`; undefined when an item is not a text of one line. */
function itemsOf(tree: Tree): string[] | undefined {
  if (wrongItem(tree) !== undefined) return undefined;
  if (tree.kind === 'list') return tree.items.flatMap((item) => (item.kind === 'text' ? [item.text] : []));
  if (tree.kind === 'map') return tree.entries.flatMap(({ key, value }) => (value.kind === 'text' ? [`${key}=${value.text}`] : []));
  return undefined;
}

function wrongItem(tree: Tree): Tree | undefined {
  const items = tree.kind === 'list' ? tree.items : tree.kind === 'map' ? tree.entries.map(({ value }) => value) : [];
  return items.find((item) => item.kind !== 'text' || /[\r\n]/.test(item.text.trimEnd()));
}

/** Returns the items of a list. */
export function itemsIn(given: Given | undefined): string[] {
  return (given?.text ?? '')
    .split('\n')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** Returns the place of an entry of a map; that of the map where the entry has none of its own. */
export function placeIn({ at, entries = {} }: Given, name: string): Place {
  return (Object.hasOwn(entries, name) ? entries[name] : undefined) ?? at;
}
