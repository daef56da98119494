import { type Context, onDefaultBranch } from '../github/index.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type Claim, type Judgement, ownerOf } from './owner.ts';
import type { Target } from './target.ts';
import { isUntrusted } from './trust.ts';

/** Returns who this run is. Only the input `job-name` of the workflow itself names a job that is another's; a file of the checkout may be anybody's. */
export function claimOf(
  { jobName, purge, sources }: Pick<Inputs, 'jobName' | 'purge' | 'sources'>,
  context: Context,
  target: Target,
): Claim {
  return {
    owner: ownerOf(context, target),
    jobId: target.jobId,
    namedBy: jobName === undefined ? 'rules' : sources.inputs['job-name'] === 'job-name' ? 'workflow' : 'checkout',
    onDefaultBranch: onDefaultBranch(context),
    untrusted: isUntrusted(context),
    purge: purge === true,
  };
}

/** Tells what a verdict has to say. Throws its refusal, `job-taken`. */
export function permit(verdict: Judgement, { log }: Pick<Runtime, 'log'>): void {
  if (!verdict.may) throw verdict.refusal;
  if (verdict.warning !== undefined) log.warning(verdict.warning);
  if (verdict.notice !== undefined) log.notice(verdict.notice);
}
