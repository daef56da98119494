import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findBuilt } from '../../../src/image/reuse.ts';
import type { Runtime } from '../../../src/runtime/runtime.ts';

const BUILT = `sha256:${'1'.repeat(64)}`;
const OTHER = `sha256:${'2'.repeat(64)}`;
const TAGS = ['r/a:main', 'r/a:latest', 'r/a:sha-abc'];

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nomad-deploy-reuse-'));
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Finds an image of the content where the registry has these tags. Returns the tags to set, and the tags that were looked up. */
async function pendingOf(
  registry: Readonly<Record<string, string>>,
  tags = TAGS,
): Promise<readonly [readonly string[], readonly string[]]> {
  const looked: string[] = [];
  const exec = async (argv: readonly string[]): ReturnType<Runtime['exec']> => {
    const image = argv.at(-1) ?? '';
    const content = /:content-([0-9a-f]+)$/.exec(image)?.[1];
    if (argv.includes('inspect') && content === undefined) looked.push(image);
    const digest = content === undefined ? registry[image] : BUILT;
    if (digest === undefined)
      return Promise.resolve({ code: 1, stdout: '', stderr: `${image}: not found`, lines: [`${image}: not found`] });
    const config = { architecture: 'amd64', config: { Labels: { 'nomad-deploy.content': label } } };
    const stdout = `${digest} ${JSON.stringify({ image: config, manifest: {} })}`;
    return Promise.resolve({ code: 0, stdout, stderr: '', lines: [] });
  };
  const inputs = { push: true, buildSecrets: {}, ssh: {}, buildArgs: [], platforms: [], labels: [] };
  const plan = {
    kind: 'build',
    name: 'r/a',
    tags,
    trust: 'trusted',
    commit: '',
    contextFolder: folder,
    dockerfile: join(folder, 'Dockerfile'),
  };
  const runtime = { exec, workspace: folder, signal: new AbortController().signal, log: { debug: () => undefined } } as unknown as Runtime;
  const find = async (): ReturnType<typeof findBuilt> =>
    findBuilt(plan as unknown as Parameters<typeof findBuilt>[0], inputs as unknown as Parameters<typeof findBuilt>[1], {}, runtime);
  let label = '';
  const missed = await find();
  if ('built' in missed) throw new Error('an image without the label of the content was taken');
  label = missed.labels['nomad-deploy.content'] ?? '';
  const found = await find();
  if (!('built' in found)) throw new Error('the image was not found');
  return [found.built.pendingTags, looked];
}

test.each<[string, Readonly<Record<string, string>>, readonly string[], readonly string[]]>([
  ['a new commit: all tags are set', { 'r/a:main': BUILT, 'r/a:latest': BUILT }, TAGS, ['r/a:sha-abc']],
  ['the same commit again: no tag is set', { 'r/a:main': BUILT, 'r/a:latest': BUILT, 'r/a:sha-abc': BUILT }, [], TAGS],
  [
    'an older commit again: the tags that name another image are set',
    { 'r/a:main': OTHER, 'r/a:sha-abc': BUILT },
    ['r/a:main', 'r/a:latest'],
    TAGS,
  ],
  ['another image has the tag of the commit: all tags are set', { 'r/a:sha-abc': OTHER }, TAGS, ['r/a:sha-abc']],
])('a found image of %s', async (_what, registry, pending, asked) => {
  const [tags, looked] = await pendingOf(registry);
  expect(tags).toEqual(pending);
  expect([...looked].sort()).toEqual([...asked].sort());
});

test('many tags are set without a look', async () => {
  const many = Array.from({ length: 5 }, (_, i) => `r/a:${i}`);
  expect(await pendingOf(Object.fromEntries(many.map((tag) => [tag, BUILT])), many)).toEqual([many, []]);
});
