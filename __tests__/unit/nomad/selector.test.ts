import { describe, expect, test } from '@jest/globals';
import { judgeSelector, namesIn } from '../../../src/nomad/selector.ts';
import { SELECTORS, VALUES } from '../../helpers/selectors.ts';

const judge = (selector: string) => judgeSelector(selector, VALUES);

test.each(SELECTORS)('%s', (selector, holds) => expect(judge(selector).holds).toBe(holds));

test.each([
  ['a regular expression, which is not run', 'value.ref matches "refs/.*"'],
  ['one beside a term that holds', 'value.event_name == "push" and value.ref matches "refs/.*"'],
  ['an unknown form', 'value.ref ~ "x"'],
  ['a text without its end', 'value.ref == "x'],
  ['a parenthesis without its end', '(value.ref == "x"'],
  ['two terms without a word between them', 'value.ref == "x" value.ref == "x"'],
  ['a deep one', `${'('.repeat(100)}value.ref == "x"${')'.repeat(100)}`],
  ['a long one', `value.ref == "${'x'.repeat(20_000)}"`],
])('%s is not guessed', (_name, selector) => expect(judge(selector)).toEqual({ holds: undefined, failed: [] }));

test('a term that does not hold decides, whatever the others are', () => {
  expect(judge('value.ref matches "x" and value.event_name == "pull_request"')).toEqual({
    holds: false,
    failed: [{ text: 'value.event_name == "pull_request"', name: 'value.event_name', actual: 'push' }],
  });
});

describe('the terms to blame', () => {
  const blamed = (selector: string): string[] => judge(selector).failed.map(({ text, actual }) => `${text} / ${actual}`);
  test.each([
    ['value.repository_id == "1296269" and value.ref == "refs/heads/next"', ['value.ref == "refs/heads/next" / refs/heads/main']],
    ['value.repository_id == "2" and value.absent == "x"', ['value.repository_id == "2" / 1296269', 'value.absent == "x" / undefined']],
    [
      'value.repository_id == "1296269" and (value.event_name == "a" or value.event_name == "b")',
      ['value.event_name == "a" / push', 'value.event_name == "b" / push'],
    ],
    ['not value.event_name == "push"', ['value.event_name == "push" / push']],
    ['"dev" in list.groups', ['"dev" in list.groups / web, ops']],
  ])('of %s', (selector, terms) => expect(blamed(selector)).toEqual(terms));
});

test('the names of a selector are told once', () => {
  expect(namesIn('value.a == "x" and (not "y" in list.b or value.a == "z")')).toEqual(['value.a', 'list.b']);
});
