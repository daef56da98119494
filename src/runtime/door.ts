// The one door to the runner: nothing reaches stdout or stderr but through this file. The runner reads both streams for commands, so that a text from
// outside that came by another way could register masks, save state for the post step, or stop all commands and show what is masked.
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { messageOf } from '../errors.ts';
import type { Env } from './runtime.ts';

/** The commands that this action gives to the runner. */
type RunnerCommand = 'add-mask' | 'debug' | 'error' | 'warning' | 'notice' | 'group' | 'endgroup';

/** A longer line from a dependency is shown in pieces. */
const MAX_FOREIGN_LINE = 16_384;

let write = (text: string): void => void process.stdout.write(text);
let redact = (text: string): string => text;

/** Sets how masked values are replaced in everything that goes through the door. */
export function redactBy(how: (text: string) => string): void {
  redact = how;
}

/**
 * Takes stdout and stderr over, for the rest of the process: a text that anybody else writes (a dependency, Node's warnings) becomes a debug command, and
 * an error that nothing caught becomes one `error` command and exit code 1. To be called before anything else runs.
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
  // Node's own listener for warnings writes past `process.stderr`.
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

/** Collects what is written in pieces to whole lines, so that a command that is split over two writes is seen. */
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

/** Writes a text to the log, in which nothing is masked any more and nothing is a command. */
export function print(text: string): void {
  write(`${neutral(redact(text))}\n`);
}

/** Gives a command to the runner. What is masked is replaced in its text and properties; without a value, a property is left out. */
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
 * Sets an output (`GITHUB_OUTPUT`) or a value for the post step (`GITHUB_STATE`) by the file that the runner gives for it. Without the file nothing is set:
 * the commands of older runners, which stand in the log, are not used.
 */
export function writeRunnerFile(file: 'GITHUB_OUTPUT' | 'GITHUB_STATE', env: Env, name: string, value: string): void {
  const path = env[file];
  if (path === undefined || path === '') return;
  const end = `end_${randomUUID()}`;
  appendFileSync(path, `${name}<<${end}\n${value}\n${end}\n`);
}

/** Characters that .NET passes over when it compares texts: what nobody sees, and most marks of Hebrew, Arabic and the like, with five letters as weightless. */
const WEIGHTLESS = String.raw`\p{Cc}\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}\u0640\u07fa\u180a\u1cd3\ufe73`;
const UNSEEN = `[${WEIGHTLESS}]*`;
const LINE_END = String.raw`[\n\v\f\r\u0085\u2028\u2029]`;
// In Japanese, the wide forms of `:`, `#` and `[` are the same as these.
const LINE_COMMAND = new RegExp(
  String.raw`(^|${LINE_END})((?:(?!${LINE_END})[${WEIGHTLESS}\p{Z}])*)([:\uff1a])(?=${UNSEEN}[:\uff1a])`,
  'gu',
);
const OLD_COMMAND = new RegExp(String.raw`([#\uff03]${UNSEEN}[#\uff03]${UNSEEN})([[\uff3b])`, 'gu');

/**
 * A text in which the runner finds no command. It takes a line for one that begins with `::` after blanks, or that has `##[` anywhere; it compares as .NET does
 * with a culture, which passes over characters without weight. So a blank is put in between, which it does not pass over.
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
