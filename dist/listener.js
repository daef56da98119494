import { _ as ActionError, v as connectionCode } from "./runtime.js";
import { once } from "node:events";
import { createServer } from "node:http";
// src/runtime/listener.ts
const PAGE = "<!doctype html><meta charset=\"utf-8\"><title>nomad-deploy</title><p>You can close this page and go back to the terminal.";
/** Listens on this machine for the request to a path that is the awaited one: the browser's way back from a login. Throws `input-invalid` when the port is taken. */
const listenOnce = async ({ port, path, accepts, signal }) => {
	const { promise, resolve, reject } = Promise.withResolvers();
	promise.catch(() => void 0);
	const server = createServer((request, response) => {
		const url = URL.parse(request.url ?? "/", "http://localhost");
		if (url?.pathname !== path || request.method !== "GET") {
			response.writeHead(404).end();
			return;
		}
		if (!accepts(url.searchParams)) {
			response.writeHead(400).end();
			return;
		}
		response.writeHead(200, {
			"content-type": "text/html; charset=utf-8",
			connection: "close"
		}).end(PAGE, () => {
			resolve(url.searchParams);
			server.close();
		});
	});
	const end = () => {
		server.close();
		server.closeAllConnections();
		reject(signal.reason);
	};
	signal.addEventListener("abort", end, { once: true });
	server.listen(port, "127.0.0.1");
	await once(server, "listening").catch((cause) => {
		throw new ActionError("input-invalid", `this machine cannot listen at port ${port}: ${connectionCode(cause)}`, {
			cause,
			hint: "Another login may be waiting there, of this program or of `nomad login`. End it, and run the command again."
		});
	});
	return {
		url: `http://localhost:${port}${path}`,
		query: promise
	};
};
export { listenOnce };
