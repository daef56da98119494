/** A short text from outside as code: Markdown has no escape for a backtick within it. */
export function code(value: string): string {
  return `\`${value.replaceAll('`', "'")}\``;
}

/** Text from outside as Markdown that shows it, and as nothing else. */
export function text(value: string): string {
  return value.replace(/[\\`*_[\]<>#~]/g, '\\$&').replace(/\s*\n\s*/g, ' ');
}

/** Text from outside within a tag, where Markdown's own escapes would be shown. */
export function html(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/\s*\n\s*/g, ' ');
}

/** A code block whose fence is longer than any run of backticks inside. */
export function fenced(lines: readonly string[]): string[] {
  const longest = Math.max(2, ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)));
  const fence = '`'.repeat(longest + 1);
  return [fence, ...lines, fence];
}

/** A table, with a blank line after it; nothing without rows. The cells are Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...rows.map(row), ''];
}
