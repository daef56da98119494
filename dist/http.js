import { r as __toESM } from "./rolldown-runtime.js";
import { y as connectionProblem } from "./runtime.js";
import { BlockList, isIPv4, isIPv6 } from "node:net";
import { lookup } from "node:dns";
// src/runtime/reach.ts
const ORDER = [
	"public",
	"private",
	"local"
];
/** Returns whether a kind of address is allowed where `allowed` is the widest kind. */
function within(kind, allowed) {
	return ORDER.indexOf(kind) <= ORDER.indexOf(allowed);
}
function list(...ranges) {
	const found = new BlockList();
	for (const [address, prefix] of ranges) found.addSubnet(address, prefix, isIPv6(address) ? "ipv6" : "ipv4");
	return found;
}
/** Returns the networks. They are made at their first use, because that takes milliseconds of the start. */
const networks = () => ({
	/** RFC 1918, RFC 6598 (carrier-grade NAT) and RFC 4193. */
	private: list(["10.0.0.0", 8], ["172.16.0.0", 12], ["192.168.0.0", 16], ["100.64.0.0", 10], ["fc00::", 7]),
	/** This machine, the link (with the metadata of clouds), multicast and reserved: https://www.iana.org/assignments/iana-ipv4-special-registry */
	local: list(["0.0.0.0", 8], ["127.0.0.0", 8], ["169.254.0.0", 16], ["192.0.0.0", 24], ["192.0.2.0", 24], ["192.88.99.0", 24], ["198.18.0.0", 15], ["198.51.100.0", 24], ["203.0.113.0", 24], ["224.0.0.0", 3], ["2001::", 23], ["2001:db8::", 32], ["2002::", 16]),
	globalV6: list(["2000::", 3]),
	/** Addresses of a cloud's metadata among the private ones. */
	metadata: list(["100.100.100.200", 32], ["fd00:ec2::254", 128])
});
let known;
/** Returns the kind of an IP address; undefined for a name. */
function reachOf(address) {
	const plain = address.replace(/^\[|\]$/g, "");
	if (!isIPv4(plain) && !isIPv6(plain)) return void 0;
	const family = isIPv6(plain) ? "ipv6" : "ipv4";
	known ??= networks();
	const isIn = (network) => network.check(plain, family);
	if (isIn(known.metadata)) return "local";
	if (isIn(known.private)) return "private";
	return isIn(known.local) || family === "ipv6" && !isIn(known.globalV6) ? "local" : "public";
}
// src/runtime/http.ts
/**
* Sends one HTTP/1.1 request over its own connection, and reads the answer up to its limit. Redirects are not followed. Proxies come from the environment
* (`HTTPS_PROXY`, `NO_PROXY`). Rejects with an `Error` in words when there is no answer, and with the signal's reason when the signal aborts.
*/
const request = async (url, { method, headers, body, timeoutMs, insecure, maxBytes, reach = "local", signal }) => {
	signal.throwIfAborted();
	const { EnvHttpProxyAgent } = await import("./undici2.js").then((m) => /* @__PURE__ */ __toESM(m.default, 1));
	const { origin, pathname, search, hostname } = new URL(url);
	const looking = lookingFor(reach);
	const literal = reachOf(hostname);
	if (literal !== void 0 && !within(literal, reach)) throw new Error(`${hostname} is an internal address`);
	const tls = { rejectUnauthorized: !insecure };
	const agent = new EnvHttpProxyAgent({
		connect: {
			...tls,
			lookup: looking.lookup
		},
		requestTls: tls,
		allowH2: false,
		headersTimeout: 0,
		bodyTimeout: 0
	});
	const timeout = AbortSignal.timeout(timeoutMs);
	const startedAt = performance.now();
	try {
		const response = await agent.request({
			origin,
			path: `${pathname}${search}`,
			method,
			headers: {
				"user-agent": "nomad-deploy",
				...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.reveal()]))
			},
			body: body ?? null,
			signal: AbortSignal.any([signal, timeout])
		});
		const { text, complete } = await readBody(response.body, maxBytes);
		const elapsedMs = Math.round(performance.now() - startedAt);
		const reached = literal ?? looking.found();
		const answer = {
			status: response.statusCode,
			headers: joined(response.headers),
			body: text,
			complete,
			elapsedMs
		};
		return reached === void 0 ? answer : {
			...answer,
			reached
		};
	} catch (error) {
		if (signal.aborted) throw signal.reason;
		throw new Error(timeout.aborted ? `no answer within ${timeoutMs / 1e3} s` : connectionProblem(error), { cause: error });
	} finally {
		await agent.destroy();
	}
};
/** Returns a lookup that connects only to allowed addresses. The name is not looked up again, so that it can't change in between. */
function lookingFor(reach) {
	let kind;
	return {
		found: () => kind,
		lookup: (host, options, callback) => lookup(host, {
			...options,
			all: true
		}, (error, all) => {
			if (error !== null) return callback(error, "");
			const allowed = all.filter(({ address }) => within(reachOf(address) ?? "local", reach));
			const [first] = allowed;
			if (first === void 0) return callback(/* @__PURE__ */ new Error(`${host} has an internal address`), "");
			kind = [
				"public",
				"private",
				"local"
			].find((one) => allowed.some(({ address }) => reachOf(address) === one));
			return options.all === true ? callback(null, allowed) : callback(null, first.address, first.family);
		})
	};
}
async function readBody(body, maxBytes) {
	const chunks = [];
	let bytes = 0;
	for await (const chunk of body) {
		chunks.push(chunk);
		bytes += chunk.length;
		if (bytes > maxBytes) break;
	}
	return {
		text: Buffer.concat(chunks).subarray(0, maxBytes).toString("utf8"),
		complete: bytes <= maxBytes
	};
}
/** Returns the headers by their names in lower case, repeated ones joined by commas. */
function joined(headers) {
	return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => value === void 0 ? [] : [[name.toLowerCase(), [value].flat().join(", ")]]));
}
export { request };
