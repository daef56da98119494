import { describe, expect, test } from '@jest/globals';
import {
  isProvisional,
  provisionalImage,
  provisionalImages,
  requireFinalId,
  requireSameId,
  unknowable,
  withoutZeros,
} from '../../../src/jobspec/provisional.ts';
import type { Jobspec } from '../../../src/jobspec/types.ts';
import { systemClock } from '../../../src/runtime/clock.ts';

type Planned = Parameters<typeof provisionalImage>[0];
const ZEROS = '0'.repeat(64);
const DIGEST = `sha256:${'0a'.repeat(32)}`;
const built = (tags: readonly string[], push = true): Planned => ({
  plan: { kind: 'build', name: 'host:5000/acme/shop', tags } as Planned['plan'],
  inputs: { push, imageVariables: {} },
});
const existing = (reference: string, push = true): Planned => ({
  plan: { kind: 'existing', reference },
  inputs: { push, imageVariables: {} },
});

describe('before its image is known, a job has the reference that the image will have', () => {
  test.each<[string, Planned, string]>([
    ['built and pushed', built(['host:5000/acme/shop:main']), `host:5000/acme/shop@sha256:${ZEROS}`],
    ['built for the local engine', built(['docker.io/acme/shop:1', 'host:5000/acme/shop:1'], false), `docker.io/acme/shop:sha256-${ZEROS}`],
    ['looked up by a tag', existing('ghcr.io/acme/shop:1.2'), `ghcr.io/acme/shop@sha256:${ZEROS}`],
    ['looked up without one', existing('redis'), `redis@sha256:${ZEROS}`],
    ['looked up in the local engine', existing('host:5000/shop:1.2', false), `host:5000/shop:sha256-${ZEROS}`],
    ['named by its digest', existing(`ghcr.io/acme/shop@${DIGEST}`), `ghcr.io/acme/shop@${DIGEST}`],
    ['named by tag and digest', existing(`ghcr.io/acme/shop:1.2@${DIGEST}`), `ghcr.io/acme/shop:1.2@${DIGEST}`],
  ])('%s', (_what, asked, reference) => {
    expect(provisionalImage(asked)).toBe(reference);
    expect(isProvisional(asked)).toBe(reference.endsWith(ZEROS));
    // Where plans are compared, it has the same form, and nobody can write it into a spec.
    const others = [unknowable(reference, systemClock), unknowable(reference, systemClock)];
    for (const other of others) expect(other.replace(/[0-9a-f]{64}$/, '')).toBe(reference.replace(/[0-9a-f]{64}$/, ''));
    expect(new Set([reference, ...others]).size).toBe(isProvisional(asked) ? 3 : 1);
  });
});

describe('the images of a run', () => {
  const all = [built(['host:5000/acme/shop:main']), existing('redis:7')];
  const zeros = [`host:5000/acme/shop@sha256:${ZEROS}`, `redis@sha256:${ZEROS}`];
  test('are shown by the names that there are, where a spec takes them', () => {
    for (const command of ['plan', 'render'] as const) expect(provisionalImages(all, command)).toEqual([[zeros[0], 'redis:7'], zeros]);
    expect(provisionalImages(all.slice(0, 1), 'plan')).toEqual([zeros.slice(0, 1)]);
    expect(provisionalImages([], 'plan')).toEqual([[]]);
  });
  test('are checked in their final form before a deploy', () => {
    expect(provisionalImages(all, 'deploy')).toEqual([zeros]);
  });
  test('have a digest that a variable takes', () => {
    const [, image] = all as [Planned, Planned];
    expect(provisionalImages([{ ...image, inputs: { push: true, imageVariables: { sha: 'digest' } } }], 'plan')).toEqual([zeros.slice(1)]);
  });
});

test.each([
  [
    `! Config.image: a@sha256:0a0a0a0a0a0a… → a@sha256:000000000000…`,
    '! Config.image: a@sha256:0a0a0a0a0a0a… → a@sha256:(known at the deploy)',
  ],
  [`image = a@sha256:${ZEROS}`, 'image = a@sha256:(known at the deploy)'],
  [`a:sha256-${ZEROS}`, 'a:sha256-(known at the deploy)'],
  [`a:digest-${ZEROS.slice(32)}`, 'a:digest-(known at the deploy)'],
  [`RELEASE=${ZEROS}`, 'RELEASE=(known at the deploy)'],
  [`a@${DIGEST} 000000000000 ${ZEROS}0`, `a@${DIGEST} 000000000000 ${ZEROS}0`],
])('people read words for zeros: %s', (text, shown) => expect(withoutZeros(text)).toBe(shown));

describe('the id of a job', () => {
  const job = (ID: string, namespace = 'default'): Jobspec => ({ job: { ID, Name: ID }, namespace }) as Jobspec;
  test('is not made of an image that is not known', () => {
    expect(() => requireFinalId(job('shop-1000'), 'shop.nomad')).not.toThrow();
    for (const wrong of [job('shop-0000000'), job(`shop-sha256-${ZEROS}`), job('shop', '00000000')])
      expect(() => requireFinalId(wrong, 'shop.nomad')).toThrow('shop.nomad: the id and the namespace of the job depend on its image');
  });
  test('is the same with the image', () => {
    expect(() => requireSameId(job('shop'), job('shop'), 'shop.nomad')).not.toThrow();
    expect(() => requireSameId(job('shop-0a0'), job('shop-000'), 'shop.nomad')).toThrow('depend on its image');
    expect(() => requireSameId(job('shop', 'a'), job('shop', 'b'), 'shop.nomad')).toThrow('depend on its image');
  });
});
