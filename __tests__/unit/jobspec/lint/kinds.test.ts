// The offline checks of each kind of spec: places, what is not known, mistakes, the policy, and files that are large or made to be.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Finding, LintReport } from '../../../../src/jobspec/lint/lint.ts';
import { requireLints } from '../../../../src/jobspec/lint/lint.ts';
import type { Rendering } from '../../../../src/jobspec/types.ts';
import { lintText } from '../../../helpers/lint.ts';

/** The findings as `file:line rule`. */
const told = ({ findings }: LintReport): string[] =>
  findings.map(({ rule, location }) => `${location?.file ?? ''}:${location?.line ?? ''} ${rule}`).sort();
const errors = ({ findings }: LintReport): Finding[] => findings.filter(({ level }) => level === 'error');

const PINNED = `image = "busybox@sha256:${'a'.repeat(64)}"`;
const task = (config: string): string => `task "app" {
      driver = "docker"
      resources {
        memory = 64
      }
      config {
        ${config}
      }
    }`;
const job = (inside: string): string => `job "shop" {\n  type = "batch"\n  group "web" {\n    ${inside}\n  }\n}\n`;

describe('a kind of spec is read with its places:', () => {
  const object = {
    ID: 'shop',
    Type: 'batch',
    TaskGroups: [
      {
        Name: 'web',
        Tasks: [
          { Name: 'app', driver: 'docker', Config: { image: 'busybox:latest' }, Env: { A_TOKEN: 'hunter2' }, Resources: { MemoryMB: 64 } },
        ],
      },
    ],
  };
  const json = JSON.stringify(object, null, 2);
  const yaml =
    'ID: shop\nType: batch\nTaskGroups:\n  - Name: web\n    Tasks:\n      - Name: app\n        Driver: docker\n        Config:\n          image: busybox:latest\n        Resources:\n          MemoryMB: 64\n';
  const hclJson = JSON.stringify(
    {
      job: {
        shop: {
          type: 'batch',
          group: { web: { task: { app: { driver: 'docker', config: { image: 'busybox:latest' }, resources: { memory: 64 } } } } },
        },
      },
    },
    null,
    1,
  );
  test.each<[string, string | undefined, string, string[]]>([
    ['HCL', 'project.nomad', job(task('image = "busybox:latest"')), ['project.nomad:10 latest']],
    ['HCL in JSON', 'project.nomad', hclJson, ['project.nomad:11 latest']],
    ['a job object in JSON', 'web.json', json, ['web.json:12 latest', 'web.json:15 env-secret']],
    ['a job object in YAML', 'web.yaml', yaml, ['web.yaml:9 latest']],
    [
      'a template of HCL',
      'web.nomad.hbs',
      `{{#if image}}\n${job(task('image = {{hcl "busybox:latest"}}'))}{{/if}}\n`,
      ['web.nomad.hbs:11 latest'],
    ],
    [
      'a template of JSON',
      'web.json.hbs',
      json.replace('"busybox:latest"', '{{json "busybox:latest"}}'),
      ['web.json.hbs:12 latest', 'web.json.hbs:15 env-secret'],
    ],
  ])('%s', async (_name, file, text, expected) => {
    const report = await lintText(file, text);
    expect(told(report)).toEqual(expected);
    expect(JSON.stringify(report)).not.toContain('hunter2');
  });

  test('fragments of the built-in template, each at its own line', async () => {
    const fragments = {
      group: 'network {\n  port "debug" {\n    static = 9229\n  }\n}\n',
      job: '\nupdate {\n  healthy_deadline = "15m"\n}\n',
    };
    expect(told(await lintText(undefined, '', { fragments }))).toEqual(['group.nomad:3 canary-port', 'job.nomad:3 deadlines']);
    expect(told(await lintText(undefined, ''))).toEqual([]);
  });

  test('a comment in YAML and in a fragment switches a lint off', async () => {
    const above = yaml.replace('        Config:', '        # nomad-deploy:ignore latest\n        Config:');
    expect(await lintText('web.yaml', above)).toMatchObject({ findings: [], ignored: 1 });
    const beside = yaml.replace('      - Name: app', '      - Name: app # nomad-deploy:ignore latest');
    expect(await lintText('web.yaml', beside)).toMatchObject({ findings: [], ignored: 1 });
    const fragments = { group: 'network { # nomad-deploy:ignore canary-port\n  port "debug" {\n    static = 9229\n  }\n}\n' };
    expect(await lintText(undefined, '', { fragments })).toMatchObject({ findings: [], ignored: 1 });
  });

  test('a comment about another lint, or another block, changes nothing', async () => {
    const text = job(
      `# nomad-deploy:ignore image-tag\n    ${task('image = "busybox:latest"')}\n    # nomad-deploy:ignore latest\n    meta {\n      a = 1\n    }`,
    );
    expect(told(await lintText('project.nomad', text))).toEqual(['project.nomad:11 latest']);
    const typo = await lintText('project.nomad', job(`# nomad-deploy:ignore lastest\n    ${task('image = "busybox:latest"')}`));
    expect(told(typo)).toEqual(['project.nomad:11 latest', 'project.nomad:4 spec']);
  });
});

