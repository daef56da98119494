import { readFile } from 'node:fs/promises';
import { messageOf } from './errors.ts';
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
  const event: unknown = path === undefined || path === '' ? {} : JSON.parse(await readFile(path, 'utf8'));
  if (!(await run(process.env, event, runtime))) process.exitCode = 1;
} catch (error) {
  runtime.log.error(messageOf(error), 'unexpected');
  process.exitCode = 1;
} finally {
  await cleanUp();
}
