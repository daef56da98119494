import { ActionError } from '../errors.ts';
import type { Inputs } from '../inputs/index.ts';
import { evaluateVarFiles, type Rendering, renderJobspec, type SpecFile } from '../jobspec/index.ts';
import type { Nomad } from '../nomad/index.ts';
import type { Job, RegisteredJob } from '../nomad/types.ts';
import { namedRegion, type Regions } from '../plan/index.ts';
import { jobText } from '../report/index.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** A job that a command is about. */
export interface Existing {
  readonly jobId: string;
  readonly namespace: string;
  /** Nomad in the region of the job. */
  readonly nomad: Nomad;
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
  regions: Regions,
  runtime: Runtime,
): Promise<Existing[]> {
  const named = inputs.jobName !== undefined && inputs.jobs.length === 0;
  const rendered = !named && specs.some(({ builtIn }) => !builtIn);
  const { fromFiles } = rendering;
  const whole = rendered ? { ...rendering, fromFiles: await evaluateVarFiles(fromFiles, regions.first, inputs.nomadNamespace) } : rendering;
  const found: Existing[] = [];
  for (const spec of named ? specs.slice(0, 1) : specs) {
    const { job, namespace } =
      named || spec.builtIn
        ? { job: await namedJob(inputs, { ...rendering, spec }, named, regions, runtime), namespace: inputs.nomadNamespace ?? 'default' }
        : await renderJobspec(inputs, { ...whole, spec }, regions.first, runtime);
    const nomad = await regions.of(job, spec);
    found.push({ jobId: job.ID, namespace, nomad, job: await nomad.jobs.read(job.ID, namespace), spec });
  }
  return found;
}

/** A job by its name alone is looked for in `nomad-region`, as by Nomad's program; without that, in the region of the spec. */
async function namedJob(
  inputs: Inputs,
  rendering: Rendering,
  named: boolean,
  { first }: Regions,
  runtime: Runtime,
): Promise<Pick<Job, 'ID' | 'Region'>> {
  const given = named ? inputs.nomadRegion : undefined;
  return { ID: rendering.target.jobId, Region: given ?? (await namedRegion(inputs, rendering, first, runtime)) };
}

/** The job of a command that needs it to be registered. Throws `input-invalid` when it is not. */
export function requireRegistered(existing: Existing): RegisteredJob {
  const { job } = existing;
  if (job !== undefined && !job.Stop) return job;
  const which = jobText(existing);
  throw new ActionError('input-invalid', job === undefined ? `there is no ${which}` : `the ${which} is stopped`, {
    hint: 'Name another one with `job-name` (and `nomad-namespace`, `nomad-region`), or deploy it first.',
  });
}

/** Refuses the name of a group or task that the job does not have. Throws `input-invalid`. */
export function requireParts({ ID, TaskGroups }: RegisteredJob, { group, task }: Pick<Inputs, 'group' | 'task'>): void {
  const groups = (TaskGroups ?? []).filter(({ Name }) => group === undefined || Name === group);
  if (groups.length === 0) {
    const names = (TaskGroups ?? []).map(({ Name }) => Name);
    throw new ActionError('input-invalid', `\`group\`: ${ID} has no group ${group}`, { hint: `It has ${names.join(', ')}.` });
  }
  const tasks = groups.flatMap(({ Tasks }) => (Tasks ?? []).map(({ Name }) => Name));
  if (task === undefined || tasks.includes(task)) return;
  const where = group === undefined ? ID : `the group ${group} of ${ID}`;
  throw new ActionError('input-invalid', `\`task\`: ${where} has no task ${task}`, { hint: `It has ${[...new Set(tasks)].join(', ')}.` });
}
