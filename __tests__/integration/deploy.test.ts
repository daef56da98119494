import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { cluster, deploy, QUICK, server, spec } from '../helpers/deploying.ts';
import { parts } from '../helpers/parts.ts';

const DIGEST = /@sha256:[0-9a-f]{64}$/;

async function answers(service: string): Promise<string[]> {
  const found = await cluster.services(service);
  return Promise.all(found.map(async ({ Address, Port }) => (await (await fetch(`http://${Address}:${Port}/`)).text()).trim()));
}

describe('a repository with a Dockerfile and nothing else', () => {
  const env = { ...QUICK, GITHUB_REPOSITORY: 'Acme/Plain', BASE_DOMAIN: 'dev.example.com' };

  test('its image is built, pushed and runs by digest; the service answers; the same again changes nothing', async () => {
    const first = await deploy({ files: { Dockerfile: server('one') }, env });
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.outputs).toMatchObject({
      outcome: 'successful',
      'job-id': 'acme-plain',
      'job-version': '0',
      environment: 'main',
      namespace: 'default',
      url: 'https://acme-plain.dev.example.com',
      changed: 'create',
      image: expect.stringMatching(DIGEST),
      'evaluation-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'deployment-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(first.outputs).not.toHaveProperty('cause');
    expect(await answers('acme-plain')).toEqual(['one']);

    const job = await cluster.job('acme-plain');
    expect(job?.TaskGroups?.[0]?.Tasks?.[0]).toMatchObject({ Config: { image: first.outputs['image'] } });
    expect(job?.Meta).toMatchObject({ nomad_deploy_repository: 'Acme/Plain' });
    expect(JSON.parse(readFileSync(first.outputs['spec'] ?? '', 'utf8'))).toMatchObject({ ID: 'acme-plain' });
    expect(JSON.parse(readFileSync(first.outputs['result'] ?? '', 'utf8'))).toMatchObject({
      outcome: 'successful',
      allocations: [{ healthy: true }],
    });
    expect(first.summary).toContain('acme-plain: successful in main');

    const again = await deploy({ files: { Dockerfile: server('one') }, env });
    expect(again).toMatchObject({
      code: 0,
      outputs: { outcome: 'unchanged', changed: 'none', 'job-version': '0', image: first.outputs['image'] },
    });
    expect(await cluster.versions('acme-plain')).toHaveLength(1);

    const changed = await deploy({ files: { Dockerfile: server('two') }, env });
    expect(changed).toMatchObject({
      code: 0,
      outputs: { outcome: 'successful', changed: 'destructive', 'previous-version': '0', 'job-version': '1' },
    });
    expect(await answers('acme-plain')).toContain('two');
  });

  test('the watcher needs at most 10 requests for one allocation', async () => {
    const { log, outputs } = await deploy({ files: { Dockerfile: server('counted') }, env: { ...env, GITHUB_REPOSITORY: 'Acme/Counted' } });
    expect(outputs).toMatchObject({ outcome: 'successful' });
    const watched = log.slice(log.indexOf('::group::Watch'), log.indexOf('::endgroup::', log.indexOf('::group::Watch')));
    const requests = watched.match(/^::debug::(GET|PUT|POST) /gm) ?? [];
    expect(requests.length).toBeGreaterThan(3);
    expect(requests.length).toBeLessThanOrEqual(10);
  });

  test('a branch is a review app of its own', async () => {
    const { outputs } = await deploy({
      files: { Dockerfile: server('branch') },
      env: { ...env, GITHUB_REF_NAME: '7/merge', GITHUB_HEAD_REF: 'Feature/Big_Thing' },
    });
    expect(outputs).toMatchObject({
      outcome: 'successful',
      'job-id': 'acme-plain-feature-big-thing',
      url: 'https://acme-plain-feature-big-thing.dev.example.com',
    });
  });
});

describe('where the image comes from', () => {
  const env = { ...QUICK, GITHUB_REPOSITORY: 'Acme/Image' };

  test.concurrent('without push it is loaded into the engine that the node shares', async () => {
    const { code, outputs } = await deploy({ files: { Dockerfile: server('loaded') }, env, inputs: { push: 'false' } });
    expect({ code, image: outputs['image'] }).toEqual({ code: 0, image: expect.stringMatching(/\/acme\/image:sha256-[0-9a-f]{64}$/) });
    expect(await answers('acme-image')).toEqual(['loaded']);
  });

  test.concurrent('a tag of an existing image is resolved to its digest', async () => {
    const tagged = { ...env, GITHUB_REPOSITORY: 'Acme/Tagged' };
    const built = await deploy({ files: { Dockerfile: server('built') }, env: tagged, inputs: { command: 'build' } });
    expect(built).toMatchObject({ code: 0, outputs: { outcome: 'built' } });
    const name = `${parts().registry.address}/acme/tagged`;
    const { outputs } = await deploy({
      files: {},
      env: { ...env, GITHUB_REPOSITORY: 'Acme/Existing' },
      inputs: { build: 'false', image: `${name}:main` },
    });
    expect(outputs).toMatchObject({ outcome: 'successful', image: built.outputs['image'] });
  });

  test.concurrent('an image that does not exist is refused before anything is registered', async () => {
    const image = `${parts().registry.address}/acme/nothing:1`;
    const result = await deploy({ files: {}, env: { ...env, GITHUB_REPOSITORY: 'Acme/Nothing' }, inputs: { image } });
    expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'image-not-found', cause: expect.stringContaining(image) } });
    expect(await cluster.job('acme-nothing')).toBeUndefined();
  });
});

