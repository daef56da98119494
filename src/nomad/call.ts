import type { ActionError } from '../errors.ts';
import type { Secret } from '../runtime/index.ts';
import type { ShortToken } from './session.ts';
import type { Socket } from './websocket.ts';

export interface Connection {
  /** The address of the API, without a trailing slash; `unix:///path` for a socket. */
  readonly address: string;
  readonly token: Secret | undefined;
  /** Returns a short-lived token, used instead of `token`. Called before the first request, and again when that token expires or is refused. */
  readonly login?: () => Promise<ShortToken>;
  /** The region of each request; undefined: the agent's own. */
  readonly region: string | undefined;
  /** The input, variable or file that names the region, for messages. */
  readonly regionSource?: string;
  /** Headers of each request. They never replace Nomad's own. */
  readonly headers?: Readonly<Record<string, Secret>>;
  readonly tls?: Tls | undefined;
  /** The proxy for hosts that `NO_PROXY` does not name. */
  readonly proxy?: HttpProxy | undefined;
  /** The way to the host of the address; undefined: the network of the runner. */
  readonly tunnel?: Tunnel | undefined;
  /** The time limit of the run: no outage is waited out for longer. At most two minutes, which is also the default. */
  readonly timeoutMs?: number | undefined;
}

/** A proxy. Its address may hold a user and a password. */
export interface HttpProxy {
  readonly value: Secret;
  /** The variable that names the proxy, such as `HTTPS_PROXY`. */
  readonly source: string;
  /** The proxy is for this address alone, whatever NO_PROXY says. */
  readonly always?: true;
}

/** A socket of this machine that leads to the host of the address. */
export interface Tunnel {
  /** The jump host, for people. */
  readonly through: string;
  /** Returns the path of the socket, once it is open. Throws `unreachable`. */
  readonly open: () => Promise<string>;
  /** Ends a use; the last one ends the tunnel. */
  readonly close: () => Promise<void>;
}

/** The certificates of Nomad and of the runner; texts are PEM. */
export interface Tls {
  /** Replaces the public authorities. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: Secret;
  /** The expected name in the certificate; by default the host of the address. */
  readonly serverName?: string;
  readonly skipVerify: boolean;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** The path below the address, with URL-encoded parts. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** A JSON document. */
  readonly body?: string;
  /** Statuses besides 200 that the caller handles. */
  readonly accept?: readonly number[];
  /** The needed capability of the token, for `rightOf`: the hint of a 403 names it. */
  readonly capability: string;
  /** Further needed capabilities, because of the body. */
  readonly needs?: readonly string[];
  readonly namespace?: string | undefined;
  /** The form of the answer: JSON by default, an object with an ID, a list, a log, or bytes that are read while they come. */
  readonly gives?: 'object' | 'list' | 'text' | 'stream';
  /** Parses the JSON of the answer; `JSON.parse` by default. */
  readonly decode?: (text: string) => unknown;
  /** Makes the GET a blocking query: it answers when the object's index is above this one. */
  readonly index?: number;
  /** Retries every failure until the signal aborts. */
  readonly patient?: boolean;
  /** An idempotent write, which is retried like a read. */
  readonly repeatable?: boolean;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** The parsed text of an answer with status 200; undefined for a log. */
  readonly json: unknown;
  /** True when a length or chunks told the end of the text, so that it is not cut. */
  readonly ended: boolean;
  /** `X-Nomad-Index`, or 0. */
  readonly index: number;
  /**
   * The bytes of a `stream` with status 200, to be read once. They end where the server ends the answer. The iteration throws an error for an answer that is cut
   * or silent for 30 seconds, and the reason of the signal when it aborts.
   */
  readonly bytes?: AsyncIterable<Uint8Array>;
}

/** The layer below the resources: a request with its token, namespace, retries and errors. */
export interface Transport {
  /** Logs in now, where the connection has a login, so that its token is masked early. */
  readonly logIn: () => Promise<void>;
  readonly send: (call: Call) => Promise<Answer>;
  /** Opens a web socket. Rejects with the errors of `send`. */
  readonly socket: (call: Call) => Promise<Socket>;
  /** Returns the error of a right that Nomad denied within a web socket. */
  readonly denied: (call: Call, words: string) => Promise<ActionError>;
  /** Returns a signal that aborts when an outage that begins now has lasted too long: the time limit of a patient read that nothing else bounds. */
  readonly patience: () => AbortSignal;
  readonly close: () => Promise<void>;
}

/**
 * Returns the call of a blocking query: the server answers when the object has changed after `index` (0: at once). The call outlasts an outage, because the
 * rollout goes on meanwhile.
 */
export function blockingRead(
  path: string,
  gives: 'object' | 'list',
  { namespace, index, signal }: { readonly namespace: string | undefined; readonly index: number; readonly signal: AbortSignal },
): Call {
  return { method: 'GET', path, gives, namespace, index, signal, patient: true, capability: 'read-job' };
}

/** Nomad's view of the token: none, known, unknown (also from a login), or unclear; or the job whose workload identity it is. */
export type Holder =
  | { readonly is: 'none' | 'unknown' | 'logged-in' | 'unclear' }
  | { readonly is: 'known'; readonly words: string; readonly isManagement: boolean }
  | { readonly is: 'identity'; readonly job: string; readonly namespace: string };
