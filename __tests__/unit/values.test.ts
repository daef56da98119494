import { describe, expect, test } from '@jest/globals';
import { declaredVariables, type HclValue } from '../../src/hcl.ts';
import { readInputs } from '../../src/inputs.ts';
import type { Rendering, SpecFile } from '../../src/jobspec.ts';
import { resolveTarget } from '../../src/target.ts';
import { automaticValues, undeclared, unused, variableValues } from '../../src/values.ts';
import { pushTo } from '../fixtures/index.ts';

type Texts = Readonly<Record<string, string>>;
const SPEC: SpecFile = { name: 'project.nomad', text: '', builtIn: false, fragments: {} };
const BUILT_IN: SpecFile = { ...SPEC, name: 'built-in template', builtIn: true };
const locate = (line: number): { file: string; line: number } => ({ file: 'project.nomad', line });

async function automatic(
  ref: string,
  parts: Partial<Rendering> = {},
  env: Texts = {},
  event: Texts = {},
): Promise<Readonly<Record<string, HclValue>>> {
  const inputs = await readInputs({ BASE_DOMAIN: 'dev.example.com', ...env });
  const context = pushTo(
    ref,
    { GITHUB_REPOSITORY: 'Acme/My_Shop', GITHUB_SHA: 'ffac537e6cbbf934', GITHUB_EVENT_NAME: 'push', ...event },
    { repository: { default_branch: 'trunk' } },
  );
  const rendering = { spec: SPEC, target: resolveTarget(inputs, context), context, image: 'web@sha256:0a', secretsTemplate: 'T', ...parts };
  return automaticValues(inputs, rendering);
}

describe('the values that a spec gets by declaring them', () => {
  test('tell image, names and commit', async () => {
    expect(await automatic('Fix/7')).toEqual({
      image: 'web@sha256:0a',
      CI_GITHUB_IMAGE: 'web@sha256:0a',
      SLUG: 'acme-myshop-fix-7',
      HOSTNAMES: ['acme-myshop-fix-7.dev.example.com'],
      SECRETS_TEMPLATE: 'T',
      CI_COMMIT_BRANCH: 'Fix/7',
      CI_COMMIT_REF_NAME: 'Fix/7',
      CI_COMMIT_REF_SLUG: 'fix-7',
      CI_COMMIT_SHA: 'ffac537e6cbbf934',
      CI_COMMIT_SHORT_SHA: 'ffac537e',
      CI_COMMIT_TAG: '',
      CI_DEFAULT_BRANCH: 'trunk',
      CI_HOSTNAME: 'acme-myshop-fix-7.dev.example.com',
      CI_PIPELINE_SOURCE: 'push',
      CI_PROJECT_NAME: 'my_shop',
      CI_PROJECT_PATH_SLUG: 'acme-myshop',
      CI_REGISTRY: 'ghcr.io',
      CI_REGISTRY_IMAGE: 'ghcr.io/acme/my_shop',
      CI_REGISTRY_TAG: 'ffac537e6cbbf934',
    });
  });

  test('of a tag tell the tag, and no branch', async () => {
    expect(await automatic('v1.2', {}, {}, { GITHUB_REF_TYPE: 'tag' })).toMatchObject({
      SLUG: 'acme-myshop-v1-2',
      CI_COMMIT_BRANCH: '',
      CI_COMMIT_TAG: 'v1.2',
      CI_COMMIT_REF_NAME: 'v1.2',
      CI_COMMIT_REF_SLUG: 'v1-2',
    });
  });

  test.each([
    ['production', 3],
    ['staging', undefined],
    ['main', undefined],
    ['fix-7', undefined],
  ])('on %s count %s', async (ref, count) => expect((await automatic(ref))['COUNT']).toBe(count));

  // Nomad refuses an empty template.
  test('have a template also without secrets, except in our own spec, which leaves it out', async () => {
    expect((await automatic('main', { secretsTemplate: '' }))['SECRETS_TEMPLATE']).toBe('# no secrets');
    expect((await automatic('main', { secretsTemplate: '', spec: BUILT_IN }))['SECRETS_TEMPLATE']).toBe('');
  });
});

