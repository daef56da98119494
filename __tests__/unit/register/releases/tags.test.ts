import { describe, expect, test } from '@jest/globals';
import type { RegisteredJob } from '../../../../src/nomad/types.ts';
import { isTaggable, messageOf, planTags, type Step, taggerOf } from '../../../../src/register/releases/tags.ts';

const [A, B, C] = ['a'.repeat(40), 'b'.repeat(40), 'c'.repeat(40)];
const TAGGER = { command: 'deploy', run: 'https://github.com/acme/shop/actions/runs/9/attempts/1', actor: 'ada' };
const OURS = messageOf(TAGGER);
const usual = (sha: string | undefined): string => `nomad-deploy-${sha}`;

/** A version of a commit, with one of our tags, or with that of a person. */
function version(Version: number, sha: string | undefined, tag?: string, Description = OURS): RegisteredJob {
  const url = `https://github.com/acme/shop/actions/runs/${Version}#nomad-deploy?${sha === undefined ? 'actor=ada' : `sha=${sha}`}`;
  return {
    ...{ ID: 'web', Name: 'web', Version, Stop: false, Status: 'running', JobModifyIndex: Version + 10, Stable: true },
    UI: { Links: [{ Label: 'run', Url: url }] },
    VersionTag: tag === undefined ? null : { Name: tag, Description },
  };
}

/** Does the steps as Nomad does: a name is refused while another version has it, and removed from the newest that has it. */
function done(versions: readonly RegisteredJob[], steps: readonly Step[]): Record<number, string> {
  const tags = new Map(versions.flatMap(({ Version, VersionTag }) => (VersionTag ? [[Version, VersionTag.Name] as const] : [])));
  for (const step of steps) {
    const holders = [...tags].filter(([, name]) => name === step.name).map(([holder]) => holder);
    if (step.do === 'tag') {
      if (holders.some((holder) => holder !== step.version)) throw new Error(`tag "${step.name}" already exists on a different version`);
      tags.set(step.version, step.name);
    } else {
      if (holders.length === 0) throw new Error(`tag "${step.name}" not found`);
      tags.delete(Math.max(...holders));
    }
  }
  return Object.fromEntries(tags);
}

const plan = (versions: readonly RegisteredJob[], wish: { version: number; name?: string; keep?: number }) => {
  const made = planTags(versions, { name: undefined, keep: 10, tagger: TAGGER, ...wish });
  return { ...made, tags: done(versions, made.steps), gone: made.dropped.map(({ Version }) => Version) };
};

describe('a version that turned out well', () => {
  test('is tagged by its commit, with the run and the person', () => {
    const { steps, tag, notice } = plan([version(0, A)], { version: 0 });
    expect(steps).toEqual([
      {
        do: 'tag',
        version: 0,
        name: usual(A),
        message: 'nomad-deploy deploy: https://github.com/acme/shop/actions/runs/9/attempts/1 by ada',
      },
    ]);
    expect([tag, notice]).toEqual([usual(A), undefined]);
  });

  test('is tagged by its number without a commit, and by the name that the workflow gives', () => {
    expect(plan([version(4, undefined)], { version: 4 }).tags).toEqual({ 4: 'nomad-deploy-version-4' });
    expect(plan([version(4, A)], { version: 4, name: 'v1' })).toMatchObject({ tags: { 4: 'v1' }, tag: 'v1' });
  });

  test('that has its tag needs no request', () => {
    expect(plan([version(0, A, usual(A))], { version: 0 })).toMatchObject({ steps: [], tag: usual(A) });
    expect(plan([version(0, A, 'v1')], { version: 0 })).toMatchObject({ steps: [], tag: 'v1' });
    expect(plan([version(0, A, 'v1')], { version: 0, name: 'v1' })).toMatchObject({ steps: [], tag: 'v1' });
  });

  test('gets another name in place of ours', () => {
    expect(plan([version(0, A, usual(A))], { version: 0, name: 'v1' }).tags).toEqual({ 0: 'v1' });
  });

  test('takes the tag of an older version of the same commit, which is never without one before', () => {
    const { steps, tags, gone } = plan([version(3, A), version(2, B, usual(B)), version(1, A, usual(A))], { version: 3 });
    expect(tags).toEqual({ 3: usual(A), 2: usual(B) });
    expect(steps.map((step) => step.do)).toEqual(['tag', 'tag', 'untag']);
    expect(gone).toEqual([]);
  });

  test('takes a name from an older version of another commit, which stays a release', () => {
    expect(plan([version(2, B), version(1, A, 'latest')], { version: 2, name: 'latest' }).tags).toEqual({ 2: 'latest', 1: usual(A) });
    const both = [version(3, B), version(2, A, usual(A)), version(1, A, 'latest')];
    expect(plan(both, { version: 3, name: 'latest' }).tags).toEqual({ 3: 'latest', 2: usual(A) });
  });
});

