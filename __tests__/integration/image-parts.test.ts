// Specs that take their image apart: they are checked before there is an image, and have to get one that can be taken apart.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import type { Job } from '../../src/nomad/types.ts';
import { slug } from '../../src/text/slug.ts';
import { fromRegistry } from '../helpers/buildkit.ts';
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
  // Builds at the same time need repositories of their own: they would move one tag in the engine that they share.
  const own = (job: string): { readonly env: Record<string, string> } => ({ env: { GITHUB_REPOSITORY: `Acme/${job}` } });
  const of = async (command: string, job: string, more = {}): Promise<ActionResult> =>
    deploy({ ...own(job), files: files(job), inputs: { command, job: 'web.nomad', ...more } });

  test.concurrent('is rendered, planned and deployed before and with the image; nothing that stands for one is registered or shown as it', async () => {
    const name = `${parts().registry.address}/acme/ip-apart`;
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

  test.concurrent.each(['status', 'stop'])('is one whose job a command about it finds: %s', async (command) => {
    const job = `ip-${command}`;
    expect((await of('deploy', job)).outputs['outcome']).toBe('successful');
    const policy = 'image: other.example.com/shop\npolicy: { image-registries: [ghcr.io/acme] }\n';
    const result = await deploy({
      ...own(job),
      files: { ...files(job), 'nomad-deploy.yml': policy },
      inputs: { command, job: 'web.nomad', environment: 'main' },
    });
    expect(result).toMatchObject({ code: 0, outputs: { 'job-id': job } });
  });

  test.concurrent('is checked with the form of the digest that is looked up, too, of an image that the workflow names by a tag', async () => {
    const built = await deploy({ ...own('ip-tag'), files: { Dockerfile: server('ip-tag') }, inputs: { command: 'build', tags: 'ip-tag' } });
    const [name = '', digest = ''] = (built.outputs['image'] ?? '').split('@');
    const inputs = { job: 'web.nomad', build: 'false', image: `${name}:ip-tag` };
    const { Dockerfile: _none, ...only } = files('ip-tag');
    const early = await deploy({ files: only, inputs: { ...inputs, command: 'render' } });
    expect(early).toMatchObject({ code: 0, outputs: { image: `${name}:ip-tag` } });
    expect(taskOf(rendered(early)).image).toBe(`${name}@sha256:${ZEROS}`);
    const result = await deploy({ files: only, inputs });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful', image: `${name}@${digest}` } });
    expect(taskOf((await cluster.job('ip-tag')) as Job).env['RELEASE']).toBe(digest);
  });

  test.concurrent('is a template that makes another word of it; an image that is named by a tag is shown so', async () => {
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

  test.concurrent('is refused as it is where neither form helps', async () => {
    const wrong = { 'web.nomad': docker('ip-wrong', IMAGE, 'split("@", var.image)[2]') };
    const inputs = { command: 'render', job: 'web.nomad', build: 'false', image: 'busybox:1.37' };
    expect((await deploy({ files: wrong, inputs })).outputs).toMatchObject({
      'failure-reason': 'jobspec-invalid',
      cause: expect.stringMatching(/^web\.nomad:\d+:\d+: .*Invalid index/),
    });
  });

  test.concurrent('can not make the id of its job of it', async () => {
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

const VERSION = 'variable "version" { type = string }';
/** The digest of what a tag of a repository below `acme/` names in the registry. */
const digestAt = async (reference: string): Promise<string> => {
  const [, path = '', tag = ''] = /^[^/]+\/(.*):([^:]+)$/.exec(reference) ?? [];
  return (await fromRegistry(parts().registry, `${path}/manifests/${tag}`)).digest;
};

describe('a spec that takes its image by other names', () => {
  const name = (repository = 'iv'): string => `${parts().registry.address}/acme/${repository}`;
  /** A repository whose image changes with the text, and whose spec has a tag only. */
  const tagged = (text: string): Record<string, string> => ({
    Dockerfile: server(text),
    'web.nomad': docker('iv-tag', VERSION, `"${name()}:\${var.version}"`, 'VERSION = var.version'),
  });
  const inputs = { job: 'web.nomad', 'image-variables': 'version=tag' };
  const env = { GITHUB_REPOSITORY: 'Acme/iv' };

  test.concurrent('runs by a tag what was built, is unchanged with the same image, and rolls back to the older one', async () => {
    const early = await deploy({ files: tagged('one'), env, inputs: { ...inputs, command: 'render' } });
    expect(taskOf(rendered(early)).image).toBe(`${name()}:digest-${ZEROS.slice(32)}`);
    expect(early.outputs['image']).toBeUndefined();

    const first = await deploy({ files: tagged('one'), env, inputs });
    expect(first).toMatchObject({ code: 0, outputs: { outcome: 'successful', image: expect.stringMatching(/@sha256:[0-9a-f]{64}$/) } });
    expect(first.annotations.filter(({ level }) => level === 'warning')).toEqual([]);
    const one = String(taskOf((await cluster.job('iv-tag')) as Job).image);
    const digest = (first.outputs['image'] ?? '').split('@')[1] ?? '';
    expect(one).toBe(`${name()}:digest-${digest.slice(7, 39)}`);
    expect(await digestAt(one)).toBe(digest);
    expect(JSON.parse(readFileSync(first.outputs['result'] ?? '', 'utf8'))).toMatchObject({
      settings: expect.arrayContaining([
        { name: 'var.version', value: one.split(':').at(-1), source: 'input image-variables' },
        { name: 'image-variables', value: 'version=tag', source: 'input' },
      ]),
    });

    const drift = await deploy({ files: tagged('one'), env, inputs: { ...inputs, command: 'plan', expect: 'no-changes' } });
    expect(drift).toMatchObject({ code: 0, outputs: { changed: 'none' } });
    const planned = await deploy({ files: tagged('one'), env, inputs: { ...inputs, command: 'plan' } });
    expect(planned.summary).toContain(`${one} → ${name()}:digest-(known at the deploy)`);

    // The same content, built before: nothing changes, whatever the commit is.
    const again = await deploy({ files: tagged('one'), env: { ...env, GITHUB_SHA: 'b'.repeat(40) }, inputs });
    expect(again).toMatchObject({ code: 0, outputs: { outcome: 'unchanged', 'job-version': '0' } });
    // A registry whose tags are immutable takes none twice.
    expect([first, again].map(({ log }) => /Tag .*:digest-/.test(log))).toEqual([true, false]);

    const second = await deploy({ files: tagged('two'), env, inputs });
    expect(second).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-version': '1' } });
    const two = String(taskOf((await cluster.job('iv-tag')) as Job).image);
    expect(await digestAt(two)).toBe((second.outputs['image'] ?? '').split('@')[1]);
    expect(two).not.toBe(one);

    const reverted = await deploy({ files: tagged('two'), env, inputs: { ...inputs, command: 'revert', environment: 'main' } });
    expect(reverted).toMatchObject({ code: 0, outputs: { outcome: 'reverted' } });
    expect(taskOf((await cluster.job('iv-tag')) as Job).image).toBe(one);
    expect(await digestAt(one)).toBe(digest);
  });

  test.concurrent('runs by a tag what another step built, if that pushed the tag', async () => {
    const env = { GITHUB_REPOSITORY: 'Acme/iv-step' };
    const only = { 'web.nomad': docker('iv-step', VERSION, `"${name('iv-step')}:\${var.version}"`) };
    const built = await deploy({
      files: { Dockerfile: server('three') },
      env,
      inputs: { command: 'build', 'image-variables': 'version=tag' },
    });
    const image = built.outputs['image'] ?? '';
    const result = await deploy({ files: only, env, inputs: { ...inputs, build: 'false', image } });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful', image } });

    const without = await deploy({ files: { Dockerfile: server('four') }, env, inputs: { command: 'build' } });
    const refused = await deploy({ files: only, env, inputs: { ...inputs, build: 'false', image: without.outputs['image'] ?? '' } });
    expect(refused).toMatchObject({ code: 1, outputs: { 'failure-reason': 'image-not-found' } });
    expect(refused.annotations.find(({ level }) => level === 'error')?.message).toContain(
      'Nothing was registered. Give `image` with a tag, or set `image-variables` in the step that builds the image',
    );
    // A tag that is another image's is no tag of this one.
    const [, digest = ''] = (without.outputs['image'] ?? '').split('@');
    const other = await deploy({
      files: only,
      env,
      inputs: { ...inputs, build: 'false', image: `${name('iv-step')}:digest-${image.slice(-64, -32)}@${digest}` },
    });
    expect(other.outputs['cause']).toContain(` is another image than ${name('iv-step')}:digest-`);
  });

  test.concurrent('takes the whole, the name and the digest, and of an image that exists its own tag', async () => {
    const env = { GITHUB_REPOSITORY: 'Acme/iv-all' };
    const declared = 'variables {\n  task_image = ""\n  repo = ""\n  sha = ""\n  version = ""\n  image = "its own"\n}';
    const files = {
      'web.nomad': docker('iv-all', declared, 'var.task_image', 'ALL = join(" ", [var.repo, var.sha, var.version, var.image])'),
    };
    const built = await deploy({ files: { Dockerfile: server('five') }, env, inputs: { command: 'build', tags: '1.4' } });
    const [repo, sha] = (built.outputs['image'] ?? '').split('@');
    const result = await deploy({
      files,
      env: { ...env, NOMAD_VAR_version: '9' },
      inputs: {
        ...{ job: 'web.nomad', build: 'false', image: `${name('iv-all')}:1.4` },
        'image-variables': 'task_image: image\nrepo: name\nsha: digest\nversion: tag',
      },
    });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(taskOf((await cluster.job('iv-all')) as Job)).toEqual({ image: `${repo}@${sha}`, env: { ALL: `${repo} ${sha} 1.4 its own` } });
    expect(result.annotations.filter(({ level }) => level === 'warning').map(({ message }) => message)).toEqual([
      'NOMAD_VAR_version has no effect: `image-variables` gives version the image of this run',
    ]);
  });

  test.concurrent('takes that of its app, or each of several, as the configuration file says', async () => {
    const apps = {
      'nomad-deploy.yml':
        'apps:\n  api:\n    job: api.nomad\n    image-variables: { api_sha: digest }\n  web:\n    job: web.nomad\n    context: web\n    image-variables: { web_tag: tag }\n',
      ...{ Dockerfile: 'FROM scratch\nCOPY none /\n', 'web/Dockerfile': 'FROM scratch\nCOPY none /\n' },
      'api.nomad': docker('iv-api', 'variable "api_sha" {}', '"shop@${var.api_sha}"'),
      'web.nomad': docker('iv-web', 'variable "web_tag" {}', '"shop:${var.web_tag}"'),
    };
    const ofApps = await deploy({ files: apps, env, inputs: { command: 'render' } });
    expect(ofApps.code).toBe(0);
    const { jobs } = JSON.parse(readFileSync(ofApps.outputs['result'] ?? '', 'utf8')) as { jobs: { spec: string; image?: string }[] };
    expect(jobs.map((job) => [taskOf(JSON.parse(readFileSync(job.spec, 'utf8')) as Job).image, job.image])).toEqual([
      [`shop@sha256:${ZEROS}`, undefined],
      [`shop:digest-${ZEROS.slice(32)}`, undefined],
    ]);
    const images = {
      'nomad-deploy.yml':
        'job: two.nomad\nimages:\n  web: { image-variables: { web_tag: tag } }\n  worker: { image-variables: { worker_repo: name } }\n',
      Dockerfile: 'FROM scratch\nCOPY none /\n',
      'two.nomad': docker('iv-two', 'variable "web_tag" {}\nvariable "worker_repo" {}', 'var.web_tag', 'WORKER = var.worker_repo'),
    };
    const ofImages = await deploy({ files: images, env, inputs: { command: 'render' } });
    expect(taskOf(rendered(ofImages))).toEqual({ image: `digest-${ZEROS.slice(32)}`, env: { WORKER: `${name()}/worker` } });
    const both = { ...images, 'nomad-deploy.yml': 'job: two.nomad\nimage-variables: { web_tag: tag }\nimages:\n  web: {}\n  worker: {}\n' };
    expect((await deploy({ files: both, env, inputs: { command: 'render' } })).outputs['cause']).toBe(
      '`image-variables`: web_tag would take the image web and the image worker',
    );
  });

  test.concurrent('is a template, too', async () => {
    const files = { Dockerfile: 'FROM scratch\nCOPY none /\n', 'web.nomad.hbs': docker('iv-hbs', '', '"shop:{{vars.version}}"') };
    const result = await deploy({ files, env, inputs: { command: 'render', job: 'web.nomad.hbs', 'image-variables': 'version=tag' } });
    expect(taskOf(rendered(result)).image).toBe(`shop:digest-${ZEROS.slice(32)}`);
  });

  test.concurrent.each<[string, Record<string, string>, string, Record<string, string>, string]>([
    [
      'a name that is not declared',
      {},
      VERSION,
      { 'image-variables': 'verson=tag' },
      '`image-variables`: web.nomad declares no variable verson; did you mean `version`?',
    ],
    [
      'a value of its own as well',
      {},
      VERSION,
      { 'image-variables': 'version=tag', vars: 'version=1' },
      'variable version (vars): the variable has a value here and from `image-variables`; remove one of them',
    ],
    [
      'another type',
      {},
      'variable "version" { type = number }',
      { 'image-variables': 'version=tag' },
      'variable version (image-variables): the value does not have the declared type: a number is required',
    ],
    ['no image', { Dockerfile: '' }, VERSION, { 'image-variables': 'version=tag' }, 'there is no Dockerfile, and no `image` is given'],
    [
      'no digest',
      {},
      VERSION,
      { 'image-variables': 'version=digest', push: 'false' },
      '`image-variables`: version takes the digest, and an image with `push: false` has none',
    ],
  ])('is refused before anything is built: %s', async (_what, more, declared, own, cause) => {
    const files = Object.fromEntries(
      Object.entries({ Dockerfile: 'FROM scratch\nCOPY none /\n', 'web.nomad': docker('iv-not', declared, 'var.version'), ...more }).filter(
        ([, text]) => text !== '',
      ),
    );
    const { outputs, code } = await deploy({ files, env, inputs: { job: 'web.nomad', ...own } });
    expect({ code, cause: outputs['cause'] }).toEqual({ code: 1, cause: expect.stringContaining(cause) });
    expect(await cluster.job('iv-not')).toBeUndefined();
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

  test.concurrent.each<[string, string, string, string?]>([
    ['web.nomad', `${IMAGE}\n${VERSION}`, 'VERSION = var.version', 'version=tag\nimage=image'],
    ['web.nomad', IMAGE, `${PARTS}\n        NIL = "00000000-0000-0000-0000-000000000000"`],
    ['web.nomad.hbs', IMAGE, 'SLUG = "{{slug image}}"'],
  ])('is deployed with the image that was built: %s, %j', async (job, declared, env, variables = '') => {
    await approved(async (github) => {
      const id = `ip-approved-${env.length}`;
      const files = { Dockerfile: server(id), [job]: docker(id, declared, 'var.image', env) };
      const inputs = { job, image: `${parts().registry.address}/acme/${id}`, 'image-variables': variables };
      const { outputs } = await deploy({ github, files, inputs: { ...inputs, command: 'plan' } });
      const fingerprint = outputs['plan-fingerprint'] ?? '';
      const result = await deploy({ github, files, inputs: { ...inputs, 'approved-plan': fingerprint } });
      expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    });
  });
});
