import { drained } from './door.ts';
import { machine, openMasking } from './machine.ts';
import type { Ending, OpenTerminal, Runtime, Terminal, TerminalSize } from './runtime.ts';
import { openScreen } from './screen.ts';
import { terminalLog } from './terminal-log.ts';
import { tokenStore } from './tokens.ts';

/** The programs that open a page in the browser, by the platform of Node. */
const OPENERS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};
const OPENER = ['xdg-open'] as const;

/** The runtime of a terminal. */
export const terminalRuntime: OpenTerminal = ({ env, signal, folder, branchFiles, yes, json, quiet, reads, inWords, held = false }) => {
  const masking = openMasking(() => undefined);
  const screen = openScreen(masking.redact, held);
  const outputs = new Map<string, string>();
  let code: number | undefined;
  let stream: 'stdout' | 'stderr' = json || reads ? 'stderr' : 'stdout';
  let isTold = false;
  // Held lines stay together, errors included.
  const problems = held && !json ? 'stdout' : 'stderr';
  const log = terminalLog(screen, { stream: () => stream, problems, quiet, inWords, onError: () => (isTold = true) });
  const { shared, cleanUp } = machine({ env, signal, log, workspace: folder, masking, save: () => undefined });
  const event = (value: unknown): void => {
    if (json) screen.line(JSON.stringify(shared.redactDeep(value)));
  };
  const runtime: Runtime = {
    ...shared,
    branchFiles,
    terminal: {
      ...input(yes),
      show: screen.show,
      line: screen.line,
      writeBytes: screen.writeBytes,
      tokens: tokenStore(env, shared.clock.now),
      openPage: async (url) => {
        // The address may be one of another server, and the programs also open files and start applications.
        if (!/^https?:\/\//i.test(url)) {
          screen.line('No browser was opened, because this is no address of a page.', { stream: 'stderr', style: 'yellow' });
          return;
        }
        const { code } = await shared.exec([...(OPENERS[process.platform] ?? OPENER), url], { cwd: folder });
        if (code !== 0) screen.line('No browser could be opened: open the page yourself.', { stream: 'stderr', style: 'yellow' });
      },
      listenOnce: async (options) => (await import('./listener.ts')).listenOnce(options),
      listen: async (options) => (await import('./connections.ts')).listen(options),
      shellScript: async (shell) => (await import('./shell-script.ts')).shellScript(shell),
      inWords,
      exitWith: (own) => (code = own),
      say: (line) => screen.line(line, { stream: 'stderr', style: 'dim' }),
      json,
      event,
      answers: () => {
        if (!json) stream = 'stdout';
      },
      end: (result, headline, good) => {
        if (json) event(worded(result, inWords));
        if (!good && !isTold) log.error(headline, 'end');
        if (good && !reads && !quiet) screen.line(headline, { stream, style: 'green' });
      },
    },
    leaveWord: () => undefined,
    drained,
    setOutput: (name, value) => outputs.set(name, masking.redact(value)),
    writeSummary: async () => undefined,
  };
  return { runtime, cleanUp, release: screen.release, ended: () => ({ outputs, code }) };
};

/** Returns a result with its messages in the words of a terminal. */
function worded({ cause, hint, jobs, ...others }: Ending, inWords: (text: string) => string): Ending {
  return {
    ...others,
    ...(cause === undefined ? {} : { cause: inWords(cause) }),
    ...(hint === undefined ? {} : { hint: inWords(hint) }),
    ...(jobs === undefined ? {} : { jobs: jobs.map((one) => worded(one, inWords)) }),
  };
}

type Input = Pick<Terminal, 'isTty' | 'size' | 'onResize' | 'read' | 'confirm' | 'ask'>;

function input(yes: boolean): Input {
  const { stdin, stdout } = process;
  const size = (): TerminalSize | undefined => (stdout.isTTY ? { columns: stdout.columns, rows: stdout.rows } : undefined);
  return {
    isTty: { stdin: stdin.isTTY === true, stdout: stdout.isTTY === true },
    size,
    onResize: (listener, signal) => {
      const told = (): void => {
        const now = size();
        if (now !== undefined) listener(now);
      };
      stdout.on('resize', told);
      signal.addEventListener('abort', () => stdout.off('resize', told), { once: true });
    },
    read: async function* read({ raw, signal }) {
      if (raw && stdin.isTTY) stdin.setRawMode(true);
      const end = (): void => void stdin.pause();
      const ended = new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }));
      const chunks = stdin.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]();
      try {
        while (!signal.aborted) {
          const next = await Promise.race([chunks.next(), ended]);
          if (next === undefined || next.done === true) return;
          // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a stream without an encoding gives bytes
          yield Buffer.from(next.value as Uint8Array);
        }
      } finally {
        if (raw && stdin.isTTY) stdin.setRawMode(false);
        end();
      }
    },
    confirm: async (question, signal) => (yes ? true : isYes(await askLine(`${question} [y/N]`, signal))),
    ask: async (question, signal) => (yes ? undefined : askLine(question, signal)),
  };
}

function isYes(answer: string | undefined): boolean | undefined {
  return answer === undefined ? undefined : /^\s*y(es)?\s*$/i.test(answer);
}

/** Asks for a line; undefined where the input is no terminal. The end of the input is an empty line. */
async function askLine(question: string, signal: AbortSignal): Promise<string | undefined> {
  const { stdin } = process;
  if (!stdin.isTTY) return undefined;
  // The question stands on stderr, so that standard output stays what the command gives.
  const { createInterface } = await import('node:readline/promises');
  const line = createInterface({ input: stdin, output: process.stderr });
  // The interface takes Ctrl-C and the end of the input for itself: the one cancels the program, the other is an empty answer.
  const { promise: ended, resolve } = Promise.withResolvers<string>();
  line.once('SIGINT', () => process.kill(process.pid, 'SIGINT')).once('close', () => resolve(''));
  try {
    return await Promise.race([line.question(`${question} `, { signal }), ended]);
  } finally {
    line.close();
  }
}
