import { describe, expect, test } from '@jest/globals';
import type { Transport } from '../../../src/nomad/call.ts';
import { type QueuedJob, type QueuePlace, queue } from '../../../src/nomad/queue.ts';
import type { Evaluation, Job, RegisteredJob } from '../../../src/nomad/types.ts';
import { allocation } from '../../helpers/rollouts.ts';
import { type Had, watchThrough } from '../../helpers/watching.ts';

/** The unit of these histories: short, because the watch decides four times a second also in virtual time. */
const SPAN = 6_000;
/** The wait for capacity of the watch. */
const PATIENCE = 120_000;
const JOB: Job = {
  ...{ ID: 'train', Name: 'train', Type: 'batch', NodePool: 'gpu' },
  TaskGroups: [{ Name: 'g', Count: 1, Tasks: [{ Name: 't', Driver: 'exec' }] }],
};
const registered = (parts: Partial<RegisteredJob> = {}): RegisteredJob => ({
  ...JOB,
  ...{ Version: 1, Stop: false, Status: 'pending', JobModifyIndex: 9 },
  ...parts,
});
const evaluation = (parts: Partial<Evaluation> = {}): Evaluation => ({
  ...{ ID: 'e', Status: 'pending', TriggeredBy: 'job-register', JobModifyIndex: 9 },
  ...parts,
});
const queued = (Position: number, Status = 'queued', JobID = 'train', Namespace = 'default'): QueuedJob => ({
  JobID,
  Namespace,
  Status,
  Position,
});
const place = (own: QueuedJob | undefined, head: QueuedJob | undefined = queued(0, 'placing', 'other')): QueuePlace => ({ own, head });

/** The job waits in the queue for 30 spans, then runs for `ranMs`. */
const history = (ranMs: number, queues: readonly Had[]): readonly Had[] => [
  { atMs: 0, evaluation: evaluation(), job: registered() },
  ...queues,
  { atMs: 30 * SPAN, evaluation: evaluation({ Status: 'complete' }), queue: undefined, job: registered({ Status: 'running' }) },
  { atMs: 30 * SPAN + 100, allocations: [allocation('running', { ID: 'a', ModifyIndex: 1 })] },
  { atMs: 30 * SPAN + ranMs, allocations: [allocation('complete', { ID: 'a', ModifyIndex: 2 })], job: registered({ Status: 'dead' }) },
];
const QUEUED = [
  { atMs: 1_000, queue: place(queued(2)) },
  { atMs: 10 * SPAN, queue: place(queued(1)) },
  { atMs: 20 * SPAN, queue: place(queued(0, 'placing'), queued(0, 'placing')) },
];

