import { s as ActionError } from "./runtime.js";
import { $t as readBlocks, At as flattenErrors, C as takenHost, Ct as link, D as provenanceOf, Dt as text, E as isOwnMeta, Ht as localId, It as valueAt, Nt as withoutCredentials, O as withProvenance, T as isOwnLink, Ut as parseReference, Yt as linesOf$1, _ as recordOf, at as parseFingerprint, bt as fenced, f as ownedJob, g as recordMeta, gt as slug, i as permit, it as fingerprintText, jt as oneLine, kt as clip, n as connect, nn as withoutComments, nt as MERGED_PLAN, p as ownerOf, r as claimOf, st as tell, t as readConnection, u as judgeOwner, un as formatDuration, v as requireOwnable, w as META, wt as plain, y as sameOwner, yt as code } from "./target.js";
import { f as rulesOf, i as placementPart } from "./diagnose.js";
import { a as jobSecrets, g as withoutSecrets$1 } from "./secrets.js";
import { C as specLocation, M as hidingValues, N as REGISTRY_PASSWORD, P as keptParts, S as isOpen, a as regionOf, b as withoutZeros, c as renderJobspec, d as restrictionsOf, f as tasksOf, k as givenValues, l as requireAllowed, s as settings, t as evaluateVarFiles, x as askedCount } from "./jobspec.js";
import { a as readHidden } from "./github.js";
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
// src/text/line-diff.ts
/** Above this many comparisons the middle of a text counts as changed as a whole: nobody compares that by eye. */
const MAX_CELLS = 4e6;
/** Two texts as one list of lines, those that are gone before those that came in their place: a longest common subsequence. */
function lineDiff(old, next) {
	const [a, b] = [linesOf(old), linesOf(next)];
	let head = 0;
	while (head < Math.min(a.length, b.length) && a[head] === b[head]) head++;
	let tail = 0;
	while (tail < Math.min(a.length, b.length) - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
	const same = (lines) => lines.map((text) => ({
		sign: " ",
		text
	}));
	return [
		...same(a.slice(0, head)),
		...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
		...same(a.slice(a.length - tail))
	];
}
/** The changed lines with some unchanged ones around them; each run that is left out is undefined. */
function withContext(lines, context) {
	const shown = lines.map((_, at) => lines.slice(Math.max(0, at - context), at + context + 1).some(({ sign }) => sign !== " "));
	return shown.includes(true) ? lines.flatMap((line, at) => shown[at] ? [line] : at === 0 || shown[at - 1] ? [void 0] : []) : [];
}
/** The end of the last line is no line of its own. */
function linesOf(text) {
	const lines = text.split(/\r?\n/);
	return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
function middle(a, b) {
	const width = b.length + 1;
	const many = a.length * b.length > MAX_CELLS;
	const common = new Uint32Array(many ? 0 : (a.length + 1) * width);
	const at = (i, j) => common[i * width + j] ?? 0;
	for (let i = a.length - 1; i >= 0 && !many; i--) for (let j = b.length - 1; j >= 0; j--) common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
	const lines = [];
	for (let [i, j] = [0, 0]; i < a.length || j < b.length;) {
		const [gone, came] = [a[i], b[j]];
		if (!many && gone !== void 0 && gone === came) {
			lines.push({
				sign: " ",
				text: gone
			});
			i++;
			j++;
		} else if (gone !== void 0 && (came === void 0 || many || at(i + 1, j) >= at(i, j + 1))) {
			lines.push({
				sign: "-",
				text: gone
			});
			i++;
		} else {
			lines.push({
				sign: "+",
				text: came ?? ""
			});
			j++;
		}
	}
	return lines;
}
// src/plan/fingerprint.ts
const HEX = 32;
/** Environment variables that say which commit a version is of. */
const COMMIT_NAME = /^(CI_COMMIT_[A-Z_]+|CI_REGISTRY_TAG|CI_PIPELINE_SOURCE)$/;
/** Fingerprints the plan of a job that was rendered without secrets and with a provisional image; `job` is without our meta. */
function fingerprint(job, provisional, { jobModifyIndex, updates }) {
	const byName = ([a], [b]) => a < b ? -1 : 1;
	const counted = Object.entries(updates).sort(byName).map(([group, update]) => [group, Object.entries(update).filter(([, count]) => count !== 0).sort(byName)]);
	return {
		spec: specFingerprint(job, provisional),
		index: jobModifyIndex,
		actions: hash(counted).slice(0, HEX / 2)
	};
}
/** Returns whether two jobs are the same except for the digests of the first and their parts, in whose place the second has zeros. */
function isSameButForDigests(job, provisional, zeros) {
	const given = pinned(provisional);
	return given.reduce((found, { reference, digest }) => found.replaceAll(slug(reference), slug(reference.replace(digest, "0".repeat(digest.length)))), JSON.stringify(job)).replace(DIGITS, (run) => given.some(({ digest }) => digest.includes(run)) ? "0".repeat(run.length) : run) === JSON.stringify(zeros);
}
/** The first part of a fingerprint. */
function specFingerprint(job, provisional) {
	return hash(neutral(job, provisional)).slice(0, HEX);
}
/** In what a plan differs from the approved one, in words; none when it is the same. */
function differences(approved, now) {
	return [
		...approved.spec === now.spec ? [] : ["the job spec is another one"],
		...approved.index === now.index ? [] : [`the job was registered since (its modify index was ${approved.index}, and is ${now.index} now)`],
		...approved.actions === now.actions ? [] : ["the scheduler would do something else"]
	];
}
/** Where a job has the environment variables and the templates of a task. */
const ENV = "TaskGroups/*/Tasks/*/Env";
const TEMPLATE = "TaskGroups/*/Tasks/*/Templates/*";
/**
* The job with the same words in place of what another run gives otherwise: the images that are yet to be built and parts of their digests, the commit, and
* whole environment variables of tasks that say which commit it is. `path` is where in the job the value is, `*` for an item of a list.
*/
function neutral(value, provisional, path = "") {
	if (typeof value === "string") return neutralText(value, provisional);
	if (Array.isArray(value)) return value.map((item) => neutral(item, provisional, `${path}/*`));
	if (typeof value !== "object" || value === null) return value;
	const isEnvironmentFile = path === TEMPLATE && "Envvars" in value && value.Envvars === true;
	const item = (name, one) => {
		if (path === ENV && typeof one === "string" && isGiven(name, one, provisional)) return COMMIT;
		if (isEnvironmentFile && name === "EmbeddedTmpl" && typeof one === "string") return neutralLines(one, provisional);
		return neutral(one, provisional, path === "" ? name : `${path}/${name}`);
	};
	return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([name, one]) => [name, item(name, one)]));
}
/** Words that stand for what a run gave, as do those for parts of digests. They begin with a lone `<`; of one in a text of the job there are two. */
const COMMIT = "<commit>";
const image = (number) => number === 0 ? "<image>" : `<image ${number + 1}>`;
/** A run of digits that may be a part of a digest; shorter ones are in many texts by chance. */
const DIGITS = /(?<![0-9a-f])[0-9a-f]{7,64}(?![0-9a-f])/g;
/** Returns the images that the run gave by a digest. An image that the workflow names by its digest is part of the approval. */
function pinned({ images, looked = [] }) {
	return [...images, ...looked.flatMap(([found, asked]) => found === asked ? [] : [found])].flatMap((reference) => {
		const digest = parseReference(reference)?.digest?.replace("sha256:", "") ?? localId(reference);
		return digest === void 0 ? [] : [{
			reference,
			digest
		}];
	});
}
function isGiven(name, value, { values }) {
	return COMMIT_NAME.test(name) && values[name] === value;
}
/** The lines of an environment file, `NAME=value`: a line counts as given when its whole value is. */
function neutralLines(text, provisional) {
	return text.split("\n").map((line) => {
		const [, head = "", name = "", written = ""] = /^(\s*([A-Z_]+)\s*=\s*)(\S.*)?$/.exec(line) ?? [];
		const value = String(provisional.values[name]);
		const writings = [
			value,
			`"${value}"`,
			`'${value}'`,
			JSON.stringify(value),
			`{{ ${JSON.stringify(value)} | toJSON }}`
		];
		return isGiven(name, value, provisional) && writings.includes(written) ? `${head}${COMMIT}` : neutralText(line, provisional);
	}).join("\n");
}
function neutralText(text, provisional) {
	const { images, looked = [], sha } = provisional;
	const known = pinned(provisional);
	const slugs = known.map(({ reference }, i) => [slug(reference), `<slug ${i + 1}>`]);
	const given = [
		...images.map((one, i) => [one, image(i)]),
		...looked,
		...slugs,
		[sha, COMMIT]
	].filter(([one]) => one !== "").sort(([a], [b]) => b.length - a.length);
	const escaped = text.replaceAll("<", "<<");
	return given.reduce((found, [one, word]) => {
		const whole = new RegExp(`(?<![\\w.-])${one.replace(/[^\w]/g, "\\$&")}(?![\\w.-])`, "g");
		return found.replace(whole, word);
	}, escaped).replace(DIGITS, (run) => {
		const at = /^0{1,31}$/.test(run) ? -1 : known.findIndex(({ digest }) => digest.includes(run));
		return at < 0 ? run : `<digest ${at + 1} ${run.length}>`;
	});
}
function hash(value) {
	return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
// src/plan/approval.ts
/** More lines of changes than anybody compares. */
const MAX_LINES$2 = 100;
/** Returns the approvable form of a plan: `plan` is that of the draft, `job` the same job without our meta, and `provisional` the values that the run gave it. */
function approvable(job, plan, provisional) {
	return {
		fingerprint: fingerprint(job, provisional, plan),
		lines: plan.lines
	};
}
/** Returns the part of a plan that a comment keeps. */
function toHidden({ fingerprint: found, lines }) {
	return {
		plan: fingerprintText(found),
		lines: lines.slice(0, MAX_LINES$2)
	};
}
/**
* Compares the plan of a job with the approved one of `approved-plan`. Throws `plan-changed` with the difference, and with where there is no approved plan;
* what GitHub refuses is thrown as it is, since then nobody knows what was approved.
*/
async function requireApproved(subject, now, live, { inputs: { approvedPlan }, context, github }) {
	if (approvedPlan.length === 0) return;
	const { run, sha } = provenanceOf(live);
	const again = run?.startsWith(`${context.runUrl}/attempts/`) === true && sha === context.sha;
	const unlikeNow = (approved) => differences(again ? {
		...now.fingerprint,
		spec: approved.spec
	} : approved, now.fingerprint);
	if (!approvedPlan.includes("merged-pull-request")) {
		const unlike = approvedPlan.flatMap((text) => parseFingerprint(text) ?? []).map(unlikeNow);
		if (unlike.some((list) => list.length === 0)) return;
		throw changed(subject, unlike.sort((a, b) => a.length - b.length)[0] ?? [], [], now);
	}
	if (github === void 0) throw new ActionError("input-invalid", `\`approved-plan\`: ${MERGED_PLAN} takes a token for GitHub`, { hint: "Give `github-token`." });
	const pulls = (await github.pulls.ofCommit(context.sha)).filter(({ merged_at }) => merged_at !== null);
	const pull = pulls.find(({ merge_commit_sha }) => merge_commit_sha === context.sha) ?? pulls.find(({ base }) => base.ref === context.ref);
	if (pull === void 0) throw none(subject, `the commit ${context.sha} came with no merged pull request`);
	const hidden = await readHidden(subject, pull.number, github);
	const [text, lines] = [valueAt(hidden, "plan"), valueAt(hidden, "lines")];
	const approved = typeof text === "string" ? parseFingerprint(text) : void 0;
	if (approved === void 0) throw none(subject, `the pull request ${pull.number} has no plan of it`);
	const unlike = unlikeNow(approved);
	if (unlike.length > 0) throw changed(subject, unlike, Array.isArray(lines) ? lines.map(String) : [], now);
}
/**
* Once the images are there: is the job with them the approved one? A spec can tell the name that an image has in a plan from the one that it gets, and
* be another job then. `job` is rendered as for the plan, and `provisional` tells what the run gave it. Throws `plan-changed`.
*/
function requireApprovedWith(job, provisional, subject, approved) {
	if (specFingerprint(job, provisional) === approved.fingerprint.spec) return;
	throw new ActionError("plan-changed", `the job ${subject.jobId} is not the approved one with the images that were built or found`, { hint: "Nothing was registered. Use the image in the spec as it is, or its digest, or seven or more digits of that, and let nothing else depend on it." });
}
/**
* A plan is made without secrets: is the job with them the same but for what gives it the secrets? `job` and `bare` are of one spec, with and without
* them. Throws `plan-changed`.
*/
function requireApprovedWithSecrets(job, bare, templates, { jobId }) {
	if (isDeepStrictEqual(withoutSecrets$1(job, templates), withoutSecrets$1(bare, templates))) return;
	throw new ActionError("plan-changed", `the job ${jobId} is not the approved one with its secrets`, { hint: "Nothing was written. Let nothing of the spec but the template of the secrets depend on whether there are any." });
}
/** The registered job is another one than was planned for: what is approved is no more. */
function registeredSince(jobId, what) {
	return new ActionError("plan-changed", `the approved plan of ${jobId} does not hold any more: ${what}`, { hint: HINT });
}
const HINT = "Nothing was written. Plan it again, and approve that.";
function none({ jobId, environment }, why) {
	return new ActionError("plan-changed", `there is no approved plan of ${jobId} in ${environment}: ${why}`, { hint: `${HINT} The plan has to be made with the same \`environment\`, and written as a comment.` });
}
function changed({ jobId }, unlike, before, now) {
	const added = before.length === 0 ? [] : now.lines.filter((line) => !before.includes(line));
	const output = [...before.filter((line) => !now.lines.includes(line)).map((line) => `approved: ${line}`), ...added.map((line) => `now:      ${line}`)];
	return new ActionError("plan-changed", `the plan of ${jobId} is not the approved one: ${unlike.join("; ")}`, {
		hint: `${HINT} It is ${fingerprintText(now.fingerprint)} now.`,
		...output.length === 0 ? {} : { output }
	});
}
// src/plan/own-meta.ts
/** The source of the meta that is ours: the registered job of the same owner, or this run. */
/**
* Returns the job in the form in which it is registered: with the owner record, and with the links that hold its provenance. Another meta replaces every task,
* so our meta of the registered job is `kept` as long as some of its tasks may stay; the record is in the links then. `marks` names the groups that are tried
* again although their spec is the same: a mark in their meta makes them other groups; and those that lose the mark of an earlier try. Meta of the spec under
* our names is dropped, since a spec can't vouch for its owner.
*/
function asRegistered({ job, specHash }, secrets, { context, target }, live, ownMeta, marks = {}) {
	const owner = ownerOf(context, target);
	const kept = ownMeta === "kept" ? keptMeta(live, owner) : void 0;
	const record = recordMeta(owner);
	const own = kept ?? record;
	const groups = (job.TaskGroups ?? []).map((group) => {
		const wanted = marks[group.Name];
		const mark = wanted === "again" ? `${live?.Version}` : wanted === "none" ? void 0 : markOf(live, group.Name);
		const users = usersMeta(group);
		if (mark === void 0 && Object.keys(users).length === Object.keys(group.Meta ?? {}).length) return group;
		return {
			...group,
			Meta: {
				...users,
				...mark === void 0 ? {} : { [META.again]: mark }
			}
		};
	});
	const counts = Object.fromEntries((job.TaskGroups ?? []).map((group) => [group.Name, askedCount(group)]));
	const marked = {
		...job,
		Meta: {
			...usersMeta(job),
			...own
		},
		...job.TaskGroups ? { TaskGroups: groups } : {}
	};
	return withProvenance(marked, context, {
		spec: specHash,
		counts,
		...secrets?.provenance === void 0 ? {} : { secrets: secrets.provenance },
		...isDeepStrictEqual(own, record) ? {} : owner
	});
}
/** Returns the mark of a group of the registered job that was tried again. */
function markOf(live, groupName) {
	return live?.TaskGroups?.find(({ Name }) => Name === groupName)?.Meta?.[META.again];
}
/** Returns whether the kept meta differs from that of a new job. */
function keepsOther(live, { context, target }) {
	const owner = ownerOf(context, target);
	const kept = keptMeta(live, owner);
	return kept !== void 0 && !isDeepStrictEqual(kept, recordMeta(owner));
}
/** Returns our meta of the registered job; undefined where its owner is another one, or where the job is stopped. */
function keptMeta(live, owner) {
	const record = recordOf(live);
	if (live === void 0 || live.Stop || record !== void 0 && !sameOwner(record, owner)) return void 0;
	return Object.fromEntries(Object.entries(live.Meta ?? {}).filter(([name]) => isOwnMeta(name)));
}
function usersMeta({ Meta }) {
	return Object.fromEntries(Object.entries(Meta ?? {}).filter(([name]) => !isOwnMeta(name)));
}
// src/plan/diff.ts
/** Unchanged lines of a template that are shown around a change. */
const CONTEXT = 2;
/** A longer value, or line of a template, would tear the diff apart. */
const MAX_WIDTH = 160;
/** Of a longer line, the beginning is looked at: the patterns take a time that grows faster than the line. */
const MAX_READ = 2048;
/** Beyond this a diff is read in Nomad. */
const MAX_LINES$1 = 500;
const HIDDEN = "***";
/**
* A plan's changes with their values, as lines that begin with `+`, `-`, `!` (changed), `@@` (a group or task) or a blank: for people, in a `diff` block.
* A template is compared line by line. Of a part that is new, all but its name is left out.
* The values of environments, arguments and the like are not shown, nor anything of a template that looks like a password, nor what stood in the place of
* a value that `redact` hides: Nomad has the old ones in clear, and nobody has asked the runner to mask them.
*/
function planDiff(diff, updates, redact) {
	if (diff === null || diff === void 0 || diff.Type === "None") return [];
	const job = diff.Type === "Added" ? [] : partLines(diff, "", redact);
	const groups = (diff.TaskGroups ?? []).flatMap((group) => {
		const name = group.Name ?? "";
		const words = [...group.Type === "Added" ? ["new"] : group.Type === "Deleted" ? ["removed"] : []];
		const update = updates.find(([of]) => of === name)?.[1];
		if (update !== void 0) words.push(update);
		const own = group.Type === "Edited" ? partLines(group, "", redact) : [];
		const tasks = group.Type === "Edited" ? (group.Tasks ?? []).flatMap((task) => taskLines(task, name, redact)) : [];
		return group.Type === "None" && (update === void 0 || !/replace|place|stop|migrate|canary|update/.test(update)) ? [] : [
			`@@ group ${name}${words.length === 0 ? "" : `: ${words.join(", ")}`} @@`,
			...own,
			...tasks
		];
	});
	const lines = [...job, ...groups].map(redact);
	return lines.length <= MAX_LINES$1 ? lines : [...lines.slice(0, MAX_LINES$1), `@@ and ${lines.length - MAX_LINES$1} lines more @@`];
}
function taskLines(task, group, redact) {
	if (task.Type === "None") return [];
	if (task.Type !== "Edited") return [`${SIGNS$1[task.Type]} task ${task.Name}`];
	const forces = (task.Annotations ?? []).join(", ");
	return [`@@ group ${group}, task ${task.Name}${forces === "" ? "" : `: ${forces}`} @@`, ...partLines(task, "", redact)];
}
const SIGNS$1 = {
	Added: "+",
	Deleted: "-",
	Edited: "!"
};
/** The fields and objects of a job, a group, a task or one of its objects. */
function partLines(part, path, redact) {
	const fields = (part.Fields ?? []).flatMap((field) => fieldLines(field, part, path, redact));
	const objects = (part.Objects ?? []).flatMap((object) => {
		if (object.Type === "None") return [];
		const name = `${path}${object.Name ?? ""}${identity(object, redact)}`;
		return object.Type === "Edited" ? partLines(object, `${name}.`, redact) : [`${SIGNS$1[object.Type]} ${name}`];
	});
	return [...fields, ...objects];
}
function fieldLines(field, part, path, redact) {
	const { Type, Name } = field;
	const [Old, New] = [field.Old ?? "", field.New ?? ""];
	if (Type === "None") return [];
	if (part.Name === "Template" && Name === "EmbeddedTmpl") return templateLines(path.replace(/\.$/, ""), Old, New, redact);
	const label = `${SIGNS$1[Type]} ${path}${Name}`;
	if (!isPublic(field, path, part)) return [`${label} (its value is not shown)`];
	const [before, after] = [redact(New) !== New ? HIDDEN : shownValue(Name, Old, redact), shownValue(Name, New, redact)];
	return [`${label}: ${Type === "Added" ? after : Type === "Deleted" ? before : `${before} → ${after}`}`];
}
/** Maps and lists in which users write what they like, passwords included. */
const FREE = /^(Env|Args|(Getter)?Options|(Getter)?Headers?|Params|Payload)\b|password|secret|token|credential|auth/i;
/** What of a driver's config says nothing but what runs. */
const CONFIG = /^(image|command|ports|network_mode|privileged|force_pull|volumes|work_dir|hostname|cap_add|cap_drop|readonly_rootfs)(\[\d+\])?$/;
/** Numbers and switches of a driver's config say nothing secret, either. */
const PLAIN = /^(\d{0,12}|true|false)$/;
function isPublic({ Name, Old, New }, path, part) {
	if (FREE.test(Name) || FREE.test(part.Name ?? "")) return false;
	return !(part.Name === "Config" || path.includes("Config.")) || CONFIG.test(Name) || PLAIN.test(Old ?? "") && PLAIN.test(New ?? "");
}
/** In Nomad's diffs durations are nanoseconds. */
const DURATION = /(Delay|Interval|Deadline|Timeout|Time|TTL|Splay|Wait|Limit|After|Grace)$/;
/** The beginning of a digest tells images apart. */
const DIGEST = /(sha256:[0-9a-f]{12})[0-9a-f]{52}/g;
function shownValue(name, value, redact) {
	if (value === "") return "\"\"";
	if (DURATION.test(name) && /^\d{7,}$/.test(value)) return formatDuration(Number(value) / 1e6);
	return clip(withoutSecrets(oneLine(redact(value))).replace(DIGEST, "$1…"), MAX_WIDTH);
}
/** Which of several: a constraint's terms, a service's name, a template's file. */
function identity({ Name, Fields }, redact) {
	const value = (name) => {
		const field = Fields?.find((one) => one.Name === name);
		return field?.New || field?.Old || void 0;
	};
	const terms = [
		value("LTarget"),
		value("Operand"),
		value("RTarget")
	].filter((term) => term !== void 0);
	const name = value("DestPath") ?? value("Name") ?? value("Label") ?? value("GetterSource") ?? (/Constraint|Affinity/.test(Name ?? "") ? terms.join(" ") : void 0);
	return name === void 0 || name === "" ? "" : ` ${clip(withoutSecrets(redact(name)), MAX_WIDTH)}`;
}
/** The release by which a version reads its secrets. */
const RELEASE = /(?<=\.)r[0-9a-f]{8}(?=")/g;
function templateLines(name, old, next, redact) {
	if (old.replace(RELEASE, "") === next.replace(RELEASE, "")) return [`! ${name}: new values of the secrets`];
	const lines = lineDiff(old, next);
	return [`! ${name}:`, ...withContext(hideReplaced(lines, redact), CONTEXT).map((line) => line === void 0 ? "    …" : `${line.sign}   ${clip(withoutSecrets(redact(line.text)), MAX_WIDTH)}`)];
}
/** What a hidden value takes the place of was hidden, too, when it was new. */
function hideReplaced(lines, redact) {
	const run = (at) => {
		const same = (i) => lines[i] !== void 0 && lines[i].sign !== " ";
		let [from, to] = [at, at];
		while (same(from - 1)) from--;
		while (same(to + 1)) to++;
		return lines.slice(from, to + 1);
	};
	return lines.map((line, at) => line.sign === "-" && run(at).some(({ sign, text }) => sign === "+" && redact(text) !== text) ? {
		...line,
		text: HIDDEN
	} : line);
}
const ASSIGNED = /^(\s*(?:[-*]\s+|export\s+|set\s+)?["']?[\w.-]*(?:pass|pwd|secret|token|credential|key|auth|salt|dsn|private)[\w.-]*["']?(?:\s*[:=]\s*|\s+))(\S.*)$/i;
/** Long words of letters and digits that no person writes: keys and tokens. Commits, digests of images and the tags made of them are none. */
const RANDOM = /(?<![\w:+])(?!(?<=digest-)[0-9a-f]{32}\b)(?![0-9a-f]{40}\b)(?=(?:[\w+]*\d){2})(?=[\w+]*[A-Za-z])[\w+]{20,}=*/g;
/** A line of a template without what looks like a secret in it. What is looked up when the template is rendered is none. */
function withoutSecrets(whole) {
	const line = whole.slice(0, MAX_READ);
	const [, name, value] = ASSIGNED.exec(line) ?? [];
	if (name !== void 0 && value !== void 0 && !value.startsWith("{{") && !/^["'{[]?$/.test(value)) return `${name}${HIDDEN}`;
	return line.split(/(\{\{.*?\}\})/).map((piece) => piece.startsWith("{{") ? piece : withoutCredentials(piece).replace(RANDOM, HIDDEN)).join("");
}
// src/plan/own-changes.ts
/**
* Returns the answer to a plan without what this action adds to a job. A job that differs in our links alone does not differ: nothing is registered for
* them, so nothing is updated in place either. Our meta is not shown; but where it differs, Nomad replaces tasks, and the job differs.
*/
function withoutOwn(response) {
	const { Diff: diff, Annotations } = response;
	if (diff === null || diff === void 0 || diff.Type === "None") return response;
	const objects = (diff.Objects ?? []).map((object) => object.Name === "UI" ? withoutOwnLinks(object) : object);
	const groups = (diff.TaskGroups ?? []).map(withoutScalingIndexes);
	const isOurs = (diff.Objects ?? []).some((object) => object.Name === "UI" && changes(object));
	const isNomads = groups.filter(changes).length < (diff.TaskGroups ?? []).filter(changes).length;
	const isSame = diff.Type === "Edited" && (isOurs || isNomads) && ![
		...diff.Fields ?? [],
		...objects,
		...groups
	].some(changes);
	const users = {
		...withoutOwnMeta(diff),
		Type: isSame ? "None" : diff.Type,
		Objects: objects,
		TaskGroups: groups.map(withoutOwnMeta)
	};
	const updates = Object.entries(Annotations?.DesiredTGUpdates ?? {}).map(([group, update]) => [group, isSame ? left(update) : update]);
	return {
		...response,
		Diff: users,
		Annotations: {
			...Annotations,
			DesiredTGUpdates: Object.fromEntries(updates)
		}
	};
}
function left({ InPlaceUpdate, Ignore, ...update }) {
	return {
		...update,
		InPlaceUpdate: 0,
		Ignore: (Ignore ?? 0) + (InPlaceUpdate ?? 0)
	};
}
function withoutOwnMeta(diff) {
	return {
		...diff,
		Fields: (diff.Fields ?? []).filter(({ Name }) => !isOwnMeta(/^Meta\[(.*)\]$/.exec(Name)?.[1] ?? ""))
	};
}
/** Removes the change of a scaled group's policy that has no field: Nomad compares its indexes, too, which no spec has. */
function withoutScalingIndexes(group) {
	const isEmpty = ({ Name, Type, Fields, Objects }) => Name === "Scaling" && Type === "Edited" && ![...Fields ?? [], ...Objects ?? []].some(changes);
	const objects = (group.Objects ?? []).filter((object) => !isEmpty(object));
	if (objects.length === (group.Objects ?? []).length) return group;
	const isSame = ![
		...group.Fields ?? [],
		...objects,
		...group.Tasks ?? []
	].some(changes);
	return {
		...group,
		Type: isSame ? "None" : group.Type,
		Objects: objects
	};
}
/**
* Removes the changes of our links. Nomad compares links one by one, so ours push those of the user along, and may be paired with them. The links that the user
* had are compared with those that the user has: only what is left of both is a change, or else their order.
*/
function withoutOwnLinks(ui) {
	const all = ui.Objects ?? [];
	const before = all.flatMap((link) => link.Type === "Added" ? [] : usersLink(link, "Old"));
	const after = all.flatMap((link) => link.Type === "Deleted" ? [] : usersLink(link, "New"));
	const [gone, come] = [without(before, after), without(after, before)];
	const [was, is] = gone.length + come.length > 0 ? [gone, come] : [before, after];
	const links = Array.from({ length: Math.max(was.length, is.length) }, (_, i) => linkDiff(was[i], is[i])).filter(changes);
	return {
		...ui,
		Type: [...ui.Fields ?? [], ...links].some(changes) ? "Edited" : "None",
		Objects: links
	};
}
function usersLink({ Fields }, side) {
	const text = (name) => Fields?.find(({ Name }) => Name === name)?.[side] ?? "";
	return isOwnLink(text("Url")) ? [] : [{
		Label: text("Label"),
		Url: text("Url")
	}];
}
/** The links of one list that the other does not have, each as often as it is there once more. */
function without(list, others) {
	const left = others.map((link) => JSON.stringify(link));
	return list.filter((link) => {
		const at = left.indexOf(JSON.stringify(link));
		if (at >= 0) left.splice(at, 1);
		return at < 0;
	});
}
function linkDiff(was, is) {
	const kind = (Old, New) => Old === void 0 ? "Added" : New === void 0 ? "Deleted" : Old === New ? "None" : "Edited";
	const Fields = ["Label", "Url"].map((Name) => ({
		Name,
		Type: kind(was?.[Name], is?.[Name]),
		Old: was?.[Name] ?? "",
		New: is?.[Name] ?? ""
	}));
	return {
		Type: was === void 0 ? "Added" : is === void 0 ? "Deleted" : Fields.some(changes) ? "Edited" : "None",
		Name: "Link",
		Fields
	};
}
function changes({ Type }) {
	return Type !== "None";
}
// src/plan/plan.ts
/**
* Has the servers validate a job, before an image is built for it, and gives their warnings. Throws `jobspec-invalid` with everything that they object
* to, at the place that `locate` finds for the first of it.
*/
async function validateJob(job, namespace, place, nomad) {
	const { problems, warnings } = await nomad.jobs.validate(job, namespace);
	if (problems.length === 0) return warningLines(warnings);
	const told = problems.map(flattenErrors).map((words) => place(subjectOf(words), words));
	const location = told[0]?.location;
	throw new ActionError("jobspec-invalid", `Nomad refuses the job ${job.ID}: ${told.map(({ text }) => text).join("; ")}`, {
		hint: "Nothing was built or registered.",
		...location === void 0 ? {} : { location }
	});
}
/**
* Plans a job: what a registration would change, and the modify index that guards it. Writes nothing. Throws `policy-violation` when the answer is about
* other drivers than those of the job.
*/
async function planJob(job, namespace, nomad, { redact }) {
	const response = await nomad.jobs.plan(job, namespace);
	requireUnderstood(response.Diff, job);
	return summarizePlan(response, redact);
}
/**
* Refuses a job that Nomad understands in another way than it was judged: the driver of a task that is new or changed has to be the job's, and that of
* a task which Nomad adds (a proxy of the mesh) one that was expected. Throws `policy-violation`.
*/
function requireUnderstood(diff, { ID, TaskGroups }) {
	const other = (diff?.TaskGroups ?? []).flatMap((group) => (group.Tasks ?? []).flatMap((task) => {
		const driver = task.Fields?.find(({ Name, Type }) => Name === "Driver" && (Type === "Added" || Type === "Edited"))?.New;
		return driver ? [{
			group: group.Name ?? "",
			task: task.Name ?? "",
			driver
		}] : [];
	})).find(({ group, task, driver }) => {
		const own = TaskGroups?.find(({ Name }) => Name === group);
		const named = own?.Tasks?.find(({ Name }) => Name === task);
		return !(named === void 0 ? (own === void 0 ? [] : tasksOf(own)).map((runs) => runs.task.Driver) : [named.Driver]).includes(driver);
	});
	if (other === void 0) return;
	throw new ActionError("policy-violation", `Nomad would run the task ${other.group}/${other.task} of ${ID} with the driver ${JSON.stringify(other.driver)}, which is not the job's`, { hint: "Nothing was built or registered. Compare the output `spec` with the job that `nomad job plan` shows." });
}
/** What of a job can't change while it is registered, also stopped: the servers refuse it, but only at the registration. */
const FIXED = {
	Type: "its type",
	Periodic: "whether it is periodic",
	ParameterizedJob: "whether it is parameterized"
};
/** Refuses a change that a registration would not survive. Throws `jobspec-invalid`, at `location`. */
function requirePossible({ lines }, { ID }, location) {
	const fixed = Object.entries(FIXED).find(([field]) => lines.some((line) => /^[+~-] (\w+)$/.exec(line)?.[1] === field));
	if (fixed === void 0) return;
	throw new ActionError("jobspec-invalid", `the job ${ID} is registered already, and ${fixed[1]} can't change`, {
		hint: `Purge it first (nomad job stop -purge ${ID}), or give the new job another id. Nothing was built or registered.`,
		...location === void 0 ? {} : { location }
	});
}
/** What of the spec an objection of the servers is about, by its flattened words: `Task group web: Task app: minimum MemoryMB value is 10; got 2`. */
function subjectOf(words) {
	const group = /^Task group (\S+):/.exec(words)?.[1];
	const task = /\bTask (?!group )(\S+):/.exec(words)?.[1];
	return {
		kind: SUBJECTS.find(([pattern]) => pattern.test(words))?.[1] ?? (task === void 0 ? group === void 0 ? "none" : "group" : "task"),
		...group === void 0 ? {} : { group },
		...task === void 0 ? {} : { task }
	};
}
const SUBJECTS = [
	[/nonexistent namespace/, "namespace"],
	[/node pool/, "node_pool"],
	[/\bjob type\b/i, "type"],
	[/\bcron\b|\bperiodic\b/i, "periodic"],
	[/Task group count/, "count"],
	[/healthy deadline/i, "healthy_deadline"],
	[/progress deadline/i, "progress_deadline"],
	[/Memory(Max)?MB/, "memory"],
	[/\bCPU\b|\bcores\b/i, "cpu"],
	[/\bTemplate \d/, "template"],
	[/\bArtifact \d/, "artifact"],
	[/\bcheck\b/i, "check"],
	[/\bService\[|\bservice\b/, "service"],
	[/\bport\b/i, "port"],
	[/\bnetwork\b/i, "network"],
	[/\bConstraint \d/, "constraint"],
	[/\bvolume\b/i, "volume"],
	[/\bVault\b/, "vault"],
	[/\bdriver\b/i, "driver"]
];
/** Summarizes Nomad's answer to a plan, without the meta and links that this action adds to the job; `redact` hides secrets. */
function summarizePlan(answer, redact) {
	const response = withoutOwn(answer);
	const updates = Object.entries(response.Annotations?.DesiredTGUpdates ?? {});
	const words = updates.map(([group, update]) => [group, describeUpdates(update)]);
	return {
		changed: reach(response.Diff, updates.map(([, update]) => update)),
		lines: [...diffLines(response.Diff), ...words.map(([group, update]) => `group ${group}: ${update}`)],
		diff: planDiff(response.Diff, words, redact),
		updates: Object.fromEntries(updates),
		actions: Object.fromEntries(words),
		preempted: countBy((response.Annotations?.PreemptedAllocs ?? []).map(({ JobID }) => JobID)),
		placementFailures: response.FailedTGAllocs ?? {},
		warnings: warningLines(response.Warnings),
		jobModifyIndex: response.JobModifyIndex,
		nextPeriodicLaunch: response.NextPeriodicLaunch ?? void 0
	};
}
/** Returns whether a registration replaces, or starts, everything of a job. */
function replacesAll({ updates }) {
	return Object.values(updates).every((update) => startsAnew(update));
}
/** Returns whether the scheduler replaces, or starts, the whole of a group. In a rolling update, allocations whose turn has not come count as left alone. */
function startsAnew({ DestructiveUpdate, Canary, InPlaceUpdate, Ignore, Migrate } = {}) {
	return (DestructiveUpdate ?? 0) + (Canary ?? 0) > 0 || (InPlaceUpdate ?? 0) + (Ignore ?? 0) + (Migrate ?? 0) === 0;
}
function countBy(names) {
	return Object.fromEntries([...new Set(names)].map((name) => [name, names.filter((other) => other === name).length]));
}
/** Nomad's `N warning(s):` text as a list; a warning that holds others is told as these, each with what it is about. */
function warningLines(text) {
	return (text ?? "").split(/\n\* /).slice(1).map((warning) => flattenErrors(warning.trim()).replaceAll(" has warnings:", ":"));
}
function reach(diff, updates) {
	if (diff === null || diff === void 0 || diff.Type === "None") return "none";
	if (diff.Type === "Added") return "create";
	const destructive = updates.some((update) => (update.DestructiveUpdate ?? 0) + (update.Canary ?? 0) + (update.Stop ?? 0) > 0);
	const forced = (diff.TaskGroups ?? []).flatMap(({ Tasks }) => Tasks ?? []).some(({ Annotations }) => Annotations?.some((words) => words.includes("destroy")) === true);
	return destructive || forced ? "destructive" : "in-place";
}
const SIGNS = {
	Added: "+",
	Deleted: "-",
	Edited: "~"
};
function diffLines(diff, path = "") {
	if (diff === null || diff === void 0 || diff.Type === "None") return [];
	if (diff.Type === "Added" && path === "") return [];
	const own = (diff.Fields ?? []).flatMap(({ Type, Name }) => Type === "None" ? [] : [`${SIGNS[Type]} ${path}${Name}`]);
	const inner = (kind, list) => (list ?? []).flatMap((child) => {
		const name = `${path}${kind}${child.Name ?? ""}`;
		if (child.Type === "Added" || child.Type === "Deleted") return [`${SIGNS[child.Type]} ${name}`];
		return diffLines(child, `${name}.`);
	});
	return [
		...own,
		...inner("", diff.Objects),
		...inner("group ", diff.TaskGroups),
		...inner("task ", diff.Tasks)
	];
}
const UPDATE_WORDS = [
	["Place", "place"],
	["Canary", "canary"],
	["DestructiveUpdate", "replace"],
	["InPlaceUpdate", "update in place"],
	["Migrate", "migrate"],
	["Stop", "stop"],
	["Ignore", "leave"]
];
function describeUpdates(update) {
	const parts = UPDATE_WORDS.flatMap(([key, word]) => (update[key] ?? 0) > 0 ? [`${update[key]} to ${word}`] : []);
	return parts.length === 0 ? "nothing to do" : parts.join(", ");
}
// src/plan/counts.ts
/**
* Takes over the counts of the running job that an autoscaler or somebody by hand has set since a deploy asked for others: of groups with a `scaling` block,
* or, as `preserve` says, of all groups or of none. Where no deploy noted what it asked for, a group was scaled if its last scaling gave it its count. A
* count stays within the block's `min` and `max`, since Nomad refuses another one, and is `most` at most, if a policy says so.
*/
function keepCounts(job, live, preserve, scalings, most) {
	const recorded = provenanceOf(live).counts;
	const kept = [];
	const groups = (job.TaskGroups ?? []).map((group) => {
		const running = otherCount(group, job, live, preserve);
		if (running === void 0) return group;
		const asked = askedCount(group);
		const before = recorded?.[group.Name];
		if (!(before === void 0 ? scalings[group.Name] === running : before !== running)) return group;
		const count = Math.min(within(running, group), most ?? Number.POSITIVE_INFINITY);
		if (count === asked) return group;
		const limited = count === running ? "" : `, the nearest that ${within(running, group) === count ? "its `scaling`" : "`max-count` of the policy"} allows to the ${running} that run`;
		kept.push(`group ${group.Name}: the count stays ${count}${limited}; the spec says ${asked} (\`preserve-counts\`)`);
		return {
			...group,
			Count: count
		};
	});
	return kept.length === 0 ? {
		job,
		kept
	} : {
		job: {
			...job,
			TaskGroups: groups
		},
		kept
	};
}
/** Says whether only Nomad's scaling events tell if a count is to be kept. */
function needsScalings(job, live, preserve) {
	const recorded = provenanceOf(live).counts;
	return (job.TaskGroups ?? []).some((group) => {
		return otherCount(group, job, live, preserve) !== void 0 && recorded?.[group.Name] === void 0;
	});
}
/** The count that a group runs with, where that may be kept and the spec says another. */
function otherCount(group, job, live, preserve) {
	if (live === void 0 || live.Stop || !isOpen(group, job, preserve)) return void 0;
	const running = live.TaskGroups?.find(({ Name }) => Name === group.Name)?.Count ?? void 0;
	return running === askedCount(group) ? void 0 : running;
}
const within = (count, { Scaling }) => Math.min(Math.max(count, Scaling?.Min ?? 0), Scaling?.Max ?? Number.POSITIVE_INFINITY);
// src/plan/sent.ts
/** Reads the counts that scalings gave the groups of a job; none, and without a request, where no count depends on them. */
async function readScalings({ job, namespace }, live, { preserveCounts }, nomad) {
	return needsScalings(job, live, preserveCounts) ? nomad.jobs.scalings(job.ID, namespace) : {};
}
/**
* Returns the job as it is planned and registered, with the counts that it keeps. The rules judge the job in this form, which is the one that is sent.
* Throws `policy-violation`.
*/
function sentJob(job, live, inputs, rendering, scalings) {
	const counted = keepCounts(job, live, inputs.preserveCounts, scalings, rendering.policy?.policy.maxCount);
	requireAllowed(counted.job, restrictionsOf(inputs, rendering), rendering.spec);
	return counted;
}
// src/plan/as-registered.ts
/**
* Plans a job in the form in which it would be registered. The meta that we wrote into the registered job is kept at first, since another meta replaces every
* task; where everything is replaced anyway, the job is planned once more with the meta of this run. Groups of a failed version are tried again, where the
* spec does not change them. `onJob` gets each job before it is planned.
*/
async function planAsRegistered(jobspec, secrets, { job: live, failing }, { inputs, rendering, nomad }, { redact }, onJob = async () => void 0) {
	const scalings = await readScalings(jobspec, live, inputs, nomad);
	const planWith = async (meta, marks = {}) => {
		const counted = sentJob(asRegistered(jobspec, secrets, rendering, live, meta, marks), live, inputs, rendering, scalings);
		await onJob(counted);
		return {
			counted,
			plan: await planJob(counted.job, jobspec.namespace, nomad, { redact: hidingValues(jobspec.settings, redact) })
		};
	};
	const planned = await planWith("kept");
	const { changed, updates } = planned.plan;
	const again = changed === "none" ? [...failing.unhealthy, ...failing.down] : failing.down.filter((group) => !startsAnew(updates[group]));
	const unmarked = changed === "none" ? [] : Object.keys(updates).filter((group) => markOf(live, group) && startsAnew(updates[group]));
	const marks = Object.fromEntries([...unmarked.map((group) => [group, "none"]), ...again.map((group) => [group, "again"])]);
	if (Object.keys(marks).length > 0) return planWith("kept", marks);
	if (changed === "none") return planned;
	return keepsOther(live, rendering) && replacesAll(planned.plan) ? planWith("fresh") : planned;
}
// src/plan/show.ts
/** Where an annotation about the job goes: the built-in template is no file of the user's. */
function place(spec) {
	return spec.builtIn ? void 0 : { file: spec.name };
}
/** Writes the rendered job, without what is secret, for later steps of the workflow. */
async function publishSpec(job, { runtime, number, note }) {
	note({ spec: await runtime.publish(number === 1 ? "spec.json" : `spec-${number}.json`, job) });
}
/** Shows and notes the values that decide about a draft, and its warnings; a provisional image is shown by its name alone. */
async function showResolved(inputs, rendering, draft, current) {
	await publishSpec(draft.job, current);
	const resolved = settings(inputs, rendering, draft).map((setting) => ({
		...setting,
		value: withoutZeros(setting.value)
	}));
	current.note({ settings: resolved });
	const warnings = draft.warnings.map(withoutZeros);
	warn(warnings, current.runtime);
	return {
		resolved,
		warnings
	};
}
/** Shows a job's plan in the log; what can't be placed now is a warning. */
function showPlan(plan, { job, kept }, spec, { log }) {
	log.info(`Changes: ${plan.changed}`);
	for (const line of kept) log.info(`  ${line}`);
	for (const line of plan.lines) log.info(`  ${line}`);
	for (const [group, metric] of Object.entries(plan.placementFailures)) {
		const { where, text, about } = placementPart(group, metric, job, void 0);
		log.warning(`Forecast: ${where}: ${text}`, specLocation(about, spec));
	}
}
/** Shows what the user should know, each as an annotation, at the line of a file that it begins with; what is said of nearly every cluster is a line of the log. */
function warn(warnings, { log }) {
	for (const warning of warnings) {
		const [, file, line] = /^([^\s:]+):(\d+): /.exec(warning) ?? [];
		if (isOversubscriptionWarning(warning)) log.info(warning);
		else log.warning(warning, file === void 0 ? void 0 : {
			file,
			line: Number(line)
		});
	}
}
/** Nomad's words about a `memory_max` that it will ignore. */
function isOversubscriptionWarning(warning) {
	return warning.startsWith("Memory oversubscription is not enabled");
}
// src/plan/draft.ts
/**
* Has the cluster parse, validate and (for a deploy) plan the job, before anything is built. Gives the draft, and the rendering to go on with: where
* the scheduler does not allow memory oversubscription, the built-in template does not ask for it. Refuses secrets that Nomad could not hold.
*/
async function checkDraft(inputs, rendering, regions, runtime) {
	const asked = await renderJobspec(inputs, rendering, regions.first, runtime);
	const nomad = await regions.of(asked.job, rendering.spec);
	const warnings = await validateJob(asked.job, asked.namespace, (about, words) => {
		const location = quotedPlace(words, specLocation(about, rendering.spec), rendering.spec);
		return {
			location,
			text: `${words}${givenBy(words, location, rendering.spec, asked.settings)}`
		};
	}, nomad);
	const modest = {
		...rendering,
		oversubscription: !(rendering.spec.builtIn && warnings.some(isOversubscriptionWarning))
	};
	const draft = modest.oversubscription ? asked : await renderJobspec(inputs, modest, nomad, runtime);
	if (draft.specHash !== asked.specHash) runtime.log.notice(withoutMemoryMax(draft.job));
	if (inputs.command === "render") return {
		draft,
		rendering: modest,
		nomad,
		plan: void 0,
		live: void 0
	};
	const live = await nomad.jobs.read(draft.job.ID, draft.namespace);
	await requireOwnHosts(inputs, rendering, draft, nomad);
	const { job } = sentJob(asRegistered(draft, void 0, modest, live, "kept"), live, inputs, modest, await readScalings(draft, live, inputs, nomad));
	const plan = await planJob(job, draft.namespace, nomad, { redact: hidingValues(draft.settings, runtime.redact) });
	if (inputs.command !== "deploy") return {
		draft,
		rendering: modest,
		nomad,
		plan,
		live
	};
	requirePossible(plan, draft.job, place(rendering.spec));
	const claim = claimOf(inputs, rendering.context, rendering.target);
	requireOwnable(draft.job, claim.owner);
	if (live !== void 0) permit(judgeOwner(ownedJob(live, draft.namespace), claim, "replace"), runtime);
	await jobSecrets(inputs, draft, live, claim, nomad);
	return {
		draft,
		rendering: modest,
		nomad,
		plan,
		live
	};
}
/** Refuses a branch in production that names a hostname of the repository's own job there, since both would answer to it. Throws `input-invalid`. */
async function requireOwnHosts({ app }, { target, context }, { namespace }, nomad) {
	const { environment, projectSlug, hostnames } = target;
	if (environment.isBranch !== true) return;
	const id = slug(app === void 0 ? projectSlug : `${projectSlug}-${app}`);
	const production = await nomad.jobs.read(id, namespace);
	const host = production === void 0 || production.Stop ? void 0 : takenHost(hostnames, production);
	if (host === void 0) return;
	throw new ActionError("input-invalid", `the hostname ${host} belongs to the job ${id}, and the ${context.refType} ${context.ref} names it, too`, { hint: "Nothing was built or registered. Name other hostnames for the branch, or set `environment: review`." });
}
/** Returns the place of a refusal; where only the file is known, with the line that has the text which the servers quote. */
function quotedPlace(words, location, { name, text }) {
	const [quoted] = /"[^"\s]{2,}"/.exec(words) ?? [];
	if (location?.file !== name || location.line !== void 0 || quoted === void 0 || !text.includes(quoted)) return location;
	return {
		...location,
		line: linesOf$1(text)(text.indexOf(quoted)).line
	};
}
/** Returns the variables behind a refusal, as the end of a sentence: those of its line, and those whose value it quotes. */
function givenBy(words, location, spec, settings) {
	const used = [...([spec, ...Object.values(spec.fragments)].find(({ name }) => name === location?.file)?.text.split("\n")[(location?.line ?? 0) - 1] ?? "").matchAll(/\bvar\.([A-Za-z_][\w-]*)/g)].map(([, name]) => name);
	const found = settings.filter(({ name, value, source }) => source !== "default" && source !== "automatic" && (used.includes(name) || value !== "" && words.includes(JSON.stringify(value))));
	return found.length === 0 ? "" : ` (${found.map(({ name, source }) => `var.${name} has its value from ${source}`).join("; ")})`;
}
function withoutMemoryMax({ TaskGroups }) {
	const limit = TaskGroups?.flatMap(({ Tasks }) => Tasks ?? []).find(({ Name }) => Name === "http")?.Config?.["memory_hard_limit"];
	return `The scheduler of this cluster does not allow memory oversubscription, so the job has no memory_max. ${typeof limit === "number" ? `Docker still lets the container use up to ${limit} MB (memory_hard_limit), but Nomad does not count with it.` : "The container gets what NOMAD_VAR_MEMORY says, and no more."}`;
}
// src/plan/drift.ts
/** By it the issues of all jobs are found; GitHub makes it with the first. */
const LABEL = "nomad-drift";
/** Enough to see what it is about; the log has all of it. */
const MAX_LINES = 200;
const NAMED = 5;
/**
* What of the registered job differs from the repository, one line each; none when it is as it should be. What the scheduler would do about it is no
* difference, nor where a version comes from.
*/
function drifted({ changed, lines }) {
	if (changed === "create") return ["the job is not registered"];
	return lines.filter((line) => !/^group \S+: /.test(line));
}
/**
* The drift check: throws `drift` with what differs. With `drift-issue` there is one open issue for the job as long as it differs; what GitHub refuses of
* that is a notice.
*/
async function requireNoDrift(subject, plan, reporting, runtime) {
	const lines = drifted(plan);
	if (reporting.inputs.driftIssue) await keepIssue(subject, lines, plan, reporting, runtime);
	if (lines.length === 0) return;
	const named = lines.slice(0, NAMED).join(", ");
	const more = lines.length > NAMED ? `, and ${lines.length - NAMED} more` : "";
	throw new ActionError("drift", `${subject.jobId} is not what the repository says: ${named}${more}`, { hint: "Somebody changed the job in Nomad, or a change of the repository was not deployed. A deploy makes it what the repository says." });
}
async function keepIssue(subject, lines, plan, { github, context: { runUrl } }, runtime) {
	if (github === void 0) {
		runtime.log.notice("No issue is opened: there is no token; give `github-token`.");
		return;
	}
	const marker = `<!-- nomad-deploy-drift ${createHash("sha256").update(JSON.stringify(subject)).digest("hex").slice(0, 20)} -->`;
	const findOurs = async (issues) => (await github.viewer.own(issues.filter((issue) => issue.body?.startsWith(marker) === true)))[0];
	const { jobId, environment, namespace } = subject;
	const title = plain(`Drift: ${jobId} in ${environment} is not what the repository says`);
	const body = [
		marker,
		`The job ${code(jobId)} (namespace ${code(namespace)}) differs from what this repository would deploy in ${text(environment)}.`,
		"",
		...lines.slice(0, MAX_LINES).map((line) => `- ${code(line.slice(0, 200))}`),
		...lines.length > MAX_LINES ? [`- and ${lines.length - MAX_LINES} more`] : [],
		"",
		...plan.diff.length === 0 ? [] : [...fenced(plan.diff.slice(0, MAX_LINES), "diff"), ""],
		`Last seen by ${link("this run", runUrl)}. A deploy makes it what the repository says; the issue is closed by the next check that finds no difference.`
	].join("\n");
	await tell("The issue about the drift is not kept", async () => {
		const open = await findOurs(await github.issues.open(LABEL));
		if (lines.length === 0) {
			if (open !== void 0) await github.issues.update(open.number, {
				state: "closed",
				state_reason: "completed"
			});
		} else if (open === void 0) {
			const made = await github.issues.create({
				title,
				body,
				labels: [LABEL]
			}, findOurs);
			runtime.log.info(`Opened the issue ${made.html_url}`);
		} else {
			await github.issues.update(open.number, { body });
			runtime.log.info(`Updated the issue ${open.html_url}`);
		}
	}, runtime);
}
// src/plan/kept.ts
/**
* Returns a deploy that leaves a job of the built-in template alone where only the commit differs, or the way in which version 0.1.0 wrote the login of the
* registry, unless `anew` says that its task is replaced anyway. `image` is the reference that its task is to run.
*/
function keeping(deploying, live, image, anew = false) {
	const { inputs, rendering } = deploying;
	if (!rendering.spec.builtIn) return deploying;
	const found = keptParts(live, image, givenValues(inputs, rendering.fromFiles));
	const kept = anew ? {
		...found,
		login: false
	} : found;
	if (kept.login !== true) return {
		...deploying,
		rendering: {
			...rendering,
			kept
		}
	};
	const { [REGISTRY_PASSWORD]: _password, ...secrets } = inputs.secrets;
	return {
		...deploying,
		inputs: {
			...inputs,
			secrets
		},
		rendering: {
			...rendering,
			kept
		}
	};
}
/** Returns whether a plan replaces the task anyway for which the login of version 0.1.0 was kept. */
function outgrown({ deploying, plan }) {
	return deploying.rendering.kept?.login === true && plan.changed !== "none" && replacesAll(plan);
}
// src/plan/live.ts
const NONE = {
	unhealthy: [],
	down: []
};
/** Reads the registered job, the deployment of its version, and how older ones ended. */
async function readLive({ job: { ID }, namespace }, nomad) {
	const job = await nomad.jobs.read(ID, namespace);
	if (job === void 0) return {
		job,
		deployment: void 0,
		tried: [],
		failing: NONE
	};
	const deployments = await nomad.jobs.deployments(ID, namespace);
	const failed = deployments.filter(({ Status, JobVersion }) => Status === "failed" || Status === "cancelled" && JobVersion === job.Version);
	const own = failed.find(({ JobVersion }) => JobVersion === job.Version);
	const versions = failed.some(({ JobVersion }) => JobVersion !== job.Version) ? await nomad.jobs.versions(ID, namespace) : [job];
	const hashOf = (version) => provenanceOf(versions.find(({ Version }) => Version === version)).spec;
	const tried = failed.map(({ JobVersion: version, StatusDescription: how }) => ({
		version,
		specHash: hashOf(version),
		how
	}));
	const allocations = own !== void 0 || mayHaveEnded(job) ? await lastAllocations(job, namespace, nomad) : [];
	const ended = own === void 0 && mayHaveEnded(job) ? howEnded(job, allocations) : void 0;
	const all = [
		...job.Stop ? [{
			version: job.Version,
			specHash: hashOf(job.Version),
			how: "the job was stopped"
		}] : [],
		...ended === void 0 ? [] : [{
			version: job.Version,
			specHash: hashOf(job.Version),
			how: ended
		}],
		...tried.sort((a, b) => b.version - a.version)
	];
	return {
		job,
		deployment: deployments.find(({ JobVersion }) => JobVersion === job.Version),
		tried: all,
		failing: all.some(({ version }) => version === job.Version) ? failingGroups(job, own, allocations) : NONE
	};
}
/** Returns whether a job is dead without having been stopped. */
function mayHaveEnded(job) {
	return job.Status === "dead" && !job.Stop && !job.Periodic && !job.ParameterizedJob && rulesOf(job).count !== 0;
}
async function lastAllocations({ ID, Version }, namespace, nomad) {
	return (await nomad.jobs.allocations(ID, namespace, 0, AbortSignal.timeout(READ_MS))).value.filter(({ JobVersion, NextAllocation }) => JobVersion === Version && !NextAllocation);
}
/** Returns the end of a dead job in words: a batch job that failed, or a service that Nomad has given up; undefined for a batch job that succeeded. */
function howEnded(job, last) {
	const failed = last.filter(({ ClientStatus }) => ClientStatus !== "complete").length;
	const told = failed === 0 ? void 0 : `${failed} of ${last.length} allocations failed`;
	return rulesOf(job).kind === "batch" ? told : `nothing of it runs any more${told === void 0 ? "" : ` (${told})`}`;
}
function failingGroups(job, deployment, last) {
	const { TaskGroups } = job;
	const names = (TaskGroups ?? []).map(({ Name }) => Name);
	const isWell = rulesOf(job).kind === "batch" ? /^(running|pending|complete)$/ : /^(running|pending)$/;
	const up = (group) => last.filter(({ TaskGroup, ClientStatus }) => TaskGroup === group && isWell.test(ClientStatus)).length;
	const down = names.filter((name) => up(name) < (TaskGroups?.find(({ Name }) => Name === name)?.Count ?? 1));
	const unhealthy = names.filter((name) => (deployment?.TaskGroups?.[name]?.UnhealthyAllocs ?? 0) > 0);
	return {
		unhealthy: unhealthy.length + down.length === 0 ? names : unhealthy,
		down
	};
}
/** Returns the notice that a version with this very spec failed before, if this deploy tries it again. */
function triedBefore({ job, tried }, specHash) {
	if (!tried.some(({ version }) => version === job?.Version) && provenanceOf(job).spec === specHash) return void 0;
	const before = tried.find((version) => version.specHash === specHash);
	return before === void 0 ? void 0 : `Version ${before.version} was this very spec: ${before.how}. It is tried again, as a new version.`;
}
/** The limit for a single request, an outage included. */
const READ_MS = 1e4;
// src/plan/regions.ts
/**
* Opens the connections to the regions of one cluster, each when it is first asked for. `own`, the region of `nomad-region` or of the variable `REGION`, is
* asked first. Each region has a connection with a login of its own, since a token may be known in its region only.
*/
async function openRegions(inputs, { region: own, ...way }, { isDefaultCheckout }, runtime) {
	const { nomadRegion: given, nomadLogin, sources } = inputs;
	const givenBy = sources.inputs["nomad-region"] === "nomad-region" ? "`nomad-region`" : `${sources.inputs["nomad-region"]}`;
	const opened = /* @__PURE__ */ new Map();
	const told = /* @__PURE__ */ new Set();
	const connected = async (region, regionSource) => {
		const nomad = await connect(await readConnection(inputs, {
			...way,
			region,
			regionSource
		}, runtime), runtime);
		if (nomadLogin === void 0 || region === void 0) return nomad;
		const parse = async (...asked) => (await open(void 0, regionSource)).jobs.parse(...asked);
		return {
			...nomad,
			jobs: {
				...nomad.jobs,
				parse
			}
		};
	};
	const open = async (region, regionSource) => {
		const nomad = opened.get(region) ?? connected(region, regionSource);
		opened.set(region, nomad);
		return nomad;
	};
	return {
		first: await open(own, given === void 0 ? "`REGION`" : givenBy),
		of: async ({ Region }, spec) => {
			const named = regionOf({ Region });
			if (named === void 0 || named === given) return open(given, givenBy);
			const file = spec.builtIn ? writtenRegion(spec)?.file : writtenRegion(spec)?.file ?? spec.name;
			if (given !== void 0) {
				const location = file === void 0 ? void 0 : { file };
				const both = `${file ?? "`REGION`"} names the region ${named}, and ${givenBy} is ${given}`;
				if (!isDefaultCheckout && inputs.configFrom !== "checkout") throw new ActionError("input-invalid", both, {
					hint: "Name one region in both: only the default branch can name another one than the workflow.",
					...location === void 0 ? {} : { location }
				});
				if (!told.has(both)) runtime.log.warning(`${both}: the region of the spec is used, as by \`nomad job run\`.`, location);
				told.add(both);
			}
			return open(named, file === void 0 ? "`REGION`" : `\`region\` of ${file}`);
		},
		close: async () => {
			for (const nomad of opened.values()) await (await nomad).close();
		}
	};
}
/** Returns the text of the attribute `region` of a spec's job, with its file; undefined where the job has no such attribute. */
function writtenRegion({ name, text, fragments: { job } }) {
	const ofPart = job === void 0 ? [] : readBlocks(job.text).attributes.map((one) => ({
		...one,
		file: job.name
	}));
	const ofJob = readBlocks(text).blocks.find(({ type }) => type === "job")?.attributes ?? [];
	const found = [...ofPart, ...ofJob.map((one) => ({
		...one,
		file: name
	}))].find((one) => one.name === "region");
	return found && {
		file: found.file,
		text: withoutComments(found.text).trim()
	};
}
/**
* Returns the region that a spec names, for a command that is about a job of another name, or about all jobs. A region that is written out costs no request;
* for any other, the spec is rendered. Throws the errors of `renderJobspec`.
*/
async function namedRegion(inputs, rendering, first, runtime) {
	const { spec, context } = rendering;
	const written = writtenRegion(spec);
	const [, region] = /^region\s*=\s*"([\w.-]+)"$/.exec(written?.text ?? "") ?? [];
	if (region !== void 0) return region;
	if (written === void 0 && spec.builtIn) return variableRegion({
		...rendering,
		inputs,
		specs: [spec]
	}, context);
	const opaque = spec.template || spec.format !== "hcl" || spec.text.trimStart().startsWith("{");
	if (written === void 0 && !(opaque && /region/i.test(spec.text))) return void 0;
	const fromFiles = await evaluateVarFiles(rendering.fromFiles, first, inputs.nomadNamespace);
	return (await renderJobspec(inputs, {
		...rendering,
		fromFiles
	}, first, runtime)).job.Region ?? void 0;
}
/**
* Returns the region that the variable `REGION` of the built-in template names. Throws `input-invalid` when a variable file of another branch than the default
* one names it: the keys of the configuration file that name a region are ignored there, too.
*/
function variableRegion({ inputs, specs, fromFiles }, { isDefaultCheckout }) {
	if (!specs.some(({ builtIn }) => builtIn)) return void 0;
	const { value, source } = fromFiles["REGION"] ?? {};
	const own = inputs.vars["REGION"] ?? value;
	if (typeof own !== "string" || own === "") return void 0;
	if (inputs.vars["REGION"] !== void 0 || isDefaultCheckout || inputs.configFrom === "checkout") return own;
	throw new ActionError("input-invalid", `${source}: \`REGION\` decides in which region the token of Nomad is used, and this file is not the default branch's`, { hint: "Nothing was built or registered. Give `nomad-region` in the workflow, or in the configuration file of the default branch." });
}
export { isSameButForDigests as S, registeredSince as _, triedBefore as a, requireApprovedWithSecrets as b, requireNoDrift as c, showPlan as d, showResolved as f, approvable as g, requirePossible as h, readLive as i, checkDraft as l, planAsRegistered as m, openRegions as n, keeping as o, warn as p, variableRegion as r, outgrown as s, namedRegion as t, publishSpec as u, requireApproved as v, toHidden as x, requireApprovedWith as y };
