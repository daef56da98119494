export { comment, type Hidden, readHidden, type Subject, subjectOf } from './comment.ts';
export { renderDeployComment } from './deploy-comment.ts';
export { endDeployments, environmentName, recordDeployment, stateOf } from './deployment.ts';
export { recordArtifacts } from './linked-artifact.ts';
export { recordOperation } from './operation.ts';
export { renderPlanComment } from './plan-comment.ts';
