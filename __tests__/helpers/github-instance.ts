// The GitHub of a workflow that act runs: act takes an instance by its host, speaks TLS to it, and lets no workflow set GITHUB_API_URL.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { temporary } from '../../scripts/parts/action.ts';
import { authority } from '../../scripts/parts/certificates.ts';
import { type GitHubServer, startGitHub } from './github.ts';

export interface GitHubInstance {
  readonly github: GitHubServer;
  /** `127.0.0.1:41234`. */
  readonly host: string;
  /** Path of the certificate to trust. */
  readonly ca: string;
  /** Ends it; rejects when a request was not as GitHub describes its API. */
  readonly stop: () => Promise<void>;
}

/** The path below which an instance has its API. */
const API = '/api/v3';

export async function startInstance(): Promise<GitHubInstance> {
  const github = await startGitHub();
  const ca = await authority(temporary('github'));
  const { cert, key } = await ca.sign('github', 'IP:127.0.0.1');
  const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (asked, answer) => {
    const path = asked.url?.startsWith(API) === true ? asked.url.slice(API.length) : '/no-api';
    const { host: _host, ...headers } = asked.headers;
    const passed = request(`${github.url}${path}`, { method: asked.method ?? 'GET', headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    passed.once('error', () => answer.destroy());
    asked.pipe(passed);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    github,
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: ca.cert,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await github.stop();
    },
  };
}
