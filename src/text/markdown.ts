// Whatever a workload, a build, a commit or a cluster says is shown by these, in the job summary and in comments: as itself, and as nothing else.
import { withoutEscapes } from './escapes.ts';

/** Ends a line in a browser or an editor. */
const LINE_BREAK = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;
/** Invisible characters, and characters that change the order of text: controls, formats, and those that Unicode has every program ignore. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800]/gu;
function visible(value: string): string {
  return withoutEscapes(value).replace(INVISIBLE, '');
}

/** Text from outside on one line, with nothing invisible in it: for what is no Markdown, such as a title. */
export function plain(value: string): string {
  return value
    .split(LINE_BREAK)
    .map((line) => visible(line.replaceAll('\t', ' ')).trim())
    .filter((line) => line !== '')
    .join(' ');
}

/** A zero-width space of our own: the only one that is left in what we show. */
const BREAK = '\u200b';

/**
 * GitHub and chat programs look for these in what is shown, whatever Markdown says: addresses, mentions and mail addresses, numbers of issues, commits, emoji.
 * https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls. A digest behind a name of an
 * image is none of them, and stays as it is copied, as do ids and numbers of many digits.
 */
const LIVE: readonly RegExp[] = [
  /:(?=\/\/)/g,
  /www(?=\.)/gi,
  /(?<!\w)@(?=\S)|@(?!sha(?:256|512):)(?=\S)/g,
  /#(?=\d)/g,
  /\bGH(?=-\d)/gi,
  /:(?=(?:[a-z_+-][\w+-]{0,40}|\d{1,4}[a-z_][\w+-]{0,40}|1234|100):)/gi,
];

/** As short as GitHub takes it. */
const COMMIT = /(?<![\w-])(?=\d*[a-f])[0-9a-f]{7,40}(?![\w-])/g;

/** A text in which nothing is made a link, a mention or an emoji; what is shown stays the same. */
export function quiet(value: string): string {
  const apart = value.replace(COMMIT, (commit) => commit.replace(/.{6}(?=.)/g, `$&${BREAK}`));
  return LIVE.reduce((shown, pattern) => shown.replace(pattern, `$&${BREAK}`), apart);
}

/** A short text from outside as code: Markdown has no escape for a backtick within it. */
export function code(value: string): string {
  // Two backticks would begin a code that ends somewhere else.
  return `\`${plain(value).replaceAll('`', "'") || ' '}\``;
}

/** Text from outside as Markdown that shows it, on one line. */
export function text(value: string): string {
  return (
    quiet(plain(value))
      .replaceAll('&', '&amp;')
      .replace(/[\\`*_[\]<>#~$]/g, '\\$&')
      // At the start of a line: a list, an underlined heading.
      .replace(/^(?:[-+=]|\d+(?=[.)]))/, (start) => (/\d/.test(start) ? `${start}\\` : `\\${start}`))
  );
}

/** Text from outside within a tag, where Markdown's own escapes would be shown. */
export function html(value: string): string {
  return entities(quiet(plain(value)));
}

/** A short text from outside as code within a tag. GitHub looks for nothing in code, so the text can be copied. */
export function htmlCode(value: string): string {
  return `<code>${entities(plain(value))}</code>`;
}

function entities(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** A link; `label` is Markdown. Of an address that no browser should open, only the label. */
export function link(label: string, url: string): string {
  return /^https?:\/\//i.test(url) ? `[${label}](${withoutBreaks(url)})` : label;
}

/** An address that can be clicked, shown as it is. */
export function autolink(url: string): string {
  return /^https?:\/\//i.test(url) ? `<${withoutBreaks(url)}>` : text(url);
}

/** Text from outside that may end in an address of our own, which stays one that can be clicked; any other is text. */
export function textBefore(value: string, url: string | undefined): string {
  if (url === undefined || !value.endsWith(` ${url}`)) return text(value);
  return `${text(value.slice(0, -url.length))} ${/^https?:\/\/[\w.:/@%?=&-]+$/i.test(url) ? url : autolink(url)}`;
}

/** An address with the characters percent-encoded that would end it in Markdown, or hide in it. */
function withoutBreaks(url: string): string {
  return url
    .toWellFormed()
    .replace(/[\s<>()[\]\\"`|\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, (one) =>
      /[()]/.test(one) ? `%${one.charCodeAt(0).toString(16)}` : encodeURIComponent(one),
    );
}

/** A code block whose fence is longer than any run of backticks inside; `language` chooses its colours. */
export function fenced(lines: readonly string[], language = ''): string[] {
  const shown = lines.flatMap((line) => line.split(LINE_BREAK)).map((line) => visible(line.replaceAll('\t', '    ')));
  const longest = Math.max(2, ...shown.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}${language}`, ...shown, fence];
}

/** A table, with a blank line after it; nothing without rows. The cells are Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  // A backslash before a bar, as code can have it, would escape the one that escapes the bar.
  const cell = (markdown: string): string =>
    markdown.replace(/(?<!\\)(\\*)\|/g, (_, slashes: string) => `${slashes}${slashes.length % 2 === 1 ? '\\' : ''}\\|`);
  const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...rows.map(row), ''];
}
