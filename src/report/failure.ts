import { errorOfRun, sentence } from '../errors.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Distrust } from '../target/index.ts';
import type { Result } from './result.ts';

/** The exit code of the terminal program where a login is needed. */
const NOT_LOGGED_IN = 4;

/** Logs a failure, and returns its part of the result. */
export async function failure(thrown: unknown, runtime: Runtime): Promise<Result> {
  const error = errorOfRun(thrown, runtime.signal);
  runtime.log.error(sentence(error), error.code, error.location);
  if (error.needsLogin) runtime.terminal?.exitWith(NOT_LOGGED_IN);
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

/** Logs that NOMAD_VAR_NO_DEPLOY is set, and returns the result. */
export function skipUnwanted({ log }: Pick<Runtime, 'log'>): Result {
  log.notice('NOMAD_VAR_NO_DEPLOY is set: nothing was built, written or registered.');
  return { outcome: 'skipped' };
}

/** Logs the reason of a skipped run, and returns the result. */
export function skip({ cause, hint }: Distrust, { log }: Pick<Runtime, 'log'>): Result {
  log.notice(`${cause}. ${hint}`);
  return { outcome: 'skipped', cause, hint };
}
