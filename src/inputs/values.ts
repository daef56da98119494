// Readers of single inputs. Each throws an `Error` whose message names the input, the problem and an example.

import { parseTime } from '../runtime/index.ts';
import { hostProblem, isAttestationUrl, nearest, parseDuration, parseReference, yamlData } from '../text/index.ts';
import { parseFingerprint } from './fingerprint.ts';

export function oneOf<T extends string>(name: string, value: string, known: readonly T[]): T {
  const found = known.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  const near = nearest(value, known);
  throw new Error(
    `\`${name}\`: ${JSON.stringify(value)} is not one of ${known.join(', ')}${near === undefined ? '' : `; did you mean \`${near}\`?`}`,
  );
}

export function parseBoolean(name: string, value: string | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  if (/^(true|yes|on|1)$/i.test(value)) return true;
  if (/^(false|no|off|0)$/i.test(value)) return false;
  throw new Error(`\`${name}\`: ${JSON.stringify(value)} is neither true nor false`);
}

export function parseCount(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d{1,6}$/.test(value)) throw new Error(`\`${name}\`: ${JSON.stringify(value)} is not a whole number, such as 50`);
  return Number(value);
}

/** Reads the name of a tag. Nomad takes no slash, and `revert` tells tags from numbers of versions. */
export function parseTag(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const problem = /^\d+$/.test(value)
    ? 'is the number of a version for `revert`'
    : /^[A-Za-z0-9_][\w.+~-]{0,127}$/.test(value)
      ? undefined
      : 'is no name for a tag of Nomad: up to 128 letters, digits and the characters . _ + ~ -, without a slash';
  if (problem !== undefined) throw new Error(`\`tag\`: ${JSON.stringify(value)} ${problem}; an example is v1.2.3`);
  return value;
}

/** Reads the goal of a rollback: the number of a version, a tag, a commit, or `-1`. */
export function parseGoal(value: string | undefined): string | undefined {
  if (value === undefined || value === '-1' || !/^-|[\s/]/.test(value)) return value;
  throw new Error(
    `\`to\`: ${JSON.stringify(value)} is neither the number of a version, such as 3, nor a tag, a commit, or -1 for the release before the serving one`,
  );
}

/** Reads a time in days (`14d`) or any other duration, in milliseconds. */
export function parseTtl(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const days = /^(\d{1,4})d$/.exec(value)?.[1];
  const ttlMs = (days === undefined ? parseDuration(value) : Number(days) * 86_400_000) ?? 0;
  if (ttlMs <= 0) throw new Error(`\`ttl\`: ${JSON.stringify(value)} is not a duration, such as 14d or 36h`);
  return ttlMs;
}

/** Reads the end of a freeze: milliseconds from now, or since the epoch. A time without a zone would mean another one on each runner. */
export function parseUntil(value: string | undefined): Until | undefined {
  if (value === undefined) return undefined;
  const days = /^(\d{1,4})d$/.exec(value)?.[1];
  const forMs = days === undefined ? parseDuration(value) : Number(days) * 86_400_000;
  if (forMs !== undefined && forMs > 0) return { forMs };
  const atMs = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(value) ? parseTime(value) : Number.NaN;
  if (Number.isNaN(atMs))
    throw new Error(`\`until\`: ${JSON.stringify(value)} is neither a time, such as 2026-12-24T18:00Z, nor a duration, such as 3d or 90m`);
  return { atMs };
}

/** The end of a freeze. */
export type Until = { readonly forMs: number } | { readonly atMs: number };

export function parseTimeout(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const timeoutMs = parseDuration(value) ?? 0;
  if (timeoutMs <= 0) throw new Error(`\`timeout\`: ${JSON.stringify(value)} is not a duration, such as 90s or 15m`);
  return timeoutMs;
}

/** Long enough for a cluster that scales up, short enough to wait for. */
const PLACEMENT_PATIENCE_MS = 120_000;

export function parsePatience(name: string, value: string | undefined): number {
  if (value === undefined) return PLACEMENT_PATIENCE_MS;
  if (value === 'fail') return 0;
  if (value === 'wait') return Number.POSITIVE_INFINITY;
  const patienceMs = parseDuration(value);
  if (patienceMs === undefined || patienceMs < 0)
    throw new Error(`\`${name}\`: ${JSON.stringify(value)} is neither \`fail\`, \`wait\` nor a duration, such as 5m`);
  return patienceMs;
}

