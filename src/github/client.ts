import { ActionError, messageOf } from '../errors.ts';
import { type Attempt, type RetryPolicy, retry, type Secret, secret } from '../runtime/index.ts';
import type { HttpAnswer, HttpRequest, Runtime } from '../runtime/runtime.ts';

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
const PER_PAGE = 100;
const MAX_PAGES = 20;

export interface Connection {
  /** `https://api.github.com`, or that of a GitHub Enterprise Server. */
  readonly apiUrl: string;
  readonly token: Secret;
}

export interface Call {
  readonly method: Extract<HttpRequest['method'], 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'>;
  /** The path below the address, its parts already URL-encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** Becomes JSON. GitHub masks logs only: what is masked in it is redacted by the runtime. */
  readonly body?: object;
  /** Statuses besides 2xx that the caller deals with. */
  readonly accept?: readonly number[];
  /** What the token has to be allowed, as a line of a workflow's `permissions:`. */
  readonly permission: string;
  /** Whether doing it twice is as good as once; by default of all but a POST. */
  readonly repeatable?: boolean;
}

export interface Answer {
  readonly status: number;
  /** The parsed body; undefined when there is none. */
  readonly value: unknown;
}

/** The floor below the resources: one request with its token, retries and errors. */
export interface Transport {
  /** The token is that of an app: of the workflow, or of one that is installed on the repository. */
  readonly ofApp: boolean;
  readonly send: (call: Call) => Promise<Answer>;
  /** All items of a list, page by page. */
  readonly list: (call: Omit<Call, 'method'>) => Promise<unknown[]>;
  /** A POST that must not be done twice: when its answer gets lost, `find` looks for what it made before it is tried again. */
  readonly create: (call: Omit<Call, 'method'>, find: () => Promise<unknown>) => Promise<unknown>;
}

type World = Pick<Runtime, 'log' | 'clock' | 'signal' | 'request'>;

/**
 * Opens the transport to GitHub's REST API. Nothing is sent yet. Rate limits, 5xx and lost connections are retried for seconds at most; once that was
 * in vain, every later call has one try, so that an outage of GitHub's does not hold a deploy up again and again.
 * Failed calls throw an `ActionError`: `unreachable`, `permission-denied` with the line of `permissions:` that is missing, `unknown-outcome` for a
 * write whose answer got lost, or `github-refused` with GitHub's own words.
 */
export function openTransport({ apiUrl, token }: Connection, { log, clock, signal: running, request }: World): Transport {
  const base = apiUrl.replace(/\/+$/, '');
  let down = false;

  async function once(call: Call, signal: AbortSignal): Promise<Attempt<Answer>> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(call.query ?? {})) if (value !== undefined) query.set(name, String(value));
    let answer: HttpAnswer;
    try {
      // A GitHub Enterprise Server has GraphQL beside the REST API, not below it.
      const root = call.path === '/graphql' ? base.replace(/\/v3$/, '') : base;
      answer = await request(`${root}${call.path}${query.size === 0 ? '' : `?${query.toString()}`}`, {
        method: call.method,
        headers: {
          accept: secret('application/vnd.github+json'),
          authorization: secret(`Bearer ${token.reveal()}`),
          'x-github-api-version': secret(API_VERSION),
          ...(call.body === undefined ? {} : { 'content-type': secret('application/json') }),
        },
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        timeoutMs: TIMEOUT_MS,
        insecure: false,
        maxBytes: MAX_BYTES,
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      return failed(call, new ActionError('unreachable', `cannot reach GitHub at ${base}: ${messageOf(error)}`, { cause: error }));
    }
    log.debug(`GitHub: ${call.method} ${call.path} -> ${answer.status} in ${answer.elapsedMs} ms`);
    const { status, body } = answer;
    if ((status >= 200 && status < 300) || call.accept?.includes(status) === true) {
      return { done: true, value: { status, value: body === '' ? undefined : parsed(body, base) } };
    }
    const limit = rateLimit(answer, clock.now());
    if (limit !== undefined) return { done: false, ...limit };
    const what = `GitHub answered ${status} to ${call.method} ${call.path}: ${wordsOf(body)}`;
    if (status >= 500) return failed(call, new ActionError('unreachable', what));
    throw refusal(status, what, call.permission);
  }

  async function send(call: Call): Promise<Answer> {
    const signal = running.aborted ? AbortSignal.timeout(LAST_WORDS_MS) : running;
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
  }

  return {
    // https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats
    ofApp: token.reveal().startsWith('ghs_'),
    send,
    list: async (call) => {
      const items: unknown[] = [];
      for (let page = 1; page <= MAX_PAGES; page++) {
        const { value } = await send({ ...call, method: 'GET', query: { ...call.query, per_page: PER_PAGE, page } });
        const found: readonly unknown[] = Array.isArray(value) ? value : [];
        items.push(...found);
        if (found.length < PER_PAGE) break;
      }
      return items;
    },
    create: async (call, find) => {
      for (let tries = 1; ; tries++) {
        try {
          return (await send({ ...call, method: 'POST' })).value;
        } catch (error) {
          if (!(error instanceof ActionError) || error.code !== 'unknown-outcome') throw error;
          const found = await find();
          if (found !== undefined) return found;
          if (tries === CREATIONS || running.aborted) throw error;
          await clock.sleep(RETRY.firstDelayMs * tries, running);
        }
      }
    },
  };
}

/** A call without an answer is repeated, if that can do no harm. */
function failed<T>({ method, path, repeatable = method !== 'POST' }: Call, error: ActionError): Attempt<T> {
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

function parsed(body: string, base: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new ActionError('github-refused', `${base} did not answer with JSON: ${body.slice(0, 100)}`, {
      cause: error,
      hint: 'GITHUB_API_URL has to be the address of the REST API.',
    });
  }
}
