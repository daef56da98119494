import { createHash } from 'node:crypto';

/** Nomad's limit of a path of a variable. */
const MAX_PATH = 128;
const DIGEST_DIGITS = 16;

/** Returns the path of the variable of a job's lock or freeze. An id that a path cannot have is written with `~` and codes; a long one ends in a hash. */
export function lockPath(kind: 'locks' | 'freezes', jobId: string): string {
  const name = jobId.replace(/[^\w/-]/gu, (sign) => `~${sign.codePointAt(0)?.toString(16)}`);
  const path = `nomad-deploy/${kind}/${name}`;
  if (path.length <= MAX_PATH && !name.includes('//')) return path;
  const digest = createHash('sha256').update(jobId).digest('hex').slice(0, DIGEST_DIGITS);
  return `${path.replaceAll('//', '~2f').slice(0, MAX_PATH - DIGEST_DIGITS - 1)}~${digest}`;
}
