// The shell scripts that run in a task. They keep to what dash, busybox and bash have in common, and take their values as arguments.
import { ActionError } from '../errors.ts';

/** Sets p to the place of a path in the task: tasks without isolation of files have the folders of an allocation elsewhere. */
const PLACE = `place() {
case $1 in
/local|/local/*) p=\${NOMAD_TASK_DIR:-/local}\${1#/local};;
/alloc|/alloc/*) p=\${NOMAD_ALLOC_DIR:-/alloc}\${1#/alloc};;
/secrets|/secrets/*) p=\${NOMAD_SECRETS_DIR:-/secrets}\${1#/secrets};;
/*) p=$1;;
*) p=$PWD/$1;;
esac
}
`;

/** Prints the SHA-256 of the files below the folder that it is in, one a line; "none" where the task has no program for it. */
const SUMS = `sums() {
if command -v sha256sum >/dev/null 2>&1; then find . -type f -exec sha256sum {} +
elif command -v busybox >/dev/null 2>&1 && busybox sha256sum </dev/null >/dev/null 2>&1; then find . -type f -exec busybox sha256sum {} +
elif command -v openssl >/dev/null 2>&1; then find . -type f -exec openssl dgst -sha256 -r {} +
else echo none
fi
}
`;

const script = (text: string): string => `${PLACE}${SUMS}${text}`;

/** The exit codes of the scripts, and their meaning about a path. */
const CODES: Readonly<Record<number, (path: string) => string>> = {
  11: (path) => `the task has no folder for ${path}`,
  12: (path) => `the task may not write beside ${path}`,
  13: (path) => `${path} is a folder`,
  14: (path) => `${path} is a file, and no folder`,
  15: (path) => `the task has no ${path}`,
  16: (path) => `the task may not read ${path}`,
};

/** Arguments: the destination, the name of the source, and `file` or `folder`. Prints the path to write, the folder for temporary files, and the programs of the task. */
export const LOOK_IN = script(`place "$1"
case $p in */) [ -d "$p" ] || exit 11;; esac
if [ -d "$p" ]; then p=\${p%/}/$2; fi
d=\${p%/*}; d=\${d:-/}
[ -d "$d" ] || exit 11
[ -w "$d" ] || exit 12
if [ "$3" = file ] && [ -d "$p" ]; then exit 13; fi
if [ "$3" = folder ] && [ -e "$p" ] && [ ! -d "$p" ]; then exit 14; fi
has=
for name in tar cat base64; do if command -v $name >/dev/null 2>&1; then has="$has $name"; fi; done
printf '%s\\0%s\\0%s' "$p" "$d" "$has"`);

/** Arguments: the folder of the copy, which is made, a file in it, and its mode. Each of the first two is in the folder of the other. */
export const WRITERS: Readonly<Record<'cat' | 'base64', string>> = {
  cat: 'umask 077; mkdir -p "$1/$2" && rmdir "$1/$2" && cat > "$1/$2" && chmod "$3" "$1/$2"',
  base64: 'umask 077; mkdir -p "$1/$2" && rmdir "$1/$2" && base64 -d > "$1/$2" && chmod "$3" "$1/$2"',
};

/** Arguments: the folder of the copy, a folder in it, and its mode. */
export const MAKE_INNER = 'umask 077; mkdir -p "$1/$2" && chmod "$3" "$1/$2"';

/** Argument: the folder of the copy, which is made. Owners are those of the task's user, whom the archive does not know. */
export const UNPACK = 'umask 077; mkdir "$1" && tar -xpof - -C "$1"';

/** Argument: the folder of the copy. */
export const PRINT_SUMS = script('cd "$1" && sums');

/** Argument: the folder. Prints an archive of it, whose names begin with `./`. */
export const PACK_FOLDER = 'tar -cf - -C "$1" .';

