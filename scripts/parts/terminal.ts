// The terminal program for the demo and the pictures: a Git checkout to run it in, and its command line.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Nomad } from './nomad.ts';

const CLI = join(import.meta.dirname, '../../dist/cli.js');

/** Makes a folder a Git checkout of a repository at its main branch, with all of its files committed. */
export function asCheckout(folder: string, repository: string): void {
  const git = (...args: readonly string[]): void => {
    execFileSync('git', ['-C', folder, '-c', 'commit.gpgsign=false', ...args], { stdio: 'ignore' });
  };
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'Ada Lovelace');
  git('config', 'user.email', 'ada@example.com');
  git('remote', 'add', 'origin', `git@github.com:${repository}.git`);
  git('add', '-A');
  git('commit', '-q', '-m', 'first');
  git('update-ref', 'refs/remotes/origin/main', 'HEAD');
}

/** Returns the command line of the terminal program, and its whole environment. */
export function terminalProgram(
  { address, token }: Pick<Nomad, 'address' | 'token'>,
  ...args: readonly string[]
): { readonly argv: readonly [string, ...string[]]; readonly env: Readonly<Record<string, string>> } {
  const { PATH = '', HOME = '' } = process.env;
  return { argv: [process.execPath, CLI, ...args], env: { PATH, HOME, LANG: 'C.UTF-8', NOMAD_ADDR: address, NOMAD_TOKEN: token } };
}
