import type { GitHub } from '@actions/github/lib/utils';
import { ActionError, messageOf } from '../errors.ts';
import { type Attempt, type RetryPolicy, retry, type Secret, secret } from '../runtime/index.ts';
import type { HttpAnswer, HttpRequest, Runtime } from '../runtime/runtime.ts';
import { isCutJson } from '../text/index.ts';

/** GitHub's own client. */
export type Octokit = InstanceType<typeof GitHub>;

/** The API version of the types in this folder. */
const API_VERSION = '2022-11-28';
const GITHUB_TIMEOUT_MS = 8_000;

/** Reports are given up after seconds, so that they do not delay a deploy. */
const RETRY: RetryPolicy = { forMs: 10_000, firstDelayMs: 500, maxDelayMs: 3_000 };
const ONCE: RetryPolicy = { ...RETRY, forMs: 0 };

/** The time limit in a cancelled run, which the runner kills soon. */
const LAST_WORDS_MS = 2_000;

/** The limit of attempts at a creation whose answer gets lost. */
const CREATIONS = 3;

/** GitHub's documented wait for a rate limit without a time. */
const NO_WORD_MS = 60_000;
const MAX_BYTES = 16_000_000;
const MAX_PAGES = 20;
const ADDRESS = 'Set GITHUB_API_URL to the address of the REST API.';
/** The items of a page, for every list. */
export const PER_PAGE = 100;

export interface GitHubConnection {
  /** `https://api.github.com`, or that of a GitHub Enterprise Server. */
  readonly apiUrl: string;
  readonly token: Secret;
}

/** A request of Octokit. */
interface GitHubCall {
  readonly method: Extract<HttpRequest['method'], 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'>;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The runtime redacts the body, because GitHub masks logs only. */
  readonly body?: string;
  /** The needed permission, as a line of a workflow's `permissions:`. */
  readonly permission: string;
  /** True when the call may be repeated without an answer. */
  readonly repeatable: boolean;
}

/** The part of a `Response` that Octokit reads. */
interface GitHubAnswer {
  readonly url: string;
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  /** The parsed body; undefined when there is none. */
  readonly body: unknown;
}

/** The layer below the resources: GitHub's client, with our retries and errors. */
export interface GitHubTransport {
  /** The token belongs to an app: the workflow, or an app installed on the repository. */
  readonly ofApp: boolean;
  /** Returns GitHub's client for calls with this line of `permissions:`. It repeats a POST without an answer only when `repeatable`. */
  readonly octokit: (permission: string, options?: { readonly repeatable: boolean }) => Promise<Octokit>;
  /** Creates an object by a POST that must not be repeated: after a lost answer, `find` looks for the object before the next attempt. */
  readonly create: <T>(make: () => Promise<{ readonly data: T }>, find: () => Promise<T | undefined>) => Promise<T>;
}

type World = Pick<Runtime, 'log' | 'clock' | 'signal' | 'request'>;
type Sending = World & { readonly base: string; readonly token: Secret };

const nothing = (): void => undefined;
/** A silent log, because Octokit otherwise prints warnings that quote the server. */
const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** Returns the function that sends the requests of a connection, with retries. After an outage, each later call has one attempt. */
function sender(sending: Sending): (call: GitHubCall) => Promise<GitHubAnswer> {
  const { log, clock, signal: running } = sending;
  let down = false;
  return async (call) => {
    const signal = running.aborted ? clock.timeout(LAST_WORDS_MS) : running;
    try {
      const answer = await retry(
        down || running.aborted ? ONCE : RETRY,
        clock,
        signal,
        async () => once(call, sending, signal),
        (error, delayMs) => log.debug(`${error.message}; retrying in ${Math.round(delayMs)} ms`),
      );
      down = false;
      return answer;
    } catch (error) {
      if (error instanceof ActionError && error.code === 'unreachable') down = true;
      throw error;
    }
  };
}

/** Sends a call once. Throws a refusal, and `unknown-outcome` for a write without an answer. */
async function once(call: GitHubCall, { base, token, log, clock, request }: Sending, signal: AbortSignal): Promise<Attempt<GitHubAnswer>> {
  const { method, url, headers, body: sent } = call;
  // The address of a next page comes from an answer: the token must not go to another server.
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
      timeoutMs: GITHUB_TIMEOUT_MS,
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
    if (status === 200 && method === 'GET' && body === '') return failed(call, path, tooShort(base));
    const value = parsed(answer, base);
    if (value instanceof ActionError) return failed(call, path, value);
    return {
      done: true,
      value: { url, status, headers: [...Object.entries(answer.headers), ...nextPage(url, answer, value)], body: value },
    };
  }
  const limit = rateLimit(answer, clock.now());
  if (limit !== undefined) return { done: false, ...limit };
  const what = `GitHub answered ${status} to ${method} ${path}: ${wordsOf(body)}`;
  if (status >= 500) return failed(call, path, new ActionError('unreachable', what));
  throw githubRefusal(status, what, call.permission);
}

/**
 * Opens the transport to GitHub's REST API. Nothing is sent yet. Rate limits, 5xx and lost connections are retried for up to 10 seconds; after that, each later
 * call has one attempt, so that an outage does not delay a deploy repeatedly.
 * Failed calls throw an `ActionError`: `unreachable`, `permission-denied` with the missing line of `permissions:`, `unknown-outcome` for a write whose answer
 * was lost, or `github-refused` with GitHub's own words.
 */
