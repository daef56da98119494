import { ActionError } from '../errors.ts';
import { cacheType, type Inputs } from '../inputs/index.ts';
import { randomHex } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { argumentsOf } from '../text/index.ts';
import { lastError, requireDocker } from './docker-error.ts';

type Asked = Pick<Inputs, 'platforms' | 'cacheFrom' | 'cacheTo' | 'provenance' | 'sbom'>;

/** The builder that buildx would use. */
export interface BuilderFacts {
  readonly driver: string;
  /** The engine keeps its images in containerd's store: its own builder then can all that others can. */
  readonly containerd: boolean;
}

/** The builder to use. */
export interface Builder {
  /** Undefined: the current one. */
  readonly name: string | undefined;
  readonly rewriteTimestamps: boolean;
}

/** The inputs that ask for more than the builder of an engine with its classic image store can do: one platform, inline caches, no attestations. */
export function demands({ platforms, cacheFrom, cacheTo, provenance, sbom }: Asked): string[] {
  return [
    ...(platforms.length > 1 ? ['platforms'] : []),
    // It reads what an inline cache left in a registry, and only warns of any other.
    ...(cacheFrom.some((cache) => cacheType(cache) !== 'registry') ? ['cache-from'] : []),
    ...(cacheTo.some((cache) => cacheType(cache) !== 'inline') ? ['cache-to'] : []),
    ...(provenance === undefined || provenance === 'false' ? [] : ['provenance']),
    ...(sbom === undefined || sbom === 'false' ? [] : ['sbom']),
  ];
}

/**
 * Whether the current builder will do, or one has to be made. Throws `input-invalid` when the user named one that can't do what is asked for.
 */
export function chooseBuilder(
  asked: readonly string[],
  named: string | undefined,
  { driver, containerd }: BuilderFacts,
): 'current' | 'new' {
  if (asked.length === 0 || driver !== 'docker' || containerd) return 'current';
  if (named === undefined) return 'new';
  const inputs = asked.map((name) => `\`${name}\``).join(', ');
  throw new ActionError('input-invalid', `the builder ${named} is the Docker engine's own, which can't do what ${inputs} asks for`, {
    hint: 'Name one of the driver docker-container (docker/setup-buildx-action makes one) or remote, or leave out `builder` and BUILDX_BUILDER: one is made for the run.',
  });
}

/**
 * Finds the builder for what the inputs ask; makes one with the driver docker-container, which goes away with the run, where the current one can't do it.
 * Throws `input-invalid` for a builder that does not exist or can't, `build-failed` when none can be started.
 */
export async function findBuilder(
  inputs: Asked & Pick<Inputs, 'builder' | 'sourceDateEpoch' | 'push'>,
  env: Readonly<Record<string, string>>,
  runtime: Runtime,
): Promise<Builder> {
  const asked = demands(inputs);
  const dated = inputs.sourceDateEpoch !== undefined;
  // Nothing but the engine's own builder is needed: no time is spent on looking at it.
  if (asked.length === 0 && !dated) return { name: inputs.builder, rewriteTimestamps: false };
  const facts = await inspect(inputs.builder, env, runtime);
  if (chooseBuilder(asked, inputs.builder, facts) === 'current') {
    return { name: inputs.builder, rewriteTimestamps: dated && (facts.driver !== 'docker' || facts.containerd) };
  }
  const name = `nomad-deploy-${randomHex(runtime.clock, 8)}`;
  runtime.log.info(`The Docker engine's own builder can't do what ${asked.join(', ')} asks for: making the builder ${name} for this run`);
  runtime.atEnd({ kind: 'builder', name });
  const made = await runtime.exec(
    argumentsOf(['docker', 'buildx', 'create'], [['--name', name], ['--driver', 'docker-container'], '--bootstrap']),
    {
      cwd: runtime.workspace,
      env,
      stream: true,
    },
  );
  if (made.code === 0) return { name, rewriteTimestamps: dated };
  throw new ActionError('build-failed', `no builder could be started for what ${asked.join(', ')} asks for: ${lastError(made)}`, {
    hint: 'It runs as a container of moby/buildkit. Or name a builder that exists with `builder`.',
  });
}

async function inspect(name: string | undefined, env: Readonly<Record<string, string>>, runtime: Runtime): Promise<BuilderFacts> {
  const options = { cwd: runtime.workspace, env };
  const shown = await runtime.exec(argumentsOf(['docker', 'buildx', 'inspect'], [], name === undefined ? [] : [name]), options);
  requireDocker(shown);
  const driver = /^Driver:\s+(\S+)/m.exec(shown.stdout)?.[1];
  if (shown.code !== 0 || driver === undefined) throw new ActionError('build-failed', `docker buildx inspect failed: ${lastError(shown)}`);
  if (driver !== 'docker') return { driver, containerd: false };
  const info = await runtime.exec(argumentsOf(['docker', 'info'], [['--format', '{{json .DriverStatus}}']]), options);
  return { driver, containerd: info.stdout.includes('io.containerd.snapshotter') };
}
