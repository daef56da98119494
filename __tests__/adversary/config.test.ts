// A contributor with a branch, who cannot change the workflow: what the branch's nomad-deploy.yml says about credentials, programs and names.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { temporary } from '../../scripts/parts/action.ts';
import { deploy, QUICK, server } from '../helpers/deploying.ts';
import { type GitHubServer, startGitHub } from '../helpers/github.ts';
import { parts } from '../helpers/parts.ts';
import { serve, step } from '../scenario/step.ts';

type Step = Parameters<typeof step>[0];

/** Somebody who listens: every request with what it brings. It answers that it lets nobody in. */
async function listen() {
  const heard: string[] = [];
  const { address, close } = await serve((request, response) => {
    heard.push(JSON.stringify([request.method, request.url, request.headers]));
    response.writeHead(403).end('Permission denied');
  });
  return { address, close, heard, got: (secret: string): boolean => heard.some((line) => line.includes(secret)) };
}

const TOKENS = {
  NOMAD_TOKEN: 'token-of-all',
  NOMAD_TOKEN_PROD: 'token-of-production',
  NOMAD_TOKEN_STAGING: 'token-of-staging',
  NPM_TOKEN: 'token-of-npm',
};
const SECRET = /token-of-(production|staging|npm)|password-of-registry/;
const REPOSITORY = { full_name: 'Acme/Shop', default_branch: 'main' };
const OURS = { number: 7, head: { ref: 'fix', sha: '0a', repo: { full_name: 'Acme/Shop' } }, base: { ref: 'main' } };
interface Attack {
  readonly event: NonNullable<Step['event']>;
  readonly env: Readonly<Record<string, string>>;
  readonly environment?: string;
}
const ON_MAIN = { GITHUB_REF: 'refs/heads/main' };
const EVENTS: readonly [what: string, Attack][] = [
  ['a push to a branch', { event: { name: 'push', payload: {} }, env: { GITHUB_REF: 'refs/heads/fix' } }],
  ['a push of a tag', { event: { name: 'push', payload: {} }, env: { GITHUB_REF: 'refs/tags/v1' } }],
  [
    'a pull request',
    {
      event: { name: 'pull_request', payload: { pull_request: OURS } },
      env: { GITHUB_REF: 'refs/pull/7/merge', GITHUB_HEAD_REF: 'fix' },
    },
  ],
  // Of these, nobody knows what is checked out: it is no repository.
  ['a dispatch on the default branch', { event: { name: 'workflow_dispatch', payload: {} }, env: ON_MAIN, environment: 'main' }],
  ['a schedule', { event: { name: 'schedule', payload: {} }, env: ON_MAIN, environment: 'main' }],
  ['repository_dispatch', { event: { name: 'repository_dispatch', payload: {} }, env: ON_MAIN }],
  ['the merge queue', { event: { name: 'merge_group', payload: {} }, env: { GITHUB_REF: 'refs/heads/gh-readonly-queue/main/pr-7' } }],
  ['a deployment', { event: { name: 'deployment', payload: {} }, env: ON_MAIN }],
];

let github: GitHubServer;
let cluster: Awaited<ReturnType<typeof listen>>;
let attacker: Awaited<ReturnType<typeof listen>>;
beforeAll(async () => {
  github = await startGitHub();
  [cluster, attacker] = await Promise.all([listen(), listen()]);
  github.state.contents.set(
    'nomad-deploy.yml',
    `nomad-addr: ${cluster.address}\nenvironments:\n  eu: { branch: eu, token-env: EU_TOKEN }\n`,
  );
});
afterAll(async () => Promise.all([github.stop(), cluster.close(), attacker.close()]));

/** A run of the branch, whose file is given, with all the tokens that a workflow may have. */
const attack = async (file: string, { event, env, inputs, ...more }: Step = {}) =>
  step({
    files: { 'nomad-deploy.yml': file, 'project.nomad': 'job "x" {}\n' },
    env: { GITHUB_REPOSITORY: 'Acme/Shop', GITHUB_API_URL: github.url, GITHUB_REF: 'refs/heads/fix', ...TOKENS, ...env },
    event: { name: event?.name ?? 'push', payload: { repository: REPOSITORY, ...(event?.payload as object | undefined) } },
    inputs: { build: 'false', 'registry-password': 'password-of-registry', ...inputs },
    token: github.token,
    ...more,
  });

