// Who may read a job must not get the password with which its nodes pull images.
import { expect, test } from '@jest/globals';
import { cluster, deploy, QUICK, server } from '../helpers/deploying.ts';
import { parts } from '../helpers/parts.ts';

/** The login that a node pulls with, always from the registry. */
const pulling = (user: string, password: string, text: string): Parameters<typeof deploy>[0] => ({
  files: { Dockerfile: server(text) },
  env: {
    ...QUICK,
    GITHUB_REPOSITORY: 'Acme/Pull',
    NOMAD_VAR_FORCE_PULL: 'true',
    NOMAD_VAR_CI_REGISTRY_USER: user,
    NOMAD_VAR_CI_REGISTRY_PASSWORD: password,
  },
});

/** All that somebody sees who may read the job, but not its variables. */
async function readable(job: string): Promise<string> {
  const versions = await cluster.versions(job);
  const submissions = await Promise.all(versions.map(async ({ Version }) => cluster.submission(job, Version)));
  return JSON.stringify([await cluster.job(job), versions, submissions]);
}

test.concurrent("the registry's password is an item of the job's variable: not in the job, its versions, its submissions, the plan or the log, and the node pulls with it", async () => {
  const { registry } = parts();
  const first = await deploy(pulling(registry.username, registry.password, 'pull 1'));
  expect(first).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
  const job = first.outputs['job-id'] ?? '';
  const again = await deploy(pulling(registry.username, registry.password, 'pull 1'));
  expect(again).toMatchObject({ code: 0, outputs: { outcome: 'unchanged' } });
  const second = await deploy(pulling(registry.username, registry.password, 'pull 2'));
  expect(second).toMatchObject({ code: 0, outputs: { outcome: 'successful', changed: 'destructive' } });
  const planned = await deploy({ ...pulling(registry.username, registry.password, 'pull 3'), inputs: { command: 'plan' } });
  expect(planned.outputs['outcome']).toBe('planned');

  const seen = await readable(job);
  expect(seen).toContain('${NOMAD_DEPLOY_REGISTRY_PASSWORD}');
  expect(seen).not.toContain(registry.password);
  for (const { shown, outputs } of [first, again, second, planned])
    expect(shown + JSON.stringify(outputs)).not.toContain(registry.password);
  const items = Object.values((await cluster.variable(job))?.Items ?? {});
  expect(items).toContain(registry.password);
});

test.concurrent('a wrong password is refused by the registry, so that it is this one that the node pulls with', async () => {
  const { registry } = parts();
  const wrong = await deploy({
    ...pulling(registry.username, 'wrong-password-of-a-node', 'wrong'),
    env: { ...pulling(registry.username, 'wrong-password-of-a-node', 'wrong').env, GITHUB_REPOSITORY: 'Acme/PullWrong' },
  });
  expect(wrong).toMatchObject({ code: 1, outputs: { outcome: 'failed' } });
  expect(wrong.outputs['cause']).toMatch(/pull|denied|unauthorized|authoriz/i);
});

/** A spec of the repository whose task logs in by itself. */
const own = (job: string, image: string, username: string, password: string): string => `
variable "SECRETS_TEMPLATE" { type = string }
job "${job}" {
  update {
    min_healthy_time  = "500ms"
    healthy_deadline  = "15s"
    progress_deadline = "20s"
  }
  group "web" {
    task "app" {
      driver = "docker"
      config {
        image      = "${image}"
        force_pull = true
        auth {
          username = "${username}"
          password = "${password}"
        }
      }
      template {
        data        = var.SECRETS_TEMPLATE
        destination = "secrets/nomad-deploy.env"
        env         = true
      }
      resources {
        cpu    = 10
        memory = 16
      }
    }
  }
}
`;

test.concurrent('a password that a spec has in clear is warned of with its line, and the way of the warning works', async () => {
  const { registry } = parts();
  const built = await deploy({
    files: { Dockerfile: server('own') },
    env: { GITHUB_REPOSITORY: 'Acme/PullOwn' },
    inputs: { command: 'build' },
  });
  const image = built.outputs['image'] ?? '';
  const clear = await deploy({
    files: { 'project.nomad': own('pull-own', image, registry.username, 'some-password-in-clear') },
    inputs: { command: 'plan' },
  });
  expect(clear.annotations.map(({ message }) => message)).toContainEqual(
    expect.stringContaining('project.nomad:15: The task app of web has the password of its registry in the job'),
  );
  const secret = await deploy({
    files: { 'project.nomad': own('pull-own', image, registry.username, '$${REGISTRY_PASSWORD}') },
    inputs: { secrets: `REGISTRY_PASSWORD=${registry.password}` },
  });
  expect(secret).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
  expect(secret.annotations.map(({ message }) => message)).not.toContainEqual(expect.stringContaining('password of its registry'));
  expect(await readable('pull-own')).not.toContain(registry.password);
});
