// Every regular expression of src/, attacked by texts made of its own parts.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAst } from 'rolldown/parseAst';
import { BOUND, growth } from './growth.ts';
import { alphabetOf, loopsOf } from './pattern.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Runs of these lengths show exponential work before it holds the test up, and quadratic work at the end. */
const SIZES = [12, 24, 1_000, 8_000];
/** A linear pattern takes some microseconds for the largest of the sizes. */
const SUSPECT_US = 500;

export interface Pattern {
  readonly file: string;
  readonly line: number;
  readonly pattern: RegExp;
}

type Node = Readonly<Record<string, unknown>>;

function* walk(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const item of value) yield* walk(item);
  else if (typeof value === 'object' && value !== null) {
    yield value as Node;
    for (const child of Object.values(value)) yield* walk(child);
  }
}

/** Returns the literals of a source, with their lines. */
function literalsOf(file: string, source: string): Pattern[] {
  return [...walk(parseAst(source, { lang: 'ts' }))].flatMap(({ type, regex, start }) => {
    if (type !== 'Literal' || typeof regex !== 'object' || regex === null) return [];
    const { pattern, flags } = regex as { readonly pattern: string; readonly flags: string };
    return [{ file, line: source.slice(0, Number(start)).split('\n').length, pattern: new RegExp(pattern, flags) }];
  });
}

/** Loads all of src/ but the entries, and returns the patterns that it makes of texts on the way. */
async function builtPatterns(files: readonly string[]): Promise<Pattern[]> {
  const found: Pattern[] = [];
  const Own = RegExp;
  let loading = '';
  globalThis.RegExp = new Proxy(Own, {
    construct: (target, [source, flags]: [string, string?]) => {
      const pattern = new target(source, flags);
      if (loading !== '') found.push({ file: loading, line: 0, pattern });
      return pattern;
    },
  });
  try {
    for (const file of files) {
      loading = file;
      await import(join(ROOT, file));
    }
  } finally {
    loading = '';
    globalThis.RegExp = Own;
  }
  return found;
}

/** Returns all patterns of src/: the literals, and those that a module makes of texts when it is loaded. */
async function patternsOf(): Promise<Pattern[]> {
  const files = globSync('src/**/*.ts', { cwd: ROOT }).toSorted();
  const literals = files.flatMap((file) => literalsOf(file, readFileSync(join(ROOT, file), 'utf8')));
  const loaded = files.filter((file) => !/^src\/(?:index|post|cli)\.ts$/.test(file));
  const all = [...literals, ...(await builtPatterns(loaded))];
  return [...new Map(all.toReversed().map((one) => [`${one.pattern.source}/${one.pattern.flags}`, one])).values()].toReversed();
}

/** Has a pattern read a text as a program does: all matches of one with `g`, else the first. */
function use(pattern: RegExp, text: string): void {
  pattern.lastIndex = 0;
  if (pattern.global) text.replace(pattern, '');
  else pattern.exec(text);
}

/** Returns the time that a pattern takes for a text, in microseconds: the least of three times where it is much. Some kernels count processor time in ticks of 4 ms. */
function timeOf(pattern: RegExp, text: string): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3 && least > SUSPECT_US; round++) {
    const startedMs = performance.now();
    use(pattern, text);
    least = Math.min(least, (performance.now() - startedMs) * 1_000);
  }
  return least;
}

