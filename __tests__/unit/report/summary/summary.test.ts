import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Evidence } from '../../../../src/diagnose/evidence.ts';
import { evidenceLines, headline } from '../../../../src/report/log.ts';
import { isGood, type Outcome } from '../../../../src/report/outcomes.ts';
import { outputNames, outputsOf } from '../../../../src/report/outputs.ts';
import type { Result } from '../../../../src/report/result.ts';
import { renderSummary } from '../../../../src/report/summary/summary.ts';

const EVIDENCE: Evidence = {
  allocationId: 'a9bee09b-7110-1730-8fb7-deda2bcf56e3',
  name: 'web.g[0]',
  node: 'node-1',
  status: 'failed',
  events: [{ timeMs: Date.UTC(2026, 0, 2, 3, 4, 5), task: 'http', type: 'Terminated', message: 'Exit Code: 1' }],
  checks: [{ name: 'alive', service: 'web', status: 'failure', output: '404 Not Found' }],
  logs: [{ task: 'http', stream: 'stderr', lines: ['no database', '::error::x'] }],
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
  imageSizes: { 'ghcr.io/acme/shop': { 'linux/amd64': 41_300_000 } },
  changed: 'destructive',
  planLines: ['~ group g.Count', 'group g: 1 to replace'],
  planDiff: ['@@ group g: 1 to replace @@', '! Count: 1 → 2'],
  allocations: [
    {
      ...{
        id: 'b3dcd43a-1111',
        name: 'web.g[0]',
        group: 'g',
        node: 'node-1',
        status: 'running',
        healthy: true,
        canary: true,
        tasks: ['http'],
      },
      ...{
        restarts: 1,
        createdAt: '2026-01-02T03:04:05.000Z',
        startedAt: '2026-01-02T03:04:07.500Z',
        judgedAt: '2026-01-02T03:04:17.500Z',
        pulledMs: 1_800,
      },
    },
  ],
  stages: [
    { name: 'check', startedAt: '2026-01-02T03:04:00.000Z', ms: 1_200 },
    { name: 'watch', startedAt: '2026-01-02T03:04:04.000Z', ms: 61_000 },
  ],
  timings: { check: 1_200, watch: 61_000 },
};
const FAILED: Result = {
  ...DEPLOYED,
  outcome: 'failed',
  failureReason: 'unhealthy-rolled-back',
  cause: 'g/http exited with code 1',
  hint: 'Nomad is rolling back to version 3.',
  evidence: [EVIDENCE],
};

