import { ActionError } from '../errors.ts';
import type { Context } from '../github/index.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import type { Result, Run } from '../report/index.ts';
import { type Claim, judgeOwner, ownedJob, permit, provenanceOf } from '../target/index.ts';
import { type Following, followNewVersion } from '../watch/index.ts';

/** The registered job of a command, and the identity of the run. */
export interface Operating extends Following {
  readonly claim: Claim;
  readonly context: Context;
}

/**
 * `revert`: rolls back to an older version (`to`, else the last healthy one before the current), as a new version, and follows that to its end. The older
 * version brings its owner record back, so this run must own it too. Throws `job-taken` otherwise.
 */
export async function revert(job: RegisteredJob, operating: Operating, current: Run): Promise<Result> {
  const { inputs, nomad, draft, claim } = operating;
  const versions = await nomad.jobs.versions(job.ID, draft.namespace);
  const goal = goalOf(job, versions, inputs.to);
  const { what, ...owned } = ownedJob(goal, draft.namespace);
  permit(judgeOwner({ ...owned, what: `version ${goal.Version} of ${what}` }, claim, 'change'), current.runtime);
  const sha = provenanceOf(goal).sha;
  current.runtime.log.info(
    `Rolling back ${job.ID} from version ${job.Version} to version ${goal.Version}${sha === undefined ? '' : ` (commit ${sha.slice(0, 7)})`}`,
  );
  const { EvalID, JobModifyIndex } = await nomad.jobs.revert(job.ID, goal.Version, job.Version, draft.namespace);
  return followNewVersion('reverted', { evaluationId: EvalID, jobModifyIndex: JobModifyIndex, before: job }, operating, current);
}

/** Returns the version to roll back to. Throws `input-invalid` when Nomad does not keep it, or when it is the current one. */
function goalOf(job: RegisteredJob, versions: readonly RegisteredJob[], to: number | undefined): RegisteredJob {
  const kept = versions.map(({ Version, Stable }) => `${Version}${Stable === true ? ' (was healthy)' : ''}`).join(', ');
  const refused = (message: string, hint: string): ActionError => new ActionError('input-invalid', message, { hint });
  if (to === undefined) {
    const stable = versions.filter(({ Version, Stable }) => Version < job.Version && Stable === true);
    const [last] = stable.sort((a, b) => b.Version - a.Version);
    if (last === undefined)
      throw refused(
        `${job.ID} has no older version that was healthy`,
        `Nomad keeps the versions ${kept}. Name one with \`to\`, or deploy an older commit.`,
      );
    return last;
  }
  const named = versions.find(({ Version }) => Version === to);
  if (named === undefined) throw refused(`\`to\`: Nomad keeps no version ${to} of ${job.ID}`, `Nomad keeps the versions ${kept}.`);
  if (to === job.Version) throw refused(`\`to\`: ${job.ID} is at version ${to} already`, `Nomad keeps the versions ${kept}.`);
  return named;
}
