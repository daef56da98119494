import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { FILES } from '../../../scripts/docs.ts';
import { outputs } from '../../../src/report/outputs.ts';
import type { Result } from '../../../src/report/result.ts';
import { resultProblems } from '../../helpers/result-schema.ts';

const read = (file: string): string => readFileSync(join(import.meta.dirname, '../../..', file), 'utf8');

const FULL: Required<Result> = {
  ...{
    outcome: 'failed',
    failureReason: 'unhealthy-rolled-back',
    cause: 'why',
    hint: 'so',
    running: 'version 3',
    output: ['x'],
    rehearsal: ['x'],
  },
  ...{ command: 'deploy', repository: 'acme/shop', ref: 'main', sha: 'abc', runUrl: 'https://github.com/acme/shop/actions/runs/1' },
  ...{
    environment: 'production',
    app: 'web',
    cluster: 'eu',
    wave: 1,
    jobId: 'shop',
    jobVersion: 0,
    previousVersion: 0,
    tag: 'v1',
    namespace: 'default',
    region: 'eu',
    dispatchedJobId: 'shop/1',
  },
  ...{
    nomadAddr: 'https://nomad',
    nomadUrl: 'https://nomad/ui',
    evaluationId: '1',
    deploymentId: '2',
    url: 'https://a',
    urls: ['https://a'],
  },
  ...{
    image: 'a@sha256:0',
    imageName: 'a',
    imageDigest: 'sha256:0',
    imageBuilt: true,
    attestation: 'https://github.com/acme/shop/attestations/42',
    attested: { shop: ['provenance'] },
    images: { a: 'a@sha256:0' },
    imageSizes: { shop: { 'linux/amd64': 41_300_000 } },
    findings: [{ check: 'TLS', state: 'broken', text: 'it has expired', fix: 'Renew it.', job: 'shop', cluster: 'eu' }],
    unusedImages: { shop: 'ghcr.io/acme/shop@sha256:ab' },
    builtBy: { run: 'https://example.com/1', revision: 'abc' },
    promotedFrom: {
      environment: 'staging',
      jobId: 'shop',
      jobVersion: 1,
      healthy: true,
      run: 'https://example.com/1',
      attestation: 'https://github.com/acme/shop/attestations/42',
    },
    changed: 'create',
    planFingerprint: 'v1.a.1.b',
    planLines: ['x'],
    planDiff: ['x'],
    forecast: ['x'],
    warnings: ['x'],
    spec: '/a',
    result: '/b',
  },
  revertedTo: { version: 3, tag: 'v1', commit: 'abc', secrets: ['KEY'] },
  ports: [{ allocation: 'shop.web[0] (1a2b3c4d)', label: 'http', address: '127.0.0.1:8080' }],
  versions: [
    {
      ...{ version: 3, registeredAt: '2026-01-02T03:04:05.000Z', commit: 'abc', changed: false, actor: 'ada', run: 'terminal 1a2b3c4d' },
      ...{ outcome: 'successful', reason: 'because', image: 'ghcr.io/acme/shop:1', running: 1, tag: 'v1' },
    },
  ],
  location: { file: 'project.nomad', line: 1, column: 2 },
  allocations: [
    {
      ...{ id: '1', name: 'a', group: 'g', node: 'n', status: 'running', healthy: null, canary: false, tasks: ['t'], restarts: 0 },
      ...{
        createdAt: '2026-01-02T03:04:05.000Z',
        startedAt: '2026-01-02T03:04:05.000Z',
        pulledMs: 1_800,
        judgedAt: '2026-01-02T03:04:05.000Z',
        endedAt: '2026-01-02T03:04:05.000Z',
      },
    },
  ],
  evidence: [
    {
      ...{ allocationId: '1', name: 'a', node: 'n', status: 'failed' },
      events: [{ timeMs: 1, task: 't', type: 'Started', message: '' }],
      checks: [{ name: 'c', service: 's', status: 'failure', output: '' }],
      logs: [{ task: 't', stream: 'stderr', lines: ['x'] }],
    },
  ],
  stages: [{ name: 'plan', startedAt: '2026-01-02T03:04:05.000Z', ms: 1.5 }],
  timings: { plan: 1.5 },
  settings: [{ name: 'a', value: 'b', source: 'default' }],
  waves: [
    {
      ...{ wave: 1, cluster: 'eu', app: 'web', jobId: 'shop', namespace: 'default', region: 'eu', nomadAddr: 'https://nomad' },
      ...{ outcome: 'successful', jobVersion: 4, running: 'version 4' },
    },
  ],
  lint: {
    findings: [{ rule: 'latest', level: 'warning', text: 'x', fix: 'y', location: { file: 'a', line: 1, column: 2 } }],
    unchecked: [{ what: 'x', rules: ['latest'], location: { file: 'a', line: 1 } }],
    ignored: 1,
  },
  sarifFile: '/c',
  jobs: [{ outcome: 'successful', jobId: 'shop' }],
};

describe('the schema of the result', () => {
  test('is up to date', () => expect(FILES['schema/result.schema.json']?.('')).toBe(read('schema/result.schema.json')));
  test('says what each field means', () => {
    const { properties } = JSON.parse(read('schema/result.schema.json')) as { properties: Record<string, { description: string }> };
    expect(Object.entries(properties).filter(([, { description }]) => description.length < 8)).toEqual([]);
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(Object.values(outputs).map(({ field }) => field)));
  });
  test('takes all that there can be', () => expect(resultProblems(FULL)).toEqual([]));
  test('takes the least', () => expect(resultProblems({ outcome: 'failed' })).toEqual([]));

  const [allocation] = FULL.allocations;
  test.each<[string, object, string]>([
    ['an unknown field', { ...FULL, jobid: 'x' }, 'additional properties'],
    [
      'an unknown field of an allocation',
      { ...FULL, allocations: [{ ...allocation, ip: 'x' }] },
      '/allocations/0 must NOT have additional',
    ],
    ['an unknown field of a job', { ...FULL, jobs: [{ outcome: 'failed', x: 1 }] }, '/jobs/0 must NOT have additional'],
    ['no outcome', { jobId: 'x' }, "required property 'outcome'"],
    ['an unknown outcome', { outcome: 'good' }, 'allowed values'],
    ['a version that is a text', { ...FULL, jobVersion: '3' }, '/jobVersion must be integer'],
    ['a time that is none', { ...FULL, stages: [{ name: 'a', startedAt: 'now', ms: 1 }] }, 'date-time'],
    ['a null', { ...FULL, cause: null }, '/cause must be string'],
  ])('refuses %s', (_what, result, words) => expect(resultProblems(result).join('\n')).toContain(words));
});
