// The only writer to stdout and stderr of the terminal program. Text from outside can contain escape sequences, which would move the cursor, change the title or
// answer a question, so it is written without control characters. Only `writeBytes` passes on what a remote program writes, as a terminal would get it.
import { styleText } from 'node:util';

/** The control characters of C0 and C1, without tab and line feed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to remove
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** A word of emphasis. */
export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'cyan' | 'green';

type Stream = 'stdout' | 'stderr';

/** The screen: a log, and below it lines that change. */
export interface Screen {
  /** Writes a line of the log, without control characters. */
  readonly line: (text: string, options?: { readonly stream?: Stream; readonly style?: Style }) => void;
  /** Replaces the changing lines; does nothing where standard output is no terminal. */
  readonly show: (lines: readonly string[]) => void;
  readonly writeBytes: (stream: Stream, bytes: Uint8Array) => Promise<void>;
}

/** Returns the screen of this process. */
export function openScreen(redact: (text: string) => string): Screen {
  let shown = 0;
  let current: readonly string[] = [];
  const erase = (): void => {
    if (shown > 0) process.stdout.write(`\u001b[${shown}A\u001b[0J`);
    shown = 0;
  };
  const draw = (): void => {
    const { columns = 80, rows = 24 } = process.stdout;
    // A line that wraps, or more lines than the screen has, could not be erased again.
    const fitting = current.slice(0, rows - 1).map((text) => clean(redact(text)).slice(0, columns - 1));
    if (fitting.length > 0) process.stdout.write(`${fitting.join('\n')}\n`);
    shown = fitting.length;
  };
  return {
    line: (text, { stream = 'stdout', style } = {}) => {
      const isTty = process[stream].isTTY;
      const clear = clean(redact(text));
      erase();
      process[stream].write(`${style === undefined ? clear : styleText(style, clear, { stream: process[stream] })}\n`);
      if (isTty || process.stdout.isTTY) draw();
    },
    show: (lines) => {
      if (!process.stdout.isTTY) return;
      erase();
      current = lines;
      draw();
    },
    writeBytes: async (stream, bytes) => {
      erase();
      if (process[stream].write(bytes)) return;
      await new Promise<void>((resolve) => process[stream].once('drain', resolve));
    },
  };
}

const clean = (text: string): string => text.replaceAll(CONTROL, '');
