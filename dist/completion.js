// src/commands/completion.ts
/** `completion`: prints the script by which a shell completes commands, options and names. */
async function completion(shell, terminal) {
	await terminal.writeBytes("stdout", Buffer.from(await terminal.shellScript(shell)));
	return { outcome: "reported" };
}
export { completion };
