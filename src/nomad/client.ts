import { ActionError, connectionCode } from '../errors.ts';
import { type Attempt, type RetryPolicy, retry, type Secret } from '../runtime/index.ts';
import type { Clock, Runtime } from '../runtime/runtime.ts';
import type { Answer, Call, Connection, Holder, Transport } from './call.ts';
import {
  connectionError,
  isChanging,
  isDenied,
  isLost,
  isTransient,
  isUnclear,
  isWrite,
  nomadRefusal,
  nomadsWords,
  notNomad,
  proxyAnswer,
  socketProblem,
  socketRefusal,
  unknownOutcome,
} from './refusal.ts';
import { type Dial, type Exchange, openExchange, RESPONSE_TIMEOUT_MS, type Response, shownProxy } from './request.ts';
import { openSession } from './session.ts';
import { tlsProblem } from './tls-problem.ts';
import { readHolder, readIdentity } from './token.ts';
import type { Socket } from './websocket.ts';
import { API_WORDS } from './words.ts';

/** The longest wait of a blocking query, below the minute after which many proxies close an idle request. */
const BLOCKING_WAIT_S = 45;

/** The agent itself answers this path, whatever region the request names. */
const PARSER = '/v1/jobs/parse';

/** Every server with a leader answers this path, whatever the token. */
const LEADER = '/v1/status/leader';

/** The longest `Retry-After` that is respected. */
const MAX_RETRY_AFTER_S = 60;

/** Blocking queries that the server answers at once: this many in a row, then one for each interval. */
const QUICK_ANSWERS = 100;
const QUICK_INTERVAL_MS = 200;
/** Before Nomad's first answer, the address may be wrong: the failure is told soon. So is one that is not an outage, because Nomad answers other requests. */
const SOON_MS = 10_000;

/** After Nomad's first answer, a request outlasts an outage of a minute, in which its first try may have hung for a minute, too. */
const OUTAGE_MS = 120_000;
const RETRY = { firstDelayMs: 250, maxDelayMs: 3_000 };

/** After the registration, an outage is waited out until the caller's signal, because the rollout goes on meanwhile. */
const PATIENT_RETRY: RetryPolicy = { forMs: Number.POSITIVE_INFINITY, firstDelayMs: 250, maxDelayMs: 10_000 };

type Session = (refused?: Secret) => Promise<Secret>;

/**
 * Opens the transport to a Nomad API. Nothing is sent yet. Failed calls throw an `ActionError`: `unreachable`, `permission-denied`, `unknown-outcome` for a
 * write whose answer was lost, or `nomad-refused` with Nomad's own words.
 */
