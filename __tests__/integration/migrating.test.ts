// What docs/migrating-from-*.md show, as it stands there.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { makeWorkspace } from '../../scripts/parts/action.ts';
import { output } from '../../scripts/parts/exec.ts';
import type { Job } from '../../src/nomad/types.ts';
import { cluster, deploy, itemsOf, QUICK } from '../helpers/deploying.ts';
import { filesOf } from '../helpers/documents.ts';
import { deployStep, type ExampleStep, readSteps } from '../helpers/examples.ts';
import { parts } from '../helpers/parts.ts';
import { has } from '../helpers/versions.ts';

/** The blocks of code of a guide. */
function blocksOf(guide: string): string[] {
  const text = readFileSync(join(import.meta.dirname, '../../docs', guide), 'utf8');
  return [...text.matchAll(/^```\w+\n(.*?)^```/gms)].map(([, block]) => block ?? '');
}

/** The one block that holds a text. */
function blockWith(blocks: readonly string[], text: string): string {
  const found = blocks.filter((block) => block.includes(text));
  expect(found).toHaveLength(1);
  return found[0] ?? '';
}

const spec = (outputs: Readonly<Record<string, string>>): Job => JSON.parse(readFileSync(outputs['spec'] ?? '', 'utf8')) as Job;

describe('from internetarchive/nomad', () => {
  const blocks = blocksOf('migrating-from-internetarchive.md');
  const [step] = readSteps(blockWith(blocks, '# after')) as [ExampleStep];
  const value = 'it\'s $(id) #1 "quoted"\nand a second line';
  const expressions = {
    'secrets.NOMAD_TOKEN_PROD': '',
    'secrets.NOMAD_SECRETS': JSON.stringify({ API_KEY: value }),
  };
  /** Serves the secret that it sees. */
  const files = {
    Dockerfile:
      'FROM busybox:1.37\nCMD ["sh", "-c", "mkdir /site; echo \\"$API_KEY\\" > /site/index.html; exec httpd -f -p 8080 -h /site"]\n',
  };
  /** A job as it is there before: of the same name, with a second task for the secrets and a random value. */
  const before = `
    job "acme-moving" {
      meta { randomly = "8d0f" }
      group "group" {
        network {
          port "http" {}
        }
        service {
          name     = "acme-moving"
          provider = "nomad"
          port     = "http"
        }
        task "kv" {
          driver = "raw_exec"
          lifecycle { hook = "prestart" }
          config { command = "/bin/true" }
        }
        task "http" {
          driver = "raw_exec"
          config {
            command = "/bin/sleep"
            args    = ["1000"]
          }
        }
      }
      update { min_healthy_time = "0s" }
    }`;

  test('the step of the guide goes on with the job that is there, and its variable can be cleaned', async () => {
    const env = { ...QUICK, GITHUB_REPOSITORY: 'Acme/Moving' };
    const old = await deploy({ files: { 'project.nomad': before }, env: { GITHUB_REPOSITORY: 'Acme/Moving' } });
    expect(old).toMatchObject({ code: 0, outputs: { 'job-version': '0' } });
    await cluster.send('PUT', '/v1/var/nomad/jobs/acme-moving', { Items: { secrets: 'moved' } });

    const { code, outputs, log } = await deployStep(step, { files, expressions, env });
    expect({ code, outcome: outputs['outcome'], version: outputs['job-version'], url: outputs['url'] }).toEqual({
      code: 0,
      outcome: 'successful',
      version: '1',
      url: 'https://www.dev.example.com',
    });
    const job = await cluster.job('acme-moving');
    expect(job?.TaskGroups).toMatchObject([{ Name: 'group', Tasks: [{ Name: 'http', Resources: { MemoryMB: 512 } }] }]);
    expect(job?.TaskGroups?.[0]?.Tasks).toHaveLength(1);
    const [service] = await cluster.services('acme-moving');
    expect(await (await fetch(`http://${service?.Address}:${service?.Port}/`)).text()).toBe(`${value}\n`);
    expect(JSON.stringify(job)).not.toContain('quoted');
    expect(log.replaceAll(/^::add-mask::.*$/gm, '')).not.toContain('quoted');

    // The clean-up of the guide: what jq does there is done here.
    const cli = { env: { ...process.env, NOMAD_ADDR: parts().nomad.address } };
    const variable = JSON.parse(await output(parts().nomadBin, ['var', 'get', '-out=json', 'nomad/jobs/acme-moving'], cli)) as {
      Items: Record<string, string>;
    };
    const { secrets, ...items } = variable.Items;
    expect({ secrets, values: Object.values(itemsOf({ Items: items, ModifyIndex: 0 })) }).toEqual({ secrets: 'moved', values: [value] });
    const cleaned = JSON.stringify({ ...variable, Items: items });
    await output('sh', ['-c', 'printf %s "$0" | "$1" var put -in=json -', cleaned, parts().nomadBin], cli);
    expect((await cluster.variable('acme-moving'))?.Items).toEqual(items);
    expect(await deployStep(step, { files, expressions, env })).toMatchObject({ code: 0, outputs: { outcome: 'unchanged' } });
  });

  test('a copy of the stock file is told that no task sees the secrets, until it has what the guide shows', async () => {
    const copy = (variables: string, template: string): string => `
      variable "HAS_SECRETS" {
        type    = list(bool)
        default = []
      }
      ${variables}
      # VARS.NOMAD--INSERTS-HERE
      job "NOMAD_VAR_SLUG" {
        group "group" {
          dynamic "task" {
            for_each = var.HAS_SECRETS
            labels   = ["kv"]
            content { driver = "raw_exec" }
          }
          task "http" {
            driver = "docker"
            config { image = var.CI_GITHUB_IMAGE }
            ${template}
          }
          # GROUP.NOMAD--INSERTS-HERE
        }
        # JOB.NOMAD--INSERTS-HERE
      }
      variable "CI_GITHUB_IMAGE" {}`;
    const run = async (text: string): ReturnType<typeof deploy> =>
      deploy({
        files: { ...files, 'project.nomad': text },
        env: { GITHUB_REPOSITORY: 'Acme/Copy', NOMAD_SECRETS: expressions['secrets.NOMAD_SECRETS'] },
        inputs: { wait: 'false' },
      });
    const unseen = /no task of project\.nomad gets the secrets/;
    expect((await run(copy('', ''))).log).toMatch(unseen);
    const mended = await run(copy(blockWith(blocks, 'variable "SECRETS_TEMPLATE"'), blockWith(blocks, 'secrets/app.env')));
    expect(mended.code).toBe(0);
    expect(mended.log).not.toMatch(unseen);
    expect((await cluster.job('acme-copy'))?.TaskGroups?.[0]?.Tasks).toMatchObject([{ Name: 'http', Templates: [{ Envvars: true }] }]);
  });
});

