/** A text of several lines as one, for a sentence or a line of the log. */
export function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ');
}

/** At most `max` characters of a text, the rest as an ellipsis. */
export function clip(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, Math.max(max - 1, 0)).trimEnd()}…`;
}

const KEYWORD = '[\\w-]*(?:password|passwd|secret|token|signature|credential|api[-_]?key|access[-_]?key)';
const CREDENTIALS: readonly (readonly [RegExp, string])[] = [
  // https://user:password@host
  [/(\w+:\/\/)[^\s/@"'`]+@/g, '$1'],
  // ?X-Amz-Signature=…, password=…, "token": "…"
  [new RegExp(`([?&](?:${KEYWORD}|sig|key)=)[^&\\s"'\`]+`, 'gi'), '$1***'],
  [new RegExp(`\\b(${KEYWORD}=)("[^"]*"|'[^']*'|[^\\s&"'\`]+)`, 'gi'), '$1***'],
  [new RegExp(`("${KEYWORD}"\\s*:\\s*)"[^"]*"`, 'gi'), '$1"***"'],
  [/\b(Bearer|Basic) [\w.~+/=-]{8,}/g, '$1 ***'],
];

/** A text without what looks like a password in it, whether or not it is known as a secret: of addresses, settings and headers. */
export function withoutCredentials(text: string): string {
  return CREDENTIALS.reduce((shown, [pattern, replacement]) => shown.replace(pattern, replacement), text);
}

/**
 * Nomad nests its errors as lists in text: `Task group x validation failed: 2 errors occurred:\n\t* …\n\t* …`. Gives the innermost ones, each after
 * what it is within, joined by semicolons.
 */
export function flattenErrors(text: string): string {
  const [head = '', ...rest] = text.trim().split(/\n\s*\* ?/);
  const leaves: string[] = [];
  const read = (item: string, within: readonly string[]): void => {
    const [, outer, count] = /^([\s\S]*?)\s*\b(\d+) errors? occurred:$/.exec(item.trim()) ?? [];
    if (outer === undefined) leaves.push([...within, item.trim()].join(' '));
    else
      for (let left = Number(count); left > 0 && rest.length > 0; left--)
        read(rest.shift() ?? '', outer === '' ? within : [...within, outer]);
  };
  read(head, []);
  while (rest.length > 0) read(rest.shift() ?? '', []);
  // `failed to parse config:` only announces the next one.
  const useful = leaves.filter((leaf) => leaf !== '' && !leaf.endsWith(':'));
  const told = (useful.length > 0 ? useful : leaves).map((leaf) => oneLine(leaf).replaceAll(' validation failed:', ':').replace(/\.$/, ''));
  return [...new Set(told)].join('; ');
}

/** Paths on the node as a task sees them: relative to its own folder. */
export function withoutFolders(text: string): string {
  return text.replace(/\/\S*\/alloc(?:s|_mounts)?\/[0-9a-f]{8}-[0-9a-f-]{27}\/(?:[^/\s"']+\/)?/g, '');
}
