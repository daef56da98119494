import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { parseLossless } from '../../../src/nomad/json.ts';
import { actionsRuntime, cleanUpAfterKill } from '../../../src/runtime/actions.ts';
import { secret } from '../../../src/runtime/secret.ts';

// The runtime on a runner's real folders and files; what it prints is kept.
let home = '';
let printed = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'nomad-deploy-actions-'));
  printed = '';
  mkdirSync(join(home, 'temp'));
  for (const name of ['GITHUB_STATE', 'GITHUB_OUTPUT']) writeFileSync(join(home, name), '');
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(home, { recursive: true, force: true });
});

const start = (
  env: Readonly<Record<string, string>> = {},
  signal: AbortSignal = new AbortController().signal,
): ReturnType<typeof actionsRuntime> =>
  actionsRuntime(
    {
      RUNNER_TEMP: join(home, 'temp'),
      GITHUB_WORKSPACE: home,
      HOME: home,
      GITHUB_STATE: join(home, 'GITHUB_STATE'),
      GITHUB_OUTPUT: join(home, 'GITHUB_OUTPUT'),
      ...env,
    },
    signal,
  );

describe('the images of a run', () => {
  const IMAGE = `ghcr.io/acme/shop@sha256:${'0a'.repeat(32)}`;
  test('are told to later steps of the job, where the runner collects them', () => {
    const file = join(home, 'artifacts');
    writeFileSync(file, 'oci://of/another-step@sha256:00\n');
    start({ GITHUB_ARTIFACTS: file }).runtime.offerArtifacts?.([IMAGE, 'x/y@sha256:01']);
    expect(readFileSync(file, 'utf8')).toBe(`oci://of/another-step@sha256:00\noci://${IMAGE}\noci://x/y@sha256:01\n`);
  });

  test('are told nowhere without that file', () => {
    start().runtime.offerArtifacts?.([IMAGE]);
    start({ GITHUB_ARTIFACTS: '' }).runtime.offerArtifacts?.([IMAGE]);
    start({ GITHUB_ARTIFACTS: join(home, 'none') }).runtime.offerArtifacts?.([]);
    expect(existsSync(join(home, 'none'))).toBe(false);
  });
});

