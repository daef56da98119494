// `ssh` into tasks of both drivers: by pipes, and in a real terminal.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { startNomad } from '../../scripts/parts/nomad.ts';
import { cluster } from '../helpers/deploying.ts';
import { runTask } from '../helpers/inside.ts';
import { parts, partsRun } from '../helpers/parts.ts';
import { checkout, openTmux, runCli } from '../helpers/terminal.ts';

const DRIVERS = ['raw_exec', 'docker'] as const;
const cwd = checkout({});
const job = (driver: string): string => `inside-${driver.replace('_', '-')}`;
const ssh = (driver: string, ...words: readonly string[]) => ['ssh', '-j', job(driver), ...words];

beforeAll(async () => {
  await Promise.all(DRIVERS.map(async (driver) => runTask(job(driver), { driver })));
});

describe.each(DRIVERS)('%s', (driver) => {
  test('arguments pass unchanged, and the exit code is that of the program', async () => {
    const words = ['', 'a b', 'x\ny', '"q"', "it's", '$HOME', '*', '--', '-j'];
    const { stdout, code } = await runCli({ args: ssh(driver, '--', 'sh', '-c', 'printf "<%s>" "$@"; exit 7', 'sh', ...words), cwd });
    expect(stdout).toBe(words.map((word) => `<${word}>`).join(''));
    expect(code).toBe(7);
  });

  test('bytes arrive as they are in both directions, and the end of the input is passed on', async () => {
    const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 7919 + (i >> 8)) & 0xff));
    const { bytes: back, code, stderr } = await runCli({ args: ssh(driver, '--', 'cat'), cwd, stdin: bytes });
    expect(back.equals(bytes)).toBe(true);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^inside-\S+ \([0-9a-f]{8} on nomad-\S+\), task t\n$/);
  });

  test('a program that ends does not wait for the end of its input', async () => {
    const open = await runCli({ args: ssh(driver, '--', 'sh', '-c', 'echo out; exit 3'), cwd, stdin: null });
    expect(open).toMatchObject({ code: 3, stdout: 'out\n' });
    const unread = await runCli({ args: ssh(driver, '--', 'head', '-c', '4'), cwd, stdin: 'flood\n'.repeat(500_000) });
    expect(unread).toMatchObject({ code: 0, stdout: 'floo' });
  });

  test('standard output and error stay apart, and short output is never lost', async () => {
    const all = await Promise.all(
      Array.from({ length: 8 }, async () => runCli({ args: ssh(driver, '--', 'sh', '-c', 'echo out; echo err >&2'), cwd })),
    );
    for (const { stdout, stderr } of all) {
      expect(stdout).toBe('out\n');
      expect(stderr).toMatch(/task t\nerr\n$/);
    }
  });

  test('a terminal: its size first and at each change, keys one by one, Ctrl-C, Ctrl-Z and the exit code', async () => {
    const terminal = await openTmux({ args: ssh(driver), cwd, columns: 91, rows: 23 });
    await terminal.until(/[#$]$/m);
    await terminal.type('stty size\n');
    await terminal.until('23 91');
    await terminal.resize(70, 19);
    await terminal.type('stty size\n');
    await terminal.until('19 70');
    // A key before the program has begun would be one of the shell's line.
    await terminal.type(`sh -c 'echo "fi"rst; exec sleep 1000'\n`);
    await terminal.until(/^first$/m);
    await terminal.keys('C-c');
    await terminal.type('echo code=$?\n');
    await terminal.until('code=130');
    await terminal.type(`sh -c 'echo "seco"nd; exec sleep 1000'\n`);
    await terminal.until(/^second$/m);
    await terminal.keys('C-z');
    await terminal.until('Stopped');
    await terminal.type('~?');
    // The help is at the beginning of a line only.
    await terminal.keys('C-u');
    // A shell with a stopped job asks again.
    await terminal.type('exit 9\nexit 9\n');
    expect(await terminal.code).toBe(9);
    await terminal.close();
  });

  test('~. leaves at the beginning of a line', async () => {
    const terminal = await openTmux({ args: ssh(driver, '--', 'sh', '-c', 'echo ready; exec cat'), cwd });
    await terminal.until('ready');
    await terminal.type('a~.b\n');
    await terminal.until((screen) => screen.split('a~.b').length === 3);
    await terminal.type('~?');
    await terminal.until('~.  leaves the session');
    await terminal.type('~.');
    expect(await terminal.code).toBe(255);
    await terminal.close();
  });

  test('a stopped task ends the session with the reason', async () => {
    const id = `${job(driver)}-killed`;
    const [allocation] = await runTask(id, { driver });
    const ran = runCli({
      args: ['ssh', '-j', id, '--', 'sh', '-c', 'echo ready; exec sleep 1000'],
      cwd,
      stdin: null,
      onLine: (line) => line === 'ready' && void cluster.send('DELETE', `/v1/job/${id}`),
    });
    const { code, stderr } = await ran;
    expect(code).toBe(255);
    expect(stderr).toMatch(/Error: the session has ended, because the task t has ended: /);
    expect(allocation?.ClientStatus).toBe('running');
  });
});

