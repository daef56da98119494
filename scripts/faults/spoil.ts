// Ways to spoil the requests of a run, by a proxy in front of a server that is well.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../parts/observing.ts';

/** Spoils one request. `real` sends it on to the server and returns its answer. */
export type Spoiler = (answer: ServerResponse, real: () => Promise<Real>) => void | Promise<void>;

interface Real {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

const reset = (answer: ServerResponse): void => void answer.socket?.resetAndDestroy();
const respond =
  (status: number, text: string, headers: Record<string, string> = {}): Spoiler =>
  (answer) =>
    void answer.writeHead(status, headers).end(text);
const PAGE = '<!DOCTYPE html><html><body>Back soon</body></html>';
const PARTS = 12;
const DRIP_MS = 250;

/** Of each kind, whether the request reaches the server, which makes a write take effect. */
export const SPOILERS = {
  'reset-connect': reset,
  'reset-headers': async (answer, real) => {
    await real();
    answer.socket?.write('HTTP/1.1 200 OK\r\nX-Nomad-Ind', () => reset(answer));
  },
  'reset-body': async (answer, real) => {
    const { status, text } = await real();
    answer.writeHead(status, { 'content-length': text.length + 1 });
    answer.write(text.slice(0, text.length / 2), () => reset(answer));
  },
  'lost-answer': async (answer, real) => {
    await real();
    reset(answer);
  },
  'answer-429': respond(429, 'Your IP is issuing too many concurrent connections, please rate limit your calls'),
  'answer-500': respond(500, 'rpc error: EOF'),
  'answer-502': respond(502, `<html>${PAGE}</html>`),
  'answer-503': respond(503, 'no server is available to handle this request'),
  'answer-504': async (answer, real) => {
    await real();
    answer.writeHead(504).end('the server did not respond in time');
  },
  page: respond(200, PAGE),
  'cut-json': async (answer, real) => {
    const { status, headers, text } = await real();
    answer.writeHead(status, { 'x-nomad-index': headers['x-nomad-index'] ?? '0' }).end(text.slice(0, text.length / 2));
  },
  drip: async (answer, real) => {
    const { status, headers, text } = await real();
    answer.writeHead(status, { 'x-nomad-index': headers['x-nomad-index'] ?? '0' });
    const size = Math.max(1, Math.ceil(text.length / PARTS));
    for (let at = 0; at < text.length; at += size) {
      answer.write(text.slice(at, at + size));
      await sleep(DRIP_MS);
    }
    answer.end();
  },
} satisfies Record<string, Spoiler>;

/** Spoils the requests that `hits` chooses; the others reach `upstream`. */
export function spoiling(upstream: string, spoiler: Spoiler, hits: (asked: IncomingMessage) => boolean): Fault {
  return (asked, answer) => {
    if (!hits(asked)) return undefined;
    const real = async (): Promise<Real> => {
      const body = Buffer.concat((await Array.fromAsync(asked)) as Buffer[]);
      const gone = new AbortController();
      answer.on('close', () => gone.abort());
      const response = await fetch(`${upstream}${asked.url}`, {
        ...{
          method: asked.method ?? 'GET',
          headers: { 'x-nomad-token': String(asked.headers['x-nomad-token'] ?? '') },
          signal: gone.signal,
        },
        ...(body.length === 0 ? {} : { body }),
      });
      return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() };
    };
    Promise.resolve(spoiler(answer, real)).catch(() => answer.destroy());
    return 'dealt-with';
  };
}
