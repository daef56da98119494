import type { ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import { type Fault, startProxy } from '../../scripts/parts/observing.ts';
import type { RegisteredJob } from '../../src/nomad/types.ts';
import { cluster, deploy, told, when } from '../helpers/deploying.ts';
import { group, ONCE, repository, task } from '../helpers/jobs.ts';
import { parts } from '../helpers/parts.ts';

/** A node pool without nodes: the proxy moves its jobs to the pool `default`. */
const POOL = 'test-queue';
beforeAll(async () => {
  const answer = await cluster.send('POST', `/v1/node/pool/${POOL}`, { Name: POOL });
  if (!answer.ok) throw new Error(`the node pool was not made: ${answer.status}`);
});
afterAll(async () => cluster.send('DELETE', `/v1/node/pool/${POOL}`));

/** A job of the queue, as `/v1/queue/jobs` lists it. */
interface Waiting {
  readonly JobID: string;
  readonly Namespace: string;
  readonly Status: string;
  readonly Position: number;
}

/** A batch queue in front of the real Nomad: what it has registered of one job is hidden until it is released. */
interface Queue {
  readonly fault: Fault;
  /** Changes what the queue lists. */
  list: readonly Waiting[];
  released: boolean;
}

/** Returns a queue that holds a job back, and its runs. Until it is released, their evaluations are pending, and they have no allocations. */
function holding(id: string, list: readonly Waiting[]): Queue {
  const upstream = parts().nomad.address;
  const own = new RegExp(`^/v1/job/${id}(%2F[^/?]*)?(/(?:allocations|evaluations))?(\\?|$)`);
  const json = (answer: ServerResponse, value: unknown, index = '7'): void =>
    void answer.writeHead(200, { 'content-type': 'application/json', 'x-nomad-index': index }).end(JSON.stringify(value));
  async function deal(method: string, url: string, body: string, answer: ServerResponse): Promise<void> {
    const moved = body.replaceAll(`"NodePool":"${POOL}"`, '"NodePool":"default"');
    const held = url.replace(/([?&])index=\d+/, '$1');
    const real = await fetch(`${upstream}${method === 'GET' ? held : url}`, { method, ...(body === '' ? {} : { body: moved }) });
    const given = await real.text();
    // An index of the past: the first question after the release is answered at once.
    const index = method === 'GET' ? '1' : (real.headers.get('x-nomad-index') ?? '1');
    if (method !== 'GET' || real.status !== 200) return void answer.writeHead(real.status, { 'x-nomad-index': index }).end(given);
    // A blocking query takes its time.
    if (held !== url) await new Promise((resolve) => setTimeout(resolve, 200));
    const value = JSON.parse(given) as RegisteredJob | { Status: string }[];
    if (/\/allocations(\?|$)/.test(url)) return json(answer, [], index);
    if (Array.isArray(value))
      return json(
        answer,
        value.map((one) => ({ ...one, Status: 'pending' })),
        index,
      );
    return json(answer, { ...value, Status: 'pending', ...('NodePool' in value ? { NodePool: POOL } : {}) }, index);
  }
  const queue: Queue = {
    list,
    released: false,
    fault: (asked, answer) => {
      const { method = 'GET', url = '' } = asked;
      const isChange = method !== 'GET' && /^\/v1\/(jobs|job\/[^/]*\/plan)(\?|$)/.test(url);
      if (queue.released && !isChange) return undefined;
      if (url.startsWith('/v1/queue/jobs?') && url.includes(`node_pool=${POOL}`))
        json(answer, { Type: 'fifo', Workloads: queue.list, NextToken: '', Index: 7 });
      else if (isChange || (method === 'GET' && (own.test(url) || url.startsWith('/v1/evaluation/'))))
        text(asked)
          .then(async (body) => deal(method, url, body, answer))
          .catch(() => answer.destroy());
      else return undefined;
      return 'dealt-with';
    },
  };
  return queue;
}

const files = (id: string, command = 'true', more = ''): Readonly<Record<string, string>> =>
  repository(id, 'batch', `node_pool = "${POOL}"`, more, group('g', ONCE, task(command)));
const waiting = (JobID: string, Position: number, Status = 'queued'): Waiting => ({ JobID, Namespace: 'default', Status, Position });

async function through(queue: Queue, options: Parameters<typeof deploy>[0]): Promise<ActionResult> {
  const proxy = await startProxy(parts().nomad.address, queue.fault);
  const result = await deploy({ ...options, inputs: { ...options.inputs, 'nomad-addr': proxy.address } });
  await proxy.close();
  return result;
}

const REST = '; the time in the queue does not count against `timeout`';

describe('a batch job that waits in the queue of its node pool', () => {
  test.concurrent('is told with its place, outlasts the timeout there, and is followed to its end', async () => {
    const queue = holding('queue-good', [waiting('other', 0, 'placing'), waiting('queue-good', 1)]);
    const moves = when('waits at position 1', async () => {
      queue.list = [waiting('queue-good', 0, 'placing')];
    });
    const starts = when('is being placed, at position 0', async () => {
      queue.released = true;
    });
    const onLine = (line: string): void => {
      moves.onLine(line);
      starts.onLine(line);
    };
    const result = await through(queue, { files: files('queue-good'), inputs: { timeout: '4s' }, onLine });
    expect(result).toMatchObject({ code: 0, stderr: '', outputs: { outcome: 'successful' } });
    expect(told(result).filter((line) => line.includes('batch queue'))).toEqual([
      `the job waits at position 1 in the batch queue of the node pool ${POOL}; the job default/other is before it${REST}`,
      `the job is being placed, at position 0 in the batch queue of the node pool ${POOL}${REST}`,
      'the job has left the batch queue',
    ]);
  });

  test.concurrent('is superseded by the next version of the job', async () => {
    const id = 'queue-next';
    const queue = holding(id, [waiting(id, 0, 'blocked: no GPU is free')]);
    const replaced = when('is blocked at position 0', async () => {
      const next = await deploy({ files: { 'project.nomad': files(id, 'echo next')['project.nomad']?.replace(POOL, 'default') ?? '' } });
      queue.released = true;
      return next;
    });
    const result = await through(queue, { files: files(id), onLine: replaced.onLine });
    expect(await replaced.done()).toMatchObject({ code: 0 });
    expect(result).toMatchObject({ code: 1, outputs: { outcome: 'superseded' } });
    expect(told(result)).toContain(`the job is blocked at position 0 in the batch queue of the node pool ${POOL}: no GPU is free${REST}`);
  });

  test.concurrent('is cancelled when it is stopped', async () => {
    const id = 'queue-stop';
    const queue = holding(id, [waiting('big', 0, 'blocked: no GPU is free'), waiting(id, 3)]);
    const stopped = when('waits at position 3', async () => {
      await cluster.send('DELETE', `/v1/job/${id}`);
      queue.released = true;
    });
    const result = await through(queue, { files: files(id, 'sleep 100'), onLine: stopped.onLine });
    await stopped.done();
    expect(result).toMatchObject({ code: 1, outputs: { outcome: 'cancelled' } });
    expect(told(result)).toContain(
      `the job waits at position 3 in the batch queue of the node pool ${POOL}; the job default/big before it is blocked: no GPU is free${REST}`,
    );
  });

  test.concurrent('is told by `status`, and followed by the next deploy of the same version', async () => {
    const id = 'queue-same';
    const queue = holding(id, [waiting(id, 2)]);
    const first = await through(queue, { files: files(id), inputs: { wait: 'false' } });
    expect(first).toMatchObject({ code: 0, outputs: { outcome: 'registered' } });
    const status = await through(queue, { files: files(id), inputs: { command: 'status' } });
    expect(status.log).toContain(`it waits at position 2 in the batch queue of the node pool ${POOL}`);
    const starts = when('the job waits at position 2', async () => {
      queue.released = true;
    });
    const again = await through(queue, { files: files(id), inputs: { timeout: '4s' }, onLine: starts.onLine });
    expect(again).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(again.log).toContain(`and it waits at position 2 in the batch queue of the node pool ${POOL}, so this run follows it`);
  });

  test.concurrent('is told where it is a run that was dispatched', async () => {
    const id = 'queue-run';
    const queue = holding(id, []);
    await through(queue, { files: files(id, 'true', 'parameterized {}') });
    const started = when('Started queue-run/', async () => undefined);
    const placed = when('waits at position 5', async () => {
      queue.released = true;
    });
    const onLine = (line: string): void => {
      const run = /Started (queue-run\/\S+)/.exec(line)?.[1];
      if (run !== undefined) queue.list = [waiting(run, 5)];
      started.onLine(line);
      placed.onLine(line);
    };
    const result = await through(queue, { files: {}, inputs: { command: 'dispatch', 'job-name': id, timeout: '4s' }, onLine });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'dispatched' } });
  });
});

