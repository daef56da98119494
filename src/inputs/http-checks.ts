import { messageOf } from '../errors.ts';
import type { Secret } from '../runtime/index.ts';
import type { HttpRequest } from '../runtime/runtime.ts';
import { nearest, parseDuration, yamlData } from '../text/index.ts';
import { attempting, isMap } from './attempt.ts';
import { type Bake, isBake, parseBake } from './bake.ts';
import { oneOf, parseBoolean, parseCount } from './values.ts';

/** A text that the answer has to contain, or a pattern that it has to match. */
export type Wanted = string | RegExp;

/** One HTTP request of the input `verify`, and the conditions on its answer. */
export interface HttpCheck {
  /** A path is requested from allocations, at the port with this label, and from the public address; a URL is requested once. */
  readonly target:
    | { readonly path: string; readonly port: string | undefined; readonly protocol: 'http' | 'https' }
    | { readonly url: string };
  readonly method: HttpRequest['method'];
  /** Headers that are sent; they may hold credentials. */
  readonly headers: Readonly<Record<string, Secret>>;
  /** Redirects within the requested server are followed. */
  readonly followRedirects: boolean;
  /** Other hosts, as in a URL, to which redirects are followed. */
  readonly redirectHosts: readonly string[];
  /** Take any certificate. */
  readonly insecure: boolean;
  /** A status such as `204`, or a class such as `2xx`: one of them. */
  readonly status: readonly string[];
  readonly body: Wanted | undefined;
  /** Conditions on headers of the answer, by their names in small letters. */
  readonly header: Readonly<Record<string, Wanted>>;
  /** Conditions on values of the answer as JSON; `path` is as the input has it. */
  readonly json: readonly { readonly path: string; readonly keys: readonly string[]; readonly wanted: Wanted }[];
  readonly maxLatencyMs: number | undefined;
  /** Number of retries before the check fails, and the time between an answer and the retry. */
  readonly retries: number;
  readonly intervalMs: number;
  /** Limit for one request, from its start to the end of the answer. */
  readonly timeoutMs: number;
}

/** The keys of a check. */
export const CHECK_KEYS = [
  'path',
  'url',
  'port',
  'protocol',
  'method',
  'headers',
  'follow-redirects',
  'insecure',
  'status',
  'body',
  'header',
  'json',
  'max-latency',
  'retries',
  'interval',
  'timeout',
] as const;
type CheckKey = (typeof CHECK_KEYS)[number];

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** Any status but an error, as for Kubernetes and `curl --fail`. */
const STATUS = ['2xx', '3xx'];

