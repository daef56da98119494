import { createHash } from 'node:crypto';
import { access, constants, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { ActionError, messageOf } from '../errors.ts';
import type { Log } from './runtime.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The CLI only parses with it, so any version that knows the language will do. */
const VERSION = '1.11.3';
const RELEASES = 'https://releases.hashicorp.com/nomad';

/**
 * Path of the Nomad CLI, from the first place that has it: `NOMAD_BIN`, PATH, the runner's tool cache, the official release (verified by its
 * checksum). `NOMAD_RELEASES` is the address of a mirror of the releases. Throws `unreachable` when it can't be fetched.
 */
export async function findNomad(env: Environment, log: Log): Promise<string> {
  if (env['NOMAD_BIN']) return env['NOMAD_BIN'];
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter((part) => part !== '')) {
    const program = join(folder, 'nomad');
    const found = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return program;
  }
  const { find } = await import('@actions/tool-cache');
  const cached = find('nomad', VERSION);
  return join(cached === '' ? await fetchRelease(env['NOMAD_RELEASES'] || RELEASES, log) : cached, 'nomad');
}

/** Downloads, verifies and caches a release; gives the folder that holds the program. */
async function fetchRelease(releases: string, log: Log): Promise<string> {
  const { cacheDir, downloadTool, extractZip } = await import('@actions/tool-cache');
  const file = `nomad_${VERSION}_${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}.zip`;
  const folder = `${releases.replace(/\/+$/, '')}/${VERSION}`;
  log.info(`The job spec reads files, which takes the Nomad CLI: fetching ${folder}/${file}`);
  try {
    const sums = await readFile(await downloadTool(`${folder}/nomad_${VERSION}_SHA256SUMS`), 'utf8');
    const expected = new RegExp(`^([0-9a-f]{64})\\s+\\*?${file.replaceAll('.', '\\.')}$`, 'm').exec(sums)?.[1];
    const archive = await downloadTool(`${folder}/${file}`);
    const actual = createHash('sha256')
      .update(await readFile(archive))
      .digest('hex');
    if (actual !== expected) throw new Error(`its checksum is ${actual}, the release says ${expected ?? 'nothing about it'}`);
    return await cacheDir(await extractZip(archive), 'nomad', VERSION);
  } catch (error) {
    throw new ActionError('unreachable', `the Nomad CLI could not be fetched from ${folder}: ${messageOf(error)}`, {
      hint: 'The job spec uses a function that reads files. Put `nomad` on PATH (hashicorp/setup-nomad), or name it with NOMAD_BIN.',
      cause: error,
    });
  }
}
