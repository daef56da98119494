// Counts that something other than a deploy sets: which of them a deploy keeps, and that it touches nothing for that.
import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import type { Deployment } from '../../src/nomad/types.ts';
import { cluster, deploy } from '../helpers/deploying.ts';
import { group, ONCE, repository, STAY, task, update } from '../helpers/jobs.ts';

const good = { code: 0, outputs: { outcome: 'successful' } };
const SCALING = 'scaling {\n min = 1\n max = 6\n}';

const specOf = (id: string, count: number, others = 1, command = STAY): Readonly<Record<string, string>> =>
  repository(
    ...[id, 'service', update()],
    group('g', `count = ${count}`, SCALING, ONCE, task(command)),
    group('other', `count = ${others}`, ONCE, task(STAY)),
  );
const put = async (files: Readonly<Record<string, string>>, inputs: Readonly<Record<string, string>> = {}): Promise<ActionResult> =>
  deploy({ files, inputs });
/** As the autoscaler does it. */
async function scale(id: string, count: number): Promise<void> {
  const answer = await cluster.send('PUT', `/v1/job/${id}/scale`, { Count: count, Target: { Group: 'g' }, Message: 'more load' });
  expect(answer.status).toBe(200);
  await settled(id);
}
/** Nomad scales nothing while a deployment is under way, and a deploy follows one that is. */
async function settled(id: string): Promise<void> {
  const version = (await cluster.job(id))?.Version;
  await cluster.until<Deployment | null>(
    `/v1/job/${id}/deployment`,
    (deployment) => deployment?.JobVersion === version && deployment?.Status === 'successful',
  );
}
async function allocations(id: string, name = 'g'): Promise<string[]> {
  return (await cluster.running(id)).flatMap(({ ID, TaskGroup }) => (TaskGroup === name ? [ID] : [])).sort();
}
const countOf = async (id: string): Promise<unknown> => (await cluster.job(id))?.TaskGroups?.[0]?.Count;

describe('a group with `scaling`', () => {
  test.concurrent('that nobody scaled has the count that the commit says', async () => {
    const id = 'counts-commit';
    expect(await put(specOf(id, 2))).toMatchObject(good);
    const first = await allocations(id);
    const up = await put(specOf(id, 4));
    expect(up).toMatchObject({ ...good, outputs: { changed: 'in-place' } });
    expect(up.log).not.toContain('the count');
    const four = await allocations(id);
    expect(four).toHaveLength(4);
    expect(four).toEqual(expect.arrayContaining(first));
    expect(await put(specOf(id, 1))).toMatchObject(good);
    expect(await allocations(id)).toHaveLength(1);
    expect(await countOf(id)).toBe(1);
  });

  test.concurrent('that was scaled keeps its count and its allocations, also where the commit says another', async () => {
    const id = 'counts-scaled';
    expect(await put(specOf(id, 2))).toMatchObject(good);
    await scale(id, 3);
    const three = await allocations(id);
    expect(three).toHaveLength(3);
    expect(await put(specOf(id, 2))).toMatchObject({ code: 0, outputs: { outcome: 'unchanged', changed: 'none' } });
    expect(await cluster.job(id)).toMatchObject({ Version: 1 });

    // Twice: what is kept has not become what the spec asks for.
    for (const others of [2, 3]) {
      const kept = await put(specOf(id, 2, others));
      expect(kept).toMatchObject(good);
      expect(kept.log).toContain('group g: the count stays 3; the spec says 2 (`preserve-counts`)');
      expect(await allocations(id)).toEqual(three);
      expect(await allocations(id, 'other')).toHaveLength(others);
    }

    const asked = await put(specOf(id, 4, 3));
    expect(asked).toMatchObject({ code: 0, outputs: { outcome: 'unchanged' } });
    expect(asked.log).toContain('group g: the count stays 3; the spec says 4 (`preserve-counts`)');
    await scale(id, 2);
    expect(await put(specOf(id, 4, 3))).toMatchObject(good);
    expect(await countOf(id)).toBe(4);
  });

  test.concurrent('keeps what it was scaled to, in all groups, where `preserve-counts: true` says so, and only that', async () => {
    const id = 'counts-true';
    expect(await put(specOf(id, 2), { 'preserve-counts': 'true' })).toMatchObject(good);
    await scale(id, 3);
    const kept = await put(specOf(id, 4, 2), { 'preserve-counts': 'true' });
    expect(kept).toMatchObject(good);
    expect(kept.log).toContain('group g: the count stays 3; the spec says 4 (`preserve-counts`)');
    expect(kept.log).not.toContain('group other: the count');
    expect({ g: await countOf(id), other: (await allocations(id, 'other')).length }).toEqual({ g: 3, other: 2 });
    expect(await put(specOf(id, 4, 2), { 'preserve-counts': 'false' })).toMatchObject(good);
    expect(await countOf(id)).toBe(4);
  });
});

describe('a job that says nothing of the counts that were asked for', () => {
  async function register(id: string, files: Readonly<Record<string, string>>): Promise<void> {
    const parsed = await cluster.send('POST', '/v1/jobs/parse', { JobHCL: files['project.nomad'] ?? '', Canonicalize: true });
    expect((await cluster.send('PUT', '/v1/jobs', { Job: await parsed.json() })).status).toBe(200);
    await settled(id);
  }

  test.concurrent('keeps the count that it was scaled to, by the scaling events of Nomad', async () => {
    const id = 'counts-events';
    await register(id, specOf(id, 2));
    await scale(id, 3);
    const three = await allocations(id);
    const kept = await put(specOf(id, 2, 2));
    expect(kept).toMatchObject(good);
    expect(kept.log).toContain('group g: the count stays 3; the spec says 2 (`preserve-counts`)');
    expect(await allocations(id)).toEqual(three);
  });

  test.concurrent('has the count of the spec where nobody scaled it, or somebody registered another one since', async () => {
    const id = 'counts-by-hand';
    await register(id, specOf(id, 2));
    await scale(id, 3);
    await register(id, specOf(id, 1));
    const asked = await put(specOf(id, 2));
    expect(asked).toMatchObject(good);
    expect(asked.log).not.toContain('the count');
    expect(await countOf(id)).toBe(2);
  });
});
