// What the Nomad of this run has, by the table that docs/versions.md is made of.
import { NOMAD_FEATURES, type NomadFeature } from '../../scripts/nomad-features.ts';
import { atLeast } from '../../scripts/parts/tools.ts';
import { rightOf } from '../../src/nomad/policy-lines.ts';
import { parts } from './parts.ts';

/** Returns whether the cluster has a version or a newer one: for a fault of Nomad in some versions. */
export const since = (version: string): boolean => atLeast(parts().nomadVersion, version);

/** Returns whether the cluster has a feature. */
export const has = (feature: NomadFeature): boolean => since(NOMAD_FEATURES[feature].since);

/** Returns whether the cluster has a right only as a part of `submit-job`. */
export const isPartOfSubmit = (right: string): boolean => !has('finePolicies') && rightOf(right, 'default').partOfSubmit;

/** Returns a policy as docs/authentication.md has it for the cluster of this run. */
export const policyFor = (text: string): string =>
  text.replaceAll(/"([a-z-]+)"(?=[,\]])/g, (quoted, right: string) => (isPartOfSubmit(right) ? '"submit-job"' : quoted));
