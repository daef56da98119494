// Answers of Nomad are held against their forms: those that Nomad gave fit, and those of another form are typed errors.
import { describe, expect, test } from '@jest/globals';
import { misfit } from '../../../src/nomad/fit.ts';
import { fixture } from '../../fixtures/index.ts';

const RECORDED: readonly (readonly [request: string, fixtures: readonly string[]])[] = [
  ['POST /v1/jobs/parse', ['parse-raw']],
  ['POST /v1/job/web/plan', ['plan-edit', 'plan-new-job', 'plan-no-change', 'plan-unplaceable-constraint', 'plan-unplaceable-resources']],
  ['GET /v1/deployment/d1', ['deployment-running', 'deployment-failed-unhealthy', 'deployment-nothing-placed', 'deployment-successful']],
  ['GET /v1/evaluation/e1', ['eval-complete', 'eval-failed-place-memory', 'eval-failed-place-csi', 'eval-failed-place-driver']],
  ['GET /v1/job/web/allocations', ['alloc-failed-exit-1', 'alloc-failed-oom', 'alloc-check-restart', 'allocations-rescheduled']],
];
const asked = (request: string) => ({ method: request.split(' ')[0] ?? '', path: request.split(' ')[1] ?? '' });

test.each(RECORDED.flatMap(([request, fixtures]) => fixtures.map((name) => [request, name] as const)))('%s: %s fits', (request, name) => {
  expect(misfit(asked(request), fixture(name))).toBeUndefined();
});

const JOB = { ID: 'web', Name: 'web', Version: 1, Stop: false, Status: 'running', JobModifyIndex: 7 };
describe('an answer of another form', () => {
  test.each<[string, unknown, string]>([
    ['GET /v1/job/web', { ...JOB, TaskGroups: 'web' }, '`TaskGroups` is no list'],
    ['GET /v1/job/web', { ...JOB, TaskGroups: [null] }, '`TaskGroups[0]` is no object'],
    [
      'GET /v1/job/web',
      { ...JOB, TaskGroups: [{ Name: 'a', Tasks: [{ Name: 'b', Driver: ['c'] }] }] },
      '`TaskGroups[0].Tasks[0].Driver` is no text',
    ],
    ['GET /v1/job/web', { ...JOB, Meta: { a: 1 } }, '`Meta.a` is no text'],
    ['GET /v1/job/web', { ...JOB, ID: null }, '`ID` is missing'],
    ['GET /v1/job/web', [], 'it is no object'],
    ['GET /v1/jobs', { 0: JOB }, 'it is no list'],
    ['POST /v1/jobs', { JobModifyIndex: 7 }, '`EvalID` is missing'],
    ['POST /v1/job/web/plan', null, 'it is no object'],
    ['POST /v1/job/web/plan', { JobModifyIndex: '7' }, '`JobModifyIndex` is no number'],
    ['GET /v1/client/allocation/a/checks', { a: { Check: 'a', Service: 5, Status: 'failure' } }, '`a.Service` is no text'],
  ])('%s %j: %s', (request, json, problem) => expect(misfit(asked(request), json)).toBe(problem));

  test('of any depth ends', () => {
    const deep = JSON.parse(`{"JobModifyIndex":1,"Diff":${'{"Type":"Edited","Objects":['.repeat(3_000)}${']}'.repeat(3_000)}}`) as unknown;
    expect(misfit(asked('POST /v1/job/web/plan'), deep)).toMatch(/is too deep$/);
  });
});

test.each<[unknown, unknown]>([
  [
    { ...JOB, Name: null },
    { ...JOB, Name: '' },
  ],
  [
    { ...JOB, SubmitTime: null, TaskGroups: null, Other: [1] },
    { ...JOB, SubmitTime: null, TaskGroups: null, Other: [1] },
  ],
  [
    { ...JOB, SubmitTime: JSON.rawJSON('1795223499708360842') },
    { ...JOB, SubmitTime: JSON.rawJSON('1795223499708360842') },
  ],
])('%j fits, and a missing text is the empty one', (given, expected) => {
  expect(misfit(asked('GET /v1/job/web'), given)).toBeUndefined();
  expect(given).toEqual(expected);
});
