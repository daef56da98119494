import type { Layer } from './config.ts';
import { ActionError, messageOf } from './errors.ts';
import { type HttpCheck, readChecks } from './http-check.ts';
import type { IdTokenSource } from './id-token.ts';
import {
  hostOf,
  parseAttestation,
  parseBuildSecrets,
  parseLabels,
  parsePlatforms,
  parseRegistry,
  parseScan,
  parseTags,
  parseTest,
  parseTestEnv,
  readLogins,
  type SecretSource,
} from './image-values.ts';
import {
  basicAuth,
  credentialsIn,
  headerProblems,
  oneOf,
  parseAddress,
  parseApprovedPlan,
  parseBoolean,
  parseCount,
  parseDomain,
  parsePatience,
  parsePayload,
  parseProxy,
  parseTimeout,
  parseTtl,
  parseWebhook,
  passwordsIn,
  readMap,
  registryOf,
  splitCredentials,
} from './input-values.ts';

import { nearest } from './nearest.ts';
import { type Secret, secret } from './runtime/secret.ts';
import { readSecretName } from './secret-names.ts';
import { isPath } from './tls.ts';
import { type UntrustedEvent, untrustedEvents } from './trust.ts';
import { CI_VARIABLES } from './variables.ts';
import { type Place, placeText } from './yaml-tree.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export const commands = [
  'deploy',
  'plan',
  'render',
  'build',
  'dispatch',
  'stop',
  'promote',
  'revert',
  'scale',
  'restart',
  'status',
  'logs',
  'sweep',
] as const;
export type Command = (typeof commands)[number];

export const environments = ['production', 'staging', 'main', 'review'] as const;
export type EnvironmentName = (typeof environments)[number];

export const promotions = ['auto', 'manual', 'verify'] as const;
const failureActions = ['spec', 'revert', 'leave'] as const;
const webhookTimes = ['always', 'failure'] as const;
const cancelActions = ['leave', 'fail'] as const;

