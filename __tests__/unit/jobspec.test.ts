import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { wholeJob } from '../../src/fragments.ts';
import { readSpecFile, type SpecFile } from '../../src/spec-file.ts';

let workspace = '';
beforeAll(() => {
  workspace = mkdtempSync(join(tmpdir(), 'nomad-deploy-spec-'));
  for (const file of ['project.nomad', 'web.hcl', 'web.json.hbs', 'web.hbs', 'web.yml', 'nomad', 'web.tf.txt'])
    writeFileSync(join(workspace, file), `# ${file}\n`);
});
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

describe('a job spec', () => {
  test.each<[string, SpecFile['format'], boolean]>([
    ['project.nomad', 'hcl', false],
    ['web.hcl', 'hcl', false],
    ['web.hbs', 'hcl', true],
    ['web.json.hbs', 'json', true],
    ['web.yml', 'yaml', false],
  ])('is read from %s as %s', async (file, format, template) => {
    expect(await readSpecFile({ path: join(workspace, file), fragments: {} }, workspace)).toEqual({
      name: file,
      builtIn: false,
      format,
      template,
      text: `# ${file}\n`,
      fragments: {},
    });
  });
  test.each(['web.tf.txt', 'nomad'])('is not read from %s', async (file) => {
    await expect(readSpecFile({ path: join(workspace, file), fragments: {} }, workspace)).rejects.toMatchObject({
      code: 'input-invalid',
      message: `\`job\`: ${file} is no job spec that can be read`,
    });
  });
  test.each([
    ['job "shop" {\n}', { line: 1, column: 1 }],
    ['# hello\n\n  job shop {\n}', { line: 3, column: 3 }],
    ['type = "batch"\n', undefined],
    ['# job "shop" {}\ntask "job" {\n  config {\n    args = ["job x {"]\n  }\n}', undefined],
  ])('is a whole job: %j, at %j', (text, place) => expect(wholeJob(text)).toEqual(place));

  test('is the built-in one without a file', async () => {
    expect(await readSpecFile({ path: undefined, fragments: {} }, workspace)).toMatchObject({ name: 'built-in template', builtIn: true });
  });
});
