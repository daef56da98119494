import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import { startProxy } from '../../scripts/parts/observing.ts';
import { cluster, type Deploy, deploy } from '../helpers/deploying.ts';
import { group, ONCE, repository, task } from '../helpers/jobs.ts';
import { parts } from '../helpers/parts.ts';

const TAKES = 'parameterized {\n payload = "optional"\n meta_required = ["who"]\n meta_optional = ["how"]\n}';
const HOURLY = 'periodic {\n crons = ["0 * * * *"]\n}';
const PAYLOAD = 'dispatch_payload {\n file = "given.txt"\n}';
const parameterized = (id: string, command: string, more = ''): Deploy['files'] =>
  repository(id, 'batch', TAKES, group('g', ONCE, task(command, { more })));
const periodic = (id: string, command: string): Deploy['files'] => repository(id, 'batch', HOURLY, group('g', ONCE, task(command)));
const dispatch = async (inputs: Record<string, string>, options: Partial<Deploy> = {}): Promise<ActionResult> =>
  deploy({ files: {}, ...options, inputs: { command: 'dispatch', ...inputs } });
const runs = async (id: string): Promise<string[]> =>
  ((await (await cluster.send('GET', `/v1/jobs?prefix=${id}/`)).json()) as { ID: string }[]).map(({ ID }) => ID);

describe('a run of a parameterized job', () => {
  test.concurrent('gets meta and payload, and is waited for', async () => {
    const files = parameterized('run-good', 'echo "$NOMAD_META_who $(cat $NOMAD_TASK_DIR/given.txt)"; sleep 1', PAYLOAD);
    expect(await deploy({ files })).toMatchObject({ outputs: { outcome: 'registered' } });
    const result = await dispatch({ meta: 'who=me\nhow=so', payload: 'hello\n', 'job-name': 'run-good' });
    expect(result).toMatchObject({
      code: 0,
      stderr: '',
      outputs: {
        outcome: 'dispatched',
        'job-id': 'run-good',
        'dispatched-job-id': expect.stringMatching(/^run-good\/dispatch-\d+-[0-9a-f]{8}$/),
        'evaluation-id': expect.any(String),
        'nomad-url': expect.stringMatching(/\/ui\/jobs\/run-good%2Fdispatch-\d+-[0-9a-f]{8}@default$/),
      },
    });
    const id = encodeURIComponent(result.outputs['dispatched-job-id'] ?? '');
    const [allocation] = (await (await cluster.send('GET', `/v1/job/${id}/allocations`)).json()) as { ID: string; ClientStatus: string }[];
    expect(allocation).toMatchObject({ ClientStatus: 'complete' });
    expect(await cluster.log(allocation?.ID ?? '', 't')).toBe('me hello\n');
  });

  test.concurrent('is told by its cause when it fails; the job is the one of the spec', async () => {
    const files = parameterized('run-bad', 'echo "no table for $NOMAD_META_who" >&2; exit 3');
    await deploy({ files });
    const result = await dispatch({ meta: '{"who": "me"}' }, { files });
    expect(result).toMatchObject({
      code: 1,
      outputs: {
        outcome: 'failed',
        'failure-reason': 'task-failed',
        cause: expect.stringContaining('g/t exited with code 3: "no table for me"'),
      },
    });
    expect(result.annotations).toContainEqual(expect.objectContaining({ level: 'error', file: 'project.nomad' }));
    expect(result.summary).toContain(result.outputs['dispatched-job-id']);
  });

  test.concurrent('is not waited for with `wait: false`', async () => {
    await deploy({ files: parameterized('run-on', 'exec sleep 60') });
    const result = await dispatch({ meta: 'who=me', 'job-name': 'run-on', wait: 'false' });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'dispatched' } });
    expect(result.log).not.toContain('waiting up to');
  });

  test.concurrent('is not started when it lacks what the job wants', async () => {
    await deploy({ files: parameterized('run-not', 'true') });
    const result = await dispatch({ meta: 'whom=me', 'job-name': 'run-not' });
    expect(result).toMatchObject({
      code: 1,
      outputs: {
        'failure-reason': 'input-invalid',
        cause: '`meta`: run-not requires the key who; `meta`: run-not takes no key whom; did you mean who?',
      },
    });
    expect(await runs('run-not')).toEqual([]);
  });

  test.concurrent('is one run, also when the answer to its start is lost', async () => {
    await deploy({ files: parameterized('run-lost', 'true') });
    let lost = 0;
    // The run is started, and a proxy says that it does not know.
    const proxy = await startProxy(parts().nomad.address, (asked, answer) => {
      if (!asked.url?.includes('/dispatch?') || lost > 0) return undefined;
      lost += 1;
      fetch(`${parts().nomad.address}${asked.url}`, { method: 'PUT', body: JSON.stringify({ Meta: { who: 'me' } }) }).then(
        () => answer.writeHead(504).end('<html>gateway time-out</html>'),
        () => answer.destroy(),
      );
      return 'dealt-with';
    });
    const result = await dispatch({ meta: 'who=me', 'job-name': 'run-lost', 'nomad-addr': proxy.address });
    await proxy.close();
    expect(lost).toBe(1);
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'dispatched' } });
    expect(await runs('run-lost')).toEqual([result.outputs['dispatched-job-id']]);
  });

  test.concurrent('goes on when the workflow is cancelled or the step killed, and that is said', async () => {
    await deploy({ files: parameterized('run-cancel', 'exec sleep 60') });
    const going = (line: string): boolean => line.includes(': Started: ');
    const [cancelled, killed] = await Promise.all([
      dispatch({ meta: 'who=me', 'job-name': 'run-cancel' }, { killAfter: going }),
      dispatch({ meta: 'who=me', 'job-name': 'run-cancel' }, { dieAfter: going }),
    ]);
    expect(cancelled).toMatchObject({ code: 1, outputs: { outcome: 'cancelled' } });
    expect(killed.post?.log).toMatch(
      /The step was killed during the run of run-cancel\/dispatch-.*, which continues\. .*starts another run of the job\./,
    );
  });
});

