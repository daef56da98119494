import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { contentOf } from '../../../src/image/content.ts';
import type { Inputs } from '../../../src/inputs/types.ts';
import { secret } from '../../../src/runtime/secret.ts';

type Asked = Parameters<typeof contentOf>[1];
const NONE: Asked = {
  target: undefined,
  buildArgs: [],
  buildSecrets: {},
  ssh: {},
  platforms: [],
  labels: [],
  provenance: undefined,
  sbom: undefined,
  sourceDateEpoch: undefined,
};

let folder = '';
const write = (path: string, text: string): void => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text, { mode: 0o644 });
};
const content = async (inputs: Partial<Inputs> = {}, commit = 'ffac537', { signal } = new AbortController()): Promise<string | undefined> =>
  contentOf({ contextFolder: folder, dockerfile: join(folder, 'Dockerfile'), commit }, { ...NONE, ...inputs }, signal);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nomad-deploy-content-'));
  write('Dockerfile', 'FROM scratch\nCOPY . /\n');
  write('src/a.js', 'a');
  write('.dockerignore', 'logs\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the content of an image changes with', () => {
  test.each<[string, () => void]>([
    ['a file', () => write('src/a.js', 'b')],
    ['a file of the same size that is large', () => write('large', 'x'.repeat(3 << 20))],
    ['another file', () => write('src/b.js', '')],
    ['an empty folder', () => mkdirSync(join(folder, 'empty'))],
    ['a link', () => symlinkSync('a.js', join(folder, 'src/c.js'))],
    ['the mode of a file', () => chmodSync(join(folder, 'src/a.js'), 0o755)],
    ['the Dockerfile', () => write('Dockerfile', 'FROM scratch\nCOPY . /app\n')],
    ['what is left out', () => write('.dockerignore', 'logs\nsrc\n')],
    ['its own .dockerignore', () => write('Dockerfile.dockerignore', 'src\n')],
  ])('%s', async (_what, change) => {
    const before = await content();
    change();
    expect(await content()).toMatch(/^[0-9a-f]{64}$/);
    expect(await content()).not.toBe(before);
  });

  test.each<[string, Partial<Inputs>]>([
    ['build arguments', { buildArgs: ['A=1'] }],
    ['a target', { target: 'prod' }],
    ['platforms', { platforms: ['linux/arm64'] }],
    ['labels', { labels: ['a=b'] }],
    ['provenance', { provenance: 'mode=max' }],
    ['an SBOM', { sbom: 'true' }],
    ['a date', { sourceDateEpoch: '1' }],
  ])('%s', async (_what, inputs) => expect(await content(inputs)).not.toBe(await content()));

  test('a large file that has its size', async () => {
    write('large', 'x'.repeat(3 << 20));
    const before = await content();
    write('large', `${'x'.repeat((3 << 20) - 1)}y`);
    expect(await content()).not.toBe(before);
  });
});

describe('the content of an image stays with', () => {
  test.each<[string, () => void]>([
    ['nothing', () => undefined],
    ['a file that is left out', () => write('logs/today', 'x')],
    ['dates', () => utimesSync(join(folder, 'src/a.js'), 1, 1)],
  ])('%s', async (_what, change) => {
    const before = await content();
    change();
    expect(await content()).toBe(before);
  });

  test.each<[string, Partial<Inputs>, Partial<Inputs>]>([
    ['the order of arguments and platforms', { buildArgs: ['A=1', 'B=2'] }, { buildArgs: ['B=2', 'A=1'] }],
    ['attestations that are not asked for', { provenance: 'false' }, {}],
    ['where it comes from', { labels: ['org.opencontainers.image.created=now'] }, {}],
  ])('%s', async (_what, a, b) => expect(await content(a)).toBe(await content(b)));

  test('another commit and what git keeps of it, unless the Dockerfile looks at that', async () => {
    const before = await content({}, 'a');
    write('.git/index', 'one');
    expect(await content({}, 'b')).toBe(before);
    for (const line of [
      'COPY .git /src/.git',
      'RUN --mount=type=bind,source=.git,target=.git make',
      'RUN git describe --tags > /version',
    ]) {
      write('Dockerfile', `FROM scratch\n${line}\n`);
      expect(await content({}, 'a')).toBeDefined();
      expect(await content({}, 'b')).not.toBe(await content({}, 'a'));
      expect(await content({}, '')).toBeUndefined();
    }
    write('Dockerfile', 'FROM scratch\nCOPY .gitignore .github /\n');
    expect(await content({}, 'b')).toBe(await content({}, ''));
  });
});

test.each<[string, () => void]>([
  ['a .dockerignore that leads to a device', () => symlinkSync('/dev/zero', join(folder, 'Dockerfile.dockerignore'))],
  ['a .dockerignore that leads out of the context', () => symlinkSync('/etc/hostname', join(folder, 'Dockerfile.dockerignore'))],
  ['a .dockerignore that is a folder', () => mkdirSync(join(folder, 'Dockerfile.dockerignore'))],
  ['a .dockerignore that nobody writes to', () => execFileSync('mkfifo', [join(folder, 'Dockerfile.dockerignore')])],
  ['a .dockerignore that is huge', () => write('.dockerignore', 'x\n'.repeat(1 << 20))],
])('nobody knows the content with %s, which is not read', async (_what, change) => {
  change();
  expect(await content()).toBeUndefined();
});

test.each<[string, Partial<Inputs>]>([
  ['secrets', { buildSecrets: { token: { value: secret('x') } } }],
  ['SSH', { ssh: { default: 'agent' } }],
])('nobody knows the content with %s', async (_what, inputs) => expect(await content(inputs)).toBeUndefined());

test.each([
  ['ADD https://example.com/a /', false],
  ['FROM x\n  add --chown=1:1 http://example.com/a /', false],
  ['ADD git@github.com:acme/shop.git /', false],
  ['ADD $URL /', false],
  ['ADD \\\n  https://example.com/a /', false],
  ['ADD \\\n# why\n  https://example.com/a /', false],
  ['ONBUILD ADD https://example.com/a /', false],
  ['ADD --checksum=sha256:00 https://example.com/a /', true],
  ['ADD a.tar.gz /', true],
  ['# ADD https://example.com/a /', true],
  ['COPY a /', true],
  ['RUN echo https://example.com', true],
])('%j: the content is known: %s', async (line, known) => {
  write('Dockerfile', `FROM scratch\n${line}\n`);
  expect((await content()) !== undefined).toBe(known);
});

test('nobody knows the content of a context whose .dockerignore has no meaning', async () => {
  write('.dockerignore', '[b-a]\n');
  expect(await content()).toBeUndefined();
});

test('nobody knows the content of a context when the run has ended before all files are read', async () => {
  for (let i = 0; i < 60; i++) write(`src/${i}.js`, 'a');
  const given = new AbortController();
  const reading = content({}, 'ffac537', given);
  given.abort();
  expect(await reading).toBeUndefined();
});
