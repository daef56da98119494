import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Buildkit, startBuildkit } from '../../scripts/parts/buildkit.ts';
import { type Registry, startRegistry } from '../../scripts/parts/registry.ts';
import { parts, partsRun } from './parts.ts';

export interface Builders {
  /** A builder that can all that BuildKit can. */
  readonly buildkit: Buildkit;
  /** A registry without authentication. */
  readonly open: Registry;
  readonly stop: () => Promise<void>;
}

/** Starts BuildKit and an open registry for a test file, with the engine that all share. */
export async function startBuilders(): Promise<Builders> {
  const run = partsRun();
  const open = await startRegistry(run, { auth: false });
  const buildkit = await startBuildkit(run, parts().docker);
  const stop = async (): Promise<void> => {
    await buildkit.stop();
    await open.stop();
  };
  return { buildkit, open, stop };
}

/** Runs docker on the engine of the tests; throws when it fails. */
export function docker(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('docker', args, { encoding: 'utf8', env: { ...process.env, ...parts().docker.env } });
  if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** The text of a new private key for SSH. */
export function sshKey(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ssh-key-'));
  const file = join(folder, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
  const text = readFileSync(file, 'utf8');
  rmSync(folder, { recursive: true });
  return text;
}

/** What a registry answers about a manifest or a blob; `path` is below `/v2/`. */
export async function fromRegistry(
  { address, username, password }: Pick<Registry, 'address' | 'username' | 'password'>,
  path: string,
): Promise<{ readonly digest: string; readonly json: unknown }> {
  const accept = ['image.index', 'image.manifest'].map((kind) => `application/vnd.oci.${kind}.v1+json`);
  const old = ['manifest.list', 'manifest'].map((kind) => `application/vnd.docker.distribution.${kind}.v2+json`);
  const response = await fetch(`http://${address}/v2/${path}`, {
    headers: {
      accept: [...accept, ...old].join(', '),
      ...(username === '' ? {} : { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }),
    },
  });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return { digest: response.headers.get('docker-content-digest') ?? '', json: await response.json() };
}

/** Command lines of all processes of this machine. */
export function commandLines(): string {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids
    .map((id) => {
      try {
        return readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return ''; // ended meanwhile
      }
    })
    .join('\n');
}
