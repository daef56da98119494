import { isDeepStrictEqual } from 'node:util';
import type { Runtime } from '../runtime/runtime.ts';
import { contentTag, digestTag, localId, parseReference, trustedBy, valueAt } from '../text/index.ts';
import type { Built } from './build.ts';
import { builderIn, CONTENT, OF_A_BUILD, TRUST } from './labels.ts';
import { type Look, lookInEngine, lookInRegistry } from './lookup.ts';
import type { BuildPlan, Image } from './plan.ts';

/** An image that a registered job runs. */
export interface Running {
  readonly reference: string;
  readonly jobId: string;
}

/** A running image that may replace one of this run, and the look at it, which takes place once. */
export interface Candidate extends Running {
  readonly look: () => Promise<{ readonly found: Look | undefined }>;
}

/** The most running images that are compared. A job with more images of one repository runs different ones. */
const MAX_COMPARED = 4;

/** Returns the running images that may replace one of this run: images of the local engine and of the registry do not replace each other. */
export function candidatesOf(
  running: readonly Running[],
  push: boolean,
  environment: Image['environment'],
  runtime: Runtime,
): readonly Candidate[] {
  const look = push ? lookInRegistry : lookInEngine;
  const own = running.filter(({ reference }) => (localId(reference) === undefined) === push);
  return own.slice(0, MAX_COMPARED).map((one) => {
    let looked: ReturnType<Candidate['look']> | undefined;
    return { ...one, look: async () => (looked ??= look(one.reference, environment, runtime)) };
  });
}

/**
 * Returns the running image in place of the built or found one, if their containers are the same: a job that runs it need not restart.
 * `candidates` are images of the plan's repository. An image that cannot be read, or was built by a less trusted run, is not taken. The tags
 * of the plan move to the image that is taken.
 */
export async function keepRunning(
  { image, plan, push, layers }: Pick<Built, 'layers'> & { readonly image: Image; readonly plan: BuildPlan; readonly push: boolean },
  candidates: readonly Candidate[],
  runtime: Runtime,
): Promise<Image> {
  const { reference, environment } = image;
  const names = [reference, `${plan.name}:${digestTag(parseReference(reference)?.digest ?? '')}`];
  if (candidates.length === 0 || candidates.some((one) => names.includes(one.reference))) return image;
  const look = push ? lookInRegistry : lookInEngine;
  const looking = layers === undefined ? look(reference, environment, runtime) : undefined;
  const others = await Promise.all(candidates.map(async (one) => one.look()));
  // Most builds have other layers than the running image, and the engine has told them.
  if (layers !== undefined && !others.some(({ found }) => found !== undefined && hasLayers(found, layers))) return image;
  const own = await (looking ?? look(reference, environment, runtime));
  for (const [i, { found }] of others.entries()) {
    if (own.found === undefined || found === undefined || !isSame(own.found, found)) continue;
    if (!(await isTrusted(found, plan, environment, runtime))) continue;
    const { reference: kept } = found;
    const jobId = candidates[i]?.jobId;
    runtime.log.info(`Same image: ${reference} has the layers and settings of ${kept}, which ${jobId} runs. The running image stays.`);
    return { ...image, reference: kept, builtBy: builderIn(found.labels), unused: reference, pendingTags: push ? plan.tags : [] };
  }
  return image;
}

/**
 * Returns whether containers of two images are the same: for each platform the layers and the settings, without dates and labels of a
 * build. The texts of the history count, because `buildx imagetools` shows a HEALTHCHECK only there. The presence of attestations counts,
 * but not their content, which describes time and place of the build.
 */
export function isSame(a: Pick<Look, 'configs' | 'attested'>, b: Pick<Look, 'configs' | 'attested'>): boolean {
  const [own, other] = [a, b].map(({ configs }) => Object.entries(configs).map(([platform, config]) => [platform, withoutBuild(config)]));
  if (own === undefined || other === undefined || own.length === 0 || a.attested !== b.attested) return false;
  return isDeepStrictEqual(Object.fromEntries(own), Object.fromEntries(other));
}

/** Returns whether an image may have these layers. An image whose layers are not told may have any. */
export function hasLayers({ configs }: Pick<Look, 'configs'>, layers: readonly string[]): boolean {
  return Object.values(configs).some((config) => {
    const own = valueAt(config, 'rootfs', 'diff_ids');
    return !Array.isArray(own) || isDeepStrictEqual(own, layers);
  });
}

/** Returns a configuration without dates and without the labels of a build. */
function withoutBuild(config: unknown): unknown {
  const history = valueAt(config, 'history');
  return {
    ...without(config, ['created', 'history', 'config']),
    config: without(valueAt(config, 'config'), ['Labels']),
    labels: without(valueAt(config, 'config', 'Labels'), OF_A_BUILD),
    history: Array.isArray(history) ? history.map((step) => without(step, ['created'])) : [],
  };
}

function without(value: unknown, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([name]) => !names.includes(name)));
}

/**
 * Returns whether this run takes images of the kind of run that built this one. Version 0.1.0 recorded the kind only by the tag of the
 * content.
 */
async function isTrusted(
  { labels, reference }: Look,
  { trust, name }: BuildPlan,
  environment: Image['environment'],
  runtime: Runtime,
): Promise<boolean> {
  const kinds = trustedBy(trust);
  const built = labels[TRUST];
  if (built !== undefined) return kinds.some((kind) => kind === built);
  const content = /^sha256:([0-9a-f]{64})$/.exec(labels[CONTENT] ?? '')?.[1];
  if (content === undefined) return false;
  const tagged = kinds.map(async (kind) => lookInRegistry(`${name}:${contentTag(content, kind)}`, environment, runtime));
  return (await Promise.all(tagged)).some(({ found }) => found?.reference === reference);
}
