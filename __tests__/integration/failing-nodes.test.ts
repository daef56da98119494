import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ClusterWithConsul, startClusterWithConsul } from '../helpers/consul.ts';
import { deploy } from '../helpers/deploying.ts';
import { type MortalNode, startMortalNode } from '../helpers/mortal-node.ts';

let mortal: MortalNode | undefined;
let withConsul: ClusterWithConsul | undefined;
beforeAll(async () => {
  [mortal, withConsul] = await Promise.all([startMortalNode(), startClusterWithConsul()]);
});
afterAll(async () => {
  await Promise.all([mortal?.stop(), withConsul?.stop()]);
});

const spec = (name: string, update: string, group = ''): string => `
job "${name}" {
  update {
    ${update}
  }
  group "g" {
    ${group}
    reschedule {
      attempts  = 0
      unlimited = false
    }
    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/sh"
        args    = ["-c", "echo 'Error: no database' >&2; exec sleep 1000"]
      }
      kill_timeout = "1s"
      resources {
        cpu    = 10
        memory = 32
      }
    }
  }
}
`;

test('a node that dies during the deployment is the cause, not the task', async () => {
  let killed = false;
  const update = 'min_healthy_time = "9s"\nhealthy_deadline = "10s"\nprogress_deadline = "11s"';
  const { code, outputs, annotations } = await deploy({
    files: { 'project.nomad': spec('mortal', update) },
    inputs: { 'nomad-addr': mortal?.address ?? '' },
    onLine: (line) => {
      if (!killed && line.includes('Started')) mortal?.kill();
      killed ||= line.includes('Started');
    },
  });
  expect({ code, ...outputs }).toMatchObject({
    code: 1,
    outcome: 'failed',
    'failure-reason': 'progress-deadline',
    cause: expect.stringMatching(/^group g lost allocation [0-9a-f]{8}: the node nomad-client-\d+ is down or unreachable; check/),
  });
  const [error] = annotations.filter(({ level }) => level === 'error');
  expect(error).toMatchObject({ file: 'project.nomad' });
  expect(error).not.toHaveProperty('line');
});

const inConsul = (name: string): Record<string, string> => {
  const update = 'min_healthy_time = "500ms"\nhealthy_deadline = "4s"\nprogress_deadline = "8s"';
  const group = `network {
      port "http" {}
    }
    service {
      name = "web"
      port = "http"
      check {
        type     = "tcp"
        interval = "1s"
        timeout  = "1s"
      }
    }`;
  return { 'project.nomad': spec(name, update, group) };
};

test('a check in Consul is named, and what the task says; its output is only there', async () => {
  const { outputs, annotations } = await deploy({
    files: inConsul('in-consul'),
    inputs: { 'nomad-addr': withConsul?.nomad.address ?? '' },
  });
  expect(outputs).toMatchObject({
    outcome: 'failed',
    'failure-reason': 'unhealthy',
    cause:
      'g/t is running, but the checks of its service web in Consul did not pass within healthy_deadline (4s): "Error: no database"; read their output in Consul, or set `consul-addr`, and the cause names it',
  });
  expect(annotations).toContainEqual(expect.objectContaining({ level: 'error', line: 15 }));
});

test('with the address of Consul, the cause is its check with the output, as soon as it fails', async () => {
  const { outputs, log, summary } = await deploy({
    files: inConsul('by-consul'),
    inputs: { 'nomad-addr': withConsul?.nomad.address ?? '', 'consul-addr': withConsul?.consul.address ?? '' },
  });
  expect(outputs).toMatchObject({
    outcome: 'failed',
    'failure-reason': 'unhealthy',
    cause: expect.stringMatching(
      /^g\/t is unhealthy: the check of service web fails: nothing listens at \S+:\d+ \(connection refused\) \(log output: "Error: no database"\); make the application listen on that port/,
    ),
  });
  expect(log).toMatch(/cause so far: group g is unhealthy: the check of service web fails: nothing listens at/);
  expect(summary).toContain('connection refused');
});

test('a Consul that does not answer changes no verdict, and is told once', async () => {
  const { outputs, annotations } = await deploy({
    files: inConsul('no-consul'),
    inputs: { 'nomad-addr': withConsul?.nomad.address ?? '', 'consul-addr': 'http://127.0.0.1:9', 'consul-token': 't0ken-of-consul' },
  });
  expect(outputs).toMatchObject({
    outcome: 'failed',
    cause: expect.stringContaining('the checks of its service web in Consul did not pass'),
  });
  expect(annotations.filter(({ message }) => message.includes('The checks in Consul are not read'))).toHaveLength(1);
});
