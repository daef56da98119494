import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Evidence } from '../../src/evidence.ts';
import {
  evidenceLines,
  headline,
  isGood,
  type Outcome,
  outputNames,
  outputsOf,
  type Result,
  renderSummary,
} from '../../src/report/index.ts';

const EVIDENCE: Evidence = {
  allocationId: 'a9bee09b-7110-1730-8fb7-deda2bcf56e3',
  name: 'web.g[0]',
  node: 'node-1',
  status: 'failed',
  events: [{ timeMs: Date.UTC(2026, 0, 2, 3, 4, 5), task: 'http', type: 'Terminated', message: 'Exit Code: 1' }],
  checks: [{ name: 'alive', service: 'web', status: 'failure', output: '404 Not Found' }],
  logs: [{ task: 'http', stream: 'stderr', lines: ['no database', '::error::x'] }],
  logsDenied: false,
};
const DEPLOYED: Result = {
  outcome: 'successful',
  environment: 'production',
  jobId: 'acme-shop',
  jobVersion: 4,
  previousVersion: 3,
  namespace: 'default',
  nomadAddr: 'https://nomad.example.com',
  nomadUrl: 'https://nomad.example.com/ui/jobs/acme-shop@default',
  deploymentId: '6a523a19-3f4a-2449-c272-53915e6d961e',
  url: 'https://shop.prod.example.com',
  urls: ['https://shop.prod.example.com'],
  image: 'ghcr.io/acme/shop@sha256:0a',
  images: { 'ghcr.io/acme/shop': 'ghcr.io/acme/shop@sha256:0a' },
  changed: 'destructive',
  planLines: ['~ group g.Count', 'group g: 1 to replace'],
  allocations: [{ id: 'b3dcd43a-1111', name: 'web.g[0]', node: 'node-1', status: 'running', healthy: true }],
  timings: { check: 1_200, watch: 61_000 },
};
const FAILED: Result = {
  ...DEPLOYED,
  outcome: 'failed',
  failureReason: 'unhealthy-rolled-back',
  cause: 'g/http: it exited with code 1',
  hint: 'Nomad goes back to version 3.',
  evidence: [EVIDENCE],
};

describe('the outputs', () => {
  test('are what is known, lists and maps as JSON', () => {
    expect(outputsOf(FAILED)).toEqual({
      outcome: 'failed',
      'failure-reason': 'unhealthy-rolled-back',
      cause: 'g/http: it exited with code 1',
      'job-id': 'acme-shop',
      'job-version': '4',
      'previous-version': '3',
      namespace: 'default',
      environment: 'production',
      'nomad-addr': 'https://nomad.example.com',
      'nomad-url': 'https://nomad.example.com/ui/jobs/acme-shop@default',
      'deployment-id': '6a523a19-3f4a-2449-c272-53915e6d961e',
      url: 'https://shop.prod.example.com',
      urls: '["https://shop.prod.example.com"]',
      image: 'ghcr.io/acme/shop@sha256:0a',
      images: '{"ghcr.io/acme/shop":"ghcr.io/acme/shop@sha256:0a"}',
      changed: 'destructive',
    });
  });
  test('of a first version have its number', () =>
    expect(outputsOf({ jobVersion: 0, image: '' })).toEqual({ 'job-version': '0', image: '' }));
  test('are none while nothing is known', () => expect(outputsOf({})).toEqual({}));
  test('have names that action.yml can have', () => expect(outputNames.filter((name) => !/^[a-z]+(-[a-z]+)*$/.test(name))).toEqual([]));
});

test.each<[Outcome | undefined, boolean]>([
  ['successful', true],
  ['unchanged', true],
  ['registered', true],
  ['planned', true],
  ['rendered', true],
  ['built', true],
  ['skipped', true],
  ['failed', false],
  ['superseded', false],
  ['cancelled', false],
  ['timed-out', false],
  [undefined, false],
])('with the outcome %s the step passes: %s', (outcome, good) => expect(isGood(outcome)).toBe(good));

test.each<[Result, string]>([
  [DEPLOYED, 'successful: acme-shop version 4 (production)'],
  [FAILED, 'failed: acme-shop version 4 (production): g/http: it exited with code 1'],
  [{ outcome: 'failed', cause: 'no address' }, 'failed: no address'],
  [{}, 'failed'],
])('the headline of %j', (result, line) => expect(headline(result)).toBe(line));

