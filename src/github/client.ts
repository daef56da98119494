import type { GitHub } from '@actions/github/lib/utils';
import { ActionError, messageOf } from '../errors.ts';
import { type Attempt, type RetryPolicy, retry, type Secret, secret } from '../runtime/index.ts';
import type { HttpAnswer, HttpRequest, Runtime } from '../runtime/runtime.ts';

/** GitHub's own client. */
export type Octokit = InstanceType<typeof GitHub>;

/** The version of the API that the types of this folder are read from. */
const API_VERSION = '2022-11-28';
const TIMEOUT_MS = 8_000;

/** A report is not worth a deploy's time: what does not get through within seconds is left out. */
const RETRY: RetryPolicy = { forMs: 10_000, firstDelayMs: 500, maxDelayMs: 3_000 };
const ONCE: RetryPolicy = { ...RETRY, forMs: 0 };

/** What a cancelled run may still take: the runner kills it soon. */
const LAST_WORDS_MS = 2_000;

/** How often a creation is tried whose answer gets lost. */
const CREATIONS = 3;

/** Where GitHub does not say how long it wants to be left alone, it means a minute: more than a report is worth. */
const NO_WORD_MS = 60_000;
const MAX_BYTES = 16_000_000;
const MAX_PAGES = 20;
const ADDRESS = 'GITHUB_API_URL has to be the address of the REST API.';
/** The items of a page, for every list. */
export const PER_PAGE = 100;

export interface Connection {
  /** `https://api.github.com`, or that of a GitHub Enterprise Server. */
  readonly apiUrl: string;
  readonly token: Secret;
}

/** A request that Octokit makes. */
interface Call {
  readonly method: Extract<HttpRequest['method'], 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'>;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** GitHub masks logs only: what is masked in it is redacted by the runtime. */
  readonly body?: string;
  /** What the token has to be allowed, as a line of a workflow's `permissions:`. */
  readonly permission: string;
  /** Whether doing it twice is as good as once. */
  readonly repeatable: boolean;
}

/** The parts of a `Response` that Octokit reads. */
interface Answer {
  readonly url: string;
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  /** The parsed body; undefined when there is none. */
  readonly body: unknown;
}

/** The floor below the resources: GitHub's client, with retries and errors of our own. */
export interface Transport {
  /** The token is that of an app: of the workflow, or of one that is installed on the repository. */
  readonly ofApp: boolean;
  /** Gives GitHub's client for calls that need this line of `permissions:`. It repeats a POST without an answer only where that is `repeatable`. */
  readonly octokit: (permission: string, options?: { readonly repeatable: boolean }) => Promise<Octokit>;
  /** Makes something by a POST that must not be sent twice: when its answer gets lost, `find` looks for the thing before the next try. */
  readonly create: <T>(make: () => Promise<{ readonly data: T }>, find: () => Promise<T | undefined>) => Promise<T>;
}

type World = Pick<Runtime, 'log' | 'clock' | 'signal' | 'request'>;

