// `tunnel` to tasks of both drivers.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { temporary } from '../../scripts/parts/action.ts';
import { connectorsInstalled } from '../../scripts/parts/connectors.ts';
import { freePort } from '../../scripts/parts/ports.ts';
import type { Allocation, JobStub } from '../../src/nomad/types.ts';
import { cluster } from '../helpers/deploying.ts';
import { runTask } from '../helpers/inside.ts';
import { type CliResult, checkout, runCli } from '../helpers/terminal.ts';

const cwd = checkout({});
beforeAll(connectorsInstalled);

/** A web server of Python that tells its version, and has a file of some megabytes. */
const server = (version: string, bind = '127.0.0.1'): string =>
  `mkdir w; cd w; echo ${version} > index.html; head -c 3000000 /dev/urandom > big; exec python3 -m http.server --bind ${bind} $NOMAD_PORT_http`;

interface Open {
  readonly port: number;
  /** Ends it as Ctrl-C does. */
  readonly end: () => Promise<CliResult>;
  readonly lines: readonly string[];
  /** Resolves with the first line that has the words, as soon as it is printed. */
  readonly told: (words: string) => Promise<string>;
}

/** Opens a tunnel, and resolves when it takes connections. Rejects with its words when it ends before. */
async function open(id: string, port: string, more: readonly string[] = []): Promise<Open> {
  const local = await freePort();
  const lines: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let kill = (): void => undefined;
  const waiting = new Set<() => void>();
  const ended = runCli({
    args: ['tunnel', '-y', '-j', id, `${local}:${port}`, ...more],
    cwd,
    stdin: null,
    onLine: (line, child) => {
      lines.push(line);
      for (const look of waiting) look();
      kill = () => void child.kill('SIGINT');
      if (line.includes(' leads to port ')) resolve();
    },
  });
  ended.then(({ stderr }) => reject(new Error(stderr)), reject);
  await promise;
  return {
    port: local,
    lines,
    told: async (words) =>
      new Promise((found) => {
        const look = (): void => {
          const line = lines.find((one) => one.includes(words));
          if (line !== undefined) found(line);
        };
        waiting.add(look);
        look();
      }),
    end: async () => {
      kill();
      return ended;
    },
  };
}

const get = async (port: number, path = '/'): Promise<string> =>
  (await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } })).text();

/** Asks until the server of a task that has just begun answers. */
const answer = async (port: number): Promise<string> => get(port).catch(async () => answer(port));

describe.each(['raw_exec', 'docker'] as const)('%s', (driver) => {
  test('carries many connections, to a healthy allocation also after a deploy', async () => {
    const id = `tunnel-${driver.replace('_', '-')}`;
    const web = (version: string): string =>
      driver === 'raw_exec' ? server(version) : `mkdir /w; echo ${version} > /w/index.html; exec httpd -f -p 5000 -h /w`;
    const wish = { driver, ports: { http: driver === 'docker' ? 5000 : 0 } };
    await runTask(id, { ...wish, shell: web('first') });
    const tunnel = await open(id, 'http');
    expect(await answer(tunnel.port)).toBe('first\n');
    expect(await Promise.all(Array.from({ length: 10 }, async () => get(tunnel.port)))).toEqual(
      Array.from({ length: 10 }, () => 'first\n'),
    );
    await runTask(id, { ...wish, shell: web('second') });
    expect(await answer(tunnel.port)).toBe('second\n');
    const { code, stderr } = await tunnel.end();
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /127\.0\.0\.1:\d+ leads to port http of tunnel-\S+ \([0-9a-f]{8} on \S+\), task t, by (socat|nc|busybox nc|bash) to 127\.0\.0\.1/,
    );
    expect(stderr).toMatch(/Connections go to tunnel-\S+ \([0-9a-f]{8} on/);
  });
});

const SHELL = ['sh', 'cat', 'sleep'];

/** The path of a program of this machine; undefined where there is none. That of python3 may be a script that needs others. */
function pathOf(name: string): string | undefined {
  const found = execFileSync('sh', ['-c', `command -v ${name} || true`], { encoding: 'utf8' }).trim();
  if (name !== 'python3' || found === '') return found || undefined;
  return execFileSync(found, ['-c', 'import sys, os; print(os.path.realpath(sys.base_prefix + "/bin/python3"))'], {
    encoding: 'utf8',
  }).trim();
}

/** A folder with some programs alone. */
function binWith(names: readonly string[]): string {
  const bin = temporary('bin');
  for (const name of names) writeFileSync(join(bin, name), `#!/bin/sh\nexec ${pathOf(name)} "$@"\n`, { mode: 0o755 });
  return bin;
}

/** A server on loopback that treats each connection alike. */
async function serve(onConnection: (socket: Socket) => void): Promise<{ readonly port: string; readonly close: () => void }> {
  const server = createServer({ allowHalfOpen: true }, onConnection).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: String((server.address() as AddressInfo).port), close: () => server.close() };
}

const BYTES = Buffer.from(Array.from({ length: 1_000_000 }, (_, i) => (i * 7919) & 0xff));

/** Sends bytes, and the end of them where it is asked for. Returns the answer as soon as the other side ends it. */
async function converse(port: number, bytes: Buffer, ends: boolean): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket[ends ? 'end' : 'write'](bytes);
  let back = Buffer.alloc(0);
  for await (const piece of socket) back = Buffer.concat([back, piece as Buffer]);
  return back;
}

const CONNECTORS = [
  { name: 'busybox nc', program: 'busybox', passesOn: ['our end', 'the end of the port'] },
  { name: 'bash', program: 'bash', passesOn: ['the end of the port'] },
  { name: 'python3', program: 'python3', passesOn: ['our end', 'the end of the port'] },
  { name: 'perl', program: 'perl', passesOn: ['our end', 'the end of the port'] },
  { name: 'node', program: 'node', passesOn: ['our end', 'the end of the port'] },
  { name: 'socat', program: 'socat', passesOn: ['our end'] },
  { name: 'OpenBSD nc', program: 'nc', passesOn: ['our end'] },
] as const;

