import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { say } from './exec.ts';
import { freePort } from './ports.ts';
import { ready } from './ready.ts';
import type { Run } from './state.ts';
import { tool } from './tools.ts';

/** A server of GitHub's cache, and the variables by which a runner tells it to actions. */
export interface GithubCache {
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly stop: () => Promise<void>;
}

/** Returns a token as GitHub's runners have one: the client reads its scopes, and the server does not check it. */
function runtimeToken(): string {
  const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString('base64url');
  const ac = JSON.stringify([{ Scope: 'refs/heads/main', Permission: 3 }]);
  return `${part({ alg: 'none', typ: 'JWT' })}.${part({ ac, nbf: 1, exp: 4_102_444_800 })}.c2lnbmF0dXJl`;
}

/** Starts act's server of GitHub's cache on loopback: act serves it while a workflow runs, so one waits. */
export async function startGithubCache(run: Run): Promise<GithubCache> {
  const act = await tool('act');
  const folder = mkdtempSync(join(run.folder, 'github-cache-'));
  const [checkout, home] = [join(folder, 'checkout'), join(folder, 'home')];
  for (const path of [join(checkout, '.github/workflows'), home]) mkdirSync(path, { recursive: true });
  writeFileSync(
    join(checkout, '.github/workflows/wait.yml'),
    'on: push\njobs:\n  wait:\n    runs-on: ubuntu-24.04\n    steps:\n      - shell: sh {0}\n        run: echo "cache at $ACTIONS_CACHE_URL end"; exec sleep 3600\n',
  );
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', checkout]);
  const port = await freePort();
  const service = run.service(
    basename(folder),
    act,
    [
      ...['push', '--directory', checkout, '--platform', 'ubuntu-24.04=-self-hosted', '--secret', 'GITHUB_TOKEN=none'],
      ...['--cache-server-path', join(folder, 'data'), '--cache-server-addr', '127.0.0.1', '--cache-server-port', String(port)],
    ],
    { env: { HOME: home, XDG_CACHE_HOME: join(home, '.cache'), XDG_CONFIG_HOME: join(home, '.config'), ACT_DISABLE_VERSION_CHECK: '1' } },
  );
  const address = await ready(
    service,
    'the cache of act',
    30,
    async () => /cache at (http\S+) end/.exec(readFileSync(service.logFile, 'utf8'))?.[1],
  );
  say(`GitHub's cache by act at ${new URL(address).origin}`);
  return { env: { ACTIONS_CACHE_URL: address, ACTIONS_RUNTIME_TOKEN: runtimeToken() }, logFile: service.logFile, stop: service.stop };
}
