import { EVERY, type Words } from '../nomad/index.ts';

/** The descriptions of deployments that decide something. `recorded/` of the fixtures has them by version; the status of a deployment decides first. */
export const DEPLOYMENT_WORDS = {
  progressDeadline: { pattern: /\bprogress deadline\b/, seen: EVERY },
  unhealthy: { pattern: /\bunhealthy allocations\b/, seen: EVERY },
  marked: { pattern: /^Deployment marked as failed\b/, seen: EVERY },
  /** The version that Nomad rolls back to. */
  rollingBack: { pattern: / - rolling back to job version (\d+)$/, seen: EVERY },
  /** The version that Nomad does not roll back to. */
  sameVersion: { pattern: / - not rolling back to stable job version (\d+)\b.*$/, seen: EVERY },
  nothingStable: { pattern: / - no stable job version to auto revert to$/, seen: EVERY },
  replaced: { pattern: /\bnewer version of job\b/, seen: EVERY },
} satisfies Record<string, Words>;