describe('a spec of the repository', () => {
  test.concurrent('is parsed by the cluster with its variables, typed', async () => {
    const text = spec('own-spec', {
      command: 'echo "$GREETING"; exec sleep 1000',
      more: 'meta {\n numbers = jsonencode(var.numbers)\n text = var.text\n }',
    });
    const variables = 'variable "numbers" {\n type = map(string)\n}\nvariable "text" {\n type = string\n}\n';
    const { code, outputs } = await deploy({
      files: { 'job.nomad.hcl': variables + text },
      inputs: { job: 'job.nomad.hcl', vars: 'numbers={ 1 = "one" }\ntext=${not} "interpolated" %{ if }' },
    });
    expect({ code, outcome: outputs['outcome'], id: outputs['job-id'] }).toEqual({ code: 0, outcome: 'successful', id: 'own-spec' });
    expect((await cluster.job('own-spec'))?.Meta).toMatchObject({ numbers: '{"1":"one"}', text: '${not} "interpolated" %{ if }' });
  });

  test.concurrent('a project.nomad is found without being named, and `job-name` renames it', async () => {
    const { outputs } = await deploy({
      files: { 'project.nomad': spec('whatever', { command: 'exec sleep 1000' }) },
      inputs: { 'job-name': 'renamed', timeout: '1000h' },
    });
    expect(outputs).toMatchObject({ outcome: 'successful', 'job-id': 'renamed' });
    expect(await cluster.job('whatever')).toBeUndefined();
  });

  test.concurrent('a batch job is followed to its exit', async () => {
    const files = { 'project.nomad': spec('batch-good', { type: 'batch', command: 'echo done' }) };
    expect(await deploy({ files })).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
  });

  test.concurrent('a periodic job is registered, and its next launch said', async () => {
    const more = 'periodic {\n crons = ["0 3 * * *"]\n }';
    const result = await deploy({ files: { 'project.nomad': spec('nightly', { type: 'batch', command: 'true', more }) } });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'registered' } });
    expect(result.log).toMatch(/The next launch of \S+ is at \d{4}-\d\d-\d\dT03:00:00Z/);
  });

  test.concurrent('`wait: false` returns once it is registered', async () => {
    const result = await deploy({
      files: { 'project.nomad': spec('unwatched', { command: 'exec sleep 1000' }) },
      inputs: { wait: 'false' },
    });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'registered', 'job-version': '0' } });
    expect(result.log).not.toContain('::group::Watch');
  });
});

describe('plan and render', () => {
  test('say what would be, and write nothing', async () => {
    const files = { 'project.nomad': spec('only-planned', { command: 'exec sleep 1000' }) };
    expect(await deploy({ files, inputs: { command: 'plan' } })).toMatchObject({
      code: 0,
      outputs: { outcome: 'planned', changed: 'create' },
    });
    const rendered = await deploy({ files, inputs: { command: 'render' } });
    expect(rendered).toMatchObject({ code: 0, outputs: { outcome: 'rendered' } });
    expect(JSON.parse(readFileSync(rendered.outputs['spec'] ?? '', 'utf8'))).toMatchObject({
      ID: 'only-planned',
      TaskGroups: [{ Name: 'g' }],
    });
    expect(await cluster.job('only-planned')).toBeUndefined();
  });
});