/** Every input, typed; what was not given is undefined, unless the input has a default of its own (see action.yml). */
export interface Inputs {
  readonly command: Command;
  /** The configuration file that gave values, as shown to people. */
  readonly config: string | undefined;
  /** Names of the apps that were selected; none: all of the configuration file. */
  readonly apps: readonly string[];
  /** The app that these are the inputs of; undefined where the run is about the whole repository. */
  readonly app: string | undefined;
  /** The name of the image among several: that of the app, or that in `images`. */
  readonly imageKey: string | undefined;
  readonly workingDirectory: string;
  readonly nomadAddr: string | undefined;
  /** The token for each environment, already chosen between `nomad-token`, `NOMAD_TOKEN_PROD`, `NOMAD_TOKEN_STAGING` and `NOMAD_TOKEN`. */
  readonly nomadToken: Readonly<Record<EnvironmentName, Sourced<Secret> | undefined>>;
  /** The environment variable that the configuration file names for the environment's token. */
  readonly tokenEnv: string | undefined;
  readonly nomadNamespace: string | undefined;
  readonly nomadRegion: string | undefined;
  readonly nomadTls: TlsInputs;
  /** How to log in where no token is stored; `idToken` is missing where GitHub gives the job none. */
  readonly nomadLogin: { readonly method: string; readonly audience: string; readonly idToken: IdTokenSource | undefined } | undefined;
  /** Headers of every request, beside those of Nomad itself. */
  readonly nomadHeaders: Readonly<Record<string, Secret>>;
  /** By the scheme of the address that they are for; one for `http` is also for `https` where that has none. They may hold a password. */
  readonly proxies: Readonly<Record<'http' | 'https', Sourced<Secret> | undefined>>;
  /** One of the four, or one of the configuration file. */
  readonly environment: string | undefined;
  /** Every branch deploys as the main branch does. */
  readonly mainStyle: boolean;
  readonly baseDomain: string | undefined;
  /** The domain is that of the environment as it is, since the configuration file gives it for this environment. */
  readonly ownDomain: boolean;
  readonly jobName: string | undefined;
  /** HCL variables and variables of the built-in template, by name without `NOMAD_VAR_`. */
  readonly vars: Readonly<Record<string, string>>;
  readonly noDeploy: boolean;
  readonly build: boolean | 'auto';
  readonly image: string | undefined;
  readonly context: string;
  readonly file: string | undefined;
  readonly target: string | undefined;
  readonly buildArgs: readonly string[];
  /** By the id that the Dockerfile mounts them by. */
  readonly buildSecrets: Readonly<Record<string, SecretSource<Secret>>>;
  /** None: the builder's own. */
  readonly platforms: readonly string[];
  /** References, or tags alone; none: made of the event. */
  readonly tags: readonly string[];
  readonly labels: readonly string[];
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
  /** What the runner gives buildx for the caches of the type `gha`. */
  readonly cacheService: Readonly<Record<string, Secret>>;
  readonly pull: boolean;
  readonly noCache: boolean;
  /** `true`, `false` or attributes; undefined is none. */
  readonly provenance: string | undefined;
  readonly sbom: string | undefined;
  /** Name of a builder of buildx; undefined: its own choice. */
  readonly builder: string | undefined;
  /** Seconds since the epoch, if the image and its files are to have one date. */
  readonly sourceDateEpoch: string | undefined;
  readonly push: boolean;
  /** A command that is run in the image before it is deployed. */
  readonly test: TestCommand | undefined;
  /** What its container has in its environment besides the image's own. */
  readonly testEnv: Readonly<Record<string, string>>;
  /** A command line that is run on the runner, with `$IMAGE`. */
  readonly scan: string | undefined;
  /** The registry to log in to, and to push to when `image` does not say. */
  readonly registry: string;
  readonly registryUsername: string | undefined;
  /** Without one, nobody is logged in. GitHub's own token is it for GitHub's own registry only, and never sent to another. */
  readonly registryPassword: Secret | undefined;
  /** Further registries to log in to. */
  readonly registryAuth: readonly RegistryLogin[];
  /** Paths or globs of job specs; none: `project.nomad`, else the built-in template. */
  readonly jobs: readonly string[];
  /** HCL variable files, paths or globs. */
  readonly varFiles: readonly string[];
  /** Drivers that tasks may use; undefined: those of the built-in template for it, any for other specs. */
  readonly allowedDrivers: readonly string[] | undefined;
  /** What the workflow trusts though anybody could have caused or written it. */
  readonly allowUntrustedEvents: readonly UntrustedEvent[];
  /** Secrets of the workload, by name: see secret-names.ts. */
  readonly secrets: Readonly<Record<string, Secret>>;
  /** Whether items of others go from the variables that the secrets are written to. */
  readonly replaceItems: boolean;
  readonly wait: boolean;
  readonly timeoutMs: number | undefined;
  readonly failFast: boolean;
  /** What to do with healthy canaries; undefined: as the spec says. */
  readonly promote: (typeof promotions)[number] | undefined;
  /** What has to hold before canaries are promoted, and of the application when it is deployed. */
  readonly verify: readonly HttpCheck[];
  readonly onFailure: (typeof failureActions)[number];
  readonly onCancel: (typeof cancelActions)[number];
  /** Whether groups keep the count that they run with; by default those with `scaling`. */
  readonly preserveCounts: boolean | undefined;
  /** How long a group that fits nowhere may wait for capacity; 0: not at all, Infinity: as long as the run may take. */
  readonly placementPatienceMs: number;
  readonly logLines: number;
  /** Of `scale`, `restart` and `logs`: the task group; undefined: the only one, or all. */
  readonly group: string | undefined;
  /** Of `restart` and `logs`: the task; undefined: all. */
  readonly task: string | undefined;
  /** Of `logs`: go on with what is said from now on. */
  readonly follow: boolean;
  readonly count: number | undefined;
  /** Of `revert`: the version to go back to; undefined: the last one that was healthy. */
  readonly to: number | undefined;
  /** Of `stop` and `sweep`: whether the job and its secrets are forgotten, too; undefined: of a review app. */
  readonly purge: boolean | undefined;
  /** Of `sweep`: how long a review app lives that nobody deploys; undefined: as long as its branch. */
  readonly ttlMs: number | undefined;
  /** Of `sweep`: only say what would be removed. */
  readonly dryRun: boolean;
  /** What `dispatch` gives to a run of a parameterized job. */
  readonly meta: Readonly<Record<string, string>>;
  readonly payload: string | undefined;
  /** A deploy of a periodic job has it run once, now. */
  readonly periodicForce: boolean;
  readonly summary: boolean;
  /** Who is told how it ended. */
  readonly webhook: Webhook | undefined;
  /** For GitHub's API. */
  readonly githubToken: Secret | undefined;
  /** Whether a GitHub Deployment is recorded; `auto`: unless the workflow's job records one by itself. */
  readonly githubDeployment: boolean | 'auto';
  /** Whether a comment on the pull request is kept. */
  readonly comment: boolean | 'auto';
  /** Fingerprints of plans of which a deploy has to be one, or `merged-pull-request`; none: any plan will do. */
  readonly approvedPlan: readonly string[];
  readonly expect: 'no-changes' | undefined;
  /** Keep an issue open as long as a plan that should change nothing does. */
  readonly driftIssue: boolean;
  /** What gave the values: the name of an input or of an environment variable, or `default`. */
  readonly sources: {
    readonly inputs: Readonly<Partial<Record<InputName, string>>>;
    readonly vars: Readonly<Record<string, string>>;
    readonly secrets: Readonly<Record<string, string>>;
  };
}

export interface RegistryLogin {
  readonly registry: string;
  readonly username: string;
  readonly password: Secret;
}

/** A text for the image's shell, or a program with its arguments. */
export type TestCommand = string | readonly [string, ...string[]];

