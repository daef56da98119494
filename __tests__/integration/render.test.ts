import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { makeWorkspace } from '../../scripts/parts/action.ts';
import { output } from '../../scripts/parts/exec.ts';
import type { Setting } from '../../src/jobspec/types.ts';
import { deploy } from '../helpers/deploying.ts';
import { startGitHub } from '../helpers/github.ts';
import { parts } from '../helpers/parts.ts';

type Deployed = Awaited<ReturnType<typeof deploy>>;

/** The list in the result file, by name. */
function settingsOf({ outputs }: Deployed): Record<string, readonly [value: string, source: string]> {
  const result = JSON.parse(readFileSync(outputs['result'] ?? '', 'utf8')) as { settings: Setting[] };
  return Object.fromEntries(result.settings.map(({ name, value, source }) => [name, [value, source]]));
}

/** The lines of the log's group. */
function group({ log }: Deployed): string[] {
  const [, lines = ''] = /::group::Resolved values\n([\s\S]*?)\n::endgroup::/.exec(log) ?? [];
  return lines.split('\n');
}

const IMAGE = { build: 'false', image: 'busybox:1.37' };
const SECRETS = { NOMAD_TOKEN: 'token-of-nomad', NOMAD_SECRET_DB: 'hunter2-one', NOMAD_VAR_CI_REGISTRY_PASSWORD: 'hunter2-two' };

