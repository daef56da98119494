import type { AppSection } from '../inputs/config/index.ts';
import { failure, isGood, type Result, type Run, timed, withStage } from '../report/index.ts';

/** One of the jobs of a run. */
interface One {
  readonly jobId: string;
  readonly namespace: string;
  /** The app of the job. */
  readonly app: AppSection | undefined;
}

/**
 * Does `work` for each job, in their order. After a failure, the later jobs are skipped, because they may need the failed one; of apps, only those that
 * depend on it. The result and the outputs of the run are those of the first job, and its outcome is that of the first failed job.
 */
export async function eachJob<T extends One>(
  all: readonly T[],
  current: Run,
  work: (one: T, own: Run) => Promise<Result>,
): Promise<Result> {
  const jobs: Result[] = [];
  /** The failed and the skipped jobs, each with the job that failed. */
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
      note({ outcome: 'skipped', cause: `the earlier job ${failed.jobId} failed` });
      current.runtime.log.notice(`${jobId} is skipped, because ${failed.jobId} failed.`);
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

/** Returns whether a job may need an earlier one that failed or was skipped. */
function isNeeded({ app: other }: One, { app }: One): boolean {
  return app === undefined || other === undefined || app.name === other.name || app.dependsOn.includes(other.name);
}
