import { i as isMaskable, m as toActionError, p as sentence, s as ActionError } from "./runtime.js";
import { D as provenanceOf, Ut as parseReference, V as readSecretName, Wt as registryOf, d as judgeVariable, h as recordItem, l as OWNER_ITEM } from "./target.js";
import { createHash } from "node:crypto";
// src/secrets/templates.ts
/** For a spec that is not deployed yet, or that has no secrets. */
const NO_SECRETS = {
	secretsTemplate: "",
	secretsRelease: "",
	taskTemplates: []
};
/** What a spec has for the template of its secrets and for their release when it has none. */
const NO_TEMPLATE = "# no secrets";
const NO_RELEASE = "none";
/** The path of the Nomad variable that the tasks of a job, of a group or a single task may read without a policy. */
function variablePath(jobId, scope) {
	return [
		"nomad/jobs",
		jobId,
		...scope
	].join("/");
}
/** The names of a job's secrets, read; those that are none were refused with the inputs. */
function secretNames(keys) {
	return keys.flatMap((key) => {
		const name = readSecretName(key);
		return typeof name === "string" ? [] : [{
			...name,
			key
		}];
	});
}
/**
* The templates by which the tasks of a job read a release of its secrets, or an `older` one for those groups and tasks whose secrets did not change
* since; the empty text stands for the job. Without a change of theirs, the same text.
*/
function secretTemplates(keys, jobId, release, older = {}) {
	const names = secretNames(keys);
	if (release === void 0 || names.length === 0) return NO_SECRETS;
	const value = ({ item, scope }) => `(index . "${item}.${older[scope.join("/")] ?? release}").Value`;
	const scopes = [...new Set(names.map(({ scope }) => scope.join("/")))].sort((a, b) => a.split("/").length - b.split("/").length);
	const environment = (scope) => {
		const lines = names.filter((name) => name.kind === "variable" && name.scope.join("/") === scope).map((name) => `${name.name}={{ ${value(name)} | toJSON }}`);
		return [
			`{{ with nomadVar "${variablePath(jobId, name(scope))}" }}`,
			...lines,
			"{{ end }}",
			""
		].join("\n");
	};
	const name = (scope) => scope.split("/").filter((part) => part !== "");
	const files = names.filter(({ kind }) => kind === "file").map((file) => ({
		scope: file.scope,
		template: {
			DestPath: `secrets/${file.name}`,
			EmbeddedTmpl: `{{ with nomadVar "${variablePath(jobId, file.scope)}" }}{{ ${value(file)} }}{{ end }}`,
			ChangeMode: "noop"
		}
	}));
	const ofParts = scopes.filter((scope) => scope !== "" && names.some(({ kind, scope: own }) => kind === "variable" && own.join("/") === scope)).map((scope) => ({
		scope: name(scope),
		template: {
			DestPath: `secrets/nomad-deploy-${name(scope).length === 1 ? "group" : "task"}.env`,
			EmbeddedTmpl: environment(scope),
			Envvars: true,
			ChangeMode: "noop"
		}
	}));
	return {
		secretsTemplate: scopes.includes("") ? environment("") : "",
		secretsRelease: release,
		taskTemplates: [...ofParts, ...files]
	};
}
/** The job with the templates that its spec can't say. */
function withTaskTemplates(job, { secretsTemplate, taskTemplates }) {
	if (taskTemplates.length === 0) return job;
	const takes = ({ Templates }) => secretsTemplate !== "" && (Templates ?? []).some(({ EmbeddedTmpl }) => EmbeddedTmpl?.includes(secretsTemplate) === true);
	const given = (group, task) => {
		const own = taskTemplates.filter(({ scope: [ofGroup, ofTask] }) => ofGroup === void 0 ? takes(task) : ofGroup === group && (ofTask === void 0 || ofTask === task.Name));
		return own.length === 0 ? task : {
			...task,
			Templates: [...task.Templates ?? [], ...own.map(({ template }) => template)]
		};
	};
	return {
		...job,
		TaskGroups: (job.TaskGroups ?? []).map((group) => ({
			...group,
			Tasks: (group.Tasks ?? []).map((task) => given(group.Name, task))
		}))
	};
}
/** The job as it would be without secrets: without their templates, and with the words of one that has none in place of theirs. */
function withoutSecrets(job, { secretsTemplate, secretsRelease, taskTemplates }) {
	const ours = new Set(taskTemplates.map(({ template }) => JSON.stringify(template)));
	const bare = (text) => {
		const template = secretsTemplate.trim();
		const plain = template === "" ? text : text.replaceAll(template, () => NO_TEMPLATE);
		const [first, ...others] = (secretsRelease === "" ? plain : plain.replaceAll(secretsRelease, () => NO_RELEASE)).split(NO_TEMPLATE);
		return [first, ...others.map((part) => part.trimStart())].join(`${NO_TEMPLATE}\n`);
	};
	const replaced = (value) => {
		if (typeof value === "string") return bare(value);
		if (Array.isArray(value)) return value.map(replaced);
		if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) === null) return value;
		return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, replaced(one)]));
	};
	const kept = (task) => {
		const others = (task.Templates ?? []).filter((template) => !ours.has(JSON.stringify(template))).filter(({ EmbeddedTmpl, SourcePath, ChangeScript }) => bare(EmbeddedTmpl ?? "").trim() !== "# no secrets" || SourcePath || ChangeScript);
		return {
			...task,
			Templates: others
		};
	};
	const groups = (job.TaskGroups ?? []).map((group) => ({
		...group,
		Tasks: (group.Tasks ?? []).map(kept)
	}));
	return replaced({
		...job,
		TaskGroups: groups
	});
}
/** Those of the secrets that are for a job: of groups and tasks, that it has them. */
function secretsOf(secrets, job) {
	const own = new Set(secretNames(Object.keys(secrets)).filter(({ scope: [group, task] }) => {
		const found = (job.TaskGroups ?? []).find(({ Name }) => Name === group);
		return group === void 0 || found !== void 0 && (task === void 0 || found.Tasks?.some(({ Name }) => Name === task) === true);
	}).map(({ key }) => key));
	return Object.fromEntries(Object.entries(secrets).filter(([key]) => own.has(key)));
}
/** Refuses secrets of a group or a task that no job of the run has. Throws `input-invalid` with all of them. */
function requireScopes(keys, jobs) {
	const all = Object.fromEntries(keys.map((key) => [key, true]));
	const known = new Set(jobs.flatMap((job) => Object.keys(secretsOf(all, job))));
	const unknown = keys.filter((key) => !known.has(key));
	if (unknown.length === 0) return;
	const scopes = jobs.flatMap(({ TaskGroups }) => (TaskGroups ?? []).flatMap(({ Name, Tasks }) => [Name, ...(Tasks ?? []).map((task) => `${Name}/${task.Name}`)]));
	throw new ActionError("input-invalid", `secrets of groups or tasks that the job does not have: ${unknown.join(", ")}`, { hint: `It has ${scopes.join(", ")}.` });
}
// src/secrets/items.ts
/** Items of ours end in the release that reads them: `DB_PASSWORD.r1a2b3c4`. Any other item belongs to somebody else. */
const OWN_ITEM = /^(?:[A-Za-z_][A-Za-z0-9_]*|FILE_[\w.-]+)\.(r[0-9a-f]{8})$/;
const RELEASE = /^r[0-9a-f]{8}$/;
/** What Nomad lets a variable be called. */
const PATH = /^[a-zA-Z0-9-_~/]{1,128}$/;
/** The release whose versions read an item of ours; undefined for one of somebody else. */
function releaseOf(key) {
	return OWN_ITEM.exec(key)?.[1];
}
/** Whether a variable has items in the form of ours. */
function hasSecrets(items) {
	return Object.keys(items).some((key) => releaseOf(key) !== void 0);
}
/** Whether no other job can have a variable at this path: a group `b` of the job `a` and the job `a/b` have the same. */
function isOnlyPath(path, jobId) {
	return path === variablePath(jobId, []) && !jobId.includes("/");
}
/** The job version for which a release was made, as far as its name tells: modulo 65536. */
function versionOf(release) {
	return Number.parseInt(release.slice(1, 5), 16);
}
/** Whether Nomad can have a variable at a path. */
function isPath(path) {
	return PATH.test(path);
}
/**
* Reads the releases and the scopes of a version's secrets: `r1a2b3c4 web web/server`, or `r1a2b3c4 :r0a2b3c4 web:r0a2b3c4 web/server` where some are of an older release;
* `none …` where only older versions have secrets.
*/
function secretsRead(job) {
	const [release = "", ...parts] = (provenanceOf(job).secrets ?? "").split(" ");
	const scopes = parts.map((part) => part.split(":"));
	return {
		release: RELEASE.test(release) ? release : void 0,
		scopes: scopes.flatMap(([scope = ""]) => scope === "" ? [] : [scope]),
		older: Object.fromEntries(scopes.flatMap(([scope = "", own = ""]) => RELEASE.test(own) ? [[scope, own]] : []))
	};
}
/** The paths of the variables in which this job has secrets, will have, or had: those that its secrets and its versions name. */
function secretPaths(keys, jobId, versions) {
	const now = secretNames(keys).map(({ scope }) => scope.join("/"));
	const before = versions.flatMap((version) => secretsRead(version).scopes);
	return [.../* @__PURE__ */ new Set([
		"",
		...now,
		...before
	])].map((scope) => variablePath(jobId, scope === "" ? [] : scope.split("/")));
}
/** Refuses a job whose variables Nomad could not have. Throws `input-invalid`. */
function requirePaths(paths, jobId) {
	const impossible = paths.find((path) => !isPath(path));
	if (impossible === void 0) return;
	throw new ActionError("input-invalid", `a job named ${JSON.stringify(jobId)} cannot have secrets: Nomad has no variable at ${JSON.stringify(impossible)}`, { hint: "Give the job a name of letters, digits, dashes and underscores, up to 117 with those of the group and the task." });
}
/** Returns the names of the secrets that the registered job reads, in the order of its templates, and their releases. */
function keptSecrets(live) {
	const { release, older } = secretsRead(live);
	if (live === void 0 || release === void 0) return {
		keys: [],
		release: void 0,
		older: {}
	};
	const keys = (live.TaskGroups ?? []).flatMap(({ Tasks }) => (Tasks ?? []).flatMap((task) => task.Templates ?? [])).flatMap(({ EmbeddedTmpl }) => [...(EmbeddedTmpl ?? "").matchAll(/\{\{-? with nomadVar "([^"]+)"([\s\S]*?)\{\{-? end/g)].flatMap(([, path = "", inside = ""]) => {
		const scope = path === variablePath(live.ID, []) ? "" : path.slice(variablePath(live.ID, []).length + 1);
		return [...inside.matchAll(/\(index \. "([^"]+)"\)/g)].flatMap(([, item = ""]) => {
			const own = releaseOf(item);
			return own !== void 0 && (own === release || own === older[scope]) ? [`${scope === "" ? "" : `${scope}/`}${item.slice(0, -own.length - 1)}`] : [];
		});
	}));
	return {
		keys: [...new Set(keys)],
		release,
		older
	};
}
// src/secrets/prepare.ts
/** The limit of a Nomad variable, over all keys and values. */
const MAX_VARIABLE_BYTES = 65536;
/** How much secrets may take that stay of an older release: the variable has room for others. */
const MAX_OLDER_BYTES = 4096;
/** The version that a registration makes of a job, as a release names it. */
function nextVersion(live) {
	return live === void 0 ? 0 : (live.Version + 1) % 65536;
}
/**
* A name for new items: the version that they are for, and a hash. Made of the state, so that a plan and the deployment of it have the same; never one
* that is in use.
*/
function newRelease(jobId, { variables, live, versions }) {
	const used = /* @__PURE__ */ new Set([...[live, ...versions].map(secretsRead).flatMap(({ release, older }) => [release, ...Object.values(older)]), ...Object.values(variables).flatMap((variable) => Object.keys(variable?.Items ?? {}).map(releaseOf))]);
	const indexes = Object.entries(variables).map(([path, variable]) => [path, variable?.ModifyIndex ?? 0]);
	for (let attempt = 0;; attempt++) {
		const state = JSON.stringify([
			jobId,
			live?.JobModifyIndex ?? 0,
			indexes,
			attempt
		]);
		const hash = createHash("sha256").update(state).digest("hex").slice(0, 4);
		const release = `r${nextVersion(live).toString(16).padStart(4, "0")}${hash}`;
		if (!used.has(release)) return release;
	}
}
/**
* Decides the items of the job's variables. Secrets that did not change keep the release of the registered job, so an unchanged job stays unchanged;
* changed ones are written under a new release beside the old: running allocations read what they were started with, and a rollback
* finds the values of its own version. What a group, a task or the job reads by our templates stays of the older release where nothing of it
* changed: another text would replace its tasks. Items of releases that no kept version reads are dropped, but for those made for the next version: another run
* may be about to register it. Where the rest does not fit, these go first, then those of the oldest versions, but never those of the registered
* version and of the last one that was healthy. Items of others are kept, unless `replace`. A variable with items of ours has the owner record, too.
* Undefined when there is nothing to write, and nothing to read. Throws `input-invalid` when
* they do not fit.
*/
function prepareSecrets(secrets, { jobId, namespace, replace, record }, state, release = newRelease(jobId, state)) {
	const names = secretNames(Object.keys(secrets)).map((name) => ({
		...name,
		path: variablePath(jobId, name.scope)
	}));
	const held = Object.fromEntries(Object.entries(state.variables).map(([path, variable]) => [path, variable?.Items ?? {}]));
	const current = secretsRead(state.live).release;
	const ofCurrent = Object.values(held).flatMap((items) => Object.keys(items).filter((key) => releaseOf(key) === current));
	const unchanged = current !== void 0 && ofCurrent.length === names.length && names.every(({ key, item, path }) => held[path]?.[`${item}.${current}`] === secrets[key]?.reveal());
	const own = names.length === 0 ? void 0 : unchanged ? current : release;
	const scopeOf = (path) => path.slice(variablePath(jobId, []).length + 1);
	/** By what a version may read the items at a path: its templates, and those of its spec. */
	const readAt = ({ release: whole, older: ofScopes }, path) => [whole, ofScopes[scopeOf(path)]];
	const live = secretsRead(state.live);
	const olderOf = (path) => {
		const before = live.older[scopeOf(path)] ?? current;
		const here = names.filter((name) => name.path === path);
		const items = Object.keys(held[path] ?? {}).filter((key) => releaseOf(key) === before);
		const same = before !== void 0 && items.length === here.length && here.every(({ key, item }) => held[path]?.[`${item}.${before}`] === secrets[key]?.reveal());
		return own !== void 0 && here.length > 0 && same && before !== own && isSmall(held[path] ?? {}, before) ? before : void 0;
	};
	const older = Object.fromEntries(Object.keys(state.variables).flatMap((path) => {
		const before = olderOf(path);
		return before === void 0 ? [] : [[scopeOf(path), before]];
	}));
	const stable = secretsRead(newest(state.versions.filter(({ Stable }) => Stable === true)));
	const isNeeded = (path, old) => [
		{
			release: own,
			older
		},
		live,
		stable
	].some((version) => readAt(version, path).includes(old));
	const spare = state.versions.toSorted((a, b) => a.Version - b.Version).map((version) => ({
		...secretsRead(version),
		version
	}));
	const dropped = /* @__PURE__ */ new Set();
	let inFlight = nextVersion(state.live);
	const isKept = (path, old) => isNeeded(path, old) || versionOf(old) === inFlight || spare.some((version) => !dropped.has(version) && readAt(version, path).includes(old));
	const itemsAt = (path) => {
		const items = {
			...Object.fromEntries(Object.entries(held[path] ?? {}).filter(([key]) => {
				const old = releaseOf(key);
				return key !== "nomad_deploy.owner" && (old === void 0 ? !replace || names.length === 0 : isKept(path, old));
			})),
			...Object.fromEntries(names.filter((name) => name.path === path).map(({ key, item }) => [`${item}.${own}`, secrets[key]?.reveal() ?? ""]))
		};
		return Object.keys(items).some((key) => releaseOf(key) !== void 0) ? {
			...items,
			[OWNER_ITEM]: record
		} : items;
	};
	const warnings = [];
	const paths = Object.keys(state.variables);
	for (const path of paths) {
		if (sizeOf(itemsAt(path)) > MAX_VARIABLE_BYTES) inFlight = void 0;
		while (sizeOf(itemsAt(path)) > MAX_VARIABLE_BYTES) {
			const keys = Object.keys(itemsAt(path)).map(releaseOf);
			const lost = spare.filter((version) => !dropped.has(version)).flatMap((version) => readAt(version, path)).find((old) => old !== void 0 && keys.includes(old) && !isNeeded(path, old));
			if (lost === void 0) throw tooLarge(path, sizeOf(itemsAt(path)));
			const gone = spare.filter((version) => readAt(version, path).includes(lost));
			for (const version of gone) dropped.add(version);
			const without = gone.map(({ version }) => version.Version);
			warnings.push(`${path} can't hold the secrets of all kept versions of ${jobId}: those of version ${without.join(", ")} are dropped, so there is no going back to it.`);
		}
	}
	const variables = paths.map((path) => {
		const items = itemsAt(path);
		return {
			path,
			items,
			previous: state.variables[path],
			changed: JSON.stringify(sorted(items)) !== JSON.stringify(sorted(held[path] ?? {}))
		};
	});
	const left = variables.filter(({ items }) => Object.keys(items).some((key) => releaseOf(key) !== void 0)).map(({ path }) => path);
	if (own === void 0 && left.length === 0 && variables.every(({ changed }) => !changed)) return void 0;
	const scopes = left.map(scopeOf).sort().map((scope) => older[scope] === void 0 ? scope : `${scope}:${older[scope]}`).filter((scope) => scope !== "");
	return {
		namespace,
		release: own,
		older,
		provenance: left.length === 0 ? void 0 : [own ?? "none", ...scopes].join(" "),
		variables,
		warnings
	};
}
function tooLarge(path, bytes) {
	return new ActionError("input-invalid", `the secrets at ${path} take ${bytes} bytes with those of the version that runs; a Nomad variable holds ${MAX_VARIABLE_BYTES}`, { hint: "Give large ones to the group or the task that needs them, as in `web/server/FILE_ca.pem`: each has a variable of its own." });
}
/** Whether items of a release may stay beside those of each newer one. */
function isSmall(items, release) {
	return sizeOf(Object.fromEntries(Object.entries(items).filter(([key]) => releaseOf(key) === release))) <= MAX_OLDER_BYTES;
}
function newest(versions) {
	return versions.toSorted((a, b) => b.Version - a.Version)[0];
}
function sizeOf(items) {
	return Object.entries(items).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
}
function sorted(items) {
	return Object.entries(items).sort(([a], [b]) => a < b ? -1 : 1);
}
// src/secrets/write.ts
/** How often a variable that others write at the same time is read again. */
const ATTEMPTS = 3;
/**
* Writes the variables by check-and-set and gives the function that undoes it. Gives the path at which somebody else wrote since it was read, if there
* is one; nothing is written then. Throws what Nomad answers; what was written until then is taken back.
*/
async function writeSecrets({ variables, namespace }, nomad) {
	const undoes = [];
	const undo = async () => {
		for (const one of undoes.toReversed()) await one();
	};
	for (const { path, items, previous } of variables.filter(({ changed }) => changed)) {
		let index;
		try {
			index = await put(path, items, previous?.ModifyIndex ?? 0, namespace, nomad);
		} catch (error) {
			await undo().catch(() => {
				throw new ActionError("nomad-refused", `${toActionError(error).message}; what was written to other variables of the job is still there`, { cause: error });
			});
			throw error;
		}
		if (index === void 0) {
			await undo();
			return { conflict: path };
		}
		const written = index;
		undoes.push(async () => {
			await put(path, previous?.Items ?? {}, written, namespace, nomad);
		});
	}
	return { undo };
}
/** Gives a variable these items, or removes it when there are none. Gives its new index (0: there is none), or undefined when it is another than `index`. */
async function put(path, items, index, namespace, nomad) {
	if (Object.keys(items).length > 0) return nomad.variables.write(path, items, index, namespace);
	return await nomad.variables.remove(path, index, namespace) ? 0 : void 0;
}
/**
* Removes what this action keeps in Nomad variables for a job that was purged: to be called after that, with the job as it was read before. A variable that
* another owner or another job has, or that has no owner record, is left unless the workflow itself says otherwise. Items of others stay; where there are
* none, the variable goes. Gives a line for the log for each variable. A job that never had secrets needs no permission for it. Throws `conflict` when
* somebody else keeps on writing the variable.
*/
async function removeSecrets(job, namespace, claim, nomad) {
	const had = provenanceOf(job).secrets !== void 0;
	const lines = [];
	for (const path of secretPaths([], job.ID, [job])) {
		if (!isPath(path)) continue;
		try {
			lines.push(...await removeOwn(path, job.ID, had, namespace, claim, nomad));
		} catch (error) {
			if (had || toActionError(error).code !== "permission-denied") throw error;
		}
	}
	return lines;
}
async function removeOwn(path, jobId, isRead, namespace, claim, nomad) {
	for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
		const variable = await nomad.variables.read(path, namespace);
		const items = variable?.Items ?? {};
		if (variable === void 0 || !hasSecrets(items)) return [];
		const isOnly = isOnlyPath(path, jobId);
		const verdict = judgeVariable(items, {
			path,
			jobId,
			hasSecrets: true,
			registered: true,
			isRead,
			isOnly
		}, claim, "purge");
		if (!verdict.may) return [sentence(verdict.refusal)];
		const others = Object.fromEntries(Object.entries(items).filter(([key]) => releaseOf(key) === void 0 && key !== "nomad_deploy.owner"));
		const names = Object.keys(others);
		if (await put(path, others, variable.ModifyIndex, namespace, nomad) !== void 0) return [names.length === 0 ? `The Nomad variable ${path} was removed` : `The secrets in the Nomad variable ${path} were removed; it still has items of somebody else: ${names.join(", ")}`];
	}
	throw new ActionError("conflict", `the Nomad variable ${path} is being written by somebody else`, { hint: `It still has the secrets of the job: nomad var purge ${path}` });
}
// src/secrets/job-secrets.ts
/**
* Reads the variables of a job and decides about them; nothing is written. A job that has no secrets, and of which no older version had any, asks for
* nothing that needs a permission. A variable of another owner is left as it is; throws `job-taken` when a secret would have to be written there, and
* `input-invalid` for what Nomad can't hold.
*/
async function jobSecrets(inputs, { job, namespace }, live, claim, nomad) {
	const secrets = secretsOf(inputs.secrets, job);
	const keys = Object.keys(secrets);
	const none = {
		change: void 0,
		templates: secretTemplates([], job.ID, void 0)
	};
	if (keys.length === 0 && provenanceOf(live).secrets === void 0) return none;
	const versions = live === void 0 ? [] : await nomad.jobs.versions(job.ID, namespace);
	const paths = secretPaths(keys, job.ID, [live, ...versions]);
	requirePaths(paths, job.ID);
	const own = ownVariables(await Promise.all(paths.map(async (path) => [path, await nomad.variables.read(path, namespace)])), keys, job.ID, [live, ...versions], claim);
	const state = {
		variables: Object.fromEntries(own),
		live,
		versions
	};
	const change = prepareSecrets(secrets, {
		jobId: job.ID,
		namespace,
		replace: inputs.replaceItems,
		record: recordItem(job.ID, claim.owner)
	}, state);
	return {
		change,
		templates: secretTemplates(keys, job.ID, change?.release, change?.older)
	};
}
/** The variables that this run may write. Throws `job-taken` when one that it has to write is not among them. */
function ownVariables(all, keys, jobId, versions, claim) {
	const needed = new Set(secretNames(keys).map(({ scope }) => variablePath(jobId, scope)));
	const read = new Set(versions.flatMap((version) => provenanceOf(version).secrets === void 0 ? [] : ["", ...secretsRead(version).scopes].map((scope) => variablePath(jobId, scope === "" ? [] : scope.split("/")))));
	return all.filter(([path, variable]) => {
		if (variable === void 0) return true;
		const items = variable.Items ?? {};
		const use = {
			path,
			jobId,
			hasSecrets: hasSecrets(items),
			registered: versions.some((version) => version !== void 0),
			isRead: read.has(path),
			isOnly: isOnlyPath(path, jobId)
		};
		const verdict = judgeVariable(items, use, claim, "replace");
		if (!verdict.may && needed.has(path)) throw verdict.refusal;
		return verdict.may;
	});
}
/** Writes the secrets, if there is anything to write; gives the way back, or that somebody else wrote them meanwhile. */
async function applySecrets(change, nomad, say) {
	if (change === void 0) return void 0;
	const paths = (wanted) => change.variables.flatMap(({ path, changed }) => changed === wanted ? [path] : []).join(", ");
	if (paths(true) === "") {
		say(`Secrets are up to date in the Nomad variable ${paths(false)}`);
		return;
	}
	const written = await writeSecrets(change, nomad);
	if ("conflict" in written) return { conflict: `the Nomad variable ${written.conflict} was written` };
	say(`Secrets written in the Nomad variable ${paths(true)}`);
	return {
		paths: paths(true),
		undo: written.undo
	};
}
/** A registration that did not take place takes the secrets back. Where nobody can tell whether it did, they stay, and the error says so. */
async function undoUnlessRegistered(written, register) {
	if (written === void 0) return register();
	const left = (cause, why) => {
		const error = toActionError(cause);
		const because = why === void 0 ? "." : `, since they could not be taken back: ${sentence(toActionError(why))}`;
		const hint = `The secrets of this run are still in the Nomad variable ${written.paths}${because}`;
		return new ActionError(error.code, error.message, {
			cause,
			hint: error.hint === void 0 ? hint : `${error.hint} ${hint}`
		});
	};
	let outcome;
	try {
		outcome = await register();
	} catch (error) {
		outcome = toActionError(error);
		if (outcome.code === "unknown-outcome") throw left(error);
	}
	if (!(outcome instanceof ActionError) && !("conflict" in outcome)) return outcome;
	try {
		await written.undo();
	} catch (error) {
		throw left(outcome instanceof ActionError ? outcome : new ActionError("conflict", outcome.conflict), error);
	}
	if (outcome instanceof ActionError) throw outcome;
	return outcome;
}
// src/secrets/masking.ts
/**
* The hosts, names and digests that a run is about, by their text. They are never masked: GitHub drops every output that contains a masked value, and
* with these it would drop nearly all of them.
*/
function publicNames({ image, registry, baseDomain, nomadNamespace, nomadRegion }, { nomadAddr, hostnames, jobId, environment }, { repository, ref }) {
	const address = nomadAddr?.value;
	const url = address !== void 0 && URL.canParse(address) ? new URL(address) : void 0;
	const { name: imageName, digest } = parseReference(image ?? "") ?? {};
	const names = [
		[
			"the name of the job",
			"job-id nomad-url url urls",
			jobId
		],
		[
			"a hostname of the application",
			"url urls",
			...hostnames,
			...hostnames.map((host) => `https://${host}`)
		],
		[
			"the domain of the applications",
			"url urls nomad-addr nomad-url",
			baseDomain
		],
		[
			"the address of Nomad",
			"nomad-addr nomad-url",
			address,
			url?.host,
			url?.hostname
		],
		[
			"the name of the image",
			"image images",
			image,
			imageName,
			registry,
			registryOf(image)
		],
		[
			"the digest of the image",
			"image images",
			digest,
			digest?.replace("sha256:", "")
		],
		[
			"the environment",
			"environment",
			environment.name
		],
		[
			"the namespace",
			"namespace",
			nomadNamespace
		],
		[
			"the region",
			"region",
			nomadRegion
		],
		[
			"the name of the repository",
			"image images",
			repository,
			repository.toLowerCase()
		],
		[
			"the name of the branch or tag",
			"job-id url",
			ref
		]
	];
	return new Map(names.flatMap(([what, outputs, ...texts]) => texts.map((text) => text ?? "").flatMap((text) => [
		text,
		text.toLowerCase(),
		text.toUpperCase()
	]).map((text) => [text, {
		what,
		outputs: outputs.split(" ")
	}])).filter(([text]) => text !== "").toReversed());
}
/**
* What users should know about the secrets of their workload: those that are a public name, and so are not masked (`warnings`), and those that can't be
* masked or are empty (`notices`). Never quotes a value.
*/
function secretNotes(secrets, names) {
	const values = Object.entries(secrets).map(([name, value]) => [name, value.reveal()]);
	const listed = (wanted) => values.flatMap(([name, value]) => wanted(value) ? [name] : []).join(", ");
	const [empty, short] = [listed((value) => value === ""), listed((value) => value !== "" && !isMaskable(value))];
	return {
		warnings: values.flatMap(([name, value]) => {
			const found = names.get(value.trim());
			return found === void 0 ? [] : [`The secret ${name} is ${found.what}, and so is not masked: GitHub drops each output that contains a masked value, here ${found.outputs.join(", ")}. It drops them all the same if the value is stored as a secret of the repository: what is public belongs into its variables (\`vars\`).`];
		}),
		notices: [...empty === "" ? [] : [`Empty secrets: ${empty}. A secret that GitHub does not have is an empty text, too.`], ...short === "" ? [] : [`Not masked in the log: ${short}. A secret of one or two characters, or a word such as \`true\`, is in every text by chance.`]]
	};
}
/** Shorter values are in a job by chance: ports, names, words. */
const MIN_TOLD_LENGTH = 8;
/**
* A warning for secrets whose value is in the job itself, by a variable of the spec, say: everybody who may read the job reads them there. Never quotes a
* value.
*/
function secretsInJob(secrets, job) {
	const text = JSON.stringify(job);
	const names = Object.entries(secrets).flatMap(([name, value]) => {
		const shown = value.reveal();
		return shown.trim().length >= MIN_TOLD_LENGTH && text.includes(JSON.stringify(shown).slice(1, -1)) ? [name] : [];
	});
	if (names.length === 0) return [];
	return [`The value of ${names.join(", ")} is in the job itself, where everybody who may read the job finds it: let the spec read it as a secret instead of a variable, see docs/secrets.md.`];
}
export { jobSecrets as a, keptSecrets as c, NO_TEMPLATE as d, requireScopes as f, withoutSecrets as g, withTaskTemplates as h, applySecrets as i, NO_RELEASE as l, secretTemplates as m, secretNotes as n, undoUnlessRegistered as o, secretNames as p, secretsInJob as r, removeSecrets as s, publicNames as t, NO_SECRETS as u };