describe('the evidence in the log', () => {
  test('is all of it', () => {
    expect(evidenceLines({ evidence: [EVIDENCE] })).toEqual([
      'Allocation a9bee09b-7110-1730-8fb7-deda2bcf56e3 web.g[0] on node-1: failed',
      '  2026-01-02T03:04:05.000Z http: Terminated: Exit Code: 1',
      '  check "alive" of web: failure: 404 Not Found',
      '  http stderr, last 2 lines:',
      '  | no database',
      '  | ::error::x',
    ]);
  });

  test('counts a single line as one', () => {
    const logs: Evidence['logs'] = [{ task: 'http', stream: 'stdout', lines: ['bye'] }];
    expect(evidenceLines({ evidence: [{ ...EVIDENCE, checks: [], events: [], logs }] }).slice(1)).toEqual([
      '  http stdout, last 1 line:',
      '  | bye',
    ]);
  });

  test('says why there are no logs', () => {
    const denied = { ...EVIDENCE, checks: [], events: [], logs: [], logsDenied: true };
    expect(evidenceLines({ evidence: [denied] }).slice(1)).toEqual([
      '  no logs: the token may not read them, it lacks read-logs in this namespace: capabilities = ["read-logs"]',
    ]);
    expect(renderSummary({ evidence: [denied] })).toContain(
      '\nno logs: the token may not read them, it lacks read-logs in this namespace: capabilities = ["read-logs"]\n',
    );
  });

  test('is never taken for a workflow command', () => {
    const text = fc.oneof(fc.constantFrom('::error::x', '  ::add-mask::x', '::set-output name=a::b', ''), fc.string());
    fc.assert(
      fc.property(text, fc.array(text), (one, lines) => {
        const evidence: Evidence = {
          ...EVIDENCE,
          events: [{ timeMs: 0, task: one, type: one, message: one }],
          checks: [{ name: one, service: one, status: one, output: one }],
          logs: [{ task: 'http', stream: 'stdout', lines }],
        };
        const told = evidenceLines({ evidence: [evidence] });
        expect(told).toHaveLength(4 + lines.length);
        // The runner trims what stands before a command.
        expect(told.filter((line) => /^\s*::/.test(line))).toEqual([]);
      }),
    );
  });
});

