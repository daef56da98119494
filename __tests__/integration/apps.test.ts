// Several apps, and several images of one job, of a configuration file.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type ActionResult, makeWorkspace, runAction } from '../../scripts/parts/action.ts';
import type { Job } from '../../src/nomad/types.ts';
import type { Result } from '../../src/report/result.ts';
import { cluster, deploy, QUICK, server, spec } from '../helpers/deploying.ts';
import { parts } from '../helpers/parts.ts';

const resultOf = ({ outputs }: ActionResult): Result => JSON.parse(readFileSync(outputs['result'] ?? '', 'utf8')) as Result;
const imageIn = async (id: string): Promise<unknown> => (await cluster.job(id))?.TaskGroups?.[0]?.Tasks?.[0]?.Config?.['image'];
/** A job that runs nothing. */
const STOPPED = { NOMAD_VAR_COUNT: '0' };

describe('apps', () => {
  const files = {
    'nomad-deploy.yml': [
      'vars: { COUNT: 1 }',
      'apps:',
      '  web: { context: web, depends-on: api, test: test -f /site/index.html }',
      '  api: { context: api, job-name: apps-api, build-args: { WORD: "${x} 100%" } }',
    ].join('\n'),
    'web/Dockerfile': server('web'),
    'api/Dockerfile': `FROM busybox:1.37\nARG WORD\nRUN mkdir -p /site && echo "$WORD" > /site/index.html && grep -qF '\${x} 100%' /site/index.html\nCMD ["httpd", "-f", "-p", "5000", "-h", "/site"]\n`,
  };

  test('are built by one bake and deployed one after another, each with its own image and job', async () => {
    const run = await deploy({ files, env: { ...QUICK, GITHUB_REPOSITORY: 'Acme/Apps' } });
    const { address } = parts().registry;
    expect(run).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-id': 'apps-api' } });
    const images = JSON.parse(run.outputs['images'] ?? '{}') as Record<string, string>;
    expect(images).toEqual({
      api: expect.stringMatching(`^${address}/acme/apps/api@sha256:[0-9a-f]{64}$`),
      web: expect.stringMatching(`^${address}/acme/apps/web@sha256:[0-9a-f]{64}$`),
    });
    expect(run.outputs['image']).toBe(images['api']);
    expect([await imageIn('apps-api'), await imageIn('acme-apps-web')]).toEqual([images['api'], images['web']]);
    expect(resultOf(run).jobs).toMatchObject([
      { app: 'api', jobId: 'apps-api', outcome: 'successful', image: images['api'] },
      { app: 'web', jobId: 'acme-apps-web', outcome: 'successful', image: images['web'] },
    ]);
    expect(run.log.match(/building with ".*" instance/g)).toHaveLength(1);
    expect(run.leftovers.filter((name) => name.includes('bake'))).toEqual([]);

    const again = await deploy({ files, inputs: { app: 'web' }, env: { ...QUICK, GITHUB_REPOSITORY: 'Acme/Apps' } });
    expect(again.outputs).toMatchObject({ outcome: 'unchanged', 'job-id': 'acme-apps-web', image: images['web'] });
  });

  test('that fail to build or to pass their test are named, and nothing is deployed', async () => {
    const env = { ...STOPPED, GITHUB_REPOSITORY: 'Acme/Broken' };
    // The job apps-api is of another repository.
    const config = files['nomad-deploy.yml'].replace('apps-api', 'broken-api');
    const own = { ...files, 'nomad-deploy.yml': config };
    const broken = await deploy({ files: { ...own, 'web/Dockerfile': 'FROM busybox:1.37\nRUN echo oh && sleep 1 && false\n' }, env });
    expect(broken.outputs).toMatchObject({ outcome: 'failed', 'failure-reason': 'build-failed' });
    expect(broken.outputs['cause']).toMatch(/^web: web\/Dockerfile:2: the image could not be built: .*: "oh"$/);
    expect(broken.annotations).toContainEqual(expect.objectContaining({ level: 'error', file: 'web/Dockerfile', line: 2 }));
    const untested = await deploy({ files: { ...own, 'nomad-deploy.yml': `${config}\ntest: exit 3\n` }, env });
    expect(untested.outputs['cause']).toMatch(/^api: the test of the image exited with code 3/);
    expect(await cluster.job('acme-broken-web')).toBeUndefined();
  });

  test('are left as they are when one that they depend on fails; others go on', async () => {
    const run = await deploy({
      files: {
        'nomad-deploy.yml': 'apps:\n  a: { job: a.nomad }\n  b: { job: b.nomad, depends-on: a }\n  c: { job: c.nomad }\n',
        'a.nomad': spec('left-a', { command: 'exit 1' }),
        'b.nomad': spec('left-b', { command: 'sleep 600' }),
        'c.nomad': spec('left-c', { command: 'sleep 600' }),
      },
    });
    expect(run.outputs).toMatchObject({ outcome: 'failed' });
    expect(run.outputs['cause']).toMatch(/^a: /);
    expect(resultOf(run).jobs).toMatchObject([
      { app: 'a', jobId: 'left-a', outcome: 'failed' },
      { jobId: 'left-b', outcome: 'skipped', cause: 'the earlier job left-a failed' },
      { app: 'c', jobId: 'left-c', outcome: 'successful' },
    ]);
  });

  test('are skipped when none of their files changed since the commit before the push', async () => {
    const workspace = makeWorkspace({
      'nomad-deploy.yml':
        'build: false\nimage: busybox:1.37\napps:\n  api: { paths: [api] }\n  web: { paths: ["web/**", "!**/*.md"] }\n  all: {}\n',
      'api/a': '1',
      'web/b': '1',
    });
    const git = (...args: string[]): string =>
      execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.com', ...args], { cwd: workspace, encoding: 'utf8' }).trim();
    const commit = (): string => {
      git('add', '-A');
      git('commit', '-qm', 'x');
      return git('rev-parse', 'HEAD');
    };
    const { docker, nomad } = parts();
    const push = async (before: string): Promise<ActionResult> =>
      runAction({
        workspace,
        inputs: { command: 'render', 'nomad-addr': nomad.address },
        env: { ...docker.env, GITHUB_REPOSITORY: 'Acme/Paths', GITHUB_REF_NAME: 'main', GITHUB_SHA: git('rev-parse', 'HEAD') },
        event: { name: 'push', payload: { before } },
      });
    const jobs = (run: ActionResult): unknown => resultOf(run).jobs?.map(({ app }) => app);
    git('init', '-q');
    const first = commit();
    writeFileSync(join(workspace, 'web/b'), '2');
    writeFileSync(join(workspace, 'web/README.md'), '2');
    const second = commit();
    const changed = await push(first);
    expect(jobs(changed)).toEqual(['web', 'all']);
    expect(changed.annotations).toContainEqual(
      expect.objectContaining({ level: 'notice', message: `api is skipped: none of its \`paths\` changed since ${first.slice(0, 7)}.` }),
    );
    writeFileSync(join(workspace, 'web/README.md'), '3');
    commit();
    expect(resultOf(await push(second)).app).toBe('all');
    const unknown = await push('0'.repeat(40));
    expect(jobs(unknown)).toEqual(['api', 'web', 'all']);
    expect(unknown.log).toContain('the event push has no commit to compare with');
    expect(jobs(await push('1'.repeat(40)))).toEqual(['api', 'web', 'all']);
  });
});

