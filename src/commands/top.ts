import { requireTerminal } from '../inputs/index.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import { requireParts } from '../register/index.ts';
import type { Result, Run } from '../report/index.ts';
import type { Following } from '../watch/index.ts';

/** `top`: shows the use of the running tasks of a job. */
export async function top(job: RegisteredJob, following: Following, { runtime }: Run): Promise<Result> {
  const terminal = requireTerminal('top', runtime);
  requireParts(job, following.inputs);
  const { showUsage } = await import('../watch/terminal/top.ts');
  await showUsage(job, following, { runtime, terminal });
  return { outcome: 'reported' };
}
