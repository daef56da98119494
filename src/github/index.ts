export type { GitHub } from './connect.ts';
export { type Context, onDefaultBranch, readContext } from './context.ts';
export { openGitHub, tell } from './tell.ts';
export type { Comment, Deployment, DeploymentState, Issue, PullRequest } from './types.ts';
