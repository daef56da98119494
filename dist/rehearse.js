import { J as CONTINUES } from "./steps.js";
import { t as deploy } from "./deploy2.js";
// src/commands/rehearse.ts
/** `rehearse`: deploys a job to the throw-away agent of the run. A periodic job is started once. */
async function rehearse(deploying, current) {
	const own = {
		...deploying,
		inputs: {
			...deploying.inputs,
			periodicForce: true
		},
		nomadUrl: void 0
	};
	const { cause, ...result } = await deploy(own, current);
	if (result.outcome === "successful") return {
		...result,
		outcome: "rehearsed"
	};
	return cause === void 0 ? result : {
		...result,
		cause: cause.replace(CONTINUES, "")
	};
}
export { rehearse };
