import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { installed } from './docker.ts';
import { onPath, say } from './exec.ts';
import { freePort } from './ports.ts';
import { ready } from './ready.ts';
import type { Run } from './state.ts';

export interface Haproxy {
  /** `https://127.0.0.1:<port>`, with HTTP/2 and HTTP/1.1. */
  readonly address: string;
  /** A port that speaks HTTP/2 without TLS, for a TLS server in front that offers nothing else. */
  readonly clearHttp2Port: number;
  readonly logFile: string;
  readonly stop: () => Promise<void>;
}

/** Installs HAProxy from the machine's packages where it is not on PATH. */
export const haproxyInstalled = (): Promise<void> => installed({ haproxy: 'haproxy' });

/** Starts HAProxy before a backend (`127.0.0.1:<port>`), with a certificate: paths of PEM files. */
export async function startHaproxy(
  run: Run,
  { cert, key, backend }: { readonly cert: string; readonly key: string; readonly backend: string },
): Promise<Haproxy> {
  await haproxyInstalled();
  const program = (await onPath('haproxy')) ?? 'haproxy';
  const [port, clearHttp2Port] = [await freePort(), await freePort()];
  const name = `haproxy-${port}`;
  const folder = join(run.folder, name);
  mkdirSync(folder);
  const pair = join(folder, 'pair.pem');
  writeFileSync(pair, readFileSync(cert, 'utf8') + readFileSync(key, 'utf8'), { mode: 0o600 });
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(
    file,
    `global
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  timeout connect 5s
  timeout client 2m
  timeout server 2m
frontend in
  bind 127.0.0.1:${port} ssl crt ${pair} alpn h2,http/1.1
  bind 127.0.0.1:${clearHttp2Port} proto h2
  default_backend nomad
backend nomad
  server one ${backend}
`,
  );
  const service = run.service(name, program, ['-db', '-f', file], { graceSeconds: 1 });
  await ready(service, name, 10, async () => {
    const { promise, resolve, reject } = Promise.withResolvers<true>();
    const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', reject);
    return promise.finally(() => socket.destroy());
  });
  const address = `https://127.0.0.1:${port}`;
  say(`HAProxy at ${address}`);
  return { address, clearHttp2Port, logFile: service.logFile, stop: service.stop };
}
