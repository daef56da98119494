/** A text of several lines as one, for a sentence or a line of the log. */
export function oneLine(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
}

/** At most `max` characters of a text, the rest as an ellipsis. */
export function clip(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, Math.max(max - 1, 0)).trimEnd()}…`;
}

const KEYWORD = '[\\w-]*(?:password|passwd|secret|token|signature|credential|api[-_]?key|access[-_]?key)';
const CREDENTIALS: readonly (readonly [RegExp, string])[] = [
  // https://user:password@host
  [/(?<=\w:\/\/)[^\s/@"'`]+@/g, ''],
  // ?X-Amz-Signature=…, password=…, "token": "…"
  [new RegExp(`([?&](?:${KEYWORD}|sig|key)=)[^&\\s"'\`]+`, 'gi'), '$1***'],
  [new RegExp(`(?<![\\w-])(${KEYWORD}=)("[^"]*"|'[^']*'|[^\\s&"'\`]+)`, 'gi'), '$1***'],
  [new RegExp(`("${KEYWORD}"\\s*:\\s*)"[^"]*"`, 'gi'), '$1"***"'],
  [/\b(Bearer|Basic) [\w.~+/=-]{8,}/g, '$1 ***'],
];

/** A text without what looks like a password in it, whether or not it is known as a secret: of addresses, settings and headers. */
export function withoutCredentials(text: string): string {
  return CREDENTIALS.reduce((shown, [pattern, replacement]) => shown.replace(pattern, replacement), text);
}

/** The errors of a list that are read, and the depth of lists within one another. */
const MAX_ERRORS = 500;
const MAX_DEPTH = 20;

/**
 * Nomad nests its errors as lists in text: `Task group x validation failed: 2 errors occurred:\n\t* …\n\t* …`. Gives the innermost ones, each after
 * what it is within, joined by semicolons.
 */
export function flattenErrors(text: string): string {
  const items: string[][] = [];
  for (const line of text.trim().split('\n')) {
    const [, item] = /^\s*\* ?(.*)$/s.exec(line) ?? [];
    if (items.length === 0 || item !== undefined) items.push([item === undefined || items.length === 0 ? line : item]);
    else items.at(-1)?.push(line);
  }
  const waiting = items.slice(0, MAX_ERRORS).map((lines) => lines.join('\n').trim());
  let next = 0;
  const leaves: string[] = [];
  const read = (item: string, within: readonly string[]): void => {
    const [whole, count] = /\b(\d+) errors? occurred:$/.exec(item) ?? [];
    if (whole === undefined || within.length === MAX_DEPTH) {
      // `Task group g validation failed: Task group g must have a main task` names its subject twice.
      const subject = /^(.+ )validation failed:$/.exec(within.at(-1) ?? '')?.[1]?.toLowerCase();
      const isNamed = subject !== undefined && item.toLowerCase().startsWith(subject);
      leaves.push([...(isNamed ? within.slice(0, -1) : within), item].join(' '));
      return;
    }
    const outer = item.slice(0, -whole.length).trim();
    for (let left = Number(count); left > 0 && next < waiting.length; left--)
      read(waiting[next++] ?? '', outer === '' ? within : [...within, outer]);
  };
  while (next < waiting.length) read(waiting[next++] ?? '', []);
  // `failed to parse config:` only announces the next one.
  const useful = leaves.filter((leaf) => leaf !== '' && !leaf.endsWith(':'));
  const told = (useful.length > 0 ? useful : leaves).map((leaf) => oneLine(leaf).replaceAll(' validation failed:', ':').replace(/\.$/, ''));
  return [...new Set(told)].join('; ');
}

/** A text of Nomad's without the words by which it calls a template that the spec holds, and a value that it does not print. */
export function readable(text: string): string {
  return text.replaceAll('(dynamic): ', '').replaceAll('(dynamic)', 'the template').replaceAll('[redacted]', '(a value that Nomad hides)');
}

/** The folder of an allocation, and below it that of a task. */
const ALLOCATION_FOLDER = /\/alloc(?:s|_mounts)?\/[0-9a-f]{8}-[0-9a-f-]{27}\/(?:[^/\s"']+\/)?/g;

/** Paths on the node as a task sees them: relative to its own folder. */
export function withoutFolders(text: string): string {
  return text.replace(/\S+/g, (word) => {
    const begin = word.indexOf('/');
    const folder = [...word.matchAll(ALLOCATION_FOLDER)].at(-1);
    return folder === undefined || begin === folder.index ? word : word.slice(0, begin) + word.slice(folder.index + folder[0].length);
  });
}

/** Makes a function that gives the line and column of a place in a text; both count from 1. */
export function linesOf(source: string): (at: number) => { line: number; column: number } {
  const starts = [0];
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
  return (at) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= at) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: at - (starts[low] ?? 0) + 1 };
  };
}
