// What the Nomad of this run has, by the table that docs/versions.md is made of.
import { NOMAD_FEATURES, type NomadFeature } from '../../scripts/nomad-features.ts';
import { atLeast } from '../../scripts/parts/tools.ts';
import { parts } from './parts.ts';

/** Returns whether the cluster has a version or a newer one: for a fault of Nomad in some versions. */
export const since = (version: string): boolean => atLeast(parts().nomadVersion, version);

/** Returns whether the cluster has a feature. */
export const has = (feature: NomadFeature): boolean => since(NOMAD_FEATURES[feature].since);
