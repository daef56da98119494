interface ReasonEntry {
  /** `error`: the code of an `ActionError`; `rollout`: the verdict on a rollout; `run`: neither. */
  readonly of: 'error' | 'rollout' | 'run';
  readonly meaning: string;
}

/** All values of the output `failure-reason`. docs/troubleshooting.md has a section for each. */
const REASONS = {
  'input-invalid': { of: 'error', meaning: 'An input, a variable, the configuration file or another file of the repository is wrong.' },
  'build-failed': { of: 'error', meaning: '`docker buildx` could not build the image.' },
  'image-not-found': { of: 'error', meaning: 'The image to deploy is not in the registry or the local engine.' },
  'registry-denied': { of: 'error', meaning: 'The registry refused the login, the push, or the look-up of the image.' },
  'test-failed': { of: 'error', meaning: 'The command of `test` failed in the image.' },
  'scan-failed': { of: 'error', meaning: 'The command of `scan` failed for the image.' },
  'jobspec-invalid': { of: 'error', meaning: 'The cluster cannot parse the job spec, or refuses the job.' },
  'policy-violation': { of: 'error', meaning: 'A rule of `policy` or `allowed-drivers` forbids a part of the job.' },
  unreachable: { of: 'error', meaning: 'Nomad, a registry, GitHub or another server did not answer.' },
  'permission-denied': { of: 'error', meaning: 'The token of Nomad does not allow a request; or a token of GitHub does not.' },
  'nomad-refused': { of: 'error', meaning: 'Nomad refused a request for another reason, which the cause quotes.' },
  'github-refused': { of: 'error', meaning: 'GitHub refused a request, for the reason that the cause quotes.' },
  'job-taken': { of: 'error', meaning: 'The job or its variable has another owner.' },
  'nothing-to-promote': { of: 'error', meaning: 'No canary of the job waits for a promotion.' },
  'no-deployment': { of: 'error', meaning: 'No deployment of the job is under way.' },
  'job-locked': { of: 'error', meaning: 'A person has frozen the job, or another run holds its lock.' },
  'canaries-waiting': { of: 'error', meaning: 'The deploy would replace canaries that wait for a promotion.' },
  conflict: { of: 'error', meaning: 'Another run or a person changed the job or its variable during this run.' },
  'plan-changed': { of: 'error', meaning: 'The plan is not the one that `approved-plan` names.' },
  drift: { of: 'error', meaning: 'With `expect: no-changes`, the plan has changes.' },
  'unknown-outcome': { of: 'error', meaning: 'The connection broke after a write, which may have taken effect.' },
  cancelled: { of: 'error', meaning: 'The workflow was cancelled, or the job was stopped during the rollout.' },
  'timed-out': { of: 'error', meaning: 'There was no verdict within `timeout`.' },
  unexpected: { of: 'error', meaning: 'A bug in nomad-deploy.' },
  'task-failed': { of: 'rollout', meaning: 'A task failed in a way that no retry heals, or a batch job failed.' },
  unhealthy: { of: 'rollout', meaning: 'An allocation failed or did not become healthy in time.' },
  'progress-deadline': { of: 'rollout', meaning: 'No further allocation became healthy within `progress_deadline`.' },
  'placement-failed': { of: 'rollout', meaning: 'A group fits on no node.' },
  'verification-failed': { of: 'rollout', meaning: 'A check of `verify` failed.' },
  'evaluation-failed': { of: 'rollout', meaning: "Nomad's scheduler gave up on the registration." },
  'marked-failed': { of: 'rollout', meaning: 'Another program or a person failed the deployment.' },
  'pre-deploy-failed': { of: 'rollout', meaning: 'The command of `pre-deploy` failed, so that nothing was deployed.' },
  'post-deploy-failed': { of: 'rollout', meaning: 'The command of `post-deploy` failed, after the new version was healthy.' },
  superseded: { of: 'run', meaning: 'A newer version of the job was registered during the rollout.' },
  'not-ready': { of: 'run', meaning: '`doctor` found something that would break a deploy.' },
  killed: { of: 'run', meaning: 'The runner killed the step; the rollout continues. Only the web hook has this word, from the post step.' },
} as const satisfies Readonly<Record<string, ReasonEntry>>;

