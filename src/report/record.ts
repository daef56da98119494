import { placementPart } from '../diagnose/placement.ts';
import type { Location } from '../errors.ts';
import type { GitHub } from '../github/connect.ts';
import type { Context } from '../github/context.ts';
import type { Asked } from '../image/resolve.ts';
import type { HttpCheck } from '../inputs/http-checks.ts';
import type { Inputs } from '../inputs/read.ts';
import { specLocation } from '../jobspec/locate.ts';
import type { Jobspec, Rendering } from '../jobspec/render.ts';
import type { SpecFile } from '../jobspec/spec-file.ts';
import type { Nomad } from '../nomad/connect.ts';
import type { Job, RegisteredJob } from '../nomad/types.ts';
import type { Approvable } from '../plan/approval.ts';
import type { Counted } from '../plan/counts.ts';
import type { Plan } from '../plan/plan.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Target } from '../target/target.ts';
import type { Result } from './index.ts';

/** What is known so far of a job, and how it becomes known: outputs are set the moment they are true. */
export interface Run {
  readonly runtime: Runtime;
  /** Which of the run's jobs it is about, counting from 1. */
  readonly number: number;
  readonly note: (part: Result) => void;
  /** Runs a stage under a title of the log and notes how long it took. */
  readonly stage: <T>(name: string, title: string, work: () => Promise<T>) => Promise<T>;
  /** Has the whole run's result told when it is known, however it ends. */
  readonly atEnd: (report: (result: Result) => Promise<void>) => void;
}

/** What a report to GitHub is made with. */
export interface Reporting {
  readonly inputs: Inputs;
  readonly context: Context;
  readonly target: Target;
  /** None without a token. */
  readonly github: GitHub | undefined;
}

/** What it takes to follow a version of a job, whoever registered it. */
export interface Following {
  readonly inputs: Inputs;
  readonly rendering: Pick<Rendering, 'spec' | 'target'>;
  /** The settings of a registered job are not known. */
  readonly draft: Pick<Jobspec, 'job' | 'namespace'> & Partial<Pick<Jobspec, 'settings'>>;
  readonly nomad: Nomad;
  /** The checks of the input `verify` that this job has to hold. */
  readonly checks: readonly HttpCheck[];
  /** The job in Nomad's UI; a socket has none. */
  readonly nomadUrl: string | undefined;
  /** It is a run of a job: the same command once more would start another one. */
  readonly dispatched?: boolean;
}

/** What a command that knows its job works with. */
export interface Deploying extends Following {
  readonly rendering: Rendering;
  /** The job as it was understood before the image was built: its id and namespace are final. */
  readonly draft: Jobspec;
  /** None without a token. */
  readonly github: GitHub | undefined;
  /** The images of the run, and those among them that are the job's own. */
  readonly asked: readonly Asked[];
  readonly own: readonly Asked[];
  /** The registered job whose owner was judged before the image was built. */
  readonly judged: RegisteredJob | undefined;
  /** What of its plan can be approved; undefined where nothing is planned. */
  readonly approvable: Approvable | undefined;
}

/** Where an annotation about the job goes: the built-in template is no file of the user's. */
export function place(spec: SpecFile): Location | undefined {
  return spec.builtIn ? undefined : { file: spec.name };
}

/** Writes the rendered job, without what is secret, for later steps of the workflow. */
export async function publishSpec(job: Job, { runtime, number, note }: Run): Promise<void> {
  note({ spec: await runtime.publish(number === 1 ? 'spec.json' : `spec-${number}.json`, job) });
}

/** Shows a job's plan in the log; what can't be placed now is a warning. */
export function showPlan(plan: Plan, { job, kept }: Counted, spec: SpecFile, { log }: Runtime): void {
  log.info(`Changes: ${plan.changed}`);
  for (const line of kept) log.info(`  ${line}`);
  for (const line of plan.lines) log.info(`  ${line}`);
  for (const [group, metric] of Object.entries(plan.placementFailures)) {
    const { where, text, about } = placementPart(group, metric, job, undefined);
    log.warning(`Forecast: ${where}: ${text}`, specLocation(about, spec));
  }
}

/** Shows what the user should know, each as an annotation, at the line of a file that it begins with; what is said of nearly every cluster is a line of the log. */
export function warn(warnings: readonly string[], { log }: Runtime): void {
  for (const warning of warnings) {
    const [, file, line] = /^([^\s:]+):(\d+): /.exec(warning) ?? [];
    if (isOversubscriptionWarning(warning)) log.info(warning);
    else log.warning(warning, file === undefined ? undefined : { file, line: Number(line) });
  }
}

/** Nomad's words about a `memory_max` that it will ignore. */
export function isOversubscriptionWarning(warning: string): boolean {
  return warning.startsWith('Memory oversubscription is not enabled');
}
