import { secret } from '../runtime/index.ts';
import { environments, untrustedEvents } from './choices.ts';
import { readCluster } from './cluster.ts';
import { actionCommands } from './commands.ts';
import { parseBuilder, readLogins } from './image-values.ts';
import { readSecrets } from './maps.ts';
import { isInTerminal } from './offered.ts';
import { nonBlank, type Reader, readPlain } from './reader.ts';
import { INPUTS, optionNames } from './table/index.ts';
import type { RunInputs, Slice, Webhook } from './types.ts';
import {
  basicAuth,
  oneOf,
  parseApprovedPlan,
  parseAttestationUrl,
  parseBoolean,
  parseConsul,
  parseGoal,
  parsePayload,
  parseProgram,
  parsePrometheus,
  parseTag,
  parseTtl,
  parseUntil,
  parseWebhook,
  readMap,
} from './values.ts';
import { parseBake, readWaves } from './waves.ts';

/** Variables by which buildx finds GitHub's cache service; the runner sets them for actions, not for `run:` steps. */
const CACHE_SERVICE = ['ACTIONS_RUNTIME_TOKEN', 'ACTIONS_RESULTS_URL', 'ACTIONS_CACHE_URL', 'ACTIONS_CACHE_SERVICE_V2'];

/** Reads the values that are the same for the whole run. */
export async function readRun(reader: Reader): Promise<Slice<RunInputs>> {
  const { env, file, problems, sources, attempt, raw, text, lines, words } = reader;
  const plain = readPlain(reader, 'run');
  const { sources: secrets, ...ofSecrets } = await readSecrets(reader);
  sources.config = nonBlank(env['INPUT_CONFIG']) === undefined ? 'default' : 'config';
  const named = text('environment');
  const githubToken = text('github-token');
  const values: RunInputs = {
    ...plain,
    ...ofSecrets,
    ...(await readCluster(reader)),
    config: file?.path,
    apps: words('app') ?? [],
    clusters: words('cluster') ?? [],
    waves: await readWaves(text('waves'), problems),
    waveBakeMs: attempt(() => parseBake(text('wave-bake')), 0),
    environment:
      named &&
      attempt(() => oneOf('environment', named, [...new Set<string>([...environments, ...(file?.environments ?? [])])]), undefined),
    mainStyle: attempt(() => parseBoolean('CI_MAIN_STYLE', nonBlank(env['CI_MAIN_STYLE'])) ?? false, false),
    builder: attempt(() => parseBuilder(text('builder')), undefined),
    sourceDateEpoch: nonBlank(env['SOURCE_DATE_EPOCH']),
    cacheService: Object.fromEntries(
      CACHE_SERVICE.flatMap((name) => {
        const value = nonBlank(env[name]);
        return value === undefined ? [] : [[name, secret(value)]];
      }),
    ),
    registryAuth: (await readLogins(raw('registry-auth'), problems)).map((login) => ({ ...login, password: secret(login.password) })),
    allowUntrustedEvents: (words('allow-untrusted-events') ?? []).flatMap((word) =>
      attempt(() => [oneOf('allow-untrusted-events', word, untrustedEvents)], []),
    ),
    attestation: attempt(() => parseAttestationUrl(text('attestation'), text('image')), undefined),
    tag: attempt(() => parseTag(text('tag')), undefined),
    to: attempt(() => parseGoal(text('to')), undefined),
    until: attempt(() => parseUntil(text('until')), undefined),
    ttlMs: attempt(() => parseTtl(text('ttl')), undefined),
    meta: await readMap('meta', raw('meta'), problems, '[^=\\s]+'),
    program: attempt(() => parseProgram(raw('program')), undefined),
    payload: attempt(() => parsePayload(raw('payload')), undefined),
    webhook: attempt(() => readHook(raw('webhook-url'), raw('webhook-on')), undefined),
    prometheus: readPrometheus(reader),
    consul: readConsul(reader),
    githubToken: githubToken === undefined ? undefined : secret(githubToken),
    approvedPlan: attempt(() => parseApprovedPlan(lines('approved-plan')), []),
  };
  const alone = [values.waveBakeMs > 0 ? ('wave-bake' as const) : undefined, values.allOrNothing ? ('all-or-nothing' as const) : undefined];
  for (const name of alone.filter((one) => one !== undefined && sources[one] === one && values.waves.length === 0))
    problems.push(`\`${name}\` is given without \`waves\``);
  problems.push(...misplaced(reader, values));
  return { values, sources: { inputs: sources, secrets } };
}

/** Reads the address of Prometheus, and its token: a word, or `user:password` for basic authentication. */
function readPrometheus({ problems, attempt, text }: Reader): RunInputs['prometheus'] {
  const token = text('prometheus-token');
  const address = attempt(() => parsePrometheus(text('prometheus-addr')), undefined);
  if (token !== undefined && /[^\x21-\x7e]/.test(token)) problems.push('`prometheus-token` is neither a word nor `user:password`');
  if (address === undefined) return undefined;
  if (token === undefined) return { address, authorization: undefined };
  const basic = token.includes(':') ? basicAuth(token)?.replace('Authorization=', '') : undefined;
  return { address, authorization: secret(basic ?? `Bearer ${token}`) };
}

/** Reads the address of Consul, and its token. A token of the environment may be for other programs, so that it needs no address. */
function readConsul({ problems, attempt, sources, text }: Reader): RunInputs['consul'] {
  const token = text('consul-token');
  const address = attempt(() => parseConsul(text('consul-addr')), undefined);
  if (token !== undefined && /[^\x21-\x7e]/.test(token))
    problems.push('`consul-token` is not a token of Consul: a token is one word without line breaks');
  if (address === undefined && sources['consul-token'] === 'consul-token' && sources['consul-addr'] === 'default')
    problems.push('`consul-token` is given without `consul-addr`');
  return address === undefined ? undefined : { address, token: token === undefined ? undefined : secret(token) };
}

/** Returns the problems of inputs of the workflow that only other commands take: the run would ignore them. */
function misplaced({ env, problems, sources, flag }: Reader, { command: given }: Pick<RunInputs, 'command'>): string[] {
  // `doctor` is asked about a deploy, and `init` writes one down: with the inputs of that deploy.
  const command = given === 'doctor' || given === 'init' ? 'deploy' : given;
  return optionNames.flatMap((name) => {
    const { only, type, default: usual } = INPUTS[name];
    if (only === undefined || only.includes(command) || sources[name] !== name) return [];
    if (problems.some((problem) => problem.startsWith(`\`${name}\``))) return [];
    if (type === 'boolean' && String(flag(name)) === usual) return [];
    const offered = isInTerminal(env) ? only : only.filter((one) => actionCommands.includes(one));
    return [`\`${name}\` is for \`command: ${offered.join('`, `')}\` only`];
  });
}

/** Reads the web hook alone, for a run whose other inputs are invalid; undefined when the web hook is invalid, too. */
export function readWebhook(env: Reader['env']): Webhook | undefined {
  try {
    return readHook(env['INPUT_WEBHOOK-URL'], env['INPUT_WEBHOOK-ON']);
  } catch {
    return undefined;
  }
}

function readHook(given: string | undefined, on: string | undefined): Webhook | undefined {
  const when = oneOf('webhook-on', nonBlank(on) ?? 'always', ['always', 'failure']);
  const url = parseWebhook(nonBlank(given));
  return url === undefined ? undefined : { url: secret(url), on: when };
}
