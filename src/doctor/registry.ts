// The checks of the runner itself: the registries of the images, docker and its builder.
import { ActionError } from '../errors.ts';
import { type Asked, chooseBuilder, demands, inRegistry, inspectBuilder, login } from '../image/index.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { registryOf } from '../text/index.ts';
import { type Fact, type Finding, factOf, findingsOf, isKnown, PROGRAM_MS, QUESTION_MS } from './facts.ts';

/** Returns the registries that the runner needs, each once: those that it pushes to or looks an image up in. Images that only a spec names are the nodes' to pull. */
function registriesOf(asked: readonly Asked[]): string[] {
  const names = asked.flatMap(({ plan, inputs }) => (inputs.push ? [plan.kind === 'build' ? plan.name : plan.reference] : []));
  return [...new Set(names.map((name) => registryOf(name) ?? 'docker.io'))];
}

/** Docker Hub answers at another name than its images have. */
const HUB = 'registry-1.docker.io';

/** An answer of a registry to `/v2/`. */
export interface RegistryAnswer {
  readonly status: number;
  readonly secure: boolean;
  readonly isRegistry: boolean;
}

/** Asks a registry without a login, by HTTPS, then by HTTP, as docker does for registries of this machine. Throws an `Error` in words. */
async function askRegistry(host: string, signal: AbortSignal, { request }: Pick<Runtime, 'request'>): Promise<RegistryAnswer> {
  const ask = async (scheme: 'https' | 'http'): Promise<RegistryAnswer> => {
    const url = `${scheme}://${host === 'docker.io' ? HUB : host}/v2/`;
    const sent = { method: 'GET', headers: {}, timeoutMs: QUESTION_MS / 2, insecure: false, maxBytes: 10_000, signal } as const;
    const { status, headers } = await request(url, sent);
    const isRegistry =
      [200, 401].includes(status) && (headers['docker-distribution-api-version'] ?? headers['www-authenticate'] ?? '') !== '';
    return { status, secure: scheme === 'https', isRegistry: isRegistry || status === 200 };
  };
  try {
    return await ask('https');
  } catch (error) {
    return ask('http').catch(() => Promise.reject(error));
  }
}

/** Returns the result about a registry. */
export function registryFinding(host: string, answer: Fact<RegistryAnswer>): Finding {
  const { fine, warning, broken } = findingsOf('registry');
  if (!isKnown(answer))
    return broken(
      `${host} does not answer the runner: ${answer.message}`,
      'Check the name of the registry, and that the runner can reach it.',
    );
  const { status, secure, isRegistry } = answer;
  if (!isRegistry) return broken(`${host} answered ${status} to /v2/, which no registry does`, 'Check `registry` and `image`.');
  const isLocal = /^(?:localhost|127\.|\[::1\])/.test(host);
  if (!secure && !isLocal)
    return warning(`${host} has no TLS, which docker takes for \`insecure-registries\` only`, 'Give the registry a certificate.');
  return fine(`${host} answers`);
}

/** Looks at the registries, and the logins and images of the run. Reads only. */
export async function registryFindings(asked: readonly Asked[], runtime: Runtime): Promise<Finding[]> {
  const { fine, unchecked, failed } = findingsOf('registry');
  const hosts = registriesOf(asked);
  if (hosts.length === 0) return [fine('the run needs none')];
  const [answers, ours] = await Promise.all([
    Promise.all(
      hosts.map(async (host) =>
        registryFinding(host, await factOf(async (signal) => askRegistry(host, signal, runtime), QUESTION_MS, runtime)),
      ),
    ),
    loginFindings(asked, runtime),
  ]);
  // A registry that gives no answer accepts no login, either.
  const isDown = answers.some(({ state }) => state === 'broken');
  const later = ours.map((fact) => (isKnown(fact) ? fine(fact) : isDown ? unchecked('a registry does not answer') : failed(fact)));
  return [...answers, ...later];
}

async function loginFindings(asked: readonly Asked[], runtime: Runtime): Promise<Fact<string>[]> {
  const inputs = asked.map((one) => one.inputs);
  const logged = await factOf(
    async (signal) => {
      const own = await login(inputs, bounded(runtime, signal));
      await own.check([]);
      return own.environment;
    },
    PROGRAM_MS,
    runtime,
  );
  if (!isKnown(logged)) return [logged];
  const found = asked.flatMap(({ plan, inputs: { push } }) => (plan.kind === 'existing' && push ? [plan.reference] : []));
  const images = found.map(async (reference) =>
    factOf(async (signal) => `${(await inRegistry(reference, logged, bounded(runtime, signal))).reference} is there`, PROGRAM_MS, runtime),
  );
  return [...(Object.keys(logged).length === 0 ? [] : ['the login is accepted']), ...(await Promise.all(images))];
}

/** Returns the runtime with programs that end when the signal aborts. */
function bounded(runtime: Runtime, signal: AbortSignal): Runtime {
  return { ...runtime, exec: async (argv, options) => runtime.exec(argv, { ...options, signal }) };
}

/** Looks at docker, buildx and the builder of the run. Starts and makes none. */
export async function builderFinding(asked: readonly Asked[], { builder }: Pick<Inputs, 'builder'>, runtime: Runtime): Promise<Finding> {
  const { fine, failed } = findingsOf('builder');
  const builds = asked.filter(({ plan }) => plan.kind === 'build');
  if (builds.length === 0) return fine('the run builds no image');
  const facts = await factOf(async (signal) => inspectBuilder(builder, {}, bounded(runtime, signal)), PROGRAM_MS, runtime);
  if (!isKnown(facts)) return failed(facts);
  const wanted = [...new Set(builds.flatMap(({ inputs }) => demands(inputs)))];
  try {
    const name = builder ?? 'the current builder';
    const text = `${name}, driver ${facts.driver}`;
    return fine(
      chooseBuilder(wanted, builder, facts) === 'current' ? text : `${text}; a deploy makes a builder of its own for ${wanted.join(', ')}`,
    );
  } catch (error) {
    if (error instanceof ActionError) return failed(error);
    throw error;
  }
}