/** A word of the output `failure-reason`, without the suffix of a rollback. */
export type Reason = keyof typeof REASONS;
type ReasonOf<Kind> = { [Name in Reason]: (typeof REASONS)[Name]['of'] extends Kind ? Name : never }[Reason];

/** The code of an expected failure, which is also the `failure-reason` output. */
export type ErrorCode = ReasonOf<'error'>;
/** The reason of a verdict on a rollout. */
export type FailureReason = ReasonOf<'rollout'>;

/** Suffixes of a reason: how the rollback to an older version ended. */
const ROLLBACKS = {
  'rolled-back': { meaning: 'The older version is running and healthy again.' },
  'rollback-failed': { meaning: 'The rollback failed, too.' },
  'rolling-back': { meaning: 'The rollback continues: it takes longer than 5 minutes, or waits for a promotion.' },
  'rollback-superseded': { meaning: 'A newer version of the job was registered during the rollback.' },
  'rollback-cancelled': { meaning: 'The job was stopped during the rollback, or the workflow was cancelled.' },
} as const satisfies Readonly<Record<string, Pick<ReasonEntry, 'meaning'>>>;
export type Rollback = keyof typeof ROLLBACKS;

/** All failure reasons and suffixes, for the reference. */
export const reasons: Readonly<Record<Reason, ReasonEntry>> = REASONS;
export const rollbacks: Readonly<Record<Rollback, Pick<ReasonEntry, 'meaning'>>> = ROLLBACKS;

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
  /** True: a token of Nomad is missing, or is not valid any more. */
  readonly needsLogin?: boolean;
  readonly cause?: unknown;
}

/** An expected failure: `message` says what happened and where, `hint` what to do. Users see only these texts. */
export class ActionError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly location: Location | undefined;
  readonly output: readonly string[] | undefined;
  readonly needsLogin: boolean;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'ActionError';
    this.code = code;
    this.hint = details.hint;
    this.location = details.location;
    this.output = details.output;
    this.needsLogin = details.needsLogin === true;
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

/** Does as `toActionError`; what a cancelled run throws has the code `cancelled`. */
export function errorOfRun(thrown: unknown, { aborted }: AbortSignal): ActionError {
  return aborted && !(thrown instanceof ActionError) ? new ActionError('cancelled', 'the workflow was cancelled') : toActionError(thrown);
}

/** Returns a failure with the name of its app or image before the message, where there are several. */
export function failureOf(name: string, error: ActionError): ActionError {
  const { code, message, hint, location, output, needsLogin } = error;
  return new ActionError(code, `${name}: ${message}`, {
    cause: error,
    needsLogin,
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
  EPIPE: 'the connection was closed',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'the answer did not end in time',
  UND_ERR_SOCKET: 'the connection was closed',
  UND_ERR_INFO: 'the connection was closed before the answer ended',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer ended too soon',
  ERR_HTTP2_STREAM_ERROR: 'the HTTP/2 stream was reset',
  ERR_HTTP2_SESSION_ERROR: 'the HTTP/2 connection was closed',
  ERR_HTTP2_GOAWAY_SESSION: 'the HTTP/2 connection was closed',
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: 'the server does not speak HTTP/1.1',
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
  const code = connectionCode(thrown);
  return CONNECTION_ERRORS[code] ?? (code.startsWith('ERR_HTTP2_') ? 'the HTTP/2 connection failed' : messageOf(thrown));
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
    | 'secret'
    | 'service'
    | 'check'
    | 'count'
    | 'healthy_deadline'
    | 'progress_deadline'
    | 'health_check'
    | 'max_run_duration'
    | 'block'
    | 'task'
    | 'group'
    | 'none';
  readonly group?: string;
  readonly task?: string;
  /** The name among several: a port's label or number, a driver config's argument, a check's name, a constraint's attribute, an address, the type of a block. */
  readonly name?: string;
}
