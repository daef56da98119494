import { describe, expect, test } from '@jest/globals';
import { hooksOf, readHook } from '../../../src/inputs/hooks.ts';

const read = async (text: string | undefined): Promise<{ readonly hook: unknown; readonly problems: readonly string[] }> => {
  const problems: string[] = [];
  return { hook: await readHook('pre-deploy', text, problems), problems };
};
const PLAIN = { always: false, retries: 0, timeoutMs: undefined, task: undefined, cpu: undefined, memory: undefined };

describe('a hook', () => {
  test.each<[text: string, hook: object]>([
    ['bin/migrate --all', { ...PLAIN, command: 'bin/migrate --all' }],
    ['bin/migrate &&\n  echo done\n', { ...PLAIN, command: 'bin/migrate &&\n  echo done' }],
    ['{ bin/migrate; }', { ...PLAIN, command: '{ bin/migrate; }' }],
    ['["bin/migrate", "--all"]', { ...PLAIN, command: ['bin/migrate', '--all'] }],
    ['{"command":["bin/migrate","1.10"],"retries":"2"}', { ...PLAIN, command: ['bin/migrate', '1.10'], retries: 2 }],
    ['# migrates\ncommand: bin/migrate\nalways: true\ntimeout: 90s', { ...PLAIN, command: 'bin/migrate', always: true, timeoutMs: 90_000 }],
    ['command: [a]\ntask: web/server\ncpu: 100\nmemory: 512', { ...PLAIN, command: ['a'], task: 'web/server', cpu: 100, memory: 512 }],
  ])('is read from %j', async (text, hook) => {
    expect(await read(text)).toEqual({ hook, problems: [] });
  });

  test('is none without a text', async () => {
    for (const text of [undefined, '', ' \n']) expect(await read(text)).toEqual({ hook: undefined, problems: [] });
  });

  test.each<[text: string, problem: RegExp]>([
    ['[bin/migrate', /^`pre-deploy` begins with \[ and is not a JSON list/],
    ['["--all"]', /^`pre-deploy`: "--all" is not a program/],
    ['command: a\nretrys: 2', /^`pre-deploy`: unknown key `retrys`: did you mean `retries`\?$/],
    ['command: a\ntimeout: soon', /^`pre-deploy`: `timeout`: "soon" is not a duration/],
    ['command: a\ntimeout: 0s', /^`pre-deploy`: `timeout`: "0s" is not a duration/],
    ['command: a\nretries: many', /^`pre-deploy`: `retries`: "many" is not a whole number/],
    ['command: a\nmemory: 0', /^`pre-deploy`: `memory` is at least 1$/],
    ['command: a\nalways: perhaps', /^`pre-deploy`: `always`: "perhaps" is neither true nor false/],
    ['command: { a: b }', /^`pre-deploy`: `command` must be a text$/],
    ['timeout: 5m', /^`pre-deploy` has no `command`/],
    ['command: a\n  b: [', /^`pre-deploy` \(line \d+\) is not a YAML map/],
  ])('%j is refused', async (text, problem) => {
    expect((await read(text)).problems[0]).toMatch(problem);
  });

  test('belongs to the first spec of an app, and after the deploy to the last one', () => {
    const hook = { ...PLAIN, command: 'a' };
    const kinds = (isFirst: boolean, isLast: boolean): string[] =>
      hooksOf({ preDeploy: hook, postDeploy: hook }, { isFirst, isLast }).map(({ kind }) => kind);
    expect([kinds(true, true), kinds(true, false), kinds(false, true), kinds(false, false)]).toEqual([
      ['pre-deploy', 'post-deploy'],
      ['pre-deploy'],
      ['post-deploy'],
      [],
    ]);
  });
});
