import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { Dispatcher } from 'undici';
import { connectionProblem } from '../errors.ts';
import { type Reach, reachOf, within } from './reach.ts';
import type { Runtime } from './runtime.ts';

/**
 * Sends one HTTP/1.1 request over its own connection, and reads the answer up to its limit. Redirects are not followed. Proxies come from the environment
 * (`HTTPS_PROXY`, `NO_PROXY`). Rejects with an `Error` in words when there is no answer, and with the signal's reason when the signal aborts.
 */
export const request: Runtime['request'] = async (
  url,
  { method, headers, body, timeoutMs, insecure, maxBytes, reach = 'local', signal },
) => {
  signal.throwIfAborted();
  const { EnvHttpProxyAgent } = await import('undici');
  const { origin, pathname, search, hostname } = new URL(url);
  const looking = lookingFor(reach);
  const literal = reachOf(hostname);
  if (literal !== undefined && !within(literal, reach)) throw new Error(`${hostname} is an internal address`);
  const tls = { rejectUnauthorized: !insecure };
  const agent = new EnvHttpProxyAgent({
    connect: { ...tls, lookup: looking.lookup },
    requestTls: tls,
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const timeout = AbortSignal.timeout(timeoutMs);
  const startedAt = performance.now();
  try {
    const response = await agent.request({
      origin,
      path: `${pathname}${search}`,
      method,
      headers: {
        'user-agent': 'nomad-deploy',
        ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.reveal()])),
      },
      body: body ?? null,
      signal: AbortSignal.any([signal, timeout]),
    });
    const { text, complete } = await readBody(response.body, maxBytes);
    const elapsedMs = Math.round(performance.now() - startedAt);
    const reached = literal ?? looking.found();
    const answer = { status: response.statusCode, headers: joined(response.headers), body: text, complete, elapsedMs };
    return reached === undefined ? answer : { ...answer, reached };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new Error(timeout.aborted ? `no answer within ${timeoutMs / 1_000} s` : connectionProblem(error), { cause: error });
  } finally {
    // This also ends an answer that is not read to its end.
    await agent.destroy();
  }
};

/** Returns a lookup that connects only to allowed addresses. The name is not looked up again, so that it can't change in between. */
function lookingFor(reach: Reach): { readonly lookup: LookupFunction; readonly found: () => Reach | undefined } {
  let kind: Reach | undefined;
  return {
    found: () => kind,
    lookup: (host, options, callback) =>
      lookup(host, { ...options, all: true }, (error, all) => {
        if (error !== null) return callback(error, '');
        const allowed = all.filter(({ address }) => within(reachOf(address) ?? 'local', reach));
        const [first] = allowed;
        if (first === undefined) return callback(new Error(`${host} has an internal address`), '');
        kind = (['public', 'private', 'local'] as const).find((one) => allowed.some(({ address }) => reachOf(address) === one));
        return options.all === true ? callback(null, allowed) : callback(null, first.address, first.family);
      }),
  };
}

async function readBody(body: AsyncIterable<Buffer>, maxBytes: number): Promise<{ text: string; complete: boolean }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes) break;
  }
  return { text: Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8'), complete: bytes <= maxBytes };
}

/** Returns the headers by their names in lower case, repeated ones joined by commas. */
function joined(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name.toLowerCase(), [value].flat().join(', ')]])),
  );
}
