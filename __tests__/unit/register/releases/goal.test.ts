import { describe, expect, test } from '@jest/globals';
import type { RegisteredJob } from '../../../../src/nomad/types.ts';
import { goalOf } from '../../../../src/register/releases/goal.ts';

const [A, B, C] = [`1234567${'a'.repeat(33)}`, `12345${'b'.repeat(35)}`, `cafe${'c'.repeat(36)}`];

interface About {
  readonly sha?: string;
  readonly run?: string;
  readonly good?: boolean;
  readonly tag?: string;
}
function version(Version: number, { sha = '', run = `${Version}`, good = true, tag }: About = {}): RegisteredJob {
  return {
    ...{ ID: 'web', Name: 'web', Version, Stop: false, Status: 'running', JobModifyIndex: Version + 10, Stable: good },
    UI: { Links: [{ Label: 'run', Url: `https://github.com/acme/shop/actions/runs/${run}#nomad-deploy?sha=${sha}` }] },
    VersionTag: tag === undefined ? null : { Name: tag },
  };
}
const VERSIONS = [
  version(12, { sha: C, good: false }),
  version(11, { sha: B, tag: 'v2' }),
  version(10, { sha: A, good: false }),
  version(7, { sha: A, tag: 'v1' }),
  version(3),
];
const [NEWEST = version(0)] = VERSIONS;
const goal = (to: string | undefined, versions = VERSIONS, job = versions[0] ?? NEWEST): number => goalOf(job, versions, to).Version;
const problem = (to: string | undefined, versions = VERSIONS): { message: string; hint: string } => {
  try {
    goal(to, versions);
  } catch (error) {
    const { code, message, hint } = error as { code: string; message: string; hint: string };
    expect(code).toBe('input-invalid');
    return { message, hint };
  }
  throw new Error('was not refused');
};
const KEPT = `Nomad keeps the versions 12 (commit cafeccc), 11 (v2, commit 12345bb, was healthy), 10 (commit 1234567), 7 (v1, commit 1234567, was healthy), 3 (was healthy).`;

describe('the version to roll back to', () => {
  test.each<[string | undefined, number]>([
    [undefined, 11],
    ['3', 3],
    ['10', 10],
    ['v1', 7],
    [A, 7],
    ['1234567', 7],
    ['123456', 7],
    ['12345b', 11],
    [B.toUpperCase(), 11],
    // The serving one is 11, because the newest is not healthy.
    ['-1', 7],
  ])('%s is %d', (to, expected) => expect(goal(to)).toBe(expected));

  test('by a tag wins over the number of another version', () => {
    expect(goal('beef', [version(2), version(1, { tag: 'beef' }), version(0, { sha: `beef${'0'.repeat(36)}` })])).toBe(1);
  });

  test('by a commit is the one that turned out well, also where the newest version of that commit did not', () => {
    expect(goal(C, [version(2, { sha: C, good: false }), version(1, { sha: C }), version(0, { sha: A })])).toBe(1);
    expect(goal(C, [version(2), version(1, { sha: C, good: false }), version(0)])).toBe(1);
  });

  test('before the serving one is another release, so that two rollbacks in a row go back twice', () => {
    const first = version(0, { run: 'a' });
    const [second, third] = [version(1, { run: 'b' }), version(2, { run: 'c' })];
    expect(goal('-1', [third, second, first])).toBe(1);
    const back = version(3, { run: 'b' });
    expect(goal('-1', [back, third, second, first])).toBe(0);
    const scaled = version(3, { run: 'c' });
    expect(goal('-1', [scaled, third, second, first])).toBe(1);
  });

  test('may be one that a run tagged, where Nomad calls no version stable', () => {
    const tagged = { ...version(1, { good: false }), VersionTag: { Name: 'v1', Description: 'nomad-deploy deploy: terminal 1a by ada' } };
    expect(goal(undefined, [version(3, { good: false }), version(2, { good: false }), tagged])).toBe(1);
  });
});

describe('a version with the same spec as the newest', () => {
  const copy = (Version: number): RegisteredJob => ({
    ...version(Version, { run: 'a', good: false }),
    Status: 'pending',
    SubmitTime: Version,
  });
  const versions = [copy(3), version(2), version(1, { run: 'a', tag: 'v1' }), version(0)];

  test('is no goal of its own', () => expect(goal(undefined, versions)).toBe(2));

  test.each([
    ['1', '`to`: version 1 of web has the same spec as version 3, the newest'],
    ['v1', '`to`: version 1 of web has the same spec as version 3, the newest'],
  ])('is refused as %s', (to, message) => expect(problem(to, versions).message).toBe(message));

  test('is refused where no other one was healthy', () => {
    expect(problem(undefined, [copy(3), version(1, { run: 'a' })])).toEqual({
      message: 'the last healthy version 1 of web has the same spec as version 3, the newest',
      hint: 'Nomad keeps the versions 3, 1 (was healthy). Name another one with `to`, or start the tasks again by `command: restart`.',
    });
  });
});

test('the version that stopped the job is no goal', () => {
  const stop = { ...version(1, { sha: A, tag: 'v1' }), Stop: true };
  const versions = [version(2, { sha: B }), stop, version(0, { sha: A, tag: 'v1', good: true })];
  expect([undefined, 'v1', A, '-1'].map((to) => goal(to, versions))).toEqual([0, 0, 0, 0]);
  expect(problem('1', versions)).toEqual({
    message: '`to`: version 1 of web is the one that stopped it',
    hint: 'Nomad keeps the versions 2 (commit 12345bb, was healthy), 1 (v1, commit 1234567, stopped), 0 (v1, commit 1234567, was healthy).',
  });
});

describe('refused, with all that Nomad keeps:', () => {
  test.each<[string, string]>([
    ['9', '`to`: Nomad keeps no version 9 of web'],
    ['12', '`to`: web is at version 12 already'],
    ['v3', '`to`: Nomad keeps no version of web with the tag v3'],
    ['feed', '`to`: Nomad keeps no version of web with the tag or the commit feed'],
    ['12345', `\`to\`: the commits ${B} and ${A} of web begin with 12345`],
    ['cafe', '`to`: web is at commit cafe already, as version 12'],
  ])('%s', (to, message) => expect(problem(to)).toEqual({ message, hint: KEPT }));

  test('the commit, the tag and the release that are there already, or are the first', () => {
    const one = [version(4, { sha: A, tag: 'v1' })];
    expect(problem('v1', one).message).toBe('`to`: web is at version 4 already, which has the tag v1');
    expect(problem('1234', one).message).toBe('`to`: web is at commit 1234 already, as version 4');
    expect(problem('-1', one).message).toBe('`to`: there is no release of web before version 4, which serves');
    expect(problem(undefined, one)).toEqual({
      message: 'web has no older version that was healthy',
      hint: 'Nomad keeps the versions 4 (v1, commit 1234567, was healthy). Name one with `to`, or deploy an older commit.',
    });
  });
});
