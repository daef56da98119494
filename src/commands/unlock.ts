import type { RegisteredJob } from '../nomad/types.ts';
import { thaw } from '../register/index.ts';
import type { Result, Run } from '../report/index.ts';
import type { Following } from '../watch/index.ts';

/** `unlock`: ends the freeze of a job. A job that is not frozen is no error. */
export async function unlock(job: RegisteredJob, { draft, nomad }: Following, { runtime }: Run): Promise<Result> {
  const ended = await thaw({ jobId: job.ID, namespace: draft.namespace, nomad });
  runtime.log.info(ended === undefined ? `${job.ID} is not frozen.` : `The freeze of ${job.ID} is ended. It was by ${ended}`);
  return { outcome: 'unlocked' };
}
