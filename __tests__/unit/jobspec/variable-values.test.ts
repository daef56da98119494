import { describe, expect, test } from '@jest/globals';
import { readInputs } from '../../../src/inputs/read.ts';
import type { FileValue, Rendering, SpecFile } from '../../../src/jobspec/types.ts';
import {
  automaticValues,
  misspelt,
  overridden,
  undeclared,
  unused,
  variableSettings,
  variableValues,
} from '../../../src/jobspec/variable-values.ts';
import type { Job } from '../../../src/nomad/types.ts';
import { resolveTarget } from '../../../src/target/target.ts';
import { declaredVariables } from '../../../src/text/hcl.ts';
import type { HclValue } from '../../../src/text/hcl-values.ts';
import { pushTo } from '../../fixtures/index.ts';

type Texts = Readonly<Record<string, string>>;
const SPEC: SpecFile = { name: 'project.nomad', text: '', builtIn: false, format: 'hcl', template: false, fragments: {} };
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
  const target = resolveTarget(inputs, context);
  const rendering = {
    spec: SPEC,
    fromFiles: {},
    target,
    context,
    image: 'web@sha256:0a',
    images: {},
    secretsTemplate: 'T',
    secretsRelease: 'r00000001',
    taskTemplates: [],
    oversubscription: true,
    policy: undefined,
    ...parts,
  };
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
      SECRETS_RELEASE: 'r00000001',
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
    ['production', SPEC.name, 3],
    ['production', 'apps/web/project.nomad', 3],
    ['production', BUILT_IN.name, 3],
    ['production', 'web.nomad', undefined],
    ['production', 'myproject.nomad', undefined],
    ['staging', SPEC.name, undefined],
    ['main', SPEC.name, undefined],
    ['fix-7', SPEC.name, undefined],
  ])('on %s give the COUNT of %s: %s', async (ref, name, count) => {
    const spec = { ...SPEC, name, builtIn: name === BUILT_IN.name };
    expect((await automatic(ref, { spec }))['COUNT']).toBe(count);
  });

  // Nomad refuses an empty template. A group.nomad beside the built-in template may have one.
  test.each([{}, { spec: BUILT_IN }])('have a template also without secrets: %j', async (more) => {
    const none = await automatic('main', { secretsTemplate: '', secretsRelease: '', ...more });
    expect(none).toMatchObject({ SECRETS_TEMPLATE: '# no secrets', SECRETS_RELEASE: 'none' });
  });
});

