// Two steps of one workflow job at once: they share the runner's folders, the home, the workspace's folder, docker's configuration, the run and its attempt.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type ActionOptions, type ActionResult, runAction } from '../../scripts/parts/action.ts';
import { cluster, when } from '../helpers/deploying.ts';
import { leftAfter, leftIn, makeRunner, openRange, type Range, SECRET, wholeRun } from '../helpers/signals.ts';

let range: Range;
let runner: ReturnType<typeof makeRunner>;
beforeAll(async () => {
  range = await openRange();
});
afterAll(async () => range.stop());
beforeEach(() => {
  runner = makeRunner();
});

const HEAD = { ref: 'fix/7', sha: 'abc', repo: { full_name: 'Acme/parallel' } };
/** A step of a pull request that deploys a job; all steps are of one repository. */
function step(id: string, text: string, inputs: Readonly<Record<string, string>> = {}): ActionOptions {
  const options = wholeRun(id, text, runner, range);
  return {
    ...options,
    event: { name: 'pull_request', payload: { pull_request: { number: 7, head: HEAD } } },
    env: { ...options.env, GITHUB_REPOSITORY: 'Acme/parallel', GITHUB_HEAD_REF: HEAD.ref },
    inputs: { ...options.inputs, comment: 'true', ...inputs },
  };
}
const ended = ({ outputs }: ActionResult): string => `${outputs['outcome']} ${outputs['failure-reason'] ?? outputs['job-version']}`;
/** Comments about a job. */
const commentsOn = (id: string): string[] =>
  (range.github.state.comments.get(7) ?? []).map(({ body }) => body ?? '').filter((body) => body.includes(`${id}:`));
async function expectServing(id: string, versions: number): Promise<void> {
  expect(await cluster.versions(id)).toHaveLength(versions);
  const running = await cluster.running(id);
  expect(running).toHaveLength(1);
  expect(await cluster.log(running[0]?.ID ?? '', 't')).toContain(`password=${SECRET}`);
  expect(await leftAfter(id, runner, [])).toEqual([]);
}

test('deploy two jobs, each with its own image, login, hooks, lock, comment, deployment, summary and outputs', async () => {
  range.github.pull(7);
  const ids = ['parallel-a', 'parallel-b'];
  const results = await Promise.all(ids.map(async (id) => runAction(step(id, id))));
  for (const { log, code } of results) if (code !== 0) console.error(log);
  expect(results.map(ended)).toEqual(['successful 0', 'successful 0']);
  for (const [i, id] of ids.entries()) {
    expect(results[i]).toMatchObject({ code: 0, stderr: '', post: { code: 0, log: '' }, outputs: { 'job-id': id } });
    expect(results[i]?.summary).toContain(id);
    expect(results[i]?.summary).not.toContain(ids[1 - i]);
    expect(commentsOn(id)).toHaveLength(1);
    await expectServing(id, 1);
  }
  expect(results[0]?.outputs['image']).not.toBe(results[1]?.outputs['image']);
  expect(results[0]?.outputs['result']).not.toBe(results[1]?.outputs['result']);
});

test('the post step of a killed one removes nothing of the other, which has still to build, push and run its hook', async () => {
  const other = when('::group::Build', async () => runAction(step('parallel-lives', 'parallel-lives')));
  const killed = await runAction({
    ...step('parallel-dies', 'parallel-dies'),
    onLine: other.onLine,
    dieAfter: (line) => line.includes('sleep 0.3'),
  });
  expect(killed).toMatchObject({ code: 137, post: { code: 0 } });
  const lived = (await other.done()) as ActionResult;
  expect(lived).toMatchObject({ code: 0, stderr: '', outputs: { outcome: 'successful' } });
  await expectServing('parallel-lives', 1);
  expect(leftIn(runner)).toEqual([]);
});

test('deploy one job with `lock: wait`: one registers it, the other follows it', async () => {
  range.github.pull(7);
  const id = 'parallel-same';
  const results = await Promise.all([1, 2].map(async () => runAction(step(id, id))));
  expect(results.map(({ code, outputs }) => `${code} ${outputs['outcome']}`).sort()).toEqual(['0 successful', '0 unchanged']);
  expect(results.map(({ log }) => log.includes('pre-deploy succeeded')).sort()).toEqual([false, true]);
  await expectServing(id, 1);
  expect(commentsOn(id)).toHaveLength(1);
});

test('deploy one job with hooks and without a lock: no step takes the hook of the other for its own', async () => {
  const id = 'parallel-hook';
  const slow = { lock: 'off', 'pre-deploy': 'echo "begun here"; sleep 4; echo "ended here"' };
  const second = when('pre-deploy | begun here', async () => runAction(step(id, id, slow)));
  const first = await runAction({ ...step(id, id, slow), onLine: second.onLine });
  expect(first).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
  expect(first.log).toContain('pre-deploy | ended here');
  const late = (await second.done()) as ActionResult;
  // The build of the second can outlast the hook of the first.
  const told = late.code === 0 ? 'no conflict' : `${late.outputs['failure-reason']}: ${late.outputs['cause']}`;
  expect(told).toMatch(new RegExp(`^no conflict$|^conflict: .*${id}-pre-deploy`));
  await expectServing(id, 1);
});

test('of one job whose hook is killed: its post step leaves the hook that the other has started since', async () => {
  const id = 'parallel-killed';
  const hook = { lock: 'off', 'pre-deploy': 'echo "begun here"; sleep 3; echo "ended here"' };
  const killed = await runAction({ ...step(id, id, hook), dieAfter: (line) => line.includes('pre-deploy | begun here') });
  expect(killed).toMatchObject({ code: 137 });
  expect(killed.post?.log).toContain(`Removed the job ${id}-pre-deploy`);
  const next = await runAction(step(id, id, hook));
  expect(next).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
  await expectServing(id, 1);
});
