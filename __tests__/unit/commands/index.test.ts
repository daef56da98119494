import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { COMMANDS, isOperation } from '../../../src/commands/index.ts';
import { commands } from '../../../src/inputs/commands.ts';

const ROOT = join(import.meta.dirname, '../../..');

describe('the table of the commands', () => {
  test('has a file for each, and no other file stands beside them', () => {
    const files = readdirSync(join(ROOT, 'src/commands')).map((file) => file.replace(/\.ts$/, ''));
    expect(files.filter((file) => file !== 'index').sort()).toEqual(Object.keys(COMMANDS).sort());
  });

  test('is what the words of the inputs say', () => expect(Object.keys(COMMANDS).sort()).toEqual([...commands].sort()));

  test.each(Object.entries(COMMANDS))('%s is loaded from its own file', async (name, { load }) => {
    expect(readFileSync(join(ROOT, 'src/commands', `${name}.ts`), 'utf8')).toContain(`export async function ${(await load()).name}(`);
  });

  test('builds or renders nothing for a command about registered jobs', () => {
    expect(commands.filter((command) => !isOperation(command))).toEqual([
      'init',
      'deploy',
      'plan',
      'render',
      'build',
      'doctor',
      'completion',
    ]);
  });
});
