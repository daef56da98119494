import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Image } from '../../../src/image/plan.ts';
import { scanImage, testArgs, testError } from '../../../src/image/trial.ts';
import type { TestCommand } from '../../../src/inputs/types.ts';
import { execute } from '../../../src/runtime/exec.ts';
import type { CommandOptions, Runtime } from '../../../src/runtime/runtime.ts';

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
    ['by itself', 'npm test', 1, 'one\n2 failed\n', 'the test of the image exited with code 1: "2 failed"'],
    ['without a word', 'false', 1, '\n', 'the test of the image exited with code 1 without output'],
    [
      'with a code that docker has, too',
      'exit 125',
      127,
      'sh: ./test.sh: not found',
      'the test of the image exited with code 127: "sh: ./test.sh: not found"',
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
      'for want of a shell that the workflow asks for',
      ['sh', '-ec', 'x'],
      127,
      `${daemon}OCI runtime create failed: exec: "sh": executable file not found in $PATH: unknown.`,
      'the test could not be run: the image has no shell',
    ],
    [
      'for want of a first line',
      ['./test.sh'],
      1,
      'exec ./test.sh: exec format error',
      "the test could not be run: ./test.sh is neither a program for this runner's processor nor a script whose first line names its interpreter",
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

  test('with a code that shells give for a missing interpreter, says so', () => {
    const of = (code: number): string | undefined => testError('./test.sh', { code, stdout: '', stderr: '', lines: [] }).hint;
    expect(of(127)).toContain('if the image lacks the program in the first line of a script');
    expect(of(1)).toBe('Nothing was deployed.');
  });

  test('shows its last twenty lines', () => {
    const lines = Array.from({ length: 30 }, (_, i) => `line ${i}`);
    expect(testError('x', { code: 1, stdout: '', stderr: '', lines }).output).toEqual(lines.slice(10));
  });
});

describe('a scan that could not be started', () => {
  let workspace = '';
  beforeAll(() => {
    workspace = mkdtempSync(join(tmpdir(), 'nomad-deploy-scan-'));
    writeFileSync(join(workspace, 'scan.sh'), '#!/opt/none/zsh\n', { mode: 0o755 });
    writeFileSync(join(workspace, 'data'), 'x', { mode: 0o644 });
  });
  afterAll(() => rmSync(workspace, { recursive: true, force: true }));

  test.each([
    ['for want of the program', 'no-such-scanner $IMAGE', 'no-such-scanner was not found on this runner'],
    ['for want of its interpreter', './scan.sh $IMAGE', './scan.sh could not be started: this runner lacks the program in its first line'],
    ['since it is no program', './data', './data is not executable'],
  ])('%s', async (_what, scan, cause) => {
    const spawning = { environment: {}, signal: new AbortController().signal, onLine: () => undefined };
    const runtime = {
      workspace,
      exec: async (argv: readonly [string, ...string[]], options: CommandOptions) => execute(argv, options, spawning),
    } as Runtime;
    await expect(scanImage(scan, { reference: 'app', environment: {} } as Image, runtime)).rejects.toMatchObject({
      code: 'scan-failed',
      message: `\`scan\`: ${cause}`,
    });
  });
});