/** The patterns that read short texts only, or are asked only where they match: file, beginning of the pattern, reason. */
const BOUNDED: readonly (readonly [file: string, begin: string, why: string])[] = [
  ['src/jobspec/locate.ts', '\\{\\{[\\s\\S]*?', 'nothing behind the last end is read'],
  ['src/diagnose/driver-rows.ts', '', 'a message is cut to MAX_READ characters'],
  ['src/diagnose/driver.ts', '', 'a message is cut to MAX_READ characters'],
  ['src/diagnose/check.ts', '', 'an output is cut to MAX_READ characters'],
  ['src/diagnose/log-line.ts', '', 'a line is cut to MAX_READ characters'],
  ['src/secrets/items.ts', '\\{\\{-? with', 'nothing behind the last end is read'],
  ['src/jobspec/value-problem.ts', '\\{\\{.*?', 'a line is cut to 500 characters'],
  ['src/plan/diff.ts', '^(\\s*(?:[-*]', 'a line is cut to MAX_READ characters'],
  ['src/plan/diff.ts', '(\\{\\{.*?', 'a line is cut to MAX_READ characters'],
  ['src/terminal/words.ts', '\\[([^', 'the texts are our own'],
];

const isBounded = ({ file, pattern: { source } }: Pattern): boolean => BOUNDED.some((one) => one[0] === file && source.startsWith(one[1]));

interface Attack {
  readonly lead: string;
  readonly round: string;
  readonly end: string;
}

const ENDS = ['', '\u0000', 'a', '!'];

/** Returns texts that may hold a pattern up: each loop of it, each of its characters, and each pair of some of them, many times. */
function attacksOn({ source }: RegExp, pairs: number): Attack[] {
  const [alphabet, loops] = [alphabetOf(source), loopsOf(source)];
  const words = [...new Set(source.match(/(?<!\\)[A-Za-z]{3,}/g) ?? [])].slice(0, 8);
  const few = [...alphabet.slice(0, pairs), ...words];
  const rounds = new Set([
    ...loops.flatMap(({ lead, round }) => [round, lead, `${lead}${round}`]),
    ...alphabet,
    ...words,
    ...few.flatMap((one) => few.map((next) => one + next)),
  ]);
  rounds.delete('');
  // The short form tries the loops, from their begin and again and again.
  const leads = new Set(pairs === 0 ? [''] : ['', ...loops.map(({ lead }) => lead)]);
  const own = loops.flatMap((loop) => ENDS.map((end) => ({ ...loop, end })));
  return [...own, ...[...leads].flatMap((lead) => [...rounds].flatMap((round) => ENDS.slice(1, 2).map((end) => ({ lead, round, end }))))];
}

const made = ({ lead, round, end }: Attack, size: number): string =>
  `${lead}${round.repeat(Math.max(1, Math.floor(size / round.length)))}${end}`;

/** Returns the attack under which the work of a pattern grows faster than its text. */
export async function weakness(pattern: RegExp, pairs: number): Promise<(Attack & { readonly growth: number }) | undefined> {
  if (loopsOf(pattern.source).length === 0) return undefined;
  for (const attack of attacksOn(pattern, pairs)) {
    const slow = SIZES.find((size) => timeOf(pattern, made(attack, size)) > SUSPECT_US);
    if (slow === undefined) continue;
    // Before the largest size, the time can only be exponential.
    const found =
      slow < 1_000
        ? Number.POSITIVE_INFINITY
        : await growth(
            (text) => use(pattern, text),
            (size) => made(attack, size),
          );
    if (found > BOUND) return { ...attack, growth: found };
  }
  return undefined;
}

/** Attacks all patterns. Returns a line for each that is not linear, and their number. */
export async function weakPatterns(pairs: number): Promise<string[]> {
  const patterns = await patternsOf();
  const found: string[] = [];
  for (const one of patterns) {
    const weak = isBounded(one) ? undefined : await weakness(one.pattern, pairs);
    if (weak === undefined) continue;
    const { growth: times, ...attack } = weak;
    found.push(
      `${one.file}:${one.line}: ${String(one.pattern)} takes ${times.toFixed(1)} times the work for four times of ${JSON.stringify(attack)}`,
    );
  }
  return [...found, `${patterns.length} patterns, ${found.length} of them not linear`];
}

if (import.meta.main) console.log((await weakPatterns(Number(process.argv[2] ?? 0))).join('\n'));