describe('a batch job that waits in the queue of its node pool', () => {
  test('is told with its position and pool, when it changes', async () => {
    const { watched, told } = await watchThrough(JOB, history(SPAN, QUEUED), undefined, 10 * SPAN);
    expect(watched.verdict).toEqual({ outcome: 'successful' });
    const rest = '; the time in the queue does not count against `timeout`';
    const lines = told.map((line) => line.replace(/^\[[^\]]*\] /, ''));
    expect(lines.filter((line) => line.endsWith(rest)).map((line) => line.slice(0, -rest.length))).toEqual([
      'the job waits at position 2 in the batch queue of the node pool gpu; the job default/other is before it',
      'the job waits at position 1 in the batch queue of the node pool gpu; the job default/other is before it',
      'the job is being placed, at position 0 in the batch queue of the node pool gpu',
    ]);
    expect(lines).toContain('the job has left the batch queue');
    // The lines in between say the same, and no time at which the run gives up.
    expect(lines.filter((line) => line.includes('evaluation pending'))).toEqual([]);
    expect(lines.filter((line) => line.includes('batch queue') && line.includes('UTC'))).toEqual([]);
  });

  test('has its whole timeout after the queue', async () => {
    const late = await watchThrough(JOB, history(15 * SPAN, QUEUED), undefined, 10 * SPAN);
    expect(late.watched.verdict).toMatchObject({ outcome: 'timed-out' });
    expect(late.atMs).toBeGreaterThanOrEqual(40 * SPAN);
    expect(late.atMs).toBeLessThan(41 * SPAN);
  });

  test('has its whole wait for capacity after the queue', async () => {
    const metric = { NodesEvaluated: 1, NodesFiltered: 0, NodesExhausted: 1, CoalescedFailures: 0, DimensionExhausted: { memory: 1 } };
    const unplaced = { ...evaluation({ Status: 'complete' }), FailedTGAllocs: { g: metric } };
    const [first, ...rest] = history(SPAN, QUEUED);
    const { watched, atMs } = await watchThrough(JOB, [
      first as Had,
      ...rest.slice(0, 3),
      { atMs: 30 * SPAN, evaluation: unplaced, queue: undefined },
    ]);
    expect(watched.verdict).toMatchObject({ outcome: 'failed', reason: 'placement-failed' });
    expect(atMs).toBeGreaterThanOrEqual(30 * SPAN + PATIENCE);
    expect(atMs).toBeLessThan(31 * SPAN + PATIENCE);
  });

  test.each<[string, QueuePlace, string]>([
    [
      'itself',
      place(queued(0, 'blocked: no node has a GPU'), undefined),
      'is blocked at position 0 in the batch queue of the node pool gpu: no node has a GPU',
    ],
    ['without a reason', place(queued(0, 'blocked'), undefined), 'is blocked at position 0 in the batch queue of the node pool gpu'],
    [
      'by the head of the queue',
      place(queued(3), queued(0, 'blocked no node has a GPU', 'big', 'research')),
      'waits at position 3 in the batch queue of the node pool gpu; the job research/big before it is blocked: no node has a GPU',
    ],
  ])('and is blocked %s, is told with the reason', async (_who, queue, words) => {
    const { told } = await watchThrough(JOB, history(SPAN, [{ atMs: 1_000, queue }]));
    expect(told.filter((line) => line.includes(`the job ${words};`))).toHaveLength(1);
  });

  test('is superseded by a newer version, which cancels its evaluation', async () => {
    const StatusDescription = 'redundant job-register eval exists on batch queue';
    const canceled = evaluation({ Status: 'canceled', StatusDescription });
    const { watched } = await watchThrough(JOB, [
      { atMs: 0, evaluation: evaluation(), job: registered(), queue: place(queued(2)) },
      {
        atMs: 10 * SPAN,
        evaluation: canceled,
        job: registered({ Version: 2, JobModifyIndex: 20 }),
        evaluations: [evaluation({ ID: 'f', JobModifyIndex: 20 })],
      },
    ]);
    expect(watched.verdict).toMatchObject({ outcome: 'superseded' });
  });

  test('waits on where another evaluation of the same version takes its place', async () => {
    const other = evaluation({ ID: 'f' });
    const { watched, atMs } = await watchThrough(
      JOB,
      [
        { atMs: 0, evaluation: evaluation(), job: registered(), queue: place(queued(2)) },
        { atMs: 5 * SPAN, evaluation: evaluation({ Status: 'canceled' }), evaluations: [other] },
        { atMs: 30 * SPAN, evaluations: [{ ...other, Status: 'complete' }], queue: undefined, job: registered({ Status: 'running' }) },
        { atMs: 31 * SPAN, allocations: [allocation('complete', { ID: 'a' })], job: registered({ Status: 'dead' }) },
      ],
      undefined,
      10 * SPAN,
    );
    expect([watched.verdict.outcome, atMs > 31 * SPAN]).toEqual(['successful', true]);
  });

  test('is cancelled where it is stopped', async () => {
    const { watched } = await watchThrough(JOB, [
      { atMs: 0, evaluation: evaluation(), job: registered(), queue: place(queued(2)) },
      {
        atMs: 10 * SPAN,
        evaluation: evaluation({ Status: 'canceled' }),
        job: registered({ Stop: true, Status: 'dead', Version: 2 }),
        queue: undefined,
      },
    ]);
    expect(watched.verdict).toMatchObject({ outcome: 'cancelled' });
  });
});

