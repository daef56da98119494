import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Begun, begin } from '../../../src/apps/begin.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import type { Runtime } from '../../../src/runtime/runtime.ts';

type Texts = Readonly<Record<string, string>>;
interface Given {
  readonly files?: Texts;
  readonly env?: Texts;
  readonly event?: unknown;
  /** The file of the default branch, `main`, at 1a2b3c4…; by default the same as the checkout's, null for none. */
  readonly ofMain?: string | null;
  /** GitHub was asked too often. */
  readonly limited?: boolean;
}
const PEM = '-----BEGIN CERTIFICATE-----\nof main\n-----END CERTIFICATE-----\n';
const MAIN = '1a2b3c4d5e6f70819a2b3c4d5e6f70819a2b3c4d';

/** As much of GitHub as tells the default branch's file, and what it was asked. */
function gitHub(file: string | null, limited = false) {
  const asked: string[] = [];
  const answer = (path: string): { status: number; value: unknown } => {
    if (path === '/repos/acme/shop') return { status: 200, value: { default_branch: 'main' } };
    if (path.includes('/git/matching-refs/')) return { status: 200, value: [{ ref: 'refs/heads/main', object: { sha: MAIN } }] };
    if (path.includes('.pem')) return { status: 200, value: { content: Buffer.from(PEM).toString('base64'), encoding: 'base64' } };
    if (file === null) return { status: 404, value: { message: 'Not Found' } };
    return { status: 200, value: { content: Buffer.from(file).toString('base64'), encoding: 'base64' } };
  };
  const request: Runtime['request'] = async (url) => {
    const path = url.replace('https://api.github.com', '');
    asked.push(path);
    const body = JSON.stringify({ message: 'API rate limit exceeded' });
    if (limited) return Promise.resolve({ status: 403, headers: { 'retry-after': '3600' }, body, complete: true, elapsedMs: 1 });
    const { status, value } = answer(path);
    return Promise.resolve({ status, headers: {}, body: JSON.stringify(value), complete: true, elapsedMs: 1 });
  };
  return { asked, world: { clock: systemClock, signal: new AbortController().signal, request } };
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function workspace(files: Texts): string {
  const folder = mkdtempSync(join(tmpdir(), 'nomad-deploy-begin-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** What a push to `ref` begins with, and what was said and masked. */
async function started(
  config: string | null,
  ref: string,
  { files = {}, env = {}, event = {}, ofMain = config, limited = false }: Given = {},
) {
  const said: string[] = [];
  const masked: string[] = [];
  const note = (text: string): number => said.push(text);
  const log = {
    info: note,
    debug: note,
    notice: note,
    warning: note,
    error: note,
    group: async <T>(_: string, work: () => Promise<T>) => work(),
  };
  const folder = workspace({ ...(config === null ? {} : { 'nomad-deploy.yml': config }), ...files });
  const runner = { GITHUB_REPOSITORY: 'acme/shop', GITHUB_REF_NAME: ref, GITHUB_EVENT_NAME: 'push', GITHUB_TOKEN: 'ghs_x', ...env };
  const { asked, world } = gitHub(ofMain, limited);
  const begun: Begun = await begin(runner, event, { ...world, workspace: folder, mask: (value) => masked.push(value), log });
  const [{ inputs, target }] = begun.units;
  return { ...begun, said, masked, asked, inputs, target, token: inputs.nomadToken[target.environment.value] };
}

const ENVIRONMENTS = `
base-domain: dev.example.com
nomad-addr: https://dev.example.com
vars: { A: top, B: top }
environments:
  production:
    branch: [main, "release/*"]
    nomad-addr: https://prod.example.com
    base-domain: shop.example.com
    token-env: NOMAD_TOKEN_PROD
    vars: { B: production }
  staging: { namespace: staging }
  eu: { branch: eu, token-env: EU_TOKEN, nomad-addr: https://eu.example.com }
  many: { branch: "team/*" }
  tagged: { tag: "v*" }
  preview: { pull-request: true, branch: [preview], namespace: preview, base-domain: preview.example.com }
`;
const TOKENS = { NOMAD_TOKEN: 'any', NOMAD_TOKEN_PROD: 'of-production', NOMAD_TOKEN_STAGING: 'of-staging', EU_TOKEN: 'of-the-eu' };
const OURS = { ref: 'main', repo: { full_name: 'acme/shop' } };
const PULL = { env: { GITHUB_EVENT_NAME: 'pull_request', GITHUB_HEAD_REF: 'main' }, event: { pull_request: { number: 7, head: OURS } } };

describe('an environment of the file', () => {
  test.each<[string, Texts, string, string, string, string, string | undefined]>([
    ['main', {}, 'production', 'production', 'https://prod.example.com', 'acme-shop', 'NOMAD_TOKEN_PROD'],
    ['release/7', {}, 'production', 'production', 'https://prod.example.com', 'acme-shop', 'NOMAD_TOKEN_PROD'],
    // It says which branches belong to it: its name is none of them any more.
    ['production', {}, 'review', 'review', 'https://dev.example.com', 'acme-shop-production', 'NOMAD_TOKEN'],
    // This one does not say it.
    ['staging', {}, 'staging', 'staging', 'https://dev.example.com', 'acme-shop', 'NOMAD_TOKEN_STAGING'],
    ['eu', {}, 'eu', 'main', 'https://eu.example.com', 'acme-shop', 'EU_TOKEN'],
    ['team/a', {}, 'many', 'review', 'https://dev.example.com', 'acme-shop-team-a', 'NOMAD_TOKEN'],
    ['team/a/b', {}, 'review', 'review', 'https://dev.example.com', 'acme-shop-team-a-b', 'NOMAD_TOKEN'],
    ['v1', { GITHUB_REF_TYPE: 'tag' }, 'tagged', 'main', 'https://dev.example.com', 'acme-shop', 'NOMAD_TOKEN'],
    // A tag is no branch.
    ['main', { GITHUB_REF_TYPE: 'tag' }, 'review', 'review', 'https://dev.example.com', 'acme-shop-main', 'NOMAD_TOKEN'],
    ['eu', { GITHUB_EVENT_NAME: 'merge_group' }, 'review', 'review', 'https://dev.example.com', 'acme-shop-eu', 'NOMAD_TOKEN'],
    ['x', { INPUT_ENVIRONMENT: 'eu' }, 'eu', 'main', 'https://eu.example.com', 'acme-shop', 'EU_TOKEN'],
    ['x', { INPUT_ENVIRONMENT: 'production' }, 'production', 'production', 'https://prod.example.com', 'acme-shop', 'NOMAD_TOKEN_PROD'],
    ['main', { 'INPUT_NOMAD-ADDR': 'https://input' }, 'production', 'production', 'https://input', 'acme-shop', 'NOMAD_TOKEN_PROD'],
    ['eu', { 'INPUT_NOMAD-TOKEN': 'given' }, 'eu', 'main', 'https://eu.example.com', 'acme-shop', 'nomad-token'],
    ['eu', { EU_TOKEN: '' }, 'eu', 'main', 'https://eu.example.com', 'acme-shop', undefined],
  ])('%s %j is %s, by the rule of %s', async (ref, env, name, rule, address, job, token) => {
    const begun = await started(ENVIRONMENTS, ref, { env: { ...TOKENS, ...env } });
    expect(begun.target.environment).toMatchObject({ name, value: rule });
    expect(begun.target).toMatchObject({ nomadAddr: { value: address }, jobId: job });
    expect(begun.token?.source).toBe(token);
  });

  test.each<[string, Texts, string, string, string]>([
    ['v1.2.3', { GITHUB_REF_TYPE: 'tag' }, 'production', 'production', 'acme-shop'],
    ['v1', { GITHUB_REF_TYPE: 'tag', GITHUB_EVENT_NAME: 'release' }, 'production', 'production', 'acme-shop'],
    ['v1.2.3-rc', { GITHUB_REF_TYPE: 'tag' }, 'staging', 'staging', 'acme-shop'],
    ['vnext', { GITHUB_REF_TYPE: 'tag' }, 'review', 'review', 'acme-shop-vnext'],
    ['release/10', {}, 'lts', 'review', 'acme-shop-release-10'],
    ['release/10-x', {}, 'review', 'review', 'acme-shop-release-10-x'],
    ['c++', {}, 'cpp', 'main', 'acme-shop'],
  ])("the ref %s %j is one of %s by GitHub's filter syntax", async (ref, env, name, value, jobId) => {
    const text = `
environments:
  production: { tag: ["v[0-9]*", "!*-rc"] }
  staging: { tag: "v[0-9]+.[0-9]+.[0-9]+-?rc?" }
  lts:
    branch: release/[0-9]+
  cpp: { branch: 'c\\+\\+' }
`;
    expect((await started(text, ref, { env })).target).toMatchObject({ environment: { name, value }, jobId });
  });

  test('a pull request is a review app, whatever its branch and the file say', async () => {
    const named = await started(ENVIRONMENTS, 'x', { ...PULL, env: { ...TOKENS, ...PULL.env } });
    expect(named.target).toMatchObject({
      environment: { name: 'preview', value: 'review' },
      jobId: 'acme-shop-main',
      url: 'https://acme-shop-main.preview.example.com',
    });
    expect(named.token?.source).toBe('NOMAD_TOKEN');
  });

  test('goes before the top of the file; its variables are laid over', async () => {
    const { inputs, target } = await started(ENVIRONMENTS, 'main', { env: { NOMAD_VAR_A: 'env', INPUT_VARS: 'C=input' } });
    expect(inputs).toMatchObject({
      vars: { A: 'top', B: 'production', C: 'input' },
      sources: { vars: { A: 'nomad-deploy.yml:4', B: 'nomad-deploy.yml:11' } },
    });
    expect(target.hostnames).toEqual(['shop.shop.example.com']);
  });

  test('has the domain that it names as it is; that of the whole file follows the rules', async () => {
    const own = await started('environments: { production: { branch: main, base-domain: example.com } }', 'main');
    expect(own.target).toMatchObject({ url: 'https://shop.example.com', nomadAddr: { value: 'https://example.com' } });
    const shared = await started('base-domain: example.com\nenvironments: { production: { branch: main } }', 'main');
    expect(shared.target).toMatchObject({ url: 'https://shop.prod.example.com', nomadAddr: { value: 'https://prod.example.com' } });
  });

  test('its token is masked, by whatever variable it comes', async () => {
    expect((await started(ENVIRONMENTS, 'eu', { env: TOKENS })).masked).toContain('of-the-eu');
  });
});

describe('the file', () => {
  test('may have any name and place in the repository', async () => {
    const { inputs, config } = await started('wait: true', 'main', {
      files: { 'ci/shop.yml': 'wait: false' },
      env: { INPUT_CONFIG: 'ci/shop.yml' },
    });
    expect(inputs).toMatchObject({ config: 'ci/shop.yml', wait: false, sources: { inputs: { config: 'config', wait: 'ci/shop.yml:1' } } });
    expect(config?.path).toBe('ci/shop.yml');
  });

  test.each<[string, Texts, string]>([
    ['that is named and does not exist', { INPUT_CONFIG: 'other.yml' }, '`config`: there is no other.yml in the workspace'],
    ['outside of the workspace', { INPUT_CONFIG: '../other.yml' }, '`config`: ../other.yml is outside the workspace'],
  ])('%s is refused', async (_, env, message) => {
    await expect(started('', 'main', { env })).rejects.toMatchObject({ code: 'input-invalid', message });
  });

  test('that is a link out of the workspace is refused', async () => {
    const folder = workspace({});
    symlinkSync('/etc/hostname', join(folder, 'nomad-deploy.yml'));
    const log = {
      info: () => 0,
      debug: () => 0,
      notice: () => 0,
      warning: () => 0,
      error: () => 0,
      group: async <T>(_: string, work: () => Promise<T>) => work(),
    };
    const begun = begin({}, {}, { ...gitHub(null).world, workspace: folder, mask: () => undefined, log });
    await expect(begun).rejects.toMatchObject({ message: '`config`: nomad-deploy.yml is outside the workspace' });
  });

  test('warns of what it does not know', async () => {
    expect((await started('waitt: false', 'main')).said).toEqual([
      'nomad-deploy.yml:1:1: unknown key `waitt` at the top of the file: did you mean `wait`?',
    ]);
  });

  test('that is wrong is told after the secrets were masked', async () => {
    const masked: string[] = [];
    const log = {
      info: () => 0,
      debug: () => 0,
      notice: () => 0,
      warning: () => 0,
      error: () => 0,
      group: async <T>(_: string, work: () => Promise<T>) => work(),
    };
    const folder = workspace({ 'nomad-deploy.yml': 'wait: [1]' });
    await expect(
      begin({ NOMAD_TOKEN: 'hunter2' }, {}, { ...gitHub(null).world, workspace: folder, mask: (value) => masked.push(value), log }),
    ).rejects.toThrow('1:7');
    expect(masked).toEqual(['hunter2']);
  });
});

const APPS = `
apps:
  web: { context: web, depends-on: api, vars: { MEMORY: 100 } }
  api: { context: api, job-name: shop-api }
environments:
  production: { vars: { MEMORY: 900 } }
`;

describe('the apps of the file', () => {
  const namesOf = ({ units }: Begun): unknown[] => units.map(({ app, target }) => [app?.name, target.jobId]);

  test('come after those that they depend on, each with its own inputs and names', async () => {
    const begun = await started(APPS, 'main', { env: { BASE_DOMAIN: 'dev.example.com' } });
    expect(namesOf(begun)).toEqual([
      ['api', 'shop-api'],
      ['web', 'acme-shop-web'],
    ]);
    expect(begun.units[1]).toMatchObject({
      inputs: { context: 'web', vars: { MEMORY: '100' } },
      target: { url: 'https://acme-shop-web.dev.example.com' },
    });
  });

  test('in a review app, each has its branch; an environment comes before an app', async () => {
    expect(namesOf(await started(APPS, 'fix/7'))[1]).toEqual(['web', 'acme-shop-web-fix-7']);
    const production = await started(APPS, 'production', { env: { BASE_DOMAIN: 'prod.example.com' } });
    expect(production.units[1]).toMatchObject({
      inputs: { vars: { MEMORY: '900' } },
      target: { url: 'https://shop-web.prod.example.com' },
    });
  });

  test('are selected by `app`', async () => {
    expect(namesOf(await started(APPS, 'main', { env: { INPUT_APP: 'web' } }))).toEqual([['web', 'acme-shop-web']]);
    await expect(started(APPS, 'main', { env: { INPUT_APP: 'webb, x' } })).rejects.toMatchObject({
      message: '`app`: nomad-deploy.yml has no app "webb" (did you mean `web`?), "x"',
      hint: 'nomad-deploy.yml has the apps web, api.',
    });
    await expect(started('wait: false', 'main', { env: { INPUT_APP: 'web' } })).rejects.toMatchObject({
      hint: 'nomad-deploy.yml has no `apps`.',
    });
  });

  test('do not share an input that names a part of one', async () => {
    const env = { INPUT_IMAGE: 'shop', 'INPUT_JOB-NAME': 'x' };
    await expect(started(APPS, 'main', { env })).rejects.toMatchObject({
      message: "`job-name`, `image`: 2 apps can't share one job-name, image",
    });
    expect((await started(APPS, 'main', { env: { ...env, INPUT_APP: 'web' } })).inputs).toMatchObject({ image: 'shop', jobName: 'x' });
  });

  test('are told all their problems at once', async () => {
    const text = 'apps:\n  a: { timeout: x }\n  b: { promote: y }\n';
    await expect(started(text, 'main')).rejects.toMatchObject({
      message: [
        '2 problems:',
        '- nomad-deploy.yml:2:8: `timeout`: "x" is not a duration, such as 90s or 15m',
        '- nomad-deploy.yml:3:8: `promote`: "y" is not one of auto, manual, verify',
      ].join('\n'),
      location: { line: 2 },
    });
  });
});

describe('a checkout that is not the default branch’s', () => {
  const MAIN_FILE = 'nomad-addr: https://nomad.example.com\nwait: false\nbase-domain: dev.example.com\n';
  const FIX = { event: { repository: { default_branch: 'main' } } };
  const SHA = { GITHUB_SHA: 'b'.repeat(40) };

  test('is held to the policy of a default branch that was renamed since the event', async () => {
    const event = { repository: { default_branch: 'trunk' } };
    const { config, asked } = await started('wait: false', 'fix', { event, ofMain: 'policy: { privileged: false }' });
    expect(config?.policy?.privileged).toBe(false);
    expect(asked).toEqual(['/repos/acme/shop/git/matching-refs/heads/trunk', '/repos/acme/shop/contents/nomad-deploy.yml']);
  });

  test('has what decides from there, by commit, and its own data', async () => {
    const own = 'nomad-addr: https://stranger.example\nlog-lines: 7\n';
    const begun = await started(own, 'fix', { ...FIX, ofMain: MAIN_FILE, env: SHA });
    expect(begun.inputs).toMatchObject({
      nomadAddr: 'https://nomad.example.com',
      wait: true,
      logLines: 7,
      sources: { inputs: { 'nomad-addr': 'nomad-deploy.yml:1 of main at 1a2b3c4', 'log-lines': 'nomad-deploy.yml:2' } },
    });
    expect(begun.asked).toEqual([
      '/repos/acme/shop/git/matching-refs/heads/main',
      `/repos/acme/shop/contents/nomad-deploy.yml?ref=${MAIN}`,
    ]);
    expect(begun.said).toEqual([
      'nomad-deploy.yml:1: `nomad-addr` is ignored, because only the file of the default branch may set it: the value of main at 1a2b3c4 is used. Set it there. If every branch of this workflow may set it, use the input `config-from: checkout`.',
    ]);
  });

  test('of a repository whose default branch the event does not tell is asked for it', async () => {
    expect((await started('', 'fix', { ofMain: MAIN_FILE })).asked[0]).toBe('/repos/acme/shop');
  });

  test('asks nobody on the default branch, nor where the workflow lets every branch decide', async () => {
    const main = await started(MAIN_FILE, 'main', { ...FIX, ofMain: '' });
    expect(main).toMatchObject({ asked: [], said: [], inputs: { nomadAddr: 'https://nomad.example.com' } });
    const fix = await started(MAIN_FILE, 'fix', { ...FIX, ofMain: '', env: { 'INPUT_CONFIG-FROM': 'checkout' } });
    expect(fix).toMatchObject({ asked: [], inputs: { nomadAddr: 'https://nomad.example.com' } });
    expect(fix.said).toEqual([expect.stringMatching(/^`config-from: checkout`: all keys of nomad-deploy\.yml come from the checkout/)]);
  });

  test('can be let decide for no event that a stranger can cause', async () => {
    const env = { 'INPUT_CONFIG-FROM': 'checkout', GITHUB_EVENT_NAME: 'issue_comment', 'INPUT_ALLOW-UNTRUSTED-EVENTS': 'issue_comment' };
    await expect(started(MAIN_FILE, 'main', { ...FIX, env })).rejects.toMatchObject({
      code: 'input-invalid',
      message: '`config-from`: `checkout` is refused for the event issue_comment, which a stranger can trigger',
    });
  });

  test.each(['config-from: checkout', 'config-from: default-branch'])('can not say so itself: %s', async (own) => {
    await expect(started(own, 'main', FIX)).rejects.toMatchObject({
      message:
        'nomad-deploy.yml:1:1: `config-from` is not a key of the file: the workflow decides whose file counts, with the input `config-from`',
    });
  });

  test('without a file has what decides from there', async () => {
    expect(await started(null, 'fix', { ...FIX, ofMain: MAIN_FILE })).toMatchObject({
      said: [],
      inputs: { nomadAddr: 'https://nomad.example.com', wait: true },
    });
  });

  test('is not told about keys that the workflow overrides', async () => {
    const env = { 'INPUT_NOMAD-ADDR': 'https://input.example.com' };
    expect(await started('nomad-addr: https://stranger.example', 'fix', { ...FIX, env, ofMain: MAIN_FILE })).toMatchObject({
      said: [],
      inputs: { nomadAddr: 'https://input.example.com' },
    });
  });

  test('on a first setup is told which line counts for nobody yet, and what to write', async () => {
    const { said, inputs } = await started('nomad-addr: https://nomad.example.com', 'setup', { ...FIX, ofMain: null });
    expect(inputs.nomadAddr).toBeUndefined();
    expect(said).toEqual([
      expect.stringMatching(
        /^nomad-deploy\.yml:1: `nomad-addr` .*: main at 1a2b3c4 has no value\. Set it there\. .*`config-from: checkout`/,
      ),
    ]);
  });

  test('of a stranger whose event was allowed is refused, unless it says the same', async () => {
    const env = { GITHUB_EVENT_NAME: 'issue_comment', 'INPUT_ALLOW-UNTRUSTED-EVENTS': 'issue_comment' };
    const own = 'registry: x.example\nenvironments: { eu: { branch: main } }\npolicy: { raw-exec: true }\n';
    await expect(started(own, 'main', { ...FIX, env, ofMain: MAIN_FILE })).rejects.toMatchObject({
      code: 'input-invalid',
      message: ['1: `registry`', '2: `environments.eu`', '3: `policy`']
        .map(
          (key) =>
            `nomad-deploy.yml:${key} decides where a credential goes, and the author of this file may have no write access to the repository`,
        )
        .join('\n'),
    });
    expect((await started(MAIN_FILE, 'main', { ...FIX, env })).inputs.nomadAddr).toBe('https://nomad.example.com');
  });

  test('of a stranger whose event was not allowed is asked about by nobody', async () => {
    const env = { GITHUB_EVENT_NAME: 'issue_comment' };
    expect(await started(MAIN_FILE, 'main', { ...FIX, env })).toMatchObject({ asked: [], inputs: { nomadAddr: undefined } });
  });

  describe('when GitHub can not be asked', () => {
    const env = { GITHUB_TOKEN: '' };
    test('is refused where it says anything that decides', async () => {
      await expect(started('wait: true\nregistry: x.example', 'fix', { ...FIX, env })).rejects.toMatchObject({
        code: 'input-invalid',
        message: 'nomad-deploy.yml of the branch main could not be read: there is no `github-token`',
        hint: expect.stringMatching(/decides `registry` \(nomad-deploy\.yml:2\), .*\$\{\{ github\.token \}\}.*`config-from: checkout`/),
        location: { line: 2 },
      });
      const given = { ...env, INPUT_REGISTRY: 'ghcr.io' };
      expect((await started('registry: x.example', 'fix', { ...FIX, env: given })).inputs.registry).toBe('ghcr.io');
    });
    test('goes on where it does not', async () => {
      const { said, inputs } = await started('wait: false', 'fix', { ...FIX, env });
      expect(inputs.wait).toBe(false);
      expect(said).toEqual(['nomad-deploy.yml of the branch main could not be read, so its keys are not used: there is no `github-token`']);
    });
    test('because it is down or was asked too often, is refused also where it does not: the checkout may have left out the policy', async () => {
      for (const file of ['wait: false', null]) {
        const run = started(file, 'fix', { ...FIX, ofMain: 'policy: { privileged: false }', limited: true });
        await expect(run).rejects.toMatchObject({
          code: 'unreachable',
          message: expect.stringMatching(/^nomad-deploy\.yml of the branch main could not be read: GitHub limits the requests/),
          hint: expect.stringMatching(
            /may have a policy for this run.*Run the workflow again when GitHub answers.*`config-from: checkout`/,
          ),
        });
      }
      for (const command of ['revert', 'stop', 'status']) {
        const { said } = await started(null, 'fix', { ...FIX, limited: true, env: { INPUT_COMMAND: command } });
        expect(said).toEqual([expect.stringMatching(/^nomad-deploy\.yml of the branch main could not be read, so its keys are not used/)]);
      }
      const own = await started('wait: false', 'fix', { ...FIX, limited: true, env: { 'INPUT_CONFIG-FROM': 'checkout' } });
      expect(own.inputs.wait).toBe(false);
      expect((await started('wait: false', 'main', { limited: true, event: FIX.event })).asked).toEqual([]);
    });
    test('is refused for a run of the default branch that does not prove it', async () => {
      for (const name of ['workflow_dispatch', 'schedule', 'repository_dispatch'])
        await expect(started(MAIN_FILE, 'main', { ...FIX, env: { ...env, GITHUB_EVENT_NAME: name } })).rejects.toMatchObject({
          code: 'input-invalid',
        });
    });
  });

  test('is refused when the file of the default branch is not in order', async () => {
    await expect(started('', 'fix', { ...FIX, ofMain: 'wait: [1]' })).rejects.toMatchObject({
      message: expect.stringMatching(
        /^nomad-deploy\.yml of main at 1a2b3c4 can't be read: nomad-deploy\.yml:1:7 of main at 1a2b3c4: `wait`/,
      ),
      location: undefined,
    });
  });

  test('has an app of its own as a review app only, and its image below the registry of the default branch', async () => {
    const own = 'apps: { api: { context: api }, more: { context: more, image: x.example/more } }';
    const ofMain = 'registry: registry.example.com\napps: { api: { image: registry.example.com/api } }';
    const review = await started(own, 'fix', { ...FIX, ofMain });
    expect(review.units.map(({ inputs, target }) => [inputs.app, inputs.image, inputs.registry, target.jobId])).toEqual([
      ['api', 'registry.example.com/api', 'registry.example.com', 'acme-shop-api-fix'],
      ['more', undefined, 'registry.example.com', 'acme-shop-more-fix'],
    ]);
    await expect(started(own, 'staging', { ...FIX, ofMain })).rejects.toMatchObject({
      code: 'input-invalid',
      message: 'nomad-deploy.yml:1: the file of the default branch has no app more, so it cannot be deployed to staging',
    });
    expect((await started(own, 'staging', { ...FIX, ofMain, env: { INPUT_APP: 'api' } })).target.jobId).toBe('acme-shop-api');
  });

  const WITH_DOMAIN = 'nomad-addr: https://nomad.dev.example.com\nbase-domain: dev.example.com';
  test.each([
    '/healthz',
    'https://acme-shop-fix.dev.example.com/x',
    'https://status.dev.example.com/x',
    '{ path: /, follow-redirects: true }',
    '{ path: /, follow-redirects: [status.dev.example.com] }',
  ])('may verify %s', async (url) => {
    expect((await started(`verify: [${url}]`, 'fix', { ...FIX, ofMain: WITH_DOMAIN })).inputs.verify).toHaveLength(1);
  });
  test.each([
    ['https://169.254.169.254/latest/meta-data', '169.254.169.254'],
    ['http://localhost:4646/v1/jobs', 'localhost'],
    ['https://nomad.dev.example.com/v1/jobs', 'nomad.dev.example.com'],
    ['https://status.dev.example.com:8080/', 'status.dev.example.com'],
    ['https://acme-shop-fix.dev.example.com:4646/v1/jobs', 'acme-shop-fix.dev.example.com'],
    ['https://dev.example.com/', 'dev.example.com'],
    ['https://notdev.example.com/', 'notdev.example.com'],
    ['{ url: "https://x.example" }', 'x.example'],
    ['{ path: /, follow-redirects: [10.0.0.5:8500, status.dev.example.com] }', '10.0.0.5'],
    ['{ path: /, follow-redirects: login.example }', 'login.example'],
  ])('may not verify %s, which the workflow and the default branch may', async (check, host) => {
    await expect(started(`verify: [${check}]`, 'fix', { ...FIX, ofMain: WITH_DOMAIN })).rejects.toMatchObject({
      code: 'input-invalid',
      message: `nomad-deploy.yml:1: \`verify\` asks ${host}, and only the workflow or the file of the default branch may name foreign hosts`,
    });
    const given = await started(`verify: [${check}]`, 'fix', { ...FIX, ofMain: WITH_DOMAIN, env: { INPUT_VERIFY: 'https://x.example' } });
    expect(given.inputs.verify).toHaveLength(1);
    expect((await started(`${WITH_DOMAIN}\nverify: [${check}]`, 'fix', FIX)).inputs.verify).toHaveLength(1);
  });

  test('has the certificates that the default branch names from there', async () => {
    const ofMain = 'nomad-cacert: ci/ca.pem\nworking-directory: deploy\nenvironments: { review: { nomad-cacert: review.pem } }\n';
    const { inputs, asked } = await started(ofMain, 'fix', { ...FIX, ofMain, files: { 'deploy/ci/ca.pem': 'of the branch' } });
    expect(inputs.nomadTls.cacert).toEqual({ value: PEM.trim(), source: 'nomad-deploy.yml:3 of main at 1a2b3c4' });
    expect(
      asked
        .slice(2)
        .map((path) => path.replace(`?ref=${MAIN}`, ''))
        .toSorted(),
    ).toEqual(['/repos/acme/shop/contents/deploy/ci/ca.pem', '/repos/acme/shop/contents/deploy/review.pem']);
    await expect(started('', 'fix', { ...FIX, ofMain: 'nomad-cacert: ci/none' })).rejects.toMatchObject({
      message: 'nomad-deploy.yml:1:1 of main at 1a2b3c4: ci/none of main at 1a2b3c4 is not a PEM file',
    });
    const env = { 'INPUT_NOMAD-CACERT': 'own.pem' };
    expect((await started('', 'fix', { ...FIX, env })).inputs.nomadTls.cacert?.value).toBe('own.pem');
  });

  test('gets no token by naming an environment', async () => {
    const own = 'environments: { eu: { branch: fix, token-env: EU_TOKEN, nomad-addr: "https://stranger.example" } }';
    const begun = await started(own, 'fix', { ...FIX, ofMain: MAIN_FILE, env: TOKENS });
    expect(begun).toMatchObject({ target: { environment: { value: 'review' } }, token: { source: 'NOMAD_TOKEN' } });
    expect(begun.target.nomadAddr?.value).toBe('https://nomad.example.com');
    expect(begun.masked).not.toContain('of-the-eu');
    const ofMain = ENVIRONMENTS;
    expect((await started('', 'eu', { ...FIX, ofMain, env: TOKENS })).token?.source).toBe('EU_TOKEN');
  });
});

// By the file as a run reads it, with all the credentials that a workflow may give.
test('no file of a checkout changes to whom a credential is sent, nor what runs beside it', async () => {
  const main = [
    'nomad-addr: https://nomad.example.com',
    'nomad-headers: { X-Key: main }',
    'registry: registry.example.com',
    'build-secrets: ["id=npm,env=NPM_TOKEN"]',
    'test-env: [NPM_TOKEN]',
    'scan: trivy $IMAGE',
    'environments: { eu: { branch: eu, token-env: EU_TOKEN, nomad-addr: "https://eu.example.com" }, preview: { pull-request: true } }',
  ].join('\n');
  const env = { ...TOKENS, NPM_TOKEN: 'of-npm', 'INPUT_REGISTRY-PASSWORD': 'of-registry', GITHUB_ACTOR: 'octocat' };
  const lines = [
    'nomad-addr: https://stranger.example',
    'base-domain: stranger.example',
    'nomad-auth-method: stranger',
    'nomad-auth-audience: stranger',
    'nomad-namespace: stranger',
    'nomad-region: stranger',
    'nomad-cacert: stranger.pem',
    'nomad-client-cert: stranger.pem',
    'nomad-client-key: stranger.key',
    'nomad-tls-server-name: stranger.example',
    'nomad-skip-verify: true',
    'nomad-headers: { X-Stranger: x }',
    'consul-addr: https://stranger.example',
    'nomad-via: socks5://stranger.example:1080',
    'nomad-via-known-hosts: stranger.example ssh-ed25519 AAAA',
    'ssh: [default]',
    'registry: stranger.example',
    'registry-username: stranger',
    'image: stranger.example/x',
    'tags: [stranger.example/x:1]',
    'cache-from: ["type=registry,ref=stranger.example/x"]',
    'cache-to: ["type=registry,ref=stranger.example/x"]',
    'builder: stranger',
    'push: false',
    'build-secrets: ["id=all,env=NOMAD_TOKEN"]',
    'test-env: [NOMAD_TOKEN, GITHUB_TOKEN]',
    'scan: env',
    'allowed-drivers: [raw_exec]',
    'job-name: stranger',
    'ttl: 1h',
    'vars: { NAMESPACE: stranger, REGION: stranger, NO_DEPLOY: true, HOSTNAMES: [stranger.example], CI_REGISTRY: stranger.example }',
    'environments: { x: { branch: "**", tag: "**", token-env: NPM_TOKEN }, y: { pull-request: true, token-env: OTHER } }',
    'policy: { raw-exec: true }',
    'wait: false',
    'context: .',
    'apps: { api: { image: stranger.example/api, build-secrets: ["id=all,env=NOMAD_TOKEN"], scan: env, nomad-namespace: stranger } }',
  ];
  const runs = [
    ['fix', {}, {}],
    ['eu', {}, {}],
    ['production', {}, {}],
    ['main', { GITHUB_EVENT_NAME: 'workflow_dispatch' }, {}],
    ['x', PULL.env, PULL.event],
  ] as const;
  const decisive = async (file: string | null, [ref, more, event]: (typeof runs)[number]): Promise<unknown> => {
    const begun = await started(file, ref, {
      ofMain: main,
      env: { ...env, ...more },
      event: { ...event, repository: { default_branch: 'main' } },
    });
    return begun.units.map(({ inputs, target, images }) => [
      [target.environment, target.nomadAddr, begun.config?.policy, begun.context.isDefaultCheckout],
      [inputs, ...images].map((one) => ({
        ...{
          addr: one.nomadAddr,
          token: one.nomadToken[target.environment.value]?.value.reveal(),
          tokenEnv: one.tokenEnv,
          login: one.nomadLogin,
        },
        ...{
          consul: one.consul?.address,
          via: one.nomadVia,
          ssh: one.ssh,
          tls: one.nomadTls,
          headers: Object.keys(one.nomadHeaders),
          namespace: one.nomadNamespace,
          region: one.nomadRegion,
        },
        ...{ registry: one.registry, username: one.registryUsername, password: one.registryPassword?.reveal(), image: one.image },
        ...{ tags: one.tags, from: one.cacheFrom, to: one.cacheTo, builder: one.builder, push: one.push, scan: one.scan },
        ...{ secrets: Object.keys(one.buildSecrets), testEnv: one.testEnv, drivers: one.allowedDrivers, job: one.jobName, ttl: one.ttlMs },
        ...{ domain: one.baseDomain, noDeploy: one.noDeploy, hostnames: one.vars['HOSTNAMES'], skip: one.vars['CI_REGISTRY'] },
      })),
    ]);
  };
  const without = new Map(await Promise.all(runs.map(async (run) => [run, await decisive(null, run)] as const)));
  await fc.assert(
    fc.asyncProperty(fc.subarray(lines), fc.constantFrom(...runs), async (said, run) => {
      // An app of the branch's own is refused where branches have more than review apps.
      const known = run[0] === 'fix' || run[0] === 'x' ? said : said.filter((line) => !line.startsWith('apps:'));
      expect(await decisive(known.join('\n'), run)).toEqual(without.get(run));
    }),
    { numRuns: 60 },
  );
});
