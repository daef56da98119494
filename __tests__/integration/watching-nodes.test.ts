import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { deploy, told } from '../helpers/deploying.ts';
import { type MortalNode, startMortalNode } from '../helpers/mortal-node.ts';

/** The first node has not what a task of the spec wants, the second one has. */
let nodes: MortalNode | undefined;
beforeAll(async () => {
  nodes = await startMortalNode(['shell = "/opt/none/sh"\nbad = "yes"', 'shell = "/bin/sh"']);
});
afterAll(async () => nodes?.stop());

const spec = (name: string, group: string, command: string, shell = '/bin/sh'): string => `
job "${name}" {
  update {
    min_healthy_time  = "500ms"
    healthy_deadline  = "20s"
    progress_deadline = "40s"
  }
  group "g" {
    ${group}
    restart {
      attempts = 0
      mode     = "fail"
    }
    task "t" {
      driver = "raw_exec"
      config {
        command = "${shell}"
        args    = ["-c", "${command}"]
      }
      kill_timeout = "1s"
      resources {
        cpu    = 10
        memory = 16
      }
    }
  }
}
`;

test('a reason of one node waits for the reschedule that the spec allows, and says so', async () => {
  const group = `
    affinity {
      attribute = "\${meta.bad}"
      value     = "yes"
    }
    reschedule {
      delay          = "5s"
      delay_function = "constant"
      unlimited      = true
    }`;
  const result = await deploy({
    files: { 'project.nomad': spec('bad-node', group, 'exec sleep 1000', '${meta.shell}') },
    inputs: { 'nomad-addr': nodes?.address ?? '' },
  });
  expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
  const lines = told(result);
  expect(lines).toContainEqual(
    `cause so far: g/t: its command /opt/none/sh was not found on the node ${nodes?.names[0]} (a reason of this node, not of the spec)`,
  );
  expect(lines).toContainEqual(expect.stringMatching(/\(g\[0\]\) is to be rescheduled by Nomad: waiting for that$/));
});

test('a reason of a node that no reschedule may heal fails the deployment, by its name', async () => {
  const group = `
    constraint {
      attribute = "\${meta.bad}"
      value     = "yes"
    }
    reschedule {
      attempts  = 0
      unlimited = false
    }`;
  const { outputs } = await deploy({
    files: { 'project.nomad': spec('bad-node-only', group, 'exec sleep 1000', '${meta.shell}') },
    inputs: { 'nomad-addr': nodes?.address ?? '' },
  });
  expect(outputs).toMatchObject({
    outcome: 'failed',
    'failure-reason': 'unhealthy',
    cause: expect.stringContaining(`g/t: its command /opt/none/sh was not found on the node ${nodes?.names[0]}; correct \`command\``),
  });
});
