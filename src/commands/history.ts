import type { Allocation, Deployment, RegisteredJob } from '../nomad/types.ts';
import { taggerOf, taskImages } from '../register/releases/index.ts';
import type { Result, Run, VersionRecord } from '../report/index.ts';
import { isoTime } from '../runtime/index.ts';
import { provenanceOf } from '../target/index.ts';
import { columns } from '../text/index.ts';
import { allocationsOf, type Following } from '../watch/index.ts';

/** The commands whose versions are copies of older ones, with the provenance of those: the message of the tag has their own run and person. */
const COPYING = ['revert', 'scale'];

/** `history`: shows the versions of a job that Nomad keeps, the newest first: tag, commit, person, run, image, outcome, and what runs now. */
export async function history(job: RegisteredJob, { draft: { namespace }, nomad }: Following, { runtime }: Run): Promise<Result> {
  const [versions, deployments, allocations] = await Promise.all([
    nomad.jobs.versions(job.ID, namespace),
    nomad.jobs.deployments(job.ID, namespace),
    allocationsOf(job, { namespace, nomad, runtime }),
  ]);
  const all = [...versions]
    .sort((a, b) => b.Version - a.Version)
    .map((version) => keptVersion(version, { newest: job, deployments, allocations }));
  const rows = all.map(({ version, registeredAt, commit, changed, actor, run, outcome, reason, tag, image, running }) => [
    `${version}${version === job.Version ? ' (newest)' : ''}`,
    ...[registeredAt, `${commit.slice(0, 7)}${changed ? ' with changes' : ''}`, actor, running === 0 ? '' : `${running}`],
    ...[outcome, reason, tag, shortened(image), run],
  ]);
  const head = ['version', 'registered', 'commit', 'by', 'running', 'outcome', 'reason', 'tag', 'image', 'run'];
  for (const line of columns(head, rows)) runtime.log.info(line);
  return { outcome: 'reported', jobVersion: job.Version, versions: all };
}

interface Around {
  readonly newest: RegisteredJob;
  readonly deployments: readonly Deployment[];
  readonly allocations: readonly Allocation[];
}

function keptVersion(version: RegisteredJob, { newest, deployments, allocations }: Around): VersionRecord {
  const { run = '', sha = '', actor = '', reason = '', changed } = provenanceOf(version);
  const tagger = taggerOf(version);
  const by = tagger !== undefined && COPYING.includes(tagger.command) ? tagger : { run, actor };
  const deployment = deployments.find(({ JobVersion, JobSpecModifyIndex }) =>
    JobSpecModifyIndex === undefined ? JobVersion === version.Version : JobSpecModifyIndex === version.JobModifyIndex,
  );
  const state = version.Version === newest.Version ? newest.Status : version.Stable === true ? 'was healthy' : '';
  const running = allocations.filter(
    ({ JobVersion, ClientStatus, DesiredStatus }) =>
      JobVersion === version.Version && ClientStatus === 'running' && DesiredStatus === 'run',
  );
  return {
    version: version.Version,
    registeredAt: version.SubmitTime ? isoTime(version.SubmitTime / 1e6) : '',
    ...{ commit: sha, changed: changed === 'true', actor: by.actor, run: by.run, reason },
    outcome: deployment === undefined ? (version.Stop ? 'stopped' : state) : deployment.StatusDescription,
    tag: version.VersionTag?.Name ?? '',
    image: taskImages(version).join(', '),
    running: running.length,
  };
}

/** Returns images with the beginnings of their digests, as commits are written. */
function shortened(images: string): string {
  return images.replace(/(?<=@sha256:[0-9a-f]{12})[0-9a-f]+/g, '');
}
