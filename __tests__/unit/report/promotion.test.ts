import { expect, test } from '@jest/globals';
import type { RegisteredJob } from '../../../src/nomad/types.ts';
import { findPromotion } from '../../../src/report/promotion.ts';
import { META } from '../../../src/target/provenance.ts';
import { digestTag, parseReference } from '../../../src/text/image-reference.ts';

const IMAGE = `ghcr.io/acme/shop@sha256:${'0a'.repeat(32)}`;
const job = (Version: number, environment: string | undefined, more: Partial<RegisteredJob> = {}, image = IMAGE): RegisteredJob => ({
  ID: 'shop',
  Name: 'shop',
  Version,
  Stop: false,
  Status: 'running',
  JobModifyIndex: 1,
  SubmitTime: Version,
  ...(environment === undefined ? {} : { Meta: { [META.environment]: environment, [META.run]: `https://example.com/${Version}` } }),
  TaskGroups: [{ Name: 'g', Tasks: [{ Name: 't', Driver: 'docker', Config: { image } }] }],
  ...more,
});

test.each<[string, RegisteredJob[], number | undefined]>([
  ['nothing', [], undefined],
  ['the same environment', [job(1, 'production')], undefined],
  ['a job of nobody knows where', [job(1, undefined)], undefined],
  ['another image', [job(1, 'staging', {}, 'ghcr.io/acme/shop@sha256:0b')], undefined],
  ['a job without tasks', [job(1, 'staging', { TaskGroups: null })], undefined],
  ['staging', [job(1, 'staging'), job(2, 'production')], 1],
  ['a job that takes a tag', [job(1, 'staging', {}, `ghcr.io/acme/shop:${digestTag('0a'.repeat(32))}`)], 1],
  ['the last one', [job(1, 'staging'), job(3, 'main'), job(2, 'staging')], 3],
  ['the last one that was healthy', [job(1, 'staging', { Stable: true }), job(2, 'staging', { Stable: true }), job(3, 'main')], 2],
])('an image is promoted from %s', (_what, jobs, version) => {
  expect(findPromotion(IMAGE, 'production', jobs)?.jobVersion).toBe(version);
});

test('a promotion names the run, if there is one', () => {
  const found = { environment: 'staging', jobId: 'shop', jobVersion: 1, healthy: true };
  expect(findPromotion(IMAGE, 'production', [job(1, 'staging', { Stable: true })])).toEqual({ ...found, run: 'https://example.com/1' });
  const without = job(1, 'staging', { Stable: true, Meta: { [META.environment]: 'staging' } });
  expect(findPromotion(IMAGE, 'production', [without])).toEqual(found);
});

test('a promotion brings the attestation of the image along', () => {
  const { digest = '' } = parseReference(IMAGE) ?? {};
  const page = 'https://github.com/acme/shop/attestations/42';
  const link = { Label: 'run 1', URL: `https://github.com/acme/shop/actions/runs/1#nomad-deploy?image=${digest}&attestation=${page}` };
  expect(findPromotion(IMAGE, 'production', [job(1, 'staging', { UI: { Links: [link] } })])).toMatchObject({ attestation: page });
});
