// Readers of the inputs of an image. Each throws an `Error` whose message names the input, the problem and an example.

import { messageOf } from '../errors.ts';
import { isContentTag, isRegistry, isTagAlone, nearest, parseReference, registryIn, splitWords, textAt, yamlData } from '../text/index.ts';

/** Systems and processors of images, by their names in Go and Docker. */
const SYSTEMS = ['linux', 'windows', 'darwin', 'freebsd', 'wasip1'];
const PROCESSORS = ['amd64', 'arm64', 'arm', '386', 'ppc64le', 's390x', 'riscv64', 'loong64', 'mips64le', 'mips64', 'wasm'];

/** Returns the items of a list whose items have no comma, such as platforms and tags; lines and commas separate them, as in docker/build-push-action. */
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

/** Labels by which a later run finds the image again: a user's value would name other content. */
const OWN_LABELS = /^nomad-deploy\./i;

export function parseLabels(lines: readonly string[]): string[] {
  for (const line of lines) {
    const [, name] = /^([^\s=-][^\s=]*)=/.exec(line) ?? [];
    if (name === undefined) throw new Error(`\`labels\`: ${JSON.stringify(line)} is not NAME=value`);
    if (OWN_LABELS.test(name)) throw new Error(`\`labels\`: ${name} is reserved for nomad-deploy; use another name`);
  }
  return [...lines];
}

/** Reads `NAME=value` lines. An argument without a value is refused: docker would take it from its environment, which may hold credentials. */
export function parseBuildArgs(value: string | undefined): string[] {
  const lines = (value ?? '').split(/\r?\n/).filter((line) => line.trim() !== '');
  for (const line of lines) {
    const [, name, given] = /^([A-Za-z_][\w.-]*)(=|$)/.exec(line) ?? [];
    if (name === undefined) throw new Error(`\`build-args\`: ${JSON.stringify(line.replace(/=.*/, '=…'))} is not NAME=value`);
    if (given === '=') continue;
    throw new Error(
      `\`build-args\`: ${JSON.stringify(line)} has no value; write ${name}=\${{ env.${name} }} in the workflow, or ${name}=value`,
    );
  }
  return lines;
}

/** Reads the name or number of a stage of a Dockerfile. */
export function parseTarget(value: string | undefined): string | undefined {
  if (value === undefined || /^[A-Za-z0-9][\w.-]*$/.test(value)) return value;
  throw new Error(`\`target\`: ${JSON.stringify(value)} is not the name of a stage, such as prod in \`FROM … AS prod\``);
}

/** Reads the name of a builder, or of one of docker's contexts. */
export function parseBuilder(value: string | undefined): string | undefined {
  if (value === undefined || /^[A-Za-z0-9][\w.+-]*$/.test(value)) return value;
  throw new Error(`\`builder\`: ${JSON.stringify(value)} is not the name of a builder; \`docker buildx ls\` lists them`);
}

export function parseImage(value: string | undefined): string | undefined {
  if (value === undefined || parseReference(value) !== undefined) return value;
  const small = parseReference(value.toLowerCase())?.name;
  throw new Error(
    small === undefined
      ? `\`image\`: ${JSON.stringify(value)} is not the name of an image, such as ghcr.io/acme/shop:1.2 or ghcr.io/acme/shop@sha256:<64 digits>`
      : `\`image\`: ${JSON.stringify(value)} has capital letters; the name of an image has small ones: ${small}`,
  );
}

/** Reads tags: references such as `ghcr.io/acme/shop:1.2`, or the tag alone. */
export function parseTags(value: string | undefined): string[] {
  return splitList(value).map((tag) => {
    const found = parseReference(isTagAlone(tag) ? `image:${tag}` : tag);
    if (found === undefined || found.digest !== undefined) {
      throw new Error(
        `\`tags\`: ${JSON.stringify(tag)} is neither a tag, such as 1.2, nor an image with one, such as ghcr.io/acme/shop:1.2`,
      );
    }
    if (isContentTag(found.tag)) throw new Error(`\`tags\`: ${JSON.stringify(tag)} ${RESERVED}`);
    return tag;
  });
}

const RESERVED = 'is reserved: nomad-deploy finds images by tags that begin with content-; use another tag';

/** Attributes of the cache `gha` that decide where its token goes. Without them buildx takes the runner's values from its environment. */
const OF_GITHUB = ['url', 'url_v2', 'token'];

/** Reads caches as buildx takes them: the name of an image, or attributes such as `type=gha,mode=max`; `none` alone is none. */
export function parseCaches(input: string, lines: readonly string[]): string[] {
  if (lines.length === 1 && lines[0] === 'none') return [];
  for (const line of lines) {
    const problem = cacheProblem(readAttributes(line));
    if (problem !== undefined) throw new Error(`\`${input}\`: ${JSON.stringify(line.replace(/=[^,]*/g, '=…'))} ${problem}`);
  }
  return [...lines];
}

