import { u as ActionError } from "./runtime.js";
// src/commands/open.ts
/** The programs that open a page in the browser, by the platform of Node. */
const OPENERS = {
	darwin: ["open"],
	win32: ["rundll32", "url.dll,FileProtocolHandler"]
};
const OPENER = ["xdg-open"];
/** `open`: opens the page of the job in Nomad's UI, or with `site` the application itself, in the browser. */
async function open(job, { inputs, nomadUrl, rendering: { target } }, { runtime }) {
	const url = inputs.site ? target.url : nomadUrl;
	if (url === void 0) throw inputs.site ? new ActionError("input-invalid", `${job.ID} has no address of its own`, { hint: "Set `base-domain`, or see `nomad-deploy urls`." }) : new ActionError("input-invalid", "an agent at a socket has no pages", { hint: "Set NOMAD_ADDR to the address of a server." });
	runtime.log.info(url);
	const { code, notStarted } = await runtime.exec([...OPENERS[process.platform] ?? OPENER, url], { cwd: runtime.workspace });
	if (code !== 0) runtime.log.warning(notStarted === true ? "There is no program to open a browser: open the page yourself." : "No browser was opened.");
	return { outcome: "reported" };
}
export { open };
