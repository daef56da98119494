import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
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

type Argv = readonly [string, ...string[]];

async function program(argv: Argv, options: Partial<CommandOptions> = {}, around: Around = {}): Promise<CommandResult> {
  const spawning = { environment: {}, signal: new AbortController().signal, onLine: () => undefined, ...around };
  return execute(argv, { cwd, ...options }, spawning);
}

const node = async (code: string, options: Partial<CommandOptions> = {}, around: Around = {}): Promise<CommandResult> =>
  program([process.execPath, '-e', code], options, around);

/** Writes a program that prints its name and arguments as JSON; gives its path. */
function echo(folder: string, name: string, mode = 0o755): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  writeFileSync(file, `#!${process.execPath}\nconsole.log(JSON.stringify(process.argv.slice(1)));\n`);
  chmodSync(file, mode);
  return file;
}

/** Runs a module in a process of its own, which has `execute`; for what would end this process or keep it alive. */
function script(code: string, before = ''): { readonly stdout: string; readonly stderr: string; readonly ms: number } {
  const module = `import { execute } from ${JSON.stringify(join(import.meta.dirname, '../../../src/runtime/exec.ts'))};
    const spawning = { environment: process.env, signal: new AbortController().signal, onLine: () => undefined };
    const options = { cwd: ${JSON.stringify(cwd)} };
    ${code}`;
  const file = join(cwd, 'script.mjs');
  writeFileSync(file, module);
  const begun = performance.now();
  const { stdout, stderr } = spawnSync('sh', ['-c', `${before}exec "$0" "$1"`, process.execPath, file], { encoding: 'utf8' });
  return { stdout, stderr, ms: performance.now() - begun };
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
    const argv = [
      '$HOME',
      '; rm -rf x',
      '`id`',
      '"quoted"',
      "it's",
      'a b',
      '',
      ' ',
      'two\nlines',
      '\ttab',
      'back\\slash\\',
      '\\"',
      '*',
      '--x=é€😀',
    ];
    const { stdout } = await program([process.execPath, '-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...argv]);
    expect(JSON.parse(stdout)).toEqual(argv);
  });

  test.each(['a b', '"quoted"', 'back\\slash', 'slash\\"quote', 'end\\', ' blanks  ', 'two\nlines', "it's $HOME"])(
    'may be called %j',
    async (name) => {
      const file = echo(join(cwd, 'folder of "names"'), name);
      expect(JSON.parse((await program([file, 'x y'])).stdout)).toEqual([file, 'x y']);
    },
  );

  test('has no null byte in an argument or a variable', async () => {
    await expect(program(['true', 'a\0b'])).rejects.toThrow('null byte');
    await expect(program(['true'], { env: { A: 'a\0b' } })).rejects.toThrow('null byte');
  });

  test('reads its standard input, which ends', async () => {
    const copy = 'process.stdin.pipe(process.stdout)';
    expect((await node(copy, { stdin: 'hunter2' })).stdout).toBe('hunter2');
    expect((await node(copy)).stdout).toBe('');
  });

  test('need not read its standard input', async () => {
    expect(await node('process.exit(4)', { stdin: 'x'.repeat(1_000_000) })).toMatchObject({ code: 4 });
    const closing = `require('node:fs').closeSync(0); setTimeout(() => process.exit(5), 200)`;
    expect(await node(closing, { stdin: 'x'.repeat(10_000_000) })).toMatchObject({ code: 5 });
  });

  test('shows its lines while it runs, but only when asked', async () => {
    const lines: string[] = [];
    const onLine = (line: string): void => void lines.push(line);
    await node('console.log("a"); console.error("b")', {}, { onLine });
    expect(lines).toEqual([]);
    await node('process.stdout.write("a\\r\\nb\\nc")', { stream: true }, { onLine });
    expect(lines).toEqual(['a', 'b', 'c']);
  });

  test.each([
    ['that does not exist', 'no-such-program-here'],
    ['that does not exist in its folder', './no-such-program-here'],
    ['below a file', './script/program'],
    ['whose interpreter does not exist', './script'],
  ])('%s gives 127', async (_what, name) => {
    writeFileSync(join(cwd, 'script'), '#!/opt/none/zsh\n', { mode: 0o755 });
    expect(await program([name])).toEqual({ code: 127, stdout: '', stderr: '', lines: [], notStarted: true });
  });

  test('that exits with 127 has run', async () => {
    expect(await node('process.exitCode = 127')).not.toHaveProperty('notStarted');
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

  test('has nothing of this process that it was not given', async () => {
    process.env['NOMAD_TOKEN'] = 'hunter2';
    try {
      expect(await seen({})).toEqual({});
      expect(await seen({}, { A: '' })).toEqual({ A: '' });
    } finally {
      delete process.env['NOMAD_TOKEN'];
    }
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

  test('ends a program that ignores SIGTERM after some seconds', async () => {
    const controller = new AbortController();
    const onLine = (): void => controller.abort(new Error('cancelled'));
    const begun = performance.now();
    const code = `process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000); console.log('ready ' + process.pid);`;
    await expect(node(code, { stream: true }, { signal: controller.signal, onLine })).rejects.toThrow('cancelled');
    expect(performance.now() - begun).toBeGreaterThan(4_500);
    expect(performance.now() - begun).toBeLessThan(9_000);
  }, 15_000);

  test('waits for the last words of a program, those without an end of line too', async () => {
    const controller = new AbortController();
    const lines: string[] = [];
    const file = join(cwd, 'exit-code');
    const onLine = (line: string): void => {
      lines.push(line);
      controller.abort(new Error('cancelled'));
    };
    // The program around it notes the exit code of the one that is asked to end.
    const code = `const child = require('node:child_process').spawn(process.execPath, ['-e', \`
        process.on('SIGTERM', () => { process.stdout.write('last wörds'); process.exitCode = 7; clearInterval(timer); });
        const timer = setInterval(() => undefined, 1000); console.log('ready');\`], { stdio: 'inherit' });
      process.on('SIGTERM', () => child.kill('SIGTERM'));
      child.on('exit', (code) => require('node:fs').writeFileSync(${JSON.stringify(file)}, String(code)));`;
    await expect(node(code, { stream: true }, { signal: controller.signal, onLine })).rejects.toThrow('cancelled');
    expect(lines).toEqual(['ready', 'last wörds']);
    expect(readFileSync(file, 'utf8')).toBe('7');
  });

  test('ends only the program of its own signal', async () => {
    const controllers = Array.from({ length: 4 }, () => new AbortController());
    const code = `process.on('SIGTERM', () => { console.log('asked'); process.exit(9); });
      process.stdin.resume().on('end', () => undefined); console.log('ready'); setTimeout(() => process.exit(0), 700);`;
    const ended = controllers.map(async ({ signal }, i) => {
      const onLine = (line: string): void => {
        if (line === 'ready' && i === 1) controllers[1]?.abort(new Error('cancelled 1'));
      };
      return node(code, { stream: true }, { signal, onLine }).then(
        (result) => result.code,
        (error: Error) => error.message,
      );
    });
    // Before it has started.
    controllers[2]?.abort(new Error('cancelled 2'));
    expect(await Promise.all(ended)).toEqual([0, 'cancelled 1', 'cancelled 2', 0]);
  });

  test('before the start lets nothing start', async () => {
    const controller = new AbortController();
    const file = join(cwd, 'started');
    const running = node(`require('node:fs').writeFileSync(${JSON.stringify(file)}, '')`, {}, { signal: controller.signal });
    controller.abort(new Error('cancelled'));
    await expect(running).rejects.toThrow('cancelled');
    expect(existsSync(file)).toBe(false);
  });

  test('of one program leaves what is started while its output is read', async () => {
    const controller = new AbortController();
    let inner: Promise<CommandResult> | undefined;
    let other: Promise<number | null> | undefined;
    const onLine = (): void => {
      inner = node(`setTimeout(() => console.log('done'), 300)`);
      const started = spawn(process.execPath, ['-e', 'setTimeout(() => undefined, 300)']);
      other = new Promise((resolve) => started.on('close', resolve));
      setTimeout(() => controller.abort(new Error('cancelled')), 50);
    };
    const code = `console.log('ready'); setTimeout(() => undefined, 10_000)`;
    await expect(node(code, { stream: true }, { signal: controller.signal, onLine })).rejects.toThrow('cancelled');
    expect(await inner).toMatchObject({ code: 0, stdout: 'done' });
    expect(await other).toBe(0);
  });

  test('after the end changes nothing', async () => {
    const controller = new AbortController();
    const result = await node('console.log(1)', { onAbort: ['touch', join(cwd, 'too-late')] }, { signal: controller.signal });
    controller.abort(new Error('cancelled'));
    expect(result.code).toBe(0);
    expect(existsSync(join(cwd, 'too-late'))).toBe(false);
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

test('what runs on an abort has the same environment, and may fail', async () => {
  const controller = new AbortController();
  const file = join(cwd, 'environment');
  const onLine = (): void => controller.abort(new Error('cancelled'));
  const code = `process.on('SIGTERM', () => undefined);
    setInterval(() => { if (require('node:fs').existsSync(${JSON.stringify(file)})) process.exit(0); }, 10); console.log('ready');`;
  const around = { signal: controller.signal, onLine, environment: { NOMAD_TOKEN: 'hunter2', HOME: '/home/a' } };
  const ending = `${process.execPath} -p 'Object.keys(process.env).sort().join()' > part; mv part ${file}; exit 3`;
  await expect(node(code, { stream: true, env: { B: '1' }, onAbort: ['sh', '-c', ending] }, around)).rejects.toThrow('cancelled');
  expect(readFileSync(file, 'utf8')).toBe('B,HOME,PWD\n');
});

describe('a program is found', () => {
  test('in its folder, when its name has a slash', async () => {
    echo(join(cwd, 'bin'), 'tool');
    expect(JSON.parse((await program(['bin/tool'])).stdout)).toEqual([join(cwd, 'bin/tool')]);
    expect(JSON.parse((await program(['./tool'], { cwd: join(cwd, 'bin') })).stdout)).toEqual([join(cwd, 'bin/./tool')]);
  });

  test('by the PATH of its own environment, and by no other', async () => {
    const tool = echo(join(cwd, 'bin of it'), 'tool-on-path');
    const PATH = [join(cwd, 'none'), join(cwd, 'script'), '', join(cwd, 'bin of it')].join(':');
    expect((await program(['tool-on-path'])).code).toBe(127);
    expect(JSON.parse((await program(['tool-on-path'], {}, { environment: { PATH } })).stdout)).toEqual([tool]);
    expect(JSON.parse((await program(['tool-on-path'], { env: { PATH } }, { environment: { PATH: '/none' } })).stdout)).toEqual([tool]);
  });

  test('behind one of that name that may not be executed', async () => {
    const tool = echo(join(cwd, 'second'), 'twice');
    echo(join(cwd, 'first'), 'twice', 0o644);
    mkdirSync(join(cwd, 'folder/twice'), { recursive: true });
    const PATH = ['folder', 'first', 'second'].map((folder) => join(cwd, folder)).join(':');
    expect(JSON.parse((await program(['twice'], { env: { PATH } })).stdout)).toEqual([tool]);
  });

  test('when the system lets this user execute it, whatever its mode says of others', async () => {
    const file = echo(join(cwd, 'private'), 'tool', 0o700);
    if (process.getuid?.() === 0) chownSync(file, 65_534, 65_534);
    expect(JSON.parse((await program([file, 'a b', ''])).stdout)).toEqual([file, 'a b', '']);
  });

  test.each(['./not-executable', './'])('unless it may not be executed: %s', async (name) => {
    writeFileSync(join(cwd, 'not-executable'), '', { mode: 0o600 });
    await expect(program([name])).rejects.toMatchObject({ code: 'EACCES', message: `spawn ${name} EACCES` });
  });
});

describe('a program that cannot be started is an error', () => {
  test('with an argument that is too long', async () => {
    await expect(program(['true', 'x'.repeat(300_000)])).rejects.toMatchObject({ code: 'E2BIG' });
  });

  test.each([
    ['none', 'ENOENT'],
    ['a-file', 'ENOTDIR'],
    ['a-file/below', 'ENOTDIR'],
  ])('in the folder %s', async (folder, code) => {
    writeFileSync(join(cwd, 'a-file'), '');
    await expect(program(['true'], { cwd: join(cwd, folder) })).rejects.toMatchObject({ code });
  });

  test('when too many files are open, and this process goes on', () => {
    const { stdout } = script(
      `import { openSync } from 'node:fs';
      await execute(['true'], options, spawning);
      try { for (;;) openSync('/dev/null'); } catch {}
      const { code } = await execute(['true'], options, spawning).catch((error) => error);
      console.log(code);`,
      'ulimit -n 100; ',
    );
    expect(stdout).toBe('EMFILE\n');
  });
});

test('nothing of a program or its lookup is printed but by the one who runs it', () => {
  writeFileSync(join(cwd, 'a-file'), '');
  const { stdout, stderr } = script(`
    const PATH = ${JSON.stringify(join(cwd, 'a-file'))} + ':' + process.env.PATH;
    const results = await Promise.all([['sh', '-c', 'echo out; echo err >&2; exit 2'], ['no-such-program']]
      .map((argv) => execute(argv, { ...options, env: { PATH } }, spawning)));
    console.log(results.map(({ code }) => code).join());`);
  expect({ stdout, stderr }).toEqual({ stdout: '2,127\n', stderr: '' });
});

describe('the output of a program', () => {
  test('without an end of its line is handed over in pieces, and is whole in the end', async () => {
    const lines: string[] = [];
    const { stdout } = await node('process.stdout.write("x".repeat(1_000_000))', { stream: true }, { onLine: (line) => lines.push(line) });
    expect(Math.max(...lines.map((line) => line.length))).toBe(65_536);
    expect(lines.join('')).toBe('x'.repeat(1_000_000));
    expect(stdout).toHaveLength(1_000_000);
  });

  test('without an end of its line takes time and memory that do not grow with what is kept of it', async () => {
    const code = `const piece = Buffer.alloc(1_000_000, 'x'); let n = 50; const next = () => { if (n-- > 0) process.stdout.write(piece, next); }; next();`;
    const begun = performance.now();
    const { stdout, lines } = await node(code);
    // Searched anew with each piece, these are 15 s on the machine that needs 0.2 s for this.
    expect(performance.now() - begun).toBeLessThan(5_000);
    for (const length of [stdout.length, lines.join('').length]) {
      expect(length).toBeGreaterThan(30_000_000);
      expect(length).toBeLessThan(34_000_000);
    }
  });

  test('may have its characters cut in two', async () => {
    const code = `const all = Buffer.from('a€😀\\né€\\n😀'); let i = 0;
      const next = () => { if (i < all.length) process.stdout.write(all.subarray(i, ++i), () => setTimeout(next, 2)); }; next();`;
    const lines: string[] = [];
    const { stdout } = await node(code, { stream: true }, { onLine: (line) => lines.push(line) });
    expect(stdout).toBe('a€😀\né€\n😀');
    expect(lines).toEqual(['a€😀', 'é€', '😀']);
  });

  test('that ends within a character has a mark for it', async () => {
    expect((await node(`process.stdout.write(Buffer.from([0x61, 0xe2, 0x82]))`)).stdout).toBe('a\ufffd');
  });

  test('is held open by what the program started: a second later it is over, and keeps nothing alive', () => {
    const { stdout, ms } = script(`
      const begun = performance.now();
      const result = await execute(['sh', '-c', 'sleep 7 & echo begun; exit 3'], options, spawning);
      console.log(JSON.stringify(result), performance.now() - begun < 4_000);`);
    expect(stdout).toBe('{"code":3,"stdout":"begun","stderr":"","lines":["begun"]} true\n');
    expect(ms).toBeLessThan(6_000);
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
