import { ActionError, connectionCode } from '../errors.ts';
import { type Attempt, type RetryPolicy, retry, type Secret } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Answer, Call, Connection, Holder, HttpProxy, Tls, Transport } from './call.ts';
import { changes, connectionError, isDenied, isTransient, isWrite, notNomad, proxyAnswer, refusal, unknownOutcome } from './refusal.ts';
import { openSession } from './session.ts';
import { tlsProblem } from './tls-problem.ts';
import { readHolder } from './token.ts';

/** Nomad waits up to this long for a change; below the minute after which many proxies close an idle request. */
const BLOCKING_WAIT_S = 45;

/** A blocking query takes up to 17/16 of its wait; undici's own limit must be longer. */
const RESPONSE_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;

/** For the whole of a request, also one whose answer never ends; the longest body takes less on a slow line. */
const REQUEST_TIMEOUT_MS = 180_000;

/** Of an answer, more is not read. A list of allocations has some 30 kB for each, and keeps those that ended; a log is as long as its task keeps it. */
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_LARGE_BYTES = 256 * 1024 * 1024;
const LARGE =
  /^\/v1\/(allocations|jobs|nodes|client\/fs\/logs\/[^/]*|deployment\/allocations\/.*|job\/.*\/(allocations|versions|evaluations|deployments))(\?|$)/;
/** The path that the agent answers by itself, whatever region the request names. */
const PARSER = '/v1/jobs/parse';

/** How long a server that is asked again may want to be left alone. */
const MAX_RETRY_AFTER_S = 60;

/** Blocking queries that answer at once: so many in a row, then one each time that the interval has passed. */
const QUICK_ANSWERS = 100;
const QUICK_INTERVAL_MS = 200;
const RETRY: RetryPolicy = { forMs: 10_000, firstDelayMs: 250, maxDelayMs: 3_000 };

/** Once a job is registered, an outage is waited out until the caller's signal: the rollout goes on without us. */
const PATIENT_RETRY: RetryPolicy = { forMs: Number.POSITIVE_INFINITY, firstDelayMs: 250, maxDelayMs: 10_000 };

/**
 * Opens the transport to a Nomad API. Nothing is sent yet.
 * Failed calls throw an `ActionError`: `unreachable`, `permission-denied`, or `nomad-refused` with Nomad's own words.
 */
