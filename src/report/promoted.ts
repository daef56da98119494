import { messageOf } from '../errors.ts';
import type { Context } from '../github/index.ts';
import type { Image } from '../image/index.ts';
import type { Nomad } from '../nomad/index.ts';
import { META, ownerOf, type Target } from '../target/index.ts';
import { findPromotion } from './promotion.ts';
import type { Run } from './record.ts';
import type { Promotion } from './result.ts';

/**
 * Notes and returns the earlier deploy of an image that this run did not build: the job of this repository in another environment, and its run. Jobs that the token may not
 * read are left out.
 */
export async function notePromotion(
  { reference }: Image,
  { context, target }: { readonly context: Context; readonly target: Pick<Target, 'environment'> },
  nomad: Nomad,
  { runtime: { log }, note }: Run,
): Promise<Promotion | undefined> {
  try {
    const jobs = await nomad.jobs.withMeta(META.repository, context.repository);
    const versions = await Promise.all(jobs.map(async ({ ID, Namespace }) => nomad.jobs.versions(ID, Namespace)));
    const promotedFrom = findPromotion(reference, ownerOf(context, target).environment, versions.flat());
    if (promotedFrom === undefined) return undefined;
    const { jobId, jobVersion, run, environment: from } = promotedFrom;
    log.info(`Promoted from ${from}: ${jobId} version ${jobVersion} ran this image${run === undefined ? '' : `, deployed by ${run}`}`);
    note({ promotedFrom });
    return promotedFrom;
  } catch (error) {
    log.debug(`Earlier deploys of the image could not be read: ${messageOf(error)}`);
    return undefined;
  }
}
