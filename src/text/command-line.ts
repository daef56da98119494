/**
 * Splits a command line into words as a shell does (blanks, quotes, backslashes), and puts in the variables; there is no shell. Throws an `Error` for
 * what only a shell could do: pipes, several commands, other variables.
 */
export function splitWords(text: string, variables: Readonly<Record<string, string>>): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let rest = text.trim();
  let quoted = false;
  const take = (length: number): string => {
    const taken = rest.slice(0, length);
    rest = rest.slice(length);
    return taken;
  };
  while (rest !== '') {
    const [blank, variable, single, escaped] = [/^\s+/, /^\$(?:(\w+)|\{(\w+)\})/, /^'([^']*)'/, /^\\([\s\S])/].map((pattern) =>
      pattern.exec(rest),
    );
    if (!quoted && blank) {
      if (take(blank[0].length).includes('\n')) throw new Error('has several lines, but it is one command that no shell reads');
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (variable) {
      take(variable[0].length);
      const name = variable[1] ?? variable[2] ?? '';
      const value = variables[name];
      if (value === undefined)
        throw new Error(
          `has $${name}, but no shell reads it: only ${Object.keys(variables)
            .map((known) => `$${known}`)
            .join(', ')} is known`,
        );
      word = `${word ?? ''}${value}`;
    } else if (!quoted && single) {
      take(single[0].length);
      word = `${word ?? ''}${single[1]}`;
    } else if (escaped && (!quoted || /["\\$]/.test(escaped[1] ?? ''))) {
      take(2);
      // A backslash at the end of a line joins it with the next.
      word = escaped[1] === '\n' ? word : `${word ?? ''}${escaped[1]}`;
    } else if (rest.startsWith('"')) {
      take(1);
      quoted = !quoted;
      word ??= '';
    } else if (/^(`|\$\()/.test(rest) || (!quoted && /^[|&;<>()']/.test(rest))) {
      throw new Error(
        rest.startsWith("'")
          ? "has a ' without its end"
          : `has ${rest.startsWith('$(') ? '$(' : rest[0]}, but no shell reads it: put that into a script`,
      );
    } else {
      word = `${word ?? ''}${take(1)}`;
    }
  }
  if (quoted) throw new Error('has a " without its end');
  return word === undefined ? words : [...words, word];
}

/** Returns a word as a shell reads it, in quotes where it needs them. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