describe('a tag of a person', () => {
  const person = 'the good one';

  test('is never moved, renamed or removed', () => {
    const versions = [
      version(4, C),
      version(3, B, usual(B)),
      version(2, A, usual(A)),
      version(1, A, 'golden', person),
      version(0, A, 'nomad-deploy-x', ''),
    ];
    expect(plan(versions, { version: 4, keep: 1 })).toMatchObject({
      tags: { 4: usual(C), 1: 'golden', 0: 'nomad-deploy-x' },
      gone: [3, 2],
    });
  });

  test('on the version itself stays, which is told where another name was asked for', () => {
    const versions = [version(1, A, 'golden', person)];
    expect(plan(versions, { version: 1 })).toMatchObject({ steps: [], tag: 'golden', notice: undefined });
    expect(plan(versions, { version: 1, name: 'golden' })).toMatchObject({ steps: [], notice: undefined });
    expect(plan(versions, { version: 1, name: 'v2' })).toMatchObject({
      steps: [],
      notice: 'Version 1 keeps the tag golden of a person, and is not tagged v2.',
    });
  });

  test('with the wanted name leaves the usual one', () => {
    const versions = [version(2, B), version(1, A, 'v1', person)];
    expect(plan(versions, { version: 2, name: 'v1' })).toMatchObject({
      tags: { 2: usual(B), 1: 'v1' },
      notice: `The tag v1 is on version 1, and a person put it there: version 2 is tagged ${usual(B)} instead.`,
    });
    expect(plan([version(2, B), version(1, A, usual(B), person)], { version: 2 })).toMatchObject({
      steps: [],
      tag: undefined,
      notice: `The tag ${usual(B)} is on version 1, and a person put it there: version 2 is not tagged.`,
    });
  });
});

describe('older releases', () => {
  const versions = [version(5, C), version(3, B, usual(B)), version(2, A, 'v1'), version(1, undefined, 'nomad-deploy-version-1')];

  test('go when there are more than stay', () => {
    expect(plan(versions, { version: 5, keep: 2 })).toMatchObject({ tags: { 5: usual(C), 3: usual(B) }, gone: [2, 1], oldest: 3 });
    expect(plan(versions, { version: 5, keep: 4 })).toMatchObject({ gone: [], oldest: 1 });
  });

  test('all go with 0, and none is made, but for a name that is asked for', () => {
    expect(plan(versions, { version: 5, keep: 0 })).toMatchObject({ tags: {}, tag: undefined, gone: [3, 2, 1] });
    expect(plan(versions, { version: 5, keep: 0, name: 'v2' })).toMatchObject({ tags: { 5: 'v2' }, tag: 'v2', gone: [3, 2, 1] });
  });

  test('that Nomad copied with their tags, by a rollback or a new count, are one: the newest of them', () => {
    const copies = [version(9, A, usual(A)), version(8, B, usual(B)), version(7, A, usual(A)), version(6, A, usual(A))];
    expect(plan(copies, { version: 9 })).toMatchObject({ tags: { 9: usual(A), 8: usual(B) }, gone: [] });
    expect(plan([version(10, C), ...copies], { version: 10, keep: 2 })).toMatchObject({ tags: { 10: usual(C), 9: usual(A) }, gone: [8] });
    expect(plan([version(10, A), ...copies], { version: 10 }).tags).toEqual({ 10: usual(A), 8: usual(B) });
  });
});

test('the version that stopped a job is none, although Nomad copied it with its tag', () => {
  const stopped = { ...version(1, A, usual(A)), Stop: true };
  expect(plan([version(2, B), stopped, version(0, A, usual(A))], { version: 2 }).tags).toEqual({ 2: usual(B), 0: usual(A) });
  expect(plan([version(2, A), stopped, version(0, A, usual(A))], { version: 2 }).tags).toEqual({ 2: usual(A) });
  const named = [version(2, B), { ...version(1, A, 'latest'), Stop: true }, version(0, A, 'latest')];
  expect(plan(named, { version: 2, name: 'latest' }).tags).toEqual({ 2: 'latest', 0: usual(A) });
});

