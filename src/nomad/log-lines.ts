// The lines of a task's log, while they are written: https://developer.hashicorp.com/nomad/api-docs/client#stream-logs
import { ActionError } from '../errors.ts';
import type { Clock } from '../runtime/runtime.ts';
import { type LineSplitter, lineSplitter } from '../text/index.ts';
import type { Call, Transport } from './call.ts';
import { behind, isBefore, type LogPiece, type LogPlace, piecesOf } from './log-pieces.ts';
import { nomadsWords } from './refusal.ts';
import { API_WORDS } from './words.ts';

/** Log lines are rarely longer, so a tail usually has more lines than needed. */
export const BYTES_PER_LINE = 200;

/** The longest line, and the longest tail. */
export const MAX_LOG_BYTES = 64 * 1024;

/** The log is looked for so far from its end to continue at a known place. The last look is from its start. */
const REACHES = [MAX_LOG_BYTES, 1024 * 1024, 16 * 1024 * 1024, undefined] as const;

/** The last lines of a task can arrive late: a node writes logs every 100 ms. */
const LOG_DELAY_MS = 200;

/** The pauses before a log is asked for again, after a lost connection, or where there is none yet. */
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 5_000;

/** The lines that were rotated away while the connection was lost cannot be read any more. */
const GAP = '(lines are missing here: Nomad has removed them before they could be read)';

/** A log, by allocation and task. */
export interface LogName {
  readonly id: string;
  readonly task: string;
  readonly type: 'stdout' | 'stderr';
}

/** The reason of an unreadable log. */
export type UnreadLog = 'denied' | 'gone';

export interface LogWish {
  /** The number of lines before the first new one; undefined: all. */
  readonly last: number | undefined;
  /** Aborts when the task has ended; undefined: the log is not followed. */
  readonly over: AbortSignal | undefined;
  /** Takes the lines before the first new one. */
  readonly onTail?: (lines: readonly string[]) => void;
  /** Called when the connection of a followed log is lost. The log goes on when Nomad answers again. */
  readonly onLost?: () => void;
  /** Takes whole lines, in their order. The log is read no faster than that. */
  readonly tell: (lines: readonly string[]) => void | Promise<void>;
}

/** The cluster and the log that is read. */
interface Place extends Pick<Transport, 'send'> {
  readonly clock: Clock;
  readonly log: LogName;
  readonly namespace: string | undefined;
  readonly signal: AbortSignal;
}

/** A log that can't be read; `none`: there is none yet. */
type Unread = UnreadLog | 'none';

/**
 * Reads the lines of a log, and with `over` its new lines until the task has ended. Continues at the same byte after a lost connection. Resolves when all is
 * read, with the reason where the log can't be read. Rejects when the signal aborts, and with `unreachable` where the log is not followed.
 */
export async function readLog(place: Place, { last, over, onTail, onLost, tell }: LogWish): Promise<UnreadLog | undefined> {
  const lines = lineSplitter(MAX_LOG_BYTES);
  const put = async (found: readonly string[]): Promise<void> => {
    if (found.length > 0) await tell(found);
  };
  const begun = last === undefined ? { at: undefined, lines: [] } : await readTail(place, lines, last);
  if (typeof begun === 'string') return begun;
  // A line without an end is one of the last lines, where no more of it is awaited.
  const shown = over === undefined && last !== undefined ? lastOf([...begun.lines, ...rest(lines)], last) : begun.lines;
  if (onTail === undefined) await put(shown);
  else onTail(shown);
  let at = begun.at;
  const take = async ({ bytes, to }: LogPiece): Promise<void> => {
    at = to;
    await put(lines.push(bytes));
  };
  if (over !== undefined) {
    const unread = await followLog(place, {
      over,
      take,
      at: () => at,
      gap: async () => put([...rest(lines), GAP]),
      lost: () => onLost?.(),
    });
    if (unread !== undefined) return unread;
    await place.clock.sleep(LOG_DELAY_MS, place.signal);
  }
  // The log is read to its end once more: a stream does not tell when it has sent everything.
  if (over !== undefined || last === undefined) {
    const pieces = await openAt(place, at, false);
    if (typeof pieces !== 'string') for await (const piece of pieces.pieces) await take(piece);
  }
  await put(rest(lines));
  return undefined;
}

const lastOf = (lines: readonly string[], count: number): readonly string[] => lines.slice(Math.max(0, lines.length - count));
const rest = (lines: LineSplitter): string[] => [lines.end()].flatMap((line) => line ?? []);

