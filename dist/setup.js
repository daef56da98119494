import { A as parseClaims, C as readFound, D as doSteps, E as wantedOf, O as linesOfSteps, S as terraformOf, T as stepsTo, Yn as accessControl, j as readLogin, k as explainLogin, w as stepsBack } from "./steps.js";
import { _ as ActionError } from "./runtime.js";
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
async function setup({ wish, does, cluster, terminal, usage }, { runtime }) {
	const { log, signal } = runtime;
	if (cluster === void 0) {
		await terminal.writeBytes("stdout", Buffer.from(terraformOf(wantedOf({
			...wish,
			isOlder: false
		}))));
		return { outcome: "reported" };
	}
	const control = accessControl(cluster.nomad);
	if (does.kind === "claims") {
		const { allowed, lines } = explainLogin(parseClaims(does.text), await readLogin(wish.method, control));
		for (const line of lines) log.info(line);
		log.info(allowed ? "Nomad lets a token with these claims in." : "Nomad refuses a token with these claims.");
		return { outcome: "reported" };
	}
	const back = does.kind === "steps" && does.back;
	const wanted = wantedOf({
		...wish,
		isOlder: isOlder(await cluster.nomad.agent.version())
	});
	const found = await readFound(wanted, control);
	const steps = back ? stepsBack(wanted, found, wish.owner) : stepsTo(wanted, found, wish.owner);
	log.info(`${back ? "Objects of" : "Objects for"} ${wish.owner.repository} at ${cluster.address}:`);
	for (const line of linesOfSteps(steps)) log.info(line);
	if (steps.every(({ write }) => write === void 0)) log.info("Nothing is to be done.");
	else {
		await ask(terminal, signal);
		await doSteps(steps, control, runtime);
	}
	if (!back) for (const line of usage) log.info(line);
	return { outcome: "reported" };
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
