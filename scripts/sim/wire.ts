// The way between the client and the model, in place of undici: delays, lost and broken answers, servers that are behind.
import type { Dispatcher } from 'undici';
import { ONLY_HTTP_2 } from '../../src/nomad/refusal.ts';
import type { Dial } from '../../src/nomad/request.ts';
import { type Asked, isRead, type Reply, read, write } from './server.ts';
import { EMPTY, type State } from './state.ts';
import type { VirtualClock } from './time.ts';
import type { World } from './world.ts';

/** The faults of the way and of the servers. */
export const FAULTS = [
  'refused',
  'reset',
  'lost',
  'silent',
  'slow',
  'busy',
  'gateway',
  'no-leader',
  'page',
  'cut',
  'stale',
  'no-index',
  'empty',
  'redirect',
  'expired',
  'goaway',
  'stream-reset',
  'election',
] as const;

/** The meaning of each fault. */
export const MEANINGS: Readonly<Record<(typeof FAULTS)[number], string>> = {
  refused: 'the connection is refused',
  reset: 'the connection is reset before the server sees the request; those that are open are reset, too',
  lost: 'the server does what is asked, and its answer is lost',
  silent: 'no answer comes for a minute',
  slow: 'the answer comes up to 20 s late',
  busy: 'the answer is 429',
  gateway: 'the server does what is asked, and a proxy answers 502, 503 or 504',
  'no-leader': 'the answer is 500, `No cluster leader`',
  page: 'the server does what is asked, and a proxy answers with a web page',
  cut: 'the second half of the answer is missing',
  stale: 'a server answers reads from a state that is up to 20 s old',
  'no-index': 'the answer has no `X-Nomad-Index`',
  empty: 'a restored server answers reads, and has neither the job nor its deployment',
  redirect: 'a proxy answers 302, and the server sees nothing',
  expired: 'the token has expired: 403, or 500 with the words of older versions',
  goaway: 'the HTTP/2 session ends by GOAWAY, before the server sees the request',
  'stream-reset': 'the server does what is asked, and the HTTP/2 stream is reset',
  election:
    'the leader is gone: open connections are reset, all answers are 500, `No cluster leader`, and nothing changes until there is another one',
};

/** A fault that hits a share of the requests for a time; times are milliseconds from the registration. */
export interface Fault {
  readonly kind: (typeof FAULTS)[number];
  readonly fromMs: number;
  readonly forMs: number;
  readonly share: number;
  /** By how much an answer is late, or a server behind. */
  readonly ms: number;
  /** The number of states that a server is behind, in place of a time. */
  readonly back?: number;
  /** Only this request, counted from 1, is hit, whenever it is sent. */
  readonly nth?: number;
}

/** A request that changed something, or was to. */
export interface Write {
  readonly atMs: number;
  readonly call: string;
  readonly status: number;
  /** The index of the state before it. */
  readonly index: number;
}

/** The death of a run: right before a request of it takes effect, or right after. */
export interface Kill {
  /** The number of the request, counted from 1. */
  readonly request: number;
  readonly took: boolean;
}

export interface Wire {
  readonly dial: Dial;
  readonly writes: Write[];
  /** The paths that the model does not know. */
  readonly unknown: string[];
  readonly requests: () => number;
  /** The time at which a fault last hit a request. */
  readonly lastFaultMs: () => number;
  /** Resolves when the run is killed. */
  readonly died: Promise<void>;
}

/** The longest wait of a blocking query, and undici's limit for the begin of an answer. */
const BLOCKING_MS = 45_000;
const HEADERS_MS = 60_000;

export interface WireOptions {
  readonly faults: readonly Fault[];
  readonly beganMs: number;
  /** The longest delay of a leg. */
  readonly latencyMs: number;
  readonly tell: (line: string) => void;
  /** The state that reads are answered by: a model that lies has another one. */
  readonly seen: (state: State) => State;
  readonly kill?: Kill | undefined;
  readonly unseen?: Unseen | undefined;
  /** The server takes HTTP/2 only. */
  readonly http2?: boolean | undefined;
}

/** States that the servers show late: each `every`th from `offset` on. */
export interface Unseen {
  readonly every: number;
  readonly offset: number;
  readonly forMs: number;
}

