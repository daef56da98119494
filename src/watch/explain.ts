import { consulReader, diagnose, type Snapshot, type Verdict } from '../diagnose/index.ts';
import type { Reason } from '../errors.ts';
import { specLocation } from '../jobspec/index.ts';
import { evidenceLines, type Result, type Run } from '../report/index.ts';
import type { Following } from './following.ts';
import type { Watched } from './watch.ts';
import { DEPLOYMENT_WORDS } from './words.ts';

export type Bad = Exclude<Verdict, { outcome: 'successful' | 'awaiting-promotion' }>;

/** Returns the output `failure-reason` of a verdict, before a rollback. */
export const reasonOf = (verdict: Bad): Reason => (verdict.outcome === 'failed' ? verdict.reason : verdict.outcome);

/** Finds the cause of a failed verdict, and shows it in the log with its evidence, as the annotation, and in the outputs. */
export async function explain(
  { verdict, snapshot, evidence: collected }: Omit<Watched, 'verdict'> & { readonly verdict: Bad },
  { inputs, draft, nomad, rendering }: Following,
  { runtime, stage, note }: Run,
): Promise<Result> {
  // A job that is only registered may come from any spec.
  const builtIn = rendering.spec.builtIn && !('JobModifyIndex' in draft.job);
  const description = verdict.description.replace(rollbackIn(verdict.description), '');
  const undiagnosed = { cause: description, about: { kind: 'none' }, evidence: [] } as const;
  const { aborted } = runtime.signal;
  // A cancelled run has a few seconds left, too few to collect evidence: a failure is explained by what is known.
  const { cause, about, evidence } =
    aborted && verdict.outcome !== 'failed'
      ? undiagnosed
      : await stage('diagnose', 'Diagnose: events, checks and log output of the failed allocations', async () => {
          const { job, namespace } = draft;
          const consul = consulReader(inputs.consul, job, runtime, runtime.log.info);
          const diagnosing = { job, namespace, nomad, runtime, logLines: inputs.logLines, collected, builtIn, consul };
          const known = await withAllocations(snapshot, { namespace, nomad, runtime });
          const found = await diagnose({ ...verdict, description }, known, diagnosing).catch((error: unknown) => {
            if (aborted) return undiagnosed;
            throw error;
          });
          for (const line of evidenceLines(found)) runtime.log.info(line);
          return found;
        });
  const { outcome } = verdict;
  // Nomad's own text stays in the log. A cause that is the description, or ends in it, says it once.
  const isKnown = verdict.description === snapshot.deployment?.StatusDescription || cause.endsWith(description);
  const detail = isKnown ? [] : [`${description.charAt(0).toUpperCase()}${description.slice(1)}.`];
  const hint = [...detail, ...consequences(verdict, snapshot, draft.job.ID)].join(' ');
  const location = specLocation(about, rendering.spec);
  runtime.log.error([cause, hint].filter((part) => part !== '').join('. '), `${draft.job.ID}: ${outcome}`, location);
  const told = { outcome, failureReason: reasonOf(verdict), cause, ...(location === undefined ? {} : { location }) };
  // Set the outputs before a rollback, which can take minutes.
  note(told);
  return { ...told, evidence, ...(hint === '' ? {} : { hint }) };
}

/** The longest read of the allocations after a verdict. */
const LATE_READ_MS = 10_000;

/**
 * Returns the snapshot with the allocations of its deployment, read once more where the watch ended before it knew one: a verdict in time does not wait for
 * them, and a cause needs them.
 */
async function withAllocations(
  snapshot: Snapshot,
  { namespace, nomad, runtime }: Pick<Following, 'nomad'> & Pick<Run, 'runtime'> & { readonly namespace: string },
): Promise<Snapshot> {
  const { deployment, allocations } = snapshot;
  if (deployment === undefined || allocations.length > 0) return snapshot;
  const signal = AbortSignal.any([runtime.signal, runtime.clock.timeout(LATE_READ_MS)]);
  const late = await nomad.deployments.allocations(deployment.ID, namespace, 0, signal).catch(() => undefined);
  return late === undefined ? snapshot : { ...snapshot, allocations: late.value };
}

/** Returns the end of Nomad's description of a failed deployment, which says whether Nomad rolls back; empty where it does not say. */
function rollbackIn(description: string): string {
  const { rollingBack, sameVersion, nothingStable } = DEPLOYMENT_WORDS;
  const found = [rollingBack, sameVersion, nothingStable].map(({ pattern }) => pattern.exec(description)?.[0]);
  return found.find((end) => end !== undefined) ?? '';
}

/** Returns what becomes of the job after a failure, in sentences. */
function consequences(verdict: Bad, { deployment }: Snapshot, jobId: string): string[] {
  if (verdict.outcome !== 'failed') return [];
  if (verdict.rolledBackTo !== undefined) return [`Nomad is rolling back to version ${verdict.rolledBackTo}.`];
  if (verdict.reason === 'placement-failed' && deployment === undefined)
    return [`The job stays registered, and Nomad places it when a node has room. Run \`nomad job stop ${jobId}\` to remove it.`];
  const description = deployment?.StatusDescription ?? '';
  const same = DEPLOYMENT_WORDS.sameVersion.pattern.exec(description)?.[1];
  if (same !== undefined) return [`Nomad is not rolling back to version ${same}, because that version has the same specification.`];
  return DEPLOYMENT_WORDS.nothingStable.pattern.test(description) ? ['Nomad has no stable version to roll back to.'] : [];
}
