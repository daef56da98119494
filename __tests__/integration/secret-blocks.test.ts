// `secret` blocks of a spec, which Nomad has from 1.11 on, with the items of this action.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { cluster, deploy, itemsOf } from '../helpers/deploying.ts';
import { STAY, taskProcess } from '../helpers/processes.ts';

type Texts = Readonly<Record<string, string>>;

const guide = readFileSync(join(import.meta.dirname, '../../docs/secrets.md'), 'utf8');
const snippet = /```hcl\n(secret "app" \{\n[^`]*)```/.exec(guide)?.[1] ?? '';

/** A spec of a task with a block, in HCL. `declared` is what it declares beside. */
const hcl = (job: string, inside: string, declared = ''): string => `${declared}
job "${job}" {
  update {
    min_healthy_time  = "500ms"
    healthy_deadline  = "8s"
    progress_deadline = "9s"
  }
  group "g" {
    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/sh"
        args    = ["-c", ${JSON.stringify(STAY)}, "t", "\${secret.app.DATABASE_PASSWORD}"]
      }
      ${inside}
      resources {
        cpu    = 10
        memory = 32
      }
    }
  }
}
`;
const block = (job: string): string => `secret "app" {\n provider = "nomad"\n path = "nomad/jobs/${job}"\n}`;
const object = (job: string): object => ({
  ID: job,
  TaskGroups: [
    {
      Name: 'g',
      Update: { MinHealthyTime: 5e8, HealthyDeadline: 8e9, ProgressDeadline: 9e9 },
      Tasks: [
        {
          Name: 't',
          Driver: 'raw_exec',
          Config: { command: '/bin/sh', args: ['-c', STAY] },
          Secrets: [{ Name: 'app', Provider: 'nomad', Path: `nomad/jobs/${job}` }],
          Env: { PASSWORD: '${secret.app.DATABASE_PASSWORD}' },
          Resources: { CPU: 10, MemoryMB: 32 },
        },
      ],
    },
  ],
});
const RELEASED = 'env {\n PASSWORD = "$${secret.app.DATABASE_PASSWORD.${var.SECRETS_RELEASE}}"\n}';
const NAMED = 'env {\n PASSWORD = "${secret.app.DATABASE_PASSWORD}"\n}';
const VALUE = 'p ä$s/w=1 ${x}';

/** Whether this Nomad has such blocks. */
let known = true;
beforeAll(async () => {
  const text = hcl('x', block('x'));
  known = (await cluster.send('POST', '/v1/jobs/parse', { JobHCL: text })).ok;
});

describe('a `secret` block has the value of this release', () => {
  test.concurrent.each<[string, string, (job: string) => Texts]>([
    ['in HCL', 'blocks-hcl', (job) => ({ 'project.nomad': hcl(job, `${block(job)}\n${NAMED}`) })],
    [
      'with the variable for the release',
      'blocks-release',
      (job) => ({ 'project.nomad': hcl(job, `${block(job)}\n${RELEASED}`, 'variable "SECRETS_RELEASE" {}') }),
    ],
    [
      'in a Handlebars template',
      'blocks-hbs',
      () => ({
        'job.hcl.hbs': hcl('{{job.id}}', `${block('{{job.id}}')}\n${NAMED}`),
      }),
    ],
    ['in a job object', 'blocks-json', (job) => ({ 'job.json': JSON.stringify(object(job)) })],
  ])('%s', async (_what, job, filesOf) => {
    const files = filesOf(job);
    const [file = ''] = Object.keys(files);
    const run = async (password: string) =>
      deploy({
        files,
        inputs: { job: file, secrets: `DATABASE_PASSWORD=${password}\nOTHER=with # sign` },
        env: { GITHUB_REPOSITORY: `blocks/${job.replace('blocks-', '')}` },
      });
    const first = await run(VALUE);
    // A parser without such blocks refuses them, and a server without them drops the field of an object.
    const refused = !known && file !== 'job.json';
    expect({ code: first.code, reason: first.outputs['failure-reason'] }).toEqual(
      refused ? { code: 1, reason: 'jobspec-invalid' } : { code: 0, reason: undefined },
    );
    if (!known) return;
    const environment = async (): Promise<Texts> => {
      const [allocation] = await cluster.running(job);
      return (await taskProcess(allocation?.ID ?? '')).environment;
    };
    expect((await environment())['PASSWORD']).toBe(VALUE);
    expect(first.annotations).toEqual([]);
    expect(await run(VALUE)).toMatchObject({ outputs: { outcome: 'unchanged' } });
    // The old version keeps its items until nothing can go back to it.
    const second = await run('another one');
    expect(second).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-version': '1' } });
    expect((await environment())['PASSWORD']).toBe('another one');
    const items = itemsOf(await cluster.variable(job));
    expect(Object.values(items).sort()).toEqual(['another one', VALUE, 'with # sign', 'with # sign'].sort());
    const back = await deploy({
      files,
      inputs: { command: 'revert', to: '0', 'job-name': job },
      env: { GITHUB_REPOSITORY: `blocks/${job.replace('blocks-', '')}` },
    });
    expect(back).toMatchObject({ code: 0, outputs: { outcome: 'reverted' } });
    expect((await environment())['PASSWORD']).toBe(VALUE);
    // The values are nowhere but in the variable and the task.
    const registered = JSON.stringify(await cluster.versions(job));
    const shown = [first, second, back].map(({ log, outputs }) => log.replace(/^.*::add-mask::.*$/gm, '') + JSON.stringify(outputs));
    for (const text of [...shown, registered]) expect(text).not.toMatch(/p ä\$s\/w|another one/);
  });
});

