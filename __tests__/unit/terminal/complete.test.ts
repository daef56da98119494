import { describe, expect, test } from '@jest/globals';
import { answerLines, candidates, readLine } from '../../../src/terminal/complete.ts';

const asking = async (): Promise<never> => Promise.reject(new Error('nothing is to be asked'));
const words = async (...line: readonly string[]): Promise<string[]> => (await candidates(readLine(line), asking)).map(({ value }) => value);

describe('the words at the cursor', () => {
  test('commands', async () => {
    expect(await words('st')).toEqual(['stop', 'status']);
    expect(await words('')).toContain('deploy');
    expect(await words('-e', 'production', 'sta')).toEqual(['status']);
  });

  test('options of the command, and no secrets', async () => {
    expect(await words('logs', '--foll')).toEqual(['--follow']);
    expect(await words('deploy', '--foll')).toEqual([]);
    expect(await words('deploy', '--nomad-to')).toEqual([]);
    expect(await words('deploy', '-e')).toEqual(['-e']);
  });

  test('values of a choice, with a blank or an equals sign before them', async () => {
    expect(await words('completion', '')).toEqual(['bash', 'zsh', 'fish']);
    expect(await words('deploy', '--promote', '')).toEqual(await words('deploy', '--promote='));
    expect(await words('deploy', '--promote=m')).toEqual(['manual']);
    expect(await words('stop', '--purge=')).toEqual(['true', 'false']);
  });

  test('nothing behind all places of a command', async () => {
    expect(await words('status', '')).toEqual([]);
    expect(answerLines(readLine(['status', '']), [])).toEqual([':4']);
  });

  test('files for options of files, and behind --', () => {
    expect(answerLines(readLine(['deploy', '--config', '']), [])).toEqual([':0']);
    expect(answerLines(readLine(['ssh', '--', 'l']), [])).toEqual([':0']);
  });

  test('options before the cursor are those of the asked job', () => {
    expect(readLine(['logs', '-e', 'production', '--job-name=shop', '--wait', '--task', ''])).toEqual({
      command: 'logs',
      place: { of: 'values', name: 'task' },
      typed: '',
      given: { environment: 'production', 'job-name': 'shop', wait: 'true' },
    });
    expect(readLine(['revert', '']).place).toEqual({ of: 'values', name: 'to' });
  });
});
