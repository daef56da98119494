import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import type { PlacedAllocation } from '../../src/nomad/types.ts';
import { cluster, deploy } from '../helpers/deploying.ts';
import { group, ONCE, repository, STAY, task, update } from '../helpers/jobs.ts';

const good = { code: 0, outputs: { outcome: 'successful' } };
const command = async (name: string, job: string, inputs: Readonly<Record<string, string>> = {}): Promise<ActionResult> =>
  deploy({ files: {}, inputs: { command: name, 'job-name': job, ...inputs } });
const refusal = (cause: unknown): object => ({ code: 1, outputs: { outcome: 'failed', 'failure-reason': 'input-invalid', cause } });
const service = (id: string, ...parts: readonly string[]): Record<string, string> =>
  repository(id, 'service', update('max_parallel = 2'), group('g', ONCE, ...parts));
const starts = async (id: string): Promise<number[]> => {
  const all = await Promise.all((await cluster.running(id)).map(async ({ ID }) => cluster.allocation(ID)));
  const events = (one: PlacedAllocation | undefined) => Object.values(one?.TaskStates ?? {}).flatMap(({ Events }) => Events ?? []);
  return all.map((one) => events(one).filter(({ Type }) => Type === 'Started').length);
};

describe('restart', () => {
  test.concurrent('restarts what runs where it is, batch by batch', async () => {
    const id = 'restart-me';
    expect(await deploy({ files: service(id, 'count = 3', task(STAY), task(STAY, { name: 'u' })) })).toMatchObject(good);
    const before = (await cluster.running(id)).map(({ ID }) => ID).sort();
    const result = await command('restart', id);
    expect(result).toMatchObject({ code: 0, stderr: '', outputs: { outcome: 'restarted', 'job-version': '0' } });
    expect(result.log.match(/ was restarted$/gm)).toHaveLength(3);
    expect(result.log).toMatch(
      /2 of 3 allocations restarted and healthy[\s\S]* was restarted[\s\S]*3 of 3 allocations restarted and healthy/,
    );
    expect((await cluster.running(id)).map(({ ID }) => ID).sort()).toEqual(before);
    expect(await starts(id)).toEqual([4, 4, 4]);
    expect(result.summary).toContain('restarted in main');

    expect(await command('restart', id, { task: 'u', wait: 'false' })).toMatchObject({ code: 0, outputs: { outcome: 'restarted' } });
    expect(await command('restart', id, { group: 'h' })).toMatchObject(refusal('`group`: restart-me has no group h'));
    expect(await command('restart', id, { task: 'v' })).toMatchObject(refusal('`task`: restart-me has no task v'));
  });

  test.concurrent('stops at the first that does not come back, and says why', async () => {
    const id = 'restart-once';
    // The second start of a task fails.
    const once =
      'if [ -e $NOMAD_ALLOC_DIR/data/was ]; then echo no second time >&2; exit 7; fi; touch $NOMAD_ALLOC_DIR/data/was; exec sleep 1000';
    expect(await deploy({ files: repository(id, 'service', update(), group('g', 'count = 2', ONCE, task(once))) })).toMatchObject(good);
    const result = await command('restart', id);
    expect(result).toMatchObject({
      code: 1,
      outputs: {
        outcome: 'failed',
        'failure-reason': 'unhealthy',
        cause: expect.stringMatching(/^g\/t exited with code 7 .*: "no second time"/),
      },
    });
    expect(result.log).toContain(
      'Allocation restart-once.g[0] is not healthy after its restart; 0 of 2 allocations were restarted and are healthy, the others were skipped',
    );
    expect(await starts(id)).toEqual([1]);
  });
});

describe('status', () => {
  test.concurrent('says how a job is, and fails with the cause when it is not well', async () => {
    const id = 'status-of';
    expect(await command('status', id)).toMatchObject(refusal(`there is no job ${id} in the namespace default`));
    expect(await deploy({ files: service(id, task(STAY)) })).toMatchObject(good);
    const well = await command('status', id);
    expect(well).toMatchObject({ code: 0, stderr: '', outputs: { outcome: 'reported', 'job-version': '0' } });
    expect(well.log).toMatch(/^status-of: service job, version 0, running, registered at 20/m);
    expect(well.log).toContain('Deployed by https://github.com/Acme/Shop/actions/runs/');
    expect(well.log).toMatch(/^ {2}[0-9a-f]{8} status-of\.g\[0\] on \S+: running, healthy$/m);
    expect(well.log).toContain('All allocations that the job asks for are running.');

    await deploy({ files: service(id, task('echo no luck >&2; exit 4')) });
    expect(await command('status', id)).toMatchObject({
      code: 1,
      outputs: {
        outcome: 'failed',
        'failure-reason': 'unhealthy',
        cause: expect.stringContaining('g/t exited with code 4: "no luck"'),
      },
    });
  });
});

describe('logs', () => {
  test.concurrent('shows what was said, and goes on with what is said', async () => {
    const id = 'logs-of';
    const says = task('echo one; echo two >&2; for i in 3 4 5 6; do sleep 1; echo "::error::$i"; done', { name: 'says' });
    const silent = task('sleep 30', { name: 'silent' });
    const files = repository(id, 'batch', group('g', ONCE, says), group('h', ONCE, silent));
    expect(await deploy({ files, inputs: { wait: 'false' } })).toMatchObject({ code: 0 });
    await cluster.until<{ TaskStates: Record<string, { State: string }> | null }[]>(`/v1/job/${id}/allocations`, (all) =>
      all.some(({ TaskStates }) => TaskStates?.['says']?.State === 'running'),
    );
    const followed = await command('logs', id, { group: 'g', follow: 'true' });
    expect(followed).toMatchObject({ code: 0, stderr: '', outputs: { outcome: 'reported', 'job-version': '0' } });
    // No command of the workflow, whatever a task says.
    expect(followed.log).toMatch(/^logs-of\.g\[0\] says \| ::error::6$/m);
    expect(followed.annotations).toEqual([]);

    const ended = await command('logs', id, { task: 'says', 'log-lines': '2', group: 'g' });
    expect(ended.log).toMatch(/logs-of\.g\[0\] \([0-9a-f]{8} on \S+\), task says: stdout\n {2}\| ::error::5\n {2}\| ::error::6\n/);
    expect(ended.log).toMatch(/task says: stderr\n {2}\| two\n/);
    expect(await command('logs', id, { task: 'nobody' })).toMatchObject(refusal('`task`: logs-of has no task nobody'));
  });
});
