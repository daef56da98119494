// The pages of the pictures: a Markdown text, and the log of a step, as GitHub shows them.
import { marked } from 'marked';

/** The page of a summary in the style of GitHub. */
export const STYLE = `
  body { font: 14px/1.5 'DejaVu Sans', sans-serif; color: #1f2328; margin: 20px; width: calc(100vw - 40px) }
  h2 { font-size: 18px; margin: 0 0 12px } p { margin: 12px 0 } a { color: #0969da; text-decoration: none }
  table { border-collapse: collapse; font-size: 13px; margin: 12px 0 } td, th { border: 1px solid #d1d9e0; padding: 2px 11px; text-align: left }
  code { font: 12px 'DejaVu Sans Mono', monospace; background: #eff1f3; border-radius: 4px; padding: 2px 4px }
  pre { background: #f6f8fa; border-radius: 6px; padding: 10px 12px; margin: 8px 0; white-space: pre-wrap } pre code { background: none; padding: 0 }
  details { margin: 8px 0 } details details { margin-left: 12px } summary { font-weight: 600 }
  thead:not(:has(th:not(:empty))) { display: none }
  .add { color: #1a7f37 } .del { color: #d1242f }
  .log { background: #0d1117; color: #d1d7e0; font: 12px/1.55 'DejaVu Sans Mono', monospace; padding: 14px 16px; border-radius: 6px; white-space: pre-wrap }
  .log .group { color: #fff; font-weight: 600 } .log .error { color: #ff7b72 } .log .warning { color: #d29922 } .log .notice { color: #58a6ff }
`;

/** The signs of outcomes, in characters that every font has. */
const SIGNS: Readonly<Record<string, string>> = {
  '✅': '<b class="add">✔</b>',
  '❌': '<b class="del">✘</b>',
  '⏭️': '▹',
  '⏸️': '‖',
  '⚠️': '⚠',
  '♻️': '↻',
  ℹ️: 'i',
};

const escaped = (text: string): string => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Returns a Markdown summary as a page. `open` names the folds that are shown unfolded. */
export async function summaryPage(markdown: string, open: RegExp): Promise<string> {
  const parsed = await marked.parse(markdown, { gfm: true });
  const html = Object.entries(SIGNS).reduce((text, [sign, shown]) => text.replaceAll(sign, shown), parsed);
  const folds = html.replace(
    /<details(?: open)?>\s*<summary>(.*?)<\/summary>/gs,
    (_whole, title: string) => `<details${open.test(title.replace(/<[^>]*>/g, '')) ? ' open' : ''}><summary>${title}</summary>`,
  );
  return folds.replace(/(<code class="language-diff">)(.*?)(<\/code>)/gs, (_whole, begin: string, text: string, end: string) => {
    const lines = text
      .split('\n')
      .map((line) => (/^[+-]/.test(line) ? `<span class="${line.startsWith('+') ? 'add' : 'del'}">${line}</span>` : line));
    return begin + lines.join('\n') + end;
  });
}

/** Returns the log of a step as a page: groups as headings, commands as GitHub colours them. Lines of groups that `folded` names are left out. */
export function logPage(shown: string, folded: RegExp): string {
  let isFolded = false;
  const lines = shown.split('\n').flatMap((line) => {
    const [, name, data = ''] = /^::([a-z-]+)[^:]*::(.*)$/.exec(line) ?? [];
    if (name === 'group') {
      isFolded = folded.test(data);
      return [`<span class="group">${isFolded ? '▸' : '▾'} ${escaped(data)}</span>`];
    }
    if (name === 'endgroup') isFolded = false;
    if (name === 'error' || name === 'warning' || name === 'notice') return [`<span class="${name}">${name}: ${escaped(data)}</span>`];
    return name !== undefined || line === '' || isFolded ? [] : [escaped(line)];
  });
  return `<div class="log">${lines.join('\n')}</div>`;
}
