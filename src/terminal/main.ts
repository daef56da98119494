import { readFile } from 'node:fs/promises';
import { ActionError, sentence, toActionError } from '../errors.ts';
import type { Command } from '../inputs/index.ts';
import { randomHex } from '../runtime/index.ts';
import type { Ended, Env, Runtime, TerminalOptions } from '../runtime/runtime.ts';
import { textAt } from '../text/index.ts';
import { isUsageError, type Order, parseArguments } from './arguments.ts';
import { type Checkout, describeCheckout, eventOf } from './checkout.ts';
import { BARE, CODES, type Named, type Process, readRun } from './program.ts';

/** Runs the terminal program. Returns its exit code. Does not throw. */
export async function main(program: Process): Promise<number> {
  const { argv, env, folder, signal, open, packageFile } = program;
  if (argv[0] === 'complete' && argv[1] === '--') return (await import('./completing.ts')).complete(argv.slice(2), program);
  const order = parseArguments(argv);
  if (isUsageError(order)) {
    const { log } = open({ ...BARE, env, signal, folder }).runtime;
    log.error(`${order.usage}. ${order.hint}`, 'usage');
    return CODES.usage;
  }
  const { yes, json, command } = order;
  const kind = {
    quiet: order.given.all === 'true' || isOneOf(QUIET, command),
    reads: isOneOf(READING, command) || order.given.output !== undefined || order.given.format === 'hcl',
  };
  const options = { ...BARE, env, signal, folder, yes, json, ...kind };
  const { runtime } = open(options);
  try {
    if (order.help || order.version || command === undefined) {
      const text = order.version ? `nomad-deploy ${await version(packageFile)}\n` : await help(order, runtime.terminal?.size()?.columns);
      await runtime.terminal?.writeBytes('stdout', Buffer.from(text));
      return CODES.good;
    }
    if (command === 'completion') return await (await import('./completing.ts')).printScript(order, runtime);
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

/** Runs a command on the checkout of the folder. */
async function perform(order: Order & Named, program: Process, options: TerminalOptions): Promise<number> {
  const { runtime } = program.open(options);
  const { checkout, ...own } = await readRun(order, program, runtime);
  // The files of a checkout are what init is about, whatever its branch is.
  if (checkout !== undefined && order.command !== 'init') describe(own.env, checkout, order.command, options.quiet, runtime);
  const { run } = await import('../run.ts');
  const ofEnvironment = async (env: Env, held: boolean): Promise<{ readonly code: number; readonly release: () => void }> => {
    const given = { ...env, GITHUB_RUN_ID: randomHex(runtime.clock, ID_DIGITS) };
    const opened = program.open({ ...options, ...own, env: given, held });
    try {
      return { code: codeOf(await run(given, eventOf(checkout), opened.runtime), opened.ended(), order), release: opened.release };
    } finally {
      await opened.cleanUp();
    }
  };
  if (order.given.all !== 'true') return (await ofEnvironment(own.env, false)).code;
  const { environmentNames } = await import('./environments.ts');
  // All at the same time, because a cluster that can't be reached takes its time.
  const runs = (await environmentNames(own.env, own.folder)).map((name) => ({
    name,
    ran: ofEnvironment({ ...own.env, INPUT_ENVIRONMENT: name }, true),
  }));
  let worst: number = CODES.good;
  for (const { name, ran } of runs) {
    const { code, release } = await ran;
    if (!options.json) runtime.terminal?.line([['bold', `# ${name}`]]);
    release();
    worst = Math.max(worst, code);
  }
  return worst;
}

/** The digits of the id that stands for a run in the provenance of a version. */
const ID_DIGITS = 8;

/** Shows the checkout that says which job is meant. */
function describe(env: Env, checkout: Checkout, command: Command, quiet: boolean, { log }: Runtime): void {
  const { line, warnings } = describeCheckout(env, checkout, isOneOf(TAKES_FILES, command));
  if (!quiet) log.info(line);
  for (const text of warnings) log.warning(text);
}

/** The commands whose standard output is that of remote programs. */
const QUIET: readonly Command[] = ['ssh', 'logs', 'top', 'login', 'completion'];

/** The commands that change no job. Only their answer goes to standard output. */
const READING: readonly Command[] = [
  ...(['init', 'setup', 'doctor'] as const),
  ...(['status', 'logs', 'ssh', 'cp', 'tunnel', 'history', 'open', 'urls', 'top', 'login'] as const),
];

/** The commands that take the files of the checkout into the cluster or a registry. */
const TAKES_FILES: readonly Command[] = ['deploy', 'build'];

const isOneOf = (all: readonly Command[], command: Command | undefined): boolean => all.some((one) => one === command);

/** Returns the exit code of a run. A value of the command line that is wrong is a wrong use of the program. */
function codeOf(passed: boolean, { outputs, code }: Ended, { command, given }: Order): number {
  if (code !== undefined) return code;
  if (command === 'ssh' && outputs.get('failure-reason') === 'unreachable') return CODES.lost;
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
