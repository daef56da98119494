export {
  type AccessControl,
  type AclPolicy,
  type AclRole,
  accessControl,
  type BindingRule,
  type LoginConfig,
  type LoginMethod,
  type NamespaceEntry,
} from './acl.ts';
export type { TaskUsage } from './allocations.ts';
export type { Connection, Tls, Tunnel } from './call.ts';
export { mayWaitForPromotion, unpromotedGroups, waitsForPerson, wantsPromotion } from './canaries.ts';
export { type Condition, filterOf } from './conditions.ts';
export { connect, type Nomad } from './connect.ts';
export { isTerminal } from './deployments.ts';
export { endingOf, isDone, isOverLimit } from './ending.ts';
export { type ExecOutput, type ExecSession, openExec, watchAllocation } from './exec.ts';
export { type FileInfo, listFiles, readFile, statFile } from './files.ts';
export { type Holding, inspectCluster, type NodeSeen } from './inspect.ts';
export type { ParseProblem, ParseResult, RegisterResult } from './jobs.ts';
export { parseLossless } from './json.ts';
export type { UnreadLog } from './log-lines.ts';
export { oidcLogins } from './oidc.ts';
export { allocationPage, isJobPage, jobPage, tabOf } from './pages.ts';
export { needsOf, rightOf } from './policy-lines.ts';
export type { QueuedJob, QueuePlace } from './queue.ts';
export { hasAttemptsLeft, lastAttempts, reschedulePolicyOf } from './reschedule.ts';
export { allows, isMatch } from './rules.ts';
export { hasSameSpec } from './same-spec.ts';
export { judgeSelector, namesIn, type SelectorValues, type Term } from './selector.ts';
export type { ShortToken } from './session.ts';
export { tlsProblem } from './tls-problem.ts';
export { describeToken } from './token.ts';
export { type JobRules, rulesOf, updateOf } from './update.ts';
export { type Answered, type Certificate, lookAtWay, type Way } from './way.ts';
export { API_WORDS, EVERY, type Words } from './words.ts';
