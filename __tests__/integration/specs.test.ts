import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Job } from '../../src/nomad/types.ts';
import { execute } from '../../src/runtime/exec.ts';
import { findNomad } from '../../src/runtime/nomad-cli.ts';
import type { Log, Runtime } from '../../src/runtime/runtime.ts';
import { cluster, deploy, spec } from '../helpers/deploying.ts';
import { parts } from '../helpers/parts.ts';

interface Rendered extends Job {
  readonly Datacenters?: readonly string[] | null;
}

const rendered = (path: string | undefined): Rendered => JSON.parse(readFileSync(path ?? '', 'utf8'));
const render = async (files: Record<string, string>, inputs: Record<string, string>, env: Record<string, string> = {}) =>
  deploy({ files, inputs: { command: 'render', build: 'false', ...inputs }, env });

/** A task that runs nothing for long, as HCL. */
const task = `driver = "raw_exec"
      config {
        command = "/bin/sleep"
        args    = ["600"]
      }
      resources {
        cpu    = 10
        memory = 16
      }`;

/** The same as a job object. */
const object = (id: string): object => ({
  ID: id,
  Name: id,
  Type: 'service',
  Update: { MinHealthyTime: 500_000_000, HealthyDeadline: 8_000_000_000, ProgressDeadline: 9_000_000_000, HealthCheck: 'task_states' },
  TaskGroups: [
    {
      Name: 'g',
      Count: 1,
      Tasks: [
        {
          Name: 't',
          Driver: 'raw_exec',
          Config: { command: '/bin/sleep', args: ['600'] },
          Resources: { CPU: 10, MemoryMB: 16 },
        },
      ],
    },
  ],
});

describe('a job object', () => {
  test('in JSON is deployed, and unchanged the second time', async () => {
    const files = { 'web.json': JSON.stringify({ Job: object('spec-json') }) };
    const first = await deploy({ files, inputs: { job: 'web.json' } });
    expect(first.outputs).toMatchObject({ outcome: 'successful', 'job-id': 'spec-json' });
    expect((await deploy({ files, inputs: { job: 'web.json' } })).outputs).toMatchObject({ outcome: 'unchanged', 'job-version': '0' });
  });

  test('in YAML is the same job', async () => {
    const yaml =
      'ID: spec-yaml\nName: spec-yaml\nTaskGroups:\n- Name: g\n  Count: 2\n  Tasks:\n  - Name: t\n    Driver: raw_exec\n    Config: {command: /bin/true}\n';
    const { outputs } = await render({ 'web.yml': yaml }, { job: 'web.yml' });
    expect(rendered(outputs['spec'])).toMatchObject({ ID: 'spec-yaml', TaskGroups: [{ Count: 2 }] });
  });

  test('with a value of the wrong type is told by its name', async () => {
    const { outputs } = await render(
      { 'web.yaml': 'ID: y\nName: y\nUpdate:\n  MinHealthyTime: 5s\nTaskGroups: []\n' },
      { job: 'web.yaml' },
    );
    expect(outputs).toMatchObject({
      'failure-reason': 'jobspec-invalid',
      cause: expect.stringContaining("Update.MinHealthyTime can't be a string: a duration is a whole number of nanoseconds"),
    });
  });

  test('that Nomad refuses is told with its file', async () => {
    const { outputs, annotations } = await render({ 'web.json': '{"ID": "x", "Name": "x", "TaskGroups": []}' }, { job: 'web.json' });
    expect(outputs).toMatchObject({
      outcome: 'failed',
      'failure-reason': 'jobspec-invalid',
      cause: expect.stringContaining('task groups'),
    });
    expect(annotations).toContainEqual(expect.objectContaining({ level: 'error', file: 'web.json' }));
  });
});

