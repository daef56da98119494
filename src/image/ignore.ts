import { anything, FOLDERS, literally, matchesSteps, notSlash, type PatternStep } from '../text/index.ts';

/** The answer of the rules for a path and everything below it. */
export interface Ignoring {
  readonly ignored: boolean;
  /** False when nothing below the path can be in the context. */
  readonly descend: boolean;
  /** The rules that matched the path or a folder above it. */
  readonly matched: readonly boolean[];
}

interface IgnoreRule {
  readonly matches: (path: string) => boolean;
  /** `!`: the matching paths are in the context again. */
  readonly exception: boolean;
  /** The path of a rule without a pattern. */
  readonly path: string | undefined;
}

/**
 * Reads a `.dockerignore`. The returned function answers for a path of the context (with `/`, relative to it), given the answer for its
 * folder, `parent`. The last rule that matches the path or a folder above it decides, as in BuildKit. Throws for an invalid pattern. See
 * https://docs.docker.com/build/concepts/context/#dockerignore-files
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
      // A rule that would change nothing is not matched, as in BuildKit, so it has no effect on paths below either.
      const holds = parent?.matched[i] === true || (exception === ignored && matches(path));
      if (holds) ignored = !exception;
      return holds;
    });
    return { ignored, descend: !ignored || rules.some((rule) => mayBeBelow(rule, path)), matched };
  };
}

/** Returns whether a rule may include something below an ignored folder again. */
function mayBeBelow({ exception, path }: IgnoreRule, folder: string): boolean {
  return exception && (path === undefined || path.startsWith(`${folder}/`));
}

/** Cleans a path like Go's `filepath.Clean`, and removes a leading slash. */
function clean(path: string): string {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..' && names.length > 0 && names.at(-1) !== '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return names.join('/') || '.';
}

/** Returns the matcher of a pattern, as in github.com/moby/patternmatcher: `**` matches across folders, `*` and `?` do not. */
function matcher(glob: string): Pick<IgnoreRule, 'matches' | 'path'> {
  if (!/[*?[\]\\]/.test(glob)) return { matches: (path) => path === glob, path: glob };
  // `**.log` matches any path with this end, unlike in a shell.
  const end = /^\*\*([^*?[\]\\]*)$/.exec(glob)?.[1];
  if (end !== undefined) return { matches: (path) => path.endsWith(end) || `/${path}` === end, path: undefined };
  const steps = [...glob.matchAll(/\*\*\/?|[*?]|\\.|\[\^?\\?[^\]]{0,256}\]|[^*?\\[]+|./gs)].flatMap(
    ([part], i, all): readonly PatternStep[] => {
      if (part === '**/' || part === '**') return part === '**' && i === all.length - 1 ? [{ many: anything }] : FOLDERS;
      if (part === '*') return [{ many: notSlash }];
      if (part === '?') return [{ one: notSlash }];
      if (part.startsWith('\\')) return literally(part.slice(1));
      if (!part.startsWith('[')) return literally(part);
      // An invalid class throws here.
      const characters = new RegExp(`^${part}$`, 's');
      return [{ one: (character) => characters.test(character) }];
    },
  );
  return { matches: (path) => matchesSteps(steps, path), path: undefined };
}
