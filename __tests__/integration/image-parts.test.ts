// Specs that take their image apart: they are checked before there is an image, and have to get one that can be taken apart.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import type { Job } from '../../src/nomad/types.ts';
import { slug } from '../../src/slug.ts';
import { cluster, deploy, server } from '../helpers/deploying.ts';
import { type GitHubServer, startGitHub } from '../helpers/github.ts';
import { parts } from '../helpers/parts.ts';

const ZEROS = '0'.repeat(64);
const rendered = ({ outputs }: ActionResult): Job => JSON.parse(readFileSync(outputs['spec'] ?? '', 'utf8')) as Job;
/** The image of the only task, and its environment. */
const taskOf = ({ TaskGroups }: Job): { image: unknown; env: Readonly<Record<string, string>> } => {
  const task = TaskGroups?.[0]?.Tasks?.[0] as { Config?: Record<string, unknown>; Env?: Record<string, string> } | undefined;
  return { image: task?.Config?.['image'], env: task?.Env ?? {} };
};

/** A web server whose task has the image as `image`, an expression, and `env`. */
const docker = (job: string, declared: string, image: string, env = ''): string => `
${declared}
job "${job}" {
  update {
    min_healthy_time  = "500ms"
    healthy_deadline  = "20s"
    progress_deadline = "21s"
    health_check      = "task_states"
  }
  group "g" {
    restart {
      attempts = 0
      mode     = "fail"
    }
    reschedule {
      attempts  = 0
      unlimited = false
    }
    task "t" {
      driver = "docker"
      config {
        image = ${image}
      }
      env {
        ${env}
      }
      resources {
        cpu    = 10
        memory = 32
      }
    }
  }
}
`;

const IMAGE = 'variable "image" { type = string }';
const PARTS = `RELEASE = split("@", var.image)[1]
        SHORT   = substr(split(":", split("@", var.image)[1])[1], 0, 12)
        NAME    = regex_replace(var.image, "@sha256:[0-9a-f]{64}$", "")`;

