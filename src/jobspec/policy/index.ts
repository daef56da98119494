export { unknownArguments } from './driver-config.ts';
export { BUILT_IN_DRIVERS, requireAllowed, requireCount, restrictionsOf } from './policy.ts';
export { tasksOf } from './rules.ts';
