import { describe, expect, test } from '@jest/globals';
import type { Call, Transport } from '../../../src/nomad/call.ts';
import { deployments } from '../../../src/nomad/deployments.ts';

/** The requests of a call, to a Nomad that refuses writes and has a deployment with this status. */
function nomad(write: number, Status: string) {
  const sent: string[] = [];
  const send = async ({ method, path, body }: Call) => {
    sent.push([method, path, ...(body === undefined ? [] : [body])].join(' '));
    return method === 'GET'
      ? { status: 200, text: '', json: { Status } }
      : { status: write, text: "can't pause/resume terminal deployment" };
  };
  return { sent, ...deployments({ send } as unknown as Transport) };
}

describe('a deployment', () => {
  test('is paused and resumed by one request', async () => {
    const { sent, pause } = nomad(200, 'running');
    expect([await pause('d', 'default', true), await pause('d', 'default', false)]).toEqual([true, true]);
    expect(sent).toEqual([
      'PUT /v1/deployment/pause/d {"DeploymentID":"d","Pause":true}',
      'PUT /v1/deployment/pause/d {"DeploymentID":"d","Pause":false}',
    ]);
  });

  test('that ends in between is not paused', async () => expect(await nomad(500, 'cancelled').pause('d', 'default', true)).toBe(false));

  test('that Nomad does not pause for another reason is an error', async () =>
    expect(nomad(500, 'running').pause('d', 'default', true)).rejects.toMatchObject({ code: 'nomad-refused' }));

  test('is promoted as a whole, or by groups', async () => {
    const { sent, promote } = nomad(200, 'running');
    await promote('d', 'default');
    await promote('d', 'default', ['web']);
    expect(sent).toEqual([
      'PUT /v1/deployment/promote/d {"DeploymentID":"d","All":true}',
      'PUT /v1/deployment/promote/d {"DeploymentID":"d","Groups":["web"]}',
    ]);
  });
});
