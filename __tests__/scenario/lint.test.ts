// The bundled action checks a checkout without a cluster: also a stranger's, for which no other command runs.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { serve, step } from './step.ts';

const AT = { GITHUB_REPOSITORY: 'Acme/Shop' };
const inputs = { command: 'lint' };

const spec = (image: string): string => `variable "image" {
  default = "busybox"
}
variable "PASSWORD" {
  default = ""
}
job "shop" {
  type = "batch"
  group "web" {
    task "app" {
      driver = "docker"
      config {
        image = ${image}
      }
      resources {
        memory = 64
      }
    }
  }
}
`;

const PULL_REQUEST = {
  number: 7,
  head: { ref: 'patch-1', sha: '0a', repo: { full_name: 'stranger/shop', fork: true } },
  base: { ref: 'main' },
};
const REPOSITORY = { full_name: 'acme/shop', default_branch: 'main' };
const fork = (name: string) => ({ name, payload: { pull_request: PULL_REQUEST, repository: REPOSITORY } });

describe('lint', () => {
  test('passes with warnings, at their lines, in the summary and in a SARIF file', async () => {
    const files = { 'project.nomad': spec('"busybox:latest"') };
    const result = await step({ files, inputs, env: AT });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'linted' } });
    expect(result.annotations).toEqual([
      expect.objectContaining({ level: 'warning', file: 'project.nomad', line: 13, message: expect.stringContaining('[latest]') }),
    ]);
    expect(result.summary).toContain('`project.nomad:13`');
    const sarif = JSON.parse(readFileSync(result.outputs['sarif-file'] ?? '', 'utf8')) as { runs: { results: { ruleId: string }[] }[] };
    expect(sarif.runs.flatMap(({ results }) => results.map(({ ruleId }) => ruleId))).toEqual(['latest']);
  });

  test('has nothing to say about a good spec, and about the built-in template', async () => {
    const good = await step({ files: { 'project.nomad': spec(`"busybox@sha256:${'a'.repeat(64)}"`) }, inputs, env: AT });
    expect(good).toMatchObject({ code: 0, outputs: { outcome: 'linted' }, annotations: [] });
    const template = await step({ files: { Dockerfile: 'FROM scratch\n' }, inputs, env: AT });
    expect(template).toMatchObject({ code: 0, outputs: { outcome: 'linted' }, annotations: [] });
  });

  test.each<[string, Record<string, string>, Record<string, string>, string, RegExp]>([
    ['a spec', { 'project.nomad': 'job "a" {\n  type = "batch"\n' }, {}, 'jobspec-invalid', /^project\.nomad:1: the block `job`/],
    ['a variable of the template', { Dockerfile: '' }, { NOMAD_VAR_MEMORY: 'much' }, 'input-invalid', /NOMAD_VAR_MEMORY/],
    ['the configuration file', { Dockerfile: '', 'nomad-deploy.yml': 'environments: 3\n' }, {}, 'input-invalid', /nomad-deploy\.yml:1/],
    [
      'the policy',
      { 'project.nomad': spec(`"busybox@sha256:${'a'.repeat(64)}"`), 'nomad-deploy.yml': 'policy:\n  allowed-drivers: [exec]\n' },
      {},
      'policy-violation',
      /^project\.nomad:11/,
    ],
    [
      'a variable file',
      { 'project.nomad': spec('var.image'), 'a.hcl': 'image busybox\n', 'nomad-deploy.yml': 'var-files: [a.hcl]\n' },
      {},
      'input-invalid',
      /^a\.hcl:1/,
    ],
  ])('fails for a mistake in %s', async (_name, files, env, reason, cause) => {
    const result = await step({ files, inputs, env: { ...AT, ...env } });
    expect(result).toMatchObject({ code: 1, outputs: { outcome: 'failed', 'failure-reason': reason } });
    expect(result.outputs['cause']).toMatch(cause);
  });

  test('has warnings about the configuration file, once in the log', async () => {
    const files = { Dockerfile: 'FROM scratch\n', 'nomad-deploy.yml': 'bild: false\n' };
    const result = await step({ files, inputs, env: AT });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'linted' } });
    expect(result.annotations).toEqual([expect.objectContaining({ level: 'warning', file: 'nomad-deploy.yml', line: 1 })]);
    expect(result.summary).toContain('`nomad-deploy.yml:1`');
  });

  test('a lint is switched off by the input and by the configuration file; an unknown name is refused', async () => {
    const files = { 'project.nomad': spec('"busybox:latest"') };
    expect(await step({ files, inputs: { ...inputs, 'lint-off': 'latest' }, env: AT })).toMatchObject({ code: 0, annotations: [] });
    const own = { ...files, 'nomad-deploy.yml': 'lint-off: [latest]\n' };
    expect(await step({ files: own, inputs, env: AT })).toMatchObject({ code: 0, annotations: [] });
    const wrong = await step({ files, inputs: { ...inputs, 'lint-off': 'lates' }, env: AT });
    expect(wrong.outputs).toMatchObject({ 'failure-reason': 'input-invalid', cause: expect.stringContaining('did you mean latest?') });
  });
});