export async function openTransport(
  connection: Connection,
  runtime: Pick<Runtime, 'log' | 'clock' | 'signal'>,
  dial?: Dial,
): Promise<Transport> {
  const { log, clock } = runtime;
  const { login } = connection;
  const exchange = await openExchange(connection, runtime, dial);
  const session = login === undefined ? undefined : openSession(login, clock);
  const reached = { yet: false };
  const attempt = attempter({ connection, exchange, session, reached });
  const outageMs = Math.max(SOON_MS, Math.min(OUTAGE_MS, connection.timeoutMs ?? OUTAGE_MS));
  // A cancelled step is killed after some seconds.
  const patienceMs = (): number => (runtime.signal.aborted ? SOON_MS : outageMs);
  const policyNow = (): RetryPolicy => ({ ...RETRY, forMs: reached.yet ? patienceMs() : SOON_MS });
  const pace = pacer(clock);
  const tokenNow = async (): Promise<Secret | undefined> => (session === undefined ? connection.token : session());
  const denied = async (call: Call, text: string): Promise<ActionError> => {
    const holder = await holderOf(exchange, await tokenNow(), pathOfToken(call, connection.region), call.signal ?? runtime.signal);
    return nomadRefusal(call, { status: 403, text, json: undefined, index: 0, ended: true }, connection.address, holder);
  };
  const told = (error: Error, delayMs: number): void => log.info(`${error.message}; retrying in ${Math.round(delayMs / 100) / 10} s`);
  return {
    logIn: async () => {
      await session?.();
    },
    send: async (call) => {
      // A write is not interrupted by a cancelled workflow, as its result would be unknown: only the pause before it is sent again.
      const isOwnWrite = call.signal === undefined && isChanging(call);
      const signal = call.signal ?? (isOwnWrite && runtime.signal.aborted ? clock.timeout(RESPONSE_TIMEOUT_MS) : runtime.signal);
      signal.throwIfAborted();
      if (call.index !== undefined) await pace(signal);
      const policy = call.patient === true ? PATIENT_RETRY : policyNow();
      let last: Error | undefined;
      const onRetry = (error: Error, delayMs: number): void => {
        last = error;
        told(error, delayMs);
      };
      const attemptOnce = async (): Promise<Attempt<Answer>> =>
        isOwnWrite
          ? attempt(call, clock.timeout(RESPONSE_TIMEOUT_MS)).catch((error: unknown) => {
              if (!isTimeout(error)) throw error;
              return { done: false, error: last ?? unanswered(call, connection) };
            })
          : attempt(call, signal);
      return retry(policy, clock, signal, attemptOnce, onRetry).catch((error: unknown) => {
        // The last failure says more than the timeout.
        throw isTimeout(error) ? (last ?? unanswered(call, connection)) : error;
      });
    },
    socket: async (call) => {
      const signal = call.signal ?? runtime.signal;
      return retry(
        policyNow(),
        clock,
        signal,
        async (): Promise<Attempt<Socket>> => {
          const opened = await exchange.socket(pathOf(call, connection.region), await tokenNow(), signal).catch((error: unknown) => {
            if (signal.aborted) throw signal.reason;
            const failed = connectionError(error, call, { ...connection, answered: exchange.hasAnswered() }, shownProxy(connection.proxy));
            throw socketProblem(error, connection.address) ?? failed;
          });
          if (!('status' in opened)) return { done: true, value: opened };
          const answer = { ...opened, json: undefined, index: 0, ended: true };
          if (isDenied(answer)) throw await denied(call, answer.text);
          const error = notNomad(call, answer, connection.address, opened.location) ?? socketRefusal(answer, connection.address);
          // No program has been started, so that another try is safe.
          if (!isTransient(call, answer)) throw error;
          return { done: false, error };
        },
        told,
      );
    },
    denied,
    patience: () => clock.timeout(patienceMs()),
    close: exchange.close,
  };
}

/** Returns a function that delays a blocking query when the server answers again and again at once, whatever index it sends. */
function pacer(clock: Clock): (signal: AbortSignal) => Promise<void> {
  let [quickLeft, countedAt] = [QUICK_ANSWERS, clock.now()];
  return async (signal) => {
    const now = clock.now();
    quickLeft = Math.min(QUICK_ANSWERS, quickLeft + (now - countedAt) / QUICK_INTERVAL_MS) - 1;
    countedAt = now;
    if (quickLeft < 0) await clock.sleep(-quickLeft * QUICK_INTERVAL_MS, signal);
  };
}

interface Trying {
  readonly connection: Connection;
  readonly exchange: Exchange;
  readonly session: Session | undefined;
  /** Nomad has answered a request, so that the address is right. */
  readonly reached: { yet: boolean };
}