export async function openTransport(
  { address, token, region, regionSource = 'the region', headers = {}, tls, login, proxy }: Connection,
  runtime: Pick<Runtime, 'log' | 'clock' | 'signal'>,
): Promise<Transport> {
  const { Agent, EnvHttpProxyAgent } = await import('undici');
  const socketPath = address.startsWith('unix://') ? address.slice('unix://'.length) : undefined;
  const connect = { timeout: CONNECT_TIMEOUT_MS, ...tlsOptions(tls) };
  const timeouts = { headersTimeout: RESPONSE_TIMEOUT_MS, bodyTimeout: RESPONSE_TIMEOUT_MS };
  const dispatcher =
    socketPath === undefined
      ? // Through a proxy, the TLS to Nomad is another option than without.
        new EnvHttpProxyAgent({ connect, requestTls: connect, ...timeouts, ...proxyOptions(proxy) })
      : new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS, socketPath }, ...timeouts });
  const { log, clock } = runtime;
  const base = new URL(socketPath === undefined ? address : 'http://localhost');
  const ownHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.reveal()]));
  const basePath = base.pathname.replace(/\/+$/, '');
  const session = login === undefined ? undefined : openSession(login, clock);
  /** Tokens that a request was let in with: one that Nomad does not know any more has ended. */
  const worked = new Set<Secret>();
  let closed = false;

  async function ask(bearer: Secret | undefined, method: Call['method'], path: string, body: string | undefined, signal: AbortSignal) {
    const startedAt = clock.now();
    const {
      statusCode,
      headers: fields,
      body: content,
    } = await dispatcher.request({
      origin: base.origin,
      method,
      path: `${basePath}${path}`,
      headers: { ...ownHeaders, ...(bearer === undefined ? {} : { 'x-nomad-token': bearer.reveal() }) },
      body: body ?? null,
      signal: AbortSignal.any([signal, clock.timeout(REQUEST_TIMEOUT_MS)]),
    });
    const text = await readText(content, LARGE.test(path) ? MAX_LARGE_BYTES : MAX_BYTES, `${method} ${path.replace(/\?.*/, '')}`);
    const json = statusCode === 200 ? parsed(text, path) : undefined;
    log.debug(`${method} ${path.replace(/\?.*/, '')} -> ${statusCode} in ${clock.now() - startedAt} ms`);
    const field = (name: string): string | undefined => [fields[name]].flat()[0];
    const index = Number(field('x-nomad-index') ?? 0);
    // A header that is no index tells nothing.
    return { answer: { status: statusCode, text, json, index: Number.isSafeInteger(index) && index > 0 ? index : 0 }, field };
  }

  /** Nomad answers the same to a token that it does not know and to one that may not do this: which of them it is, it tells when asked for the token. */
  async function holderOf(bearer: Secret | undefined, { path }: Call, signal: AbortSignal): Promise<Holder> {
    if (bearer === undefined) return { is: 'nobody' };
    // A local token is known in its region only. The agent parses by itself, whatever region is named.
    const where = region === undefined || path === PARSER ? '' : `?region=${encodeURIComponent(region)}`;
    return ask(bearer, 'GET', `/v1/acl/token/self${where}`, undefined, signal)
      .then(({ answer }) => readHolder(answer))
      .catch(() => ({ is: 'unclear' }));
  }

  /** Returns the error about a region that does not exist, with those that do; undefined where Nomad lists the region, or lists none. */
  async function wrongRegion(bearer: Secret | undefined, signal: AbortSignal): Promise<ActionError | undefined> {
    const listed = await ask(bearer, 'GET', '/v1/regions', undefined, signal).then(
      ({ answer }) => answer.json,
      () => undefined,
    );
    const regions = Array.isArray(listed) ? listed.filter((name) => typeof name === 'string') : [];
    if (region === undefined || regions.length === 0 || regions.includes(region)) return undefined;
    return new ActionError(
      'input-invalid',
      `${regionSource}: Nomad at ${address} has no region ${JSON.stringify(region)}, its regions are ${regions.join(', ')}`,
      { hint: "Name one of these. A region whose servers Nomad can't reach is not listed." },
    );
  }

  async function once(call: Call, signal: AbortSignal, refused?: Secret): Promise<Attempt<Answer>> {
    let bearer = token;
    try {
      if (session !== undefined) bearer = await session(refused);
    } catch (error) {
      // A login that does not get through is no worse than any other request.
      if (error instanceof ActionError && error.code === 'unreachable' && call.patient === true) return { done: false, error };
      throw error;
    }
    const query = new URLSearchParams();
    const blocking = call.index === undefined ? {} : { index: call.index, wait: `${BLOCKING_WAIT_S}s` };
    for (const [name, value] of Object.entries({ namespace: call.namespace, region, ...call.query, ...blocking })) {
      if (value !== undefined) query.set(name, String(value));
    }
    const search = query.size === 0 ? '' : `?${query.toString()}`;
    try {
      const { answer, field } = await ask(bearer, call.method, `${call.path}${search}`, call.body, signal);
      const strange = notNomad(call, answer, address, field('location'));
      if (strange === undefined && isDenied(answer) && (session !== undefined || call.accept?.includes(answer.status) !== true)) {
        const holder = await holderOf(bearer, call, signal);
        if (session !== undefined && bearer !== undefined && holder.is === 'unknown') {
          // It has ended: there is another one. Or it is so new that not every server has it yet.
          if (worked.delete(bearer)) return await once(call, signal, bearer);
          return { done: false, error: refusal(call, answer, address, { is: 'logged-in' }) };
        }
        if (call.accept?.includes(answer.status) !== true) throw refusal(call, answer, address, holder);
      }
      if (bearer !== undefined && answer.status < 400) worked.add(bearer);
      // While a rollout is watched, a region that can't be reached may come back.
      if (answer.status === 500 && answer.text.includes('No path to region') && call.patient !== true) {
        const wrong = await wrongRegion(bearer, signal);
        if (wrong !== undefined) throw wrong;
      }
      // In front of a Nomad that was reached before, another server's answer will not stay either.
      const transient = isTransient(call, answer) || (call.patient === true && strange !== undefined);
      const expected = answer.status === 200 || (!transient && call.accept?.includes(answer.status) === true);
      if (expected && strange === undefined) return { done: true, value: answer };
      const error = strange ?? refusal(call, answer, address, { is: 'unclear' });
      if (!transient) throw error;
      const retryAfterS = Number(field('retry-after'));
      return { done: false, error, ...(retryAfterS > 0 ? { retryAfterMs: Math.min(retryAfterS, MAX_RETRY_AFTER_S) * 1_000 } : {}) };
    } catch (error) {
      if (error instanceof ActionError) throw error;
      if (signal.aborted) throw signal.reason;
      const failed = connectionError(error, call, address, tls, proxyOf(proxy));
      // Closed by us: nobody waits for the answer.
      if (closed) throw failed;
      // A certificate that does not fit now will not in a moment, nor will a proxy let us through. Watching goes on: a load balancer may have one bad server.
      if (call.patient !== true && (tlsProblem(connectionCode(error), tls) ?? proxyAnswer(error)) !== undefined) throw failed;
      if (isWrite(call) && (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw unknownOutcome(call, failed);
      return { done: false, error: failed };
    }
  }

  let [quickLeft, countedAt] = [QUICK_ANSWERS, clock.now()];
  /** Waits where blocking queries are answered at once again and again, whatever index they tell: this side would do nothing else. */
  async function pace(signal: AbortSignal): Promise<void> {
    const now = clock.now();
    quickLeft = Math.min(QUICK_ANSWERS, quickLeft + (now - countedAt) / QUICK_INTERVAL_MS) - 1;
    countedAt = now;
    if (quickLeft < 0) await clock.sleep(-quickLeft * QUICK_INTERVAL_MS, signal);
  }

  return {
    logIn: async () => {
      await session?.();
    },
    send: async (call) => {
      // A write that has begun is brought to its end: interrupted, nobody could tell whether it took effect.
      const signal = call.signal ?? (changes(call) ? clock.timeout(RESPONSE_TIMEOUT_MS) : runtime.signal);
      signal.throwIfAborted();
      if (call.index !== undefined) await pace(signal);
      const policy = call.patient === true ? PATIENT_RETRY : RETRY;
      let last: Error | undefined;
      const onRetry = (error: Error, delayMs: number): void => {
        last = error;
        log.info(`${error.message}; trying again in ${Math.round(delayMs / 100) / 10} s`);
      };
      return retry(policy, clock, signal, () => once(call, signal), onRetry).catch((error: unknown) => {
        // What went wrong says more than that the time is up.
        throw last !== undefined && error instanceof DOMException && error.name === 'TimeoutError' ? last : error;
      });
    },
    // Requests in flight belong to nobody any more: `destroy` does not wait for them, as `close` would.
    close: async () => {
      closed = true;
      await dispatcher.destroy();
    },
  };
}

/** Reads an answer to its end. Throws `nomad-refused` when it is longer than that. */
async function readText(body: AsyncIterable<Buffer>, maxBytes: number, what: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    // Leaving the loop ends the connection.
    if (bytes > maxBytes) {
      throw new ActionError('nomad-refused', `the answer to ${what} has more than ${maxBytes / 1024 / 1024} MiB`, {
        hint: 'Is `nomad-addr` the address of Nomad?',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Parses an answer of the API; undefined for a log or a text of another server. Throws for a cut answer: a proxy can end one early without an error. */
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

/** A proxy as it may be shown: without user and password. */
function proxyOf(proxy: HttpProxy | undefined): string | undefined {
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
