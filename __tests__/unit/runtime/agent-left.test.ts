// The removal of throw-away agents that a killed run left. Docker is not needed: its containers are tested with the real one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { AGENT_MARK, AGENT_NAME, makeFolder, nameAgent, removeAbandoned, removeAgent } from '../../../src/runtime/agent-left.ts';

let temp = '';
beforeEach(() => {
  temp = mkdtempSync(join(tmpdir(), 'nomad-deploy-left-'));
});
afterEach(() => rmSync(temp, { recursive: true, force: true }));

/** Without docker and sudo. */
const ENV = { PATH: '/nonexistent' };

/** Starts a program that has the mark of an agent, and ignores SIGTERM. */
async function program(name: string) {
  const started = spawn('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.05; done'], {
    env: { ...process.env, [AGENT_MARK]: name },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(started.stdout, 'data');
  return started;
}

/** The name of an agent whose run has ended: a process that began at another time has the number of this one. */
const orphaned = (name: string): string => name.replace(/-([0-9a-z]+)-([0-9a-f]{6})$/, '-1-$2');

test('a name tells the process, and has the form that is removed', async () => {
  const [one, two] = [await nameAgent(), await nameAgent()];
  expect(one).toMatch(AGENT_NAME);
  expect(one.split('-')[4]).toBe(process.pid.toString(36));
  expect(one).not.toBe(two);
});

test('an agent is removed with its processes and its folder', async () => {
  const name = await nameAgent();
  const folder = await makeFolder(name, temp);
  writeFileSync(join(folder, 'x'), '');
  const left = await program(name);
  const ended = once(left, 'close');
  expect(await removeAgent(name, temp, ENV)).toBeUndefined();
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(existsSync(folder)).toBe(false);
});

test('the next run removes the agent of a run that was killed, and leaves that of one that goes on', async () => {
  const alive = await nameAgent();
  const dead = orphaned(await nameAgent());
  const foreign = dead.replace(/^(nomad-deploy-agent-)[0-9a-z]+/, '$1zz');
  for (const name of [alive, dead, foreign, 'nomad-deploy-agent-other']) mkdirSync(join(temp, name));
  const [running, left] = [await program(alive), await program(dead)];
  const ended = once(left, 'close');
  try {
    // Other tests of this machine may have left some.
    const removed = await removeAbandoned(temp, ENV);
    expect(removed).toContain(dead);
    expect(removed).not.toContain(alive);
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(running.exitCode ?? running.signalCode).toBeNull();
    expect([alive, dead, foreign, 'nomad-deploy-agent-other'].map((name) => existsSync(join(temp, name)))).toEqual([
      true,
      false,
      true,
      true,
    ]);
  } finally {
    running.kill('SIGKILL');
  }
});

test.each(['../x', 'nomad-deploy-agent-', 'nomad-deploy-agent-a-b-c-123456/../../x', '/etc'])(
  'a name of another form, %j, removes nothing',
  async (name) => {
    const folder = join(temp, 'x');
    mkdirSync(folder);
    expect(await removeAgent(name, temp, ENV)).toBeUndefined();
    expect(existsSync(folder)).toBe(true);
  },
);

test('a folder of a long path is one of the system, because sockets have short paths', async () => {
  const name = await nameAgent();
  const long = join(temp, 'x'.repeat(60));
  mkdirSync(long);
  const folder = await makeFolder(name, long);
  expect(folder).toBe(join(tmpdir(), name));
  expect(await removeAgent(name, long, ENV)).toBeUndefined();
  expect(existsSync(folder)).toBe(false);
});
