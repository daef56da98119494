import { ActionError } from '../../errors.ts';
import { hasSameSpec } from '../../nomad/index.ts';
import type { RegisteredJob } from '../../nomad/types.ts';
import { provenanceOf } from '../../target/index.ts';
import { wasGood } from './tags.ts';

/** The fewest characters that name a commit. */
const COMMIT = /^[0-9a-f]{4,40}$/i;

const SAME_ADVICE = ' Name another one with `to`, or start the tasks again by `command: restart`.';

/**
 * Returns the version to roll back to: by its number, its tag, its commit, or `-1`, the release before the serving one; by default the last version that was
 * healthy, before the newest. A tag wins over a number, and a number over a commit. Throws `input-invalid`, with all that Nomad keeps, for a goal that is not
 * there, not clear, the newest version itself, or a version with the same spec, for which Nomad would make no new version.
 */
export function goalOf(job: RegisteredJob, versions: readonly RegisteredJob[], to: string | undefined): RegisteredJob {
  const newestFirst = [...versions].sort((a, b) => b.Version - a.Version);
  const refused = (message: string, advice = ''): ActionError =>
    new ActionError('input-invalid', message, { hint: `Nomad keeps the versions ${newestFirst.map(described).join(', ')}.${advice}` });
  const goal = wantedOf(job, newestFirst, to, refused);
  if (!hasSameSpec(goal, job)) return goal;
  const same = `version ${goal.Version} of ${job.ID} has the same spec as version ${job.Version}, the newest`;
  throw refused(to === undefined ? `the last healthy ${same}` : `\`to\`: ${same}`, SAME_ADVICE);
}

/** Returns the version that `to` names. */
function wantedOf(
  job: RegisteredJob,
  newestFirst: readonly RegisteredJob[],
  to: string | undefined,
  refused: (message: string, advice?: string) => ActionError,
): RegisteredJob {
  const isCurrent = ({ Version }: RegisteredJob): boolean => Version === job.Version;
  if (to === undefined) {
    const older = newestFirst.filter((version) => version.Version < job.Version && wasGood(version));
    const last = older.find((version) => !hasSameSpec(version, job)) ?? older[0];
    if (last === undefined)
      throw refused(`${job.ID} has no older version that was healthy`, ' Name one with `to`, or deploy an older commit.');
    return last;
  }
  if (to === '-1') {
    const [serving, before] = servingAndBefore(newestFirst);
    if (before === undefined)
      throw refused(`\`to\`: there is no release of ${job.ID} before version ${serving?.Version ?? job.Version}, which serves`);
    return before;
  }
  const tagged = newestFirst.filter(({ VersionTag, Stop }) => VersionTag?.Name === to && !Stop);
  const [withTag] = tagged;
  if (withTag !== undefined) {
    if (isCurrent(withTag)) throw refused(`\`to\`: ${job.ID} is at version ${withTag.Version} already, which has the tag ${to}`);
    return withTag;
  }
  const numbered = /^\d+$/.test(to) ? newestFirst.find(({ Version }) => Version === Number(to)) : undefined;
  if (numbered !== undefined) {
    if (isCurrent(numbered)) throw refused(`\`to\`: ${job.ID} is at version ${to} already`);
    if (numbered.Stop) throw refused(`\`to\`: version ${to} of ${job.ID} is the one that stopped it`);
    return numbered;
  }
  const ofCommit = COMMIT.test(to) ? newestFirst.filter((version) => !version.Stop && commitOf(version).startsWith(to.toLowerCase())) : [];
  const commits = [...new Set(ofCommit.map(commitOf))];
  if (commits.length > 1) throw refused(`\`to\`: the commits ${commits.join(' and ')} of ${job.ID} begin with ${to}`);
  const [newest] = ofCommit;
  if (newest !== undefined) {
    if (isCurrent(newest) && wasGood(newest)) throw refused(`\`to\`: ${job.ID} is at commit ${to} already, as version ${newest.Version}`);
    const others = ofCommit.filter((version) => !isCurrent(version));
    const found = others.find(wasGood) ?? others[0];
    if (found === undefined) throw refused(`\`to\`: ${job.ID} is at commit ${to} already, as version ${newest.Version}`);
    return found;
  }
  if (/^\d{1,6}$/.test(to)) throw refused(`\`to\`: Nomad keeps no version ${to} of ${job.ID}`);
  throw refused(`\`to\`: Nomad keeps no version of ${job.ID} with the ${COMMIT.test(to) ? 'tag or the commit' : 'tag'} ${to}`);
}

/**
 * Returns the serving version, which is the newest that turned out well, and the release before it. A version that was rolled back to, or scaled, is a copy of
 * an older one and the same release, so that two rollbacks in a row go back twice.
 */
function servingAndBefore(
  newestFirst: readonly RegisteredJob[],
): readonly [serving: RegisteredJob | undefined, before: RegisteredJob | undefined] {
  const serving = newestFirst.find(wasGood) ?? newestFirst[0];
  if (serving === undefined) return [undefined, undefined];
  const { run, sha } = provenanceOf(serving);
  const isCopy = (version: RegisteredJob): boolean => {
    const other = provenanceOf(version);
    return run !== undefined && other.run === run && other.sha === sha;
  };
  const first = newestFirst.findLast(isCopy) ?? serving;
  return [serving, newestFirst.find((version) => version.Version < first.Version && wasGood(version))];
}

function commitOf(version: RegisteredJob): string {
  return provenanceOf(version).sha?.toLowerCase() ?? '';
}

/** Returns a version with what `to` can name it by, such as `5 (nomad-deploy-3fa2c1, commit 3fa2c1d, was healthy)`. */
function described(version: RegisteredJob): string {
  const { Version, VersionTag, Stable, Stop } = version;
  const commit = commitOf(version);
  const state = Stop ? 'stopped' : Stable === true ? 'was healthy' : undefined;
  const words = [VersionTag?.Name, commit === '' ? undefined : `commit ${commit.slice(0, 7)}`, state];
  const known = words.filter((word) => word !== undefined);
  return known.length === 0 ? `${Version}` : `${Version} (${known.join(', ')})`;
}
