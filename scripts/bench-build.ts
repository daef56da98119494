// How much longer the action takes than the same `docker buildx build --push`: on an engine and a registry of the run's own, in turn, with an image that
// takes a second of building and whose last layers are new each time.
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeWorkspace, runAction } from './parts/action.ts';
import { type Docker, startDocker } from './parts/docker.ts';
import { importBusybox } from './parts/images.ts';
import { type Registry, startRegistry } from './parts/registry.ts';
import { startRun } from './parts/state.ts';

const RUNS = 9;
const DOCKERFILE = 'FROM busybox:1.37\nCOPY page /page\nRUN sleep 1\n';

async function timeAction(workspace: string, docker: Docker, { address, username, password }: Registry): Promise<number> {
  const { code, durationMs, log } = await runAction({
    workspace,
    env: { ...docker.env, GITHUB_REPOSITORY: 'Acme/Bench' },
    inputs: { command: 'build', registry: address, 'registry-username': username, 'registry-password': password },
  });
  if (code !== 0 || log.includes('Not built again')) throw new Error(`the action did not build:\n${log}`);
  return durationMs;
}

/** The same image, tags and registry; the login is there already. */
function timeDocker(workspace: string, docker: Docker, { address }: Registry): number {
  const tags = ['main', 'sha-ffac537'].flatMap((tag) => ['--tag', `${address}/acme/bench:${tag}`]);
  const begun = performance.now();
  const { status, stderr } = spawnSync('docker', ['buildx', 'build', '--push', '--progress=plain', ...tags, '.'], {
    cwd: workspace,
    env: { ...process.env, ...docker.env, BUILDX_NO_DEFAULT_ATTESTATIONS: '1' },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`docker ended with ${status}:\n${stderr}`);
  return performance.now() - begun;
}

function logIn(docker: Docker, { address, username, password }: Registry): void {
  const { status, stderr } = spawnSync('docker', ['login', address, '--username', username, '--password-stdin'], {
    env: { ...process.env, ...docker.env },
    input: password,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}

/** Builds with the action and with docker itself, in turn; prints the medians and their difference. */
export async function benchBuild(median: (values: readonly number[]) => number): Promise<void> {
  const run = await startRun();
  const workspace = makeWorkspace({ Dockerfile: DOCKERFILE });
  try {
    const docker = await startDocker(run);
    const [registry] = await Promise.all([startRegistry(run), importBusybox(run, docker)]);
    logIn(docker, registry);
    const rounds: (readonly [number, number])[] = [];
    // The first round fills the caches of both.
    for (let i = 0; i <= RUNS; i++) {
      writeFileSync(join(workspace, 'page'), randomUUID());
      const ours = await timeAction(workspace, docker, registry);
      writeFileSync(join(workspace, 'page'), randomUUID());
      if (i > 0) rounds.push([ours, timeDocker(workspace, docker, registry)]);
      else timeDocker(workspace, docker, registry);
    }
    const raw = median(rounds.map(([, theirs]) => theirs));
    const more = median(rounds.map(([ours, theirs]) => ours - theirs));
    const limit = Math.max(150, raw * 0.03);
    console.log(`a build that is pushed (median of ${RUNS} rounds in turn)`);
    console.log(`${raw.toFixed(1).padStart(8)} ms  1.00x  docker buildx build --push`);
    console.log(`${(raw + more).toFixed(1).padStart(8)} ms  ${((raw + more) / raw).toFixed(2)}x  the action, login and look-up included`);
    console.log(
      `${more.toFixed(1).padStart(8)} ms  more; at most ${limit.toFixed(0)} ms (3 %, or 150 ms): ${more <= limit ? 'holds' : 'does not hold'}`,
    );
  } finally {
    rmSync(workspace, { recursive: true, force: true });
    await run.stop();
  }
}