/** Returns a function that sends a call once. It renews the token of a login that has expired, and throws every final failure. */
function attempter({ connection, exchange, session, reached }: Trying): (call: Call, signal: AbortSignal) => Promise<Attempt<Answer>> {
  const { address, token, region } = connection;
  /** Tokens of successful requests: one that Nomad no longer knows has expired. */
  const worked = new Set<Secret>();
  /** The rights that Nomad has granted. */
  const allowed = new Set<string>();
  const rightOfCall = ({ capability, needs = [], namespace = '' }: Call): string => [namespace, capability, ...needs].join('\n');
  const bearerOf = async (refused?: Secret): Promise<Secret | undefined> => (session === undefined ? token : session(refused));

  async function attempt(call: Call, signal: AbortSignal, refused?: Secret): Promise<Attempt<Answer>> {
    let bearer: Secret | undefined;
    try {
      bearer = await bearerOf(refused);
    } catch (error) {
      // An outage during a login is waited out as one during any other request.
      if (error instanceof ActionError && error.code === 'unreachable' && waits(call)) return { done: false, error };
      throw error;
    }
    try {
      const response = deniedAs403(await exchange.ask({ ...call, bearer, path: pathOf(call, region) }, signal));
      const { answer } = response;
      const strange = notNomad(call, answer, address, response.header('location'));
      const denied = isDenied(answer);
      // A registration takes every refusal with status 500, but an expired token is none of the job.
      const { accept = [] } = call;
      const isAccepted = accept.includes(answer.status) && !(denied && answer.status === 500 && !accept.includes(403));
      // An unknown text may be about the token.
      const mayBeToken = isUnclear(answer) && bearer !== undefined && !isAccepted;
      if (strange === undefined && ((denied && (session !== undefined || !isAccepted)) || mayBeToken)) {
        const holder = await holderOf(exchange, bearer, pathOfToken(call, region), signal);
        if (session !== undefined && bearer !== undefined && holder.is === 'unknown') {
          // The token has expired, so another one is needed; or it is so new that not every server has it yet.
          if (worked.delete(bearer)) return await attempt(call, signal, bearer);
          return { done: false, error: nomadRefusal(call, answer, address, { is: 'logged-in' }) };
        }
        if (!isAccepted && (denied || holder.is === 'unknown')) {
          const error = nomadRefusal(call, answer, address, holder);
          // A server that has just started does not know the token yet: it denies what others allow, and everything to a management token.
          const isManagement = holder.is === 'known' && holder.isManagement;
          if (!isManagement && !allowed.has(rightOfCall(call))) throw error;
          return { done: false, error, forMs: SOON_MS };
        }
      }
      if (bearer !== undefined && answer.status < 400) {
        worked.add(bearer);
        allowed.add(rightOfCall(call));
      }
      // A region that can't be reached may come back during a rollout.
      if (isUnclear(answer) && !isAccepted && call.patient !== true) {
        const wrong = await wrongRegion(connection, exchange, bearer, signal);
        if (wrong !== undefined) throw wrong;
      }
      const result = judged(call, response, { strange, address, waits: waits(call) });
      if (result.done) reached.yet = true;
      else if (call.patient !== true && reached.yet && (strange !== undefined || isUnclear(answer))) {
        // Where Nomad answers other requests, this failure is no outage, and is told soon.
        if (await hasLeader(exchange, region, signal)) return { ...result, forMs: SOON_MS };
      }
      return result;
    } catch (error) {
      if (error instanceof ActionError) throw error;
      // A write without an answer may have taken effect.
      if (signal.aborted)
        throw isTimeout(signal.reason) && isWrite(call) ? unknownOutcome(call, unanswered(call, connection)) : signal.reason;
      return { done: false, error: transientError(error, { call, connection, exchange, waits: waits(call) }) };
    }
  }
  /** Returns whether a failure may be an outage: Nomad was reached before. */
  const waits = (call: Call): boolean => call.patient === true || reached.yet;
  return async (call, signal) => attempt(call, signal);
}

/** Returns the response with status 403 if Nomad denied the call by status 500, as 1.9 does for the logs of a task. */
function deniedAs403(response: Response): Response {
  const { answer } = response;
  const isDenial = answer.status === 500 && !isDenied(answer) && API_WORDS.denied.pattern.test(nomadsWords(answer.text));
  return isDenial ? { ...response, answer: { ...answer, status: 403 } } : response;
}

const isTimeout = (error: unknown): boolean => error instanceof DOMException && error.name === 'TimeoutError';

/** Returns the error of a call whose time was up before its answer. */
function unanswered({ method, path }: Call, { address }: Connection): ActionError {
  return new ActionError('unreachable', `Nomad at ${address} did not answer ${method} ${path} in time`, {
    hint: 'Check `nomad-addr`, and that this runner can reach the cluster.',
  });
}

function pathOf(call: Call, region: string | undefined): string {
  const query = new URLSearchParams();
  const blocking = call.index === undefined ? {} : { index: call.index, wait: `${BLOCKING_WAIT_S}s` };
  for (const [name, value] of Object.entries({ namespace: call.namespace, region, ...call.query, ...blocking })) {
    if (value !== undefined) query.set(name, String(value));
  }
  return `${call.path}${query.size === 0 ? '' : `?${query.toString()}`}`;
}

interface Judging {
  /** The error of an answer that is not Nomad's. */
  readonly strange: ActionError | undefined;
  readonly address: string;
  readonly waits: boolean;
}

/** Returns the answer of a call, or the error of a transient one. Throws a final refusal. */
function judged(call: Call, { answer, header }: Response, { strange, address, waits }: Judging): Attempt<Answer> {
  // Nomad was reached before, so another server in front of it may not stay. A write that reached that server did not reach Nomad.
  const transient = isTransient(call, answer) || (waits && strange?.code === 'unreachable');
  const expected = answer.status === 200 || (!transient && !isLost(call, answer) && call.accept?.includes(answer.status) === true);
  if (expected && strange === undefined) return { done: true, value: answer };
  const error = strange ?? nomadRefusal(call, answer, address, { is: 'unclear' });
  if (!transient) throw error;
  const retryAfterS = Number(header('retry-after'));
  return { done: false, error, ...(retryAfterS > 0 ? { retryAfterMs: Math.min(retryAfterS, MAX_RETRY_AFTER_S) * 1_000 } : {}) };
}