/** Arguments: the folder, the name in it, and the destination. A folder that exists keeps its other files, and each file is replaced at once. */
export const COMMIT = `set -e
if [ -d "$1/$2" ] && [ -d "$3" ]; then
cd "$1/$2"
find . -type d -exec sh -c 'for f; do [ -d "$0/$f" ] || mkdir "$0/$f"; done' "$3" {} +
find . ! -type d -exec sh -c 'for f; do [ ! -d "$0/$f" ] || { echo "$0/$f is a folder" >&2; exit 1; }; mv -f "$f" "$0/$f" || exit 1; done' "$3" {} +
else
[ ! -d "$3" ] || exit 13
mv -f "$1/$2" "$3"
fi`;

/** Argument: the folder. */
export const REMOVE = 'rm -rf "$1"';

/** Argument: the source. Prints its kind, its folder, its name, whether the task has tar, and the mode of a file where the task can tell it. */
export const LOOK_OUT = script(`place "$1"
case $p in /) ;; */) p=\${p%/};; esac
[ -e "$p" ] || [ -L "$p" ] || exit 15
[ -r "$p" ] || exit 16
has=
if command -v tar >/dev/null 2>&1; then has=tar; fi
d=\${p%/*}; d=\${d:-/}
if [ -d "$p" ]; then printf 'folder\\0%s\\0%s\\0%s' "$d" "\${p##*/}" "$has"
else printf 'file\\0%s\\0%s\\0%s\\0%s' "$d" "\${p##*/}" "$has" "$(stat -L -c %a "$p" 2>/dev/null)"; fi`);

/** Arguments: the folder of a file, and its name. Prints an archive, in which the target of a link is in the place of the link. */
export const PACK_FILE = 'tar -chf - -C "$1" -- "$2"';
export const PRINT_FILE = 'cat -- "$1/$2"';

/** Argument: the source. Prints the sums of all files below it, or that of the file. */
export const SUMS_OF = script(`place "$1"
if [ -d "$p" ]; then cd "$p" && sums
else
if command -v sha256sum >/dev/null 2>&1; then sha256sum < "$p"
elif command -v busybox >/dev/null 2>&1 && busybox sha256sum </dev/null >/dev/null 2>&1; then busybox sha256sum < "$p"
elif command -v openssl >/dev/null 2>&1; then echo "$(openssl dgst -sha256 < "$p" | sed 's/.* //')  -"
else echo none
fi
fi`);

/** Returns the command that runs a script with arguments. */
export function shell(text: string, ...args: readonly string[]): string[] {
  return ['/bin/sh', '-c', text, 'sh', ...args];
}

/** Returns the error of a script that ended with a code other than 0. */
export function scriptError(
  { code, stderr, stdout }: { readonly code: number; readonly stderr: string; readonly stdout: Buffer },
  path: string,
): ActionError {
  const known = CODES[code]?.(path);
  if (known !== undefined) return new ActionError('input-invalid', known);
  const told = (stderr || stdout.toString('utf8', 0, 500)).trim().split('\n').at(-1) ?? '';
  if (/\/bin\/sh.{0,200}no such file/.test(told)) return noShell();
  return new ActionError('nomad-refused', `the task could not copy ${path}${told === '' ? `: exit code ${code}` : `: ${told}`}`);
}

/** Returns the error of a task without a shell. */
export function noShell(cause?: unknown): ActionError {
  return new ActionError('input-invalid', 'the image of the task has no /bin/sh', {
    hint: 'Name a program that the image has: `nomad-deploy ssh -- /app/server --version`. Files of /alloc and /local can be copied out without a shell.',
    cause,
  });
}

/** Reads lines of sums. Returns them by the paths of the files, without `./`; undefined where the task has no program for them. */
export function parseSums(text: string): ReadonlyMap<string, string> | undefined {
  if (text.trim() === 'none') return undefined;
  const lines = text.split('\n').flatMap((line) => {
    // GNU marks a name with escapes by a backslash at the begin of its line.
    const [, escaped = '', sum = '', name = ''] = /^(\\?)([0-9a-f]{64}) [ *](.*)$/.exec(line) ?? [];
    const plain = escaped === '' ? name : name.replaceAll(/\\([\\nr])/g, (_all, letter: string) => ({ n: '\n', r: '\r' })[letter] ?? '\\');
    return sum === '' ? [] : [[plain.replace(/^\.\//, ''), sum] as const];
  });
  return new Map(lines);
}
