import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const given = new Set<number>();

/** Whether nothing listens on the loopback port right now. */
function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer()
    .once('error', () => resolve(false))
    .listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  return promise;
}

/** The ports of most parts. */
const PORTS = { from: 12_000, to: 19_900 };

/**
 * A free loopback port, never given twice by this process. Below the range that the kernel takes outgoing connections from (and below
 * Nomad's dynamic ports), so that nothing takes it by chance before the part listens on it.
 */
export async function freePort({ from, to } = PORTS): Promise<number> {
  for (;;) {
    const port = randomInt(from, to);
    if (!given.has(port) && (await isFree(port))) {
      given.add(port);
      return port;
    }
  }
}
