import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { declaredVariables } from '../../src/hcl.ts';
import { serviceData, type Values } from '../../src/service.ts';
import { readSpecFile, type SpecFile } from '../../src/spec-file.ts';
import type { Target } from '../../src/target.ts';
import { renderTemplate } from '../../src/template.ts';
import { CI_VARIABLES, VARIABLES } from '../../src/variables.ts';

const TARGET: Target = {
  environment: { value: 'main', source: 'branch main' },
  nomadAddr: undefined,
  jobId: 'acme-shop',
  projectSlug: 'acme-shop',
  refSlug: 'main',
  hostnames: [],
  url: undefined,
  sources: { jobId: 'repository', hostnames: 'base-domain' },
  notes: [],
};

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
  test('is the built-in one without a file', async () => {
    expect(await readSpecFile({ path: undefined, fragments: {} }, workspace)).toMatchObject({ name: 'built-in template', builtIn: true });
  });
});

describe('the built-in template', () => {
  const render = async (values: Values = {}): Promise<string> => {
    const { text, name } = await readSpecFile({ path: undefined, fragments: {} }, workspace);
    return (await renderTemplate(text, serviceData(values, TARGET, 'ghcr.io/acme/shop@sha256:0a', ''), name)).text;
  };

  test('declares each variable of the table, with its type and default', async () => {
    const declared = declaredVariables(await render());
    expect(declared.filter(({ hasDefault }) => !hasDefault)).toEqual([]);
    const names = declared.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual([...VARIABLES.map(({ name }) => name), 'SLUG', 'SECRETS_TEMPLATE', ...CI_VARIABLES]);
    expect(Object.fromEntries(declared.map(({ name, type }) => [name, type]))).toMatchObject({
      MEMORY: 'number',
      PORTS: 'expression',
      FORCE_PULL: 'bool',
      CHECK_PATH: 'string',
      CI_COMMIT_SHA: 'string',
    });
  });

  // The names and numbers that users of internetarchive/nomad know.
  test('has their defaults', () =>
    expect(Object.fromEntries(VARIABLES.map((variable) => [variable.name, variable.default]))).toMatchObject({
      MEMORY: 300,
      CPU: 100,
      CHECK_PROTOCOL: 'http',
      CHECK_PATH: '/',
      CHECK_TIMEOUT: '2s',
      HEALTH_TIMEOUT: '20s',
      COUNT: 1,
      COUNT_CANARIES: 1,
      NETWORK_MODE: 'bridge',
      FORCE_PULL: false,
      PORTS: { '5000': 'http' },
      VOLUMES: [],
      HOSTNAMES: [],
    }));

  test('names the job and the image', async () => {
    const source = await render();
    expect(source).toMatch(/^job "acme-shop" \{$/m);
    expect(source).toMatch(/^ +image += "ghcr\.io\/acme\/shop@sha256:0a"$/m);
    expect(source).not.toContain('{{');
  });

  test('has only the blocks that are meant', async () => {
    expect(await render()).toMatch(/^ {2}update \{$/m);
    expect(await render({ IS_BATCH: true })).not.toMatch(/^ {2}(update|migrate) \{$/m);
    expect(await render()).toMatch(/type += var\.CHECK_PROTOCOL/);
    expect(await render({ CHECK_PROTOCOL: 'none' })).not.toContain('check {');
    expect(await render()).not.toContain('auth {');
    expect(await render({ CI_REGISTRY_PASSWORD: 'a"b${c}' })).toContain('password = "a\\"b$${c}"');
  });
});
