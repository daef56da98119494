import { describe, expect, test } from '@jest/globals';
import { clip, flattenErrors, oneLine, withoutCredentials } from '../../../src/text/lines.ts';

test.each([
  ['a\nb', 'a b'],
  [' a \r\n\t* b\n\n', 'a * b'],
  ['a  b', 'a  b'],
  ['', ''],
])('%j is %j on one line', (text, line) => expect(oneLine(text)).toBe(line));

test.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab…'],
  ['a cd', 3, 'a…'],
  ['abc', 0, '…'],
])('%j of at most %d characters is %j', (text, max, clipped) => expect(clip(text, max)).toBe(clipped));

describe('credentials are taken out', () => {
  test.each([
    ['https://user:pw@example.com/a', 'https://example.com/a'],
    ['https://token@example.com/a', 'https://example.com/a'],
    ['postgres://u:p@db:5432/x refused', 'postgres://db:5432/x refused'],
    ['"http://127.0.0.1/x.tgz?token=hunter2": 404', '"http://127.0.0.1/x.tgz?token=***": 404'],
    ['https://b.s3/x?X-Amz-Date=1&X-Amz-Signature=abc&a=1', 'https://b.s3/x?X-Amz-Date=1&X-Amz-Signature=***&a=1'],
    ['https://x/y?sig=a&key=b&keys=c', 'https://x/y?sig=***&key=***&keys=c'],
    ['DB_PASSWORD=hunter2 is wrong', 'DB_PASSWORD=*** is wrong'],
    [`password='a b' API_KEY="c d" e`, 'password=*** API_KEY=*** e'],
    ['{"access_token": "abc", "a": "b"}', '{"access_token": "***", "a": "b"}'],
    ['Authorization: Bearer eyJhbGciOi.x.y', 'Authorization: Bearer ***'],
  ])('%s', (text, shown) => expect(withoutCredentials(text)).toBe(shown));

  test.each([
    'a@b.example',
    'unexpected token: }',
    'Basic auth is missing',
    'password authentication failed',
    'key=value',
    'image@sha256:0f',
  ])('but %j stays', (text) => expect(withoutCredentials(text)).toBe(text));
});

describe('nested errors become one line', () => {
  test.each([
    ['no such thing', 'no such thing'],
    ['', ''],
    ['1 error occurred:\n\t* job "x" is in nonexistent node pool "nope"\n\n', 'job "x" is in nonexistent node pool "nope"'],
    [
      '2 errors occurred:\n\t* failed to parse config: \n\t* Invalid label: No argument or block type is named "imagee".\n\n',
      'Invalid label: No argument or block type is named "imagee"',
    ],
    [
      '1 error occurred:\n\t* Task group g validation failed: 1 error occurred:\n\t* Task t validation failed: 1 error occurred:\n\t* 1 error occurred:\n\t* 1 error occurred:\n\t* minimum MemoryMB value is 10; got 2\n\n\n\n\n',
      'Task group g: Task t: minimum MemoryMB value is 10; got 2',
    ],
    [
      'Task group g validation failed: 2 errors occurred:\n\t* Task a validation failed: 1 error occurred:\n\t* x\n\n\n\t* y.\n\n',
      'Task group g: Task a: x; Task group g: y',
    ],
    [
      'failed to setup alloc: pre-run hook "group_services" failed: 1 error occurred:\n\t* port label\n\tnot found\n\n',
      'failed to setup alloc: pre-run hook "group_services" failed: port label not found',
    ],
    ['3 errors occurred:\n\t* a\n\t* a', 'a'],
    ['1 error occurred:\n\t* failed to parse config: \n', 'failed to parse config:'],
    ['a:\n* b\n* c', 'b; c'],
    [
      'Task group only validation failed: 1 error occurred:\n\t* Task group only must have at least one main task\n\n',
      'Task group only must have at least one main task',
    ],
    [
      'Task group web validation failed: 1 error occurred:\n\t* Task Group web should have a restart policy\n\n',
      'Task Group web should have a restart policy',
    ],
    [
      'Task group only validation failed: 2 errors occurred:\n\t* Task group on must be other\n\t* Task group network validation failed: bad\n\n',
      'Task group only: Task group on must be other; Task group only: Task group network: bad',
    ],
  ])('%j', (text, line) => expect(flattenErrors(text)).toBe(line));
});