describe.each(CONNECTORS)('by $name', ({ name, program, passesOn }) => {
  const id = `tunnel-by-${program}`;
  beforeAll(async () => runTask(id, { driver: 'raw_exec', env: { PATH: binWith([...SHELL, program]) } }));

  test.each(passesOn)('bytes in both directions, and %s', async (end) => {
    const isOurs = end === 'our end';
    // It answers when the whole question is there, and then ends the connection.
    const echo = await serve((socket) => {
      let all = Buffer.alloc(0);
      socket.on('data', (piece: Buffer) => {
        all = Buffer.concat([all, piece]);
        if (!isOurs && all.length === BYTES.length) socket.end(all);
      });
      if (isOurs) socket.on('end', () => socket.end(all));
    });
    const tunnel = await open(id, echo.port);
    expect(tunnel.lines.join('\n')).toContain(`by ${name} to 127.0.0.1`);
    const back = await converse(tunnel.port, BYTES, isOurs);
    expect(back.equals(BYTES)).toBe(true);
    await tunnel.end();
    echo.close();
  });
});

test('of several tasks, one must be named', async () => {
  await runTask('tunnel-two', { driver: 'raw_exec', tasks: ['server', 'proxy'] });
  const { port, close } = await serve((socket) => socket.end('hello'));
  await expect(open('tunnel-two', port)).rejects.toThrow(
    'the group g of tunnel-two has several tasks. Name one with --task: proxy, server.',
  );
  const tunnel = await open('tunnel-two', port, ['--group', 'g', '--task', 'proxy']);
  expect(tunnel.lines.join('\n')).toContain('task proxy, by ');
  expect(String(await converse(tunnel.port, Buffer.alloc(0), false))).toBe('hello');
  await tunnel.end();
  close();
});

test('the end of a server in Docker reaches a program that waits for it', async () => {
  await runTask('tunnel-close', { driver: 'docker', ports: { http: 5000 }, shell: 'exec nc -ll -p 5000 -e echo -n hello' });
  const tunnel = await open('tunnel-close', 'http');
  const heard = async (): Promise<string> => String(await converse(tunnel.port, Buffer.alloc(0), false).catch(() => '')) || heard();
  // The server may be on its way.
  expect(await heard()).toBe('hello');
  await tunnel.end();
});

test('an image without a program gets a helper on its node, which is removed after Ctrl-C', async () => {
  const id = 'tunnel-helped';
  const shell = server('helped').replaceAll(/mkdir|head|python3/g, (name) => String(pathOf(name)));
  await runTask(id, { driver: 'raw_exec', env: { PATH: binWith(SHELL) }, ports: { http: 0 }, shell });
  const helpers = async (): Promise<string[]> => {
    const jobs = (await (await cluster.send('GET', '/v1/jobs?prefix=nomad-deploy-tunnel-')).json()) as JobStub[];
    return jobs.map(({ ID }) => ID);
  };
  const tunnel = await open(id, 'http');
  expect(await answer(tunnel.port)).toBe('helped\n');
  const [helper, ...others] = await helpers();
  expect(others).toEqual([]);
  const { stderr } = await tunnel.end();
  expect(stderr).toContain('has no program to connect by: a job on the node');
  expect(stderr).toContain(`The helper ${helper} is removed.`);
  expect(await helpers()).toEqual([]);
});

test('what cannot be opened is told', async () => {
  await runTask('tunnel-wrong', { driver: 'raw_exec', ports: { http: 0 } });
  const told = async (...words: readonly string[]) => runCli({ args: ['tunnel', '-j', 'tunnel-wrong', ...words], cwd });
  expect((await told('8080')).stderr).toContain('`forward`: "8080" is not LOCAL:PORT. Write the local port');
  expect((await told('8080:nope')).stderr).toContain('has no port "nope". Its ports are http.');
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  expect((await told(`${port}:http`)).stderr).toContain(`the local port ${port} cannot be opened, because another program listens there`);
  taken.close();
});

test('a port where nothing listens is told for each connection', async () => {
  const [allocation] = (await runTask('tunnel-silent', { driver: 'docker', ports: { http: 5000 } })) as [Allocation];
  const tunnel = await open('tunnel-silent', 'http');
  await expect(get(tunnel.port)).rejects.toThrow();
  const { stderr } = await tunnel.end();
  expect(stderr).toContain(
    `A connection failed: nothing answers at 127.0.0.1 port 5000 in tunnel-silent.g[0] (${allocation.ID.slice(0, 8)}`,
  );
});

test('a connection that nobody speaks on ends with its task, and says why', async () => {
  // The port is held by this test: the end of the task ends neither it nor, on some nodes, the program in the task.
  const quiet = createServer().listen(0, '127.0.0.1');
  await once(quiet, 'listening');
  const accepted = once(quiet, 'connection');
  await runTask('tunnel-ended', { driver: 'raw_exec' });
  const tunnel = await open('tunnel-ended', `${(quiet.address() as AddressInfo).port}`);
  const socket = connect(tunnel.port, '127.0.0.1').on('error', () => undefined);
  const closed = once(socket, 'close');
  const [other] = (await accepted) as [Socket];
  await cluster.send('DELETE', '/v1/job/tunnel-ended');
  await closed;
  other.destroy();
  quiet.close();
  const line = await tunnel.told('A connection failed');
  expect(line).toContain('A connection failed: the session has ended, because the task t has ended');
  await tunnel.end();
}, 60_000);
