import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { actionsRuntime, cleanUpAfterKill } from '../../src/runtime/actions.ts';
import { secret } from '../../src/runtime/secret.ts';

// The runtime on a runner's real folders and files; what it prints is kept.
let home = '';
let printed = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'nomad-deploy-actions-'));
  printed = '';
  mkdirSync(join(home, 'temp'));
  for (const name of ['GITHUB_STATE', 'GITHUB_OUTPUT']) {
    process.env[name] = join(home, name);
    writeFileSync(join(home, name), '');
  }
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  for (const name of ['GITHUB_STATE', 'GITHUB_OUTPUT', 'STATE_private-folders', 'STATE_at-end']) delete process.env[name];
  rmSync(home, { recursive: true, force: true });
});

const start = (env: Readonly<Record<string, string>> = {}): ReturnType<typeof actionsRuntime> =>
  actionsRuntime({ RUNNER_TEMP: join(home, 'temp'), GITHUB_WORKSPACE: home, HOME: home, ...env }, new AbortController().signal);

describe('the log', () => {
  test.each<[string, string]>([
    ['::error::x', '\u200b::error::x'],
    ['  ::add-mask::x', '  \u200b::add-mask::x'],
    ['a\n::stop-commands::x', 'a\n\u200b::stop-commands::x'],
    ['#7 0.1 ##[save-state name=private-folders]["/"]', '#7 0.1 ##\u200b[save-state name=private-folders]["/"]'],
    ['a::b # [c]', 'a::b # [c]'],
  ])('shows %j as text', async (line, shown) => {
    const { runtime } = await start();
    runtime.log.info(line);
    expect(printed).toBe(`${shown}\n`);
  });

  test('has annotations with a title and a place', async () => {
    const { log } = (await start()).runtime;
    log.notice('a');
    log.warning('b', { file: 'x.hcl' });
    log.error('c\nd', 'why: now', { file: 'x.hcl', line: 3, column: 5 });
    await log.group('work', async () => log.debug('e'));
    expect(printed.trimEnd().split('\n')).toEqual([
      '::notice title=nomad-deploy::a',
      '::warning title=nomad-deploy,file=x.hcl::b',
      '::error title=why%3A now,file=x.hcl,line=3,col=5::c%0Ad',
      '::group::work',
      '::debug::e',
      '::endgroup::',
    ]);
  });

  test('hides what is masked, wherever it is', async () => {
    const { runtime } = await start();
    const { log } = runtime;
    for (const value of ['hunter2', 'hunter2', 'a"b']) runtime.mask(value);
    const masks = printed.trimEnd().split('\n');
    expect(masks).toEqual(expect.arrayContaining(['::add-mask::hunter2', '::add-mask::a\\"b', '::add-mask::a"b']));
    // Once for each form.
    expect(new Set(masks).size).toBe(masks.length);
    printed = '';
    log.info('hunter2');
    log.debug('hunter2');
    log.notice('hunter2');
    log.warning('hunter2');
    log.error('hunter2', 'hunter2');
    await log.group('hunter2', () => Promise.resolve());
    expect(printed).not.toContain('hunter2');
    expect(printed.match(/\*\*\*/g)).toHaveLength(7);
    expect(runtime.redact('{"x":"a\\"b"}')).toBe('{"x":"***"}');
  });
});

describe('files', () => {
  test('for later steps stay, private ones go', async () => {
    const { runtime, cleanUp } = await start();
    const folder = await runtime.privateFolder();
    const paths = [await runtime.publish('a.json', '1'), await runtime.publish('b.json', '2')];
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(new Set(paths.map(dirname)).size).toBe(1);
    await cleanUp();
    expect(existsSync(folder)).toBe(false);
    expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(['"1"\n', '"2"\n']);
  });

  test('that a killed run left go in the post step', async () => {
    const { runtime } = await start();
    const folders = [await runtime.privateFolder(), await runtime.privateFolder()];
    const saved = readFileSync(join(home, 'GITHUB_STATE'), 'utf8').split('\n').at(-3) ?? '';
    expect(JSON.parse(saved)).toEqual(folders);
    process.env['STATE_private-folders'] = saved;
    await cleanUpAfterKill(process.env);
    expect(folders.filter(existsSync)).toEqual([]);
  });

  test('that a killed run left outside of its folders are ended in the post step, whatever the others give', async () => {
    const { runtime } = await start();
    const file = join(home, 'container');
    writeFileSync(file, '');
    for (const argv of [['no-such-program'], ['false'], ['rm', file]] as const) runtime.atEnd(argv);
    process.env['STATE_at-end'] = readFileSync(join(home, 'GITHUB_STATE'), 'utf8').split('\n').at(-3) ?? '';
    expect(existsSync(file)).toBe(true);
    await cleanUpAfterKill(process.env);
    expect(existsSync(file)).toBe(false);
  });

  test.each(['', '[]', '{}', '[7]'])('that were never made need no post step (%j)', async (saved) => {
    process.env['STATE_private-folders'] = saved;
    process.env['STATE_at-end'] = saved;
    await expect(cleanUpAfterKill(process.env)).resolves.toBeUndefined();
  });

  test('of the runner get the summary, if it wants one', async () => {
    const file = join(home, 'summary');
    const { runtime } = await start({ GITHUB_STEP_SUMMARY: file });
    await runtime.writeSummary('one');
    await runtime.writeSummary('two');
    expect(readFileSync(file, 'utf8')).toBe('one\ntwo\n');
    await expect((await start()).runtime.writeSummary('three')).resolves.toBeUndefined();
  });
});