describe('the outputs', () => {
  test('are what is known, lists and maps as JSON', () => {
    expect(outputsOf(FAILED)).toEqual({
      outcome: 'failed',
      'failure-reason': 'unhealthy-rolled-back',
      cause: 'g/http exited with code 1',
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
  [FAILED, 'failed: acme-shop version 4 (production): g/http exited with code 1'],
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
    const denied = { ...EVIDENCE, checks: [], events: [], logs: [], logsUnread: 'denied' as const };
    expect(evidenceLines({ evidence: [denied] }).slice(1)).toEqual([
      '  no log output: the token lacks `read-logs` in this namespace: capabilities = ["read-logs"]',
    ]);
    expect(renderSummary({ evidence: [denied] })).toContain(
      '\nno log output: the token lacks `read-logs` in this namespace: capabilities = ["read-logs"]\n',
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
| Version | 3 → 4 |
| Change | destructive |
| Image | \`ghcr.io/acme/shop@sha256:0a\`, 41\\.3 MB compressed |
| Nomad | [job](https://nomad.example.com/ui/jobs/acme-shop@default) · [versions](https://nomad.example.com/ui/jobs/acme-shop@default/versions) · [deployments](https://nomad.example.com/ui/jobs/acme-shop@default/deployments) |
| Deployment | \`6a523a19-3f4a-2449-c272-53915e6d961e\` |
| Time | 1 min 2 s (check 1.2 s, watch 1 min 1 s) |

<details><summary>Changes</summary>

\`\`\`diff
@@ group g: 1 to replace @@
! Count: 1 → 2
\`\`\`
</details>

<details open><summary>Allocations (1 of 1 healthy)</summary>

| Allocation | Node | Status | Healthy | Restarts | Started in |
| --- | --- | --- | --- | --- | --- |
| [\`b3dcd43a\`](https://nomad.example.com/ui/allocations/b3dcd43a-1111) web.g\\[0\\] (canary) | node-1 | running | yes | 1 | 2.5 s, 1.8 s for the image |

</details>

<details><summary>Timeline</summary>

\`\`\`mermaid
%%{init: {"gantt": {"leftPadding": 150}}}%%
gantt
  dateFormat x
  axisFormat %H:%M:%S
  todayMarker off
  section Run
    check :done, 1767323040000, 1767323041200
    watch :done, 1767323044000, 1767323105000
  section g[0]
    starting :active, 1767323045000, 1767323047500
    until healthy :done, 1767323047500, 1767323057500
\`\`\`
</details>

<details><summary>Nomad commands</summary>

\`\`\`sh
export NOMAD_ADDR=https://nomad.example.com
nomad job status acme-shop
nomad deployment status 6a523a19
nomad alloc status b3dcd43a
nomad alloc logs -stderr -task http b3dcd43a
nomad alloc exec -i -t -task http b3dcd43a /bin/sh
nomad job revert acme-shop 3
\`\`\`
</details>
`);
  });

  test('of a failure says why, and shows it', () => {
    const summary = renderSummary(FAILED);
    expect(summary.split('\n').slice(0, 5)).toEqual([
      '### ❌ acme-shop: failed in production',
      '',
      '**g/http exited with code 1**',
      '',
      'Nomad is rolling back to version 3.',
    ]);
    expect(summary).toContain(`<details open><summary>Allocation <code>a9bee09b</code> web.g[0] on node-1: failed</summary>

[open in Nomad](https://nomad.example.com/ui/allocations/a9bee09b-7110-1730-8fb7-deda2bcf56e3)

<details open><summary>Log: <code>http</code> stderr, last 2 lines</summary>

\`\`\`
no database
::error::x
\`\`\`
</details>

| Check | Service | Status | Output |
| --- | --- | --- | --- |
| alive | web | failure | 404 Not Found |

| Time (UTC) | Task | Event | Message |
| --- | --- | --- | --- |
| 03:04:05 | http | Terminated | Exit Code: 1 |

</details>`);
  });

  test.each<[string, Result, string | undefined]>([
    [
      'the line of a file, at the commit',
      { repository: 'acme/shop', sha: 'abc', runUrl: 'https://ghe.example.com/acme/shop/actions/runs/1' },
      '[`deploy/a b.nomad:7`](https://ghe.example.com/acme/shop/blob/abc/deploy/a%20b.nomad#L7)',
    ],
    ['the line of a file', {}, '`deploy/a b.nomad:7`'],
    ['no file without a line', { location: { file: 'x' } }, undefined],
  ])('names %s', (_what, more, line) => {
    const lines = renderSummary({ cause: 'why', location: { file: 'deploy/a b.nomad', line: 7 }, ...more }).split('\n');
    expect(lines[4]).toBe(line);
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
    expect(renderSummary({ outcome: 'skipped', jobId: 'x' })).not.toContain('Nomad commands');
    expect(renderSummary({ outcome: 'unchanged', jobVersion: 0, changed: 'none', planLines: ['group g: 1 to leave'] })).not.toMatch(
      /first|Changes/,
    );
    expect(renderSummary(DEPLOYED)).not.toContain('**');
  });

  test('tells what took time', () => {
    const time = (timings: Readonly<Record<string, number>>): string | undefined =>
      /\| Time \| (.*) \|/.exec(renderSummary({ timings }))?.[1];
    expect(time({ check: 49, plan: 50, watch: 2_000 })).toBe('2.1 s (plan 0.1 s, watch 2.0 s)');
    expect(time({ check: 20 })).toBe('0.0 s');
    expect(time({})).toBeUndefined();
  });

  test.each<[string, Result, string[]]>([
    [
      'namespace and region',
      { outcome: 'failed', jobId: 'x', namespace: 'team-a', region: 'eu', evidence: [EVIDENCE] },
      [
        'nomad job status -namespace team-a -region eu x',
        'nomad alloc status -namespace team-a -region eu a9bee09b',
        'nomad alloc logs -namespace team-a -region eu -stderr -task http a9bee09b',
      ],
    ],
    [
      'odd names',
      { outcome: 'registered', jobId: "it's one", nomadAddr: 'unix:///run/no mad' },
      ["export NOMAD_ADDR='unix:///run/no mad'", "nomad job status 'it'\\''s one'"],
    ],
    [
      'a deployment that waits',
      { outcome: 'awaiting-promotion', jobId: 'x', deploymentId: '12345678-1', jobVersion: 1, previousVersion: 0 },
      [
        'nomad job status x',
        'nomad deployment status 12345678',
        'nomad deployment promote 12345678',
        'nomad deployment fail 12345678',
        'nomad job revert x 0',
      ],
    ],
    [
      'a way back that was gone',
      { outcome: 'failed', failureReason: 'unhealthy-rolled-back', jobId: 'x', jobVersion: 1, previousVersion: 0 },
      ['nomad job status x'],
    ],
    ['a version that was there', { outcome: 'unchanged', jobId: 'x', jobVersion: 1 }, ['nomad job status x']],
    [
      'an allocation that only wrote to stdout',
      {
        outcome: 'failed',
        jobId: 'x',
        evidence: [{ ...EVIDENCE, status: 'running', logs: [{ task: 'a', stream: 'stdout', lines: ['x'] }] }],
      },
      [
        'nomad job status x',
        'nomad alloc status a9bee09b',
        'nomad alloc logs -task a a9bee09b',
        'nomad alloc exec -i -t -task a a9bee09b /bin/sh',
      ],
    ],
    ['no job', { outcome: 'failed' }, []],
    ['a job that was skipped', { outcome: 'skipped', jobId: 'x' }, []],
  ])('tells the commands for %s', (_what, result, lines) => {
    const [, block = ''] = /```sh\n([^`]*)\n```/.exec(renderSummary(result)) ?? [];
    expect(block.split('\n').filter(Boolean)).toEqual(lines);
  });

  test('of several jobs has a table, and a fold for each', () => {
    const jobs: Result[] = [
      { ...DEPLOYED, timings: { watch: 1_000 } },
      { ...FAILED, jobId: 'b', previousVersion: undefined as never },
      { jobId: 'c', outcome: 'skipped', cause: 'the earlier job b failed' },
    ];
    const lines = renderSummary({ ...FAILED, jobs, cause: 'b: why' }).split('\n');
    expect(lines[0]).toBe('### ❌ 3 jobs: failed in production');
    expect(lines.filter((line) => /^\| (\[|c )/.test(line)).map((line) => line.replace(/\(.*?\)/, ''))).toEqual([
      '| [acme-shop] | ✅ successful | 3 → 4 | destructive | 1.0 s |',
      '| [b] | ❌ failed | 4 | destructive | 1 min 2 s |',
      '| c | ⏭️ skipped |  |  |  |',
      ...lines.filter((line) => line.startsWith('| [`')).map((line) => line.replace(/\(.*?\)/, '')),
    ]);
    expect(lines.filter((line) => /^<details( open)?><summary>\S+: \w+<\/summary>/.test(line))).toEqual([
      '<details><summary>acme-shop: successful</summary>',
      '<details open><summary>b: failed</summary>',
      '<details><summary>c: skipped</summary>',
    ]);
  });

  test('of several jobs says a cause once', () => {
    const of = (cause: string): string =>
      renderSummary({ outcome: 'failed', cause, jobs: [{ jobId: 'b', outcome: 'failed', cause: 'why' }] });
    expect(of('b: why').match(/why/g)).toHaveLength(1);
    expect(of('c: other').match(/\*\*why\*\*/g)).toHaveLength(1);
  });

  test('of several jobs has the pages and commands of each', () => {
    const { nomadAddr, nomadUrl: _url, ...job } = FAILED;
    const summary = renderSummary({
      outcome: 'failed',
      nomadAddr: nomadAddr ?? '',
      region: 'eu',
      jobs: [
        { ...job, region: 'eu' },
        { ...job, jobId: 'b' },
      ],
    });
    expect(summary).toContain('https://nomad.example.com/ui/allocations/b3dcd43a-1111?region=eu');
    expect(summary).toContain('export NOMAD_ADDR=https://nomad.example.com\nnomad job status -region eu acme-shop');
    expect(summary).toContain('export NOMAD_ADDR=https://nomad.example.com\nnomad job status b');
  });

  test('of a plan opens its changes', () => {
    const summary = renderSummary({ ...DEPLOYED, outcome: 'planned', allocations: [] });
    expect(summary).toContain('### 📋 acme-shop: planned in production');
    expect(renderSummary({ ...DEPLOYED, outcome: 'planned', planFingerprint: 'abc' })).toContain('| Fingerprint | `abc` |');
    expect(summary).toContain('<details open><summary>Changes</summary>');
  });

  describe('shows as text what comes from outside:', () => {
    const EVIL = '<img src=x onerror=alert(1)> **b** [a](http://e) `c` | d\n# e ~f~ _g_ \\';
    const SHOWN = '\\<img src=x onerror=alert(1)\\> \\*\\*b\\*\\* \\[a\\](http:\u200b//e) \\`c\\` | d \\# e \\~f\\~ \\_g\\_ \\\\';
    // Within a tag Markdown is no Markdown, and its escapes would be seen.
    const IN_A_TAG = '&lt;img src=x onerror=alert(1)&gt; **b** [a](http:\u200b//e) `c` | d # e ~f~ _g_ \\';
    const cell = SHOWN.replaceAll('|', '\\|');
    const evidence: Evidence = {
      ...EVIDENCE,
      name: EVIL,
      events: [{ timeMs: 0, task: EVIL, type: 'Terminated', message: EVIL }],
      checks: [{ name: EVIL, service: EVIL, status: 'failure', output: EVIL }],
      logs: [{ task: EVIL, stream: 'stdout', lines: ['x'] }],
    };

    test.each<[string, Result, string]>([
      ['a cause', { cause: EVIL }, `**${SHOWN}**`],
      ['a hint', { hint: EVIL }, SHOWN],
      ['a job', { jobId: EVIL }, `### ❌ ${SHOWN}: failed`],
      ['a warning', { warnings: [EVIL] }, `- ${SHOWN}`],
      ['a change', { planDiff: ['! Meta[`x`]'] }, '! Meta[`x`]'],
      ['a change by name', { planLines: ['~ Meta[```]'] }, '  ~ Meta[```]'],
      ['a namespace', { namespace: 'a`b|c' }, "| Namespace | `a'b\\|c` |"],
      [
        'an allocation',
        {
          allocations: [
            { id: '1', name: EVIL, group: 'g', node: EVIL, status: 'running', healthy: null, canary: false, tasks: [], restarts: 0 },
          ],
        },
        `| \`1\` ${cell} | ${cell} | running |  |  |  |`,
      ],
      ['an event', { evidence: [evidence] }, `| 00:00:00 | ${cell} | Terminated | ${cell} |`],
      ['a check', { evidence: [evidence] }, `| ${cell} | ${cell} | failure | ${cell} |`],
      [
        'the head of an allocation',
        { evidence: [evidence] },
        `<summary>Allocation <code>a9bee09b</code> ${IN_A_TAG} on node-1: failed</summary>`,
      ],
      [
        'the head of a log',
        { evidence: [evidence] },
        `<summary>Log: <code>${IN_A_TAG.replaceAll('\u200b', '')}</code> stdout, last line</summary>`,
      ],
    ])('%s', (_what, result, line) => {
      const summary = renderSummary(result);
      expect(summary.split('\n')).toContainEqual(expect.stringContaining(line));
      expect(summary.replace(/^(`{3,})\w*$.*?^\1$/gms, '')).not.toMatch(/(?<!\\)<img/);
    });
  });

  test('fences a log by more backticks than it has', () => {
    for (const [lines, fence] of [
      [['no backtick'], '```'],
      [['```', '</details>'], '````'],
      [['a `````` b', '``'], '```````'],
    ] as const) {
      const summary = renderSummary({ evidence: [{ ...EVIDENCE, logs: [{ task: 't', stream: 'stdout', lines }] }] });
      expect(summary).toContain(`</summary>\n\n${[fence, ...lines, fence].join('\n')}\n`);
    }
  });
});

test('an image that was not built again says who built it, and where it ran', () => {
  const run = 'https://github.com/acme/shop/actions/runs/7';
  const shown = (more: Result): string =>
    renderSummary({ outcome: 'successful', runUrl: 'https://github.com/acme/shop/actions/runs/9', ...more });
  expect(shown({ builtBy: { run, revision: 'ffac537e6cbb' } })).toContain(`| Built by | [run 7](${run}), of commit \`ffac537\` |`);
  expect(shown({ builtBy: {} })).toContain('| Built by | another run |');
  const from = { environment: 'staging', jobId: 'shop_x', jobVersion: 3, healthy: true, run: `${run}/attempts/1` };
  expect(shown({ promotedFrom: from })).toContain(`| Promoted from | staging: [shop\\_x version 3](${run}/attempts/1), healthy there |`);
  expect(shown({ promotedFrom: { ...from, healthy: false, run: 'javascript:alert(1)' } })).toContain(
    '| Promoted from | staging: shop\\_x version 3 |',
  );
  // A label of an image is written by anybody.
  for (const evil of [
    'https://evil.example/acme/shop/actions/runs/7',
    'https://github.com.evil.example/a/b/actions/runs/7',
    'https://github.com/evil/x',
    `${run}?x`,
  ])
    expect(shown({ builtBy: { run: evil, revision: 'ffac537e6cbb' } })).not.toContain(`(${evil})`);
});

test('an attestation is a link where it is on the server of the run', () => {
  const shown = (attestation: string): string =>
    renderSummary({ outcome: 'successful', runUrl: 'https://github.com/acme/shop/actions/runs/9', attestation });
  expect(shown('https://github.com/acme/shop/attestations/42')).toContain(
    '| Attestation | [42](https://github.com/acme/shop/attestations/42) |',
  );
  expect(shown('https://evil.example/acme/shop/attestations/42')).toContain('| Attestation | 42 |');
});

test('the size of an image of several platforms is told for each', () => {
  const sizes = { 'ghcr.io/acme/shop': { 'linux/amd64': 41_300_000, 'linux/arm64': 812 }, other: { unknown: 1 } };
  expect(renderSummary({ ...DEPLOYED, imageSizes: sizes })).toContain(', 41\\.3 MB for linux/amd64, 812 B for linux/arm64 compressed |');
  expect(renderSummary({ ...DEPLOYED, imageSizes: { other: { unknown: 1 } } })).not.toContain('compressed');
});

test('the attestations of an image are told, each with its image where there are several', () => {
  const one = { 'ghcr.io/acme/shop': ['provenance', 'sbom'] };
  expect(renderSummary({ ...DEPLOYED, attested: one })).toContain('| Attested | provenance and sbom of the build |');
  expect(renderSummary({ ...DEPLOYED, attested: { web: ['provenance'], api: ['sbom'] } })).toContain(
    '| Attested | provenance of the build of web, sbom of the build of api |',
  );
  expect(renderSummary(DEPLOYED)).not.toContain('Attested');
});
