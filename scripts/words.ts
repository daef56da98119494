// Takes the words of the tables out of the bundle: only scripts read them, and a run would load 20 kB for nothing.
import { parseAst } from 'rolldown/parseAst';

/** Properties of an entry of a table that are words for the reference. `meaning` is what tells such an entry. */
const WORDS = ['meaning', 'otherwise', 'common', 'reusable'];

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}
interface Property extends Node {
  readonly key?: { readonly name?: unknown };
}
interface ObjectNode extends Node {
  readonly properties: readonly Property[];
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
const isObject = (node: Node): node is ObjectNode => node.type === 'ObjectExpression';
const nameOf = ({ type, key }: Property): unknown => (type === 'Property' ? key?.name : undefined);

function* objects(value: unknown): Generator<ObjectNode> {
  if (Array.isArray(value)) for (const item of value) yield* objects(item);
  else if (isNode(value)) {
    if (isObject(value)) yield value;
    for (const child of Object.values(value)) yield* objects(child);
  }
}

/** Returns the code of a module of src/ without the words of the tables in it. */
export function withoutWords(code: string): string {
  const cuts = [...objects(parseAst(code, { lang: 'ts' }).body)].flatMap(({ properties }) =>
    properties.some((property) => nameOf(property) === 'meaning')
      ? properties.filter((property) => WORDS.includes(String(nameOf(property))))
      : [],
  );
  const sorted = cuts.toSorted((a, b) => b.start - a.start);
  return sorted.reduce((text, { start, end }) => text.slice(0, start) + text.slice(end).replace(/^\s*,/, ''), code);
}
