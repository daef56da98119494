import { anything, FOLDERS, literally, matchesParts, notSlash, type Part } from './wildcard.ts';

// Patterns as GitHub's own filters of branches, tags and paths have them.

/** Whether a text has characters that stand for others. */
export function isPattern(text: string): boolean {
  return /[*?]/.test(text);
}

/**
 * Whether a name matches: `*` is any text without a slash, `**` any text, `?` one character; a pattern that begins with `!` takes out again what those
 * before it matched.
 */
export function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.reduce((matched, pattern) => {
    const out = pattern.startsWith('!');
    return matchesParts(partsOf(out ? pattern.slice(1) : pattern), name) ? !out : matched;
  }, false);
}

function partsOf(pattern: string): Part[] {
  return [...pattern.matchAll(/\*\*\/|\*+|\?|[^*?]+/g)].flatMap(([part]): readonly Part[] => {
    if (part === '**/') return FOLDERS;
    if (part.startsWith('**')) return [{ many: anything }];
    if (part === '*') return [{ many: notSlash }];
    return part === '?' ? [{ one: notSlash }] : literally(part);
  });
}