export function parseAddress(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value.startsWith('unix:')) {
    if (!/^unix:\/\/\/[^?#]+$/.test(value)) throw new Error('`nomad-addr` is not the path of a socket, such as unix:///run/nomad/api.sock');
    return value;
  }
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw new Error('`nomad-addr` is not an address of Nomad, such as https://nomad.example.com:4646');
  }
  return value.replace(/(?<!\/)\/+$/, '');
}

/**
 * Reads the address of an attestation, which needs an image by digest: an attestation is about one digest. See
 * https://docs.github.com/actions/how-tos/secure-your-work/use-artifact-attestations/use-artifact-attestations
 */
export function parseAttestationUrl(value: string | undefined, image: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (!isAttestationUrl(value))
    throw new Error(
      '`attestation` is not the address of an attestation, such as https://github.com/acme/shop/attestations/42: give the output `attestation-url` of actions/attest',
    );
  if (parseReference(image ?? '')?.digest === undefined)
    throw new Error('`attestation` is given without an `image` by digest: give the output `image` of `command: build`');
  return value;
}

/** Reads the address of Prometheus, to which the path of its API is added. */
export function parsePrometheus(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:\/\//.test(value) || url.search !== '' || url.hash !== '')
    throw new Error('`prometheus-addr` is not an address of Prometheus, such as https://prometheus.example.com');
  if (url.username !== '' || url.password !== '')
    throw new Error('`prometheus-addr` has a user or password; give `prometheus-token`, also as `user:password`');
  return value.replace(/(?<!\/)\/+$/, '');
}

/** Reads the address of Consul. Without a scheme it is one of HTTP, as for Consul's own programs. */
export function parseConsul(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const whole = /^[a-z]+:\/\//i.test(value) ? value : `http://${value}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw new Error('`consul-addr` is not an address of Consul, such as https://consul.example.com:8501');
  if (url.username !== '' || url.password !== '') throw new Error('`consul-addr` has a user or password; give `consul-token`');
  return whole.replace(/(?<!\/)\/+$/, '');
}

