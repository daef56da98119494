// One HTTP request to Nomad, without retries.
import type { WebSocket } from 'undici';
import { ActionError } from '../errors.ts';
import type { Secret } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Answer, Call, Connection, HttpProxy, Tls } from './call.ts';

/** A blocking query takes up to 17/16 of its wait, so undici's own limit must be longer. */
export const RESPONSE_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;

/** The time limit of a whole request, also of an answer without an end. The longest body takes less on a slow line. */
const REQUEST_TIMEOUT_MS = 180_000;

/** The limits of an answer. A list of allocations has some 30 kB for each, ended ones included; a log is as long as its task keeps it. */
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_LARGE_BYTES = 256 * 1024 * 1024;
const LARGE =
  /^\/v1\/(allocations|jobs|nodes|client\/fs\/logs\/[^/]*|deployment\/allocations\/.*|job\/.*\/(allocations|versions|evaluations|deployments))(\?|$)/;

/** A request: the method, the path with its query, and the body of a call, with a token. */
export interface Request extends Pick<Call, 'method' | 'path' | 'body'> {
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
  /** Opens a web socket over the same connections, with the same headers. Rejects when the server refuses it. */
  readonly socket: (path: string, bearer: Secret | undefined) => Promise<WebSocket>;
  readonly close: () => Promise<void>;
  readonly isClosed: () => boolean;
}

/** Opens the connections to a Nomad API. `ask` throws undici's errors, and `nomad-refused` for an answer that is too long. */
export async function openExchange(connection: Connection, { log, clock }: Pick<Runtime, 'log' | 'clock'>): Promise<Exchange> {
  const { address, headers = {} } = connection;
  const dispatcher = await openDispatcher(connection);
  const base = new URL(socketOf(address) === undefined ? address : 'http://localhost');
  const basePath = base.pathname.replace(/\/+$/, '');
  const ownHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.reveal()]));
  const headersWith = (bearer: Secret | undefined): Record<string, string> => ({
    ...ownHeaders,
    ...(bearer === undefined ? {} : { 'x-nomad-token': bearer.reveal() }),
  });
  let closed = false;
  return {
    ask: async ({ bearer, method, path, body }, signal) => {
      const startedAt = clock.now();
      const shown = `${method} ${path.replace(/\?.*/, '')}`;
      const response = await dispatcher.request({
        origin: base.origin,
        method,
        path: `${basePath}${path}`,
        headers: headersWith(bearer),
        body: body ?? null,
        signal: AbortSignal.any([signal, clock.timeout(REQUEST_TIMEOUT_MS)]),
      });
      const { statusCode: status } = response;
      const text = await readText(response.body, LARGE.test(path) ? MAX_LARGE_BYTES : MAX_BYTES, shown);
      const json = status === 200 ? parsed(text, path) : undefined;
      log.debug(`${shown} -> ${status} in ${clock.now() - startedAt} ms`);
      const header = (name: string): string | undefined => [response.headers[name]].flat()[0];
      const index = Number(header('x-nomad-index') ?? 0);
      return { answer: { status, text, json, index: Number.isSafeInteger(index) && index > 0 ? index : 0 }, header };
    },
    socket: async (path, bearer) => {
      const { WebSocket } = await import('undici/lib/web/websocket/websocket.js');
      const url = new URL(`${basePath}${path}`, base.origin.replace(/^http/, 'ws'));
      const socket = new WebSocket(url, { dispatcher, headers: headersWith(bearer) });
      const { promise, resolve, reject } = Promise.withResolvers<WebSocket>();
      socket.addEventListener('open', () => resolve(socket), { once: true });
      socket.addEventListener('error', ({ error, message }) => reject(error instanceof Error ? error : new Error(message)), { once: true });
      return promise;
    },
    // `destroy` ends running requests; `close` would wait for them.
    close: async () => {
      closed = true;
      await dispatcher.destroy();
    },
    isClosed: () => closed,
  };
}

async function openDispatcher({ address, tls, proxy }: Connection) {
  const { Agent, EnvHttpProxyAgent } = await import('undici');
  const timeouts = { headersTimeout: RESPONSE_TIMEOUT_MS, bodyTimeout: RESPONSE_TIMEOUT_MS };
  const socketPath = socketOf(address);
  if (socketPath !== undefined) return new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS, socketPath }, ...timeouts });
  const connect = { timeout: CONNECT_TIMEOUT_MS, ...tlsOptions(tls) };
  // Behind a proxy, undici takes the TLS options for Nomad from `requestTls`.
  return new EnvHttpProxyAgent({ connect, requestTls: connect, ...timeouts, ...proxyOptions(proxy) });
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

/** Parses an answer of the API; undefined for a log or other text. Throws for a cut answer: a proxy can end an answer early without an error. */
function parsed(text: string, path: string): unknown {
  if (path.startsWith('/v1/client/fs/') || !/^\s*([{[]|null\s*$)/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Error('the answer ended too soon', { cause: error });
  }
}

function proxyOptions(proxy: HttpProxy | undefined) {
  return proxy === undefined ? {} : { httpProxy: proxy.value.reveal(), httpsProxy: proxy.value.reveal() };
}

/** Returns a proxy for messages, without user and password. */
export function shownProxy(proxy: HttpProxy | undefined): string | undefined {
  if (proxy === undefined) return undefined;
  const { protocol, host } = new URL(proxy.value.reveal());
  return `${protocol}//${host} of ${proxy.source}`;
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