describe('render prints every value with its source', () => {
  test('of the built-in template', async () => {
    const run = await deploy({
      files: {},
      inputs: { command: 'render', ...IMAGE, vars: 'MEMORY=512', secrets: 'KEY=hunter2-three' },
      env: { ...SECRETS, GITHUB_REF_NAME: 'production', BASE_DOMAIN: 'dev.example.com', NOMAD_VAR_CHECK_PATH: '/health' },
    });
    expect(run.outputs).toMatchObject({ outcome: 'rendered', 'job-id': 'acme-shop' });
    const found = settingsOf(run);
    expect(found).toMatchObject({
      command: ['render', 'input'],
      'nomad-addr': [parts().nomad.address, 'input'],
      'nomad-token': ['***', 'NOMAD_TOKEN'],
      'nomad-namespace': ['default', 'default'],
      environment: ['production', 'branch production'],
      'base-domain': ['dev.example.com', 'BASE_DOMAIN'],
      'job-name': ['acme-shop', 'repository'],
      hostnames: ['shop.prod.example.com', 'repository and BASE_DOMAIN'],
      build: ['false', 'input'],
      image: ['busybox:1.37', 'input'],
      wait: ['true', 'default'],
      'secret.DB': ['***', 'NOMAD_SECRET_DB'],
      'secret.KEY': ['***', 'input secrets'],
      'var.MEMORY': ['512', 'input vars'],
      'var.CHECK_PATH': ['/health', 'NOMAD_VAR_CHECK_PATH'],
      'var.COUNT': ['3', 'automatic'],
      'var.CPU': ['100', 'default'],
      'var.PORTS': ['{"5000":"http"}', 'default'],
      'var.CI_REGISTRY_PASSWORD': ['***', 'NOMAD_VAR_CI_REGISTRY_PASSWORD'],
      'var.CI_COMMIT_REF_NAME': ['production', 'automatic'],
      'var.CI_COMMIT_TAG': ['', 'default'],
    });
    expect(group(run)).toEqual(Object.entries(found).map(([name, [value, source]]) => expect.stringMatching(line(name, value, source))));
    for (const text of [run.shown, run.summary, readFileSync(run.outputs['result'] ?? '', 'utf8')]) expect(text).not.toContain('hunter2');
  });

  test('of a spec of the repository, with its variable files', async () => {
    const spec = `variable "memory" { default = 300 }
variable "replicas" {}
variable "tag" { default = "v1" }
job "render-own" {
  namespace = "default"
  group "g" {
    count = var.replicas
    task "t" {
      driver = "raw_exec"
      config { command = "/bin/sleep" }
      env { TAG = var.tag }
      resources { memory = var.memory }
    }
  }
}
`;
    const run = await deploy({
      files: { 'web.nomad': spec, 'prod.hcl': '# sizes\nmemory = 64\nreplicas = 2\n' },
      inputs: { command: 'render', build: 'false', job: 'web.nomad', 'var-files': 'prod.hcl' },
      env: { NOMAD_VAR_replicas: '1' },
    });
    expect(settingsOf(run)).toMatchObject({
      job: ['web.nomad', 'input'],
      'var-files': ['prod.hcl', 'input'],
      'job-name': ['render-own', 'web.nomad'],
      'nomad-namespace': ['default', 'web.nomad'],
      'nomad-region': ["the agent's own", 'default'],
      'var.memory': ['64', 'prod.hcl:2'],
      'var.replicas': ['1', 'NOMAD_VAR_replicas'],
      'var.tag': ['v1', 'default'],
    });
  });

  test('but none of a variable that may be a secret, in the log, the summary or the result', async () => {
    const given = {
      postgres_pass: 'correct-horse',
      github_pat: 'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
      tailscale_auth: 'tail-4711',
      hass_key: 'front-door',
      youtube_cookies: 'CONSENT=yes',
      image_tag: '6dc8c1e5-0f5c-4a3c-9f0b-3a2ad5a9a1f1',
    };
    const names = Object.keys(given);
    const spec = `${names.map((name) => `variable "${name}" {}`).join('\n')}
job "render-secretive" {
  group "g" {
    task "t" {
      driver = "raw_exec"
      config { command = "/bin/sleep" }
      env {
        URL = "postgres://shop:\${var.postgres_pass}@db"
        ${names.map((name) => `${name} = var.${name}`).join('\n        ')}
      }
    }
  }
}
`;
    for (const command of ['render', 'plan']) {
      const run = await deploy({
        files: { 'web.nomad': spec },
        inputs: { command, build: 'false', job: 'web.nomad' },
        env: Object.fromEntries(Object.entries(given).map(([name, value]) => [`NOMAD_VAR_${name}`, value])),
      });
      expect(run.code).toBe(0);
      for (const name of names) expect(settingsOf(run)[`var.${name}`]).toEqual(['***', `NOMAD_VAR_${name}`]);
      for (const text of [run.shown, run.summary, readFileSync(run.outputs['result'] ?? '', 'utf8')])
        for (const value of Object.values(given)) expect(text).not.toContain(value);
      expect(readFileSync(run.outputs['spec'] ?? '', 'utf8')).toContain('postgres://shop:correct-horse@db');
    }
  });

  test("of a variable file with expressions: the cluster evaluates them, as Nomad's own program does", async () => {
    const names = ['count', 'memory', 'name', 'zones', 'motd', 'limits', 'tier', 'smile', 'none'];
    const spec = `${names.map((name) => `variable "${name}" {}\n`).join('')}job "render-expressions" {
  meta {
${names.map((name) => `    ${name} = jsonencode(var.${name})\n`).join('')}  }
  group "g" {
    task "t" {
      driver = "raw_exec"
    }
  }
}
`;
    const values = `count = 1e1
memory = 2 * (100 + 56) # MB
name   = "web-\${1 + 1}"
zones  = [for zone in ["a", "b"]: "eu-\${zone}"]
motd   = <<-EOT
  %{ if true }yes%{ else }no%{ endif }
  EOT
limits = { cpu = 2 * 100, mem : 3 > 2 ? 512 : 256 }
tier   = ["free", "large"][1]
smile  = "\\U0001F600"
none   = true ? null : 1
`;
    const files = (text: string) => ({ 'web.nomad': spec, 'prod.hcl': text });
    const inputs = { command: 'render', build: 'false', job: 'web.nomad', 'var-files': 'prod.hcl' };
    const rendered = await deploy({ files: files(values), inputs });
    expect(rendered.outputs).toMatchObject({ outcome: 'rendered' });
    const cwd = makeWorkspace(files(values));
    const own = await output(parts().nomadBin, ['job', 'run', '-output', '-var-file=prod.hcl', 'web.nomad'], { cwd, env: {} });
    const { Job } = JSON.parse(own) as { Job: { Meta: object } };
    expect(Job.Meta).toMatchObject({ memory: '312', zones: '["eu-a","eu-b"]', limits: '{"cpu":200,"mem":512}' });
    expect(JSON.parse(readFileSync(rendered.outputs['spec'] ?? '', 'utf8'))).toMatchObject({ Meta: Job.Meta });
    expect(settingsOf(rendered)).toMatchObject({ 'var.memory': ['312', 'prod.hcl:2'] });

    for (const [from, to, cause] of [
      ['"eu-${zone}"', 'upper(zone)', /^prod\.hcl:4: variable zones: .*[Ff]unction/],
      ['2 * (100', '2 * ("x"', /^prod\.hcl:2: variable memory: .*number/],
      ['(100 + 56)', 'count', /^prod\.hcl:2:1: variable memory: /],
    ] as const) {
      const refused = await deploy({ files: files(values.replace(from, to)), inputs });
      expect(refused.outputs).toMatchObject({ 'failure-reason': 'input-invalid', cause: expect.stringMatching(cause) });
      expect(refused.annotations).toContainEqual(expect.objectContaining({ level: 'error', file: 'prod.hcl' }));
    }
    const status = await deploy({ files: files(values), inputs: { ...inputs, command: 'status' } });
    expect(status.outputs['cause']).toContain('there is no job render-expressions');
  });

  test('of a `variables` block, in the spec and in a vars.nomad', async () => {
    const files = {
      'project.nomad': `variables {
  CI_GITHUB_IMAGE = "busybox:1.36"
  MEMORY          = 300
  SLUG            = "stock"
  DEBUG           = false
  TIER            = "free"
  ZONES           = ["a"]
}
job "NOMAD_VAR_SLUG" {
  meta {
    slug  = var.SLUG
    debug = var.DEBUG
    tier  = var.TIER
    zones = join(",", var.ZONES)
    owner = var.OWNER
  }
  group "group" {
    task "http" {
      driver = "docker"
      config { image = var.CI_GITHUB_IMAGE }
      resources { memory = var.MEMORY }
    }
  }
}
`,
      'vars.nomad': 'variables {\n  OWNER = "nobody"\n}\n',
      'prod.hcl': 'TIER = "gold"\n',
    };
    const run = await deploy({
      files,
      inputs: { command: 'render', ...IMAGE, vars: 'DEBUG=true', 'var-files': 'prod.hcl' },
      env: { NOMAD_VAR_MEMORY: '512', NOMAD_VAR_OWNER: 'team-a', NOMAD_VAR_ZONES: '["b"]' },
    });
    expect(run.outputs).toMatchObject({ outcome: 'rendered', 'job-id': 'acme-shop' });
    expect(JSON.parse(readFileSync(run.outputs['spec'] ?? '', 'utf8'))).toMatchObject({
      Meta: { slug: 'acme-shop', debug: 'true', tier: 'gold', zones: 'b', owner: 'team-a' },
      TaskGroups: [{ Tasks: [{ Config: { image: 'busybox:1.37' }, Resources: { MemoryMB: 512 } }] }],
    });
    expect(settingsOf(run)).toMatchObject({
      'var.MEMORY': ['512', 'NOMAD_VAR_MEMORY'],
      'var.TIER': ['gold', 'prod.hcl:1'],
      'var.DEBUG': ['true', 'input vars'],
      'var.SLUG': ['acme-shop', 'automatic'],
    });
    expect(run.annotations.filter(({ level }) => level !== 'notice')).toEqual([]);
  });

  test('of a configuration file, and warns of what it does not know', async () => {
    const { nomad } = parts();
    const file = [
      'build: false',
      'image: busybox:1.37',
      'vars: { MEMORY: 512, CPU: 50 }',
      'waitt: false',
      'environments:',
      '  production:',
      '    branch: release',
      `    nomad-addr: ${nomad.address}`,
      '    token-env: TOKEN_OF_PROD',
      '    vars: { MEMORY: 64 }',
    ].join('\n');
    const github = await startGitHub();
    github.state.contents.set('nomad-deploy.yml', file);
    const run = await deploy({
      github,
      files: {
        'nomad-deploy.yml': file.replace(`nomad-addr: ${nomad.address}`, 'wait: true'),
      },
      inputs: { command: 'render', 'nomad-addr': '', vars: 'CPU=20' },
      env: { GITHUB_REF_NAME: 'release', NOMAD_ADDR: 'http://127.0.0.1:1', TOKEN_OF_PROD: 'token-of-prod', NOMAD_VAR_MEMORY: '1' },
    });
    await github.stop();
    expect(run.outputs).toMatchObject({ outcome: 'rendered', environment: 'production', 'job-id': 'acme-shop' });
    // The branch's file for what the workload is, and that of the default branch, by its commit, for where it goes.
    expect(settingsOf(run)).toMatchObject({
      config: ['nomad-deploy.yml', 'default'],
      environment: ['production', 'branch release, nomad-deploy.yml'],
      'nomad-addr': [nomad.address, 'nomad-deploy.yml:8 of main at aaaaaaa'],
      image: ['busybox:1.37', 'nomad-deploy.yml:2 of main at aaaaaaa'],
      'nomad-token': ['***', 'TOKEN_OF_PROD'],
      build: ['false', 'nomad-deploy.yml:1'],
      'var.MEMORY': ['64', 'nomad-deploy.yml:10 of main at aaaaaaa'],
      'var.CPU': ['20', 'input vars'],
    });
    expect(run.masks).toContain('token-of-prod');
    expect(run.annotations).toContainEqual(
      expect.objectContaining({
        level: 'warning',
        message: 'nomad-deploy.yml:4:1: unknown key `waitt` at the top of the file: did you mean `wait`?',
        file: 'nomad-deploy.yml',
        line: 4,
      }),
    );
    const wrong = await deploy({ files: { 'nomad-deploy.yml': 'wait: [1]\nnomad-namepsace: x\n' }, inputs: { command: 'render' } });
    expect(wrong.outputs).toMatchObject({ outcome: 'failed', 'failure-reason': 'input-invalid' });
    expect(wrong.outputs['cause']).toBe(
      [
        '2 problems:',
        '- nomad-deploy.yml:1:7: `wait` is a list; it takes true or false',
        '- nomad-deploy.yml:2:1: unknown key `nomad-namepsace` at the top of the file: did you mean `nomad-namespace`?',
      ].join('\n'),
    );
  });
});

