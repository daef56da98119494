// The way to Nomad's address, looked at step by step: the name, the connection, the certificate, the answer. Sends no token.
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type PeerCertificate, TLSSocket } from 'node:tls';
import { ActionError, connectionCode, connectionProblem, messageOf, toActionError } from '../errors.ts';
import { parseTime } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Connection } from './call.ts';
import { connectionError, nomadsWords, notNomad, ONLY_HTTP_2, proxyAnswer } from './refusal.ts';
import { hostOfProxy, openDispatcher, openExchange, shownProxy } from './request.ts';
import { API_WORDS } from './words.ts';

/** Every server answers this path, whatever the token. */
const LEADER = { method: 'GET', path: '/v1/status/leader', capability: 'none' } as const;

/** The limit of each step, and the number of requests by which the latency is measured. */
const STEP_MS = 8_000;
const SAMPLES = 5;

/** A certificate of the server. Times are milliseconds since the epoch. */
export interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  /** The names and addresses that it is for, such as `DNS:server.global.nomad`. */
  readonly names: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** The TLS connection, whatever its certificate is worth. */
export interface TlsSeen {
  /** Such as `TLSv1.3`. */
  readonly protocol: string;
  /** The code of the problem of the certificate, for `tlsProblem`; undefined where it holds. */
  readonly problem: string | undefined;
  /** The certificate of the server, then those that have signed it. */
  readonly chain: readonly Certificate[];
}

/** The answers to some requests without a token. */
export interface Answered {
  readonly version: 'HTTP/1.1' | 'HTTP/2';
  /** Milliseconds of each request, the connection not counted. */
  readonly latenciesMs: readonly number[];
  /** The clock of the server minus that of the runner, in milliseconds; 0 within the second that the header `Date` tells; undefined without one. */
  readonly skewMs: number | undefined;
  /** The address of the leader; empty where there is none. */
  readonly leader: string;
}

/** Each step is the fact, or the error; undefined where it does not apply, or a step before it failed. */
export interface Way {
  readonly address: string;
  readonly scheme: 'unix' | 'http' | 'https';
  /** The proxy of the requests, without its password, or the jump host. */
  readonly proxy: string | undefined;
  /** The proxy refused the connection: `connection` has its answer. */
  readonly refusedByProxy: boolean;
  /** The addresses of the host. */
  readonly name: { readonly host: string; readonly addresses: readonly string[] } | ActionError | undefined;
  readonly connection: 'open' | ActionError | undefined;
  readonly tls: TlsSeen | undefined;
  readonly answer: Answered | ActionError | undefined;
}

type World = Pick<Runtime, 'log' | 'clock' | 'signal'>;

/** Looks at the way to an address. Does not throw, but for a cancelled run. Takes at most half a minute. */
export async function lookAtWay(connection: Connection, runtime: World): Promise<Way> {
  const { address, tunnel } = connection;
  const scheme = address.startsWith('unix://') ? 'unix' : address.startsWith('https:') ? 'https' : 'http';
  const [looked, met] = await Promise.all([
    scheme === 'unix' || tunnel !== undefined ? undefined : lookUp(address, connection, runtime),
    meet(connection, runtime),
  ]);
  runtime.signal.throwIfAborted();
  const { proxied, refusedByProxy, connected, tls } = met;
  const fails = connected instanceof ActionError || tls?.problem !== undefined;
  const answer = fails ? undefined : await askLeader(connection, runtime);
  runtime.signal.throwIfAborted();
  const proxy = tunnel === undefined ? (proxied ? shownProxy(connection.proxy) : undefined) : `the jump host ${tunnel.through}`;
  return { address, scheme, proxy, refusedByProxy, name: proxied ? undefined : looked, connection: connected, tls, answer };
}

/** Looks the host of an address up. */
async function lookUp(address: string, { proxy }: Connection, { clock, signal }: World): Promise<Way['name']> {
  const host = new URL(address).hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) return undefined;
  const late = clock.timeout(STEP_MS);
  try {
    const found = await inTime(lookup(host, { all: true }), AbortSignal.any([signal, late]));
    return { host, addresses: found.map((one) => one.address) };
  } catch (error) {
    const what = late.aborted ? `no answer about ${host} within ${STEP_MS / 1_000} s` : unresolved(host, error);
    const between = proxy === undefined ? '' : ', or set a proxy that knows the name';
    return new ActionError('unreachable', what, {
      hint: `Check the spelling of \`nomad-addr\`, and that the DNS of this runner knows the name${between}.`,
      cause: error,
    });
  }
}

