/** The failures that users see. The code is also the `failure-reason` output. */
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
  /** `promote`: no canary waits for promotion. */
  | 'nothing-to-promote'
  | 'conflict'
  /** The plan differs from the approved one. */
  | 'plan-changed'
  /** A plan has changes where none are expected. */
  | 'drift'
  /** A write was sent, and its answer was lost: it may have taken effect. */
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
  /** The action against it: one sentence, printed after the message. */
  readonly hint?: string;
  readonly location?: Location;
  /** The last lines of the failed program, for the report. */
  readonly output?: readonly string[];
  readonly cause?: unknown;
}

/** An expected failure: `message` says what happened and where, `hint` what to do. Users see only these texts. */
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

/** Returns the text of any thrown value. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
}

/** Returns any thrown value as an `ActionError`; an unknown one keeps its text and has the code `unexpected`. */
export function toActionError(thrown: unknown): ActionError {
  if (thrown instanceof ActionError) return thrown;
  return new ActionError('unexpected', `unexpected error: ${messageOf(thrown)}`, {
    hint: 'This is a bug in nomad-deploy: report it with the log of a run with debug logging enabled.',
    cause: thrown,
  });
}

/** Returns a failure with the name of its app or image before the message, where there are several. */
export function failureOf(name: string, error: ActionError): ActionError {
  const { code, message, hint, location, output } = error;
  return new ActionError(code, `${name}: ${message}`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
    ...(location === undefined ? {} : { location }),
    ...(output === undefined ? {} : { output }),
  });
}

/** Runs work for one of several apps or images; its failure begins with the name. */
export async function naming<T>(name: string | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw name === undefined || !(thrown instanceof ActionError) ? thrown : failureOf(name, thrown);
  }
}

/** Returns the text of an error for users: what happened, then what to do. */
export function sentence(error: ActionError): string {
  if (error.hint === undefined) return error.message;
  return `${error.message}${/[.!?]$/.test(error.message) ? '' : '.'} ${error.hint}`;
}

/** The codes of Node and undici. */
const CONNECTION_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name cannot be looked up',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'the network is unreachable',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_SOCKET: 'the connection was closed',
  ENOENT: 'the socket does not exist',
  EACCES: 'this user has no permission to open the socket',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the server certificate is signed by an unknown authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'the server certificate is signed by an unknown authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the server certificate is self-signed',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the server certificate is for another name',
  CERT_HAS_EXPIRED: 'the server certificate has expired',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the server does not speak TLS; try an address that begins with http://',
};

/** Returns the code of a failed connection, or an empty text. */
export function connectionCode(thrown: unknown): string {
  // Several addresses of one name fail together, and each error has the code.
  const several: readonly unknown[] = thrown instanceof AggregateError ? thrown.errors : [];
  const codes = [thrown, ...several].map((error) =>
    typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '',
  );
  return codes.find((code) => code !== '') ?? '';
}

/** Returns why a connection failed, in words; errors of undici and Node have a code. */
export function connectionProblem(thrown: unknown): string {
  return CONNECTION_ERRORS[connectionCode(thrown)] ?? messageOf(thrown);
}

/** The part of a spec that a cause belongs to. */
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
  /** The name among several: a port's label or number, a driver config's argument, a check's name, a constraint's attribute, an address. */
  readonly name?: string;
}