/** Where a result is posted to, and when. The address is a credential: who knows it can post, too. */
export interface Webhook {
  readonly url: Secret;
  readonly on: (typeof webhookTimes)[number];
}

/** A value, and the input or variable that gave it. */
export interface Sourced<T> {
  readonly value: T;
  readonly source: string;
}

/** How Nomad proves who it is, and we to it. Certificates and keys are PEM text, or the path of a file of it. */
export interface TlsInputs {
  readonly cacert: Sourced<string> | undefined;
  readonly clientCert: Sourced<string> | undefined;
  readonly clientKey: Sourced<Secret> | undefined;
  readonly serverName: string | undefined;
  readonly skipVerify: boolean;
}

/** The names of all inputs, as action.yml declares them. */
export const inputNames = [
  'command',
  'config',
  'app',
  'working-directory',
  'nomad-addr',
  'nomad-token',
  'nomad-auth-method',
  'nomad-auth-audience',
  'nomad-namespace',
  'nomad-region',
  'nomad-cacert',
  'nomad-client-cert',
  'nomad-client-key',
  'nomad-tls-server-name',
  'nomad-skip-verify',
  'nomad-headers',
  'environment',
  'base-domain',
  'job-name',
  'vars',
  'build',
  'image',
  'context',
  'file',
  'target',
  'build-args',
  'build-secrets',
  'platforms',
  'tags',
  'labels',
  'cache-from',
  'cache-to',
  'pull',
  'no-cache',
  'provenance',
  'sbom',
  'builder',
  'push',
  'test',
  'test-env',
  'scan',
  'registry',
  'registry-username',
  'registry-password',
  'registry-auth',
  'job',
  'var-files',
  'allowed-drivers',
  'allow-untrusted-events',
  'secrets',
  'wait',
  'timeout',
  'fail-fast',
  'promote',
  'verify',
  'on-failure',
  'on-cancel',
  'preserve-counts',
  'on-placement-failure',
  'log-lines',
  'summary',
  'webhook-url',
  'webhook-on',
  'github-token',
  'group',
  'task',
  'count',
  'to',
  'purge',
  'ttl',
  'follow',
  'dry-run',
  'meta',
  'payload',
  'periodic-force',
  'github-deployment',
  'comment',
  'approved-plan',
  'expect',
  'drift-issue',
] as const;
export type InputName = (typeof inputNames)[number];

/**
 * The defaults. They are not in action.yml, since the runner would pass them on like inputs that were given, and those win over the configuration
 * file.
 */
export const DEFAULTS: Readonly<Partial<Record<InputName, string>>> = {
  command: 'deploy',
  'working-directory': '.',
  build: 'auto',
  context: '.',
  pull: 'false',
  'no-cache': 'false',
  push: 'true',
  wait: 'true',
  'fail-fast': 'certain',
  'on-failure': 'spec',
  'on-cancel': 'leave',
  'on-placement-failure': '2m',
  'log-lines': '50',
  'dry-run': 'true',
  follow: 'false',
  'periodic-force': 'false',
  summary: 'true',
  'webhook-on': 'always',
  'github-deployment': 'auto',
  comment: 'auto',
  'drift-issue': 'false',
};

/** By these, buildx finds GitHub's cache service; the runner sets them for actions, not for `run:` steps. */
const CACHE_SERVICE = ['ACTIONS_RUNTIME_TOKEN', 'ACTIONS_RESULTS_URL', 'ACTIONS_CACHE_URL', 'ACTIONS_CACHE_SERVICE_V2'];

/** Headers that carry a credential, alone or behind the name of its kind. */
const SECRET_HEADER = /auth|cookie|key|password|secret|token/i;

/** The name of a secret in a line, and what stands for the items of others. */
const SECRET_LINE = '([\\w.~/-]+|\\*)';
const OTHER_ITEMS = '*';

/** What the configuration file has for the inputs. */
export interface FromFile {
  readonly path: string;
  /** The parts of it that count here; the first that has a value wins, and of `vars` all, name by name. */
  readonly layers: readonly Layer[];
  /** The names of its environments. */
  readonly environments: readonly string[];
  /** The layer of the environment, one of `layers`. */
  readonly environment?: Layer | undefined;
  /** The environment variable that has the environment's token. */
  readonly tokenEnv?: string | undefined;
  readonly app?: string | undefined;
  /** The name in `images` of the image that is read. */
  readonly image?: string | undefined;
}

/** The input `config`, which has to be known before the others. */
export function configInput(env: Environment): string | undefined {
  return nonBlank(env['INPUT_CONFIG']);
}

/**
 * Reads all inputs from the runner's environment (`INPUT_*`, `NOMAD_*`), and nothing else does; what is not given as an input is taken from the
 * configuration file, then from the environment.
 * Throws one `input-invalid` error that lists every problem found, so that a workflow is mended in one go.
 */
