import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { afterAll, describe, expect, test } from '@jest/globals';
import { cluster, deploy, itemsOf, spec } from '../helpers/deploying.ts';
import { parts } from '../helpers/parts.ts';

/** An answer of the proxy's own, one as of a Nomad that has forgotten the token, a lost connection, or nothing. */
type Trouble = number | 'denied' | 'reset' | 'lose the answer' | undefined;

const proxies: Server[] = [];
afterAll(() => {
  for (const proxy of proxies) {
    proxy.closeAllConnections();
    proxy.close();
  }
});

/** A proxy before the real Nomad, as many clusters have one. `trouble` decides what becomes of each request; undefined lets it through. */
async function behindProxy(trouble: (call: string, count: number) => Trouble | Promise<Trouble>): Promise<string> {
  const counts = new Map<string, number>();
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const call = `${incoming.method} ${new URL(incoming.url ?? '', 'http://nomad').pathname}`;
    const count = (counts.get(call) ?? 0) + 1;
    counts.set(call, count);
    const instead = await trouble(call, count);
    if (instead === 'reset') {
      incoming.socket.destroy();
      return;
    }
    if (instead === 'denied') {
      outgoing.writeHead(403).end('Permission denied');
      return;
    }
    if (typeof instead === 'number') {
      outgoing.writeHead(instead, { 'content-type': 'text/html' }).end('<html><body>Bad gateway</body></html>');
      return;
    }
    const onward = request(`${parts().nomad.address}${incoming.url}`, { method: incoming.method, headers: incoming.headers }, (answer) => {
      if (instead === 'lose the answer') {
        answer.resume().on('end', () => incoming.socket.destroy());
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  };
  const proxy = createServer((incoming, outgoing) => void handle(incoming, outgoing)).listen(0, '127.0.0.1');
  proxies.push(proxy);
  await once(proxy, 'listening');
  const address = proxy.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

const files = (job: string): Record<string, string> => ({ 'project.nomad': spec(job, { command: 'exec sleep 1000' }) });

describe('a bad network', () => {
  test.concurrent('does not decide the outcome: reads are repeated while the job is watched', async () => {
    const address = await behindProxy((call, count) => {
      if (call.startsWith('GET /v1/deployment/') && count === 2) return 502;
      if (call.startsWith('GET /v1/deployment/allocations/') && count === 1) return 'reset';
      if (call.startsWith('GET /v1/evaluation/') && count === 1) return 503;
      return undefined;
    });
    const result = await deploy({ files: files('bad-network'), inputs: { 'nomad-addr': address } });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(result.log).toMatch(/retrying in/);
  });

  test.concurrent('a registration whose answer is lost is found again, not repeated', async () => {
    const address = await behindProxy((call) => (call === 'POST /v1/jobs' ? 'lose the answer' : undefined));
    const result = await deploy({ files: files('lost-answer'), env: { NOMAD_SECRET_X: 'kept' }, inputs: { 'nomad-addr': address } });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-version': '0', 'deployment-id': expect.any(String) } });
    expect(await cluster.versions('lost-answer')).toHaveLength(1);
    expect(Object.values(itemsOf(await cluster.variable('lost-answer')))).toEqual(['kept']);
  });

  test.concurrent('a registration that did not get through is said, and takes the secrets back', async () => {
    const address = await behindProxy((call) => (call === 'POST /v1/jobs' ? 502 : undefined));
    const result = await deploy({ files: files('lost-write'), env: { NOMAD_SECRET_X: 'taken-back' }, inputs: { 'nomad-addr': address } });
    expect(result).toMatchObject({
      code: 1,
      outputs: {
        'failure-reason': 'unreachable',
        cause: expect.stringMatching(/did not receive the registration of \S+: .* answered 502/),
      },
    });
    expect(await cluster.job('lost-write')).toBeUndefined();
    expect(await cluster.variable('lost-write')).toBeUndefined();
  });

  test.concurrent('that goes while nobody can tell leaves the secrets, and says so', async () => {
    const address = await behindProxy((call, count) => {
      if (call === 'POST /v1/jobs') return 'lose the answer';
      return call === 'GET /v1/job/no-network/versions' && count >= 1 ? 'denied' : undefined;
    });
    const result = await deploy({ files: files('no-network'), env: { NOMAD_SECRET_X: 'left' }, inputs: { 'nomad-addr': address } });
    expect(result).toMatchObject({ code: 1, outputs: { outcome: 'failed' } });
    expect(result.annotations.at(-1)?.message).toContain('The secrets of this run are still in the Nomad variable nomad/jobs/no-network');
    expect(Object.values(itemsOf(await cluster.variable('no-network')))).toEqual(['left']);
  });

  test.concurrent('a workflow that is cancelled while it registers has secrets and job, or neither', async () => {
    const cancelled = new AbortController();
    const address = await behindProxy((call) => {
      // The signal is there before the answer, which still has to come from Nomad.
      if (call === 'POST /v1/jobs') cancelled.abort();
      return undefined;
    });
    const env = { NOMAD_SECRET_X: 'with its job' };
    const result = await deploy({ files: files('cancelled-midway'), env, inputs: { 'nomad-addr': address }, signal: cancelled.signal });
    expect(result).toMatchObject({ code: 1, outputs: { outcome: 'cancelled', 'job-version': '0' } });
    expect((await cluster.job('cancelled-midway'))?.Version).toBe(0);
    expect(Object.values(itemsOf(await cluster.variable('cancelled-midway')))).toEqual(['with its job']);
  });

  test.concurrent('a job that changes between plan and registration is planned again', async () => {
    await deploy({ files: files('raced') });
    const other = { 'project.nomad': spec('raced', { command: 'exec sleep 1000', more: 'priority = 60' }) };
    const address = await behindProxy(async (call, count) => {
      if (call === 'POST /v1/jobs' && count === 1) await deploy({ files: other, inputs: { wait: 'false' } });
      return undefined;
    });
    const ours = { 'project.nomad': spec('raced', { command: 'exec sleep 2000' }) };
    const result = await deploy({ files: ours, env: { NOMAD_SECRET_X: 'written twice' }, inputs: { 'nomad-addr': address } });
    expect(result.log).toContain('planning again');
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'previous-version': '1', 'job-version': '2' } });
    expect(Object.values(itemsOf(await cluster.variable('raced')))).toEqual(['written twice']);
  });

  test.concurrent('a job that always changes meanwhile is a conflict, and nothing of ours stays', async () => {
    let priority = 60;
    const address = await behindProxy(async (call) => {
      if (call === 'POST /v1/jobs') {
        priority++;
        await deploy({
          files: { 'project.nomad': spec('contested', { command: 'exec sleep 2000', more: `priority = ${priority}` }) },
          inputs: { wait: 'false' },
        });
      }
      return undefined;
    });
    const result = await deploy({ files: files('contested'), env: { NOMAD_SECRET_X: 'taken back' }, inputs: { 'nomad-addr': address } });
    expect(result).toMatchObject({
      code: 1,
      outputs: { 'failure-reason': 'conflict', cause: expect.stringContaining('another run is deploying') },
    });
    // Four times, somebody else got on.
    expect((await cluster.job('contested'))?.Version).toBe(3);
    expect(await cluster.variable('contested')).toBeUndefined();
  });
});
