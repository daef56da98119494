// The first hour of a newcomer, by the commands and answers of docs/first-deploy.md: a repository with a Dockerfile, a cluster with ACLs, and nothing else.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { temporary } from '../../scripts/parts/action.ts';
import type { Tmux } from '../../scripts/parts/tmux.ts';
import { runWorkflow } from '../../scripts/parts/workflow.ts';
import { splitWords } from '../../src/text/index.ts';
import { codeOf, filesOf } from '../helpers/documents.ts';
import { type GitHubInstance, startInstance } from '../helpers/github-instance.ts';
import { type Issuer, startIssuer } from '../helpers/issuer.ts';
import { parts } from '../helpers/parts.ts';
import { openTmux } from '../helpers/terminal.ts';

const PAGE = 'first-deploy.md';
const REPOSITORY = 'acme/first-hour';
const JOB = 'acme-first-hour';
const MOST_COMMANDS = 6;
const LONGEST_MS = 5 * 60_000;

let github: GitHubInstance;
let issuer: Issuer;
beforeAll(async () => {
  [github, issuer] = await Promise.all([startInstance(), startIssuer()]);
});
afterAll(async () => {
  issuer.close();
  await github.stop();
});

const IDENTITY = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
};
const git = (cwd: string, ...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'commit.gpgsign=false', ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...IDENTITY },
    stdio: 'pipe',
  });

/** A clone of an empty repository on GitHub, with the Dockerfile of examples/hello. Pushes go to a folder of this machine. */
function newcomer(): { readonly folder: string; readonly origin: string } {
  const [folder, origin] = [temporary('first-hour'), temporary('origin')];
  git(origin, 'init', '--quiet', '--bare', '--initial-branch=main');
  git(folder, 'init', '--quiet', '--initial-branch=main');
  git(folder, 'remote', 'add', 'origin', `https://github.com/${REPOSITORY}.git`);
  git(folder, 'config', `url.${origin}.pushInsteadOf`, `https://github.com/${REPOSITORY}.git`);
  for (const name of ['Dockerfile', 'start.sh'])
    writeFileSync(join(folder, name), readFileSync(join(import.meta.dirname, '../../examples/hello', name), 'utf8'));
  return { folder, origin };
}

/** The files of the branch that was pushed. */
function pushed(origin: string): Record<string, string> {
  const names = git(origin, 'ls-tree', '-r', '--name-only', '-z', 'main').split('\0').filter(Boolean);
  return Object.fromEntries(names.map((name) => [name, git(origin, 'show', `main:${name}`)]));
}

/** The questions of the page, with its answers. */
const QUESTIONS = ['Domain below which', 'Does the cluster have Consul', 'Write .github/workflows/deploy.yml'];

/** Runs a command of the program in a terminal, and answers its questions. */
async function run(
  args: readonly string[],
  cwd: string,
  questions: readonly (readonly [question: string, answer: string])[],
): Promise<string> {
  const { nomadWithAcls: nomad } = parts();
  const env = {
    ...{ NOMAD_ADDR: nomad.address, NOMAD_TOKEN: nomad.token, GITHUB_TOKEN: github.github.token, GITHUB_API_URL: github.github.url },
    ...parts().docker.env,
  };
  const terminal: Tmux = await openTmux({ args, cwd, env, columns: 200, rows: 200 });
  try {
    for (const [question, answer] of questions) {
      await terminal.until(question);
      await terminal.keys(answer, 'Enter');
    }
    const code = await terminal.code;
    const screen = await terminal.screen({ history: true });
    expect({ args, code, screen: code === 0 ? '' : screen }).toEqual({ args, code: 0, screen: '' });
    expect(screen).not.toContain(nomad.token);
    return screen;
  } finally {
    await terminal.close();
  }
}

/** Nomad's servers cannot reach GitHub here: an administrator gives the auth method the keys of the issuer. */
async function useIssuer(): Promise<void> {
  const { address, token } = parts().nomadWithAcls;
  const url = `${address}/v1/acl/auth-method/github`;
  const headers = { 'x-nomad-token': token };
  const method = (await (await fetch(url, { headers })).json()) as { readonly Config: object };
  const answer = await fetch(url, {
    method: 'POST',
    headers,
    body: JSON.stringify({ ...method, Config: { ...method.Config, JWKSURL: issuer.keys } }),
  });
  expect(answer.status).toBe(200);
}

test('the commands of the guide deploy an empty repository with a Dockerfile, by an ID token, in five minutes', async () => {
  const { docker, registry, nomadWithAcls: nomad } = parts();
  const commands = (filesOf(PAGE)['commands'] ?? '').trim().split('\n');
  expect(commands.length).toBeLessThanOrEqual(MOST_COMMANDS);
  const { folder, origin } = newcomer();
  const begun = performance.now();
  /** In place of ghcr.io, which no test reaches. */
  const own = [`--registry=${registry.address}`, `--registry-username=${registry.username}`];
  const answers = QUESTIONS.map((question): [string, string] => [question, codeOf(PAGE, question)]);
  for (const command of commands) {
    const [program = '', name = '', ...args] = splitWords(command, {});
    if (program === 'git') git(folder, name, ...args);
    else {
      expect([program, name]).toEqual(['npx', 'nomad-deploy']);
      const [which = ''] = args;
      if (which === 'init') await run([...args, ...own], folder, answers);
      else if (which === 'setup') {
        await run(args, folder, [['Write this?', 'y']]);
        await useIssuer();
      } else await run([...args, ...own], folder, []);
    }
  }

  const { code, log } = await runWorkflow({
    instance: { ...github, token: github.github.token },
    files: pushed(origin),
    repository: REPOSITORY,
    event: { name: 'push', payload: { ref: 'refs/heads/main', repository: { default_branch: 'main' } } },
    env: { ...docker.env, ...issuer.job({ repository: REPOSITORY, environment: '', sub: `repo:${REPOSITORY}:ref:refs/heads/main` }) },
    secrets: { REGISTRY_PASSWORD: registry.password },
  });
  expect({ code, errors: log.match(/::error\b.*/g) ?? [] }).toEqual({ code: 0, errors: [] });
  expect(log).toContain('Logged in with the auth method github');
  expect(log).toMatch(/successful/);
  const answer = await fetch(`${nomad.address}/v1/service/${JOB}`, { headers: { 'x-nomad-token': nomad.token } });
  const [instance] = (await answer.json()) as readonly { readonly Address: string; readonly Port: number }[];
  expect(await (await fetch(`http://${instance?.Address}:${instance?.Port}/`)).text()).toContain('Hello from Nomad');
  expect(performance.now() - begun).toBeLessThan(LONGEST_MS);
}, 400_000);
