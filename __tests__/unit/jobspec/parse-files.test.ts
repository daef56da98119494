import { describe, expect, test } from '@jest/globals';
import { differenceOf, readsFiles } from '../../../src/jobspec/parse-files.ts';
import type { ParseProblem } from '../../../src/nomad/index.ts';
import type { Job } from '../../../src/nomad/types.ts';

const problem = (message: string, line = 3): ParseProblem => ({ message, line, column: 5 });
const FILES = problem('Error in function call; Call to function "file" failed: filesystem function disabled');
const UNKNOWN = problem('Unsuitable value type; Unsuitable value: value must be known');
const BLOCK = problem('Unsupported block type; Blocks of type "secret" are not expected here.');
const ARGUMENT = problem('Unsupported argument; An argument named "max_run_duration" is not expected here.');
const TYPE = problem('Invalid type specification; Optional attribute modifier is only for type constraints, not for exact types.');
const FUNCTION = problem('Call to unknown function; There is no function named "zork".');
const MISSING = problem('Error in function call; Call to function "file" failed: no file exists at motd.txt');
const job: Job = { ID: 'x' } as Job;

test('a spec reads files when the cluster says so', () => {
  expect(readsFiles('', {}, [BLOCK, FILES])).toBe(true);
  expect(readsFiles('', {}, [BLOCK, UNKNOWN])).toBe(false);
});

describe('a parser of another version', () => {
  test.each([
    ['refuses nothing but the files', [FILES, UNKNOWN], { job }],
    ['refuses the same field', [FILES, BLOCK], { problems: [BLOCK] }],
    ['refuses the same function', [FILES, FUNCTION], { problems: [{ ...FUNCTION, line: 4 }] }],
    ['alone can see that a file is missing', [FILES], { problems: [MISSING] }],
  ])('that %s is no difference', (_what, refused, parsed) => expect(differenceOf(refused, parsed)).toBeUndefined());

  test.each([BLOCK, ARGUMENT])('that is newer takes a field that the cluster would drop: $message', (field) =>
    expect(differenceOf([FILES, field, UNKNOWN], { job })).toEqual({ problems: [field], by: 'cluster' }),
  );
  test.each([BLOCK, ARGUMENT, TYPE, FUNCTION])('that is older refuses what the cluster knows: $message', (refusal) =>
    expect(differenceOf([FILES], { problems: [MISSING, refusal] })).toEqual({ problems: [MISSING, refusal], by: 'program' }),
  );
});
