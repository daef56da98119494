import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CI_VARIABLES } from '../../src/inputs/names.ts';
import { VARIABLES } from '../../src/jobspec/built-in/variables.ts';
import { exampleNames, readExample, WORKFLOW } from '../helpers/examples.ts';

const ROOT = join(import.meta.dirname, '../..');
const names = exampleNames();
const links = (markdown: string): string[] => [...markdown.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, target]) => target ?? '');

describe.each(names)('examples/%s', (name) => {
  const { files, steps } = readExample(name);
  const readme = files['README.md'] ?? '';

  test('has a workflow that uses the action', () => {
    expect(steps).not.toEqual([]);
    for (const step of steps) expect(step.with['nomad-addr'] ?? step.env['NOMAD_ADDR']).toMatch(/^https:\/\/[\w.]+\.example\.com/);
  });

  test('has a README that begins with its name, says what to change and what one sees, and links each file', () => {
    expect(readme).toMatch(new RegExp(`^# ${name}\n\n\\w`));
    expect(readme).toMatch(/^## Change$/m);
    expect(readme).toMatch(/^## See$/m);
    const linked = links(readme);
    expect(Object.keys(files).filter((file) => file !== 'README.md' && !linked.includes(file))).toEqual([]);
  });

  test('names variables that there are', () => {
    const declared = Object.entries(files).flatMap(([file, text]) =>
      /\.(nomad|hcl)$/.test(file) ? [...text.matchAll(/^variable "(\w+)"/gm)].map(([, variable]) => variable ?? '') : [],
    );
    const known = new Set([...VARIABLES.map((variable) => variable.name), ...CI_VARIABLES, 'NAMESPACE', 'NO_DEPLOY', ...declared]);
    const used = [...`${readme}${files[WORKFLOW]}`.matchAll(/NOMAD_VAR_(\w+)/g)].map(([, variable]) => variable ?? '');
    expect(used.filter((variable) => !known.has(variable))).toEqual([]);
  });

  test('is deployed by a test', () => {
    const folder = join(ROOT, '__tests__/integration');
    const tests = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    expect(tests.filter((text) => text.includes(`deployExample('${name}'`))).not.toEqual([]);
  });

  test('is in the list of the README', () => {
    expect(links(readFileSync(join(ROOT, 'README.md'), 'utf8'))).toContain(`examples/${name}`);
  });
});
