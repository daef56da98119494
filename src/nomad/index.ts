export type { UnreadLog } from './allocations.ts';
export type { Connection, Tls } from './call.ts';
export { connect, type Nomad } from './connect.ts';
export type { ParseProblem, ParseResult, RegisterResult } from './jobs.ts';
export { allocationPage, isJobPage, jobPage, tabOf } from './pages.ts';
export { hasAttemptsLeft, reschedulePolicyOf } from './reschedule.ts';
export type { ShortToken } from './session.ts';
export { describeToken } from './token.ts';
export { type JobRules, rulesOf, updateOf } from './update.ts';
