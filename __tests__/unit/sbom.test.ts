import { describe, expect, test } from '@jest/globals';
import { type Bundled, billOfMaterials, type Lock, type Own } from '../../scripts/sbom.ts';

const own: Own = { name: 'shop', version: '1.2.3', license: 'MIT', devDependencies: { '@acme/http': '4.0.1', jest: '30.0.0' } };
const http: Bundled = { name: '@acme/http', version: '4.0.1', license: 'MIT', path: 'node_modules/@acme/http' };
const tunnel: Bundled = { name: 'tunnel', version: '0.0.6', license: 'ISC', path: 'node_modules/@acme/http/node_modules/tunnel' };
const sha512 = (byte: number): string => `sha512-${Buffer.alloc(64, byte).toString('base64')}`;
const lock: Lock = {
  packages: {
    'node_modules/@acme/http': { integrity: sha512(1), dependencies: { tunnel: '^0.0.6', 'left-out': '1.0.0' } },
    'node_modules/@acme/http/node_modules/tunnel': { integrity: sha512(2) },
  },
};

describe('the bill of materials', () => {
  const bill = (packages: readonly Bundled[]): Record<string, unknown> =>
    JSON.parse(billOfMaterials(own, packages, lock)) as Record<string, unknown>;

  test('is of CycloneDX 1.6, about this version', () =>
    expect(bill([])).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      metadata: { component: { name: 'shop', version: '1.2.3', purl: 'pkg:npm/shop@1.2.3' } },
      components: [],
    }));

  test('names each package with its address, licence and the checksum of the lock file', () =>
    expect(bill([http, tunnel])['components']).toEqual([
      {
        type: 'library',
        'bom-ref': 'pkg:npm/%40acme/http@4.0.1',
        name: '@acme/http',
        version: '4.0.1',
        hashes: [{ alg: 'SHA-512', content: '01'.repeat(64) }],
        licenses: [{ license: { id: 'MIT' } }],
        purl: 'pkg:npm/%40acme/http@4.0.1',
      },
      expect.objectContaining({ name: 'tunnel', hashes: [{ alg: 'SHA-512', content: '02'.repeat(64) }] }),
    ]));

  test('says who needs whom, of what is bundled', () =>
    expect(bill([http, tunnel])['dependencies']).toEqual([
      { ref: 'pkg:npm/shop@1.2.3', dependsOn: ['pkg:npm/%40acme/http@4.0.1'] },
      { ref: 'pkg:npm/%40acme/http@4.0.1', dependsOn: ['pkg:npm/tunnel@0.0.6'] },
      { ref: 'pkg:npm/tunnel@0.0.6', dependsOn: [] },
    ]));

  test('has no time and no chance: it is the same each time', () =>
    expect(billOfMaterials(own, [http, tunnel], lock)).toBe(billOfMaterials(own, [http, tunnel], lock)));

  test('refuses a package that the lock file does not pin', () =>
    expect(() => bill([{ ...http, path: 'node_modules/other' }])).toThrow('package-lock.json has no SHA-512 of node_modules/other'));
});
