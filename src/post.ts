import { tellUnderWay } from './commands/under-way.ts';
import { actionsRuntime, cleanUpAfterKill, leftWord } from './runtime/actions.ts';

/** Nobody waits long for a post step. */
const LIMIT_MS = 5_000;

const word = leftWord();
if (word !== undefined) {
  const { runtime } = await actionsRuntime(process.env, AbortSignal.timeout(LIMIT_MS));
  await tellUnderWay(word, process.env, runtime);
}
await cleanUpAfterKill(process.env);
