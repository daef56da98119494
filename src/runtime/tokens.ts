import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ActionError } from '../errors.ts';
import type { Env, StoredToken, TokenStore } from './runtime.ts';
import { secret } from './secret.ts';
import { parseTime } from './time.ts';

/** The file of the tokens of logins: by the address of the cluster. Only its owner can read it. */
interface Stored {
  readonly [address: string]: { readonly token: string; readonly expiresAt?: string };
}

/** Returns the store of tokens in the folder for settings of the person (`XDG_CONFIG_HOME`, else `~/.config`). `now` is in milliseconds since the epoch. */
export function tokenStore(env: Env, now: () => number): TokenStore {
  const folder = join(env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config'), 'nomad-deploy');
  const file = join(folder, 'tokens.json');
  return {
    of: async (address) => {
      const found = (await read(file))[address];
      if (found === undefined || (found.expiresAt !== undefined && parseTime(found.expiresAt) <= now())) return undefined;
      return { token: secret(found.token), expiresAt: found.expiresAt };
    },
    keep: async (address, { token, expiresAt }: StoredToken) => {
      const stored = { ...(await read(file)), [address]: { token: token.reveal(), ...(expiresAt === undefined ? {} : { expiresAt }) } };
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // A reader finds the old file or the new one, never half of it.
      const temporary = `${file}.${randomUUID()}`;
      await writeFile(temporary, `${JSON.stringify(stored, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
      await chmod(temporary, 0o600);
      await rename(temporary, file);
    },
  };
}

/** Reads the file. Throws `input-invalid` for one that others can read, or that is no JSON. */
async function read(file: string): Promise<Stored> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return {};
  if ((found.mode & 0o077) !== 0 && process.platform !== 'win32') {
    throw new ActionError('input-invalid', `other users of this machine can read ${file}`, {
      hint: `It holds tokens: run chmod 600 ${file}, and log in again.`,
    });
  }
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only this file writes it
    return (JSON.parse(await readFile(file, 'utf8')) ?? {}) as Stored;
  } catch (cause) {
    throw new ActionError('input-invalid', `${file} is not JSON`, { cause, hint: 'Remove the file, and log in again.' });
  }
}