describe('from Levant', () => {
  const blocks = blocksOf('migrating-from-levant.md');
  const named = Object.fromEntries(
    blocks.flatMap((block) => {
      const name = /^(?:# |\{\{! )(deploy\/\S+)/.exec(block)?.[1];
      return name === undefined ? [] : [[name, block]];
    }),
  );
  const Dockerfile = 'FROM busybox:1.37\nCMD ["sleep", "1000"]\n';

  test('the step, the spec and its variable file of the guide', async () => {
    const [step] = readSteps(blockWith(blocks, 'greeting=Hello from')) as [ExampleStep];
    const { code, outputs } = await deployStep(step, {
      files: { Dockerfile, ...named },
      expressions: { 'github.sha': 'c0ffee' },
      env: { GITHUB_REPOSITORY: 'Acme/Levant' },
    });
    expect({ code, outcome: outputs['outcome'] }).toEqual({ code: 0, outcome: 'successful' });
    expect(await cluster.job('web')).toMatchObject({
      TaskGroups: [
        {
          Count: 2,
          Tasks: [
            {
              Config: { image: expect.stringMatching(/@sha256:/) },
              Env: { GREETING: 'Hello from c0ffee' },
              Resources: { CPU: 100, MemoryMB: 64 },
            },
          ],
        },
      ],
    });
    expect(await cluster.running('web')).toHaveLength(2);
  });

  test('the YAML file from before, as the JSON that the guide makes of it, gives the job that its HCL gives', async () => {
    const [{ run }, { with: given }] = parse(blockWith(blocks, 'yq -o=json')) as [{ run: string }, Pick<ExampleStep, 'with'>];
    const step = { id: undefined, with: given, env: {} };
    const [, from, to] = /^yq -o=json \. (\S+) > (\S+)$/.exec(run) ?? [];
    const yaml = blocks.find((block) => block.startsWith(`# before: ${from}`)) ?? '';
    expect([to, yaml]).toEqual([given['var-files'], expect.stringContaining('greeting: Hello')]);
    const render = async (files: Readonly<Record<string, string>>, varFiles: string): Promise<Job> => {
      const inputs = { command: 'render', build: 'false', image: 'registry.example.com/web:1', 'var-files': varFiles };
      const { outputs } = await deployStep(step, { files: { ...named, ...files }, expressions: { 'secrets.NOMAD_TOKEN': '' }, inputs });
      return spec(outputs);
    };
    const json = await render({ [to ?? '']: JSON.stringify(parse(yaml)) }, to ?? '');
    expect(json.TaskGroups).toMatchObject([{ Count: 2, Tasks: [{ Env: { GREETING: 'Hello' }, Resources: { CPU: 100, MemoryMB: 64 } }] }]);
    expect(json).toEqual(await render({}, 'deploy/production.hcl'));
  });

  test('the Handlebars template of the guide', async () => {
    const { code, outputs } = await deploy({
      files: { Dockerfile, ...named, 'deploy/production.json': blockWith(blocks, '"workers":') },
      inputs: { command: 'plan', job: 'deploy/workers.nomad.hbs', 'var-files': 'deploy/production.json' },
    });
    expect(code).toBe(0);
    const group = (name: string, count: number, args: string[]): object => ({
      Name: name,
      Count: count,
      Tasks: [
        {
          Config: { image: expect.stringContaining('acme/shop'), args },
          Resources: { MemoryMB: 64 },
          Templates: [{ EmbeddedTmpl: '{{ range nomadService "workers" }}{{ .Address }} {{ end }}' }],
        },
      ],
    });
    expect(spec(outputs)).toMatchObject({
      ID: 'workers-production',
      TaskGroups: [group('mail', 1, ['sleep', '1000']), group('thumbs', 2, ['sleep', '2000'])],
    });
  });

  test('what its tables put in the place of conditions, loops and functions', async () => {
    const text = `
      variable "env" { type = string }
      variable "debug" { type = bool }
      variable "workers" { type = list(string) }
      variable "text" { type = string }
      job "tables" {
        meta {
          sum   = 1 + 2 * 3 % 2
          range = join(",", range(3))
          words = "\${upper(replace("a b", " ", "-"))} \${lower("ABC")} \${jsondecode(var.text).a}"
        }
        group "g" {
          count = var.env == "production" ? 3 : 1
          network {
            dynamic "port" {
              for_each = var.debug ? ["debug"] : []
              labels   = [port.value]
              content {}
            }
          }
          dynamic "task" {
            for_each = var.workers
            labels   = [task.value]
            content {
              driver = "raw_exec"
              config { command = "/bin/true" }
            }
          }
        }
      }`;
    const { code, outputs } = await deploy({
      files: { 'tables.nomad': text },
      inputs: { command: 'render', job: 'tables.nomad', vars: 'env=production\ndebug=true\nworkers=["a", "b"]\ntext={"a": "json"}' },
    });
    expect(code).toBe(0);
    expect(spec(outputs)).toMatchObject({
      Meta: { sum: '1', range: '0,1,2', words: 'A-B abc json' },
      TaskGroups: [{ Count: 3, Networks: [{ DynamicPorts: [{ Label: 'debug' }] }], Tasks: [{ Name: 'a' }, { Name: 'b' }] }],
    });
  });
});

describe('from nomad job run', () => {
  const { before = '', after = '', built: _built, ...files } = filesOf('from-nomad-job-run.md');

  test('the step of the guide makes the job that the commands before made', async () => {
    const env = {
      ...process.env,
      PATH: `${dirname(parts().nomadBin)}:${process.env['PATH']}`,
      BRANCH: 'main',
      TAG: 'c0ffee',
      NOMAD_ADDR: parts().nomad.address,
    };
    const shown = before.replace('-detach', '-output');
    expect(shown).not.toBe(before);
    const own = JSON.parse(await output('sh', ['-e', '-c', shown], { cwd: makeWorkspace(files), env })) as { Job: Job };
    const [step] = readSteps(after) as [ExampleStep];
    const { code, outputs } = await deployStep(step, { files, expressions: { 'github.sha': 'c0ffee' }, inputs: { command: 'render' } });
    expect({ code, outcome: outputs['outcome'] }).toEqual({ code: 0, outcome: 'rendered' });
    expect(spec(outputs)).toEqual(own.Job);
    expect(own.Job).toMatchObject({
      ID: 'shop-main',
      TaskGroups: [{ Count: 2, Tasks: [{ Config: { image: 'registry.example.com/shop:c0ffee' } }] }],
    });
  });
});

describe('from nomad job run, with an image that the action builds', () => {
  const { built = '', ...files } = filesOf('from-nomad-job-run.md');

  test('the step of the guide gives the same spec the tag of what it builds', async () => {
    const [step] = readSteps(`jobs:\n  deploy:\n    steps:\n${built}`) as [ExampleStep];
    const { code, outputs } = await deployStep(step, {
      files: { ...files, Dockerfile: 'FROM scratch\nCOPY none /\n' },
      inputs: { command: 'render' },
    });
    expect({ code, outcome: outputs['outcome'] }).toEqual({ code: 0, outcome: 'rendered' });
    expect(spec(outputs)).toMatchObject({
      ID: 'shop-main',
      TaskGroups: [{ Count: 2, Tasks: [{ Config: { image: `registry.example.com/shop:digest-${'0'.repeat(32)}` } }] }],
    });
  });
});

describe("what stays with Nomad's program", () => {
  test('the step of the guide makes a volume, which the action then mounts', async () => {
    const { volumes = '' } = filesOf('from-nomad-job-run.md');
    const { jobs } = parse(volumes) as { jobs: { create: { steps: { run?: string }[] } } };
    const run = jobs.create.steps.map((step) => step.run ?? '').find((text) => text !== '') ?? '';
    const [, file = ''] = /^nomad volume create (\S+)$/.exec(run) ?? [];
    const capability = 'capability {\n  access_mode     = "single-node-writer"\n  attachment_mode = "file-system"\n}\n';
    const env = { ...process.env, PATH: `${dirname(parts().nomadBin)}:${process.env['PATH']}`, NOMAD_ADDR: parts().nomad.address };
    const folder = makeWorkspace({ [file]: `name      = "shop-data"\ntype      = "host"\nplugin_id = "mkdir"\n${capability}` });
    const making = output('sh', ['-e', '-c', run], { cwd: folder, env });
    const [made, problem] = await making.then(
      (text) => [text, undefined] as const,
      (error: Error) => ['', error.message] as const,
    );
    expect(problem ?? '').toMatch(has('hostVolumes') ? /^$/ : /unknown volume type: host/);
    if (problem !== undefined) return;
    try {
      const text = `job "shop-volume" {
  update {
    min_healthy_time = "0s"
  }
  group "web" {
    volume "data" {
      type            = "host"
      source          = "shop-data"
      access_mode     = "single-node-writer"
      attachment_mode = "file-system"
    }
    task "web" {
      driver = "raw_exec"
      config {
        command = "/bin/sh"
        args    = ["-c", "sleep 1000"]
      }
    }
  }
}
`;
      const { outputs } = await deploy({ files: { 'shop.nomad': text }, inputs: { build: 'false', job: 'shop.nomad' } });
      expect(outputs).toMatchObject({ outcome: 'successful' });
    } finally {
      await output(parts().nomadBin, ['job', 'stop', '-purge', 'shop-volume'], { env }).catch(() => undefined);
      const [, id = ''] = /with ID (\S+)/.exec(made) ?? [];
      await output(parts().nomadBin, ['volume', 'delete', '-type', 'host', id], { env }).catch(() => undefined);
    }
  });
});

describe('from nomad-pack', () => {
  const { after = '' } = filesOf('from-nomad-pack.md');

  test('the step of the guide deploys each job that was rendered, and nothing else', async () => {
    const [step] = readSteps(after) as [ExampleStep];
    const task = 'group "g" {\n task "t" {\n driver = "raw_exec"\n config { command = "/bin/true" }\n }\n }';
    const { code, outputs } = await deployStep(step, {
      files: {
        'rendered/shop/shop.nomad': `job "pack-shop" {\n ${task}\n}\n`,
        'rendered/shop/cron.nomad': `job "pack-cron" {\n ${task}\n}\n`,
        'rendered/shop/README.md': '# shop',
        'packs/shop/templates/shop.nomad.tpl': '[[ .x ]]',
      },
      inputs: { command: 'render' },
    });
    expect(code).toBe(0);
    const { jobs } = JSON.parse(readFileSync(outputs['result'] ?? '', 'utf8')) as { jobs: { jobId: string }[] };
    expect(jobs.map(({ jobId }) => jobId)).toEqual(['pack-cron', 'pack-shop']);
  });
});
