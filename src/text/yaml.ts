// The one place that parses YAML (and JSON, which is YAML), whoever wrote it: quiet, and bounded before anything is made of it.
import type { Document, YAMLMap } from 'yaml';

/** Nomad takes no larger job. */
const MAX_BYTES = 1024 * 1024;
/** Words, marks and blanks; a text between quotes or of several lines is one. The parser takes seconds and a gigabyte for twice as many. */
const MAX_TOKENS = 500_000;
/** Values, with those that aliases stand for counted each time. */
const MAX_NODES = 100_000;
const MAX_DEPTH = 100;
const TOO_DEEP = `more than ${MAX_DEPTH} lists and maps within one another`;
/** The most problems that are told of a text. */
const MAX_PROBLEMS = 10;

/** A problem of a text, with its place; line and column count from 1. The words may quote the text. */
export interface YamlProblem {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

export interface Yaml {
  readonly document: Document.Parsed;
  /** The line and column of an offset. */
  readonly placeOf: (offset: number) => { readonly line: number; readonly column: number };
  /** Errors, warnings (a tag that is not known, say), keys that a map has twice, and what is too much; nothing is to be made of the document then. */
  readonly problems: readonly YamlProblem[];
}

/** Parses a text. With `failsafe`, scalars are what was written; with `core` they are numbers (whole ones as `bigint`), booleans and null as well. Never throws and prints nothing. */
export async function parseYaml(text: string, schema: 'failsafe' | 'core' = 'failsafe'): Promise<Yaml> {
  const { Lexer, LineCounter, parseDocument } = await import('yaml');
  const lineCounter = new LineCounter();
  const placeOf: Yaml['placeOf'] = (offset) => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  // The parser compares each key of a map with all others of it: `measure` finds those that are there twice, in one walk. When it is `silent`, it drops all
  // documents but the first and says nothing.
  const options = {
    schema,
    intAsBigInt: schema === 'core',
    prettyErrors: false,
    logLevel: 'error',
    uniqueKeys: false,
    lineCounter,
  } as const;
  const refused = (words: string, offset: number): Yaml => {
    const place = offset === 0 ? { line: 1, column: 1 } : placeOf(offset);
    return { document: parseDocument('', { ...options, lineCounter: new LineCounter() }), placeOf, problems: [{ text: words, ...place }] };
  };
  if (Buffer.byteLength(text) > MAX_BYTES) return refused(`more than ${MAX_BYTES / 1024} KiB of YAML`, 0);
  try {
    let tokens = 0;
    for (const _ of new Lexer().lex(text)) if (++tokens > MAX_TOKENS) return refused(`more than ${MAX_TOKENS} words and marks of YAML`, 0);
    const document = parseDocument(text, options);
    const all = [...document.errors, ...document.warnings];
    // The parser goes as deep as the text does, and takes the end of its stack for a mistake of the text.
    const deep = all.find(({ message }) => /call stack|stack overflow/i.test(message));
    if (deep !== undefined) return refused(TOO_DEEP, deep.pos[0]);
    const found = all.slice(0, MAX_PROBLEMS).map(({ code, message, pos }) => ({
      text: code === 'MULTIPLE_DOCS' ? 'a second document begins here, and a file has one' : message,
      offset: pos[0],
    }));
    const problems = found.length > 0 ? found : await measure(document);
    return { document, placeOf, problems: problems.map(({ text: words, offset }) => ({ text: words, ...placeOf(offset) })) };
  } catch {
    // The parser goes as deep as the text does.
    return refused(TOO_DEEP, 0);
  }
}

/** Parses a text and gives it as plain data, or the first thing that is wrong with it. */
export async function yamlData(
  text: string,
  schema?: 'failsafe' | 'core',
): Promise<{ readonly data: unknown } | { readonly problem: YamlProblem }> {
  const { document, problems } = await parseYaml(text, schema);
  const [problem] = problems;
  if (problem !== undefined) return { problem };
  // The aliases have been counted.
  return { data: document.toJS({ maxAliasCount: -1 }) };
}

interface Found {
  readonly text: string;
  readonly offset: number;
}

/** Returns the first part of a document that is too large or not allowed. Walks each node once, whatever its aliases stand for. */
async function measure(document: Document.Parsed): Promise<Found[]> {
  const { isAlias, isMap, isNode, isPair, isScalar, isSeq } = await import('yaml');
  const anchors = new Map<string, number>();
  const open = new Set<string>();
  const problems: Found[] = [];
  const offsetOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0);
  const problem = (text: string, node: unknown): number => {
    problems.push({ text, offset: offsetOf(node) });
    return 0;
  };
  /** The values in a node, with those behind its aliases. */
  const sizeOf = (node: unknown, depth: number): number => {
    if (problems.length > 0) return 0;
    if (depth > MAX_DEPTH) return problem(TOO_DEEP, node);
    if (isAlias(node)) {
      const size = open.has(node.source) ? undefined : anchors.get(node.source);
      return size ?? problem(`\`*${node.source}\` stands for nothing that was named before`, node);
    }
    const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined;
    if (anchor !== undefined) open.add(anchor);
    let size = 1;
    const items: readonly unknown[] = isMap(node) || isSeq(node) ? node.items : [];
    for (const item of items) {
      size += isPair(item) ? sizeOf(item.key, depth + 1) + sizeOf(item.value, depth + 1) : sizeOf(item, depth + 1);
      if (size > MAX_NODES) return problem(`more than ${MAX_NODES} values`, node);
    }
    if (isMap(node)) twice(node);
    if (anchor !== undefined) {
      open.delete(anchor);
      anchors.set(anchor, size);
    }
    return size;
  };
  const twice = (map: YAMLMap): void => {
    const known = new Set<unknown>();
    for (const { key } of map.items) {
      if (!isScalar(key)) continue;
      if (known.has(key.value)) problem('Map keys must be unique', key);
      known.add(key.value);
    }
  };
  sizeOf(document.contents, 0);
  return problems.slice(0, 1);
}
