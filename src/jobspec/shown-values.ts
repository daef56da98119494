import { CI_VARIABLES } from '../inputs/index.ts';
import { VARIABLES } from './built-in/index.ts';
import type { Setting } from './types.ts';

export const HIDDEN = '***';

/** Matches parts of names of secret values. `PATH` and `COMPATIBLE` do not match. */
const OF_SECRETS =
  /pass|pwd|token|secret(?!s_(template|release)$)|cred|key|auth|cookie|session|private|cert|salt|dsn|webhook|signature|(^|_)(pat|pin|otp|seed|jwt)(_|$)/i;

/** Returns whether a name marks its value as a secret. */
export function namesSecret(name: string): boolean {
  return OF_SECRETS.test(name);
}

/** The variables of the built-in template, and those that the action itself gives a value. */
const KNOWN: readonly string[] = [
  ...VARIABLES.map(({ name }) => name),
  ...CI_VARIABLES,
  ...['image', 'images', 'SLUG', 'NAMESPACE', 'SECRETS_TEMPLATE', 'SECRETS_RELEASE', 'NO_DEPLOY', 'BUILD_DEPLOY', 'SERVERLESS'],
];

/** The last words of names whose values tell only a size, a place or a version. */
const HARMLESS = new Set(
  (
    'arch attempts bandwidth branch canaries canary channel class color colour commit constraint copies count country cores cpu cron ' +
    'datacenter datacenters dc dcs deadline debug delay deploy digest disk domain domains driver enabled environment env factor flavor flavour ' +
    'group host hostname hostnames hosts image instances interval job label lang language level limit locale max mb memory mhz min mode ' +
    'name names namespace network node nodes number platform pool pools port ports priority profile project protocol provider quota ram ref ' +
    'region regions release replicas repo repository resources retries revision role schedule scheme service services sha shards size slug stage ' +
    'stack subdomain suffix prefix tag tags target task team threads tier timeout timezone tz type units version versions workers zone zones'
  ).split(' '),
);

/** Matches tokens with a known prefix. */
const TOKEN_PREFIX =
  /\b(gh[opsur]_|github_pat_|glpat-|xox[abeprs]-|sk[-_](live[-_]|test[-_]|ant-|proj-)?|AKIA|ASIA|AIza|eyJ|hv[sbr]\.|tskey-|dckr_pat_|npm_|pypi-)\w{12,}/;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

/** A digest is computed from an image, so it is public. */
const DIGEST = /\bsha(256|512):[0-9a-f]{64,128}\b/g;

