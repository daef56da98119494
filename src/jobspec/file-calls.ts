// The files of the runner that a spec reads by HCL's functions. The program that evaluates them is confined to no folder. So each call must
// name its files in plain text before the evaluation, and the files are copied from the workspace to a folder in which the program runs.
import { mkdir, readdir, realpath, stat, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { ActionError, type Location, messageOf } from '../errors.ts';
import { confine, readInside } from '../inputs/index.ts';
import { lex, type Token } from '../text/index.ts';
import type { Values } from './built-in/index.ts';
import { type Expressions, filesetAt, isQuoted, plainText } from './spec-expressions.ts';
import { FOUND, MAX_TEXTS } from './spec-shapes.ts';
import { codesOf, readNames } from './spec-texts.ts';

/** A file, or with a `depth` above 0 everything down to so many levels below a folder. */
interface FileRead {
  readonly at: number;
  readonly call: string;
  readonly path: string;
  readonly depth: number;
  /** The number of names, folders included, in the paths that a pattern finds. */
  readonly levels?: number;
  /** The number of found names in the path. */
  readonly names?: number;
}

interface Unclear {
  readonly at: number;
  readonly call: string;
}

interface Calls {
  readonly reads: readonly FileRead[];
  readonly unclear: readonly Unclear[];
  /** Variables whose defaults decided, so the evaluation needs them. */
  readonly defaults: Values;
}

const CALLS = ['file', 'filebase64', 'fileexists', 'fileset'];

/** Readers for a spec that HCL refuses, in which only plain texts count. */
type TextReader = Pick<Expressions, 'textsOf' | 'reference'>;
const AS_WRITTEN: TextReader & { readonly defaults: Values } = {
  textsOf: (text) => {
    const plain = plainText(text);
    return plain === undefined ? undefined : [plain];
  },
  reference: () => undefined,
  defaults: {},
};

/** Returns the calls of a spec whose variables have the given values. Takes time in proportion to the text. */
export function fileCalls(source: string, values: Readonly<Record<string, unknown>>): Calls {
  const { tokens, oddAt } = lex(source);
  // HCL in JSON defines names by other words, and any letter of a call can be an escape.
  if (tokens[0]?.text === '{') return { reads: [], unclear: [{ at: 0, call: 'file' }], defaults: {} };
  const codes = codesOf(tokens);
  const { defaults, ...read } = oddAt === undefined ? readNames(source, codes, values) : AS_WRITTEN;
  const reads: FileRead[] = [];
  const unclear: Unclear[] = [];
  const seen = new Set<number>();
  for (const code of codes) {
    for (const [i, { kind, text: call, at }] of code.entries()) {
      if (kind !== 'name' || !CALLS.includes(call) || code[i + 1]?.text !== '(') continue;
      seen.add(at);
      const found = call === 'fileset' ? setsOf(code, i, read) : pathsOf(code, i, read);
      if (found === undefined) unclear.push({ at, call });
      else reads.push(...found.map((one) => ({ at, call, ...one })));
    }
  }
  const words = oddAt === undefined ? [] : wordsOf(source).filter(({ at }) => !seen.has(at));
  // A found name has no more folders than the patterns that find names.
  const deepest = reads.reduce((most, { call, levels = 0 }) => (call === 'fileset' ? Math.max(most, levels) : most), 0);
  const depthOf = ({ depth, names = 0 }: FileRead): number => (names === 0 ? depth : depth + names * deepest);
  return { reads: reads.map((one) => ({ ...one, depth: depthOf(one) })), unclear: [...unclear, ...words], defaults };
}

/**
 * Returns every word that looks like a call, also within a text or a comment, because the lexer may confuse them in a spec that HCL
 * refuses.
 */
function wordsOf(source: string): Unclear[] {
  return [...source.matchAll(/\b(file|filebase64|fileexists|fileset)\s*[(/#]/g)].map(({ 1: call = '', index: at }) => ({ at, call }));
}

/** Returns the files of a call with one path; undefined if they are not known. */
function pathsOf(
  code: readonly Token[],
  i: number,
  { textsOf, reference }: TextReader,
): Pick<FileRead, 'path' | 'depth' | 'names'>[] | undefined {
  const text = code[i + 2];
  const named = isQuoted(text) ? { shapes: textsOf(text), end: i + 3 } : reference(code, i + 2);
  if (named?.shapes === undefined || named.shapes.length === 0 || code[named.end]?.text !== ')') return undefined;
  const paths = named.shapes.flatMap((shape) => (typeof shape === 'string' ? (pathRead(shape) ?? []) : []));
  return paths.length === named.shapes.length ? paths : undefined;
}

/** Returns the files of a call of `fileset`; undefined if they are not known. */
function setsOf(code: readonly Token[], i: number, { textsOf }: TextReader): Pick<FileRead, 'path' | 'depth' | 'levels'>[] | undefined {
  const set = filesetAt(code, i);
  const [paths, patterns] = [set && textsOf(set.path), set && textsOf(set.pattern)];
  const pairs = paths?.flatMap((path) => patterns?.map((pattern) => ({ path, pattern })) ?? []) ?? [];
  const plain = pairs.every(({ path, pattern }) => !`${path}${pattern}`.includes(FOUND) && staysBelow(pattern));
  return plain && pairs.length > 0 && pairs.length <= MAX_TEXTS ? pairs.map(({ path, pattern }) => filesOf(path, pattern)) : undefined;
}

/** Returns the files that a path reads; undefined if found names in it could lead upwards. */
function pathRead(path: string): Pick<FileRead, 'path' | 'depth' | 'names'> | undefined {
  if (!path.includes(FOUND)) return { path, depth: 0 };
  const folder = path.slice(0, path.indexOf(FOUND)).replace(/[^/]*$/, '');
  const rest = path.slice(folder.length);
  const [names, folders] = [rest.split(FOUND).length - 1, rest.split('/').length - 1];
  return staysBelow(rest) ? { path: folder === '' ? '.' : folder.replace(/(?<=.)\/$/, ''), depth: folders, names } : undefined;
}

/** Returns the folder that a pattern begins with, and the number of levels that the pattern reaches below it. */
function filesOf(path: string, pattern: string): Pick<FileRead, 'path' | 'depth' | 'levels'> {
  const names = pattern.split('/').filter((name) => name !== '' && name !== '.');
  const first = names.findIndex((name) => /[*?[{\\]/.test(name));
  const fixed = first < 0 ? names.length - 1 : first;
  const endless = pattern.includes('**') || pattern.includes('{');
  const folder = [path, ...names.slice(0, Math.max(fixed, 0))].join('/');
  return {
    path: folder,
    depth: endless ? Number.POSITIVE_INFINITY : Math.max(1, names.length - fixed),
    levels: endless ? Number.POSITIVE_INFINITY : names.length,
  };
}

function staysBelow(path: string): boolean {
  return !/^[/~]/.test(path) && !path.split('/').includes('..');
}

/** The most that a spec may read in all, which is more than a job can hold. */
const MAX_FILES = 10_000;
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const MAX_BYTES = 64 * 1024 * 1024;

/** The files that a spec reads, as files of the copy that the program sees. */
export interface ConfinedFiles {
  /** The defaults of the variables that decided, which the evaluation needs. */
  readonly defaults: Values;
  /** The folder of the copy that stands for the working directory. */
  readonly folder: string;
}

/**
 * Copies the files that a spec reads to the folder `copy`, in which the program that evaluates the spec runs: regular files only, so that
 * no link leads out of it, even if the checkout changes meanwhile. `place` returns the location of an offset. Throws one `jobspec-invalid`
 * for all files outside of the workspace and all paths that are not known.
 */
export async function confineFiles(
  source: string,
  values: Readonly<Record<string, unknown>>,
  { workspace, folder, copy }: { readonly workspace: string; readonly folder: string; readonly copy: string },
  place: (at: number) => Location | undefined,
): Promise<ConfinedFiles> {
  const { reads, unclear, defaults } = fileCalls(source, values);
  const root = await realpath(workspace);
  // The program would resolve `..` from the real folder, so the check does, too.
  const own = await realpath(resolve(root, folder));
  const { inside } = confine(root, own);
  const problems = unclear.map(({ at, call }) => ({ at, text: `the path of \`${call}\` is unknown before the spec is evaluated` }));
  const copied = copier(root, copy, inside);
  for (const { at, call, path, depth } of reads) {
    try {
      // Go's functions read `~` as the home folder.
      const found = await inside(call, path.startsWith('~') ? `/${path}` : path);
      if (isAbsolute(path)) throw new Error(`\`${call}\`: ${path} must be relative to the working directory`);
      if (found.exists) await copied(call, found.path, depth);
    } catch (error) {
      problems.push({ at, text: messageOf(error) });
    }
  }
  const cwd = join(copy, relative(root, own));
  await mkdir(cwd, { recursive: true });
  if (problems.length === 0) return { defaults, folder: cwd };
  const told = problems.toSorted((a, b) => a.at - b.at).map(({ at, text }) => ({ text, location: place(at) }));
  const location = told.find((problem) => problem.location !== undefined)?.location;
  throw new ActionError(
    'jobspec-invalid',
    told.map(({ text, location: at }) => `${at === undefined ? '' : `${[at.file, at.line].join(':')}: `}${text}`).join('\n'),
    {
      hint: 'Name a file of the workspace by a text such as "conf/app.toml" or "conf/${var.NAME}.toml", or by the name of a loop over `fileset("conf", "*")` or over a list or map of plain texts.',
      ...(location === undefined ? {} : { location }),
    },
  );
}

/**
 * Returns a function that copies a file of the workspace, or the files some levels below a folder, to the same place in the copy, with the
 * targets in place of links.
 */
function copier(
  root: string,
  copy: string,
  inside: ReturnType<typeof confine>['inside'],
): (call: string, path: string, depth: number) => Promise<void> {
  const seen = new Map<string, number>();
  let bytes = 0;
  const tooMuch = (call: string): Error =>
    new Error(`\`${call}\`: more than ${MAX_FILES} files or ${MAX_BYTES / 1024 / 1024} MiB would be read: name a smaller folder`);
  const one = async (call: string, path: string, depth: number, named: boolean): Promise<void> => {
    const before = seen.get(path);
    if (before !== undefined && before >= depth) return;
    seen.set(path, depth);
    if (seen.size > MAX_FILES) throw tooMuch(call);
    const real = await realpath(path);
    const info = await stat(real);
    const target = join(copy, relative(root, path));
    if (info.isDirectory()) {
      await mkdir(target, { recursive: true });
      if (depth > 0) {
        for (const name of await readdir(real)) {
          // The git folder is not a part of the spec, and patterns find nothing in it.
          if (name === '.git') continue;
          const below = join(path, name);
          const found = await inside(call, below);
          if (found.exists) await one(call, below, depth - 1, false);
        }
      }
      return;
    }
    // A pattern may match a folder or a file that is too large for a job, which is skipped. A named file must be a regular file.
    if (!info.isFile() || info.size > MAX_FILE_BYTES) {
      if (named)
        throw new Error(`\`${call}\`: ${relative(root, path)} is not a regular file of at most ${MAX_FILE_BYTES / 1024 / 1024} MiB`);
      return;
    }
    bytes += info.size;
    if (bytes > MAX_BYTES) throw tooMuch(call);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, await readInside(path, root, MAX_FILE_BYTES));
  };
  return async (call, path, depth) => one(call, path, depth, depth === 0);
}
