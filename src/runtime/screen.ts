// The only writer to stdout and stderr of the terminal program. Text from outside can contain escape sequences, which would move the cursor, change the title or
// answer a question, so it is written without control characters. Only `writeBytes` passes on what a remote program writes, as a terminal would get it.
import { styleText } from 'node:util';
import { plainText } from './plain.ts';
import type { Line, Style } from './runtime.ts';
import { cutAt, widthOf } from './width.ts';
import { writeBytesTo } from './write-bytes.ts';

type Stream = 'stdout' | 'stderr';

/** The screen: a log, and below it lines that change. */
export interface Screen {
  /** Writes a line of the log, without control characters. */
  readonly line: (text: Line, options?: { readonly stream?: Stream; readonly style?: Style }) => void;
  /** Replaces the changing lines; does nothing where standard output is no terminal. */
  readonly show: (lines: readonly Line[]) => void;
  /** Replaces the line of progress, below the others. */
  readonly progress: (line: string | undefined) => void;
  readonly writeBytes: (stream: Stream, bytes: Uint8Array) => Promise<void>;
  /** Writes the held lines. */
  readonly release: () => void;
}

/** Returns the screen of this process. `held`: the lines of the log wait until they are released. */
export function openScreen(redact: (text: string) => string, held = false): Screen {
  const waiting: (() => void)[] = [];
  const { stdout } = process;
  /** The widths of the changing lines that are on the screen. */
  let shown: readonly number[] = [];
  let block: readonly Line[] = [];
  let progress: string | undefined;
  const painted = (text: Line, stream: Stream, width?: number): { readonly text: string; readonly width: number } => {
    let left = width ?? Number.POSITIVE_INFINITY;
    let out = '';
    let total = 0;
    for (const part of typeof text === 'string' ? [text] : text) {
      const [style, words] = typeof part === 'string' ? [undefined, part] : part;
      // A colour within a masked value would keep it from being found.
      const whole = redact(plainText(redact(words)));
      const fitting = width === undefined ? whole : cutAt(whole.replaceAll(/[\t\n]+/g, ' '), left);
      if (width !== undefined) {
        const own = widthOf(fitting);
        left -= own;
        total += own;
      }
      out += style === undefined || fitting === '' ? fitting : styleText(style, fitting, { stream: process[stream] });
    }
    return { text: out, width: total };
  };
  /** Returns what takes the changing lines away. A terminal that has become narrower has wrapped them. */
  const erased = (): string => {
    const { columns } = stdout;
    const rows = shown.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    shown = [];
    return rows === 0 ? '' : `\u001b[${rows}A\r\u001b[0J`;
  };
  const drawn = (): string => {
    const { columns, rows } = stdout;
    const all = progress === undefined ? block : [...block, progress];
    // A line that wraps, or more lines than the screen has, could not be erased again.
    const room = Math.max(1, rows - 1);
    const fitting = all.length > room ? [...all.slice(0, room - 1), `… ${all.length - room + 1} more lines`] : all;
    const lines = fitting.map((text) => painted(text, 'stdout', Math.max(1, columns - 1)));
    shown = lines.map(({ width }) => width);
    return lines.map(({ text }) => `${text}\n`).join('');
  };
  // One write for each change, so that nothing flickers.
  let follows = false;
  const redraw = (): void => {
    if (!stdout.isTTY) return;
    stdout.write(erased() + drawn());
    if (!follows) stdout.on('resize', redraw);
    follows = true;
  };
  const write: Screen['line'] = (text, { stream = 'stdout', style } = {}) => {
    const out = painted(style === undefined || typeof text !== 'string' ? text : [[style, text]], stream).text;
    if (!stdout.isTTY) process[stream].write(`${out}\n`);
    else if (stream === 'stdout') stdout.write(`${erased()}${out}\n${drawn()}`);
    else {
      stdout.write(erased());
      process.stderr.write(`${out}\n`);
      stdout.write(drawn());
    }
  };
  return {
    line: (text, options) => {
      if (held) waiting.push(() => write(text, options));
      else write(text, options);
    },
    release: () => {
      for (const writeOne of waiting.splice(0)) writeOne();
    },
    show: (lines) => {
      if (block.length === 0 && lines.length === 0) return;
      block = lines;
      redraw();
    },
    progress: (line) => {
      if (progress === line) return;
      progress = line;
      redraw();
    },
    writeBytes: async (stream, bytes) => {
      if (stdout.isTTY) stdout.write(erased());
      return writeBytesTo(process[stream], bytes);
    },
  };
}
