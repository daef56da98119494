import { isoTime } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { BuildPlan, Image } from './plan.ts';

/** SHA-256 of what an image was built of, the run that built it, and whose run that was. */
export const CONTENT = 'nomad-deploy.content';
export const RUN = 'nomad-deploy.run';
export const TRUST = 'nomad-deploy.trust';
const REVISION = 'org.opencontainers.image.revision';
const CREATED = 'org.opencontainers.image.created';
/** The labels that differ from commit to commit and from run to run, whatever the image is. */
export const OF_A_BUILD: readonly string[] = [CONTENT, RUN, TRUST, REVISION, CREATED];

/** Returns the run that built an image, and its commit, as the labels of the image say it. */
export function builderIn(labels: Readonly<Record<string, string>>): Required<Image>['builtBy'] {
  const { [RUN]: run, [REVISION]: revision } = labels;
  return { ...(run ? { run } : {}), ...(revision ? { revision } : {}) };
}

/**
 * Where an image comes from, by the names of the OCI image specification. The date is the commit's, so that the same commit gives the same image; it
 * is left out where git can't tell it. And whose run builds it.
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
    // Blank rather than left out: a Dockerfile's own label must not say it.
    [REVISION]: commit,
    ...(seconds === undefined ? {} : { [CREATED]: isoTime(seconds * 1000).replace('.000Z', 'Z') }),
  };
}
