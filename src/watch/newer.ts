import type { RegisteredJob } from '../nomad/types.ts';
import { provenanceOf } from '../target/index.ts';

/** Returns the version that followed a version of a job; undefined where that is the newest. */
export function nextOf(versions: readonly RegisteredJob[], version: number): RegisteredJob | undefined {
  return versions.filter(({ Version }) => Version > version).sort((a, b) => a.Version - b.Version)[0];
}

/** Returns the newest older version that was healthy; undefined where there is none. */
export function stableBefore(versions: readonly RegisteredJob[], version: number): RegisteredJob | undefined {
  return versions.filter(({ Version, Stable }) => Version < version && Stable === true).sort((a, b) => b.Version - a.Version)[0];
}

/** Returns the version that Nomad rolled back to: the newest healthy one, where the next version is a copy of it, and so of the same run. */
export function copied(versions: readonly RegisteredJob[], version: number): number | undefined {
  const [next, stable] = [nextOf(versions, version), stableBefore(versions, version)];
  return next !== undefined && stable !== undefined && provenanceOf(next).run === provenanceOf(stable).run ? stable.Version : undefined;
}
