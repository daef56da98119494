import { _ as ActionError } from "./runtime.js";
// src/commands/open.ts
/** `open`: opens the page of the job in Nomad's UI, or with `site` the application itself, in the browser. */
async function open(job, { inputs, nomadUrl, rendering: { target } }, { runtime }) {
	const url = inputs.site ? target.url : nomadUrl;
	if (url === void 0) throw inputs.site ? new ActionError("input-invalid", `${job.ID} has no address of its own`, { hint: "Set `base-domain`, or see `nomad-deploy urls`." }) : new ActionError("input-invalid", "an agent at a socket has no pages", { hint: "Set NOMAD_ADDR to the address of a server." });
	runtime.log.info(url);
	await runtime.terminal?.openPage(url);
	return { outcome: "reported" };
}
export { open };
