import type { Location } from '../errors.ts';
import type { Inputs } from '../inputs.ts';
import type { Jobspec, Rendering } from '../jobspec.ts';
import type { Nomad } from '../nomad/index.ts';
import type { Deployment, Job, RegisteredJob } from '../nomad/types.ts';
import { describePlacement } from '../placement.ts';
import type { Plan } from '../plan.ts';
import type { Result } from '../report.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { SpecFile } from '../spec-file.ts';

/** What is known so far of a job, and how it becomes known: outputs are set the moment they are true. */
export interface Run {
  readonly runtime: Runtime;
  /** Which of the run's jobs it is about, counting from 1. */
  readonly number: number;
  readonly note: (part: Result) => void;
  /** Runs a stage under a title of the log and notes how long it took. */
  readonly stage: <T>(name: string, title: string, work: () => Promise<T>) => Promise<T>;
}

/** What a command that knows its job works with. */
export interface Deploying {
  readonly inputs: Inputs;
  readonly rendering: Rendering;
  /** The job as it was understood before the image was built: its id and namespace are final. */
  readonly draft: Jobspec;
  readonly nomad: Nomad;
  /** The job in Nomad's UI. */
  readonly nomadUrl: string;
}

/** Where an annotation about the job goes: the built-in template is no file of the user's. */
export function place(spec: SpecFile): Location | undefined {
  return spec.builtIn ? undefined : { file: spec.name };
}

/** Writes the rendered job, without what is secret, for later steps of the workflow. */
export async function publishSpec(job: Job, { runtime, number, note }: Run): Promise<void> {
  note({ spec: await runtime.publish(number === 1 ? 'spec.json' : `spec-${number}.json`, job) });
}

/** Shows a plan in the log; what can't be placed now is a warning. */
export function showPlan(plan: Plan, { log }: Runtime): void {
  log.info(`Changes: ${plan.changed}`);
  for (const line of plan.lines) log.info(`  ${line}`);
  for (const [group, metric] of Object.entries(plan.placementFailures)) log.warning(`Forecast: ${describePlacement(group, metric)}`);
}

/** Shows what the user should know, each as an annotation; what is said of nearly every cluster is a line of the log. */
export function warn(warnings: readonly string[], { log }: Runtime): void {
  for (const warning of warnings) {
    if (isOversubscriptionWarning(warning)) log.info(warning);
    else log.warning(warning);
  }
}

/** Nomad's words about a `memory_max` that it will ignore. */
export function isOversubscriptionWarning(warning: string): boolean {
  return warning.startsWith('Memory oversubscription is not enabled');
}

/** Where the cluster stands before this run writes anything. */
export interface Live {
  readonly job: RegisteredJob | undefined;
  /** The deployment of its newest version. */
  readonly deployment: Deployment | undefined;
}

/** Reads the registered job and the deployment of its version. */
export async function readLive({ job: { ID }, namespace }: Jobspec, nomad: Nomad): Promise<Live> {
  const job = await nomad.jobs.read(ID, namespace);
  if (job === undefined) return { job, deployment: undefined };
  const newest = await nomad.jobs.latestDeployment(ID, namespace);
  return { job, deployment: newest?.JobVersion === job.Version ? newest : undefined };
}
