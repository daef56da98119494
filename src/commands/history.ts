import type { Deployment, RegisteredJob } from '../nomad/types.ts';
import type { Result, Run, VersionRecord } from '../report/index.ts';
import { isoTime } from '../runtime/index.ts';
import { provenanceOf } from '../target/index.ts';
import { columns } from '../text/index.ts';
import type { Following } from '../watch/index.ts';

/** `history`: shows the versions of a job that Nomad keeps, the newest first, with commit, actor, run, outcome and tag. */
export async function history(job: RegisteredJob, { draft: { namespace }, nomad }: Following, { runtime }: Run): Promise<Result> {
  const [versions, deployments] = await Promise.all([nomad.jobs.versions(job.ID, namespace), nomad.jobs.deployments(job.ID, namespace)]);
  const all = [...versions].sort((a, b) => b.Version - a.Version).map((version) => keptVersion(version, job, deployments));
  const rows = all.map(({ version, registeredAt, commit, changed, actor, run, outcome, reason, tag }) => [
    `${version}${version === job.Version ? ' (newest)' : ''}`,
    ...[registeredAt, `${commit.slice(0, 7)}${changed ? ' with changes' : ''}`, actor, outcome, reason, tag, run],
  ]);
  for (const line of columns(['version', 'registered', 'commit', 'by', 'outcome', 'reason', 'tag', 'run'], rows)) runtime.log.info(line);
  return { outcome: 'reported', jobVersion: job.Version, versions: all };
}

function keptVersion(version: RegisteredJob, newest: RegisteredJob, deployments: readonly Deployment[]): VersionRecord {
  const { run = '', sha = '', actor = '', reason = '', changed } = provenanceOf(version);
  const deployment = deployments.find(({ JobVersion, JobSpecModifyIndex }) =>
    JobSpecModifyIndex === undefined ? JobVersion === version.Version : JobSpecModifyIndex === version.JobModifyIndex,
  );
  const state = version.Version === newest.Version ? newest.Status : version.Stable === true ? 'was healthy' : '';
  return {
    version: version.Version,
    registeredAt: version.SubmitTime ? isoTime(version.SubmitTime / 1e6) : '',
    ...{ commit: sha, changed: changed === 'true', actor, run, reason },
    outcome: deployment === undefined ? (version.Stop ? 'stopped' : state) : deployment.StatusDescription,
    tag: version.VersionTag?.Name ?? '',
  };
}
