// A spec of a branch, or a program that ran in the job, wants to give the runner commands or to read what is not in the checkout.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type ActionResult, makeWorkspace, runAction, temporary } from '../../scripts/parts/action.ts';
import { cluster, deploy, spec } from '../helpers/deploying.ts';
import { type GitHubServer, startGitHub } from '../helpers/github.ts';
import { parts } from '../helpers/parts.ts';

const BODY = 'group "g" {\n task "t" {\n  driver = "raw_exec"\n  config { command = "/bin/true" }\n  env { MOTD = "MOTD_TEXT" }\n }\n}';
const job = (name: string, motd = 'hello'): string => `job "${name}" {\n${BODY.replace('MOTD_TEXT', motd)}\n}\n`;

/** A file that exists once the runner has run what the attack saved for the post step. */
const trap = (): { readonly path: string; readonly saved: string } => {
  const path = join(temporary('trap'), 'sprung');
  return { path, saved: JSON.stringify([['/bin/sh', '-c', `touch ${path}`]]) };
};

let server: Server | undefined;
let github: GitHubServer | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await github?.stop();
  [server, github] = [undefined, undefined];
});
async function listen(listener: RequestListener): Promise<string> {
  const listening = createServer(listener);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

describe('a template', () => {
  const render = async (text: string): Promise<ActionResult> =>
    deploy({ files: { 'web.nomad.hbs': text }, inputs: { command: 'render', job: 'web.nomad.hbs' } });

  test.each([
    ['as it is', (saved: string) => `{{log '::save-state name=at-end::${saved}'}}`],
    ['of the older kind', (saved: string) => `{{log '##[save-state name=at-end]${saved}'}}`],
    ['at each level of the log', (saved: string) => `{{log '::save-state name=at-end::${saved}' level='error'}}`],
    ['in a loop', (saved: string) => `{{#each vars}}{{/each}}{{#if (log '::save-state name=at-end::${saved}')}}{{/if}}`],
  ])('can not save a command for the post step: %s', async (_how, text) => {
    const { path, saved } = trap();
    const result = await render(text(saved.replaceAll("'", '')) + job('trust-log'));
    expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'jobspec-invalid' } });
    expect(existsSync(path)).toBe(false);
  });

  test('can not stop the commands by which tokens are masked', async () => {
    const result = await render(`{{log '::stop-commands::x'}}{{vars.NOT_THERE}}`);
    expect(result.log).not.toMatch(/^\s*::stop-commands/m);
    expect(result.code).toBe(1);
  });

  test('that loops and asks is rendered as before', async () => {
    const result = await render(
      `${job('trust-template', '{{#each (lookup this "images")}}{{this}}{{/each}}{{#unless vars.NO}}hi{{/unless}}')}`,
    );
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'rendered' } });
    expect(readFileSync(result.outputs['spec'] ?? '', 'utf8')).toContain('"MOTD": "hi"');
  });
});

describe('a YAML spec', () => {
  const render = async (text: string): Promise<ActionResult> =>
    deploy({ files: { 'web.yaml': text }, inputs: { command: 'render', job: 'web.yaml' } });

  test.each([
    ['a tag', (saved: string) => `ID: !<##[save-state;name=at-end]${saved.replaceAll(' ', '%20')}> x\n`],
    ['a directive', (saved: string) => `%X ##[save-state name=at-end]${saved}\n---\nID: x\n`],
    ['a key that is a list', (saved: string) => `? ["##[save-state name=at-end]${saved.replaceAll('"', '\\"')}"]\n: x\nID: x\n`],
  ])('gives the runner no command by a warning about %s', async (_what, text) => {
    const { path, saved } = trap();
    const result = await render(text(saved));
    expect(result.log).not.toContain('##[');
    expect(result.stderr).toBe('');
    expect(existsSync(path)).toBe(false);
  });

  test('of a job is rendered as before', async () => {
    const text =
      'ID: trust-yaml\nName: trust-yaml\nDatacenters: [dc1]\nType: batch\nTaskGroups:\n  - Name: g\n    Count: 1\n    Tasks:\n      - Name: t\n        Driver: raw_exec\n        Config: { command: /bin/true }\n';
    expect(await render(text)).toMatchObject({ code: 0, outputs: { outcome: 'rendered', 'job-id': 'trust-yaml' } });
  });
});

