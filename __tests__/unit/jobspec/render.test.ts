import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { wholeJob } from '../../../src/inputs/workspace.ts';
import { readSpecFile } from '../../../src/jobspec/spec-file.ts';
import type { SpecFile } from '../../../src/jobspec/types.ts';

let workspace = '';
beforeAll(() => {
  workspace = mkdtempSync(join(tmpdir(), 'nomad-deploy-spec-'));
  for (const file of ['project.nomad', 'web.hcl', 'web.json.hbs', 'web.hbs', 'web.yml', 'web.tf.txt'])
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
  test.each<[string, string, SpecFile['format'], boolean]>([
    ['web.job', 'job "web" {\n}\n', 'hcl', false],
    ['jobs/web', '# ours\n/* job: */\n\nvariables {\n  a = 1\n}\njob web {\n}\n', 'hcl', false],
    ['web.nomad.production', '\tjob "web" { group "g" {} }', 'hcl', false],
    ['web.job.v2', '{ "Job": { "ID": "web" } }', 'json', false],
    ['web', '\n{\n  "id": "web"\n}', 'json', false],
    ['web.nomad', '{ "ID": "web" }', 'json', false],
    ['web.job', '{ "job": { "web": {} } }', 'hcl', false],
    ['web.json', '{ "variable": { "x": {} }, "job": { "web": { "group": {} } } }', 'hcl', false],
    ['web.json', '{ "job": { "id": "web", "taskgroups": [] } }', 'json', false],
    ['web.json', '{ "Job": { "ID": "web" } }', 'json', false],
    ['web.json', '{ "job": ', 'json', false],
    ['web.job', '---\nID: web\n', 'yaml', false],
    ['web', '# ours\nJob:\n  ID: web\n', 'yaml', false],
    ['web', '"ID": web\nTaskGroups:\n- Name: g\n  Tasks:\n  - Templates:\n    - EmbeddedTmpl: |\n        job "x" {\n', 'yaml', false],
    ['web.job.hbs', '{{! ours }}\njob "{{job.id}}" {\n}\n', 'hcl', true],
    ['web.job.hbs', '{{#if vars.x}}\n{ "ID": {{{json job.id}}} }{{/if}}', 'json', true],
    ['web.hbs', 'ID: {{job.id}}\n', 'yaml', true],
    ['broken.nomad', 'jobs "web" {', 'hcl', false],
  ])('is what its content says: %s with %j is %s', async (file, text, format, template) => {
    const folder = mkdtempSync(join(workspace, 'of-any-name-'));
    const path = join(folder, basename(file));
    writeFileSync(path, text);
    expect(await readSpecFile({ path, fragments: {} }, workspace)).toMatchObject({ format, template, text });
  });
  test.each([
    ['job "shop" {\n}', { line: 1, column: 1 }],
    ['# hello\n\n  job shop {\n}', { line: 3, column: 3 }],
    ['type = "batch"\n', undefined],
    ['# job "shop" {}\ntask "job" {\n  config {\n    args = ["job x {"]\n  }\n}', undefined],
  ])('is a whole job: %j, at %j', (text, place) => expect(wholeJob(text)).toEqual(place));

  test.each(['', '# nomad\n', '[job]\nname = "web"\n', 'A job in words: none {\n', 'FROM busybox\n', 'group "g" {\n}\n', '"job x {"'])(
    'is not read from %j, but by a name that says so',
    async (text) => {
      writeFileSync(join(workspace, 'web.tf.txt'), text);
      await expect(readSpecFile({ path: join(workspace, 'web.tf.txt'), fragments: {} }, workspace)).rejects.toMatchObject({
        code: 'input-invalid',
        message: '`job`: web.tf.txt is not a readable job spec',
        hint: expect.stringContaining('HCL with a `job` block'),
      });
    },
  );
  test('is told as a template of another program, whatever its name', async () => {
    writeFileSync(join(workspace, 'web.tpl'), 'job [[ template "job_name" . ]] {\n  [[ template "region" . ]]\n}\n');
    await expect(readSpecFile({ path: join(workspace, 'web.tpl'), fragments: {} }, workspace)).rejects.toMatchObject({
      code: 'jobspec-invalid',
      message: expect.stringMatching(/^web\.tpl:1: \[\[ template "job_name" \. \]\] is a template of Levant or nomad-pack/),
      location: { file: 'web.tpl', line: 1 },
    });
  });
  test('is the built-in one without a file', async () => {
    expect(await readSpecFile({ path: undefined, fragments: {} }, workspace)).toMatchObject({ name: 'built-in template', builtIn: true });
  });
});
