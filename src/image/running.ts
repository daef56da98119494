import type { Context } from '../github/index.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import { ownedJob, ownerOf, sameOwner, type Target } from '../target/index.ts';
import { isDigestTag, localId, referencesIn, textsIn } from '../text/index.ts';
import type { Asked } from './resolve.ts';
import type { Running } from './same.ts';

/** A job of the run before its image is built. */
interface Before {
  readonly live: RegisteredJob | undefined;
  readonly draft: { readonly settings: readonly { readonly name: string; readonly value: string; readonly source: string }[] };
  readonly work: { readonly target: Target };
}

/**
 * Returns the images of the plan's repository that the registered jobs run, each by its content and once. Only jobs of the same owner
 * count: the same repository, environment and, for a review app, branch. A stopped job has none, and neither has one with `FORCE_PULL`,
 * which asks for a restart.
 */
export function runningImages(plan: Asked['plan'], jobs: readonly Before[], context: Context): Running[] {
  if (plan.kind !== 'build') return [];
  const found = new Map<string, Running>();
  for (const { live, draft, work } of jobs) {
    if (live === undefined || live.Stop || !isOwn(live, context, work.target)) continue;
    if (draft.settings.some(({ name, value }) => name === 'FORCE_PULL' && value === 'true')) continue;
    for (const reference of textsIn(live.TaskGroups).flatMap((text) => contentsIn(text, plan.name))) {
      if (!found.has(reference)) found.set(reference, { reference, jobId: live.ID });
    }
  }
  return [...found.values()];
}

/** Returns whether this run is the owner of a job. A job of version 0.1.0 has no record, but its meta names the repository and the environment. */
function isOwn(live: RegisteredJob, context: Context, target: Target): boolean {
  const owner = ownerOf(context, target);
  const { record, noted } = ownedJob(live, '');
  if (record !== undefined) return sameOwner(record, owner);
  const { repository, environment } = noted ?? {};
  return owner.ref === undefined && environment === owner.environment && repository?.toLowerCase() === owner.repository.toLowerCase();
}

/** Returns the images of a repository that a text names: by digest, by the tag of the digest, or by the id of an image of the local engine. */
function contentsIn(text: string, repository: string): string[] {
  return referencesIn(text, repository).flatMap(({ name, tag = '', digest }) => {
    if (digest !== undefined) return [`${name}@${digest}`];
    return isDigestTag(tag) || localId(`${name}:${tag}`) !== undefined ? [`${name}:${tag}`] : [];
  });
}
