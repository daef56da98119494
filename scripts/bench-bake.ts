// How long several independent images take at once, beside one after another: by the action, on an engine and a registry of the run's own. Each takes two
// seconds of waiting, so that it does not matter how many cores there are.
import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeWorkspace, runAction } from './parts/action.ts';
import { startDocker } from './parts/docker.ts';
import { importBusybox } from './parts/images.ts';
import { startRegistry } from './parts/registry.ts';
import { startRun } from './parts/state.ts';

const ROUNDS = 3;
const APPS = ['a', 'b', 'c', 'd'];
const DOCKERFILE = 'FROM busybox:1.37\nCOPY page /page\nRUN sleep 2\n';
/** What is promised: at once, they take no more of the time of one after another. */
const LIMIT = 0.6;

/** Builds the apps of a configuration file at once, and one after another, in turn; prints the medians and their ratio. */
export async function benchBake(median: (values: readonly number[]) => number): Promise<void> {
  const run = await startRun();
  const workspace = makeWorkspace({
    'nomad-deploy.yml': `apps:\n${APPS.map((name) => `  ${name}: { context: ${name} }\n`).join('')}`,
    ...Object.fromEntries(APPS.map((name) => [`${name}/Dockerfile`, DOCKERFILE])),
  });
  try {
    const docker = await startDocker(run);
    const [registry] = await Promise.all([startRegistry(run), importBusybox(run, docker)]);
    const build = async (app: string): Promise<number> => {
      const { code, durationMs, log } = await runAction({
        workspace,
        env: { ...docker.env, GITHUB_REPOSITORY: 'Acme/Bake' },
        inputs: {
          ...{ command: 'build', app, registry: registry.address },
          ...{ 'registry-username': registry.username, 'registry-password': registry.password },
        },
      });
      if (code !== 0 || log.includes('Not built again')) throw new Error(`the action did not build:\n${log}`);
      return durationMs;
    };
    const change = (): void => {
      for (const name of APPS) writeFileSync(join(workspace, name, 'page'), randomUUID());
    };
    const rounds: (readonly [together: number, apart: number])[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      change();
      const together = await build('');
      change();
      let apart = 0;
      for (const name of APPS) apart += await build(name);
      rounds.push([together, apart]);
    }
    const apart = median(rounds.map(([, ms]) => ms));
    const ratio = median(rounds.map(([ms, others]) => ms / others));
    console.log(`${APPS.length} images (median of ${ROUNDS} rounds in turn)`);
    console.log(`${apart.toFixed(1).padStart(8)} ms  1.00x  one after another`);
    console.log(
      `${(apart * ratio).toFixed(1).padStart(8)} ms  ${ratio.toFixed(2)}x  by one bake; at most ${LIMIT}: ${ratio <= LIMIT ? 'holds' : 'does not hold'}`,
    );
  } finally {
    rmSync(workspace, { recursive: true, force: true });
    await run.stop();
  }
}
