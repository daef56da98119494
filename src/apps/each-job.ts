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
    const blocking = lost.find((other) => isNeeded(other.one, one));
    const share = i === 0 ? current.note : () => undefined;
    let result: Result;
    if (blocking === undefined) {
      result = await attempt({ jobId, namespace }, { ...current, number: i + 1, note: share }, async (own) => work(one, own));
      if (!isGood(result.outcome)) lost.push({ one, failed: result });
    } else {
      const { failed } = blocking;
      const skipped: Result = { outcome: 'skipped', cause: `the earlier job ${failed.jobId} failed` };
      share(skipped);
      result = { jobId, namespace, ...skipped };
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

/** Does `work` for one job of a run, and returns its result with what the job is known by, and its stages. A throw is a failure. `note` of the run gets each part. */
export async function attempt(known: Result, current: Run, work: (own: Run) => Promise<Result>): Promise<Result> {
  let result = known;
  const note = (part: Result): void => {
    result = { ...result, ...part };
    current.note(part);
  };
  const stage: Run['stage'] = async (name, title, step) =>
    timed(
      name,
      current.runtime,
      (done) => (result = withStage(result, done)),
      async () => current.stage(name, title, step),
    );
  try {
    note(await work({ ...current, note, stage }));
  } catch (thrown) {
    note(await failure(thrown, current.runtime));
  }
  return result;
}

/** Returns whether a job may need an earlier one that failed or was skipped. */
function isNeeded({ app: other }: One, { app }: One): boolean {
  return app === undefined || other === undefined || app.name === other.name || app.dependsOn.includes(other.name);
}
