import { write } from 'node:fs';

/** The time after which a terminal that took nothing is tried again. */
const RETRY_MS = 5;

/** Writes bytes to a stream of this process. Resolves when it has taken them, and rejects with `EPIPE` when nobody reads any more. */
export async function writeBytesTo(stream: typeof process.stdout | typeof process.stderr, bytes: Uint8Array): Promise<void> {
  return stream.isTTY ? writeToTerminal(stream.fd, bytes) : writeToPipe(stream, bytes);
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

async function writeToPipe(stream: NodeJS.WriteStream, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    // The error comes by the callback, and by an event that would end the program.
    if (stream.listenerCount('error') === 0) stream.on('error', () => undefined);
    stream.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
