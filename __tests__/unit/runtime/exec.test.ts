import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execute } from '../../../src/runtime/exec.ts';
import type { CommandOptions, CommandResult } from '../../../src/runtime/runtime.ts';

// Real programs: Node itself, as a child.
let cwd = '';
beforeAll(() => {
  cwd = realpathSync(mkdtempSync(join(tmpdir(), 'nomad-deploy-exec-')));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

interface Around {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  readonly onLine?: (line: string) => void;
}

async function node(code: string, options: Partial<CommandOptions> = {}, around: Around = {}): Promise<CommandResult> {
  const spawning = { environment: {}, signal: new AbortController().signal, onLine: () => undefined, ...around };
  return execute([process.execPath, '-e', code], { cwd, ...options }, spawning);
}

describe('a program', () => {
  test('gives its exit code and both streams', async () => {
    expect(await node('console.log("out\\nmore"); console.error("err"); process.exitCode = 3')).toEqual({
      code: 3,
      stdout: 'out\nmore',
      stderr: 'err',
      lines: expect.arrayContaining(['out', 'more', 'err']),
    });
  });

  test('runs in its folder', async () => expect((await node('console.log(process.cwd())')).stdout).toBe(cwd));

  test('gets its arguments as they are, through no shell', async () => {
    const argv = ['$HOME', '; rm -rf x', '`id`', '"quoted"', 'a b', ''];
    const spawning = { environment: {}, signal: new AbortController().signal, onLine: () => undefined };
    const code = 'console.log(JSON.stringify(process.argv.slice(1)))';
    const { stdout } = await execute([process.execPath, '-e', code, ...argv], { cwd }, spawning);
    expect(JSON.parse(stdout)).toEqual(argv);
  });

  test('reads its standard input, which ends', async () => {
    const copy = 'process.stdin.pipe(process.stdout)';
    expect((await node(copy, { stdin: 'hunter2' })).stdout).toBe('hunter2');
    expect((await node(copy)).stdout).toBe('');
  });

  test('need not read its standard input', async () => {
    expect(await node('process.exit(4)', { stdin: 'x'.repeat(1_000_000) })).toMatchObject({ code: 4 });
  });

  test('shows its lines while it runs, but only when asked', async () => {
    const lines: string[] = [];
    const onLine = (line: string): void => void lines.push(line);
    await node('console.log("a"); console.error("b")', {}, { onLine });
    expect(lines).toEqual([]);
    await node('process.stdout.write("a\\r\\nb\\nc")', { stream: true }, { onLine });
    expect(lines).toEqual(['a', 'b', 'c']);
  });

  test('that does not exist gives 127', async () => {
    const spawning = { environment: {}, signal: new AbortController().signal, onLine: () => undefined };
    expect(await execute(['no-such-program-here'], { cwd }, spawning)).toEqual({
      code: 127,
      stdout: '',
      stderr: '',
      lines: [],
      notStarted: true,
    });
  });

  test('that is killed gives an error code', async () => {
    expect((await node('process.kill(process.pid, "SIGKILL")')).code).toBe(1);
  });
});

describe('the environment of a program', () => {
  const seen = async (environment: Record<string, string | undefined>, env?: Record<string, string>): Promise<unknown> =>
    JSON.parse((await node('console.log(JSON.stringify(process.env))', env === undefined ? {} : { env }, { environment })).stdout);

  const PASSED = ['PATH', 'HOME', 'DOCKER_HOST', 'DOCKER_CONFIG', 'BUILDX_BUILDER', 'BUILDKIT_HOST', 'HTTPS_PROXY', 'no_proxy', 'LANG'];
  const HIDDEN = [
    'NOMAD_TOKEN',
    'NOMAD_TOKEN_PROD',
    'NOMAD_SECRETS',
    'NOMAD_SECRET_DB_PASSWORD',
    'NOMAD_ADDR',
    'GITHUB_TOKEN',
    'INPUT_NOMAD-TOKEN',
    'INPUT_REGISTRY-PASSWORD',
    'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
    'ACTIONS_RUNTIME_TOKEN',
    'AWS_SECRET_ACCESS_KEY',
    'NODE_OPTIONS',
    'LD_PRELOAD',
    'DOCKER_AUTH_CONFIG',
    'XPATH',
    'PATHS',
  ];

  test('has what finds programs, the engine and a proxy, and nothing else', async () => {
    const environment = Object.fromEntries([...PASSED, ...HIDDEN].map((name) => [name, 'C']));
    expect(await seen(environment)).toEqual(Object.fromEntries(PASSED.map((name) => [name, 'C'])));
  });

  test('has what it is given on top, which wins', async () => {
    expect(await seen({ HOME: '/a', DOCKER_CONFIG: '/b', LANG: undefined }, { DOCKER_CONFIG: '/c', EXTRA: '1' })).toEqual({
      HOME: '/a',
      DOCKER_CONFIG: '/c',
      EXTRA: '1',
    });
  });
});

describe('an abort', () => {
  test('is noticed before anything starts', async () => {
    const reason = new Error('cancelled');
    await expect(node('', {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('asks the program to end, waits until it did, and rejects with the reason', async () => {
    const reason = new Error('cancelled');
    const controller = new AbortController();
    const lines: string[] = [];
    const onLine = (line: string): void => {
      lines.push(line);
      if (line === 'ready') controller.abort(reason);
    };
    const code = `process.on('SIGTERM', () => setTimeout(() => { console.log('tidied up'); process.exit(0); }, 50));
      setInterval(() => {}, 1000); console.log('ready');`;
    await expect(node(code, { stream: true }, { signal: controller.signal, onLine })).rejects.toBe(reason);
    expect(lines).toEqual(['ready', 'tidied up']);
  });
});

test('an abort also runs what ends the things that a program began elsewhere', async () => {
  const controller = new AbortController();
  const file = join(cwd, 'elsewhere');
  writeFileSync(file, '');
  const onLine = (): void => controller.abort(new Error('cancelled'));
  // Takes no notice of being asked; ends when the file is gone.
  const code = `process.on('SIGTERM', () => undefined);
    setInterval(() => { if (!require('node:fs').existsSync(${JSON.stringify(file)})) process.exit(0); }, 10); console.log('ready');`;
  await expect(node(code, { stream: true, onAbort: ['rm', file] }, { signal: controller.signal, onLine })).rejects.toThrow('cancelled');
  expect(existsSync(file)).toBe(false);
});

test('a file that may not be run is told as it is', async () => {
  const file = join(cwd, 'not-executable');
  writeFileSync(file, '', { mode: 0o600 });
  const spawning = { environment: {}, signal: new AbortController().signal, onLine: () => undefined };
  await expect(execute([file], { cwd }, spawning)).rejects.toThrow('EACCES');
});

describe('the output of a program', () => {
  test('without an end of its line is handed over in pieces, and is whole in the end', async () => {
    const lines: string[] = [];
    const { stdout } = await node('process.stdout.write("x".repeat(1_000_000))', { stream: true }, { onLine: (line) => lines.push(line) });
    expect(Math.max(...lines.map((line) => line.length))).toBe(65_536);
    expect(lines.join('')).toBe('x'.repeat(1_000_000));
    expect(stdout).toHaveLength(1_000_000);
  });

  test('that is too much loses its middle', async () => {
    const code =
      'console.log("first"); for (let i = 0; i < 80; i++) process.stdout.write(`${"y".repeat(999)}\\n`.repeat(1_000)); console.log("last")';
    const { stdout, lines } = await node(code);
    expect(stdout.length).toBeLessThan(40_000_000);
    for (const all of [stdout.split('\n'), lines]) {
      expect([all[0], all.at(-1)]).toEqual(['first', 'last']);
      expect(all).toContain('…');
    }
  });

  test.each([
    ['a\\r\\nb\\r\\n', ['a', 'b']],
    ['a\\rb', ['a', 'b']],
    ['a\\n\\nb\\n', ['a', '', 'b']],
    ['', []],
  ])('%j is cut into lines, wherever its pieces end', async (text, expected) => {
    const code = `const all = [...${JSON.stringify(text).replaceAll('\\\\', '\\')}]; const next = () => { if (all.length) process.stdout.write(all.shift(), () => setTimeout(next, 2)); }; next();`;
    const { stdout, lines } = await node(code);
    expect(lines).toEqual(expected);
    expect(stdout).toBe(expected.join('\n'));
  });
});
