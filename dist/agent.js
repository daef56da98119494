import { _ as ActionError, m as systemClock } from "./runtime.js";
import { a as removeAbandoned, i as nameAgent, o as removeAgent, r as makeFolder, t as AGENT_MARK } from "./agent-left2.js";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createServer } from "node:net";
// src/runtime/agent.ts
/**
* Starts `nomad agent -dev` on free ports of the loopback interface, with a folder of its own, and removes agents of killed runs first. Throws `input-invalid`
* where the system is not Linux, and what finding the program throws.
*/
async function startAgent({ configure, environment }, temp, env, world) {
	if (process.platform !== "linux") throw new ActionError("input-invalid", `\`command\`: rehearse needs Linux, and this system is ${process.platform}`, { hint: "Runners of GitHub with Ubuntu are such a machine." });
	const { exec, log, signal } = world;
	for (const name of await removeAbandoned(temp, env)) log.info(`Removed ${name}, which a killed run had left.`);
	const program = await world.nomadCli();
	const name = await nameAgent();
	world.atEnd({
		kind: "agent",
		name
	});
	const folder = await makeFolder(name, temp);
	await mkdir(join(folder, "tmp"));
	const engine = await exec([
		"docker",
		"context",
		"inspect",
		"--format",
		"{{.Endpoints.docker.Host}}"
	], { cwd: folder });
	const [http = 0, rpc = 0, serf = 0] = await freePorts(3);
	const place = {
		name,
		folder,
		http,
		rpc,
		serf,
		engine: engine.code === 0 ? engine.stdout.trim() : ""
	};
	const file = join(folder, "agent.hcl");
	await writeFile(file, configure(place, systemClock.random()), { mode: 384 });
	const ending = new AbortController();
	const own = {
		...environment,
		[AGENT_MARK]: name,
		TMPDIR: join(folder, "tmp")
	};
	const argv = [
		program,
		"agent",
		"-dev",
		"-config",
		file,
		"-data-dir",
		join(folder, "data")
	];
	const failed = (error) => ({
		code: 1,
		stdout: "",
		stderr: "",
		lines: [String(error)]
	});
	const ended = exec(argv, {
		cwd: folder,
		env: own,
		signal: ending.signal,
		outlives: true
	}).catch(failed);
	return {
		address: `http://127.0.0.1:${http}`,
		folder: join(folder, "folders"),
		makeFolder: async (path) => {
			await mkdir(path, { recursive: true });
			await chmod(path, 511);
		},
		ended: ended.then(({ lines }) => lines.slice(-10)),
		remove: async () => {
			const left = await removeAgent(name, temp, env);
			ending.abort(/* @__PURE__ */ new Error("the agent is removed"));
			await ended;
			if (left !== void 0 && !signal.aborted) log.warning(`The folder ${left} of the rehearsal has files of root, which this user may not remove.`);
		}
	};
}
/** Returns ports of the loopback interface that are free now. */
async function freePorts(count) {
	const servers = Array.from({ length: count }, () => createServer());
	const ports = await Promise.all(servers.map(async (server) => new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen(0, "127.0.0.1", () => {
			const address = server.address();
			resolve(typeof address === "object" && address !== null ? address.port : 0);
		});
	})));
	for (const server of servers) server.close();
	return ports;
}
export { startAgent };