export async function readInputs(env: Environment, file?: FromFile): Promise<Inputs> {
  const layers = file?.layers ?? [];
  const problems: string[] = [];
  const attempt = <T>(read: () => T, otherwise: T): T => {
    try {
      return read();
    } catch (error) {
      problems.push(messageOf(error));
      return otherwise;
    }
  };
  const sources: Partial<Record<InputName, string>> = {
    config: configInput(env) === undefined ? 'default' : 'config',
    vars: nonBlank(env['INPUT_VARS']) === undefined ? 'default' : 'vars',
  };
  const places: Partial<Record<InputName, Place>> = {};
  const raw = (name: InputName): string | undefined => {
    const value = env[`INPUT_${name.toUpperCase()}`];
    if (nonBlank(value) !== undefined) {
      sources[name] = name;
      return value;
    }
    const fromFile = layers.map((layer) => layer[name]).find((one) => nonBlank(one?.text) !== undefined);
    sources[name] = fromFile === undefined ? 'default' : `${fromFile.at.file}:${fromFile.at.line}`;
    if (fromFile !== undefined) places[name] = fromFile.at;
    return fromFile?.text ?? DEFAULTS[name];
  };
  /** The input, else the first of the others that has a value, each with the name of its source. */
  const first = (name: InputName, ...others: readonly (readonly [source: string | undefined, value: string | undefined])[]) => {
    const own = nonBlank(raw(name));
    const [source, value] = (own === undefined ? others.find((other) => nonBlank(other[1]) !== undefined) : undefined) ?? [];
    if (source !== undefined) sources[name] = source;
    return own ?? nonBlank(value);
  };
  const text = (name: InputName, ...variables: readonly string[]): string | undefined =>
    first(name, ...variables.map((variable) => [variable, env[variable]] as const));
  const choice = <T extends string>(name: InputName, known: readonly T[]): T | undefined => {
    const value = text(name);
    return value === undefined ? undefined : attempt(() => oneOf(name, value, known), undefined);
  };
  const flag = (name: InputName, otherwise: boolean, ...variables: readonly string[]): boolean =>
    attempt(() => parseBoolean(name, text(name, ...variables)) ?? otherwise, otherwise);
  const automatic = (name: InputName): boolean | 'auto' => {
    const value = text(name);
    return value === undefined || value === 'auto' ? 'auto' : flag(name, true);
  };
  const sourced = (name: InputName, variable: string): Sourced<string> | undefined => {
    const value = text(name, variable);
    return value === undefined ? undefined : { value, source: sources[name] ?? name };
  };
  const lines = (name: InputName): string[] =>
    (raw(name) ?? '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  const words = (name: InputName): string[] | undefined =>
    text(name)
      ?.split(/[\s,]+/)
      .filter((word) => word !== '');
  const hidden = (value: string | undefined): Secret | undefined => (value === undefined ? undefined : secret(value));

  // Where the file names the variable of the environment's token, no other one stands in for it.
  const tokenFor = (...own: readonly string[]): Sourced<Secret> | undefined => {
    for (const name of ['INPUT_NOMAD-TOKEN', ...(file?.tokenEnv === undefined ? [...own, 'NOMAD_TOKEN'] : [file.tokenEnv])]) {
      const value = nonBlank(env[name]);
      if (value === undefined) continue;
      const source = name === 'INPUT_NOMAD-TOKEN' ? 'nomad-token' : name;
      const problem = `\`${source}\`: is no token of Nomad, which is one word without line breaks`;
      if (/[^\x21-\x7e]/.test(value) && !problems.includes(problem)) problems.push(problem);
      return { value: secret(value), source };
    }
    return undefined;
  };

  const varsOfFile = await Promise.all(
    layers.toReversed().map(async ({ vars: given }): Promise<NamedMap> => {
      const at = given?.at;
      const line = (name: string): number | undefined => (given?.entries?.[name] ?? at)?.line;
      const own: string[] = [];
      const values = await readMap('vars', given?.text, own);
      problems.push(...own.map((problem) => (at === undefined ? problem : `${placeText(at)}: ${problem}`)));
      return [values, (name) => `${at?.file}:${line(name)}`];
    }),
  );
  const vars = merge([ciVariables(env), (name) => name], [prefixed(env, 'NOMAD_VAR_'), (name) => `NOMAD_VAR_${name}`], ...varsOfFile, [
    await readMap('vars', env['INPUT_VARS'], problems),
    () => 'vars',
  ]);
  const secrets = merge(
    [await readMap('NOMAD_SECRETS', env['NOMAD_SECRETS'], problems, SECRET_LINE), () => 'NOMAD_SECRETS'],
    [prefixed(env, 'NOMAD_SECRET_', { blank: true }), (name) => `NOMAD_SECRET_${name}`],
    [await readMap('secrets', raw('secrets'), problems, SECRET_LINE), () => 'secrets'],
  );
  const { [OTHER_ITEMS]: others = 'keep', ...ofWorkload } = secrets.values;
  if (others !== 'keep' && others !== 'replace') {
    problems.push(`\`secrets\`: \`${OTHER_ITEMS}\` stands for the items of others in the Nomad variable, and is \`keep\` or \`replace\``);
  }
  problems.push(...secretProblems(Object.keys(ofWorkload)));

  const verify = await readChecks(raw('verify'), secret, problems);
  const [method, audience] = [text('nomad-auth-method'), text('nomad-auth-audience')];
  if (method !== undefined && audience === undefined) {
    problems.push('`nomad-auth-audience` is needed with `nomad-auth-method`: what its BoundAudiences have, such as nomad.example.com');
  }
  if (audience !== undefined && method === undefined) {
    problems.push('`nomad-auth-audience` is given and `nomad-auth-method` is not: name the auth method of Nomad to log in by');
  }
  // An input wins over the configuration file; of two inputs, one is too much.
  const byToken = nonBlank(env['INPUT_NOMAD-TOKEN']) !== undefined;
  if (byToken && sources['nomad-auth-method'] === 'nomad-auth-method') {
    problems.push('`nomad-token` and `nomad-auth-method` are both given: a run has a token or logs in for one');
  }
  const clientKey = sourced('nomad-client-key', 'NOMAD_CLIENT_KEY');
  const headers = await readMap(
    'nomad-headers',
    first('nomad-headers', ['NOMAD_HTTP_AUTH', basicAuth(env['NOMAD_HTTP_AUTH'])]),
    problems,
    '[\\w-]+',
  );
  problems.push(...headerProblems(headers));
  const [nomadAddr, basic] = attempt(() => splitCredentials('nomad-addr', text('nomad-addr', 'NOMAD_ADDR')), [undefined, undefined]);
  if (basic !== undefined && Object.keys(headers).some((name) => /^authorization$/i.test(name))) {
    problems.push('`nomad-addr` has a user, and `nomad-headers` (or NOMAD_HTTP_AUTH) an Authorization: Nomad can get only one of them');
  }
  const authorization = basicAuth(basic)?.replace('Authorization=', '');
  const proxy = (...names: readonly string[]): Sourced<Secret> | undefined => {
    const source = names.find((name) => nonBlank(env[name]) !== undefined);
    const value = source && attempt(() => parseProxy(source, nonBlank(env[source])), undefined);
    return source === undefined || value === undefined ? undefined : { value: secret(value), source };
  };
  const image = text('image');
  const tags = attempt(() => parseTags(raw('tags')), []);
  const registry =
    parseRegistry(first('registry', ['image', registryOf(image)], ['tags', registryOf(tags.find((tag) => /[/:]/.test(tag)))])) ?? 'ghcr.io';
  const githubToken = text('github-token', 'GITHUB_TOKEN');
  const inputs: Inputs = {
    command: choice('command', commands) ?? 'deploy',
    config: file?.path,
    apps: words('app') ?? [],
    app: file?.app,
    imageKey: file?.image ?? file?.app,
    workingDirectory: text('working-directory') ?? '.',
    nomadAddr: attempt(() => parseAddress(nomadAddr), undefined),
    nomadToken: {
      production: tokenFor('NOMAD_TOKEN_PROD'),
      staging: tokenFor('NOMAD_TOKEN_STAGING'),
      main: tokenFor(),
      review: tokenFor(),
    },
    tokenEnv: file?.tokenEnv,
    nomadNamespace: first(
      'nomad-namespace',
      [vars.sources['NAMESPACE'], vars.values['NAMESPACE']],
      ['NOMAD_NAMESPACE', env['NOMAD_NAMESPACE']],
    ),
    nomadRegion: text('nomad-region', 'NOMAD_REGION'),
    nomadLogin: method === undefined || audience === undefined || byToken ? undefined : { method, audience, idToken: idTokenSource(env) },
    nomadTls: {
      cacert: sourced('nomad-cacert', 'NOMAD_CACERT'),
      clientCert: sourced('nomad-client-cert', 'NOMAD_CLIENT_CERT'),
      clientKey: clientKey && { ...clientKey, value: secret(clientKey.value) },
      serverName: text('nomad-tls-server-name', 'NOMAD_TLS_SERVER_NAME'),
      skipVerify: flag('nomad-skip-verify', false, 'NOMAD_SKIP_VERIFY'),
    },
    nomadHeaders: Object.fromEntries(
      Object.entries({ ...headers, ...(authorization === undefined ? {} : { Authorization: authorization }) }).map(([name, value]) => [
        name,
        secret(value),
      ]),
    ),
    proxies: { http: proxy('http_proxy', 'HTTP_PROXY'), https: proxy('https_proxy', 'HTTPS_PROXY') },
    environment: choice('environment', [...new Set<string>([...environments, ...(file?.environments ?? [])])]),
    mainStyle: attempt(() => parseBoolean('CI_MAIN_STYLE', nonBlank(env['CI_MAIN_STYLE'])) ?? false, false),
    baseDomain: attempt(() => parseDomain(text('base-domain', 'BASE_DOMAIN')), undefined),
    ownDomain: places['base-domain'] !== undefined && places['base-domain'] === file?.environment?.['base-domain']?.at,
    jobName: text('job-name'),
    vars: vars.values,
    noDeploy: attempt(() => parseBoolean('NOMAD_VAR_NO_DEPLOY', nonBlank(vars.values['NO_DEPLOY'])) ?? false, false),
    build: automatic('build'),
    image,
    context: text('context') ?? '.',
    // A second Dockerfile, for what is deployed, as users of other pipelines have it.
    file: first('file', ['NOMAD_VAR_BUILD_DEPLOY', nonBlank(vars.values['BUILD_DEPLOY'])]),
    target: text('target'),
    buildArgs: (raw('build-args') ?? '').split(/\r?\n/).filter((line) => line.trim() !== ''),
    buildSecrets: Object.fromEntries(
      Object.entries(attempt(() => parseBuildSecrets(raw('build-secrets'), env), {})).map(([id, from]) => [
        id,
        'value' in from ? { value: secret(from.value) } : from,
      ]),
    ),
    platforms: attempt(() => parsePlatforms(raw('platforms')), []),
    tags,
    labels: attempt(() => parseLabels(lines('labels')), []),
    cacheFrom: lines('cache-from'),
    cacheTo: lines('cache-to'),
    cacheService: Object.fromEntries(
      CACHE_SERVICE.flatMap((name) => {
        const value = nonBlank(env[name]);
        return value === undefined ? [] : [[name, secret(value)]];
      }),
    ),
    pull: flag('pull', false),
    noCache: flag('no-cache', false),
    provenance: attempt(() => parseAttestation('provenance', text('provenance')), undefined),
    sbom: attempt(() => parseAttestation('sbom', text('sbom')), undefined),
    builder: text('builder', 'BUILDX_BUILDER'),
    sourceDateEpoch: nonBlank(env['SOURCE_DATE_EPOCH']),
    push: flag('push', true),
    test: attempt(() => parseTest(text('test')), undefined),
    testEnv: attempt(() => parseTestEnv(lines('test-env'), env), {}),
    scan: attempt(() => parseScan(text('scan')), undefined),
    registry,
    registryUsername: text('registry-username', 'GITHUB_ACTOR'),
    registryPassword: hidden(
      first('registry-password', [sources['github-token'], hostOf(registry) === 'ghcr.io' ? githubToken : undefined]),
    ),
    registryAuth: (await readLogins(raw('registry-auth'), problems)).map((login) => ({ ...login, password: secret(login.password) })),
    jobs: lines('job'),
    varFiles: lines('var-files'),
    allowedDrivers: words('allowed-drivers'),
    allowUntrustedEvents: (words('allow-untrusted-events') ?? []).flatMap((word) =>
      attempt(() => [oneOf('allow-untrusted-events', word, untrustedEvents)], []),
    ),
    secrets: Object.fromEntries(Object.entries(ofWorkload).map(([name, value]) => [name, secret(value)])),
    replaceItems: others === 'replace',
    wait: flag('wait', true),
    timeoutMs: attempt(() => parseTimeout(text('timeout')), undefined),
    failFast: (choice('fail-fast', ['certain', 'off']) ?? 'certain') === 'certain',
    promote: choice('promote', promotions),
    verify,
    onFailure: choice('on-failure', failureActions) ?? 'spec',
    onCancel: choice('on-cancel', cancelActions) ?? 'leave',
    preserveCounts: text('preserve-counts') === undefined ? undefined : flag('preserve-counts', false),
    placementPatienceMs: attempt(() => parsePatience('on-placement-failure', text('on-placement-failure')), 0),
    logLines: attempt(() => parseCount('log-lines', text('log-lines')) ?? 50, 50),
    group: text('group'),
    task: text('task'),
    count: attempt(() => parseCount('count', text('count')), undefined),
    to: attempt(() => parseCount('to', text('to')), undefined),
    purge: text('purge') === undefined ? undefined : flag('purge', false),
    ttlMs: attempt(() => parseTtl(text('ttl')), undefined),
    follow: flag('follow', false),
    dryRun: flag('dry-run', true),
    meta: await readMap('meta', raw('meta'), problems, '[^=\\s]+'),
    payload: attempt(() => parsePayload(raw('payload')), undefined),
    periodicForce: flag('periodic-force', false),
    summary: flag('summary', true),
    webhook: attempt(() => readHook(raw('webhook-url'), raw('webhook-on')), undefined),
    githubToken: hidden(githubToken),
    githubDeployment: automatic('github-deployment'),
    comment: automatic('comment'),
    approvedPlan: attempt(() => parseApprovedPlan(lines('approved-plan')), []),
    expect: choice('expect', ['no-changes'] as const),
    driftIssue: flag('drift-issue', false),
    sources: { inputs: sources, vars: vars.sources, secrets: secrets.sources },
  };
  if ((inputs.nomadTls.clientCert === undefined) !== (inputs.nomadTls.clientKey === undefined)) {
    const [given, missing] = clientKey === undefined ? ['cert', 'key'] : ['key', 'cert'];
    problems.push(`\`nomad-client-${given}\` is given and \`nomad-client-${missing}\` is not: a client certificate takes both`);
  }
  if (inputs.platforms.length > 1 && !inputs.push) {
    problems.push('`platforms`: with `push: false` the image can have one platform only, since the local engine loads no other');
  }
  if (inputs.promote === 'verify' && !verify.some(({ target }) => 'path' in target))
    problems.push('`promote`: `verify` needs checks of the canaries: give `verify` at least one path, such as /healthz');
  if (!inputs.wait && (verify.length > 0 || inputs.promote === 'verify'))
    problems.push("`wait`: a run that does not wait can't verify anything; leave out `wait: false` or `verify`");
  if (inputs.command !== 'dispatch' && (inputs.payload !== undefined || Object.keys(inputs.meta).length > 0))
    problems.push(`\`${inputs.payload === undefined ? 'meta' : 'payload'}\`: only \`command: dispatch\` gives a run of a job anything`);
  problems.push(...misplaced(inputs));
  if (inputs.periodicForce && inputs.command !== 'deploy')
    problems.push('`periodic-force`: it belongs to a deploy; `command: dispatch` runs a periodic job that is registered');
  if (problems.length > 0) {
    const told = problems.map((problem) => located(problem, places));
    const [, location] = told.find(([, place]) => place !== undefined) ?? [];
    const lines = told.map(([line]) => line);
    const text = lines.length === 1 ? lines[0] : `${lines.length} problems:\n${lines.map((line) => `- ${line}`).join('\n')}`;
    throw new ActionError('input-invalid', `${text}`, location === undefined ? {} : { location });
  }
  return Object.freeze(inputs);
}

/** Inputs of single commands that are given to another: a `purge` that does nothing would be a surprise. */
function misplaced({ command, group, task, count, to, purge, ttlMs, follow }: Inputs): string[] {
  const own: readonly (readonly [InputName, readonly Command[], unknown])[] = [
    ['group', ['scale', 'restart', 'logs'], group],
    ['task', ['restart', 'logs'], task],
    ['count', ['scale'], count],
    ['to', ['revert'], to],
    ['purge', ['stop', 'sweep'], purge],
    ['ttl', ['sweep'], ttlMs],
    ['follow', ['logs'], follow || undefined],
  ];
  return own.flatMap(([name, wanted, value]) =>
    value === undefined || wanted.includes(command)
      ? []
      : [`\`${name}\`: it belongs to ${wanted.map((one) => `\`command: ${one}\``).join(' and ')}`],
  );
}

/** What looks like a value in the maps of secrets, read or not: for a run that ends before they are. */
export function unreadSecrets(env: Environment): string[] {
  return ['NOMAD_SECRETS', 'INPUT_SECRETS'].flatMap((name) => {
    const text = env[name] ?? '';
    const values = text.split('\n').map((line) => line.replace(/^[^=:]*[=:]\s*/, '').replace(/[\s,}]+$/, ''));
    // Between quotes, in YAML and in JSON of one line.
    const quoted = [...text.matchAll(/:\s*"((?:[^"\\]|\\.)*)"/g)].map(([, value = '']) => value);
    return [...values, ...values.map((value) => value.replace(/^["']|["']$/g, '')), ...quoted].filter((value) => value.trim() !== '');
  });
}

/** What is wrong with the names of secrets. One that may be a value in the wrong place is not quoted. */
function secretProblems(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const problem = readSecretName(name);
    const shown = /^[\w.~/-]{1,100}$/.test(name) ? `secret \`${name}\`` : 'a secret whose name is not shown, since it may be a value';
    return typeof problem === 'string' ? [`${shown}: ${problem}`] : [];
  });
}

