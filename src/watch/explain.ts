import { diagnose, type Verdict } from '../diagnose/index.ts';
import { specLocation } from '../jobspec/index.ts';
import { evidenceLines, type Result, type Run } from '../report/index.ts';
import type { Following } from './following.ts';
import type { Watched } from './watch.ts';

export type Bad = Exclude<Verdict, { outcome: 'successful' | 'awaiting-promotion' }>;

/** The output `failure-reason` of a verdict, before anything goes back. */
export const reasonOf = (verdict: Bad): string => (verdict.outcome === 'failed' ? verdict.reason : verdict.outcome);

/** Finds the cause of a verdict that is not good, and tells it: in the log with its evidence, as the annotation, in the outputs. */
export async function explain(
  { verdict, snapshot, evidence: collected }: Omit<Watched, 'verdict'> & { readonly verdict: Bad },
  { inputs, draft, nomad, rendering }: Following,
  { runtime, stage, note }: Run,
): Promise<Result> {
  // Of a job that is only registered, nobody knows who wrote its spec.
  const builtIn = rendering.spec.builtIn && !('JobModifyIndex' in draft.job);
  const description = verdict.description.replace(/ - rolling back to job version \d+$/, '');
  // A cancelled run has a few seconds left: enough to tell the state, not to collect evidence.
  const { cause, about, evidence } = runtime.signal.aborted
    ? { cause: description, about: { kind: 'none' } as const, evidence: [] }
    : await stage('diagnose', 'Why: events, checks and logs of the allocations that are not well', async () => {
        const found = await diagnose(
          { ...verdict, description },
          snapshot,
          { job: draft.job, namespace: draft.namespace, logLines: inputs.logLines, collected, builtIn },
          nomad,
          runtime,
        );
        for (const line of evidenceLines(found)) runtime.log.info(line);
        return found;
      });
  const { outcome } = verdict;
  const wentBack = outcome === 'failed' && verdict.rolledBackTo !== undefined ? `Nomad goes back to version ${verdict.rolledBackTo}.` : '';
  const stays =
    outcome === 'failed' && verdict.reason === 'placement-failed' && snapshot.deployment === undefined
      ? `The job stays registered and is placed when there is room for it, unless somebody stops it: nomad job stop ${draft.job.ID}`
      : '';
  // Said only once: a cause that could not be told more closely is the description, or ends in it.
  const detail = cause.endsWith(description) ? '' : `${description.charAt(0).toUpperCase()}${description.slice(1)}.`;
  const hint = [detail, wentBack, stays].filter((part) => part !== '').join(' ');
  const location = specLocation(about, rendering.spec);
  runtime.log.error([cause, hint].filter((part) => part !== '').join('. '), `${draft.job.ID}: ${outcome}`, location);
  const told = { outcome, failureReason: reasonOf(verdict), cause, ...(location === undefined ? {} : { location }) };
  // Before anything that comes after a failure: the way back may take minutes.
  note(told);
  return { ...told, evidence, ...(hint === '' ? {} : { hint }) };
}
