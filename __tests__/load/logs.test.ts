// Logs of many megabytes: a run reads the end of each, and keeps no more of them than of a short one.
import { describe, expect, test } from '@jest/globals';
import { cluster, type Deploy } from '../helpers/deploying.ts';
import { group, ONCE, repository, task, update } from '../helpers/jobs.ts';
import { costOf } from '../helpers/load.ts';

/** Prints numbered lines of 100 bytes: so many megabytes, and then a last line. */
const print = (megabytes: number): string =>
  `i=0; line=$(printf '%099d' 0); yes "$line" | head -c ${megabytes}000000; echo "the last line"`;
const ROOM = 'logs {\nmax_files = 10\nmax_file_size = 20\n}';
const batch = (id: string, megabytes: number): Deploy['files'] =>
  repository(id, 'batch', group('g', ONCE, task(`${print(megabytes)}; exit 3`, { more: ROOM })));
/** Prints so many kilobytes ten times a second. */
const service = (id: string, kilobytes: number): Deploy['files'] =>
  repository(
    id,
    'service',
    update().replace('500ms', '4s').replace('"5s"', '"30s"').replace('"6s"', '"31s"'),
    group('g', ONCE, task(`while :; do yes "$(printf '%099d' 0)" | head -c ${kilobytes}000; sleep 0.1; done`, { more: ROOM })),
  );

/** The bytes of the log files of the running allocation of a job. */
async function writtenBy(id: string): Promise<number> {
  const [allocation] = await cluster.running(id);
  const answer = await cluster.send('GET', `/v1/client/fs/ls/${allocation?.ID}?path=alloc/logs`);
  return ((await answer.json()) as { readonly Size: number }[]).reduce((sum, { Size }) => sum + Size, 0);
}

describe('a log', () => {
  test('of 100 MB costs a failed run what one of 1 MB costs', async () => {
    const short = await costOf('log of 1 MB', { files: batch('load-log-1', 1) });
    const long = await costOf('log of 100 MB', { files: batch('load-log-100', 100) });
    for (const { result } of [short, long]) {
      expect(result.outputs).toMatchObject({ outcome: 'failed', cause: expect.stringContaining('exited with code 3') });
      expect(result.log).toContain('the last line');
    }
    expect(long.requests).toBeLessThan(short.requests + 10);
    expect(long.kilobytes).toBeLessThan(short.kilobytes + 500);
    expect(long.megabytesOfMemory).toBeLessThan(short.megabytesOfMemory + 40);
  });

  test('of 100 MB is shown by its last lines', async () => {
    const read = { files: {}, inputs: { command: 'logs', 'job-name': 'load-log-100', 'log-lines': '5' } };
    const { result, ...cost } = await costOf('`logs` of 100 MB', read);
    expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining('the last line') });
    expect(cost.requests).toBeLessThan(15);
    expect(cost.kilobytes).toBeLessThan(500);
    expect(cost.megabytesOfMemory).toBeLessThan(150);
  });
});

describe('a task that prints 10 MB/s', () => {
  test('costs its rollout what a quiet one costs', async () => {
    const quiet = await costOf('quiet task', { files: service('load-quiet', 0) });
    const loud = await costOf('task of 10 MB/s', { files: service('load-loud', 1_000) });
    for (const { result } of [quiet, loud]) expect(result.outputs).toMatchObject({ outcome: 'successful' });
    expect(await writtenBy('load-loud')).toBeGreaterThan(20_000_000);
    expect(loud.requests).toBeLessThan(quiet.requests + 10);
    expect(loud.kilobytes).toBeLessThan(quiet.kilobytes + 500);
    expect(loud.megabytesOfMemory).toBeLessThan(quiet.megabytesOfMemory + 40);
  });

  test('as a hook, whose log is shown whole, takes no memory for it', async () => {
    const files = repository('load-hook', 'service', update(), group('g', ONCE, task('exec sleep 1000', { more: ROOM })));
    const quiet = await costOf('quiet hook', { files, inputs: { 'pre-deploy': 'sleep 3' } });
    const loud = await costOf('hook of 10 MB/s', { files, inputs: { 'pre-deploy': `yes "$(printf '%099d' 0)" | head -c 30000000` } });
    for (const { result } of [quiet, loud]) expect(result.code).toBe(0);
    expect(loud.result.log.match(/^pre-deploy \| 0{99}$/gm)).toHaveLength(300_000);
    expect(loud.requests).toBeLessThan(quiet.requests + 30);
    // A stream of JSON carries the log as Base64.
    expect(loud.kilobytes).toBeLessThan(quiet.kilobytes + 50_000);
    expect(loud.megabytesOfMemory).toBeLessThan(quiet.megabytesOfMemory + 100);
  });
});
