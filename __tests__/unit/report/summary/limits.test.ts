import { describe, expect, test } from '@jest/globals';
import type { Evidence } from '../../../../src/diagnose/evidence.ts';
import type { Result } from '../../../../src/report/result.ts';
import { renderSummary } from '../../../../src/report/summary/summary.ts';

const lines = (count: number, text: string): string[] => Array.from({ length: count }, (_, i) => `${text} ${i}`);
const evidence = (count: number, text: string): Evidence => ({
  ...{ allocationId: 'a9bee09b-1', name: 'web.g[0]', node: 'n', status: 'failed', events: [], checks: [] },
  logs: [{ task: 't', stream: 'stderr', lines: lines(count, text) }],
});
const job = (i: number, more: Result = {}): Result => ({
  jobId: `job-${i}`,
  outcome: 'successful',
  planDiff: lines(400, '! Count:'),
  ...more,
});
const RUN: Result = {
  outcome: 'failed',
  jobId: 'shop',
  cause: 'the cause',
  stages: [{ name: 'watch', startedAt: '2026-01-02T03:04:05.000Z', ms: 5_000 }],
  nomadAddr: 'https://nomad.example.com',
};
/** GitHub drops a larger summary as a whole. */
const MIB = 1_048_576;

describe('a summary stays below 1 MiB', () => {
  test.each<[string, Result, { says: string; has: string[]; hasNot: string[] }]>([
    [
      'a long log',
      { ...RUN, evidence: [evidence(20_000, 'x'.repeat(80))] },
      {
        says: 'all but the last 200 lines of logs',
        has: ['the cause', ' 19999\n', 'nomad job status shop'],
        hasNot: [' 19799\n', 'gantt'],
      },
    ],
    [
      'long lines',
      { ...RUN, evidence: [evidence(150, 'ü'.repeat(9_000))] },
      { says: 'long lines', has: ['the cause', 'ü…'], hasNot: ['ü 149\n'] },
    ],
    [
      'three long logs of long lines',
      { ...RUN, evidence: [1, 2, 3].map(() => evidence(2_000, 'x'.repeat(1_990))) },
      { says: 'all but the last 200', has: ['the cause'], hasNot: [] },
    ],
    [
      'hundreds of jobs',
      {
        ...RUN,
        jobs: [...Array.from({ length: 300 }, (_, i) => job(i)), job(300, { outcome: 'failed', evidence: [evidence(100, 'log')] })],
      },
      { says: 'all but the last 200 lines', has: ['the cause', '| job-299 |', 'job-299: successful', ' 99\n'], hasNot: ['gantt'] },
    ],
    [
      'thousands of jobs',
      { ...RUN, jobs: [...Array.from({ length: 1_500 }, (_, i) => job(i)), job(1_500, { outcome: 'failed', cause: 'why' })] },
      { says: 'successful jobs', has: ['| job-1499 |', '**why**'], hasNot: ['job-0: successful'] },
    ],
    [
      'very many jobs of long names',
      {
        ...RUN,
        jobs: Array.from({ length: 6_000 }, (_, i) =>
          job(i, { jobId: `job-${i}-${'x'.repeat(200)}`, outcome: 'failed', cause: 'why', planDiff: [] }),
        ),
      },
      { says: 'all but outcomes and causes', has: ['the cause', '| job-9-xx'], hasNot: ['| job-5999-'] },
    ],
  ])('with %s', (_what, result, { says, has, hasNot }) => {
    const summary = renderSummary(result);
    expect(Buffer.byteLength(summary)).toBeLessThan(MIB);
    expect(summary).toMatch(new RegExp(`^\\*Left out to stay below GitHub's limit of 1 MiB: .*${says}.*\\*$`, 'm'));
    expect(has.filter((text) => !summary.includes(text))).toEqual([]);
    expect(hasNot.filter((text) => summary.includes(text))).toEqual([]);
    // What is cut is cut between lines and folds.
    expect(summary.split('<details').length).toBe(summary.split('</details>').length);
    expect(summary.endsWith('\n')).toBe(true);
  });

  test('and leaves nothing out of what fits', () => {
    const summary = renderSummary({ ...RUN, evidence: [evidence(5_000, 'x'.repeat(100))] });
    expect(summary).not.toContain('Left out');
    expect(summary).toContain('gantt');
  });

  test('shows a part of many allocations and warnings', () => {
    const allocations = Array.from({ length: 60 }, (_, i) => ({
      id: `${i}`,
      name: `w.g[${i}]`,
      group: 'g',
      node: 'n',
      status: 'running',
      healthy: true,
      canary: false,
      tasks: [],
      restarts: 0,
    }));
    const summary = renderSummary({ ...RUN, allocations, warnings: lines(101, 'careful') });
    expect(summary).toContain('<summary>Allocations (60 of 60 healthy)</summary>');
    expect(summary).toContain('\nand 10 more\n');
    expect(summary).toContain('<summary>Warnings (101)</summary>');
    expect(summary).toContain('\n- and 1 more\n');
  });
});
