// `tunnel` to tasks of both drivers.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { temporary } from '../../scripts/parts/action.ts';
import { freePort } from '../../scripts/parts/ports.ts';
import type { Allocation, JobStub } from '../../src/nomad/types.ts';
import { cluster } from '../helpers/deploying.ts';
import { runTask } from '../helpers/inside.ts';
import { type CliResult, checkout, runCli } from '../helpers/terminal.ts';

const cwd = checkout({});

/** A web server of Python that tells its version, and has a file of some megabytes. */
const server = (version: string, bind = '127.0.0.1'): string =>
  `mkdir w; cd w; echo ${version} > index.html; head -c 3000000 /dev/urandom > big; exec python3 -m http.server --bind ${bind} $NOMAD_PORT_http`;

interface Open {
  readonly port: number;
  /** Ends it as Ctrl-C does. */
  readonly end: () => Promise<CliResult>;
  readonly lines: readonly string[];
}

/** Opens a tunnel, and resolves when it takes connections. Rejects with its words when it ends before. */
async function open(id: string, port: string, more: readonly string[] = []): Promise<Open> {
  const local = await freePort();
  const lines: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let kill = (): void => undefined;
  const ended = runCli({
    args: ['tunnel', '-y', '-j', id, `${local}:${port}`, ...more],
    cwd,
    stdin: 'open',
    onLine: (line, child) => {
      lines.push(line);
      kill = () => void child.kill('SIGINT');
      if (line.includes(' leads to port ')) resolve();
    },
  });
  ended.then(({ stderr }) => reject(new Error(stderr)), reject);
  await promise;
  return {
    port: local,
    lines,
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

test.each(['socat', 'nc', 'bash', 'python3', 'perl', 'node'])(
  'by %s: bytes in both directions, and the end of each side',
  async (program) => {
    // A machine without the program does not try it.
    if (pathOf(program) === undefined) return;
    const bin = binWith([...SHELL, program]);
    const id = `tunnel-by-${program}`;
    await runTask(id, { driver: 'raw_exec', env: { PATH: bin } });
    const bytes = Buffer.from(Array.from({ length: 1_000_000 }, (_, i) => (i * 7919) & 0xff));
    // Bash cannot end one side of a connection, so that only the number of the bytes tells that the question is whole.
    const isBash = program === 'bash';
    const echo = createServer({ allowHalfOpen: true }, (socket) => {
      let all = Buffer.alloc(0);
      socket.on('data', (piece: Buffer) => {
        all = Buffer.concat([all, piece]);
        if (isBash && all.length === bytes.length) socket.end(all);
      });
      if (!isBash) socket.on('end', () => socket.end(all));
    }).listen(0, '127.0.0.1');
    await once(echo, 'listening');
    const tunnel = await open(id, String((echo.address() as { port: number }).port));
    expect(tunnel.lines.join('\n')).toContain(`by ${program} to 127.0.0.1`);
    const socket = connect({ port: tunnel.port, host: '127.0.0.1', allowHalfOpen: true });
    socket[isBash ? 'write' : 'end'](bytes);
    let back = Buffer.alloc(0);
    for await (const piece of socket) back = Buffer.concat([back, piece as Buffer]);
    expect(back.equals(bytes)).toBe(true);
    await tunnel.end();
    echo.close();
  },
);

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