describe('a template of the repository', () => {
  const source = `job "{{job.id}}" {
  datacenters = {{hcl vars.DATACENTERS}}
  meta {
    {{#if (eq target.environment "review")}}
    url = {{hcl target.url}}
    {{/if}}
    commit = {{hcl github.sha}}
    image  = {{hcl image}}
  }
{{#each vars.WORKERS}}
  group "worker-{{this}}" {
    task "t" {
      ${task}
{{{{raw}}}}
      template {
        data        = "{{ env \\"NOMAD_ALLOC_ID\\" }}"
        destination = "local/x"
      }
{{{{/raw}}}}
    }
  }
{{/each}}
}
`;
  const inputs = { job: 'web.nomad.hbs', 'var-files': 'vars.hcl', image: `web@sha256:${'0a'.repeat(32)}` };
  const variables = 'WORKERS     = ["a", "b"]\nDATACENTERS = ["dc1"]\n';

  test('becomes a job with our data', async () => {
    const env = { GITHUB_REF_NAME: 'fix/7', BASE_DOMAIN: 'dev.example.com' };
    const { outputs } = await render({ 'web.nomad.hbs': source, 'vars.hcl': variables }, inputs, env);
    expect(rendered(outputs['spec'])).toMatchObject({
      ID: 'acme-shop-fix-7',
      Datacenters: ['dc1'],
      Meta: {
        url: 'https://acme-shop-fix-7.dev.example.com',
        commit: 'ffac537e6cbbf934b08745a378932722df287a53',
        image: inputs.image,
      },
      TaskGroups: [{ Name: 'worker-a', Tasks: [{ Templates: [{ EmbeddedTmpl: '{{ env "NOMAD_ALLOC_ID" }}' }] }] }, { Name: 'worker-b' }],
    });
  });

  test.each([
    ['a name that it does not have', source.replace('github.sha', 'github.nope'), 'web.nomad.hbs:7: "nope" not defined'],
    [
      'a variable that nobody gave',
      source.replace('vars.WORKERS', 'target.hostnames').replace('vars.DATACENTERS', 'vars.NOPE'),
      'web.nomad.hbs:2: ',
    ],
    [
      'what the cluster does not understand, behind a loop',
      source.replace(/\}\n$/, '  nope = 1\n}\n'),
      'web.nomad.hbs:31:3: Unsupported argument',
    ],
    ['what the cluster does not understand, in a loop', source.replace('driver =', 'drivr ='), 'web.nomad.hbs:13:7: Unsupported argument'],
  ])('with %s is refused by its own line', async (_what, text, message) => {
    const { outputs, annotations } = await render({ 'web.nomad.hbs': text, 'vars.hcl': variables }, inputs);
    expect(outputs).toMatchObject({ outcome: 'failed', 'failure-reason': 'jobspec-invalid', cause: expect.stringContaining(message) });
    expect(annotations).toContainEqual(
      expect.objectContaining({ level: 'error', file: 'web.nomad.hbs', line: Number(message.split(':')[1]) }),
    );
  });

  test('of a job object is one, too', async () => {
    const text = `{"ID": {{json job.id}}, "Name": {{json job.id}}, "Meta": {"image": {{json image}} }, "TaskGroups": [${JSON.stringify({ Name: 'g', Tasks: [{ Name: 't', Driver: 'raw_exec', Config: { command: '/bin/true' } }] })}]}`;
    const { outputs } = await render({ 'web.json.hbs': text }, { ...inputs, job: 'web.json.hbs', 'var-files': '' });
    expect(rendered(outputs['spec'])).toMatchObject({ ID: 'acme-shop', Meta: { image: inputs.image } });
  });
});

describe('variable files', () => {
  const source = `variable "count" {
  type = number
}
variable "dcs" {
  type    = list(string)
  default = ["dc9"]
}
variable "motd" {}
job "spec-vars" {
  datacenters = var.dcs
  meta { motd = var.motd }
  group "g" {
    count = var.count
    task "t" {
      ${task}
    }
  }
}
`;
  const files = {
    'web.nomad': source,
    'vars/base.hcl': 'count = 1\ndcs = ["dc1"]\nother = "for another spec"\n',
    'vars/prod.hcl': 'count = 2\nmotd = "a $${x}"\n',
  };
  const inputs = { job: 'web.nomad', 'var-files': 'vars/base.hcl\nvars/prod.hcl' };

  test('give values; a later one wins, and what the step says wins over all', async () => {
    const { outputs } = await render(files, inputs);
    const groups = [{ Count: 2 }];
    expect(rendered(outputs['spec'])).toMatchObject({ Datacenters: ['dc1'], Meta: { motd: 'a ${x}' }, TaskGroups: groups });
    const over = await render(files, inputs, { NOMAD_VAR_count: '3' });
    expect(rendered(over.outputs['spec'])).toMatchObject({ TaskGroups: [{ Count: 3 }] });
  });

  test('that lack a value leave it missing, told by the place of the declaration', async () => {
    const { outputs, annotations } = await render(files, { ...inputs, 'var-files': 'vars/base.hcl' });
    expect(outputs['cause']).toContain('web.nomad:8:1: variable "motd" has no value');
    expect(annotations).toContainEqual(expect.objectContaining({ level: 'error', file: 'web.nomad', line: 8 }));
  });

  test('with a mistake are refused by their own place', async () => {
    const { outputs, annotations } = await render({ ...files, 'vars/prod.hcl': 'motd = "x"\ncount = size + 1\n' }, inputs);
    expect(outputs).toMatchObject({
      'failure-reason': 'input-invalid',
      cause: expect.stringContaining('vars/prod.hcl:2:1: variable count: expected a value at "size'),
    });
    expect(annotations).toContainEqual(expect.objectContaining({ level: 'error', file: 'vars/prod.hcl', line: 2 }));
  });
});