/** Every value that must never be printed, known before anything else is said: secrets of the workload, tokens, passwords. */
export function secretValues(env: Environment, inputs?: Inputs): string[] {
  const values = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined &&
    /^(NOMAD_SECRET_.+|NOMAD_TOKEN(_PROD|_STAGING)?|INPUT_NOMAD-TOKEN|NOMAD_HTTP_AUTH|INPUT_REGISTRY-PASSWORD|INPUT_GITHUB-TOKEN|INPUT_WEBHOOK-URL|GITHUB_TOKEN|ACTIONS_RUNTIME_TOKEN|ACTIONS_ID_TOKEN_REQUEST_TOKEN|(NOMAD_VAR_)?CI_REGISTRY_(PASSWORD|READ_TOKEN))$/.test(
      name,
    )
      ? [value]
      : [],
  );
  const inAddresses = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && /^(INPUT_NOMAD-ADDR|NOMAD_ADDR|https?_proxy)$/i.test(name) ? passwordsIn(value) : [],
  );
  const { secrets = {}, vars = {}, buildSecrets = {}, nomadHeaders = {}, nomadTls, verify = [], registryAuth = [] } = inputs ?? {};
  const ofBuild = Object.values(buildSecrets).flatMap((found) => ('value' in found ? [found.value] : []));
  const passwords = ['CI_REGISTRY_PASSWORD', 'CI_REGISTRY_READ_TOKEN'].flatMap((name) => vars[name] ?? []);
  // Whole, and without the name of its kind: `Bearer …`.
  const ofChecks = verify
    .flatMap(({ headers }) => Object.entries(headers))
    .flatMap(([name, value]) => (SECRET_HEADER.test(name) ? [value.reveal(), value.reveal().replace(/^\S+\s+/, '')] : []));
  const credentials = Object.values(nomadHeaders).flatMap((value) => credentialsIn(value.reveal()));
  // A path is no secret.
  const key = [nomadTls?.clientKey?.value.reveal() ?? ''].filter((value) => !isPath(value));
  return [
    ...values,
    ...inAddresses,
    ...passwords,
    ...credentials,
    ...ofChecks,
    ...key,
    // Of a variable that the configuration file names, nobody knew before that it is a token.
    ...Object.values(inputs?.nomadToken ?? {}).flatMap((token) => (token === undefined ? [] : [token.value.reveal()])),
    ...[...Object.values(secrets), ...ofBuild, ...registryAuth.map(({ password }) => password)].map((value) => value.reveal()),
  ].filter((value) => value.trim() !== '');
}

