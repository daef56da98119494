export { commonTarget, requireAddress } from './address.ts';
export { claimOf, permit } from './claim.ts';
export { type Claims, claimsOf, type Mappings, selectorValues, termText, unmatched } from './claims.ts';
export { readConnection, type Way } from './connection.ts';
export { takenHost } from './hostnames.ts';
export { type Claim, judgeOwner, judgeVariable, requireOwnable } from './judge.ts';
export {
  OWNER_ITEM,
  type Owned,
  type Owner,
  ownedJob,
  ownerOf,
  readItem,
  readRef,
  recordItem,
  recordMeta,
  recordOf,
  sameOwner,
} from './owner.ts';
export {
  beforeFinePolicies,
  FEATURES,
  type FeatureName,
  featureNames,
  mergeRules,
  policiesFor,
  policyText,
  type Rules,
  rightsOf,
  type Scope,
  type Use,
} from './policies.ts';
export { attestationOf, isOwnLink, isOwnMeta, type Marked, META, provenanceOf, resubmittedJob, withProvenance } from './provenance.ts';
export { hasOwnJob, resolveEnvironment, resolveTarget, type Target } from './target.ts';
export { type Distrust, distrustUnread, isUntrusted, refusal, requireOwnWords } from './trust.ts';