describe('a spec that takes its image apart', () => {
  const files = (job: string): Record<string, string> => ({
    Dockerfile: server(job),
    'web.nomad': docker(job, IMAGE, '"${split("@", var.image)[0]}@${split("@", var.image)[1]}"', PARTS),
  });
  const of = async (command: string, job: string, more = {}): Promise<ActionResult> =>
    deploy({ files: files(job), inputs: { command, job: 'web.nomad', ...more } });

  test('is rendered, planned and deployed before and with the image; nothing that stands for one is registered or shown as it', async () => {
    const name = `${parts().registry.address}/acme/shop`;
    for (const command of ['render', 'plan']) {
      const early = await of(command, 'ip-apart');
      expect(early).toMatchObject({ code: 0, outputs: { outcome: command === 'plan' ? 'planned' : 'rendered' } });
      expect(taskOf(rendered(early))).toEqual({
        image: `${name}@sha256:${ZEROS}`,
        env: { RELEASE: `sha256:${ZEROS}`, SHORT: '000000000000', NAME: name },
      });
      expect([early.outputs['image'], early.outputs['images']]).toEqual([undefined, undefined]);
      expect(early.summary).not.toContain('0000000');
      const { settings } = JSON.parse(readFileSync(early.outputs['result'] ?? '', 'utf8')) as {
        settings: { name: string; value: string }[];
      };
      expect(settings.find((setting) => setting.name === 'var.image')?.value).toBe(`${name}@sha256:(known at the deploy)`);
    }
    const result = await of('deploy', 'ip-apart');
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    const [, digest = ''] = (result.outputs['image'] ?? '').split('@');
    const job = await cluster.job('ip-apart');
    expect(taskOf(job as Job)).toEqual({
      image: result.outputs['image'],
      env: { RELEASE: digest, SHORT: digest.slice(7, 19), NAME: name },
    });
    expect(JSON.stringify([job, await cluster.submission('ip-apart', 0)])).not.toContain(ZEROS);
    expect(result.annotations.filter(({ level }) => level === 'warning')).toEqual([]);
    // A plan of what runs says what changes with the next image, and no digest that nobody has.
    const planned = await of('plan', 'ip-apart');
    expect(planned.summary).toMatch(/@sha256:[0-9a-f]{12}… → \S+@sha256:\(known at the deploy\)/);
    expect((await of('plan', 'ip-apart', { expect: 'no-changes' })).outputs).toMatchObject({ outcome: 'planned', changed: 'none' });
  });

  test.each(['status', 'stop'])('is one whose job a command about it finds: %s', async (command) => {
    const job = `ip-${command}`;
    expect((await of('deploy', job)).outputs['outcome']).toBe('successful');
    const policy = 'image: other.example.com/shop\npolicy: { image-registries: [ghcr.io/acme] }\n';
    const result = await deploy({
      files: { ...files(job), 'nomad-deploy.yml': policy },
      inputs: { command, job: 'web.nomad', environment: 'main' },
    });
    expect(result).toMatchObject({ code: 0, outputs: { 'job-id': job } });
  });

  test('is checked with the form of the digest that is looked up, too, of an image that the workflow names by a tag', async () => {
    const built = await deploy({ files: { Dockerfile: server('ip-tag') }, inputs: { command: 'build', tags: 'ip-tag' } });
    const [name = '', digest = ''] = (built.outputs['image'] ?? '').split('@');
    const inputs = { job: 'web.nomad', build: 'false', image: `${name}:ip-tag` };
    const { Dockerfile: _none, ...own } = files('ip-tag');
    const early = await deploy({ files: own, inputs: { ...inputs, command: 'render' } });
    expect(early).toMatchObject({ code: 0, outputs: { image: `${name}:ip-tag` } });
    expect(taskOf(rendered(early)).image).toBe(`${name}@sha256:${ZEROS}`);
    const result = await deploy({ files: own, inputs });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful', image: `${name}@${digest}` } });
    expect(taskOf((await cluster.job('ip-tag')) as Job).env['RELEASE']).toBe(digest);
  });

  test('is a template that makes another word of it; an image that is named by a tag is shown so', async () => {
    const template = docker('ip-word', '', '{{json image}}', 'SLUG = "{{slug image}}"');
    const inputs = { job: 'web.nomad.hbs', build: 'false', image: 'busybox:1.37' };
    const early = await deploy({ files: { 'web.nomad.hbs': template }, inputs: { ...inputs, command: 'plan' } });
    expect(taskOf(rendered(early))).toEqual({ image: 'busybox:1.37', env: { SLUG: 'busybox-1-37' } });
    const built = await deploy({
      files: { 'web.nomad.hbs': template, Dockerfile: server('x') },
      inputs: { command: 'render', job: 'web.nomad.hbs' },
    });
    expect(taskOf(rendered(built)).env['SLUG']).toBe(slug(`${parts().registry.address}/acme/shop@sha256:${ZEROS}`));
  });

  test('is refused as it is where neither form helps', async () => {
    const own = { 'web.nomad': docker('ip-wrong', IMAGE, 'split("@", var.image)[2]') };
    const inputs = { command: 'render', job: 'web.nomad', build: 'false', image: 'busybox:1.37' };
    expect((await deploy({ files: own, inputs })).outputs).toMatchObject({
      'failure-reason': 'jobspec-invalid',
      cause: expect.stringMatching(/^web\.nomad:\d+:\d+: .*Invalid index/),
    });
  });

  test('can not make the id of its job of it', async () => {
    const text = docker('ip-id', IMAGE, 'var.image').replace(
      'job "ip-id" {',
      'job "ip-id" {\n  id = "ip-${substr(split(":", var.image)[2], 0, 8)}"',
    );
    const result = await deploy({ files: { Dockerfile: 'FROM scratch\nCOPY none /\n', 'web.nomad': text }, inputs: { job: 'web.nomad' } });
    expect(result.outputs).toMatchObject({
      'failure-reason': 'jobspec-invalid',
      cause: 'web.nomad: the id and the namespace of the job depend on its image, whose digest is not known yet',
    });
  });
});

describe('an approved plan of a spec that takes its image apart', () => {
  const approved = async (work: (github: GitHubServer) => Promise<void>): Promise<void> => {
    const github = await startGitHub();
    try {
      await work(github);
    } finally {
      await github.stop();
    }
  };

  test.each<[string, string, string]>([
    ['web.nomad', IMAGE, `${PARTS}\n        NIL = "00000000-0000-0000-0000-000000000000"`],
    ['web.nomad.hbs', IMAGE, 'SLUG = "{{slug image}}"'],
  ])('is deployed with the image that was built: %s', async (job, declared, env) => {
    await approved(async (github) => {
      const id = `ip-approved-${env.length}`;
      const files = { Dockerfile: server('ip-approved'), [job]: docker(id, declared, 'var.image', env) };
      const { outputs } = await deploy({ github, files, inputs: { command: 'plan', job } });
      const fingerprint = outputs['plan-fingerprint'] ?? '';
      const result = await deploy({ github, files, inputs: { job, 'approved-plan': fingerprint } });
      expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    });
  });
});
