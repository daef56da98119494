#!/usr/bin/env node
// src/cli.ts
const NEEDED = 24;
if (Number(process.versions.node.split(".")[0]) < NEEDED) {
	process.stderr.write(`nomad-deploy needs Node ${NEEDED} or newer, and this is ${process.versions.node}.\n`);
	process.exit(2);
}
if (/^(?!0$)./.test(process.env["CLICOLOR_FORCE"] ?? "") && !process.env["NO_COLOR"]) process.env["FORCE_COLOR"] ??= "1";
const argv = process.argv.slice(2);
if (/^(-h|--help)$/.test(argv.at(-1) ?? "")) {
	const { askedHelp, helpText } = await import("./help.js");
	const asked = askedHelp(argv);
	if (asked !== void 0) {
		process.stdout.write(helpText(asked === "general" ? void 0 : asked, process.stdout.columns));
		process.exit(0);
	}
}
const cancelled = new AbortController();
for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => cancelled.abort(/* @__PURE__ */ new Error(`cancelled (${name})`)));
process.stdout.on("error", (error) => cancelled.abort(error));
process.stderr.on("error", () => void 0);
const [{ main }, { terminalRuntime: open }] = await Promise.all([import("./terminal2.js"), import("./terminal.js")]);
process.exit(await main({
	argv,
	env: process.env,
	folder: process.cwd(),
	signal: cancelled.signal,
	open,
	packageFile: new URL("../package.json", import.meta.url)
}));
export {};
