import { readFile } from 'node:fs/promises';
import { ActionError, sentence, toActionError } from '../errors.ts';
import type { Ended, Env, OpenTerminal } from '../runtime/runtime.ts';
import { isUsageError, type Order, parseArguments } from './arguments.ts';
import { branchFiles, environmentOf, gitIn, readCheckout } from './checkout.ts';

/** The exit codes of the program, besides those of a remote program. docs/terminal.md lists them. */
const CODES = { good: 0, failed: 1, usage: 2, notLoggedIn: 4, cancelled: 130, lost: 255 } as const;

/** The parts of the process. */
export interface Process {
  /** The arguments behind the name of the program. */
  readonly argv: readonly string[];
  readonly env: Env;
  readonly folder: string;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
  readonly open: OpenTerminal;
  /** The package.json of the program. */
  readonly packageFile: URL;
}

/** Runs the terminal program. Returns its exit code. Does not throw. */
export async function main({ argv, env, folder, signal, open, packageFile }: Process): Promise<number> {
  const order = parseArguments(argv);
  if (isUsageError(order)) {
    const { log } = open({ ...NOWHERE, env, signal, folder }).runtime;
    log.error(`${order.usage}. ${order.hint}`, 'usage');
    return CODES.usage;
  }
  const { yes, json, command } = order;
  const options = { ...NOWHERE, env, signal, folder, yes, json, quiet: command !== undefined && QUIET.includes(command) };
  const { runtime } = open(options);
  try {
    if (order.help || order.version || command === undefined) {
      runtime.log.info(order.version ? `nomad-deploy ${await version(packageFile)}` : await help(order, runtime.terminal?.size()?.columns));
      return CODES.good;
    }
    const checkout = await readCheckout(gitIn(folder, runtime));
    const inputs = Object.entries({ ...order.given, command }).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
    const own: Env = { ...environmentOf(env, checkout), ...Object.fromEntries(inputs) };
    const event = checkout.defaultBranch === undefined ? {} : { repository: { default_branch: checkout.defaultBranch } };
    const files = branchFiles(gitIn(checkout.root, runtime), checkout.defaultBranch);
    const { runtime: ofRun, cleanUp, ended } = open({ ...options, env: own, folder: checkout.root, branchFiles: files });
    const { run } = await import('../run.ts');
    try {
      return codeOf(await run(own, event, ofRun), ended(), order);
    } finally {
      await cleanUp();
    }
  } catch (thrown) {
    const error = thrown instanceof ActionError ? thrown : toActionError(thrown);
    runtime.log.error(sentence(error), error.code);
    return signal.aborted ? CODES.cancelled : CODES.failed;
  }
}

/** The options of a runtime that belongs to no checkout. */
const NOWHERE = { branchFiles: branchFiles(async () => undefined, undefined), yes: false, json: false, quiet: false };

/** The commands whose standard output is that of a remote program. */
const QUIET: readonly Order['command'][] = ['ssh'];

/** Returns the exit code of a run. A value of the command line that is wrong is a wrong use of the program. */
function codeOf(passed: boolean, { outputs, code }: Ended, { command, given }: Order): number {
  if (code !== undefined) return code;
  if (command === 'ssh' && outputs.get('failure-reason') === 'unreachable') return CODES.lost;
  if (passed) return CODES.good;
  if (outputs.get('outcome') === 'cancelled') return CODES.cancelled;
  const reason = outputs.get('failure-reason');
  if (reason === 'permission-denied') return CODES.notLoggedIn;
  const [, named = ''] = /^`([a-z-]+)`/.exec(outputs.get('cause') ?? '') ?? [];
  return reason === 'input-invalid' && Object.hasOwn(given, named) ? CODES.usage : CODES.failed;
}

async function help({ command }: Order, columns: number | undefined): Promise<string> {
  const { helpText } = await import('./help.ts');
  return helpText(command, columns);
}

async function version(packageFile: URL): Promise<string> {
  return (JSON.parse(await readFile(packageFile, 'utf8')) as { readonly version: string }).version;
}
