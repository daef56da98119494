// What a spec reads of the runner by HCL's functions for files. The program that evaluates them keeps to no folder, so the spec is looked at before: each call
// has to say in plain text what it reads, and that is copied from the workspace to a folder in which the program runs. Whatever looks like a call counts, also within a text or a comment: to be
// told apart wrongly would be worse.
import { mkdir, readdir, realpath, stat, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { ActionError, type Location, messageOf } from './errors.ts';
import { declaredVariables } from './hcl.ts';
import { confine, readInside } from './workspace.ts';

/** A file, or with a `depth` above 0 anything so many levels below a folder. */
interface Read {
  readonly at: number;
  readonly call: string;
  readonly path: string;
  readonly depth: number;
  /** Of a pattern: how many names, with their folders, the paths have that it finds. */
  readonly levels?: number;
  /** How many names that a pattern finds are in the path. */
  readonly names?: number;
}

interface Unclear {
  readonly at: number;
  readonly call: string;
}

interface Calls {
  readonly reads: readonly Read[];
  readonly unclear: readonly Unclear[];
  /** Variables whose defaults were taken for the values: they have to be given. */
  readonly defaults: Readonly<Record<string, string>>;
}

/** What a pattern of `fileset` finds, standing for any of it. */
const FOUND = '\0';

/** The calls of a spec whose variables have the given values. Takes time in proportion to the text. */
export function fileCalls(source: string, values: Readonly<Record<string, unknown>>): Calls {
  const defaults: Record<string, string> = {};
  const initial = new Map(declaredVariables(source).map((variable) => [variable.name, variable.initial]));
  const read = reader(source);
  const iterators = namesOfFiles(source, read);

  /** The text of a name; undefined when it could be anything. */
  const textNamed = (name: string): string | undefined => {
    const variable = /^var\.(.+)$/.exec(name)?.[1];
    if (variable === undefined) return iterators.has(name) ? FOUND : undefined;
    const value = values[variable];
    if (typeof value === 'string') return value;
    const text = value === undefined ? /^"([^"\\$%]*)"$/.exec(initial.get(variable) ?? '')?.[1] : undefined;
    if (text !== undefined) defaults[variable] = text;
    return text;
  };
  const textOf = (argument: string): string | undefined => {
    if (!argument.startsWith('"')) return textNamed(argument);
    let known = true;
    const text = argument.slice(1, -1).replace(/\$\{([^}]*)\}/g, (_, name: string) => {
      const value = textNamed(name);
      known &&= value !== undefined;
      return value ?? '';
    });
    return known ? text : undefined;
  };

  const reads: Read[] = [];
  const unclear: Unclear[] = [];
  for (const { 1: call = '', 0: word, index: at } of source.matchAll(/\b(file|filebase64|fileexists|fileset)\b/g)) {
    const open = read.word('(', read.blank(at + word.length));
    if (open === undefined) continue;
    if (call === 'fileset') {
      const set = read.fileset(at);
      const [path, pattern] = [set && textOf(set.path), set && textOf(set.pattern)];
      const nested = `${path}${pattern}`.includes(FOUND);
      if (path === undefined || pattern === undefined || nested || !staysBelow(pattern)) unclear.push({ at, call });
      else reads.push({ at, call, ...filesOf(path, pattern) });
      continue;
    }
    const begin = read.blank(open);
    const end = read.text(begin) ?? read.reference(begin);
    const closed = end === undefined ? undefined : read.word(')', read.blank(end));
    const path = closed === undefined ? undefined : textOf(source.slice(begin, end));
    if (path === undefined) unclear.push({ at, call });
    else if (path.includes(FOUND)) {
      const folder = path.slice(0, path.indexOf(FOUND)).replace(/[^/]*$/, '');
      const rest = path.slice(folder.length);
      const [names, folders] = [rest.split(FOUND).length - 1, rest.split('/').length - 1];
      if (staysBelow(rest)) reads.push({ at, call, path: folder === '' ? '.' : folder.replace(/(?<=.)\/$/, ''), depth: folders, names });
      else unclear.push({ at, call });
    } else reads.push({ at, call, path, depth: 0 });
  }
  // A name that is found has no more folders in it than the patterns that find names.
  const deepest = Math.max(0, ...reads.filter(({ call }) => call === 'fileset').map(({ levels = 0 }) => levels));
  const depthOf = ({ depth, names = 0 }: Read): number => (names === 0 ? depth : depth + names * deepest);
  return { reads: reads.map((one) => ({ ...one, depth: depthOf(one) })), unclear, defaults };
}

