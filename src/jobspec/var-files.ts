import { ActionError, messageOf } from '../errors.ts';
import type { SourceFile } from '../inputs/index.ts';
import type { Nomad } from '../nomad/index.ts';
import { type HclValue, linesOf, parseAssignments, parseJsonValue, parseLiteral } from '../text/index.ts';
import { keyPlaces } from './json-keys.ts';
import { withoutQuotes } from './shown-values.ts';
import type { FileValue } from './types.ts';
import { sourceLocation } from './variable-values.ts';

type FileValues = Readonly<Record<string, FileValue>>;

/**
 * Reads HCL variable files (`name = value` lines, or a JSON object if the name ends in `.json`); a later file wins. Expressions are left to
 * `evaluateVarFiles`. Throws one `input-invalid` error with what is wrong in each of them, by file, line and column.
 */
export function readVarFiles(files: readonly SourceFile[]): FileValues {
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
    const foreign = /\.(ya?ml|tf)$/.exec(file)?.[1];
    if (foreign !== undefined) {
      const advice =
        foreign === 'tf'
          ? 'write its defaults as lines `name = value`'
          : `\`yq -o=json . ${file}\` writes it as JSON, for a file that ends in .json`;
      problems.push({ text: `${file}: a variable file is HCL or JSON: ${advice}`, file });
      continue;
    }
    const read = parseAssignments(text);
    if ('problem' in read) {
      const [, name] = /^\s*([A-Za-z_][\w-]*)\s*=/.exec(text.split('\n')[read.line - 1] ?? '') ?? [];
      // The place is enough to find it: what stands there may be a secret.
      const what = `${name === undefined ? '' : `variable ${name}: `}${withoutQuotes(read.problem, name ?? '', text)}`;
      problems.push({ ...read, text: `${file}:${read.line}:${read.column}: ${what}`, file });
    } else
      for (const { name, value, line, expression } of read.assignments)
        values[name] = { value, source: `${file}:${line}`, ...(expression === undefined ? {} : { expression }) };
  }
  const [first] = problems;
  if (first === undefined) return values;
  const { file, line, column } = first;
  throw new ActionError('input-invalid', problems.map(({ text }) => text).join('\n'), {
    location: { file, ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) },
    hint: 'A variable file holds lines such as `count = 3` or `tag = "v1"`.',
  });
}

/**
 * Returns the values with all expressions evaluated by the cluster's parser, in one request; without expressions there is none. Throws `input-invalid` with
 * file and line of each expression that the parser refuses.
 */
export async function evaluateVarFiles(
  values: FileValues,
  { jobs }: Pick<Nomad, 'jobs'>,
  namespace: string | undefined,
): Promise<FileValues> {
  const asked = Object.entries(values).flatMap(([name, { source, expression }]) =>
    expression === undefined ? [] : [{ name, source, expression }],
  );
  if (asked.length === 0) return values;
  const declared = asked.map((_, i) => `variable "v${i}" {}\n`).join('');
  const encoded = asked.map((_, i) => `    v${i} = jsonencode(var.v${i})\n`).join('');
  const given = asked.map(({ expression }, i) => `v${i} = ${expression}\n`);
  const answer = await jobs.parse(`${declared}job "values" {\n  meta {\n${encoded}  }\n}\n`, given.join(''), namespace);
  if ('problems' in answer) {
    /** The number of the expression on each line of the text that was sent. */
    const lines = given.flatMap((text, i) =>
      text
        .trimEnd()
        .split('\n')
        .map(() => i),
    );
    const told = answer.problems.map(({ message, line = 1 }) => {
      const { name = '', source = '' } = asked[lines[line - 1] ?? 0] ?? {};
      const what = message.replace(/^unable to parse var content: /, '').replaceAll(/(<nil>|input\.hcl:[\d,-]+): /g, '');
      return { source, text: `${source}: variable ${name}: ${what.trim()}` };
    });
    const location = sourceLocation(told[0]?.source ?? '');
    throw new ActionError('input-invalid', [...new Set(told.map(({ text }) => text))].join('\n'), {
      hint: 'A value of a variable file is a literal, or an expression of literals: it can name no variable and no function.',
      ...(location === undefined ? {} : { location }),
    });
  }
  const { Meta } = answer.job;
  const evaluated = asked.map(({ name, source }, i): [string, FileValue] => [
    name,
    { value: parseLiteral(Meta?.[`v${i}`] ?? 'null'), source },
  ]);
  return { ...values, ...Object.fromEntries(evaluated) };
}

function jsonObject(text: string): Readonly<Record<string, HclValue>> {
  const parsed = parseJsonValue(text);
  if (!isMap(parsed)) throw new Error('it is no JSON object');
  return parsed;
}

function isMap(value: HclValue): value is Readonly<Record<string, HclValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