describe('the value of a variable', () => {
  const values = (source: string, given: Texts, made: Readonly<Record<string, HclValue>> = {}): Record<string, HclValue> =>
    variableValues(declaredVariables(source), given, made, locate);
  const one = (type: string, text: string): HclValue | undefined => values(`variable "x" {\n  type = ${type}\n}`, { x: text })['x'];

  test.each<[string, string, HclValue]>([
    ['string', '0123', '0123'],
    ['string', ' "a" ${b}\n', ' "a" ${b}\n'],
    ['string', 'true', 'true'],
    ['number', ' 300 ', 300],
    ['number', '-1.5', -1.5],
    ['bool', '1', true],
    ['bool', ' yes ', true],
    ['bool', 'False', false],
    ['list(string)', '["a", "b"]', ['a', 'b']],
    ['map(string)', '{ 5000 = "http" }', { 5000: 'http' }],
    ['map(string)', '{"5000": "http"}', { 5000: 'http' }],
    ['any', '3', 3],
  ])('of type %s, given %j, is %j', (type, text, value) => expect(one(type, text)).toEqual(value));

  test.each([
    ['number', 'many', 'variable x (NOMAD_VAR_x): "many" is not a number'],
    ['number', '"3"', 'variable x (NOMAD_VAR_x): "\\"3\\"" is not a number'],
    ['number', '', 'variable x (NOMAD_VAR_x): "" is not a number'],
    ['bool', 'maybe', '`NOMAD_VAR_x`: "maybe" is neither true nor false'],
    ['list(string)', 'a', 'variable x (NOMAD_VAR_x): expected a value at "a"; text needs double quotes'],
  ])('of type %s, given %j, is refused', (type, text, message) => {
    expect(() => one(type, text)).toThrow(expect.objectContaining({ code: 'input-invalid', message }));
  });

  test('given by the user wins over the one made, which wins over the default', () => {
    const source = 'variable "COUNT" { default = 1 }\nvariable "CPU" { default = 100 }\nvariable "MEMORY" { default = 300 }';
    expect(values(source, { COUNT: '2' }, { COUNT: 3, CPU: 50 })).toEqual({ COUNT: 2, CPU: 50 });
  });

  test('made is not sent when it is empty', () => expect(values('variable "image" { default = "x" }', {}, { image: '' })).toEqual({}));

  test('of hostnames and the slug is always made', () => {
    const source = 'variable "HOSTNAMES" { type = list(string) }\nvariable "SLUG" {}\nvariable "NAMESPACE" {}';
    const given = { HOSTNAMES: 'www', SLUG: 'mine', NAMESPACE: 'team-a' };
    expect(values(source, given, { HOSTNAMES: ['www.example.com'], SLUG: 'acme-shop' })).toEqual({
      HOSTNAMES: ['www.example.com'],
      SLUG: 'acme-shop',
      NAMESPACE: 'team-a',
    });
  });

  test('that is missing is told with its line, all of them at once', () => {
    expect(() => values('\nvariable "a" {}\nvariable "b" { type = number }\nvariable "c" { type = bool }', { b: 'x' })).toThrow(
      expect.objectContaining({
        code: 'input-invalid',
        message: [
          'project.nomad:2: variable "a" has no value: set NOMAD_VAR_a, or give it a default',
          'variable b (NOMAD_VAR_b): "x" is not a number',
          'project.nomad:4: variable "c" has no value: set NOMAD_VAR_c, or give it a default',
        ].join('\n'),
        location: { file: 'project.nomad', line: 2 },
      }),
    );
  });
});

describe('a variable that the spec does not declare', () => {
  const warnings = (given: Texts, spec = SPEC): string[] =>
    undeclared(declaredVariables('variable "MEMORY" {}\nvariable "CPU" {}'), given, spec);

  test.each<[string, string[]]>([
    ['MEMORY', []],
    ['MEMROY', ['NOMAD_VAR_MEMROY is set, but the spec project.nomad has no such variable; did you mean NOMAD_VAR_MEMORY?']],
    ['HOSTNAME', ['NOMAD_VAR_HOSTNAME is set, but the spec project.nomad has no such variable; did you mean NOMAD_VAR_HOSTNAMES?']],
    ['colour', ['NOMAD_VAR_colour is set, but the spec project.nomad has no such variable']],
    ['CONSUL_PATH', ['NOMAD_VAR_CONSUL_PATH has no effect: Consul takes no part in secrets any more']],
    ['VERBOSE', ['NOMAD_VAR_VERBOSE has no effect: run the workflow with debug logging instead']],
    // These steer the run, or are what a CI system sets for all.
    ['NAMESPACE', []],
    ['NO_DEPLOY', []],
    ['HOSTNAMES', []],
    ['SLUG', []],
    ['CI_ANYTHING', []],
  ])('%s: %j', (name, lines) => expect(warnings({ [name]: 'x' })).toEqual(lines));

  test('of the built-in template is told as such', () => {
    expect(warnings({ colour: 'x' }, BUILT_IN)).toEqual(['NOMAD_VAR_colour is set, but the built-in template has no such variable']);
  });

  test('is not quoted', () => expect(warnings({ PASSWORD: 'hunter2' }).join()).not.toContain('hunter2'));
});

describe('what was made and is not taken', () => {
  const IMAGE = ['project.nomad declares no variable "image", so it does not run web@sha256:0a'];
  const SECRETS = ['project.nomad declares no variable "SECRETS_TEMPLATE", so no task of it sees the secrets'];
  test.each<[string, Partial<Rendering>, string[]]>([
    ['', {}, [...IMAGE, ...SECRETS]],
    ['variable "image" {}', {}, SECRETS],
    ['variable "CI_GITHUB_IMAGE" {}', {}, SECRETS],
    ['variable "SECRETS_TEMPLATE" {}', {}, IMAGE],
    ['', { image: '', secretsTemplate: '' }, []],
  ])('by %j, made %j', (source, parts, lines) => {
    const rendering = { spec: SPEC, image: 'web@sha256:0a', secretsTemplate: 'T', ...parts } as Rendering;
    expect(unused(declaredVariables(source), rendering)).toEqual(lines);
  });
});
