import { E as toActionError, S as messageOf, _ as ActionError } from "./runtime.js";
import { $t as hostOfRegistry, Ct as sourceText, Ln as shellWord, Ot as hostProblem, St as readTree, Tn as lex, Y as confine, Z as readInside, cn as registryOf, dt as INPUTS, j as givenTexts, kt as slug, pn as linesOf, xt as placeText } from "./start.js";
import { Gr as readBlocks, Mn as namesSecret, On as foreignTemplates, Wr as declaredVariables, jn as looksGenerated, zr as wholeJob } from "./steps.js";
import { mkdir, open, readdir, realpath } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
// src/init/check-path.ts
/** Returns the path that a health check of a container requests from the container itself, such as `/healthz`; undefined for any other check. */
function checkPathIn(command, at) {
	const [, path = ""] = /https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::[^/\s"']{1,20})?(\/[\w./-]{0,200})/.exec(command) ?? [];
	return path === "" || path === "/" ? void 0 : {
		at,
		text: path
	};
}
// src/init/dockerfile.ts
/** Reads a Dockerfile. `target` is the stage of the image, by its name or number; without it, the last one. Never throws. */
function readDockerfile({ name: path, text }, target) {
	const all = instructionsOf(text);
	const own = ofStage(all, target);
	const values = valuesOf$1(all, own);
	const notes = [];
	const ports = own.filter(({ name }) => name === "EXPOSE").flatMap(({ words, line }) => words.split(/\s+/).flatMap((word) => {
		const at = `${path}:${line}`;
		const [, number = "", protocol = "tcp"] = /^(\d{1,5})(?:\/(\w+))?$/.exec(expanded(word, values)) ?? [];
		if (isPort(Number(number))) return [{
			number: Number(number),
			udp: protocol.toLowerCase() === "udp",
			at
		}];
		notes.push({
			at,
			text: "a port of EXPOSE is left out: it is not one number, or its variable has no value in the file"
		});
		return [];
	}));
	const variables = own.filter(({ name }) => name === "ENV").flatMap(({ words, line }) => assignments(words).map(([name]) => ({
		name,
		at: `${path}:${line}`
	})));
	const named = variables.find(({ name }) => name === "PORT");
	const number = Number(values.get("PORT"));
	const checks = own.filter(({ name }) => name === "HEALTHCHECK").map(({ words, line }) => checkPathIn(words, `${path}:${line}`));
	return {
		path,
		ports: distinct(ports),
		portVariable: named !== void 0 && isPort(number) ? {
			number,
			udp: false,
			at: named.at
		} : void 0,
		variables,
		checkPath: checks.at(-1),
		notes
	};
}
/** Returns the ports without those that are there twice, each as it came first. */
function distinct(ports) {
	return [...Map.groupBy(ports, ({ number, udp }) => `${number} ${udp}`).values()].flatMap(([first]) => first ?? []);
}
function isPort(number) {
	return Number.isInteger(number) && number > 0 && number < 65536;
}
/** Returns the instructions: lines joined at their continuations, without comments and here-documents. */
function instructionsOf(text) {
	const mark = /^#\s*escape\s*=\s*`/im.test(text.slice(0, 200)) ? "`" : "\\";
	const found = [];
	const lines = text.split(/\r?\n/);
	/** The last line of each text. */
	const ends = new Map(lines.map((line, i) => [line.trim(), i]));
	for (let i = 0; i < lines.length; i++) {
		let line = i + 1;
		const parts = [];
		for (; i < lines.length; i++) {
			const part = (lines[i] ?? "").trim();
			if (part.startsWith("#") || part === "" && parts.length > 0) continue;
			if (parts.length === 0) line = i + 1;
			parts.push(part.endsWith(mark) ? part.slice(0, -1).trim() : part);
			if (!part.endsWith(mark)) break;
		}
		const [, name = "", words = ""] = /^([a-z]+)\s+(.*)$/is.exec(parts.join(" ")) ?? [];
		if (name === "") continue;
		found.push({
			name: name.toUpperCase(),
			words: words.trim(),
			line
		});
		if (/^(RUN|COPY|ADD)$/i.test(name)) i = afterHeredocs(words, lines, i, ends);
	}
	return found;
}
/** Returns the number of the last line of the here-documents that an instruction begins. One without an end is none. */
function afterHeredocs(words, lines, from, ends) {
	let last = from;
	for (const [, end = ""] of words.matchAll(/<<-?\s?["']?([A-Za-z_]\w{0,100})["']?/g)) {
		if ((ends.get(end) ?? 0) <= last) continue;
		do
			last++;
		while (lines[last]?.trim() !== end);
	}
	return last;
}
/** The limit of the stages that a stage is followed through, because a Dockerfile may be a stranger's. */
const MAX_CHAIN = 50;
/** Returns the instructions of a stage, after those of the stages that it is built from. */
function ofStage(all, target) {
	const stages = [];
	for (const instruction of all) if (instruction.name === "FROM") {
		const [, from = "", name = ""] = /^(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/i.exec(instruction.words) ?? [];
		stages.push({
			name: name.toLowerCase(),
			from: from.toLowerCase(),
			own: []
		});
	} else stages.at(-1)?.own.push(instruction);
	const named = target?.toLowerCase();
	const at = stages.findIndex(({ name }, i) => name === named || String(i) === named);
	const chain = [];
	for (let i = named === void 0 || at < 0 ? stages.length - 1 : at; i >= 0 && chain.length < MAX_CHAIN;) {
		const stage = stages[i];
		chain.unshift(stage?.own ?? []);
		const above = i;
		i = stages.findLastIndex(({ name }, number) => number < above && name !== "" && name === stage?.from);
	}
	return chain.flat();
}
/** A number is wanted. Without a limit, values of values would grow without end. */
const MAX_VALUE = 100;
/** Returns the values of `ARG` and `ENV`, as far as they are written out. */
function valuesOf$1(all, own) {
	const first = all.findIndex(({ name }) => name === "FROM");
	const values = /* @__PURE__ */ new Map();
	for (const { name, words } of [...all.slice(0, Math.max(0, first)), ...own]) if (name === "ARG" || name === "ENV") for (const [key, value] of assignments(words)) values.set(key, expanded(value, values).slice(0, MAX_VALUE));
	return values;
}
/** Returns the assignments of `ENV` and `ARG`: `NAME=value …`, or the old form `NAME value`. */
function assignments(words) {
	const old = /^([A-Za-z_]\w*)\s+([^=].*)$/.exec(words);
	if (old !== null) return [[old[1] ?? "", old[2] ?? ""]];
	return [...words.matchAll(/(?<=^|\s)([A-Za-z_]\w*)=("[^"]*"|'[^']*'|[^\s"']*)/g)].map(([, name = "", value = ""]) => [name, value.replace(/^(["'])(.*)\1$/, "$2")]);
}
/** Returns a text with its variables replaced, as far as they are known. */
function expanded(text, values) {
	return text.replaceAll(/\$(?:(\w+)|\{(\w+)(?::?-([^}$]*))?\})/g, (whole, ...[plain, braced, otherwise]) => values.get(plain ?? braced ?? "") ?? otherwise ?? whole);
}
// src/init/ask.ts
/** The words of a question, and the problem of an answer; undefined for a good one. */
const QUESTIONS = {
	"nomad-addr": {
		words: "Address of Nomad's API, such as https://nomad.example.com:4646 (empty: later):",
		problem: (answer) => URL.canParse(answer) && /^(https?|unix):/.test(answer) ? void 0 : "An address begins with https:// or http://."
	},
	"base-domain": {
		words: "Domain below which the router of the cluster serves applications, such as apps.example.com (empty: none):",
		problem: (answer) => hostProblem(answer) === void 0 ? void 0 : "A domain has names with dots between them, and neither https:// nor a path."
	},
	port: {
		words: "Port on which the application listens [5000]:",
		problem: (answer) => isPort(Number(answer)) ? void 0 : "A port is a number up to 65535."
	},
	provider: {
		words: "Does the cluster have Consul, for its services? [Y/n]",
		problem: (answer) => /^(y|yes|n|no)$/i.test(answer) ? void 0 : "Answer yes or no."
	}
};
/** The number of times that a question is asked. */
const TRIES = 3;
/** Asks the open questions at a terminal. Returns the known facts with the answers; unchanged where nobody can be asked. */
async function askAll(questions, known, { ask, say }, signal) {
	let now = known;
	for (const question of questions) {
		const answer = await askOne(question, {
			ask,
			say
		}, signal);
		if (answer === void 0) return now;
		now = withAnswer(now, question, answer);
	}
	return now;
}
/** Returns a good answer, or an empty one for the default; undefined where nobody can be asked. */
async function askOne(question, { ask, say }, signal) {
	const { words, problem } = QUESTIONS[question];
	for (let i = 0; i < TRIES; i++) {
		const answer = (await ask(words, signal))?.trim();
		if (answer === void 0 || answer === "") return answer;
		const wrong = problem(answer);
		if (wrong === void 0) return answer;
		say(wrong);
	}
	return "";
}
function withAnswer(known, question, answer) {
	if (question === "provider") return {
		...known,
		provider: /^n/i.test(answer) ? "nomad" : "consul"
	};
	if (question === "port") return {
		...known,
		port: answer === "" ? 5e3 : Number(answer)
	};
	if (answer === "") return known;
	const given = [question, {
		value: answer,
		source: "your answer"
	}];
	return {
		...known,
		given: new Map([...known.given, given])
	};
}
// src/init/given.ts
/**
* Returns the value of an input with expressions in place of its secrets: the whole value where it has a masked text or the login of an address, else each `NAME=value`
* line that is secret by its name or look.
*/
function openValue(name, value, redact) {
	if (redact(value) !== value || /\/\/[^/\s]*@/.test(value)) {
		const own = name.toUpperCase().replaceAll("-", "_");
		return {
			value: `\${{ secrets.${own} }}`,
			secrets: [own]
		};
	}
	const secrets = [];
	return {
		value: value.split("\n").map((line) => {
			const [, key = "", text = ""] = /^\s*([A-Za-z_]\w*)=(.+)$/.exec(line) ?? [];
			if (key === "" || text.includes("${{") || !(namesSecret(key) || looksGenerated(text))) return line;
			secrets.push(key.toUpperCase());
			return `${key}=\${{ secrets.${key.toUpperCase()} }}`;
		}).join("\n"),
		secrets
	};
}
// src/init/lines.ts
/** Returns the lines of a map, indented by `depth` blanks. */
function mapLines(pairs, depth) {
	const indent = " ".repeat(depth);
	return pairs.flatMap(({ key, value, why, comment }) => {
		const behind = comment === void 0 ? "" : ` # ${comment}`;
		if (!value.includes("\n") || /(?!\n)\p{Cc}/u.test(value)) return [{
			text: `${indent}${key}: ${scalar(value)}${behind}`,
			why
		}];
		return [{
			text: `${indent}${key}: |${/^\s/.test(value) ? "2" : ""}`,
			why
		}, ...value.split("\n").map((line) => ({ text: line === "" ? "" : `${indent}  ${line}` }))];
	});
}
/** Returns a text as a scalar of YAML, with quotes where it needs them. */
function scalar(text) {
	const plain = /^(?:[A-Za-z0-9_./$]|-(?=\S))\P{Cc}*$/u.test(text) && !/: |:$| #|\s$/.test(text);
	const isOther = /^(null|~|yes|no|on|off)$/i.test(text) || /^[-+.]?\d[\d_.:exo+-]*$/i.test(text) && !/^(0|[1-9]\d{0,14})$/.test(text);
	if (/\p{Cc}/u.test(text)) return JSON.stringify(text);
	return plain && !isOther ? text : quoted(text);
}
/** Returns texts as a list on one line. */
function flowList(texts) {
	return `[${texts.map((text) => /[,[\]{}]/.test(text) ? quoted(text) : scalar(text)).join(", ")}]`;
}
function quoted(text) {
	return `'${text.replaceAll("'", "''")}'`;
}
/** Returns the text of a file. */
function fileText({ lines }) {
	return lines.map(({ text }) => `${text}\n`).join("");
}
// src/init/ports.ts
/** The port of the built-in template. */
const USUAL_PORT = 5e3;
/** Returns the variables of the built-in template by which an app is reached and checked, without those that have the default of the template. */
function templateVariables({ name, main, extra, isWorker, checkPath }, port) {
	if (isWorker) return [{
		key: "CHECK_PROTOCOL",
		value: "none",
		why: `${name} has no port in the compose file, so a running task counts as healthy`
	}];
	const number = main?.number ?? port ?? USUAL_PORT;
	const others = extra.filter((one) => one.number !== 1);
	const list = [`${number} = "http"`, ...others.map((one) => `-${one.number} = "port-${one.number}"`)].join(", ");
	const why = main === void 0 ? "the port of your answer" : `the port of ${main.at}`;
	const further = others.length === 0 ? "" : `; a negative number is a TCP port without an address: ${[...new Set(others.map(({ at }) => at))].join(", ")}`;
	return [...number === USUAL_PORT && others.length === 0 ? [] : [{
		key: "PORTS",
		value: `{ ${list} }`,
		why: `${why} is the main one${further}`
	}], ...checkPath === void 0 ? [] : [{
		key: "CHECK_PATH",
		value: checkPath.text,
		why: `the path of the health check of ${checkPath.at}`
	}]];
}
// src/init/config-lines.ts
/** Returns the inputs for a Dockerfile that is not the one of the root, or for a stage of it. */
function buildPairs({ context, dockerfile, target, at }) {
	const usual = context === "." ? "Dockerfile" : `${context}/Dockerfile`;
	return [
		...context === "." ? [] : [{
			key: "context",
			value: context,
			why: `the folder of ${at}`
		}],
		...dockerfile === usual ? [] : [{
			key: "file",
			value: dockerfile,
			why: `the Dockerfile of ${at}`
		}],
		...target === void 0 ? [] : [{
			key: "target",
			value: target,
			why: `the stage of ${at}`
		}]
	];
}
/** Returns the lines of a configuration file with an app for each image. `port` is that of apps whose files name none. */
function configLines(apps, port) {
	return [{
		text: "apps:",
		why: "the repository has several images; each app has a job of its own"
	}, ...apps.flatMap((app) => {
		const { name, at, context, dependsOn } = app;
		const vars = templateVariables(app, port);
		return [
			{
				text: `  ${name}:`,
				why: at
			},
			{
				text: `    context: ${scalar(context)}`,
				why: `the folder of ${at}`
			},
			...buildPairs(app).flatMap(({ key, value, why }) => key === "context" ? [] : [{
				text: `    ${key}: ${scalar(value)}`,
				why
			}]),
			...dependsOn.length === 0 ? [] : [{
				text: `    depends-on: ${flowList(dependsOn)}`,
				why: `${at} depends on it`
			}],
			...context === "." ? [] : [{
				text: `    paths: ${flowList([context])}`,
				why: `deployed only when a file of ${context} changed`
			}],
			...vars.length === 0 ? [] : [{ text: "    vars:" }],
			...vars.map(({ key, value, why }) => ({
				text: `      ${key}: ${scalar(value)}`,
				why
			}))
		];
	})];
}
// src/init/specs.ts
/** Reads a job spec in HCL or JSON. Returns undefined for a file without a job: a part of one, a policy, a volume. */
function readJobFile({ name: path, text }) {
	const place = linesOf(text);
	const at = (offset) => `${path}:${place(offset).line}`;
	if (/^\s*\{/.test(text)) return ofJson(path, text);
	const job = wholeJob(text);
	if (job === void 0) return void 0;
	const [foreign] = foreignTemplates(text);
	const root = readBlocks(text);
	return {
		path,
		at: `${path}:${job.line}`,
		label: root.blocks.find(({ type, labels }) => type === "job" && labels.length === 1)?.labels[0] ?? "",
		variables: declaredVariables(text),
		images: imagesIn(root).map((image) => ({
			text: image.text,
			at: at(image.at)
		})),
		foreign: foreign && {
			at: at(foreign.at),
			text: foreign.text
		}
	};
}
/** The `image` attributes of the `config` blocks of a file. */
function imagesIn(block) {
	return [...(block.type === "config" ? block.attributes.filter(({ name }) => name === "image") : []).map(({ text, at }) => ({
		text: text.slice(text.indexOf("=") + 1).trim(),
		at
	})), ...block.blocks.flatMap(imagesIn)];
}
function ofJson(path, text) {
	try {
		const data = JSON.parse(text);
		const job = isObject(data) ? data["Job"] ?? data["job"] : void 0;
		if (!isObject(job)) return void 0;
		const label = typeof job["ID"] === "string" ? job["ID"] : Object.keys(job)[0] ?? "";
		return {
			path,
			at: `${path}:1`,
			label,
			variables: declaredVariables(text),
			images: [],
			foreign: void 0
		};
	} catch {
		return;
	}
}
function isObject(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
/** Returns how a spec takes its image, by the first of its images that names a variable. See docs/images.md#which-variable-takes-the-image. */
function imageWay({ variables, images }) {
	if (variables.some(({ name }) => name === "image") && images.some(({ text }) => /\bvar\.image\b/.test(text))) return { how: "automatic" };
	for (const { text } of images) {
		const parts = partsOf(text);
		const known = parts.every((part) => typeof part === "string" || variables.some(({ name }) => name === part.name));
		const [first, second, third, ...others] = parts;
		if (!known || first === void 0 || others.length > 0) continue;
		if (typeof first === "object" && second === void 0) return {
			how: "variables",
			lines: [`${first.name}=image`],
			image: void 0
		};
		const [, name = "", mark = ""] = typeof first === "string" ? /^([\w.:/-]+?)([:@])$/.exec(first) ?? [] : [];
		if (typeof second === "object" && third === void 0 && name !== "") return {
			how: "variables",
			lines: [`${second.name}=${mark === "@" ? "digest" : "tag"}`],
			image: name
		};
		if (typeof first === "object" && typeof third === "object" && (second === ":" || second === "@")) return {
			how: "variables",
			lines: [`${first.name}=name`, `${third.name}=${second === "@" ? "digest" : "tag"}`],
			image: void 0
		};
	}
	return { how: "literal" };
}
/** Returns the parts of an expression that is `var.name` or a text with `${var.name}`; none for any other expression. */
function partsOf(expression) {
	const alone = /^var\.(\w+)$/.exec(expression)?.[1];
	if (alone !== void 0) return [{ name: alone }];
	const { tokens } = lex(expression);
	if (tokens.length !== 1 || !/^".*"$/s.test(expression)) return [];
	const parts = expression.slice(1, -1).split(/(\$\{\s*var\.\w+\s*\})/).filter((piece) => piece !== "").map((piece) => {
		const name = /^\$\{\s*var\.(\w+)/.exec(piece)?.[1];
		return name === void 0 ? piece : { name };
	});
	return parts.some((part) => typeof part === "string" && /[$%"\\]/.test(part)) ? [] : parts;
}
/** Reads `metadata.hcl`. Returns undefined for a file that describes no pack. */
function readPack({ name: path, text }) {
	const pack = readBlocks(text).blocks.find(({ type }) => type === "pack");
	if (pack === void 0) return void 0;
	const folder = posix.dirname(path);
	return {
		folder,
		at: `${path}:${linesOf(text)(pack.at).line}`,
		name: posix.basename(folder)
	};
}
// src/init/of-specs.ts
/** More specs than one workflow names. */
const MAX_SPECS = 20;
/** Variables that have a value without an input: docs/variables.md#automatic-values. */
const AUTOMATIC = /^(image|images|SLUG|HOSTNAMES|COUNT|NAMESPACE|SECRETS_TEMPLATE|SECRETS_RELEASE|CI_\w+)$/;
/** Returns the parts of a workflow for job specs, packs, and the calls that deployed them so far; undefined for a repository with none. */
function ofSpecs(survey) {
	const { jobs, packs, calls } = survey;
	if (jobs.length + packs.length + calls.length === 0) return void 0;
	const packCall = calls.find(({ program }) => program === "nomad-pack");
	const [pack] = packs;
	if (packCall !== void 0 || pack !== void 0 && jobs.length === 0) return ofPack(packCall, pack, calls);
	const named = calls.flatMap(({ file }) => file === void 0 ? [] : [file]);
	const chosen = named.length > 0 ? [...new Set(named)] : jobs.slice(0, MAX_SPECS).map(({ path }) => path);
	const specs = jobs.filter(({ path }) => chosen.includes(path));
	const image = imageOf(survey, specs);
	const values = valuesOf(calls, specs, image);
	const varFiles = [...new Set(calls.flatMap((call) => call.varFiles))];
	const isUsual = chosen.length === 1 && chosen[0] === "project.nomad";
	const namedBy = calls.find(({ file }) => file !== void 0)?.at;
	const one = (name) => {
		const call = calls.find((each) => each[name] !== void 0);
		const value = call?.[name];
		return value === void 0 ? [] : [{
			key: `nomad-${name}`,
			value,
			why: `the ${name} of ${call?.at}`
		}];
	};
	return {
		builds: image.builds,
		found: [
			...specs.map(({ at, label }) => ({
				at,
				text: `is the job ${label}`
			})),
			...calls.map(({ at, program }) => ({
				at,
				text: `registers the job by ${PROGRAMS[program]}`
			})),
			...calls.flatMap(({ notes }) => notes),
			...image.found
		],
		steps: [],
		inputs: [
			...one("namespace"),
			...one("region"),
			...image.pairs,
			...chosen.length === 0 || isUsual ? [] : [{
				key: "job",
				value: chosen.join("\n"),
				why: `the job spec${namedBy === void 0 ? "" : ` that ${namedBy} registers`}`
			}],
			...varFiles.length === 0 ? [] : [{
				key: "var-files",
				value: varFiles.join("\n"),
				why: `the variable files of ${calls[0]?.at}`
			}]
		],
		variables: values.variables,
		secrets: [],
		open: [
			...values.open,
			...specs.flatMap(({ foreign }) => foreign === void 0 ? [] : [`${foreign.at}: ${foreign.text} is a template of Levant, which Nomad does not read. Make a variable of it: docs/migrating-from-levant.md.`]),
			...varFiles.filter((file) => /\.(ya?ml|tf)$/.test(file)).map((file) => `${file}: write it as HCL (\`name = value\`) or JSON: docs/migrating-from-levant.md#variable-files.`),
			...named.length === 0 && jobs.length > MAX_SPECS ? [`Only ${MAX_SPECS} of ${jobs.length} job specs are named. Name the others in \`job\`, or write a glob.`] : [],
			...image.open,
			...calls.map(({ at }) => `${at}: remove this step when the new workflow has deployed, or both deploy.`)
		]
	};
}
const PROGRAMS = {
	nomad: "`nomad job run`",
	levant: "`levant deploy`",
	"nomad-pack": "`nomad-pack run`"
};
/** Returns how the image of the repository reaches its specs. */
function imageOf({ apps }, specs) {
	const [app] = apps;
	const literal = { how: "literal" };
	const [first] = specs.map((spec) => ({
		spec,
		way: imageWay(spec)
	})).filter(({ way }) => way.how !== "literal");
	if (app === void 0 || specs.length === 0) return {
		builds: false,
		found: [],
		pairs: [],
		open: [],
		way: literal
	};
	const own = {
		key: "build",
		value: "false"
	};
	if (first === void 0 || apps.length > 1) {
		const why = apps.length > 1 ? "the repository has several images, and the job spec takes at most one by a variable" : "the job spec names its image itself";
		const open = `The workflow builds no image: ${why}. To have it built, see docs/images.md#which-variable-takes-the-image.`;
		return {
			builds: false,
			found: [],
			pairs: [{
				...own,
				why
			}],
			open: [open],
			way: literal
		};
	}
	const { way, spec } = first;
	const ofWay = way.how !== "variables" ? [] : [...way.image === void 0 ? [] : [{
		key: "image",
		value: way.image,
		why: `the name of the image in ${spec.path}`
	}], {
		key: "image-variables",
		value: way.lines.join("\n"),
		why: `the variable by which ${spec.path} takes the image`
	}];
	return {
		builds: true,
		found: [{
			at: app.at,
			text: "is the image to build"
		}],
		pairs: [...buildPairs(app), ...ofWay],
		open: [],
		way
	};
}
/** Returns the values of the variables of the specs: those of the calls, and a place for each variable that has no value yet. */
function valuesOf(calls, specs, { way }) {
	const ofImage = new Set(way.how === "variables" ? way.lines.map((line) => line.replace(/=.*$/, "")) : []);
	const isTaken = (name) => ofImage.has(name) || way.how === "automatic" && name === "image";
	const given = /* @__PURE__ */ new Map();
	for (const { vars, at } of calls) for (const { name, value } of vars) if (!isTaken(name) && !given.has(name)) given.set(name, {
		key: name,
		value,
		why: `the option -var of ${at}`
	});
	const asked = [];
	const ask = (name, isSecret, why) => {
		if (isTaken(name) || given.has(name) || asked.some(({ key }) => key === name) || !/^[A-Za-z_]\w*$/.test(name) || /^github_/i.test(name)) return;
		asked.push({
			key: name,
			value: `\${{ ${isSecret ? "secrets" : "vars"}.${name.toUpperCase()} }}`,
			why
		});
	};
	for (const { open, at } of calls) for (const { name, secret } of open) ask(name, secret, `the option -var of ${at}, whose value is not copied`);
	if (calls.every(({ varFiles }) => varFiles.length === 0)) {
		for (const { variables, path } of specs) for (const { name, hasDefault, line } of variables) if (!hasDefault && !AUTOMATIC.test(name)) ask(name, namesSecret(name), `${path}:${line} declares it without a default`);
	}
	const commands = asked.map(({ value }) => {
		const [, kind = "", name = ""] = /(secrets|vars)\.(\w+)/.exec(value) ?? [];
		return `\`gh ${kind === "vars" ? "variable" : "secret"} set ${name}\``;
	});
	return {
		variables: [...given.values(), ...asked],
		open: commands.length === 0 ? [] : [`Store the values that the spec needs: ${commands.join(", ")}.`]
	};
}
/** Returns the parts of a workflow that renders a pack first. See docs/from-nomad-pack.md. */
function ofPack(call, pack, calls) {
	const path = call?.file ?? pack?.folder ?? ".";
	const folder = path === "." ? "." : `./${path}`;
	const vars = call?.vars ?? [];
	const env = vars.map(({ name, value }, i) => ({
		key: `VALUE_${i + 1}`,
		value,
		why: `the variable ${name} of ${call?.at}`
	}));
	const files = (call?.varFiles ?? []).map((file) => ` --var-file ${shellWord(file)}`).join("");
	const values = vars.map(({ name }, i) => ` --var "${name}=$VALUE_${i + 1}"`).join("");
	return {
		builds: false,
		found: [
			...pack === void 0 ? [] : [{
				at: pack.at,
				text: `is the pack ${pack.name}`
			}],
			...calls.map(({ at, program }) => ({
				at,
				text: `registers the job by ${PROGRAMS[program]}`
			})),
			...call?.notes ?? []
		],
		steps: [
			{
				text: "      - uses: hashicorp/setup-nomad-pack@053ac864298a55b345915b955f739fb5635152e4",
				why: "installs nomad-pack, which renders the pack"
			},
			{ text: "        with:" },
			{ text: "          version: 0.4.0" },
			{
				text: `      - run: nomad-pack render ${shellWord(folder)}${files}${values} --to-dir rendered --auto-approve`,
				why: `renders the pack${call === void 0 ? "" : ` as ${call.at} does`}`
			},
			...env.length === 0 ? [] : [{ text: "        env:" }, ...env.map(({ key, value, why }) => ({
				text: `          ${key}: ${scalar(value)}`,
				why
			}))]
		],
		inputs: [{
			key: "build",
			value: "false",
			why: "the pack names its image"
		}, {
			key: "job",
			value: "rendered/**/*.nomad",
			why: "the rendered jobs"
		}],
		variables: [],
		secrets: [],
		open: [
			...(call?.open ?? []).map(({ name }) => `${call?.at}: give the variable ${name} of the pack by \`env:\` of the step that renders it.`),
			"Render the pack in this folder before the next commands, as the step does: they read the rendered jobs.",
			...calls.map(({ at }) => `${at}: remove this step when the new workflow has deployed, or both deploy.`)
		]
	};
}
// src/init/replace.ts
/** Returns the changes of workflows that deploy by another action, with what is left to do. See docs/migrating-from-internetarchive.md. */
function replacements(used) {
	const ofOthers = used.filter(({ kind }) => kind === "cicd" || kind === "step");
	const changes = ofOthers.flatMap(({ kind, file, line, uses, text, withLine }) => [{
		at: `${file}:${line}`,
		from: text.trim(),
		to: text.replace(uses, () => kind === "cicd" ? "org/nomad-deploy/.github/workflows/deploy.yml@v1" : "org/nomad-deploy@v1").replace(/(['"])(\s*(#.*)?)$/, "$1$2").trim(),
		why: "the inputs and secrets below it keep their names"
	}, ...withLine === void 0 ? [] : [{
		at: `${file}:${withLine}`,
		from: "with:",
		to: "env:",
		why: "a step of this action takes those names as environment variables"
	}]]);
	const open = ofOthers.flatMap(({ kind, file, line, names, grants }) => {
		const at = `${file}:${line}`;
		return [
			...kind === "cicd" && !grants ? [`${at}: grant the job \`permissions: { contents: read, packages: write, deployments: write, pull-requests: write }\`, unless the default token of the repository has them.`] : [],
			`${at}: the login stays the token of the secrets. Without a stored token: docs/authentication.md, and \`nomad-deploy setup\`.`,
			...names.some((name) => /^base.domain$/i.test(name)) ? [] : [`${at}: \`BASE_DOMAIN\` is not given. Add it: it has no default here.`]
		];
	});
	const tools = used.filter(({ kind, uses }) => kind === "tool" && !uses.includes("nomad-pack"));
	return {
		changes,
		open: [...open, ...tools.map(({ file, line, uses }) => `${file}:${line}: ${uses.replace(/@.*$/, "")} is not needed for a deploy any more. Remove the step if nothing else uses it.`)]
	};
}
// src/init/workflow-lines.ts
/** Returns the lines of a workflow that deploys at each push of a branch. */
function workflowLines({ branch, builds, steps, inputs, variables, secrets }) {
	const env = [...variables, ...secrets];
	return [
		{ text: "name: Deploy" },
		{ text: "on:" },
		{
			text: "  push:",
			why: "a push of the branch deploys it"
		},
		{
			text: `    branches: ${flowList([branch])}`,
			why: "the default branch. `on: push` alone deploys each other branch as a review app (docs/review-apps.md)"
		},
		{ text: "permissions:" },
		{
			text: "  contents: read",
			why: "no job gets more than it names"
		},
		{ text: "jobs:" },
		{ text: "  deploy:" },
		{
			text: "    runs-on: ubuntu-24.04",
			why: "a runner of GitHub with Docker. For a cluster in a private network, name a runner that reaches it"
		},
		{ text: "    permissions:" },
		{
			text: "      contents: read",
			why: "reads the repository"
		},
		{
			text: "      id-token: write # logs in to Nomad by GitHub's ID token",
			why: "asks GitHub for the ID token of the login"
		},
		...builds ? [{
			text: "      packages: write # pushes the image to ghcr.io",
			why: "pushes the image"
		}] : [],
		{
			text: "    concurrency: deploy # one deployment at a time",
			why: "the next run waits for the one before it"
		},
		{ text: "    steps:" },
		{
			text: "      - uses: actions/checkout@v7",
			why: "gets the files"
		},
		...steps,
		{
			text: "      - uses: org/nomad-deploy@v1",
			why: "builds, deploys and follows the new version to its end"
		},
		...inputs.length === 0 ? [] : [{ text: "        with:" }, ...mapLines(inputs, 10)],
		...env.length === 0 ? [] : [{ text: "        env:" }, ...mapLines(env, 10)]
	];
}
// src/init/shell.ts
const COMMAND = /(?:^|[\s;&|({"'/])(nomad(?:\s+job)?\s+run|levant\s+deploy|nomad-pack\s+run)(?=\s|$)/;
/** The most calls of a script that are read. */
const MAX_CALLS$1 = 50;
/** Returns the calls of `nomad job run`, `levant deploy` and `nomad-pack run` in a script. */
function callsIn(script) {
	const calls = [];
	const lines = script.split("\n");
	for (let i = 0; i < lines.length && calls.length < MAX_CALLS$1; i++) {
		const line = i;
		const parts = [lines[i] ?? ""];
		while (parts.at(-1)?.trimEnd().endsWith("\\") === true && i + 1 < lines.length) parts.push(lines[++i] ?? "");
		const text = parts.map((part, at) => at < parts.length - 1 ? `${part.trimEnd().slice(0, -1)} ` : part).join("");
		const found = /^\s*#/.test(text) ? null : COMMAND.exec(text);
		if (found === null) continue;
		const [program = "nomad"] = (found[1] ?? "").split(/\s+/);
		const words = wordsOf(text.slice(found.index + found[0].length));
		calls.push({
			program: program === "levant" || program === "nomad-pack" ? program : "nomad",
			words,
			line
		});
	}
	return calls;
}
/** Returns the words of a command up to its end: a `;`, a `|`, a `&` or a redirection outside of quotes. `${{ … }}` is a part of a word. */
function wordsOf(text) {
	const words = [];
	let word;
	for (const [piece] of text.matchAll(PIECE)) if (/^\s/.test(piece)) {
		if (word !== void 0) words.push(word);
		word = void 0;
	} else if (/^[;|&<>)#]/.test(piece) && (piece !== "#" || word === void 0)) break;
	else if (piece.startsWith("'") && piece.length > 1) word = `${word ?? ""}${piece.slice(1, -1).replaceAll("$", "\\$")}`;
	else if (piece.startsWith("\"") && piece.length > 1) word = `${word ?? ""}${piece.slice(1, -1).replace(/\\(["\\`])/g, "$1")}`;
	else word = `${word ?? ""}${/^\\[^$]/.test(piece) ? piece.slice(1) : piece}`;
	return word === void 0 ? words : [...words, word];
}
/** A blank, an expression of GitHub, a text in quotes, an escaped character, or any other character. */
const PIECE = /\s+|\$\{\{[^}]{0,500}\}\}|'[^']*'|"(?:[^"\\]|\\[\s\S])*"|\\[\s\S]|[\s\S]/g;
/** The options without a value, of all three programs. */
const FLAGS = /^(detach|verbose|json|hcl1|hcl2-strict|preserve-counts|policy-override|output|force-count|force-batch|ignore-no-changes|exit-after-auto-revert|allow-stale|vault|y|auto-approve|no-format)$/;
/** Reads the words of a call: `-var name=value`, `--var=name=value`, `-detach`. */
function optionsOf(words) {
	const options = [];
	const places = [];
	for (let i = 0; i < words.length; i++) {
		const word = words[i] ?? "";
		const [, name = "", value] = /^--?([a-z][a-z0-9-]*)(?:=([\s\S]*))?$/i.exec(word) ?? [];
		if (name === "") places.push(word);
		else if (value !== void 0 || FLAGS.test(name)) options.push([name, value ?? "true"]);
		else options.push([name, words[++i] ?? ""]);
	}
	return {
		options,
		places
	};
}
// src/init/trees.ts
/** Returns the entries of a map, with those of its merge keys (`<<`), each name once: its own first. */
function entriesOf(tree, depth = 0) {
	if (tree?.kind !== "map" || depth > 10) return [];
	const own = tree.entries.filter(({ key }) => key !== "<<");
	const merged = tree.entries.filter(({ key }) => key === "<<").flatMap(({ value }) => (value.kind === "list" ? value.items : [value]).flatMap((item) => entriesOf(item, depth + 1)));
	const names = new Set(own.map(({ key }) => key));
	return [...own, ...merged.filter(({ key }) => !names.has(key))];
}
/** Returns the value of a key of a map; undefined where there is none. */
function childOf(tree, key) {
	return entriesOf(tree).find((entry) => entry.key === key)?.value;
}
/** Returns the text of a key of a map; undefined for a list, a map or an empty text. */
function textOf(tree, key) {
	const value = childOf(tree, key);
	return value?.kind === "text" && value.text.trim() !== "" ? value.text.trim() : void 0;
}
/** Returns the items of a list; a single text is a list of one. */
function itemsOf(tree) {
	if (tree?.kind === "list") return tree.items;
	return tree?.kind === "text" && tree.text.trim() !== "" ? [tree] : [];
}
/** Returns the names of a list of texts, or the keys of a map, each with its place. */
function namesOf(tree) {
	if (tree?.kind === "map") return entriesOf(tree).map(({ key, at }) => ({
		name: key,
		place: at
	}));
	return itemsOf(tree).flatMap((item) => item.kind === "text" ? [{
		name: item.text.trim(),
		place: item.at
	}] : []);
}
/** Returns all texts of a value, in their order, with blanks between them. */
function allText(tree) {
	if (tree === void 0) return "";
	if (tree.kind === "text") return tree.text;
	return (tree.kind === "list" ? tree.items : tree.entries.map(({ value }) => value)).map(allText).join(" ");
}
// src/init/workflows.ts
const KINDS = [
	[/^internetarchive\/(cicd|nomad)\/\.github\/workflows\//i, "cicd"],
	[/^internetarchive\/(cicd|nomad)(\/[^@]*)?(@|$)/i, "step"],
	[/^[^/]+\/nomad-deploy(\/[^@]*)?@/, "ours"],
	[/^hashicorp\/(setup-nomad|setup-nomad-pack|levant)(@|$)|^docker:\/\/\S*levant|\/[\w-]*levant[\w-]*@/i, "tool"]
];
/** The most calls of a workflow that are read. */
const MAX_CALLS = 50;
/** Reads a workflow: its `uses:` lines about Nomad, and the calls of programs that register jobs. Never throws. */
async function readWorkflow({ name: path, text }) {
	const problems = [];
	const tree = await readTree(text, path, problems);
	const lines = text.split("\n");
	const used = [];
	const calls = [];
	const top = envOf(tree);
	const use = (part, parents) => {
		const value = childOf(part, "uses");
		const uses = value?.kind === "text" ? value.text.trim() : "";
		const kind = KINDS.find(([pattern]) => pattern.test(uses))?.[1];
		if (kind === void 0 || value === void 0) return;
		used.push({
			kind,
			file: path,
			line: value.at.line,
			uses,
			text: lines[value.at.line - 1] ?? "",
			names: [...namesOf(childOf(part, "with")), ...namesOf(childOf(part, "secrets"))].map(({ name }) => name),
			withLine: kind === "step" ? entriesOf(part).find(({ key }) => key === "with")?.at.line : void 0,
			grants: [part, ...parents].some((one) => childOf(one, "permissions") !== void 0)
		});
	};
	for (const { value: job } of entriesOf(childOf(tree, "jobs"))) {
		use(job, [tree]);
		const ofJob = new Map([...top, ...envOf(job)]);
		const usual = textOf(childOf(childOf(job, "defaults"), "run"), "working-directory");
		for (const step of itemsOf(childOf(job, "steps"))) {
			use(step, [job, tree]);
			const run = childOf(step, "run");
			if (run?.kind !== "text") continue;
			const found = callsIn(run.text);
			if (found.length === 0 || calls.length >= MAX_CALLS) continue;
			const env = new Map([...ofJob, ...envOf(step)]);
			const folder = textOf(step, "working-directory") ?? usual ?? ".";
			const first = /^\s*(-\s+)?run:\s*[|>]/.test(lines[run.at.line - 1] ?? "") ? 1 : 0;
			for (const call of found) calls.push({
				...call,
				at: sourceText({
					...run.at,
					line: run.at.line + first + call.line
				}),
				folder,
				env
			});
		}
	}
	return {
		path,
		used,
		calls,
		problems: problems.slice(0, 1).map(({ at }) => ({
			at: placeText(at),
			text: "the file is no YAML from here on, so that it is not read"
		}))
	};
}
function envOf(tree) {
	return new Map(entriesOf(childOf(tree, "env")).flatMap(({ key, value }) => value.kind === "text" ? [[key, value.text]] : []));
}
/** Returns the workflows of a repository that deploy already with this action. */
function isOurs({ used }) {
	return used.some(({ kind }) => kind === "ours");
}
// src/init/propose.ts
const WORKFLOW = ".github/workflows/deploy.yml";
const CONFIG = "nomad-deploy.yml";
/** Returns the facts that decide the files, and that neither the repository nor the options have. */
function questionsOf(survey, { given, configured }) {
	if (!isNew(survey)) return [];
	const isOpen = (name) => !given.has(name) && !configured.has(name);
	const isTemplate = ofSpecs(survey) === void 0;
	const vars = given.get("vars")?.value ?? "";
	return [
		...isOpen("nomad-addr") && addressOf(survey) === void 0 ? ["nomad-addr"] : [],
		...isTemplate && isOpen("base-domain") ? ["base-domain"] : [],
		...isTemplate && survey.apps.some(({ main, isWorker }) => main === void 0 && !isWorker) && !vars.includes("PORTS") ? ["port"] : [],
		...isTemplate && !vars.includes("SERVICE_PROVIDER") ? ["provider"] : []
	];
}
/** Returns whether the repository needs a workflow: it has none of ours, and none that becomes ours by one line. */
function isNew({ workflows, used }) {
	return !workflows.some(isOurs) && used.every(({ kind }) => kind === "tool");
}
/** Returns whether there is something to deploy. */
function isDeployable(survey) {
	return survey.apps.length + survey.jobs.length + survey.packs.length + survey.calls.length > 0 || !isNew(survey);
}
/** Returns the smallest files that deploy a repository, and the changes of those that it has. */
function proposalOf(survey, known) {
	const { workflows, used } = survey;
	if (!isNew(survey)) return {
		found: [
			...workflows.filter(isOurs).flatMap((workflow) => workflow.used.filter(({ kind }) => kind === "ours")).map(({ file, line, uses }) => ({
				at: `${file}:${line}`,
				text: `deploys with ${uses} already, so no workflow is written`
			})),
			...used.filter(({ kind }) => kind === "cicd" || kind === "step").map(({ file, line, uses }) => ({
				at: `${file}:${line}`,
				text: `deploys with ${uses}, which the action replaces by one line`
			})),
			...survey.notes
		],
		files: [],
		next: {},
		...replacements(used)
	};
	const spec = ofSpecs(survey);
	const isTemplate = spec === void 0;
	const several = isTemplate && survey.apps.length > 1;
	const parts = spec ?? ofTemplate(survey, known);
	const { pairs: reaching, open: unreached } = reach(survey, known, isTemplate);
	const own = new Set([...reaching, ...parts.inputs].map(({ key }) => key));
	const others = [...known.given].filter(([name]) => !own.has(name)).map(([key, { value, source }]) => ({
		key,
		value,
		why: source
	}));
	const overridden = parts.inputs.map((pair) => {
		const mine = known.given.get(pair.key);
		return mine === void 0 ? pair : {
			...pair,
			value: mine.value,
			why: mine.source
		};
	});
	const registry = registryPairs(known, parts.builds, parts.inputs.find(({ key }) => key === "image")?.value);
	const given = known.given.get("vars")?.value ?? "";
	const variables = parts.variables.filter(({ key }) => !new RegExp(`^\\s*["']?${key}["']?\\s*[=:]`, "m").test(given));
	const files = [{
		path: WORKFLOW,
		lines: workflowLines({
			branch: known.branch,
			builds: parts.builds && registry.isGitHubs,
			steps: parts.steps,
			inputs: [
				...reaching,
				...overridden,
				...others,
				...registry.pairs
			],
			variables: variables.map((pair) => ({
				...pair,
				key: `NOMAD_VAR_${pair.key}`
			})),
			secrets: parts.secrets
		})
	}, ...several ? [{
		path: CONFIG,
		lines: configLines(survey.apps, known.port)
	}] : []];
	const changes = replacements(used);
	return {
		found: [...parts.found, ...survey.notes],
		files,
		changes: changes.changes,
		open: [
			...unreached,
			...storing(known.secrets),
			...parts.open,
			...registry.open,
			...changes.open
		],
		next: nextCommands(known, several, {
			...parts,
			inputs: [
				...reaching,
				...overridden,
				...others
			],
			variables
		})
	};
}
/** Returns the sentence about secrets of the repository that given values need. */
function storing(secrets) {
	if (secrets.length === 0) return [];
	return [`Store the secrets of the given values, which the file only names: ${secrets.map((name) => `\`gh secret set ${name}\``).join(", ")}.`];
}
/** The options of the next commands: in a terminal, only an option or the environment says what the workflow says. */
function nextCommands({ branch }, hasConfig, { inputs, variables }) {
	const literal = inputs.flatMap(({ key, value }) => {
		const lines = value.split("\n").filter((line) => !line.includes("${{"));
		return key.startsWith("#") || lines.length === 0 ? [] : [{
			key,
			value: lines.join("\n")
		}];
	});
	const config = hasConfig ? [{
		key: "config-from",
		value: "checkout"
	}] : [];
	const vars = variables.filter(({ value }) => !value.includes("${{")).map(({ key, value }) => ({
		key: "vars",
		value: `${key}=${value}`
	}));
	return {
		setup: [
			...literal.filter(({ key }) => /^(nomad-|job)/.test(key)),
			{
				key: "bind",
				value: `branch=${branch}`
			},
			...config
		],
		doctor: [
			...literal.filter(({ key }) => !key.startsWith("nomad-auth-")),
			...vars,
			...config
		]
	};
}
/** The parts of a workflow for the built-in template. */
function ofTemplate({ apps }, { port, provider, given }) {
	const [app] = apps;
	const alone = apps.length === 1 ? app : void 0;
	const variables = alone === void 0 ? [] : templateVariables(alone, port);
	const needed = apps.flatMap((one) => one.variables).filter(({ name }) => !/^github_/i.test(name));
	const names = new Map(needed.map((one) => [one.name, one]));
	const secrets = [...names.values()].map(({ name, at }) => ({
		key: `NOMAD_SECRET_${name}`,
		value: `\${{ secrets.${name} }}`,
		why: `the container needs ${name}, by ${at}; the value is a secret of the repository`
	}));
	const unknown = apps.filter(({ main, isWorker }) => main === void 0 && !isWorker);
	return {
		builds: true,
		found: apps.map(({ at, dockerfile, main }) => ({
			at,
			text: `${at.startsWith(`${dockerfile}:`) ? "" : `${dockerfile} `}is the image to build and deploy${main === void 0 ? "" : `; its port is ${main.number} (${main.at})`}`
		})),
		steps: [],
		inputs: alone === void 0 ? [] : buildPairs(alone),
		variables: [...variables, ...provider === "nomad" ? [{
			key: "SERVICE_PROVIDER",
			value: "nomad",
			why: "the cluster has no Consul, so the services are in Nomad"
		}] : []],
		secrets,
		open: [
			...unknown.length > 0 && port === void 0 ? [`No file names the port of ${unknown.map(({ name }) => name).join(", ")}, so it is 5000. For another one, add \`EXPOSE\` to the Dockerfile and run this again.`] : [],
			...provider === void 0 && !/\bSERVICE_PROVIDER\b/.test(given.get("vars")?.value ?? "") ? ["The services are registered in Consul. For a cluster without Consul, add `NOMAD_VAR_SERVICE_PROVIDER: nomad` under `env:`."] : [],
			...secrets.length === 0 ? [] : [`Store the secrets that the container needs: ${[...names.keys()].map((name) => `\`gh secret set ${name}\``).join(", ")}. Remove the lines of those that it does not need.`]
		]
	};
}
/** The address that the calls of `nomad job run` and the like name. */
function addressOf({ calls }) {
	const call = calls.find(({ address }) => address !== void 0);
	return call?.address === void 0 ? void 0 : {
		value: call.address,
		at: call.at
	};
}
/** The name for tokens of this cluster, where no address gives one. */
const AUDIENCE = "nomad";
/** The inputs by which a run reaches the cluster: the address, a login by GitHub's ID token, and the domain of the hostnames. */
function reach(survey, { given, configured }, isTemplate) {
	const found = addressOf(survey);
	const mine = given.get("nomad-addr");
	const address = mine?.value ?? found?.value;
	const host = address !== void 0 && URL.canParse(address) ? new URL(address).hostname : "";
	const method = given.get("nomad-auth-method")?.value ?? "github";
	const audience = given.get("nomad-auth-audience")?.value ?? (host === "" || host.includes("$") ? AUDIENCE : host);
	const domain = given.get("base-domain");
	const pair = (key, value, why) => configured.has(key) && !given.has(key) ? [] : [{
		key,
		value,
		why
	}];
	const isOpen = address === void 0 && !configured.has("nomad-addr");
	const isLocal = /^(localhost|127\.[\d.]+|\[::1\])$/.test(host) || address?.startsWith("unix:") === true;
	const asked = isTemplate && domain === void 0 && !configured.has("base-domain");
	return {
		pairs: [
			...pair("nomad-addr", address ?? "${{ vars.NOMAD_ADDR }}", mine?.source ?? (found === void 0 ? "no file names the address: it is a variable of the repository" : `the address of ${found.at}`)),
			...pair("nomad-auth-method", method, "the run logs in by the ID token of GitHub, so no token of Nomad is stored"),
			...pair("nomad-auth-audience", audience, "the name of this cluster in those ID tokens, so that no other service takes them"),
			...domain === void 0 ? [] : pair("base-domain", domain.value, domain.source),
			...asked ? [{
				key: "# base-domain",
				value: "apps.example.com",
				why: "without it the job has no hostname"
			}] : []
		],
		open: [
			...isOpen ? ["Set the address of Nomad: `gh variable set NOMAD_ADDR --body https://nomad.example.com:4646`, or write it as `nomad-addr`."] : [],
			...isLocal ? [`${address} is an address of this machine: name one that the runner reaches, or a runner of this machine in \`runs-on\`.`] : [],
			...asked ? ["Set `base-domain` to the domain below which the router of the cluster serves applications, or leave it out for a job without a hostname."] : []
		]
	};
}
/** The login to another registry than GitHub's, which the workflow's own token opens. `named` is the name of the image in a spec. */
function registryPairs({ given, configured }, builds, named) {
	const registry = given.get("registry")?.value ?? registryOf(given.get("image")?.value ?? named);
	const isGitHubs = registry === void 0 ? !configured.has("registry") : hostOfRegistry(registry) === "ghcr.io";
	if (!builds || isGitHubs) return {
		isGitHubs,
		pairs: [],
		open: []
	};
	const name = registry ?? "the registry";
	const hasAccount = given.has("registry-username") || configured.has("registry-username");
	const account = {
		key: "registry-username",
		value: "${{ vars.REGISTRY_USERNAME }}",
		why: `the account at ${name}, a variable of the repository`
	};
	return {
		isGitHubs,
		pairs: [...hasAccount ? [] : [account], {
			key: "registry-password",
			value: "${{ secrets.REGISTRY_PASSWORD }}",
			why: `the password for ${name}, a secret of the repository`
		}],
		open: [`Store the login to ${name}: ${hasAccount ? "" : "`gh variable set REGISTRY_USERNAME`, "}\`gh secret set REGISTRY_PASSWORD\`.`]
	};
}
// src/init/kinds.ts
/** Folders of dependencies and caches, which can be large. Git ignores those of build results. */
const SKIPPED = new Set(".git .hg .svn node_modules bower_components jspm_packages vendor venv .venv site-packages __pycache__ .tox .mypy_cache .cache .terraform .gradle .m2 .bundle .next .nuxt .output .turbo .yarn .pnpm-store .idea .vscode .devcontainer target coverage Pods".split(" "));
/** Returns whether a folder is walked, by its name. */
function isWalked(name) {
	return !SKIPPED.has(name);
}
/** Folders whose files are about tests or documentation. Their Dockerfiles count only where there are no others. */
const ASIDE = /(^|\/)(tests?|__tests__|spec|fixtures|testdata|examples?|docs?|samples?|e2e|bench(marks)?|\.github|\.gitlab|\.circleci)(\/|$)/i;
/** Returns whether a file is about tests, examples or documentation, by its folders. */
function isAside(path) {
	return ASIDE.test(path.split("/").slice(0, -1).join("/"));
}
/** Returns the kind of a file, by its path from the root; undefined for one that is not read. A `.hcl` file is a spec only if it has a job. */
function kindOf(path) {
	const name = path.split("/").at(-1) ?? "";
	if (/^\.github\/workflows\/[^/]+\.ya?ml$/.test(path)) return "workflow";
	if (/\.dockerignore$/i.test(name)) return void 0;
	if (/^(Dockerfile|Containerfile)(\.[\w.-]+)?$/.test(name) || /^[\w.-]+\.(Dockerfile|Containerfile)$/i.test(name)) return "dockerfile";
	if (/^(docker-)?compose(\.[\w.-]+)?\.ya?ml$/.test(name)) return "compose";
	if (/^metadata\.hcl$/.test(name)) return "pack";
	if (/\.(nomad|hcl|job|levant)$/.test(name) || /\.(nomad|hcl)\.(hbs|tpl|tmpl|json)$/.test(name)) return "spec";
}
// src/init/read.ts
/** Limits of the walk. A repository with more is read up to them, and the report says so. */
const MAX_DEPTH = 8;
const MAX_ENTRIES = 5e4;
const MAX_FILES = 300;
const MAX_BYTES = 524288;
/**
* Reads the files of a checkout that say something about a deploy, in the order of their paths. Links are not followed; folders of dependencies and files that Git
* ignores are left out. `workspace` is the top folder.
*/
async function readRepository({ workspace, exec, signal }) {
	const { paths, skipped } = await walk(workspace, signal);
	const ignored = new Set(await ignoredBy(paths, {
		workspace,
		exec
	}));
	const known = paths.filter((path) => !ignored.has(path));
	const files = [];
	for (const path of known.slice(0, MAX_FILES)) {
		const kind = kindOf(path);
		if (kind === void 0) continue;
		try {
			files.push({
				kind,
				name: path,
				text: (await readInside(join(workspace, path), workspace, MAX_BYTES)).toString("utf8")
			});
		} catch (error) {
			skipped.push({
				at: path,
				text: `is not read: ${toActionError(error).message}`
			});
		}
	}
	if (known.length > MAX_FILES) skipped.push({
		at: ".",
		text: `only the first ${MAX_FILES} of ${known.length} files about deploys are read`
	});
	return {
		files,
		skipped
	};
}
/** Returns the paths of the files whose names are about deploys, level by level, so that a limit leaves out the deepest. */
async function walk(workspace, signal) {
	const paths = [];
	const skipped = [];
	let level = [""];
	let entries = 0;
	for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
		const next = [];
		for (const folder of level) {
			signal.throwIfAborted();
			const found = await readdir(join(workspace, folder), { withFileTypes: true }).catch(() => []);
			found.sort((a, b) => a.name < b.name ? -1 : 1);
			for (const entry of found) {
				if (++entries > MAX_ENTRIES) {
					skipped.push({
						at: folder || ".",
						text: `the folders from here on are not read: there are more than ${MAX_ENTRIES} files`
					});
					return {
						paths,
						skipped
					};
				}
				const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
				if (entry.isDirectory() && isWalked(entry.name)) next.push(path);
				if (entry.isFile() && kindOf(path) !== void 0 && !/[\n\r\0]/.test(path)) paths.push(path);
			}
		}
		level = next;
	}
	return {
		paths,
		skipped
	};
}
/** Returns those of some paths that Git ignores; none where there is no Git. */
async function ignoredBy(paths, { workspace, exec }) {
	if (paths.length === 0) return [];
	const { stdout } = await exec([
		"git",
		"check-ignore",
		"--stdin"
	], {
		cwd: workspace,
		stdin: `${paths.join("\n")}\n`
	});
	return stdout.split("\n").filter((line) => line !== "");
}
// src/init/show.ts
/** Returns the report on a proposal: the facts, the files with the reason of each line, and the changes of existing files. `existing` are the paths that stay. */
function sectionsOf({ found, files, changes }, existing) {
	return [
		{
			title: "Found in the repository",
			lines: found.map(({ at, text }) => `${at}: ${text}`)
		},
		...files.flatMap((file) => [{
			title: existing.has(file.path) ? `${file.path} exists and stays as it is. This would be written` : file.path,
			lines: file.lines.map(({ text }) => text)
		}, {
			title: `The reasons for the lines of ${file.path}`,
			lines: reasonsOf(file)
		}]),
		...changes.map(({ at, from, to, why }) => ({
			title: `Change ${at} by hand: ${why}`,
			lines: [`- ${from}`, `+ ${to}`]
		}))
	];
}
/** Returns the reasons of a file: the number of the line, its key, and why it is there. */
function reasonsOf({ lines }) {
	return lines.flatMap(({ text, why }, i) => {
		const [key = ""] = text.trim().replace(/^[-#] /, "").split(": ");
		return why === void 0 ? [] : [`${String(i + 1).padStart(2)} ${key.replace(/:$/, "")}: ${why}`];
	});
}
/** Returns the lines about what is left to do; the last ones are the next commands. `existing` are the proposed files that were there before. */
function nextLines({ files, open, next }, existing) {
	const steps = [...files.filter(({ path }) => existing.has(path)).map(({ path }) => `${path}: take over from the file above what it lacks, or store that file under another name.`), ...open];
	const byHand = steps.length === 0 ? [] : ["To do by hand:", ...steps.map((text) => `  - ${text}`)];
	const { setup, doctor } = next;
	if (setup === void 0 || doctor === void 0) return byHand;
	const paths = files.map(({ path }) => path).filter((path) => !existing.has(path));
	return [
		...byHand,
		"Next:",
		`  ${commandLine("setup", setup)}`,
		"    prepares the cluster for the login of this repository, once, with a management token",
		`  ${commandLine("doctor", doctor)}`,
		"    looks for what would break the first deploy",
		...paths.length === 0 ? [] : [`  git add ${paths.join(" ")}, then commit and push: the push deploys`]
	];
}
/** Returns a command of the program for a shell. */
function commandLine(command, options) {
	return [
		"nomad-deploy",
		command,
		...options.flatMap(({ key, value }) => value.split("\n").map((line) => `--${key}=${shellWord(line)}`))
	].join(" ");
}
// src/init/apps.ts
/** More apps than one run deploys. */
const MAX_APPS = 20;
/**
* Returns the apps of a repository: the built services of its compose file, else its Dockerfiles. Of several Dockerfiles in one folder, `Dockerfile` counts.
* `repository` is the name of the repository, for the app in its root.
*/
function appsOf(files, compose, repository) {
	const built = (compose?.services ?? []).filter(({ build }) => build !== void 0 && files.some(({ name }) => name === build.dockerfile));
	const chosen = built.length > 0 ? built.map((service) => ofService(service, files)) : ofDockerfiles(files, repository);
	const apps = unique(chosen.map(({ app }) => app)).slice(0, MAX_APPS);
	const known = new Set(apps.map(({ name }) => name));
	const used = new Set(apps.map(({ dockerfile }) => dockerfile));
	return {
		apps: apps.map((app) => ({
			...app,
			dependsOn: app.dependsOn.filter((name) => known.has(name) && name !== app.name)
		})),
		notes: [
			...chosen.flatMap(({ notes }) => notes),
			...(compose?.services ?? []).flatMap((service) => notesOf(service, files)),
			...files.filter(({ name }) => !used.has(name)).map(({ name }) => ({
				at: `${name}:1`,
				text: unusedText(name, built.length > 0, used)
			}))
		]
	};
}
function unusedText(path, byCompose, used) {
	if (byCompose) return "no service of the compose file is built from this Dockerfile, so it is left out";
	if (isAside(path) || used.size === 0) return "this Dockerfile is for tests, examples or documentation by its folder, so it is left out";
	return "another Dockerfile of this folder is the image, so this one is left out";
}
function notesOf(service, files) {
	const { name, at, build, image, left } = service;
	if (build === void 0) {
		const runs = image === void 0 ? "has no build in this repository" : "runs an image of others";
		return [...left.filter(({ text }) => text.includes("is built from")), {
			at,
			text: `the service ${name} ${runs}, and is not deployed: see examples/postgres-sidecar for a task beside the app`
		}];
	}
	if (files.some((file) => file.name === build.dockerfile)) return [...left];
	return [{
		at,
		text: `the service ${name} is built from ${build.dockerfile}, which is not in the repository`
	}];
}
function ofService(service, files) {
	const { build, ports, variables, dependsOn, checkPath } = service;
	const { context = ".", dockerfile: path = "", target } = build ?? {};
	const file = readDockerfile({
		name: path,
		text: files.find(({ name }) => name === path)?.text ?? ""
	}, target);
	const read = portsOf(ports, file);
	const ofImage = new Set(file.variables.map(({ name }) => name));
	return {
		app: {
			name: appName(service.name),
			at: service.at,
			context,
			dockerfile: path,
			target,
			...read,
			isWorker: read.main === void 0,
			checkPath: checkPath ?? file.checkPath,
			variables: variables.filter(({ name }) => name !== "PORT" && !ofImage.has(name)),
			dependsOn: dependsOn.map(appName)
		},
		notes: [...file.notes, ...udpNotes([...ports, ...file.ports])]
	};
}
function ofDockerfiles(files, repository) {
	const own = files.filter(({ name }) => !isAside(name));
	return [...Map.groupBy(own.length > 0 ? own : files, ({ name }) => posix.dirname(name))].flatMap(([folder, all]) => {
		const plain = all.filter(({ name }) => /^(Dockerfile|Containerfile)$/.test(posix.basename(name)));
		const isOfBuilds = BUILD_FOLDERS.test(folder);
		const context = isOfBuilds ? "." : folder;
		const chosen = plain.length > 0 ? plain.slice(0, 1) : all.filter(({ name }) => all.length === 1 || !FOR_OTHERS.test(posix.basename(name)));
		return chosen.map((file) => {
			const read = readDockerfile(file);
			const app = {
				name: appName((plain.length > 0 || chosen.length === 1 ? "" : posix.basename(file.name).replace(/^(Dockerfile|Containerfile)\.|\.(Dockerfile|Containerfile)$/gi, "")) || (folder === "." || isOfBuilds ? repository : posix.basename(folder))),
				at: `${file.name}:1`,
				context,
				dockerfile: file.name,
				target: void 0,
				...portsOf([], read),
				isWorker: false,
				checkPath: read.checkPath,
				variables: [],
				dependsOn: []
			};
			return {
				app,
				notes: [
					...isOfBuilds ? [{
						at: app.at,
						text: "the build context is taken to be the root, by the name of the folder"
					}] : [],
					...read.notes,
					...udpNotes(read.ports)
				]
			};
		});
	});
}
function udpNotes(ports) {
	return distinct(ports.filter((port) => port.udp)).map(({ at, number }) => ({
		at,
		text: `the UDP port ${number} is left out: the built-in template has TCP ports only`
	}));
}
/** Matches folders of Dockerfiles that build the files of the root. */
const BUILD_FOLDERS = /^\.?(docker|build|build\/package|deploy|deployment|ci|infra|containers?)$/i;
/** Matches Dockerfiles that are not for a deploy, by their suffix. */
const FOR_OTHERS = /(^|[._-])(dev|develop|development|test|tests|testing|ci|debug|local|lint|base|builder|build)([._-]|$)/i;
/** Returns the main port and the others: those of the compose file come first, and HTTPS is the router's. */
function portsOf(published, file) {
	const ports = distinct([...published, ...file.ports].filter(({ udp }) => !udp));
	const main = ports.find(({ number }) => number !== 443) ?? ports[0] ?? file.portVariable;
	return {
		main,
		extra: ports.filter(({ number }) => number !== main?.number && number !== 443)
	};
}
/** Names of apps have at most 32 characters, and some get a number. */
const MAX_NAME = 28;
/** Returns a name that an app of the configuration file can have. */
function appName(text) {
	return slug(text, MAX_NAME) || "app";
}
/** Returns the apps, each with a name of its own: that of its folder comes first, then the folders above. */
function unique(apps) {
	const names = /* @__PURE__ */ new Set();
	return apps.map((app) => {
		const folders = appName(app.context.replaceAll("/", "-"));
		const name = [
			app.name,
			folders,
			...Array.from({ length: apps.length }, (_, i) => `${app.name}-${i + 2}`)
		].find((one) => !names.has(one)) ?? app.name;
		names.add(name);
		return {
			...app,
			name
		};
	});
}
// src/init/calls.ts
/** Returns the counterparts of a call. A value that may be a secret is left out. See docs/from-nomad-job-run.md. */
function counterpartsOf({ words, program, at, folder, env }) {
	const { options, places } = optionsOf(words);
	const all = (...names) => options.flatMap(([name, value]) => names.includes(name) ? [value] : []);
	const known = (text) => text === void 0 ? void 0 : valueIn(text, env);
	const path = (text) => {
		const value = known(text);
		return value === void 0 || /[${}*\n]/.test(value) || value.startsWith("/") ? void 0 : posix.normalize(posix.join(folder, value));
	};
	const given = all("var").flatMap((text) => {
		const [, name = "", value = ""] = /^([A-Za-z_][\w.-]*)=([\s\S]*)$/.exec(text) ?? [];
		return name === "" ? [] : [{
			name,
			value: known(value)
		}];
	});
	const isSecret = ({ name, value }) => value !== void 0 && /\$\{\{\s*secrets\./.test(value) || namesSecret(name) || value !== void 0 && looksGenerated(value);
	const vars = given.flatMap((one) => one.value === void 0 || isSecret(one) ? [] : [{
		name: one.name,
		value: one.value
	}]);
	const files = all("var-file", "f");
	const read = files.map(path).filter((one) => one !== void 0);
	return {
		at,
		program,
		file: path(places.at(-1)),
		varFiles: read,
		vars,
		open: given.filter((one) => !vars.some(({ name }) => name === one.name)).map((one) => ({
			name: one.name,
			secret: isSecret(one)
		})),
		address: plain(known(all("address").at(-1) ?? env.get("NOMAD_ADDR"))),
		namespace: plain(known(all("namespace").at(-1) ?? env.get("NOMAD_NAMESPACE"))),
		region: plain(known(all("region").at(-1) ?? env.get("NOMAD_REGION"))),
		notes: [...read.length < files.length ? [{
			at,
			text: "a variable file whose name only the shell knows: name it in `var-files`"
		}] : [], ...all("detach").length > 0 ? [{
			at,
			text: "`-detach` is left out: the run waits for the verdict (`wait: false` does not)"
		}] : []]
	};
}
/** The variables of the runner, and the expressions for them. */
const OF_RUNNER = /^GITHUB_(SHA|REF|REF_NAME|RUN_ID|RUN_NUMBER|RUN_ATTEMPT|REPOSITORY|REPOSITORY_OWNER|ACTOR|HEAD_REF|BASE_REF)$/;
/**
* Returns the value of a word of a script: a text, or one with expressions of GitHub (`${{ github.sha }}`); undefined where only the shell knows it, or where a
* literal of the environment may be a secret.
*/
function valueIn(text, env) {
	let unknown = /`|\$\(/.test(text);
	const value = text.replaceAll(/\\\$|\$\{\{[^}]{0,500}\}\}|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)([^}]{0,200})\})/g, (whole, ...groups) => {
		if (whole === "\\$") return "$";
		if (whole.startsWith("${{")) return whole;
		const name = groups[0] ?? groups[1] ?? "";
		const own = env.get(name);
		if (own !== void 0 && (groups[2] ?? "") === "" && !/[$`](?!\{\{)/.test(own) && !namesSecret(name)) return own.trim();
		const runner = OF_RUNNER.exec(name)?.[1];
		if (runner !== void 0 && (groups[2] ?? "") === "") return `\${{ github.${runner.toLowerCase()} }}`;
		unknown = true;
		return "";
	});
	return unknown ? void 0 : value;
}
/** Returns a value that is no secret, and whose login of a URL, if it has one, is not shown. */
function plain(value) {
	return value === void 0 || value === "" || /\/\/[^/\s]*@/.test(value) || looksGenerated(value) ? void 0 : value;
}
// src/init/compose.ts
/** Reads a compose file. A file that is no YAML has no services, and a problem. */
async function readCompose({ name: path, text }) {
	const problems = [];
	const tree = await readTree(text, path, problems);
	const services = entriesOf(childOf(tree, "services")).slice(0, MAX_SERVICES);
	const included = childOf(tree, "include");
	return {
		path,
		services: services.map(({ key, at, value }) => readService(key, sourceText(at), value, posix.dirname(path))),
		problems: [...problems.slice(0, 1).map(({ at }) => ({
			at: placeText(at),
			text: "the file is no YAML from here on, so that it is not read"
		})), ...included === void 0 ? [] : [{
			at: sourceText(included.at),
			text: "`include` is not followed"
		}]]
	};
}
/** The limit of the services that are read, because each can become an app. */
const MAX_SERVICES = 50;
function readService(name, at, tree, folder) {
	const build = childOf(tree, "build");
	const ports = [...itemsOf(childOf(tree, "ports")), ...itemsOf(childOf(tree, "expose"))].flatMap(portOf);
	const left = (key, text) => {
		const value = childOf(tree, key);
		return value === void 0 ? [] : [{
			at: sourceText(value.at),
			text: `the service ${name} ${text}`
		}];
	};
	const check = childOf(childOf(tree, "healthcheck"), "test");
	const read = build === void 0 ? void 0 : buildOf(build, folder);
	return {
		name,
		at,
		build: read,
		image: textOf(tree, "image"),
		ports: distinct(ports),
		variables: namesOf(childOf(tree, "environment")).map((one) => ({
			name: one.name.replace(/=.*$/s, ""),
			at: sourceText(one.place)
		})).filter((one) => /^[A-Za-z_]\w*$/.test(one.name)),
		dependsOn: namesOf(childOf(tree, "depends_on")).map((one) => one.name),
		checkPath: check === void 0 ? void 0 : checkPathIn(allText(check), sourceText(check.at)),
		left: [
			...build !== void 0 && read === void 0 ? [{
				at: sourceText(build.at),
				text: `the service ${name} is built from a folder outside of the repository, or by a variable`
			}] : [],
			...left("volumes", "has volumes: data of a cluster needs a volume of it (docs/templates.md#volumes)"),
			...left("env_file", "has a file of variables, which is not read: give them as NOMAD_SECRET_<NAME>"),
			...left("command", "has a command of its own: set it in the Dockerfile, or in a job spec (docs/templates.md#your-own-spec)"),
			...left("entrypoint", "has an entrypoint of its own: set it in the Dockerfile, or in a job spec (docs/templates.md#your-own-spec)"),
			...left("extends", "extends another one, which is not followed"),
			...read !== void 0 && read.args.length > 0 ? [{
				at,
				text: `the service ${name} is built with ${read.args.join(", ")}: give the arguments as \`build-args\``
			}] : []
		]
	};
}
/** Returns a port of the short form (`8080:80`, `127.0.0.1:8080:80/tcp`) or of the long one. Ranges have no main port, so they are none. */
function portOf(tree) {
	const at = sourceText(tree.at);
	const text = tree.kind === "map" ? `${textOf(tree, "target") ?? ""}/${textOf(tree, "protocol") ?? "tcp"}` : allText(tree).trim();
	const [, number = "", protocol = "tcp"] = /(?:^|:-?)(\d{1,5})\}?(?:\/(\w+))?$/.exec(text) ?? [];
	return isPort(Number(number)) ? [{
		number: Number(number),
		udp: protocol.toLowerCase() === "udp",
		at
	}] : [];
}
function buildOf(tree, folder) {
	const context = tree.kind === "text" ? tree.text.trim() : textOf(tree, "context") ?? ".";
	const path = inside(posix.join(folder, context));
	const file = posix.join(path ?? "", textOf(tree, "dockerfile") ?? "Dockerfile");
	if (path === void 0 || context.startsWith("/") || /[$\n]|:\/\/|^git@/.test(context) || inside(file) === void 0 || /[$\n]/.test(file)) return void 0;
	const target = textOf(tree, "target");
	return {
		context: path,
		dockerfile: file,
		target: target === void 0 || target.includes("$") ? void 0 : target,
		args: namesOf(childOf(tree, "args")).map(({ name }) => name.replace(/=.*$/s, ""))
	};
}
/** Returns a path from the root without its needless parts, `.` for the root; undefined for one outside of the repository. */
function inside(path) {
	const normal = posix.normalize(path).replace(/\/$/, "") || ".";
	return normal === ".." || normal.startsWith("../") || normal.startsWith("/") ? void 0 : normal;
}
// src/init/survey.ts
/** Finds the facts in the files of a repository. `name` is its name without the owner. The values of environment variables and secrets are not kept. */
async function surveyOf({ files, skipped }, name) {
	const of = (kind) => files.filter((file) => file.kind === kind);
	const [composeFile, ...otherFiles] = of("compose").toSorted((a, b) => rank(a.name) - rank(b.name));
	const compose = composeFile === void 0 ? void 0 : await readCompose(composeFile);
	const workflows = await Promise.all(of("workflow").map(readWorkflow));
	const specs = of("spec").map(readJobFile).filter((job) => job !== void 0);
	const jobs = specs.some(({ path }) => !isAside(path)) ? specs.filter(({ path }) => !isAside(path)) : specs;
	const packs = of("pack").map(readPack).filter((pack) => pack !== void 0);
	const { apps, notes } = appsOf(of("dockerfile"), compose, name);
	const ofPacks = (path) => packs.some(({ folder }) => folder === "." || path.startsWith(`${folder}/`));
	const fragments = of("spec").filter((file) => /^(vars|job|group)\.nomad$/.test(file.name) && !specs.some(({ path }) => path === file.name));
	return {
		apps,
		jobs: jobs.filter(({ path }) => !ofPacks(path)),
		packs,
		workflows,
		used: workflows.flatMap(({ used }) => used),
		calls: workflows.flatMap(({ calls }) => calls).map(counterpartsOf),
		notes: [
			...compose?.problems ?? [],
			...workflows.flatMap(({ problems }) => problems),
			...notes,
			...fragments.map((file) => ({
				at: `${file.name}:1`,
				text: "adds to the built-in template"
			})),
			...otherFiles.map((file) => ({
				at: `${file.name}:1`,
				text: `only ${composeFile?.name} is read of the compose files`
			})),
			...skipped
		]
	};
}
/** Compose's own order of its files; those of other folders come last: https://docs.docker.com/compose/intro/compose-application-model/ */
const COMPOSE_FILES = [
	"compose.yaml",
	"compose.yml",
	"docker-compose.yaml",
	"docker-compose.yml"
];
function rank(path) {
	const [name = ""] = path.split("/").slice(-1);
	const at = COMPOSE_FILES.indexOf(name);
	return path.split("/").length * 10 + (isAside(path) ? 100 : 0) + (at < 0 ? 1e3 : at);
}
// src/init/write.ts
/** Returns the paths of proposed files that exist already, or a link of their names. Throws `input-invalid` for one outside of the checkout, by a link. */
async function existingOf(files, workspace) {
	const { inside } = confine(await realpath(workspace), ".");
	const found = await Promise.all(files.map(async ({ path }) => (await inside("init", path)).exists ? [path] : []));
	return new Set(found.flat());
}
/** Writes a new file. Throws `input-invalid` where there is one of that name, or where a folder of its path leads out of the checkout. */
async function writeNew(file, workspace) {
	const { inside } = confine(await realpath(workspace), ".");
	const { path } = await inside("init", file.path);
	try {
		await mkdir(dirname(path), { recursive: true });
		const handle = await open(path, "wx");
		try {
			await handle.writeFile(fileText(file));
		} finally {
			await handle.close();
		}
	} catch (error) {
		throw new ActionError("input-invalid", `${file.path} cannot be written: ${messageOf(error)}`);
	}
}
// src/commands/init.ts
/**
* `init`: looks at the files of the repository, shows the workflow that deploys it, and writes it, once the person at the terminal has said yes. A file that exists
* is never changed. In a workflow, and with `dry-run`, the files are only shown. Throws `input-invalid` for a repository without anything to deploy.
*/
async function init({ inputs, context, env }, runtime) {
	const { terminal, log, signal, workspace } = runtime;
	terminal?.answers();
	const survey = await surveyOf(await readRepository(runtime), context.repository.split("/").at(-1) ?? "");
	if (!isDeployable(survey)) {
		for (const { at, text } of survey.notes) log.info(`  ${at}: ${text}`);
		throw new ActionError("input-invalid", "there is nothing to deploy: the repository has no Dockerfile and no job spec", { hint: "Add a Dockerfile, or a job spec with the name project.nomad (docs/templates.md)." });
	}
	const known = knownOf(inputs, context, env, runtime);
	const proposal = proposalOf(survey, terminal === void 0 ? known : await askAll(questionsOf(survey, known), known, terminal, signal));
	const existing = await existingOf(proposal.files, workspace);
	for (const { title, lines } of sectionsOf(proposal, existing)) await log.group(title, async () => {
		for (const line of lines) log.info(`  ${line}`);
	});
	await write(proposal.files.filter(({ path }) => !existing.has(path)), {
		inputs,
		runtime
	});
	for (const line of nextLines(proposal, existing)) log.info(line);
	return { outcome: "reported" };
}
/** Inputs that a person sets in the shell for every program of Nomad, and that a workflow needs as well. */
const OF_SHELL = [
	"nomad-addr",
	"nomad-namespace",
	"nomad-region",
	"base-domain"
];
/** Inputs that are about this run alone. */
const OWN = [
	"command",
	"config-from",
	"app",
	"dry-run",
	"working-directory"
];
function knownOf({ sources }, { defaultBranch, ref }, env, { redact }) {
	const given = /* @__PURE__ */ new Map();
	const secrets = [];
	const give = (name, text, source) => {
		const open = openValue(name, text, redact);
		secrets.push(...open.secrets);
		given.set(name, {
			value: open.value,
			source
		});
	};
	for (const name of OF_SHELL) {
		const source = sources.inputs[name] ?? "";
		const value = INPUTS[name].variables?.includes(source) === true ? env[source] : void 0;
		if (value !== void 0) give(name, value, `${source} of the environment`);
	}
	for (const [name, value] of givenTexts(env)) {
		const { secret, only } = INPUTS[name];
		if (secret === void 0 && !OWN.includes(name) && (only === void 0 || only.includes("deploy"))) give(name, value, `the option --${name}`);
	}
	const configured = Object.entries(sources.inputs).flatMap(([name, source]) => /:\d+( of .*)?$/.test(source) ? [name] : []);
	return {
		branch: defaultBranch ?? ref,
		given,
		secrets,
		configured: new Set(configured)
	};
}
/** Writes the files after a yes. Throws `cancelled` for a no, and `input-invalid` where nobody can answer and `--yes` is not given. */
async function write(files, { inputs, runtime }) {
	const { terminal, log, signal, workspace } = runtime;
	if (files.length === 0) return log.info("No file is to be written.");
	const isDry = inputs.sources.inputs["dry-run"] === "dry-run" && inputs.dryRun;
	if (terminal === void 0 || isDry) return log.info("Nothing was written.");
	const names = files.map(({ path }) => path).join(" and ");
	const answer = await terminal.confirm(`Write ${names}?`, signal);
	if (answer === false) throw new ActionError("cancelled", "init was not confirmed, so nothing was written");
	if (answer === void 0) throw new ActionError("input-invalid", `init writes ${names}, and there is no terminal to ask at`, { hint: "Add --yes, or --dry-run to see the files only." });
	for (const file of files) await writeNew(file, workspace);
	log.info(`Wrote ${names}.`);
}
export { init };
