import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { NOMAD_FEATURES } from '../../scripts/nomad-features.ts';
import { startDocker } from '../../scripts/parts/docker.ts';
import { importBusybox } from '../../scripts/parts/images.ts';
import { startNomad } from '../../scripts/parts/nomad.ts';
import { startRegistry } from '../../scripts/parts/registry.ts';
import { type OwnRun, startRun, stopAll } from '../../scripts/parts/state.ts';
import { atLeast, nomadVersion, tool } from '../../scripts/parts/tools.ts';
import { PARTS, type Parts } from './parts.ts';

/** Starts the real parts in a run of their own; returns the path of the file that says where they are. */
async function startParts(run: OwnRun): Promise<string> {
  // A program of any file name becomes one that guides call `nomad`.
  const nomadBin = join(run.folder, 'bin/nomad');
  mkdirSync(join(run.folder, 'bin'));
  symlinkSync(resolve(await tool('nomad')), nomadBin);
  const docker = await startDocker(run);
  const [registry] = await Promise.all([startRegistry(run), importBusybox(run, docker)]);
  const version = await nomadVersion(nomadBin);
  const volume = join(run.folder, 'scratch');
  mkdirSync(volume);
  // Newer versions create it by their API; see builtin.test.ts.
  const config = atLeast(version, NOMAD_FEATURES.hostVolumes.since) ? '' : `client {\n host_volume "scratch" {\n path = "${volume}"\n }\n}`;
  const options = { docker, registries: [registry], config };
  const [nomad, nomadWithAcls] = await Promise.all([startNomad(run, options), startNomad(run, { ...options, acl: true })]);
  const found: Parts = { docker, registry, nomad, nomadWithAcls, nomadBin, nomadVersion: version };
  const file = join(run.folder, 'parts.json');
  writeFileSync(file, JSON.stringify(found), { mode: 0o600 });
  return file;
}

/**
 * Starts the real parts once per jest run, for each worker its own: tests of two files give the same names to jobs and images. A part that can't be had
 * fails the run: nothing is skipped.
 */
export default async function globalSetup({ maxWorkers }: { readonly maxWorkers: number }): Promise<void> {
  const runs: OwnRun[] = [];
  try {
    for (let i = 0; i < maxWorkers; i++) runs.push(await startRun());
    const files: string[] = [];
    for (const run of runs) files.push(await startParts(run));
    process.env[PARTS] = files.join(delimiter);
    // Checkouts and runner folders of tests go away with the run, also those of a test that timed out.
    process.env['NOMAD_DEPLOY_TEMP'] = join(runs[0]?.folder ?? '', 'tests');
    mkdirSync(process.env['NOMAD_DEPLOY_TEMP']);
  } catch (error) {
    await stopAll();
    throw error;
  }
}
