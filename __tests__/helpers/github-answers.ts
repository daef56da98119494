// GitHub's client over answers of the test's: no server, so that each can be one that GitHub never gives.

import type { ActionError } from '../../src/errors.ts';
import { connectGitHub, type GitHub } from '../../src/github/connect.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import type { HttpAnswer, HttpRequest, Runtime } from '../../src/runtime/runtime.ts';
import { secret } from '../../src/runtime/secret.ts';

export const TOKEN = 'ghs_TokenThatStaysInItsHeader000000000000';
export const API = 'https://api.github.com';

/** An answer of GitHub's, by default an empty list; a body that is no text becomes JSON. */
export type Given = Partial<Omit<HttpAnswer, 'body'>> & { readonly body?: unknown };
export type Asked = HttpRequest & { readonly url: string };

export interface Connected {
  readonly github: GitHub;
  readonly asked: readonly Asked[];
  /** In milliseconds, of a clock that does not wait. */
  readonly waits: readonly number[];
  readonly debug: readonly string[];
}

/** Connects to a GitHub that gives these answers. */
export function connected(
  answer: (asked: Asked, number: number) => Given | Promise<Given>,
  apiUrl = API,
  signal = new AbortController().signal,
): Connected {
  const asked: Asked[] = [];
  const waits: number[] = [];
  const debug: string[] = [];
  let nowMs = 0;
  const request: Runtime['request'] = async (url, what) => {
    what.signal.throwIfAborted();
    asked.push({ ...what, url });
    const { body = [], ...given } = await answer({ ...what, url }, asked.length);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return { status: 200, headers: {}, complete: true, elapsedMs: 1, ...given, body: text };
  };
  const clock: Runtime['clock'] = {
    ...systemClock,
    now: () => nowMs,
    sleep: async (ms) => {
      waits.push(ms);
      nowMs += ms;
    },
  };
  const log = { debug: (line: string) => debug.push(line) } as unknown as Runtime['log'];
  const github = connectGitHub({ apiUrl, token: secret(TOKEN), repository: 'Acme/Shop' }, { log, clock, signal, request });
  return { github, asked, waits, debug };
}

/** Returns what a call threw. */
export const failure = async (work: Promise<unknown>): Promise<ActionError> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  ) as never;
