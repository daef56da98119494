import { basename } from 'node:path';
import type { Command } from '../inputs/index.ts';
import type { Env, OpenTerminal, Runtime } from '../runtime/runtime.ts';
import type { Order } from './arguments.ts';
import { branchFiles, type Checkout, environmentOf, gitIn, readCheckout, rootOf } from './checkout.ts';
import { inWords } from './in-words.ts';

/** The exit codes of the program, besides 4 (not logged in) and those of a remote program. docs/terminal.md lists them. */
export const CODES = { good: 0, failed: 1, usage: 2, cancelled: 130, lost: 255 } as const;

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

/** The options of a runtime that belongs to no checkout. */
export const BARE = {
  branchFiles: branchFiles(async () => undefined, undefined),
  yes: false,
  json: false,
  quiet: false,
  reads: false,
  inWords,
};

/** A command with the inputs of its command line. */
export type Named = Pick<Order, 'given'> & { readonly command: Command };

/** Reads the checkout of the folder. Returns the environment, the folder and the committed files of a run. Throws the errors of `readCheckout` and `environmentOf`. */
export async function readRun({ command, given }: Named, { env, folder }: Process, runtime: Runtime) {
  const root = await rootOf(folder, runtime);
  const git = gitIn(root ?? folder, runtime);
  const checkout = root === undefined ? undefined : await readCheckout(root, git, runtime);
  const noJob = command === 'init' || (checkout === undefined && command === 'login');
  const base = environmentOf(noJob ? withNames(env, checkout) : env, checkout);
  const whose = noJob ? { 'config-from': 'checkout' } : {};
  const inputs = Object.entries<string>({ ...whose, ...given, command }).map(
    ([name, value]) => [`INPUT_${name.toUpperCase()}`, value] as const,
  );
  const own: Env = { ...base, ...gitHubOf(command, env, base), ...Object.fromEntries<string>(inputs) };
  return { checkout, env: own, folder: root ?? folder, branchFiles: branchFiles(git, checkout) };
}

/** Returns the environment with names for a command that is about no job, where neither the checkout nor the environment has them. */
function withNames(env: Env, checkout: Checkout | undefined): Env {
  const folder = basename(checkout?.root ?? '') || 'job';
  return { GITHUB_REPOSITORY: checkout?.remote?.repository ?? `no/${folder}`, GITHUB_REF_NAME: checkout?.ref?.name ?? 'main', ...env };
}

/** Returns the variables for GitHub's API, which only these commands ask: a deploy from a terminal leaves no comment and no record there. */
function gitHubOf(command: Command, env: Env, { GITHUB_SERVER_URL: server }: Env): Env {
  if (command !== 'sweep' && command !== 'setup') return {};
  const GITHUB_API_URL = env['GITHUB_API_URL'] || (server === 'https://github.com' ? undefined : `${server}/api/v3`);
  return { GITHUB_TOKEN: env['GITHUB_TOKEN'] || env['GH_TOKEN'], GITHUB_API_URL };
}
