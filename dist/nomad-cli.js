import { S as messageOf, _ as ActionError } from "./runtime.js";
import { t as findProgram } from "./program.js";
import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createHash, randomUUID } from "node:crypto";
import { join } from "node:path";
// src/runtime/nomad-cli.ts
/** The version of the program, which parses and rehearses: any version with the language works. */
const VERSION = "1.11.3";
const RELEASES = "https://releases.hashicorp.com/nomad";
/**
* SHA-256 of the archives of VERSION by platform. They are not read from the server of the archive, because an attacker could change both files there.
*/
const CHECKSUMS = {
	darwin_amd64: "ca8bf44452296db8750b411c73c6d38a872a9fae2632f93164edbc6573433814",
	darwin_arm64: "8f8bbc6064a039df772fa7daa865185760111d2e2a1f2953ade2b126dff8e5dd",
	linux_amd64: "19dac5642a2ba5305e6ff8efee06a708d760ebe4d1cd7936bc3dc526f477dc12",
	linux_arm64: "902e44260fcd9297af7042fb33ccd5a29cc2202b57199724f17c96fcd67414d2"
};
/**
* Returns the path of the Nomad CLI from the first place that has it: `NOMAD_BIN`, PATH, the runner's tool cache, the official release. `NOMAD_RELEASES` is the
* address of a mirror of the releases. Throws `unreachable` when the release can't be fetched, has another checksum, or has none for this platform.
*/
async function findNomad(env, world, checksums = CHECKSUMS) {
	if (env["NOMAD_BIN"]) return env["NOMAD_BIN"];
	const onPath = await findProgram("nomad", "/", env["PATH"] ?? "").catch(() => void 0);
	if (onPath !== void 0) return onPath;
	const releases = env["NOMAD_RELEASES"] || RELEASES;
	const cache = env["RUNNER_TOOL_CACHE"];
	if (!cache) return fetchRelease(releases, checksums, world);
	const { find } = await import("./actions-tool-cache.js");
	const cached = find("nomad", VERSION);
	if (cached !== "") return join(cached, "nomad");
	const program = await fetchRelease(releases, checksums, world);
	await keep(program, join(cache, "nomad", VERSION), world);
	return program;
}
/**
* Puts a program into the runner's tool cache, in the layout of @actions/tool-cache. That package removes what is there before it copies: another step, which
* runs at the same time, would lose the program that it has found.
*/
async function keep(program, folder, { log }) {
	const own = join(folder, process.arch, "nomad");
	const part = `${own}.${randomUUID()}`;
	try {
		await mkdir(join(folder, process.arch), { recursive: true });
		await copyFile(program, part);
		await rename(part, own);
		await writeFile(join(folder, `${process.arch}.complete`), "");
	} catch (error) {
		await rm(part, { force: true });
		log.debug(`The Nomad CLI is not kept in the tool cache: ${messageOf(error)}`);
	}
}
/** Downloads and verifies a release. Returns the path of the program, in a folder of this run. */
async function fetchRelease(releases, checksums, { exec, log, signal, privateFolder }) {
	const { downloadTool } = await import("./actions-tool-cache.js");
	const platform = `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;
	const file = `nomad_${VERSION}_${platform}.zip`;
	const folder = `${releases.replace(/(?<!\/)\/+$/, "")}/${VERSION}`;
	try {
		const expected = checksums[platform];
		if (expected === void 0) throw new Error(`the checksum of ${file} is unknown`);
		log.info(`The Nomad program, which reads the files of a job spec and runs a rehearsal, is not on PATH: downloading ${folder}/${file}`);
		const own = await privateFolder();
		const archive = await downloadTool(`${folder}/${file}`, join(own, "nomad.zip"));
		const actual = createHash("sha256").update(await readFile(archive)).digest("hex");
		if (actual !== expected) throw new Error(`the checksum of ${file} is ${actual}, but the official release has ${expected}`);
		const unpacked = join(own, "unpacked");
		const { code, stderr, notStarted } = await exec([
			"unzip",
			"-oq",
			archive,
			"-d",
			unpacked
		], { cwd: own });
		if (code !== 0) throw new Error(notStarted === true ? "unzip was not found on this runner" : `unzip exits with code ${code}: ${stderr}`);
		return join(unpacked, "nomad");
	} catch (error) {
		if (signal.aborted) throw error;
		throw new ActionError("unreachable", `the Nomad CLI could not be downloaded from ${folder}: ${messageOf(error)}`, {
			hint: "A job spec with a function that reads files and `command: rehearse` need it. Put `nomad` on PATH (hashicorp/setup-nomad), or set NOMAD_BIN to its path.",
			cause: error
		});
	}
}
export { findNomad };
