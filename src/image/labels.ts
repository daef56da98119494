import type { Runtime } from '../runtime/runtime.ts';
import type { BuildPlan } from './plan.ts';

/**
 * Where an image comes from, by the names of the OCI image specification. The date is the commit's, so that the same commit gives the same image; it
 * is left out where git can't tell it.
 */
export async function originLabels(
  { source, commit }: BuildPlan,
  { exec, workspace }: Pick<Runtime, 'exec' | 'workspace'>,
): Promise<Record<string, string>> {
  const shown = !/^[0-9a-f]+$/.test(commit)
    ? undefined
    : await exec(['git', 'show', '--no-patch', '--format=%ct', commit, '--'], { cwd: workspace });
  const seconds = shown?.code === 0 && /^\d+$/.test(shown.stdout.trim()) ? Number(shown.stdout.trim()) : undefined;
  return {
    'org.opencontainers.image.source': source,
    // Blank rather than left out: a Dockerfile's own label must not say it.
    'org.opencontainers.image.revision': commit,
    ...(seconds === undefined ? {} : { 'org.opencontainers.image.created': new Date(seconds * 1000).toISOString().replace('.000Z', 'Z') }),
  };
}
