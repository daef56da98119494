import { ActionError, type ErrorCode, failureOf, sentence, toActionError } from '../errors.ts';
import type { AppSection } from '../inputs/config/config.ts';
import { isGood, type Result } from '../report/index.ts';
import type { Run } from '../report/record.ts';
import { timed, withStage } from '../report/stages.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Distrust } from '../target/trust.ts';

/** One of the jobs of a run. */
interface One {
  readonly jobId: string;
  readonly namespace: string;
  /** The app that it belongs to. */
  readonly app: AppSection | undefined;
}

/** A job spec of several, with what it is called and the job that it is about. */
export interface Checked {
  readonly app: AppSection | undefined;
  readonly jobId: string;
  /** Undefined for the built-in template. */
  readonly file: string | undefined;
  /** Why the spec is refused; undefined for one that is not. */
  readonly error: ActionError | undefined;
}

/** Failures that are not about one spec: the next spec would fail in the same way. */
const OF_THE_RUN: readonly ErrorCode[] = ['unreachable', 'cancelled', 'timed-out', 'unknown-outcome', 'unexpected'];

/** Gives the refusal of one spec; undefined for a failure that is not about the spec. */
export function refusalOf(thrown: unknown): ActionError | undefined {
  return thrown instanceof ActionError && !OF_THE_RUN.includes(thrown.code) ? thrown : undefined;
}

/** Tells each refusal under the name of its job and its file, and gives the result of the run: that of the first refused spec, with all specs as jobs. */
export async function refuseSpecs(all: readonly Checked[], runtime: Runtime): Promise<Result> {
  const jobs: Result[] = [];
  for (const { app, jobId, file, error } of all) {
    const known = { ...(app === undefined ? {} : { app: app.name }), jobId };
    if (error === undefined) jobs.push({ ...known, outcome: 'skipped', cause: 'another job spec is refused' });
    else {
      const { code, hint, location = file === undefined ? undefined : { file } } = error;
      const named = failureOf(`${app?.name ?? jobId}${file === undefined ? '' : ` (${file})`}`, error);
      runtime.log.error(sentence(named), code, location);
      jobs.push({
        ...known,
        outcome: 'failed',
        failureReason: code,
        cause: error.message,
        ...(hint === undefined ? {} : { hint }),
        ...(location === undefined ? {} : { location }),
      });
    }
  }
  const [first = {}, ...others] = jobs.filter(({ outcome }) => outcome === 'failed');
  const names = others.map(({ app, jobId }) => app ?? jobId);
  return { ...first, cause: `${first.cause}${names.length === 0 ? '' : `; also refused: ${names.join(', ')}`}`, jobs };
}

/** Tells a failure, and what the result has of it. */
export async function failure(thrown: unknown, runtime: Runtime): Promise<Result> {
  const error =
    runtime.signal.aborted && !(thrown instanceof ActionError)
      ? new ActionError('cancelled', 'the workflow was cancelled')
      : toActionError(thrown);
  runtime.log.error(sentence(error), error.code, error.location);
  if (error.code === 'unexpected' && error.cause instanceof Error) runtime.log.debug(error.cause.stack ?? '');
  return {
    outcome: error.code === 'cancelled' ? 'cancelled' : 'failed',
    failureReason: error.code,
    cause: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.location === undefined ? {} : { location: error.location }),
    ...(error.output === undefined ? {} : { output: error.output }),
  };
}

/** Tells why a run does nothing, and gives what the result has of it. */
export function skip({ cause, hint }: Distrust, { log }: Pick<Runtime, 'log'>): Result {
  log.notice(`${cause}. ${hint}`);
  return { outcome: 'skipped', cause, hint };
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
