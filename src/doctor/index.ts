export { CHECKS, type CheckName } from './checks.ts';
export { askCluster, askPlace, type ClusterFacts, needsFor } from './cluster.ts';
export { type Fact, type Finding, factOf, findingsOf, isKnown } from './facts.ts';
export { type JobSeen, placeFindings } from './place.ts';
export { pullFindings } from './pull.ts';
export { builderFinding, gitHubFinding, registryFindings } from './registry.ts';
export { aclFinding, type Need, tokenFinding } from './rights.ts';
export { versionFinding } from './versions.ts';
export { answers, wayFindings } from './way.ts';
