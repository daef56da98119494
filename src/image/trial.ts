import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ActionError } from '../errors.ts';
import type { ImageInputs, TestCommand } from '../inputs/index.ts';
import { randomHex } from '../runtime/index.ts';
import type { CommandResult, Runtime } from '../runtime/runtime.ts';
import { argumentsOf, each, type Option, splitWords } from '../text/index.ts';
import { lastError, requireDocker } from './docker-error.ts';
import type { Image } from './plan.ts';

/** The number of lines of a failed command in the report; the log has all of them. */
const LAST_LINES = 20;

/**
 * Exit codes of `docker run` for a container that never started: https://docs.docker.com/reference/cli/docker/container/run/#exit-status
 */
const DOCKER_FAILED = 125;
const NOT_STARTED = [126, 127];
const NOT_FOUND = 'A shell also says "not found" if the image lacks the program in the first line of a script.';

/**
 * Returns the arguments of `docker` for a test. A text is run by a shell of the image, a list is run as it is. Folder and user are the
 * image's own.
 */
export function testArgs(test: TestCommand, reference: string, name: string, envFile: string | undefined): [string, ...string[]] {
  const [program, ...args] = typeof test === 'string' ? (['sh', '-ec', test] as const) : test;
  const options: Option[] = [
    '--rm',
    ['--name', name],
    ...each('--env-file', envFile === undefined ? [] : [envFile]),
    ['--entrypoint', program],
  ];
  // Words after the image belong to the container.
  return argumentsOf(['run'], options, [reference, ...args]);
}

/** Runs `test` in a container of the image. Throws `test-failed` when it exits with a code other than 0, or does not start. */
export async function testImage(
  test: TestCommand,
  { reference, environment }: Image,
  { testEnv }: Pick<ImageInputs, 'testEnv'>,
  runtime: Runtime,
): Promise<void> {
  const name = `nomad-deploy-test-${randomHex(runtime.clock, 8)}`;
  // The client waits for its container, which may ignore signals.
  const onAbort = ['docker', 'rm', '--force', name] as const;
  runtime.atEnd({ kind: 'container', name });
  const lines = Object.entries(testEnv).map(([key, value]) => `${key}=${value}\n`);
  const envFile = lines.length === 0 ? undefined : join(await runtime.privateFolder(), 'test.env');
  if (envFile !== undefined) await writeFile(envFile, lines.join(''), { mode: 0o600 });
  const argv = ['docker', ...testArgs(test, reference, name, envFile)] as const;
  const result = await runtime.exec(argv, { cwd: runtime.workspace, env: environment, stream: true, onAbort });
  if (result.code !== 0) throw testError(test, result);
}

export function testError(test: TestCommand, result: CommandResult): ActionError {
  const said = lastError(result);
  const output = lastLines(result);
  const failed = (message: string, hint?: string): ActionError =>
    new ActionError('test-failed', message, { output, ...(hint === undefined ? {} : { hint }) });
  const docker = result.stderr.includes('Error response from daemon') || result.code === DOCKER_FAILED;
  if (docker && !NOT_STARTED.includes(result.code)) {
    requireDocker(result);
    return failed(`the test could not be run: ${said}`);
  }
  if (docker && /exec: "sh"/.test(result.stderr)) {
    return failed(
      'the test could not be run: the image has no shell',
      'Give `test` as a JSON list, such as ["/app", "--self-test"], or test a stage that has a shell.',
    );
  }
  if (/exec format error/.test(result.stderr)) {
    // The shell of an image is a program, while the first word of a list may be a script.
    if (typeof test !== 'string' && !/exec (\S*\/)?sh: /.test(result.stderr)) {
      return failed(
        `the test could not be run: ${test[0]} is neither a program for this runner's processor nor a script whose first line names its interpreter`,
        'A script begins with a line such as #!/bin/sh. For images of another processor, add docker/setup-qemu-action.',
      );
    }
    return failed(
      'the test could not be run: the image is for another processor than this runner',
      'Add docker/setup-qemu-action, or test on a runner of that kind.',
    );
  }
  if (docker) return failed(`the test could not be run: ${said}`);
  const unsure = result.code === 127 ? ` ${NOT_FOUND}` : '';
  return failed(`the test of the image exited with code ${result.code}${saying(output)}`, `Nothing was deployed.${unsure}`);
}

/**
 * Runs `scan` on the runner, with the image as `$IMAGE`. Throws `scan-failed` when it exits with a code other than 0, or cannot be started.
 */
export async function scanImage(scan: string, { reference, environment }: Image, runtime: Runtime): Promise<void> {
  const [program = '', ...args] = splitWords(scan, { IMAGE: reference });
  const options = { cwd: runtime.workspace, env: { ...environment, IMAGE: reference }, stream: true };
  const result = await runtime.exec([program, ...args], options).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EACCES') throw error;
    throw new ActionError('scan-failed', `\`scan\`: ${program} is not executable`, {
      hint: `Make the file executable: git update-index --chmod=+x ${program}`,
    });
  });
  if (result.code === 0) return;
  const output = lastLines(result);
  if (result.notStarted !== true) {
    throw new ActionError('scan-failed', `the scan of the image exited with code ${result.code}${saying(output)}`, {
      output,
      hint: 'Nothing was deployed.',
    });
  }
  // The system reports a missing interpreter as a missing script.
  const isThere = program.includes('/') && existsSync(resolve(runtime.workspace, program));
  const what = isThere ? 'could not be started: this runner lacks the program in its first line' : 'was not found on this runner';
  throw new ActionError('scan-failed', `\`scan\`: ${program} ${what}`, { output, hint: 'Install the program in a step before this one.' });
}

function lastLines({ lines }: CommandResult): string[] {
  return lines.filter((line) => line.trim() !== '').slice(-LAST_LINES);
}

function saying(output: readonly string[]): string {
  const last = output.at(-1)?.trim();
  return last === undefined ? ' without output' : `: ${JSON.stringify(last.slice(0, 200))}`;
}
