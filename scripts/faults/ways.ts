// Ways of a run to the cluster that fail for a time: TLS, the name, the token, the clock of the run.
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { authority } from '../parts/certificates.ts';
import { installed } from '../parts/docker.ts';
import { output } from '../parts/exec.ts';
import type { Moment, Stage } from './stage.ts';

/** The address and the inputs that lead a run its way. */
export interface Way {
  readonly inputs: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  /** Fails from its moment on, until the other one. */
  readonly fail: () => void;
  readonly mend: () => void;
  readonly close: () => void;
}

const nothing = (): void => undefined;
/** The longest step of a clock, one way or the other. */
const STEP_S = 7_200;

/** Goes by TLS: for a time, the server has a certificate of another authority. */
async function byTls(folder: string, address: string): Promise<Way> {
  const [ours, other] = [await authority(folder), await authority(folder)];
  const pairOf = async (by: typeof ours) => {
    const { cert, key } = await by.sign('server', 'DNS:localhost,IP:127.0.0.1');
    return { cert: readFileSync(cert), key: readFileSync(key) };
  };
  const [good, bad] = [await pairOf(ours), await pairOf(other)];
  const sockets = new Set<Socket>();
  const { port } = new URL(address);
  const server = createServer(good, (socket) => {
    const upstream = connect(Number(port), '127.0.0.1');
    for (const end of [socket, upstream]) {
      sockets.add(end);
      end.on('error', () => undefined).on('close', () => [socket, upstream].map((each) => each.destroy()));
    }
    socket.pipe(upstream).pipe(socket);
  });
  server.on('tlsClientError', nothing);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const at = server.address() as { readonly port: number };
  return {
    inputs: { 'nomad-addr': `https://127.0.0.1:${at.port}`, 'nomad-cacert': readFileSync(ours.cert, 'utf8') },
    env: {},
    fail: () => {
      server.setSecureContext(bad);
      cut();
    },
    mend: () => {
      server.setSecureContext(good);
      cut();
    },
    close: () => {
      cut();
      server.close();
    },
  };
}

/** Goes by a name that does not resolve for a time: the process of the run gets another `lookup`. */
function byName(folder: string, address: string): Way {
  const [flag, hook] = [join(folder, 'resolves'), join(folder, 'lookup.mjs')];
  writeFileSync(flag, 'yes');
  writeFileSync(
    hook,
    `import dns from 'node:dns';
import { readFileSync } from 'node:fs';
dns.lookup = (host, options, done) => {
  const all = options?.all === true;
  if (readFileSync(${JSON.stringify(flag)}, 'utf8') === 'yes') {
    process.nextTick(() => (all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)));
    return;
  }
  const error = Object.assign(new Error('getaddrinfo EAI_AGAIN ' + host), { code: 'EAI_AGAIN', errno: -3001, syscall: 'getaddrinfo', hostname: host });
  process.nextTick(() => done(error));
};
`,
  );
  const { port } = new URL(address);
  return {
    inputs: { 'nomad-addr': `http://nomad.test:${port}` },
    env: { NODE_OPTIONS: `--import ${hook}` },
    fail: () => writeFileSync(flag, 'no'),
    mend: () => writeFileSync(flag, 'yes'),
    close: nothing,
  };
}

/** Has a token that expires at the moment of the fault. */
async function byToken({ cluster }: Stage, { fromMs }: Moment): Promise<Way> {
  const ttlS = Math.max(1, Math.round(fromMs / 1_000));
  const wish = { Name: 'short', Type: 'management', ExpirationTTL: ttlS * 1_000_000_000 };
  const { SecretID } = (await cluster.send('POST', '/v1/acl/token', wish)) as { readonly SecretID: string };
  return { inputs: { 'nomad-token': SecretID }, env: {}, fail: nothing, mend: nothing, close: nothing };
}

/** Has a clock that steps, by libfaketime; timers run on. */
async function byClock(folder: string, random: () => number): Promise<Way> {
  await installed({ faketime: 'faketime' });
  const library = (await output('dpkg', ['-L', 'libfaketime'])).split('\n').find((path) => path.endsWith('/libfaketime.so.1')) ?? '';
  const file = join(folder, 'clock');
  const step = Math.round((2 * random() - 1) * STEP_S);
  writeFileSync(file, '+0\n');
  return {
    inputs: {},
    env: { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' },
    fail: () => writeFileSync(file, `${step >= 0 ? '+' : ''}${step}\n`),
    mend: nothing,
    close: nothing,
  };
}

/** Opens the way of a run; `address` is that of the proxy, or of the server. */
export async function openWay(kind: string | undefined, folder: string, address: string, stage: Stage, moment: Moment): Promise<Way> {
  if (kind === 'tls') return byTls(folder, address);
  if (kind === 'name') return byName(folder, address);
  if (kind === 'token') return byToken(stage, moment);
  if (kind === 'clock') return byClock(folder, stage.random);
  return { inputs: {}, env: {}, fail: nothing, mend: nothing, close: nothing };
}