function unresolved(host: string, error: unknown): string {
  const code = connectionCode(error);
  return code === 'ENOTFOUND' ? `the name ${host} does not exist` : `the name ${host} cannot be looked up: ${connectionProblem(error)}`;
}

/** Rejects with the reason of the signal when it aborts before the promise has ended. */
async function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error(messageOf(signal.reason)));
  signal.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([work, ended]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}

/** A connection of undici that was opened, or could not be. */
interface Heard {
  readonly host: string;
  readonly isOpen: boolean;
  readonly tls: TlsSeen | undefined;
  readonly isHttp2: boolean;
}

const hearing = new AsyncLocalStorage<Heard[]>();
const CHANNELS = ['undici:client:connected', 'undici:client:connectError'];

function onConnection(message: unknown): void {
  const { connectParams, socket } = message as { connectParams?: { host?: string }; socket?: unknown };
  const secure = socket instanceof TLSSocket ? socket : undefined;
  // A socket that has ended has no certificate any more.
  const tls = secure && tlsSeen(secure);
  hearing.getStore()?.push({ host: connectParams?.host ?? '', isOpen: socket !== undefined, tls, isHttp2: secure?.alpnProtocol === 'h2' });
}

/** Does some requests, and returns the connections that undici opened for them, in their order. */
async function heardIn(work: () => Promise<unknown>): Promise<Heard[]> {
  const heard: Heard[] = [];
  for (const channel of CHANNELS) subscribe(channel, onConnection);
  try {
    await hearing.run(heard, work);
  } finally {
    for (const channel of CHANNELS) unsubscribe(channel, onConnection);
  }
  return heard;
}

interface Met {
  readonly proxied: boolean;
  readonly refusedByProxy: boolean;
  readonly connected: 'open' | ActionError;
  readonly tls: TlsSeen | undefined;
}

/** Opens a connection that accepts any certificate, to tell about it, and sends a request without any header of the user. */
async function meet(connection: Connection, runtime: World): Promise<Met> {
  const open: Connection = { ...connection, ...(connection.address.startsWith('https:') && { tls: unverified(connection) }) };
  let error: unknown;
  const heard = await heardIn(async () => {
    error = await firstError(open, { allowH2: false }, runtime);
    if (connectionCode(error) === ONLY_HTTP_2) error = await firstError(open, { allowH2: true }, runtime);
  });
  const proxyHost = connection.proxy === undefined ? undefined : hostOfProxy(connection.proxy);
  const refusedByProxy = proxyAnswer(error) !== undefined;
  const proxied = refusedByProxy || heard.some(({ host }) => host === proxyHost);
  const isHttps = connection.address.startsWith('https:');
  const own = heard.findLast(({ host, isOpen }) => isOpen && (host !== proxyHost || !isHttps));
  const tls = own?.tls;
  if (error === undefined || (own !== undefined && !refusedByProxy)) return { proxied, refusedByProxy, connected: 'open', tls };
  if (error instanceof ActionError) return { proxied, refusedByProxy, connected: error, tls };
  const { address, tls: given, proxy } = connection;
  const failed = connectionError(error, LEADER, { address, tls: given, answered: false }, proxied ? shownProxy(proxy) : undefined);
  return { proxied, refusedByProxy, connected: failed, tls };
}

const unverified = ({ tls }: Connection): NonNullable<Connection['tls']> => ({ ...tls, skipVerify: true });

async function firstError(connection: Connection, form: { readonly allowH2: boolean }, { clock, signal }: World): Promise<unknown> {
  const { tunnel } = connection;
  const opened = await tunnel?.open().catch(toActionError);
  if (opened instanceof ActionError) {
    await tunnel?.close();
    return opened;
  }
  const dispatcher = await openDispatcher(connection, { ...form, ...(opened === undefined ? {} : { socketPath: opened }) });
  const late = clock.timeout(STEP_MS);
  try {
    const { origin, pathname } = new URL(connection.address.startsWith('unix://') ? 'http://localhost' : connection.address);
    const path = `${pathname.replace(/(?<!\/)\/+$/, '')}${LEADER.path}`;
    const { body } = await dispatcher.request({ origin, method: 'GET', path, signal: AbortSignal.any([signal, late]) });
    await body.dump();
    return undefined;
  } catch (error) {
    return late.aborted ? new Error(`no answer within ${STEP_MS / 1_000} s`) : error;
  } finally {
    await dispatcher.destroy();
    await tunnel?.close();
  }
}