/** Reads the address of a web hook. Problems never quote it, since the address is a credential. */
export function parseWebhook(value: string | undefined): string | undefined {
  if (value === undefined || (URL.canParse(value) && /^https?:\/\//.test(value))) return value;
  throw new Error('`webhook-url` is not an address, such as https://hooks.slack.com/services/…');
}

export function parseDomain(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const problem = value.includes('_') ? 'has characters other than letters, digits and dashes' : hostProblem(value);
  if (problem !== undefined)
    throw new Error(`\`base-domain\`: ${JSON.stringify(value)} is not a domain, such as apps.example.com: it ${problem}`);
  return value.toLowerCase();
}

/**
 * Reads a map of `NAME=value` lines, of YAML or of JSON. Scalars keep their text byte for byte (`0123`, `yes`); lists and maps within become JSON text. `names`
 * is the regular expression of the names before the `=`.
 */
export async function readMap(
  name: string,
  value: string | undefined,
  problems: string[],
  names = '[A-Za-z_][A-Za-z0-9_]*',
): Promise<Record<string, string>> {
  if (value === undefined || value.trim() === '') return {};
  const lines = value.split(/\r?\n/).filter((line) => line.trim() !== '');
  const isPair = new RegExp(`^\\s*${names}=`);
  if (lines.every((line) => isPair.test(line))) {
    return Object.fromEntries(
      lines.map((line) => {
        const at = line.indexOf('=');
        return [line.slice(0, at).trim(), line.slice(at + 1)];
      }),
    );
  }
  // The parser's own message is left out, since it quotes the text, which may be a secret.
  const read = await yamlData(value);
  const parsed = 'data' in read ? read.data : undefined;
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
    return Object.fromEntries(
      Object.entries(parsed).map(([key, item]: [string, unknown]) => [key, typeof item === 'string' ? item : JSON.stringify(item ?? '')]),
    );
  }
  problems.push(
    `\`${name}\` is neither NAME=value lines nor a YAML or JSON map; write a value of several lines as \`NAME: |\`, indented below`,
  );
  return {};
}

/** The user and password of an address, also of an invalid one. */
const USER_INFO = /^(\w+:\/\/)([^/?#]*)@/;

/** Returns an address without its user, and the user as `user:password`. Throws for a percent sign that begins no escape. */
export function splitCredentials(
  name: string,
  value: string | undefined,
): readonly [address: string | undefined, basic: string | undefined] {
  const [, , userInfo] = USER_INFO.exec(value ?? '') ?? [];
  if (value === undefined || userInfo === undefined) return [value, undefined];
  try {
    const [user = '', ...password] = userInfo.split(':');
    return [value.replace(USER_INFO, '$1'), [user, password.join(':')].map(decodeURIComponent).join(':')];
  } catch {
    throw new Error(`\`${name}\`: the user or password has a % that begins no escape; write %25`);
  }
}

/** Returns the secrets of an address, escaped and unescaped: the password (the user where there is none), and both together. */
export function passwordsIn(address: string): string[] {
  const [, , userInfo = ''] = USER_INFO.exec(address.trim()) ?? [];
  const [user = '', ...rest] = userInfo.split(':');
  const written = rest.length === 0 ? [user] : [rest.join(':'), userInfo];
  const meant = written.map((text) =>
    text.replaceAll(/(%[\da-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString()),
  );
  return [...new Set([...written, ...meant])].filter((text) => text !== '');
}

/** Reads the address of a proxy. */
export function parseProxy(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || url.hostname === '' || !/^(https?|socks5?):$/.test(url.protocol)) {
    throw new Error(`\`${name}\` is not the address of a proxy, such as http://proxy.example.com:3128`);
  }
  return value;
}

/** Returns `NOMAD_HTTP_AUTH`, `user:password` as for Nomad's own programs, as a line of `nomad-headers`. */
export function basicAuth(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : `Authorization=Basic ${Buffer.from(value.trim()).toString('base64')}`;
}

/** Headers of the connection, of the body or of Nomad itself: another value would break requests. */
const OWN_HEADERS =
  /^(host|connection|keep-alive|transfer-encoding|content-(length|type|encoding)|expect|upgrade|te|trailer|proxy-connection|accept-encoding)$/i;

/** Returns the problems of `nomad-headers`, without any value. */
export function headerProblems(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    const problem = !/^[\w!#$%&'*+.^`|~-]+$/.test(name)
      ? 'is not the name of a header, such as CF-Access-Client-Id'
      : /^x-nomad-token$/i.test(name)
        ? 'comes from `nomad-token`; give that input'
        : /^proxy-authorization$/i.test(name)
          ? 'is for the proxy; give it in the address of the proxy: HTTPS_PROXY=http://user:password@proxy.example.com:3128'
          : OWN_HEADERS.test(name)
            ? 'belongs to the connection and cannot be set'
            : /[^\t\x20-\x7e]/.test(value)
              ? 'has a value with line breaks or characters that a header cannot have'
              : undefined;
    return problem === undefined ? [] : [`\`nomad-headers\`: ${JSON.stringify(name)} ${problem}`];
  });
}

/** Shorter values of headers are words such as `https`: the mask would remove them from addresses and the log. */
const MIN_CREDENTIAL_LENGTH = 8;

/** Returns the secrets of a header's value: the whole, and the word after `Basic` or `Bearer`. */
export function credentialsIn(value: string): string[] {
  return [value, ...value.split(/\s+/)].filter((part) => part.length >= MIN_CREDENTIAL_LENGTH);
}

/** Nomad's own limit: https://developer.hashicorp.com/nomad/docs/job-specification/dispatch_payload */
const MAX_PAYLOAD_BYTES = 16_384;

export function parsePayload(value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined;
  const bytes = Buffer.byteLength(value);
  if (bytes > MAX_PAYLOAD_BYTES) throw new Error(`\`payload\` has ${bytes} bytes; Nomad takes at most ${MAX_PAYLOAD_BYTES}`);
  return value;
}

/** The word for the plan on the merged pull request that the commit came with. */
export const MERGED_PLAN = 'merged-pull-request';

export function parseApprovedPlan(values: readonly string[]): readonly string[] {
  if (values.length === 1 && values[0] === MERGED_PLAN) return values;
  const wrong = values.find((value) => parseFingerprint(value) === undefined);
  if (wrong === undefined) return values;
  throw new Error(
    `\`approved-plan\`: ${JSON.stringify(wrong)} is neither \`${MERGED_PLAN}\` nor the output \`plan-fingerprint\` of \`command: plan\``,
  );
}

/** Returns a program and its arguments, which the terminal program passes on as a JSON list. */
export function parseProgram(text: string | undefined): readonly [string, ...string[]] | undefined {
  if (text === undefined) return undefined;
  const words: unknown = JSON.parse(text);
  if (!Array.isArray(words)) return undefined;
  const [program, ...rest] = words.map(String);
  return program === undefined ? undefined : [program, ...rest];
}
