import { readFile } from 'node:fs/promises';
import { ActionError, sentence, toActionError } from '../errors.ts';
import type { Command } from '../inputs/index.ts';
import { randomHex } from '../runtime/index.ts';
import type { Ended, Env, OpenTerminal, Runtime, TerminalOptions } from '../runtime/runtime.ts';
import { textAt } from '../text/index.ts';
import { isUsageError, type Order, parseArguments } from './arguments.ts';
import { branchFiles, type Checkout, describeCheckout, environmentOf, eventOf, gitIn, readCheckout, rootOf } from './checkout.ts';
import { inWords } from './in-words.ts';

/** The exit codes of the program, besides 4 (not logged in) and those of a remote program. docs/terminal.md lists them. */
const CODES = { good: 0, failed: 1, usage: 2, cancelled: 130 } as const;

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
export async function main(program: Process): Promise<number> {
  const { argv, env, folder, signal, open, packageFile } = program;
  if (argv[0] === 'complete' && argv[1] === '--') return complete(argv.slice(2), program);
  const order = parseArguments(argv);
  if (isUsageError(order)) {
    const { log } = open({ ...BARE, env, signal, folder }).runtime;
    log.error(`${order.usage}. ${order.hint}`, 'usage');
    return CODES.usage;
  }
  const { yes, json, command } = order;
  const kind = { quiet: isOneOf(QUIET, command), reads: isOneOf(READING, command) };
  const options = { ...BARE, env, signal, folder, yes, json, ...kind };
  const { runtime } = open(options);
  try {
    if (order.help || order.version || command === undefined) {
      runtime.log.info(order.version ? `nomad-deploy ${await version(packageFile)}` : await help(order, runtime.terminal?.size()?.columns));
      return CODES.good;
    }
    if (command === 'completion') return await printScript(order, runtime);
    return await perform({ ...order, command }, program, options);
  } catch (thrown) {
    const error = thrown instanceof ActionError ? thrown : toActionError(thrown);
    const outcome = signal.aborted ? 'cancelled' : 'failed';
    runtime.log.error(signal.aborted ? 'the command was cancelled' : sentence(error), error.code);
    const { message: cause, hint } = error;
    if (json)
      runtime.terminal?.end({ ...{ outcome, failureReason: error.code, cause }, ...(hint === undefined ? {} : { hint }) }, '', false);
    return signal.aborted ? CODES.cancelled : CODES.failed;
  }
}

/** The options of a runtime that belongs to no checkout. */
const BARE = { branchFiles: branchFiles(async () => undefined, undefined), yes: false, json: false, quiet: false, reads: false, inWords };

/** A command with the inputs of its command line. */
type Named = Pick<Order, 'given'> & { readonly command: Command };

/** Runs a command on the checkout of the folder. */
async function perform(order: Order & Named, program: Process, options: TerminalOptions): Promise<number> {
  const { runtime } = program.open(options);
  const { checkout, ...own } = await readRun(order, program, runtime);
  if (checkout !== undefined) describe(own.env, checkout, order.command, options.quiet, runtime);
  const env = { ...own.env, GITHUB_RUN_ID: randomHex(runtime.clock, ID_DIGITS) };
  const opened = program.open({ ...options, ...own, env });
  const { run } = await import('../run.ts');
  try {
    return codeOf(await run(env, eventOf(checkout), opened.runtime), opened.ended(), order);
  } finally {
    await opened.cleanUp();
  }
}

/** The digits of the id that stands for a run in the provenance of a version. */
const ID_DIGITS = 8;

/** Reads the checkout of the folder. Returns the environment, the folder and the committed files of a run. Throws the errors of `readCheckout` and `environmentOf`. */
async function readRun({ command, given }: Named, { env, folder }: Process, runtime: Runtime) {
  const root = await rootOf(folder, runtime);
  const git = gitIn(root ?? folder, runtime);
  const checkout = root === undefined ? undefined : await readCheckout(root, git, runtime);
  const names = checkout === undefined && command === 'login' ? { ...NO_JOB, ...env } : env;
  const base = environmentOf(names, checkout);
  const inputs = Object.entries<string>({ ...given, command }).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value] as const);
  const own: Env = { ...base, ...gitHubOf(command, env, base), ...Object.fromEntries<string>(inputs) };
  return { checkout, env: own, folder: root ?? folder, branchFiles: branchFiles(git, checkout) };
}