/** A problem with the place of the value in the configuration file, if it comes from there: the problem's first word is the name of its input. */
function located(problem: string, places: Readonly<Partial<Record<InputName, Place>>>): [text: string, place: Place | undefined] {
  const named = /^`([\w-]+)`/.exec(problem)?.[1];
  const place = inputNames.find((name) => name === named && name !== 'vars');
  const at = place && places[place];
  return at === undefined ? [problem, undefined] : [`${placeText(at)}: ${problem}`, at];
}

/** The web hook alone, for a run whose other inputs can't be read; undefined when it can't either. */
export function readWebhook(env: Environment): Webhook | undefined {
  try {
    return readHook(env['INPUT_WEBHOOK-URL'], env['INPUT_WEBHOOK-ON']);
  } catch {
    return undefined;
  }
}

function readHook(given: string | undefined, on: string | undefined): Webhook | undefined {
  const when = oneOf('webhook-on', nonBlank(on) ?? 'always', webhookTimes);
  const url = parseWebhook(nonBlank(given));
  return url === undefined ? undefined : { url: secret(url), on: when };
}

/** What to say about inputs that the action does not know, each with the nearest name that it does. Their values are never quoted. */
export function unknownInputs(env: Environment): string[] {
  const known = new Set(inputNames.map((name) => `INPUT_${name.toUpperCase()}`));
  const unknown = Object.keys(env).filter((name) => name.startsWith('INPUT_') && !known.has(name));
  return unknown.map((variable) => {
    const name = variable.slice('INPUT_'.length).toLowerCase();
    const near = nearest(name, inputNames);
    const what = near === undefined ? 'The inputs are listed in the README.' : `Did you mean \`${near}\`?`;
    return `Unknown input \`${name}\`, which changes nothing. ${what}`;
  });
}

