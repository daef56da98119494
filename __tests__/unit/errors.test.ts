import { describe, expect, test } from '@jest/globals';
import { ActionError, messageOf, sentence, toActionError } from '../../src/errors.ts';

describe('any thrown value', () => {
  test.each<[string, unknown, string]>([
    ['an error', new Error('boom'), 'unexpected error: boom'],
    ['an error without a message', new TypeError(''), 'unexpected error: TypeError'],
    ['several errors', new AggregateError([new Error('a'), new Error('b')], 'all failed'), 'unexpected error: all failed'],
    ['an error with a cause', new Error('outer', { cause: new Error('inner') }), 'unexpected error: outer'],
    ['a text', 'boom', 'unexpected error: boom'],
    ['a number', 7, 'unexpected error: 7'],
    ['nothing', undefined, 'unexpected error: undefined'],
    ['null', null, 'unexpected error: null'],
  ])('becomes an error of ours: %s', (_what, thrown, message) => {
    const error = toActionError(thrown);
    expect(error).toMatchObject({
      name: 'ActionError',
      code: 'unexpected',
      message,
      cause: thrown,
      hint: expect.stringContaining('report it'),
    });
  });

  test('that is ours already stays as it is', () => {
    const error = new ActionError('conflict', 'x');
    expect(toActionError(error)).toBe(error);
  });

  test('has a text', () => {
    expect([new Error('a'), new RangeError(''), 'b', undefined].map(messageOf)).toEqual(['a', 'RangeError', 'b', 'undefined']);
  });
});

test('an error of ours knows its code, hint, place and cause', () => {
  const cause = new Error('why');
  const error = new ActionError('jobspec-invalid', 'what', { hint: 'do', location: { file: 'a.hcl', line: 3 }, cause });
  expect(error).toMatchObject({ code: 'jobspec-invalid', message: 'what', hint: 'do', location: { file: 'a.hcl', line: 3 }, cause });
  expect(new ActionError('conflict', 'what')).toMatchObject({ hint: undefined, location: undefined });
});

test.each([
  ['what happened', 'Do this.', 'what happened. Do this.'],
  ['what happened.', 'Do this.', 'what happened. Do this.'],
  ['what happened?', 'Do this.', 'what happened? Do this.'],
  ['what happened', undefined, 'what happened'],
])('the sentence of %j and %j is %j', (message, hint, expected) => {
  expect(sentence(new ActionError('conflict', message, hint === undefined ? {} : { hint }))).toBe(expected);
});
