import type { AppSection } from '../inputs/config/index.ts';
import { failure, isGood, type Result, type Run, timed, withStage } from '../report/index.ts';

/** One of the jobs of a run. */
interface One {
  readonly jobId: string;
  readonly namespace: string;
  /** The app that it belongs to. */
  readonly app: AppSection | undefined;
}

/**
 * Does the same for each job, in their order. Where one fails, what comes after may need it and is left as it is; of apps, only those that depend on it.
 * The run's result and outputs are those of the first job, and its outcome that of the first that failed.
 */
export async function eachJob<T extends One>(
  all: readonly T[],
  current: Run,
  work: (one: T, own: Run) => Promise<Result>,
): Promise<Result> {
  const jobs: Result[] = [];
  /** What failed, and what was left for that: each with the job that failed. */
  const lost: { readonly one: One; readonly failed: Result }[] = [];
  for (const [i, one] of all.entries()) {
    const { jobId, namespace } = one;
    let result: Result = { jobId, namespace };
    const note = (part: Result): void => {
      result = { ...result, ...part };
      if (i === 0) current.note(part);
    };
    const blocking = lost.find((other) => isNeeded(other.one, one));
    if (blocking === undefined) {
      const stage: Run['stage'] = async (name, title, step) =>
        timed(
          name,
          current.runtime,
          (done) => (result = withStage(result, done)),
          async () => current.stage(name, title, step),
        );
      try {
        note(await work(one, { ...current, number: i + 1, note, stage }));
      } catch (thrown) {
        note(await failure(thrown, current.runtime));
      }
      if (!isGood(result.outcome)) lost.push({ one, failed: result });
    } else {
      const { failed } = blocking;
      note({ outcome: 'skipped', cause: `${failed.jobId} failed before it` });
      current.runtime.log.notice(`${jobId} was left as it is, since ${failed.jobId} failed.`);
      lost.push({ one, failed });
    }
    jobs.push(result);
  }
  if (all.length > 1) current.note({ jobs });
  const [first] = lost;
  if (first === undefined) return {};
  const { outcome = 'failed', failureReason, cause, hint, location } = first.failed;
  return {
    outcome,
    ...(failureReason === undefined ? {} : { failureReason }),
    ...(cause === undefined ? {} : { cause: all.length > 1 ? `${first.one.app?.name ?? first.one.jobId}: ${cause}` : cause }),
    ...(hint === undefined ? {} : { hint }),
    ...(location === undefined ? {} : { location }),
  };
}

/** Whether a job may need another one, before it, that failed or was left. */
function isNeeded({ app: other }: One, { app }: One): boolean {
  return app === undefined || other === undefined || app.name === other.name || app.dependsOn.includes(other.name);
}
