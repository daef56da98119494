import { describe, expect, test } from '@jest/globals';
import { layersSize, platformsIn } from '../../../src/image/size.ts';

describe('the size of an image', () => {
  test('is the sum of its compressed layers, as a manifest of OCI or of Docker has them', () => {
    expect(layersSize({ schemaVersion: 2, config: { size: 7 }, layers: [{ size: 100 }, { size: 23 }] })).toBe(123);
    expect(layersSize({ layers: [] })).toBe(0);
  });

  test.each([[undefined], [null], ['text'], [{}], [{ manifests: [] }], [{ layers: 'x' }]])('is unknown for %j', (manifest) =>
    expect(layersSize(manifest)).toBeUndefined(),
  );

  test('is no negative one, and a layer without a size counts for nothing', () => {
    expect(layersSize({ layers: [{ size: -5 }, {}, null, { size: '7' }, { size: 2 }] })).toBe(2);
  });

  test('is by platform for an index, without its attestations', () => {
    const index = {
      manifests: [
        { digest: 'sha256:a', platform: { os: 'linux', architecture: 'amd64' } },
        { digest: 'sha256:b', platform: { os: 'linux', architecture: 'arm', variant: 'v7' } },
        { digest: 'sha256:c', platform: { os: 'unknown', architecture: 'unknown' } },
        { platform: { os: 'linux', architecture: 's390x' } },
        { digest: 'sha256:d' },
      ],
    };
    expect(platformsIn(index)).toEqual([
      ['linux/amd64', 'sha256:a'],
      ['linux/arm/v7', 'sha256:b'],
    ]);
    expect(platformsIn({ layers: [] })).toEqual([]);
  });
});
