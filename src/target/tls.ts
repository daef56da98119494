// Reads the TLS inputs for a connection, and refuses invalid ones before any request.

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ActionError, connectionCode, messageOf } from '../errors.ts';
import type { Sourced, TlsInputs } from '../inputs/index.ts';
import type { Tls } from '../nomad/index.ts';
import type { Secret } from '../runtime/index.ts';

/** A certificate or key with its source, and the path of its file, if any. */
interface Pem {
  readonly source: string;
  readonly path: string | undefined;
  readonly text: string;
}

/**
 * Returns the TLS settings of a connection: certificates and key from PEM text, or from the files of `paths` (by the source that named them); `protect`
 * masks a key. Undefined without any setting. Throws one `input-invalid` with every problem: no PEM, an encrypted key, a key of another certificate.
 */
export async function readTls(
  { cacert, clientCert, clientKey, serverName, skipVerify }: TlsInputs,
  paths: Readonly<Record<string, string>>,
  protect: (key: string) => Secret,
): Promise<Tls | undefined> {
  const problems: string[] = [];
  const ca = cacert && (await readPem(cacert, paths, problems));
  const cert = clientCert && (await readPem(clientCert, paths, problems));
  const key = clientKey && (await readPem({ ...clientKey, value: clientKey.value.reveal() }, paths, problems));
  if (ca !== undefined) certificateIn(ca, problems);
  const leaf = cert && certificateIn(cert, problems);
  const parsed = key && privateKeyIn(key, problems);
  if (leaf !== undefined && parsed !== undefined && !leaf.checkPrivateKey(parsed)) {
    problems.push(`\`${key?.source}\`: the key does not belong to the certificate in \`${cert?.source}\``);
  }
  if (problems.length > 0) {
    throw new ActionError('input-invalid', problems.join('\n'), {
      hint: 'Give the text as it is in the file, with its line breaks, its base64 (`base64 -w0 file.pem`), or the path of the file.',
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

/** Reads the text of a certificate or key; undefined, with a problem, for a file that cannot be read. */
async function readPem(
  { value, source }: Sourced<string>,
  paths: Readonly<Record<string, string>>,
  problems: string[],
): Promise<Pem | undefined> {
  const path = paths[source];
  if (path === undefined) return { source, path, text: value };
  try {
    return { source, path, text: await readFile(path, 'utf8') };
  } catch (error) {
    const code = connectionCode(error);
    const why = code === 'EISDIR' ? 'it is a folder' : code === 'EACCES' ? 'permission denied' : messageOf(error);
    problems.push(`\`${source}\`: ${path} cannot be read: ${why}`);
    return undefined;
  }
}

/**
 * Parses all certificates of a text and returns the first, which is the connection's own; undefined, with a problem, for any other text.
 */
function certificateIn(pem: Pem, problems: string[]): X509Certificate | undefined {
  const blocks = pem.text.match(/-----BEGIN (TRUSTED )?CERTIFICATE-----[^-]+-----END (TRUSTED )?CERTIFICATE-----/g) ?? [];
  try {
    const [first] = blocks.map((block) => new X509Certificate(block));
    if (first !== undefined) return first;
  } catch {
    // Reported below.
  }
  problems.push(notPem(pem, 'certificate'));
  return undefined;
}

function privateKeyIn(pem: Pem, problems: string[]): KeyObject | undefined {
  try {
    return createPrivateKey(pem.text);
  } catch {
    problems.push(notPem(pem, 'private key', /ENCRYPTED/.test(pem.text) ? 'the key is encrypted; give it without a password' : undefined));
    return undefined;
  }
}

function notPem({ source, path, text }: Pem, what: string, why = whyNot(text)): string {
  return `\`${source}\`: ${path === undefined ? 'the text' : path} is not a ${what} in PEM: ${why}`;
}

/** Returns the reason why a text is not PEM, without quoting the text. */
function whyNot(text: string): string {
  if (!text.includes('-----BEGIN '))
    return /^[\w+/=\s-]{64,}$/.test(text) ? 'it is base64, but not of PEM' : 'it has no line -----BEGIN …-----';
  if (text.includes('\\n')) return 'its line breaks are written as \\n';
  if (!text.trim().includes('\n')) return 'it has lost its line breaks';
  return 'it has another type, or is damaged';
}
