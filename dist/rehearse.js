import { t as deploy } from "./deploy2.js";
// src/commands/rehearse.ts
/** `rehearse`: deploys a job to the throw-away agent of the run. A periodic job is started once. */
async function rehearse(deploying, current) {
	const result = await deploy({
		...deploying,
		inputs: {
			...deploying.inputs,
			periodicForce: true
		}
	}, current);
	return result.outcome === "successful" ? {
		...result,
		outcome: "rehearsed"
	} : result;
}
export { rehearse };
