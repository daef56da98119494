import { messageOf } from './errors.ts';
import { systemClock } from './runtime/clock.ts';
import { actionsRuntime, cleanUpAfterKill, leftWord, takeOver } from './runtime/index.ts';

takeOver();
// A workflow that is cancelled for the second time interrupts this step, which has limits of its own.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => undefined);

/** The time limit of the reports. */
const LIMIT_MS = 5_000;
/** The time limit for the removal of a hook. */
const HOOK_LIMIT_MS = 20_000;

const [rollout, deployment, hook, lock] = (['rollout', 'github-deployment', 'hook', 'lock'] as const).map((topic) =>
  leftWord(topic, process.env),
);
if (rollout !== undefined || deployment !== undefined || lock !== undefined) {
  const { runtime, cleanUp } = actionsRuntime(process.env, systemClock.timeout(LIMIT_MS));
  // A failed report must not keep the clean-up from running.
  const tell = async (work: Promise<void>): Promise<void> => work.catch((error: unknown) => runtime.log.debug(messageOf(error)));
  const [{ tellUnderWay }, { closeKilled }, { releaseLeft }] = await Promise.all([
    import('./watch/killed.ts'),
    import('./report/github/deployment.ts'),
    import('./watch/lock-left.ts'),
  ]);
  await Promise.all([
    rollout === undefined ? undefined : tell(tellUnderWay(rollout, process.env, runtime)),
    lock === undefined ? undefined : tell(releaseLeft(lock, process.env, runtime)),
    deployment === undefined ? undefined : tell(closeKilled(deployment, process.env, runtime)),
  ]);
  await cleanUp();
}
if (hook !== undefined) {
  const { runtime, cleanUp } = actionsRuntime(process.env, systemClock.timeout(HOOK_LIMIT_MS));
  const { removeKilled } = await import('./hooks/killed.ts');
  await removeKilled(hook, process.env, runtime).catch((error: unknown) => runtime.log.debug(messageOf(error)));
  await cleanUp();
}
await cleanUpAfterKill(process.env);
