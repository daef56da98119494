import { _ as ActionError, d as randomHex, p as secret } from "./runtime.js";
import { Sr as nomadsWords, _r as describeToken } from "./steps.js";
import { Fn as formatDuration } from "./start.js";
// src/nomad/oidc.ts
/** Logins in a browser: https://developer.hashicorp.com/nomad/api-docs/acl/oidc. The answer of `complete` is a secret. */
function oidcLogins({ send }) {
	return {
		/** Reads the auth methods of the cluster, which needs no token. */
		methods: async () => {
			const { status, json } = await send({
				method: "GET",
				path: "/v1/acl/auth-methods",
				accept: [400],
				capability: "login"
			});
			if (status === 400) throw new ActionError("input-invalid", "this cluster has no ACLs", { hint: "It needs no login and no token." });
			return json ?? [];
		},
		/** Returns the address for the browser. Throws `input-invalid` with Nomad's words when the auth method does not take the login. */
		authUrl: async ({ method, redirectUri, nonce }) => {
			const { status, text, json } = await send({
				method: "POST",
				path: "/v1/acl/oidc/auth-url",
				body: JSON.stringify({
					AuthMethodName: method,
					RedirectURI: redirectUri,
					ClientNonce: nonce
				}),
				accept: [400, 500],
				capability: "login",
				repeatable: true
			});
			if (status === 200) return json.AuthURL;
			throw new ActionError("input-invalid", `the auth method ${method} refuses a login in a browser: ${nomadsWords(text)}`, { hint: `Add ${redirectUri} to AllowedRedirectURIs of the auth method, as for \`nomad login\`.` });
		},
		/** Exchanges the code of the identity provider for a token of Nomad. Throws `permission-denied` with Nomad's words. */
		complete: async ({ method, redirectUri, nonce }, { state, code, iss }) => {
			const { status, text, json } = await send({
				method: "POST",
				path: "/v1/acl/oidc/complete-auth",
				body: JSON.stringify({
					AuthMethodName: method,
					ClientNonce: nonce,
					State: state,
					Code: code,
					Iss: iss,
					RedirectURI: redirectUri
				}),
				accept: [
					400,
					401,
					403,
					500
				],
				capability: "login"
			});
			if (status === 200) return json;
			throw new ActionError("permission-denied", `Nomad refused the login with the auth method ${method}: ${nomadsWords(text)}`, {
				hint: "A binding rule of the auth method must match: `nomad acl binding-rule list`.",
				needsLogin: true
			});
		}
	};
}
// src/commands/login.ts
/** The port of the way back, the one of `nomad login`, so that one entry of AllowedRedirectURIs serves both. */
const PORT = 4649;
const PATH = "/oidc/callback";
const NONCE_DIGITS = 40;
/** The time for the person and the identity provider. */
const LOGIN_MS = 3e5;
/** `login`: logs in to the cluster in a browser (OIDC), and keeps the token for later commands at this cluster. The token is never shown. */
async function login({ address, nomad, stronger, method: named, terminal }, { runtime }) {
	const { log, clock, mask } = runtime;
	const late = clock.timeout(LOGIN_MS);
	const signal = AbortSignal.any([runtime.signal, late]);
	const logins = oidcLogins(nomad);
	const method = named ?? defaultOf(await logins.methods(), address);
	let state;
	const accepts = (query) => state === null || query.get("state") === state;
	const back = await terminal.listenOnce({
		port: PORT,
		path: PATH,
		accepts,
		signal
	});
	const attempt = {
		method,
		redirectUri: back.url,
		nonce: randomHex(clock, NONCE_DIGITS)
	};
	const url = await logins.authUrl(attempt);
	state = URL.parse(url)?.searchParams.get("state") ?? null;
	terminal.say(`Log in in the browser: ${url}`);
	terminal.openPage(url).catch(() => void 0);
	const query = await back.query.catch((error) => {
		throw late.aborted && !runtime.signal.aborted ? new ActionError("timed-out", `nobody logged in within ${formatDuration(LOGIN_MS)}`) : error;
	});
	const refused = query.get("error_description") ?? query.get("error");
	if (refused !== null) throw new ActionError("permission-denied", `the identity provider refused the login: ${refused}`, { needsLogin: true });
	const code = query.get("code") ?? "";
	mask(code);
	const token = await logins.complete(attempt, {
		state: query.get("state") ?? "",
		code,
		iss: query.get("iss") ?? ""
	});
	mask(token.SecretID);
	await terminal.tokens.keep(address, {
		token: secret(token.SecretID),
		expiresAt: token.ExpirationTime
	});
	const until = token.ExpirationTime === void 0 ? "" : `, valid until ${token.ExpirationTime}`;
	terminal.say(`Logged in at ${address} with the auth method ${method}: token ${describeToken(token)}${until}`);
	if (stronger !== void 0) log.warning(`${stronger} is set, and counts before this login.`);
	return { outcome: "reported" };
}
function defaultOf(all, address) {
	const oidc = all.filter(({ Type }) => Type === "OIDC");
	const [only] = oidc.filter(({ Default }) => Default === true || oidc.length === 1);
	if (only !== void 0) return only.Name;
	const names = oidc.map(({ Name }) => Name).join(", ");
	throw oidc.length === 0 ? new ActionError("input-invalid", `${address} has no auth method for a login in a browser`, { hint: "Ask the operator for an auth method of the type OIDC, or set NOMAD_TOKEN." }) : new ActionError("input-invalid", `${address} has several auth methods for a login in a browser, and no default`, { hint: `Name one with --auth-method: ${names}.` });
}
export { login };
