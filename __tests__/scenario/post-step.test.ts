// The post step of a killed one, as a process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const POST = join(import.meta.dirname, '../../dist/post.js');
const MARK = '01234567-89ab-cdef-0123-456789abcdef';
let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'nomad-deploy-post-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

test('goes on when the workflow is cancelled for the second time: it ends the program that was left, and then removes its folder', async () => {
  const folder = join(home, 'nomad-deploy-private-0123456789ab');
  mkdirSync(folder);
  const asked = join(home, 'asked');
  // It cleans up for longer than the post step waits.
  const stay = `trap 'echo asked > "$0"' TERM; echo ready; while :; do sleep 0.05; done`;
  const left = spawn('sh', ['-c', stay, asked], {
    env: { ...process.env, NOMAD_DEPLOY_PROGRAM_OF: MARK },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(left.stdout, 'data');
  const env = {
    PATH: process.env['PATH'],
    RUNNER_TEMP: home,
    STATE_programs: `["${MARK}"]`,
    'STATE_private-folders': JSON.stringify([folder]),
  };
  const post = spawn(process.execPath, [POST], { env, stdio: 'ignore' });
  const ended = Promise.all([once(post, 'close'), once(left, 'close')]);
  // The program was asked to end, so the post step is at work.
  while (!existsSync(asked) || readFileSync(asked, 'utf8') === '') await new Promise(setImmediate);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) post.kill(signal);
  expect(await ended).toEqual([
    [0, null],
    [null, 'SIGKILL'],
  ]);
  expect(existsSync(folder)).toBe(false);
});
