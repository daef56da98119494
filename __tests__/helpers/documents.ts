import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The files that a page of docs/ shows: blocks whose fence says a name behind the language, as in "```hcl deploy.hcl". */
export function filesOf(page: string): Record<string, string> {
  const text = readFileSync(join(import.meta.dirname, '../../docs', page), 'utf8');
  return Object.fromEntries([...text.matchAll(/^```\w+ (\S+)\n(.*?)^```$/gms)].map(([, name = '', content = '']) => [name, content]));
}

/** The first column of code that follows a heading in a table, by what stands before it: "| runs of a branch | `selector` |". */
export function codeOf(page: string, row: string): string {
  const text = readFileSync(join(import.meta.dirname, '../../docs', page), 'utf8');
  const line = text.split('\n').find((candidate) => candidate.startsWith(`| ${row}`));
  const [, code] = /\| `(.+)` \|$/.exec(line ?? '') ?? [];
  if (code === undefined) throw new Error(`${page} has no row ${row} with code`);
  return code;
}

/** The anchor that GitHub makes of a heading. */
export const slugOf = (title: string): string =>
  title
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replaceAll(' ', '-');
