export { announce } from './announce.ts';
export { comment, type Hidden, readHidden, type Subject, subjectOf } from './comment.ts';
export { endDeployments, environmentName } from './deployment.ts';
export { recordOperation } from './operation.ts';
export { renderPlanComment } from './plan-comment.ts';