describe('the log', () => {
  test.each<[string, string]>([
    ['::error::x', ': :error::x'],
    ['  ::add-mask::x', '  : :add-mask::x'],
    ['a\n::stop-commands::x', 'a\n: :stop-commands::x'],
    ['a\r::stop-commands::x', 'a\r: :stop-commands::x'],
    ['\u200b::error::x', '\u200b: :error::x'],
    ['\u0085\u00a0:\u00ad:error::x', '\u0085\u00a0: \u00ad:error::x'],
    ['#7 0.1 ##[save-state name=private-folders]["/"]', '#7 0.1 ## [save-state name=private-folders]["/"]'],
    ['#\u200d#\u0000[error]x', '#\u200d#\u0000 [error]x'],
    ['a::b # [c]', 'a::b # [c]'],
  ])('shows %j as text', async (line, shown) => {
    const { runtime } = start();
    runtime.log.info(line);
    expect(printed).toBe(`${shown}\n`);
  });

  test('has annotations with a title and a place', async () => {
    const { log } = start().runtime;
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
    const { runtime } = start();
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

  test('leaves names that everybody may know, which are a part of a secret', async () => {
    const { runtime } = start();
    const names = new Map([
      ['acme-shop', 'the job'],
      ['production', 'the environment'],
    ]).keys();
    runtime.mask('postgres://shop:shop@db.internal/shop', names);
    runtime.mask('{"auth":"production","password":"pw-4711"}');
    runtime.mask('production\nhunter-4711');
    expect(runtime.redact('acme-shop in production at shop.example.com')).toBe('acme-shop in production at shop.example.com');
    expect(runtime.redact('pw-4711, hunter-4711, postgres://shop:shop@db.internal/shop')).toBe('***, ***, ***');
    expect(printed).not.toMatch(/^::add-mask::(shop|production|acme-shop)$/im);
  });
});

describe('files', () => {
  test('for later steps stay, private ones go', async () => {
    const { runtime, cleanUp } = start();
    const folder = await runtime.privateFolder();
    const paths = [await runtime.publish('a.json', '1'), await runtime.publish('b.json', '2')];
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(new Set(paths.map(dirname)).size).toBe(1);
    await cleanUp();
    expect(existsSync(folder)).toBe(false);
    expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(['"1"\n', '"2"\n']);
  });

  test('for later steps have all digits of a number, as Nomad reads them', async () => {
    const { runtime } = start();
    const path = await runtime.publish('spec.json', {
      Tasks: [{ Config: parseLossless('{"seed":9007199254740993,"n":[18446744073709551615]}') }],
    });
    expect(readFileSync(path, 'utf8').replaceAll(/\s/g, '')).toBe(
      '{"Tasks":[{"Config":{"n":[18446744073709551615],"seed":9007199254740993}}]}',
    );
  });

  const state = (): string => readFileSync(join(home, 'GITHUB_STATE'), 'utf8').split('\n').at(-3) ?? '';
  const post = async (saved: Readonly<Record<string, string>>): Promise<void> =>
    cleanUpAfterKill({ PATH: join(home, 'bin'), RUNNER_TEMP: join(home, 'temp'), ...saved });

  test('that a killed run left go in the post step', async () => {
    const { runtime } = start();
    const folders = [await runtime.privateFolder(), await runtime.privateFolder()];
    expect(JSON.parse(state())).toEqual(folders);
    await post({ 'STATE_private-folders': state() });
    expect(folders.filter(existsSync)).toEqual([]);
  });

  test('that are not there yet are removed too, where the run was killed before it made them', async () => {
    await expect(
      post({ 'STATE_private-folders': JSON.stringify([join(home, 'temp/nomad-deploy-private-0123456789ab')]) }),
    ).resolves.toBeUndefined();
  });

  test('and programs that a killed run left end in the post step, with the programs that they started; others stay', async () => {
    const { runtime } = start({ PATH: process.env['PATH'] ?? '' });
    const [own, other] = [join(home, 'own'), join(home, 'other')];
    const stay = 'trap "" TERM; sleep 600 & echo "$! $$" > "$0"; wait';
    const running = runtime.exec(['sh', '-c', stay, own], { cwd: home });
    const stranger = spawn('sh', ['-c', stay, other], { stdio: 'ignore' });
    const pids = (file: string): string[] => (existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ') : []);
    while (![own, other].every((file) => pids(file).length === 2)) await delay(10);
    const gone = (pid: string): boolean => !existsSync(`/proc/${pid}`) || /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    await post({ STATE_programs: '["no mark", 7]' });
    expect(pids(own).filter(gone)).toEqual([]);
    await post({ STATE_programs: state() });
    expect(pids(own).filter((pid) => !gone(pid))).toEqual([]);
    expect(pids(other).filter(gone)).toEqual([]);
    for (const pid of pids(other)) process.kill(Number(pid), 'SIGKILL');
    await once(stranger, 'close');
    await running;
  });

  test.each([
    ['ended', false],
    ['cancelled', true],
  ])('and programs that a program of an %s run left: those of a cancelled one end in the post step', async (_, isCancelled) => {
    const cancelled = new AbortController();
    const { runtime, cleanUp } = start({ PATH: process.env['PATH'] ?? '' }, cancelled.signal);
    const file = join(home, 'left');
    const running = runtime.exec(['sh', '-c', `sleep 600 > /dev/null 2>&1 & echo $! > ${file}${isCancelled ? '; wait' : ''}`], {
      cwd: home,
    });
    while (!existsSync(file) || readFileSync(file, 'utf8') === '') await delay(10);
    if (isCancelled) cancelled.abort(new Error('cancelled'));
    await running.catch(() => undefined);
    await cleanUp();
    await post({ STATE_programs: state() });
    const pid = readFileSync(file, 'utf8').trim();
    const isGone = !existsSync(`/proc/${pid}`) || /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    expect(isGone).toBe(isCancelled);
    if (!isGone) process.kill(Number(pid), 'SIGKILL');
  });

  describe('with a docker that notes what it is called with', () => {
    const called = (): string[] =>
      existsSync(join(home, 'called')) ? readFileSync(join(home, 'called'), 'utf8').trimEnd().split('\n') : [];
    beforeEach(() => {
      mkdirSync(join(home, 'bin'));
      writeFileSync(join(home, 'bin/docker'), `#!/bin/sh\necho "$@" >> '${join(home, 'called')}'\nexit 1\n`, { mode: 0o755 });
    });

    test('what a killed run left in the engine is removed in the post step', async () => {
      const { runtime } = start();
      runtime.atEnd({ kind: 'builder', name: 'nomad-deploy-0123abcd' });
      runtime.atEnd({ kind: 'container', name: 'nomad-deploy-test-0123abcd' });
      await post({ 'STATE_at-end': state() });
      expect(called().sort()).toEqual(['buildx rm --force nomad-deploy-0123abcd', 'rm --force nomad-deploy-test-0123abcd']);
    });

    test.each([
      '[["/bin/sh","-c","touch FILE"]]',
      '[{"kind":"container","name":"postgres"}]',
      '[{"kind":"container","name":"nomad-deploy-test-0123abcd\\nx"}]',
      '[{"kind":"container","name":"--help"}]',
      '[{"kind":"shell","name":"nomad-deploy-test-0123abcd"}]',
      '[{"kind":"__proto__","name":"nomad-deploy-test-0123abcd"}]',
      '[null, 7, "x", []]',
      '{"0":{}}',
      'no JSON',
    ])('state of another form runs nothing: %s', async (saved) => {
      await post({ 'STATE_at-end': saved.replace('FILE', join(home, 'called')) });
      expect(called()).toEqual([]);
    });
  });

  test('state of another form removes nothing', async () => {
    const own = join(home, 'temp/nomad-deploy-private-0123456789ab');
    const [elsewhere, other] = [join(home, 'nomad-deploy-private-0123456789ab'), join(home, 'temp/checkout')];
    for (const folder of [own, elsewhere, other, join(home, 'kept')]) mkdirSync(folder);
    const link = join(home, 'temp/nomad-deploy-private-ba9876543210');
    symlinkSync(join(home, 'kept'), link);
    const saved = [elsewhere, other, link, `${link}/`, `${own}/../checkout`, 7];
    await post({ 'STATE_private-folders': JSON.stringify(saved) });
    expect([own, elsewhere, other, join(home, 'kept')].filter((folder) => !existsSync(folder))).toEqual([]);
    await post({ 'STATE_private-folders': JSON.stringify([own]) });
    expect(existsSync(own)).toBe(false);
  });

  test.each(['', '[]', '{}', '[7]', 'x'])('that were never made need no post step (%j)', async (saved) => {
    await expect(post({ 'STATE_private-folders': saved, 'STATE_at-end': saved })).resolves.toBeUndefined();
  });

  test('of the runner get the summary, if it wants one', async () => {
    const file = join(home, 'summary');
    const { runtime } = start({ GITHUB_STEP_SUMMARY: file });
    await runtime.writeSummary('one');
    await runtime.writeSummary('two');
    expect(readFileSync(file, 'utf8')).toBe('one\ntwo\n');
    await expect(start().runtime.writeSummary('three')).resolves.toBeUndefined();
  });
});

describe('the configuration of docker for a login', () => {
  /** What docker itself writes for ci with the password pw. */
  const LOGIN = { auth: Buffer.from('ci:pw').toString('base64') };
  const configOf = async (
    host: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ folder: string; config: unknown; builders: string }> => {
    const given = await start(env).runtime.dockerConfig([{ host, username: 'ci', password: secret('pw') }]);
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
    const { runtime, cleanUp } = start();
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
  start().runtime.setOutput('url', 'https://a.example.com');
  expect(readFileSync(join(home, 'GITHUB_OUTPUT'), 'utf8')).toMatch(/^url<<(\S+)\nhttps:\/\/a\.example\.com\n\1\n$/);
});

test('without the files of the runner, outputs and state are not set by commands', async () => {
  const { runtime } = start({ GITHUB_OUTPUT: '', GITHUB_STATE: '' });
  runtime.setOutput('url', 'https://a.example.com');
  runtime.leaveWord('rollout', { jobId: 'x' });
  expect(printed).toBe('');
});
