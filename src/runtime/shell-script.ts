import type { Terminal } from './runtime.ts';

/**
 * Returns the script by which a shell completes the words of the program: it runs the program itself, as `nomad-deploy complete -- WORDS`. The package prints its
 * script, so that is caught.
 */
export const shellScript: Terminal['shellScript'] = async (shell) => {
  const { script } = await import('@bomb.sh/tab');
  const { log } = console;
  let text = '';
  console.log = (printed: string) => (text += `${printed}\n`);
  try {
    script(shell, 'nomad-deploy', 'nomad-deploy');
  } finally {
    console.log = log;
  }
  return shell === 'bash' ? forBash(text) : text;
};

/** Splits the line up to the cursor. Readline completes only the part of a word behind its last `=`. */
const WORDS = String.raw`__nomad_deploy_words() {
    local line=\${COMP_LINE:0:COMP_POINT}
    IFS=$' \t\n' read -ra words <<< "$line"
    if [[ $line == *[[:blank:]] ]]; then words+=(''); fi
    cur=\${words[\${#words[@]}-1]}
    cur=\${cur##*=}
}
`.replaceAll('\\$', '$');

/** Changes of the script for bash: it is to need no other package, to be read twice, and to run none of the words that were typed. */
const CHANGES: readonly (readonly [string | RegExp, string])[] = [
  [/^readonly (?=ShellComp)/gm, ''],
  [/^__nomad_deploy_complete\(\) \{$/m, `${WORDS}\n__nomad_deploy_complete() {`],
  ['_get_comp_words_by_ref -n "=:" cur prev words cword', '__nomad_deploy_words'],
  ['$(eval "$requestComp" 2>/dev/null)', '$(nomad-deploy complete -- "${words[@]:1}" 2>/dev/null)'],
];

function forBash(text: string): string {
  return CHANGES.reduce((now, [from, to]) => {
    const next = now.replace(from, () => to);
    if (next === now) throw new Error(`the script of the package has no ${from}`);
    return next;
  }, text);
}