function cacheProblem(attributes: Attributes | undefined): string | undefined {
  if (attributes === undefined) return 'is neither an image, such as ghcr.io/acme/shop:cache, nor attributes such as type=gha,mode=max';
  const own = OF_GITHUB.find((name) => attributes.has(name));
  if (attributes.get('type')?.toLowerCase() === 'gha' && own !== undefined) {
    return `has \`${own}\`, which only the runner may set, since it receives the token of GitHub's cache; leave \`${own}\` out`;
  }
  if (!/^[\w.-]+$/.test(attributes.get('type') ?? '')) return 'has no `type`, such as type=gha';
  const ref = attributes.get('ref');
  if (ref === undefined) return undefined;
  const image = parseReference(ref);
  if (image === undefined) return `has a \`ref\` that is not the name of an image, such as ghcr.io/acme/shop:cache`;
  return isContentTag(image.tag) ? RESERVED : undefined;
}

/** Attributes by their names, in small letters. */
export type Attributes = ReadonlyMap<string, string>;

/**
 * Reads attributes as buildx does: fields of CSV, each `name=value`, where the first `=` separates and the name ignores case. A single word is the `ref` of
 * `type=registry`. Returns undefined for any other text, and for a name that occurs twice.
 */
export function readAttributes(text: string): Attributes | undefined {
  if (!/[=",\s]/.test(text))
    return parseReference(text) === undefined
      ? undefined
      : new Map([
          ['type', 'registry'],
          ['ref', text],
        ]);
  const fields = [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",\r\n]*))(?=,|$)/g)];
  if (fields.map(([whole]) => whole).join('') !== text) return undefined;
  const pairs = fields.map(([, quoted, plain = '']): [string, string] => {
    const field = quoted?.replaceAll('""', '"') ?? plain;
    const at = field.indexOf('=');
    return [field.slice(0, Math.max(0, at)).toLowerCase(), field.slice(at + 1)];
  });
  const found = new Map(pairs);
  return found.size === pairs.length && pairs.every(([name]) => /^[a-z][\w.-]*$/.test(name)) ? found : undefined;
}

/** Returns the type of a cache, in small letters. */
export function cacheType(line: string): string {
  return readAttributes(line)?.get('type')?.toLowerCase() ?? 'registry';
}

/** Reads `true`, `false` or attributes such as `mode=max`. */
export function parseAttestation(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (/^(true|yes|on|1)$/i.test(value)) return 'true';
  if (/^(false|no|off|0)$/i.test(value)) return 'false';
  const attributes = readAttributes(value);
  // The name of the input is the type.
  if (attributes !== undefined && value.includes('=') && !attributes.has('type')) return value;
  throw new Error(
    `\`${name}\`: ${JSON.stringify(value)} is neither true nor false, nor attributes such as ${name === 'sbom' ? 'generator=docker/buildkit-syft-scanner' : 'mode=max'}`,
  );
}

/** Reads a command: a text for the image's shell, or a JSON list of a program and its arguments, as in a Dockerfile. */
export function parseTest(value: string | undefined): string | [string, ...string[]] | undefined {
  if (value === undefined || !value.startsWith('[')) return value;
  const parsed = jsonIn(value);
  const words = Array.isArray(parsed) ? parsed.filter((word): word is string => typeof word === 'string') : [];
  const [program, ...args] = words;
  if (program?.startsWith('-') === true) throw new Error(`\`test\`: ${JSON.stringify(program)} is not a program, such as "/app"`);
  if (program !== undefined && program !== '' && Array.isArray(parsed) && parsed.length === words.length) return [program, ...args];
  throw new Error('`test` begins with [ and is not a JSON list of texts, such as ["/app", "--self-test"]');
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Reads `NAME=value` lines, or `NAME` for the value in the step's environment. */
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

/** Reads a YAML or JSON list of registries with their logins, as docker/login-action's input of that name. Problems never quote the text. */
export async function readLogins(
  value: string | undefined,
  problems: string[],
): Promise<{ readonly registry: string; readonly username: string; readonly password: string }[]> {
  if (value === undefined) return [];
  const read = await yamlData(value);
  const list = 'data' in read ? read.data : undefined;
  const logins = (Array.isArray(list) ? list : []).map((login: unknown) => ({
    registry: registryIn(textAt(login, 'registry') ?? 'docker.io'),
    username: textAt(login, 'username') ?? '',
    password: textAt(login, 'password') ?? '',
  }));
  const elsewhere = logins.findIndex(({ registry }) => !isRegistry(registry));
  if (elsewhere >= 0) {
    problems.push(
      `\`registry-auth\`: the \`registry\` of entry ${elsewhere + 1} is not the address of a registry, such as registry.example.com:5000`,
    );
    return [];
  }
  const bad = logins.findIndex(({ username, password }) => username === '' || password === '');
  if (logins.length > 0 && bad < 0) return logins;
  problems.push(
    bad >= 0
      ? `\`registry-auth\`: entry ${bad + 1} has no username or no password`
      : '`registry-auth` is not a YAML list of `registry`, `username` and `password`',
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

export function parseRegistry(value: string | undefined): string | undefined {
  const registry = value === undefined ? undefined : registryIn(value);
  if (registry === undefined || isRegistry(registry)) return registry;
  throw new Error(
    `\`registry\`: ${JSON.stringify(value)} is not the address of a registry, such as ghcr.io or registry.example.com:5000/images`,
  );
}

/** Returns the end of the tags of an image that is built of the Dockerfile of `NOMAD_VAR_BUILD_DEPLOY`, beside the repository's own image. */
export function deployedSuffix(vars: Readonly<Record<string, string>>): string {
  return (vars['BUILD_DEPLOY'] ?? '').trim() === '' ? '' : '-deploy';
}
