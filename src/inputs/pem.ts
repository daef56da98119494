import type { Sourced, TlsInputs } from './types.ts';

/** A key without its first line is longer than any path, and must not be shown as a path. */
const MAX_PATH_LENGTH = 160;

/** Returns whether a value is the path of a file, and not PEM text. */
export function isFilePath(value: string): boolean {
  return !value.includes('-----BEGIN ') && !value.includes('\n') && value.length <= MAX_PATH_LENGTH;
}

/** Returns the files that the inputs for TLS name, each with its source. */
export function pemPaths({ cacert, clientCert, clientKey }: TlsInputs): Sourced<string>[] {
  const key = clientKey && { ...clientKey, value: clientKey.value.reveal() };
  return [cacert, clientCert, key].filter((given) => given !== undefined).filter(({ value }) => isFilePath(value));
}
