// Runs a workflow of a repository that uses the action, by act: real jobs, steps, expressions and masks, on this machine and offline.
import { spawn } from 'node:child_process';
import { cpSync, constants as flags, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { temporary } from './action.ts';
import { onLines } from './commands.ts';
import { output } from './exec.ts';
import { tool } from './tools.ts';

/** As workflows name it. */
const ACTION = 'org/nomad-deploy@v1';
/** What of the project the action consists of when the runner has fetched it. */
const RELEASED = ['action.yml', 'dist', 'templates'];
/** What of this process's environment a job sees; everything else has to be given. */
const PASSED_ON = ['LANG', 'TMPDIR'];
const LONGEST_MS = 240_000;
/** `bash` of a failing step: it ends when its last line was read, since act does not wait for the log of a program that fails. */
const BASH = `#!/bin/bash
/bin/bash "$@" || {
  code=$?
  mkfifo "$0.$$"
  exec 3<>"$0.$$"
  echo "bash ends: $0.$$"
  read -r <&3
  exit "$code"
}
`;

export interface WorkflowOptions {
  /** The GitHub that it is on: host and port, the certificate to trust, and the token that it gives workflows. */
  readonly instance: { readonly host: string; readonly ca: string; readonly token: string };
  /** The repository: path → text, among them its workflows. */
  readonly files: Readonly<Record<string, string>>;
  /** `owner/name` on GitHub; acme/shop by default. */
  readonly repository?: string;
  /** Name and payload; a push to main by default. */
  readonly event?: { readonly name: string; readonly payload: object };
  /** Other actions that the runner has fetched: `owner/name@ref` → path → text. */
  readonly actions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What `${{ secrets.X }}` are; act masks them. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** What `${{ vars.X }}` are. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The environment of the runner, as a self-hosted one has it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Cancels the workflow as soon as a line of the log makes it true; steps of `if: always()` and post steps still run. */
  readonly cancelAfter?: (line: string) => boolean;
}

export interface WorkflowResult {
  /** 0 when every job succeeded. */
  readonly code: number;
  /** act's log: `[workflow/job]` before each line, secrets and masked values as `***`. */
  readonly log: string;
  /** What the steps of a job printed, without act's own lines. */
  readonly printed: (job: string) => string;
}

/** Runs the workflows of a repository for an event, to their end. */
export async function runWorkflow(options: WorkflowOptions): Promise<WorkflowResult> {
  const { files, instance, repository = 'acme/shop', event = { name: 'push', payload: { ref: 'refs/heads/main' } } } = options;
  const act = await tool('act');
  const folder = temporary('workflow');
  try {
    const [home, checkout, action] = ['home', 'checkout', 'action'].map((name) => join(folder, name)) as [string, string, string];
    mkdirSync(home);
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin/bash'), BASH, { mode: 0o755 });
    // act reads the folder as it is and whole, so it gets no node_modules/ and no .git/.
    for (const name of RELEASED) cpSync(join(import.meta.dirname, '../..', name), join(action, name), { recursive: true });
    write(checkout, files);
    const others = Object.entries(options.actions ?? {}).map(([name, its], i) => {
      write(join(folder, `action-${i}`), its);
      return `${name}=${join(folder, `action-${i}`)}`;
    });
    // Files, since a command line can be seen by everybody; and JSON, which is YAML, since a .env file can't hold every value.
    const file = (name: string, content: object): string => {
      writeFileSync(join(folder, name), JSON.stringify(content), { mode: 0o600 });
      return join(folder, name);
    };
    const inherited = PASSED_ON.map((name) => [name, process.env[name]]).filter(([, value]) => value !== undefined);
    const env = {
      ...Object.fromEntries(inherited),
      PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
      HOME: home,
      XDG_CACHE_HOME: join(home, '.cache'),
      XDG_CONFIG_HOME: join(home, '.config'),
      GIT_CONFIG_NOSYSTEM: '1',
      // The same files are the same commit, as when somebody has a workflow run once more.
      GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
      GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
      ACT_DISABLE_VERSION_CHECK: '1',
      NODE_EXTRA_CA_CERTS: instance.ca,
      ...options.env,
    } as NodeJS.ProcessEnv;
    // What act takes repository, branch and commit from, beside the event.
    const git = (...args: readonly string[]): Promise<string> => output('git', ['-C', checkout, ...args], { env });
    await git('init', '--quiet', '--initial-branch=main');
    await git('remote', 'add', 'origin', `https://${instance.host}/${repository}.git`);
    await git('add', '--all');
    await git('-c', 'user.name=Octocat', '-c', 'user.email=octocat@example.com', 'commit', '--quiet', '--message=Shop');

    const args = [
      ...[event.name, '--directory', checkout, '--eventpath', file('event.json', event.payload), '--actor', 'octocat'],
      ...['--github-instance', instance.host],
      ...['--platform', 'ubuntu-24.04=-self-hosted', '--no-cache-server'],
      ...[`${ACTION}=${action}`, ...others].flatMap((one) => ['--local-repository', one]),
      // Without a token of ours, act would look for the user's.
      ...['--secret-file', file('secrets.yml', { GITHUB_TOKEN: instance.token, ...options.secrets })],
      ...['--var-file', file('variables.yml', options.variables ?? {})],
    ];
    const child = spawn(act, args, { cwd: checkout, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: LONGEST_MS, killSignal: 'SIGKILL' });
    const lines: string[] = [];
    let cancelled = false;
    const onLine = (line: string): void => {
      const end = / bash ends: (.*)$/.exec(line)?.[1];
      // Refused where nobody reads, which is when the workflow was cancelled.
      if (end !== undefined) return void writeFile(end, '\n', { flag: flags.O_WRONLY | flags.O_NONBLOCK }).catch(() => undefined);
      lines.push(line);
      if (cancelled || options.cancelAfter?.(line) !== true) return;
      cancelled = child.kill('SIGINT');
    };
    for (const stream of [child.stdout, child.stderr]) onLines(stream, onLine);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    child.once('error', reject).once('close', (code, signal) => resolve(code ?? 128 + (constants.signals[signal ?? 'SIGKILL'] ?? 0)));
    const code = await promise;
    const printed = (job: string): string =>
      lines.flatMap((line) => new RegExp(`^\\[[^\\]]*/${job}\\s*\\]   \\| (.*)$`, 's').exec(line)?.[1] ?? []).join('\n');
    return { code, log: lines.join('\n'), printed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
