export { actionsRuntime, cleanUpAfterKill, leftWord } from './actions.ts';
export { takeOver } from './door.ts';
export { plainText } from './plain.ts';
export type { Reach } from './reach.ts';
export { type Attempt, type RetryPolicy, retry } from './retry.ts';
export { isMaskable, type Secret, secret } from './secret.ts';
export { isoTime, parseTime, randomHex } from './time.ts';
