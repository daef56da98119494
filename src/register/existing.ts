import { ActionError } from '../errors.ts';
import type { Inputs } from '../inputs/index.ts';
import { evaluateVarFiles, type Rendering, renderJobspec, type SpecFile } from '../jobspec/index.ts';
import type { Nomad } from '../nomad/index.ts';
import type { Job, RegisteredJob } from '../nomad/types.ts';
import { namedRegion, type Regions } from '../plan/index.ts';
import { jobText } from '../report/index.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** The job of a command, registered or not. */
export interface Existing {
  readonly jobId: string;
  readonly namespace: string;
  /** Nomad in the region of the job. */
  readonly nomad: Nomad;
  /** The registered job; undefined where there is none. */
  readonly job: RegisteredJob | undefined;
  /** The spec file that names the job; without one, a spec without lines. */
  readonly spec: SpecFile;
}

/**
 * Finds the jobs of a command: the one that `job-name` names, else those of the specs of the repository, else the one that a deploy with the built-in template
 * would register. Throws the errors of `renderJobspec`.
 */
export async function findExisting(
  { inputs, specs }: { readonly inputs: Inputs; readonly specs: readonly SpecFile[] },
  rendering: Omit<Rendering, 'spec'>,
  regions: Regions,
  runtime: Runtime,
): Promise<Existing[]> {
  const named = isNamed(inputs);
  const rendered = !named && specs.some(({ builtIn }) => !builtIn);
  const { fromFiles } = rendering;
  const whole = rendered ? { ...rendering, fromFiles: await evaluateVarFiles(fromFiles, regions.first, inputs.nomadNamespace) } : rendering;
  const found: Existing[] = [];
  for (const spec of named ? specs.slice(0, 1) : specs) {
    const { job, namespace } =
      named || spec.builtIn
        ? { job: await namedJob(inputs, { ...rendering, spec }, regions, runtime), namespace: inputs.nomadNamespace ?? 'default' }
        : await renderJobspec(inputs, { ...whole, spec }, regions.first, runtime);
    const nomad = await regions.of(job, spec);
    found.push({ jobId: job.ID, namespace, nomad, job: await nomad.jobs.read(job.ID, namespace), spec });
  }
  return found;
}

function isNamed({ jobName, jobs }: Inputs): boolean {
  return jobName !== undefined && jobs.length === 0;
}

/** Returns the id and region of a job by its name: `nomad-region`, as for Nomad's program, else the region of the spec. */
async function namedJob(inputs: Inputs, rendering: Rendering, { first }: Regions, runtime: Runtime): Promise<Pick<Job, 'ID' | 'Region'>> {
  const given = isNamed(inputs) ? inputs.nomadRegion : undefined;
  return { ID: rendering.target.jobId, Region: given ?? (await namedRegion(inputs, rendering, first, runtime)) };
}

/** Returns the registered job of a command. Throws `input-invalid` when it is stopped or not registered. */
export function requireRegistered(existing: Existing): RegisteredJob {
  const { job } = existing;
  if (job !== undefined && !job.Stop) return job;
  const which = jobText(existing);
  throw new ActionError('input-invalid', job === undefined ? `there is no ${which}` : `the ${which} is stopped`, {
    hint: 'Name another job with `job-name` (and `nomad-namespace`, `nomad-region`), or deploy the job first.',
  });
}

/** Throws `input-invalid` for the name of a group or task that the job does not have. */
export function requireParts({ ID, TaskGroups }: RegisteredJob, { group, task }: Pick<Inputs, 'group' | 'task'>): void {
  const groups = (TaskGroups ?? []).filter(({ Name }) => group === undefined || Name === group);
  if (groups.length === 0) {
    const names = (TaskGroups ?? []).map(({ Name }) => Name);
    throw new ActionError('input-invalid', `\`group\`: ${ID} has no group ${group}`, { hint: `${ID} has the groups ${names.join(', ')}.` });
  }
  const tasks = groups.flatMap(({ Tasks }) => (Tasks ?? []).map(({ Name }) => Name));
  if (task === undefined || tasks.includes(task)) return;
  const where = group === undefined ? ID : `the group ${group} of ${ID}`;
  throw new ActionError('input-invalid', `\`task\`: ${where} has no task ${task}`, {
    hint: `The tasks are ${[...new Set(tasks)].join(', ')}.`,
  });
}
