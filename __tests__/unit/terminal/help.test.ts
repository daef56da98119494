import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@jest/globals';
import { commands } from '../../../src/inputs/commands.ts';
import type { InputName } from '../../../src/inputs/index.ts';
import { isUsageError, parseArguments, takes } from '../../../src/terminal/arguments.ts';
import { askedHelp, helpText } from '../../../src/terminal/help.ts';

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of the order are inputs
const inputNames = (given: object): InputName[] => Object.keys(given) as InputName[];

test.each([undefined, ...commands])('the help of %s is as wide as the terminal at most, and its examples can be parsed', (command) => {
  for (const width of [50, 80, 200]) {
    const lines = stripVTControlCharacters(helpText(command, width)).split('\n');
    const examples = lines.filter((line) => line.startsWith('  nomad-deploy '));
    expect(lines.filter((line) => line.includes(' ') && line.length > Math.min(width, 100) + 30 && !examples.includes(line))).toEqual([]);
    const wrong = examples.filter((line) => {
      const words = line
        .replaceAll(/"[^"]*"/g, 'x')
        .replace(/ >>? .*$/, '')
        .trim()
        .split(' ')
        .slice(1);
      const order = parseArguments(words);
      return isUsageError(order) || !inputNames(order.given).every((name) => order.command !== undefined && takes(order.command, name));
    });
    expect(wrong).toEqual([]);
    expect(examples.length > 0).toBe(command !== undefined);
  }
});

test('is asked for alone, or of one command', () => {
  expect(askedHelp(['--help'])).toBe('general');
  expect(askedHelp(['-h'])).toBe('general');
  expect(askedHelp(['deploy', '--help'])).toBe('deploy');
  expect(askedHelp(['deplyo', '--help'])).toBeUndefined();
  expect(askedHelp(['deploy', '-e', '-h'])).toBeUndefined();
  expect(askedHelp([])).toBeUndefined();
});

test('a command into a task takes the options that name the task', () => {
  for (const command of ['ssh', 'cp', 'tunnel'] as const) {
    expect(['alloc', 'group', 'task'].filter((name) => !takes(command, name as InputName))).toEqual([]);
  }
});

test.each([
  [['scale'], 'count'],
  [['cp', 'app.conf'], 'destination'],
  [['tunnel'], 'forward'],
])('%j is refused before the cluster is asked', (words, missing) => {
  expect(parseArguments(words)).toMatchObject({ usage: `the ${missing} of ${words[0]} is missing` });
  expect(isUsageError(parseArguments([...words, '--help']))).toBe(false);
});
