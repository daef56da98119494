// Many apps, jobs and allocations: the requests of each job stay the same, and neither bytes nor memory grow by more than what is shown.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { cluster, type Deploy } from '../helpers/deploying.ts';
import { group, ONCE, repository, update } from '../helpers/jobs.ts';
import { costOf, idleTask } from '../helpers/load.ts';

/** GitHub's limit of the summary of a step. */
const SUMMARY_BYTES = 1_048_576;

let idle = '';
beforeAll(async () => {
  idle = await idleTask();
});

const files = (id: string, count = 1): Deploy['files'] =>
  repository(id, 'service', update(`max_parallel = ${count}`), group('g', `count = ${count}`, ONCE, idle));

/** A repository of apps, each a job of its own. */
function apps(name: string, count: number): Deploy['files'] {
  const ids = Array.from({ length: count }, (_, i) => `${name}-${i}`);
  return {
    'nomad-deploy.yml': `build: false\napps:\n${ids.map((id) => `  ${id}: { job: ${id}.nomad }\n`).join('')}`,
    ...Object.fromEntries(ids.map((id) => [`${id}.nomad`, files(id)['project.nomad'] ?? ''])),
  };
}
const perJob = ({ requests }: { readonly requests: number }, count: number): number => requests / count;

describe('apps', () => {
  test('200 in a plan: the summary has them all within its limit, and each costs what one of 20 costs', async () => {
    const few = await costOf('plan of 20 apps', { files: apps('load-few', 20), inputs: { command: 'plan' } });
    const many = await costOf('plan of 200 apps', { files: apps('load-many', 200), inputs: { command: 'plan' } });
    expect(many.result).toMatchObject({ code: 0, stderr: '' });
    expect(Buffer.byteLength(many.result.summary)).toBeLessThan(SUMMARY_BYTES);
    for (let i = 0; i < 200; i++) expect(many.result.summary).toContain(`load-many-${i}`);
    expect(perJob(many, 200)).toBeLessThan(perJob(few, 20) * 1.1);
    expect(many.kilobytes).toBeLessThan(few.kilobytes * 11);
    expect(many.megabytesOfMemory).toBeLessThan(few.megabytesOfMemory + 100);
  });

  test('50 in a deploy: each costs what one of 5 costs', async () => {
    const few = await costOf('deploy of 5 jobs', { files: apps('load-five', 5) });
    const many = await costOf('deploy of 50 jobs', { files: apps('load-fifty', 50) });
    for (const { result } of [few, many]) expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(perJob(many, 50)).toBeLessThan(perJob(few, 5) * 1.2);
    expect(many.kilobytes).toBeLessThan(few.kilobytes * 12);
    expect(many.megabytesOfMemory).toBeLessThan(few.megabytesOfMemory + 60);
  });
});

test('300 allocations of a job cost little more than 10', async () => {
  const few = await costOf('10 allocations', { files: files('load-ten', 10) });
  const many = await costOf('300 allocations', { files: files('load-hundreds', 300) });
  for (const { result } of [few, many]) expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
  expect(many.requests).toBeLessThan(few.requests * 3);
  expect(many.megabytesOfMemory).toBeLessThan(few.megabytesOfMemory + 100);
  await cluster.send('DELETE', '/v1/job/load-hundreds?purge=true');
});

describe('a namespace of 1,000 jobs', () => {
  let empty: Awaited<ReturnType<typeof costOf>>;
  beforeAll(async () => {
    empty = await costOf('a deploy beside few jobs', { files: files('load-alone') });
    const one = (i: number): object => ({
      Job: {
        ...{ ID: `load-idle-${i}`, Type: 'service', Datacenters: ['*'] },
        TaskGroups: [{ Name: 'g', Count: 0, Tasks: [{ Name: 't', Driver: 'raw_exec', Config: { command: '/bin/true' } }] }],
      },
    });
    for (let i = 0; i < 1_000; i += 20) {
      await Promise.all(Array.from({ length: 20 }, async (_, k) => cluster.send('PUT', '/v1/jobs', one(i + k))));
    }
  }, 300_000);

  test('costs a deploy nothing', async () => {
    const beside = await costOf('a deploy beside 1,000 jobs', { files: files('load-beside') });
    expect(beside.result.outputs).toMatchObject({ outcome: 'successful' });
    expect(beside.requests).toBeLessThan(empty.requests + 10);
    expect(beside.kilobytes).toBeLessThan(empty.kilobytes + 300);
    expect(beside.megabytesOfMemory).toBeLessThan(empty.megabytesOfMemory + 30);
  });
});
