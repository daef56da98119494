import type { Deployment, RegisteredJob } from '../nomad/types.ts';
import type { Result, Run } from '../report/index.ts';
import { isoTime } from '../runtime/index.ts';
import { provenanceOf } from '../target/index.ts';
import { columns } from '../text/index.ts';
import type { Following } from '../watch/index.ts';

/** A version of a job, and its way into the cluster. */
interface Kept {
  readonly version: number;
  readonly registeredAt: string;
  readonly commit: string;
  readonly actor: string;
  readonly run: string;
  /** The end of its deployment, in Nomad's words; for a job without deployments whether it was healthy. */
  readonly outcome: string;
  readonly tag: string;
}

/** `history`: shows the versions of a job that Nomad keeps, the newest first, with commit, actor, run, outcome and tag. */
export async function history(job: RegisteredJob, { draft: { namespace }, nomad }: Following, { runtime }: Run): Promise<Result> {
  const [versions, deployments] = await Promise.all([nomad.jobs.versions(job.ID, namespace), nomad.jobs.deployments(job.ID, namespace)]);
  const all = [...versions].sort((a, b) => b.Version - a.Version).map((version) => keptVersion(version, job, deployments));
  const rows = all.map(({ version, registeredAt, commit, actor, run, outcome, tag }) => [
    `${version}${version === job.Version ? ' (newest)' : ''}`,
    ...[registeredAt, commit.slice(0, 7), actor, outcome, tag, run],
  ]);
  for (const line of columns(['version', 'registered', 'commit', 'by', 'outcome', 'tag', 'run'], rows)) runtime.log.info(line);
  runtime.terminal?.event({ versions: all });
  return { outcome: 'reported', jobVersion: job.Version };
}

function keptVersion(version: RegisteredJob, newest: RegisteredJob, deployments: readonly Deployment[]): Kept {
  const { run = '', sha = '', actor = '' } = provenanceOf(version);
  const deployment = deployments.find(({ JobVersion, JobSpecModifyIndex }) =>
    JobSpecModifyIndex === undefined ? JobVersion === version.Version : JobSpecModifyIndex === version.JobModifyIndex,
  );
  const state = version.Version === newest.Version ? newest.Status : version.Stable === true ? 'was healthy' : '';
  return {
    version: version.Version,
    registeredAt: version.SubmitTime ? isoTime(version.SubmitTime / 1e6) : '',
    ...{ commit: sha, actor, run },
    outcome: deployment === undefined ? (version.Stop ? 'stopped' : state) : deployment.StatusDescription,
    tag: version.VersionTag?.Name ?? '',
  };
}