describe('a spec that reads files', () => {
  const source = `variable "who" {
  type = string
}
job "spec-files" {
  group "g" {
    task "t" {
      ${task}
      env { MOTD = "\${file("motd.txt")} \${var.who}" }
    }
  }
}
`;
  const files = { 'app/web.nomad': source, 'app/motd.txt': 'hello' };
  const inputs = { job: 'web.nomad', 'working-directory': 'app', vars: 'who=you ${x}' };
  const task0 = (outputs: Readonly<Record<string, string>>): object | undefined => rendered(outputs['spec']).TaskGroups?.[0]?.Tasks?.[0];

  test('is parsed by the CLI that is there, relative to the working directory', async () => {
    const result = await render(files, inputs, { NOMAD_BIN: parts().nomadBin });
    expect(task0(result.outputs)).toMatchObject({ Env: { MOTD: 'hello you ${x}' } });
    expect(result.leftovers.filter((path) => path.includes('private'))).toEqual([]);
  });

  test('has its mistakes told by its own place', async () => {
    const { outputs } = await render({ 'app/web.nomad': source }, inputs, { NOMAD_BIN: parts().nomadBin });
    expect(outputs['cause']).toMatch(/^app\/web\.nomad:16:\d+: .*no file exists at motd\.txt/);
    expect(outputs['failure-reason']).toBe('jobspec-invalid');
  });

  test('may read what a pattern finds, and what a default names', async () => {
    const reading = source.replace(
      /env \{.*\}/,
      `env { MOTD = file("conf/\${var.motd}") }
      dynamic "template" {
        for_each = fileset("conf", "*.toml")
        content {
          data        = "\${template.key}=\${file("conf/\${template.value}")}"
          destination = "local/\${template.value}"
        }
      }
      meta { all = join(",", [for f in fileset("conf", "**"): file("conf/\${f}")]) }`,
    );
    const declared = `variable "motd" {\n  default = "motd.txt"\n}\n${reading}`;
    const conf = { 'app/conf/motd.txt': 'hi', 'app/conf/a.toml': 'a', 'app/conf/b.toml': 'b' };
    const { outputs } = await render({ 'app/web.nomad': declared, ...conf }, inputs, { NOMAD_BIN: parts().nomadBin });
    expect(task0(outputs)).toMatchObject({
      Env: { MOTD: 'hi' },
      Templates: [{ EmbeddedTmpl: 'a.toml=a' }, { EmbeddedTmpl: 'b.toml=b' }],
      Meta: { all: 'a,b,hi' },
    });
  });

  test('may read what lists and maps of plain texts name', async () => {
    const reading = source.replace(
      /env \{.*\}/,
      `dynamic "template" {
        for_each = local.on ? ["a", "b"] : []
        content {
          data        = file("conf/\${template.value}.toml")
          destination = "local/\${template.value}"
        }
      }
      meta {
        motd = file(local.files["motd"])
        all  = join(",", [for name in convert(values(local.files), set(string)) : file(name)])
      }`,
    );
    const declared = `locals {\n  on    = true\n  files = { motd = "conf/motd.txt" }\n}\n${reading}`;
    const conf = { 'app/conf/motd.txt': 'hi', 'app/conf/a.toml': 'a', 'app/conf/b.toml': 'b' };
    const { outputs } = await render({ 'app/web.nomad': declared, ...conf }, inputs, { NOMAD_BIN: parts().nomadBin });
    expect(task0(outputs)).toMatchObject({ Templates: [{ EmbeddedTmpl: 'a' }, { EmbeddedTmpl: 'b' }], Meta: { motd: 'hi', all: 'hi' } });
  });

  test('of the runner is refused before a program could read them', async () => {
    const spying = source.replace('${var.who}', '${file("/proc/self/environ")} ${file(join("/", ["", "etc", "passwd"]))}');
    const result = await render({ ...files, 'app/web.nomad': spying }, inputs, { NOMAD_BIN: '/no/such/program' });
    expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'jobspec-invalid' } });
    expect(result.outputs['cause']).toBe(
      'app/web.nomad:16: `file`: /proc/self/environ is outside the workspace\napp/web.nomad:16: the path of `file` is unknown before the spec is evaluated',
    );
  });

  describe('without a CLI', () => {
    /** A mirror whose archive is another one than the official, though its own list of checksums has it. */
    async function releases(): Promise<{ address: string; sum: string; asked: string[]; close: () => void }> {
      const folder = mkdtempSync(join(process.env['NOMAD_DEPLOY_TEMP'] ?? '', 'release-'));
      writeFileSync(join(folder, 'nomad'), '#!/bin/sh\necho another program\n');
      chmodSync(join(folder, 'nomad'), 0o755);
      execFileSync('python3', ['-m', 'zipfile', '-c', 'release.zip', 'nomad'], { cwd: folder });
      const zip = readFileSync(join(folder, 'release.zip'));
      const sum = createHash('sha256').update(zip).digest('hex');
      const asked: string[] = [];
      const server = createServer(({ url = '' }, response) => {
        asked.push(url);
        const name = `nomad_1.11.3_linux_${process.arch === 'x64' ? 'amd64' : process.arch}.zip`;
        response.end(url.endsWith(`/${name}`) ? zip : `${sum}  ${name}\n`);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      return { address: `http://127.0.0.1:${port}/nomad/`, sum, asked, close: () => server.close() };
    }

    const { signal } = new AbortController();
    const exec: Runtime['exec'] = async (argv, options) => execute(argv, options, { environment: {}, signal, onLine: () => undefined });

    /** Returns the environment of a runner without any tool. */
    function useEmptyToolCache(): { readonly RUNNER_TOOL_CACHE: string; readonly RUNNER_TEMP: string } {
      const folder = mkdtempSync(join(process.env['NOMAD_DEPLOY_TEMP'] ?? '', 'tools-'));
      const env = { RUNNER_TOOL_CACHE: folder, RUNNER_TEMP: folder };
      Object.assign(process.env, env);
      return env;
    }

    test('takes no release whose checksum is another than the one in our code, whatever the mirror says', async () => {
      const { address, close } = await releases();
      const { outputs, log } = await render(files, inputs, { NOMAD_RELEASES: address });
      close();
      expect(outputs).toMatchObject({ outcome: 'failed', 'failure-reason': 'unreachable' });
      expect(outputs['cause']).toMatch(
        /the checksum of nomad_1\.11\.3_linux_\w+\.zip is [0-9a-f]{64}, but the official release has [0-9a-f]{64}$/,
      );
      expect(log).not.toContain('another program');
    });

    const privateFolder = async (): Promise<string> => mkdtempSync(join(process.env['NOMAD_DEPLOY_TEMP'] ?? '', 'private-'));

    test('gets the release, verified, once', async () => {
      const { address, sum, asked, close } = await releases();
      const env = useEmptyToolCache();
      const lines: string[] = [];
      const world = { log: { info: (line: string) => void lines.push(line) } as unknown as Log, exec, signal, privateFolder };
      const checksums = Object.fromEntries(['amd64', 'arm64'].map((cpu) => [`${process.platform}_${cpu}`, sum]));
      const found = [];
      for (const _ of [1, 2]) found.push(await findNomad({ ...env, NOMAD_RELEASES: address }, world, checksums));
      close();
      expect(found.map((path) => execFileSync(path, { encoding: 'utf8' }))).toEqual(['another program\n', 'another program\n']);
      expect(found[1]).toBe(join(env.RUNNER_TOOL_CACHE, 'nomad/1.11.3', process.arch, 'nomad'));
      expect(lines).toEqual([expect.stringContaining(`downloading ${address}1.11.3/nomad_1.11.3_`)]);
      expect(asked).toHaveLength(1);
    });

    test('is fetched in a terminal, too, which has no tool cache', async () => {
      const { address, sum, close } = await releases();
      for (const name of ['RUNNER_TOOL_CACHE', 'RUNNER_TEMP']) delete process.env[name];
      const log = { info: () => undefined, debug: () => undefined } as unknown as Log;
      const checksums = Object.fromEntries(['amd64', 'arm64'].map((cpu) => [`${process.platform}_${cpu}`, sum]));
      const found = await findNomad({ NOMAD_RELEASES: address }, { log, exec, signal, privateFolder }, checksums);
      close();
      expect(execFileSync(found, { encoding: 'utf8' })).toBe('another program\n');
    });

    test('that two steps get at the same time is whole in the tool cache, and each step uses its own', async () => {
      const { address, sum, close } = await releases();
      const env = { ...useEmptyToolCache(), NOMAD_RELEASES: address };
      const log = { info: () => undefined, debug: () => undefined } as unknown as Log;
      const checksums = Object.fromEntries(['amd64', 'arm64'].map((cpu) => [`${process.platform}_${cpu}`, sum]));
      const world = { log, exec, signal, privateFolder };
      const found = await Promise.all([1, 2, 3].map(async () => findNomad(env, world, checksums)));
      close();
      const cached = await findNomad({ ...env, NOMAD_RELEASES: 'http://127.0.0.1:9' }, world, checksums);
      for (const path of [...found, cached]) expect(execFileSync(path, { encoding: 'utf8' })).toBe('another program\n');
      expect(new Set(found).size).toBe(3);
      expect(readdirSync(dirname(cached))).toEqual(['nomad']);
    });

    test('has none for a system without a known checksum', async () => {
      useEmptyToolCache();
      const world = { log: { info: () => undefined } as unknown as Log, exec, signal, privateFolder };
      await expect(findNomad({}, world, {})).rejects.toMatchObject({
        code: 'unreachable',
        message: expect.stringMatching(/the checksum of nomad_1\.11\.3_\S+ is unknown/),
      });
    });
  });
});

