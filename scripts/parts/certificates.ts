import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { output } from './exec.ts';

export interface Pair {
  /** Paths of PEM files. */
  readonly cert: string;
  readonly key: string;
}

export interface Authority extends Pair {
  /** Makes a certificate that the authority has signed, for servers and clients, with these names; by default for two days, and -1 has ended yesterday. */
  readonly sign: (name: string, alternatives: string, days?: number) => Promise<Pair>;
}

/** A certificate authority in a folder of its own, by openssl. */
export async function authority(parent: string, ownDays = 2): Promise<Authority> {
  const folder = mkdtempSync(join(parent, 'ca-'));
  const openssl = async (...args: readonly string[]): Promise<string> => output('openssl', args, { cwd: folder });
  const at = (file: string): string => join(folder, file);
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await openssl('req', '-x509', ...curve, '-days', `${ownDays}`, '-subj', '/CN=Test authority', '-keyout', 'ca-key.pem', '-out', 'ca.pem');
  return {
    cert: at('ca.pem'),
    key: at('ca-key.pem'),
    sign: async (name, alternatives, days = 2) => {
      writeFileSync(at(`${name}.ext`), `subjectAltName=${alternatives}\nextendedKeyUsage=serverAuth,clientAuth\n`);
      await openssl('req', ...curve, '-subj', `/CN=${name}`, '-keyout', `${name}-key.pem`, '-out', `${name}.csr`);
      // Each certificate has a number of its own: the file in which openssl counts is not safe for two programs at once.
      const serial = `0x01${randomBytes(8).toString('hex')}`;
      const by = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-set_serial', serial, '-days', `${days}`, '-extfile', `${name}.ext`];
      await openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-out', `${name}.pem`);
      return { cert: at(`${name}.pem`), key: at(`${name}-key.pem`) };
    },
  };
}

export function pem(path: string): string {
  return readFileSync(path, 'utf8');
}
