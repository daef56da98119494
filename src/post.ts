import { closeKilled } from './commands/recording.ts';
import { tellUnderWay } from './commands/under-way.ts';
import { actionsRuntime, cleanUpAfterKill, leftWord } from './runtime/actions.ts';
import { takeOver } from './runtime/door.ts';

takeOver();
/** Nobody waits long for a post step. */
const LIMIT_MS = 5_000;

const [rollout, deployment] = [leftWord('rollout', process.env), leftWord('github-deployment', process.env)];
if (rollout !== undefined || deployment !== undefined) {
  const { runtime } = await actionsRuntime(process.env, AbortSignal.timeout(LIMIT_MS));
  await Promise.all([
    rollout === undefined ? undefined : tellUnderWay(rollout, process.env, runtime),
    deployment === undefined ? undefined : closeKilled(deployment, process.env, runtime),
  ]);
}
await cleanUpAfterKill(process.env);
