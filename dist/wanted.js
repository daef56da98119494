import { ir as policyText, nr as mergeRules, tr as beforeFinePolicies } from "./steps.js";
import { _ as ActionError } from "./runtime.js";
import { createHash } from "node:crypto";
// src/access/binds.ts
/** The words of a bind, the claims that they stand for, and the values of these claims. */
const WORDS = {
	branch: (value) => ["ref", `refs/heads/${value}`],
	tag: (value) => ["ref", `refs/tags/${value}`],
	environment: (value) => ["environment", value],
	workflow: (value) => ["job_workflow_ref", value],
	event: (value) => ["event_name", value]
};
/**
* Events whose ref names the code of the run. Others, such as `pull_request_target`, have the default branch as ref, whatever code they check out, so that a
* rule with a ref alone would let that code in.
*/
const OF_REF = [
	"push",
	"schedule",
	"workflow_dispatch"
];
const HINT = "Write words such as `branch=main`, `tag=v1`, `environment=production` or `event=push`, and `plan` before them for a role that changes nothing: docs/authentication.md lists all words.";
/** The longest value. GitHub's limit of a branch is 255 bytes. */
const MAX_VALUE = 400;
/** Reads a bind: words with blanks between them, all of which must hold. Throws `input-invalid`. */
function parseBind(text) {
	const words = text.split(/\s+/).filter((word) => word !== "");
	const isPlan = words[0] === "plan";
	const claims = {};
	for (const word of isPlan ? words.slice(1) : words) {
		const at = word.indexOf("=");
		const [name, value] = [word.slice(0, Math.max(0, at)), word.slice(at + 1)];
		const claimOf = Object.hasOwn(WORDS, name) ? WORDS[name] : void 0;
		if (claimOf === void 0 || !/^[\x21-\x7e\u00a1-\uffff]+$/.test(value) || /["\\`]/.test(value) || value.length > MAX_VALUE) throw new ActionError("input-invalid", `\`bind\`: ${JSON.stringify(word)} is not a word about runs`, { hint: HINT });
		const [claim, wanted] = claimOf(value);
		claims[claim] = [...claims[claim] ?? [], wanted];
	}
	if (Object.keys(claims).length === 0) throw new ActionError("input-invalid", `\`bind\`: ${JSON.stringify(text)} says nothing about runs`, { hint: HINT });
	const byRef = claims["ref"] !== void 0 && claims["event_name"] === void 0;
	return {
		text: words.join(" "),
		kind: isPlan ? "plan" : "deploy",
		claims: byRef ? {
			...claims,
			event_name: OF_REF
		} : claims
	};
}
/** Returns the selector of a bind: the repository first, because every other claim could be that of a stranger's repository. */
function selectorOf({ claims }, repositoryId) {
	const equal = (claim, value) => `value.${claim} == "${value}"`;
	const terms = Object.entries(claims).map(([claim, values]) => {
		const any = values.map((value) => equal(claim, value)).join(" or ");
		return values.length === 1 ? any : `(${any})`;
	});
	return [equal("repository_id", repositoryId), ...terms].join(" and ");
}
// src/access/wanted.ts
/** The claims that selectors can name. docs/authentication.md shows the same. */
const CLAIMS = [
	"repository",
	"repository_id",
	"repository_owner_id",
	"ref",
	"environment",
	"event_name",
	"job_workflow_ref",
	"run_id"
];
/** The life of a token, which a run renews: docs/authentication.md says why it is short. */
const TTL = "15m0s";
/** The name of each token, which also marks an auth method as one of setup: Nomad gives an auth method no description. */
const TOKEN_NAME = `nomad-deploy $\{value.repository} $\{value.run_id}`;
/** Nomad's limit of the name of a policy, role, auth method or namespace. */
const MAX_NAME = 128;
const DIGEST_DIGITS = 8;
const BEGIN = "nomad-deploy setup: ";
/** Returns the description of each object, by which it is known as one of this repository. */
const markOf = ({ repository, id }) => `${BEGIN}${repository} (repository ${id})`;
/** Returns whether a description is one of this repository, also under an older name. */
const isMarked = (description, { id }) => description.startsWith(BEGIN) && description.endsWith(` (repository ${id})`);
/** Returns a name that Nomad takes: letters, digits and dashes, cut with a hash where it is too long. */
function nameOf(...parts) {
	const whole = parts.join("-").replaceAll(/[^a-zA-Z0-9-]/g, "-");
	if (whole.length <= MAX_NAME && whole === parts.join("-")) return whole;
	const digest = createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, DIGEST_DIGITS);
	return `${whole.slice(0, 119)}-${digest}`;
}
/** Returns the name of the role for runs that only plan. */
const planName = (name) => nameOf(name, "plan");
/** Returns the objects that a setup wishes for. */
function wantedOf(wish) {
	const { owner, name, grants, binds, method, namespaces } = wish;
	const Description = markOf(owner);
	const roles = [{
		kind: "deploy",
		role: name,
		rules: ({ deploys }) => deploys
	}, {
		kind: "plan",
		role: planName(name),
		rules: ({ plans }) => plans
	}].filter(({ kind }) => binds.some((bind) => bind.kind === kind)).map(({ role, rules }) => ({
		role,
		policies: grants.map((grant) => ({
			Name: grants.length === 1 ? role : nameOf(role, grant.jobId),
			Description,
			Rules: policyText(mergeRules(wish.isOlder ? rules(grant).map(beforeFinePolicies) : rules(grant)), grant)
		}))
	}));
	return {
		roleNames: [name, planName(name)],
		namespaces: namespaces.map((Name) => ({
			Name,
			Description
		})),
		policies: roles.flatMap(({ policies }) => policies),
		roles: roles.map(({ role, policies }) => ({
			Name: role,
			Description,
			Policies: policies.map(({ Name }) => ({ Name }))
		})),
		method: methodOf(wish),
		rules: binds.map((bind) => ({
			Description,
			AuthMethod: method,
			Selector: selectorOf(bind, owner.id),
			BindType: "role",
			BindName: bind.kind === "plan" ? planName(name) : name
		}))
	};
}
/** Returns the selectors of the rules. */
const selectorsOf = ({ binds, owner }) => binds.map((bind) => selectorOf(bind, owner.id));
/** Returns the auth method that takes GitHub's ID tokens with this audience. */
function methodOf({ method, issuer, audience }) {
	return {
		Name: method,
		Type: "JWT",
		TokenLocality: "local",
		MaxTokenTTL: TTL,
		TokenNameFormat: TOKEN_NAME,
		Config: {
			JWKSURL: `${issuer}/.well-known/jwks`,
			BoundIssuer: [issuer],
			BoundAudiences: [audience],
			SigningAlgs: ["RS256"],
			ClaimMappings: Object.fromEntries(CLAIMS.map((claim) => [claim, claim]))
		}
	};
}
/**
* Returns the issuer of the ID tokens of a server: GitHub's own, that of a tenant of GHE.com, or that of a GitHub Enterprise Server. See
* https://docs.github.com/actions/concepts/security/openid-connect
*/
function issuerOf(server) {
	const { origin, hostname } = new URL(server);
	if (hostname === "github.com") return "https://token.actions.githubusercontent.com";
	if (hostname.endsWith(".ghe.com")) return `https://token.actions.${hostname}`;
	return `${origin}/_services/token`;
}
export { selectorsOf as a, nameOf as i, isMarked as n, wantedOf as o, issuerOf as r, parseBind as s, TOKEN_NAME as t };
