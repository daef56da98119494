import { clip, oneLine, withoutEscapes } from '../text/index.ts';

/** The end of a log, oldest line first. */
export interface LogTail {
  readonly stream: 'stderr' | 'stdout';
  readonly lines: readonly string[];
}

/** The line of a task's log that says why the task ended. */
export interface TellingLine {
  readonly text: string;
  /** The line reads like an error, and is not just the last one. */
  readonly error: boolean;
}

const MAX_LENGTH = 160;

/** Characters of a line that are read: some of the patterns take a time that grows faster than the line. */
const MAX_READ = 16_384;
const MAX_MATCHED = 2_048;

/** The number of lines that are searched: the task survived older errors. */
const WINDOW = 20;

/** Lines that belong to an error beside them, or follow every failure: stack frames, excerpts of source, advice. */
const NOISE: readonly RegExp[] = [
  /^[\s^~|}\])({[,;.-]*$/,
  /^\s/,
  /^(at|from) .*[:(]\d+/,
  /^#\d+ /,
  /^(goroutine \d+ |created by |\[signal |exit status \d|rax |r\d+ )/,
  /^[\w./*()-]+\([^()]*\)$/,
  /^(traceback \(most recent call last\)|stack trace|stack backtrace|backtrace|stacktrace):?$/i,
  /^note: /,
  /^(During handling of|The above exception was)/,
  /^\(Background on this error at/,
  /^Node\.js v\d/,
  /^npm (notice|warn)\b/i,
  /^npm (ERR!|error)(\s*$| +(code|errno|path|command|signal|syscall|location|workspace|in workspace|npm|To see|Lifecycle|This is probably|A complete log)\b)/,
  /^(error Command failed with exit code|ELIFECYCLE|info Visit )/,
  /^make: \*\*\*/,
  /^\/?[\w./-]+:\d+$/,
  /^(throw |raise |process\.exit)/,
];

const STRONG: readonly RegExp[] = [
  /^\W*(panic|fatal|fatal error|error|exception|uncaught|unhandled|emerg|crit|critical)\b/i,
  /\b[A-Z]\w*(Error|Exception)\b(:|\)|$)/,
  /(^|[\s[:=|"])(panic|panicked|fatal|emerg|crit|critical)([\s\]:|"]|$)/i,
  /\blevel="?(error|fatal|panic|critical)\b/i,
  /[[\s](ERROR|ERR|SEVERE|FTL)[\]\s:]/,
];
const WEAK =
  /error|exception|fail|denied|refused|not found|cannot|can't|could not|couldn't|unable|missing|invalid|no such|not set|required|unknown|killed|abort|timed? ?out|not permitted|unreachable|expected/i;
const WARNING = /\bwarn(ing)?\b|deprecat/i;

/**
 * Returns the line that most likely says why a task ended: the last one that reads like an error (of stderr rather than stdout), without stack frames and
 * blank lines; otherwise the last line. Of a JSON line, the message counts.
 */
export function tellingLine(tails: readonly LogTail[]): TellingLine | undefined {
  const order = [...tails].sort((a, b) => Number(b.stream === 'stderr') - Number(a.stream === 'stderr'));
  const found = order.flatMap(({ lines }) => choose(lines.map(readLine)) ?? []);
  const best = found.find(({ error }) => error) ?? found[0];
  return best && { ...best, text: clip(oneLine(best.text), MAX_LENGTH) };
}

interface RankedLine {
  readonly text: string;
  readonly rank: 'strong' | 'weak' | 'plain' | 'noise' | 'blank';
}

function readLine(raw: string): RankedLine {
  const whole = withoutEscapes(raw.slice(0, MAX_READ))
    .replace(/(?!\t)\p{Cc}/gu, '')
    .trimEnd();
  const json = readJson(whole);
  if (json !== undefined) return json;
  const text = whole.slice(0, MAX_MATCHED);
  if (text.trim() === '') return { text, rank: 'blank' };
  if (NOISE.some((pattern) => pattern.test(text))) return { text: text.trim(), rank: 'noise' };
  if (STRONG.some((pattern) => pattern.test(text))) return { text, rank: 'strong' };
  return { text, rank: WEAK.test(text) && !WARNING.test(text) ? 'weak' : 'plain' };
}

/** Reads a line of a structured log: its message, and whether its level is an error. Levels as numbers are those of bunyan and pino. */
function readJson(text: string): RankedLine | undefined {
  if (!/^\s*\{.*\}\s*$/.test(text)) return undefined;
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof fields !== 'object' || fields === null) return undefined;
  const entries = new Map(Object.entries(fields).map(([key, value]) => [key.toLowerCase(), value as unknown]));
  const words = (key: string): string => {
    const value = entries.get(key);
    if (typeof value === 'string') return value;
    return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string' ? value.message : '';
  };
  const parts = ['msg', 'message', '@message', 'error', 'err', 'exception'].map(words).filter((part) => part !== '');
  const message = [...new Set(parts)].join(': ');
  if (message === '') return undefined;
  const level = ['level', 'severity', '@level', 'lvl'].map((key) => entries.get(key)).find((value) => value !== undefined);
  const isError = typeof level === 'number' ? level >= 50 : typeof level === 'string' && /err|fatal|crit|panic|emerg|alert/i.test(level);
  return { text: message, rank: isError ? 'strong' : 'plain' };
}

function choose(lines: readonly RankedLine[]): TellingLine | undefined {
  const telling = lines.filter(({ rank }) => rank !== 'blank' && rank !== 'noise').slice(-WINDOW);
  const last = telling.at(-1);
  if (last === undefined) {
    const other = lines.findLast(({ rank }) => rank !== 'blank');
    return other && { text: other.text, error: false };
  }
  const at = telling.findLastIndex(({ rank }) => rank === 'strong');
  const strong = telling[at];
  // The last words of a program count more than earlier errors.
  if (strong === undefined || (last.rank === 'weak' && !continues(strong))) {
    const weak = telling.findLast(({ rank }) => rank === 'weak');
    return { text: (weak ?? last).text, error: weak !== undefined };
  }
  const next = telling[at + 1];
  return { text: next !== undefined && continues(strong) ? `${strong.text} ${next.text}` : strong.text, error: true };
}

/** Returns whether the message is on the next line, as Rust and others write it. */
const continues = ({ text }: RankedLine): boolean => text.endsWith(':');
