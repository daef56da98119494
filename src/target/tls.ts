// Makes of the inputs for TLS what a connection takes, and refuses what could not work before anything is asked.

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ActionError, connectionCode, messageOf } from '../errors.ts';
import type { Sourced, TlsInputs } from '../inputs/index.ts';
import type { Tls } from '../nomad/index.ts';
import type { Secret } from '../runtime/index.ts';

/** A certificate or key: what gave it, the file it is read from if any, its text. */
interface Pem {
  readonly source: string;
  readonly path: string | undefined;
  readonly text: string;
}

/**
 * The TLS side of a connection: certificates and key from PEM text, or from the files of `paths` (by the source that named them); `protect` masks a
 * key. Nothing at all is undefined. Throws one `input-invalid` with all that could not work: no PEM, an encrypted key, a key of another certificate.
 */
export async function readTls(
  { cacert, clientCert, clientKey, serverName, skipVerify }: TlsInputs,
  paths: Readonly<Record<string, string>>,
  protect: (key: string) => Secret,
): Promise<Tls | undefined> {
  const problems: string[] = [];
  const read = async ({ value, source }: Sourced<string>): Promise<Pem | undefined> => {
    const path = paths[source];
    if (path === undefined) return { source, path, text: value };
    try {
      return { source, path, text: await readFile(path, 'utf8') };
    } catch (error) {
      const code = connectionCode(error);
      const why = code === 'EISDIR' ? 'it is a folder' : code === 'EACCES' ? 'this user may not' : messageOf(error);
      problems.push(`\`${source}\`: ${path} can't be read: ${why}`);
      return undefined;
    }
  };
  const ca = cacert && (await read(cacert));
  const cert = clientCert && (await read(clientCert));
  const key = clientKey && (await read({ ...clientKey, value: clientKey.value.reveal() }));
  const refuse = ({ source, path, text }: Pem, what: string, why = whyNot(text)): undefined => {
    problems.push(`\`${source}\`: ${path === undefined ? 'the text' : path} is no ${what} in PEM: ${why}`);
  };
  const certificates = (pem: Pem | undefined): X509Certificate[] => {
    if (pem === undefined) return [];
    const blocks = pem.text.match(/-----BEGIN (TRUSTED )?CERTIFICATE-----[^-]+-----END (TRUSTED )?CERTIFICATE-----/g) ?? [];
    try {
      if (blocks.length > 0) return blocks.map((block) => new X509Certificate(block));
    } catch {
      // Told below.
    }
    refuse(pem, 'certificate');
    return [];
  };
  const privateKey = (pem: Pem): KeyObject | undefined => {
    try {
      return createPrivateKey(pem.text);
    } catch {
      const encrypted = /ENCRYPTED/.test(pem.text);
      return refuse(pem, 'private key', encrypted ? 'it is encrypted, and nothing here knows the password; give it decrypted' : undefined);
    }
  };
  certificates(ca);
  const [leaf] = certificates(cert);
  const parsed = key && privateKey(key);
  if (leaf !== undefined && parsed !== undefined && !leaf.checkPrivateKey(parsed)) {
    problems.push(`\`${key?.source}\`: the key is not that of the certificate in \`${cert?.source}\``);
  }
  if (problems.length > 0) {
    throw new ActionError('input-invalid', problems.join('\n'), {
      hint: 'Give the text as it is in the file, with its line breaks, or the path of the file.',
    });
  }
  if ([ca, cert, key, serverName].every((part) => part === undefined) && !skipVerify) return undefined;
  return {
    ...(ca === undefined ? {} : { ca: ca.text }),
    ...(cert === undefined ? {} : { cert: cert.text }),
    ...(key === undefined ? {} : { key: protect(key.text) }),
    ...(serverName === undefined ? {} : { serverName }),
    skipVerify,
  };
}

/** Why a text is no PEM, as far as it can be told without quoting it. */
function whyNot(text: string): string {
  if (!text.includes('-----BEGIN ')) return 'it has no line -----BEGIN …-----';
  if (text.includes('\\n')) return 'its line breaks are written as \\n';
  if (!text.trim().includes('\n')) return 'it has lost its line breaks';
  return 'it is of another kind, or damaged';
}
