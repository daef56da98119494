import { on, once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Connection, Terminal } from './runtime.ts';

/** Listens on this machine, for its own programs only. Rejects with the error of the system when the port is taken. */
export const listen: Terminal['listen'] = async ({ port, signal }) => {
  // A program may end its side of a connection and wait for the answer.
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  const accepted: AsyncIterable<Socket[]> = on(server, 'connection', { signal });
  signal.addEventListener('abort', () => server.close(), { once: true });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  async function* connections(): AsyncGenerator<Connection> {
    try {
      for await (const sockets of accepted) yield* sockets.map(connectionOf);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      server.close();
    }
  }
  return connections();
};

function connectionOf(socket: Socket): Connection {
  // The reader sees the error; without a listener it would end the process.
  socket.on('error', () => undefined);
  return {
    input: socket.iterator({ destroyOnReturn: false }),
    write: async (bytes) => {
      if (!socket.writable || socket.write(bytes)) return socket.writable;
      const over = new AbortController();
      const either = (['drain', 'close'] as const).map(async (name) => once(socket, name, { signal: over.signal }).catch(() => undefined));
      await Promise.race(either);
      over.abort();
      return socket.writable;
    },
    end: () => socket.end(),
    destroy: () => socket.destroy(),
  };
}