describe('images of one job', () => {
  const SPEC = `
variable "image" {}
variable "images" { type = map(string) }
job "two-images" {
  group "g" {
    count = 0
    task "one" {
      driver = "docker"
      config { image = var.images["one"] }
    }
    task "two" {
      driver = "docker"
      config { image = var.images.two }
    }
  }
}
`;
  const files = {
    'nomad-deploy.yml': 'images:\n  one: { file: one.Dockerfile }\n  two: { file: two.Dockerfile, target: last }\n',
    'one.Dockerfile': server('one'),
    'two.Dockerfile': `${server('two').replace('\n', ' AS last\n')}FROM last\nRUN false\n`,
  };
  const imagesOf = (run: ActionResult): unknown => {
    const job = JSON.parse(readFileSync(run.outputs['spec'] ?? '', 'utf8')) as Job;
    return job.TaskGroups?.[0]?.Tasks?.map(({ Config }) => Config?.['image']);
  };

  test.each([
    ['two.nomad', SPEC],
    [
      'two.nomad.hbs',
      SPEC.replace(/variable.*\n/g, '')
        .replace('var.images["one"]', '{{hcl images.one}}')
        .replace('var.images.two', '{{hcl images.two}}'),
    ],
  ])('are built by one bake, and are images.<name> in %s', async (job, text) => {
    const run = await deploy({ files: { ...files, [job]: text }, inputs: { job }, env: { GITHUB_REPOSITORY: 'Acme/Two' } });
    expect(run).toMatchObject({ code: 0, outputs: { outcome: expect.stringMatching(/^successful|unchanged$/), 'job-id': 'two-images' } });
    const images = JSON.parse(run.outputs['images'] ?? '{}') as Record<string, string>;
    expect(Object.keys(images)).toEqual(['one', 'two']);
    expect(imagesOf(run)).toEqual(Object.values(images));
    expect(run.annotations.filter(({ level }) => level === 'warning')).toEqual([]);
    expect(run.log.match(/building with ".*" instance/g)).toHaveLength(1);
  });

  test('stay in the local engine without a push, by tags that name their content', async () => {
    const run = await deploy({
      files: { ...files, 'two.nomad': SPEC },
      inputs: { job: 'two.nomad', push: 'false' },
      env: { GITHUB_REPOSITORY: 'Acme/Two' },
    });
    expect(imagesOf(run)).toEqual([
      expect.stringMatching(/\/one:sha256-[0-9a-f]{64}$/),
      expect.stringMatching(/\/two:sha256-[0-9a-f]{64}$/),
    ]);
  });

  test('with one name are refused before anything is built', async () => {
    const config = 'image: shop\nimages:\n  one: { file: one.Dockerfile }\n  two: { file: two.Dockerfile }\n';
    const run = await deploy({ files: { ...files, 'nomad-deploy.yml': config, 'two.nomad': SPEC }, inputs: { job: 'two.nomad' } });
    expect(run.outputs['cause']).toBe('`image`: one and two would have the same tag shop:main');
  });
});
