// The result file of each kind of run: `deploy()` holds every result against schema/result.schema.json, here they are looked at, too.
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { type Deploy, deploy, spec } from '../helpers/deploying.ts';
import { resultProblems } from '../helpers/result-schema.ts';

const good = (job: string): string => spec(job, { command: 'sleep 300' });
const bad = (job: string): string => spec(job, { command: 'echo no database >&2; exit 3' });
const PLACES = { createdAt: expect.any(String), startedAt: expect.any(String) };

test.concurrent.each<[string, Deploy, object]>([
  [
    'of a success',
    { files: { 'project.nomad': good('result-good') } },
    {
      outcome: 'successful',
      jobVersion: 0,
      changed: 'create',
      allocations: [{ ...PLACES, healthy: true, tasks: ['t'], judgedAt: expect.any(String) }],
    },
  ],
  [
    'of a failure',
    { files: { 'project.nomad': bad('result-bad') } },
    {
      ...{ outcome: 'failed', failureReason: 'unhealthy', cause: expect.stringContaining('no database') },
      location: { file: 'project.nomad', line: expect.any(Number) },
      evidence: [{ logs: [{ task: 't', stream: 'stderr', lines: ['no database'] }] }],
      allocations: [{ healthy: false, endedAt: expect.any(String) }],
    },
  ],
  [
    'of a plan',
    { files: { 'project.nomad': good('result-plan') }, inputs: { command: 'plan' } },
    { outcome: 'planned', changed: 'create', planDiff: ['@@ group g: new, 1 to place @@'] },
  ],
  [
    'of several jobs',
    { files: { 'a.nomad': good('result-a'), 'b.nomad': bad('result-b'), 'c.nomad': good('result-c') }, inputs: { job: '*.nomad' } },
    {
      outcome: 'failed',
      jobs: [
        { jobId: 'result-a', outcome: 'successful' },
        { jobId: 'result-b', outcome: 'failed' },
        { jobId: 'result-c', outcome: 'skipped' },
      ],
    },
  ],
  [
    'of a wrong input',
    { files: { 'project.nomad': good('result-input') }, inputs: { wait: 'perhaps' } },
    { outcome: 'failed', failureReason: 'input-invalid' },
  ],
  [
    'of a wrong spec',
    { files: { 'project.nomad': 'job "result-spec" {\n  group "g" {\n    count =\n  }\n}\n' } },
    { outcome: 'failed', failureReason: 'jobspec-invalid', location: { file: 'project.nomad', line: 3 } },
  ],
])('the result %s', async (_what, how, expected) => {
  const { outputs } = await deploy(how);
  const result: unknown = JSON.parse(readFileSync(outputs['result'] ?? '', 'utf8'));
  expect(result).toMatchObject(expected);
  expect(resultProblems(result)).toEqual([]);
});
