import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Ahead, lookAhead } from '../../../src/apps/jobs.ts';
import type { CommandOptions, Runtime } from '../../../src/runtime/runtime.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nomad-deploy-ahead-'));
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

interface World {
  readonly command?: string;
  readonly kind?: string;
  readonly terminal?: Runtime['terminal'];
  readonly exec?: (argv: readonly string[], signal: AbortSignal, onStart: (() => void) | undefined) => ReturnType<Runtime['exec']>;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly signal?: AbortSignal;
}

const said = (text: string, code = 0): Awaited<ReturnType<Runtime['exec']>> => ({ code, stdout: text, stderr: text, lines: [text] });

const never = async (): Promise<never> => new Promise(() => undefined);

function look({
  command = 'deploy',
  kind = 'build',
  terminal,
  exec,
  now = () => 0,
  sleep = never,
  signal = new AbortController().signal,
}: World): {
  readonly ahead: Ahead;
  readonly argvs: (readonly string[])[];
} {
  const inputs = {
    command,
    push: true,
    registry: 'r',
    registryAuth: [],
    buildSecrets: {},
    ssh: {},
    buildArgs: [],
    platforms: [],
    labels: [],
  };
  const plan = {
    kind,
    name: 'r/a',
    tags: ['r/a:main'],
    trust: 'trusted',
    commit: 'abc',
    contextFolder: folder,
    dockerfile: join(folder, 'Dockerfile'),
  };
  const argvs: (readonly string[])[] = [];
  const runtime = {
    signal,
    terminal,
    workspace: folder,
    clock: { now, sleep },
    log: { debug: () => undefined, info: () => undefined },
    exec: async (argv: readonly string[], options: CommandOptions) => {
      argvs.push(argv);
      if (options.signal === undefined) throw new Error('the program does not end with the look');
      return exec === undefined ? said('r/a:content-1: not found', 1) : exec(argv, options.signal, options.onStart);
    },
  };
  const works = [{ inputs, asked: [{ name: undefined, plan, inputs }] }] as unknown as Parameters<typeof lookAhead>[0];
  return { ahead: lookAhead(works, runtime as unknown as Runtime), argvs };
}

test('a deploy looks for its image before its job is checked', async () => {
  const { ahead, argvs } = look({});
  const looked = await ahead.looked();
  expect(looked?.found).toEqual([expect.objectContaining({ answered: true, tags: [expect.stringMatching(/^r\/a:content-/)] })]);
  expect(argvs.map((argv) => argv.join(' '))).toContainEqual(expect.stringContaining('imagetools inspect'));
});

test.each([{ command: 'plan' }, { command: 'render' }, { kind: 'existing' }, { terminal: {} as NonNullable<Runtime['terminal']> }])(
  'a run looks for nothing with %j',
  async (world) => {
    const { ahead, argvs } = look(world);
    expect(await ahead.looked()).toBeUndefined();
    await ahead[Symbol.asyncDispose]();
    expect(argvs).toEqual([]);
  },
);

test('a refused run ends the look, and goes on when its programs have ended', async () => {
  const started = Promise.withResolvers<void>();
  let ended = 0;
  const { ahead, argvs } = look({
    exec: async (_argv, signal) => {
      started.resolve();
      const aborted = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => setImmediate(() => aborted.reject(signal.reason as Error)));
      return aborted.promise.finally(() => (ended += 1));
    },
  });
  await started.promise;
  await ahead[Symbol.asyncDispose]();
  expect(ended).toBeGreaterThan(0);
  expect(ended).toBe(argvs.length);
});

test('a cancelled run ends the look', async () => {
  const cancelled = new AbortController();
  const { ahead } = look({
    signal: cancelled.signal,
    exec: async (_argv, signal) => {
      cancelled.abort(new Error('cancelled'));
      signal.throwIfAborted();
      return said('');
    },
  });
  await expect(ahead.looked()).rejects.toThrow('cancelled');
});

test('a run that has waited for another run looks again', async () => {
  let ms = 0;
  const { ahead } = look({ now: () => ms });
  ms = 10_000;
  expect(await ahead.looked()).toBeDefined();
  ms = 10_001;
  expect(await ahead.looked()).toBeUndefined();
});

test('the stage that needs the look tells its error', async () => {
  const { ahead } = look({ exec: async () => Promise.reject(new Error('docker cannot start')) });
  await new Promise((resolve) => setImmediate(resolve));
  await expect(ahead.looked()).rejects.toThrow('docker cannot start');
  await ahead[Symbol.asyncDispose]();
});

test('a run goes on as soon as a program of the look has started', async () => {
  const start = Promise.withResolvers<(() => void) | undefined>();
  const { ahead } = look({
    exec: async (_argv, _signal, onStart) => {
      start.resolve(onStart);
      return never();
    },
  });
  let goesOn = false;
  const asking = ahead.asking.then(() => (goesOn = true));
  const onStart = await start.promise;
  expect(goesOn).toBe(false);
  onStart?.();
  await asking;
});

test('a run waits for a look without a program, and for the hash of a large context a moment only', async () => {
  await look({}).ahead.asking;
  const waits: number[] = [];
  const { ahead } = look({ exec: never, sleep: async (ms) => void waits.push(ms) });
  await ahead.asking;
  expect(waits).toEqual([50]);
});
