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
  /** Is called when the program has started. */
  readonly onStart?: () => void;
  /** Show the output in the log while the command runs. */
  readonly stream?: boolean;
  /** A second command for a cancelled workflow, to end work that the command started elsewhere. */
  readonly onAbort?: readonly [string, ...string[]];
  /** Ends the command, besides the signal of the run. */
  readonly signal?: AbortSignal;
  /** The command goes on in a cancelled workflow, until its own signal ends it. */
  readonly outlives?: boolean;
}

export interface CommandResult {
  /** The exit code; 127 when the program does not exist. */
  readonly code: number;
  /** True when the program does not exist: the exit code is then not its own. */
  readonly notStarted?: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines of both streams, in about their order. All three texts lose their middle when they are too long. */
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
  /** Sent redacted. */
  readonly body?: string;
  /** The time limit from the connection to the end of the answer. */
  readonly timeoutMs: number;
  /** Accepts any certificate. */
  readonly insecure: boolean;
  /** The limit of the read body. */
  readonly maxBytes: number;
  /** The widest allowed kind of address, also behind a name; any by default. */
  readonly reach?: Reach;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** True when the body is complete. */
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

/** Time and chance, which a test can replace. */
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

/** A builder, container or throw-away agent of a run. Its name has a form that the removal checks. */
export interface Leftover {
  readonly kind: 'builder' | 'container' | 'agent';
  readonly name: string;
}

/** The place of a throw-away agent on this machine. */
export interface AgentPlace {
  /** The name of its node. */
  readonly name: string;
  readonly http: number;
  readonly rpc: number;
  readonly serf: number;
  /** The address of the Docker engine; empty if unknown. */
  readonly engine: string;
}

export interface AgentOptions {
  /** Returns the configuration in HCL. `random` is from 0 up to 1, without 1. */
  readonly configure: (place: AgentPlace, random: number) => string;
  /** Variables for the agent on top of the allow-listed ones. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A throw-away Nomad agent on this machine. */
export interface AgentProcess {
  readonly address: string;
  /** The folder for `makeFolder`. */
  readonly folder: string;
  /** Makes a folder that everyone may write to. */
  readonly makeFolder: (path: string) => Promise<void>;
  /** Resolves with the last lines of the log when the agent has ended. */
  readonly ended: Promise<readonly string[]>;
  /** Removes the agent, its containers, mounts and files, also in a run that is cancelled. */
  readonly remove: () => Promise<void>;
}

/** The subject of a word to the post step. */
export type Topic = 'rollout' | 'github-deployment' | 'hook' | 'lock';

/** The word of a run to its post step. */
export type Word = Readonly<Record<string, string>>;

/** The files of a branch, as they are committed. */
export interface BranchFiles {
  /** Reads the last commit of a branch, by default the default branch; undefined when there is no such branch. */
  readonly head: (branch?: string) => Promise<{ readonly branch: string; readonly sha: string } | undefined>;
  /** Reads the text of a file at a commit, or on the default branch; undefined when there is no file. */
  readonly atCommit: (path: string, sha: string | undefined) => Promise<string | undefined>;
}

/** The width and height of a terminal, in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A form of a text, where the output shows colours. */
export type Style =
  | 'bold'
  | 'dim'
  | 'red'
  | 'yellow'
  | 'cyan'
  | 'green'
  | 'blue'
  | 'magenta'
  | 'cyanBright'
  | 'yellowBright'
  | 'greenBright'
  | 'blueBright'
  | 'magentaBright';

/** A line of the screen: a text, or parts of it with their styles. */
export type Line = string | readonly (string | readonly [style: Style, text: string])[];

/** A token of a login. */
export interface StoredToken {
  readonly token: Secret;
  /** RFC 3339, by the clock of the cluster; undefined: it does not expire. */
  readonly expiresAt: string | undefined;
}

/** The tokens of logins of this person, by the addresses of the clusters. */
export interface TokenStore {
  /** Returns the token for a cluster that has not expired. Throws `input-invalid` for a file that others can read. */
  readonly of: (address: string) => Promise<StoredToken | undefined>;
  readonly keep: (address: string, token: StoredToken) => Promise<void>;
}

/** A connection of a program of this machine. */
export interface Connection {
  /** The bytes of the program, until it ends its side. Throws when the connection breaks. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Sends bytes to the program. Resolves when more may follow: with false when the program is gone. */
  readonly write: (bytes: Uint8Array) => Promise<boolean>;
  /** Ends our side. */
  readonly end: () => void;
  /** Ends the connection at once. */
  readonly destroy: () => void;
}

/** The result of a run, with the texts that are messages. */
export interface Ending {
  readonly cause?: string;
  readonly hint?: string;
  readonly jobs?: readonly Ending[];
}

/** The terminal, or the pipes in its place, of a run of the terminal program. */
export interface Terminal {
  /** Whether the standard input is a terminal, and whether the standard output is one. */
  readonly isTty: { readonly stdin: boolean; readonly stdout: boolean };
  /** The size of the terminal; undefined where the output is no terminal. */
  readonly size: () => TerminalSize | undefined;
  /** Calls a listener at each change of the size, until the signal aborts. */
  readonly onResize: (listener: (size: TerminalSize) => void, signal: AbortSignal) => void;
  /** Reads the standard input to its end, or until the signal aborts. `raw`: each key at once, also Ctrl-C, and without an echo. */
  readonly read: (options: { readonly raw: boolean; readonly signal: AbortSignal }) => AsyncGenerator<Uint8Array>;
  /** Writes bytes as they are, without redaction. Resolves when the next bytes may follow. */
  readonly writeBytes: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => Promise<void>;
  /** Replaces the lines below the log; none: removes them. Does nothing where the output is no terminal. */
  readonly show: (lines: readonly Line[]) => void;
  /** Writes a line to standard output, above the changing lines, redacted. */
  readonly line: (line: Line) => void;
  /** Asks a question whose answer is yes or no; true for `--yes`, undefined where the input is no terminal. */
  readonly confirm: (question: string, signal: AbortSignal) => Promise<boolean | undefined>;
  /** Asks for a line of text; undefined for `--yes`, and where the input is no terminal. */
  readonly ask: (question: string, signal: AbortSignal) => Promise<string | undefined>;
  readonly tokens: TokenStore;
  /** Opens a page in the browser. Says so where there is none. */
  readonly openPage: (url: string) => Promise<void>;
  /** Listens on this machine, at `port`, for one request to `path`. Gives the address for it, and the query of the request. */
  readonly listenOnce: (options: {
    readonly port: number;
    readonly path: string;
    /** Whether a request is the awaited one: each page in the browser can send others. */
    readonly accepts: (query: URLSearchParams) => boolean;
    readonly signal: AbortSignal;
  }) => Promise<{
    readonly url: string;
    readonly query: Promise<URLSearchParams>;
  }>;
  /** Listens on a port of this machine until the signal aborts. Gives the connections; rejects when the port is taken. */
  readonly listen: (options: { readonly port: number; readonly signal: AbortSignal }) => Promise<AsyncGenerator<Connection>>;
  /** Returns a message of the stages, which speak of a workflow, in the words of a terminal. */
  readonly inWords: (text: string) => string;
  /** Sets the exit code of the program, in place of the one of the outcome. */
  readonly exitWith: (code: number) => void;
  /** True for `--json`: the result, and each line that is followed, is JSON on the standard output. */
  readonly json: boolean;
  /** Writes a line to standard error: about the command, where standard output is what a remote program writes. */
  readonly say: (line: string) => void;
  /** Writes a value as one line of JSON to the standard output, redacted. */
  readonly event: (value: unknown) => void;
  /** Returns the script by which a shell completes the words of the program. */
  readonly shellScript: (shell: 'bash' | 'zsh' | 'fish') => Promise<string>;
  /** From now on, the log is the answer of a command that reads: it goes to standard output. The lines before it, about the run, go to standard error. */
  readonly answers: () => void;
  /** Ends the run: writes the result for `--json`, and the headline where the log does not say the end yet. */
  readonly end: (result: Ending, headline: string, good: boolean) => void;
}

/** The outside world, as the stages see it. */
export interface Runtime {
  readonly log: Log;
  readonly clock: Clock;
  /** Aborted when the workflow is cancelled. */
  readonly signal: AbortSignal;
  /** The folder of the checkout. No file outside of it is read. */
  readonly workspace: string;
  /** The terminal; undefined in a workflow. */
  readonly terminal?: Terminal;
  /** The committed files of the checkout's repository, which are asked in place of GitHub; undefined in a workflow. */
  readonly branchFiles?: BranchFiles;
  /** Runs a program by argument array, never through a shell. Rejects when `signal` aborts, and with the error of the system when the program cannot start. */
  readonly exec: (argv: readonly [string, ...string[]], options: CommandOptions) => Promise<CommandResult>;
  /**
   * Sends a request to another address than Nomad's, through the proxies of the environment and without following redirects. Rejects with the reason in words
   * when there is no answer, and with the reason of the request's signal when it aborts.
   */
  readonly request: (url: string, request: HttpRequest) => Promise<HttpAnswer>;
  /** Returns the path of the Nomad CLI: `NOMAD_BIN`, the one on PATH, or the official release, downloaded once. Rejects with `unreachable`. */
  readonly nomadCli: () => Promise<string>;
  /**
   * Starts a throw-away Nomad agent, which is removed at the end of the run, in the post step, or by the next run that starts one. Rejects with `input-invalid`
   * where this machine can't run one, and as `nomadCli` does.
   */
  readonly nomadAgent: (options: AgentOptions) => Promise<AgentProcess>;
  /** Makes a private folder (mode 0700) that is removed at the end of the run, or in the post step. */
  readonly privateFolder: () => Promise<string>;
  /** Registers a builder, container or agent for removal at the end of the run, or in the post step. */
  readonly atEnd: (leftover: Leftover) => void;
  /** Saves a word for the post step of a killed run; undefined removes it. It must not be secret, because the runner keeps it in a file. */
  readonly leaveWord: (topic: Topic, word: Word | undefined) => void;
  /**
   * Makes a private Docker configuration folder: the user's own configuration with these logins. Logins that docker stores for their hosts stay in the folder.
   * Returns the environment variables that make docker use it.
   */
  readonly dockerConfig: (logins: readonly DockerLogin[]) => Promise<Record<string, string>>;
  /** Writes a redacted value as a JSON file for later steps of the job. Returns its path. */
  readonly publish: (name: string, value: unknown) => Promise<string>;
  /** Tells later steps of the job the images that this run has built, by digest, for attestations; undefined in a terminal. */
  readonly offerArtifacts?: (references: readonly string[]) => void;
  /**
   * Masks the forms of a value in this run, and in the log of the rest of the job. Public names and their words, given now or before, stay visible: GitHub drops
   * each output that contains a masked text.
   */
  readonly mask: (value: string, publicNames?: Iterable<string>) => void;
  /**
   * Replaces masked values by `***`. All output of this interface (log, outputs, summary, files, bodies of requests) is redacted anyway; call this before a text is
   * cut or escaped.
   */
  readonly redact: (text: string) => string;
  /** Redacts all texts of a value. */
  readonly redactDeep: <T>(value: T) => T;
  /** Resolves when the log takes more lines: its reader may be slower than a task that writes. */
  readonly drained?: () => Promise<void>;
  readonly setOutput: (name: string, value: string) => void;
  readonly writeSummary: (markdown: string) => Promise<void>;
}

/** The settings of a run in a terminal. */
export interface TerminalOptions {
  readonly env: Env;
  readonly signal: AbortSignal;
  /** The folder of the checkout. */
  readonly folder: string;
  readonly branchFiles: BranchFiles;
  readonly yes: boolean;
  readonly json: boolean;
  /** True: the lines of the run are left out, because standard output belongs to the command. */
  readonly quiet: boolean;
  /** True: the command changes nothing, and its answer is all that goes to standard output. */
  readonly reads: boolean;
  /** Returns a message of the stages, which speak of a workflow, in the words of a terminal. */
  readonly inWords: (text: string) => string;
  /** True: the lines wait until they are released, because several runs write at the same time. */
  readonly held?: boolean;
}

/** The end of a run, for the exit code of the program. */
export interface Ended {
  /** The outputs that the run has set, by their names. */
  readonly outputs: ReadonlyMap<string, string>;
  /** The exit code that a command has set, such as the one of a remote program. */
  readonly code: number | undefined;
}

/** Returns the runtime of a run in a terminal, the function that cleans up, and the end of the run so far. */
export type OpenTerminal = (options: TerminalOptions) => {
  readonly runtime: Runtime;
  readonly cleanUp: () => Promise<void>;
  readonly ended: () => Ended;
  /** Writes the held lines. */
  readonly release: () => void;
};
