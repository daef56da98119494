import type { Dispatcher } from 'undici';
import { ActionError, connectionCode, connectionProblem } from '../errors.ts';
import { type Attempt, type RetryPolicy, retry } from '../runtime/retry.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Secret } from '../runtime/secret.ts';
import { tlsProblem } from './tls-problem.ts';

/** Nomad waits up to this long for a change; below the minute after which many proxies close an idle request. */
const BLOCKING_WAIT_S = 45;
/** A blocking query takes up to 17/16 of its wait; undici's own limit must be longer. */
const RESPONSE_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;
const RETRY: RetryPolicy = { forMs: 10_000, firstDelayMs: 250, maxDelayMs: 3_000 };
/** Once a job is registered, an outage is waited out: the rollout goes on without us. */
const PATIENT_RETRY: RetryPolicy = { forMs: 300_000, firstDelayMs: 250, maxDelayMs: 10_000 };

/** Texts of status 500 that mean an election or a lost connection between servers, not a mistake of ours. */
const TRANSIENT =
  /No cluster leader|Not ready to serve consistent reads|rpc error|connection (refused|reset)|lead thread didn't get connection|failed to get conn/i;
/** Texts that say that a write never left the server that we asked. */
const NEVER_SENT = /No cluster leader|failed to get conn/i;

export interface Connection {
  /** The address of the API, without a slash at its end; `unix:///path` is a socket. */
  readonly address: string;
  readonly token: Secret | undefined;
  readonly region: string | undefined;
  /** Sent with each request; never in place of Nomad's own. */
  readonly headers?: Readonly<Record<string, Secret>>;
  readonly tls?: Tls | undefined;
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
  /** What the token must be allowed to do: named when Nomad says 403. */
  readonly capability: string;
  readonly namespace?: string | undefined;
  /** Makes the GET a blocking query: it answers when the object's index is above this one. */
  readonly index?: number;
  readonly patient?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * The call that reads what is watched: it answers when that changed after `index` (0: at once), and outlasts an outage, since a rollout goes on
 * without us.
 */
export function blockingRead(path: string, namespace: string | undefined, index: number, signal: AbortSignal): Call {
  return { method: 'GET', path, namespace, index, signal, patient: true, capability: 'read-job' };
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** `X-Nomad-Index`, or 0. */
  readonly index: number;
}

/** The floor below the resources: one request with its token, namespace, retries and errors. */
export interface Transport {
  readonly send: (call: Call) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

/**
 * Opens the transport to a Nomad API. Proxies are taken from the environment (`HTTPS_PROXY`, `NO_PROXY`). Nothing is sent yet.
 * Failed calls throw an `ActionError`: `unreachable`, `permission-denied`, or `nomad-refused` with Nomad's own words.
 */
export async function openTransport(
  { address, token, region, headers = {}, tls }: Connection,
  runtime: Pick<Runtime, 'log' | 'clock' | 'signal'>,
): Promise<Transport> {
  const { Agent, EnvHttpProxyAgent } = await import('undici');
  const socketPath = address.startsWith('unix://') ? address.slice('unix://'.length) : undefined;
  const connect = { timeout: CONNECT_TIMEOUT_MS, ...tlsOptions(tls) };
  const timeouts = { headersTimeout: RESPONSE_TIMEOUT_MS, bodyTimeout: RESPONSE_TIMEOUT_MS };
  const dispatcher =
    socketPath === undefined
      ? // Through a proxy, the TLS to Nomad is another option than without.
        new EnvHttpProxyAgent({ connect, requestTls: connect, ...timeouts })
      : new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS, socketPath }, ...timeouts });
  const { log, clock } = runtime;
  const base = new URL(socketPath === undefined ? address : 'http://localhost');
  const ownHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.reveal()]));
  const basePath = base.pathname.replace(/\/+$/, '');
  let closed = false;

  async function once(call: Call, signal: AbortSignal): Promise<Attempt<Answer>> {
    const startedAt = clock.now();
    const query = new URLSearchParams();
    const blocking = call.index === undefined ? {} : { index: call.index, wait: `${BLOCKING_WAIT_S}s` };
    for (const [name, value] of Object.entries({ namespace: call.namespace, region, ...call.query, ...blocking })) {
      if (value !== undefined) query.set(name, String(value));
    }
    const search = query.size === 0 ? '' : `?${query.toString()}`;
    try {
      const response = await dispatcher.request({
        origin: base.origin,
        method: call.method,
        path: `${basePath}${call.path}${search}`,
        headers: { ...ownHeaders, ...(token === undefined ? {} : { 'x-nomad-token': token.reveal() }) },
        body: call.body ?? null,
        signal,
      });
      const text = await response.body.text();
      log.debug(`${call.method} ${call.path} -> ${response.statusCode} in ${clock.now() - startedAt} ms`);
      const answer = { status: response.statusCode, text, index: Number(header(response, 'x-nomad-index') ?? 0) };
      const transient = isTransient(call, answer);
      const strange = notNomad(call, answer, address, header(response, 'location'));
      const expected = answer.status === 200 || (!transient && call.accept?.includes(answer.status) === true);
      if (expected && strange === undefined) return { done: true, value: answer };
      const error = strange ?? refusal(call, answer, address, token !== undefined);
      if (!transient) throw error;
      const retryAfterS = Number(header(response, 'retry-after'));
      return { done: false, error, ...(retryAfterS > 0 ? { retryAfterMs: retryAfterS * 1_000 } : {}) };
    } catch (error) {
      if (error instanceof ActionError) throw error;
      if (signal.aborted) throw signal.reason;
      const failed = connectionError(error, call, address, tls);
      // Closed by us: nobody waits for the answer.
      if (closed) throw failed;
      // A certificate that does not fit now will not in a moment. Watching goes on: a load balancer may have one bad server.
      if (call.patient !== true && tlsProblem(connectionCode(error), tls) !== undefined) throw failed;
      if (isWrite(call) && (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw unknownOutcome(call, failed);
      return { done: false, error: failed };
    }
  }

  return {
    send: async (call) => {
      // A write that has begun is brought to its end: interrupted, nobody could tell whether it took effect.
      const signal = call.signal ?? (isWrite(call) ? AbortSignal.timeout(RESPONSE_TIMEOUT_MS) : runtime.signal);
      signal.throwIfAborted();
      return retry(
        call.patient === true ? PATIENT_RETRY : RETRY,
        clock,
        signal,
        () => once(call, signal),
        (error, delayMs) => log.info(`${error.message}; trying again in ${Math.round(delayMs / 100) / 10} s`),
      );
    },
    // Requests in flight belong to nobody any more: `destroy` does not wait for them, as `close` would.
    close: async () => {
      closed = true;
      await dispatcher.destroy();
    },
  };
}

function tlsOptions(tls: Tls | undefined) {
  if (tls === undefined) return {};
  const { ca, cert, key, serverName, skipVerify } = tls;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key: key.reveal() }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    rejectUnauthorized: !skipVerify,
  };
}

