import { readFile } from 'node:fs/promises';
import { ActionError, sentence, toActionError } from './errors.ts';
import { run } from './run.ts';
import { actionsRuntime, takeOver } from './runtime/index.ts';

takeOver();
const cancelled = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  // The runner sends SIGINT, then SIGTERM after 7.5 s and SIGKILL after another 2.5 s. A second signal changes nothing.
  process.on(name, () => cancelled.abort(new Error(`the workflow was cancelled (${name})`)));
}

const { runtime, cleanUp } = actionsRuntime(process.env, cancelled.signal);
try {
  const path = process.env['GITHUB_EVENT_PATH'];
  const event = path === undefined || path === '' ? {} : await eventIn(path);
  if (!(await run(process.env, event, runtime))) process.exitCode = 1;
} catch (error) {
  const failed = toActionError(error);
  runtime.log.error(sentence(failed), failed.code);
  process.exitCode = 1;
} finally {
  await cleanUp();
}

/** Reads the event of the run. Throws `input-invalid` for a file that is not there or not JSON. */
async function eventIn(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new ActionError('input-invalid', `the file of the event, ${path}, cannot be read as JSON`, {
      hint: 'GitHub sets GITHUB_EVENT_PATH in every workflow. Outside of GitHub, leave it out.',
      cause,
    });
  }
}