describe('state that somebody else saved for the post step', () => {
  const postStep = async (
    state: Readonly<Record<string, string>>,
    more: Parameters<typeof runAction>[0] = { workspace: '' },
  ): Promise<ActionResult> =>
    runAction({
      ...more,
      workspace: makeWorkspace({}),
      inputs: { 'nomad-addr': 'http://127.0.0.1:9', 'nomad-token': 'token-of-nomad', ...more.inputs },
      env: { ...Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value])), ...more.env },
    });

  test('runs no program and removes no folder', async () => {
    const { path, saved } = trap();
    // Only folders of this test, whatever a broken post step would do with them.
    const own = temporary('kept');
    const folders = [join(own, 'checkout'), join(own, 'nomad-deploy-private-0123456789ab')];
    for (const folder of folders) mkdirSync(folder);
    const result = await postStep({ 'at-end': saved, 'private-folders': JSON.stringify(folders) });
    expect(result.post).toMatchObject({ code: 0, log: '' });
    expect([path, ...folders].map(existsSync)).toEqual([false, true, true]);
  });

  const word = (address: string): string =>
    JSON.stringify({
      ...{ jobId: 'shop', namespace: 'default', version: '1', environment: 'main', address },
      deploymentId: '01234567-89ab-cdef-0123-456789abcdef',
    });

  test('sends the token nowhere else; to the address of the inputs it does, as before', async () => {
    const tokens: (string | string[] | undefined)[] = [];
    const address = await listen(({ headers }, response) => {
      tokens.push(headers['x-nomad-token']);
      response
        .writeHead(200, { 'x-nomad-index': '1' })
        .end(JSON.stringify({ ID: '01234567-89ab-cdef-0123-456789abcdef', StatusDescription: 'all is well' }));
    });
    const forged = await postStep({ rollout: word(address) });
    expect(tokens).toEqual([]);
    expect(forged.post?.log).not.toContain(address);
    const own = await postStep({ rollout: word(address) }, { workspace: '', inputs: { 'nomad-addr': address, command: 'build' } });
    expect(own.post?.log).toContain('The step was killed during the rollout of shop version 1: all is well.');
    expect(tokens).toEqual(['token-of-nomad']);
  });

  test('removes no job but a hook of its own step', async () => {
    const { address } = parts().nomad;
    const hook = (hookId: string): string =>
      JSON.stringify({ hookId, namespace: 'default', environment: 'main', step: '0123456789abcdef', scopes: 'hook .', address });
    // A job that this very run has registered, and the hook of another run, which calls itself that of a run.
    const env = { GITHUB_REPOSITORY: 'Acme/Shop', GITHUB_RUN_ID: '815', NOMAD_SECRET_KEY: 'kept-by-the-post-step' };
    const files = {
      'project.nomad': spec('forged-own', { type: 'batch', command: 'true', more: 'meta { nomad_deploy_hook = "pre-deploy" }' }),
    };
    expect(await deploy({ files, env })).toMatchObject({ code: 0 });
    const other = {
      ...(await cluster.job('forged-own')),
      ID: 'forged-other',
      Name: 'forged-other',
      Meta: { nomad_deploy_hook: 'pre-deploy' },
      UI: null,
    };
    expect((await cluster.send('POST', '/v1/jobs', { Job: other })).ok).toBe(true);
    for (const id of ['forged-own', 'forged-other']) {
      const { post } = await postStep({ hook: hook(id) }, { workspace: '', inputs: { 'nomad-addr': address, command: 'build' }, env });
      expect(post?.log).not.toContain('Removed');
      expect(await cluster.job(id)).toBeDefined();
    }
    expect(await cluster.variable('forged-own')).toBeDefined();
    const elsewhere = await postStep({ hook: hook('forged-own') });
    expect(elsewhere.post?.log).toContain('The job forged-own of the killed step may still run');
    const odd = JSON.stringify({ ...(JSON.parse(hook('x\n::error::y')) as object) });
    expect((await postStep({ hook: odd })).post?.log).not.toMatch(/^::error/m);
  });

  test.each([
    ['a command in the name of the job', { jobId: 'x\n::error::y' }],
    ['a link that leads elsewhere', { nomadUrl: 'https://evil.example.com/' }],
    ['a field that is not known', { more: 'x' }],
  ])('is not shown with %s', async (_what, fields) => {
    const saved = JSON.stringify({ ...(JSON.parse(word('http://127.0.0.1:9')) as object), ...fields });
    const { post } = await postStep({ rollout: saved });
    expect(post?.log).not.toMatch(/^::error|evil/m);
  });

  test('fails no deployment of another run; that of its own run it does, as before', async () => {
    github = await startGitHub();
    const { url, token, state } = github;
    const create = async (run: string): Promise<number> => {
      const response = await fetch(`${url}/repos/Acme/Shop/deployments`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/vnd.github+json',
          'content-type': 'application/json',
          'x-github-api-version': '2022-11-28',
        },
        body: JSON.stringify({
          ref: 'main',
          environment: 'production',
          payload: { nomad_deploy: { run } },
          auto_merge: false,
          required_contexts: [],
        }),
      });
      return ((await response.json()) as { id: number }).id;
    };
    const runs = 'https://github.com/Acme/Shop/actions/runs';
    const [other, own] = [await create(`${runs}/1/attempts/1`), await create(`${runs}/2/attempts/1`)];
    const env = { GITHUB_API_URL: url, GITHUB_REPOSITORY: 'Acme/Shop', GITHUB_RUN_ID: '2' };
    for (const id of [`${other}`, '../1', `${own}`])
      await postStep({ 'github-deployment': JSON.stringify({ id }) }, { workspace: '', token, env });
    expect(state.statuses.get(other) ?? []).toEqual([]);
    expect(state.statuses.get(own)).toMatchObject([{ state: 'failure' }]);
  });
});

