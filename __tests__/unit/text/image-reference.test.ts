import { describe, expect, test } from '@jest/globals';
import {
  completeReference,
  hostOfRegistry,
  isDigest,
  isFrom,
  parseReference,
  referencesIn,
  registryIn,
  registryOf,
} from '../../../src/text/image-reference.ts';

const DIGEST = `sha256:${'0a'.repeat(32)}`;

const SHA512 = `sha512:${'f'.repeat(128)}`;

// The examples of github.com/distribution/reference, read as `docker` reads them: a first part that is no host belongs to the path.
describe('the name of an image', () => {
  test.each<[text: string, host: string | undefined, path: string, tag?: string | undefined, digest?: string]>([
    ['test_com', undefined, 'test_com'],
    ['test.com:tag', undefined, 'test.com', 'tag'],
    ['test.com:5000', undefined, 'test.com', '5000'],
    ['test.com/repo:tag', 'test.com', 'repo', 'tag'],
    ['test:5000/repo', 'test:5000', 'repo'],
    ['test:5000/repo:tag', 'test:5000', 'repo', 'tag'],
    [`test:5000/repo@${DIGEST}`, 'test:5000', 'repo', undefined, DIGEST],
    [`test:5000/repo:tag@${DIGEST}`, 'test:5000', 'repo', 'tag', DIGEST],
    ['localhost/shop', 'localhost', 'shop'],
    ['localhost:5000/shop', 'localhost:5000', 'shop'],
    ['lowercase:Uppercase', undefined, 'lowercase', 'Uppercase'],
    [`${'a/'.repeat(127)}a:tag-puts-this-over-max`, undefined, `${'a/'.repeat(127)}a`, 'tag-puts-this-over-max'],
    ['sub-dom1.foo.com/bar/baz/quux:some-long-tag', 'sub-dom1.foo.com', 'bar/baz/quux', 'some-long-tag'],
    ['b.gcr.io/test.example.com/my-app:test.example.com', 'b.gcr.io', 'test.example.com/my-app', 'test.example.com'],
    ['xn--n3h.com/myimage:xn--n3h.com', 'xn--n3h.com', 'myimage', 'xn--n3h.com'],
    [`xn--7o8h.com/myimage:xn--7o8h.com@${SHA512}`, 'xn--7o8h.com', 'myimage', 'xn--7o8h.com', SHA512],
    ['foo_bar.com:8080', undefined, 'foo_bar.com', '8080'],
    ['foo/foo_bar.com:8080', undefined, 'foo/foo_bar.com', '8080'],
    ['192.168.1.1', undefined, '192.168.1.1'],
    ['192.168.1.1:5000/repo:5050', '192.168.1.1:5000', 'repo', '5050'],
    ['[2001:db8::1]/repo', '[2001:db8::1]', 'repo'],
    [`[2001:db8::1]:5000/repo:tag@${DIGEST}`, '[2001:db8::1]:5000', 'repo', 'tag', DIGEST],
    ['[::1]:5000/repo', '[::1]:5000', 'repo'],
    ['docker---rules/dock__er', undefined, 'docker---rules/dock__er'],
    ['Docker/docker', 'Docker', 'docker'],
    ['index.docker.io/library/debian', 'docker.io', 'library/debian'],
    [`docker.io/${'1a'.repeat(32)}`, 'docker.io', '1a'.repeat(32)],
    [`${'t'.repeat(64)}`, undefined, 't'.repeat(64)],
    [`shop:${'t'.repeat(128)}`, undefined, 'shop', 't'.repeat(128)],
  ])('%s', (...[text, host, path, tag, digest]) => {
    const name = text.slice(0, text.length - `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`.length);
    expect(parseReference(text)).toEqual({ name, host, path, tag, digest });
  });

  test.each([
    '',
    ':justtag',
    `@${DIGEST}`,
    `repo@sha256:${'f'.repeat(34)}`,
    `repo@sha512:${'f'.repeat(64)}`,
    `repo@sha256:${'F'.repeat(64)}`,
    `validname@invaliddigest:${'f'.repeat(64)}`,
    'Uppercase:tag',
    'test:5000/Uppercase/lowercase:tag',
    'docker/Docker',
    'docker.io/docker/Docker',
    `${'a/'.repeat(128)}a:tag`,
    'aa/asdf$$^/aa',
    '[2001:db8::1]',
    '[2001:db8::1]:5000',
    '[2001:db8::1]:tag',
    '[fe80::1%eth0]:5000/repo',
    '[fe80::1%@invalidzone]:5000/repo',
    '[2001:db8:3:4::192.0.2.33]:5000/debian',
    'fc00::1:5000/debian',
    'https://github.com/docker/docker',
    '-docker',
    '-docker.io/docker/docker',
    'docker-/docker',
    'docker///docker',
    'docker/',
    '____/____',
    'dock..er/docker',
    'dock_.er/docker',
    'dock-.er/docker',
    '1a'.repeat(32),
    `shop:${'t'.repeat(129)}`,
    'shop:-tag',
    'shop:1\n',
    ' shop',
  ])('is not %j', (text) => expect(parseReference(text)).toBeUndefined());

  test.each([
    ['redis', 'docker.io/library/redis:latest'],
    ['redis:latest', 'docker.io/library/redis:latest'],
    ['docker.io/redis', 'docker.io/library/redis:latest'],
    [`index.docker.io/redis@${DIGEST}`, `docker.io/library/redis@${DIGEST}`],
    ['library/foo/bar', 'docker.io/library/foo/bar:latest'],
    ['dmcgowan/myapp', 'docker.io/dmcgowan/myapp:latest'],
    [`busybox:latest@${DIGEST}`, `docker.io/library/busybox:latest@${DIGEST}`],
    ['127.0.0.1:8000/privatebase', '127.0.0.1:8000/privatebase:latest'],
  ])('%s is completed to %s', (text, complete) => expect(completeReference(text)).toBe(complete));
});

test('names of a repository are found in a text, and not those of others', () => {
  const text = `IMAGE=ghcr.io/a/b:1 "ghcr.io/a/b@${DIGEST}" docker://ghcr.io/a/b, x.ghcr.io/a/b:2 ghcr.io/a/b/c:3 ghcr.io/a/bc ghcr.io/a/b:5000/x ghcr.io/a/b:1@x`;
  expect(referencesIn(text, 'ghcr.io/a/b').map(({ tag, digest }) => [tag, digest])).toEqual([
    ['1', undefined],
    [undefined, DIGEST],
    [undefined, undefined],
  ]);
});

test('a digest has an algorithm and its number of digits', () => {
  expect([DIGEST, SHA512, `sha384:${'0'.repeat(96)}`].every(isDigest)).toBe(true);
  expect([DIGEST.slice(0, -1), `${DIGEST}\n`, '0a'.repeat(32), `md5:${'0'.repeat(32)}`].some(isDigest)).toBe(false);
});

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

  test('has a host for the login', () =>
    expect(['ghcr.io', 'localhost:5000/a/b', 'europe-docker.pkg.dev/acme/images'].map(hostOfRegistry)).toEqual([
      'ghcr.io',
      'localhost:5000',
      'europe-docker.pkg.dev',
    ]));
  test('is called as docker calls it', () => {
    expect(['https://index.docker.io/v1/', 'docker.io', 'HTTP://host:5000/a/'].map(registryIn)).toEqual([
      'docker.io',
      'docker.io',
      'host:5000/a',
    ]);
  });
});
