#!/usr/bin/env node
// src/cli.ts
const NEEDED = 24;
if (Number(process.versions.node.split(".")[0]) < NEEDED) {
	process.stderr.write(`nomad-deploy needs Node ${NEEDED} or newer, and this is ${process.versions.node}.\n`);
	process.exit(2);
}
const cancelled = new AbortController();
for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => cancelled.abort(/* @__PURE__ */ new Error(`cancelled (${name})`)));
const [{ main }, { terminalRuntime: open }] = await Promise.all([import("./terminal2.js"), import("./terminal.js")]);
process.exit(await main({
	argv: process.argv.slice(2),
	env: process.env,
	folder: process.cwd(),
	signal: cancelled.signal,
	open,
	packageFile: new URL("../package.json", import.meta.url)
}));
export {};