/** Reads the last lines of a log as it is now. A begun line stays in the splitter. */
async function readTail(
  place: Place,
  lines: LineSplitter,
  last: number,
): Promise<UnreadLog | { readonly at: LogPlace | undefined; readonly lines: string[] }> {
  const window = Math.min(Math.max(last, 1) * BYTES_PER_LINE, MAX_LOG_BYTES);
  const pieces = await open(place, { origin: 'end', offset: window }, false);
  if (pieces === 'none') return { at: undefined, lines: [] };
  if (typeof pieces === 'string') return pieces;
  let [at, bytes]: [LogPlace | undefined, number] = [undefined, 0];
  const found: string[] = [];
  for await (const piece of pieces) {
    // A window that does not begin at the start of the log begins in a line, which may be part of a secret that the redactor can't find: drop the line.
    if (at === undefined && isBefore({ file: 0, at: 0 }, piece.from)) lines.skip();
    for (const line of lines.push(piece.bytes)) found.push(line);
    found.splice(0, found.length - last);
    bytes += piece.bytes.length;
    at = piece.to;
  }
  const isOneLine = found.length === 0 && last > 0 && bytes >= window && lines.isSkipping();
  return { at, lines: isOneLine ? [`(a line of more than ${window} bytes)`] : found };
}

interface FollowWish {
  readonly over: AbortSignal;
  readonly take: (piece: LogPiece) => Promise<void>;
  readonly at: () => LogPlace | undefined;
  /** Called where lines are missing. */
  readonly gap: () => Promise<void>;
  readonly lost: () => void;
}

/** Hands over the pieces of a log behind a place until the task is over, also after a lost connection. Returns why the log can't be read. */
async function followLog(place: Place, { over, take, at, gap, lost }: FollowWish): Promise<UnreadLog | undefined> {
  const signal = AbortSignal.any([place.signal, over]);
  for (let pauseMs = FIRST_PAUSE_MS; !over.aborted; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
    try {
      const opened = await openAt({ ...place, signal }, at(), true);
      if (opened === 'denied' || opened === 'gone') return opened;
      if (opened !== 'none') {
        if (opened.isGap) await gap();
        for await (const piece of opened.pieces) {
          await take(piece);
          pauseMs = FIRST_PAUSE_MS;
        }
      }
      await place.clock.sleep(pauseMs, signal);
    } catch (error) {
      place.signal.throwIfAborted();
      if (error instanceof ActionError && error.code !== 'unreachable') throw error;
      if (over.aborted) break;
      lost();
      await place.clock.sleep(pauseMs, signal).catch(() => undefined);
    }
  }
  place.signal.throwIfAborted();
  return undefined;
}

/** Opens a log behind a place, or at its start. `isGap`: the bytes behind the place are gone. */
async function openAt(
  place: Place,
  at: LogPlace | undefined,
  follow: boolean,
): Promise<Unread | { readonly pieces: AsyncIterable<LogPiece>; readonly isGap: boolean }> {
  for (const reach of at === undefined ? [undefined] : REACHES) {
    const pieces = await open(place, reach === undefined ? { origin: 'start', offset: 0 } : { origin: 'end', offset: reach }, follow);
    if (typeof pieces === 'string') return pieces;
    if (at === undefined) return { pieces, isGap: false };
    const first = await pieces.next();
    if (first.done === true) return { pieces, isGap: false };
    const isLate = isBefore(at, first.value.from);
    if (!isLate || reach === undefined) return { pieces: restOf(first.value, pieces, at), isGap: isLate };
    await pieces.return(undefined);
  }
  throw new Error('a log has a start');
}

async function* restOf(first: LogPiece, others: AsyncIterable<LogPiece>, at: LogPlace): AsyncGenerator<LogPiece> {
  const own = behind(first, at);
  if (own !== undefined) yield own;
  for await (const piece of others) {
    const part = behind(piece, at);
    if (part !== undefined) yield part;
  }
}

/** Opens a log at a distance from its end, or at its start. */
async function open(
  { send, log: { id, task, type }, namespace, signal }: Place,
  from: { readonly origin: 'start' | 'end'; readonly offset: number },
  follow: boolean,
): Promise<Unread | AsyncGenerator<LogPiece>> {
  const query = { task, type, follow: String(follow), ...from };
  const path = `/v1/client/fs/logs/${id}`;
  const call: Call = {
    method: 'GET',
    path,
    query,
    gives: 'stream',
    namespace,
    signal,
    accept: [400, 403, 404, 500],
    capability: 'read-logs',
  };
  const { status, text, bytes } = await send(call);
  if (bytes !== undefined) return piecesOf(bytes);
  return unreadOf(status, text) ?? 'none';
}

/** Returns why Nomad gives no log; undefined where the task has none yet. */
export function unreadOf(status: number, text: string): UnreadLog | undefined {
  if (status === 200) return undefined;
  if (status === 403) return 'denied';
  return status === 400 || API_WORDS.noLog.pattern.test(nomadsWords(text)) ? undefined : 'gone';
}