/** A request without an answer. `waits` says that Nomad was reached before. */
type Failing = Pick<Trying, 'connection' | 'exchange'> & { readonly call: Call; readonly waits: boolean };

/** Returns the error of a request without an answer that can be retried. Throws a final one. */
function transientError(error: unknown, { call, connection, exchange, waits }: Failing): ActionError {
  const { address, tls, proxy } = connection;
  const failed = connectionError(error, call, { address, tls, answered: exchange.hasAnswered() }, shownProxy(proxy));
  if (exchange.isClosed()) throw failed;
  // A wrong certificate or a refusal of the proxy is final, unless Nomad was reached: a load balancer may have one bad server.
  const isRefusal = (tlsProblem(connectionCode(error), tls) ?? proxyAnswer(error)) !== undefined;
  if (isRefusal && !waits) throw failed;
  if (isWrite(call) && !isRefusal && !isUnconnected(error)) throw unknownOutcome(call, failed);
  return failed;
}

/** Returns whether a request was never sent, because no connection was opened. */
function isUnconnected(error: unknown): boolean {
  const { code = '', syscall = '' } = error as NodeJS.ErrnoException;
  // Only a connection tries several addresses, and sums up their errors.
  const isConnecting = ['connect', 'getaddrinfo'].includes(syscall) || error instanceof AggregateError;
  return isConnecting || ['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT'].includes(code);
}

/** Returns whether Nomad answers and has a leader, so that a failure of another request is not an outage. */
async function hasLeader({ ask }: Exchange, region: string | undefined, signal: AbortSignal): Promise<boolean> {
  const query = region === undefined ? '' : `?region=${encodeURIComponent(region)}`;
  return ask({ bearer: undefined, method: 'GET', path: `${LEADER}${query}` }, signal).then(
    ({ answer }) => answer.status === 200 && typeof answer.json === 'string',
    () => false,
  );
}

/** Returns the path that reads a token. A local token is valid in its region only; the agent parses in its own region. */
function pathOfToken({ path }: Call, region: string | undefined): string {
  return `/v1/acl/token/self${region === undefined || path === PARSER ? '' : `?region=${encodeURIComponent(region)}`}`;
}

/** Reads the holder of a token. A denied call has the same answer for an unknown token as for a known one without the right. */
async function holderOf({ ask }: Exchange, bearer: Secret | undefined, path: string, signal: AbortSignal): Promise<Holder> {
  if (bearer === undefined) return { is: 'none' };
  const identity = readIdentity(bearer);
  if (identity !== undefined) return identity;
  try {
    const { answer, header } = await ask({ bearer, method: 'GET', path }, signal);
    const holder = readHolder(answer, header('date'));
    if (holder.is !== 'unclear' || answer.status !== 500) return holder;
    // Nomad answers 500 for an expired token. Where it answers without a token, the token is the reason.
    const open = await ask({ bearer: undefined, method: 'GET', path: path.replace(/^[^?]*/, LEADER) }, signal);
    return open.answer.status === 200 ? { is: 'unknown' } : holder;
  } catch {
    return { is: 'unclear' };
  }
}

/** Returns the error about a region that does not exist, with the existing regions; undefined where Nomad lists the region, or none. */
async function wrongRegion(
  { address, region, regionSource = 'the region' }: Connection,
  { ask }: Exchange,
  bearer: Secret | undefined,
  signal: AbortSignal,
): Promise<ActionError | undefined> {
  if (region === undefined) return undefined;
  const listed = await ask({ bearer, method: 'GET', path: '/v1/regions' }, signal).then(
    ({ answer }) => answer.json,
    () => undefined,
  );
  const regions = Array.isArray(listed) ? listed.filter((name) => typeof name === 'string') : [];
  if (regions.length === 0 || regions.includes(region)) return undefined;
  return new ActionError(
    'input-invalid',
    `${regionSource}: Nomad at ${address} has no region ${JSON.stringify(region)}, its regions are ${regions.join(', ')}`,
    { hint: "Name one of these regions. A region whose servers Nomad can't reach is not listed." },
  );
}
