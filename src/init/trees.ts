// Reads YAML of others: whatever a value is, the answer is a map, a list or a text, perhaps an empty one.
import type { Entry, Place, Tree } from '../text/index.ts';

/** Returns the entries of a map, with those of its merge keys (`<<`), each name once: its own first. */
export function entriesOf(tree: Tree | undefined, depth = 0): readonly Entry[] {
  if (tree?.kind !== 'map' || depth > 10) return [];
  const own = tree.entries.filter(({ key }) => key !== '<<');
  const merged = tree.entries
    .filter(({ key }) => key === '<<')
    .flatMap(({ value }) => (value.kind === 'list' ? value.items : [value]).flatMap((item) => entriesOf(item, depth + 1)));
  const names = new Set(own.map(({ key }) => key));
  return [...own, ...merged.filter(({ key }) => !names.has(key))];
}

/** Returns the value of a key of a map; undefined where there is none. */
export function childOf(tree: Tree | undefined, key: string): Tree | undefined {
  return entriesOf(tree).find((entry) => entry.key === key)?.value;
}

/** Returns the text of a key of a map; undefined for a list, a map or an empty text. */
export function textOf(tree: Tree | undefined, key: string): string | undefined {
  const value = childOf(tree, key);
  return value?.kind === 'text' && value.text.trim() !== '' ? value.text.trim() : undefined;
}

/** Returns the items of a list; a single text is a list of one. */
export function itemsOf(tree: Tree | undefined): readonly Tree[] {
  if (tree?.kind === 'list') return tree.items;
  return tree?.kind === 'text' && tree.text.trim() !== '' ? [tree] : [];
}

/** Returns the names of a list of texts, or the keys of a map, each with its place. */
export function namesOf(tree: Tree | undefined): readonly { readonly name: string; readonly place: Place }[] {
  if (tree?.kind === 'map') return entriesOf(tree).map(({ key, at }) => ({ name: key, place: at }));
  return itemsOf(tree).flatMap((item) => (item.kind === 'text' ? [{ name: item.text.trim(), place: item.at }] : []));
}

/** Returns all texts of a value, in their order, with blanks between them. */
export function allText(tree: Tree | undefined): string {
  if (tree === undefined) return '';
  if (tree.kind === 'text') return tree.text;
  return (tree.kind === 'list' ? tree.items : tree.entries.map(({ value }) => value)).map(allText).join(' ');
}