function header({ headers }: Dispatcher.ResponseData, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function isTransient(call: Call, { status, text }: Answer): boolean {
  if (isWrite(call)) return status === 429 || (status === 500 && NEVER_SENT.test(text));
  return [429, 502, 503, 504].includes(status) || (status === 500 && TRANSIENT.test(text));
}

/** Answers that show that something else than Nomad's API listens there. A lost write is a case of its own. */
function notNomad(call: Call, { status, text }: Answer, address: string, location: string | undefined): ActionError | undefined {
  if (isWrite(call) && status >= 502) return undefined;
  if (status >= 300 && status < 400) {
    const to = location !== undefined && URL.canParse(location, address) ? ` to ${new URL(location, address).origin}` : '';
    return new ActionError('unreachable', `${address} answered ${status}, a redirect${to}; the token is not sent on`, {
      hint: 'Set `nomad-addr` to where Nomad itself answers; a proxy that wants a login takes it by `nomad-headers`.',
    });
  }
  // A log may hold a page; nothing else of Nomad's is one.
  if (/^\s*<(!doctype|html)/i.test(text) && !call.path.startsWith('/v1/client/fs/')) {
    return new ActionError('unreachable', `${address} answered ${status} with a web page: a proxy or another server, not Nomad`, {
      hint: 'Check `nomad-addr`, and whether the proxy in front of Nomad wants to be authenticated to (`nomad-headers`).',
    });
  }
  if (status === 400 && text.includes('HTTP request to an HTTPS server')) {
    return new ActionError('unreachable', `${address} wants TLS`, { hint: 'Let `nomad-addr` begin with https://.' });
  }
  return undefined;
}

function refusal(call: Call, { status, text }: Answer, address: string, hasToken: boolean): ActionError {
  const words = nomadsWords(text);
  if (status === 401 || (status === 403 && /permission denied|token/i.test(text))) {
    const namespace = call.namespace ?? 'default';
    return new ActionError('permission-denied', `Nomad at ${address} answered ${status}: ${words}`, {
      hint: hasToken
        ? `The token must be valid and allow \`${call.capability}\` in the namespace \`${namespace}\`.`
        : `No token was given: set \`nomad-token\` to one that allows \`${call.capability}\` in the namespace \`${namespace}\`.`,
    });
  }
  if (isWrite(call) && [502, 503, 504].includes(status)) {
    return unknownOutcome(call, new ActionError('unreachable', `${address} answered ${status} to ${call.method} ${call.path}`));
  }
  const hint = words.includes('No path to region') ? { hint: 'Check `nomad-region`.' } : {};
  return new ActionError('nomad-refused', `Nomad answered ${status} to ${call.method} ${call.path}: ${words}`, hint);
}

/** Whether a call changes anything: plan, validate and parse are sent as POST, but only ask. */
function isWrite({ method, path }: Call): boolean {
  return method !== 'GET' && !/^\/v1\/(jobs\/parse|validate\/job|job\/[^/]+\/plan)$/.test(path);
}

/** Once sent, a write may have taken effect: only the caller can tell, by reading back. */
function unknownOutcome({ path }: Call, { message, cause }: ActionError): ActionError {
  return new ActionError('unknown-outcome', message, {
    cause,
    hint: `Whether the write to ${path} took effect is not known.`,
  });
}

/** Nomad's text of an error, without the wrapping that its RPC layer leaves. */
export function nomadsWords(text: string): string {
  const words = text.trim().replace(/^(RPC Error:: ?\d+, ?|rpc error: )+/, '');
  return words === '' ? 'nothing more' : words;
}

function connectionError(error: unknown, call: Call, address: string, tls: Tls | undefined): ActionError {
  const code = connectionCode(error);
  const problem = tlsProblem(code, tls);
  const closed = code === 'UND_ERR_SOCKET' && address.startsWith('https:') && tls?.cert === undefined;
  const what = problem?.what ?? connectionProblem(error);
  return new ActionError('unreachable', `cannot reach Nomad at ${address} (${call.method} ${call.path}): ${what}`, {
    hint:
      problem?.hint ??
      (closed
        ? 'A server that wants a client certificate closes like this: give `nomad-client-cert` and `nomad-client-key`.'
        : 'Check `nomad-addr`, and that this runner can reach the cluster.'),
    cause: error,
  });
}
