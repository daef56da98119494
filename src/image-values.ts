// Reads the text of the inputs of an image. What is wrong is thrown as an `Error` whose message names the input, the problem and an example.

import { messageOf } from './errors.ts';
import { textAt } from './json.ts';
import { nearest } from './nearest.ts';
import { splitWords } from './words.ts';
import { yamlData } from './yaml.ts';

/** A secret of the build: its value, or the file of the workspace that holds it. */
export type SecretSource<T> = { readonly value: T } | { readonly file: string };

/** What Go and Docker call the processors and systems that images are for. */
const SYSTEMS = ['linux', 'windows', 'darwin', 'freebsd', 'wasip1'];
const PROCESSORS = ['amd64', 'arm64', 'arm', '386', 'ppc64le', 's390x', 'riscv64', 'loong64', 'mips64le', 'mips64', 'wasm'];

/** Splits lists whose items have no comma, such as platforms and tags: as docker/build-push-action, by line and by comma. */
function splitList(value: string | undefined): string[] {
  return (value ?? '')
    .split(/[\n,]/)
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

export function parsePlatforms(value: string | undefined): string[] {
  const known = SYSTEMS.flatMap((system) => PROCESSORS.map((processor) => `${system}/${processor}`));
  return splitList(value).map((platform) => {
    const [system = '', processor = '', variant, ...rest] = platform.toLowerCase().split('/');
    const wanted = `${system}/${processor}`;
    if (known.includes(wanted) && rest.length === 0 && (variant === undefined || /^v\d+(\.\d+)?$/.test(variant)))
      return platform.toLowerCase();
    const near = nearest(wanted, known);
    throw new Error(
      `\`platforms\`: ${JSON.stringify(platform)} is not a platform, such as linux/amd64 or linux/arm/v7${near === undefined ? '' : `; did you mean \`${near}\`?`}`,
    );
  });
}

export function parseLabels(lines: readonly string[]): string[] {
  for (const line of lines) if (!/^[^\s=]+=/.test(line)) throw new Error(`\`labels\`: ${JSON.stringify(line)} is not NAME=value`);
  return [...lines];
}

/** Tags are references, `ghcr.io/acme/shop:1.2`, or the tag alone. */
export function parseTags(value: string | undefined): string[] {
  return splitList(value).map((tag) => {
    const at = tag.indexOf(':', tag.lastIndexOf('/') + 1);
    const named = at >= 0 || tag.includes('/');
    const alone = at >= 0 ? tag.slice(at + 1) : named ? 'latest' : tag;
    const name = named ? tag.slice(0, at < 0 ? undefined : at) : undefined;
    if (tag.includes('@') || !/^\w[\w.-]{0,127}$/.test(alone) || (name !== undefined && !isName(name))) {
      throw new Error(
        `\`tags\`: ${JSON.stringify(tag)} is neither a tag, such as 1.2, nor an image with one, such as ghcr.io/acme/shop:1.2`,
      );
    }
    return tag;
  });
}

function isName(name: string): boolean {
  return /^([\w.-]+(:\d+)?\/)?[a-z0-9]+([._/-]+[a-z0-9]+)*$/.test(name);
}

/** `true`, `false` or attributes such as `mode=max`; undefined when nothing is asked for. */
export function parseAttestation(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (/^(true|yes|on|1)$/i.test(value)) return 'true';
  if (/^(false|no|off|0)$/i.test(value)) return 'false';
  if (/^[a-z-]+=/.test(value)) return value;
  throw new Error(
    `\`${name}\`: ${JSON.stringify(value)} is neither true nor false, nor attributes such as ${name === 'sbom' ? 'generator=docker/buildkit-syft-scanner' : 'mode=max'}`,
  );
}

/**
 * Reads build secrets: `NAME=value` a line, as docker/build-push-action's `secrets` (a value of several lines in double quotes that begin before
 * the name), or `id=NAME,env=VARIABLE` and `id=NAME,src=file` as buildx itself takes them. What is wrong is told without the value.
 */
export function parseBuildSecrets(
  value: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, SecretSource<string>> {
  return Object.fromEntries(
    entriesOf(value ?? '').map((entry, i): [string, SecretSource<string>] => {
      const where = `\`build-secrets\`, entry ${i + 1}`;
      const [, id = '', kind, from = ''] = /^(?:type=\w+,)?id=([^,]+),(env|src|source)=(.+)$/.exec(entry) ?? [];
      if (kind === 'env') {
        const found = env[from];
        if (found === undefined || found === '') throw new Error(`${where}: the environment variable ${from} of \`${id}\` is not set`);
        return [checkedId(id, where), { value: found }];
      }
      if (kind !== undefined) return [checkedId(id, where), { file: from }];
      const at = entry.indexOf('=');
      if (at <= 0) throw new Error(`${where}: not NAME=value, nor id=NAME,env=VARIABLE or id=NAME,src=file`);
      if (at === entry.length - 1) throw new Error(`${where}: \`${entry.slice(0, at)}\` has no value`);
      return [checkedId(entry.slice(0, at), where), { value: entry.slice(at + 1) }];
    }),
  );
}

/** A text is for a shell; a JSON list, as in a Dockerfile, is a program with its arguments. */
export function parseTest(value: string | undefined): string | [string, ...string[]] | undefined {
  if (value === undefined || !value.startsWith('[')) return value;
  const parsed = jsonIn(value);
  const words = Array.isArray(parsed) ? parsed.filter((word): word is string => typeof word === 'string') : [];
  const [program, ...args] = words;
  if (program !== undefined && program !== '' && Array.isArray(parsed) && parsed.length === words.length) return [program, ...args];
  throw new Error('`test`: begins like a JSON list, but is none of texts, such as ["/app", "--self-test"]');
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** `NAME=value`, or `NAME` for the value that the step has. */
export function parseTestEnv(lines: readonly string[], env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    lines.map((line): [string, string] => {
      const [, name, given] = /^([A-Za-z_]\w*)(?:=(.*))?$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`\`test-env\`: ${JSON.stringify(line.replace(/=.*/, '=…'))} is neither NAME=value nor NAME`);
      const value = given ?? env[name];
      if (value === undefined) throw new Error(`\`test-env\`: the environment variable ${name} is not set`);
      if (/[\r\n]/.test(value)) throw new Error(`\`test-env\`: the value of ${name} has several lines, which docker does not take`);
      return [name, value];
    }),
  );
}

/** A YAML or JSON list of registries with their logins, as docker/login-action's input of that name. Problems are told without the text. */
export async function readLogins(
  value: string | undefined,
  problems: string[],
): Promise<{ readonly registry: string; readonly username: string; readonly password: string }[]> {
  if (value === undefined) return [];
  const read = await yamlData(value);
  const list = 'data' in read ? read.data : undefined;
  const logins = (Array.isArray(list) ? list : []).map((login: unknown) => ({
    registry: parseRegistry(textAt(login, 'registry')) ?? 'docker.io',
    username: textAt(login, 'username') ?? '',
    password: textAt(login, 'password') ?? '',
  }));
  const bad = logins.findIndex(({ username, password }) => username === '' || password === '');
  if (logins.length > 0 && bad < 0) return logins;
  problems.push(
    bad >= 0
      ? `\`registry-auth\`: entry ${bad + 1} has no username or no password`
      : '`registry-auth`: no YAML list of `registry`, `username` and `password`',
  );
  return [];
}

export function parseScan(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  try {
    splitWords(value, { IMAGE: 'image' });
    return value;
  } catch (error) {
    throw new Error(`\`scan\` ${messageOf(error)}`, { cause: error });
  }
}

function checkedId(id: string, where: string): string {
  if (/^[\w.-]+$/.test(id)) return id;
  throw new Error(`${where}: the name of a secret has letters, digits, dots, dashes and underscores only`);
}

/** The entries of a list, one a line; one that begins with a double quote goes on to the next lone one. */
function entriesOf(value: string): string[] {
  const found = value.replaceAll('\r\n', '\n').matchAll(/^[ \t]*(?:"((?:[^"]|"")*)"[ \t]*$|(\S.*)$)/gm);
  return [...found].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain?.trimEnd() ?? '');
}

/** A registry as docker names it, where people give its address: `https://index.docker.io/v1/` is `docker.io`. A path stays, for the names of images. */
export function parseRegistry(value: string | undefined): string | undefined {
  const plain = value?.replace(/^https?:\/\//i, '').replace(/\/+$/, '');
  return plain?.replace(/^(index|registry-1)\.docker\.io(\/v[12])?(?=\/|$)/, 'docker.io');
}

/** What a login is for: the host of a registry that may have a path, `europe-docker.pkg.dev/acme/images`. */
export function hostOf(registry: string): string {
  return registry.split('/')[0] ?? registry;
}

/** What the tags of an image end with that is built of the Dockerfile of `NOMAD_VAR_BUILD_DEPLOY`, beside the repository's own image. */
export function deployedSuffix(vars: Readonly<Record<string, string>>): string {
  return (vars['BUILD_DEPLOY'] ?? '').trim() === '' ? '' : '-deploy';
}