describe('without a place in a queue, a pending evaluation counts against the timeout, and nothing is said of a queue', () => {
  test.each<[string, Job, QueuePlace | undefined]>([
    ['where there is no queue', JOB, undefined],
    ['where the job is not in it', JOB, place(undefined)],
    ['in the default pool', { ...JOB, NodePool: 'default' }, place(queued(2))],
    ['in all pools', { ...JOB, NodePool: 'all' }, place(queued(2))],
    ['of another kind', { ...JOB, Type: 'sysbatch' }, place(queued(2))],
  ])('%s', async (_where, job, place) => {
    const { watched, told } = await watchThrough(
      job,
      [{ atMs: 0, evaluation: evaluation(), job: registered(), queue: place }],
      undefined,
      SPAN,
    );
    expect(watched.verdict).toMatchObject({ outcome: 'timed-out', description: expect.stringContaining('evaluation pending') });
    expect(told.filter((line) => line.includes('queue'))).toEqual([]);
  });
});

test('the node pool of a job that names none is that of the registered job', async () => {
  const { NodePool: _pool, ...bare } = JOB;
  const { told } = await watchThrough(bare, history(SPAN, QUEUED), undefined, 10 * SPAN);
  expect(told.filter((line) => line.includes('at position 2 in the batch queue of the node pool gpu'))).not.toEqual([]);
});

describe('an answer about a queue', () => {
  const read = async (
    ...answers: readonly { readonly status?: number; readonly json?: unknown }[]
  ): Promise<[QueuePlace | undefined, (string | number | undefined)[]]> => {
    const asked: (string | number | undefined)[] = [];
    const send: Transport['send'] = async ({ query }) => {
      const { status = 200, json } = answers[asked.length] ?? {};
      asked.push(query?.['next_token']);
      return { status, text: '', json, ended: true, index: 0 };
    };
    return [await queue({ send } as Transport).place('gpu', 'train', 'default', new AbortController().signal), asked];
  };
  const page = (Workloads: unknown, NextToken = '', Type = 'fifo'): { readonly json: unknown } => ({
    json: { Type, Workloads, NextToken },
  });
  const other = queued(0, 'placing', 'other');

  test('has the place of the job, and the head', async () => {
    expect(await read(page([other, queued(1, 'queued', 'train', 'elsewhere'), queued(2)]))).toEqual([
      { own: queued(2), head: other },
      [undefined],
    ]);
  });
  test('of several pages is read up to the job', async () => {
    expect(await read(page([other], 'a'), page([queued(1)], 'b'), page([]))).toEqual([{ own: queued(1), head: other }, [undefined, 'a']]);
  });
  test('without the job has the head', async () => expect((await read(page([other])))[0]).toEqual({ own: undefined, head: other }));
  test('of an empty queue has nobody', async () => expect((await read(page(null)))[0]).toEqual({ own: undefined, head: undefined }));

  test.each<[string, { readonly status?: number; readonly json?: unknown }]>([
    ['of a pool without a queue', page(null, '', 'passthrough')],
    ['of an older server', { status: 404 }],
    ['to a token without the right', { status: 403 }],
    ['of a broken server', { status: 500 }],
    ['of another kind', { json: { ID: 'x' } }],
    ['that is a list', { json: [] }],
    ['that is null', { json: null }],
    ['that is no JSON', {}],
    ['with something else in the place of the list', page('none')],
  ])('%s is none', async (_what, answer) => expect((await read(answer))[0]).toBeUndefined());

  test('leaves out what is no job', async () => {
    expect((await read(page([null, 1, {}, { JobID: 'x' }, { JobID: 'train', Position: 4 }])))[0]?.own).toEqual(queued(4));
  });
});