describe('a job that an autoscaler scales', () => {
  const scaled = (one: RegisteredJob): RegisteredJob => ({
    ...one,
    TaskGroups: [{ Name: 'g', Scaling: { Min: 1, Max: 3, Enabled: true } }],
  });

  test('has the tag on the last version of the release before, of which no more copies are made', () => {
    const versions = [version(4, B), version(3, A), version(2, A)].map(scaled);
    expect(plan(versions, { version: 4 })).toMatchObject({ tags: { 3: usual(A) }, tag: undefined });
    expect(plan([scaled(version(0, A))], { version: 0 })).toMatchObject({ steps: [], tag: undefined });
  });

  test('has the name that is asked for at once', () => {
    expect(plan([version(4, B), version(3, A)].map(scaled), { version: 4, name: 'v1' }).tags).toEqual({ 4: 'v1' });
  });

  test('is an ordinary one where the policy is switched off', () => {
    const off = { ...version(4, B), TaskGroups: [{ Name: 'g', Scaling: { Enabled: false } }] };
    expect(plan([off], { version: 4 }).tags).toEqual({ 4: usual(B) });
  });
});

test('whatever tags there are, Nomad takes the steps, persons keep theirs, and no release has two versions', () => {
  const names = ['v1', 'golden', usual(A), usual(B)];
  let seed = 1;
  /** A number below `limit`, the same in each run. */
  const next = (limit: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % limit;
  };
  for (let round = 0; round < 2_000; round++) {
    const versions = Array.from({ length: 1 + next(6) }, (_, Version) => {
      const name = names[next(6)];
      // Nomad copies a tag as it is, so a name is either a person's or ours.
      const one = version(Version, [A, B, C][next(3)], name, name === 'golden' ? 'by hand' : OURS);
      return { ...one, Stop: next(6) === 0 };
    }).toReversed();
    const [newest] = versions;
    const wish = { version: newest?.Version ?? 0, keep: next(4), ...(next(2) === 0 ? {} : { name: names[next(4)] ?? '' }) };
    const { tags } = plan([{ ...versions[0], Stop: false } as RegisteredJob, ...versions.slice(1)], wish);
    const persons = (of: readonly RegisteredJob[]) =>
      of.flatMap(({ Version, VersionTag }) => (VersionTag?.Name === 'golden' ? [Version] : []));
    expect(persons(versions).map((Version) => tags[Version])).toEqual(persons(versions).map(() => 'golden'));
    const ours = Object.values(tags).filter((name) => name !== 'golden');
    expect(new Set(ours).size).toBe(ours.length);
    expect(ours.length).toBeLessThanOrEqual(Math.max(wish.keep, 'name' in wish ? 1 : 0));
  }
});

test('only jobs that go on running are tagged, since Nomad never collects a job with a tag', () => {
  const job = { ID: 'web', Type: 'service', Periodic: null, ParameterizedJob: null };
  expect([job, { ...job, Type: null }, { ...job, Type: 'system' }].map(isTaggable)).toEqual([true, true, true]);
  const others = [{ Type: 'batch' }, { Type: 'sysbatch' }, { Periodic: {} }, { ParameterizedJob: {} }, { ID: 'team/web' }];
  expect(others.map((other) => isTaggable({ ...job, ...other }))).toEqual(others.map(() => false));
});

test('the message of a tag tells whose it is', () => {
  expect(taggerOf(version(1, A, 'v1'))).toEqual(TAGGER);
  expect(taggerOf(version(1, A, 'v1', messageOf({ command: 'revert', run: 'terminal 1a2b', actor: '' })))).toEqual({
    ...{ command: 'revert', run: 'terminal 1a2b', actor: 'unknown' },
  });
  for (const words of ['', 'by hand', 'nomad-deploy', 'nomad-deploy deploy: soon by ada'])
    expect(taggerOf(version(1, A, 'v1', words))).toBeUndefined();
  expect(messageOf({ ...TAGGER, actor: 'x'.repeat(2000) }).length).toBeLessThan(1000);
});
