// The widths of characters in a terminal, as Unicode's East Asian Width has them: https://www.unicode.org/reports/tr11/

/** Characters that take no place: marks on the one before, joiners and other format characters. */
const NONE = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Characters that take two places: Chinese, Japanese and Korean ones, their full forms, and emoji. */
const TWO =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

const ASCII = /^[ -~]*$/;

const widthOfOne = (character: string): number => (NONE.test(character) ? 0 : TWO.test(character) ? 2 : 1);

/** Returns the number of columns that a text takes. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += widthOfOne(character);
  return width;
}

/** Returns the begin of a text that takes at most `columns` columns, with an ellipsis where the rest is left out. */
export function cutAt(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  if (columns <= 0) return '';
  let [out, width] = ['', 0];
  for (const character of text) {
    width += widthOfOne(character);
    if (width > columns - 1) break;
    out += character;
  }
  return `${out}…`;
}
