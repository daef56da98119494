import { ActionError } from '../errors.ts';
import { cacheType, type Inputs } from '../inputs/index.ts';
import { randomHex } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { argumentsOf } from '../text/index.ts';
import { lastError, requireDocker } from './docker-error.ts';

type BuilderInputs = Pick<Inputs, 'platforms' | 'cacheFrom' | 'cacheTo' | 'provenance' | 'sbom'>;

/** The current builder of buildx. */
export interface BuilderFacts {
  readonly driver: string;
  /** The engine keeps its images in containerd's store, so its own builder supports all features. */
  readonly containerd: boolean;
}

/** The builder for a run. */
export interface Builder {
  /** Undefined for the current one. */
  readonly name: string | undefined;
  readonly rewriteTimestamps: boolean;
}

/** Returns the inputs that the classic image store of an engine does not support: several platforms, most caches, attestations. */
export function demands({ platforms, cacheFrom, cacheTo, provenance, sbom }: BuilderInputs): string[] {
  return [
    ...(platforms.length > 1 ? ['platforms'] : []),
    // The classic builder reads inline caches of a registry, and only warns of other caches.
    ...(cacheFrom.some((cache) => cacheType(cache) !== 'registry') ? ['cache-from'] : []),
    ...(cacheTo.some((cache) => cacheType(cache) !== 'inline') ? ['cache-to'] : []),
    ...(provenance === undefined || provenance === 'false' ? [] : ['provenance']),
    ...(sbom === undefined || sbom === 'false' ? [] : ['sbom']),
  ];
}

/**
 * Returns whether the current builder supports the inputs, or a new one is needed. Throws `input-invalid` when the user named a builder
 * that does not.
 */
export function chooseBuilder(
  asked: readonly string[],
  named: string | undefined,
  { driver, containerd }: BuilderFacts,
): 'current' | 'new' {
  if (asked.length === 0 || driver !== 'docker' || containerd) return 'current';
  if (named === undefined) return 'new';
  const inputs = asked.map((name) => `\`${name}\``).join(', ');
  throw new ActionError('input-invalid', `the builder ${named} is the Docker engine's own, which does not support ${inputs}`, {
    hint: 'Name a builder of the driver docker-container (docker/setup-buildx-action makes one) or remote. Without `builder` and BUILDX_BUILDER, the action makes a builder for the run.',
  });
}

/**
 * Finds a builder that supports the inputs, or makes one with the driver docker-container for this run. Throws `input-invalid` for a named
 * builder that does not exist or does not support them, `build-failed` when a new one cannot be started.
 */
export async function findBuilder(
  inputs: BuilderInputs & Pick<Inputs, 'builder' | 'sourceDateEpoch' | 'push'>,
  env: Readonly<Record<string, string>>,
  runtime: Runtime,
): Promise<Builder> {
  const asked = demands(inputs);
  const dated = inputs.sourceDateEpoch !== undefined;
  // The engine's own builder is enough, so it is not inspected, which takes time.
  if (asked.length === 0 && !dated) return { name: inputs.builder, rewriteTimestamps: false };
  const facts = await inspectBuilder(inputs.builder, env, runtime);
  if (chooseBuilder(asked, inputs.builder, facts) === 'current') {
    return { name: inputs.builder, rewriteTimestamps: dated && (facts.driver !== 'docker' || facts.containerd) };
  }
  const name = `nomad-deploy-${randomHex(runtime.clock, 8)}`;
  runtime.log.info(`The Docker engine's own builder does not support ${asked.join(', ')}: making the builder ${name} for this run`);
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
  throw new ActionError('build-failed', `a builder that supports ${asked.join(', ')} could not be started: ${lastError(made)}`, {
    hint: 'The builder runs as a container of moby/buildkit. To use another builder, set `builder`.',
  });
}

/** Reads a builder, or the current one. Throws `input-invalid` without docker or buildx, and `build-failed` where there is no such builder. */
export async function inspectBuilder(
  name: string | undefined,
  env: Readonly<Record<string, string>>,
  runtime: Pick<Runtime, 'exec' | 'workspace'>,
): Promise<BuilderFacts> {
  const options = { cwd: runtime.workspace, env };
  const shown = await runtime.exec(argumentsOf(['docker', 'buildx', 'inspect'], [], name === undefined ? [] : [name]), options);
  requireDocker(shown);
  const driver = /^Driver:\s+(\S+)/m.exec(shown.stdout)?.[1];
  if (shown.code !== 0 || driver === undefined) throw new ActionError('build-failed', `docker buildx inspect failed: ${lastError(shown)}`);
  if (driver !== 'docker') return { driver, containerd: false };
  const info = await runtime.exec(argumentsOf(['docker', 'info'], [['--format', '{{json .DriverStatus}}']]), options);
  return { driver, containerd: info.stdout.includes('io.containerd.snapshotter') };
}
