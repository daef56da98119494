import { describe, expect, test } from '@jest/globals';
import { testArgs, testError } from '../../src/image/trial.ts';
import type { TestCommand } from '../../src/inputs/index.ts';

describe('the arguments of a test', () => {
  const head = ['run', '--rm', '--name=t'];
  test.each<[number, TestCommand, string | undefined, string[]]>([
    [1, 'npm test && echo "$HOME"', undefined, [...head, '--entrypoint=sh', '--', 'app', '-ec', 'npm test && echo "$HOME"']],
    [2, ['/app', '--self-test', '$x'], undefined, [...head, '--entrypoint=/app', '--', 'app', '--self-test', '$x']],
    [3, ['/app'], '/tmp/e', [...head, '--env-file=/tmp/e', '--entrypoint=/app', '--', 'app']],
  ])('%d', (_number, command, envFile, argv) => expect(testArgs(command, 'app', 't', envFile)).toEqual(argv));
});

describe('a test that failed', () => {
  const daemon = 'docker: Error response from daemon: ';
  test.each<[string, TestCommand, number, string, string]>([
    ['by itself', 'npm test', 1, 'one\n2 failed\n', 'the test of the image failed with exit code 1, saying "2 failed"'],
    ['without a word', 'false', 1, '\n', 'the test of the image failed with exit code 1, without a word'],
    [
      'with a code that docker has, too',
      'exit 125',
      127,
      'sh: ./test.sh: not found',
      'the test of the image failed with exit code 127, saying "sh: ./test.sh: not found"',
    ],
    [
      'for want of a shell',
      'x',
      127,
      `${daemon}OCI runtime create failed: exec: "sh": executable file not found in $PATH: unknown.`,
      'the test could not be run: the image has no shell',
    ],
    [
      'for want of the program',
      ['/app'],
      127,
      `${daemon}exec: "/app": no such file: unknown.`,
      'the test could not be run: docker: Error response from daemon: exec: "/app": no such file: unknown.',
    ],
    [
      'on another processor',
      'x',
      1,
      'exec /bin/sh: exec format error',
      'the test could not be run: the image is for another processor than this runner',
    ],
    [
      'before it began',
      'x',
      125,
      `${daemon}pull access denied`,
      'the test could not be run: docker: Error response from daemon: pull access denied',
    ],
  ])('%s', (_what, command, code, stderr, message) => {
    const lines = stderr.split('\n');
    const error = testError(command, { code, stdout: '', stderr, lines });
    expect(error).toMatchObject({ code: 'test-failed', message, output: lines.filter((line) => line !== '') });
  });

  test('shows its last twenty lines', () => {
    const lines = Array.from({ length: 30 }, (_, i) => `line ${i}`);
    expect(testError('x', { code: 1, stdout: '', stderr: '', lines }).output).toEqual(lines.slice(10));
  });
});
