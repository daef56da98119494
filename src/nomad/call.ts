import type { Secret } from '../runtime/index.ts';
import type { ShortToken } from './session.ts';

export interface Connection {
  /** The address of the API, without a slash at its end; `unix:///path` is a socket. */
  readonly address: string;
  readonly token: Secret | undefined;
  /** Gives a token that ends, in place of `token`; asked before the first request, and again when that one is about to end or is refused. */
  readonly login?: () => Promise<ShortToken>;
  /** The region that each request is forwarded to; undefined: the agent's own. */
  readonly region: string | undefined;
  /** The input, variable or file that names the region, as people read it. */
  readonly regionSource?: string;
  /** Sent with each request; never in place of Nomad's own. */
  readonly headers?: Readonly<Record<string, Secret>>;
  readonly tls?: Tls | undefined;
  /** To be gone through, unless `NO_PROXY` has the host; and what named it. */
  readonly proxy?: HttpProxy | undefined;
}

/** A proxy by its address, which may hold user and password. */
export interface HttpProxy {
  readonly value: Secret;
  /** `HTTPS_PROXY` or its like. */
  readonly source: string;
}

/** How Nomad proves who it is, and we to it; texts are PEM. */
export interface Tls {
  /** In place of the public authorities. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: Secret;
  /** The name that the certificate must have, where it is not the host of the address. */
  readonly serverName?: string;
  readonly skipVerify: boolean;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** The path below the address, its parts already URL-encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** A JSON document. */
  readonly body?: string;
  /** Statuses besides 200 that the caller deals with. */
  readonly accept?: readonly number[];
  /** What the token must be allowed to do, as `rightOf` takes it: named when Nomad says 403. */
  readonly capability: string;
  /** What it must be allowed besides, because of what is sent. */
  readonly needs?: readonly string[];
  readonly namespace?: string | undefined;
  /** The form of the answer to a patient call: an object with an ID, or a list of such. */
  readonly gives?: 'object' | 'list';
  /** Makes the GET a blocking query: it answers when the object's index is above this one. */
  readonly index?: number;
  /** Nothing that goes wrong on the way is taken for an answer: it is asked again until the signal aborts. */
  readonly patient?: boolean;
  /** A write that the server takes only once, however often it is sent: it is repeated like a read. */
  readonly repeatable?: boolean;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** The parsed text of an answer with status 200; undefined for one that is no JSON. */
  readonly json: unknown;
  /** `X-Nomad-Index`, or 0. */
  readonly index: number;
}

/** The floor below the resources: one request with its token, namespace, retries and errors. */
export interface Transport {
  /** Logs in now, where the connection has a login: its tokens are masked before anything that could show them is rendered. */
  readonly logIn: () => Promise<void>;
  readonly send: (call: Call) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

/**
 * The call that reads what is watched: it answers when that changed after `index` (0: at once), and outlasts an outage, since a rollout goes on
 * without us.
 */
export function blockingRead(
  path: string,
  gives: 'object' | 'list',
  namespace: string | undefined,
  index: number,
  signal: AbortSignal,
): Call {
  return { method: 'GET', path, gives, namespace, index, signal, patient: true, capability: 'read-job' };
}

/** Whom Nomad takes us for: nobody, somebody it knows, a token (of a login) that it does not know, or nobody can tell. */
export type Holder = { readonly is: 'nobody' | 'unknown' | 'logged-in' | 'unclear' } | { readonly is: 'known'; readonly words: string };
