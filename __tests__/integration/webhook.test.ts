// The result is posted to a web hook, here a server on loopback, whatever became of the run.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { deploy, spec } from '../helpers/deploying.ts';
import { resultProblems } from '../helpers/result-schema.ts';

interface Posted {
  readonly text: string;
  readonly blocks: readonly object[];
  readonly result: Readonly<Record<string, unknown>>;
  /** What the schema does not allow of it. */
  readonly problems: readonly string[];
}

/** By the last part of the path, which stands for the key of a real hook. */
const posted = new Map<string, Posted[]>();
let server: Server;
let address: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const key = request.url?.split('/').at(-1) ?? '';
      const sent = JSON.parse(body) as Posted;
      posted.set(key, [...(posted.get(key) ?? []), { ...sent, problems: resultProblems(sent.result) }]);
      response.writeHead(key.startsWith('refuses') ? 410 : 200).end(key.startsWith('refuses') ? 'channel_is_archived' : 'ok');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T0`;
});
afterAll(() => void server.close());

const good = (job: string): Record<string, string> => ({ 'project.nomad': spec(job, { command: 'sleep 300' }) });
const bad = (job: string): Record<string, string> => ({ 'project.nomad': spec(job, { command: 'echo no database >&2; exit 3' }) });
const hook = (key: string): string => `${address}/${key}`;

test.concurrent('a deploy is posted, and its address is nowhere', async () => {
  const result = await deploy({ files: good('hook-good'), inputs: { 'webhook-url': hook('hunter2good') } });
  expect(result.outputs['outcome']).toBe('successful');
  expect(posted.get('hunter2good')).toEqual([
    {
      text: '✅ successful: hook-good version 0 (main)',
      blocks: expect.any(Array),
      problems: [],
      result: expect.objectContaining({
        outcome: 'successful',
        jobId: 'hook-good',
        jobVersion: 0,
        repository: 'Acme/Shop',
        allocations: [expect.anything()],
      }),
    },
  ]);
  expect(result.masks).toContain(hook('hunter2good'));
  expect(result.shown + result.summary).not.toContain('hunter2good');
});

test.concurrent('only failures are posted, if only they are wanted', async () => {
  const inputs = { 'webhook-url': hook('failures'), 'webhook-on': 'failure' };
  await deploy({ files: good('hook-failures'), inputs });
  await deploy({ files: bad('hook-failures'), inputs });
  await deploy({ files: good('hook-failures'), inputs: { ...inputs, 'fail-fast': 'sometimes' } });
  const results = posted.get('failures')?.map(({ result, problems }) => ({ ...result, problems }));
  expect(results).toEqual([
    expect.objectContaining({
      problems: [],
      outcome: 'failed',
      failureReason: expect.stringContaining('rolled-back'),
      cause: expect.stringContaining('no database'),
    }),
    expect.objectContaining({ outcome: 'failed', failureReason: 'input-invalid', cause: expect.stringContaining('fail-fast') }),
  ]);
});

test.concurrent('a hook that refuses fails nothing', async () => {
  const { outputs, code, annotations } = await deploy({ files: good('hook-refuses'), inputs: { 'webhook-url': hook('refuses') } });
  expect([code, outputs['outcome']]).toEqual([0, 'successful']);
  const warnings = annotations.map(({ message }) => message).filter((message) => message.includes('webhook-url'));
  expect(warnings).toEqual(['`webhook-url`: the result could not be posted: the web hook answered 410: channel_is_archived']);
});

test.concurrent('a run that was killed is posted by its post step', async () => {
  const files = {
    'project.nomad': spec('hook-killed', { command: 'sleep 300' }).replace('min_healthy_time  = "500ms"', 'min_healthy_time  = "6s"'),
  };
  await deploy({ files, inputs: { 'webhook-url': hook('killed') }, dieAfter: (line) => line.includes('placed on') });
  expect(posted.get('killed')?.map(({ result, problems }) => ({ ...result, problems }))).toEqual([
    expect.objectContaining({
      problems: [],
      outcome: 'cancelled',
      failureReason: 'killed',
      jobId: 'hook-killed',
      jobVersion: 0,
      cause: expect.stringContaining('was killed'),
    }),
  ]);
});
