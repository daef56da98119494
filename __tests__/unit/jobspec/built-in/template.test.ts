import { describe, expect, test } from '@jest/globals';
import { CI_VARIABLES } from '../../../../src/inputs/names.ts';
import type { ServiceTarget } from '../../../../src/jobspec/built-in/service.ts';
import { renderBuiltIn } from '../../../../src/jobspec/built-in/template.ts';
import { VARIABLES, type Values } from '../../../../src/jobspec/built-in/variables.ts';
import { declaredVariables } from '../../../../src/text/hcl.ts';

const TARGET: ServiceTarget = {
  environment: { value: 'main', name: 'main', source: 'branch main' },
  jobId: 'acme-shop',
  projectSlug: 'acme-shop',
  hostnames: [],
};

const render = async (values: Values = {}): Promise<string> =>
  renderBuiltIn(values, { target: TARGET, image: 'ghcr.io/acme/shop@sha256:0a', secretsTemplate: '', oversubscription: true });

describe('the built-in template', () => {
  test('declares each variable of the table, with its type and default', async () => {
    const declared = declaredVariables(await render());
    expect(declared.filter(({ hasDefault }) => !hasDefault)).toEqual([]);
    const names = declared.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual([...VARIABLES.map(({ name }) => name), 'SLUG', 'SECRETS_TEMPLATE', 'SECRETS_RELEASE', ...CI_VARIABLES]);
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
    const source = await render({ CI_REGISTRY_PASSWORD: 'a"b${c}' });
    expect(source).toContain('password = "$${NOMAD_DEPLOY_REGISTRY_PASSWORD}"');
    expect(source).not.toContain('a\\"b');
  });

  test('has one text for one set of values, and no blanks at the end of a line', async () => {
    const values = { PORTS: { 5000: 'http', 80: 'admin' }, HOST_VOLUMES: ['a:/a'], CONSTRAINTS: ['meta.a = b'], REGION: 'eu' };
    const [first, ...others] = await Promise.all([render(values), render(values), render(structuredClone(values))]);
    expect(others).toEqual([first, first]);
    expect(first).not.toMatch(/ $/m);
    expect(await render({ ...values, IS_BATCH: true })).not.toBe(first);
  });

  test('lets no value out of its place', async () => {
    const nasty = 'a"\n}\n${x}%{y}{{z}}\0\\';
    const source = await render({ CONSTRAINTS: [`meta.a = ${nasty}`], VOLUMES: [`/a:/${nasty}`], CI_COMMIT_SHA: nasty });
    expect(source.split('\n').length).toBe((await render({ CONSTRAINTS: ['meta.a = b'] })).split('\n').length);
    expect(source).toContain('"a\\"\\n}\\n$${x}%%{y}{{z}}\\u0000\\\\"');
  });
});
