import { ActionError, messageOf } from './errors.ts';
import { type HclValue, linesOf, parseAssignments } from './hcl.ts';
import { keyPlaces } from './json-keys.ts';
import { withoutQuotes } from './shown-values.ts';
import type { SourceFile } from './spec-file.ts';

/** A value of a variable file, and where it stands. */
export interface FileValue {
  readonly value: HclValue;
  /** `file:line`. */
  readonly source: string;
}

/**
 * Reads HCL variable files (`name = value` lines, or a JSON object if the name ends in `.json`); a later file wins. Throws one `input-invalid` error
 * with what is wrong in each of them, by file, line and column.
 */
export function readVarFiles(files: readonly SourceFile[]): Readonly<Record<string, FileValue>> {
  const values: Record<string, FileValue> = {};
  const problems: { readonly text: string; readonly file: string; readonly line?: number; readonly column?: number }[] = [];
  for (const { name: file, text } of files) {
    if (file.endsWith('.json')) {
      try {
        const entries = Object.entries(jsonObject(text));
        const places = keyPlaces(text);
        for (const [name, value] of entries) values[name] = { value, source: `${file}:${places.line([name]) ?? 1}` };
      } catch (error) {
        // Node's text also quotes what stands there, which may be a secret.
        const [, at] = / at position (\d+)/.exec(messageOf(error)) ?? [];
        const place = at === undefined ? undefined : linesOf(text)(Number(at));
        const what = error instanceof SyntaxError ? 'it is not JSON' : messageOf(error);
        problems.push({
          ...place,
          text: `${[file, place?.line, place?.column].filter((part) => part !== undefined).join(':')}: ${what}`,
          file,
        });
      }
      continue;
    }
    const read = parseAssignments(text);
    if ('problem' in read) {
      const [, name] = /^\s*([A-Za-z_][\w-]*)\s*=/.exec(text.split('\n')[read.line - 1] ?? '') ?? [];
      // The place is enough to find it: what stands there may be a secret.
      const what = `${name === undefined ? '' : `variable ${name}: `}${withoutQuotes(read.problem, name ?? '', text)}`;
      problems.push({ ...read, text: `${file}:${read.line}:${read.column}: ${what}`, file });
    } else for (const { name, value, line } of read.assignments) values[name] = { value, source: `${file}:${line}` };
  }
  const [first] = problems;
  if (first === undefined) return values;
  const { file, line, column } = first;
  throw new ActionError('input-invalid', problems.map(({ text }) => text).join('\n'), {
    location: { file, ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) },
    hint: 'A variable file holds lines such as `count = 3` or `tag = "v1"`.',
  });
}

function jsonObject(text: string): Record<string, HclValue> {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new Error('it is no JSON object');
  // What JSON can say is a value of HCL.
  return { ...parsed };
}
