#!/usr/bin/env node
import { toActionError } from './errors.ts';
import { branchFiles, environmentOf, gitIn, isUsageError, type Order, parseArguments, readCheckout } from './terminal/index.ts';

/** The exit codes, which docs/terminal.md lists. */
const CODES = { failed: 1, usage: 2, cancelled: 130 } as const;

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
async function perform({ command, given, yes, json }: Order): Promise<number> {
  const cancelled = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => cancelled.abort(new Error(`cancelled (${name})`)));
  const [{ terminalRuntime }, { run }] = await Promise.all([import('./runtime/terminal.ts'), import('./run.ts')]);
  const folder = process.cwd();
  const base = { signal: cancelled.signal, yes, json, quiet: command === 'ssh' };
  const finder = terminalRuntime({
    ...base,
    env: process.env,
    workspace: folder,
    branchFiles: branchFiles(async () => undefined, undefined),
  });
  try {
    const checkout = await readCheckout(gitIn(folder, finder.runtime));
    const git = gitIn(checkout.root, finder.runtime);
    const inputs = Object.entries({ ...given, command }).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
    const env = { ...environmentOf(process.env, checkout), ...Object.fromEntries(inputs) } as NodeJS.ProcessEnv;
    const event = checkout.defaultBranch === undefined ? {} : { repository: { default_branch: checkout.defaultBranch } };
    const { runtime, cleanUp, ended } = terminalRuntime({
      ...base,
      env,
      workspace: checkout.root,
      branchFiles: branchFiles(git, checkout.defaultBranch),
    });
    try {
      const passed = await run(env, event, runtime);
      const { outputs, code } = ended();
      if (code !== undefined) return code;
      if (outputs.get('outcome') === 'cancelled') return CODES.cancelled;
      return passed ? 0 : CODES.failed;
    } finally {
      await cleanUp();
    }
  } catch (thrown) {
    const { message, hint } = toActionError(thrown);
    finder.runtime.log.error([message, hint].filter(Boolean).join('. '), 'failed');
    return CODES.failed;
  }
}
