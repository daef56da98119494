import { describe, expect, test } from '@jest/globals';
import { differences, fingerprint, fingerprintText, parseFingerprint } from '../../src/fingerprint.ts';
import type { Job } from '../../src/nomad/types.ts';

const PULL = { images: ['ghcr.io/acme/shop:pr-7'], sha: 'a'.repeat(40) };
const MAIN = { images: ['ghcr.io/acme/shop:main'], sha: 'b'.repeat(40) };
const PLAN = { jobModifyIndex: 42, updates: { web: { Place: 1, Stop: 0 } } };

function job(about: { images: string[]; sha: string }, ref: string, more: object = {}): Job {
  const env = `CI_HOSTNAME="shop.example.com"\nCI_COMMIT_REF_SLUG="${ref}"\nCI_COMMIT_SHA="${about.sha}"\n`;
  const task = {
    Name: 'http',
    Driver: 'docker',
    Config: { image: about.images[0] },
    Env: { IMAGE: `run ${about.images[0]}`, CI_COMMIT_BRANCH: ref, RELEASE: `shop@${about.sha}` },
    Templates: [{ EmbeddedTmpl: env }],
  };
  return { ID: 'shop', Name: 'shop', TaskGroups: [{ Name: 'web', Count: 1, Tasks: [task] }], ...more };
}

describe('a fingerprint', () => {
  const approved = fingerprint(job(PULL, 'fix-7'), PULL, PLAN);

  test('is the same after the merge, whatever the image, the commit and the branch are called', () => {
    expect(fingerprint(job(MAIN, 'main'), MAIN, PLAN)).toEqual(approved);
  });

  test('does not depend on the order of keys, nor on counts of nothing', () => {
    const { ID, Name, ...rest } = job(PULL, 'fix-7');
    expect(fingerprint({ ...rest, Name, ID }, PULL, { jobModifyIndex: 42, updates: { web: { Place: 1, Ignore: 0 } } })).toEqual(approved);
  });

  test('is a text and back', () => {
    expect(parseFingerprint(fingerprintText(approved))).toEqual(approved);
  });

  test.each<[string, Parameters<typeof fingerprint>, string[]]>([
    ['another count', [job(MAIN, 'main', { Priority: 70 }), MAIN, PLAN], ['the job spec is another one']],
    ['a branch that is used otherwise', [job(MAIN, 'main', { Meta: { branch: 'main' } }), MAIN, PLAN], ['the job spec is another one']],
    ['an image that is not built', [job(MAIN, 'main'), { ...MAIN, images: [] }, PLAN], ['the job spec is another one']],
    [
      'a registration meanwhile',
      [job(MAIN, 'main'), MAIN, { ...PLAN, jobModifyIndex: 43 }],
      ['the job was registered since (its modify index was 42, and is 43 now)'],
    ],
    [
      'other actions',
      [job(MAIN, 'main'), MAIN, { ...PLAN, updates: { web: { DestructiveUpdate: 1 } } }],
      ['the scheduler would do something else'],
    ],
  ])('%s is a difference', (_what, now, words) => {
    expect(differences(approved, fingerprint(...now))).toEqual(words);
  });
});

test.each(['', 'yes', 'v1.abc.1.def', `v2.${'a'.repeat(32)}.1.${'b'.repeat(16)}`, `v1.${'a'.repeat(32)}.-1.${'b'.repeat(16)}`])(
  '%p is none',
  (text) => {
    expect(parseFingerprint(text)).toBeUndefined();
  },
);
