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
    return expression(out ? pattern.slice(1) : pattern).test(name) ? !out : matched;
  }, false);
}

function expression(pattern: string): RegExp {
  const source = pattern.replaceAll(/\*\*\/|\*\*|\*|\?|[^*?]+/g, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    return part === '?' ? '[^/]' : part.replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&');
  });
  return new RegExp(`^${source}$`, 's');
}
