/** Everything that can go wrong in a way that users are told about. The code is also the `failure-reason` output. */
export type ErrorCode =
  | 'input-invalid'
  | 'build-failed'
  | 'image-not-found'
  | 'registry-denied'
  | 'test-failed'
  | 'scan-failed'
  | 'jobspec-invalid'
  | 'policy-violation'
  | 'unreachable'
  | 'permission-denied'
  | 'nomad-refused'
  | 'github-refused'
  /** The job belongs to another repository, or to production. */
  | 'job-taken'
  /** `promote`: no canary waits for it. */
  | 'nothing-to-promote'
  | 'conflict'
  /** The plan is not the one that was approved. */
  | 'plan-changed'
  /** A plan that was expected to change nothing does. */
  | 'drift'
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
  /** The last lines of a program that failed, for the report. */
  readonly output?: readonly string[];
  readonly cause?: unknown;
}

/** An expected failure: `message` says what happened and where, `hint` what to do. Only its text is ever shown. */
export class ActionError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly location: Location | undefined;
  readonly output: readonly string[] | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'ActionError';
    this.code = code;
    this.hint = details.hint;
    this.location = details.location;
    this.output = details.output;
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

/** The same failure, with whose it is before the message: the app or the image, where there are several. */
export function failureOf(name: string, error: ActionError): ActionError {
  const { code, message, hint, location, output } = error;
  return new ActionError(code, `${name}: ${message}`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
    ...(location === undefined ? {} : { location }),
    ...(output === undefined ? {} : { output }),
  });
}

/** Does something about one of several; its failure says about which. */
export async function naming<T>(name: string | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw name === undefined || !(thrown instanceof ActionError) ? thrown : failureOf(name, thrown);
  }
}

/** The sentence to show for an error: what happened, then what to do. */
export function sentence(error: ActionError): string {
  if (error.hint === undefined) return error.message;
  return `${error.message}${/[.!?]$/.test(error.message) ? '' : '.'} ${error.hint}`;
}

/** The codes of Node and undici. */
const CONNECTION_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'the network is unreachable',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_SOCKET: 'the connection was closed',
  ENOENT: 'there is no such socket',
  EACCES: 'this user may not open the socket',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by an unknown authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an unknown authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS; the address may have to begin with http://',
};

/** The code of a failed connection, or nothing. */
export function connectionCode(thrown: unknown): string {
  // Several addresses of one name fail together: each has the code, the whole need not.
  const several: readonly unknown[] = thrown instanceof AggregateError ? thrown.errors : [];
  const codes = [thrown, ...several].map((error) =>
    typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '',
  );
  return codes.find((code) => code !== '') ?? '';
}

/** Why a connection failed, in words; undici's and Node's errors name it by a code. */
export function connectionProblem(thrown: unknown): string {
  return CONNECTION_ERRORS[connectionCode(thrown)] ?? messageOf(thrown);
}

/** What of a spec a cause belongs to. */
export interface About {
  readonly kind:
    | 'image'
    | 'command'
    | 'user'
    | 'config'
    | 'driver'
    | 'memory'
    | 'cpu'
    | 'disk'
    | 'device'
    | 'port'
    | 'network'
    | 'constraint'
    | 'datacenters'
    | 'node_pool'
    | 'namespace'
    | 'type'
    | 'periodic'
    | 'volume'
    | 'template'
    | 'artifact'
    | 'vault'
    | 'service'
    | 'check'
    | 'count'
    | 'healthy_deadline'
    | 'progress_deadline'
    | 'health_check'
    | 'task'
    | 'group'
    | 'none';
  readonly group?: string;
  readonly task?: string;
  /** Which of several: a port's label or number, a driver config's argument, a check's name, a constraint's attribute, an address. */
  readonly name?: string;
}