/** Names for a login outside of a checkout, which is about no job. */
const NO_JOB = { GITHUB_REPOSITORY: 'no/job', GITHUB_REF_NAME: 'main' };

/** Prints the script of `completion`. */
async function printScript({ given: { 'shell-name': shell = '' } }: Order, { terminal, log }: Runtime): Promise<number> {
  const named = (['bash', 'zsh', 'fish'] as const).find((one) => one === shell);
  if (named === undefined || terminal === undefined) {
    log.error(
      shell === ''
        ? 'completion needs a shell. Write `nomad-deploy completion bash`, zsh or fish.'
        : `there is no script for ${shell}, only for bash, zsh and fish`,
      'usage',
    );
    return CODES.usage;
  }
  const { completion } = await import('../commands/completion.ts');
  await completion(named, terminal);
  return CODES.good;
}

/** The time for the names of the cluster. */
const COMPLETE_MS = 1_000;

/** Writes the words that may stand at the cursor, for the scripts of `completion`. Errors give no words, because a person is typing. */
async function complete(words: readonly string[], program: Process): Promise<number> {
  const { readLine, candidates, answerLines } = await import('./complete.ts');
  const line = readLine(words);
  const own = { ...BARE, env: program.env, folder: program.folder, quiet: true };
  const { clock } = program.open({ ...own, signal: program.signal }).runtime;
  const signal = AbortSignal.any([program.signal, clock.timeout(COMPLETE_MS)]);
  const { runtime } = program.open({ ...own, signal });
  const asking = async () => {
    const { checkout, ...run } = await readRun({ command: 'status', given: line.given }, program, runtime);
    return { env: run.env, event: eventOf(checkout), runtime: program.open({ ...own, ...run, signal }).runtime };
  };
  const late = new Promise<[]>((resolve) => signal.addEventListener('abort', () => resolve([]), { once: true }));
  const all = await Promise.race([candidates(line, asking).catch(() => []), late]);
  await runtime.terminal?.writeBytes(
    'stdout',
    Buffer.from(
      answerLines(line, all)
        .map((text) => `${text}\n`)
        .join(''),
    ),
  );
  return CODES.good;
}

/** Shows the checkout that says which job is meant. */
function describe(env: Env, checkout: Checkout, command: Command, quiet: boolean, { log }: Runtime): void {
  const { line, warnings } = describeCheckout(env, checkout, isOneOf(TAKES_FILES, command));
  if (!quiet) log.info(line);
  for (const text of warnings) log.warning(text);
}

/** Returns the variables for GitHub's API, which only `sweep` asks: a deploy from a terminal leaves no comment and no record there. */
function gitHubOf(command: Command, env: Env, { GITHUB_SERVER_URL: server }: Env): Env {
  if (command !== 'sweep') return {};
  const GITHUB_API_URL = env['GITHUB_API_URL'] || (server === 'https://github.com' ? undefined : `${server}/api/v3`);
  return { GITHUB_TOKEN: env['GITHUB_TOKEN'] || env['GH_TOKEN'], GITHUB_API_URL };
}

/** The commands whose standard output is that of a remote program. */
const QUIET: readonly Command[] = ['ssh', 'completion'];

/** The commands that change nothing in the cluster. Only their answer goes to standard output. */
const READING: readonly Command[] = ['status', 'logs', 'ssh', 'history', 'open', 'urls', 'login'];

/** The commands that take the files of the checkout into the cluster or a registry. */
const TAKES_FILES: readonly Command[] = ['deploy', 'build'];

const isOneOf = (all: readonly Command[], command: Command | undefined): boolean => all.some((one) => one === command);

/** Returns the exit code of a run. A value of the command line that is wrong is a wrong use of the program. */
function codeOf(passed: boolean, { outputs, code }: Ended, { given }: Order): number {
  if (code !== undefined) return code;
  if (passed) return CODES.good;
  if (outputs.get('outcome') === 'cancelled') return CODES.cancelled;
  const [, named = ''] = /^`([a-z-]+)`/.exec(outputs.get('cause') ?? '') ?? [];
  return outputs.get('failure-reason') === 'input-invalid' && Object.hasOwn(given, named) ? CODES.usage : CODES.failed;
}

async function help({ command }: Order, columns: number | undefined): Promise<string> {
  const { helpText } = await import('./help.ts');
  return helpText(command, columns);
}

async function version(packageFile: URL): Promise<string> {
  return textAt(JSON.parse(await readFile(packageFile, 'utf8')), 'version') ?? '';
}
