import { describe, expect, test } from '@jest/globals';
import { deploy } from '../helpers/deploying.ts';
import { group, ONCE, repository } from '../helpers/jobs.ts';

describe('a container in a namespace of its host runs where the node allows that, and is told by it elsewhere:', () => {
  test.concurrent.each(['pid', 'ipc', 'uts', 'userns'])('%s_mode', async (mode) => {
    const task = `task "t" {
      driver = "docker"
      config {
        image      = "busybox:1.37"
        command    = "true"
        ${mode}_mode = "host"
      }
      resources {
        cpu    = 10
        memory = 16
      }
    }`;
    const files = repository(`mode-${mode}`, 'batch', group('g', ONCE, task));
    const line = files['project.nomad'].split('\n').findIndex((one) => one.includes(`${mode}_mode`)) + 1;
    const { outputs, annotations } = await deploy({ files, inputs: { timeout: '60s' } });
    const name = `\`${mode}_mode\``;
    const refused = `does not allow this ${name}; remove ${name}, or set \`${mode}\` in \`allowed_modes\`, or \`allow_privileged\`, of the Docker plugin on that node`;
    expect(outputs['cause']?.replace(/^g\/t cannot start: the node \S+ /, '') ?? outputs['outcome']).toBe(
      outputs['outcome'] === 'failed' ? refused : 'successful',
    );
    expect(annotations.filter(({ level }) => level === 'error').map((error) => [error.file, error.line])).toEqual(
      outputs['outcome'] === 'failed' ? [['project.nomad', line]] : [],
    );
  });
});
