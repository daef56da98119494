import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { declaredVariables } from '../../src/hcl.ts';
import { readSpecFile } from '../../src/jobspec.ts';
import { renderTemplate } from '../../src/template.ts';

let workspace = '';
beforeAll(() => {
  workspace = mkdtempSync(join(tmpdir(), 'nomad-deploy-spec-'));
  for (const file of ['project.nomad', 'web.hcl', 'web.json', 'nomad']) writeFileSync(join(workspace, file), `# ${file}\n`);
});
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

describe('a job spec', () => {
  test.each(['project.nomad', 'web.hcl'])('is read from %s', async (file) => {
    expect(await readSpecFile(join(workspace, file), workspace)).toEqual({ name: file, builtIn: false, text: `# ${file}\n` });
  });
  test.each(['web.json', 'nomad'])('is not read from %s', async (file) => {
    await expect(readSpecFile(join(workspace, file), workspace)).rejects.toMatchObject({
      code: 'input-invalid',
      message: `\`job\`: ${file} is no job spec that can be read`,
    });
  });
  test('is the built-in one without a file', async () => {
    expect(await readSpecFile(undefined, workspace)).toMatchObject({ name: 'built-in template', builtIn: true });
  });
});

describe('the built-in template', () => {
  const render = async (production: boolean): Promise<string> => {
    const { text, name } = await readSpecFile(undefined, workspace);
    return renderTemplate(text, { job: 'acme-shop', image: 'ghcr.io/acme/shop@sha256:0a', production }, name);
  };
  /** The default of a variable, as it is written. */
  const defaults = (source: string): Record<string, string> =>
    Object.fromEntries(
      [...source.matchAll(/^variable "(\w+)" \{.*?^ +default = (.*?)(?: +#[^\n]*)?$/gms)].map(([, name, value]) => [
        name ?? '',
        value ?? '',
      ]),
    );

  // The names and numbers that users of internetarchive/nomad know.
  test('has variables with their defaults', async () => {
    expect(defaults(await render(false))).toMatchObject({
      MEMORY: '300',
      CPU: '100',
      CHECK_PROTOCOL: '"http"',
      CHECK_PATH: '"/"',
      CHECK_TIMEOUT: '"2s"',
      HEALTH_TIMEOUT: '"20s"',
      COUNT: '1',
      COUNT_CANARIES: '1',
      NETWORK_MODE: '"bridge"',
      FORCE_PULL: 'false',
      PORTS: '{ 5000 = "http" }',
      VOLUMES: '[]',
      HOSTNAMES: '[]',
    });
  });

  test('counts three in production', async () => expect(defaults(await render(true))).toMatchObject({ COUNT: '3', COUNT_CANARIES: '1' }));

  test('needs none of its variables to be set, and no two have a name', async () => {
    const declared = declaredVariables(await render(false));
    expect(declared.filter(({ hasDefault }) => !hasDefault)).toEqual([]);
    expect(new Set(declared.map(({ name }) => name)).size).toBe(declared.length);
    expect(declared.map(({ name }) => name).sort()).toEqual(Object.keys(defaults(await render(false))).sort());
  });

  test('takes text as text, all else as values', async () => {
    const types = Object.fromEntries(declaredVariables(await render(false)).map(({ name, type }) => [name, type]));
    expect(types).toMatchObject({
      MEMORY: 'expression',
      PORTS: 'expression',
      FORCE_PULL: 'expression',
      CHECK_PATH: 'string',
      CI_COMMIT_SHA: 'string',
    });
  });

  test('names the job and the image', async () => {
    const source = await render(false);
    expect(source).toMatch(/^job "acme-shop" \{$/m);
    expect(source).toMatch(/^ +image += "ghcr\.io\/acme\/shop@sha256:0a"$/m);
    expect(source).not.toContain('{{');
  });
});
