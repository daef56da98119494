// The first hour of a newcomer, by the commands and answers of docs/first-deploy.md: a repository with a Dockerfile, a cluster with ACLs, and nothing else.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { temporary } from '../../scripts/parts/action.ts';
import type { Tmux } from '../../scripts/parts/tmux.ts';
import { runWorkflow } from '../../scripts/parts/workflow.ts';
import { splitWords } from '../../src/text/index.ts';
import { cluster, QUICK, server } from '../helpers/deploying.ts';
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

/** Runs the workflows of a repository for a push to its main branch, to a good end. Returns the log. */
async function push(
  repository: string,
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { docker, registry } = parts();
  const { code, log } = await runWorkflow({
    instance: { ...github, token: github.github.token },
    ...{ files, repository },
    event: { name: 'push', payload: { ref: 'refs/heads/main', repository: { default_branch: 'main' } } },
    env: { ...docker.env, ...env, ...issuer.job({ repository, environment: '', sub: `repo:${repository}:ref:refs/heads/main` }) },
    variables: { REGISTRY_USERNAME: registry.username, REPLICAS: '1' },
    secrets: { REGISTRY_PASSWORD: registry.password },
  });
  expect({ code, errors: log.match(/::error\b.*/g) ?? [] }).toEqual({ code: 0, errors: [] });
  return log;
}

/** The page that a service of Nomad serves. */
async function pageOf(service: string): Promise<string> {
  const { address, token } = parts().nomadWithAcls;
  const answer = await fetch(`${address}/v1/service/${service}`, { headers: { 'x-nomad-token': token } });
  const [instance] = (await answer.json()) as readonly { readonly Address: string; readonly Port: number }[];
  return (await fetch(`http://${instance?.Address}:${instance?.Port}/`)).text();
}

test('the commands of the guide deploy an empty repository with a Dockerfile, by an ID token, in five minutes', async () => {
  const { registry } = parts();
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
      if (`${program} ${name}` !== 'npx nomad-deploy') throw new Error(`the guide has a command of another program: ${command}`);
      const [which = ''] = args;
      if (which === 'init') await run([...args, ...own], folder, answers);
      else if (which === 'setup') {
        await run(args, folder, [['Write this?', 'y']]);
        await useIssuer();
      } else await run([...args, ...own], folder, []);
    }
  }

  const log = await push(REPOSITORY, pushed(origin));
  expect(log).toContain('Logged in with the auth method github');
  expect(await pageOf(JOB)).toContain('Hello from Nomad');
  expect(performance.now() - begun).toBeLessThan(LONGEST_MS);
}, 400_000);

/** Returns the files that `init` writes for these files, beside them. */
async function initialized(files: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Record<string, string>> {
  const folder = temporary('initialized');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  git(folder, 'init', '--quiet', '--initial-branch=main');
  await run(['init', '--yes', ...args], folder, []);
  const written = ['.github/workflows/deploy.yml', 'nomad-deploy.yml'].filter((path) => existsSync(join(folder, path)));
  return { ...files, ...Object.fromEntries(written.map((path) => [path, readFileSync(join(folder, path), 'utf8')])) };
}

const web = (text: string, port: number): string => server(text).replace('"5000"', `"${port}"`);

test('the files for a compose file deploy its services, each with its port', async () => {
  const { registry } = parts();
  const files = await initialized(
    {
      'compose.yaml': 'services:\n  api:\n    build: api\n    ports: ["80:3000"]\n  web:\n    build: web\n    depends_on: [api]\n',
      'api/Dockerfile': web('the api', 3000),
      'web/Dockerfile': `${web('the web', 8080)}EXPOSE 8080\n`,
    },
    `--registry=${registry.address}`,
    `--registry-username=${registry.username}`,
  );
  await push('acme/composed', files, QUICK);
  expect(await Promise.all([pageOf('acme-composed-api'), pageOf('acme-composed-web')])).toEqual(['the api\n', 'the web\n']);
}, 200_000);

test('the files in place of `nomad job run` deploy the same job, with the image that the run has built', async () => {
  const { registry } = parts();
  const image = `${registry.address}/acme/ran`;
  const files = await initialized({
    Dockerfile: server('the spec'),
    'deploy/ran.nomad': `
variable "image_tag" {}
variable "replicas" { type = number }
variable "color" {}
job "ran" {
  update { min_healthy_time = "500ms" }
  meta { color = var.color }
  group "web" {
    count = var.replicas
    network {
      port "http" { to = 5000 }
    }
    service {
      name     = "ran"
      port     = "http"
      provider = "nomad"
    }
    task "web" {
      driver = "docker"
      config {
        image = "${image}:\${var.image_tag}"
        ports = ["http"]
      }
      resources { memory = 32 }
    }
  }
}
`,
    '.github/workflows/old.yml': `
on: workflow_dispatch
env: { NOMAD_ADDR: "${parts().nomadWithAcls.address}" }
jobs:
  deploy:
    runs-on: ubuntu-24.04
    steps:
      - run: nomad job run -var "image_tag=$GITHUB_SHA" -var 'color=deep blue' deploy/ran.nomad
`,
  });
  expect(files['.github/workflows/deploy.yml']).toContain('image-variables: image_tag=tag');
  await push('acme/ran', files);
  expect(await pageOf('ran')).toBe('the spec\n');
  expect(await cluster.job('ran', parts().nomadWithAcls)).toMatchObject({ Meta: { color: 'deep blue' } });
}, 200_000);
