import { f as naming, m as toActionError, s as ActionError, u as failureOf } from "./runtime.js";
import { Ft as textAt, G as untrustedEvents, Gt as trustedBy, Ht as localId, It as valueAt, J as deployedSuffix, K as takesTag, Lt as contentTag, Rt as digestTag, Ut as parseReference, Wt as registryOf, X as readAttributes, Y as hostOf, an as FOLDERS, b as hasOwnJob, cn as matchesParts, ct as retry, dn as splitWords, f as ownedJob, ln as notSlash, on as anything, p as ownerOf, q as cacheType, sn as literally, y as sameOwner, zt as isContentTag } from "./target.js";
import { open, readFile, writeFile } from "node:fs/promises";
import { createHash, randomBytes } from "node:crypto";
import { constants as constants$1, existsSync, lstatSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
// src/text/arguments.ts
/**
* Makes the arguments of docker or buildx. A value is one word with the name of its option, and what is no option stands behind `--`: so nothing that a
* user wrote is read as an option.
*/
function argumentsOf(command, options, operands = []) {
	const words = options.map((option) => typeof option === "string" ? option : `${option[0]}=${option[1]}`);
	return [
		...command,
		...words,
		...operands.length === 0 ? [] : ["--", ...operands]
	];
}
/** The same option with each of some values. */
function each(name, values) {
	return values.map((value) => [name, value]);
}
// src/image/docker-error.ts
const DENIED = /unauthorized|authentication required|no basic auth credentials|denied|insufficient_scope|\b40[13]\b/i;
const NO_SPACE = /no space left on device/i;
const FREE_SPACE = "Free space before this step: `docker system prune --all --force`.";
const UNREACHABLE = /no such host|connection refused|i\/o timeout|TLS handshake timeout|network is unreachable|no route to host|server gave HTTP response to HTTPS client|x509: |context deadline exceeded|Client\.Timeout/i;
/** What a registry says when it could well take the same push a moment later. */
const TRANSIENT = /\b(429|5\d\d)\b|too many requests|toomanyrequests|internal server error|bad gateway|service unavailable|gateway time-?out|connection re(set|fused)|broken pipe|\bEOF\b|i\/o timeout|TLS handshake timeout|unknown blob|blob upload (unknown|invalid)|server misbehaving|temporary failure|Client\.Timeout|context deadline exceeded/i;
/** buildx names the step that failed below a rule: ` > [2/3] RUN make:`, ` > pushing app:1 with docker:`. */
const FAILED_STEP = /^ > (?:\[[^\]\n]*\] )?(.*?):?$/m;
/**
* Why a build failed: the Dockerfile's line where it can be told, else what docker said last. `file` is the Dockerfile as shown to people, `text`
* its content.
*/
function buildError(result, name, file, text) {
	requireDocker(result);
	const said = lastError(result);
	const step = FAILED_STEP.exec(result.stderr)?.[1] ?? "";
	if (isPush(step, said)) {
		if (DENIED.test(said)) return denied(`the push of ${name} was refused: ${said}`);
		if (UNREACHABLE.test(said)) return unanswered(name.split("/")[0] ?? name, said);
	}
	const named = /^\S*?:(\d+)\n-{8,}$/m.exec(result.stderr)?.[1] ?? /dockerfile parse error (?:on )?line (\d+)/.exec(said)?.[1];
	const base = /^\[?(?:internal\] )?load metadata for (\S+)/.exec(step)?.[1];
	const line = named !== void 0 ? Number(named) : base === void 0 ? lineOf(step, text) : fromLine(base, text);
	const output = stepOutput(result.stderr);
	const last = output.at(-1)?.trim().slice(0, 200);
	const location = {
		file,
		...line === void 0 ? {} : { line }
	};
	return new ActionError("build-failed", `${file}${line === void 0 ? "" : `:${line}`}: the image could not be built: ${said}${last === void 0 ? "" : `, saying ${JSON.stringify(last)}`}`, {
		location,
		output: output.slice(-20),
		...hintOf(result.stderr, said, base)
	});
}
/** What to do about a build that failed, where that can be told. */
function hintOf(stderr, said, base) {
	if (NO_SPACE.test(stderr)) return { hint: `The disk is full. ${FREE_SPACE}` };
	if (/target stage \S+ could not be found/.test(said)) return { hint: "`target` names a stage of the Dockerfile: `FROM … AS name`." };
	if (base !== void 0) return { hint: DENIED.test(said) ? `The base image ${base} may need a login: give one with \`registry-auth\`.` : `Is the name of the base image ${base} right, and can the builder reach its registry?` };
	return /failed to (compute cache key|calculate checksum)/.test(said) && /not found/.test(said) ? { hint: "Paths of COPY and ADD are relative to `context`; is the file in the repository, and does .dockerignore leave it in?" } : {};
}
function isPush(step, said) {
	return /^(pushing|exporting)/.test(step) || /failed to push/.test(said);
}
/** What docker said of a push that may succeed when it is repeated; undefined for any other result. A refusal of the login never is one. */
function transientPushError(result) {
	if (result.code === 0) return void 0;
	const said = lastError(result);
	return isPush(FAILED_STEP.exec(result.stderr)?.[1] ?? "", said) && TRANSIENT.test(said) && !DENIED.test(said) ? said : void 0;
}
/** What the failing step printed, which says more than its exit code. */
function stepOutput(stderr) {
	const step = /^#(\d+) ERROR: /m.exec(stderr)?.[1];
	if (step === void 0) return [];
	const printed = new RegExp(`^#${step} \\d+\\.\\d+ (.*\\S)`);
	return stderr.split("\n").flatMap((line) => printed.exec(line)?.[1] ?? []);
}
/** Why an image that should exist could not be looked up. */
function existingError(result, reference) {
	requireDocker(result);
	const said = lastError(result);
	if (DENIED.test(said)) return denied(`the registry refused to show ${reference}: ${said}`);
	return new ActionError("image-not-found", `there is no image ${reference}: ${said}`, { hint: "Check `image`, or build it here with `build: true`." });
}
/** Why a login failed. */
function loginError(result, registry, username) {
	const said = lastError(result);
	return UNREACHABLE.test(said) ? unanswered(registry, said) : denied(`${registry} refused the login as ${username}: ${said}`);
}
/** Why the tags of a pushed image could not be set. */
function tagError(result, tags) {
	const said = lastError(result);
	return DENIED.test(said) ? denied(`the registry refused ${tags}: ${said}`) : new ActionError("build-failed", `${tags} could not be set: ${said}`);
}
function unanswered(registry, said) {
	return new ActionError("unreachable", `the registry ${registry} does not answer: ${said}`, { hint: "Is its name in `registry` or `image` right, and can this runner reach it?" });
}
function denied(message) {
	return new ActionError("registry-denied", message, { hint: "Give `registry-username` and `registry-password` of an account that may do so; for ghcr.io the job needs `permissions: packages: write`." });
}
/** Throws when docker itself, its engine or its buildx plugin is missing. */
function requireDocker({ code, stdout, stderr }) {
	const missing = (message, hint) => new ActionError("build-failed", message, { hint });
	if (code === 127) throw missing("docker was not found on this runner", "Use a runner with Docker, or set `image` to what is built elsewhere.");
	if (/is not a docker command|unknown command: docker buildx|unknown flag: --(progress|tag|metadata-file)/.test(stderr)) throw missing("this runner has docker, but not its buildx plugin", "Add docker/setup-buildx-action before this step.");
	const builder = /no builder "([^"]*)" found/.exec(stderr)?.[1];
	if (builder !== void 0) throw new ActionError("input-invalid", `\`builder\`: there is no builder ${builder}`, { hint: "`docker buildx ls` lists those of this runner; docker/setup-buildx-action makes one." });
	if (NO_SPACE.test(lastError({
		code,
		stdout,
		stderr
	}))) throw missing(`the disk is full: ${lastError({
		code,
		stdout,
		stderr
	})}`, FREE_SPACE);
	if (/cannot connect to the docker daemon|is the docker daemon running|failed to connect to the docker API/i.test(lastError({
		code,
		stdout,
		stderr
	}))) throw missing(`the Docker engine does not answer: ${lastError({
		code,
		stdout,
		stderr
	})}`, "Start it, or set DOCKER_HOST.");
}
/** The last line by which a docker command says what went wrong, without the names of the layers that it passed through. */
function lastError({ stderr, stdout, code }) {
	const lines = `${stdout}\n${stderr}`.split("\n").map((line) => line.trim()).filter((line) => line !== "");
	return (lines.findLast((candidate) => /^error\b/i.test(candidate)) ?? lines.at(-1) ?? `exit code ${code}`).replace(/^(error( response from daemon)?: |failed to (build|solve|solve with frontend \S+|create LLB definition): |rpc error: code = \w+ desc = )+/i, "");
}
/** The line of a Dockerfile on which an instruction begins, as BuildKit prints it: on one line, with single blanks. */
function lineOf(instruction, dockerfile) {
	const wanted = plain(instruction);
	const at = dockerfile.split("\n").findIndex((line) => {
		const begins = plain(line.replace(/\\\s*$/, ""));
		return begins !== "" && /^[A-Z]+ /i.test(begins) && wanted.startsWith(begins);
	});
	return at < 0 ? void 0 : at + 1;
}
/** The line of the `FROM` of a base image, which BuildKit gives its whole name. */
function fromLine(base, dockerfile) {
	const names = [base, base.replace(/^docker\.io\/(library\/)?/, "")].flatMap((name) => [name, name.replace(/:latest$/, "")]);
	const at = dockerfile.split("\n").findIndex((line) => {
		const [, name = ""] = /^\s*FROM\s+(?:--\S+\s+)*(\S+)/i.exec(line) ?? [];
		return names.includes(name);
	});
	return at < 0 ? void 0 : at + 1;
}
function plain(text) {
	return text.trim().replace(/\s+/g, " ");
}
// src/image/names.ts
/** Returns the users' name for an image: its app, its name in `images`, or, of the only one, its repository. */
function keyOf({ name, plan }) {
	return name ?? (plan.kind === "build" ? plan.name : plan.reference);
}
/** Returns the references of images by the users' names. */
function byName(all, references) {
	return Object.fromEntries(all.map((asked, i) => [keyOf(asked), references[i] ?? ""]));
}
/** Returns the images that exist already, as the workflow names them; an image that is to be built has no name yet. */
function namesGiven(asked) {
	return byName(asked, asked.map(({ plan }) => plan.kind === "existing" ? plan.reference : ""));
}
/** Returns the image of an app, or the first of the repository; `own` has its images. */
function imageOf([first], images) {
	return first === void 0 ? "" : images[keyOf(first)] ?? "";
}
/** Returns the tags of the image of an app. */
function tagsOf([first]) {
	return first === void 0 ? [] : first.plan.kind === "build" ? first.plan.tags : [first.plan.reference];
}
/** Returns the images that have names in the configuration file, by which specs know them. */
function namedImages(asked, images) {
	return asked.some(({ name }) => name !== void 0) ? images : {};
}
// src/image/plan.ts
/**
* Decides between building, an existing image and none. `needsImage` is false when the spec is the repository's own and may name its images itself.
* Throws `input-invalid` when an image is needed and there is neither a Dockerfile nor an `image`, when `build: true` has no Dockerfile, and when
* none of `tags` is of `image`.
*/
function planImage(inputs, files, needsImage, target, context, workspace) {
	const { image, build } = inputs;
	const dockerfile = relative(workspace, files.dockerfile);
	if (build === false || image !== void 0 && parseReference(image)?.digest !== void 0 || build === "auto" && !files.dockerfileExists) {
		if (image !== void 0) return {
			kind: "existing",
			reference: image
		};
		if (!needsImage) return { kind: "none" };
		throw new ActionError("input-invalid", build === false ? "`build` is false, and no `image` is given" : `there is no ${dockerfile}, and no \`image\` is given`, { hint: "Add a Dockerfile (or name it with `file`), or set `image` to what is to be deployed." });
	}
	if (!files.dockerfileExists) throw new ActionError("input-invalid", `\`file\`: there is no ${dockerfile} in the workspace`, { hint: "Is the repository checked out (actions/checkout), and is the name spelt as in the repository?" });
	const commit = context.eventName === "pull_request_target" || isOfNoBranch(context) ? "" : context.sha;
	const { runUrl, repository } = context;
	return {
		kind: "build",
		...nameOf$1(inputs, target, {
			...context,
			sha: commit
		}),
		dockerfile: files.dockerfile,
		contextFolder: files.contextFolder,
		secretFiles: files.secretFiles,
		commit,
		source: runUrl.slice(0, runUrl.lastIndexOf(`/${repository}/`) + repository.length + 1),
		runUrl,
		trust: trustOf(context, target.environment)
	};
}
/**
* Returns the trust in a run's code: `trusted` for the environments that are not review apps, where the repository decides who reviews code before it is
* deployed. A branch with a job of its own, the events that a stranger can cause, and pull requests are at most `review`, whatever environment the workflow
* names.
*/
function trustOf(context, environment) {
	const { fromFork, eventName, followsDefault } = context;
	if (fromFork) return "fork";
	const followsOther = eventName === "workflow_run" && !followsDefault;
	return hasOwnJob(environment) || eventName.startsWith("pull_request") || followsOther || isOfNoBranch(context) ? "review" : "trusted";
}
/**
* Whether the run is for no branch or pull request that it could be named by: a comment, whose branch is always the default one, and a run that follows
* another of a fork, whose branch may be called `main` there, or another of a tag that is called so.
*/
function isOfNoBranch({ eventName, fromFork, pullRequest, ref, defaultBranch, followsDefault }) {
	if (pullRequest !== void 0) return false;
	if (eventName === "workflow_run" && ref === defaultBranch && !followsDefault) return true;
	return fromFork || eventName !== "workflow_run" && untrustedEvents.some((name) => name === eventName);
}
function nameOf$1({ image, imageKey, tags, registry, vars }, target, context) {
	const own = image === void 0 ? void 0 : parseReference(image);
	const whole = tags.find((tag) => /[/:]/.test(tag));
	const name = own?.name ?? (whole === void 0 ? `${registry}/${context.repository}${imageKey === void 0 ? "" : `/${imageKey}`}`.toLowerCase() : parseReference(whole)?.name ?? whole);
	const references = [...(tags.length > 0 || own?.tag !== void 0 ? [own?.tag ?? ""] : eventTags(target, context, vars)).filter((tag) => tag !== "").map((tag) => `${name}:${tag}`), ...tags.map((tag) => /[/:]/.test(tag) ? parseReference(tag)?.tag === void 0 ? `${tag}:latest` : tag : `${name}:${tag}`)];
	const wrong = references.find((reference) => parseReference(reference) === void 0);
	if (wrong !== void 0) throw new ActionError("input-invalid", `${JSON.stringify(wrong)} is not a name that an image can have`, { hint: "Set `image` to a name of small letters, digits, dots, dashes and underscores, such as ghcr.io/acme/shop." });
	if (own !== void 0 && isContentTag(own.tag)) throw new ActionError("input-invalid", `\`image\`: the tag ${own.tag} is one of the action's own, by which it finds images again`, { hint: "Use a tag that does not begin with content-, or set `build: false` to deploy that image." });
	if (!references.some((reference) => parseReference(reference)?.name === name)) throw new ActionError("input-invalid", `\`tags\`: none is of ${name}, which \`image\` names`, { hint: "A tag alone, such as `1.2`, is one of `image`; without `image`, the first of `tags` names what the job runs." });
	return {
		name,
		tags: [...new Set(references)]
	};
}
/**
* The tags of an event: of a version `v1.2.3` what semantic versioning makes of it, of a pull request its number (its branch may have the name of
* any of ours), else the branch; and the commit. What is of no branch has the run's number. With `NOMAD_VAR_SERVERLESS`, what runs elsewhere gets the default branch as `latest`.
*/
function eventTags({ refSlug }, context, vars) {
	const { ref, refType, pullRequest, sha, defaultBranch, runId } = context;
	if (isOfNoBranch(context)) return [`run-${runId}${deployedSuffix(vars)}`];
	const latest = refType === "branch" && ref === (defaultBranch ?? "main") && (vars["SERVERLESS"] ?? "").trim() !== "";
	const ofCommit = sha === "" ? "" : `sha-${sha.slice(0, 7)}`;
	return [...pullRequest !== void 0 ? [`pr-${pullRequest}`] : [...refTags(refSlug, context), ...latest ? ["latest"] : []], ofCommit].map((tag) => tag === "" ? "" : `${tag}${deployedSuffix(vars)}`);
}
function refTags(slug, { ref, refType, defaultBranch }) {
	const [, major = "", minor, patch, prerelease] = refType === "tag" && /^v?(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?(?:\+.*)?$/.exec(ref) || [];
	if (patch === void 0) return [isOthers(slug, refType, defaultBranch) ? `${refType}-${slug}` : slug];
	const whole = `${major}.${minor}.${patch}`;
	return prerelease === void 0 ? [
		whole,
		`${major}.${minor}`,
		major === "0" ? "" : major
	] : [`${whole}${prerelease}`];
}
/**
* Whether the name of a branch or git tag would be a tag that something else gives an image: a content, a commit, a pull request, a version, or a
* branch that others pull by its name. With BUILD_DEPLOY, these have an ending of their own.
*/
function isOthers(slug, refType, defaultBranch) {
	const bare = slug.replace(/-deploy$/, "");
	const isBranch = [
		"main",
		"master",
		"staging",
		"production",
		defaultBranch
	].includes(bare);
	return /^(content|digest|sha|pr|run|branch|tag)-|^(latest|\d+)$/.test(bare) || isBranch && (refType === "tag" || bare !== slug);
}
// src/image/args.ts
/** The arguments of `docker` for a build. Output goes to the registry, or with `push: false` into the local engine. No secret is among them. */
function buildxArgs(plan, inputs, extras) {
	const { labels, annotations, attest, secrets } = details(plan, inputs, extras);
	const output = extras.rewriteTimestamps && inputs.push ? [["--output", "type=registry,rewrite-timestamp=true"]] : [inputs.push ? "--push" : "--load"];
	return argumentsOf(["buildx", "build"], [
		["--progress", "plain"],
		...each("--builder", extras.builder === void 0 ? [] : [extras.builder]),
		...each("--tag", plan.tags),
		["--file", plan.dockerfile],
		...each("--target", inputs.target === void 0 ? [] : [inputs.target]),
		...each("--build-arg", inputs.buildArgs),
		...each("--secret", secrets),
		...each("--platform", inputs.platforms.length === 0 ? [] : [inputs.platforms.join(",")]),
		...each("--label", labels),
		...each("--annotation", annotations),
		...each("--cache-from", inputs.cacheFrom),
		...each("--cache-to", inputs.cacheTo),
		...inputs.pull ? ["--pull"] : [],
		...inputs.noCache ? ["--no-cache"] : [],
		...each("--attest", attest),
		["--metadata-file", extras.metadataFile],
		...output
	], [plan.contextFolder]);
}
/** The same build as a target of a bake file in JSON: https://docs.docker.com/build/bake/reference/#target */
function bakeTarget(plan, inputs, extras) {
	const { labels, annotations, attest, secrets } = details(plan, inputs, extras);
	const list = (name, items) => items.length === 0 ? {} : { [name]: items.map(literal) };
	const pairs = (name, items) => {
		const given = items.map((item) => {
			const at = item.indexOf("=");
			return [literal(item.slice(0, at)), literal(item.slice(at + 1))];
		});
		return given.length === 0 ? {} : { [name]: Object.fromEntries(given) };
	};
	const output = !inputs.push ? "type=docker" : extras.rewriteTimestamps ? "type=registry,rewrite-timestamp=true" : "type=registry";
	return {
		context: literal(plan.contextFolder),
		dockerfile: literal(plan.dockerfile),
		...list("tags", plan.tags),
		...inputs.target === void 0 ? {} : { target: literal(inputs.target) },
		...pairs("args", inputs.buildArgs),
		...list("secret", secrets),
		...list("platforms", inputs.platforms),
		...pairs("labels", labels),
		...list("annotations", annotations),
		...list("cache-from", inputs.cacheFrom),
		...list("cache-to", inputs.cacheTo),
		...inputs.pull ? { pull: true } : {},
		...inputs.noCache ? { "no-cache": true } : {},
		...list("attest", attest),
		output: [output]
	};
}
/** Text of a bake file is a template of HCL, also in JSON, where names in a map are templates as well. */
function literal(text) {
	return text.replaceAll("${", () => "$${").replaceAll("%{", () => "%%{");
}
function details(plan, inputs, extras) {
	const nameOf = (label) => label.slice(0, label.indexOf("="));
	const users = inputs.labels.filter((label) => !isBelieved(nameOf(label)));
	const given = new Set(users.map(nameOf));
	const ours = Object.entries(extras.labels).filter(([name]) => !given.has(name));
	const annotations = inputs.platforms.length > 1 ? ours.filter(([name, value]) => name.startsWith("org.opencontainers.") && value !== "") : [];
	const provenance = inputs.provenance === void 0 || inputs.provenance === "false" ? void 0 : attributes(inputs.provenance);
	const sbom = inputs.sbom === void 0 || inputs.sbom === "false" ? void 0 : attributes(inputs.sbom);
	return {
		labels: [...ours.map(([name, value]) => `${name}=${value}`), ...users],
		annotations: annotations.map(([name, value]) => `index:${name}=${value}`),
		secrets: Object.entries(extras.secretFiles).map(([id, file]) => `id=${id},${field(`src=${file}`)}`),
		attest: [...provenance === void 0 ? [] : [joined("type=provenance", provenance, readAttributes(provenance)?.has("builder-id") === true ? "" : `builder-id=${plan.runUrl}`)], ...sbom === void 0 ? [] : [joined("type=sbom", sbom)]]
	};
}
/** Labels that a later run takes for what we said ourselves when it finds the image again. */
function isBelieved(name) {
	return /^(nomad-deploy\..*|org\.opencontainers\.image\.(source|revision))$/i.test(name);
}
function joined(...parts) {
	return parts.filter((part) => part !== "").join(",");
}
function attributes(value) {
	return value === "true" ? "" : value;
}
/** A field of the comma-separated lists that buildx takes. */
function field(text) {
	return /[",]/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text;
}
// src/image/builder.ts
/** The inputs that ask for more than the builder of an engine with its classic image store can do: one platform, inline caches, no attestations. */
function demands({ platforms, cacheFrom, cacheTo, provenance, sbom }) {
	return [
		...platforms.length > 1 ? ["platforms"] : [],
		...cacheFrom.some((cache) => cacheType(cache) !== "registry") ? ["cache-from"] : [],
		...cacheTo.some((cache) => cacheType(cache) !== "inline") ? ["cache-to"] : [],
		...provenance === void 0 || provenance === "false" ? [] : ["provenance"],
		...sbom === void 0 || sbom === "false" ? [] : ["sbom"]
	];
}
/**
* Whether the current builder will do, or one has to be made. Throws `input-invalid` when the user named one that can't do what is asked for.
*/
function chooseBuilder(asked, named, { driver, containerd }) {
	if (asked.length === 0 || driver !== "docker" || containerd) return "current";
	if (named === void 0) return "new";
	const inputs = asked.map((name) => `\`${name}\``).join(", ");
	throw new ActionError("input-invalid", `the builder ${named} is the Docker engine's own, which can't do what ${inputs} asks for`, { hint: "Name one of the driver docker-container (docker/setup-buildx-action makes one) or remote, or leave out `builder` and BUILDX_BUILDER: one is made for the run." });
}
/**
* Finds the builder for what the inputs ask; makes one with the driver docker-container, which goes away with the run, where the current one can't do it.
* Throws `input-invalid` for a builder that does not exist or can't, `build-failed` when none can be started.
*/
async function findBuilder(inputs, env, runtime) {
	const asked = demands(inputs);
	const dated = inputs.sourceDateEpoch !== void 0;
	if (asked.length === 0 && !dated) return {
		name: inputs.builder,
		rewriteTimestamps: false
	};
	const facts = await inspect$1(inputs.builder, env, runtime);
	if (chooseBuilder(asked, inputs.builder, facts) === "current") return {
		name: inputs.builder,
		rewriteTimestamps: dated && (facts.driver !== "docker" || facts.containerd)
	};
	const name = `nomad-deploy-${randomBytes(4).toString("hex")}`;
	runtime.log.info(`The Docker engine's own builder can't do what ${asked.join(", ")} asks for: making the builder ${name} for this run`);
	runtime.atEnd({
		kind: "builder",
		name
	});
	const made = await runtime.exec(argumentsOf([
		"docker",
		"buildx",
		"create"
	], [
		["--name", name],
		["--driver", "docker-container"],
		"--bootstrap"
	]), {
		cwd: runtime.workspace,
		env,
		stream: true
	});
	if (made.code === 0) return {
		name,
		rewriteTimestamps: dated
	};
	throw new ActionError("build-failed", `no builder could be started for what ${asked.join(", ")} asks for: ${lastError(made)}`, { hint: "It runs as a container of moby/buildkit. Or name a builder that exists with `builder`." });
}
async function inspect$1(name, env, runtime) {
	const options = {
		cwd: runtime.workspace,
		env
	};
	const shown = await runtime.exec(argumentsOf([
		"docker",
		"buildx",
		"inspect"
	], [], name === void 0 ? [] : [name]), options);
	requireDocker(shown);
	const driver = /^Driver:\s+(\S+)/m.exec(shown.stdout)?.[1];
	if (shown.code !== 0 || driver === void 0) throw new ActionError("build-failed", `docker buildx inspect failed: ${lastError(shown)}`);
	if (driver !== "docker") return {
		driver,
		containerd: false
	};
	return {
		driver,
		containerd: (await runtime.exec(argumentsOf(["docker", "info"], [["--format", "{{json .DriverStatus}}"]]), options)).stdout.includes("io.containerd.snapshotter")
	};
}
const PUSH_RETRIES = 3;
const PUSH_RETRY = {
	forMs: Number.POSITIVE_INFINITY,
	firstDelayMs: 2e3,
	maxDelayMs: 8e3
};
/**
* Builds an image and pushes it, or loads it into the local engine; gives its digest, and the processors that it is for. Secrets go by files that end with the run.
* Throws `build-failed` with the line of the Dockerfile, or `registry-denied`.
*/
async function build(plan, labels, inputs, env, runtime) {
	const [folder, builder] = await Promise.all([runtime.privateFolder(), findBuilder(inputs, env, runtime)]);
	const secretFiles = await secretFilesOf(plan, inputs, folder, runtime);
	const metadataFile = join(folder, "metadata.json");
	const args = buildxArgs(plan, inputs, {
		labels,
		secretFiles,
		...builder,
		builder: builder.name,
		metadataFile
	});
	const options = {
		cwd: runtime.workspace,
		env: {
			...env,
			...buildxEnvironment([inputs], runtime)
		},
		stream: true
	};
	const result = await repeatPush(async () => runtime.exec(["docker", ...args], options), runtime);
	const dockerfile = relative(runtime.workspace, plan.dockerfile);
	if (result.code !== 0) throw buildError(result, plan.name, dockerfile, await readFile(plan.dockerfile, "utf8"));
	const metadata = JSON.parse(await readFile(metadataFile, "utf8"));
	for (const [text, location] of warningsIn(metadata, dockerfile).slice(0, 10)) runtime.log.warning(text, location);
	return builtIn(metadata, plan, inputs, env, runtime);
}
/** The files of the secrets, by id; what is in them is masked. */
async function secretFilesOf(plan, { buildSecrets }, folder, runtime) {
	for (const file of Object.values(plan.secretFiles)) runtime.mask(await readFile(file, "utf8"));
	return {
		...plan.secretFiles,
		...await writeSecretFiles(buildSecrets, folder)
	};
}
/** The image that the metadata tell of. Throws `build-failed` when they have no digest. */
async function builtIn(metadata, plan, inputs, env, runtime) {
	const digest = textAt(metadata, "containerimage.digest");
	if (digest !== void 0) return {
		digest,
		architectures: await architecturesOf(metadata, plan, inputs, env, runtime)
	};
	throw new ActionError("build-failed", "docker buildx gave no digest of the image that it built", { hint: inputs.push ? "Does the builder push? See `docker buildx inspect`." : "Does the builder load into the local engine? See `docker buildx inspect`." });
}
/** What has to be said of a registry's hiccup; layers that were built and pushed are not built or pushed again. */
async function repeatPush(attempt, { clock, signal, log }) {
	let count = 0;
	const once = async () => {
		const result = await attempt();
		const transient = transientPushError(result);
		count += 1;
		return transient === void 0 || count > PUSH_RETRIES ? {
			done: true,
			value: result
		} : {
			done: false,
			error: new Error(transient)
		};
	};
	return retry(PUSH_RETRY, clock, signal, once, (error, delayMs) => log.warning(`The registry did not take the image: ${error.message}. Pushing again in ${Math.ceil(delayMs / 1e3)} s (${count} of ${PUSH_RETRIES})`));
}
/** What the image is for is asked of the engine only if it can't be told otherwise, and only where a cluster has to run it. */
async function architecturesOf(metadata, plan, { command, platforms }, env, { exec, workspace }) {
	if (command === "build") return [];
	if (platforms.length > 0) return [...new Set(platforms.flatMap((platform) => platform.split("/")[1] ?? []))];
	const told = textAt(metadata, "containerimage.descriptor", "platform", "architecture");
	if (told !== void 0) return [told];
	const shown = await exec(argumentsOf([
		"docker",
		"image",
		"inspect"
	], [["--format", "{{.Architecture}}"]], plan.tags.slice(0, 1)), {
		cwd: workspace,
		env
	});
	return shown.code === 0 ? [shown.stdout.trim()] : [];
}
async function writeSecretFiles(secrets, folder) {
	const files = {};
	for (const [id, from] of Object.entries(secrets)) {
		if ("file" in from) continue;
		files[id] = join(folder, `secret-${Object.keys(files).length}`);
		await writeFile(files[id], from.value.reveal(), { mode: 384 });
	}
	return files;
}
/** The environment of buildx, besides that of the login. */
function buildxEnvironment(all, { log }) {
	const cacheService = all[0]?.cacheService ?? {};
	const cachedByGithub = all.flatMap(({ cacheFrom, cacheTo }) => [...cacheFrom, ...cacheTo]).some((cache) => cacheType(cache) === "gha");
	if (cachedByGithub && cacheService["ACTIONS_RUNTIME_TOKEN"] === void 0) log.warning("There is no cache of the type gha here: the runner gave no ACTIONS_RUNTIME_TOKEN. The image is built without it.");
	return {
		BUILDX_NO_DEFAULT_ATTESTATIONS: "1",
		BUILDX_METADATA_PROVENANCE: "disabled",
		BUILDX_METADATA_WARNINGS: "1",
		...cachedByGithub ? Object.fromEntries(Object.entries(cacheService).map(([name, value]) => [name, value.reveal()])) : {}
	};
}
/**
* What BuildKit has to say about a Dockerfile, as its `--check` would, each once. The warnings of several builds come together, and tell whose they are
* by the text of the Dockerfile: `source`.
*/
function warningsIn(metadata, dockerfile, source) {
	const list = valueAt(metadata, "buildx.build.warnings");
	const found = /* @__PURE__ */ new Map();
	for (const warning of Array.isArray(list) ? list : []) {
		if (source !== void 0 && Buffer.from(textAt(warning, "sourceInfo", "data") ?? "", "base64").toString() !== source) continue;
		const text = Buffer.from(textAt(warning, "short") ?? "", "base64").toString();
		const line = valueAt(warning, "range", "0", "start", "line");
		const location = {
			file: dockerfile,
			...typeof line === "number" && line > 0 ? { line } : {}
		};
		if (text !== "") found.set(text, [`${text.replace(/ \(line \d+\)$/, "")}${textAt(warning, "url") === void 0 ? "" : `, see ${textAt(warning, "url")}`}`, location]);
	}
	return [...found.values()].sort(([, a], [, b]) => (a.line ?? 0) - (b.line ?? 0));
}
// src/image/bake.ts
/**
* Builds several images at once, by one `docker buildx bake`; gives what each became, in their order. The definition is a file outside of the workspace
* that ends with the run, and no secret is in it. Throws as `build` does; the message begins with the name of the image that failed.
*/
async function bake(all, env, runtime) {
	const folder = await runtime.privateFolder();
	const metadataFile = join(folder, "metadata.json");
	const definition = join(folder, "bake.json");
	const inputs = all.map((one) => one.inputs);
	const builder = await findBuilder(together(inputs), env, runtime);
	const targets = await Promise.all(all.map(async ({ name, plan, labels, inputs: own }) => {
		return [name, bakeTarget(plan, own, {
			labels,
			secretFiles: await secretFilesOf(plan, own, await runtime.privateFolder(), runtime),
			...builder,
			builder: builder.name,
			metadataFile
		})];
	}));
	await writeFile(definition, JSON.stringify({ target: Object.fromEntries(targets) }), { mode: 384 });
	const chosen = each("--builder", builder.name === void 0 ? [] : [builder.name]);
	const names = all.map(({ name }) => name);
	const options = {
		cwd: runtime.workspace,
		env: {
			...env,
			...buildxEnvironment(inputs, runtime),
			BUILDX_BAKE_ENTITLEMENTS_FS: "0"
		},
		stream: true
	};
	const argv = argumentsOf([
		"docker",
		"buildx",
		"bake"
	], [
		["--progress", "plain"],
		...chosen,
		["--file", definition],
		["--metadata-file", metadataFile]
	], names);
	const result = await repeatPush(async () => runtime.exec(argv, options), runtime);
	const sources = await Promise.all(all.map(async ({ plan }) => readFile(plan.dockerfile, "utf8")));
	if (result.code !== 0) throw bakeError(result, all, sources, runtime.workspace);
	const metadata = JSON.parse(await readFile(metadataFile, "utf8"));
	const warnings = all.flatMap(({ plan }, i) => warningsIn(metadata, relative(runtime.workspace, plan.dockerfile), sources[i]));
	const told = warnings.filter(([text, at], i) => warnings.findIndex((other) => other[0] === text && other[1].file === at.file) === i);
	for (const [text, location] of told.slice(0, 10)) runtime.log.warning(text, location);
	return Promise.all(all.map(async ({ name, plan, inputs: own }) => builtIn(valueAt(metadata, name), plan, own, env, runtime)));
}
/** Why a bake failed: buildx names the target, and puts its name before those of its steps. */
function bakeError(result, all, sources, workspace) {
	const name = /^(?:ERROR: )?target ([\w-]+): /m.exec(result.stderr)?.[1] ?? /^ > \[([\w-]+) /m.exec(result.stderr)?.[1];
	const at = Math.max(0, all.findIndex((one) => one.name === name));
	const building = all[at];
	if (building === void 0) throw new Error("a bake of nothing");
	const strip = (text) => text.replaceAll(`target ${building.name}: `, "").replaceAll(`[${building.name} `, "[");
	const own = {
		...result,
		stdout: strip(result.stdout),
		stderr: strip(result.stderr),
		lines: result.lines.map(strip)
	};
	const dockerfile = relative(workspace, building.plan.dockerfile);
	return failureOf(building.name, buildError(own, building.plan.name, dockerfile, sources[at] ?? ""));
}
/** What all of them ask of the one builder. */
function together(all) {
	const asked = (one) => one !== void 0 && one !== "false";
	return {
		platforms: all.map(({ platforms }) => platforms).reduce((a, b) => b.length > a.length ? b : a, []),
		cacheFrom: all.flatMap(({ cacheFrom }) => cacheFrom),
		cacheTo: all.flatMap(({ cacheTo }) => cacheTo),
		provenance: all.map(({ provenance }) => provenance).find(asked),
		sbom: all.map(({ sbom }) => sbom).find(asked),
		builder: all[0]?.builder,
		sourceDateEpoch: all[0]?.sourceDateEpoch,
		push: all.some(({ push }) => push)
	};
}
// src/image/labels.ts
/** SHA-256 of what an image was built of, the run that built it, and whose run that was. */
const CONTENT = "nomad-deploy.content";
const RUN = "nomad-deploy.run";
const TRUST = "nomad-deploy.trust";
const REVISION = "org.opencontainers.image.revision";
const CREATED = "org.opencontainers.image.created";
/** The labels that differ from commit to commit and from run to run, whatever the image is. */
const OF_A_BUILD = [
	CONTENT,
	RUN,
	TRUST,
	REVISION,
	CREATED
];
/** Returns the run that built an image, and its commit, as the labels of the image say it. */
function builderIn(labels) {
	const { [RUN]: run, [REVISION]: revision } = labels;
	return {
		...run ? { run } : {},
		...revision ? { revision } : {}
	};
}
/**
* Where an image comes from, by the names of the OCI image specification. The date is the commit's, so that the same commit gives the same image; it
* is left out where git can't tell it. And whose run builds it.
*/
async function originLabels({ source, commit, trust }, { exec, workspace }) {
	const shown = !/^[0-9a-f]+$/.test(commit) ? void 0 : await exec([
		"git",
		"show",
		"--no-patch",
		"--format=%ct",
		commit,
		"--"
	], { cwd: workspace });
	const seconds = shown?.code === 0 && /^\d+$/.test(shown.stdout.trim()) ? Number(shown.stdout.trim()) : void 0;
	return {
		[TRUST]: trust,
		"org.opencontainers.image.source": source,
		[REVISION]: commit,
		...seconds === void 0 ? {} : { [CREATED]: (/* @__PURE__ */ new Date(seconds * 1e3)).toISOString().replace(".000Z", "Z") }
	};
}
// src/image/login.ts
/** The logins that the inputs ask for: at the registry that is pushed to, and wherever else images come from. */
function loginsOf(inputs) {
	const all = [...inputs.flatMap(({ push, registry, registryUsername, registryPassword }) => push && registryPassword !== void 0 ? [{
		registry,
		username: registryUsername ?? "x-access-token",
		password: registryPassword
	}] : []), ...inputs.flatMap(({ registryAuth }) => registryAuth)].map(({ registry: name, ...account }) => ({
		...account,
		host: hostOf(name)
	}));
	return [...new Map(all.map((login) => [login.host, login])).values()];
}
/**
* Logs in within a configuration folder of our own, which ends with the run, so that nothing stays on a self-hosted runner. What the user's own
* configuration holds (other logins, credential helpers, builders, plugins) keeps working.
*/
async function login(inputs, runtime) {
	const logins = loginsOf(inputs);
	if (logins.length === 0) return {
		environment: {},
		check: async () => void 0
	};
	const environment = await runtime.dockerConfig(logins);
	const ask = async (one, answered) => {
		if (!answered.includes(one.host)) await check(one, environment, runtime);
		runtime.log.info(`Logged in to ${one.host} as ${one.username}`);
	};
	return {
		environment,
		check: async (answered) => void await Promise.all(logins.map(async (one) => ask(one, answered)))
	};
}
async function check({ host, username, password }, env, { exec, workspace }) {
	const result = await exec(argumentsOf(["docker", "login"], [["--username", username], "--password-stdin"], [host]), {
		cwd: workspace,
		env,
		stdin: password.reveal()
	});
	requireDocker(result);
	if (result.code !== 0) throw loginError(result, host, username);
}
// src/image/lookup.ts
const BUILDX = ["docker", "buildx"];
/** Where docker looks for its plugins: https://github.com/docker/cli/blob/master/cli-plugins/manager/manager_unix.go */
const PLUGIN_FOLDERS = [
	"local/lib",
	"local/libexec",
	"lib",
	"libexec"
].map((folder) => `/usr/${folder}/docker/cli-plugins`);
/** The exit code of a program that does not exist. */
const MISSING = 127;
/** The image that a reference means in its registry, by digest. Throws `image-not-found` or `registry-denied`. */
async function inRegistry(reference, env, runtime) {
	const { result, found } = await inspect(reference, env, runtime);
	requireDocker(result);
	if (found === void 0) throw existingError(result, reference);
	return {
		reference: found.reference,
		architectures: found.architectures
	};
}
/**
* As `inRegistry`, with what the image tells of itself; undefined when it can't be had, for whatever reason. `answered` is true when the registry showed it,
* or said that there is none.
*/
async function lookInRegistry(reference, env, runtime) {
	const { result, found } = await inspectQuickly(reference, env, runtime);
	if (found !== void 0) return {
		answered: true,
		found
	};
	const said = lastError(result);
	runtime.log.debug(said);
	return {
		answered: said.endsWith(": not found"),
		found
	};
}
/** The same of an image of the local engine. Its history is not read: the engine shows all settings. */
async function lookInEngine(reference, env, { exec, workspace, log }) {
	const result = await exec(argumentsOf([
		"docker",
		"image",
		"inspect"
	], [["--format", "{{json .}}"]], [reference]), {
		cwd: workspace,
		env
	});
	if (result.code !== 0) {
		log.debug(lastError(result));
		return { found: void 0 };
	}
	const shown = JSON.parse(result.stdout);
	const config = {
		config: valueAt(shown, "Config"),
		...Object.fromEntries([
			"Architecture",
			"Variant",
			"Os",
			"OsVersion",
			"Author",
			"RootFS"
		].map((name) => [name, valueAt(shown, name)]))
	};
	const architecture = textAt(shown, "Architecture");
	return { found: {
		reference,
		architectures: architecture === void 0 ? [] : [architecture],
		configs: { "": config },
		attested: false,
		labels: commonLabels([config])
	} };
}
function commonLabels(configs) {
	const [first, ...others] = configs.map((config) => Object.entries(valueAt(config, "config", "Labels") ?? {}));
	const labels = (first ?? []).filter(([name, value]) => others.every((other) => other.some(([n, v]) => n === name && v === value)));
	return Object.fromEntries(labels.map(([name, value]) => [name, String(value)]));
}
/** The image of the local engine, by its id. Throws `image-not-found`. */
async function inEngine(reference, env, runtime) {
	const looked = await runtime.exec(argumentsOf([
		"docker",
		"image",
		"inspect"
	], [["--format", "{{.Id}} {{.Architecture}}"]], [reference]), {
		cwd: runtime.workspace,
		env
	});
	requireDocker(looked);
	const [, id, architecture = ""] = /^(sha256:[0-9a-f]{64}) (\S+)/.exec(looked.stdout) ?? [];
	if (looked.code !== 0 || id === void 0) throw existingError(looked, reference);
	return {
		reference: await tagLocally(reference, id, env, runtime),
		architectures: [architecture]
	};
}
/** A local image has no digest that a node could ask for; its id, as a tag, names the content just as well. */
async function tagLocally(tag, digest, env, runtime) {
	const reference = `${nameOf(tag)}:${digest.replace(":", "-")}`;
	const result = await runtime.exec(argumentsOf(["docker", "tag"], [], [tag, reference]), {
		cwd: runtime.workspace,
		env
	});
	if (result.code !== 0) throw new ActionError("build-failed", `docker tag failed: ${lastError(result)}`);
	return reference;
}
function nameOf(reference) {
	return parseReference(reference)?.name ?? reference;
}
/** As `inspect`, by the plugin itself where it is at one of Docker's places: the detour by docker would be half of the time. */
async function inspectQuickly(reference, env, runtime) {
	const folders = [...env["DOCKER_CONFIG"] === void 0 ? [] : [join(env["DOCKER_CONFIG"], "cli-plugins")], ...PLUGIN_FOLDERS];
	for (const folder of folders) {
		const looked = await inspect(reference, env, runtime, [join(folder, "docker-buildx")]);
		if (looked.result.code !== MISSING) return looked;
	}
	return inspect(reference, env, runtime);
}
/** Asks a registry. */
async function inspect(reference, env, { exec, workspace }, buildx = BUILDX) {
	const format = "{{.Manifest.Digest}} {\"image\":{{json .Image}},\"manifest\":{{json .Manifest}}}";
	const result = await exec(argumentsOf([
		...buildx,
		"imagetools",
		"inspect"
	], [["--format", format]], [reference]), {
		cwd: workspace,
		env
	});
	const [, digest, text] = /^(sha256:[0-9a-f]{64}) (.*)$/s.exec(result.stdout.trim()) ?? [];
	if (result.code !== 0 || digest === void 0) return {
		result,
		found: void 0
	};
	const shown = JSON.parse(text ?? "null");
	const image = valueAt(shown, "image");
	const byPlatform = textAt(image, "architecture") === void 0 ? Object.entries(image ?? {}) : [["", image]];
	const all = byPlatform.map(([, config]) => config);
	const manifests = valueAt(shown, "manifest", "manifests");
	const kind = (manifest) => valueAt(manifest, "annotations", "vnd.docker.reference.type");
	return {
		result,
		found: {
			reference: `${nameOf(reference)}@${digest}`,
			architectures: [...new Set(all.flatMap((config) => textAt(config, "architecture") ?? []))],
			labels: commonLabels(all),
			configs: Object.fromEntries(byPlatform),
			attested: Array.isArray(manifests) && manifests.some((manifest) => kind(manifest) === "attestation-manifest")
		}
	};
}
// src/image/ignore.ts
/**
* Reads a `.dockerignore`, to be asked about the paths of a context (with `/`, relative to it) from above: `parent` is the answer for the folder. As
* BuildKit does: of the rules that match a path or a folder above it, the last one decides. Throws for a pattern that is none.
* See https://docs.docker.com/build/concepts/context/#dockerignore-files
*/
function readIgnoreFile(text) {
	const rules = text.replace(/^\ufeff/, "").split(/\r?\n/).filter((line) => !line.startsWith("#")).map((line) => line.trim()).filter((line) => line !== "" && line !== "!").map((line) => {
		const exception = line.startsWith("!");
		return {
			exception,
			...matcher(clean(line.slice(exception ? 1 : 0).trim()))
		};
	});
	return (path, parent) => {
		let ignored = false;
		const matched = rules.map(({ exception, matches }, i) => {
			const holds = parent?.matched[i] === true || exception === ignored && matches(path);
			if (holds) ignored = !exception;
			return holds;
		});
		return {
			ignored,
			descend: !ignored || rules.some((rule) => mayBeBelow(rule, path)),
			matched
		};
	};
}
/** Whether a rule may bring back something below an ignored folder. */
function mayBeBelow({ exception, path }, folder) {
	return exception && (path === void 0 || path.startsWith(`${folder}/`));
}
/** As Go's `filepath.Clean`, without the slash that a pattern may begin with. */
function clean(path) {
	const names = [];
	for (const name of path.split("/")) if (name === ".." && names.length > 0 && names.at(-1) !== "..") names.pop();
	else if (name !== "" && name !== ".") names.push(name);
	return names.join("/") || ".";
}
/** What a pattern matches, as github.com/moby/patternmatcher has it: `**` goes through folders, `*` and `?` do not. */
function matcher(glob) {
	if (!/[*?[\]\\]/.test(glob)) return {
		matches: (path) => path === glob,
		path: glob
	};
	const end = /^\*\*([^*?[\]\\]*)$/.exec(glob)?.[1];
	if (end !== void 0) return {
		matches: (path) => path.endsWith(end) || `/${path}` === end,
		path: void 0
	};
	const parts = [...glob.matchAll(/\*\*\/?|[*?]|\\.|\[\^?\\?[^\]]{0,256}\]|[^*?\\[]+|./gs)].flatMap(([part], i, all) => {
		if (part === "**/" || part === "**") return part === "**" && i === all.length - 1 ? [{ many: anything }] : FOLDERS;
		if (part === "*") return [{ many: notSlash }];
		if (part === "?") return [{ one: notSlash }];
		if (part.startsWith("\\")) return literally(part.slice(1));
		if (!part.startsWith("[")) return literally(part);
		const characters = new RegExp(`^${part}$`, "s");
		return [{ one: (character) => characters.test(character) }];
	});
	return {
		matches: (path) => matchesParts(parts, path),
		path: void 0
	};
}
// src/image/content.ts
/** Files up to this size (bytes) are read at once, which is twice as fast as by way of the event loop. */
const SMALL = 1 << 20;
/** Files that are read until others get their turn. */
const AT_ONCE = 50;
/** What a Dockerfile says that looks at the history of the repository: `COPY .git`, `RUN git describe`. */
const LOOKS_AT_GIT = /\.git(?![\w.-])|\bgit\s+(describe|rev-parse|log|show)\b/;
/**
* SHA-256 of all that decides what an image will be, as far as a builder's own cache would know it: the context without what `.dockerignore` leaves out,
* the Dockerfile, and the inputs. A git folder differs from checkout to checkout and is left out; for a Dockerfile that looks at it, the commit counts.
* Undefined when nobody can know: with secrets, an `ADD` from elsewhere, a commit that counts and is not known; and when something can't be read, which the builder will have a word for.
*/
async function contentOf({ contextFolder, dockerfile, commit }, inputs) {
	if (Object.keys(inputs.buildSecrets).length > 0) return void 0;
	try {
		const instructions = await small(dockerfile);
		const history = LOOKS_AT_GIT.test(instructions);
		if (addsFromElsewhere(instructions) || history && commit === "") return void 0;
		const paths = contextPaths(contextFolder, await ignoreFile(dockerfile, contextFolder));
		const sum = createHash("sha256").update(JSON.stringify([
			factsOf(inputs),
			instructions,
			history ? commit : ""
		]));
		for (const [i, path] of paths.entries()) {
			if (i % AT_ONCE === 49) await setImmediate();
			await add(sum, contextFolder, path);
		}
		return sum.digest("hex");
	} catch {
		return;
	}
}
function factsOf({ target, buildArgs, platforms, labels, provenance, sbom, sourceDateEpoch }) {
	return {
		scheme: 2,
		target,
		buildArgs: buildArgs.toSorted(),
		platforms: platforms.length === 0 ? process.arch : platforms.toSorted(),
		labels: labels.filter((label) => !label.startsWith("org.opencontainers.image.")).toSorted(),
		attested: [provenance, sbom].map((value) => value === "false" ? void 0 : value),
		sourceDateEpoch
	};
}
/** Whether an `ADD` fetches something that nobody here can know; with a checksum, its author does. */
function addsFromElsewhere(dockerfile) {
	return [...dockerfile.replace(/^[ \t]*#.*\n/gm, "").replace(/[\\`][ \t]*\r?\n/g, " ").matchAll(/^[ \t]*(?:ONBUILD[ \t]+)?ADD[ \t](.*)$/gim)].some(([, rest = ""]) => /:\/\/|git@|\$/.test(rest) && !rest.includes("--checksum="));
}
/**
* BuildKit takes the one beside a Dockerfile first: `web.Dockerfile.dockerignore`. Throws for one that is a link, a device or too large: where it leads to,
* the checkout decides.
*/
async function ignoreFile(dockerfile, contextFolder) {
	const own = [`${dockerfile}.dockerignore`, join(contextFolder, ".dockerignore")].find((path) => lstatSync(path, { throwIfNoEntry: false }) !== void 0);
	return own === void 0 ? "" : small(own, constants$1.O_NOFOLLOW);
}
/** The text of a regular file that is not large. A pipe that nobody writes to does not hold the run up. */
async function small(path, more = 0) {
	const file = await open(path, constants$1.O_RDONLY | constants$1.O_NONBLOCK | more);
	try {
		const info = await file.stat();
		if (!info.isFile() || info.size > SMALL) throw new Error(`${path} is no regular file of at most ${SMALL} bytes`);
		return await file.readFile("utf8");
	} finally {
		await file.close();
	}
}
/** The paths of a context as the builder would get it, sorted, but for git folders. Throws for a pattern that is none. */
function contextPaths(folder, ignore) {
	const rules = readIgnoreFile(ignore);
	const paths = [];
	const walk = (below, parent) => {
		for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
			const path = below === "" ? entry.name : `${below}/${entry.name}`;
			const answer = rules(path, parent);
			if (entry.name === ".git") continue;
			if (!answer.ignored && !entry.isSocket()) paths.push(path);
			if (entry.isDirectory() && answer.descend) walk(path, answer);
		}
	};
	walk("", void 0);
	return paths.sort();
}
/** A file by its mode and content, a link by its target; owners and dates do not make another image. */
async function add(sum, folder, path) {
	const full = join(folder, path);
	const info = lstatSync(full);
	const target = info.isSymbolicLink() ? readlinkSync(full) : "";
	sum.update(JSON.stringify([
		path,
		info.mode,
		target,
		info.isFile() ? info.size : 0
	]));
	if (!info.isFile()) return;
	if (info.size <= SMALL) {
		sum.update(readFileSync(full));
		return;
	}
	const file = await open(full);
	try {
		const buffer = Buffer.allocUnsafe(SMALL);
		let { bytesRead } = await file.read(buffer);
		for (; bytesRead > 0; bytesRead = (await file.read(buffer)).bytesRead) sum.update(buffer.subarray(0, bytesRead));
	} finally {
		await file.close();
	}
}
// src/image/reuse.ts
/** Labels of an image that no run finds again; blank, since a Dockerfile can say anything of itself. */
const UNFINDABLE = {
	[CONTENT]: "",
	[RUN]: ""
};
/**
* Looks for an image of this very content in the registry, by the tags that name it: what a run of the same kind as this one pushed, or of a kind that
* is trusted more, never less. When there is none (or `no-cache` or `pull` ask for a fresh one), gives what makes the image findable: nothing when it
* is not pushed, or its content can't be known.
*/
async function findBuilt(plan, inputs, env, runtime) {
	const content = inputs.push ? await contentOf(plan, inputs) : void 0;
	if (content === void 0) return {
		labels: UNFINDABLE,
		tags: [],
		answered: false
	};
	const tagOf = (trust) => `${plan.name}:${contentTag(content, trust)}`;
	const own = tagOf(plan.trust);
	const label = {
		...UNFINDABLE,
		[CONTENT]: `sha256:${content}`
	};
	if (inputs.noCache || inputs.pull) return {
		labels: label,
		tags: [own],
		answered: false
	};
	const kinds = trustedBy(plan.trust);
	const looked = await Promise.all(kinds.map(async (trust) => lookInRegistry(tagOf(trust), env, runtime)));
	const found = looked.find((one) => one.found?.labels[CONTENT] === label[CONTENT])?.found;
	const answered = looked.some((one) => one.answered);
	if (found === void 0) return {
		labels: {
			...label,
			[RUN]: plan.runUrl
		},
		tags: [own],
		answered
	};
	const { labels, reference, architectures } = found;
	return {
		answered: true,
		built: {
			reference,
			architectures,
			builtBy: builderIn(labels)
		}
	};
}
// src/image/same.ts
/** The number of running images that are compared: a job with more images of one repository runs different ones. */
const MAX_COMPARED = 4;
/**
* Returns the running image in place of the one that was built or found, if a container of both is the same: then a job that runs it need not restart.
* `running` are images of the plan's repository. An image that can't be read, or that a less trusted run built, is not taken. The tags of the plan move to the
* image that is taken.
*/
async function keepRunning(image, plan, { push }, running, runtime) {
	const { reference, environment } = image;
	const candidates = running.filter((one) => localId(one.reference) === void 0 === push).slice(0, MAX_COMPARED);
	const names = [reference, `${plan.name}:${digestTag(parseReference(reference)?.digest ?? "")}`];
	if (candidates.length === 0 || candidates.some((one) => names.includes(one.reference))) return image;
	const look = push ? lookInRegistry : lookInEngine;
	const [own, ...others] = await Promise.all([reference, ...candidates.map((one) => one.reference)].map(async (one) => look(one, environment, runtime)));
	for (const [i, { found }] of others.entries()) {
		if (own?.found === void 0 || found === void 0 || !isSame(own.found, found)) continue;
		if (!await isTrusted(found, plan, environment, runtime)) continue;
		const { reference: kept } = found;
		const jobId = candidates[i]?.jobId;
		runtime.log.info(`Same image: ${reference} has the layers and settings of ${kept}, which ${jobId} runs. The running image stays.`);
		return {
			...image,
			reference: kept,
			builtBy: builderIn(found.labels),
			unused: reference,
			pendingTags: push ? plan.tags : []
		};
	}
	return image;
}
/**
* Returns whether containers of two images are the same: for each platform the layers and the settings, except for dates and for the labels of a build. The
* texts of the history count, since `buildx imagetools` shows a HEALTHCHECK only there. The presence of attestations counts, but not their content, which
* describes time and place of the build.
*/
function isSame(a, b) {
	const [own, other] = [a, b].map(({ configs }) => Object.entries(configs).map(([platform, config]) => [platform, withoutBuild(config)]));
	if (own === void 0 || other === void 0 || own.length === 0 || a.attested !== b.attested) return false;
	return isDeepStrictEqual(Object.fromEntries(own), Object.fromEntries(other));
}
/** Returns a configuration without dates and without the labels of a build. */
function withoutBuild(config) {
	const history = valueAt(config, "history");
	return {
		...without(config, [
			"created",
			"history",
			"config"
		]),
		config: without(valueAt(config, "config"), ["Labels"]),
		labels: without(valueAt(config, "config", "Labels"), OF_A_BUILD),
		history: Array.isArray(history) ? history.map((step) => without(step, ["created"])) : []
	};
}
function without(value, names) {
	return Object.fromEntries(Object.entries(value ?? {}).filter(([name]) => !names.includes(name)));
}
/** Returns whether this run takes images of the kind of run that built this one. Version 0.1.0 recorded that kind only by the tag of the content. */
async function isTrusted({ labels, reference }, { trust, name }, environment, runtime) {
	const kinds = trustedBy(trust);
	const built = labels[TRUST];
	if (built !== void 0) return kinds.some((kind) => kind === built);
	const content = /^sha256:([0-9a-f]{64})$/.exec(labels["nomad-deploy.content"] ?? "")?.[1];
	if (content === void 0) return false;
	const tagged = kinds.map(async (kind) => lookInRegistry(`${name}:${contentTag(content, kind)}`, environment, runtime));
	return (await Promise.all(tagged)).some(({ found }) => found?.reference === reference);
}
// src/image/resolve.ts
/**
* Carries image plans out: logs in to the registries, and there looks up the digests of existing images, of those that were built of the same content
* before, or of those that docker buildx builds and pushes: one by `build`, several at once by `bake`. Throws `build-failed` with the line of the
* Dockerfile, `registry-denied`, `unreachable` or `image-not-found`; of several, the message begins with the name of the image. In place of an image that was
* built or found, one of `runningOf` is taken if it is the same.
*/
async function resolveImages(all, runningOf, runtime) {
	const { environment, check } = await login(all.map(({ inputs }) => inputs), runtime);
	const builds = all.flatMap(({ plan, inputs }) => plan.kind === "build" ? [{
		plan,
		inputs
	}] : []);
	const found = await Promise.all(builds.map(async ({ plan, inputs }) => findBuilt(plan, inputs, environment, runtime)));
	await check(builds.flatMap(({ plan }, i) => found[i]?.answered === true ? [registryOf(plan.name) ?? ""] : []));
	const ready = await Promise.all(all.map(async ({ name, plan, inputs }) => naming(name, async () => {
		if (plan.kind === "existing") return lookUp(plan.reference, inputs, environment, runtime);
		const before = found[builds.findIndex((one) => one.plan === plan)];
		return before !== void 0 && "built" in before ? takeBuilt(before.built, plan, environment, runtime) : todoOf({
			name: name ?? "",
			plan,
			inputs
		}, before, runtime);
	})));
	const todo = ready.flatMap((one) => "labels" in one ? [one] : []);
	const built = await buildAll(todo, environment, runtime);
	const images = await Promise.all(ready.map(async (one) => {
		if (!("labels" in one)) return one;
		const { plan, inputs, pendingTags } = one;
		const { digest = "", architectures = [] } = built[todo.indexOf(one)] ?? {};
		runtime.log.info(`Built ${plan.name}@${digest}`);
		return {
			reference: inputs.push ? `${plan.name}@${digest}` : await tagLocally(plan.tags[0] ?? digest, digest, environment, runtime),
			architectures,
			isNew: true,
			pendingTags,
			environment
		};
	}));
	return Promise.all(images.map(async (image, i) => {
		const asked = all[i];
		if (asked?.plan.kind !== "build") return image;
		return withDigestTag(await keepRunning(image, asked.plan, asked.inputs, runningOf(asked), runtime), asked, runtime);
	}));
}
/** Adds the tag by which a spec takes a built image. */
async function withDigestTag(image, { inputs }, runtime) {
	const { name, digest } = parseReference(image.reference) ?? {};
	if (!takesTag(inputs.imageVariables) || digest === void 0) return image;
	const tagged = `${name}:${digestTag(digest)}`;
	const { found } = await lookInRegistry(tagged, image.environment, runtime);
	return parseReference(found?.reference ?? "")?.digest === digest ? image : {
		...image,
		pendingTags: [...image.pendingTags, tagged]
	};
}
async function buildAll(todo, environment, runtime) {
	const [first] = todo;
	if (first === void 0) return [];
	if (todo.length > 1) return bake(todo, environment, runtime);
	const { plan, labels, inputs, name } = first;
	return [await naming(name === "" ? void 0 : name, async () => build(plan, labels, inputs, environment, runtime))];
}
/** An image that exists already. */
async function lookUp(reference, { push, imageVariables }, environment, runtime) {
	const digest = parseReference(reference)?.digest !== void 0;
	const look = push ? inRegistry : inEngine;
	if (digest && takesTag(imageVariables)) await requireTag(reference, environment, runtime);
	return {
		pendingTags: [],
		environment,
		isNew: false,
		...digest ? {
			reference,
			architectures: []
		} : await look(reference, environment, runtime)
	};
}
/** Refuses an image by its digest if the tag by which a spec takes it is missing, or is another image's. Throws `image-not-found`. */
async function requireTag(reference, environment, runtime) {
	const { name = "", tag, digest = "" } = parseReference(reference) ?? {};
	const tagged = `${name}:${tag ?? digestTag(digest)}`;
	const hint = "Nothing was registered. Give `image` with a tag, or `image-variables` to the step that builds the image, which then has that tag as well.";
	const found = await inRegistry(tagged, environment, runtime).catch((error) => {
		const { code, message } = toActionError(error);
		throw code === "image-not-found" ? new ActionError(code, message, {
			hint,
			cause: error
		}) : error;
	});
	if (parseReference(found.reference)?.digest !== digest) throw new ActionError("image-not-found", `${tagged} is not the image ${reference}`, { hint });
}
/** An image that was built of the same content before. */
function takeBuilt(built, { tags }, environment, { log }) {
	log.info(`Not built again: ${built.reference} was built of the same content${describeBuild(built)}`);
	return {
		...built,
		isNew: false,
		pendingTags: tags,
		environment
	};
}
/** What has to be built, with what makes it findable. */
async function todoOf({ name, plan, inputs }, findable = {
	labels: UNFINDABLE,
	tags: []
}, runtime) {
	const all = [...plan.tags, ...findable.tags];
	const [now, pendingTags] = inputs.push && (inputs.test ?? inputs.scan) !== void 0 ? splitTags(plan.name, all) : [all, []];
	const labels = {
		...await originLabels(plan, runtime),
		...findable.labels
	};
	return {
		name,
		plan: {
			...plan,
			tags: now
		},
		labels,
		inputs,
		pendingTags
	};
}
function describeBuild({ builtBy: { revision, run } }) {
	return `${revision === void 0 ? "" : ` at commit ${revision.slice(0, 7)}`}${run === void 0 ? "" : ` by ${run}`}`;
}
/** What is to be tested is pushed by the tags of its commit and content only, where there are any: the others are what people and jobs pull. */
function splitTags(name, tags) {
	const own = tags.filter((tag) => ["sha", "content"].some((kind) => tag.startsWith(`${name}:${kind}-`)));
	return own.length === 0 ? [tags, []] : [own, tags.filter((tag) => !own.includes(tag))];
}
/** Gives an image in the registry its further tags; its digest stays. */
async function publishTags({ reference, pendingTags, environment }, { exec, workspace }) {
	const result = await exec(argumentsOf([
		"docker",
		"buildx",
		"imagetools",
		"create"
	], [["--prefer-index", "false"], ...each("--tag", pendingTags)], [reference]), {
		cwd: workspace,
		env: environment
	});
	if (result.code !== 0) throw tagError(result, pendingTags.join(", "));
}
// src/image/running.ts
/**
* Returns the images of the plan's repository that the registered jobs run, each by its content and once. Only a job of the same owner counts: the same
* repository, environment and, of a review app, branch. None for a job that is stopped, and with `FORCE_PULL`, which asks for a restart.
*/
function runningImages(plan, jobs, context) {
	if (plan.kind !== "build") return [];
	const found = /* @__PURE__ */ new Map();
	for (const { live, draft, work } of jobs) {
		if (live === void 0 || live.Stop || !isOwn(live, context, work.target)) continue;
		if (draft.settings.some(({ name, value }) => name === "FORCE_PULL" && value === "true")) continue;
		for (const reference of referencesIn(JSON.stringify(live.TaskGroups ?? []), plan.name)) if (!found.has(reference)) found.set(reference, {
			reference,
			jobId: live.ID
		});
	}
	return [...found.values()];
}
/** Returns whether this run is the owner of a job. A job of version 0.1.0 has no record, but its meta names the repository and the environment. */
function isOwn(live, context, target) {
	const owner = ownerOf(context, target);
	const { record, noted } = ownedJob(live, "");
	if (record !== void 0) return sameOwner(record, owner);
	const { repository, environment } = noted ?? {};
	return owner.ref === void 0 && environment === owner.environment && repository?.toLowerCase() === owner.repository.toLowerCase();
}
/** Returns the images of a repository by digest, by the tag of the digest, or by the id of an image of the local engine, wherever a job names them. */
function referencesIn(text, name) {
	const whole = String.raw`(?:(?<=docker://)|(?<![\w./:@-]))${name.replace(/[^\w]/g, "\\$&")}`;
	const content = String.raw`(?:(?::[\w.-]+)?(@sha256:[0-9a-f]{64})|(:sha256-[0-9a-f]{64}|:digest-[0-9a-f]{32}))(?![\w.@-])`;
	return [...text.matchAll(new RegExp(whole + content, "g"))].map(([, digest, tag]) => `${name}${digest ?? tag}`);
}
// src/image/trial.ts
/** Exit codes of `docker run` for what never began: https://docs.docker.com/reference/cli/docker/container/run/#exit-status */
const DOCKER_FAILED = 125;
const NOT_STARTED = [126, 127];
const NOT_FOUND = "A shell says \"not found\" also of a script whose first line names a program that the image does not have.";
/** The arguments of `docker` for a test: a shell of the image runs a text, a list is run as it is. Folder and user are the image's own. */
function testArgs(test, reference, name, envFile) {
	const [program, ...args] = typeof test === "string" ? [
		"sh",
		"-ec",
		test
	] : test;
	return argumentsOf(["run"], [
		"--rm",
		["--name", name],
		...each("--env-file", envFile === void 0 ? [] : [envFile]),
		["--entrypoint", program]
	], [reference, ...args]);
}
/** Runs `test` in a container of the image. Throws `test-failed` when it does not end with 0, or never began. */
async function testImage(test, { reference, environment }, { testEnv }, runtime) {
	const name = `nomad-deploy-test-${randomBytes(4).toString("hex")}`;
	const onAbort = [
		"docker",
		"rm",
		"--force",
		name
	];
	runtime.atEnd({
		kind: "container",
		name
	});
	const lines = Object.entries(testEnv).map(([key, value]) => `${key}=${value}\n`);
	const envFile = lines.length === 0 ? void 0 : join(await runtime.privateFolder(), "test.env");
	if (envFile !== void 0) await writeFile(envFile, lines.join(""), { mode: 384 });
	const argv = ["docker", ...testArgs(test, reference, name, envFile)];
	const result = await runtime.exec(argv, {
		cwd: runtime.workspace,
		env: environment,
		stream: true,
		onAbort
	});
	if (result.code !== 0) throw testError(test, result);
}
/** Why a test failed. */
function testError(test, result) {
	const said = lastError(result);
	const output = lastLines(result);
	const failed = (message, hint) => new ActionError("test-failed", message, {
		output,
		...hint === void 0 ? {} : { hint }
	});
	const docker = result.stderr.includes("Error response from daemon") || result.code === DOCKER_FAILED;
	if (docker && !NOT_STARTED.includes(result.code)) {
		requireDocker(result);
		return failed(`the test could not be run: ${said}`);
	}
	if (docker && /exec: "sh"/.test(result.stderr)) return failed("the test could not be run: the image has no shell", "Give `test` as a JSON list, such as [\"/app\", \"--self-test\"], or test a stage that has one.");
	if (/exec format error/.test(result.stderr)) {
		if (typeof test !== "string" && !/exec (\S*\/)?sh: /.test(result.stderr)) return failed(`the test could not be run: ${test[0]} is neither a program for this runner's processor nor a script whose first line names its interpreter`, "A script begins with a line such as #!/bin/sh. For images of another processor, add docker/setup-qemu-action.");
		return failed("the test could not be run: the image is for another processor than this runner", "Add docker/setup-qemu-action, or test on a runner of that kind.");
	}
	if (docker) return failed(`the test could not be run: ${said}`);
	const unsure = result.code === 127 ? ` ${NOT_FOUND}` : "";
	return failed(`the test of the image failed with exit code ${result.code}${saying(output)}`, `Nothing was deployed.${unsure}`);
}
/** Runs `scan` on the runner, with the image as `$IMAGE`. Throws `scan-failed` when it does not end with 0, or could not be started. */
async function scanImage(scan, { reference, environment }, runtime) {
	const [program = "", ...args] = splitWords(scan, { IMAGE: reference });
	const options = {
		cwd: runtime.workspace,
		env: {
			...environment,
			IMAGE: reference
		},
		stream: true
	};
	const result = await runtime.exec([program, ...args], options).catch((error) => {
		if (error.code !== "EACCES") throw error;
		throw new ActionError("scan-failed", `\`scan\`: ${program} may not be executed`, { hint: `Make it executable: git update-index --chmod=+x ${program}` });
	});
	if (result.code === 0) return;
	const output = lastLines(result);
	if (result.notStarted !== true) throw new ActionError("scan-failed", `the scan of the image failed with exit code ${result.code}${saying(output)}`, {
		output,
		hint: "Nothing was deployed."
	});
	const what = program.includes("/") && existsSync(resolve(runtime.workspace, program)) ? "could not be started: this runner does not have the program that its first line names" : "was not found on this runner";
	throw new ActionError("scan-failed", `\`scan\`: ${program} ${what}`, {
		output,
		hint: "Install it in a step before this one."
	});
}
function lastLines({ lines }) {
	return lines.filter((line) => line.trim() !== "").slice(-20);
}
function saying(output) {
	const last = output.at(-1)?.trim();
	return last === void 0 ? ", without a word" : `, saying ${JSON.stringify(last.slice(0, 200))}`;
}
export { resolveImages as a, imageOf as c, namesGiven as d, tagsOf as f, publishTags as i, keyOf as l, testImage as n, planImage as o, lastError as p, runningImages as r, byName as s, scanImage as t, namedImages as u };
