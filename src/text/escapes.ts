const ESCAPE = '\\u001b';
/**
 * Matches colours, links, titles and other sequences of a terminal: https://ecma-international.org/publications-and-standards/standards/ecma-48/. The numbers of
 * repetitions are limited, so that beginnings without an end take linear time, which those of Node's `stripVTControlCharacters` do not.
 */
const SEQUENCE = new RegExp(
  `(?:${ESCAPE}\\[|\\u009b)[0-?]{0,64}[ -/]{0,8}[@-~]|${ESCAPE}[\\]PX^_][^\\u0007\\u009c${ESCAPE}]{0,2048}(?:\\u0007|\\u009c|${ESCAPE}\\\\)|${ESCAPE}[ -/]{0,8}[0-Z\\\\^-~]`,
  'g',
);

/** Returns a text without the sequences by which a program controls a terminal. */
export function withoutEscapes(text: string): string {
  return text.replace(SEQUENCE, '');
}
