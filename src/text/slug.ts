import { createHash } from 'node:crypto';

/** The longest DNS label, and the longest name of a Nomad service (RFC 1123). */
const MAX_LABEL_LENGTH = 63;
/** The longest hostname, in characters and without a dot at its end (RFC 1035). */
const MAX_HOST_LENGTH = 253;
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
  return cut(label, text, maxLength);
}

/**
 * A name that is made of legal parts, as it is when it has up to `maxLength` characters; else cut, ending in a short hash of the whole. For what is
 * put before or after a job id, which may be as long as a label can be: `canary-<label>`, `<job>--<port>`.
 */
export function fitLabel(name: string, maxLength = MAX_LABEL_LENGTH): string {
  return cut(name, name, maxLength);
}

/** The hostname beside another one: its first label with a prefix and a suffix, such as `canary-shop-admin.example.com` for `shop.example.com`. */
export function hostBeside(host: string, prefix: string, suffix = ''): string {
  const [label = ''] = host.split('.', 1);
  const domain = host.slice(label.length);
  return `${fitLabel(`${prefix}${label}${suffix}`, Math.min(MAX_LABEL_LENGTH, MAX_HOST_LENGTH - domain.length))}${domain}`;
}

/** Why DNS takes no such hostname, as the end of a sentence that begins with the name; undefined when it does. Underscores pass: hosts have them. */
export function hostProblem(host: string): string | undefined {
  const labels = host.split('.');
  const long = labels.find((label) => label.length > MAX_LABEL_LENGTH);
  if (host.includes('*')) return 'is a wildcard; list the names themselves';
  if (labels.includes('')) return 'has an empty label: a dot at its beginning or end, or two in a row';
  if (!/^[a-z0-9._-]+$/i.test(host)) return 'has characters other than letters, digits and dashes';
  if (long !== undefined) return `has a label of ${long.length} characters; a label has up to ${MAX_LABEL_LENGTH}`;
  if (host.length > MAX_HOST_LENGTH) return `has ${host.length} characters; a hostname has up to ${MAX_HOST_LENGTH}`;
  if (labels.some((label) => /^-|-$/.test(label))) return 'has a label that begins or ends with a dash';
  // As browsers and runtimes read it: https://url.spec.whatwg.org/#ends-in-a-number-checker
  if (/^(\d+|0x[0-9a-f]*)$/i.test(labels.at(-1) ?? '')) return 'ends in a number, as IP addresses do and names do not';
  return undefined;
}

function cut(label: string, whole: string, maxLength: number): string {
  if (label.length <= maxLength) return label;
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, HASH_LENGTH);
  const head = label.slice(0, Math.max(0, maxLength - HASH_LENGTH - 1)).replace(/(?<!-)-+$/, '');
  return head === '' ? hash.slice(0, maxLength) : `${head}-${hash}`;
}
