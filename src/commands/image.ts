import { type Image, type ImagePlan, publishTags, resolveImage, scanImage, testImage } from '../image/index.ts';
import type { Inputs } from '../inputs.ts';
import type { Run } from './command.ts';

/**
 * Builds (or looks up), tests and scans the image; its moving tags follow when it passed. Undefined when the job names its own images.
 */
export async function prepareImage(plan: ImagePlan, inputs: Inputs, { runtime, note, stage }: Run): Promise<Image | undefined> {
  if (plan.kind === 'none') return undefined;
  const title = plan.kind === 'build' ? `Build ${plan.tags.join(', ')}` : `Look up ${plan.reference}`;
  const image = await stage('image', title, async () => resolveImage(plan, inputs, runtime));
  const { reference, builtBy } = image;
  if (builtBy !== undefined) note({ builtBy });
  note({ image: reference, images: { [plan.kind === 'build' ? plan.name : plan.reference]: reference } });
  runtime.log.info(`Image ${reference}`);
  const { test, scan } = inputs;
  if (test !== undefined) await stage('test', `Test ${reference}`, async () => testImage(test, image, inputs, runtime));
  if (scan !== undefined) await stage('scan', `Scan ${reference}`, async () => scanImage(scan, image, runtime));
  if (image.pendingTags.length > 0) await stage('tag', `Tag ${image.pendingTags.join(', ')}`, async () => publishTags(image, runtime));
  return image;
}
