// A file of a branch, a program or a Nomad that wants to keep a runner busy, or to fill its memory.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { makeWorkspace, runAction } from '../../scripts/parts/action.ts';
import { connect, type Nomad } from '../../src/nomad/connect.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { follow } from '../../src/watch/follow.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});
async function listen(listener: RequestListener): Promise<string> {
  const listening = createServer(listener);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

describe('a configuration file', () => {
  const run = async (config: string) =>
    runAction({
      workspace: makeWorkspace({ 'nomad-deploy.yml': config }),
      inputs: { 'nomad-addr': 'http://127.0.0.1:9', command: 'render' },
    });
  const level = (name: string, of: string): string => `${name}: &${name} [${Array.from({ length: 9 }, () => of).join(',')}]\n`;
  const BOMB = `${level('a', 'x')}${'bcdefghi'
    .split('')
    .map((name, i) => level(name, `*${'abcdefgh'.charAt(i)}`))
    .join('')}`;

  test.each([
    ['whose aliases multiply', BOMB, /^nomad-deploy\.yml:6:7: more than 100000 values$/],
    ['that goes deep', '['.repeat(50_000), /^nomad-deploy\.yml:1:\d+: more than 100 lists and maps within one another/],
    ['that names itself', 'vars: &a [*a]\n', /^nomad-deploy\.yml:1:11: `\*a` stands for nothing that was named before/],
    ['that is large', '# x\n'.repeat(262_000), /^nomad-deploy\.yml:1:1: more than 500000 words and marks of YAML$/],
    [
      'with thousands of apps',
      `apps:\n${Array.from({ length: 8_000 }, (_, i) => `  a${i}: { context: a }\n`).join('')}`,
      /^nomad-deploy\.yml:2:3: `apps` has more than 500 keys$/,
    ],
    ['of two documents', 'apps: {}\n---\npolicy: {}\n', /^nomad-deploy\.yml:2:1: a second document begins here, and a file has one$/],
  ])('%s is refused at once, by its place', async (_what, config, cause) => {
    const { code, outputs, annotations, peakMemoryMb } = await run(config);
    expect(code).toBe(1);
    expect(outputs['cause']).toMatch(cause);
    expect(annotations).toContainEqual(expect.objectContaining({ level: 'error', file: 'nomad-deploy.yml' }));
    expect(peakMemoryMb).toBeLessThan(600);
  });

  test('with aliases is read as before', async () => {
    const { outputs } = await run('vars: &v { A: "1" }\napps:\n  one: { vars: *v }\n');
    expect(outputs['cause']).not.toMatch(/nomad-deploy\.yml/);
  });
});

describe('a Nomad', () => {
  const quiet = { info: () => undefined, debug: () => undefined };
  const open = async (address: string, signal: AbortSignal): Promise<Nomad> =>
    connect({ address, token: undefined, region: undefined }, { log: quiet as never, clock: systemClock, signal });

  test('whose answer never ends is left', async () => {
    const address = await listen((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = (): void => void (response.destroyed || response.write(Buffer.alloc(1 << 20, ' '), () => setImmediate(more)));
      more();
    });
    const { code, outputs, peakMemoryMb } = await runAction({
      workspace: makeWorkspace({ 'web.nomad': 'job "x" {}\n' }),
      inputs: { 'nomad-addr': address, command: 'render', job: 'web.nomad' },
    });
    expect(code).toBe(1);
    expect(outputs['cause']).toMatch(/the answer to POST \/v1\/jobs\/parse has more than 32 MiB/);
    expect(peakMemoryMb).toBeLessThan(600);
  });

  test('whose refusal is a book is quoted in part', async () => {
    const address = await listen((_request, response) => {
      response.writeHead(500).end('no way '.repeat(1 << 20));
    });
    const { code, outputs, log } = await runAction({
      workspace: makeWorkspace({ 'web.nomad': 'job "x" {}\n' }),
      inputs: { 'nomad-addr': address, command: 'render', job: 'web.nomad' },
    });
    expect(code).toBe(1);
    expect(outputs['cause']).toMatch(/no way …$/);
    expect(log.length).toBeLessThan(1_000_000);
  });

  test.each([
    ['with the same index', () => 7],
    ['with a newer index each time', (count: number) => count],
    ['with an index that goes back', (count: number) => 1_000_000 - count],
    ['with an index that is none', () => 'NaN'],
    ['with an index below zero', (count: number) => -count],
    ['with an index beyond all numbers', () => '9'.repeat(400)],
  ])('that answers each blocking query at once, %s, does not keep the runner busy', async (_how, indexOf) => {
    let count = 0;
    const address = await listen((_request, response) => {
      response.writeHead(200, { 'x-nomad-index': String(indexOf(++count)) }).end('{"ID":"x"}');
    });
    const signal = AbortSignal.timeout(4_000);
    const nomad = await open(address, signal);
    try {
      const following = follow(
        async (index) => nomad.deployments.read('x', undefined, index, signal),
        () => undefined,
        { clock: systemClock, signal },
      );
      await expect(following).rejects.toMatchObject({ name: 'TimeoutError' });
    } finally {
      await nomad.close();
    }
    // A hundred at once, then five a second; without an index, one a second.
    expect(count).toBeGreaterThan(2);
    expect(count).toBeLessThan(150);
  });
});