describe('a spec whose working directory is a link', () => {
  /** A checkout in which the way up from the link, as text, stays inside, and as the program goes it leads out. */
  const checkout = (source: string): string => {
    const workspace = join(temporary('beside'), 'checkout');
    for (const folder of ['conf', 'a/b/c', '.git']) mkdirSync(join(workspace, folder), { recursive: true });
    writeFileSync(join(workspace, 'web.nomad'), job('trust-files', source));
    writeFileSync(join(workspace, 'conf/motd.txt'), 'from-the-checkout');
    symlinkSync('../../..', join(workspace, 'a/b/c/wd'));
    writeFileSync(join(dirname(workspace), 'secret.txt'), 'outside-of-the-checkout');
    writeFileSync(join(workspace, '.git/config'), 'token-of-the-checkout');
    symlinkSync('.git', join(workspace, 'other'));
    return workspace;
  };
  const render = async (source: string): Promise<ActionResult> =>
    runAction({
      workspace: checkout(source),
      env: { NOMAD_BIN: parts().nomadBin },
      inputs: { command: 'render', 'nomad-addr': parts().nomad.address, 'working-directory': 'a/b/c/wd', job: 'web.nomad' },
    });

  test.each([
    ['../secret.txt', 'outside-of-the-checkout'],
    ['.git/config', 'token-of-the-checkout'],
    ['other/config', 'token-of-the-checkout'],
  ])('does not read %s', async (path, text) => {
    const result = await render(`\${file("${path}")}`);
    expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'jobspec-invalid' } });
    expect(result.outputs['cause']).toContain(`\`file\`: ${path} is outside the workspace`);
    expect(`${result.log}${JSON.stringify(result.outputs)}`).not.toContain(text);
  });

  test('reads what is in the checkout, as before', async () => {
    const result = await render('${file("conf/motd.txt")}');
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'rendered' } });
    expect(readFileSync(result.outputs['spec'] ?? '', 'utf8')).toContain('from-the-checkout');
  });

  test('is not read from a pipe, which would hold the run up', async () => {
    const workspace = makeWorkspace({});
    execFileSync('mkfifo', [join(workspace, 'web.nomad')]);
    const inputs = { command: 'render', 'nomad-addr': parts().nomad.address, job: 'web.nomad' };
    const { outputs } = await runAction({ workspace, inputs });
    expect(outputs['cause']).toContain('web.nomad is not a regular file');
  });
});

describe('a spec that hides what it reads', () => {
  const OUTSIDE = 'outside-of-the-checkout';
  const LIST = '[for var in [{ p = "PATH" }] : file(var.p)]';
  const SHAPES: readonly [what: string, text: string][] = [
    [
      'the name of a function, behind an escape of JSON',
      JSON.stringify({
        job: { hidden: { group: { g: { task: { t: { driver: 'raw_exec', env: { MOTD: '${file("PATH")}' } } } } } } },
      }).replace('${file', '${\\u0066ile'),
    ],
    ['a loop called as the variables are', `variable "p" {\n default = "conf.txt"\n}\n${job('hidden', `\${join("", ${LIST})}`)}`],
    ['a path that is put together', job('hidden', '${file(join("", ["PA", "TH"]))}')],
  ];
  const render = async (text: string, path: string): Promise<ActionResult> => {
    const workspace = join(temporary('beside'), 'checkout');
    mkdirSync(join(workspace, '.git'), { recursive: true });
    const outside = join(dirname(workspace), 'secret.txt');
    writeFileSync(outside, OUTSIDE);
    writeFileSync(join(workspace, 'conf.txt'), 'from-the-checkout');
    const named = path === 'outside' ? outside : path;
    const half = Math.ceil(named.length / 2);
    const spec = text.replace('"PA", "TH"', `"${named.slice(0, half)}", "${named.slice(half)}"`).replaceAll('PATH', named);
    writeFileSync(join(workspace, 'web.nomad'), spec);
    const inputs = { command: 'render', 'nomad-addr': parts().nomad.address, job: 'web.nomad' };
    return runAction({ workspace, env: { NOMAD_BIN: parts().nomadBin }, inputs });
  };

  test.each(SHAPES)('is refused: %s', async (_what, text) => {
    const result = await render(text, 'outside');
    expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'jobspec-invalid' } });
    expect(`${result.log}${JSON.stringify(result.outputs)}`).not.toContain(OUTSIDE);
  });

  test('but one that says plainly what it reads is rendered', async () => {
    const result = await render(job('hidden', '${file("PATH")}'), 'conf.txt');
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'rendered' } });
    expect(readFileSync(result.outputs['spec'] ?? '', 'utf8')).toContain('from-the-checkout');
  });
});
