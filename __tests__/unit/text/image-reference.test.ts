import { describe, expect, test } from '@jest/globals';
import { isFrom, registryIn, registryOf } from '../../../src/text/image-reference.ts';

const DIGEST = `sha256:${'0a'.repeat(32)}`;

describe('an image is of a registry', () => {
  test.each([
    ['ghcr.io/acme/shop', 'ghcr.io/acme'],
    ['ghcr.io/acme/shop:1.2', 'https://ghcr.io/acme/'],
    [`ghcr.io/acme/shop:1.2@${DIGEST}`, 'ghcr.io/acme/shop'],
    ['ghcr.io/acme/shop:${meta.tag}', 'ghcr.io/acme'],
    ['ghcr.io/acme/shop:1.${meta.minor}-x', 'ghcr.io'],
    ['ghcr.io/acme/shop@${meta.digest}', 'ghcr.io/acme/shop'],
    ['ghcr.io/acme/shop:%{ if true }1%{ endif }', 'ghcr.io/acme'],
    ['localhost:5000/shop:${meta.tag}', 'localhost:5000'],
    ['localhost/shop', 'localhost'],
    ['[::1]:5000/shop:1', '[::1]:5000'],
    ['redis', 'docker.io'],
    ['redis:7', 'docker.io/library'],
    ['docker.io/redis', 'library'],
    ['index.docker.io/redis', 'docker.io/library'],
    ['registry-1.docker.io/library/redis', 'https://index.docker.io/v1/'],
    ['docker://acme/shop', 'acme'],
    ['https://ghcr.io/acme/shop', 'ghcr.io'],
    ['acme/a__b/c--d:x', 'acme/a__b'],
  ])('%s: %s', (image, registry) => expect(isFrom(image, registry, true)).toBe(true));
});

describe('an image is of none, or of another registry', () => {
  test.each([
    ['ghcr.io.evil.com/acme/shop', 'ghcr.io'],
    ['ghcr.io/acme-evil/shop', 'ghcr.io/acme'],
    ['ghcr.io/acme', 'ghcr.io/acme/shop'],
    ['ghcr.io', 'ghcr.io'],
    ['ghcr.io:443/acme/shop', 'ghcr.io'],
    ['ghcr.io./acme/shop', 'ghcr.io'],
    ['xn--ghcr-9ra.io/acme/shop', 'ghcr.io'],
    ['ghcr.iо/acme/shop', 'ghcr.io'],
    ['ghcr.io／acme/shop', 'ghcr.io'],
    ['ghcr.io/acme/../evil/shop', 'ghcr.io/acme'],
    ['ghcr.io//acme/shop', 'ghcr.io'],
    ['ghcr.io/acme/shop/', 'ghcr.io/acme'],
    ['ghcr.io/acme/shop@evil.com/x', 'ghcr.io/acme'],
    ['ghcr.io/acme/shop:1@evil.com:x', 'ghcr.io/acme'],
    ['evil.com/x#ghcr.io/acme/shop', 'ghcr.io/acme'],
    ['ghcr.io/acme/shop\nevil.com/x', 'ghcr.io/acme'],
    ['ghcr.io/acme/shop\n', 'ghcr.io/acme'],
    [' ghcr.io/acme/shop', 'ghcr.io/acme'],
    ['ghcr.io/Acme/shop', 'ghcr.io'],
    ['GHCR.IO/acme/shop', 'docker.io'],
    ['EVIL/shop', 'docker.io'],
    ['localhost/shop', 'docker.io'],
    ['acme:${meta.x}', 'acme'],
    ['acme:${meta.x}/shop', 'docker.io'],
    ['${meta.registry}/acme/shop', 'ghcr.io'],
    ['ghcr.io/${meta.x}', 'ghcr.io'],
    ['ghcr.io/acme/shop${meta.x}', 'ghcr.io/acme'],
    ['ghcr.io/acme/x:y/${meta.x}', 'ghcr.io/acme'],
    ['$${ghcr.io/acme/shop}', 'ghcr.io'],
    ['docker-archive:/tmp/x.tar', 'docker.io'],
    ['docker-archive:ghcr.io/acme/x.tar', 'ghcr.io'],
    ['oci:ghcr.io/acme', 'ghcr.io'],
    ['dir:/tmp/x', 'docker.io'],
    ['containers-storage:ghcr.io/acme/x', 'ghcr.io'],
    ['docker://docker://ghcr.io/acme/x', 'ghcr.io'],
    ['/tmp/x', 'docker.io'],
    ['', 'docker.io'],
    ['redis', ''],
    // Docker has it for `library/acme`, which is not the user's.
    ['docker.io/acme', 'acme'],
  ])('%j: %s', (image, registry) => expect(isFrom(image, registry, true)).toBe(false));
});

describe('an image without a host', () => {
  test.each(['redis', 'acme/shop:1', 'docker://acme/shop'])('is of no registry where the node says which: %s', (image) =>
    expect(['docker.io', 'acme', 'library'].filter((registry) => isFrom(image, registry, false))).toEqual([]),
  );
  test('is of the hub that it names', () => expect(isFrom('docker.io/redis:7', 'library', false)).toBe(true));
});

describe('the registry of an image', () => {
  test.each([
    ['ghcr.io/acme/shop:1', 'ghcr.io'],
    ['localhost:5000/shop', 'localhost:5000'],
    ['acme/shop', 'docker.io'],
    ['shop:5000', 'docker.io'],
    ['index.docker.io/acme/shop', 'docker.io'],
    // Docker takes a first part with a capital for a host, too.
    ['Registry/shop', 'Registry'],
  ])('%s: %s', (image, registry) => expect(registryOf(image)).toBe(registry));

  test('is called as docker calls it', () => {
    expect(['https://index.docker.io/v1/', 'docker.io', 'HTTP://host:5000/a/'].map(registryIn)).toEqual([
      'docker.io',
      'docker.io',
      'host:5000/a',
    ]);
  });
});
