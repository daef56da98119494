import type { Sourced, TlsInputs } from './types.ts';

/** A key without its first line is longer than any path, and must not be shown as a path. */
const MAX_PATH_LENGTH = 160;

/** Returns the PEM text of a value in base64, in one line or several; any other value as it is. */
export function pemText(value: string): string {
  if (!/^[\w+/=\s-]+$/.test(value)) return value;
  const decoded = Buffer.from(value, 'base64').toString();
  return decoded.includes('-----BEGIN ') ? decoded : value;
}

/** Returns whether a value is the path of a file, and not PEM text. */
export function isFilePath(value: string): boolean {
  return !pemText(value).includes('-----BEGIN ') && !value.includes('\n') && value.length <= MAX_PATH_LENGTH;
}

/** Returns the files that the inputs for TLS name, each with its source. */
export function pemPaths({ cacert, clientCert, clientKey }: TlsInputs): Sourced<string>[] {
  const key = clientKey && { ...clientKey, value: clientKey.value.reveal() };
  return [cacert, clientCert, key].filter((given) => given !== undefined).filter(({ value }) => isFilePath(value));
}
