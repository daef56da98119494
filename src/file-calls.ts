// What a spec reads of the runner by HCL's functions for files. The program that evaluates them keeps to no folder, so it is looked at before: each call
// has to say in plain text what it reads, and that has to be in the workspace. Whatever looks like a call counts, also within a text or a comment: to be
// told apart wrongly would be worse.
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { ActionError, type Location, messageOf } from './errors.ts';
import { declaredVariables } from './hcl.ts';
import { confine } from './workspace.ts';

/** A file, or with `below` anything in a folder. */
interface Read {
  readonly at: number;
  readonly call: string;
  readonly path: string;
  readonly below: boolean;
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

const BLANK = String.raw`(?:\s|(?://|#)[^\n]*(?:\n|$)|/\*[\s\S]*?\*/)*`;
const NAME = '[A-Za-z_][\\w-]*';
/** A text that consists of itself, and of names that are filled in. */
const TEXT = String.raw`"(?:[^"\\$%\n]|[$%](?![{$%])|\$\{${NAME}(?:\.${NAME})?\})*"`;
const FILESET = String.raw`fileset${BLANK}\(${BLANK}(${TEXT})${BLANK},${BLANK}(${TEXT})${BLANK}\)`;
/** What a pattern of `fileset` finds, standing for any of it. */
const FOUND = '\0';

const find = (source: string, pattern: string): RegExpExecArray[] => [...source.matchAll(new RegExp(pattern, 'g'))];

/** The calls of a spec whose variables have the given values. */
export function fileCalls(source: string, values: Readonly<Record<string, unknown>>): Calls {
  const defaults: Record<string, string> = {};
  const initial = new Map(declaredVariables(source).map((variable) => [variable.name, variable.initial]));
  const iterators = namesOfFiles(source);

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
  for (const { 1: call = '', 0: whole, index: at } of find(source, `\\b(file|filebase64|fileexists|fileset)\\b${BLANK}\\(`)) {
    const rest = source.slice(at + whole.length);
    const [, one] = new RegExp(`^${BLANK}(${TEXT}|${NAME}(?:\\.${NAME})?)${BLANK}\\)`).exec(rest) ?? [];
    const set = new RegExp(`^${FILESET}`).exec(source.slice(at));
    const path = textOf(call === 'fileset' ? (set?.[1] ?? '') : (one ?? ''));
    const pattern = call === 'fileset' ? textOf(set?.[2] ?? '') : '';
    const nested = call === 'fileset' && `${path}${pattern}`.includes(FOUND);
    if (path === undefined || pattern === undefined || nested || !staysBelow(pattern)) unclear.push({ at, call });
    else if (call === 'fileset') reads.push({ at, call, path, below: true });
    else if (path.includes(FOUND)) {
      const folder = path.slice(0, path.indexOf(FOUND)).replace(/[^/]*$/, '');
      if (staysBelow(path.slice(folder.length)))
        reads.push({ at, call, path: folder === '' ? '.' : folder.replace(/(?<=.)\/$/, ''), below: true });
      else unclear.push({ at, call });
    } else reads.push({ at, call, path, below: false });
  }
  return { reads, unclear, defaults };
}

/** The names that stand for what `fileset` finds and for nothing else, wherever in the spec. */
function namesOfFiles(source: string): Set<string> {
  const safe = new Map<string, boolean>();
  const bind = (names: readonly (string | undefined)[], ok: boolean): void => {
    for (const name of names) if (name !== undefined) safe.set(name, ok && safe.get(name) !== false);
  };
  const isFileset = (rest: string, end: string): boolean => new RegExp(`^${FILESET}${end}`).test(rest);
  for (const { 0: whole, 1: first, 2: second, index } of find(
    source,
    `\\bfor\\b${BLANK}(${NAME})${BLANK}(?:,${BLANK}(${NAME})${BLANK})?in\\b${BLANK}`,
  ))
    bind([first, second], isFileset(source.slice(index + whole.length), `${BLANK}(?::|~?\\})`));
  // Which of them a block has is not asked: all have to be such.
  const each = find(source, `\\bfor_each\\b${BLANK}=${BLANK}`).every(({ 0: whole, index }) =>
    isFileset(source.slice(index + whole.length), '[ \\t]*(?:\\r?\\n|#|//|\\}|$)'),
  );
  const labels = find(source, `\\bdynamic\\b${BLANK}"?(${NAME})"?`).map(([, label]) => label);
  const renamed = find(source, `\\biterator\\b${BLANK}=${BLANK}(${NAME})`).map(([, name]) => name);
  bind(
    [...labels, ...renamed].flatMap((name) => (name === undefined ? [] : [`${name}.value`, `${name}.key`])),
    each,
  );
  return new Set([...safe].flatMap(([name, ok]) => (ok ? [name] : [])));
}

function staysBelow(path: string): boolean {
  return !/^[/~]/.test(path) && !path.split('/').includes('..');
}

/**
 * Refuses a spec that reads what is not in the workspace, or does not say plainly what it reads; `place` tells where an offset of it is. Gives the
 * defaults of the variables that decided about it, which have to be given when it is evaluated. Throws one `jobspec-invalid` with all there is.
 */
export async function confineFiles(
  source: string,
  values: Readonly<Record<string, unknown>>,
  { workspace, folder }: { readonly workspace: string; readonly folder: string },
  place: (at: number) => Location | undefined,
): Promise<Readonly<Record<string, string>>> {
  const { reads, unclear, defaults } = fileCalls(source, values);
  const root = await realpath(workspace);
  const { inside } = confine(root, folder);
  const problems = unclear.map(({ at, call }) => ({ at, text: `what \`${call}\` reads can't be told before it is read` }));
  for (const { at, call, path, below } of reads) {
    try {
      // Go's functions know the home folder by it.
      const found = await inside(call, path.startsWith('~') ? `/${path}` : path);
      if (below && found.exists) await insideBelow(call, found.path, inside);
    } catch (error) {
      problems.push({ at, text: messageOf(error) });
    }
  }
  if (problems.length === 0) return defaults;
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

/** Nothing in a folder may lead out of the workspace. */
async function insideBelow(call: string, folder: string, inside: ReturnType<typeof confine>['inside']): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }))
    if (entry.isSymbolicLink()) await inside(call, join(entry.parentPath, entry.name));
}
