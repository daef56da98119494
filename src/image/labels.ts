import { isoTime } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { BuildPlan, Image } from './plan.ts';

/** The labels of an image: the SHA-256 of its content, the run that built it, and the trust in that run. */
export const CONTENT = 'nomad-deploy.content';
export const RUN = 'nomad-deploy.run';
export const TRUST = 'nomad-deploy.trust';
const REVISION = 'org.opencontainers.image.revision';
const CREATED = 'org.opencontainers.image.created';
/** Labels that differ between builds of the same image. */
export const OF_A_BUILD: readonly string[] = [CONTENT, RUN, TRUST, REVISION, CREATED];

/** Returns the run that built an image, and its commit, from the labels of the image. */
export function builderIn(labels: Readonly<Record<string, string>>): Required<Image>['builtBy'] {
  const { [RUN]: run, [REVISION]: revision } = labels;
  return { ...(run ? { run } : {}), ...(revision ? { revision } : {}) };
}

/**
 * Returns the labels of the origin, by the names of the OCI image specification, and the trust in the run. The date is the commit's, so
 * that the same commit gives the same image; without a known date the label is left out.
 */
export async function originLabels(
  { source, commit, trust }: BuildPlan,
  { exec, workspace }: Pick<Runtime, 'exec' | 'workspace'>,
): Promise<Record<string, string>> {
  const shown = !/^[0-9a-f]+$/.test(commit)
    ? undefined
    : await exec(['git', 'show', '--no-patch', '--format=%ct', commit, '--'], { cwd: workspace });
  const seconds = shown?.code === 0 && /^\d+$/.test(shown.stdout.trim()) ? Number(shown.stdout.trim()) : undefined;
  return {
    [TRUST]: trust,
    'org.opencontainers.image.source': source,
    // An empty label overrides that of a Dockerfile, which would not be true.
    [REVISION]: commit,
    ...(seconds === undefined ? {} : { [CREATED]: isoTime(seconds * 1000).replace('.000Z', 'Z') }),
  };
}
