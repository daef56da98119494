import type { Location } from '../errors.ts';
import type { Reach } from './reach.ts';
import type { Secret } from './secret.ts';

/** The environment variables of the process, as Node gives them. */
export type Env = Readonly<Record<string, string | undefined>>;

export interface CommandOptions {
  /** The folder to run in. */
  readonly cwd: string;
  /** Variables on top of the allow-listed ones of the runner's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Text for the command's standard input; secrets go this way, never by argument. */
  readonly stdin?: string;
  /** Show the output in the log while the command runs. */
  readonly stream?: boolean;
  /** Run when the workflow is cancelled, besides asking the command to end: to end what it began elsewhere. */
  readonly onAbort?: readonly [string, ...string[]];
}

export interface CommandResult {
  /** The exit code; 127 when the program does not exist. */
  readonly code: number;
  /** True when the program does not exist, so that the exit code is not its own. */
  readonly notStarted?: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, in the order in which their lines came; that of the two streams is not certain. What is too much is left out of the middle of all three. */
  readonly lines: readonly string[];
}

/** An account at a registry; the host as in an image's name, `docker.io`. */
export interface DockerLogin {
  readonly host: string;
  readonly username: string;
  readonly password: Secret;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  readonly headers: Readonly<Record<string, Secret>>;
  /** What is masked is replaced in it before it is sent. */
  readonly body?: string;
  /** For the whole of it, from the connection to the end of the answer. */
  readonly timeoutMs: number;
  /** Take any certificate. */
  readonly insecure: boolean;
  /** No more of the answer's body is read. */
  readonly maxBytes: number;
  /** The widest kind of address that may be connected to, also by a name; any without it. */
  readonly reach?: Reach;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** By their names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether the whole body is there. */
  readonly complete: boolean;
  readonly elapsedMs: number;
  /** The kind of the address that answered; undefined when a proxy looked it up. */
  readonly reached?: Reach;
}

export interface Log {
  readonly info: (line: string) => void;
  readonly debug: (line: string) => void;
  readonly notice: (text: string) => void;
  readonly warning: (text: string, location?: Location) => void;
  readonly error: (text: string, title: string, location?: Location) => void;
  /** Folds everything that `work` logs under a title. */
  readonly group: <T>(title: string, work: () => Promise<T>) => Promise<T>;
}

/** Time and chance: whatever depends on them gets them here, so that a test can replace them. */
export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves after `ms` milliseconds, rejects with the signal's reason when it aborts first. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Returns a signal that aborts after `ms` milliseconds. */
  readonly timeout: (ms: number) => AbortSignal;
  /** Returns a number from 0 up to 1, without 1, that cannot be guessed. */
  readonly random: () => number;
}

/** What a run may leave in the Docker engine; the name is `nomad-deploy-` or `nomad-deploy-test-` and eight hexadecimal digits. */
export interface Leftover {
  readonly kind: 'builder' | 'container';
  readonly name: string;
}

/** What the post step may hear of. */
export type Topic = 'rollout' | 'github-deployment';

/** What a run leaves for its post step. */
export type Word = Readonly<Record<string, string>>;

/** The outside world, as the stages see it. */
export interface Runtime {
  readonly log: Log;
  readonly clock: Clock;
  /** Aborted when the workflow is cancelled. */
  readonly signal: AbortSignal;
  /** The checkout; nothing outside of it is read. */
  readonly workspace: string;
  /** Runs a program by argument array, never through a shell. Rejects only when `signal` aborts. */
  readonly exec: (argv: readonly [string, ...string[]], options: CommandOptions) => Promise<CommandResult>;
  /**
   * Asks an address that is not Nomad's, by the proxies of the environment and without following redirects. Rejects with the reason in words when there
   * is no answer, and with the reason of the request's signal when that aborts.
   */
  readonly request: (url: string, request: HttpRequest) => Promise<HttpAnswer>;
  /** Path of the Nomad CLI: `NOMAD_BIN`, the one on PATH, or the official release, fetched once. Rejects with `unreachable` if none can be had. */
  readonly nomadCli: () => Promise<string>;
  /** Makes a private folder (mode 0700) that is removed when the run ends, in the post step if need be. */
  readonly privateFolder: () => Promise<string>;
  /** Has something in the Docker engine removed when the run ends, in the post step if need be. */
  readonly atEnd: (leftover: Leftover) => void;
  /** Leaves word for the post step, for the case that this run is killed; undefined takes it back. Nothing secret: the runner keeps it in a file. */
  readonly leaveWord: (topic: Topic, word: Word | undefined) => void;
  /**
   * Makes a private Docker configuration folder that holds these logins besides all else that the user's own has; what docker stores for their hosts stays
   * in the folder, too. Gives the environment that makes docker use it.
   */
  readonly dockerConfig: (logins: readonly DockerLogin[]) => Promise<Record<string, string>>;
  /** Writes a value as a JSON file that later steps of the job may read, what is masked in its texts replaced by `***`; gives its path. */
  readonly publish: (name: string, value: unknown) => Promise<string>;
  /**
   * Hides the forms of a value in this run's log, and asks the runner to do so for the rest of the job. Parts of it that are a name which everybody may
   * know, given now or before, or a word of one, stay: GitHub drops each output that contains a masked text.
   */
  readonly mask: (value: string, publicNames?: Iterable<string>) => void;
  /**
   * Replaces everything masked so far by `***`. What goes out by this interface (log, outputs, summary, files, bodies of requests) is redacted anyway:
   * this is for a text that is cut or escaped before.
   */
  readonly redact: (text: string) => string;
  /** The same for all texts of a value. */
  readonly redactDeep: <T>(value: T) => T;
  readonly setOutput: (name: string, value: string) => void;
  readonly writeSummary: (markdown: string) => Promise<void>;
}
