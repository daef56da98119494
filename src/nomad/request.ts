// One HTTP request to Nomad, without retries.
import type { Dispatcher } from 'undici';
import { ActionError, connectionCode } from '../errors.ts';
import type { Secret } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { isCutJson } from '../text/index.ts';
import type { Answer, Call, Connection, HttpProxy, Tls } from './call.ts';
import { ONLY_HTTP_2 } from './refusal.ts';
import type { Refused, Socket } from './websocket.ts';

/** A blocking query takes up to 17/16 of its wait, so undici's own limit must be longer. */
export const RESPONSE_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;

/** The time limit of a whole request, also of an answer without an end. The longest body takes less on a slow line. */
const REQUEST_TIMEOUT_MS = 180_000;

/** The longest silence of a stream, which has no time limit as a whole. Nomad sends a heartbeat in each second of a followed log. */
const SILENCE_MS = 30_000;

/** The limits of an answer. A list of allocations has some 30 kB for each, ended ones included; a log is as long as its task keeps it. */
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_LARGE_BYTES = 256 * 1024 * 1024;
const LARGE =
  /^\/v1\/(allocations|jobs|nodes|client\/fs\/logs\/[^/]*|deployment\/allocations\/.*|job\/.*\/(allocations|versions|evaluations|deployments))(\?|$)/;

/** A request: the method, the path with its query, and the body of a call, with a token. */
export interface Request extends Pick<Call, 'method' | 'path' | 'body' | 'gives' | 'decode'> {
  readonly bearer: Secret | undefined;
}

/** An answer, with its headers. */
export interface Response {
  readonly answer: Answer;
  readonly header: (name: string) => string | undefined;
}

/** Sends single requests over the connections of one API. */
export interface Exchange {
  readonly ask: (request: Request, signal: AbortSignal) => Promise<Response>;
  /** Opens a web socket with the same headers, by HTTP/1.1. Returns the answer of a server that refuses it. */
  readonly socket: (path: string, bearer: Secret | undefined, signal: AbortSignal) => Promise<Socket | Refused>;
  readonly close: () => Promise<void>;
  readonly isClosed: () => boolean;
  /** Returns whether any answer has begun, so that TLS and its certificates are in order. */
  readonly hasAnswered: () => boolean;
}

/**
 * Opens the connections to a Nomad API: HTTP/1.1, and HTTP/2 where the server refuses HTTP/1.1. `ask` throws undici's errors, an error for an answer that ends too
 * soon, and `nomad-refused` for an answer that is too long.
 */
export async function openExchange(
  connection: Connection,
  { log, clock }: Pick<Runtime, 'log' | 'clock'>,
  dial: Dial = openDispatcher,
): Promise<Exchange> {
  const { address, headers = {}, tunnel } = connection;
  const way = tunnel === undefined ? {} : { socketPath: await tunnel.open() };
  const shared = await dial(connection, { ...way, allowH2: false });
  const base = new URL(socketOf(address) === undefined ? address : 'http://localhost');
  const basePath = base.pathname.replace(/(?<!\/)\/+$/, '');
  const ownHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.reveal()]));
  const headersWith = (bearer: Secret | undefined): Record<string, string> => ({
    ...ownHeaders,
    ...(bearer === undefined ? {} : { 'x-nomad-token': bearer.reveal() }),
  });
  const closed = new AbortController();
  let [onlyHttp2, answered] = [false, false];
  let sockets: Dispatcher | undefined;
  async function begin(options: Dispatcher.RequestOptions): Promise<Begun> {
    try {
      if (!onlyHttp2) return { response: await shared.request(options), release: async () => undefined };
    } catch (error) {
      if (connectionCode(error) !== ONLY_HTTP_2) throw error;
      onlyHttp2 = true;
    }
    // A connection for each request: on a shared one, a dead connection stops all requests, and is noticed after twice the time.
    const own = await dial(connection, { ...way, allowH2: true });
    const release = async (): Promise<void> => own.destroy();
    try {
      return { response: await own.request(options), release };
    } catch (error) {
      await release();
      throw error;
    }
  }
  return {
    ask: async ({ bearer, method, path, body, ...form }, signal) => {
      const startedAt = clock.now();
      const shown = `${method} ${path.replace(/\?.*/, '')}`;
      const options = {
        origin: base.origin,
        method,
        path: `${basePath}${path}`,
        headers: headersWith(bearer),
        body: body ?? null,
        ...(form.gives === 'stream'
          ? { signal: AbortSignal.any([signal, closed.signal]), bodyTimeout: SILENCE_MS }
          : { signal: AbortSignal.any([signal, closed.signal, clock.timeout(REQUEST_TIMEOUT_MS)]) }),
      };
      const { response, release } = await begin(options);
      answered = true;
      const { statusCode: status } = response;
      const bytes = form.gives === 'stream' && status === 200 ? { bytes: released(response.body, release) } : undefined;
      const text = bytes === undefined ? await wholeText({ response, release }, LARGE.test(path) ? MAX_LARGE_BYTES : MAX_BYTES, shown) : '';
      const json = status === 200 ? parsed(text, form) : undefined;
      log.debug(`${shown} -> ${status} in ${clock.now() - startedAt} ms`);
      const header = (name: string): string | undefined => [response.headers[name]].flat()[0];
      const index = Number(header('x-nomad-index') ?? 0);
      const ended = (header('content-length') ?? header('transfer-encoding')) !== undefined;
      return { answer: { status, text, json, ended, index: Number.isSafeInteger(index) && index > 0 ? index : 0, ...bytes }, header };
    },
    socket: async (path, bearer, signal) => {
      const { openSocket } = await import('./websocket.ts');
      // A proxy that takes requests apart drops the upgrade, so it is asked for a tunnel: https://www.rfc-editor.org/rfc/rfc6455#section-4.1
      sockets ??= await dial(connection, { ...way, allowH2: false, proxyTunnel: true });
      const request = { origin: base.origin, path: `${basePath}${path}`, headers: headersWith(bearer) };
      return openSocket(sockets, request, clock, AbortSignal.any([signal, closed.signal]));
    },
    // `destroy` ends running requests; `close` would wait for them.
    close: async () => {
      closed.abort();
      await Promise.all([shared.destroy(), sockets?.destroy()]);
      await tunnel?.close();
    },
    isClosed: () => closed.signal.aborted,
    hasAnswered: () => answered,
  };
}

