import { createHash } from 'node:crypto';

/** The longest DNS label, and the longest name of a Nomad service (RFC 1123). */
const MAX_LABEL_LENGTH = 63;
const HASH_LENGTH = 6;

/**
 * A DNS label made of any text, as GitLab makes its slugs: lower case, everything outside `a-z0-9` becomes a dash, dashes do not repeat
 * and stand neither first nor last. What is longer than `maxLength` characters is cut and ends in a short hash of the whole text, so that two long
 * branch names never share a label. Gives an empty string when nothing is left.
 */
export function slug(text: string, maxLength = MAX_LABEL_LENGTH): string {
  const label = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  if (label.length <= maxLength) return label;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH);
  return `${label.slice(0, maxLength - HASH_LENGTH - 1).replace(/-$/, '')}-${hash}`;
}