describe('a run of a periodic job', () => {
  test.concurrent('is started out of turn by `dispatch`', async () => {
    await deploy({ files: periodic('turn', 'sleep 1') });
    const result = await dispatch({ 'job-name': 'turn' });
    expect(result).toMatchObject({
      code: 0,
      outputs: { outcome: 'dispatched', 'dispatched-job-id': expect.stringMatching(/^turn\/periodic-\d+$/) },
    });
  });

  test.concurrent('is part of its deploy by `periodic-force`, also when nothing changed', async () => {
    const files = periodic('turn-forced', 'echo nothing to do >&2; exit 4');
    const inputs = { 'periodic-force': 'true' };
    const failed = { code: 1, outputs: { outcome: 'failed', cause: expect.stringContaining('g/t exited with code 4') } };
    expect(await deploy({ files, inputs })).toMatchObject(failed);
    const again = await deploy({ files, inputs });
    expect(again).toMatchObject({ ...failed, outputs: { ...failed.outputs, 'job-version': '0' } });
    expect(await deploy({ files: periodic('turn-good', 'true'), inputs })).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
  });
});

describe('what can have no run', () => {
  test.concurrent.each<[string, Record<string, string>, RegExp]>([
    ['a job that does not exist', { 'job-name': 'run-none' }, /^there is no job run-none in the namespace default/],
    ['a job of another kind', { 'job-name': 'run-service' }, /^run-service is neither a parameterized nor a periodic job/],
  ])('is %s', async (_name, inputs, message) => {
    await deploy({ files: repository('run-service', 'service', group('g', 'count = 0', ONCE, task('true'))) });
    const result = await dispatch(inputs);
    expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'input-invalid', cause: expect.stringMatching(message) } });
  });
});