test.each([
  [
    'json',
    '{"ID": "long-numbers", "Type": "batch", "SubmitTime": 1621343037528980394, "TaskGroups": [{"Name": "g", "Tasks": [{"Name": "t", "Driver": "raw_exec", "Config": {"command": "/bin/true", "seed": 9007199254740993}}]}]}',
  ],
  [
    'yaml',
    'ID: long-numbers\nType: batch\nSubmitTime: 1621343037528980394\nTaskGroups:\n- Name: g\n  Tasks:\n  - Name: t\n    Driver: raw_exec\n    Config: { command: /bin/true, seed: 9007199254740993 }\n',
  ],
  [
    'nomad',
    'job "long-numbers" {\n  type = "batch"\n  group "g" {\n    task "t" {\n      driver = "raw_exec"\n      config {\n        command = "/bin/true"\n        seed = 9007199254740993\n      }\n    }\n  }\n}\n',
  ],
])('the output `spec` has all digits of the numbers of a spec in %s', async (format, text) => {
  const { outputs } = await deploy({
    files: { [`job.${format}`]: text },
    inputs: { command: 'render', build: 'false', job: `job.${format}` },
  });
  expect(outputs).toMatchObject({ outcome: 'rendered' });
  const written = readFileSync(outputs['spec'] ?? '', 'utf8');
  expect(written).toContain('"seed": 9007199254740993');
  expect(written).not.toContain('rawJSON');
});

