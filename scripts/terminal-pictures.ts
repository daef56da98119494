// The pictures of docs/terminal.md: the terminal program in a real terminal of tmux, whose screen is captured with its colours and shown as a page.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from './parts/action.ts';
import type { Nomad } from './parts/nomad.ts';
import { asCheckout, terminalProgram } from './parts/terminal.ts';
import { openTmux, type Tmux } from './parts/tmux.ts';

const COLUMNS = 112;

/** The style of the page of a screen. */
export const SCREEN_STYLE = `
  .screen { background: #0d1117; color: #d1d7e0; font: 12px/1.45 'DejaVu Sans Mono', monospace; padding: 12px 14px; border-radius: 6px; white-space: pre }
  .screen .b { font-weight: 700; color: #fff } .screen .d { opacity: 0.6 }
`;

/** The colours of a terminal, by their numbers of SGR without the tens: https://en.wikipedia.org/wiki/ANSI_escape_code#SGR */
const COLOURS = ['#6e7681', '#ff7b72', '#3fb950', '#d29922', '#58a6ff', '#bc8cff', '#39c5cf', '#d1d7e0'];

const escaped = (text: string): string => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Returns a captured screen as HTML. */
export function screenPage(captured: string): string {
  let [bold, dim, colour] = [false, false, ''];
  const parts = captured.split(new RegExp(`${String.fromCharCode(27)}\\[([\\d;]*)m`));
  const html = parts.map((part, i) => {
    if (i % 2 === 0) {
      if (part === '') return '';
      const style = colour === '' ? '' : ` style="color: ${colour}"`;
      return `<span class="${bold ? 'b' : ''}${dim ? ' d' : ''}"${style}>${escaped(part)}</span>`;
    }
    for (const code of part.split(';').map(Number)) {
      if (code === 0) [bold, dim, colour] = [false, false, ''];
      if (code === 1) bold = true;
      if (code === 2) dim = true;
      if (code === 22) [bold, dim] = [false, false];
      if (code === 39) colour = '';
      if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) colour = COLOURS[code % 10] ?? '';
    }
    return '';
  });
  return `<div class="screen">${html.join('')}</div>`;
}

/** A job of two allocations that write a line now and then. */
const spec = (greeting: string): string => `job "shop" {
  update {
    min_healthy_time = "2s"
    max_parallel     = 1
  }
  group "web" {
    count = 2
    task "server" {
      driver = "raw_exec"
      config {
        command = "/bin/sh"
        args = ["-c", "i=0; while :; do i=$((i+1)); echo \\"GET /${greeting}/$i 200\\"; [ $((i % 3)) = 0 ] && echo \\"slow query: 1.2 s\\" >&2; sleep 1; done"]
      }
      resources {
        cpu    = 50
        memory = 32
      }
    }
  }
}
`;

/** Makes a checkout of acme/shop at its main branch. */
function checkout(text: string): string {
  const folder = join(temporary('pictures'), 'shop');
  mkdirSync(folder);
  writeFileSync(join(folder, 'project.nomad'), text);
  asCheckout(folder, 'acme/shop');
  return folder;
}

/** Takes the pictures. `take` gets the name of each and the body of its page. */
export async function terminalPictures(nomad: Nomad, take: (name: string, body: string) => Promise<void>): Promise<void> {
  const run = async (cwd: string, rows: number, ...args: readonly string[]): Promise<Tmux> =>
    openTmux({ ...terminalProgram(nomad, ...args), cwd, columns: COLUMNS, rows });
  const shown = async (name: string, command: string, screen: string): Promise<void> => {
    const lines = screen.split('\n').filter((line) => !line.includes('Pane is dead'));
    await take(name, screenPage(`$ nomad-deploy ${command}\n${lines.join('\n').trimEnd()}`));
  };

  const first = await run(checkout(spec('a')), 30, 'deploy', '--yes');
  if ((await first.code) !== 0) throw new Error(await first.screen());
  await first.close();

  const folder = checkout(spec('b'));
  const deploying = await run(folder, 34, 'deploy');
  await deploying.until('Go on? [y/N]');
  await deploying.type('y');
  await deploying.keys('Enter');
  // One allocation of the new version is healthy, and the other one starts.
  await deploying.until((screen) => /is healthy/.test(screen) && /[├└]─/.test(screen));
  const middle = await deploying.screen({ escapes: true });
  await deploying.code;
  await deploying.close();
  await shown('terminal-deploy', 'deploy', middle);

  const status = await run(folder, 20, 'status');
  await status.code;
  await shown('terminal-status', 'status', await status.screen({ escapes: true }));
  await status.close();

  const logs = await run(folder, 16, 'logs', '--follow', '-n', '4');
  await logs.until((screen) => screen.split('\n').length > 13);
  await shown('terminal-logs', 'logs --follow -n 4', await logs.screen({ escapes: true }));
  await logs.close();
}