test('a reader that leaves ends the session', async () => {
  const { code } = await runCli({
    args: ssh('docker', '--', 'yes'),
    cwd,
    stdin: null,
    onLine: (_line, child) => child.stdout?.destroy(),
  });
  expect(code).toBe(130);
});

test('a killed agent ends the session', async () => {
  const { docker, nomad } = parts();
  const agent = await startNomad(partsRun(), { docker });
  const on = { address: agent.address, token: '' };
  await runTask('lonely', { driver: 'raw_exec' }, on);
  const { code, stderr } = await runCli({
    args: ['ssh', '-j', 'lonely', '--', 'sh', '-c', 'echo ready; exec sleep 30'],
    cwd,
    env: { NOMAD_ADDR: agent.address },
    stdin: null,
    onLine: (line) => line === 'ready' && process.kill(agent.pid, 'SIGKILL'),
  });
  await agent.stop();
  expect(code).toBe(255);
  expect(stderr).toContain('the connection of the exec session was closed');
  expect(nomad.address).not.toBe(agent.address);
});

test('an image without a shell says so, and its programs can be named', async () => {
  const { nomadWithAcls: _other } = parts();
  await runTask('no-shell', { driver: 'docker', shell: 'rm /bin/sh; exec sleep 100000' });
  const { code, stderr } = await runCli({ args: ['ssh', '-j', 'no-shell'], cwd });
  expect(code).toBe(255);
  expect(stderr).toContain('Error: the image of the task has no /bin/sh. Name a program that the image has');
  // Without a shell, Nomad's driver may drop the output of a program that ends at once.
  const said = async (): Promise<string> =>
    (await runCli({ args: ['ssh', '-j', 'no-shell', '--', 'echo', 'hello'], cwd })).stdout || said();
  expect(await said()).toBe('hello\n');
});

test('what cannot be entered is told', async () => {
  const run = async (...args: readonly string[]) => runCli({ args, cwd });
  expect((await run('ssh', '-j', 'not-there')).stderr).toContain('there is no job not-there in the namespace default');
  expect((await run(...ssh('docker', 'ffffffff'))).stderr).toContain('inside-docker has no allocation ffffffff');
  expect((await run(...ssh('docker', '--task', 'other'))).stderr).toContain('other');
  const missing = await run(...ssh('raw_exec', '--', '/not/there'));
  expect(missing.code).toBe(255);
  expect(missing.stderr).toMatch(/\/not\/there: no such file or directory/);
  const gone = await runCli({ args: ssh('docker', '--', 'true'), cwd, env: { NOMAD_ADDR: 'http://127.0.0.1:1' } });
  expect(gone.code).toBe(255);
});
