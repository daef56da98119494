import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findProgram } from '../../../src/runtime/program.ts';

let home = '';
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'nomad-deploy-program-')).replaceAll('\\', '/');
  for (const file of ['a/git', 'b/git.exe', 'b/npm.cmd']) {
    mkdirSync(join(home, file, '..'), { recursive: true });
    writeFileSync(join(home, file), '');
    chmodSync(join(home, file), 0o755);
  }
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Looks in the folders of a PATH, as the platform joins them. */
const find = async (program: string, folders: readonly string[], platform: NodeJS.Platform): Promise<string | undefined> =>
  findProgram(program, home, folders.map((folder) => `${home}/${folder}`).join(platform === 'win32' ? ';' : ':'), platform);

describe('on Windows, a program is found', () => {
  test('by its name without the ending', async () => expect(await find('git', ['none', 'b'], 'win32')).toBe(`${home}/b/git.exe`));
  test('by its whole name', async () => expect(await find('git.exe', ['b'], 'win32')).toBe(`${home}/b/git.exe`));
  test('from the folder of the call, when its name has a slash', async () =>
    expect(await find('./b/git', [], 'win32')).toBe(`${home}/./b/git.exe`));
  test('but no script, which only a shell can start', async () => expect(await find('npm', ['b'], 'win32')).toBeUndefined());
});

test.each(['linux', 'darwin'] as const)('on %s, an ending is a part of the name', async (platform) => {
  expect(await find('git', ['b', 'a'], platform)).toBe(`${home}/a/git`);
  expect(await find('git', ['b'], platform)).toBeUndefined();
});