/** Returns whether a text holds a generated word: a key, a token, a hash or a generated password. */
export function looksGenerated(text: string): boolean {
  const rest = text.replace(DIGEST, '');
  if (TOKEN_PREFIX.test(rest) || UUID.test(rest) || /-----BEGIN /.test(rest) || /\w:\/\/[^\s/@]+@/.test(rest)) return true;
  if (/^\S{8,}$/.test(rest) && /[!#$%^&*?~|<>]/.test(rest) && classes(rest) === 3) return true;
  const words = rest.match(/[A-Za-z0-9+=_-]{12,}/g) ?? [];
  // A slash is a letter in base64, and a separator in a path.
  const base64 = (rest.match(/[A-Za-z0-9+/]{32,}/g) ?? []).some((word) => classes(word) === 3 && entropy(word) > 4);
  const pieces = words.flatMap((word) => [
    ...word.split(/[-_+=]/).filter(({ length }) => length >= 16),
    ...(classes(word) === 3 && word.length >= 20 ? [word] : []),
  ]);
  return (
    base64 ||
    pieces.some(
      (piece) =>
        (classes(piece) > 1 && /\d.*\d/.test(piece) && entropy(piece) > 3) ||
        (mixed(piece) && entropy(piece) > 3.8) ||
        (piece.length >= 24 && entropy(piece) > 3.9),
    )
  );
}

/** Returns how many of upper case, lower case and digits a word has. */
function classes(word: string): number {
  return [/[A-Z]/, /[a-z]/, /\d/].filter((kind) => kind.test(word)).length;
}

/** Returns whether a word has more capitals within it than people write. */
function mixed(word: string): boolean {
  return (word.match(/[a-z][A-Z]|[A-Z]{2}[a-z]/g) ?? []).length > word.length / 6;
}

/** Returns Shannon's entropy of a word, in bits per character. */
function entropy(word: string): number {
  const counts = new Map<string, number>();
  for (const char of word) counts.set(char, (counts.get(char) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum - (count / word.length) * Math.log2(count / word.length), 0);
}

/**
 * Returns whether a report may show the value of a variable. GitHub masks secrets in the log only, and a file or variable can hold a secret
 * that this run does not know. So only values of known or harmless names are shown, and none that looks generated.
 */
export function mayShow(name: string, value: string): boolean {
  if (/^(|true|false|yes|no|on|off|[01])$/i.test(value)) return true;
  if (OF_SECRETS.test(name) || looksGenerated(value)) return false;
  const last =
    name
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .toLowerCase()
      .split(/[_\-.]+/)
      .at(-1) ?? '';
  return KNOWN.includes(name) || HARMLESS.has(last);
}

/** Returns the value of a variable for a report. Defaults are public in the spec, and so are the action's own values. */
export function shownValue({ name, value, source }: Setting): string {
  if (source === 'automatic' || source === 'image-variables') return value;
  if (source === 'default') return value !== '' && (OF_SECRETS.test(name) || looksGenerated(value)) ? HIDDEN : value;
  return mayShow(name, value) ? value : HIDDEN;
}

/** Returns a message that quotes a value, with the quotes hidden if the value may not be shown. */
export function withoutQuotes(message: string, name: string, value: string): string {
  return mayShow(name, value) ? message : message.replace(/"(?:[^"\\]|\\.)*("|$)/g, `"${HIDDEN}"`);
}

/** Shorter values of harmless names are parts of many words, so they are hidden only where they stand alone. */
const LONG = 12;
const SHORTEST = 4;

/**
 * Returns a function that hides the values of variables that are not shown, and everything that `redact` hides, in a job as JSON or in
 * lines of a plan.
 */
export function hidingValues(variables: readonly Setting[], redact: (text: string) => string): (text: string) => string {
  const hidden = variables.filter((variable) => shownValue(variable) !== variable.value);
  const patterns = hidden.flatMap(({ name, value }) =>
    [value, ...leaves(value)].flatMap((one): [length: number, pattern: RegExp][] => {
      const secret = OF_SECRETS.test(name) || looksGenerated(one);
      if (one.length < SHORTEST || (!secret && /^[\d.]+$/.test(one))) return [];
      const encoded = secret ? [base64(one), encodeURIComponent(one)] : [];
      const written = [...new Set([one, JSON.stringify(one).slice(1, -1), ...encoded])]
        .map((form) => form.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
        .join('|');
      return [
        [
          one.length,
          secret || one.length >= LONG ? new RegExp(written, 'g') : new RegExp(`(?<=^|"|,|: |→ )(?:${written})(?=,|"|$| →)`, 'gm'),
        ],
      ];
    }),
  );
  // The longest value comes first, because a value can be a part of another one.
  const longestFirst = patterns.sort(([a], [b]) => b - a);
  return (text) => longestFirst.reduce((shown, [, pattern]) => shown.replace(pattern, HIDDEN), redact(text));
}

/**
 * Returns a function that hides the values of variables that are secret by name or look, and everything that `redact` hides, in texts of a
 * task or of Nomad.
 */
export function hidingSecrets(variables: readonly Setting[], redact: (text: string) => string): (text: string) => string {
  return hidingValues(
    variables.filter(({ name, value }) => namesSecret(name) || looksGenerated(value)),
    redact,
  );
}

/** Returns a text in base64 without its end, which depends on the following text. */
function base64(text: string): string {
  const encoded = Buffer.from(text).toString('base64');
  return text.length % 3 === 0 ? encoded : encoded.replace(/.={1,2}$/, '');
}

/** Returns the texts within a value that is a list or a map. */
function leaves(value: string): string[] {
  if (!/^[[{]/.test(value)) return [];
  const inside = (data: unknown): string[] =>
    typeof data === 'string' ? [data] : typeof data === 'object' && data !== null ? Object.values(data).flatMap(inside) : [];
  try {
    return inside(JSON.parse(value));
  } catch {
    return [];
  }
}
