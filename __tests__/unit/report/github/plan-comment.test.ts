import { describe, expect, test } from '@jest/globals';
import { costOf } from '../../../../src/report/cost.ts';
import { type PlanReport, renderPlanComment } from '../../../../src/report/github/plan-comment.ts';

const REPORT: PlanReport = {
  jobId: 'acme-shop',
  environment: 'production',
  namespace: 'default',
  nomadUrl: 'https://nomad.example.com/ui/jobs/acme-shop@default',
  changed: 'destructive',
  actions: { web: '1 to replace, 1 to leave' },
  before: [{ name: 'web', count: 2, cpuMhz: 100, cores: 0, memoryMib: 300 }],
  after: [
    { name: 'web', count: 3, cpuMhz: 100, cores: 0, memoryMib: 512 },
    { name: 'worker', count: 1, cpuMhz: 0, cores: 2, memoryMib: 1024 },
  ],
  kept: [],
  hooks: [],
  system: false,
  forecast: [],
  unplaced: [],
  preempted: {},
  warnings: [],
  diff: ['! Count: 2 → 3'],
  fingerprint: 'v1.x.42.y',
  commit: 'ffac537e6cbbf934b08745a378932722df287a53',
  runUrl: 'https://github.com/Acme/Shop/actions/runs/42',
  builds: true,
};

describe('the comment on a plan', () => {
  test('shows what changes, for what cost, and whether it fits', () => {
    const lines = renderPlanComment(REPORT).split('\n');
    expect(lines[0]).toBe('### ♻️ Plan of [acme-shop](https://nomad.example.com/ui/jobs/acme-shop@default) in production');
    expect(lines).toEqual(
      expect.arrayContaining([
        '**Destructive changes: allocations are replaced.**',
        '| web | 2 → 3 | 1 to replace, 1 to leave | 100 MHz | 300 MiB → 512 MiB |',
        '| worker | 1 |  | 2 cores | 1024 MiB |',
        '| **Total** | **2 → 4** |  | **200 MHz → 2 cores + 300 MHz** | **600 MiB → 2560 MiB** |',
        '✅ Nomad can place all allocations now.',
        '! Count: 2 → 3',
      ]),
    );
  });

  test('what does not fit, who has to give way, and what Nomad warns of', () => {
    const body = renderPlanComment({
      ...REPORT,
      namespace: 'apps',
      unplaced: ['group web cannot place 1 allocation (0 of 4 nodes fit)'],
      preempted: { batch: 2 },
      warnings: ['<b>@octocat</b>'],
    });
    expect(body).toContain('namespace `apps`');
    expect(body).toContain('⚠️ Nomad cannot place all allocations now:\n- group web cannot place 1 allocation (0 of 4 nodes fit)');
    expect(body).toContain('evict allocations of other jobs: 2 of batch.');
    expect(body).toContain('\\<b\\>@\u200boctocat');
  });

  test('says on how many nodes each group fits, escaped, and not for a thousand groups', () => {
    const line = 'web fits on 7 of 12 nodes (2 without ${meta.rack} = <b>); room for 9 more; the canary needs 1';
    const few = renderPlanComment({ ...REPORT, forecast: [line] });
    expect(few).toContain(
      '✅ Nomad can place all allocations now.\n\nForecast:\n- web fits on 7 of 12 nodes (2 without \\${meta.rack} = \\<b\\>)',
    );
    expect(few).not.toMatch(/\n\n\n/);
    const many = renderPlanComment({ ...REPORT, forecast: Array.from({ length: 1_000 }, () => line.repeat(5)) });
    expect(many.length).toBeLessThan(65_000);
    expect(many).toMatch(/- _\d+ lines are left out; the log has all of them\._/);
  });

  test.each<[string, Partial<PlanReport>, RegExp]>([
    [
      'a long diff',
      { diff: Array.from({ length: 20_000 }, (_, i) => `+ line ${i}`) },
      /_\d+ lines are left out; the log has all of them\._/,
    ],
    [
      'long warnings',
      { diff: [], warnings: Array.from({ length: 5_000 }, (_, i) => `warning ${i} ${'x'.repeat(50)}`) },
      /lines are left out/,
    ],
    [
      'many groups',
      { diff: [], after: Array.from({ length: 5_000 }, (_, i) => ({ name: `group-${i}`, count: 1, cpuMhz: 1, cores: 0, memoryMib: 1 })) },
      /_\d+ more_/,
    ],
  ])('%s is cut, and says so', (_what, part, said) => {
    const body = renderPlanComment({ ...REPORT, ...part });
    expect(body.length).toBeLessThanOrEqual(64_001);
    expect(body.length).toBeGreaterThan(30_000);
    expect(body).toMatch(said);
  });
});

test('an endless text is cut before it is Markdown', () => {
  const endless = renderPlanComment({ ...REPORT, warnings: [`${'\\'.repeat(200_000)}@octocat`], diff: ['x'.repeat(200_000)] });
  expect(endless.length).toBeLessThan(10_000);
  expect(endless).toMatch(/…\n/);
  expect(endless).not.toContain('octocat');
  const named = renderPlanComment({ ...REPORT, namespace: `${'x'.repeat(63_900)} @octocat http://e ${'x'.repeat(200)}` });
  expect(named).toBe(
    '**Destructive changes: allocations are replaced.**\n\nThe plan is too long for a comment: see the [log](https://github.com/Acme/Shop/actions/runs/42).',
  );
});

test('what a job reserves: what it asks for, else what Nomad gives', () => {
  const task = (resources?: object) => ({ Name: 't', Driver: 'docker', ...(resources && { Resources: resources }) });
  const job = {
    ID: 'x',
    Name: 'x',
    TaskGroups: [
      { Name: 'a', Count: 2, Tasks: [task({ CPU: 500, MemoryMB: 256 }), task()] },
      { Name: 'b', Tasks: [task({ Cores: 2, CPU: 0, MemoryMB: 64 })] },
    ],
  };
  expect(costOf(job)).toEqual([
    { name: 'a', count: 2, cpuMhz: 600, cores: 0, memoryMib: 556 },
    { name: 'b', count: 1, cpuMhz: 0, cores: 2, memoryMib: 64 },
  ]);
});
