import type { Inputs } from '../inputs.ts';
import type { Connection } from '../nomad/client.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { secret } from '../runtime/secret.ts';
import { readTls } from '../tls.ts';

/** How Nomad is reached, whoever asks: the headers and the TLS that the inputs give. Masks the key. Throws what `readTls` throws. */
export async function readConnection(
  { nomadHeaders, nomadTls }: Inputs,
  pemFiles: Readonly<Record<string, string>>,
  { mask }: Runtime,
): Promise<Pick<Connection, 'headers' | 'tls'>> {
  const tls = await readTls(nomadTls, pemFiles, (key) => {
    mask(key);
    return secret(key);
  });
  return { headers: nomadHeaders, tls };
}
