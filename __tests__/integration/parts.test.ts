import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';
import { startDocker } from '../../scripts/parts/docker.ts';
import { cleanUpCrashedRuns, startOf, startRun } from '../../scripts/parts/state.ts';
import { parts } from '../helpers/parts.ts';

const SCRIPTS = join(import.meta.dirname, '../../scripts/parts');

/** Starts a registry from a process of its own, which prints the run's folder and the registry's address and then waits. */
async function registryOfAnotherProcess(): Promise<{ owner: ReturnType<typeof spawn>; folder: string; address: string }> {
  const script = `
    const { startRun } = await import('${SCRIPTS}/state.ts');
    const { startRegistry } = await import('${SCRIPTS}/registry.ts');
    const run = await startRun();
    const { address } = await startRegistry(run);
    console.log(JSON.stringify({ folder: run.folder, address }));
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string];
  return { owner, ...(JSON.parse(line) as { folder: string; address: string }) };
}

const answers = (address: string): Promise<boolean> =>
  fetch(`http://${address}/v2/`).then(
    () => true,
    () => false,
  );

test.each(['SIGINT', 'SIGTERM'] as const)('%s stops what a process started', async (signal) => {
  const { owner, folder, address } = await registryOfAnotherProcess();
  owner.kill(signal);
  const [code] = (await once(owner, 'exit')) as [number];
  expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
  expect([existsSync(folder), await answers(address)]).toEqual([false, false]);
});

test('SIGINT in the middle of a stop waits for its end', async () => {
  const script = `
    const { startRun } = await import('${SCRIPTS}/state.ts');
    const run = await startRun();
    const stubborn = ['-c', 'trap "" TERM; echo ready; while :; do sleep 1; done'];
    const { pid, logFile } = run.service('stubborn', '/bin/sh', stubborn, { graceSeconds: 2 });
    const { readFileSync } = await import('node:fs');
    while (!readFileSync(logFile, 'utf8').includes('ready')) await new Promise(setImmediate);
    const stopped = run.stop();
    console.log(JSON.stringify({ folder: run.folder, pid }));
    process.kill(process.pid, 'SIGINT');
    await stopped;`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string];
  const { folder, pid } = JSON.parse(line) as { folder: string; pid: number };
  const [code] = (await once(owner, 'exit')) as [number];
  expect({ code, folder: existsSync(folder), process: startOf(pid) }).toEqual({ code: 130, folder: false, process: undefined });
});

test('the next start cleans up after a process that was killed', async () => {
  const { owner, folder, address } = await registryOfAnotherProcess();
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  expect(await answers(address)).toBe(true);
  expect(await cleanUpCrashedRuns()).toContain(folder);
  expect([existsSync(folder), await answers(address)]).toEqual([false, false]);
});

test('a process that has the id of one of ours by now is left alone', async () => {
  const stranger = spawn('sleep', ['60']);
  const pid = stranger.pid ?? 0;
  const crashed = join(dirname(dirname(parts().nomad.logFile)), `${pid}-1-1`);
  mkdirSync(crashed);
  appendFileSync(join(crashed, 'records.jsonl'), `${JSON.stringify({ mark: 'none/', pid, start: '1', graceSeconds: 0 })}\n`);
  expect(await cleanUpCrashedRuns()).toContain(crashed);
  expect(startOf(pid)).toBeDefined();
  stranger.kill();
});

test('an engine that was there before is used, and outlives us', async () => {
  const before = process.env['DOCKER_HOST'];
  process.env['DOCKER_HOST'] = parts().docker.host;
  const run = await startRun();
  try {
    expect(await startDocker(run)).toMatchObject({ own: false, host: parts().docker.host });
  } finally {
    await run.stop();
    if (before === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = before;
  }
  expect(startOf(parts().nomad.pid)).toBeDefined();
});
