import { describe, expect, test } from '@jest/globals';
import { cluster, type Deploy, deploy, told, when } from '../helpers/deploying.ts';
import { group, ONCE, repository, STAY, task, update } from '../helpers/jobs.ts';

const files = (id: string, healthyAfter: string): Deploy['files'] =>
  repository(
    id,
    'service',
    `update {\n min_healthy_time = "${healthyAfter}"\n healthy_deadline = "40s"\n progress_deadline = "41s"\n}`,
    group('g', ONCE, task(STAY)),
  );

/** Pauses the deployment of a job, or resumes it. */
async function pause(id: string, Pause: boolean): Promise<void> {
  const { ID } = (await cluster.deployment(id)) ?? {};
  const answer = await cluster.send('PUT', `/v1/deployment/pause/${ID}`, { DeploymentID: ID, Pause });
  expect(answer.status).toBe(200);
}

describe('a deployment that a person pauses', () => {
  test.concurrent('has no verdict until the time is up, and the cause says why', async () => {
    const id = 'paused-for-good';
    const paused = when('is placed on', async () => pause(id, true));
    const result = await deploy({ files: files(id, '20s'), inputs: { timeout: '6s' }, onLine: paused.onLine });
    await paused.done();
    const { ID = '', Status } = (await cluster.deployment(id)) ?? {};
    expect(Status).toBe('paused');
    expect(result).toMatchObject({
      code: 1,
      outputs: {
        outcome: 'timed-out',
        cause: `the deployment is paused (by a person or a tool), and Nomad gives no verdict on it; resume it with nomad deployment resume ${ID.slice(0, 8)}`,
      },
    });
    expect(told(result).join('\n')).not.toContain('could not be placed');
  });

  test.concurrent('is followed to its end once it is resumed', async () => {
    const id = 'paused-and-resumed';
    const paused = when('is placed on', async () => pause(id, true));
    const resumed = when('Deployment is paused', async () => pause(id, false));
    const onLine = (line: string): void => {
      paused.onLine(line);
      resumed.onLine(line);
    };
    const result = await deploy({ files: files(id, '2s'), inputs: { timeout: '60s' }, onLine });
    await resumed.done();
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
  });

  test.concurrent('and that Nomad then fails or not, is told as Nomad tells it', async () => {
    const id = 'paused-beyond';
    const paused = when('is placed on', async () => pause(id, true));
    const spec = repository(id, 'service', update().replace('"500ms"', '"4s"'), group('g', ONCE, task('sleep 2')));
    const result = await deploy({ files: spec, inputs: { timeout: '20s' }, onLine: paused.onLine });
    await paused.done();
    // Before 2.0.1, a paused deployment runs out or fails like any other.
    const { Status } = (await cluster.deployment(id)) ?? {};
    expect([Status, result.outputs['outcome']]).toEqual(Status === 'paused' ? ['paused', 'timed-out'] : ['failed', 'failed']);
    expect(result.outputs['cause']).toContain('g/t exited with code 0');
  });
});