/** A router learns of a new version some seconds late: 20 seconds are enough for one that polls every 15. */
const RETRIES = 10;
const INTERVAL_MS = 2_000;
const CHECK_TIMEOUT_MS = 5_000;

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Headers of the connection, which a check cannot set. */
const OWN_HEADERS = /^(connection|content-length|expect|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i;

/**
 * Reads the input `verify`: a path or URL a line, or a YAML list of checks. Every problem is added to `problems`, none of them with the text of the
 * input, which may hold credentials. `hide` wraps the values of headers. The entry with `for` is added to `bakes`.
 */
export async function readChecks(
  text: string | undefined,
  hide: (value: string) => Secret,
  problems: string[],
  bakes: Bake[] = [],
): Promise<readonly HttpCheck[]> {
  if (text === undefined || text.trim() === '') return [];
  const items = /^\s*(#|---|[-[{]|[\w-]+:(\s|$))/.test(text) ? await readYaml(text, problems) : text.split('\n').map((line) => line.trim());
  return items
    .filter((item) => item !== '')
    .flatMap((item, i) => {
      const own: string[] = [];
      const checks = isBake(item) ? [] : [parseCheck(item, hide, own)];
      if (isBake(item)) bakes.push(parseBake(item, own));
      if (isBake(item) && bakes.length > 1) own.push('a second entry with `for`; give one, with all rules');
      problems.push(...own.map((problem) => `\`verify\`, check ${i + 1}: ${problem}`));
      return checks;
    });
}

/** Reads a YAML list of checks. Scalars stay text, so that a version `1.10` keeps its zero. */
async function readYaml(text: string, problems: string[]): Promise<readonly unknown[]> {
  const read = await yamlData(text);
  const parsed = 'data' in read ? read.data : undefined;
  const list: readonly unknown[] = Array.isArray(parsed) ? parsed : isMap(parsed) ? [parsed] : [];
  if (list.length > 0) return list;
  const line = 'problem' in read ? ` (line ${read.problem.line})` : '';
  problems.push(`\`verify\` is neither paths and URLs, one a line, nor a YAML list of checks${line}, such as \`- path: /healthz\``);
  return [];
}

/** Reads one check. Missing keys get their defaults. */
function parseCheck(item: unknown, hide: (value: string) => Secret, problems: string[]): HttpCheck {
  const given = isMap(item) ? item : typeof item === 'string' ? { [item.startsWith('/') ? 'path' : 'url']: item } : {};
  for (const name of Object.keys(given)) {
    if (CHECK_KEYS.some((key) => key === name)) continue;
    const near = nearest(name, CHECK_KEYS);
    problems.push(
      `unknown key \`${name}\`${near === undefined ? `; the keys are ${CHECK_KEYS.join(', ')}` : `: did you mean \`${near}\`?`}`,
    );
  }
  const attempt = attempting(problems);
  const text = (key: CheckKey): string | undefined => {
    const value = given[key];
    if (value === undefined) return undefined;
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
    problems.push(`\`${key}\` ${value === '' ? 'is empty' : 'must be a text'}`);
    return undefined;
  };
  const map = (key: CheckKey): [string, string][] => {
    const value = given[key] ?? {};
    if (!isMap(value)) problems.push(`\`${key}\` must be a map, as in \`${key}: { ${key === 'json' ? 'status: up' : 'x-name: value'} }\``);
    return Object.entries(isMap(value) ? value : {}).flatMap(([name, one]): [string, string][] => {
      if (typeof one === 'string') return [[name, one]];
      problems.push(`\`${key}\`: the value of ${name} must be a text, a number, true, false or null`);
      return [];
    });
  };
  const wanted = (key: CheckKey, value: string): Wanted => attempt(() => parseWanted(key, value), value);
  const duration = (key: CheckKey): number | undefined => {
    const value = text(key);
    if (value === undefined) return undefined;
    const ms = parseDuration(value) ?? 0;
    if (ms <= 0) problems.push(`\`${key}\`: ${JSON.stringify(value)} is not a duration, such as 500ms or 5s`);
    return ms;
  };
  const flag = (key: CheckKey): boolean => attempt(() => parseBoolean(key, text(key)) ?? false, false);
  const body = text('body');
  return {
    target: target(text('path'), text('url'), text('port'), text('protocol'), problems),
    method: attempt(() => oneOf('method', (text('method') ?? 'GET').toUpperCase(), METHODS), 'GET'),
    headers: Object.fromEntries(
      map('headers').flatMap(([name, value]) => {
        const problem = headerProblem(name, value);
        if (problem !== undefined) problems.push(`\`headers\`: ${problem}`);
        return problem === undefined ? [[name, hide(value)]] : [];
      }),
    ),
    ...attempt(() => redirects(given['follow-redirects']), { followRedirects: false, redirectHosts: [] }),
    insecure: flag('insecure'),
    status: statuses(given['status'], problems),
    body: body === undefined ? undefined : wanted('body', body),
    header: Object.fromEntries(map('header').map(([name, value]) => [name.toLowerCase(), wanted('header', value)])),
    json: map('json').map(([path, value]) => ({ path, keys: attempt(() => jsonKeys(path), []), wanted: wanted('json', value) })),
    maxLatencyMs: duration('max-latency'),
    retries: attempt(() => parseCount('retries', text('retries')) ?? RETRIES, RETRIES),
    intervalMs: duration('interval') ?? INTERVAL_MS,
    timeoutMs: duration('timeout') ?? CHECK_TIMEOUT_MS,
  };
}

function target(
  path: string | undefined,
  url: string | undefined,
  port: string | undefined,
  protocol: string | undefined,
  problems: string[],
): HttpCheck['target'] {
  if ((path === undefined) === (url === undefined)) problems.push('needs either `path` or `url`');
  if (url !== undefined) {
    const problem = urlProblem(url);
    if (problem !== undefined) problems.push(`\`url\`: ${problem}`);
    if (port !== undefined) problems.push('`port` is for a `path`: a URL has its port in it');
    if (protocol !== undefined) problems.push('`protocol` is for a `path`: a URL begins with it');
    return { url };
  }
  if (path !== undefined && (!/^\/(?!\/)[^\s#]*$/.test(path) || !URL.canParse(path, 'http://host')))
    problems.push(`\`path\`: ${JSON.stringify(withoutQuery(path))} is not a path, such as /healthz`);
  if (protocol !== undefined && protocol !== 'http' && protocol !== 'https')
    problems.push(`\`protocol\`: ${JSON.stringify(protocol)} is neither http nor https`);
  return { path: path ?? '/', port, protocol: protocol === 'https' ? 'https' : 'http' };
}

/** Reads `true`, `false`, or the hosts to which a redirect may lead besides the requested one. */
function redirects(value: unknown): Pick<HttpCheck, 'followRedirects' | 'redirectHosts'> {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const hosts = list.flatMap((one) =>
    typeof one === 'string' && /^[\w-]+(\.[\w-]+)+(:\d+)?$/.test(one.trim()) && URL.canParse(`https://${one.trim()}`)
      ? [one.trim().toLowerCase()]
      : [],
  );
  if (hosts.length > 0 && hosts.length === list.length) return { followRedirects: true, redirectHosts: hosts };
  if (value === undefined || typeof value === 'string')
    return { followRedirects: parseBoolean('follow-redirects', value?.trim()) ?? false, redirectHosts: [] };
  throw new Error('`follow-redirects` is true, false, or a list of hosts such as login.example.com');
}

function urlProblem(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || /\s/.test(text)) {
    const path = /^[\w.-]+(\/|$)/.test(text) && !/^[\w-]+\.[\w.-]+/.test(text) ? '; a path begins with a slash' : '';
    return `${JSON.stringify(withoutQuery(text))} is neither a path such as /healthz nor a URL such as https://shop.example.com/healthz${path}`;
  }
  if (url.username !== '' || url.password !== '') return 'must not hold a user or password; send them with `headers`';
  return undefined;
}

/** Returns a URL or path without its query, which may hold a token. */
export function withoutQuery(url: string): string {
  return url.replace(/\?.*$/s, '?…');
}

function headerProblem(name: string, value: string): string | undefined {
  if (!HEADER_NAME.test(name)) return `${JSON.stringify(name)} is not the name of a header`;
  if (OWN_HEADERS.test(name)) return `${name} belongs to the connection and can't be set`;
  return HEADER_VALUE.test(value) ? undefined : `the value of ${name} has line breaks or characters that a header can't have`;
}

function statuses(value: unknown, problems: string[]): readonly string[] {
  if (value === undefined) return STATUS;
  const given: readonly unknown[] = Array.isArray(value) ? value : [value];
  const list = given.map((one) => (typeof one === 'string' ? one.trim().toLowerCase() : ''));
  const wrong = list.find((one) => !/^[1-5](\d\d|xx)$/.test(one));
  if (list.length === 0 || wrong !== undefined)
    problems.push(`\`status\`: ${JSON.stringify(wrong ?? '')} is not a status such as 200 or 2xx, or a list of them`);
  return list;
}

/** Reads `/…/` and `/…/i` as patterns, and anything else as a text. Throws for an invalid pattern. */
function parseWanted(key: CheckKey, value: string): Wanted {
  const [, source, flags] = /^\/(.+)\/([imsu]*)$/s.exec(value) ?? [];
  if (source === undefined) return value;
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw new Error(`\`${key}\`: ${value} is not a regular expression: ${messageOf(error).replace(/^.*: /s, '')}`);
  }
}

/** Returns the names and numbers of a JSON path such as `checks.db[0].ok` or `$.a["b.c"]`. Throws for an invalid path. */
function jsonKeys(path: string): string[] {
  const keys: string[] = [];
  const step = /\.?([^.[\]"]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;
  step.lastIndex = /^\$(?=[.[])/.test(path) ? 1 : 0;
  while (step.lastIndex < path.length) {
    const [found, name, index, quoted] = step.exec(path) ?? [];
    if (found === undefined || (keys.length > 0 && name !== undefined && !found.startsWith('.')))
      throw new Error(`\`json\`: ${JSON.stringify(path)} is not a path, such as status or checks.db[0].ok`);
    keys.push(name ?? index ?? String(JSON.parse(quoted ?? '""')));
  }
  return keys;
}
