// Writes the tables of inputs and outputs into README.md, between `<!-- inputs -->` and `<!-- /inputs -->` (and the same for outputs),
// from action.yml, that of the variables into docs/variables.md, and the JSON Schema and the tables of the configuration file: `npm run docs`; with
// --check, says whether they are up to date and writes nothing.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMap, isScalar, parseDocument } from 'yaml';
import { DEFAULTS } from '../src/inputs/names.ts';
import { VARIABLES } from '../src/jobspec/built-in/variables.ts';
import { hclLiteral } from '../src/text/hcl-values.ts';
import { configSchema, TABLES } from './config-schema.ts';
import { resultSchema, resultTable } from './result-schema.ts';

const ROOT = join(import.meta.dirname, '..');

export interface Row {
  readonly name: string;
  /** The comment line above the entry in action.yml, which begins a section of the table. */
  readonly section: string | undefined;
  readonly description: string;
  /** Undefined when there is none; those of inputs come from the code, see action.yml. */
  readonly default: string | undefined;
}

const defaults: Readonly<Partial<Record<string, string>>> = DEFAULTS;

/** The inputs or outputs of an action.yml, in its order. */
export function rows(actionYml: string, key: 'inputs' | 'outputs'): Row[] {
  const document = parseDocument(actionYml);
  const map = document.get(key);
  if (!isMap(map)) throw new Error(`action.yml has no ${key}`);
  return map.items.map(({ key: name, value }, i) => {
    if (!isScalar(name) || !isMap(value)) throw new Error(`action.yml: ${key} is not a map of maps`);
    // A comment above the first entry belongs, for the parser, to the map.
    const comment = (i === 0 ? map.commentBefore : undefined) ?? name.commentBefore;
    const text = (field: string): string => {
      const given: unknown = value.get(field);
      return typeof given === 'string' || typeof given === 'number' || typeof given === 'boolean' ? String(given).trim() : '';
    };
    return {
      name: String(name.value),
      section: comment?.trim() || undefined,
      description: text('description'),
      default: text('default') || (key === 'inputs' ? defaults[String(name.value)] : undefined),
    };
  });
}

/** One cell: a table has no lines within a cell, and a bar would end it. */
const cell = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');

/** The table in Markdown; the column of defaults only where there are any. */
export function table(entries: readonly Row[], title: string): string {
  const defaults = entries.some((entry) => entry.default !== undefined);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const columns = defaults ? [title, 'default', 'meaning'] : [title, 'meaning'];
  const body = entries.flatMap(({ name, section, description, default: value }) => [
    ...(section === undefined ? [] : [line([`**${cell(section)}**`, ...columns.slice(1).map(() => '')])]),
    line([`\`${name}\``, ...(defaults ? [value === undefined ? '' : `\`${cell(value)}\``] : []), cell(description)]),
  ]);
  return [line(columns), line(columns.map(() => '---')), ...body].join('\n');
}

/** `text` with the part between the markers of `name` replaced. Throws when they are not there, once each. */
export function between(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, rest, ...more] = text.split(begin);
  const [, after, ...others] = rest?.split(end) ?? [];
  if (before === undefined || after === undefined || more.length > 0 || others.length > 0) {
    throw new Error(`it needs ${begin} and ${end}, once each and in this order`);
  }
  return `${before}${begin}\n\n${content}\n\n${end}${after}`;
}

/** The variables of the built-in template, from the table that also declares and reads them. */
export function variablesTable(): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  const body = VARIABLES.map(({ name, type, default: value, meaning }) =>
    line([`\`${name}\``, `\`${type}\``, `\`${hclLiteral(value)}\``, meaning]),
  );
  return [line(['variable', 'type', 'default', 'meaning']), line(['---', '---', '---', '---']), ...body].join('\n');
}

/** A README with the tables that belong to this action.yml. */
export function fill(readme: string, actionYml: string): string {
  const withInputs = between(readme, 'inputs', table(rows(actionYml, 'inputs'), 'input'));
  return between(withInputs, 'outputs', table(rows(actionYml, 'outputs'), 'output'));
}

/** The JSON Schema of the configuration file, as a file. */
export function schemaText(actionYml: string): string {
  const descriptions = Object.fromEntries(rows(actionYml, 'inputs').map(({ name, description }) => [name, description]));
  return `${JSON.stringify(configSchema(descriptions), null, 2)}\n`;
}

/** docs/configuration.md with the tables of its keys. */
export function fillConfiguration(text: string): string {
  return Object.entries(TABLES).reduce((filled, [name, content]) => between(filled, name, content), text);
}

/** The descriptions of the outputs, by name. */
function outputsOf(actionYml: string): Record<string, string> {
  return Object.fromEntries(rows(actionYml, 'outputs').map(({ name, description }) => [name, description]));
}

/** The JSON Schema of the result file, as a file. */
export function resultSchemaText(actionYml: string): string {
  return `${JSON.stringify(resultSchema(outputsOf(actionYml)), null, 2)}\n`;
}

if (import.meta.main) {
  const actionYml = await readFile(join(ROOT, 'action.yml'), 'utf8');
  const files: readonly (readonly [string, (text: string) => string])[] = [
    ['README.md', (text) => fill(text, actionYml)],
    ['docs/variables.md', (text) => between(text, 'variables', variablesTable())],
    ['docs/configuration.md', fillConfiguration],
    ['schema/nomad-deploy.schema.json', () => schemaText(actionYml)],
    ['schema/result.schema.json', () => resultSchemaText(actionYml)],
    ['docs/reports.md', (text) => between(text, 'result', resultTable(outputsOf(actionYml)))],
  ];
  for (const [name, filled] of files) {
    const file = join(ROOT, name);
    const text = await readFile(file, 'utf8');
    if (!process.argv.includes('--check')) await writeFile(file, filled(text));
    else if (filled(text) !== text) {
      console.error(`${name} is not up to date; run \`npm run docs\``);
      process.exitCode = 1;
    }
  }
}