describe('the summary', () => {
  test('of a deploy says what runs where', () => {
    expect(renderSummary(DEPLOYED)).toBe(`### ✅ acme-shop: successful in production

|  |  |
| --- | --- |
| URL | <https://shop.prod.example.com> |
| Image | \`ghcr.io/acme/shop@sha256:0a\` |
| Version | 3 → 4 |
| Change | destructive |
| Namespace | \`default\` |
| Nomad | [open in the UI](https://nomad.example.com/ui/jobs/acme-shop@default) |
| Deployment | \`6a523a19-3f4a-2449-c272-53915e6d961e\` |
| Time | 1 min 2 s (check 1.2 s, watch 1 min 1 s) |

<details><summary>Changes</summary>

- \`~ group g.Count\`
- \`group g: 1 to replace\`
</details>

<details><summary>Allocations</summary>

| Allocation | Node | Status | Healthy |
| --- | --- | --- | --- |
| \`b3dcd43a\` web.g\\[0\\] | node-1 | running | yes |

</details>

<details><summary>Look further</summary>

\`\`\`
nomad job status acme-shop
nomad deployment status 6a523a19
\`\`\`
</details>
`);
  });

  test('of a failure says why, and shows it', () => {
    const summary = renderSummary(FAILED);
    expect(summary.split('\n').slice(0, 5)).toEqual([
      '### ❌ acme-shop: failed in production',
      '',
      '**g/http: it exited with code 1**',
      '',
      'Nomad goes back to version 3.',
    ]);
    expect(summary).toContain(`<details open><summary>Allocation <code>a9bee09b</code> web.g[0]</summary>

| Time (UTC) | Task | Event |  |
| --- | --- | --- | --- |
| 03:04:05 | http | Terminated | Exit Code: 1 |

| Check | Service | Status | Output |
| --- | --- | --- | --- |
| alive | web | failure | 404 Not Found |

http stderr:
\`\`\`
no database
::error::x
\`\`\`

</details>`);
    expect(summary).toContain('nomad alloc status a9bee09b\nnomad alloc logs -stderr a9bee09b');
  });

  test.each<[Result, string]>([
    [{}, '### ❌ nomad-deploy: failed'],
    [{ outcome: 'cancelled', jobId: 'a_b' }, '### ⚠️ a\\_b: cancelled'],
    [{ outcome: 'superseded' }, '### ⚠️ nomad-deploy: superseded'],
    [{ outcome: 'timed-out' }, '### ❌ nomad-deploy: timed-out'],
    [{ outcome: 'skipped', jobId: 'x' }, '### ⏭️ x: skipped'],
    [{ outcome: 'unchanged', jobId: 'x' }, '### ✅ x: unchanged'],
  ])('of %j begins: %s', (result, title) => expect(renderSummary(result).split('\n')[0]).toBe(title));

  test('leaves out what is not known', () => {
    expect(renderSummary({ outcome: 'failed', cause: 'why', image: '' })).toBe('### ❌ nomad-deploy: failed\n\n**why**\n');
    expect(renderSummary({ outcome: 'built', jobVersion: 0 })).toContain('| Version | 0 (the first) |');
    expect(renderSummary({ outcome: 'skipped', jobId: 'x' })).not.toContain('Look further');
    expect(renderSummary(DEPLOYED)).not.toContain('**');
  });

  test('tells what took time', () => {
    const time = (timings: Readonly<Record<string, number>>): string | undefined =>
      /\| Time \| (.*) \|/.exec(renderSummary({ timings }))?.[1];
    expect(time({ check: 49, plan: 50, watch: 2_000 })).toBe('2.1 s (plan 0.1 s, watch 2.0 s)');
    expect(time({ check: 20 })).toBe('0.0 s');
    expect(time({})).toBeUndefined();
  });

  test('names the namespace in its commands', () => {
    expect(renderSummary({ outcome: 'failed', jobId: 'x', namespace: 'team-a', evidence: [EVIDENCE] })).toContain(
      'nomad job status -namespace team-a x\nnomad alloc status -namespace team-a a9bee09b\n',
    );
  });

  describe('shows as text what comes from outside:', () => {
    const EVIL = '<img src=x onerror=alert(1)> **b** [a](http://e) `c` | d\n# e ~f~ _g_ \\';
    const SHOWN = '\\<img src=x onerror=alert(1)\\> \\*\\*b\\*\\* \\[a\\](http://e) \\`c\\` | d \\# e \\~f\\~ \\_g\\_ \\\\';
    // Within a tag Markdown is no Markdown, and its escapes would be seen.
    const IN_A_TAG = '&lt;img src=x onerror=alert(1)&gt; **b** [a](http://e) `c` | d # e ~f~ _g_ \\';
    const cell = SHOWN.replaceAll('|', '\\|');
    const evidence: Evidence = {
      ...EVIDENCE,
      name: EVIL,
      events: [{ timeMs: 0, task: EVIL, type: 'Terminated', message: EVIL }],
      checks: [{ name: EVIL, service: EVIL, status: 'failure', output: EVIL }],
      logs: [{ task: EVIL, stream: 'stdout', lines: [] }],
    };

    test.each<[string, Result, string]>([
      ['a cause', { cause: EVIL }, `**${SHOWN}**`],
      ['a hint', { hint: EVIL }, SHOWN],
      ['a job', { jobId: EVIL }, `### ❌ ${SHOWN}: failed`],
      ['a warning', { warnings: [EVIL] }, `- ${SHOWN}`],
      ['a change', { planLines: ['~ Meta[`x`]'] }, "- `~ Meta['x']`"],
      ['a namespace', { namespace: 'a`b|c' }, "| Namespace | `a'b\\|c` |"],
      [
        'an allocation',
        { allocations: [{ id: '1', name: EVIL, node: EVIL, status: 'running', healthy: null }] },
        `| \`1\` ${cell} | ${cell} | running | not yet |`,
      ],
      ['an event', { evidence: [evidence] }, `| 00:00:00 | ${cell} | Terminated | ${cell} |`],
      ['a check', { evidence: [evidence] }, `| ${cell} | ${cell} | failure | ${cell} |`],
      ['the head of an allocation', { evidence: [evidence] }, `<summary>Allocation <code>a9bee09b</code> ${IN_A_TAG}</summary>`],
      ['the head of a log', { evidence: [evidence] }, `${SHOWN} stdout:`],
    ])('%s', (_what, result, line) => {
      const summary = renderSummary(result);
      expect(summary.split('\n')).toContainEqual(expect.stringContaining(line));
      expect(summary.replace(/^(`{3,})$.*?^\1$/gms, '')).not.toMatch(/(?<!\\)<img/);
    });
  });

  test('fences a log by more backticks than it has', () => {
    for (const [lines, fence] of [
      [['no backtick'], '```'],
      [['```', '</details>'], '````'],
      [['a `````` b', '``'], '```````'],
    ] as const) {
      const summary = renderSummary({ evidence: [{ ...EVIDENCE, logs: [{ task: 't', stream: 'stdout', lines }] }] });
      expect(summary).toContain(`t stdout:\n${[fence, ...lines, fence].join('\n')}\n`);
    }
  });
});
