// Writes everything that the tables of src/ say: docs/reference/, action.yml, the inputs of the reusable workflow, the JSON Schemas and the tables within guides:
// `npm run docs`; with --check, says which file differs and which page contradicts the code, and writes nothing.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CHECKS } from '../src/doctor/checks.ts';
import { configSchema, TABLES } from './config-schema.ts';
import { formsFile } from './forms.ts';
import { featureTable, versionsTable } from './nomad-features.ts';
import { fillPolicies } from './policy-blocks.ts';
import { commonInputs, fillAction, fillWorkflow, linked, referencePages, reusableInputs, table } from './reference.ts';
import { resultSchema, resultTable } from './result-schema.ts';

const ROOT = join(import.meta.dirname, '..');

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

/** Returns the checks of `doctor` as a table. */
function checksTable(): string {
  return table(
    ['check', 'looks at'],
    Object.entries(CHECKS).map(([name, meaning]) => [name, linked(meaning, 'docs/')]),
  ).trimEnd();
}

/** All files that are made, or made in parts: what each should be, given what it is. */
export const FILES: Readonly<Record<string, (text: string) => string>> = {
  'action.yml': fillAction,
  '.github/workflows/deploy.yml': fillWorkflow,
  'README.md': (text) => between(text, 'inputs', commonInputs()),
  'docs/authentication.md': fillPolicies,
  'docs/configuration.md': (text) => Object.entries(TABLES).reduce((filled, [name, content]) => between(filled, name, content), text),
  'docs/doctor.md': (text) => between(text, 'checks', checksTable()),
  'docs/reusable-workflow.md': (text) => between(text, 'inputs', `${reusableInputs()}.`),
  'docs/reports.md': (text) => between(text, 'result', resultTable()),
  'docs/versions.md': (text) => between(between(text, 'versions', versionsTable()), 'features', featureTable()),
  'schema/nomad-deploy.schema.json': () => `${JSON.stringify(configSchema(), null, 2)}\n`,
  'src/nomad/forms.ts': formsFile,
  'schema/result.schema.json': () => `${JSON.stringify(resultSchema(), null, 2)}\n`,
  ...Object.fromEntries(Object.entries(referencePages()).map(([name, page]) => [`docs/reference/${name}`, () => page])),
};

if (import.meta.main) {
  for (const [name, filled] of Object.entries(FILES)) {
    const file = join(ROOT, name);
    const text = await readFile(file, 'utf8').catch(() => '');
    if (filled(text) === text) continue;
    if (process.argv.includes('--check')) {
      console.error(`${name} is not up to date; run \`npm run docs\``);
      process.exitCode = 1;
    } else {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, filled(text));
    }
  }
}
