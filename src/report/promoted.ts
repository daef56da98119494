import { messageOf } from '../errors.ts';
import type { Context } from '../github/index.ts';
import type { Image } from '../image/index.ts';
import type { Nomad } from '../nomad/index.ts';
import { META, ownerOf, type Target } from '../target/index.ts';
import { findPromotion } from './promotion.ts';
import type { Run } from './record.ts';

/**
 * Says where an image that this run did not build ran before: which job of this repository in another environment, by which run. What the token
 * may not read of the cluster is not said.
 */
export async function notePromotion(
  { reference }: Image,
  context: Context,
  target: Pick<Target, 'environment'>,
  nomad: Nomad,
  { runtime: { log }, note }: Run,
): Promise<void> {
  try {
    const jobs = await nomad.jobs.withMeta(META.repository, context.repository);
    const versions = await Promise.all(jobs.map(async ({ ID, Namespace }) => nomad.jobs.versions(ID, Namespace)));
    const promotedFrom = findPromotion(reference, ownerOf(context, target).environment, versions.flat());
    if (promotedFrom === undefined) return;
    const { jobId, jobVersion, run, environment: from } = promotedFrom;
    log.info(`Promoted from ${from}: ${jobId} version ${jobVersion} ran this image${run === undefined ? '' : `, deployed by ${run}`}`);
    note({ promotedFrom });
  } catch (error) {
    log.debug(`Where the image ran before is not known: ${messageOf(error)}`);
  }
}
