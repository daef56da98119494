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
  const options = { ...NOWHERE, env, signal, folder, yes, json, quiet: order.given.all === 'true' || QUIET.includes(command) };
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
    const { run } = await import('../run.ts');
    const ofEnvironment = async (given: Env, held: boolean): Promise<{ readonly code: number; readonly release: () => void }> => {
      const opened = open({ ...options, env: given, folder: checkout.root, branchFiles: files, held });
      try {
        const passed = await run(given, event, opened.runtime);
        return { code: codeOf(passed, opened.ended(), order), release: opened.release };
      } finally {
        await opened.cleanUp();
      }
    };
    if (order.given.all !== 'true') return (await ofEnvironment(own, false)).code;
    const { environmentNames } = await import('./environments.ts');
    // All at the same time, because a cluster that can't be reached takes its time.
    const runs = (await environmentNames(own, checkout.root)).map((name) => ({
      name,
      ran: ofEnvironment({ ...own, INPUT_ENVIRONMENT: name }, true),
    }));
    let worst: number = CODES.good;
    for (const { name, ran } of runs) {
      const { code, release } = await ran;
      if (!json) runtime.terminal?.line([['bold', `# ${name}`]]);
      release();
      worst = Math.max(worst, code);
    }
    return worst;
  } catch (thrown) {
    const error = thrown instanceof ActionError ? thrown : toActionError(thrown);
    runtime.log.error(sentence(error), error.code);
    return signal.aborted ? CODES.cancelled : CODES.failed;
  }
}

/** The options of a runtime that belongs to no checkout. */
const NOWHERE = { branchFiles: branchFiles(async () => undefined, undefined), yes: false, json: false, quiet: false };

/** The commands whose standard output is that of remote programs. */
const QUIET: readonly Order['command'][] = ['ssh', 'logs', 'top'];

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