export function openGitHubTransport({ apiUrl, token }: GitHubConnection, world: World): GitHubTransport {
  const base = apiUrl.replace(/(?<!\/)\/+$/, '');
  const send = sender({ ...world, base, token });
  return {
    // https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats
    ofApp: token.reveal().startsWith('ghs_'),
    octokit: async (permission, { repeatable } = { repeatable: false }) => {
      const { GitHub } = await loaded(base);
      const fetch = async (url: string, asked: Pick<GitHubCall, 'method' | 'headers' | 'body'>): Promise<GitHubAnswer> =>
        send({ ...asked, url: withSlashes(url), permission, repeatable: repeatable || asked.method !== 'POST' });
      // Octokit does not get the token, so its errors cannot hold it. Its own JSON parser is 25 times slower and turns long numbers into BigInt.
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

/** Loads GitHub's client. Throws `unreachable` for a malformed proxy in the environment, which the client parses although it is not used. */
async function loaded(base: string): Promise<typeof import('@actions/github/lib/utils')> {
  try {
    return await import('@actions/github/lib/utils');
  } catch (error) {
    throw new ActionError('unreachable', `cannot reach GitHub at ${base}: ${messageOf(error)}`, { cause: error });
  }
}

/** Returns the items of the first 20 pages of a list. */
export async function items<T>(pages: AsyncIterable<{ readonly data: readonly T[] }>): Promise<T[]> {
  const all: T[] = [];
  let read = 0;
  for await (const { data } of pages) {
    all.push(...data);
    if (++read === MAX_PAGES) break;
  }
  return all;
}

/** Returns the answer; undefined for a 404. */
export async function unlessMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ActionError && error.cause === 404) return undefined;
    throw error;
  }
}

/** Returns the address with plain slashes. Octokit encodes those of a file or branch, which a proxy may refuse. */
const withSlashes = (url: string): string => url.replace(/^[^?]*/, (path) => path.replaceAll('%2F', '/'));

/** Returns the path below the address of the API, for messages. On a GitHub Enterprise Server, GraphQL is not below that address. */
function pathOf(url: string, base: string): string {
  const below = url.startsWith(`${base}/`) ? url.slice(base.length) : new URL(url).pathname;
  return below.replace(/\?.*$/s, '');
}

/** Returns the failure of a call without an answer. Throws `unknown-outcome` for a call that is not repeatable. */
function failed<T>({ repeatable }: GitHubCall, path: string, error: ActionError): Attempt<T> {
  if (repeatable) return { done: false, error };
  throw new ActionError('unknown-outcome', error.message, {
    cause: error.cause,
    hint: `The write to ${path} may have taken effect.`,
  });
}

/**
 * Returns the error of an exceeded rate limit and its wait; undefined for other answers.
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
    hint: `Wait ${Math.ceil(retryAfterMs / 1_000)} s before the next request.`,
  });
  return { error, retryAfterMs };
}

function githubRefusal(status: number, what: string, permission: string): ActionError {
  if (status === 401) return new ActionError('permission-denied', what, { hint: 'The token of `github-token` is invalid or has expired.' });
  // GitHub answers 404 for an object that the token may not see.
  if (status === 403 || status === 404) {
    return new ActionError('permission-denied', what, {
      cause: status,
      hint: `The token may lack a permission: add the line \`${permission}\` to the \`permissions:\` of the workflow job.`,
    });
  }
  return new ActionError('github-refused', what);
}

/** Returns GitHub's text of an error: its message, and the problems of fields. */
function wordsOf(body: string): string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return body.trim().slice(0, 200) || 'no text';
  }
  const { message, errors } = (value ?? {}) as { message?: unknown; errors?: unknown };
  const details = (Array.isArray(errors) ? errors : []).map((error: unknown) => {
    if (typeof error === 'string') return error;
    const { message: own, field, code } = (error ?? {}) as Partial<Record<'message' | 'field' | 'code', string>>;
    return own ?? [field, code].filter(Boolean).join(' ');
  });
  return [typeof message === 'string' ? message : 'no text', ...details].filter((part) => part !== '').join('; ');
}

/** Returns the `link` to the next page for a full page without one, because a proxy may drop the header. */
function nextPage(url: string, { headers }: HttpAnswer, body: unknown): (readonly [string, string])[] {
  const next = new URL(url);
  const { searchParams } = next;
  if (headers['link'] !== undefined || !Array.isArray(body) || body.length < PER_PAGE || !searchParams.has('per_page')) return [];
  searchParams.set('page', `${Number(searchParams.get('page') ?? 1) + 1}`);
  return [['link', `<${next.href}>; rel="next"`]];
}

const tooShort = (base: string, cause?: unknown): ActionError =>
  new ActionError('unreachable', `cannot reach GitHub at ${base}: the answer ended too soon`, { cause });

/** Returns a parsed body, and the error of a cut one. Throws `github-refused` for other text than JSON. */
function parsed({ body, complete }: HttpAnswer, base: string): unknown {
  if (body === '') return undefined;
  try {
    return JSON.parse(body);
  } catch (error) {
    if (complete && isCutJson(body)) return tooShort(base, error);
    throw new ActionError('github-refused', `${base} did not answer with JSON: ${body.slice(0, 100)}`, {
      cause: error,
      hint: ADDRESS,
    });
  }
}
