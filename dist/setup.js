import { E as toActionError, _ as ActionError } from "./runtime.js";
import { Ur as lineDiff, cr as selectorValues, dr as namesIn, lr as termText, sr as claimsOf, ur as judgeSelector, xr as accessControl } from "./steps.js";
import { n as isMarked, o as wantedOf } from "./wanted.js";
import { bn as hclLiteral } from "./start.js";
// src/access/explain.ts
/** The log of a run has a claim a line. */
const MAX_LINES = 200;
/** The digits of an id that tell it from others. */
const ID_DIGITS = 8;
/**
* Reads claims: a JSON object, or lines as the log of a refused login has them (`ref=refs/heads/main`), also with the times of GitHub's log. Throws
* `input-invalid` for a text without a claim.
*/
function parseClaims(text) {
	const trimmed = text.trim();
	const claims = trimmed.startsWith("{") ? claimsOf(parsed(trimmed)) : Object.fromEntries(trimmed.split("\n").slice(0, MAX_LINES).flatMap(claimIn));
	if (Object.keys(claims).length > 0) return claims;
	throw new ActionError("input-invalid", "`claims`: the file has no claim", { hint: "Write an ID token's claims as JSON, or copy the lines below \"All claims of the ID token\" from the log of the run, such as `ref=refs/heads/main`." });
}
function parsed(text) {
	try {
		return JSON.parse(text);
	} catch {
		return;
	}
}
function claimIn(line) {
	const [, name, value = ""] = /^(?:\S+Z )?[ \t]*([a-z_]+)=(.*)$/.exec(line.replace(/\r$/, "")) ?? [];
	if (name === void 0) return [];
	const list = value.startsWith("[") ? claimsOf({ [name]: parsed(value) })[name] : void 0;
	return [[name, typeof list === "object" ? [...list] : value === "(none)" ? "" : value]];
}
/** Reads the auth method and its rules, and looks for their roles and policies. Throws `input-invalid` where there is no such auth method. */
async function readLogin(name, control) {
	const method = await control.method(name);
	if (method === void 0) throw new ActionError("input-invalid", `this cluster has no auth method ${name}`, { hint: "`nomad-deploy setup` creates it; `nomad acl auth-method list` lists the others." });
	const rules = await control.rules(name);
	const existing = /* @__PURE__ */ new Set();
	for (const { BindType, BindName } of rules) {
		const read = BindType === "role" ? control.role : control.policy;
		if (BindName.includes("${") || BindType === "management" || await read(BindName) !== void 0) existing.add(BindName);
	}
	return {
		method,
		rules,
		existing
	};
}
/** Returns whether a token with these claims may log in, and the reasons as lines, with both values. */
function explainLogin(claims, { method, rules, existing }) {
	const { BoundIssuer, BoundAudiences, ClaimMappings, ListClaimMappings } = method.Config ?? {};
	const mappings = {
		value: ClaimMappings ?? {},
		list: ListClaimMappings ?? {}
	};
	const bound = [boundProblem("BoundIssuer", BoundIssuer, "iss", claims), boundProblem("BoundAudiences", BoundAudiences, "aud", claims)].filter((line) => line !== void 0).map((line) => `The auth method ${method.Name}: ${line}`);
	const judged = rules.map((rule) => judgeRule(rule, claims, mappings, existing));
	const none = rules.length === 0 ? [`The auth method ${method.Name} has no binding rule.`] : [];
	return {
		allowed: bound.length === 0 && judged.some(({ gives }) => gives),
		lines: [
			...bound,
			...none,
			...judged.map(({ line }) => line)
		]
	};
}
function boundProblem(field, bound, claim, claims) {
	const given = claims[claim];
	if (given === void 0 || (bound ?? []).length === 0 || [given].flat().some((one) => bound?.includes(one))) return void 0;
	return `${field} is ${(bound ?? []).join(", ")}, and the token has ${claim}=${[given].flat().join(", ")}.`;
}
function judgeRule({ ID, Selector, BindType, BindName }, claims, mappings, existing) {
	const what = `Binding rule ${ID.slice(0, ID_DIGITS)} (${BindType}${BindName === "" ? "" : ` ${BindName}`})`;
	const { holds, failed } = judgeSelector(Selector, selectorValues(claims, mappings));
	if (holds === void 0) return {
		gives: false,
		line: `${what}: the selector \`${Selector}\` has a form that is not judged here.`
	};
	if (holds) {
		const gives = existing.has(BindName) || BindType === "management";
		return {
			gives,
			line: `${what} matches${gives ? "." : `, but the ${BindType} ${BindName} does not exist, so that the rule gives nothing.`}`
		};
	}
	const known = /* @__PURE__ */ new Set([...Object.values(mappings.value).map((name) => `value.${name}`), ...Object.values(mappings.list).map((name) => `list.${name}`)]);
	const unmapped = namesIn(Selector).filter((name) => !known.has(name));
	const hint = unmapped.length === 0 ? "" : ` ${unmapped.join(", ")} is not in ClaimMappings of the auth method.`;
	return {
		gives: false,
		line: `${what} does not match: it wants ${failed.map(termText).join("; ")}.${hint}`
	};
}
// src/access/show.ts
const SIGNS = {
	create: "+",
	change: "~",
	remove: "-",
	unchanged: " ",
	keep: " "
};
const WORDS = {
	create: "new",
	change: "changed",
	remove: "removed",
	unchanged: "unchanged",
	keep: "kept"
};
/** The work in the past, for what is done. */
const DONE = {
	create: "Created",
	change: "Changed",
	remove: "Removed",
	unchanged: "Kept",
	keep: "Kept"
};
/** Returns the steps as lines: each object, the content of a new one, the values of a changed one, and the counts. */
function linesOfSteps(steps) {
	const count = (does) => `${steps.filter((step) => step.does === does).length} ${WORDS[does]}`;
	return [...steps.flatMap(({ what, does, lines = [], differences = [], why }) => [`${SIGNS[does]} ${what}: ${WORDS[does]}${why === void 0 ? "" : `, because ${why}`}`, ...[...lines, ...differences.flatMap(linesOfDifference)].map((line) => `      ${line}`.trimEnd())]), `${count("create")}, ${count("change")}, ${count("remove")}, ${steps.filter(({ write }) => write === void 0).length} as before`];
}
function linesOfDifference({ field, old, next }) {
	if (!old.includes("\n") && !next.includes("\n")) return [`${field}: ${old || "(none)"} -> ${next || "(none)"}`];
	return [`${field}:`, ...lineDiff(old, next).map(({ sign, text }) => `${sign} ${text}`)];
}
/**
* Does the steps one after the other. Throws the error of the first that fails, with the names of the objects that are written already and of those that are
* not: Nomad has no transaction for several objects.
*/
async function doSteps(steps, control, { log, signal }) {
	const pending = steps.filter(({ write }) => write !== void 0);
	for (const [i, { what, does, write }] of pending.entries()) {
		try {
			signal.throwIfAborted();
			await write?.(control);
		} catch (thrown) {
			throw halfDone(signal.aborted ? new ActionError("cancelled", "the command was cancelled") : toActionError(thrown), pending, i);
		}
		log.info(`${DONE[does]}: ${what}`);
	}
}
function halfDone(error, pending, failed) {
	const names = (all) => all.map(({ what }) => what).join(", ") || "nothing";
	const [at] = pending.slice(failed);
	const { code, message, needsLogin, hint = "" } = error;
	const told = `${at?.what ?? ""}: ${message}. Done before: ${names(pending.slice(0, failed))}. Not done: ${names(pending.slice(failed))}`;
	return new ActionError(code, told, {
		needsLogin,
		cause: error,
		hint: `${hint}${hint === "" ? "" : " "}The same command goes on with the objects that are not done.`
	});
}
// src/access/steps.ts
/** Reads the objects of the cluster, with earlier ones of the same roles. Throws the errors of `accessControl`. */
async function readFound({ namespaces, policies, roleNames, method }, control) {
	const each = async (names, read) => {
		const all = [];
		for (const name of names) {
			const one = await read(name);
			if (one !== void 0) all.push(one);
		}
		return all;
	};
	const roles = await each(roleNames, control.role);
	return {
		roles,
		policies: await each(new Set([...policies, ...roles.flatMap(({ Policies }) => Policies ?? [])].map(({ Name }) => Name)), control.policy),
		method: await control.method(method.Name),
		rules: await control.rules(method.Name),
		namespaces: await each(namespaces.map(({ Name }) => Name), control.namespace)
	};
}
/** Returns the steps to the wanted objects, in their order. Throws `input-invalid` for an object of the same name that setup did not make. */
function stepsTo(wanted, found, owner) {
	const isLeft = (all) => ({ Name, Description }) => isMarked(Description, owner) && all.every((one) => one.Name !== Name);
	return [
		...wanted.namespaces.map((one) => namespaceStep(one, found)),
		...wanted.policies.map((one) => policyStep(one, found, owner)),
		...wanted.roles.map((one) => roleStep(one, found, owner)),
		methodStep(wanted.method, found.method),
		...ruleSteps(wanted, found, owner),
		...found.roles.filter(isLeft(wanted.roles)).map(removeRole),
		...found.policies.filter(isLeft(wanted.policies)).map(removePolicy)
	];
}
const removeRole = ({ ID, Name }) => ({
	what: `role ${Name}`,
	does: "remove",
	write: async (control) => control.removeRole(ID)
});
const removePolicy = ({ Name }) => ({
	what: `policy ${Name}`,
	does: "remove",
	write: async (control) => control.removePolicy(Name)
});
function namespaceStep(one, { namespaces }) {
	const what = `namespace ${one.Name}`;
	if (namespaces.some(({ Name }) => Name === one.Name)) return {
		what,
		does: "unchanged"
	};
	return {
		what,
		does: "create",
		write: async (control) => control.writeNamespace(one)
	};
}
function policyStep(one, { policies }, owner) {
	const what = `policy ${one.Name}`;
	const old = policies.find(({ Name }) => Name === one.Name);
	const write = async (control) => control.writePolicy(one);
	if (old === void 0) return {
		what,
		does: "create",
		lines: one.Rules.trimEnd().split("\n"),
		write
	};
	requireOwn("policy", old, owner);
	return changeOr(what, differences({ Rules: [old.Rules, one.Rules] }), write);
}
function roleStep(one, { roles }, owner) {
	const what = `role ${one.Name}`;
	const old = roles.find(({ Name }) => Name === one.Name);
	const names = (all) => (all ?? []).map(({ Name }) => Name).join(", ");
	if (old === void 0) return {
		what,
		does: "create",
		lines: [`policies: ${names(one.Policies)}`],
		write: async (control) => control.writeRole(one)
	};
	requireOwn("role", old, owner);
	const write = async (control) => control.writeRole({
		...one,
		ID: old.ID
	});
	return changeOr(what, differences({ Policies: [names(old.Policies), names(one.Policies)] }), write);
}
function requireOwn(kind, { Name, Description }, owner) {
	if (isMarked(Description, owner)) return;
	throw new ActionError("input-invalid", `the ${kind} ${Name} exists already, and setup did not make it for this repository: its description is ${JSON.stringify(Description)}`, { hint: `Look at it (nomad acl ${kind} info), and remove it if nothing uses it.` });
}
const changeOr = (what, changed, write) => changed.length === 0 ? {
	what,
	does: "unchanged"
} : {
	what,
	does: "change",
	differences: changed,
	write
};
/** Returns the fields whose two values differ. */
function differences(fields) {
	return Object.entries(fields).flatMap(([field, [old, next]]) => old === next ? [] : [{
		field,
		old,
		next
	}]);
}
/** The auth method is for all repositories of the cluster: audiences and claims of others stay. */
function methodStep(one, old) {
	const what = `auth method ${one.Name}`;
	if (old === void 0) return {
		what,
		does: "create",
		lines: JSON.stringify(one, void 0, 2).split("\n"),
		write: async (control) => control.writeMethod(one, true)
	};
	const next = {
		...one,
		Config: mergedConfig(one.Config ?? {}, old.Config ?? {})
	};
	const changed = methodDifferences(old, next);
	if (old.TokenNameFormat === "nomad-deploy ${value.repository} ${value.run_id}") return changeOr(what, changed, async (control) => control.writeMethod(next, false));
	const wrong = changed.filter(({ field }) => field !== "MaxTokenTTL" && field !== "TokenLocality");
	if (wrong.length === 0) return {
		what,
		does: "keep",
		why: "setup did not make it, and it takes these tokens"
	};
	const told = wrong.map(({ field, old: is, next: needed }) => `${field} is ${is}, and must be ${needed}`);
	throw new ActionError("input-invalid", `the auth method ${one.Name} exists already, and setup did not make it: ${told.join("; ")}`, { hint: "Change it with `nomad acl auth-method update`, or name another one with `nomad-auth-method`." });
}
function mergedConfig(one, old) {
	return {
		...old,
		...one,
		BoundAudiences: [.../* @__PURE__ */ new Set([...old.BoundAudiences ?? [], ...one.BoundAudiences ?? []])],
		ClaimMappings: {
			...old.ClaimMappings,
			...one.ClaimMappings
		}
	};
}
function methodDifferences(old, next) {
	const list = (all) => JSON.stringify([...all ?? []].sort());
	const map = (all) => JSON.stringify(Object.entries(all ?? {}).sort(([one], [other]) => one < other ? -1 : 1));
	const [a, b] = [old.Config ?? {}, next.Config ?? {}];
	return differences({
		Type: [old.Type, next.Type],
		TokenLocality: [old.TokenLocality, next.TokenLocality],
		MaxTokenTTL: [old.MaxTokenTTL, next.MaxTokenTTL],
		JWKSURL: [a.JWKSURL ?? "", b.JWKSURL ?? ""],
		BoundIssuer: [list(a.BoundIssuer), list(b.BoundIssuer)],
		BoundAudiences: [list(a.BoundAudiences), list(b.BoundAudiences)],
		SigningAlgs: [list(a.SigningAlgs), list(b.SigningAlgs)],
		ClaimMappings: [map(a.ClaimMappings), map(b.ClaimMappings)]
	});
}
/** Returns the rules of setup for the roles of this repository. */
const ownRules = ({ roleNames }, { rules }, owner) => rules.filter(({ Description, BindName }) => isMarked(Description, owner) && roleNames.includes(BindName));
const ruleName = ({ BindName }) => `binding rule for the role ${BindName}`;
function ruleSteps(wanted, found, owner) {
	const left = ownRules(wanted, found, owner);
	const take = (fits) => {
		const at = left.findIndex(fits);
		return at === -1 ? void 0 : left.splice(at, 1)[0];
	};
	const same = wanted.rules.map((one) => take((rule) => rule.Selector === one.Selector && rule.BindName === one.BindName));
	return [...wanted.rules.map((one, i) => {
		const what = ruleName(one);
		if (same[i] !== void 0) {
			const changed = differences({ BindType: [same[i].BindType, one.BindType] });
			const { ID } = same[i];
			return changeOr(what, changed, async (control) => control.writeRule({
				...one,
				ID
			}));
		}
		const old = take((rule) => rule.BindName === one.BindName);
		if (old === void 0) return {
			what,
			does: "create",
			lines: [one.Selector],
			write: async (control) => control.writeRule(one)
		};
		const changed = differences({
			Selector: [old.Selector, one.Selector],
			BindType: [old.BindType, one.BindType]
		});
		return changeOr(what, changed, async (control) => control.writeRule({
			...one,
			ID: old.ID
		}));
	}), ...left.map(removeRule)];
}
const removeRule = (rule) => ({
	what: ruleName(rule),
	does: "remove",
	lines: [rule.Selector],
	write: async (control) => control.removeRule(rule.ID)
});
/** Returns the steps that remove the objects that setup made for this repository, and keep all others. */
function stepsBack(wanted, found, owner) {
	const own = ownRules(wanted, found, owner);
	const isOwn = ({ Description }) => isMarked(Description, owner);
	const others = found.rules.length - own.length;
	const { method } = found;
	const keep = (what) => ({
		what,
		does: "keep",
		why: "setup did not make it for this repository"
	});
	return [
		...own.map(removeRule),
		...method === void 0 ? [] : [methodBack(method, others)],
		...found.roles.map((role) => isOwn(role) ? removeRole(role) : keep(`role ${role.Name}`)),
		...found.policies.map((policy) => isOwn(policy) ? removePolicy(policy) : keep(`policy ${policy.Name}`)),
		...found.namespaces.map((one) => {
			const what = `namespace ${one.Name}`;
			return isOwn(one) ? {
				what,
				does: "remove",
				write: async (control) => control.removeNamespace(one.Name)
			} : keep(what);
		})
	];
}
function methodBack({ Name, TokenNameFormat }, others) {
	const what = `auth method ${Name}`;
	if (TokenNameFormat !== "nomad-deploy ${value.repository} ${value.run_id}") return {
		what,
		does: "keep",
		why: "setup did not make it"
	};
	if (others > 0) return {
		what,
		does: "keep",
		why: `it has ${others} other binding rule${others === 1 ? "" : "s"}`
	};
	return {
		what,
		does: "remove",
		write: async (control) => control.removeMethod(Name)
	};
}
// src/access/terraform.ts
const isExpression = (value) => typeof value === "object" && value !== null && "expression" in value && typeof value.expression === "string";
/** Returns the objects as a file of Terraform, formatted as `terraform fmt` does. */
function terraformOf({ namespaces, policies, roles, method, rules }) {
	const ref = (type, name) => ({ expression: `${type}.${label(name)}.name` });
	const of = (type, name, block) => resource(type, label(name), block);
	const { Config } = method;
	return [
		...namespaces.map(({ Name, Description }) => of("nomad_namespace", Name, { attributes: {
			name: Name,
			description: Description
		} })),
		...policies.map(({ Name, Description, Rules }) => of("nomad_acl_policy", Name, { attributes: {
			name: Name,
			description: Description,
			rules_hcl: Rules
		} })),
		...roles.map(({ Name, Description, Policies }) => of("nomad_acl_role", Name, {
			attributes: {
				name: Name,
				description: Description
			},
			blocks: Policies.map((policy) => ["policy", { attributes: { name: ref("nomad_acl_policy", policy.Name) } }])
		})),
		of("nomad_acl_auth_method", method.Name, {
			attributes: {
				name: method.Name,
				type: method.Type,
				token_locality: method.TokenLocality,
				max_token_ttl: method.MaxTokenTTL,
				token_name_format: method.TokenNameFormat
			},
			blocks: [["config", { attributes: {
				jwks_url: Config?.JWKSURL ?? "",
				bound_issuer: [...Config?.BoundIssuer ?? []],
				bound_audiences: [...Config?.BoundAudiences ?? []],
				signing_algs: [...Config?.SigningAlgs ?? []],
				claim_mappings: { ...Config?.ClaimMappings }
			} }]]
		}),
		...rules.map(({ Description, AuthMethod, Selector, BindType, BindName }, i) => of("nomad_acl_binding_rule", `${BindName}-${i + 1}`, { attributes: {
			description: Description,
			auth_method: ref("nomad_acl_auth_method", AuthMethod),
			selector: Selector,
			bind_type: BindType,
			bind_name: ref("nomad_acl_role", BindName)
		} }))
	].join("\n");
}
/** Returns the name of a resource in the file, which does not begin with a digit. */
const label = (name) => /^\d/.test(name) ? `_${name}` : name;
function resource(type, name, block) {
	return `resource "${type}" "${name}" {\n${bodyOf(block, "  ")}}\n`;
}
function bodyOf({ attributes, blocks = [] }, indent) {
	const names = Object.keys(attributes);
	const isLong = (name) => isLongText(attributes[name]) || isMap(attributes[name]);
	const width = Math.max(0, ...names.filter((name) => !isLong(name)).map((name) => name.length));
	const lines = names.map((name) => {
		const value = attributes[name] ?? "";
		return `${isLongText(value) ? `\n${indent}` : indent}${isLong(name) ? name : name.padEnd(width)} = ${textOf(value, indent)}\n`;
	});
	const inner = blocks.map(([name, block]) => `\n${indent}${name} {\n${bodyOf(block, `${indent}  `)}${indent}}\n`);
	return [...lines, ...inner].join("");
}
const isLongText = (value) => typeof value === "string" && value.includes("\n");
const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value) && !isExpression(value);
function textOf(value, indent) {
	if (isExpression(value)) return value.expression;
	if (isLongText(value)) return `<<-EOT\n${escaped(value.trimEnd()).replaceAll(/^(?=.)/gm, `${indent}  `)}\n${indent}EOT`;
	if (!isMap(value)) return hclLiteral(value);
	const width = Math.max(...Object.keys(value).map((key) => key.length));
	return `{\n${Object.entries(value).map(([key, item]) => `${indent}  ${key.padEnd(width)} = ${hclLiteral(item)}\n`).join("")}${indent}}`;
}
/** Returns a text for a heredoc, in which `${` and `%{` begin expressions. */
const escaped = (text) => text.replaceAll("${", "$${").replaceAll("%{", "%%{");
// src/commands/setup.ts
/** The first version with rights such as `plan-job` (https://github.com/hashicorp/nomad/blob/main/CHANGELOG.md). */
const FINE_POLICIES = [
	1,
	11,
	2
];
/**
* `setup`: makes a cluster ready for logins with GitHub's ID token. Shows each object first, and writes after a yes. Throws `cancelled` for a no, and
* `input-invalid` where nobody can answer.
*/
async function setup(asked, { runtime }) {
	const { terminal } = asked;
	if (asked.kind === "hcl") await terminal.writeBytes("stdout", Buffer.from(terraformOf(wantedOf({
		...asked.wish,
		isOlder: false
	}))));
	else if (asked.kind === "claims") await explain(asked, runtime);
	else await toSteps(asked, runtime);
	return { outcome: "reported" };
}
async function explain({ method, text, cluster }, { log }) {
	const { allowed, lines } = explainLogin(parseClaims(text), await readLogin(method, accessControl(cluster.nomad)));
	for (const line of lines) log.info(line);
	log.info(allowed ? "Nomad lets a token with these claims in." : "Nomad refuses a token with these claims.");
}
async function toSteps({ wish, back, cluster: { address, nomad }, usage, terminal }, runtime) {
	const { log, signal } = runtime;
	const control = accessControl(nomad);
	const wanted = wantedOf({
		...wish,
		isOlder: isOlder(await nomad.agent.version())
	});
	const found = await readFound(wanted, control);
	const steps = back ? stepsBack(wanted, found, wish.owner) : stepsTo(wanted, found, wish.owner);
	log.info(`${back ? "Objects of" : "Objects for"} ${wish.owner.repository} at ${address}:`);
	for (const line of linesOfSteps(steps)) log.info(line);
	for (const { namespace } of back ? [] : wish.grants) if (!wish.namespaces.includes(namespace) && await control.namespace(namespace) === void 0) log.warning(`The namespace ${namespace} does not exist. --create-namespace creates it.`);
	if (steps.every(({ write }) => write === void 0)) log.info("Nothing is to be done.");
	else {
		await ask(terminal, signal);
		await doSteps(steps, control, runtime);
	}
	if (!back) for (const line of usage) log.info(line);
}
async function ask(terminal, signal) {
	const answer = await terminal.confirm("Write this?", signal);
	if (answer === false) throw new ActionError("cancelled", "setup was not confirmed, so nothing was changed");
	if (answer === void 0) throw new ActionError("input-invalid", "setup changes who may log in, and there is no terminal to ask at, so nothing was changed", { hint: "Add --yes." });
}
/** Returns whether a version has only `submit-job` for the finer rights; false for one that is not told. */
function isOlder(version) {
	const numbers = /^(\d+)\.(\d+)\.(\d+)/.exec(version ?? "")?.slice(1).map(Number);
	if (numbers === void 0) return false;
	const at = FINE_POLICIES.findIndex((part, i) => part !== numbers[i]);
	return at !== -1 && (numbers[at] ?? 0) < (FINE_POLICIES[at] ?? 0);
}
export { setup };