describe("lint of a stranger's code", () => {
  test.each(['pull_request', 'pull_request_target', 'workflow_run', 'issue_comment', 'an_event_of_the_future'])(
    'runs for %s',
    async (name) => {
      const result = await step({ event: fork(name), files: { 'project.nomad': spec('"busybox:latest"') }, inputs, env: AT });
      expect(result).toMatchObject({ code: 0, outputs: { outcome: 'linted' } });
      expect(result.annotations.map(({ message }) => message)).toEqual([expect.stringContaining('[latest]')]);
    },
  );

  test('fails for a mistake in the configuration file, where a deploy is skipped', async () => {
    const files = { Dockerfile: '', 'nomad-deploy.yml': 'environments: 3\n' };
    const env = { ...AT };
    expect((await step({ event: fork('pull_request'), files, inputs, env })).outputs['outcome']).toBe('failed');
    expect((await step({ event: fork('pull_request'), files, env })).outputs['outcome']).toBe('skipped');
  });

  test('sends nothing to Nomad, a web hook or an address of the file, and shows no value of the workflow', async () => {
    const asked: string[] = [];
    const server = await serve((request, response) => {
      asked.push(request.url ?? '');
      response.end('{}');
    });
    try {
      const files = {
        'project.nomad': spec('"busybox:${var.PASSWORD}"'),
        'nomad-deploy.yml': `nomad-addr: ${server.address}\n`,
      };
      const result = await step({
        event: fork('pull_request_target'),
        files,
        inputs: { ...inputs, 'nomad-addr': server.address, 'nomad-token': 'token-of-nomad', 'webhook-url': server.address },
        env: { ...AT, NOMAD_VAR_PASSWORD: 'hunter2', NOMAD_SECRET_KEY: 'hunter2-secret' },
      });
      expect(result).toMatchObject({ code: 0, outputs: { outcome: 'linted' } });
      expect(asked).toEqual([]);
      const sarif = readFileSync(result.outputs['sarif-file'] ?? '', 'utf8');
      for (const text of [result.shown, result.summary, sarif]) expect(text).not.toContain('hunter2');
    } finally {
      await server.close();
    }
  });

  test('of a branch of the repository, a value that may be secret is hidden', async () => {
    const result = await step({
      files: { 'project.nomad': spec('"busybox:${var.PASSWORD}"') },
      inputs,
      env: { ...AT, NOMAD_VAR_PASSWORD: 'hunter2' },
    });
    expect(result.annotations.map(({ message }) => message)).toEqual([expect.stringContaining('the tag `***`')]);
    expect(result.shown).not.toContain('hunter2');
  });
});
