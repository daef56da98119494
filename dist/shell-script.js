// src/runtime/shell-script.ts
/**
* Returns the script by which a shell completes the words of the program: it runs the program itself, as `nomad-deploy complete -- WORDS`. The package prints its
* script, so that is caught.
*/
const shellScript = async (shell) => {
	const { script } = await import("./bomb.sh-tab.js");
	const { log } = console;
	let text = "";
	console.log = (printed) => text += `${printed}\n`;
	try {
		script(shell, "nomad-deploy", "nomad-deploy");
	} finally {
		console.log = log;
	}
	return shell === "bash" ? forBash(text) : text;
};
/** Changes of the script for bash: it is to need no other package, to be read twice, and to run none of the words that were typed. */
const CHANGES = [
	[/^readonly (?=ShellComp)/gm, ""],
	[/^__nomad_deploy_complete\(\) \{$/m, `${String.raw`__nomad_deploy_words() {
    local line=\${COMP_LINE:0:COMP_POINT}
    IFS=$' \t\n' read -ra words <<< "$line"
    if [[ $line == *[[:blank:]] ]]; then words+=(''); fi
    cur=\${words[\${#words[@]}-1]}
    cur=\${cur##*=}
}
`.replaceAll("\\$", "$")}\n__nomad_deploy_complete() {`],
	["_get_comp_words_by_ref -n \"=:\" cur prev words cword", "__nomad_deploy_words"],
	["$(eval \"$requestComp\" 2>/dev/null)", "$(nomad-deploy complete -- \"${words[@]:1}\" 2>/dev/null)"]
];
function forBash(text) {
	return CHANGES.reduce((now, [from, to]) => {
		const next = now.replace(from, () => to);
		if (next === now) throw new Error(`the script of the package has no ${from}`);
		return next;
	}, text);
}
export { shellScript };
