#!/usr/bin/env node
import { toActionError } from './errors.ts';
import {
  branchFiles,
  environmentNames,
  environmentOf,
  gitIn,
  isUsageError,
  type Order,
  parseArguments,
  readCheckout,
} from './terminal/index.ts';

/** The exit codes, which docs/terminal.md lists. */
const CODES = { failed: 1, usage: 2, cancelled: 130 } as const;

/** Commands whose output is that of tasks, so that nothing else stands there. */
const QUIET: readonly string[] = ['ssh', 'logs', 'top'];

// Node knows FORCE_COLOR alone: https://bixense.com/clicolors/
if (/^(?!0$)./.test(process.env['CLICOLOR_FORCE'] ?? '') && !process.env['NO_COLOR']) process.env['FORCE_COLOR'] ??= '1';

const order = parseArguments(process.argv.slice(2));
if (isUsageError(order)) {
  process.stderr.write(`${order.usage}. ${order.hint}\n`);
  process.exitCode = CODES.usage;
} else if (order.help || order.version) {
  process.stdout.write(await told(order));
} else {
  // A terminal that was read keeps the process alive.
  process.exit(await perform(order));
}

async function told({ command, version }: Order): Promise<string> {
  if (version) {
    const { readFile } = await import('node:fs/promises');
    const { version: own } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
    return `nomad-deploy ${own}\n`;
  }
  const { helpText } = await import('./terminal/help.ts');
  return helpText(command, process.stdout.columns);
}

/** Runs a command. Returns the exit code. */
async function perform(given: Order): Promise<number> {
  const cancelled = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => cancelled.abort(new Error(`cancelled (${name})`)));
  // The reader of a pipe, such as `head`, has seen enough.
  process.stdout.on('error', () => cancelled.abort(new Error('cancelled (nobody reads the output)')));
  const [{ terminalRuntime }, { run }] = await Promise.all([import('./runtime/terminal.ts'), import('./run.ts')]);
  const folder = process.cwd();
  const { command, yes, json } = given;
  const showsAll = given.given.all === 'true';
  const base = { signal: cancelled.signal, yes, json, quiet: showsAll || QUIET.includes(command ?? ''), held: showsAll };
  const finder = terminalRuntime({
    ...base,
    held: false,
    env: process.env,
    workspace: folder,
    branchFiles: branchFiles(async () => undefined, undefined),
  });
  try {
    const checkout = await readCheckout(gitIn(folder, finder.runtime));
    const git = gitIn(checkout.root, finder.runtime);
    const inputs = Object.entries({ ...given.given, command }).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
    const env = { ...environmentOf(process.env, checkout), ...Object.fromEntries(inputs) } as NodeJS.ProcessEnv;
    const event = checkout.defaultBranch === undefined ? {} : { repository: { default_branch: checkout.defaultBranch } };
    const files = branchFiles(git, checkout.defaultBranch);
    const one = async (own: NodeJS.ProcessEnv): Promise<{ readonly code: number; readonly release: () => void }> => {
      const { runtime, cleanUp, ended, release } = terminalRuntime({ ...base, env: own, workspace: checkout.root, branchFiles: files });
      try {
        const passed = await run(own, event, runtime);
        const { outputs, code } = ended();
        const usual = outputs.get('outcome') === 'cancelled' ? CODES.cancelled : passed ? 0 : CODES.failed;
        return { code: code ?? usual, release };
      } finally {
        await cleanUp();
      }
    };
    if (!showsAll) return (await one(env)).code;
    // Each environment has its own cluster, and one that can't be reached takes its time.
    const names = await environmentNames(env, checkout.root);
    const runs = names.map((name) => ({ name, ran: one({ ...env, INPUT_ENVIRONMENT: name }) }));
    const codes: number[] = [];
    for (const { name, ran } of runs) {
      const { code, release } = await ran;
      if (!json) finder.runtime.terminal?.line([['bold', `# ${name}`]]);
      release();
      codes.push(code);
    }
    return Math.max(...codes);
  } catch (thrown) {
    const { message, hint } = toActionError(thrown);
    finder.runtime.log.error([message, hint].filter(Boolean).join('. '), 'failed');
    return CODES.failed;
  }
}