test.each([
  [
    'a word without quotes',
    'driver = raw_exec',
    'web.nomad:4: `driver` is "${raw_exec}", which Nomad does not interpolate: write "raw_exec", with quotes',
  ],
  [
    'a field that is not interpolated',
    'driver = "${driver}"',
    'web.nomad:4: `driver` is "${driver}", which Nomad does not interpolate: write the value itself, or `var.NAME`',
  ],
  [
    'a template of Levant',
    'driver = "[[ .driver ]]"',
    'web.nomad:4: [[ .driver ]] is a template of Levant or nomad-pack, which Nomad does not render',
  ],
  [
    'a name that the task does not have',
    'driver = "docker"\n config {\n image = "shop:${TAG}"\n }',
    "web.nomad:6: `image` of the task t has ${TAG}, and the task has no variable of that name: declare a variable and write ${var.NAME}, or set TAG in the task's `env`",
  ],
  [
    'a template of another engine',
    'driver = "docker"\n config {\n image = "shop:{{ tag }}"\n }',
    'web.nomad:6: `image` is "shop:{{ tag }}", which is a placeholder of another program: write the image itself, or `var.NAME`',
  ],
  [
    'a value of another engine',
    'driver = {{ driver }}',
    'web.nomad:4:26: Missing key/value separator; Expected an equals sign ("=") to mark the beginning of the attribute value. `{{ driver }}` is a placeholder of another program: render the file first, or declare a variable and write `var.NAME`.',
  ],
])('%s is refused before anything is written', async (_what, driver, cause) => {
  const files = { 'web.nomad': `job "render-foreign" {\n  group "g" {\n    task "t" {\n      ${driver}\n    }\n  }\n}\n` };
  const { outputs } = await deploy({ files, inputs: { build: 'false', job: 'web.nomad' } });
  expect(outputs).toMatchObject({ outcome: 'failed', 'failure-reason': 'jobspec-invalid', cause });
});