type NamedMap = readonly [values: Record<string, string>, source: (name: string) => string];

/** Maps over one another, of which the last one wins, and what gave each value. */
function merge(...maps: readonly NamedMap[]): {
  values: Record<string, string>;
  sources: Record<string, string>;
} {
  return {
    values: Object.fromEntries(maps.flatMap(([values]) => Object.entries(values))),
    sources: Object.fromEntries(maps.flatMap(([values, source]) => Object.keys(values).map((name) => [name, source(name)]))),
  };
}

/** Variables with a prefix, by the rest of their name; empty ones are as if unset unless asked for, so that an empty workflow input keeps the default. */
function prefixed(env: Environment, prefix: string, { blank = false } = {}): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith(prefix) && name !== prefix && value !== undefined && (blank || value !== ''))
      found[name.slice(prefix.length)] = value;
  }
  return found;
}

/** What another CI system, or the workflow, gives under the names of `CI_*`. */
function ciVariables(env: Environment): Record<string, string> {
  return Object.fromEntries(
    CI_VARIABLES.flatMap((name) => {
      // A public image needs no login, and workflows from elsewhere say so.
      const value = name === 'CI_REGISTRY_READ_TOKEN' && env['PRIVATE_REPO'] === 'false' ? undefined : nonBlank(env[name]);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function nonBlank(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}

/** What the runner gives to a job with `id-token: write`. */
function idTokenSource(env: Environment): IdTokenSource | undefined {
  const [url, token] = [nonBlank(env['ACTIONS_ID_TOKEN_REQUEST_URL']), nonBlank(env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'])];
  return url === undefined || token === undefined ? undefined : { url, authorization: secret(`Bearer ${token}`) };
}
