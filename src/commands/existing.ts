import { ActionError } from '../errors.ts';
import type { Inputs } from '../inputs/index.ts';
import { type Rendering, renderJobspec } from '../jobspec.ts';
import type { Nomad } from '../nomad/index.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { SpecFile } from '../spec-file.ts';

/** A job that a command is about. */
export interface Existing {
  readonly jobId: string;
  readonly namespace: string;
  /** As it is registered, if it is. */
  readonly job: RegisteredJob | undefined;
  /** The file of the repository that names it; else what has no lines that one could point at. */
  readonly spec: SpecFile;
}

/**
 * Finds the jobs that a command is about: the one that `job-name` names, else those of the specs of the repository, else the one that a deploy with
 * the built-in template would make. Throws as a deploy would when a spec can't be read.
 */
export async function findExisting(
  inputs: Inputs,
  specs: readonly SpecFile[],
  rendering: Omit<Rendering, 'spec'>,
  nomad: Nomad,
  runtime: Runtime,
): Promise<Existing[]> {
  const named = inputs.jobName !== undefined && inputs.jobs.length === 0;
  const found: Existing[] = [];
  for (const spec of named ? specs.slice(0, 1) : specs) {
    const { jobId, namespace } =
      named || spec.builtIn
        ? { jobId: rendering.target.jobId, namespace: inputs.nomadNamespace ?? 'default' }
        : await renderJobspec(inputs, { ...rendering, spec }, nomad, runtime).then(({ job: { ID }, ...rest }) => ({ ...rest, jobId: ID }));
    found.push({ jobId, namespace, job: await nomad.jobs.read(jobId, namespace), spec });
  }
  return found;
}

/** The job of a command that needs it to be registered. Throws `input-invalid` when it is not. */
export function requireRegistered({ jobId, namespace, job }: Existing): RegisteredJob {
  if (job !== undefined && !job.Stop) return job;
  const where = `job ${jobId} in the namespace ${namespace}`;
  throw new ActionError('input-invalid', job === undefined ? `there is no ${where}` : `the ${where} is stopped`, {
    hint: 'Name another one with `job-name` (and `nomad-namespace`), or deploy it first.',
  });
}
