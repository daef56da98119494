export type { GitHub } from './connect.ts';
export { type Context, type LocalState, onDefaultBranch, readContext, runPage } from './context.ts';
export { openGitHub, tell } from './tell.ts';
export type { Comment, GitHubDeployment, GitHubDeploymentState, Issue, PullRequest } from './types.ts';