describe('the value of a variable', () => {
  const chosen = (
    source: string,
    given: Texts,
    made: Readonly<Record<string, HclValue>> = {},
    fromFiles: Readonly<Record<string, FileValue>> = {},
    givenBy: Texts = {},
  ) => variableValues(declaredVariables(source), { given, givenBy, fromFiles, automatic: made }, locate, () => []);
  const values = (
    source: string,
    given: Texts,
    made: Readonly<Record<string, HclValue>> = {},
    fromFiles: Readonly<Record<string, FileValue>> = {},
  ): Readonly<Record<string, HclValue>> => chosen(source, given, made, fromFiles).values;
  const one = (type: string, text: string): HclValue | undefined => values(`variable "x" {\n  type = ${type}\n}`, { x: text })['x'];

  describe('that takes the image', () => {
    const ofImage = { version: 'digest-0a', image_name: 'ghcr.io/acme/shop' };
    const take = (source: string, given: Texts = {}, givenBy: Texts = {}): ReturnType<typeof chosen> =>
      variableValues(
        declaredVariables(source),
        {
          ...{ ofImage, given, givenBy },
          fromFiles: { version: { value: 'latest', source: 'prod.hcl:1' } },
          automatic: { image: 'ghcr.io/acme/shop@sha256:0a', SLUG: 'shop' },
        },
        locate,
        () => [],
      );
    const VERSION = 'variable "version" {\n  default = "1"\n}\n';

    test('has its part of it, whatever a variable file and the environment say', () => {
      const found = take(`${VERSION}variable "SLUG" {}`, { version: '2' }, { version: 'NOMAD_VAR_version' });
      expect(found).toEqual({
        values: { version: 'digest-0a', SLUG: 'shop' },
        sources: { version: 'image-variables', SLUG: 'automatic' },
      });
      expect(
        overridden(declaredVariables(VERSION), { ofImage, given: { version: '2' }, givenBy: { version: 'NOMAD_VAR_version' } }),
      ).toEqual(['NOMAD_VAR_version has no effect: `image-variables` gives version the image of this run']);
      expect(overridden(declaredVariables(VERSION), { ofImage, given: { other: '2' }, givenBy: {} })).toEqual([]);
    });

    test.each(['vars', 'nomad-deploy.yml:7'])('has not a value by %s as well', (source) => {
      expect(() => take(VERSION, { version: '2' }, { version: source })).toThrow(
        `variable version (${source}): the variable has a value here and from \`image-variables\`; remove one of them`,
      );
    });

    test('leaves the default of a variable that is called image, where the spec declares it and there is one', () => {
      expect(take(`${VERSION}variable "image" {\n  default = "shop"\n}`).values).toEqual({ version: 'digest-0a' });
      expect(take(`${VERSION}variable "image" {}`).values).toEqual({ version: 'digest-0a', image: 'ghcr.io/acme/shop@sha256:0a' });
      expect(take('variable "image" {\n  default = "shop"\n}').values).toEqual({ image: 'ghcr.io/acme/shop@sha256:0a' });
    });
  });

  test.each<[string, string, HclValue]>([
    ['string', '0123', '0123'],
    ['string', ' "a" ${b}\n', ' "a" ${b}\n'],
    ['string', 'true', 'true'],
    ['number', ' 300 ', 300],
    ['number', '-1.5', -1.5],
    ['number', '1e3', 1000],
    ['number', '+2.5E-1', 0.25],
    ['number', '.5', 0.5],
    ['number', '9007199254740993', '9007199254740993'],
    ['bool', '1', true],
    ['bool', ' yes ', true],
    ['bool', 'False', false],
    ['list(string)', '["a", "b"]', ['a', 'b']],
    ['map(string)', '{ 5000 = "http" }', { 5000: 'http' }],
    ['map(string)', '{"5000": "http"}', { 5000: 'http' }],
    ['any', '3', 3],
    ['object({ a = string, b = optional(number, 3) })', '{ a = "y" }', { a: 'y' }],
    ['object({ a = string, b = optional(number, 3) })', '{"a": "y", "b": null}', { a: 'y', b: null }],
    ['list(object({ a = optional(object({ b = optional(bool, true) }), {}) }))', '[{}, { a = { b = false } }]', [{}, { a: { b: false } }]],
  ])('of type %s, given %j, is %j', (type, text, value) => expect(one(type, text)).toEqual(value));

  test.each([
    ['number', 'many', 'project.nomad:1:1: variable x (NOMAD_VAR_x): "***" is not a number'],
    ['number', '"3"', 'project.nomad:1:1: variable x (NOMAD_VAR_x): "***" is not a number'],
    ['number', '', 'project.nomad:1:1: variable x (NOMAD_VAR_x): "" is not a number'],
    ['number', '1e999', 'project.nomad:1:1: variable x (NOMAD_VAR_x): "***" is not a number'],
    ['bool', 'maybe', 'project.nomad:1:1: variable x (NOMAD_VAR_x): "***" is neither true nor false'],
    ['list(string)', 'a', 'project.nomad:1:1: variable x (NOMAD_VAR_x): expected a value at "***"; text needs double quotes'],
  ])('of type %s, given %j, is refused', (type, text, message) => {
    expect(() => one(type, text)).toThrow(expect.objectContaining({ code: 'input-invalid', message }));
  });

  test.each([
    ['variable "HOSTNAMES" {\n  type = list(string)\n  default = ["shop.example.com"]\n}', [], undefined],
    ['variables {\n  HOSTNAMES = ["shop.example.com"]\n}', [], undefined],
    ['variable "HOSTNAMES" {\n  type = list(string)\n}', [], []],
    ['variables {\n  HOSTNAMES = ["shop.example.com"]\n}', ['a.dev.example.com'], ['a.dev.example.com']],
  ])('of %j, where this run makes the hostnames %j, is %j', (source, made, expected) => {
    expect(values(source, {}, { HOSTNAMES: made })['HOSTNAMES']).toEqual(expected);
  });

  test('of a `variables` block is read by the type of its default, wherever it comes from', () => {
    const source = 'variables {\n  image  = "stock:main"\n  memory = 300\n  debug  = false\n  zones  = ["a"]\n  tier   = "free"\n}\n';
    const given = { memory: '512', debug: 'yes', zones: '["b"]' };
    expect(values(source, given, { image: 'web@sha256:0a' }, { tier: { value: 'gold', source: 'prod.hcl:1' } })).toEqual({
      image: 'web@sha256:0a',
      memory: 512,
      debug: true,
      zones: ['b'],
      tier: 'gold',
    });
    expect(() => values(source, { memory: 'much' })).toThrow('variable memory (NOMAD_VAR_memory): "much" is not a number');
    expect(undeclared(declaredVariables(source), given, SPEC)).toEqual([]);
  });

  test('given by the user wins over the one made, which wins over the default', () => {
    const source = 'variable "COUNT" { default = 1 }\nvariable "CPU" { default = 100 }\nvariable "MEMORY" { default = 300 }';
    expect(values(source, { COUNT: '2' }, { COUNT: 3, CPU: 50 })).toEqual({ COUNT: 2, CPU: 50 });
  });

  test('has a source, unless it is the default', () => {
    const source = ['a', 'b', 'c', 'd', 'e'].map((name) => `variable "${name}" { default = "" }`).join('\n');
    const files = { b: { value: 'file', source: 'prod.hcl:3' }, a: { value: 'file', source: 'prod.hcl:4' } };
    const made = { c: 'made', a: 'made', d: '' };
    expect(chosen(source, { a: 'given' }, made, files, { a: 'NOMAD_VAR_a' })).toEqual({
      values: { a: 'given', b: 'file', c: 'made' },
      sources: { a: 'NOMAD_VAR_a', b: 'prod.hcl:3', c: 'automatic' },
    });
  });

  test('of a CI system that this run does not know is blank where a spec needs it, and else the default', () => {
    const source = 'variable "CI_BUILDS_DIR" {}\nvariable "CI_COMMIT_TAG" {}\nvariable "CI_PROJECT_DIR" { default = "/x" }';
    expect(values(source, {}, { CI_COMMIT_TAG: '' })).toEqual({ CI_BUILDS_DIR: '', CI_COMMIT_TAG: '' });
    expect(() => values('variable "CI_OTHER" {}', {})).toThrow('variable "CI_OTHER" has no value');
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

  test('is refused with the name of its source, at the line that gave it', () => {
    const source = 'variable "a" {\n  type = string\n}\nvariable "b" {\n  type = number\n}\n';
    const refused = (): unknown => chosen(source, { a: 'x', b: 'many' }, {}, {}, { b: 'nomad-deploy.yml:12' });
    const message = 'project.nomad:4:1: variable b (nomad-deploy.yml:12): "***" is not a number';
    expect(refused).toThrow(expect.objectContaining({ message, location: { file: 'nomad-deploy.yml', line: 12 } }));
  });

  test('that the table of the built-in template refuses is told with its source', () => {
    const offers = {
      given: { MEMORY: '0' },
      givenBy: { MEMORY: 'vars' },
      fromFiles: { CPU: { value: -1, source: 'prod.hcl:7' } },
      automatic: {},
    };
    const check = (): string[] => ['variable MEMORY (NOMAD_VAR_MEMORY): 0 is too little', 'variable CPU (NOMAD_VAR_CPU): -1 is too little'];
    const declared = declaredVariables('variable "MEMORY" {\n type = number\n}\nvariable "CPU" {\n type = number\n}');
    expect(() => variableValues(declared, offers, () => undefined, check)).toThrow(
      expect.objectContaining({
        message: 'variable MEMORY (vars): 0 is too little\nvariable CPU (prod.hcl:7): -1 is too little',
        location: { file: 'prod.hcl', line: 7 },
      }),
    );
  });

  test('that is missing is told with its line, all of them at once', () => {
    expect(() => values('\nvariable "a" {}\nvariable "b" { type = number }\nvariable "c" { type = bool }', { b: 'x' })).toThrow(
      expect.objectContaining({
        code: 'input-invalid',
        message: [
          'project.nomad:2:1: variable "a" has no value: set NOMAD_VAR_a (or the input `vars`), or give it a default',
          'project.nomad:3:1: variable b (NOMAD_VAR_b): "***" is not a number',
          'project.nomad:4:1: variable "c" has no value: set NOMAD_VAR_c (or the input `vars`), or give it a default',
        ].join('\n'),
        location: { file: 'project.nomad', line: 2, column: 1 },
      }),
    );
  });
});

test('a variable that is called like an image, and has no value, may take that of the run', () => {
  const of = (image: string, name: string): (() => unknown) => {
    const offers = { given: {}, givenBy: {}, fromFiles: {}, automatic: { image } };
    return () => variableValues(declaredVariables(`variable "${name}" {}`), offers, locate, () => []);
  };
  for (const name of ['image_tag', 'task_image', 'version'])
    expect(of('web@sha256:0a', name)).toThrow('or give it a default; `image-variables` can give it the image, its tag or its digest');
  for (const [image, name] of [
    ['', 'image_tag'],
    ['web@sha256:0a', 'stage'],
  ] as const)
    expect(of(image, name)).toThrow(/or give it a default$/);
});

describe('what is shown of the variables', () => {
  const shown = async (source: string, spec: SpecFile, env: Texts = {}): Promise<(readonly string[])[]> => {
    const inputs = await readInputs(env);
    const declared = declaredVariables(source);
    const fromFiles = { b: { value: [1, 'x'], source: 'prod.hcl:3' }, z: { value: 1, source: 'prod.hcl:4' } };
    const offers = { given: inputs.vars, givenBy: inputs.sources.vars, fromFiles, automatic: { image: 'web@sha256:0a' } };
    const chosen = variableValues(declared, offers, locate, () => []);
    const rendering = { spec, fromFiles } as unknown as Rendering;
    return variableSettings(declared, chosen, inputs, rendering).map(({ name, value, source: from }) => [name, value, from]);
  };
  const SOURCE =
    'variable "a" { default = 1 }\nvariable "b" { default = [] }\nvariable "c" { default = "x" }\nvariable "d" { default = { 5000 = "http" } }\nvariable "e" { default = 2 * 3 }\nvariable "image" {}';
  const DECLARED = [
    ['a', '7', 'NOMAD_VAR_a'],
    ['b', '[1,"x"]', 'prod.hcl:3'],
    ['c', 'x', 'default'],
    ['d', '{"5000":"http"}', 'default'],
    ['e', '2 * 3', 'default'],
    ['image', 'web@sha256:0a', 'automatic'],
  ];
  test.each<[string, SpecFile, readonly (readonly string[])[]]>([
    ['the built-in template: what it declares', BUILT_IN, DECLARED],
    ['a spec: what it declares', SPEC, DECLARED],
    [
      'a template of the repository: also what it may take without a declaration',
      { ...SPEC, template: true },
      [...DECLARED, ['z', '1', 'prod.hcl:4'], ['y', '0', 'vars']],
    ],
  ])('of %s', async (_what, spec, expected) => {
    expect(await shown(SOURCE, spec, { NOMAD_VAR_a: '7', INPUT_VARS: 'y=0' })).toEqual(expected);
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
    ['CONSUL_PATH', ['NOMAD_VAR_CONSUL_PATH has no effect: secrets are not in Consul any more']],
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

  test('is one of many in one warning, the nearly declared ones first', () => {
    const many = Object.fromEntries(Array.from({ length: 75 }, (_, i) => [`other_job_${i}`, 'x']));
    const [line = '', ...more] = warnings({ ...many, MEMROY: 'x' });
    expect(more).toEqual([]);
    expect(line).toMatch(
      /^76 variables are set, but the spec project\.nomad does not declare them: NOMAD_VAR_MEMROY \(did you mean NOMAD_VAR_MEMORY\?\), NOMAD_VAR_other_job_0, /,
    );
    for (const name of Object.keys(many)) expect(line).toContain(`NOMAD_VAR_${name}`);
  });

  test('is no mistake where another spec of the run takes it, also in a file that is laid over it', () => {
    const others = [
      { ...SPEC, name: 'api.nomad', text: 'variable "api_tag" {}' },
      { ...SPEC, name: 'cron.nomad', fragments: { vars: { name: 'vars.nomad', text: 'variable "cron_tag" {}' } } },
    ];
    expect(undeclared([], { api_tag: '1', cron_tag: '2', colour: 'x' }, SPEC, others)).toEqual([
      'NOMAD_VAR_colour is set, but no job spec of this run has such a variable',
    ]);
  });

  test('is not quoted', () => expect(warnings({ PASSWORD: 'hunter2' }).join()).not.toContain('hunter2'));
});

describe('a name in a variable file', () => {
  const declared = declaredVariables('variable "memory" {}\nvariable "cpu" {}');
  const from = (...names: string[]): Record<string, FileValue> =>
    Object.fromEntries(names.map((name) => [name, { value: 1, source: 'prod.hcl:3' }]));
  test.each<[string, string[], string[]]>([
    ['that is declared', ['memory'], []],
    ['that is for another spec', ['replicas'], []],
    ['that is misspelt', ['memroy'], ['prod.hcl:3: the spec has no variable "memroy"; did you mean "memory"?']],
    ['that is nearly one that is given', ['memory', 'memory_'], []],
  ])('%s', (_what, names, lines) => expect(misspelt(declared, from(...names))).toEqual(lines));
});

describe('what was made and is not taken', () => {
  const job = (text: string): Job => ({ ID: 'web', Name: 'web', Meta: { text } });
  const IMAGE = 'project.nomad does not run web@sha256:0a: declare and use var.image';
  const SECRETS = 'no task of project.nomad gets the secrets: declare and use var.SECRETS_TEMPLATE';
  test.each<[string, string, Partial<Rendering>, string[]]>([
    ['nothing', '', {}, [IMAGE, SECRETS]],
    ['the image', 'web@sha256:0a', {}, [SECRETS]],
    ['the secrets', 'a "T"\n', {}, [IMAGE]],
    ['the tag that this run pushes', 'ghcr.io/acme/web:main', { tags: ['ghcr.io/acme/web:sha-1', 'ghcr.io/acme/web:main'] }, [SECRETS]],
    ['that tag and a digest', `ghcr.io/acme/web:main@sha256:${'0'.repeat(64)}`, { tags: ['ghcr.io/acme/web:main'] }, [SECRETS]],
    ['that tag by the URL of a driver', 'docker://ghcr.io/acme/web:main', { tags: ['ghcr.io/acme/web:main'] }, [SECRETS]],
    ['that tag, which may be left out', 'ghcr.io/acme/web', { tags: ['ghcr.io/acme/web:latest'] }, [SECRETS]],
    ['that tag by the short name of Docker Hub', 'web:1', { tags: ['docker.io/library/web:1'] }, [SECRETS]],
    ...['ghcr.io/acme/web:main-2', 'ghcr.io/acme/web', 'ghcr.io/acme/web2:main', 'ghcr.io/other/web:main'].map(
      (text): [string, string, Partial<Rendering>, string[]] => [
        `another image, ${text}`,
        text,
        { tags: ['ghcr.io/acme/web:main'] },
        [IMAGE, SECRETS],
      ],
    ),
    [
      'its digest by the name of a mirror',
      `mirror.example.com/web@sha256:${'0a'.repeat(32)}`,
      { image: `ghcr.io/acme/web@sha256:${'0a'.repeat(32)}` },
      [SECRETS],
    ],
    [
      'the tag that is made of its digest',
      'mirror.example.com/web:digest-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a',
      { image: `ghcr.io/acme/web@sha256:${'0a'.repeat(32)}` },
      [SECRETS],
    ],
    [
      'nothing, though it declares what takes it',
      'web:1',
      { spec: { ...SPEC, text: 'variable "version" {}' }, imageVariables: { version: 'digest-0a' } },
      ['project.nomad does not run web@sha256:0a: no task has an image that is made of version', SECRETS],
    ],
    [
      'the secrets by a `secret` block',
      '${secret.app.KEY.r00000001}',
      { image: '', secretsTemplate: '{{ with nomadVar "nomad/jobs/x" }}\nKEY={{ (index . "KEY.r00000001").Value | toJSON }}\n{{ end }}' },
      [],
    ],
    [
      'the secrets by a template of its own, with the newest release',
      '{{ (index . "KEY.r00000002").Value }}',
      {
        image: '',
        secretsTemplate: '{{ with nomadVar "nomad/jobs/x" }}\nKEY={{ (index . "KEY.r00000001").Value | toJSON }}\n{{ end }}',
        secretsRelease: 'r00000002',
      },
      [],
    ],
    ['nothing, and nothing was made', '', { image: '', secretsTemplate: '' }, []],
    [
      'nothing, as a template',
      '',
      { secretsTemplate: '', spec: { ...SPEC, name: 'web.hbs', template: true } },
      ['web.hbs does not run web@sha256:0a: write {{json image}}'],
    ],
    [
      'nothing, as an object',
      '',
      { image: '', spec: { ...SPEC, name: 'web.json', format: 'json' } },
      ['no task of web.json gets the secrets: make it a template (.hbs) and write {{json secretsTemplate}}'],
    ],
  ])('by a job that takes %s', (_what, text, parts, lines) => {
    const rendering = { spec: SPEC, image: 'web@sha256:0a', secretsTemplate: 'a "T"\n', ...parts } as Rendering;
    expect(unused(job(text), rendering)).toEqual(lines);
  });
});
