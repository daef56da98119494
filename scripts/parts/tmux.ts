// A real terminal: a program in a window of tmux, with keys sent to it and its screen read.
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from './action.ts';
import { installed } from './docker.ts';
import { output } from './exec.ts';

export interface TmuxOptions {
  /** The program and its arguments. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The whole environment of the program, but for TERM. */
  readonly env: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly rows?: number;
}

/** A program in a terminal. */
export interface Tmux {
  /** Sends keys by tmux's names, such as `C-c`, `Enter` or `a`. */
  readonly keys: (...names: readonly string[]) => Promise<void>;
  /** Types a text as it is. */
  readonly type: (text: string) => Promise<void>;
  /** Reads the screen, its lines without blanks at the end; with `escapes`, the colours, too; with `history`, also the lines that have left the screen. */
  readonly screen: (options?: { readonly escapes?: boolean; readonly history?: boolean }) => Promise<string>;
  /** Resolves with the screen as soon as it is as wanted. Rejects after a minute, with the screen. */
  readonly until: (wanted: string | RegExp | ((screen: string) => boolean)) => Promise<string>;
  readonly resize: (columns: number, rows: number) => Promise<void>;
  /** Resolves with the exit code of the program when it ends. */
  readonly code: Promise<number>;
  /** Ends the program and its terminal. */
  readonly close: () => Promise<void>;
}

/** Installs tmux from the machine's packages where it is not on PATH. */
export const tmuxInstalled = (): Promise<void> => installed({ tmux: 'tmux' });

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** Starts a program in a terminal of its own. `close` ends it. */
export async function openTmux({ argv, cwd, env, columns = 100, rows = 30 }: TmuxOptions): Promise<Tmux> {
  await tmuxInstalled();
  const folder = temporary('tmux');
  const socket = join(folder, 's');
  const [script, codeFile, settings] = [join(folder, 'run.sh'), join(folder, 'code'), join(folder, 'tmux.conf')];
  writeFileSync(settings, 'set -g status off\nset -g remain-on-exit on\nset -g history-limit 5000\n');
  const tmux = async (...words: readonly string[]): Promise<string> => output('tmux', ['-S', socket, '-f', settings, ...words]);
  const variables = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`);
  // Ctrl-C goes to the whole group of the terminal: the shell has to outlive it, to tell the code.
  writeFileSync(
    script,
    `trap : INT
cd ${quoted(cwd)}
env -i TERM="$TERM" ${variables.join(' ')} ${argv.map(quoted).join(' ')}
echo $? > ${quoted(codeFile)}
tmux -S ${quoted(socket)} wait-for -S ended
`,
    { mode: 0o600 },
  );
  await tmux('new-session', '-d', '-s', 't', '-x', String(columns), '-y', String(rows), `sh ${quoted(script)}`);
  // A client in control mode tells whenever the window has output.
  const control = spawn('tmux', ['-S', socket, '-C', 'attach', '-f', 'ignore-size', '-t', 't'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const screen: Tmux['screen'] = async ({ escapes = false, history = false } = {}) =>
    (await tmux('capture-pane', '-p', '-t', 't', ...(escapes ? ['-e'] : []), ...(history ? ['-S', '-', '-J'] : []))).trimEnd();
  const code = tmux('wait-for', 'ended').then(() => Number(readFileSync(codeFile, 'utf8')));
  // Only some look at the code, and a closed terminal has none.
  code.catch(() => undefined);
  return {
    keys: async (...names) => void (await tmux('send-keys', '-t', 't', ...names)),
    type: async (text) => void (await tmux('send-keys', '-t', 't', '-l', text)),
    screen,
    until: async (wanted) => untilShown(wanted, screen, control),
    resize: async (width, height) => void (await tmux('resize-window', '-t', 't', '-x', String(width), '-y', String(height))),
    code,
    close: async () => {
      await tmux('kill-server');
      control.kill();
    },
  };
}

/** A screen that is not as wanted by then will never be. */
const PATIENCE_MS = 60_000;

async function untilShown(wanted: Parameters<Tmux['until']>[0], screen: Tmux['screen'], { stdout }: ChildProcess): Promise<string> {
  const fits = (text: string): boolean =>
    typeof wanted === 'string' ? text.includes(wanted) : wanted instanceof RegExp ? wanted.test(text) : wanted(text);
  for (const signal = AbortSignal.timeout(PATIENCE_MS); ; ) {
    // The next output is awaited from before the look at the screen, so that none is missed.
    const next = once(stdout ?? new EventEmitter(), 'data', { signal }).catch(() => undefined);
    const text = await screen();
    if (fits(text)) return text;
    if (signal.aborted) throw new Error(`the screen never showed ${String(wanted)}:\n${text}`);
    await next;
  }
}
