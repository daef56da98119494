// The world of a fuzzed run: a folder, a stand-in for Nomad on loopback, and one for GitHub. Both count what would change something. Time passes by sleeps and requests.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { ActionError } from '../../src/errors.ts';
import { run } from '../../src/run.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { machine, openMasking } from '../../src/runtime/machine.ts';
import type { Clock, Env, Runtime } from '../../src/runtime/runtime.ts';
import type { Reply } from './mutations.ts';

/** A request of the run. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

export interface FuzzedRun {
  readonly env: Readonly<Record<string, string>>;
  readonly event: unknown;
  readonly files: Readonly<Record<string, string>>;
  /** Answers of Nomad and GitHub; the count is that of the requests so far. */
  readonly nomad: (asked: Asked, count: number) => Reply;
  readonly gitHub: (asked: Asked, count: number) => Reply;
}

export interface RunEnd {
  readonly outputs: ReadonlyMap<string, string>;
  readonly errors: readonly string[];
  /** The requests that would change something. */
  readonly writes: readonly string[];
  readonly requests: number;
  /** The text of an exception that left the run, or of one that nobody awaited. */
  readonly thrown: string | undefined;
  /** The stack of an unexpected error, from the debug log. */
  readonly stack: string;
}

/** A run that takes longer hangs. */
const LIMIT_MS = 20_000;
/** Each request moves the clock by as much, so that a loop of requests comes to its time limit. */
const REQUEST_MS = 2_000;
const MAX_REQUESTS = 3_000;

/** The requests to Nomad that change nothing although they are no GET. */
const READS = /^\/v1\/(jobs\/parse|validate\/job|job\/[^/]+\/plan|acl\/login|search)/;

function fastClock(): { readonly clock: Clock; readonly pass: (ms: number) => void } {
  let skewMs = 0;
  const now = (): number => Date.now() + skewMs;
  const limits = new Map<AbortController, number>();
  const pass = (ms: number): void => {
    skewMs += Math.max(0, Math.min(ms, 3_600_000));
    for (const [limit, atMs] of limits) {
      if (atMs > now()) continue;
      limits.delete(limit);
      limit.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    }
  };
  const sleep: Clock['sleep'] = async (ms, signal) => {
    signal.throwIfAborted();
    pass(ms);
    await setImmediate();
    signal.throwIfAborted();
  };
  const timeout: Clock['timeout'] = (ms) => {
    const limit = new AbortController();
    limits.set(limit, now() + ms);
    return AbortSignal.any([limit.signal, systemClock.timeout(ms)]);
  };
  return { clock: { ...systemClock, now, sleep, timeout }, pass };
}

/** Opens the stand-in for Nomad. The answers are those of the run that is under way. */
async function openStandIn(
  answer: (asked: Asked) => Reply & { readonly index: number },
): Promise<{ readonly address: string; readonly close: () => void }> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const reply = answer({ method: request.method ?? '', path: request.url ?? '', body });
      response
        .writeHead(reply.status, { 'content-type': 'application/json', 'x-nomad-index': String(reply.index) })
        .end(reply.status === 204 ? '' : reply.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { address: `http://127.0.0.1:${port}`, close };
}

function folderOf(files: FuzzedRun['files']): string {
  const folder = mkdtempSync(join(tmpdir(), 'nomad-deploy-fuzz-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** Runs the action on made input, in this process. */
export async function runFuzzed({ env, event, files, nomad, gitHub }: FuzzedRun): Promise<RunEnd> {
  const workspace = folderOf(files);
  const temp = mkdtempSync(join(tmpdir(), 'nomad-deploy-fuzz-'));
  const { clock, pass } = fastClock();
  const cancelled = new AbortController();
  const [writes, errors, outputs]: [string[], string[], Map<string, string>] = [[], [], new Map()];
  let [requests, stack, thrown]: [number, string, string | undefined] = [0, '', undefined];
  const count = ({ method, path }: Asked, reads: boolean): void => {
    requests += 1;
    pass(REQUEST_MS);
    if (method !== 'GET' && method !== 'HEAD' && !reads) writes.push(`${method} ${path}`);
    if (requests > MAX_REQUESTS) cancelled.abort(new Error('too many requests'));
  };
  const standIn = await openStandIn((asked) => {
    count(asked, READS.test(asked.path));
    return { ...nomad(asked, requests), index: 10 + requests };
  });
  const note = (): void => undefined;
  const log: Runtime['log'] = {
    ...{ info: note, notice: note, warning: note },
    debug: (line) => {
      if (/^\s+at /m.test(line)) stack = line;
    },
    error: (text, title) => void errors.push(`${title}: ${text}`),
    group: async (_title, work) => work(),
  };
  const masking = openMasking(note);
  const own: Env = { RUNNER_TEMP: temp, ...env, ...(env['INPUT_NOMAD-ADDR'] === 'standin' ? { 'INPUT_NOMAD-ADDR': standIn.address } : {}) };
  const { shared } = machine({ env: own, signal: cancelled.signal, log, workspace, masking, save: note });
  const runtime: Runtime = {
    ...shared,
    clock,
    exec: async () => ({ code: 127, notStarted: true, stdout: '', stderr: '', lines: [] }),
    nomadCli: async () => Promise.reject(new Error('no program here')),
    nomadAgent: async () => Promise.reject(new ActionError('unreachable', 'there is no agent')),
    request: async (url, { method, body = '' }) => {
      const asked = { method, path: url.replace(/^https?:\/\/[^/]*/, ''), body };
      // The web hook is told of a refused run, too.
      const isReport = url === own['INPUT_WEBHOOK-URL']?.trim();
      count(asked, isReport || (method === 'POST' && url.endsWith('/graphql') && !body.includes('mutation')));
      const { status, body: text } = gitHub(asked, requests);
      return { status, headers: { 'content-type': 'application/json' }, body: text, complete: true, elapsedMs: 1 };
    },
    leaveWord: note,
    setOutput: (name, value) => void outputs.set(name, value),
    writeSummary: async () => undefined,
  };
  const unhandled = (reason: unknown): void => {
    thrown ??= `nobody awaited: ${textOf(reason)}`;
  };
  process.on('unhandledRejection', unhandled);
  const limit = setTimeout(() => {
    thrown = 'the run hangs';
    cancelled.abort(new Error('the run hangs'));
  }, LIMIT_MS);
  try {
    await run(own, event, runtime);
  } catch (error) {
    thrown ??= textOf(error);
  } finally {
    clearTimeout(limit);
    standIn.close();
    await setImmediate();
    process.off('unhandledRejection', unhandled);
    rmSync(workspace, { recursive: true, force: true });
    rmSync(temp, { recursive: true, force: true });
  }
  return { outputs, errors, writes, requests, thrown, stack };
}

const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