describe('the configuration of docker for a login', () => {
  /** What docker itself writes for ci with the password pw. */
  const LOGIN = { auth: Buffer.from('ci:pw').toString('base64') };
  const configOf = async (
    host: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ folder: string; config: unknown; builders: string }> => {
    const given = await (await start(env)).runtime.dockerConfig([{ host, username: 'ci', password: secret('pw') }]);
    const folder = given['DOCKER_CONFIG'] ?? '';
    return { folder, config: JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')), builders: given['BUILDX_CONFIG'] ?? '' };
  };
  const own = (config: unknown): void => {
    mkdirSync(join(home, '.docker/cli-plugins'), { recursive: true });
    writeFileSync(join(home, '.docker/config.json'), JSON.stringify(config));
    writeFileSync(join(home, '.docker/cli-plugins/docker-buildx'), 'plugin');
  };

  test('is a private copy in which this registry has no credential helper', async () => {
    own({ credsStore: 'desktop', credHelpers: { 'other.example.com': 'other' }, auths: { 'other.example.com': {} } });
    const { folder, config, builders } = await configOf('registry.example.com');
    expect(config).toEqual({
      credsStore: 'desktop',
      credHelpers: { 'other.example.com': 'other', 'registry.example.com': '' },
      auths: { 'other.example.com': {}, 'registry.example.com': LOGIN },
    });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'config.json')).mode & 0o777).toBe(0o600);
    expect(lstatSync(join(folder, 'cli-plugins')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, 'cli-plugins/docker-buildx'), 'utf8')).toBe('plugin');
    expect(builders).toBe(join(home, '.docker/buildx'));
  });

  test('goes without the plugins of the user, which stay', async () => {
    own({});
    const { runtime, cleanUp } = await start();
    await runtime.dockerConfig([{ host: 'registry.example.com', username: 'ci', password: secret('pw') }]);
    await cleanUp();
    expect(readFileSync(join(home, '.docker/cli-plugins/docker-buildx'), 'utf8')).toBe('plugin');
  });

  test('names Docker Hub as docker does', async () => {
    expect((await configOf('docker.io')).config).toEqual({
      credHelpers: { 'https://index.docker.io/v1/': '' },
      auths: { 'https://index.docker.io/v1/': LOGIN },
    });
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['helpers and logins that are none', { credHelpers: null, auths: 'x' }],
  ])('is made of %s', async (_what, config) => {
    if (config !== undefined) own(config);
    expect((await configOf('registry.example.com')).config).toEqual({
      credHelpers: { 'registry.example.com': '' },
      auths: { 'registry.example.com': LOGIN },
    });
  });

  test('is made of the one that the user names', async () => {
    mkdirSync(join(home, 'elsewhere'));
    writeFileSync(join(home, 'elsewhere/config.json'), '{"proxies":{}}');
    const { config, builders } = await configOf('r.example.com', {
      DOCKER_CONFIG: join(home, 'elsewhere'),
      BUILDX_CONFIG: join(home, 'builders'),
    });
    expect(config).toEqual({ proxies: {}, credHelpers: { 'r.example.com': '' }, auths: { 'r.example.com': LOGIN } });
    expect(builders).toBe(join(home, 'builders'));
  });
});

test('outputs go to the runner', async () => {
  (await start()).runtime.setOutput('url', 'https://a.example.com');
  expect(readFileSync(join(home, 'GITHUB_OUTPUT'), 'utf8')).toMatch(/^url<<(\S+)\nhttps:\/\/a\.example\.com\n\1\n$/);
});