describe('values that the run knows', () => {
  const with_ = (declared: string, image: string): string => `${declared}\n${job(task(`image = ${image}`))}`;
  test.each<[string, string, Record<string, string>, string[]]>([
    ['a default', with_('variable "tag" { default = "latest" }', '"busybox:${var.tag}"'), {}, ['latest']],
    ['a value of the run', with_('variable "tag" { default = "latest" }', '"busybox:${var.tag}"'), { tag: '1.37' }, ['image-tag']],
    ['a local', with_('locals {\n  image = "busybox:latest"\n}', 'local.image'), {}, ['latest']],
    ['the image of the run, which is a digest', with_('variable "image" {}', 'var.image'), {}, []],
  ])('%s', async (_name, text, vars, rules) => {
    const report = await lintText('project.nomad', text, { vars });
    expect(report.findings.map(({ rule }) => rule)).toEqual(rules);
    expect(report.unchecked).toEqual([]);
  });

  test.each<[string, string]>([
    ['a function', with_('', 'lower("busybox:latest")')],
    ['a condition', with_('variable "x" { default = true }', 'var.x ? "busybox:latest" : "busybox:1"')],
    ['a variable without a value', with_('variable "tag" {}', '"busybox:${var.tag}"')],
    ['a local that needs itself', with_('locals {\n  a = local.a\n}', 'local.a')],
  ])('%s is not checked, and not guessed', async (_name, text) => {
    const report = await lintText('project.nomad', text);
    expect(report.findings).toEqual([]);
    expect(report.unchecked).toEqual([
      {
        what: '`image`',
        rules: ['latest', 'image-tag'],
        location: {
          file: 'project.nomad',
          line: text.split('\n').findIndex((line) => line.includes('image = ') && !line.includes('default')) + 1,
        },
      },
    ]);
  });

  test('a dynamic block is not checked: a service that it makes may have the check', async () => {
    const text = `job "shop" {\n  update {}\n  group "web" {\n    network {\n      port "http" {}\n    }\n    dynamic "service" {\n      for_each = ["a"]\n      content {}\n    }\n    ${task(PINNED)}\n  }\n}\n`;
    const report = await lintText('project.nomad', text);
    expect(report.findings).toEqual([]);
    expect(report.unchecked).toEqual([
      { what: 'a `dynamic "service"` block', rules: ['health-check', 'shutdown-delay'], location: { file: 'project.nomad', line: 7 } },
    ]);
  });

  test('an expression of a variable file counts as unknown, also where the variable has a default', async () => {
    const text = with_('variable "image_name" { default = "busybox:latest" }', 'var.image_name');
    const fromFiles = { image_name: { value: null, source: 'prod.hcl:1', expression: '"a" + "b"' } };
    const report = await lintText('project.nomad', text, { fromFiles });
    expect(report.findings).toEqual([]);
    expect(report.unchecked).toHaveLength(1);
  });
});

