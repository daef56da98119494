import { ActionError, type Location, messageOf } from '../errors.ts';
import type { SourceFile } from '../inputs/index.ts';
import type { Nomad } from '../nomad/index.ts';
import { type HclValue, linesOf, parseAssignments, parseJsonValue, parseLiteral } from '../text/index.ts';
import { keyPlaces } from './json-keys.ts';
import { withoutQuotes } from './shown-values.ts';
import type { FileValue } from './types.ts';
import { sourceLocation } from './variable-values.ts';

type FileValues = Readonly<Record<string, FileValue>>;

/**
 * Reads HCL variable files (`name = value` lines, or a JSON object if the name ends in `.json`). A later file wins. Leaves expressions to
 * `evaluateVarFiles`. Throws one `input-invalid` with the problem of each file, by file, line and column.
 */
export function readVarFiles(files: readonly SourceFile[]): FileValues {
  const values: Record<string, FileValue> = {};
  const problems: Problem[] = [];
  for (const file of files) {
    const read = file.name.endsWith('.json') ? readJson(file) : readHcl(file);
    if ('text' in read) problems.push(read);
    else Object.assign(values, read.values);
  }
  const [first] = problems;
  if (first === undefined) return values;
  const { file, line, column } = first;
  throw new ActionError('input-invalid', problems.map(({ text }) => text).join('\n'), {
    location: { file, ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) },
    hint: 'A variable file holds lines such as `count = 3` or `tag = "v1"`.',
  });
}

interface Problem extends Location {
  /** The problem with its place. The text quotes nothing of the file, which may be a secret. */
  readonly text: string;
}

function readJson({ name: file, text }: SourceFile): { readonly values: FileValues } | Problem {
  try {
    const entries = Object.entries(jsonObject(text));
    const places = keyPlaces(text);
    return {
      values: Object.fromEntries(entries.map(([name, value]) => [name, { value, source: `${file}:${places.line([name]) ?? 1}` }])),
    };
  } catch (error) {
    const [, at] = / at position (\d+)/.exec(messageOf(error)) ?? [];
    const place = at === undefined ? undefined : linesOf(text)(Number(at));
    const what = error instanceof SyntaxError ? 'the file is not JSON' : messageOf(error);
    return { ...place, file, text: `${[file, place?.line, place?.column].filter((part) => part !== undefined).join(':')}: ${what}` };
  }
}

function readHcl({ name: file, text }: SourceFile): { readonly values: FileValues } | Problem {
  const foreign = /\.(ya?ml|tf)$/.exec(file)?.[1];
  if (foreign !== undefined) {
    const advice =
      foreign === 'tf'
        ? 'write its defaults as lines `name = value`'
        : `\`yq -o=json . ${file}\` writes it as JSON, for a file that ends in .json`;
    return { file, text: `${file}: a variable file is HCL or JSON: ${advice}` };
  }
  const read = parseAssignments(text);
  if ('problem' in read) {
    const { problem, line, column } = read;
    const [, name] = /^\s*([A-Za-z_][\w-]*)\s*=/.exec(text.split('\n')[line - 1] ?? '') ?? [];
    const what = `${name === undefined ? '' : `variable ${name}: `}${withoutQuotes(problem, name ?? '', text)}`;
    return { file, line, column, text: `${file}:${line}:${column}: ${what}` };
  }
  const found = read.assignments.map(({ name, value, line, expression }): [string, FileValue] => [
    name,
    { value, source: `${file}:${line}`, ...(expression === undefined ? {} : { expression }) },
  ]);
  return { values: Object.fromEntries(found) };
}

/**
 * Returns the values with all expressions evaluated by the cluster's parser, in one request; sends none without expressions. Throws
 * `input-invalid` with file and line of each expression that the parser refuses.
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
    /** The index of the expression on each line of the text that was sent. */
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
      hint: 'Write a literal or an expression of literals: a value in a variable file can use no variable and no function.',
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
  if (!isMap(parsed)) throw new Error('the file is not a JSON object');
  return parsed;
}

function isMap(value: HclValue): value is Readonly<Record<string, HclValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
