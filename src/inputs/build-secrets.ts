// Readers of the credentials of a build. Each throws an `Error` whose message names the input and the problem, and never quotes a value.

import { type Secret, secret } from '../runtime/index.ts';
import { prefixed } from './maps.ts';
import { nonBlank, type Reader } from './reader.ts';
import type { SecretSource, SshSource } from './types.ts';
import { readMap } from './values.ts';

type Env = Reader['env'];

/** Reads the secrets of the build, by the ids that the Dockerfile mounts them by. The input wins over `NOMAD_BUILD_SECRET_<NAME>`, and that over `NOMAD_BUILD_SECRETS`. */
export async function readBuildSecrets({ env, raw, problems, attempt }: Reader): Promise<Record<string, SecretSource<Secret>>> {
  const own: string[] = [];
  const shared = await readMap('NOMAD_BUILD_SECRETS', env['NOMAD_BUILD_SECRETS'], own, '[\\w.-]+');
  const given = Object.entries({ ...shared, ...prefixed(env, 'NOMAD_BUILD_SECRET_') });
  // GitHub gives a blank text for a secret that does not exist.
  const named = given.filter(([, value]) => nonBlank(value) !== undefined);
  problems.push(...own);
  const checked = attempt(() => named.map(([id, value]) => [checkedId(id, '`NOMAD_BUILD_SECRET_<NAME>`'), { value }] as const), []);
  const all = { ...Object.fromEntries(checked), ...attempt(() => parseBuildSecrets(raw('build-secrets'), env), {}) };
  return Object.fromEntries(Object.entries(all).map(([id, from]) => [id, hidden(from)]));
}

/** Reads the keys and agents of the build, by the ids that the Dockerfile mounts them by. */
export function readSsh({ env, raw, attempt }: Reader): Record<string, SshSource<Secret>> {
  const read = attempt(() => parseSsh(raw('ssh'), env), {});
  return Object.fromEntries(Object.entries(read).map(([id, from]) => [id, from === 'agent' ? from : hidden(from)]));
}

const hidden = (from: SecretSource<string>): SecretSource<Secret> => ('value' in from ? { value: secret(from.value) } : from);

/**
 * Reads build secrets: `NAME=value` a line, as docker/build-push-action's `secrets` (a value of several lines in double quotes that begin before
 * the name), or `id=NAME,env=VARIABLE` and `id=NAME,src=file` as buildx itself takes them. Problems never quote the value.
 */
function parseBuildSecrets(value: string | undefined, env: Env): Record<string, SecretSource<string>> {
  return Object.fromEntries(
    entriesOf(value ?? '').map((entry, i): [string, SecretSource<string>] => {
      const where = `\`build-secrets\`, entry ${i + 1}`;
      const [, id = '', kind, from = ''] = /^(?:type=\w+,)?id=([^,]+),(env|src|source)=(.+)$/.exec(entry) ?? [];
      if (kind === 'env') {
        const found = env[from];
        if (found === undefined || found === '') throw new Error(`${where}: the environment variable ${from} of \`${id}\` is not set`);
        return [checkedId(id, where), { value: found }];
      }
      if (kind !== undefined) return [checkedId(id, where), { file: from }];
      const at = entry.indexOf('=');
      if (at <= 0) throw new Error(`${where} is neither NAME=value, id=NAME,env=VARIABLE nor id=NAME,src=file`);
      if (at === entry.length - 1) throw new Error(`${where}: \`${entry.slice(0, at)}\` has no value`);
      return [checkedId(entry.slice(0, at), where), { value: entry.slice(at + 1) }];
    }),
  );
}

/** Reads SSH agents and keys, one a line: `ID` for the agent of the runner, `ID=PATH` for a socket or a key, `id=ID,env=VARIABLE` for the text of a key. */
function parseSsh(value: string | undefined, env: Env): Record<string, SshSource<string>> {
  const lines = (value ?? '').split('\n').map((line) => line.trim());
  return Object.fromEntries(
    lines
      .filter((line) => line !== '')
      .map((line, i): [string, SshSource<string>] => {
        const where = `\`ssh\`, entry ${i + 1}`;
        const [, named, variable] = /^id=([^,=]+),env=(.+)$/.exec(line) ?? [];
        if (named !== undefined && variable !== undefined) return [checkedId(named, where), { value: keyIn(variable, env, where) }];
        const at = line.indexOf('=');
        if (at < 0) {
          if (nonBlank(env['SSH_AUTH_SOCK']) !== undefined) return [checkedId(line, where), 'agent'];
          throw new Error(`${where}: there is no agent, because SSH_AUTH_SOCK is not set; start one, or give a key`);
        }
        const path = line.slice(at + 1);
        if (path === '' || path.includes(','))
          throw new Error(`${where} is neither ID, ID=PATH nor id=ID,env=VARIABLE, such as \`default\` or \`id=default,env=DEPLOY_KEY\``);
        return [checkedId(line.slice(0, at), where), { file: path }];
      }),
  );
}

function keyIn(variable: string, env: Env, where: string): string {
  const key = nonBlank(env[variable]);
  if (key === undefined) throw new Error(`${where}: the environment variable ${variable} is not set`);
  if (!/^-----BEGIN [A-Z ]*PRIVATE KEY-----\r?\n/.test(key) || !/-----END [A-Z ]*PRIVATE KEY-----$/.test(key))
    throw new Error(`${where}: the environment variable ${variable} is not a private key, from -----BEGIN to -----END`);
  return `${key.replaceAll('\r\n', '\n')}\n`;
}

function checkedId(id: string, where: string): string {
  if (/^[\w.-]+$/.test(id)) return id;
  throw new Error(`${where}: the name of a secret has letters, digits, dots, dashes and underscores only`);
}

/** Returns the entries of a list, one a line; an entry that begins with a double quote ends at the next single one. */
function entriesOf(value: string): string[] {
  const found = value.replaceAll('\r\n', '\n').matchAll(/^[ \t]*(?:"((?:[^"]|"")*)"[ \t]*$|(\S.*)$)/gm);
  return [...found].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain?.trimEnd() ?? '');
}