test('a job of another type is refused before its image is built', async () => {
  const of = (type: 'service' | 'batch'): Record<string, string> => ({
    'web.nomad': spec('spec-type', { type, command: 'exec sleep 600' }),
    Dockerfile: 'FROM scratch\nCOPY none /\n',
  });
  expect((await deploy({ files: of('service'), inputs: { job: 'web.nomad', wait: 'false', build: 'false' } })).outputs['outcome']).toBe(
    'registered',
  );
  const { outputs } = await deploy({ files: of('batch'), inputs: { job: 'web.nomad' } });
  expect(outputs).toMatchObject({
    'failure-reason': 'jobspec-invalid',
    cause: "the job spec-type is registered, and its type can't change",
  });
});

describe('several jobs', () => {
  const sleeping = (id: string): string => spec(id, { command: 'exec sleep 600' });

  test('are deployed in order, and reported one by one', async () => {
    const files = { 'jobs/a.nomad': sleeping('several-a'), 'jobs/b.nomad': sleeping('several-b') };
    const result = await deploy({ files, inputs: { job: 'jobs/*.nomad' }, env: { NOMAD_SECRET_KEY: 'hunter2hunter2' } });
    expect(result.outputs).toMatchObject({ outcome: 'successful', 'job-id': 'several-a', 'job-version': '0' });
    expect(JSON.parse(readFileSync(result.outputs['result'] ?? '', 'utf8'))).toMatchObject({
      jobId: 'several-a',
      jobs: [
        { jobId: 'several-a', outcome: 'successful', jobVersion: 0 },
        {
          jobId: 'several-b',
          outcome: 'successful',
          jobVersion: 0,
          deploymentId: expect.any(String),
          spec: expect.stringContaining('spec-2'),
        },
      ],
    });
    expect(result.summary).toMatch(/\[several-b\]\(.*\) \| ✅ successful \| 0 \(the first\)/);
    expect(await cluster.variable('several-b')).toBeDefined();
  });

  test('fail with the one that failed, and leave those behind it as they are', async () => {
    const files = {
      'a.nomad': sleeping('stop-a'),
      'b.nomad': spec('stop-b', { command: 'echo no luck >&2; sleep 1; exit 3' }),
      'c.nomad': sleeping('stop-c'),
    };
    const result = await deploy({ files, inputs: { job: 'a.nomad\nb.nomad\nc.nomad' } });
    expect(result.code).toBe(1);
    expect(result.outputs).toMatchObject({ outcome: 'failed', 'job-id': 'stop-a', cause: expect.stringMatching(/^stop-b: .*no luck/) });
    expect(JSON.parse(readFileSync(result.outputs['result'] ?? '', 'utf8'))).toMatchObject({
      jobs: [{ outcome: 'successful' }, { outcome: 'failed' }, { outcome: 'skipped', cause: 'the earlier job stop-b failed' }],
    });
    expect(await cluster.job('stop-c')).toBeUndefined();
  });

  test('have one warning for all variables that none of them declares', async () => {
    const declaring = (id: string): string => `variable "${id.replace('-', '_')}_tag" {\n  default = "1"\n}\n${sleeping(id)}`;
    const env = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`NOMAD_VAR_elsewhere_${i}`, 'x']));
    const result = await deploy({
      files: { 'a.nomad': declaring('noise-a'), 'b.nomad': declaring('noise-b') },
      inputs: { job: '*.nomad', command: 'render', vars: 'noise_a_tag=2\nnoise_b_tag=2' },
      env,
    });
    const about = result.annotations.filter(({ message }) => message.includes('NOMAD_VAR_'));
    expect(about.map(({ level }) => level)).toEqual(['warning']);
    expect(about[0]?.message).toMatch(
      /^40 variables are set, but no job spec of this run declares them: NOMAD_VAR_elsewhere_0, .*NOMAD_VAR_elsewhere_39$/,
    );
    expect(about[0]?.message).not.toContain('_tag');
  });

  test('that are refused are all told in one run, each under its own job and file', async () => {
    const files = {
      'a.nomad': sleeping('told-a'),
      'b.nomad': sleeping('told-b').replace('group "g"', 'namespace = "nowhere"\n  group "g"'),
      'c.nomad': sleeping('told-c').replace('group "g"', 'node_pool = "nowhere"\n  group "g"'),
      'd.nomad': 'job "told-d" {\n  nope = 1\n}\n',
      'e.json': '{ "Job": { "ID": "told-e", "Count": "two" } }',
    };
    const refused = [
      ['told-b', 'b.nomad', /^told-b \(b\.nomad\): Nomad refuses the job told-b: .*nonexistent namespace/],
      ['told-c', 'c.nomad', /^told-c \(c\.nomad\): .*nowhere/],
      ['told-d', 'd.nomad', /^told-d \(d\.nomad\): d\.nomad:2:3: Unsupported argument/],
      ['told-e', 'e.json', /^told-e \(e\.json\): /],
    ] as const;
    for (const command of ['render', 'deploy']) {
      const result = await deploy({ files, inputs: { job: '*.nomad\ne.json', command } });
      const errors = result.annotations.filter(({ level }) => level === 'error');
      expect(errors.map(({ file }) => file)).toEqual(refused.map(([, file]) => file));
      for (const [i, [, , message]] of refused.entries()) expect(errors[i]?.message).toMatch(message);
      expect(result.outputs).toMatchObject({
        outcome: 'failed',
        'failure-reason': 'jobspec-invalid',
        'job-id': 'told-b',
        cause: expect.stringMatching(/^Nomad refuses the job told-b: .*; also refused: told-c, told-d, told-e$/),
      });
      expect(JSON.parse(readFileSync(result.outputs['result'] ?? '', 'utf8'))).toMatchObject({
        jobs: [{ jobId: 'told-a', outcome: 'skipped' }, ...refused.map(([jobId]) => ({ jobId, outcome: 'failed' }))],
      });
      for (const [jobId] of refused) expect(result.summary).toContain(jobId);
      expect(await cluster.job('told-a')).toBeUndefined();
    }
  });

  test.each<[string, Record<string, string>, Record<string, string>, string]>([
    ['of one id', { 'a.nomad': sleeping('same'), 'b.nomad': sleeping('same') }, {}, '`job`: a.nomad and b.nomad are both the job same'],
    ['with a mistake in one', { 'a.nomad': sleeping('one'), 'b.nomad': 'job "two" {\n  nope = 1\n}\n' }, {}, 'b.nomad:2:3: Unsupported'],
    [
      'of one name',
      { 'a.nomad': sleeping('one'), 'b.nomad': sleeping('two') },
      { 'job-name': 'x' },
      "`job-name`: 2 job specs can't share one name",
    ],
  ])('%s are refused before anything is registered', async (_what, files, inputs, cause) => {
    const { outputs } = await deploy({ files, inputs: { job: '*.nomad', ...inputs } });
    expect(outputs).toMatchObject({ outcome: 'failed', cause: expect.stringContaining(cause) });
    for (const id of ['same', 'one', 'two']) expect(await cluster.job(id)).toBeUndefined();
  });
});