test('specs of any name are what their content says', async () => {
  const hcl = (id: string): string => `# ours\njob "${id}" {\n  group "g" {\n    task "t" {\n      driver = "raw_exec"\n    }\n  }\n}\n`;
  const object = (id: string): object => ({ ID: id, TaskGroups: [{ Name: 'g', Tasks: [{ Name: 't', Driver: 'raw_exec' }] }] });
  const files = {
    'jobs/a.job': hcl('any-a'),
    'jobs/b': JSON.stringify(object('any-b')),
    'jobs/c.prod': 'ID: any-c\nTaskGroups:\n- Name: g\n  Tasks:\n  - { Name: t, Driver: raw_exec }\n',
    'jobs/d.job.hbs': hcl('any-{{vars.x}}'),
  };
  const { outputs, log } = await deploy({ files, inputs: { command: 'render', build: 'false', job: 'jobs/*', vars: 'x=d' } });
  expect(outputs).toMatchObject({ outcome: 'rendered', 'job-id': 'any-a' });
  for (const id of ['any-a', 'any-b', 'any-c', 'any-d']) expect(log).toContain(`"ID": "${id}"`);
});

test('Nomad takes the names that are made, however long and many what they are made of is', async () => {
  const { outputs } = await deploy({
    files: {},
    inputs: { command: 'render', ...IMAGE, 'base-domain': `${'d'.repeat(63)}.example.com` },
    env: {
      GITHUB_REPOSITORY: `acme/${'shop-'.repeat(19)}`,
      GITHUB_REF_NAME: `feature/${'very-'.repeat(40)}long`,
      NOMAD_VAR_PORTS: `{ 5000 = "http", 8080 = "admin", 9000 = "${'p'.repeat(63)}" }`,
      NOMAD_VAR_PORT_CANARY_TAGS: 'true',
    },
  });
  expect(outputs).toMatchObject({ outcome: 'rendered', 'job-id': expect.stringMatching(/^acme-shop-[a-z-]{46}-[0-9a-f]{6}$/) });
  const { services, tags } = namesOf(outputs['spec']);
  expect([new Set(services).size, new Set(tags).size]).toEqual([3, 6]);
  for (const name of [...services, ...tags.flatMap((tag) => tag.replace('https://', '').split('.'))]) {
    expect(name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
  }

  const many = Array.from({ length: 120 }, (_, i) => `h${i}`);
  const main = await deploy({
    files: {},
    inputs: { command: 'render', ...IMAGE, 'base-domain': 'example.com' },
    env: { NOMAD_VAR_HOSTNAMES: JSON.stringify(many) },
  });
  expect(main.outputs).toMatchObject({ outcome: 'rendered', url: 'https://h0.example.com' });
  expect(namesOf(main.outputs['spec']).tags).toEqual([
    ...many.map((name) => `https://${name}.example.com`),
    ...many.map((name) => `https://canary-${name}.example.com`),
  ]);
});

interface Service {
  readonly Name: string;
  readonly Tags: readonly string[] | null;
  readonly CanaryTags: readonly string[] | null;
}

function namesOf(path: string | undefined): { services: string[]; tags: string[] } {
  const { TaskGroups } = JSON.parse(readFileSync(path ?? '', 'utf8')) as { TaskGroups: { Services: Service[] }[] };
  const services = TaskGroups.flatMap(({ Services }) => Services);
  return {
    services: services.map(({ Name }) => Name),
    tags: services.flatMap(({ Tags, CanaryTags }) => [...(Tags ?? []), ...(CanaryTags ?? [])]),
  };
}

function line(name: string, value: string, source: string): RegExp {
  const [quotedName, quotedValue, quotedSource] = [name, value === '' ? '""' : value, source].map((text) =>
    text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  );
  return new RegExp(`^${quotedName} +${quotedValue} +${quotedSource}$`);
}
