import { endOfText } from '../text/index.ts';
import type { Path } from './job-shape.ts';

/** The places of the keys of a JSON text, which `JSON.parse` does not tell. */
export interface KeyPlaces {
  /** Returns the line of a key or an item, counting from 1; for a missing one, that of the nearest above it. */
  readonly line: (path: Path) => number | undefined;
  /** Keys that occur twice in an object, of which `JSON.parse` takes the last. */
  readonly doubled: readonly Path[];
}

interface Node {
  readonly line: number;
  readonly children: Map<string | number, Node>;
}

/** An open object or list: its node, and its next key or position. */
interface Frame {
  readonly node: Node;
  readonly list: boolean;
  /** Undefined in an object that waits for a key. */
  next: string | number | undefined;
}

/** The most doubled keys that are reported. */
const TOLD = 20;

/**
 * Finds the keys of a JSON text that `JSON.parse` accepts. Works in one pass and without recursion, because the text comes from outside.
 */
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
