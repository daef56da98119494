import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Settings, startThrowaway } from '../../src/rehearsal/agent.ts';
import { machine, openMasking } from '../../src/runtime/machine.ts';
import type { Docker } from './docker.ts';
import type { Nomad } from './nomad.ts';
import type { Registry } from './registry.ts';
import type { Run } from './state.ts';
import { tool } from './tools.ts';

export interface ThrowAwayOptions {
  readonly docker: Pick<Docker, 'host' | 'env'>;
  readonly registries: readonly Pick<Registry, 'address' | 'username' | 'password'>[];
  /** Variables by which the parts' clean-up knows the processes of the run. */
  readonly mark: Readonly<Record<string, string>>;
}

/** Starts the throw-away agent that `command: rehearse` starts. Resolves when it can place a task. */
export async function startThrowAwayNomad(
  run: Run,
  { docker, registries, mark }: ThrowAwayOptions,
): Promise<Pick<Nomad, 'address' | 'token' | 'stop'>> {
  const folder = join(run.folder, 'logins');
  mkdirSync(folder);
  const logins = join(folder, 'config.json');
  const auths = registries.map(({ address, username, password }) => [
    address,
    { auth: Buffer.from(`${username}:${password}`).toString('base64') },
  ]);
  writeFileSync(logins, JSON.stringify({ auths: Object.fromEntries(auths) }), { mode: 0o600 });
  const ignore = (): void => undefined;
  const log = {
    info: ignore,
    debug: ignore,
    notice: ignore,
    warning: ignore,
    error: ignore,
    group: async <T>(_: string, work: () => Promise<T>) => work(),
  };
  const env = { ...process.env, ...docker.env, RUNNER_TEMP: run.folder, NOMAD_BIN: await tool('nomad') };
  const { shared } = machine({
    ...{ env, log, workspace: run.folder, masking: openMasking(ignore), save: ignore },
    signal: new AbortController().signal,
  });
  const settings: Settings = { region: 'global', privileges: false, logins };
  const { process: agent, token, close } = await startThrowaway(settings, { ...docker.env, ...mark }, shared);
  const name = basename(dirname(agent.folder));
  // For a run that crashes; the others stop the agent before.
  run.undoLater(
    `containers of ${name}`,
    `docker -H ${docker.host} ps -aq --filter label=com.hashicorp.nomad.node_name=${name} | xargs -r docker -H ${docker.host} rm -f`,
  );
  const stop = async (): Promise<void> => {
    await close();
    await agent.remove();
  };
  return { address: agent.address, token, stop };
}