describe('the block of the guide', () => {
  test('reads a secret of the job', async () => {
    const job = 'guide-shop';
    expect(snippet).toContain('nomad/jobs/acme-shop');
    if (!known) return;
    const files = {
      'project.nomad': hcl(job, snippet.replaceAll('acme-shop', job)).replace(', "t", "${secret.app.DATABASE_PASSWORD}"', ''),
    };
    expect(await deploy({ files, inputs: { secrets: 'DATABASE_URL=postgres://shop:x@db/shop' } })).toMatchObject({ code: 0 });
    const [allocation] = await cluster.running(job);
    expect((await taskProcess(allocation?.ID ?? '')).environment['DATABASE_URL']).toBe('postgres://shop:x@db/shop');
  });
});

describe('a plan without secrets, such as that of a pull request', () => {
  test('takes those that the registered job reads', async () => {
    if (!known) return;
    const job = 'blocks-plan';
    const files = { 'project.nomad': hcl(job, `${block(job)}\n${NAMED}`) };
    expect(await deploy({ files, inputs: { secrets: 'DATABASE_PASSWORD=x-y-z' } })).toMatchObject({ code: 0 });
    expect(await deploy({ files, inputs: { command: 'plan' } })).toMatchObject({ code: 0, outputs: { changed: 'none' } });
  });
});

describe('a value that Nomad would read in another way', () => {
  test.each([
    ['a quote', 'blocks-quote', `it's`],
    ['a comment', 'blocks-comment', 'before#behind'],
  ])('%s, is refused before anything is built or written', async (_what, job, value) => {
    if (!known) return;
    const files = { 'project.nomad': hcl(job, `${block(job)}\n${NAMED}`), Dockerfile: 'FROM nowhere\n' };
    const result = await deploy({ files, inputs: { secrets: `DATABASE_PASSWORD=${value}` } });
    expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'input-invalid' } });
    expect(result.annotations.at(-1)?.message).toMatch(
      new RegExp(`^the block .secret "app". of the task g/t cannot read DATABASE_PASSWORD of nomad/jobs/${job}: `),
    );
    expect(result.log).not.toContain('buildx');
    expect(await cluster.variable(job)).toBeUndefined();
  });
});
