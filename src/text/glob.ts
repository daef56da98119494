import { anything, exactly, FOLDERS, matchesSteps, notSlash, type PatternStep } from './wildcard.ts';

// Filter patterns of branches, tags and paths, in GitHub's own syntax:
// https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet

interface Pattern {
  /** The pattern began with `!`: its names are taken out of those before. */
  readonly excludes: boolean;
  readonly steps: readonly PatternStep[];
  /** More than one name may match it. */
  readonly many: boolean;
}

/** `**` with a slash counts as folders only where a name of a folder begins: `docs/**` and `feature**` are texts of any length. */
const TOKEN = /(?<![^/])\*\*\/|\*+|[?+]|\\[\s\S]?|\[[^\]]*\]?|[\s\S]/gu;
/** The characters of GitHub's documentation: letters, digits, and ranges within one alphabet. */
const CLASS = /^\[(?:[A-Za-z0-9](?!-)|[a-z]-[a-z]|[A-Z]-[A-Z]|[0-9]-[0-9])+\]$/;

/** Returns whether a pattern may match more than one name. A text that is no pattern is one name. */
export function isPattern(text: string): boolean {
  const pattern = readPattern(text);
  return typeof pattern !== 'string' && pattern.many;
}

/** Returns the problem of a text that is no pattern, as a sentence without its end; undefined for a pattern. */
export function patternProblem(text: string): string | undefined {
  const pattern = readPattern(text);
  return typeof pattern === 'string' ? pattern : undefined;
}

/**
 * Returns a function that says whether a whole name matches. Of the patterns that match, the last one decides: one with `!` takes the name out again.
 * Throws an Error for a text that is no pattern; the configuration file refuses those with their places.
 */
export function matcherOf(patterns: readonly string[]): (name: string) => boolean {
  const read = patterns.map((text) => {
    const pattern = readPattern(text);
    if (typeof pattern === 'string') throw new Error(`the pattern \`${text}\`: ${pattern}`);
    return pattern;
  });
  return (name) => read.findLast(({ steps }) => matchesSteps(steps, name))?.excludes === false;
}

/** Returns the pattern, or its problem. */
function readPattern(text: string): Pattern | string {
  const excludes = text.startsWith('!');
  const steps: PatternStep[] = [];
  let many = false;
  /** The character that a following `?` or `+` repeats. */
  let last: ((character: string) => boolean) | undefined;
  for (const [token] of text.slice(excludes ? 1 : 0).matchAll(TOKEN)) {
    if (token === '?' || token === '+') {
      if (last === undefined) return `\`${token}\` has no character before it to repeat; write \`\\${token}\` for the character itself`;
      if (token === '?') steps.splice(-1, 0, { skip: 2 });
      else steps.push({ many: last });
      last = undefined;
    } else if (token.startsWith('*')) {
      last = undefined;
      if (token === '**/') steps.push(...FOLDERS);
      else steps.push({ many: token === '*' ? notSlash : anything });
    } else {
      const character = readCharacter(token);
      if (typeof character === 'string') return character;
      last = character;
      steps.push({ one: character });
    }
    many ||= /^[*?+[]/.test(token);
  }
  if (steps.length === 0) return excludes ? '`!` has no name after it' : 'it is empty';
  return { excludes, steps, many };
}

/** Reads a character, an escaped one, or a list of them in brackets: a test of one character, or the problem. */
function readCharacter(token: string): string | ((character: string) => boolean) {
  if (token.startsWith('\\')) {
    if (/^\\[*?+[\]!\\]$/.test(token)) return exactly(token.slice(1));
    return `\`${token}\` is no escape; \`\\\` stands before one of \`* ? + [ ] ! \\\``;
  }
  if (!token.startsWith('[')) return exactly(token);
  if (!token.endsWith(']')) return '`[` has no `]` after it; write `\\[` for the character itself';
  if (!CLASS.test(token)) return `\`${token}\` is no list of letters, digits and ranges of them, such as \`[A-Za-z0-9]\``;
  const backwards = [...token.matchAll(/(.)-(.)/g)].find(([, from = '', to = '']) => from > to);
  if (backwards !== undefined) return `the range \`${backwards[0]}\` ends before it begins`;
  const list = new RegExp(`^${token}$`);
  return (character) => list.test(character);
}
