// The only writer to stdout and stderr of the terminal program. Text from outside can contain escape sequences, which would move the cursor, change the title or
// answer a question, so it is written without control characters. Only `writeBytes` passes on what a remote program writes, as a terminal would get it.
import { write } from 'node:fs';
import { styleText } from 'node:util';

/** The control characters of C0 and C1, without tab and line feed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to remove
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** The time after which a terminal that took nothing is tried again. */
const RETRY_MS = 5;

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
      return process[stream].isTTY ? writeToTerminal(process[stream].fd, bytes) : writeToPipe(process[stream], bytes);
    },
  };
}

/** Node's own writes to a terminal stop the whole program while the terminal is slow, and with it the keys that would end the output. */
async function writeToTerminal(fd: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += await new Promise<number>((resolve, reject) =>
      write(fd, bytes, at, bytes.length - at, null, (error, written) => {
        if (error === null) resolve(written);
        else if (error.code === 'EAGAIN') setTimeout(() => resolve(0), RETRY_MS);
        else reject(error);
      }),
    );
  }
}

/** Rejects with `EPIPE` when nobody reads any more. */
async function writeToPipe(stream: NodeJS.WriteStream, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    // The error comes by the callback, and by an event that would end the program.
    if (stream.listenerCount('error') === 0) stream.on('error', () => undefined);
    stream.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

const clean = (text: string): string => text.replaceAll(CONTROL, '');
