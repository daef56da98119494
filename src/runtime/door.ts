// The only writer to stdout and stderr. The runner reads commands from both streams, so text from outside must not reach them unchanged: it could register
// masks, save state for the post step, or stop all commands and show masked values.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { messageOf } from '../errors.ts';
import type { Env } from './runtime.ts';

/** The commands of this action to the runner. */
type RunnerCommand = 'add-mask' | 'debug' | 'error' | 'warning' | 'notice' | 'group' | 'endgroup';

/** The longest line of a dependency. Longer lines are split. */
const MAX_FOREIGN_LINE = 16_384;

let write = (text: string): void => void process.stdout.write(text);
let redact = (text: string): string => text;

/** Sets the function that replaces masked values in all output. */
export function redactBy(how: (text: string) => string): void {
  redact = how;
}

/**
 * Replaces the writers of stdout and stderr for the rest of the process: text of a dependency or of Node becomes a debug command, and an uncaught error becomes
 * one `error` command and exit code 1. Call it before anything else.
 */
export function takeOver(): void {
  const { stdout, stderr } = process;
  const own = stdout.write.bind(stdout);
  write = (text) => void own(text);
  const flush = [stdout, stderr].map((stream) => {
    const lines = foreignLines((line) => command('debug', {}, line));
    stream.write = (chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
      lines.add(typeof chunk === 'string' ? Buffer.from(chunk, isEncoding(encoding) ? encoding : 'utf8') : chunk);
      const callback = typeof encoding === 'function' ? encoding : done;
      if (typeof callback === 'function') process.nextTick(callback);
      return true;
    };
    return lines.flush;
  });
  // Node's own listener for warnings bypasses `process.stderr`.
  process.removeAllListeners('warning');
  process.on('warning', (warning) => command('debug', {}, `${warning.name}: ${warning.message}`));
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      command('error', { title: 'unexpected' }, messageOf(error));
      process.exit(1);
    });
  }
  process.once('exit', () => {
    for (const rest of flush) rest();
  });
}

/** Joins writes to whole lines, so that a command split over two writes is found. */
function foreignLines(say: (line: string) => void): { readonly add: (chunk: Uint8Array) => void; readonly flush: () => void } {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const tell = (line: string): void => {
    for (let at = 0; at < line.length; at += MAX_FOREIGN_LINE) say(line.slice(at, at + MAX_FOREIGN_LINE));
  };
  return {
    add: (chunk) => {
      const lines = `${rest}${decoder.write(Buffer.from(chunk))}`.split(/\r\n|\n|\r/);
      rest = lines.pop() ?? '';
      if (rest.length > MAX_FOREIGN_LINE) lines.push(rest);
      if (rest.length > MAX_FOREIGN_LINE) rest = '';
      for (const line of lines) tell(line);
    },
    flush: () => {
      tell(rest);
      rest = '';
    },
  };
}

function isEncoding(value: unknown): value is BufferEncoding {
  return typeof value === 'string' && Buffer.isEncoding(value);
}

/** Writes a text to the log, redacted and without commands. */
export function print(text: string): void {
  write(`${neutral(redact(text))}\n`);
}

/** Resolves when the reader of the output has caught up, so that a long text does not fill the memory. */
export async function drained(): Promise<void> {
  if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain').catch(() => undefined);
}

/** Writes a command to the runner, with redacted text and properties. Properties without a value are left out. */
export function command(name: RunnerCommand, properties: Readonly<Record<string, string | number | undefined>>, text: string): void {
  const given = Object.entries(properties)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([key, value]) => `${key}=${escapeProperty(neutral(redact(String(value))))}`)
    .join(',');
  write(`::${name}${given === '' ? '' : ` ${given}`}::${escapeData(neutral(redact(text)))}\n`);
}

/** Asks the runner to mask a text in the log of the whole job. */
export function maskInJob(text: string): void {
  write(`::add-mask::${escapeData(text)}\n`);
}

/**
 * Sets an output (`GITHUB_OUTPUT`) or a value for the post step (`GITHUB_STATE`) in the runner's file. Without the file, nothing is set: the commands of older
 * runners, which are in the log, are not used.
 */
export function writeRunnerFile(file: 'GITHUB_OUTPUT' | 'GITHUB_STATE', env: Env, name: string, value: string): void {
  const path = env[file];
  if (path === undefined || path === '') return;
  const end = `end_${randomUUID()}`;
  appendFileSync(path, `${name}<<${end}\n${value}\n${end}\n`);
}

/** Characters that .NET ignores when it compares texts: invisible ones, most marks of Hebrew, Arabic and the like, and five letters. */
const WEIGHTLESS = String.raw`\p{Cc}\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}\u0640\u07fa\u180a\u1cd3\ufe73`;
const UNSEEN = `[${WEIGHTLESS}]*`;
const LINE_END = String.raw`[\n\v\f\r\u0085\u2028\u2029]`;
// With a Japanese culture, .NET takes the wide forms of `:`, `#` and `[` for the same characters.
const LINE_COMMAND = new RegExp(
  String.raw`(^|${LINE_END})((?:(?!${LINE_END})[${WEIGHTLESS}\p{Z}])*)([:\uff1a])(?=${UNSEEN}[:\uff1a])`,
  'gu',
);
const OLD_COMMAND = new RegExp(String.raw`([#\uff03]${UNSEEN}[#\uff03]${UNSEEN})([[\uff3b])`, 'gu');

/**
 * Returns a text without runner commands. For the runner, a command is a line that begins with `::` after blanks, or that contains `##[`. It compares by a .NET
 * culture, which ignores characters without weight, so a blank is inserted, which is not ignored.
 * See https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 */
export function neutral(text: string): string {
  return text.replace(LINE_COMMAND, '$1$2$3 ').replace(OLD_COMMAND, '$1 $2');
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
