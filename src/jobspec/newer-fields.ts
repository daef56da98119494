import type { Nomad } from '../nomad/index.ts';
import type { Job } from '../nomad/types.ts';
import type { Doubt } from './job-object.ts';
import { type Path, pathText, type ShapeProblem, shapeJob } from './job-shape.ts';

/**
 * Returns the doubts about a job object that count on this cluster: a field that only this action does not know is `newer`, because the cluster takes it. Asks
 * the cluster only about unknown fields.
 */
export async function withNewerFields(job: Job, doubts: readonly Doubt[], nomad: Nomad): Promise<Doubt[]> {
  if (doubts.length === 0) return [];
  const unknown = shapeJob(job).problems.filter(({ sort }) => sort === 'unknown');
  const newer = new Map<string, string>();
  for (const problem of unknown)
    if (await nomad.jobs.knows((value) => withValue(job, problem.path, value), job.Namespace || undefined))
      newer.set(problem.what, newerField(problem));
  return doubts.map((doubt) => {
    const what = newer.get(doubt.what);
    return what === undefined ? doubt : { ...doubt, what, newer: true };
  });
}

/** Returns the statement about a field that the cluster takes, and this action cannot judge. */
export function newerField({ path }: Pick<ShapeProblem, 'path'>): string {
  return `${pathText(path)} is a field that this version of nomad-deploy does not know`;
}

/** Returns parsed JSON with another value at a path, which exists. */
function withValue(parent: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(parent)) return parent.map((item: unknown, at): unknown => (at === key ? withValue(item, rest, value) : item));
  if (typeof parent !== 'object' || parent === null) return parent;
  return Object.fromEntries(Object.entries(parent).map(([name, item]) => [name, name === key ? withValue(item, rest, value) : item]));
}
