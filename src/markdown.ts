import { stripVTControlCharacters } from 'node:util';

// Whatever a workload, a build, a commit or a cluster says is shown by these, in the job summary and in comments: as itself, and as nothing else.

/** What nobody sees, and what makes text read in another order than it is: control characters and the embeddings of Unicode. */
const INVISIBLE = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

function visible(value: string): string {
  return stripVTControlCharacters(value).replace(INVISIBLE, '');
}

/** A text as one line. */
function oneLine(value: string): string {
  return visible(value.replace(/\s*[\n\r\v\f\u0085\u2028\u2029]\s*/g, ' ').replaceAll('\t', ' ')).trim();
}

/** GitHub looks for names and numbers in what is shown, whatever Markdown says: `@octocat` would be told, and `#7` be linked. */
function mentioningNobody(value: string): string {
  return value.replace(/(?<![\w`])@(?=\w)|#(?=\d)/g, '$&\u200b');
}

/** A short text from outside as code: Markdown has no escape for a backtick within it. */
export function code(value: string): string {
  return `\`${oneLine(value).replaceAll('`', "'")}\``;
}

/** Text from outside as Markdown that shows it, on one line. */
export function text(value: string): string {
  return (
    mentioningNobody(oneLine(value))
      .replaceAll('&', '&amp;')
      .replace(/[\\`*_[\]<>#~$]/g, '\\$&')
      // At the start of a line: a list, an underlined heading.
      .replace(/^(?:[-+=]|\d+(?=[.)]))/, (start) => (/\d/.test(start) ? `${start}\\` : `\\${start}`))
  );
}

/** Text from outside within a tag, where Markdown's own escapes would be shown. */
export function html(value: string): string {
  return mentioningNobody(oneLine(value))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** A link; `label` is Markdown. Of an address that no browser should open, only the label. */
export function link(label: string, url: string): string {
  return /^https?:\/\//i.test(url) ? `[${label}](${withoutBreaks(url)})` : label;
}

/** An address that can be clicked, shown as it is. */
export function autolink(url: string): string {
  return /^https?:\/\//i.test(url) ? `<${withoutBreaks(url)}>` : text(url);
}

/** What would end an address in Markdown, percent-encoded. */
function withoutBreaks(url: string): string {
  return url.replace(/[\s<>()[\]\\"`|\p{Cc}]/gu, (one) =>
    /[()]/.test(one) ? `%${one.charCodeAt(0).toString(16)}` : encodeURIComponent(one),
  );
}

/** A code block whose fence is longer than any run of backticks inside; `language` chooses its colours. */
export function fenced(lines: readonly string[], language = ''): string[] {
  const shown = lines.flatMap((line) => line.split(/\r\n|\n|\r/)).map((line) => visible(line.replaceAll('\t', '    ')));
  const longest = Math.max(2, ...shown.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}${language}`, ...shown, fence];
}

/** A table, with a blank line after it; nothing without rows. The cells are Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  // A backslash before a bar, as code can have it, would escape the one that escapes the bar.
  const cell = (markdown: string): string =>
    markdown.replace(/(\\*)\|/g, (_, slashes: string) => `${slashes}${slashes.length % 2 === 1 ? '\\' : ''}\\|`);
  const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...rows.map(row), ''];
}
