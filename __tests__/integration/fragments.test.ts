import { describe, expect, test } from '@jest/globals';
import { cluster, deploy, QUICK, server } from '../helpers/deploying.ts';

const render = async (files: Record<string, string>, env: Record<string, string> = {}) =>
  deploy({ files, env: { ...QUICK, GITHUB_REPOSITORY: 'Acme/Parts', ...env }, inputs: { command: 'plan', image: 'busybox:1.37' } });

describe('files that add to the built-in template', () => {
  test('are laid over it: a job.nomad sets single fields of blocks that it has', async () => {
    const files = {
      Dockerfile: server('fragments'),
      'vars.nomad': 'variable "GREETING" {\n  type = string\n}',
      'job.nomad':
        'datacenters = ["*"]\nupdate {\n  canary = 0\n  auto_promote = false\n}\nmeta {\n  greeting = var.GREETING\n  slug = var.SLUG\n}\n',
      'group.nomad':
        'task "beside" {\n  driver = "raw_exec"\n  config {\n    command = "/bin/sleep"\n    args = ["1000"]\n  }\n  resources {\n    memory = 16\n  }\n}\n',
    };
    const run = async () =>
      deploy({
        files,
        env: { ...QUICK, GITHUB_REPOSITORY: 'Acme/Fragments', NOMAD_VAR_GREETING: 'hello ${x}' },
        inputs: { 'allowed-drivers': 'docker raw_exec' },
      });
    const result = await run();
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-id': 'acme-fragments' } });
    const job = await cluster.job('acme-fragments');
    expect(job).toMatchObject({
      Datacenters: ['*'],
      Meta: { greeting: 'hello ${x}', slug: 'acme-fragments' },
      TaskGroups: [
        {
          Name: 'group',
          Update: { Canary: 0, AutoRevert: true, MinHealthyTime: 1e9 },
          Tasks: [
            { Name: 'http', Driver: 'docker' },
            { Name: 'beside', Driver: 'raw_exec' },
          ],
        },
      ],
    });
    expect(await run()).toMatchObject({ code: 0, outputs: { outcome: 'unchanged' } });
  });

  test('make a periodic job of it', async () => {
    const files = {
      Dockerfile: 'FROM busybox:1.37\nCMD ["true"]\n',
      'job.nomad': 'type = "batch"\nperiodic {\n  crons = ["15 3 * * *"]\n}\n',
    };
    const result = await deploy({ files, env: { ...QUICK, GITHUB_REPOSITORY: 'Acme/Nightly', NOMAD_VAR_IS_BATCH: '1' } });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'registered' } });
    expect(result.log).toMatch(/next launch of \S+ is at \d{4}-\d\d-\d\dT03:15:00Z/);
  });

  test('are warned of a key of Consul that no deploy writes any more, at its line', async () => {
    const group =
      'task "worker" {\n  driver = "docker"\n  config { image = "busybox:1.37" }\n  template {\n    data = "{{ key \\"NOMAD_VAR_SLUG\\" }}"\n    destination = "secrets/kv"\n  }\n}\n';
    const { code, annotations } = await render({ Dockerfile: server('x'), 'group.nomad': group });
    expect(code).toBe(0);
    expect(annotations).toContainEqual(
      expect.objectContaining({
        level: 'warning',
        file: 'group.nomad',
        line: 5,
        message: expect.stringContaining('`data = var.SECRETS_TEMPLATE`'),
      }),
    );
  });

  test.each([
    ['job.nomad', 'type = "service"\n\nupdate {\n  canaries = 1\n}\n', 4],
    ['group.nomad', '\n\ntask "t" {\n  drivers = "docker"\n}', 4],
    ['vars.nomad', '\nvariable "X" {\n  default = ""\n  typ = string\n}\n', 4],
  ])('have their mistakes told by their own lines: %s', async (file, text, line) => {
    const result = await render({ Dockerfile: server('x'), [file]: text });
    const [error] = result.annotations.filter(({ level }) => level === 'error');
    expect(error).toMatchObject({ file, line, message: expect.stringMatching(new RegExp(`^${file}:${line}:\\d+: `)) });
  });

  test('are inserted into a project.nomad at its markers, or laid over it', async () => {
    const project = (markers: string): string => `variable "X" {
  type = string
}
job "NOMAD_VAR_SLUG" {
  group "g" {
    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/sleep"
        args    = ["1000"]
      }
    }
    ${markers}
  }
}
`;
    const group = 'meta {\n  x = var.X\n}\n';
    for (const markers of ['# GROUP.NOMAD--INSERTS-HERE', '']) {
      const result = await deploy({
        files: { 'project.nomad': project(markers), 'group.nomad': group },
        env: { GITHUB_REPOSITORY: 'Acme/Own', NOMAD_VAR_X: 'set' },
        inputs: { 'job-name': '', wait: 'false' },
      });
      expect(result).toMatchObject({ code: 0, outputs: { 'job-id': 'acme-own' } });
      expect(await cluster.job('acme-own')).toMatchObject({ TaskGroups: [{ Name: 'g', Meta: { x: 'set' } }] });
    }
  });
});

describe('values that mean nothing', () => {
  test('are refused before the image is built', async () => {
    const env = { ...QUICK, GITHUB_REPOSITORY: 'Acme/Values', NOMAD_VAR_PORTS: '{ 5000 = "web" }', NOMAD_VAR_IS_BATCH: 'perhaps' };
    const result = await deploy({ files: { Dockerfile: server('x') }, env });
    expect(result).toMatchObject({
      code: 1,
      outputs: { 'failure-reason': 'input-invalid', cause: expect.stringContaining('NOMAD_VAR_IS_BATCH') },
    });
    expect(result.log).not.toContain('::group::Build');
  });
});