export function openWire(
  world: World,
  clock: VirtualClock,
  random: () => number,
  { faults, beganMs, latencyMs, tell, seen, kill, unseen, http2 = false }: WireOptions,
): Wire {
  const writes: Write[] = [];
  const unknown: string[] = [];
  const open = new Set<(error: Error) => void>();
  let [requests, lastFaultMs] = [0, Number.NEGATIVE_INFINITY];
  const death = Promise.withResolvers<void>();
  let isDead = false;
  /** Waits for ever where the run is dead. */
  const alive = async (dies = false): Promise<void> => {
    if (dies && !isDead) tell('the run is killed');
    isDead ||= dies;
    if (!isDead) return undefined;
    death.resolve();
    return new Promise(() => undefined);
  };
  for (const { kind, fromMs, forMs, nth } of faults) {
    if ((kind !== 'reset' && kind !== 'election') || nth !== undefined) continue;
    clock.after(fromMs, () => {
      if (kind === 'election') world.elect(forMs);
      for (const end of [...open]) {
        lastFaultMs = clock.now();
        end(coded('UND_ERR_SOCKET', 'other side closed'));
      }
    });
  }
  const faultOf = (number: number): Fault | undefined => {
    const sinceMs = clock.now() - beganMs;
    const found = faults.find(({ kind, fromMs, forMs, share, nth }) =>
      nth === undefined
        ? sinceMs >= fromMs && sinceMs < fromMs + forMs && (share >= 1 || kind === 'election' || random() < share)
        : nth === number,
    );
    if (found !== undefined) lastFaultMs = clock.now();
    return found;
  };

  async function answer(asked: Asked, number: number, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { method, path, query } = asked;
    const leg = async (more = 0): Promise<void> => clock.sleep(1 + random() * latencyMs + more, signal);
    const call = `${method} ${path}`;
    await leg();
    await alive(kill?.request === number && !kill.took);
    const reads = isRead(asked);
    const early = faultOf(number);
    if (early !== undefined) {
      tell(`${call}: ${early.kind}`);
      if (early.kind === 'refused') throw coded('ECONNREFUSED', 'connect ECONNREFUSED');
      if (early.kind === 'reset') throw coded('UND_ERR_SOCKET', 'other side closed');
      if (early.kind === 'busy') return response({ status: 429, body: 'Too many requests', index: 0 });
      if (early.kind === 'redirect') return response({ status: 302, body: '', index: 0 });
      if (early.kind === 'expired' && path !== '/v1/status/leader') return response(expired(path, random));
      if (early.kind === 'goaway') throw coded('UND_ERR_SOCKET', 'HTTP/2: "GOAWAY" frame received with code 0');
      if (early.kind === 'no-leader' || early.kind === 'election') return response({ status: 500, body: 'No cluster leader', index: 0 });
      if (early.kind === 'silent') {
        await clock.sleep(HEADERS_MS, signal);
        throw coded('UND_ERR_HEADERS_TIMEOUT', 'Headers Timeout Error');
      }
    }
    const { index } = world.now();
    let reply = reads ? await readNow(asked, signal) : write(world, asked);
    const fault = early ?? faultOf(number);
    if (reply === undefined) {
      unknown.push(call);
      reply = { status: 404, body: 'no such route', index: 0 };
    }
    if (!reads) writes.push({ atMs: clock.now(), call, status: reply.status, index });
    await alive(kill?.request === number);
    if (fault?.kind === 'stale' && reads) reply = read(olderState(world.history, clock.now(), fault), asked) ?? reply;
    if (fault?.kind === 'empty' && reads) reply = read({ ...EMPTY, index: 5 }, asked) ?? reply;
    await leg(fault?.kind === 'slow' ? fault.ms : 0);
    await alive();
    tell(
      `${call}${query.has('index') ? ` ?index=${query.get('index') ?? ''}` : ''} -> ${reply.status}, index ${reply.index}${fault === undefined ? '' : ` (${fault.kind})`}`,
    );
    switch (fault?.kind) {
      case 'lost':
        throw coded('UND_ERR_SOCKET', 'other side closed');
      case 'stream-reset':
        throw coded('ERR_HTTP2_STREAM_ERROR', 'Stream closed with error code NGHTTP2_INTERNAL_ERROR');
      case 'gateway':
        return response({ status: 502 + Math.floor(random() * 3), body: 'upstream', index: 0 });
      case 'page':
        return response({ status: 200, body: '<!DOCTYPE html><p>Sign in</p>', index: 0 });
      case 'cut':
        return response(reply, true);
      case 'no-index':
        return response({ ...reply, index: 0 });
      default:
        return response(reply);
    }
  }

  /** Returns the newest state that is not hidden. */
  const shown = ({ every, offset, forMs }: Unseen): State => {
    const { history } = world;
    const isShown = ({ atMs }: State, i: number): boolean => i % every !== offset || atMs <= clock.now() - forMs || i === 0;
    return history.findLast(isShown) ?? world.now();
  };

  /** Answers a read: at once, or when its index is above the given one. */
  async function readNow(asked: Asked, signal: AbortSignal): Promise<Reply | undefined> {
    const now = (): Reply | undefined => read(seen(unseen === undefined ? world.now() : shown(unseen)), asked);
    const index = Number(asked.query.get('index') ?? 0);
    const first = now();
    if (index === 0 || first === undefined || first.index > index) return first;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      if ((now()?.index ?? 0) > index) resolve();
    };
    const stop = world.onChange(() => {
      look();
      if (unseen !== undefined) clock.after(unseen.forMs, look);
    });
    const cancel = clock.after(BLOCKING_MS, resolve);
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await promise;
    } finally {
      stop();
      cancel();
      signal.removeEventListener('abort', onAbort);
    }
    return now();
  }

  const requestBy =
    (allowH2: boolean) =>
    async ({ method, path, body, signal }: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> => {
      requests += 1;
      const number = requests;
      const given = signal as AbortSignal;
      given.throwIfAborted();
      if (http2 && !allowH2) throw coded(ONLY_HTTP_2, 'tlsv1 alert no application protocol');
      const url = new URL(path, 'http://nomad');
      const asked = {
        method,
        path: url.pathname,
        query: url.searchParams,
        body: typeof body === 'string' ? (JSON.parse(body) as unknown) : undefined,
      };
      const broken = new AbortController();
      const end = (error: Error): void => broken.abort(error);
      open.add(end);
      try {
        return await answer(asked, number, AbortSignal.any([given, broken.signal]));
      } finally {
        open.delete(end);
      }
    };
  return {
    dial: async (_connection, { allowH2 }) => ({ request: requestBy(allowH2), destroy: async () => undefined }) as unknown as Dispatcher,
    writes,
    unknown,
    requests: () => requests,
    lastFaultMs: () => lastFaultMs,
    died: death.promise,
  };
}