/** The folder that a pattern begins with, and how many levels below it the pattern reaches. */
function filesOf(path: string, pattern: string): Pick<Read, 'path' | 'depth' | 'levels'> {
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

/** What can stand at a place of a spec. Each gives the place behind it, or undefined when something else stands there. */
interface Reader {
  /** Blanks and comments; none at all as well. */
  readonly blank: (at: number) => number;
  readonly word: (word: string, at: number) => number | undefined;
  readonly name: (at: number) => number | undefined;
  /** A name, or one with another after a dot. */
  readonly reference: (at: number) => number | undefined;
  /** A text that consists of itself, and of names that are filled in. */
  readonly text: (at: number) => number | undefined;
  readonly fileset: (at: number) => { readonly path: string; readonly pattern: string; readonly end: number } | undefined;
}

const NAME = '[A-Za-z_][\\w-]*';
const TEXT = new RegExp(String.raw`"(?:[^"\\$%\n]|[$%](?![{$%])|\$\{${NAME}(?:\.${NAME})?\})*"`, 'y');
const REFERENCE = new RegExp(String.raw`${NAME}(?:\.${NAME})?`, 'y');
const ONE_NAME = new RegExp(NAME, 'y');

function reader(source: string): Reader {
  const match = (pattern: RegExp, at: number): number | undefined => {
    pattern.lastIndex = at;
    return pattern.test(source) ? pattern.lastIndex : undefined;
  };
  // Many places lead into the same blanks: where these end is found once.
  const ends = new Map<number, number>();
  const commentEnd = nextOf(source, '*/');
  const lineEnd = nextOf(source, '\n');
  const blank: Reader['blank'] = (from) => {
    const seen: number[] = [];
    let at = from;
    for (;;) {
      const known = ends.get(at);
      if (known !== undefined) {
        at = known;
        break;
      }
      seen.push(at);
      const next = match(/\s+/y, at) ?? at;
      if (source.startsWith('/*', next)) at = commentEnd(next + 2) ?? next;
      else if (source[next] === '#' || source.startsWith('//', next)) at = lineEnd(next) ?? source.length;
      else at = next;
      if (at === next) break;
    }
    for (const one of seen) ends.set(one, at);
    return at;
  };
  const word: Reader['word'] = (wanted, at) => (source.startsWith(wanted, at) ? at + wanted.length : undefined);
  const text: Reader['text'] = (at) => match(TEXT, at);
  return {
    blank,
    word,
    text,
    name: (at) => match(ONE_NAME, at),
    reference: (at) => match(REFERENCE, at),
    fileset: (at) => {
      const called = word('fileset', at);
      const open = called === undefined ? undefined : word('(', blank(called));
      if (open === undefined) return undefined;
      const first = blank(open);
      const firstEnd = text(first);
      const comma = firstEnd === undefined ? undefined : word(',', blank(firstEnd));
      if (comma === undefined) return undefined;
      const second = blank(comma);
      const secondEnd = text(second);
      const end = secondEnd === undefined ? undefined : word(')', blank(secondEnd));
      return end === undefined ? undefined : { path: source.slice(first, firstEnd), pattern: source.slice(second, secondEnd), end };
    },
  };
}

/** Finds the end of the next occurrence of a word. As long as it is asked from places further on, it walks the text once. */
function nextOf(source: string, word: string): (from: number) => number | undefined {
  let [asked, found] = [Number.POSITIVE_INFINITY, -1];
  return (from) => {
    if (from < asked || (found >= 0 && found < from)) found = source.indexOf(word, from);
    asked = from;
    return found < 0 ? undefined : found + word.length;
  };
}

/** The names that stand for what `fileset` finds and for nothing else, wherever in the spec. */
function namesOfFiles(source: string, read: Reader): Set<string> {
  const safe = new Map<string, boolean>();
  const bind = (names: readonly (string | undefined)[], ok: boolean): void => {
    for (const name of names) if (name !== undefined) safe.set(name, ok && safe.get(name) !== false);
  };
  /** The name at a place, and the place behind it and its blanks. */
  const nameAt = (at: number): [string, number] | undefined => {
    const end = read.name(at);
    return end === undefined ? undefined : [source.slice(at, end), read.blank(end)];
  };
  for (const { index } of source.matchAll(/\bfor\b/g)) {
    const first = nameAt(read.blank(index + 'for'.length));
    if (first === undefined) continue;
    const comma = read.word(',', first[1]);
    const second = comma === undefined ? undefined : nameAt(read.blank(comma));
    const word = read.word('in', second?.[1] ?? first[1]);
    if (word === undefined || /\w/.test(source[word] ?? '')) continue;
    const set = read.fileset(read.blank(word));
    const end = set && read.blank(set.end);
    bind([first[0], second?.[0]], end !== undefined && /^(:|~?\})/.test(source.slice(end, end + 2)));
  }
  // Which of them a block has is not asked: all have to be such.
  const each = [...source.matchAll(/\bfor_each\b/g)].every(({ index }) => {
    const equals = read.word('=', read.blank(index + 'for_each'.length));
    if (equals === undefined) return true;
    const set = read.fileset(read.blank(equals));
    return set !== undefined && lineEnds(source, set.end);
  });
  const after = (word: string, mark: string): string[] =>
    [...source.matchAll(new RegExp(`\\b${word}\\b`, 'g'))].flatMap(({ index }) => {
      const marked = read.word(mark, read.blank(index + word.length));
      const at = marked === undefined ? undefined : read.blank(marked);
      const found = at === undefined ? undefined : nameAt(read.word('"', at) ?? at);
      return found === undefined ? [] : [found[0]];
    });
  bind(
    [...after('dynamic', ''), ...after('iterator', '=')].flatMap((name) => [`${name}.value`, `${name}.key`]),
    each,
  );
  return new Set([...safe].flatMap(([name, ok]) => (ok ? [name] : [])));
}

