// Comments that switch lints off: `# nomad-deploy:ignore <name> <name>` behind a line, or on a line of its own above it. At a line that opens a block, it counts for
// the whole block.
import type { Location } from '../../errors.ts';
import { lex, linesOf, type Token } from '../../text/index.ts';
import type { Composition } from '../fragments.ts';
import type { SpecFile } from '../types.ts';

export interface Ignores {
  /** Returns whether a comment switches a lint off for a line of the text. */
  readonly covers: (lint: string, line: number) => boolean;
  /** The names in the comments, with their places. */
  readonly named: readonly { readonly name: string; readonly location: Location | undefined }[];
}

/** The lines that a comment counts for, with the names in it. */
interface Range {
  readonly names: readonly string[];
  readonly from: number;
  readonly to: number;
}

const MARK = 'nomad-deploy:ignore';
/** The most comments that are read. */
const MAX = 1_000;

/** Reads the comments of a text. JSON has none. */
export function ignoresOf({ text, locate }: Composition, format: SpecFile['format']): Ignores {
  const ranges = !text.includes(MARK) || format === 'json' ? [] : format === 'hcl' ? inHcl(text) : inYaml(text);
  return {
    covers: (lint, line) => ranges.some(({ names, from, to }) => from <= line && line <= to && names.includes(lint)),
    named: ranges.flatMap(({ names, line }) => names.map((name) => ({ name, location: locate(line) }))),
  };
}

/** The longest list of names. */
const MAX_NAMES = 1_000;

/** Returns the names behind a mark, up to the end of its comment. */
function namesIn(text: string, mark: number): string[] {
  const begin = mark + MARK.length;
  const [words = ''] = text.slice(begin, begin + MAX_NAMES).split(/\n|\*\//);
  return words.split(/[\s,]+/).filter((word) => word !== '');
}

function inHcl(text: string): (Range & { readonly line: number })[] {
  const { tokens } = lex(text);
  const place = linesOf(text);
  const lineOf = (token: Token | undefined): number => (token === undefined ? Number.POSITIVE_INFINITY : place(token.at).line);
  const endOf = (i: number): number => {
    const token = tokens[i];
    return token === undefined ? 0 : place(token.at + Math.max(token.text.length - 1, 0)).line;
  };
  const ends = blockEnds(tokens);
  const found: (Range & { readonly line: number })[] = [];
  let end = 0;
  for (let i = 0; i <= tokens.length && found.length < MAX; i++) {
    const gap = text.slice(end, tokens[i]?.at ?? text.length);
    for (let at = gap.indexOf(MARK); at >= 0; at = gap.indexOf(MARK, at + 1)) {
      const { line } = place(end + at);
      const names = namesIn(gap, at);
      // Behind code, the comment is about that line, else about the next line with code.
      const isBehind = i > 0 && endOf(i - 1) === line;
      const from = isBehind ? line : lineOf(tokens[i]);
      let first = isBehind ? i - 1 : i;
      while (first > 0 && lineOf(tokens[first - 1]) === from) first--;
      let last = from;
      for (let k = first; k < tokens.length && lineOf(tokens[k]) === from; k++) last = Math.max(last, endOf(ends.get(k) ?? k));
      found.push({ names, from, to: last, line });
    }
    end = (tokens[i]?.at ?? text.length) + (tokens[i]?.text.length ?? 0);
  }
  return found;
}

/** Returns the closing bracket of each opening one, by their positions. */
function blockEnds(tokens: readonly Token[]): ReadonlyMap<number, number> {
  const open: number[] = [];
  const ends = new Map<number, number>();
  for (const [i, { kind, text }] of tokens.entries()) {
    if (kind !== 'mark') continue;
    if (text === '{' || text === '[' || text === '(') open.push(i);
    if (text !== '}' && text !== ']' && text !== ')') continue;
    const begin = open.pop();
    if (begin !== undefined) ends.set(begin, i);
  }
  return ends;
}

/** In YAML, the lines that are indented more than the comment's line belong to it. */
function inYaml(text: string): (Range & { readonly line: number })[] {
  const lines = text.split('\n');
  const indent = (line: string): number => line.length - line.trimStart().length;
  const isCode = (line: string): boolean => line.trim() !== '' && !line.trim().startsWith('#');
  const marked = lines.flatMap((own, i) => (own.includes(MARK) ? [{ own, i }] : [])).slice(0, MAX);
  return marked.flatMap(({ own, i }) => {
    const hash = own.lastIndexOf('#', own.indexOf(MARK));
    if (hash < 0) return [];
    const next = isCode(own) ? i : lines.findIndex((line, k) => k > i && isCode(line));
    const start = lines[next];
    if (start === undefined) return [];
    const after = lines.findIndex((line, k) => k > next && isCode(line) && indent(line) <= indent(start));
    return [{ names: namesIn(own, own.indexOf(MARK)), from: next + 1, to: after < 0 ? lines.length : after, line: i + 1 }];
  });
}