describe('no file of a branch decides where a token goes', () => {
  test.each(EVENTS)(
    '%s: its address, environments and headers are told and not used',
    async (_what, { event, env, environment = 'review' }) => {
      cluster.heard.length = 0;
      const result = await attack(
        [
          `nomad-addr: ${attacker.address}`,
          `base-domain: ${new URL(attacker.address).host}`,
          'nomad-skip-verify: true',
          'environments:',
          `  eu: { branch: [main, fix, "gh-readonly-queue/**"], tag: "*", token-env: NPM_TOKEN, nomad-addr: "${attacker.address}" }`,
          `  preview: { pull-request: true, token-env: OTHER_TOKEN, nomad-addr: "${attacker.address}" }`,
        ].join('\n'),
        { event, env },
      );
      expect(attacker.heard).toEqual([]);
      expect(cluster.got('token-of-all')).toBe(true);
      expect(cluster.heard.join('\n')).not.toMatch(SECRET);
      expect(result).toMatchObject({
        code: 1,
        outputs: { environment, 'nomad-addr': cluster.address, 'failure-reason': 'permission-denied' },
      });
      const told = result.annotations.filter(({ level }) => level === 'warning').map(({ message }) => /`([^`]+)`/.exec(message)?.[1]);
      expect(told).toEqual(['nomad-addr', 'base-domain', 'nomad-skip-verify', 'environments.eu', 'environments.preview']);
      expect(result.annotations[0]?.message).toContain('`config-from: checkout`');
    },
  );

  test.each(['production', 'staging', 'main', 'Production'])('a section for pull requests that is called %s is refused', async (name) => {
    cluster.heard.length = 0;
    const result = await attack(`environments: { ${name}: { pull-request: true, nomad-addr: "${attacker.address}" } }`, {
      event: { name: 'pull_request', payload: { pull_request: OURS } },
      env: { GITHUB_REF: 'refs/pull/7/merge', GITHUB_HEAD_REF: 'fix' },
    });
    expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'input-invalid' } });
    expect([...attacker.heard, ...cluster.heard]).toEqual([]);
  });

  test('an event of a stranger that was allowed is refused, and nobody gets anything', async () => {
    cluster.heard.length = 0;
    const result = await attack(`nomad-addr: ${attacker.address}\n`, {
      event: { name: 'issue_comment', payload: { issue: { number: 7, pull_request: {} } } },
      env: { GITHUB_REF: 'refs/heads/main' },
      inputs: { 'allow-untrusted-events': 'issue_comment' },
    });
    expect(result).toMatchObject({
      code: 1,
      outputs: { 'failure-reason': 'input-invalid', cause: expect.stringContaining('`nomad-addr`') },
    });
    expect([...attacker.heard, ...cluster.heard]).toEqual([]);
  });

  test('a token of the default branch’s file goes to its own environment', async () => {
    const env = { GITHUB_REF: 'refs/heads/eu', EU_TOKEN: 'token-of-the-eu' };
    cluster.heard.length = 0;
    expect(await attack('wait: true\n', { env })).toMatchObject({ code: 1, outputs: { environment: 'eu', 'nomad-addr': cluster.address } });
    expect(cluster.got('token-of-the-eu')).toBe(true);
    expect(cluster.got('token-of-all')).toBe(false);
  });

  test('a variable file of a branch does not choose the region in which a token is used; that of the default branch does', async () => {
    const files = { 'nomad-deploy.yml': 'var-files: [r.hcl]\n', 'r.hcl': 'REGION = "elsewhere"\n' };
    const run = async (ref: string, inputs: Readonly<Record<string, string>> = {}) =>
      step({
        files,
        env: { GITHUB_REPOSITORY: 'Acme/Shop', GITHUB_API_URL: github.url, GITHUB_REF: `refs/heads/${ref}`, ...TOKENS },
        event: { name: 'push', payload: { repository: REPOSITORY } },
        inputs: { build: 'false', image: `web@sha256:${'0'.repeat(64)}`, 'nomad-addr': cluster.address, ...inputs },
        token: github.token,
      });
    const elsewhere = (): boolean => cluster.heard.some((line) => line.includes('region=elsewhere'));
    cluster.heard.length = 0;
    expect(await run('fix')).toMatchObject({
      code: 1,
      outputs: { cause: "r.hcl:1: `REGION` decides in which region the token of Nomad is used, and this file is not the default branch's" },
    });
    expect(cluster.heard).toEqual([]);
    expect((await run('fix', { 'nomad-region': 'here' })).code).toBe(1);
    expect(elsewhere()).toBe(false);

    for (const [ref, inputs] of [
      ['main', {}],
      ['fix', { 'config-from': 'checkout' }],
    ] as const) {
      cluster.heard.length = 0;
      await run(ref, inputs);
      expect(elsewhere()).toBe(true);
    }
  });

  test('a workflow whose branches may all decide says so', async () => {
    attacker.heard.length = 0;
    const result = await attack(`nomad-addr: ${attacker.address}\n`, { inputs: { 'config-from': 'checkout' } });
    expect(result.outputs['nomad-addr']).toBe(attacker.address);
    expect(attacker.got('token-of-all')).toBe(true);
    expect(result.log).toContain('`config-from: checkout`: all keys of nomad-deploy.yml come from the checkout');
  });
});

test('a program, a secret and a registry of a branch’s file are not used; those of the default branch’s file are', async () => {
  const { registry } = parts();
  const folder = temporary('scan');
  const github = await startGitHub();
  const listener = await listen();
  github.state.contents.set('nomad-deploy.yml', `registry: ${registry.address}\nscan: touch ${join(folder, 'of-main')}\n`);
  const run = async (says: string, config: string, inputs: Readonly<Record<string, string>> = {}) =>
    deploy({
      files: {
        // It asks for what the file would give it, and says whether it is there.
        Dockerfile: `${server(says)}RUN --mount=type=secret,id=npm if [ -e /run/secrets/npm ]; then echo "got it"; else echo "got nothing"; fi\n`,
        'nomad-deploy.yml': config,
      },
      github,
      event: { name: 'push', payload: { repository: REPOSITORY } },
      env: { ...QUICK, GITHUB_REF: 'refs/heads/fix', GITHUB_REF_NAME: 'fix-config', NPM_TOKEN: 'token-of-npm', NOMAD_VAR_COUNT: '1' },
      inputs: { registry: '', command: 'build', ...inputs },
    });
  try {
    const attacked = await run(
      'attack',
      [
        `registry: ${new URL(listener.address).host}`,
        `image: ${new URL(listener.address).host}/shop`,
        `tags: ["${new URL(listener.address).host}/shop:x"]`,
        `cache-to: ["type=registry,ref=${new URL(listener.address).host}/cache"]`,
        `scan: touch ${join(folder, 'of-the-branch')}; env | grep -i token`,
        'build-secrets: ["id=npm,env=NPM_TOKEN"]',
        'test-env: [NPM_TOKEN]',
        `test: test -z "$NPM_TOKEN"`,
      ].join('\n'),
    );
    expect(attacked).toMatchObject({ code: 0, outputs: { outcome: 'built', image: expect.stringContaining(registry.address) } });
    // A line of the build, and not the command that it shows.
    expect(attacked.log).toMatch(/^#\d+ [\d.]+ got nothing$/m);
    expect(attacked.log).not.toMatch(/^#\d+ [\d.]+ got it$/m);
    expect(listener.heard).toEqual([]);
    expect(existsSync(join(folder, 'of-the-branch'))).toBe(false);
    expect(existsSync(join(folder, 'of-main'))).toBe(true);

    const meant = await run('meant', 'no-cache: true\n', { 'build-secrets': 'id=npm,env=NPM_TOKEN' });
    expect(meant).toMatchObject({ code: 0 });
    expect(meant.log).toMatch(/^#\d+ [\d.]+ got it$/m);
  } finally {
    await Promise.all([github.stop(), listener.close()]);
  }
});