/** An answer that has begun, and the function that gives its connection back. */
interface Begun {
  readonly response: Dispatcher.ResponseData;
  readonly release: () => Promise<void>;
}

/** Reads an answer to its end, and gives its connection back. Throws as `readText`. */
async function wholeText({ response, release }: Begun, maxBytes: number, what: string): Promise<string> {
  try {
    return await readText(response.body, maxBytes, what);
  } finally {
    await release();
  }
}

/** Gives the connection of a stream back when it has been read, or is left. */
async function* released(body: AsyncIterable<Buffer>, release: Begun['release']): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } finally {
    await release();
  }
}

/** Opens the way of the requests, below everything that is Nomad's: the simulation has its own. */
export type Dial = (
  connection: Connection,
  form: { readonly allowH2: boolean; readonly proxyTunnel?: boolean; readonly socketPath?: string },
) => Promise<Dispatcher>;

/** Opens the connections to an address: through the proxy of the connection, unless NO_PROXY names the host. */
export async function openDispatcher(
  { address, tls, proxy }: Connection,
  { socketPath: tunnel, ...form }: Parameters<Dial>[1],
): Promise<Dispatcher> {
  const { Agent, EnvHttpProxyAgent } = await import('undici');
  const options = { ...form, headersTimeout: RESPONSE_TIMEOUT_MS, bodyTimeout: RESPONSE_TIMEOUT_MS };
  const socketPath = socketOf(address);
  if (socketPath !== undefined) return new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS, socketPath }, ...options });
  const connect = { timeout: CONNECT_TIMEOUT_MS, ...tlsOptions(tls) };
  // The name in the certificate is that of the address, which the socket leads to.
  if (tunnel !== undefined) return new Agent({ connect: { ...connect, socketPath: tunnel }, ...options });
  // The agent of all proxies would leave a password percent-encoded.
  if (proxy?.always === true && proxy.value.reveal().startsWith('socks5:')) {
    const { Socks5ProxyAgent } = await import('undici');
    return new Socks5ProxyAgent(proxy.value.reveal(), { connectTimeout: CONNECT_TIMEOUT_MS, requestTls: connect, ...options });
  }
  // Behind a proxy, undici takes the TLS options for Nomad from `requestTls`.
  return new EnvHttpProxyAgent({ connect, requestTls: connect, ...options, ...proxyOptions(proxy) });
}

function socketOf(address: string): string | undefined {
  return address.startsWith('unix://') ? address.slice('unix://'.length) : undefined;
}

/** Reads an answer to its end. Throws `nomad-refused` when it is longer than `maxBytes`. */
async function readText(body: AsyncIterable<Buffer>, maxBytes: number, what: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    // Leaving the loop ends the connection.
    if (bytes > maxBytes) {
      throw new ActionError('nomad-refused', `the answer to ${what} has more than ${maxBytes / 1024 / 1024} MiB`, {
        hint: 'Check that `nomad-addr` is the address of Nomad.',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Parses an answer of the API; undefined for a log, and for other text than JSON. Throws for a cut answer, also an empty one. */
function parsed(text: string, { gives, decode = JSON.parse }: Pick<Call, 'gives' | 'decode'>): unknown {
  if (gives === 'text' || gives === 'stream') return undefined;
  try {
    return decode(text);
  } catch (error) {
    if (isCutJson(text)) throw new Error('the answer ended too soon', { cause: error });
    return undefined;
  }
}

function proxyOptions(proxy: HttpProxy | undefined) {
  if (proxy === undefined) return {};
  const both = { httpProxy: proxy.value.reveal(), httpsProxy: proxy.value.reveal() };
  return proxy.always === true ? { ...both, noProxy: '' } : both;
}

/** Returns a proxy for messages, without user and password. */
export function shownProxy(proxy: HttpProxy | undefined): string | undefined {
  if (proxy === undefined) return undefined;
  const { protocol } = new URL(proxy.value.reveal());
  return `${protocol}//${hostOfProxy(proxy)} of ${proxy.source}`;
}

/** Returns the host and port of a proxy. */
export function hostOfProxy({ value }: HttpProxy): string {
  return new URL(value.reveal()).host;
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
