import { access, constants, stat } from "node:fs/promises";
import { posix, resolve, win32 } from "node:path";
// src/runtime/program.ts
/** The search path of the system without PATH. */
const DEFAULT_PATH = "/bin:/usr/bin";
/** The endings that Windows adds to the name of a program that it starts by itself; scripts such as `.cmd` need its shell. */
const WINDOWS_ENDINGS = [
	"",
	".exe",
	".com"
];
/**
* Returns the path of a program as the system finds it: from the folder `cwd` when its name has a slash, else in the folders of `path`. Undefined for a missing
* program. Throws `EACCES` for a program that may not be executed.
*/
async function findProgram(program, cwd, path = DEFAULT_PATH, platform = process.platform) {
	const isWindows = platform === "win32";
	const paths = isWindows ? win32 : posix;
	const named = (isWindows ? /[\\/]/ : /\//).test(program);
	const names = (isWindows ? WINDOWS_ENDINGS : [""]).map((ending) => `${program}${ending}`);
	const folders = path.split(paths.delimiter).filter((folder) => folder !== "");
	let denied = false;
	for (const written of named ? names : folders.flatMap((folder) => names.map((name) => `${folder}/${name}`))) {
		const file = paths.isAbsolute(written) ? written : `${resolve(cwd)}/${written}`;
		const found = await stat(file).catch((error) => {
			if (error.code === "ENOENT" || error.code === "ENOTDIR" || error.code === "EACCES" && !named) return void 0;
			throw error;
		});
		if (found === void 0) continue;
		const allowed = await access(file, constants.X_OK).then(() => true, () => false);
		if (found.isFile() && allowed) return file;
		denied = true;
	}
	if (denied) throw Object.assign(/* @__PURE__ */ new Error(`spawn ${program} EACCES`), { code: "EACCES" });
}
export { findProgram as t };
