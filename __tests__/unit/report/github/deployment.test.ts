import { describe, expect, test } from '@jest/globals';
import type { EnvironmentName } from '../../../../src/inputs/choices.ts';
import { environmentName, stateOf } from '../../../../src/report/github/deployment.ts';
import type { Outcome } from '../../../../src/report/outcomes.ts';

test.each<[Outcome, string | undefined, string]>([
  ['successful', 'e1', 'success'],
  ['unchanged', undefined, 'success'],
  ['registered', undefined, 'success'],
  ['registered', 'e1', 'in_progress'],
  ['awaiting-promotion', 'e1', 'in_progress'],
  ['superseded', 'e1', 'inactive'],
  ['failed', 'e1', 'failure'],
  ['timed-out', 'e1', 'failure'],
  ['cancelled', 'e1', 'failure'],
])('%s with the evaluation %s is %s', (outcome, evaluationId, state) => {
  expect(stateOf({ outcome, ...(evaluationId === undefined ? {} : { evaluationId }) })).toBe(state);
});

test('what never ended well is a failure', () => expect(stateOf({})).toBe('failure'));

describe('the environment', () => {
  test.each<[EnvironmentName, string]>([
    ['production', 'production'],
    ['main', 'main'],
    ['review', 'review/fix-7'],
  ])('%s is %s on GitHub', (value, name) => {
    expect(environmentName({ environment: { value, name: value, source: 'branch' }, refSlug: 'fix-7' })).toBe(name);
  });

  test('of a branch in production is its own', () => {
    const environment = { value: 'production', name: 'production', source: 'branch', isBranch: true } as const;
    expect(environmentName({ environment, refSlug: 'fix-7' })).toBe('production/fix-7');
  });
});