describe('a mistake that a deploy refuses is an error at its line:', () => {
  test.each<[string, string, string, string]>([
    ['an open block', 'project.nomad', 'job "a" {\n  group "b" {\n}\n', 'project.nomad:1 the block `job`'],
    ['an open text', 'project.nomad', 'job "a" {\n  type = "batch\n}\n', 'project.nomad:2 the text has no closing'],
    ['single quotes', 'project.nomad', 'job "a" {\n  type = \'batch\'\n}\n', 'project.nomad:2 HCL does not know the character'],
    ['a missing comma', 'project.nomad', 'job "a" {\n  datacenters = ["a" "b"]\n}\n', 'project.nomad:2 expected `,` or `]`'],
    ['a missing value', 'project.nomad', 'job "a" {\n  type =\n}\n', 'project.nomad:2 expected a value'],
    [
      'an attribute that is set twice',
      'project.nomad',
      'job "a" {\n  type = "x"\n  type = "y"\n}\n',
      'project.nomad:3 `type` is set twice',
    ],
    [
      'an unknown variable',
      'project.nomad',
      `variable "image" {}\n${job(task('image = var.imag'))}`,
      'project.nomad:11 nothing declares var.imag; did you mean var.image?',
    ],
    ['an unknown local', 'project.nomad', job(task('image = "${local.x}"')), 'project.nomad:10 nothing declares local.x'],
    ['a file without a job', 'project.nomad', 'variable "image" {}\n', 'project.nomad:1 the file has no `job` block'],
    ['JSON that ends too early', 'web.json', '{\n  "ID": "x",\n', 'web.json:3 '],
    ['YAML with a tab', 'web.yaml', 'ID: x\nTaskGroups:\n\t- Name: a\n', 'web.yaml:3 '],
    ['a template with an unknown name', 'web.nomad.hbs', 'job "a" {\n  type = {{hcl kind}}\n}\n', 'web.nomad.hbs:2 '],
    ['a template of Levant', 'project.nomad', 'job "a" {\n  type = "[[ .kind ]]"\n}\n', 'project.nomad:2 '],
  ])('%s', async (_name, file, text, expected) => {
    const found = errors(await lintText(file, text));
    expect(found).toHaveLength(1);
    const [first] = found;
    expect(`${first?.location?.file}:${first?.location?.line} ${first?.text}`).toContain(expected);
  });

  test('a value that a variable of the built-in template does not take', async () => {
    const report = await lintText(undefined, '', { vars: { MEMORY: 'much', CHECK_PROTOCOL: 'smtp', PORTS: '{ 80 = "web" }' } });
    expect(errors(report).map(({ rule, text }) => `${rule} ${text.split(' ')[1]}`)).toEqual([
      'input MEMORY',
      'input CHECK_PROTOCOL',
      'input PORTS',
    ]);
    const other = await lintText(undefined, '', { vars: { CHECK_PROTOCOL: 'smtp', PORTS: '{ 80 = "web" }' } });
    expect(errors(other).map(({ text }) => text)).toEqual([expect.stringContaining('CHECK_PROTOCOL'), expect.stringContaining('PORTS')]);
  });

  test('a mistake in a fragment, at its line; the right sibling has none', async () => {
    const bad = await lintText(undefined, '', { fragments: { job: 'constraint {\n  attribute = var.nothing\n}\n' } });
    expect(told(bad)).toEqual(['job.nomad:2 spec']);
    const good = await lintText(undefined, '', {
      fragments: { vars: 'variable "nothing" { default = "x" }\n', job: 'constraint {\n  attribute = var.nothing\n}\n' },
    });
    expect(told(good)).toEqual([]);
  });

  test('an unknown name in `lint-off`, with the nearest one', () => {
    expect(() => requireLints(['latest', 'memory'])).not.toThrow();
    expect(() => requireLints(['latst'])).toThrow('there is no lint "latst"; did you mean latest?');
    expect(() => requireLints(['constructor'])).toThrow('there is no lint');
  });
});

