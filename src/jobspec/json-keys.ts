import type { Path } from './job-shape.ts';

/** Where the keys of a text stand, which `JSON.parse` does not tell. */
export interface KeyPlaces {
  /** The line of a key or an item, counting from 1; if it is not there, of the nearest above it. */
  readonly line: (path: Path) => number | undefined;
  /** Keys that an object has twice: `JSON.parse` silently takes the last. */
  readonly doubled: readonly Path[];
}

interface Node {
  readonly line: number;
  readonly children: Map<string | number, Node>;
}

/** An object or a list that is open: its node, and what of it comes next. */
interface Frame {
  readonly node: Node;
  readonly list: boolean;
  /** Undefined in an object that waits for a key. */
  next: string | number | undefined;
}

/** So many keys that are there twice are told. */
const TOLD = 20;

/** Finds the keys of a JSON text that `JSON.parse` takes. In one pass and without recursion, since the text comes from outside. */
export function keyPlaces(text: string): KeyPlaces {
  const root: Node = { line: 1, children: new Map() };
  const doubled: Path[] = [];
  const frames: Frame[] = [];
  let line = 1;
  for (let at = 0; at < text.length; at++) {
    const frame = frames.at(-1);
    const char = text[at];
    if (char === '\n') line++;
    else if (char === '{' || char === '[') {
      const list = char === '[';
      let node = root;
      if (frame?.next !== undefined) {
        node = frame.list ? { line, children: new Map() } : (frame.node.children.get(frame.next) ?? root);
        frame.node.children.set(frame.next, node);
      }
      frames.push({ node, list, next: list ? 0 : undefined });
    } else if (char === '}' || char === ']') frames.pop();
    else if (char === ',' && frame !== undefined) frame.next = typeof frame.next === 'number' ? frame.next + 1 : undefined;
    else if (char === '"') {
      const start = at;
      at = endOfText(text, at);
      // A text after a key, or in a list, is a value.
      if (frame === undefined || frame.next !== undefined) continue;
      const key: unknown = JSON.parse(text.slice(start, at + 1));
      if (typeof key !== 'string') continue;
      frame.next = key;
      if (frame.node.children.has(key) && doubled.length < TOLD) doubled.push(frames.map(({ next }) => next ?? key));
      frame.node.children.set(key, { line, children: new Map() });
    }
  }
  const lineOf = (path: Path): number | undefined => {
    let node: Node | undefined = root;
    let found: number | undefined;
    for (const part of path) {
      node = node.children.get(part);
      if (node === undefined) break;
      found = node.line;
    }
    return found;
  };
  return { line: lineOf, doubled };
}

/** Where the text that begins at a quote has its other quote. */
function endOfText(text: string, start: number): number {
  let at = start + 1;
  for (; text[at] !== '"' && at < text.length; at++) if (text[at] === '\\') at++;
  return at;
}

/** How many lists and objects of a text, which need not be JSON, stand within one another. */
export function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') at = endOfText(text, at);
    if (char === '{' || char === '[') most = Math.max(most, ++depth);
    else if (char === '}' || char === ']') depth--;
  }
  return most;
}
