import { describe, expect, test } from '@jest/globals';
import { type Ref, reviewApps, unrecorded, whyRemove } from '../../../src/commands/sweep.ts';
import type { JobStub } from '../../../src/nomad/types.ts';
import { META } from '../../../src/target/provenance.ts';

const DAY_MS = 86_400_000;
const NOW = 100 * DAY_MS;

describe('the review apps among the jobs of a cluster', () => {
  const stub = (ID: string, meta: JobStub['Meta'], more: Partial<JobStub> = {}): JobStub => ({
    ...{ ID, ParentID: '', Meta: meta, SubmitTime: NOW * 1e6, JobModifyIndex: 9 },
    ...more,
  });
  const meta = (repository: string, environment: string, ref: string) => ({
    [META.repository]: repository,
    [META.environment]: environment,
    [META.ref]: ref,
  });

  test('are those that say so of the repository, and no other job', () => {
    const jobs = [
      stub('shop-fix', meta('Acme/Shop', 'review', 'acme/shop branch fix/7')),
      stub('shop-v1', meta('acme/shop', 'review', 'acme/shop tag v1')),
      stub('shop-fork', meta('Acme/Shop', 'review', 'stranger/shop branch fix/7')),
      stub('shop', meta('Acme/Shop', 'production', 'acme/shop branch production')),
      stub('other-fix', meta('Acme/Shop2', 'review', 'acme/shop2 branch fix/7')),
      stub('fix/periodic-1', meta('Acme/Shop', 'review', 'acme/shop branch fix/7'), { ParentID: 'fix' }),
      stub('of-0.1.0', meta('Acme/Shop', 'review', 'branch fix/7')),
      stub('by-hand', null),
      stub('half', { [META.repository]: 'Acme/Shop', [META.environment]: 'review' }),
    ];
    const of = (repository: string, ref: string) => ({
      owner: { repository, environment: 'review', ref },
      ...{ registeredAtMs: NOW, index: 9 },
    });
    expect(reviewApps(jobs, 'Acme/Shop')).toEqual([
      { jobId: 'shop-fix', head: 'acme/shop', kind: 'branch', ref: 'fix/7', ...of('Acme/Shop', 'acme/shop branch fix/7') },
      { jobId: 'shop-v1', head: 'acme/shop', kind: 'tag', ref: 'v1', ...of('acme/shop', 'acme/shop tag v1') },
      { jobId: 'shop-fork', head: 'stranger/shop', kind: 'branch', ref: 'fix/7', ...of('Acme/Shop', 'stranger/shop branch fix/7') },
    ]);
    expect(unrecorded(jobs, 'Acme/Shop')).toEqual(['of-0.1.0', 'half']);
  });
});

describe('a review app', () => {
  const own = { owner: { repository: 'acme/shop', environment: 'review' }, head: 'acme/shop', index: 9 } as const;
  const head = (full_name: string | null) => ({ head: { ref: 'fix', sha: '', repo: full_name === null ? null : { full_name } } });
  const open = { number: 7, state: 'open', ...head('Acme/Shop') };
  const closed = { number: 5, state: 'closed', ...head('Acme/Shop') };
  test.each<[string, Ref, number, number | undefined, string | undefined]>([
    ['whose pull request is open', { exists: true, pullRequests: [closed, open] }, 0, undefined, undefined],
    ['whose pull request is open, of a branch that is being made anew', { exists: false, pullRequests: [open] }, 0, undefined, undefined],
    ['of a branch without a pull request', { exists: true, pullRequests: [] }, 50, undefined, undefined],
    ['whose branch is gone', { exists: false, pullRequests: [] }, 0, undefined, 'the branch was deleted'],
    ['whose branch is gone with its pull request', { exists: false, pullRequests: [closed] }, 0, undefined, 'the branch was deleted'],
    [
      'whose pull request is closed',
      { exists: true, pullRequests: [{ ...closed, number: 3 }, closed] },
      0,
      undefined,
      'its pull request #5 is closed',
    ],
    // All forks of an owner, and those that are gone, are asked for by the same `owner:branch`.
    [
      'whose namesake in a fork of the same owner is closed',
      { exists: true, pullRequests: [{ ...closed, ...head('acme/shop-2') }] },
      0,
      undefined,
      undefined,
    ],
    [
      'whose namesake in a fork that is gone is closed',
      { exists: true, pullRequests: [{ ...closed, ...head(null) }] },
      0,
      undefined,
      undefined,
    ],
    [
      'whose namesake in a fork of the same owner is open',
      { exists: false, pullRequests: [closed, { ...open, ...head('acme/shop-2') }] },
      0,
      undefined,
      'the branch was deleted',
    ],
    ['within its time', { exists: true, pullRequests: [open] }, 13, 14, undefined],
    ['that lives too long', { exists: true, pullRequests: [open] }, 15, 14, 'nothing was registered for 15 days'],
    ['that lives too long by hours', { exists: true, pullRequests: [] }, 1.5, 1, 'nothing was registered for 36 hours'],
  ])('%s', (_name, ref, ageDays, ttlDays, reason) => {
    const app = { ...own, jobId: 'shop-fix', kind: 'branch', ref: 'fix', registeredAtMs: NOW - ageDays * DAY_MS } as const;
    expect(whyRemove(app, ref, ttlDays === undefined ? undefined : ttlDays * DAY_MS, NOW)).toBe(reason);
  });

  test('of a fork goes with the pull request of that fork, also when the fork is gone', () => {
    const owner = { repository: 'Acme/Shop', environment: 'review', ref: 'stranger/shop branch fix' };
    const app = { ...own, owner, head: 'stranger/shop', jobId: 'shop-fix', kind: 'branch', ref: 'fix', registeredAtMs: NOW } as const;
    const why = (...pullRequests: Ref['pullRequests']): string | undefined =>
      whyRemove(app, { exists: true, pullRequests }, undefined, NOW);
    expect(why(closed)).toBeUndefined();
    expect(why({ ...closed, ...head('Stranger/Shop') })).toBe('its pull request #5 is closed');
    expect(why({ ...closed, ...head(null) })).toBe('its pull request #5 is closed');
    expect(why({ ...closed, ...head(null) }, { ...open, ...head('stranger/shop') })).toBeUndefined();
  });

  test('of a tag stays as long as the tag', () => {
    const app = { ...own, jobId: 'shop-v1', kind: 'tag', ref: 'v1', registeredAtMs: NOW } as const;
    expect(whyRemove(app, { exists: true, pullRequests: [] }, undefined, NOW)).toBeUndefined();
    expect(whyRemove(app, { exists: false, pullRequests: [] }, undefined, NOW)).toBe('the tag was deleted');
  });
});
