import { anything, FOLDERS, literally, matchesSteps, notSlash, type Step } from '../text/index.ts';

/** What the rules say of a path, for it and for what is below it. */
export interface Ignoring {
  readonly ignored: boolean;
  /** False when nothing below it can be in the context. */
  readonly descend: boolean;
  /** Which rules matched it or a folder above it. */
  readonly matched: readonly boolean[];
}

interface Rule {
  readonly matches: (path: string) => boolean;
  /** `!`: what it matches is in the context after all. */
  readonly exception: boolean;
  /** The only path that it matches, if there is only one. */
  readonly path: string | undefined;
}

/**
 * Reads a `.dockerignore`, to be asked about the paths of a context (with `/`, relative to it) from above: `parent` is the answer for the folder. As
 * BuildKit does: of the rules that match a path or a folder above it, the last one decides. Throws for a pattern that is none.
 * See https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export function readIgnoreFile(text: string): (path: string, parent?: Ignoring) => Ignoring {
  const rules = text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== '!')
    .map((line) => {
      const exception = line.startsWith('!');
      return { exception, ...matcher(clean(line.slice(exception ? 1 : 0).trim())) };
    });
  return (path, parent) => {
    let ignored = false;
    const matched = rules.map(({ exception, matches }, i) => {
      // A rule that would change nothing is not asked, and so says nothing of what is below, either.
      const holds = parent?.matched[i] === true || (exception === ignored && matches(path));
      if (holds) ignored = !exception;
      return holds;
    });
    return { ignored, descend: !ignored || rules.some((rule) => mayBeBelow(rule, path)), matched };
  };
}

/** Whether a rule may bring back something below an ignored folder. */
function mayBeBelow({ exception, path }: Rule, folder: string): boolean {
  return exception && (path === undefined || path.startsWith(`${folder}/`));
}

/** As Go's `filepath.Clean`, without the slash that a pattern may begin with. */
function clean(path: string): string {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..' && names.length > 0 && names.at(-1) !== '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return names.join('/') || '.';
}

/** What a pattern matches, as github.com/moby/patternmatcher has it: `**` goes through folders, `*` and `?` do not. */
function matcher(glob: string): Pick<Rule, 'matches' | 'path'> {
  if (!/[*?[\]\\]/.test(glob)) return { matches: (path) => path === glob, path: glob };
  // Other than a shell, `**.log` is whatever ends so.
  const end = /^\*\*([^*?[\]\\]*)$/.exec(glob)?.[1];
  if (end !== undefined) return { matches: (path) => path.endsWith(end) || `/${path}` === end, path: undefined };
  const steps = [...glob.matchAll(/\*\*\/?|[*?]|\\.|\[\^?\\?[^\]]{0,256}\]|[^*?\\[]+|./gs)].flatMap(([part], i, all): readonly Step[] => {
    if (part === '**/' || part === '**') return part === '**' && i === all.length - 1 ? [{ many: anything }] : FOLDERS;
    if (part === '*') return [{ many: notSlash }];
    if (part === '?') return [{ one: notSlash }];
    if (part.startsWith('\\')) return literally(part.slice(1));
    if (!part.startsWith('[')) return literally(part);
    // A class that is none throws here.
    const characters = new RegExp(`^${part}$`, 's');
    return [{ one: (character) => characters.test(character) }];
  });
  return { matches: (path) => matchesSteps(steps, path), path: undefined };
}
