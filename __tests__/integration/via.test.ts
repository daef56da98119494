// A cluster that the runner does not reach itself: through a jump host by the real OpenSSH, and through a SOCKS proxy.
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ActionResult, makeWorkspace, runAction } from '../../scripts/parts/action.ts';
import { type Sshd, startSshd } from '../../scripts/parts/sshd.ts';
import { commandLines, sshKey } from '../helpers/buildkit.ts';
import { cluster, type Deploy, deploy, spec } from '../helpers/deploying.ts';
import { parts, partsRun } from '../helpers/parts.ts';

/** Proxies of the environment lead nowhere: a request that does not go by `nomad-via` fails. */
const NOWHERE = { HTTP_PROXY: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9' };
const batch = (job: string): Record<string, string> => ({ 'project.nomad': spec(job, { type: 'batch', command: 'true' }) });
const refused = (cause: unknown, reason = 'unreachable'): object => ({
  code: 1,
  outputs: { outcome: 'failed', 'failure-reason': reason, cause },
});

describe('a jump host', () => {
  let host: Sshd;
  beforeAll(async () => {
    host = await startSshd(partsRun());
  }, 120_000);
  afterAll(async () => host.stop());
  const by = (inputs: Readonly<Record<string, string>> = {}): Record<string, string> => ({
    'nomad-via': host.address,
    'nomad-via-key': host.key,
    'nomad-via-known-hosts': host.knownHost,
    ...inputs,
  });
  const clients = (): string[] =>
    commandLines()
      .split('\n')
      .filter((line) => line.startsWith('ssh -N ') && line.includes(host.address.split(':').at(-1) ?? '-'));
  const keyLines = (): string[] => host.key.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));

  test('is the way of all requests; its key is in no argument and no output, and nothing is left', async () => {
    let seen = '';
    const result = await deploy({
      files: batch('via-jump'),
      env: NOWHERE,
      inputs: by({ 'nomad-via-key': btoa(host.key) }),
      onLine: () => {
        seen += commandLines();
      },
    });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'nomad-addr': parts().nomad.address } });
    expect(seen).toContain('ssh -N -F none');
    expect(readFileSync(host.logFile, 'utf8')).toContain(`target 127.0.0.1 port ${new URL(parts().nomad.address).port}`);
    for (const line of keyLines()) for (const text of [seen, result.shown, result.summary]) expect(text).not.toContain(line);
    expect(result.masks.join('\n')).toContain(keyLines()[0]);
    expect(result.leftovers.filter((path) => path.includes('private'))).toEqual([]);
    expect(clients()).toEqual([]);
  });

  test('is the way of the checks of `doctor`, too', async () => {
    const inputs = by({ command: 'doctor', 'github-deployment': 'false', comment: 'false' });
    const result = await deploy({ files: batch('via-doctor'), env: NOWHERE, inputs });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'reported' } });
    expect(result.log).toMatch(/fine +proxy +the jump host \S+@127\.0\.0\.1$/m);
    expect(result.log).toMatch(/fine +connection +open$/m);
    expect(result.leftovers.filter((path) => path.includes('private'))).toEqual([]);
    expect(clients()).toEqual([]);
  });

  test('that refuses the key is told by `doctor` as broken, and Nomad as not checked', async () => {
    const inputs = by({ command: 'doctor', 'nomad-via-key': sshKey(), 'github-deployment': 'false', comment: 'false' });
    const result = await deploy({ files: batch('via-doctor'), env: NOWHERE, inputs });
    expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'not-ready' } });
    expect(result.log).toMatch(/broken +connection +.*cannot log in to the jump host/m);
    expect(clients()).toEqual([]);
  });

  test('whose connection breaks is connected to again, and the rollout is followed to its end', async () => {
    let isCut = false;
    const result = await deploy({
      files: { 'project.nomad': spec('via-cut', { type: 'batch', command: 'sleep 3' }) },
      env: NOWHERE,
      inputs: by(),
      onLine: (line) => {
        if (isCut || !line.includes('Started')) return;
        isCut = true;
        for (const id of childrenOf(host.pid)) process.kill(id, 'SIGKILL');
      },
    });
    expect(isCut).toBe(true);
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(result.log).toContain('The connection to the jump host is lost; opening it again');
  });

  test('stays until the locks of a cancelled run are released', async () => {
    const cancelled = new AbortController();
    const result = await deploy({
      files: { 'project.nomad': spec('via-cancelled', { command: 'exec sleep 1000' }) },
      env: NOWHERE,
      inputs: by({ lock: 'wait' }),
      signal: cancelled.signal,
      onLine: (line) => {
        if (line.includes('is placed on')) cancelled.abort();
      },
    });
    expect(result).toMatchObject({ code: 1, outputs: { outcome: 'cancelled' } });
    expect(result.log).not.toMatch(/lock.*(not|cannot) be? ?released/i);
    const again = await deploy({
      files: { 'project.nomad': spec('via-cancelled', { command: 'exec sleep 1001' }) },
      inputs: { lock: 'fail' },
    });
    expect(again).toMatchObject({ outputs: { outcome: 'successful' } });
    expect(clients()).toEqual([]);
  });

  test('is left by a killed run, too', async () => {
    const workspace = makeWorkspace({ 'project.nomad': spec('via-killed', { command: 'exec sleep 1000' }) });
    const { docker, nomad } = parts();
    const result = await runAction({
      workspace,
      env: { ...docker.env, ...NOWHERE, GITHUB_REPOSITORY: 'Acme/Shop', GITHUB_REF_NAME: 'main' },
      inputs: { 'nomad-addr': nomad.address, ...by() },
      onLine: (line) => {
        if (line.includes('is placed on')) killRunner(realpathSync(workspace));
      },
    });
    expect(result.code).toBe(137);
    expect(result.post?.code).toBe(0);
    expect(clients()).toEqual([]);
    expect(result.leftovers.filter((path) => path.includes('private'))).toEqual([]);
  });

  test.each<[string, () => Record<string, string>, RegExp]>([
    [
      'with another key than the pinned one',
      () => ({ 'nomad-via-known-hosts': `${host.knownHost.split(' ')[0]} ${strangersKey()}` }),
      /^`nomad-via`: cannot log in to the jump host \S+@127\.0\.0\.1:\d+: Host key verification failed\.$/,
    ],
    ['with a key that it does not know', () => ({ 'nomad-via-key': sshKey() }), /Permission denied \(publickey\)\.$/],
    [
      'that does not answer',
      () => ({
        'nomad-via': 'ssh://deploy@127.0.0.1:9',
        'nomad-via-known-hosts': `[127.0.0.1]:9 ${host.knownHost.split(' ').slice(1).join(' ')}`,
      }),
      /Connection refused$/,
    ],
  ])('%s ends the run before anything is asked', async (_what, more, cause) => {
    const result = await deploy({ files: batch('via-refused'), env: NOWHERE, inputs: by(more()) });
    expect(result).toMatchObject(refused(expect.stringMatching(cause)));
    expect(await cluster.job('via-refused')).toBeUndefined();
    expect(clients()).toEqual([]);
  });

  test('to a socket of this machine is refused', async () => {
    const result = await deploy({ files: batch('via-socket'), inputs: by({ 'nomad-addr': 'unix:///run/nomad.sock' }) });
    expect(result).toMatchObject(refused(expect.stringContaining('`nomad-via` leads to a host and a port'), 'input-invalid'));
  });

  const strangersKey = (): string => {
    const [first = '', second = ''] = host.knownHost.split(' ').slice(1);
    // Another key of the same form.
    return `${first} ${second.slice(0, -4)}${second.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;
  };
});

describe('a SOCKS proxy', () => {
  const servers: Server[] = [];
  afterAll(() => {
    for (const server of servers) server.close();
  });

  /** A proxy as of RFC 1928 and RFC 1929, and the hosts and ports that it was asked for. */
  const socks = async (credentials?: string): Promise<{ readonly port: number; readonly asked: readonly string[] }> => {
    const asked: string[] = [];
    const server = createServer((socket) => void speak(socket, credentials, asked).catch(() => socket.destroy())).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    const address = server.address();
    return { port: typeof address === 'object' && address !== null ? address.port : 0, asked };
  };
  const run = async (via: string, more: Partial<Deploy> = {}): Promise<ActionResult> =>
    deploy({ files: batch('via-socks'), env: NOWHERE, ...more, inputs: { 'nomad-via': via, ...more.inputs } });

  test('is the way of all requests, whatever NO_PROXY says', async () => {
    const { port, asked } = await socks();
    const result = await run(`socks5://127.0.0.1:${port}`, { env: { ...NOWHERE, NO_PROXY: '*' } });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(new Set(asked)).toEqual(new Set([new URL(parts().nomad.address).host]));
  });

  test('with a password gets it, and nobody else does', async () => {
    const { port } = await socks('team:hunter2/hunter2');
    const result = await run(`socks5://team:hunter2%2Fhunter2@127.0.0.1:${port}`, { files: batch('via-socks-auth') });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(result.masks).toEqual(expect.arrayContaining(['hunter2%2Fhunter2', 'hunter2/hunter2']));
    expect(result.shown).not.toContain('hunter2');
    const wrong = await run(`socks5://team:wrong-password@127.0.0.1:${port}`);
    expect(wrong).toMatchObject(refused(expect.stringContaining('Authentication failed')));
    expect(wrong.shown).not.toContain('wrong-password');
  });

  test('that is not there is named', async () => {
    const result = await run('socks5://127.0.0.1:9');
    expect(result).toMatchObject(refused(expect.stringContaining('connection refused')));
    expect(result.annotations[0]?.message).toContain('the proxy socks5://127.0.0.1:9 of `nomad-via`');
  });
});

