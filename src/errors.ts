/** Everything that can go wrong in a way that users are told about. The code is also the `failure-reason` output. */
export type ErrorCode =
  | 'input-invalid'
  | 'build-failed'
  | 'image-not-found'
  | 'registry-denied'
  | 'jobspec-invalid'
  | 'policy-violation'
  | 'unreachable'
  | 'permission-denied'
  | 'nomad-refused'
  /** The job belongs to another repository, or to production. */
  | 'job-taken'
  | 'conflict'
  /** A write was sent, and its answer lost: it may have taken effect. */
  | 'unknown-outcome'
  | 'cancelled'
  | 'timed-out'
  | 'unexpected';

/** A place in a file of the user's repository; the path is relative to the workspace, line and column count from 1. */
export interface Location {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

export interface ErrorDetails {
  /** What to do about it: one sentence, printed after the message. */
  readonly hint?: string;
  readonly location?: Location;
  readonly cause?: unknown;
}

/** An expected failure: `message` says what happened and where, `hint` what to do. Only its text is ever shown. */
export class ActionError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly location: Location | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'ActionError';
    this.code = code;
    this.hint = details.hint;
    this.location = details.location;
  }
}

/** The text of any thrown value. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
}

/** Turns any thrown value into an `ActionError`; what nobody expected keeps its text and is called `unexpected`. */
export function toActionError(thrown: unknown): ActionError {
  if (thrown instanceof ActionError) return thrown;
  return new ActionError('unexpected', `unexpected error: ${messageOf(thrown)}`, {
    hint: 'This is a bug in nomad-deploy: please report it with the log of a run with debug logging enabled.',
    cause: thrown,
  });
}

/** The sentence to show for an error: what happened, then what to do. */
export function sentence(error: ActionError): string {
  if (error.hint === undefined) return error.message;
  return `${error.message}${/[.!?]$/.test(error.message) ? '' : '.'} ${error.hint}`;
}
