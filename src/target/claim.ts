import { type Context, onDefaultBranch } from '../github/index.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Claim, Judgement } from './judge.ts';
import { ownerOf } from './owner.ts';
import type { Target } from './target.ts';
import { isUntrusted } from './trust.ts';

/**
 * Returns the identity of this run. Only the workflow's own input `job-name` can name the job of another owner: a file of the checkout may
 * come from a stranger.
 */
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

/** Logs the warning and the notice of a verdict. Throws its refusal, `job-taken`. */
export function permit(verdict: Judgement, { log }: Pick<Runtime, 'log'>): void {
  if (!verdict.may) throw verdict.refusal;
  if (verdict.warning !== undefined) log.warning(verdict.warning);
  if (verdict.notice !== undefined) log.notice(verdict.notice);
}
