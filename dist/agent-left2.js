import { a as endAll, d as randomHex, m as systemClock, o as processesWith } from "./runtime.js";
import { lstat, mkdir, readFile, readdir, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
// src/runtime/agent-left.ts
/** The environment variable of the processes of an agent. */
const AGENT_MARK = "NOMAD_DEPLOY_AGENT";
/** `nomad-deploy-agent-<namespace of processes>-<process>-<start of the process>-<random>`, the numbers with the base 36. */
const AGENT_NAME = /^nomad-deploy-agent-[0-9a-z]{1,13}-[0-9a-z]{1,8}-[0-9a-z]{1,13}-[0-9a-f]{6}$/;
/** The label of each container that Nomad's Docker driver starts with `extra_labels = ["node_name"]`. */
const LABEL = "com.hashicorp.nomad.node_name";
/** The time limit of a program of the removal. */
const PROGRAM_MS = 2e4;
/** A request to the engine that the agent had sent before its end can still start a container. */
const ROUNDS = 5;
/** Linux takes no socket with a longer path, and the plugins of the agent make sockets in its folder. */
const MAX_FOLDER = 85;
/** Returns a name for an agent of this process. */
async function nameAgent() {
	const [space, started] = [await ownSpace(), await startOf(process.pid)];
	return [
		"nomad-deploy-agent",
		space ?? "0",
		process.pid.toString(36),
		started ?? "0",
		randomHex(systemClock, 6)
	].join("-");
}
/** Makes the private folder of an agent: in the folder for temporary files, or in that of the system where the path would be too long. */
async function makeFolder(name, temp) {
	const folder = [temp, tmpdir()].map((parent) => join(parent, name)).find((path) => path.length <= MAX_FOLDER) ?? join(tmpdir(), name);
	await mkdir(folder, { mode: 448 });
	return folder;
}
/**
* Removes an agent: its processes, containers with their volumes, mounts and folder. Returns the folder where it could not be removed. Does nothing for a name of
* another form.
*/
async function removeAgent(name, temp, environment) {
	if (!AGENT_NAME.test(name)) return void 0;
	await endAll(async () => processesWith(AGENT_MARK, name), "SIGKILL");
	const run = runner(environment);
	const images = await removeContainers(name, run);
	let left;
	for (const folder of /* @__PURE__ */ new Set([join(temp, name), join(tmpdir(), name)])) if (!await removeFolder(folder, images, run)) left = folder;
	return left;
}
/** Removes the agents of runs that were killed, post step included. Leaves those of runs that go on, and those of other containers. */
async function removeAbandoned(temp, environment) {
	const listed = await runner(environment)([
		"docker",
		"ps",
		"--all",
		"--filter",
		`label=${LABEL}`,
		"--format",
		`{{.Label "${LABEL}"}}`
	]);
	const folders = await Promise.all([temp, tmpdir()].map(async (parent) => readdir(parent).catch(() => [])));
	const marked = await processesWith(AGENT_MARK);
	const names = /* @__PURE__ */ new Set([
		...folders.flat(),
		...(listed?.stdout ?? "").split("\n"),
		...marked.map(({ value }) => value)
	]);
	const removed = [];
	for (const name of names) {
		if (!AGENT_NAME.test(name) || !await isAbandoned(name)) continue;
		await removeAgent(name, temp, environment);
		removed.push(name);
	}
	return removed;
}
/** Returns whether the process of the run has ended. Unknown for another namespace of processes, such as that of another container. */
async function isAbandoned(name) {
	const [space, pid = "", started] = name.slice(19).split("-");
	return space === await ownSpace() && await startOf(Number.parseInt(pid, 36)) !== started;
}
async function ownSpace() {
	const link = await readlink("/proc/self/ns/pid").catch(() => "");
	const [, id] = /\[(\d+)\]/.exec(link) ?? [];
	return id && Number(id).toString(36);
}
/** Returns the start of a process, in ticks since the start of the system; undefined for a process that has ended. */
async function startOf(pid) {
	const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	const ticks = fields[19];
	return fields[0] === "Z" ? void 0 : ticks && Number(ticks).toString(36);
}
/** Returns a function that runs a program of the removal, also in a run that is cancelled; undefined for one that does not end in time. */
function runner(environment) {
	return async (argv) => {
		const { execute } = await import("./exec.js");
		return execute(argv, { cwd: "/" }, {
			environment,
			signal: AbortSignal.timeout(PROGRAM_MS),
			onLine: () => void 0
		}).catch(() => void 0);
	};
}
/** Removes the containers of an agent, with the volumes that their images declare. Returns their images. */
async function removeContainers(name, run) {
	const images = /* @__PURE__ */ new Set();
	for (let round = 0; round < ROUNDS; round++) {
		const found = ((await run([
			"docker",
			"ps",
			"--all",
			"--filter",
			`label=${LABEL}=${name}`,
			"--format",
			"{{.ID}} {{.Image}}"
		]))?.stdout ?? "").split("\n").flatMap((line) => line === "" ? [] : [line.split(" ")]);
		if (found.length === 0 && round > 0) break;
		for (const [, image] of found) if (image !== void 0) images.add(image);
		if (found.length > 0) await run([
			"docker",
			"rm",
			"--force",
			"--volumes",
			...found.map(([id = ""]) => id)
		]);
	}
	return [...images];
}
/** Removes a folder with what tasks of another user wrote there. Returns false where it stays. */
async function removeFolder(folder, images, run) {
	const isThere = async () => lstat(folder).then((found) => found.isDirectory(), () => false);
	if (!await isThere()) return true;
	const below = (await readFile("/proc/self/mountinfo", "utf8").catch(() => "")).split("\n").flatMap((line) => {
		const point = (line.split(" ")[4] ?? "").replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
		return point.startsWith(`${folder}/`) ? [point] : [];
	});
	for (const point of below.sort((a, b) => b.length - a.length)) await run([
		"umount",
		"--lazy",
		point
	]);
	const own = async () => rm(folder, {
		recursive: true,
		force: true
	}).catch(() => void 0);
	const parent = `${dirname(folder)}:/nomad-deploy`;
	const inContainer = (image) => async () => {
		return run([
			"docker",
			"run",
			...[
				"--rm",
				"--network",
				"none",
				"--user",
				"0",
				"--entrypoint",
				"rm",
				"--volume",
				parent
			],
			image,
			"-rf",
			`/nomad-deploy/${basename(folder)}`
		]);
	};
	const ways = [
		own,
		async () => run([
			"sudo",
			"-n",
			"rm",
			"-rf",
			folder
		]),
		...images.map(inContainer)
	];
	for (const way of ways) {
		await way();
		if (!await isThere()) return true;
	}
	return false;
}
export { removeAbandoned as a, nameAgent as i, AGENT_NAME as n, removeAgent as o, makeFolder as r, AGENT_MARK as t };
