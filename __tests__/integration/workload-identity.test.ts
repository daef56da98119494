// A runner that is itself a job of the cluster: the token is the workload identity of its task, and the address is the socket of the Task API.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cluster, deploy, spec } from '../helpers/deploying.ts';
import { parts } from '../helpers/parts.ts';

const guide = readFileSync(join(import.meta.dirname, '../../docs/authentication.md'), 'utf8');
const policy = (name: string): string => new RegExp(`\`\`\`hcl ${name}\\.hcl\\n([^\`]*)\`\`\``).exec(guide)?.[1] ?? '';
/** The blocks of the guide. */
const inside = /```hcl runner\.nomad\ntask "runner" \{\n([^`]*)\}\n```/.exec(guide)?.[1] ?? '';

const acls = () => parts().nomadWithAcls;
async function send(method: string, path: string, body?: object, token = acls().token): Promise<Response> {
  return fetch(`${acls().address}${path}`, {
    method,
    headers: { 'x-nomad-token': token },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
async function json<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await send(method, path, body);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

const RUNNER = `
job "ci-runner" {
  group "g" {
    task "runner" {
      driver = "raw_exec"
      ${inside}
      config {
        command = "/bin/sh"
        args    = ["-c", "printf %s \\"$NOMAD_TOKEN $NOMAD_ADDR\\" > local/seen; echo ready; exec sleep 1000"]
      }
      resources {
        cpu    = 10
        memory = 32
      }
    }
  }
}`;
const files = { 'project.nomad': spec('by-identity', { command: 'exec sleep 1000' }) };
let token = '';
let address = '';
/** Whether this Nomad plans with such a token. */
let plans = false;

beforeAll(async () => {
  const Job = await json<object>('POST', '/v1/jobs/parse', { JobHCL: RUNNER });
  await json('POST', '/v1/jobs', { Job });
  let id = '';
  for (let index = '0'; id === ''; ) {
    const response = await send('GET', `/v1/job/ci-runner/allocations?index=${index}&wait=10s`);
    index = response.headers.get('x-nomad-index') ?? '0';
    id =
      ((await response.json()) as { ID: string; ClientStatus: string }[]).find(({ ClientStatus }) => ClientStatus === 'running')?.ID ?? '';
  }
  const logs = (await send('GET', `/v1/client/fs/logs/${id}?task=runner&type=stdout&plain=true&follow=true`)).body?.getReader();
  await logs?.read();
  await logs?.cancel();
  const seen = await (await send('GET', `/v1/client/fs/cat/${id}?path=/runner/local/seen`)).text();
  [token = '', address = ''] = seen.split(' ');
  for (const name of ['deploy', 'secrets'])
    await send('POST', `/v1/acl/policy/runner-${name}`, {
      Name: `runner-${name}`,
      Rules: policy(name).replaceAll('acme-shop', 'by-identity'),
      JobACL: { Namespace: 'default', JobID: 'ci-runner' },
    });
  const planned = await json<object>('POST', '/v1/jobs/parse', {
    JobHCL: 'job "x" {\n group "g" {\n task "t" {\n driver = "raw_exec"\n}\n}\n}',
  });
  plans = (await send('POST', '/v1/job/x/plan', { Job: planned }, token)).ok;
});
afterAll(async () => {
  for (const job of ['ci-runner', 'by-identity']) await send('DELETE', `/v1/job/${job}?purge=true`);
});

describe('a runner within Nomad', () => {
  test('deploys with the variables of its task, or is told why this version refuses', async () => {
    expect(address).toMatch(/^unix:.*api\.sock$/);
    // The variables of the runner are those of each step. The folders of the parts are too deep for a socket of their own, whose path has at most 107 bytes.
    const env = { NOMAD_ADDR: address.length < 113 ? address : acls().address, NOMAD_TOKEN: token };
    const result = await deploy({ acl: true, files, env, inputs: { 'nomad-addr': '', 'nomad-token': '', secrets: 'KEY=x-y-z' } });
    expect(result.shown).not.toContain(token);
    const deployed = { code: 0, outputs: { outcome: 'successful', 'failure-reason': undefined } };
    const refused = { code: 1, outputs: { outcome: 'failed', 'failure-reason': 'permission-denied' } };
    expect({ code: result.code, outputs: { 'failure-reason': undefined, ...result.outputs } }).toMatchObject(plans ? deployed : refused);
    expect((await cluster.job('by-identity', acls()))?.Version).toBe(plans ? 0 : undefined);
    const reason =
      /answered 500: .*acl token lookup failed.*The token is the workload identity of the job ci-runner, which this server does not take.*from version 2\.0\.4 on/;
    expect(reason.test(result.annotations.at(-1)?.message ?? '')).toBe(!plans);
  });

  test('is told which right its policy lacks, and whose policy', async () => {
    const inputs = { 'nomad-addr': acls().address, 'nomad-token': token, command: 'logs', 'job-name': 'ci-runner' };
    await send('DELETE', '/v1/acl/policy/runner-deploy');
    const result = await deploy({ acl: true, files: {}, inputs });
    expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'permission-denied' } });
    expect(result.annotations.at(-1)?.message).toMatch(
      /The token is the workload identity of the job ci-runner, and must allow `read-job` in the namespace `default`.*-namespace default -job ci-runner/,
    );
  });
});
