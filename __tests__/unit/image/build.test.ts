import { expect, test } from '@jest/globals';
import { buildxEnvironment } from '../../../src/image/build.ts';
import type { Runtime } from '../../../src/runtime/runtime.ts';

const log = {} as Runtime['log'];
const BARE = { cacheFrom: [], cacheTo: [], cacheService: {}, provenance: undefined };

test.each<[string, readonly (string | undefined)[], string | undefined]>([
  ['nothing is said of provenance', [undefined], 'false'],
  ['it is not wanted', ['false'], 'false'],
  ['it is wanted', ['mode=max'], undefined],
  ['one of several images wants it', [undefined, 'true'], undefined],
])('buildx looks for the commit only for an attestation: %s', (_case, all, info) => {
  const environment = buildxEnvironment(
    all.map((provenance) => ({ ...BARE, provenance })),
    { log },
  );
  expect(environment['BUILDX_GIT_INFO']).toBe(info);
});
