import type { Sourced, TlsInputs } from './types.ts';

/** A key without its first line must not be taken for a path, and shown: paths are shorter. */
const MAX_PATH_LENGTH = 160;

/** Whether a value is meant as the path of a file, and not as PEM text. */
export function isFilePath(value: string): boolean {
  return !value.includes('-----BEGIN ') && !value.includes('\n') && value.length <= MAX_PATH_LENGTH;
}

/** The files that the inputs for TLS name, each with its source. */
export function pemPaths({ cacert, clientCert, clientKey }: TlsInputs): Sourced<string>[] {
  const key = clientKey && { ...clientKey, value: clientKey.value.reveal() };
  return [cacert, clientCert, key].filter((given) => given !== undefined).filter(({ value }) => isFilePath(value));
}
