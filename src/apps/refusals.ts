import { ActionError, type ErrorCode, failureOf, sentence } from '../errors.ts';
import type { AppSection } from '../inputs/config/index.ts';
import type { Result } from '../report/index.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** One of several job specs, and its refusal. */
export interface Checked {
  readonly app: AppSection | undefined;
  /** The cluster, where the run has several. */
  readonly cluster?: string;
  readonly jobId: string;
  /** Undefined for the built-in template. */
  readonly file: string | undefined;
  /** Undefined for a spec that is not refused. */
  readonly error: ActionError | undefined;
}

/** Codes of failures that are not about one spec: the next spec would fail in the same way. */
const OF_THE_RUN: readonly ErrorCode[] = ['unreachable', 'cancelled', 'timed-out', 'unknown-outcome', 'unexpected'];

/** Returns the refusal of one spec; undefined for a failure that is not about the spec. */
export function refusalOf(thrown: unknown): ActionError | undefined {
  return thrown instanceof ActionError && !OF_THE_RUN.includes(thrown.code) ? thrown : undefined;
}

/** Logs each refusal with its job and file. Returns the result of the run: that of the first refused spec, with all specs as jobs. */
export async function refuseSpecs(all: readonly Checked[], runtime: Runtime): Promise<Result> {
  const jobs: Result[] = [];
  for (const { app, cluster, jobId, file, error } of all) {
    const known = { ...(app === undefined ? {} : { app: app.name }), ...(cluster === undefined ? {} : { cluster }), jobId };
    if (error === undefined) jobs.push({ ...known, outcome: 'skipped', cause: 'another job spec is refused' });
    else {
      const { code, hint, location = file === undefined ? undefined : { file } } = error;
      const named = failureOf(
        `${cluster === undefined ? '' : `${cluster}: `}${app?.name ?? jobId}${file === undefined ? '' : ` (${file})`}`,
        error,
      );
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
  const names = others.map(({ app, cluster, jobId }) => `${cluster === undefined ? '' : `${cluster}: `}${app ?? jobId}`);
  return { ...first, cause: `${first.cause}${names.length === 0 ? '' : `; also refused: ${names.join(', ')}`}`, jobs };
}
