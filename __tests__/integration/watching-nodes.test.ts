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
    `cause so far: g/t cannot start: the command /opt/none/sh does not exist on the node ${nodes?.names[0]} (caused by the node, not by the spec)`,
  );
  expect(lines).toContainEqual(expect.stringMatching(/\(g\[0\]\) waits for Nomad to reschedule it$/));
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
    cause: expect.stringContaining(
      `g/t cannot start: the command /opt/none/sh does not exist on the node ${nodes?.names[0]}; correct \`command\``,
    ),
  });
});

// The last test: the node does not come back.
test('an allocation of the older version on a node that is silent is named', async () => {
  const group = `
    count = 2
    disconnect {
      lost_after = "6h"
      replace    = false
    }
    constraint {
      distinct_hosts = true
    }`;
  const version = async (text: string, deadline = '20s', inputs = {}): ReturnType<typeof deploy> => {
    const files = {
      'project.nomad': spec('silent-node', group, `echo ${text}; exec sleep 1000`)
        .replaceAll('"20s"', `"${deadline}"`)
        .replace('"40s"', '"21s"'),
    };
    return deploy({ files, inputs: { 'nomad-addr': nodes?.address ?? '', ...inputs } });
  };
  expect(await version('one')).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
  nodes?.kill(1);
  const disconnected = async (): Promise<boolean> => {
    const response = await fetch(`${nodes?.address}/v1/job/silent-node/allocations`);
    return ((await response.json()) as { ClientStatus: string }[]).some(({ ClientStatus }) => ClientStatus === 'unknown');
  };
  while (!(await disconnected())) await new Promise((resolve) => setTimeout(resolve, 250));
  const { outputs } = await version('two', '5s', { 'on-placement-failure': '3s' });
  expect(outputs).toMatchObject({
    outcome: 'failed',
    cause: expect.stringMatching(
      new RegExp(
        `^group g waits for allocation [0-9a-f]{8} of the older version 0: the node ${nodes?.names[1]} is disconnected or down; reconnect that node, or set \`replace = true\``,
      ),
    ),
  });
});