async function speak(socket: Socket, credentials: string | undefined, asked: string[]): Promise<void> {
  socket.on('error', () => socket.destroy());
  const read = async (): Promise<Buffer> => ((await once(socket, 'data')) as [Buffer])[0];
  await read();
  socket.write(Buffer.from([5, credentials === undefined ? 0 : 2]));
  if (credentials !== undefined) {
    const given = await read();
    const user = given.subarray(2, 2 + (given[1] ?? 0)).toString();
    const password = given.subarray(3 + (given[1] ?? 0)).toString();
    const isRight = `${user}:${password}` === credentials;
    socket.write(Buffer.from([1, isRight ? 0 : 1]));
    if (!isRight) {
      socket.end();
      return;
    }
  }
  const wish = await read();
  const isName = wish[3] === 3;
  const length = isName ? (wish[4] ?? 0) : 4;
  const at = isName ? 5 : 4;
  const host = isName ? wish.subarray(at, at + length).toString() : [...wish.subarray(at, at + length)].join('.');
  const port = wish.readUInt16BE(at + length);
  asked.push(`${host}:${port}`);
  const upstream = connect(port, host, () => {
    socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
    upstream.pipe(socket).pipe(upstream);
  });
  for (const end of [upstream, socket]) end.on('error', () => [upstream, socket].map((each) => each.destroy()));
}

/** The children of a process: of sshd, one for each connection. */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      const [, own] = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${name}/status`, 'utf8')) ?? [];
      return Number(own) === parent ? [Number(name)] : [];
    } catch {
      return []; // ended meanwhile, or no process
    }
  });
}

/** Kills the action alone, as the runner does: its programs go on. */
function killRunner(workspace: string): void {
  for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const isOurs = readlinkSync(`/proc/${id}/cwd`) === workspace && readFileSync(`/proc/${id}/cmdline`, 'utf8').includes('dist/index.js');
      if (isOurs) process.kill(Number(id), 'SIGKILL');
    } catch {
      // ended meanwhile, or of another user
    }
  }
}
