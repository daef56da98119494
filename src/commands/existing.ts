import { ActionError } from '../errors.ts';
import type { Inputs } from '../inputs.ts';
import { type Rendering, renderJobspec } from '../jobspec.ts';
import type { Nomad } from '../nomad/index.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { SpecFile } from '../spec-file.ts';

/** A registered job that a command is about. */
export interface Existing {
  readonly job: RegisteredJob;
  readonly namespace: string;
  /** The file of the repository that names it; else what has no lines that one could point at. */
  readonly spec: SpecFile;
}

/**
 * Finds the registered job that a command is about: the one that `job-name` names, else the one of the spec of the repository, else the one that
 * a deploy with the built-in template would make. Throws `input-invalid` when Nomad has no such job, or several specs could be meant.
 */
export async function findExisting(
  inputs: Inputs,
  specs: readonly SpecFile[],
  rendering: Omit<Rendering, 'spec'>,
  nomad: Nomad,
  runtime: Runtime,
): Promise<Existing> {
  const [spec, ...others] = specs;
  if (spec === undefined || others.length > 0) {
    throw new ActionError(
      'input-invalid',
      `\`command\`: ${inputs.command} is about one job, and ${specs.map(({ name }) => name).join(', ')} are several`,
      {
        hint: 'Name it with `job-name`, or give one `job`.',
      },
    );
  }
  const named = spec.builtIn || (inputs.jobName !== undefined && inputs.jobs.length === 0);
  const { jobId, namespace } = named
    ? { jobId: rendering.target.jobId, namespace: inputs.nomadNamespace ?? 'default' }
    : await renderJobspec(inputs, { ...rendering, spec }, nomad, runtime).then(({ job: { ID }, ...rest }) => ({ ...rest, jobId: ID }));
  const job = await nomad.jobs.read(jobId, namespace);
  if (job !== undefined) return { job, namespace, spec };
  throw new ActionError('input-invalid', `there is no job ${jobId} in the namespace ${namespace}`, {
    hint: 'Name another one with `job-name` (and `nomad-namespace`), or deploy it first.',
  });
}
