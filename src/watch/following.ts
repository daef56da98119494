import type { HttpCheck, Inputs } from '../inputs/index.ts';
import type { Jobspec, Rendering } from '../jobspec/index.ts';
import type { Nomad } from '../nomad/index.ts';

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