const nothing = (): void => undefined;
/** Octokit prints its warnings, which quote the server, unless it gets a log. */
const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** Returns what sends the requests of all clients of a connection: with the token, the waits, and the memory of an outage. */
function sender(base: string, token: Secret, { log, clock, signal: running, request }: World): (call: Call) => Promise<Answer> {
  let down = false;

  async function once(call: Call, signal: AbortSignal): Promise<Attempt<Answer>> {
    const { method, url, headers, body: sent } = call;
    // An answer names the next page of a list: the token must not go to another server.
    if (URL.parse(url)?.origin !== URL.parse(base)?.origin) {
      throw new ActionError('github-refused', `${base} names ${url.slice(0, 200)} as the next page of a list`, { hint: ADDRESS });
    }
    const path = pathOf(url, base);
    let answer: HttpAnswer;
    try {
      answer = await request(url, {
        method,
        headers: {
          ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, secret(value)])),
          authorization: secret(`Bearer ${token.reveal()}`),
          'x-github-api-version': secret(API_VERSION),
        },
        ...(sent === undefined ? {} : { body: sent }),
        timeoutMs: TIMEOUT_MS,
        insecure: false,
        maxBytes: MAX_BYTES,
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      return failed(call, path, new ActionError('unreachable', `cannot reach GitHub at ${base}: ${messageOf(error)}`, { cause: error }));
    }
    const { status, body, elapsedMs } = answer;
    log.debug(`GitHub: ${method} ${path} -> ${status} in ${elapsedMs} ms`);
    if (status >= 200 && status < 300) {
      const value = parsed(body, base);
      return {
        done: true,
        value: { url, status, headers: [...Object.entries(answer.headers), ...nextPage(url, answer, value)], body: value },
      };
    }
    const limit = rateLimit(answer, clock.now());
    if (limit !== undefined) return { done: false, ...limit };
    const what = `GitHub answered ${status} to ${method} ${path}: ${wordsOf(body)}`;
    if (status >= 500) return failed(call, path, new ActionError('unreachable', what));
    throw refusal(status, what, call.permission);
  }

  return async (call) => {
    const signal = running.aborted ? clock.timeout(LAST_WORDS_MS) : running;
    try {
      const answer = await retry(
        down || running.aborted ? ONCE : RETRY,
        clock,
        signal,
        async () => once(call, signal),
        (error, delayMs) => log.debug(`${error.message}; trying again in ${Math.round(delayMs)} ms`),
      );
      down = false;
      return answer;
    } catch (error) {
      if (error instanceof ActionError && error.code === 'unreachable') down = true;
      throw error;
    }
  };
}

/**
 * Opens the transport to GitHub's REST API. Nothing is sent yet. Rate limits, 5xx and lost connections are retried for seconds at most; once that was
 * in vain, every later call has one try, so that an outage of GitHub's does not hold a deploy up again and again.
 * Failed calls throw an `ActionError`: `unreachable`, `permission-denied` with the line of `permissions:` that is missing, `unknown-outcome` for a
 * write whose answer got lost, or `github-refused` with GitHub's own words.
 */
export function openTransport({ apiUrl, token }: Connection, world: World): Transport {
  const base = apiUrl.replace(/\/+$/, '');
  const send = sender(base, token, world);
  return {
    // https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats
    ofApp: token.reveal().startsWith('ghs_'),
    octokit: async (permission, { repeatable } = { repeatable: false }) => {
      const { GitHub } = await loaded(base);
      const fetch = async (url: string, asked: Pick<Call, 'method' | 'headers' | 'body'>): Promise<Answer> =>
        send({ ...asked, url: withSlashes(url), permission, repeatable: repeatable || asked.method !== 'POST' });
      // Octokit does not get the token, so that its errors cannot hold it. Its own parser of JSON is 25 times slower, and turns long numbers into BigInt.
      const octokit = new GitHub({
        baseUrl: base,
        userAgent: 'nomad-deploy',
        log: SILENT,
        request: { fetch, log: SILENT, parseSuccessResponseBody: false },
      });
      octokit.hook.error('request', (error) => {
        throw error.name === 'HttpError' ? error.cause : error;
      });
      return octokit;
    },
    create: async (make, find) => {
      for (let tries = 1; ; tries++) {
        try {
          return (await make()).data;
        } catch (error) {
          if (!(error instanceof ActionError) || error.code !== 'unknown-outcome') throw error;
          const found = await find();
          if (found !== undefined) return found;
          if (tries === CREATIONS || world.signal.aborted) throw error;
          await world.clock.sleep(RETRY.firstDelayMs * tries, world.signal);
        }
      }
    },
  };
}

/** Loads GitHub's client, which looks at the environment's proxy although ours is used. Throws `unreachable` where that proxy is malformed. */
async function loaded(base: string): Promise<typeof import('@actions/github/lib/utils')> {
  try {
    return await import('@actions/github/lib/utils');
  } catch (error) {
    throw new ActionError('unreachable', `cannot reach GitHub at ${base}: ${messageOf(error)}`, { cause: error });
  }
}

/** Returns the items of a list, at most those of the first 20 pages. */
export async function items<T>(pages: AsyncIterable<{ readonly data: readonly T[] }>): Promise<T[]> {
  const all: T[] = [];
  let read = 0;
  for await (const { data } of pages) {
    all.push(...data);
    if (++read === MAX_PAGES) break;
  }
  return all;
}