const coded = (code: string, message: string): Error => Object.assign(new Error(message), { code });

/** Returns the answer to an expired token: that of most calls, of logs before 1.10, and of older servers. */
function expired(path: string, random: () => number): Reply {
  if (path.startsWith('/v1/client/')) return { status: 500, body: 'Permission denied', index: 0 };
  return random() < 0.5 ? { status: 403, body: 'Permission denied', index: 0 } : { status: 500, body: 'ACL token expired', index: 0 };
}

/** Returns the state of a server that is behind. */
function olderState(history: readonly State[], nowMs: number, { ms, back }: Fault): State {
  if (back !== undefined) return history.at(-1 - back) ?? history[0] ?? EMPTY;
  const atMs = nowMs - ms;
  return history.findLast((one) => one.atMs <= atMs) ?? history[0] ?? EMPTY;
}

/** Returns an answer as undici gives it, or only the first half of its text. */
function response({ status, body, index }: Reply, isCut = false): Dispatcher.ResponseData {
  const text =
    typeof body === 'string' && status !== 200
      ? body
      : typeof body === 'string'
        ? body.startsWith('<') || body.endsWith('\n')
          ? body
          : JSON.stringify(body)
        : JSON.stringify(body);
  const sent = Buffer.from(isCut ? text.slice(0, Math.floor(text.length / 2)) : text);
  const headers = { 'transfer-encoding': 'chunked', ...(index > 0 ? { 'x-nomad-index': String(index) } : {}) };
  async function* bytes(): AsyncGenerator<Buffer> {
    yield sent;
  }
  return { statusCode: status, headers, body: bytes() } as unknown as Dispatcher.ResponseData;
}
