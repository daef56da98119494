import { _ as ActionError } from "./runtime.js";
import { Q as readSourceFile, X as findConfig, k as configInputs } from "./start.js";
// src/terminal/environments.ts
/** Returns the names of the environments of the checkout's configuration file. Throws `input-invalid` where it has none. */
async function environmentNames(env, workspace) {
	const file = await findConfig(configInputs(env).path, workspace);
	if (file === void 0) throw new ActionError("input-invalid", "--all needs a configuration file, and there is no nomad-deploy.yml", { hint: "Name one environment with --environment." });
	const { name, text } = await readSourceFile(file, workspace);
	const { parseConfig } = await import("./config.js");
	const { environments } = await parseConfig(text, name);
	if (environments.length > 0) return environments.map((one) => one.name);
	throw new ActionError("input-invalid", `${name} has no \`environments\`, which --all shows`, { hint: "Name one with --environment." });
}
export { environmentNames };