/** Returns the answer, undefined where GitHub answered 404. */
export async function unlessMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ActionError && error.cause === 404) return undefined;
    throw error;
  }
}

/** Returns the address with the slashes of its path, as GitHub documents it. Octokit encodes those of a file or branch, which a proxy may refuse. */
const withSlashes = (url: string): string => url.replace(/^[^?]*/, (path) => path.replaceAll('%2F', '/'));

/** Returns the path below the address of the API, for messages. A GitHub Enterprise Server has GraphQL beside the REST API, not below it. */
function pathOf(url: string, base: string): string {
  const below = url.startsWith(`${base}/`) ? url.slice(base.length) : new URL(url).pathname;
  return below.replace(/\?.*$/s, '');
}

/** A call without an answer is repeated, if that can do no harm. */
function failed<T>({ repeatable }: Call, path: string, error: ActionError): Attempt<T> {
  if (repeatable) return { done: false, error };
  throw new ActionError('unknown-outcome', error.message, {
    cause: error.cause,
    hint: `Whether the write to ${path} took effect is not known.`,
  });
}

/**
 * Whether GitHub says that too much was asked, and how long it wants to be left alone.
 * See https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
function rateLimit({ status, headers, body }: HttpAnswer, nowMs: number): { error: ActionError; retryAfterMs: number } | undefined {
  const afterS = Number(headers['retry-after'] ?? Number.NaN);
  const usedUp = headers['x-ratelimit-remaining'] === '0';
  const limited =
    status === 429 || (status === 403 && (usedUp || !Number.isNaN(afterS) || /rate limit|abuse detection/i.test(wordsOf(body))));
  if (!limited) return undefined;
  const resetMs = Number(headers['x-ratelimit-reset'] ?? Number.NaN) * 1_000 - nowMs;
  const toldMs = Number.isNaN(afterS) ? (usedUp && !Number.isNaN(resetMs) ? resetMs : NO_WORD_MS) : afterS * 1_000;
  const retryAfterMs = Math.max(toldMs, RETRY.firstDelayMs);
  const error = new ActionError('unreachable', `GitHub limits the requests of this token (${status}): ${wordsOf(body)}`, {
    hint: `It may be asked again in ${Math.ceil(retryAfterMs / 1_000)} s.`,
  });
  return { error, retryAfterMs };
}

function refusal(status: number, what: string, permission: string): ActionError {
  if (status === 401) return new ActionError('permission-denied', what, { hint: 'The token of `github-token` is not valid (any more).' });
  // What a token may not see is answered as if it were not there.
  if (status === 403 || status === 404) {
    return new ActionError('permission-denied', what, {
      cause: status,
      hint: `The token may lack a permission: give the workflow's job \`permissions:\` with the line \`${permission}\`.`,
    });
  }
  return new ActionError('github-refused', what);
}

/** GitHub's text of an error: its message, and what is wrong with which field. */
function wordsOf(body: string): string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return body.trim().slice(0, 200) || 'nothing more';
  }
  const { message, errors } = (value ?? {}) as { message?: unknown; errors?: unknown };
  const details = (Array.isArray(errors) ? errors : []).map((error: unknown) => {
    if (typeof error === 'string') return error;
    const { message: own, field, code } = (error ?? {}) as Partial<Record<'message' | 'field' | 'code', string>>;
    return own ?? [field, code].filter(Boolean).join(' ');
  });
  return [typeof message === 'string' ? message : 'nothing more', ...details].filter((part) => part !== '').join('; ');
}

/** Returns the `link` to the next page of a full page whose answer has none: a proxy may drop it, and the list must not end there. */
function nextPage(url: string, { headers }: HttpAnswer, body: unknown): (readonly [string, string])[] {
  const next = new URL(url);
  const { searchParams } = next;
  if (headers['link'] !== undefined || !Array.isArray(body) || body.length < PER_PAGE || !searchParams.has('per_page')) return [];
  searchParams.set('page', `${Number(searchParams.get('page') ?? 1) + 1}`);
  return [['link', `<${next}>; rel="next"`]];
}

function parsed(body: string, base: string): unknown {
  if (body === '') return undefined;
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new ActionError('github-refused', `${base} did not answer with JSON: ${body.slice(0, 100)}`, {
      cause: error,
      hint: ADDRESS,
    });
  }
}
