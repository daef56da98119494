import { on, once } from "node:events";
import { createServer } from "node:net";
// src/runtime/connections.ts
/** Listens on this machine, for its own programs only. Rejects with the error of the system when the port is taken. */
const listen = async ({ port, signal }) => {
	const server = createServer({
		allowHalfOpen: true,
		noDelay: true
	});
	const accepted = on(server, "connection", { signal });
	signal.addEventListener("abort", () => server.close(), { once: true });
	server.listen(port, "127.0.0.1");
	await once(server, "listening");
	async function* connections() {
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
function connectionOf(socket) {
	socket.on("error", () => void 0);
	return {
		input: socket.iterator({ destroyOnReturn: false }),
		write: async (bytes) => {
			if (!socket.writable || socket.write(bytes)) return socket.writable;
			const over = new AbortController();
			const either = ["drain", "close"].map(async (name) => once(socket, name, { signal: over.signal }).catch(() => void 0));
			await Promise.race(either);
			over.abort();
			return socket.writable;
		},
		end: () => socket.end(),
		destroy: () => socket.destroy()
	};
}
export { listen };
