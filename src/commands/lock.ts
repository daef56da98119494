import { ActionError } from '../errors.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import { freeze } from '../register/index.ts';
import type { Result, Run } from '../report/index.ts';
import { isoTime } from '../runtime/index.ts';
import type { Operating } from './revert.ts';

/** `lock`: freezes a job, so that no run with the input `lock` deploys it. Throws `job-locked` for a job that is frozen already. */
export async function lock(job: RegisteredJob, { inputs, draft, nomad, context }: Operating, { runtime }: Run): Promise<Result> {
  const { reason, until } = inputs;
  const nowMs = runtime.clock.now();
  if (reason === undefined) {
    throw new ActionError('input-invalid', '`reason`: `command: lock` needs a reason', {
      hint: 'Each refused run shows it. Set a text, such as `reason: the database is moved`.',
    });
  }
  const untilMs = until === undefined ? undefined : 'forMs' in until ? nowMs + until.forMs : until.atMs;
  if (untilMs !== undefined && untilMs <= nowMs)
    throw new ActionError('input-invalid', `\`until\`: ${isoTime(untilMs)} is over already`, { hint: 'Nothing was locked.' });
  const end = untilMs === undefined ? '' : isoTime(untilMs);
  await freeze({ jobId: job.ID, namespace: draft.namespace, nomad }, { reason, until: end, context });
  const hint = `${job.ID} is frozen ${end === '' ? 'until `command: unlock`' : `until ${end}`}, for runs with \`lock: wait\` or \`lock: fail\`. Runs without the input \`lock\` do not look at it.`;
  runtime.log.info(hint);
  return { outcome: 'locked', hint };
}
