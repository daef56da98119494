// A build beside `docker buildx build --push`, and four at once beside `docker buildx bake --push`: each takes a second, and its last layers are new each time.
import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeWorkspace, runAction } from '../parts/action.ts';
import { ended } from './deploy.ts';
import type { BenchParts } from './parts.ts';
import type { Measured, Pair } from './table.ts';

const APPS = ['a', 'b', 'c', 'd'];
const DOCKERFILE = 'FROM busybox:1.37\nCOPY page /page\nRUN sleep 1\n';
const TAGS = ['main', 'sha-ffac537'];

async function byAction(workspace: string, { docker, registry }: BenchParts): Promise<number> {
  const { code, durationMs, log } = await runAction({
    workspace,
    env: { ...docker.env, GITHUB_REPOSITORY: 'Acme/Bench' },
    inputs: {
      ...{ command: 'build', registry: registry.address },
      ...{ 'registry-username': registry.username, 'registry-password': registry.password },
    },
  });
  if (code !== 0 || log.includes('Not built again')) throw new Error(`the action did not build:\n${log}`);
  return durationMs;
}

async function measure(
  folders: readonly string[],
  workspace: string,
  argv: readonly string[],
  parts: BenchParts,
  runs: number,
): Promise<Pair[]> {
  const change = (): void => {
    for (const folder of folders) writeFileSync(join(workspace, folder, 'page'), randomUUID());
  };
  const env = { ...process.env, ...parts.docker.env, BUILDX_NO_DEFAULT_ATTESTATIONS: '1' };
  const pairs: Pair[] = [];
  // The first round fills the caches of both.
  for (let i = 0; i <= runs; i++) {
    change();
    const ours = await byAction(workspace, parts);
    change();
    const begun = performance.now();
    await ended(argv, workspace, env);
    if (i > 0) pairs.push([ours, performance.now() - begun]);
  }
  rmSync(workspace, { recursive: true, force: true });
  return pairs;
}

export async function measureBuild(parts: BenchParts, runs: number): Promise<Measured> {
  const workspace = makeWorkspace({ Dockerfile: DOCKERFILE });
  const tags = TAGS.flatMap((tag) => ['--tag', `${parts.registry.address}/acme/bench:${tag}`]);
  const argv = ['docker', 'buildx', 'build', '--push', '--progress=plain', ...tags, '.'];
  return { build: await measure([''], workspace, argv, parts, runs) };
}

export async function measureImages(parts: BenchParts, runs: number): Promise<Measured> {
  const targets = APPS.map((name) => [
    name,
    { context: name, tags: TAGS.map((tag) => `${parts.registry.address}/acme/bench/${name}:${tag}`), output: ['type=registry'] },
  ]);
  const workspace = makeWorkspace({
    'nomad-deploy.yml': `apps:\n${APPS.map((name) => `  ${name}: { context: ${name} }\n`).join('')}`,
    'bake.json': JSON.stringify({ target: Object.fromEntries(targets) }),
    ...Object.fromEntries(APPS.map((name) => [`${name}/Dockerfile`, DOCKERFILE])),
  });
  const argv = ['docker', 'buildx', 'bake', '--push', '--progress=plain', '--file', 'bake.json', ...APPS];
  return { images: await measure(APPS, workspace, argv, parts, runs) };
}
