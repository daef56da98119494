import { describe, expect, test } from '@jest/globals';
import type { DesiredUpdates, Diff } from '../../../src/nomad/types.ts';
import { withoutOwn } from '../../../src/plan/own-changes.ts';

const ours = (run: number): string => `https://github.com/acme/shop/actions/runs/${run}/attempts/1#nomad-deploy?sha=a`;
const COMMIT = 'https://github.com/acme/shop/commit/a#nomad-deploy';
const BOOK = 'https://example.com/handbook';
const WIKI = 'https://example.com/wiki#nomad';

/** A link of a plan's diff, as Nomad writes it: one that was not there has an empty address, and so has one that is gone. */
function link(before: string, after: string): Diff {
  const Type = before === after ? 'None' : before === '' ? 'Added' : after === '' ? 'Deleted' : 'Edited';
  return { Type, Name: 'Link', Fields: [{ Type, Name: 'Url', Old: before, New: after }] };
}

const ui = (links: Diff[], fields: Diff['Fields'] = []): Diff => ({ Type: 'Edited', Name: 'UI', Fields: fields, Objects: links });
const IN_PLACE: DesiredUpdates = { InPlaceUpdate: 2, Ignore: 1 };
const plan = (diff: Partial<Diff>) =>
  withoutOwn({
    Diff: { Type: 'Edited', ...diff },
    Annotations: { DesiredTGUpdates: { g: IN_PLACE } },
    JobModifyIndex: 1,
  });
const shown = (diff: Partial<Diff>): string[] =>
  (plan(diff).Diff?.Objects ?? []).flatMap(({ Objects }) =>
    (Objects ?? []).map(({ Type, Fields }) => `${Type} ${Fields?.[1]?.Old} ${Fields?.[1]?.New}`),
  );

describe('a job that differs in our links alone does not differ', () => {
  test.each<[string, Diff[]]>([
    ['of another run', [link(ours(1), ours(2))]],
    ['that it had not', [link('', ours(2)), link(BOOK, BOOK)]],
    ['of which one is gone', [link(ours(1), ours(2)), link(COMMIT, '')]],
    ['that push along one of the user', [link(BOOK, ours(2)), link('', COMMIT), link('', BOOK)]],
    ['that push along several', [link(BOOK, ours(2)), link(WIKI, COMMIT), link(BOOK, BOOK), link('', WIKI), link('', BOOK)]],
    ['that were in another place', [link(BOOK, ours(2)), link(ours(1), BOOK)]],
  ])('%s, and nothing is updated', (_what, links) => {
    expect(plan({ Objects: [ui(links)], TaskGroups: [{ Type: 'None', Name: 'g' }] })).toMatchObject({
      Diff: { Type: 'None' },
      Annotations: { DesiredTGUpdates: { g: { InPlaceUpdate: 0, Ignore: 3 } } },
    });
  });
});

describe('a job that was scaled does not differ in the indexes of its scaling policy', () => {
  // What Nomad 1.11 answers for the very job that it has registered.
  const scaled = (Fields: Diff['Fields'] = []): Diff => ({
    Type: 'Edited',
    Name: 'g',
    Objects: [{ Type: 'Edited', Name: 'Scaling', Fields }],
  });
  const Max: Diff['Fields'] = [{ Type: 'Edited', Name: 'Max', Old: '4', New: '6' }];

  test.each<[string, Partial<Diff>]>([
    ['alone', { TaskGroups: [scaled(), { Type: 'None', Name: 'h' }] }],
    ['beside our links', { Objects: [ui([link(ours(1), ours(2))])], TaskGroups: [scaled()] }],
  ])('%s, and nothing is updated', (_what, diff) => {
    expect(plan(diff)).toMatchObject({
      Diff: { Type: 'None' },
      Annotations: { DesiredTGUpdates: { g: { InPlaceUpdate: 0, Ignore: 3 } } },
    });
  });

  test.each<[string, Partial<Diff>]>([
    ['its limits', { TaskGroups: [scaled(Max)] }],
    ['its count', { TaskGroups: [{ ...scaled(), Fields: [{ Type: 'Edited', Name: 'Count' }] }] }],
    ['a task', { TaskGroups: [{ ...scaled(), Tasks: [{ Type: 'Edited', Name: 't' }] }] }],
    ['another group', { TaskGroups: [scaled(), { Type: 'Edited', Name: 'h' }] }],
    ['the job', { Fields: [{ Type: 'Edited', Name: 'Priority' }], TaskGroups: [scaled()] }],
  ])('but in %s', (_what, diff) => {
    expect(plan(diff)).toMatchObject({ Diff: { Type: 'Edited' }, Annotations: { DesiredTGUpdates: { g: IN_PLACE } } });
  });
});

describe('a job differs that has another', () => {
  test.each<[string, Partial<Diff>]>([
    ['field', { Fields: [{ Type: 'Edited', Name: 'Priority' }] }],
    ['meta, whosever it is: tasks are replaced for it', { Fields: [{ Type: 'Edited', Name: 'Meta[nomad_deploy_environment]' }] }],
    ['part', { Objects: [ui([link(ours(1), ours(2))]), { Type: 'Added', Name: 'Constraint' }] }],
    ['group', { Objects: [ui([link(ours(1), ours(2))])], TaskGroups: [{ Type: 'Edited', Name: 'g' }] }],
    ['description', { Objects: [ui([link(ours(1), ours(2))], [{ Type: 'Edited', Name: 'Description' }])] }],
    ['order of its own links', { Objects: [ui([link(ours(1), ours(2)), link(BOOK, WIKI), link(WIKI, BOOK)])] }],
    ['link of its own, which is named as we are', { Objects: [ui([link(ours(1), ours(2)), link('', `${BOOK}#nomad-deploy`)])] }],
    ['link of its own', { Objects: [ui([link(ours(1), ours(2)), link(BOOK, WIKI)])] }],
  ])('%s', (_what, diff) => {
    expect(plan(diff)).toMatchObject({ Diff: { Type: 'Edited' }, Annotations: { DesiredTGUpdates: { g: IN_PLACE } } });
  });
});

test('a link of the user is told as what it is, whatever link of ours Nomad compares it with', () => {
  expect(shown({ Objects: [ui([link(ours(1), ours(2)), link(ours(1), BOOK), link(BOOK, WIKI)])] })).toEqual([`Added  ${WIKI}`]);
  expect(shown({ Objects: [ui([link(BOOK, ours(2)), link(ours(1), '')])] })).toEqual([`Deleted ${BOOK} `]);
  expect(shown({ Objects: [ui([link(BOOK, ours(2)), link('', COMMIT), link('', WIKI)])] })).toEqual([`Edited ${BOOK} ${WIKI}`]);
});

test('a plan without a change, or of a new job, stays as it is', () => {
  for (const Type of ['None', 'Added'] as const)
    expect(withoutOwn({ Diff: { Type }, Annotations: null, JobModifyIndex: 1 })).toMatchObject({ Diff: { Type } });
});
