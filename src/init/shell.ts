// Command lines in the scripts of workflows. Only words are read: nothing is run, and what only a shell could know stays as it is written.

/** A call of a program that registers jobs. */
export interface Call {
  readonly program: 'nomad' | 'levant' | 'nomad-pack';
  /** The words behind the command, without the quotes around them. A single quote keeps its `$` from being a variable, by a mark before it. */
  readonly words: readonly string[];
  /** The line of the script, from 0. */
  readonly line: number;
}

const COMMAND = /(?:^|[\s;&|({"'/])(nomad(?:\s+job)?\s+run|levant\s+deploy|nomad-pack\s+run)(?=\s|$)/;

/** The most calls of a script that are read. */
const MAX_CALLS = 50;

/** Returns the calls of `nomad job run`, `levant deploy` and `nomad-pack run` in a script. */
export function callsIn(script: string): Call[] {
  const calls: Call[] = [];
  const lines = script.split('\n');
  for (let i = 0; i < lines.length && calls.length < MAX_CALLS; i++) {
    const line = i;
    const parts = [lines[i] ?? ''];
    while (parts.at(-1)?.trimEnd().endsWith('\\') === true && i + 1 < lines.length) parts.push(lines[++i] ?? '');
    const text = parts.map((part, at) => (at < parts.length - 1 ? `${part.trimEnd().slice(0, -1)} ` : part)).join('');
    const found = /^\s*#/.test(text) ? null : COMMAND.exec(text);
    if (found === null) continue;
    const [program = 'nomad'] = (found[1] ?? '').split(/\s+/);
    const words = wordsOf(text.slice(found.index + found[0].length));
    calls.push({ program: program === 'levant' || program === 'nomad-pack' ? program : 'nomad', words, line });
  }
  return calls;
}

/** The mark before a `$` that is no variable. */
export const PLAIN_DOLLAR = '\\$';

/** Returns the words of a command up to its end: a `;`, a `|`, a `&` or a redirection outside of quotes. `${{ … }}` is a part of a word. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const [piece] of text.matchAll(PIECE)) {
    if (/^\s/.test(piece)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (/^[;|&<>)#]/.test(piece) && (piece !== '#' || word === undefined)) break;
    else if (piece.startsWith("'") && piece.length > 1) word = `${word ?? ''}${piece.slice(1, -1).replaceAll('$', PLAIN_DOLLAR)}`;
    else if (piece.startsWith('"') && piece.length > 1) word = `${word ?? ''}${piece.slice(1, -1).replace(/\\(["\\`])/g, '$1')}`;
    else word = `${word ?? ''}${/^\\[^$]/.test(piece) ? piece.slice(1) : piece}`;
  }
  return word === undefined ? words : [...words, word];
}

/** A blank, an expression of GitHub, a text in quotes, an escaped character, or any other character. */
const PIECE = /\s+|\$\{\{[^}]{0,500}\}\}|'[^']*'|"(?:[^"\\]|\\[\s\S])*"|\\[\s\S]|[\s\S]/g;

/** The options of a call, by their names without dashes, and the words that are no options. */
export interface Options {
  readonly options: readonly (readonly [name: string, value: string])[];
  readonly places: readonly string[];
}

/** The options without a value, of all three programs. */
const FLAGS =
  /^(detach|verbose|json|hcl1|hcl2-strict|preserve-counts|policy-override|output|force-count|force-batch|ignore-no-changes|exit-after-auto-revert|allow-stale|vault|y|auto-approve|no-format)$/;

/** Reads the words of a call: `-var name=value`, `--var=name=value`, `-detach`. */
export function optionsOf(words: readonly string[]): Options {
  const options: [string, string][] = [];
  const places: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const [, name = '', value] = /^--?([a-z][a-z0-9-]*)(?:=([\s\S]*))?$/i.exec(word) ?? [];
    if (name === '') places.push(word);
    else if (value !== undefined || FLAGS.test(name)) options.push([name, value ?? 'true']);
    else options.push([name, words[++i] ?? '']);
  }
  return { options, places };
}