/** The most certificates of a chain. */
const MAX_CHAIN = 10;

function tlsSeen(socket: TLSSocket): TlsSeen {
  const chain: Certificate[] = [];
  let one: PeerCertificate | undefined = socket.getPeerCertificate(true);
  const seen = new Set<string>();
  while (one?.fingerprint256 !== undefined && !seen.has(one.fingerprint256) && chain.length < MAX_CHAIN) {
    seen.add(one.fingerprint256);
    chain.push({
      subject: nameIn(one.subject),
      issuer: nameIn(one.issuer),
      names: one.subjectaltname ?? '',
      notBefore: parseTime(one.valid_from),
      notAfter: parseTime(one.valid_to),
    });
    one = (one as { issuerCertificate?: PeerCertificate }).issuerCertificate;
  }
  const error: unknown = socket.authorized ? undefined : socket.authorizationError;
  const problem = error instanceof Error ? connectionCode(error) || messageOf(error) : typeof error === 'string' ? error : undefined;
  return { protocol: socket.getProtocol() ?? 'TLS', problem, chain };
}

function nameIn(subject: PeerCertificate['subject'] | undefined): string {
  return [subject?.CN ?? subject?.O ?? 'no name'].flat()[0] ?? 'no name';
}

/** Asks for the leader some times over the connection of a deploy. */
async function askLeader(connection: Connection, runtime: World): Promise<Answered | ActionError> {
  const { clock, signal } = runtime;
  const exchange = await openExchange(connection, runtime);
  const late = clock.timeout(STEP_MS);
  const latenciesMs: number[] = [];
  let [from, to] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  let leader = '';
  try {
    const query = connection.region === undefined ? '' : `?region=${encodeURIComponent(connection.region)}`;
    const heard = await heardIn(async () => {
      for (let i = 0; i < SAMPLES; i++) {
        const begun = clock.now();
        const asked = { method: 'GET', path: `${LEADER.path}${query}`, bearer: undefined } as const;
        const { answer, header } = await exchange.ask(asked, AbortSignal.any([signal, late]));
        const ended = clock.now();
        if (i > 0) latenciesMs.push(ended - begun);
        leader = leaderIn(answer, connection.address, header('location'));
        // The header has whole seconds.
        const told = parseTime(header('date') ?? '');
        if (Number.isNaN(told)) continue;
        [from, to] = [Math.max(from, told - ended), Math.min(to, told + 1_000 - begun)];
      }
    });
    const isHttp2 = heard.some((one) => one.isHttp2);
    const skewMs = Number.isFinite(from) ? (from > 0 ? from : Math.min(to, 0)) : undefined;
    return { version: isHttp2 ? 'HTTP/2' : 'HTTP/1.1', latenciesMs, skewMs, leader };
  } catch (error) {
    if (error instanceof ActionError) return error;
    const { address, tls, proxy } = connection;
    const words = late.aborted ? new Error(`no answer within ${STEP_MS / 1_000} s`) : error;
    return connectionError(words, LEADER, { address, tls, answered: exchange.hasAnswered() }, shownProxy(proxy));
  } finally {
    await exchange.close();
  }
}

type Said = Awaited<ReturnType<Awaited<ReturnType<typeof openExchange>>['ask']>>['answer'];

/** Returns the leader of an answer; empty without one. Throws `unreachable` for an answer that is not Nomad's. */
function leaderIn(answer: Said, address: string, location: string | undefined): string {
  if (answer.status === 200 && typeof answer.json === 'string') return answer.json;
  if (answer.status === 500 && API_WORDS.neverSent.pattern.test(nomadsWords(answer.text))) return '';
  const foreign = notNomad(LEADER, answer, address, location);
  throw (
    foreign ??
    new ActionError('unreachable', `${address} answered ${answer.status} to ${LEADER.path}: ${nomadsWords(answer.text).slice(0, 200)}`, {
      hint: 'Nomad answers this path without a token. Check `nomad-addr`, `nomad-region`, and the proxy in front of Nomad (`nomad-headers`).',
    })
  );
}