/** Whether an expression ends where it ends in the text: at the end of its line, at a comment or a brace. */
function lineEnds(source: string, at: number): boolean {
  const ends = /[ \t]*(?:\r?\n|#|\/\/|\}|$)/y;
  ends.lastIndex = at;
  return ends.test(source);
}

function staysBelow(path: string): boolean {
  return !/^[/~]/.test(path) && !path.split('/').includes('..');
}

/** What a spec may read in all: more than a job can hold. */
const MAX_FILES = 10_000;
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const MAX_BYTES = 64 * 1024 * 1024;

/** What a spec reads, as files of the copy that the program sees. */
export interface Confined {
  /** The defaults of the variables that decided about it, which have to be given when it is evaluated. */
  readonly defaults: Readonly<Record<string, string>>;
  /** The folder of the copy that stands for the working directory. */
  readonly folder: string;
}

/**
 * Copies what a spec reads to a folder of its own, `copy`, in which the program that evaluates the spec then runs: regular files only, so that no link leads out
 * of it, whatever happens to the checkout meanwhile. Refuses a spec that reads what is not in the workspace, or does not say plainly what it reads; `place` tells
 * where an offset of it is. Throws one `jobspec-invalid` with all there is.
 */
export async function confineFiles(
  source: string,
  values: Readonly<Record<string, unknown>>,
  { workspace, folder, copy }: { readonly workspace: string; readonly folder: string; readonly copy: string },
  place: (at: number) => Location | undefined,
): Promise<Confined> {
  const { reads, unclear, defaults } = fileCalls(source, values);
  const root = await realpath(workspace);
  // The program would resolve `..` from the real folder, so that the check does as well.
  const own = await realpath(resolve(root, folder));
  const { inside } = confine(root, own);
  const problems = unclear.map(({ at, call }) => ({ at, text: `what \`${call}\` reads can't be told before it is read` }));
  const copied = copier(root, copy, inside);
  for (const { at, call, path, depth } of reads) {
    try {
      // Go's functions know the home folder by it.
      const found = await inside(call, path.startsWith('~') ? `/${path}` : path);
      if (isAbsolute(path)) throw new Error(`\`${call}\`: ${path} has to be given relative to the working directory`);
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
      hint: 'Files of the workspace can be read, by a text such as "conf/app.toml" or "conf/${var.NAME}.toml", or by the name of a loop over `fileset("conf", "*")`.',
      ...(location === undefined ? {} : { location }),
    },
  );
}

/** Copies a file of the workspace, or what is some levels below a folder, to the same place of the copy; links become what they lead to. */
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
          // The git folder is none of the spec's, and a pattern finds nothing in it.
          if (name === '.git') continue;
          const below = join(path, name);
          const found = await inside(call, below);
          if (found.exists) await one(call, below, depth - 1, false);
        }
      }
      return;
    }
    // A pattern may pass by what is no file, or too large for a job; a file that is named may not be either.
    if (!info.isFile() || info.size > MAX_FILE_BYTES) {
      if (named) throw new Error(`\`${call}\`: ${relative(root, path)} is no regular file of at most ${MAX_FILE_BYTES / 1024 / 1024} MiB`);
      return;
    }
    bytes += info.size;
    if (bytes > MAX_BYTES) throw tooMuch(call);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, await readInside(path, root, MAX_FILE_BYTES));
  };
  return async (call, path, depth) => one(call, path, depth, depth === 0);
}