describe('without an answer about a queue, nothing is said of it:', () => {
  test.concurrent.each<[string, (answer: ServerResponse) => void]>([
    ['404', (answer) => void answer.writeHead(404).end()],
    ['403', (answer) => void answer.writeHead(403).end('Permission denied')],
    ['a page', (answer) => void answer.writeHead(200).end('<!doctype html><p>Hello</p>')],
    ['JSON of somebody else', (answer) => void answer.writeHead(200).end('{"status": "ok"}')],
    ['a reset', (answer) => void answer.socket?.destroy()],
  ])('%s', async (name, spoil) => {
    const id = `queue-none-${name.replaceAll(' ', '-').toLowerCase()}`;
    const queue = holding(id, []);
    const fault: Fault = (asked, answer) => {
      if (!(asked.url ?? '').startsWith('/v1/queue/')) return queue.fault(asked, answer);
      spoil(answer);
      return 'dealt-with';
    };
    const result = await through({ ...queue, fault }, { files: files(id), inputs: { timeout: '5s' } });
    expect(result).toMatchObject({ code: 1, outputs: { outcome: 'timed-out' } });
    expect(told(result).filter((line) => line.includes('queue of'))).toEqual([]);
    expect(result.annotations.filter(({ level }) => level === 'warning')).toEqual([]);
  });
});
