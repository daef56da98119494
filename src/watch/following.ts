import type { HttpCheck, Inputs } from '../inputs/index.ts';
import type { Jobspec, Rendering } from '../jobspec/index.ts';
import type { Nomad } from '../nomad/index.ts';

/** The parts of a run that follow a version of a job. */
export interface Following {
  readonly inputs: Inputs;
  readonly rendering: Pick<Rendering, 'spec' | 'target'>;
  /** The job; only a job of this run has settings. */
  readonly draft: Pick<Jobspec, 'job' | 'namespace'> & Partial<Pick<Jobspec, 'settings'>>;
  readonly nomad: Nomad;
  /** The checks of the input `verify` that this job has to pass. */
  readonly checks: readonly HttpCheck[];
  /** The page of the job in Nomad's UI; undefined for a socket. */
  readonly nomadUrl: string | undefined;
  /** The only groups whose canaries are verified and promoted; undefined: all. */
  readonly groups?: readonly string[] | undefined;
  /** The job is a dispatched run: the same command again starts another one. */
  readonly dispatched?: boolean;
}
