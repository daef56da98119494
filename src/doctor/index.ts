export type { CheckName } from './checks.ts';
export { askCluster, askPlace, type ClusterFacts, needsFor } from './cluster.ts';
export { type Fact, type Finding, findingsOf, isKnown } from './facts.ts';
export { placeFindings } from './place.ts';
export { pullFindings } from './pull.ts';
export { builderFinding, gitHubFinding, registryFindings } from './registry.ts';
export { aclFinding, lackingToPull, tokenFinding } from './rights.ts';
export { versionFinding } from './versions.ts';
export { answers, wayFindings } from './way.ts';
