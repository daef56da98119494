// Reads the way to a cluster that the runner does not reach itself. Problems never quote a key or a password.

import { secret } from '../runtime/index.ts';
import { pemText } from './pem.ts';
import type { Reader } from './reader.ts';
import type { Via } from './types.ts';

const KNOWN_HOST = /^(@cert-authority\s+)?\S+\s+(sk-)?(ssh|ecdsa)-[\w@.-]+\s+[A-Za-z0-9+/]+={0,2}(\s.*)?$/;
const KEY = /^-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----\r?\n/;

/** Reads `nomad-via` with its key and its host keys; undefined without it. */
export function readVia({ problems, attempt, text, sources }: Reader): Via | undefined {
  const [value, key, knownHosts] = [text('nomad-via'), text('nomad-via-key'), text('nomad-via-known-hosts')];
  const via = value === undefined ? undefined : attempt(() => parseVia(value), undefined);
  const isSsh = via?.kind === 'ssh';
  for (const name of ['nomad-via-key', 'nomad-via-known-hosts'] as const)
    if (!isSsh && sources[name] === name && !problems.some((problem) => problem.startsWith('`nomad-via`')))
      problems.push(`\`${name}\` is for a jump host: set \`nomad-via\` to its address, such as ssh://deploy@bastion.example.com`);
  if (!isSsh) return via;
  const lines = (knownHosts ?? '').split(/\r?\n/).map((line) => line.trim());
  const hosts = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (hosts.length === 0 || !hosts.every((line) => KNOWN_HOST.test(line)))
    problems.push(
      '`nomad-via-known-hosts` has to be the key of the jump host, in lines such as `bastion.example.com ssh-ed25519 AAAA…`: ssh-keyscan prints it. Compare it once with the key on the host',
    );
  const own = key === undefined ? undefined : pemText(key).replaceAll('\r\n', '\n');
  if (own !== undefined && !KEY.test(own))
    problems.push('`nomad-via-key` is not a private key of SSH, from -----BEGIN to -----END with its line breaks, nor base64 of one');
  return { ...via, key: own === undefined ? undefined : secret(`${own.trimEnd()}\n`), knownHosts: `${hosts.join('\n')}\n` };
}

function parseVia(value: string): Via {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isBare = url !== undefined && /^\/?$/.test(url.pathname) && url.search === '' && url.hash === '';
  if (url !== undefined && isBare && url.hostname !== '' && /^(socks5|https?):$/.test(url.protocol))
    return { kind: 'proxy', address: secret(value), shown: `${url.protocol}//${url.host}` };
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  const isHost = /^[A-Za-z0-9][\w.-]*$/.test(host) || /^[\da-fA-F:.]+$/.test(host);
  if (url?.protocol !== 'ssh:' || !isBare || !isHost || !/^[A-Za-z_][\w.-]*$/.test(url.username) || url.password !== '')
    throw new Error(
      '`nomad-via` is neither a jump host, such as ssh://deploy@bastion.example.com:22, nor a proxy, such as socks5://proxy.example.com:1080',
    );
  return { kind: 'ssh', user: url.username, host, port: url.port === '' ? 22 : Number(url.port), key: undefined, knownHosts: '' };
}