describe('the policy', () => {
  const policy = (rules: object): Rendering['policy'] =>
    ({
      policy: { at: { file: 'nomad-deploy.yml', line: 1 }, ...rules },
      source: 'nomad-deploy.yml of main at 1a2b3c4',
    }) as unknown as Rendering['policy'];
  test('is judged at the line, and its right sibling passes', async () => {
    const text = job(task(`${PINNED}\n        privileged = true`));
    const report = await lintText('project.nomad', text, { policy: policy({ privileged: false }), off: ['root'] });
    expect(told(report)).toEqual(['project.nomad:11 policy']);
    expect(told(await lintText('project.nomad', text, { policy: policy({ privileged: true }), off: ['root'] }))).toEqual([]);
  });
  test('says what it could not judge, and guesses no default of Nomad', async () => {
    const text = job(task(PINNED)).replace('memory = 64', 'memory = max(64, 32)');
    const report = await lintText('project.nomad', text, { policy: policy({ maxMemory: 128 }) });
    expect(told(report)).toEqual([]);
    expect(report.unchecked).toContainEqual({ what: '`memory`', rules: ['policy'], location: { file: 'project.nomad', line: 7 } });
    const none = await lintText('project.nomad', text.replace('memory = max(64, 32)', ''), {
      policy: policy({ maxMemory: 128 }),
      off: ['memory'],
    });
    expect(errors(none).map(({ rule }) => rule)).toEqual(['policy']);
  });
  test('of `allowed-drivers`, also for a job object', async () => {
    const text = JSON.stringify({
      ID: 'a',
      Type: 'batch',
      TaskGroups: [{ Name: 'g', Tasks: [{ Name: 't', Driver: 'exec', Resources: { MemoryMB: 10 } }] }],
    });
    expect(errors(await lintText('a.json', text, { allowedDrivers: ['docker'] })).map(({ rule }) => rule)).toEqual(['policy']);
    expect(errors(await lintText('a.json', text, { allowedDrivers: ['exec'] }))).toEqual([]);
  });
});

describe('every file of the corpus', () => {
  const folder = join(import.meta.dirname, '../../../fixtures/corpus');
  const files = readdirSync(folder).filter((name) => /\.(hcl|nomad|job|json)$/.test(name) && !/\.vars\./.test(name));
  test.each(files)('%s is checked, and has no error that Nomad does not have', async (name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const report = await lintText(name, text);
    const isRefused = /^# Refused/m.test(text);
    expect(isRefused ? [] : errors(report)).toEqual([]);
    const lines = text.split('\n').length;
    expect(report.findings.filter(({ location }) => (location?.line ?? 1) > lines)).toEqual([]);
  });
});

/** Texts of a size, each of which costs more than linear time if something reads it again for each of its parts. */
const LARGE: readonly (readonly [string, string, (parts: number) => string])[] = [
  [
    'tasks',
    'a.nomad',
    (n) =>
      job(
        Array.from({ length: n }, (_, i) => `task "t${i}" {\n driver = "docker"\n config {\n image = "busybox:latest"\n }\n}\n`).join(''),
      ),
  ],
  [
    'groups with unknown counts',
    'a.nomad',
    (n) =>
      `job "a" {\n${Array.from({ length: n }, (_, i) => `group "g${i}" {\n count = f(${i})\n update {\n canary = f(1)\n }\n task "t" {\n driver = f("x")\n }\n}\n`).join('')}}\n`,
  ],
  ['comments', 'a.nomad', (n) => job(`${task('image = "busybox"')}\n${'# nomad-deploy:ignore x\nmeta {\n a = 1\n}\n'.repeat(n)}`)],
  ['unknown variables', 'a.nomad', (n) => job(`env {\n${Array.from({ length: n }, (_, i) => `A${i} = var.x${i}\n`).join('')}}\n`)],
  [
    'environment',
    'a.json',
    (n) =>
      JSON.stringify(
        {
          ID: 'a',
          TaskGroups: [
            {
              Name: 'g',
              Tasks: [{ Name: 't', Driver: 'docker', Env: Object.fromEntries(Array.from({ length: n }, (_, i) => [`K${i}_TOKEN`, 'v'])) }],
            },
          ],
        },
        null,
        1,
      ),
  ],
  ['one long text', 'a.nomad', (n) => job(task(`image = "${'x${'.repeat(n)}"`))],
  ['open brackets', 'a.nomad', (n) => `a = ${'['.repeat(n * 10)}`],
];
describe('a large file takes time in proportion to its size', () => {
  test.each(LARGE)(
    '%s',
    async (_name, file, made) => {
      const time = async (parts: number): Promise<number> => {
        const text = made(parts);
        const began = performance.now();
        await lintText(file, text);
        return performance.now() - began;
      };
      await time(100);
      const small = Math.min(await time(300), await time(300), await time(300));
      const large = Math.min(await time(2_400), await time(2_400));
      // Eight times the size; quadratic work takes 64 times as long.
      expect(large / Math.max(small, 5)).toBeLessThan(30);
    },
    60_000,
  );
});
